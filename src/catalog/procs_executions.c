/* SPDX-License-Identifier: MIT */
/*
 * Creating and filling executions: spec/catalog.md §1.6. An execution is open
 * for changes while its status is created (1).
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "catalog/binding.h"
#include "catalog/operation.h"
#include "catalog/places.h"
#include "catalog/proc.h"
#include "catalog/registry.h"
#include "catalog/typed.h"

enum {
	Q_PACKAGE,
	Q_EXECUTION_ADD,
	Q_VALUE_FIND,
	Q_VALUE_SET,
	Q_OVERRIDE_DELETE,
	Q_OVERRIDE_ADD,
	Q_OVERRIDE_SET,
	Q_LEVEL,
	Q_SCALE,
	Q_WORKER,
	Q_WORKER_ADD,
	Q_COUNT
};
static const char *const sql[] = {
	[Q_PACKAGE] = "SELECT entry_point, name FROM package WHERE project_id = ?1 AND name = ?2",
	[Q_EXECUTION_ADD] = "INSERT INTO execution (execution_id, project_lsn, project_hash,"
			    " reference_id, reference_type, environment_folder_name, environment_name,"
			    " use32bitruntime, scale_out, any_worker) VALUES (?1, ?2,"
			    " (SELECT hash FROM project_version WHERE version_lsn = ?2), ?3, ?4, ?5, ?6,"
			    " ?7, ?8, ?9)",
	[Q_VALUE_FIND] = "SELECT execution_parameter_id, name, data_type, sensitive"
			 " FROM execution_value WHERE execution_id = ?1 AND object_type = ?2"
			 " AND name = ?3",
	[Q_VALUE_SET] = "UPDATE execution_value SET value = ?2, sealed = ?3, value_set = 1,"
			" runtime_override = 1 WHERE execution_parameter_id = ?1",
	[Q_OVERRIDE_DELETE] = "DELETE FROM property_override WHERE execution_id = ?1 AND path = ?2",
	[Q_OVERRIDE_ADD] = "INSERT INTO property_override (execution_id, path, sensitive)"
			   " VALUES (?1, ?2, ?3)",
	[Q_OVERRIDE_SET] = "UPDATE property_override SET value = ?2, sealed = ?3"
			   " WHERE property_id = ?1",
	[Q_LEVEL] = "SELECT level_id FROM logging_level WHERE name = ?1",
	[Q_SCALE] = "SELECT scale_out, any_worker FROM execution WHERE execution_id = ?1",
	[Q_WORKER] = "SELECT enabled FROM worker WHERE worker_id = ?1",
	[Q_WORKER_ADD] = "INSERT OR IGNORE INTO execution_worker VALUES (?1, ?2)",
};
static const struct stmt_set set = STMT_SET(STMT_EXECUTIONS, sql);

/* --- create_execution --- */

enum { CREATE_FOLDER, CREATE_PROJECT, CREATE_PACKAGE, CREATE_REFERENCE, CREATE_32BIT, CREATE_SCALEOUT,
	CREATE_ANY, CREATE_ID };
static const struct tsql_proc_param create_execution_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_name", NULL, T_SYSNAME, 0, NULL },
	{ "@package_name", NULL, T_NVARCHAR(260), 0, NULL },
	{ "@reference_id", NULL, T_BIGINT, TSQL_PARAM_OPTIONAL, NULL },
	{ "@use32bitruntime", NULL, T_BIT, TSQL_PARAM_OPTIONAL, "0" },
	{ "@runinscaleout", NULL, T_BIT, TSQL_PARAM_OPTIONAL, NULL },
	{ "@useanyworker", NULL, T_BIT, TSQL_PARAM_OPTIONAL, "1" },
	{ "@execution_id", NULL, T_BIGINT, TSQL_PARAM_OUT | TSQL_PARAM_OPTIONAL, NULL },
};

