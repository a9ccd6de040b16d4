/* SPDX-License-Identifier: MIT */
/*
 * Clean-up in batches, children before parents. The batch's keys are collected
 * in a temporary table first, so every delete is a plain index lookup. Which
 * versions are too many takes a look at all of them: that is done before the
 * round without a lock, and asked again of the few that a batch takes.
 */
#include "catalog/maintenance.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/events.h"
#include "catalog/operation.h"
#include "package/event.h"

/* Rows of the large tables that one batch deletes, for each operation it may take. */
#define ROWS_EACH 25

enum { Q_CREATE, Q_CREATE_MESSAGES, Q_CLEAR, Q_COLLECT, Q_HOW_MANY, Q_CLEAR_MESSAGES, Q_COLLECT_MESSAGES,
	Q_CONTEXTS, Q_LARGE_FIRST, Q_LARGE_LAST = Q_LARGE_FIRST + 3, Q_DELETE_FIRST };
#define OLD "(SELECT id FROM temp.old_operation)"
#define OLD_MESSAGE "(SELECT id FROM temp.old_message)"
/* As many rows of a large table as ?1 says. */
#define LARGE(table, column) \
	"DELETE FROM " table " WHERE rowid IN (SELECT rowid FROM " table " WHERE " column " IN " OLD " LIMIT ?1)"
static const char *const sql[] = {
	[Q_CREATE] = "CREATE TEMP TABLE IF NOT EXISTS old_operation (id INTEGER PRIMARY KEY)",
	[Q_CREATE_MESSAGES] = "CREATE TEMP TABLE IF NOT EXISTS old_message (id INTEGER PRIMARY KEY)",
	[Q_CLEAR] = "DELETE FROM temp.old_operation",
	[Q_COLLECT] = "INSERT INTO temp.old_operation SELECT operation_id FROM operation"
		      " WHERE created_time < ?1 AND status NOT IN (2, 5, 8)"
		      " AND NOT EXISTS (SELECT 1 FROM execution_try t"
		      "  WHERE t.execution_id = operation_id AND t.end_time IS NULL)"
		      " ORDER BY created_time LIMIT ?2",
	[Q_HOW_MANY] = "SELECT count(*) FROM temp.old_operation",
	[Q_CLEAR_MESSAGES] = "DELETE FROM temp.old_message",
	[Q_COLLECT_MESSAGES] = "INSERT INTO temp.old_message SELECT message_id FROM message"
			       " WHERE operation_id IN " OLD " LIMIT ?1",
	[Q_CONTEXTS] = "DELETE FROM message_context WHERE message_id IN " OLD_MESSAGE,
	[Q_LARGE_FIRST] = "DELETE FROM message WHERE message_id IN " OLD_MESSAGE,
	LARGE("executable_statistics", "execution_id"),
	LARGE("component_phase", "execution_id"),
	[Q_LARGE_LAST] = LARGE("data_statistics", "execution_id"),
	[Q_DELETE_FIRST] =
	"DELETE FROM executable WHERE execution_id IN " OLD,
	"DELETE FROM operation_event WHERE operation_id IN " OLD,
	"DELETE FROM extended_info WHERE operation_id IN " OLD,
	"DELETE FROM execution_value WHERE execution_id IN " OLD,
	"DELETE FROM property_override WHERE execution_id IN " OLD,
	"DELETE FROM data_tap WHERE execution_id IN " OLD,
	"DELETE FROM execution_worker WHERE execution_id IN " OLD,
	"DELETE FROM execution_try WHERE execution_id IN " OLD,
	"DELETE FROM validation_value WHERE validation_id IN " OLD,
	"DELETE FROM performance_counter WHERE execution_id IN " OLD,
	"DELETE FROM dump_request WHERE execution_id IN " OLD,
	"DELETE FROM validation WHERE validation_id IN " OLD,
	"DELETE FROM execution WHERE execution_id IN " OLD,
	"DELETE FROM permission WHERE object_type = 4 AND object_id IN " OLD,
	"DELETE FROM operation WHERE operation_id IN " OLD,
};
static const struct stmt_set set = STMT_SET(STMT_MAINTENANCE, sql);

