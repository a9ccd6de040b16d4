/* SPDX-License-Identifier: MIT */
/*
 * Event records become rows. What repeats in every message of a task (its
 * names, GUID and path) is one row of source; a small direct-mapped cache in
 * front of it makes that one hash and one comparison per record. A second one
 * remembers which events an operation has been noted to have (operation_event).
 * Both live only as long as no transaction is rolled back.
 */
#include "catalog/events.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/store.h"
#include "package/event.h"

enum {
	Q_SOURCE_FIND,
	Q_SOURCE_ADD,
	Q_SOURCE_EVENT,
	Q_OPERATION_EVENT,
	Q_MESSAGE,
	Q_CONTEXT,
	Q_EXECUTABLE_ADD,
	Q_EXECUTABLE_FIND,
	Q_STATISTICS,
	Q_PHASE,
	Q_DATA,
	Q_PACKAGE_NAME,
	Q_COUNTER,
	Q_DUMP_WRITTEN,
	Q_COUNT
};

static const char *const sql[] = {
	[Q_SOURCE_FIND] = "SELECT source_id FROM source WHERE package_path = ?1 AND name = ?2"
			  " AND event_name = ?3 AND package_name = ?4 AND guid = ?5"
			  " AND subcomponent_name = ?6",
	[Q_SOURCE_ADD] = "INSERT INTO source (package_path, name, event_name, package_name, guid,"
			 " subcomponent_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[Q_SOURCE_EVENT] = "SELECT event_id FROM source WHERE source_id = ?1",
	[Q_OPERATION_EVENT] = "INSERT OR IGNORE INTO operation_event VALUES (?1, ?2, ?3)",
	[Q_MESSAGE] = "INSERT INTO message (operation_id, attempt, message_time, message_type,"
		      " source_type, message, source_id, execution_path, thread_id, message_code)"
		      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[Q_CONTEXT] = "INSERT INTO message_context (message_id, depth, package_path, context_type,"
		      " source_name, source_guid, property_name, property_value)"
		      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[Q_EXECUTABLE_ADD] = "INSERT OR IGNORE INTO executable (execution_id, source_id)"
			     " VALUES (?1, ?2)",
	[Q_EXECUTABLE_FIND] = "SELECT x.executable_id FROM source s CROSS JOIN executable x"
			      " ON x.execution_id = ?1 AND x.source_id = s.source_id"
			      " WHERE s.package_path = ?2 AND s.event_name = '' AND s.package_name = ?3",
	[Q_STATISTICS] = "INSERT INTO executable_statistics (execution_id, executable_id,"
			 " execution_path, start_time, end_time, duration_ms, result, value)"
			 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[Q_PHASE] = "INSERT INTO component_phase (execution_id, source_id, phase, start_time,"
		    " end_time, execution_path) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[Q_DATA] = "INSERT INTO data_statistics (execution_id, source_id, path_id, path_name,"
		   " source_component, dest_component, rows_sent, created_time, execution_path)"
		   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[Q_COUNTER] = "INSERT INTO performance_counter VALUES (?1, ?2, ?3)"
		      " ON CONFLICT DO UPDATE SET value = excluded.value",
	[Q_DUMP_WRITTEN] = "UPDATE dump_request SET state = 1 WHERE execution_id = ?1 AND state = 0",
	[Q_PACKAGE_NAME] = "SELECT package_name FROM operation WHERE operation_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_EVENTS, sql);

/* --- sources --- */

/* In the order of the columns of source. */
enum { FIELD_PATH, FIELD_NAME, FIELD_EVENT, FIELD_PACKAGE, FIELD_GUID, FIELD_SUBCOMPONENT, FIELD_COUNT };
struct fields {
	const char *text[FIELD_COUNT];
};

#define CACHE_SLOTS 1024
/* Keys of a row of source. */
struct source_keys {
	int64_t id, event_id;
};
struct source_cache {
	struct {
		char *key;
		size_t len;
		struct source_keys source;
	} slots[CACHE_SLOTS];
	struct buf key; /* of the record at hand */
	struct {
		int64_t operation_id, event_id;
	} noted[CACHE_SLOTS];
};

void events_forget(struct catalog *c)
{
	if (!c->sources)
		return;
	for (size_t i = 0; i < CACHE_SLOTS; i++)
		free(c->sources->slots[i].key);
	buf_release(&c->sources->key);
	free(c->sources);
	c->sources = NULL;
}

static size_t hash_key(const struct buf *key)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < key->len; i++)
		h = (h ^ (unsigned char)key->data[i]) * UINT64_C(1099511628211);
	return (size_t)(h >> 20) % CACHE_SLOTS;
}

static int find_or_add(struct catalog *c, const struct fields *f, struct source_keys *ret, struct err *err)
{
	const struct bind *binds = BINDS(b_text(f->text[0]), b_text(f->text[1]), b_text(f->text[2]),
	    b_text(f->text[3]), b_text(f->text[4]), b_text(f->text[5]));
	int r = store_int(c, &set, Q_SOURCE_FIND, binds, &ret->id, err);

	if (r == 0) {
		r = store_run(c, &set, Q_SOURCE_ADD, binds, err);
		ret->id = store_last_id(c);
	}
	if (r >= 0)
		r = store_int(c, &set, Q_SOURCE_EVENT, BINDS(b_int(ret->id)), &ret->event_id, err);
	return r < 0 ? r : 0;
}