/* The signature of 2012 has @execution_id in the sixth place (spec/catalog.md §0.1). */
static size_t create_execution_position(size_t position, size_t count, const bool *is_output)
{
	return position == CREATE_SCALEOUT && count > CREATE_SCALEOUT && is_output[CREATE_SCALEOUT]
	    ? (size_t)CREATE_ID
	    : position;
}

/* Scale Out or Server, and the right to it. */
static int choose_mode(struct tsql_call *call, bool *ret_scale_out)
{
	struct session *s = call_session(call);
	bool scale_out = !arg_null(call, CREATE_SCALEOUT)
	    ? arg_int(call, CREATE_SCALEOUT) != 0
	    : property_int(s->catalog, "DEFAULT_EXECUTION_MODE", 0) != 0;
	char *enabled;
	bool off;

	*ret_scale_out = scale_out;
	if (!scale_out)
		return 0;
	if (!session_is_admin(s) && !session_is_member(s, PRINCIPAL_EXECUTOR))
		return raise_error(call, 27140, "ssis_cluster_executor");
	enabled = property_get(s->catalog, "IS_SCALEOUT_ENABLED");
	off = !enabled || (*enabled != 'T' && *enabled != 't' && *enabled != '1');
	free(enabled);
	return off ? raise_error(call, 27261, NULL) : 0;
}

/* ssis_cluster_executor is enough to run anything in Scale Out. */
static int project_to_run(struct tsql_call *call, bool scale_out, struct found *ret)
{
	const char *folder = arg_text(call, CREATE_FOLDER), *name = arg_text(call, CREATE_PROJECT);
	struct found in;
	int r;

	if (!scale_out)
		return need_project(call, folder, name, NEED_READ | NEED_EXECUTE, 27178, ret);
	r = find_folder(call, folder, &in);
	if (r == 0)
		return raise_error(call, 27104, folder);
	if (r == 1)
		r = find_project(call, in.id, name, ret);
	return r == 0 ? raise_error(call, 27109, name) : r < 0 ? r : 0;
}

static int package_to_run(struct tsql_call *call, const struct found *project, const char *name,
    char ret_name[NAME_BYTES])
{
	struct catalog *c = call_session(call)->catalog;
	sqlite3_stmt *q = store_query(c, &set, Q_PACKAGE, BINDS(b_int(project->id), b_text(name)));
	bool entry_point;
	struct err err;
	int r = store_step(c, q, &err);

	if (r < 0)
		return proc_fail(call, &err);
	if (r == 0)
		return raise_error(call, 27146, name);
	entry_point = sqlite3_column_int(q, 0);
	snprintf(ret_name, NAME_BYTES, "%s", col_text(q, 1));
	store_reset(q);
	if (!entry_point)
		return tsql_call_error(call, 27101, 1,
		    "The package '%s' is not an entry point of the project: only another package may"
		    " start it.", ret_name);
	return 0;
}

static int add_execution(struct tsql_call *call, const struct found *project, const char *package,
    const struct environment_ref *env, bool scale_out, int64_t *ret_id)
{
	struct session *s = call_session(call);
	struct operation op = { .type = OPERATION_EXECUTE,
		.object_type = OBJECT_PROJECT,
		.object_id = project->id,
		.status = STATUS_CREATED,
		.folder = arg_text(call, CREATE_FOLDER),
		.project = project->name,
		.package = package };
	struct found folder;
	struct err err;
	int r = find_folder(call, op.folder, &folder);

	if (r < 0)
		return r;
	op.folder = folder.name;
	r = operation_add(s, &op, ret_id, &err);
	if (r < 0)
		return proc_fail(call, &err);
	return proc_run(call, &set, Q_EXECUTION_ADD,
	    BINDS(b_int(*ret_id), b_int(project->version_lsn), b_id(env->reference_id),
		b_text(env->type[0] ? env->type : NULL), b_text(env->folder[0] ? env->folder : NULL),
		b_text(env->name[0] ? env->name : NULL),
		b_int(arg_int(call, CREATE_32BIT)), b_int(scale_out),
		b_int(arg_null(call, CREATE_ANY) || arg_int(call, CREATE_ANY))));
}