/* Neither current nor what something that is not over was bound to. */
#define UNUSED(v) \
	" NOT EXISTS (SELECT 1 FROM project p WHERE p.project_id = " v ".project_id" \
	" AND p.version_lsn = " v ".version_lsn)" \
	" AND NOT EXISTS (SELECT 1 FROM execution e JOIN operation o ON o.operation_id = e.execution_id" \
	" WHERE e.project_lsn = " v ".version_lsn AND o.status IN (1, 2, 5, 8))" \
	" AND NOT EXISTS (SELECT 1 FROM operation o CROSS JOIN validation d ON d.validation_id = o.operation_id" \
	" WHERE o.status IN (2, 5, 8) AND o.operation_type IN (300, 301) AND d.project_lsn = " v ".version_lsn)"
enum { V_CREATE, V_CREATE_BATCH, V_CLEAR, V_COLLECT, V_CLEAR_BATCH, V_BATCH, V_TAKEN, V_HOW_MANY, V_LEFT, V_DELETE,
	V_DELETE_FILES, V_COUNT };
static const char *const version_sql[] = {
	[V_CREATE] = "CREATE TEMP TABLE IF NOT EXISTS old_version (id INTEGER PRIMARY KEY)",
	[V_CREATE_BATCH] = "CREATE TEMP TABLE IF NOT EXISTS version_batch (id INTEGER PRIMARY KEY, hash TEXT)",
	[V_CLEAR] = "DELETE FROM temp.old_version",
	[V_COLLECT] = "INSERT INTO temp.old_version SELECT v.version_lsn FROM (SELECT version_lsn, project_id,"
		      " row_number() OVER (PARTITION BY project_id ORDER BY version_lsn DESC) AS place"
		      " FROM project_version) v WHERE (v.place > ?1 OR NOT EXISTS"
		      " (SELECT 1 FROM project p WHERE p.project_id = v.project_id)) AND" UNUSED("v"),
	[V_CLEAR_BATCH] = "DELETE FROM temp.version_batch",
	[V_BATCH] = ("INSERT INTO temp.version_batch SELECT v.version_lsn, v.hash FROM (SELECT id FROM"
		    " temp.old_version ORDER BY id LIMIT ?1) JOIN project_version v ON v.version_lsn = id WHERE"
		    UNUSED("v")),
	[V_TAKEN] = "DELETE FROM temp.old_version WHERE id IN (SELECT id FROM temp.old_version ORDER BY id LIMIT ?1)",
	[V_HOW_MANY] = "SELECT count(*) FROM temp.version_batch",
	[V_LEFT] = "SELECT 1 FROM temp.old_version LIMIT 1",
	[V_DELETE] = "DELETE FROM project_version WHERE version_lsn IN (SELECT id FROM temp.version_batch)",
	[V_DELETE_FILES] = ("DELETE FROM project_content WHERE hash IN (SELECT hash FROM temp.version_batch)"
			   " AND NOT EXISTS (SELECT 1 FROM project_version v WHERE v.hash = project_content.hash)"),
};
static const struct stmt_set version_set = STMT_SET(STMT_VERSIONS, version_sql);

/* Rows of the large tables, at most limit of each. *ret_left: there may be more. */
static int delete_large(struct catalog *c, int64_t limit, bool *ret_left, struct err *err)
{
	int r = store_run(c, &set, Q_CLEAR_MESSAGES, NO_BINDS, err);

	if (r == 0)
		r = store_run(c, &set, Q_COLLECT_MESSAGES, BINDS(b_int(limit)), err);
	if (r == 0)
		r = store_run(c, &set, Q_CONTEXTS, NO_BINDS, err);
	for (size_t i = Q_LARGE_FIRST; i <= Q_LARGE_LAST && r == 0; i++) {
		r = store_run(c, &set, i, i == Q_LARGE_FIRST ? NO_BINDS : BINDS(b_int(limit)), err);
		*ret_left |= store_changes(c) >= limit;
	}
	return r;
}

