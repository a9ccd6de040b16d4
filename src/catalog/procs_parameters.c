/* SPDX-License-Identifier: MIT */
/* Server values of parameters: spec/catalog.md §1.5. */
#include <string.h>

#include "base/mem.h"
#include "catalog/binding.h"
#include "catalog/operation.h"
#include "catalog/places.h"
#include "catalog/proc.h"
#include "catalog/registry.h"
#include "catalog/typed.h"

enum { Q_FIND, Q_PACKAGE, Q_SET, Q_REFER, Q_CLEAR, Q_COUNT };
static const char *const sql[] = {
	[Q_FIND] = "SELECT parameter_id, name, data_type, sensitive FROM parameter WHERE project_id = ?1"
		   " AND object_type = ?2 AND (?2 = 20 OR object_name = ?3) AND name = ?4",
	[Q_PACKAGE] = "SELECT 1 FROM package WHERE project_id = ?1 AND name = ?2",
	[Q_SET] = "UPDATE parameter SET default_value = ?2, default_sealed = ?3, value_type = 'V',"
		  " value_set = 1, referenced_variable = NULL WHERE parameter_id = ?1",
	[Q_REFER] = "UPDATE parameter SET default_value = NULL, default_sealed = NULL, value_type = 'R',"
		    " value_set = 1, referenced_variable = ?2 WHERE parameter_id = ?1",
	[Q_CLEAR] = "UPDATE parameter SET default_value = NULL, default_sealed = NULL, value_type = 'V',"
		    " value_set = 0, referenced_variable = NULL WHERE parameter_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_PARAMETERS, sql);

/* The parameter of a project or (type 30) of the package object. */
static int find_parameter(struct tsql_call *call, const struct found *project, int64_t type,
    const char *object, const char *name, struct typed *ret)
{
	struct catalog *c = call_session(call)->catalog;
	sqlite3_stmt *q;
	int64_t one;
	struct err err;
	int r;

	if (type != OBJECT_PROJECT && type != OBJECT_PACKAGE)
		return raise_error(call, 27101, "@object_type", id_text(type).text);
	if (type == OBJECT_PACKAGE && !object)
		return raise_error(call, 27100, "@object_name");
	r = type == OBJECT_PROJECT
	    ? 1
	    : proc_int(call, &set, Q_PACKAGE, BINDS(b_int(project->id), b_text(object)), &one);
	if (r <= 0)
		return r < 0 ? r : raise_error(call, 27146, object);
	q = store_query(c, &set, Q_FIND,
	    BINDS(b_int(project->id), b_int(type), b_text(object), b_text(name)));
	r = store_step(c, q, &err);
	if (r <= 0)
		return r < 0 ? proc_fail(call, &err) : raise_error(call, 27106, name);
	typed_read(q, ret);
	return 0;
}

enum { SET_TYPE, SET_FOLDER, SET_PROJECT, SET_NAME, SET_VALUE, SET_OBJECT, SET_VALUE_TYPE };
static const struct tsql_proc_param set_value_params[] = {
	{ "@object_type", NULL, T_SMALLINT, 0, NULL },
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_name", NULL, T_SYSNAME, 0, NULL },
	{ "@parameter_name", NULL, T_SYSNAME, 0, NULL },
	{ "@parameter_value", NULL, T_VARIANT, 0, NULL },
	{ "@object_name", NULL, T_NVARCHAR(260), TSQL_PARAM_OPTIONAL, NULL },
	{ "@value_type", NULL, T_CHAR1, TSQL_PARAM_OPTIONAL, "V" },
};

static int set_literal(struct tsql_call *call, const struct typed *p)
{
	struct tsql_value value;
	int r = typed_convert(call, p, tsql_arg(call, SET_VALUE), &value);

	if (r < 0)
		return r;
	r = typed_write(call, p, &set, Q_SET, place_default(p->id), &value);
	tsql_value_release(&value);
	return r;
}

static int set_variable(struct tsql_call *call, const struct typed *p)
{
	const struct tsql_value *given = tsql_arg(call, SET_VALUE);

	if (!tsql_type_is_text(given->type))
		return raise_error(call, 27147, p->name, tsql_type_name(given->type), "nvarchar");
	return proc_run(call, &set, Q_REFER, BINDS(b_int(p->id), b_text(given->s.data)));
}

static int set_object_parameter_value(struct tsql_call *call)
{
	const char *value_type = arg_text(call, SET_VALUE_TYPE);
	struct found project;
	struct typed p;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_project(call, arg_text(call, SET_FOLDER), arg_text(call, SET_PROJECT),
		    NEED_READ | NEED_MODIFY, 0, &project);
	if (r == 0)
		r = find_parameter(call, &project, arg_int(call, SET_TYPE), arg_text(call, SET_OBJECT),
		    arg_text(call, SET_NAME), &p);
	if (r < 0)
		return r;
	if (!value_type || strchr("Vv", value_type[0]))
		return set_literal(call, &p);
	if (strchr("Rr", value_type[0]))
		return set_variable(call, &p);
	return raise_error(call, 27101, "@value_type", value_type);
}

static const struct tsql_proc_param clear_value_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_name", NULL, T_SYSNAME, 0, NULL },
	{ "@object_type", NULL, T_SMALLINT, 0, NULL },
	{ "@object_name", NULL, T_NVARCHAR(260), TSQL_PARAM_OPTIONAL, NULL },
	{ "@parameter_name", NULL, T_SYSNAME, 0, NULL },
};