static int create_execution(struct tsql_call *call)
{
	struct environment_ref env = { 0 };
	char package[NAME_BYTES];
	struct found project;
	bool scale_out;
	int64_t id = 0;
	int r = proc_check_args(call);

	if (r == 0)
		r = choose_mode(call, &scale_out);
	if (r == 0)
		r = project_to_run(call, scale_out, &project);
	if (r == 0)
		r = package_to_run(call, &project, arg_text(call, CREATE_PACKAGE), package);
	if (r == 0 && !arg_null(call, CREATE_REFERENCE))
		r = binding_reference(call, &project, arg_int(call, CREATE_REFERENCE), &env);
	if (r == 0)
		r = add_execution(call, &project, package, &env, scale_out, &id);
	if (r == 0)
		r = binding_store(call, id, &project, package, &env);
	if (r == 0)
		tsql_set_out(call, CREATE_ID, tsql_bigint(id));
	return r;
}

/* --- set_execution_parameter_value --- */

static const struct tsql_proc_param set_value_params[] = {
	{ "@execution_id", NULL, T_BIGINT, 0, NULL },
	{ "@object_type", NULL, T_SMALLINT, 0, NULL },
	{ "@parameter_name", NULL, T_SYSNAME, 0, NULL },
	{ "@parameter_value", NULL, T_VARIANT, 0, NULL },
};

static int find_value(struct tsql_call *call, int64_t execution_id, int object_type,
    const char *name, struct typed *ret)
{
	struct catalog *c = call_session(call)->catalog;
	sqlite3_stmt *q = store_query(c, &set, Q_VALUE_FIND,
	    BINDS(b_int(execution_id), b_int(object_type), b_text(name)));
	struct err err;
	int r = store_step(c, q, &err);

	if (r < 0)
		return proc_fail(call, &err);
	if (r == 0)
		return raise_error(call, 27176, name);
	typed_read(q, ret);
	return 0;
}

/* A level that is named must be there, whether or not it comes to be used. */
static int check_level(struct tsql_call *call, const char *name, const struct tsql_value *value)
{
	struct id_text text = id_text(value->i);
	int64_t id;
	int r;

	if (strcmp(name, "CUSTOMIZED_LOGGING_LEVEL") == 0 && !value->null && value->s.len > 0) {
		r = proc_int(call, &set, Q_LEVEL, BINDS(b_text(value->s.data)), &id);
		return r == 0 ? raise_error(call, 27237, value->s.data) : r < 0 ? r : 0;
	}
	if (strcmp(name, "LOGGING_LEVEL") != 0 || (value->i >= 0 && value->i <= 4) || value->i == 100)
		return 0;
	return raise_error(call, 27217, text.text);
}

static int set_execution_parameter_value(struct tsql_call *call)
{
	int64_t type = arg_int(call, 1);
	struct found execution;
	struct typed row;
	struct tsql_value value = tsql_null(TSQL_UNKNOWN);
	int r = proc_check_args(call);

	if (r == 0)
		r = need_open_execution(call, 27224, &execution);
	if (r == 0 && type != OBJECT_PROJECT && type != OBJECT_PACKAGE && type != PARAMETER_SYSTEM)
		return raise_error(call, 27101, "@object_type", id_text(type).text);
	if (r == 0)
		r = find_value(call, execution.id, (int)type, arg_text(call, 2), &row);
	if (r == 0)
		r = typed_convert(call, &row, tsql_arg(call, 3), &value);
	if (r == 0 && type == PARAMETER_SYSTEM)
		r = check_level(call, row.name, &value);
	if (r == 0)
		r = typed_write(call, &row, &set, Q_VALUE_SET,
		    place_execution_value(execution.id, (int)type, row.name), &value);
	tsql_value_release(&value);
	return r;
}

/* --- set_execution_property_override_value --- */