static int delete_batch(struct catalog *c, int64_t created_before, int max, int64_t *ret_removed, bool *ret_more,
    struct err *err)
{
	int64_t count = 0;
	bool left = false;
	int r = store_run(c, &set, Q_CLEAR, NO_BINDS, err);

	if (r == 0)
		r = store_run(c, &set, Q_COLLECT, BINDS(b_int(created_before), b_int(max)), err);
	if (r == 0)
		r = store_int(c, &set, Q_HOW_MANY, NO_BINDS, &count, err);
	if (r >= 0 && count > 0)
		r = delete_large(c, (int64_t)max * ROWS_EACH, &left, err);
	for (size_t i = Q_DELETE_FIRST; i < set.count && r >= 0 && count > 0 && !left; i++)
		r = store_run(c, &set, i, NO_BINDS, err);
	*ret_more = left || count == max;
	*ret_removed = left ? 0 : count;
	return r < 0 ? r : 0;
}

static int prepare_operations(struct catalog *c, struct maintenance_round *round, int64_t days, struct err *err)
{
	int r = store_run(c, &set, Q_CREATE, NO_BINDS, err);

	(void)round, (void)days;
	return r == 0 ? store_run(c, &set, Q_CREATE_MESSAGES, NO_BINDS, err) : r;
}

int maintenance_operations(struct catalog *c, int64_t created_before, int max, bool *ret_more,
    struct err *err)
{
	struct store_tx tx;
	int64_t removed;
	int r = prepare_operations(c, NULL, 0, err);

	*ret_more = false;
	if (r == 0)
		r = store_begin(c, &tx, err);
	if (r < 0)
		return r;
	r = delete_batch(c, created_before, max, &removed, ret_more, err);
	return store_end(c, &tx, r, err);
}

static int delete_operations(struct catalog *c, int64_t days, int max, int64_t *ret_removed, bool *ret_more,
    struct err *err)
{
	return delete_batch(c, clock_wall() - days * TICKS_PER_DAY, max, ret_removed, ret_more, err);
}

/* Which versions may go, once for a round and without the write lock. */
static int prepare_versions(struct catalog *c, struct maintenance_round *round, int64_t keep, struct err *err)
{
	int r = round->collected ? 0 : store_run(c, &version_set, V_CREATE, NO_BINDS, err);

	if (r == 0 && !round->collected)
		r = store_run(c, &version_set, V_CREATE_BATCH, NO_BINDS, err);
	if (r == 0 && !round->collected)
		r = store_run(c, &version_set, V_CLEAR, NO_BINDS, err);
	if (r == 0 && !round->collected)
		r = store_run(c, &version_set, V_COLLECT, BINDS(b_int(keep)), err);
	round->collected = r == 0;
	return r;
}

static int delete_versions(struct catalog *c, int64_t keep, int max, int64_t *ret_removed, bool *ret_more,
    struct err *err)
{
	int64_t one;
	int r = store_run(c, &version_set, V_CLEAR_BATCH, NO_BINDS, err);

	(void)keep;
	if (r == 0)
		r = store_run(c, &version_set, V_BATCH, BINDS(b_int(max)), err);
	if (r == 0)
		r = store_run(c, &version_set, V_TAKEN, BINDS(b_int(max)), err);
	if (r == 0)
		r = store_int(c, &version_set, V_HOW_MANY, NO_BINDS, ret_removed, err);
	if (r >= 0 && *ret_removed > 0)
		r = store_run(c, &version_set, V_DELETE, NO_BINDS, err);
	if (r >= 0 && *ret_removed > 0)
		r = store_run(c, &version_set, V_DELETE_FILES, NO_BINDS, err);
	if (r >= 0)
		r = store_int(c, &version_set, V_LEFT, NO_BINDS, &one, err);
	*ret_more = r == 1;
	return r < 0 ? r : 0;
}

