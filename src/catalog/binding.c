/* SPDX-License-Identifier: MIT */
/*
 * Binding walks the parameters once. The rows are read into memory first:
 * opening an environment variable or storing a value is another statement.
 */
#include "catalog/binding.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "catalog/cell.h"
#include "catalog/datatype.h"
#include "catalog/operation.h"
#include "catalog/places.h"

enum { Q_REFERENCE, Q_ENVIRONMENT, Q_PARAMETERS, Q_VARIABLE, Q_VALUE_ADD, Q_PACKAGE_VALUE_ADD,
	Q_COUNT };
static const char *const sql[] = {
	[Q_REFERENCE] = "SELECT reference_type, environment_folder_name, environment_name"
			" FROM environment_reference WHERE reference_id = ?1 AND project_id = ?2",
	[Q_ENVIRONMENT] = "SELECT e.environment_id FROM environment e JOIN folder f USING (folder_id)"
			  " WHERE CASE WHEN ?1 IS NULL THEN f.folder_id = ?2 ELSE f.name = ?1 END"
			  " AND e.name = ?3",
	[Q_PARAMETERS] = "SELECT parameter_id, object_type, object_name, name, data_type, required,"
			 " sensitive, value_type, value_set, referenced_variable, default_value,"
			 " default_sealed, design_value, design_sealed FROM parameter"
			 " WHERE project_id = ?1 AND (object_type = 20 OR ?2 IS NULL OR object_name = ?2)"
			 " ORDER BY object_type, object_name, parameter_id",
	[Q_VARIABLE] = "SELECT variable_id, data_type, sensitive, value, sealed"
		       " FROM environment_variable WHERE environment_id = ?1 AND name = ?2",
	[Q_VALUE_ADD] = "INSERT INTO execution_value (execution_id, object_type, name, data_type,"
			" value, sealed, sensitive, required, value_set)"
			" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[Q_PACKAGE_VALUE_ADD] = "INSERT INTO validation_value VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
};
static const struct stmt_set set = STMT_SET(STMT_BINDING, sql);

int binding_reference(struct tsql_call *call, const struct found *project, int64_t reference_id,
    struct environment_ref *ret)
{
	struct catalog *c = call_session(call)->catalog;
	sqlite3_stmt *q =
	    store_query(c, &set, Q_REFERENCE, BINDS(b_int(reference_id), b_int(project->id)));
	struct err err;
	int r = store_step(c, q, &err);

	*ret = (struct environment_ref){ .reference_id = reference_id };
	if (r < 0)
		return proc_fail(call, &err);
	if (r == 0)
		return raise_error(call, 27208, id_text(reference_id).text);
	snprintf(ret->type, sizeof(ret->type), "%s", col_text(q, 0));
	snprintf(ret->folder, sizeof(ret->folder), "%s", col_null(q, 1) ? "" : col_text(q, 1));
	snprintf(ret->name, sizeof(ret->name), "%s", col_text(q, 2));
	store_reset(q);
	r = proc_int(call, &set, Q_ENVIRONMENT,
	    BINDS(ret->folder[0] ? b_text(ret->folder) : b_null(), b_int(project->folder_id),
		b_text(ret->name)),
	    &ret->environment_id);
	if (r == 1) {
		r = session_may(call_session(call), SEC_ENVIRONMENT, ret->environment_id, PERM_READ,
		    &err);
		if (r < 0)
			return proc_fail(call, &err);
	}
	return r == 0 ? raise_error(call, 27182, ret->name) : r < 0 ? r : 0;
}

/* One parameter, read whole. */
struct row {
	int64_t id;
	int object_type;
	char *object_name, *name, *data_type, *variable; /* variable: for R, else NULL */
	bool required, sensitive, has_default;
	struct tsql_value server, design;
};

static void rows_release(struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].object_name);
		free(rows[i].name);
		free(rows[i].data_type);
		free(rows[i].variable);
		tsql_value_release(&rows[i].server);
		tsql_value_release(&rows[i].design);
	}
	free(rows);
}