static int find_source(struct catalog *c, struct fields *f, struct source_keys *ret, struct err *err)
{
	struct source_cache *cache = c->sources;
	size_t slot;
	int r;

	if (!cache) {
		cache = c->sources = xcalloc(1, sizeof(*cache));
		buf_init(&cache->key);
	}
	buf_clear(&cache->key);
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (!f->text[i])
			f->text[i] = "";
		buf_add(&cache->key, f->text[i], strlen(f->text[i]) + 1);
	}
	slot = hash_key(&cache->key);
	if (cache->slots[slot].key && cache->slots[slot].len == cache->key.len &&
	    memcmp(cache->slots[slot].key, cache->key.data, cache->key.len) == 0) {
		*ret = cache->slots[slot].source;
		return 0;
	}
	r = find_or_add(c, f, ret, err);
	if (r < 0)
		return r;
	free(cache->slots[slot].key);
	cache->slots[slot].key = xmemdup(cache->key.data, cache->key.len);
	cache->slots[slot].len = cache->key.len;
	cache->slots[slot].source = *ret;
	return 0;
}

static int source_id(struct catalog *c, struct fields *f, int64_t *ret, struct err *err)
{
	struct source_keys source = { 0 };
	int r = find_source(c, f, &source, err);

	*ret = source.id;
	return r;
}

/* The operation has messages of this event; this is the first one unless an earlier one was noted. */
static int note_event(struct catalog *c, int64_t operation_id, int64_t event_id, int64_t message_id, struct err *err)
{
	size_t slot = (size_t)(operation_id * 31 + event_id) % CACHE_SLOTS;
	int r;

	if (c->sources->noted[slot].operation_id == operation_id && c->sources->noted[slot].event_id == event_id)
		return 0;
	r = store_run(c, &set, Q_OPERATION_EVENT, BINDS(b_int(operation_id), b_int(event_id), b_int(message_id)), err);
	if (r == 0) {
		c->sources->noted[slot].operation_id = operation_id;
		c->sources->noted[slot].event_id = event_id;
	}
	return r;
}

/* --- records --- */

struct target {
	int64_t execution_id;
	int attempt;
	int64_t *last_message_id;
};

static int store_message(struct catalog *c, const struct target *t, const struct event *e,
    struct err *err)
{
	struct fields f = { { e->package_path, e->source_name, e->event_name, e->package_name,
	    e->source_id, e->subcomponent_name } };
	const char *path = e->execution_path;
	struct source_keys source;
	int r = find_source(c, &f, &source, err);

	if (r < 0)
		return r;
	if (path && e->package_path && strcmp(path, e->package_path) == 0)
		path = NULL;
	r = store_run(c, &set, Q_MESSAGE,
	    BINDS(b_int(t->execution_id), b_int(t->attempt), b_int(e->time), b_int(e->type),
		b_int(e->source_type), b_text(e->message ? e->message : ""), b_int(source.id),
		b_text(path), b_int(e->thread_id), b_int(e->code)),
	    err);
	*t->last_message_id = store_last_id(c);
	return r < 0 ? r : note_event(c, t->execution_id, source.event_id, *t->last_message_id, err);
}

static int store_context(struct catalog *c, const struct target *t, const struct event *e,
    struct err *err)
{
	struct buf variant = BUF_INIT;
	int r;

	if (*t->last_message_id == 0)
		return err_set(err, ERR_INVALID, "event %lld: context without a message",
		    (long long)e->seq);
	if (e->property_value) {
		struct tsql_value value = tsql_nvarchar(e->property_value);

		tsql_variant_encode(&value, &variant);
		tsql_value_release(&value);
	}
	r = store_run(c, &set, Q_CONTEXT,
	    BINDS(b_int(*t->last_message_id), b_int(e->depth), b_text(e->package_path),
		b_int(e->context_type), b_text(e->source_name), b_text(e->source_id),
		b_text(e->property_name), b_text(e->property_value ? variant.data : NULL)),
	    err);
	buf_release(&variant);
	return r;
}

static int add_executable(struct catalog *c, int64_t execution_id, struct fields *f, struct err *err)
{
	int64_t source;
	int r = source_id(c, f, &source, err);

	if (r < 0)
		return r;
	return store_run(c, &set, Q_EXECUTABLE_ADD, BINDS(b_int(execution_id), b_int(source)), err);
}

static int store_executable(struct catalog *c, const struct target *t, const struct event *e,
    struct err *err)
{
	struct fields f = { { e->package_path, e->source_name, NULL, e->package_name, e->source_id,
	    NULL } };

	return add_executable(c, t->execution_id, &f, err);
}

static int find_executable(struct catalog *c, const struct target *t, const struct event *e,
    int64_t *ret, struct err *err)
{
	return store_int(c, &set, Q_EXECUTABLE_FIND,
	    BINDS(b_int(t->execution_id), b_text(e->executable_path ? e->executable_path : ""),
		b_text(e->package_name ? e->package_name : "")),
	    ret, err);
}