/* --- rounds --- */

static char *operations_message(int64_t removed, int64_t days)
{
	return xasprintf("%lld operations older than %lld days (RETENTION_WINDOW) were removed, with all that"
			 " belonged to them.", (long long)removed, (long long)days);
}

static char *versions_message(int64_t removed, int64_t keep)
{
	return xasprintf("%lld versions were removed: of deleted projects, and beyond the %lld newest of each"
			 " project (MAX_PROJECT_VERSIONS).", (long long)removed, (long long)keep);
}

static const struct kind {
	enum operation_type type;
	const char *enabled, *limit; /* catalog properties */
	int64_t otherwise;           /* for limit */
	char *(*message)(int64_t removed, int64_t limit); /* caller frees */
	int (*prepare)(struct catalog *c, struct maintenance_round *round, int64_t limit, struct err *err);
	int (*remove)(struct catalog *c, int64_t limit, int max, int64_t *ret_removed, bool *ret_more,
	    struct err *err);
} kinds[] = {
	[MAINTENANCE_OPERATIONS] = { OPERATION_CLEANUP, "OPERATION_CLEANUP_ENABLED", "RETENTION_WINDOW", 365,
	    operations_message,
	    prepare_operations, delete_operations },
	[MAINTENANCE_VERSIONS] = { OPERATION_VERSIONS, "VERSION_CLEANUP_ENABLED", "MAX_PROJECT_VERSIONS", 10,
	    versions_message,
	    prepare_versions, delete_versions },
};
_Static_assert(ARRAY_LEN(kinds) == MAINTENANCE_KIND_COUNT, "a row for each kind");

const char *maintenance_switch(enum maintenance_kind kind)
{
	return kinds[kind].enabled;
}

bool maintenance_enabled(struct catalog *c, enum maintenance_kind kind)
{
	char *text = property_get(c, kinds[kind].enabled);
	bool on = text && strcasecmp(text, "TRUE") == 0;

	free(text);
	return on;
}

static int round_begin(struct session *by, const struct kind *k, struct maintenance_round *round, struct err *err)
{
	struct operation op = { .type = k->type, .status = STATUS_RUNNING };

	return operation_add(by, &op, &round->operation, err);
}

static int round_end(struct session *by, struct maintenance_round *round, enum operation_status status,
    const char *text, struct err *err)
{
	int type = status == STATUS_FAILED ? EVENT_ERROR : EVENT_INFORMATION;
	int r = events_message(by->catalog, round->operation, type, EVENT_SOURCE_API, text, err);

	if (r == 0)
		r = operation_finish(by, round->operation, status, 0, err);
	*round = (struct maintenance_round){ .requested = round->requested };
	return r;
}

static int round_end_well(struct session *by, const struct kind *k, struct maintenance_round *round,
    enum operation_status status, int64_t limit, struct err *err)
{
	char *text = k->message(round->removed, limit);
	int r = round_end(by, round, status, text, err);

	free(text);
	return r;
}

/* The batch itself; what it has found out is round's only after the commit. */
static int batch(struct session *by, const struct kind *k, struct maintenance_round *round, int64_t limit, int max,
    bool *ret_more, struct err *err)
{
	struct maintenance_round now = *round;
	int64_t removed = 0;
	struct store_tx tx;
	int r = store_begin(by->catalog, &tx, err);

	if (r < 0)
		return r;
	r = k->remove(by->catalog, limit, max, &removed, ret_more, err);
	now.removed += removed;
	if (r == 0 && now.operation == 0 && (removed > 0 || *ret_more || now.requested))
		r = round_begin(by, k, &now, err);
	if (r == 0 && !*ret_more && now.operation != 0)
		r = round_end_well(by, k, &now, STATUS_SUCCEEDED, limit, err);
	r = store_end(by->catalog, &tx, r, err);
	if (r < 0)
		return r;
	if (!*ret_more)
		now.collected = false;
	*round = now;
	return 0;
}

