/* SPDX-License-Identifier: MIT */
/*
 * What a worker needs for one try: the task (values and overrides with their
 * secrets opened) and the project's bytes. The plain text exists only in the
 * buffers handed out, which the caller wipes.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "catalog/cell.h"
#include "catalog/content.h"
#include "catalog/datatype.h"
#include "catalog/places.h"
#include "catalog/queue.h"
#include "package/taskspec.h"

enum { Q_HEAD, Q_VALUES, Q_OVERRIDES, Q_LEVEL, Q_COUNT };
static const char *const sql[] = {
	[Q_HEAD] = "SELECT o.folder_name, o.project_name, o.package_name, e.project_hash,"
		   " coalesce(e.executed_as_name, o.caller_name), o.operation_type"
		   " FROM execution e JOIN operation o ON o.operation_id = e.execution_id"
		   " WHERE e.execution_id = ?1",
	[Q_VALUES] = "SELECT object_type, name, data_type, value, sealed, sensitive, value_set"
		     " FROM execution_value WHERE execution_id = ?1 ORDER BY execution_parameter_id",
	[Q_OVERRIDES] = "SELECT property_id, path, value, sealed, sensitive FROM property_override"
			" WHERE execution_id = ?1 ORDER BY property_id",
	[Q_LEVEL] = "SELECT events_value, profile_value FROM logging_level WHERE name = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_QUEUE_TASK, sql);

enum { OBJECT_SYSTEM = 50, OPERATION_EXECUTION = 200 };

static int read_head(struct catalog *c, struct taskspec *spec, struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_HEAD, BINDS(b_int(spec->execution_id)));
	char host[256] = "";
	int r = store_step(c, q, err);

	if (r == 0)
		return err_set(err, ERR_NOT_FOUND, "no execution %lld",
		    (long long)spec->execution_id);
	if (r < 0)
		return r;
	gethostname(host, sizeof(host) - 1);
	spec->folder_name = col_dup(q, 0);
	spec->project_name = col_dup(q, 1);
	spec->package_name = col_dup(q, 2);
	spec->project_hash = col_dup(q, 3);
	spec->caller_name = col_dup(q, 4);
	spec->validate_only = sqlite3_column_int(q, 5) != OPERATION_EXECUTION;
	spec->server_name = xstrdup(host);
	store_reset(q);
	return 0;
}

/* Text of a value; NULL for NULL. The caller owns it. */
static char *value_text(const struct tsql_value *value)
{
	struct buf text = BUF_INIT;

	if (value->null)
		return NULL;
	datatype_to_text(value, &text);
	return buf_detach(&text);
}

/* The catalog's own parameters are members of the task, not values of the package. */
static void set_system(struct taskspec *spec, const char *name, const struct tsql_value *value,
    char **level_name)
{
	char *text = value_text(value);

	if (value->null || !text)
		;
	else if (strcmp(name, "LOGGING_LEVEL") == 0)
		spec->logging_level = (int)value->i;
	else if (strcmp(name, "DUMP_ON_ERROR") == 0)
		spec->dump_on_error = value->i != 0;
	else if (strcmp(name, "DUMP_ON_EVENT") == 0)
		spec->dump_on_event = value->i != 0;
	else if (strcmp(name, "DUMP_EVENT_CODE") == 0 && strcmp(text, "0") != 0) {
		spec->dump_event_codes = text;
		text = NULL;
	} else if (strcmp(name, "CUSTOMIZED_LOGGING_LEVEL") == 0) {
		*level_name = text;
		text = NULL;
	}
	free(text);
}

static int read_values(struct catalog *c, struct taskspec *spec, char **level_name, struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_VALUES, BINDS(b_int(spec->execution_id)));
	VEC(struct taskspec_value) values = { 0 };
	int r;

	while ((r = store_step(c, q, err)) == 1) {
		int type = sqlite3_column_int(q, 0);
		char *place = place_execution_value(spec->execution_id, type, col_text(q, 1));
		struct tsql_value value;

		r = cell_read(c, place, q, 3, &value, err);
		free(place);
		if (r < 0) {
			store_reset(q);
			break;
		}
		if (type == OBJECT_SYSTEM)
			set_system(spec, col_text(q, 1), &value, level_name);
		else /* A sensitive design value is not in the file, or need not be: it goes along. */
			vec_push(&values,
			    ((struct taskspec_value){ .object_type = type,
				.name = col_dup(q, 1),
				.data_type = col_dup(q, 2),
				.value = value_text(&value),
				.sensitive = sqlite3_column_int(q, 5),
				.value_set = sqlite3_column_int(q, 6) ||
				    (sqlite3_column_int(q, 5) && !value.null) }));
		tsql_value_release(&value);
	}
	spec->values = values.items;
	spec->value_count = values.len;
	return r;
}

static int read_overrides(struct catalog *c, struct taskspec *spec, struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_OVERRIDES, BINDS(b_int(spec->execution_id)));
	VEC(struct taskspec_override) overrides = { 0 };
	int r;

	while ((r = store_step(c, q, err)) == 1) {
		char *place = place_override(sqlite3_column_int64(q, 0));
		struct tsql_value value;

		r = cell_read(c, place, q, 2, &value, err);
		free(place);
		if (r < 0) {
			store_reset(q);
			break;
		}
		vec_push(&overrides,
		    ((struct taskspec_override){ .path = col_dup(q, 1),
			.value = value_text(&value),
			.sensitive = sqlite3_column_int(q, 4) }));
		tsql_value_release(&value);
	}
	spec->overrides = overrides.items;
	spec->override_count = overrides.len;
	return r;
}

static int read_level(struct catalog *c, struct taskspec *spec, const char *name, struct err *err)
{
	sqlite3_stmt *q;
	int r;

	if (spec->logging_level != 100)
		return 0;
	q = store_query(c, &set, Q_LEVEL, BINDS(b_text(name ? name : "")));
	r = store_step(c, q, err);
	if (r == 0)
		return err_set(err, ERR_NOT_FOUND, "the customized logging level \"%s\" does not exist",
		    name ? name : "");
	if (r < 0)
		return r;
	spec->custom_events = sqlite3_column_int64(q, 0);
	spec->custom_profile = sqlite3_column_int64(q, 1);
	store_reset(q);
	return 0;
}

int queue_task(struct catalog *c, int64_t execution_id, int attempt, struct buf *ret,
    char ret_project_hash[65], struct err *err)
{
	struct taskspec spec = { .execution_id = execution_id, .attempt = attempt,
		.logging_level = 1 };
	char *level_name = NULL;
	int r = read_head(c, &spec, err);

	if (r == 0)
		r = read_values(c, &spec, &level_name, err);
	if (r == 0)
		r = read_overrides(c, &spec, err);
	if (r == 0)
		r = read_level(c, &spec, level_name, err);
	if (r == 0) {
		taskspec_encode(&spec, ret);
		snprintf(ret_project_hash, 65, "%s", spec.project_hash);
	}
	free(level_name);
	taskspec_release(&spec);
	return r;
}

int queue_project(struct catalog *c, const char *project_hash, struct buf *ret, struct err *err)
{
	return content_get(c, project_hash, ret, err);
}