static int store_statistics(struct catalog *c, const struct target *t, const struct event *e,
    struct err *err)
{
	struct fields f = { { e->executable_path, NULL, NULL, e->package_name, NULL, NULL } };
	int64_t executable = 0;
	int r = find_executable(c, t, e, &executable, err);

	if (r == 0) { /* its own record is missing: better a row without a name than no row */
		r = add_executable(c, t->execution_id, &f, err);
		if (r == 0)
			r = find_executable(c, t, e, &executable, err);
	}
	if (r < 0)
		return r;
	return store_run(c, &set, Q_STATISTICS,
	    BINDS(b_int(t->execution_id), b_int(executable), b_text(e->execution_path),
		b_int(e->start_time), b_int(e->end_time), b_int(e->duration_ms), b_int(e->result),
		b_text(e->property_value)),
	    err);
}

static int store_phase(struct catalog *c, const struct target *t, const struct event *e,
    struct err *err)
{
	struct fields f = { { NULL, e->source_name, NULL, e->package_name, NULL,
	    e->subcomponent_name } };
	int64_t source;
	int r = source_id(c, &f, &source, err);

	if (r < 0)
		return r;
	return store_run(c, &set, Q_PHASE,
	    BINDS(b_int(t->execution_id), b_int(source), b_text(e->phase), b_int(e->start_time),
		b_int(e->end_time), b_text(e->execution_path)),
	    err);
}

static int store_data(struct catalog *c, const struct target *t, const struct event *e,
    struct err *err)
{
	struct fields f = { { NULL, e->source_name, NULL, e->package_name, NULL, NULL } };
	int64_t source;
	int r = source_id(c, &f, &source, err);

	if (r < 0)
		return r;
	return store_run(c, &set, Q_DATA,
	    BINDS(b_int(t->execution_id), b_int(source), b_text(e->path_id), b_text(e->path_name),
		b_text(e->source_component), b_text(e->dest_component), b_int(e->rows_sent),
		b_int(e->time), b_text(e->execution_path)),
	    err);
}

static int store_counter(struct catalog *c, const struct target *t, const struct event *e, struct err *err)
{
	return store_run(c, &set, Q_COUNTER,
	    BINDS(b_int(t->execution_id), b_text(e->property_name ? e->property_name : ""), b_int(e->value)), err);
}

static int store_dump(struct catalog *c, const struct target *t, const struct event *e, struct err *err)
{
	char *text = xasprintf("A dump of the running package was written%s%s.", e->message ? "; it has no core file: " : "",
	    e->message ? e->message : "");
	int r = store_run(c, &set, Q_DUMP_WRITTEN, BINDS(b_int(t->execution_id)), err);

	if (r == 0)
		r = events_note(c, t->execution_id, t->attempt, EVENT_INFORMATION, text, err);
	free(text);
	return r;
}

int events_store(struct catalog *c, int64_t execution_id, int attempt, const struct event *event,
    int64_t *last_message_id, struct err *err)
{
	static int (*const by_kind[])(struct catalog *, const struct target *, const struct event *,
	    struct err *) = {
		[EVENT_KIND_MESSAGE] = store_message,
		[EVENT_KIND_CONTEXT] = store_context,
		[EVENT_KIND_EXECUTABLE] = store_executable,
		[EVENT_KIND_STATISTICS] = store_statistics,
		[EVENT_KIND_PHASE] = store_phase,
		[EVENT_KIND_DATA] = store_data,
		[EVENT_KIND_COUNTER] = store_counter,
		[EVENT_KIND_DUMP] = store_dump,
	};
	struct target target = { execution_id, attempt, last_message_id };

	_Static_assert(ARRAY_LEN(by_kind) == EVENT_KIND_COUNT, "one function per kind");
	return by_kind[event->kind](c, &target, event, err);
}

int events_message(struct catalog *c, int64_t operation_id, int message_type, int source_type,
    const char *text, struct err *err)
{
	return store_run(c, &set, Q_MESSAGE,
	    BINDS(b_int(operation_id), b_null(), b_int(clock_wall()), b_int(message_type),
		b_int(source_type), b_text(text), b_null(), b_null(), b_null(), b_null()),
	    err);
}

int events_note(struct catalog *c, int64_t execution_id, int attempt, int message_type,
    const char *text, struct err *err)
{
	struct event e = { .time = clock_wall(),
		.type = message_type,
		.source_type = EVENT_SOURCE_PROCESS,
		.message = text,
		.event_name = event_type_info(message_type)->event_name,
		.source_name = "Scale Out" };
	int64_t ignored = 0;
	struct target target = { execution_id, attempt, &ignored };
	char *package = NULL;
	int r = store_text(c, &set, Q_PACKAGE_NAME, BINDS(b_int(execution_id)), &package, err);

	if (r == 0)
		r = err_set(err, ERR_NOT_FOUND, "no execution %lld", (long long)execution_id);
	e.package_name = package;
	if (r == 1)
		r = store_message(c, &target, &e, err);
	free(package);
	return r;
}