int maintenance_batch(struct session *by, enum maintenance_kind kind, struct maintenance_round *round, int max,
    bool *ret_more, struct err *err)
{
	const struct kind *k = &kinds[kind];
	int64_t limit = property_int(by->catalog, k->limit, k->otherwise);
	int r;

	*ret_more = false;
	if (!maintenance_enabled(by->catalog, kind) || limit <= 0)
		return maintenance_abandon(by, kind, round, err);
	r = k->prepare(by->catalog, round, limit, err);
	if (r == 0)
		r = batch(by, k, round, limit, max, ret_more, err);
	if (r < 0) {
		*ret_more = false;
		if (round->operation != 0)
			round_end(by, round, STATUS_FAILED, err ? err->primary : "The clean-up failed.", NULL);
		round->collected = false;
	}
	return r;
}

int maintenance_abandon(struct session *by, enum maintenance_kind kind, struct maintenance_round *round,
    struct err *err)
{
	const struct kind *k = &kinds[kind];

	round->collected = false;
	return round->operation == 0
	    ? 0
	    : round_end_well(by, k, round, STATUS_CANCELED, property_int(by->catalog, k->limit, k->otherwise), err);
}

/* --- repair --- */

enum { R_RUNNING, R_COUNT };
static const char *const repair_sql[] = {
	[R_RUNNING] = "SELECT operation_id, operation_type, status, process_id FROM operation"
		      " WHERE status IN (2, 8) AND operation_type NOT IN (200, 300, 301)"
		      " AND (machine_name IS NULL OR machine_name = ?1)",
};
static const struct stmt_set repair_set = STMT_SET(STMT_REPAIR, repair_sql);

static int mark_orphan(struct session *by, const struct maintenance_orphan *o, struct err *err)
{
	struct store_tx tx;
	int r = store_begin(by->catalog, &tx, err);

	if (r < 0)
		return r;
	r = operation_finish(by, o->id, STATUS_UNEXPECTED, 0, err);
	if (r == 0)
		r = events_message(by->catalog, o->id, EVENT_WARNING, EVENT_SOURCE_API,
		    "The process that did this operation has vanished.", err);
	return store_end(by->catalog, &tx, r, err);
}

int maintenance_repair(struct session *by, void (*found)(void *ctx, const struct maintenance_orphan *orphan),
    void *ctx, struct err *err)
{
	VEC(struct maintenance_orphan) orphans = { 0 };
	char host[256] = "";
	sqlite3_stmt *q;
	int r;

	gethostname(host, sizeof(host) - 1);
	q = store_query(by->catalog, &repair_set, R_RUNNING, BINDS(b_text(host)));
	while ((r = store_step(by->catalog, q, err)) == 1) {
		pid_t process = sqlite3_column_int(q, 3);
		struct maintenance_orphan o = { sqlite3_column_int64(q, 0), sqlite3_column_int(q, 1),
			sqlite3_column_int(q, 2) };

		if (process <= 0 || (kill(process, 0) < 0 && errno == ESRCH))
			vec_push(&orphans, o);
	}
	for (size_t i = 0; i < orphans.len && r == 0; i++) {
		r = mark_orphan(by, &orphans.items[i], err);
		if (r == 0 && found)
			found(ctx, &orphans.items[i]);
	}
	vec_release(&orphans);
	return r;
}

int maintenance_run(struct catalog *c, struct maintenance *m, int max, bool *ret_more, struct err *err)
{
	struct session by = { .catalog = c, .login = session_process_login() };
	int r = 0;

	*ret_more = false;
	if (!m->repaired)
		r = maintenance_repair(&by, NULL, NULL, err);
	m->repaired = true;
	for (enum maintenance_kind i = 0; i < MAINTENANCE_KIND_COUNT && r == 0 && !*ret_more; i++)
		r = maintenance_batch(&by, i, &m->rounds[i], max, ret_more, err);
	free(by.login);
	return r;
}