static int read_row(struct catalog *c, sqlite3_stmt *q, struct row *row, struct err *err)
{
	bool set_here = sqlite3_column_int(q, 8) != 0;
	bool by_variable = set_here && strcmp(col_text(q, 7), "R") == 0;
	char *place = place_default(sqlite3_column_int64(q, 0));
	int r;

	*row = (struct row){ .id = sqlite3_column_int64(q, 0),
		.object_type = sqlite3_column_int(q, 1),
		.object_name = col_dup(q, 2),
		.name = col_dup(q, 3),
		.data_type = col_dup(q, 4),
		.required = sqlite3_column_int(q, 5),
		.sensitive = sqlite3_column_int(q, 6),
		.variable = by_variable ? col_dup(q, 9) : NULL,
		.has_default = set_here && !by_variable,
		.server = tsql_null(TSQL_UNKNOWN),
		.design = tsql_null(TSQL_UNKNOWN) };
	r = cell_read(c, place, q, 10, &row->server, err);
	free(place);
	place = place_design(row->id);
	if (r == 0)
		r = cell_read(c, place, q, 12, &row->design, err);
	free(place);
	return r;
}

static int read_rows(struct catalog *c, int64_t project_id, const char *package_name,
    struct row **ret, size_t *ret_count, struct err *err)
{
	sqlite3_stmt *q =
	    store_query(c, &set, Q_PARAMETERS, BINDS(b_int(project_id), b_text(package_name)));
	VEC(struct row) rows = { 0 };
	int r;

	while ((r = store_step(c, q, err)) == 1) {
		struct row row;

		r = read_row(c, q, &row, err);
		vec_push(&rows, row);
		if (r < 0) {
			store_reset(q);
			break;
		}
	}
	*ret = rows.items;
	*ret_count = rows.len;
	return r;
}

/* The variable's value, when it suits the parameter. */
static int from_variable(struct tsql_call *call, const struct row *row,
    const struct environment_ref *env, struct tsql_value *ret)
{
	struct catalog *c = call_session(call)->catalog;
	sqlite3_stmt *q = store_query(c, &set, Q_VARIABLE,
	    BINDS(b_int(env->environment_id), b_text(row->variable)));
	char type[64], *place;
	struct err err;
	bool sensitive;
	int r = store_step(c, q, &err);

	if (r < 0)
		return proc_fail(call, &err);
	if (r == 0)
		return raise_error(call, 27207, env->name, row->variable, row->name);
	snprintf(type, sizeof(type), "%s", col_text(q, 1));
	sensitive = sqlite3_column_int(q, 2);
	place = place_variable(sqlite3_column_int64(q, 0));
	r = cell_read(c, place, q, 3, ret, &err);
	free(place);
	store_reset(q);
	if (r < 0)
		return proc_fail(call, &err);
	if (utf8_casecmp(type, row->data_type) != 0)
		r = raise_error(call, 27148, row->name, row->data_type, row->variable, type);
	else if (sensitive && !row->sensitive)
		r = raise_error(call, 27221, row->variable, row->name);
	if (r < 0)
		tsql_value_release(ret);
	return r;
}

static int bind_row(struct tsql_call *call, const struct row *row,
    const struct environment_ref *env, int (*each)(void *ctx, const struct bound *bound), void *ctx)
{
	struct tsql_value variable = tsql_null(TSQL_UNKNOWN), nothing = tsql_null(TSQL_UNKNOWN);
	struct bound bound = { .parameter_id = row->id,
		.object_type = row->object_type,
		.object_name = row->object_name,
		.name = row->name,
		.data_type = row->data_type,
		.required = row->required,
		.sensitive = row->sensitive };
	int r = 0;

	bound.value = row->required ? &nothing : &row->design;
	if (row->has_default) {
		bound.value = &row->server;
		bound.value_set = true;
	} else if (row->variable && env->environment_id) {
		r = from_variable(call, row, env, &variable);
		bound.value = &variable;
		bound.value_set = true;
	}
	if (r == 0)
		r = each(ctx, &bound);
	tsql_value_release(&variable);
	return r;
}

int binding_each(struct tsql_call *call, const struct found *project, const char *package_name,
    const struct environment_ref *env, int (*each)(void *ctx, const struct bound *bound), void *ctx)
{
	struct row *rows = NULL;
	size_t count = 0;
	struct err err;
	int r = read_rows(call_session(call)->catalog, project->id, package_name, &rows, &count, &err);

	if (r < 0)
		r = proc_fail(call, &err);
	for (size_t i = 0; i < count && r == 0; i++)
		r = bind_row(call, &rows[i], env, each, ctx);
	rows_release(rows, count);
	return r;
}