static int clear_object_parameter_value(struct tsql_call *call)
{
	struct found project;
	struct typed p;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_project(call, arg_text(call, 0), arg_text(call, 1), NEED_READ | NEED_MODIFY, 0,
		    &project);
	if (r == 0)
		r = find_parameter(call, &project, arg_int(call, 2), arg_text(call, 3),
		    arg_text(call, 4), &p);
	return r < 0 ? r : proc_run(call, &set, Q_CLEAR, BINDS(b_int(p.id)));
}

/* --- get_parameter_values --- */

static const struct tsql_proc_param get_values_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_name", NULL, T_SYSNAME, 0, NULL },
	{ "@package_name", NULL, T_NVARCHAR(260), 0, NULL },
	{ "@reference_id", NULL, T_BIGINT, TSQL_PARAM_OPTIONAL, NULL },
};

static const struct tsql_column get_values_columns[] = {
	{ "object_type", T_SMALLINT },
	{ "parameter_data_type", T_SYSNAME },
	{ "parameter_name", T_SYSNAME },
	{ "parameter_value", T_VARIANT },
	{ "sensitive", T_BIT },
	{ "required", T_BIT },
	{ "value_set", T_BIT },
};

static int send_value(void *ctx, const struct bound *b)
{
	struct tsql_value row[] = {
		tsql_smallint((int16_t)b->object_type),
		tsql_nvarchar(b->data_type),
		tsql_nvarchar(b->name),
		b->sensitive ? tsql_null(TSQL_NVARCHAR) : tsql_value_copy(b->value),
		tsql_bit(b->sensitive),
		tsql_bit(b->required),
		tsql_bit(b->value_set),
	};
	int r = tsql_call_row(ctx, row, ARRAY_LEN(row));

	for (size_t i = 0; i < ARRAY_LEN(row); i++)
		tsql_value_release(&row[i]);
	return r;
}

static int get_parameter_values(struct tsql_call *call)
{
	const char *package = arg_text(call, 2);
	struct environment_ref env = { 0 };
	struct found project;
	int64_t one;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_project(call, arg_text(call, 0), arg_text(call, 1), NEED_READ, 0, &project);
	if (r == 0)
		r = proc_int(call, &set, Q_PACKAGE, BINDS(b_int(project.id), b_text(package)), &one);
	else
		return r;
	if (r == 0)
		return raise_error(call, 27146, package);
	if (r == 1)
		r = arg_null(call, 3) ? 0 : binding_reference(call, &project, arg_int(call, 3), &env);
	if (r == 0)
		r = tsql_call_columns(call, get_values_columns, ARRAY_LEN(get_values_columns));
	return r != 0 ? r : binding_each(call, &project, package, &env, send_value, call);
}

static const struct tsql_proc procs[] = {
	PROC("set_object_parameter_value", set_value_params, set_object_parameter_value),
	PROC("clear_object_parameter_value", clear_value_params, clear_object_parameter_value),
	PROC("clear_object_parameter", clear_value_params, clear_object_parameter_value),
	{ .database = "SSISDB", .schema = "catalog", .name = "get_parameter_values",
	    .params = get_values_params, .param_count = ARRAY_LEN(get_values_params),
	    .run = get_parameter_values, .read_only = true },
};
const struct proc_family procs_parameters = { procs, ARRAY_LEN(procs) };
