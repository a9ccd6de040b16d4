/* SPDX-License-Identifier: MIT */
/* Environments and their variables: spec/catalog.md §1.3. References are by name, so nothing here follows or rewrites them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "catalog/cell.h"
#include "catalog/datatype.h"
#include "catalog/places.h"
#include "catalog/proc.h"
#include "catalog/registry.h"
#include "catalog/typed.h"

enum {
	Q_CREATE,
	Q_DELETE,
	Q_PERMISSIONS,
	Q_RENAME,
	Q_MOVE,
	Q_DESCRIBE,
	Q_PERMIT,
	Q_VARIABLE_FIND,
	Q_VARIABLE_ADD,
	Q_VARIABLE_VALUE,
	Q_VARIABLE_DELETE,
	Q_VARIABLE_DESCRIBE,
	Q_VARIABLE_READ,
	Q_VARIABLE_PROTECT,
	Q_COUNT
};
static const char *const sql[] = {
	[Q_CREATE] = "INSERT INTO environment (folder_id, name, description, created_by_sid,"
		     " created_by_name, created_time) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[Q_DELETE] = "DELETE FROM environment WHERE environment_id = ?1",
	[Q_PERMISSIONS] = "DELETE FROM permission WHERE object_type = 3 AND object_id = ?1",
	[Q_RENAME] = "UPDATE environment SET name = ?2 WHERE environment_id = ?1",
	[Q_MOVE] = "UPDATE environment SET folder_id = ?2 WHERE environment_id = ?1",
	[Q_DESCRIBE] = "UPDATE environment SET description = ?2 WHERE environment_id = ?1",
	[Q_PERMIT] = "INSERT OR REPLACE INTO permission VALUES (3, ?1, ?2, ?3, 0, ?2)",
	[Q_VARIABLE_FIND] = "SELECT variable_id, name, data_type, sensitive FROM environment_variable"
			    " WHERE environment_id = ?1 AND name = ?2",
	[Q_VARIABLE_ADD] = "INSERT INTO environment_variable (environment_id, name, description,"
			   " data_type, sensitive) VALUES (?1, ?2, ?3, ?4, ?5)",
	[Q_VARIABLE_VALUE] = "UPDATE environment_variable SET value = ?2, sealed = ?3"
			     " WHERE variable_id = ?1",
	[Q_VARIABLE_DELETE] = "DELETE FROM environment_variable WHERE variable_id = ?1",
	[Q_VARIABLE_DESCRIBE] = "UPDATE environment_variable SET description = ?2"
				" WHERE variable_id = ?1",
	[Q_VARIABLE_READ] = "SELECT value, sealed FROM environment_variable WHERE variable_id = ?1",
	[Q_VARIABLE_PROTECT] = "UPDATE environment_variable SET sensitive = ?2 WHERE variable_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_ENVIRONMENTS, sql);

#define P_FOLDER { "@folder_name", NULL, T_SYSNAME, 0, NULL }
#define P_ENVIRONMENT { "@environment_name", NULL, T_SYSNAME, 0, NULL }
#define P_VARIABLE { "@variable_name", NULL, T_SYSNAME, 0, NULL }

/* --- environments --- */

static const struct tsql_proc_param create_environment_params[] = {
	P_FOLDER,
	P_ENVIRONMENT,
	{ "@environment_description", NULL, T_NVARCHAR(1024), TSQL_PARAM_OPTIONAL, NULL },
};

static int permit_creator(struct tsql_call *call, int64_t id)
{
	int64_t user = session_user(call_session(call));
	static const int permissions[] = { PERM_READ, PERM_MODIFY, PERM_MANAGE };
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(permissions) && r == 0 && user > PRINCIPAL_DBO; i++)
		r = proc_run(call, &set, Q_PERMIT,
		    BINDS(b_int(id), b_int(user), b_int(permissions[i])));
	return r;
}

static int create_environment(struct tsql_call *call)
{
	struct session *s = call_session(call);
	const char *name = arg_text(call, 1);
	struct buf sid = BUF_INIT;
	struct found folder, other;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_folder(call, arg_text(call, 0), NEED_READ | NEED_MODIFY, 27209, &folder);
	if (r == 0)
		r = name_check(call, NAME_ENVIRONMENT, name);
	if (r == 0)
		r = find_environment(call, folder.id, name, &other);
	if (r == 1)
		return raise_error(call, 27157, name);
	if (r < 0)
		return r;
	session_sid(s, &sid);
	r = proc_run(call, &set, Q_CREATE,
	    BINDS(b_int(folder.id), b_text(name), b_text(arg_text(call, 2)), b_buf(&sid),
		b_text(s->login), b_int(clock_wall())));
	buf_release(&sid);
	return r < 0 ? r : permit_creator(call, store_last_id(s->catalog));
}

static const struct tsql_proc_param environment_params[] = { P_FOLDER, P_ENVIRONMENT };

static int my_environment(struct tsql_call *call, struct found *ret)
{
	int r = proc_check_args(call);

	return r < 0 ? r
		     : need_environment(call, arg_text(call, 0), arg_text(call, 1),
			   NEED_READ | NEED_MODIFY, ret);
}