static const struct tsql_proc_param set_override_params[] = {
	{ "@execution_id", NULL, T_BIGINT, 0, NULL },
	{ "@property_path", NULL, T_NVARCHAR(4000), 0, NULL },
	{ "@property_value", NULL, T_TEXT, 0, NULL },
	{ "@sensitive", NULL, T_BIT, TSQL_PARAM_OPTIONAL, NULL },
};

static int set_execution_property_override_value(struct tsql_call *call)
{
	const char *path = arg_text(call, 1);
	struct found execution;
	struct typed target = { 0 };
	struct tsql_value value;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_open_execution(call, 27225, &execution);
	if (r < 0)
		return r;
	if (arg_null(call, 3))
		return raise_error(call, 27154, NULL);
	if (path[0] != '\\' || !strstr(path, ".Properties["))
		return raise_error(call, 27101, "@property_path", path);
	r = proc_run(call, &set, Q_OVERRIDE_DELETE, BINDS(b_int(execution.id), b_text(path)));
	if (r == 0)
		r = proc_run(call, &set, Q_OVERRIDE_ADD,
		    BINDS(b_int(execution.id), b_text(path), b_int(arg_int(call, 3))));
	if (r < 0)
		return r;
	target.id = store_last_id(call_session(call)->catalog);
	target.sensitive = arg_int(call, 3) != 0;
	value = tsql_nvarchar(arg_text(call, 2));
	r = typed_write(call, &target, &set, Q_OVERRIDE_SET, place_override(target.id), &value);
	tsql_value_release(&value);
	return r;
}

/* --- add_execution_worker --- */

static const struct tsql_proc_param add_worker_params[] = {
	{ "@execution_id", NULL, T_BIGINT, 0, NULL },
	{ "@workeragent_id", NULL, T_GUID, 0, NULL },
};

static int listed_workers_only(struct tsql_call *call, int64_t execution_id)
{
	struct catalog *c = call_session(call)->catalog;
	sqlite3_stmt *q = store_query(c, &set, Q_SCALE, BINDS(b_int(execution_id)));
	struct id_text id = id_text(execution_id);
	bool scale_out, any;
	struct err err;
	int r = store_step(c, q, &err);

	if (r < 0)
		return proc_fail(call, &err);
	scale_out = r == 1 && sqlite3_column_int(q, 0);
	any = r == 1 && sqlite3_column_int(q, 1);
	store_reset(q);
	if (!scale_out)
		return raise_error(call, 27255, id.text);
	return any ? raise_error(call, 27251, id.text) : 0;
}

static int add_execution_worker(struct tsql_call *call)
{
	const struct uuid *id = &tsql_arg(call, 1)->uuid;
	char text[UUID_TEXT_LEN + 1];
	struct found execution;
	int64_t enabled = 0;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_open_execution(call, 27121, &execution);
	if (r == 0)
		r = listed_workers_only(call, execution.id);
	if (r == 0)
		r = proc_int(call, &set, Q_WORKER, BINDS(b_uuid(id)), &enabled);
	if (r < 0)
		return r;
	uuid_format(id, true, text);
	if (r == 0 || !enabled)
		return raise_error_list(call, r == 0 ? 27243 : 27252,
		    (const char *const[]){ text, NULL });
	return proc_run(call, &set, Q_WORKER_ADD, BINDS(b_int(execution.id), b_uuid(id)));
}

static const struct tsql_proc procs[] = {
	{ .database = "SSISDB", .schema = "catalog", .name = "create_execution",
	    .params = create_execution_params, .param_count = ARRAY_LEN(create_execution_params),
	    .run = create_execution, .map_position = create_execution_position },
	PROC("set_execution_parameter_value", set_value_params, set_execution_parameter_value),
	PROC("set_execution_property_override_value", set_override_params,
	    set_execution_property_override_value),
	PROC("add_execution_worker", add_worker_params, add_execution_worker),
};
const struct proc_family procs_executions = { procs, ARRAY_LEN(procs) };