/* --- storing --- */

struct storing {
	struct tsql_call *call;
	int64_t execution_id;
};

static int store_value(void *ctx, const struct bound *b)
{
	struct storing *st = ctx;
	struct catalog *c = call_session(st->call)->catalog;
	char *place = place_execution_value(st->execution_id, b->object_type, b->name);
	struct cell cell = { 0 };
	struct err err;
	int r = cell_make(c, place, b->value, b->sensitive, &cell, &err);

	if (r == 0)
		r = store_run(c, &set, Q_VALUE_ADD,
		    BINDS(b_int(st->execution_id), b_int(b->object_type), b_text(b->name),
			b_text(b->data_type), cell_plain(&cell), cell_sealed(&cell),
			b_int(b->sensitive), b_int(b->required), b_int(b->value_set)),
		    &err);
	cell_release(&cell);
	free(place);
	return r < 0 ? proc_fail(st->call, &err) : 0;
}

/* spec/catalog.md §4. property: the catalog property that gives the default. */
static const struct {
	const char *name, *data_type, *property, *text;
} system_parameters[] = {
	{ "CALLER_INFO", "String", NULL, NULL },
	{ "CUSTOMIZED_LOGGING_LEVEL", "String", "SERVER_CUSTOMIZED_LOGGING_LEVEL", NULL },
	{ "DUMP_EVENT_CODE", "String", NULL, "0" },
	{ "DUMP_ON_ERROR", "Boolean", NULL, "0" },
	{ "DUMP_ON_EVENT", "Boolean", NULL, "0" },
	{ "LOGGING_LEVEL", "Int32", "SERVER_LOGGING_LEVEL", "1" },
	{ "SYNCHRONIZED", "Boolean", NULL, "0" },
};

static int store_system(struct storing *st, size_t i)
{
	struct catalog *c = call_session(st->call)->catalog;
	char *property =
	    system_parameters[i].property ? property_get(c, system_parameters[i].property) : NULL;
	struct tsql_value value;
	struct bound bound = { .object_type = PARAMETER_SYSTEM,
		.name = system_parameters[i].name,
		.data_type = system_parameters[i].data_type,
		.value = &value };
	struct err err;
	int r = datatype_from_text(datatype_of(bound.data_type),
	    property ? property : system_parameters[i].text, &value, &err);

	free(property);
	if (r < 0)
		return proc_fail(st->call, &err);
	r = store_value(st, &bound);
	tsql_value_release(&value);
	return r;
}

/* Of a package: a value that is in its file need not go along. */
static int store_project_value(void *ctx, const struct bound *b)
{
	struct storing *st = ctx;
	struct catalog *c = call_session(st->call)->catalog;
	struct cell cell = { 0 };
	struct err err;
	char *place;
	int r;

	if (b->object_type != OBJECT_PACKAGE)
		return store_value(ctx, b);
	if (b->value->null || (!b->value_set && !b->sensitive))
		return 0;
	place = place_validation_value(st->execution_id, b->object_name, b->name);
	r = cell_make(c, place, b->value, b->sensitive, &cell, &err);
	if (r == 0)
		r = store_run(c, &set, Q_PACKAGE_VALUE_ADD,
		    BINDS(b_int(st->execution_id), b_text(b->object_name), b_text(b->name),
			b_text(b->data_type), cell_plain(&cell), cell_sealed(&cell), b_int(b->sensitive)),
		    &err);
	cell_release(&cell);
	free(place);
	return r < 0 ? proc_fail(st->call, &err) : 0;
}

static int store_all(struct tsql_call *call, int64_t id, const struct found *project,
    const char *package_name, const struct environment_ref *env,
    int (*each)(void *ctx, const struct bound *bound))
{
	struct storing st = { call, id };
	int r = binding_each(call, project, package_name, env, each, &st);

	for (size_t i = 0; i < ARRAY_LEN(system_parameters) && r == 0; i++)
		r = store_system(&st, i);
	return r;
}

int binding_store(struct tsql_call *call, int64_t execution_id, const struct found *project,
    const char *package_name, const struct environment_ref *env)
{
	return store_all(call, execution_id, project, package_name, env, store_value);
}

int binding_store_project(struct tsql_call *call, int64_t validation_id, const struct found *project,
    const struct environment_ref *env)
{
	return store_all(call, validation_id, project, NULL, env, store_project_value);
}