static int delete_environment(struct tsql_call *call)
{
	struct found env;
	int r = my_environment(call, &env);

	if (r == 0)
		r = proc_run(call, &set, Q_PERMISSIONS, BINDS(b_int(env.id)));
	return r < 0 ? r : proc_run(call, &set, Q_DELETE, BINDS(b_int(env.id)));
}

static const struct tsql_proc_param rename_environment_params[] = {
	P_FOLDER,
	P_ENVIRONMENT,
	{ "@new_environment_name", NULL, T_SYSNAME, 0, NULL },
};

static int rename_environment(struct tsql_call *call)
{
	const char *name = arg_text(call, 2);
	struct found env, other;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_environment(call, arg_text(call, 0), arg_text(call, 1), NEED_MODIFY, &env);
	if (r == 0)
		r = name_check(call, NAME_ENVIRONMENT, name);
	if (r == 0)
		r = find_environment(call, env.folder_id, name, &other);
	if (r == 1 && other.id != env.id)
		return raise_error(call, 27157, name);
	return r < 0 ? r : proc_run(call, &set, Q_RENAME, BINDS(b_int(env.id), b_text(name)));
}

static const struct tsql_proc_param move_environment_params[] = {
	{ "@source_folder", NULL, T_SYSNAME, 0, NULL },
	P_ENVIRONMENT,
	{ "@destination_folder", NULL, T_SYSNAME, 0, NULL },
};

static int move_environment(struct tsql_call *call)
{
	struct found env, folder, other;
	int r = my_environment(call, &env);

	if (r == 0)
		r = need_folder(call, arg_text(call, 2), NEED_READ | NEED_MODIFY, 27209, &folder);
	if (r == 0)
		r = find_environment(call, folder.id, env.name, &other);
	if (r == 1 && other.id != env.id)
		return raise_error(call, 27157, env.name);
	return r < 0 ? r : proc_run(call, &set, Q_MOVE, BINDS(b_int(env.id), b_int(folder.id)));
}

static const struct tsql_proc_param set_environment_property_params[] = {
	P_FOLDER,
	P_ENVIRONMENT,
	{ "@property_name", NULL, T_SYSNAME, 0, NULL },
	{ "@property_value", NULL, T_NVARCHAR(1024), TSQL_PARAM_OPTIONAL, NULL },
};

static int set_environment_property(struct tsql_call *call)
{
	struct found env;
	int r = my_environment(call, &env);

	if (r == 0 && strcasecmp(arg_text(call, 2), "Description") != 0)
		return raise_error(call, 27101, "@property_name", arg_text(call, 2));
	return r < 0 ? r
		     : proc_run(call, &set, Q_DESCRIBE,
			   BINDS(b_int(env.id), b_text(arg_text(call, 3))));
}

/* --- variables --- */

/* 1 = found, 0 = not there, negative = raised. */
static int find_variable(struct tsql_call *call, int64_t environment_id, const char *name,
    struct typed *ret)
{
	struct catalog *c = call_session(call)->catalog;
	sqlite3_stmt *q =
	    store_query(c, &set, Q_VARIABLE_FIND, BINDS(b_int(environment_id), b_text(name)));
	struct err err;
	int r = store_step(c, q, &err);

	if (r <= 0)
		return r < 0 ? proc_fail(call, &err) : 0;
	typed_read(q, ret);
	return 1;
}

static int my_variable(struct tsql_call *call, struct typed *ret)
{
	struct found env;
	int r = my_environment(call, &env);

	if (r == 0)
		r = find_variable(call, env.id, arg_text(call, 2), ret);
	else
		return r;
	return r == 0 ? raise_error(call, 27183, arg_text(call, 2)) : r < 0 ? r : 0;
}

/* Check the type of a value for a variable and store it. */
static int set_value(struct tsql_call *call, const struct typed *v, const struct tsql_value *given)
{
	struct tsql_value value;
	int r = typed_convert(call, v, given, &value);

	if (r < 0)
		return r;
	r = typed_write(call, v, &set, Q_VARIABLE_VALUE, place_variable(v->id), &value);
	tsql_value_release(&value);
	return r;
}

enum { VARIABLE_TYPE = 3, VARIABLE_SENSITIVE, VARIABLE_VALUE, VARIABLE_DESCRIPTION };
static const struct tsql_proc_param create_variable_params[] = {
	P_FOLDER,
	P_ENVIRONMENT,
	P_VARIABLE,
	{ "@data_type", NULL, T_SYSNAME, 0, NULL },
	{ "@sensitive", "@is_sensitive", T_BIT, 0, NULL },
	{ "@value", NULL, T_VARIANT, TSQL_PARAM_OPTIONAL, NULL },
	{ "@description", NULL, T_NVARCHAR(1024), TSQL_PARAM_OPTIONAL, NULL },
};

