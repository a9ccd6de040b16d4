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
#include "catalog/secrets.h"
#include "package/event.h"
#include "package/taskspec.h"

enum { Q_HEAD, Q_VALUES, Q_OVERRIDES, Q_LEVEL, Q_PACKAGE_VALUES, Q_SECRETS,
	Q_COUNT };
static const char *const sql[] = {
	[Q_HEAD] = "SELECT o.folder_name, o.project_name, o.package_name, e.project_hash,"
		   " coalesce(o.executed_as_name, o.caller_name), o.operation_type, e.project_lsn"
		   " FROM execution e JOIN operation o ON o.operation_id = e.execution_id"
		   " WHERE e.execution_id = ?1",
	[Q_VALUES] = "SELECT object_type, name, data_type, value, sealed, sensitive, value_set"
		     " FROM execution_value WHERE execution_id = ?1 ORDER BY execution_parameter_id",
	[Q_OVERRIDES] = "SELECT property_id, path, value, sealed, sensitive FROM property_override"
			" WHERE execution_id = ?1 ORDER BY property_id",
	[Q_PACKAGE_VALUES] = "SELECT package, name, data_type, value, sealed, sensitive"
			     " FROM validation_value WHERE validation_id = ?1",
	[Q_SECRETS] = "SELECT package, name, sealed FROM version_secret WHERE version_lsn = ?1"
		      " AND package <> '' AND package <> ?2",
	[Q_LEVEL] = "SELECT events_value, profile_value FROM logging_level WHERE name = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_QUEUE_TASK, sql);

enum { OBJECT_PACKAGE = 30, OBJECT_SYSTEM = 50, OPERATION_EXECUTION = 200 };

static int read_head(struct catalog *c, struct taskspec *spec, int64_t *ret_lsn, struct err *err)
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
	spec->package_name = col_null(q, 2) ? NULL : col_dup(q, 2);
	spec->project_hash = col_dup(q, 3);
	spec->caller_name = col_dup(q, 4);
	spec->validate_only = sqlite3_column_int(q, 5) != OPERATION_EXECUTION;
	spec->server_name = xstrdup(host);
	*ret_lsn = sqlite3_column_int64(q, 6);
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

static void add_value(struct taskspec *spec, const struct taskspec_value *value)
{
	spec->values = xreallocarray(spec->values, spec->value_count + 1, sizeof(*spec->values));
	spec->values[spec->value_count++] = *value;
}

/* The values that a project's validation has for single packages. */
static int read_package_values(struct catalog *c, struct taskspec *spec, struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_PACKAGE_VALUES, BINDS(b_int(spec->execution_id)));
	int r;

	while ((r = store_step(c, q, err)) == 1) {
		char *place = place_validation_value(spec->execution_id, col_text(q, 0), col_text(q, 1));
		struct tsql_value value;

		r = cell_read(c, place, q, 3, &value, err);
		free(place);
		if (r < 0) {
			store_reset(q);
			break;
		}
		add_value(spec,
		    &(struct taskspec_value){ .object_type = OBJECT_PACKAGE,
			.package = col_dup(q, 0),
			.name = col_dup(q, 1),
			.data_type = col_dup(q, 2),
			.value = value_text(&value),
			.sensitive = sqlite3_column_int(q, 5),
			.value_set = true });
		tsql_value_release(&value);
	}
	return r;
}

/* Design values that were taken out of the file, for the packages that this one may call. */
static int read_secrets(struct catalog *c, struct taskspec *spec, int64_t version_lsn, struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_SECRETS, BINDS(b_int(version_lsn), b_text(spec->package_name)));
	int r;

	while ((r = store_step(c, q, err)) == 1) {
		char *place = place_version_secret(version_lsn, col_text(q, 0), col_text(q, 1));
		struct buf value = BUF_INIT;

		r = secrets_open(c, place, sqlite3_column_blob(q, 2), (size_t)sqlite3_column_bytes(q, 2),
		    &value, err);
		free(place);
		if (r < 0) {
			store_reset(q);
			buf_wipe(&value);
			break;
		}
		add_value(spec,
		    &(struct taskspec_value){ .object_type = OBJECT_PACKAGE,
			.package = col_dup(q, 0),
			.name = col_dup(q, 1),
			.data_type = xstrdup("String"),
			.value = buf_detach(&value),
			.sensitive = true,
			.value_set = true });
	}
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
		return err_set(err, ERR_INVALID, "the customized logging level \"%s\" does not exist",
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
	int64_t version_lsn = 0;
	int r = read_head(c, &spec, &version_lsn, err);

	if (r == 0)
		r = read_values(c, &spec, &level_name, err);
	if (r == 0)
		r = spec.package_name ? read_secrets(c, &spec, version_lsn, err)
				      : read_package_values(c, &spec, err);
	if (r == 0)
		r = read_overrides(c, &spec, err);
	if (spec.validate_only) /* its messages are what it is for */
		spec.logging_level = EVENT_LEVEL_BASIC;
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