static int add_variable(struct tsql_call *call, int64_t environment_id, const char *data_type)
{
	struct typed v = { .sensitive = arg_int(call, VARIABLE_SENSITIVE) != 0 };
	int r = proc_run(call, &set, Q_VARIABLE_ADD,
	    BINDS(b_int(environment_id), b_text(arg_text(call, 2)),
		b_text(arg_text(call, VARIABLE_DESCRIPTION)), b_text(data_type), b_int(v.sensitive)));

	if (r < 0)
		return r;
	v.id = store_last_id(call_session(call)->catalog);
	snprintf(v.name, sizeof(v.name), "%s", arg_text(call, 2));
	snprintf(v.data_type, sizeof(v.data_type), "%s", data_type);
	return set_value(call, &v, tsql_arg(call, VARIABLE_VALUE));
}

static int create_environment_variable(struct tsql_call *call)
{
	const struct datatype *type;
	struct found env;
	struct typed other;
	int r = my_environment(call, &env);

	if (r == 0)
		r = name_check(call, NAME_VARIABLE, arg_text(call, 2));
	if (r < 0)
		return r;
	type = datatype_find(arg_text(call, VARIABLE_TYPE));
	if (!type || !type->variable)
		return raise_error(call, 27159, arg_text(call, VARIABLE_TYPE));
	r = find_variable(call, env.id, arg_text(call, 2), &other);
	if (r == 1)
		return raise_error(call, 27173, other.name);
	return r < 0 ? r : add_variable(call, env.id, type->name);
}

static const struct tsql_proc_param variable_params[] = { P_FOLDER, P_ENVIRONMENT, P_VARIABLE };

static int delete_environment_variable(struct tsql_call *call)
{
	struct typed v;
	int r = my_variable(call, &v);

	return r < 0 ? r : proc_run(call, &set, Q_VARIABLE_DELETE, BINDS(b_int(v.id)));
}

static const struct tsql_proc_param variable_value_params[] = {
	P_FOLDER,
	P_ENVIRONMENT,
	P_VARIABLE,
	{ "@value", NULL, T_VARIANT, 0, NULL },
};

static int set_environment_variable_value(struct tsql_call *call)
{
	struct typed v;
	int r = my_variable(call, &v);

	return r < 0 ? r : set_value(call, &v, tsql_arg(call, 3));
}

static const struct tsql_proc_param variable_property_params[] = {
	P_FOLDER,
	P_ENVIRONMENT,
	P_VARIABLE,
	{ "@property_name", NULL, T_SYSNAME, 0, NULL },
	{ "@property_value", NULL, T_NVARCHAR(4000), TSQL_PARAM_OPTIONAL, NULL },
};

static int set_environment_variable_property(struct tsql_call *call)
{
	struct typed v;
	int r = my_variable(call, &v);

	if (r == 0 && strcasecmp(arg_text(call, 3), "Description") != 0)
		return raise_error(call, 27101, "@property_name", arg_text(call, 3));
	return r < 0 ? r
		     : proc_run(call, &set, Q_VARIABLE_DESCRIBE,
			   BINDS(b_int(v.id), b_text(arg_text(call, 4))));
}

static const struct tsql_proc_param variable_protection_params[] = {
	P_FOLDER,
	P_ENVIRONMENT,
	P_VARIABLE,
	{ "@sensitive", "@is_sensitive", T_BIT, 0, NULL },
};

/* The value survives: it is read and stored again in the other form. */
static int set_environment_variable_protection(struct tsql_call *call)
{
	struct catalog *c = call_session(call)->catalog;
	struct tsql_value value;
	struct typed v;
	sqlite3_stmt *q;
	char *place;
	struct err err;
	int r = my_variable(call, &v);

	if (r < 0)
		return r;
	place = place_variable(v.id);
	q = store_query(c, &set, Q_VARIABLE_READ, BINDS(b_int(v.id)));
	r = store_step(c, q, &err);
	if (r == 1)
		r = cell_read(c, place, q, 0, &value, &err);
	store_reset(q);
	free(place);
	if (r < 0)
		return proc_fail(call, &err);
	v.sensitive = arg_int(call, 3) != 0;
	r = proc_run(call, &set, Q_VARIABLE_PROTECT, BINDS(b_int(v.id), b_int(v.sensitive)));
	if (r == 0)
		r = typed_write(call, &v, &set, Q_VARIABLE_VALUE, place_variable(v.id), &value);
	tsql_value_release(&value);
	return r;
}

static const struct tsql_proc procs[] = {
	PROC("create_environment", create_environment_params, create_environment),
	PROC("delete_environment", environment_params, delete_environment),
	PROC("rename_environment", rename_environment_params, rename_environment),
	PROC("move_environment", move_environment_params, move_environment),
	PROC("set_environment_property", set_environment_property_params, set_environment_property),
	PROC("create_environment_variable", create_variable_params, create_environment_variable),
	PROC("delete_environment_variable", variable_params, delete_environment_variable),
	PROC("set_environment_variable_value", variable_value_params, set_environment_variable_value),
	PROC("set_environment_variable_property", variable_property_params,
	    set_environment_variable_property),
	PROC("set_environment_variable_protection", variable_protection_params,
	    set_environment_variable_protection),
};
const struct proc_family procs_environments = { procs, ARRAY_LEN(procs) };
