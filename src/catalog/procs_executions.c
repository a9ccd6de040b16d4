/* SPDX-License-Identifier: MIT */
/*
 * Creating, filling and starting executions: spec/catalog.md §1.6. An
 * execution is open for changes while its status is created (1); starting it
 * puts it into the queue, from where the master alone takes it further
 * (queue.h).
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/binding.h"
#include "catalog/cell.h"
#include "catalog/datatype.h"
#include "catalog/operation.h"
#include "catalog/places.h"
#include "catalog/proc.h"
#include "catalog/registry.h"

enum {
	Q_PACKAGE,
	Q_EXECUTION_ADD,
	Q_VALUE_FIND,
	Q_VALUE_SET,
	Q_OVERRIDE_DELETE,
	Q_OVERRIDE_ADD,
	Q_OVERRIDE_SET,
	Q_SCALE,
	Q_WORKER,
	Q_WORKER_ADD,
	Q_START_FACTS,
	Q_MISSING,
	Q_START,
	Q_QUEUE,
	Q_SYNCHRONIZED,
	Q_STATUS,
	Q_OPEN_TRY,
	Q_STOP,
	Q_UNQUEUE,
	Q_COUNT
};
static const char *const sql[] = {
	[Q_PACKAGE] = "SELECT entry_point, name FROM package WHERE project_id = ?1 AND name = ?2",
	[Q_EXECUTION_ADD] = "INSERT INTO execution (execution_id, project_lsn, project_hash,"
			    " reference_id, reference_type, environment_folder_name, environment_name,"
			    " executed_as_name, use32bitruntime, scale_out, any_worker) VALUES (?1, ?2,"
			    " (SELECT hash FROM project_version WHERE version_lsn = ?2), ?3, ?4, ?5, ?6,"
			    " ?7, ?8, ?9, ?10)",
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
	[Q_SCALE] = "SELECT scale_out, any_worker FROM execution WHERE execution_id = ?1",
	[Q_WORKER] = "SELECT enabled FROM worker WHERE worker_id = ?1",
	[Q_WORKER_ADD] = "INSERT OR IGNORE INTO execution_worker VALUES (?1, ?2)",
	[Q_START_FACTS] = "SELECT o.object_id, p.version_lsn, e.project_lsn, e.scale_out, e.any_worker,"
			  " (SELECT count(*) FROM execution_worker w WHERE w.execution_id = ?1),"
			  " o.project_name, e.reference_id, p.folder_id FROM operation o"
			  " JOIN execution e ON e.execution_id = o.operation_id"
			  " LEFT JOIN project p ON p.project_id = o.object_id WHERE o.operation_id = ?1",
	[Q_MISSING] = "SELECT name FROM execution_value WHERE execution_id = ?1 AND required = 1"
		      " AND value_set = 0 ORDER BY execution_parameter_id LIMIT 1",
	[Q_START] = "UPDATE operation SET status = 5 WHERE operation_id = ?1 AND status = 1",
	[Q_QUEUE] = "UPDATE execution SET queued = 1, retry_count = ?2, executed_as_sid = ?3,"
		    " executed_as_name = ?4 WHERE execution_id = ?1",
	[Q_SYNCHRONIZED] = "SELECT value = 'bit:1' FROM execution_value WHERE execution_id = ?1"
			   " AND object_type = 50 AND name = 'SYNCHRONIZED'",
	[Q_STATUS] = "SELECT status FROM operation WHERE operation_id = ?1",
	[Q_OPEN_TRY] = "SELECT 1 FROM execution_try WHERE execution_id = ?1 AND end_time IS NULL",
	[Q_STOP] = "UPDATE operation SET status = ?2, stopped_by_sid = ?3, stopped_by_name = ?4,"
		   " end_time = ?5 WHERE operation_id = ?1",
	[Q_UNQUEUE] = "UPDATE execution SET queued = 0 WHERE execution_id = ?1",
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
		b_text(env->name[0] ? env->name : NULL), b_text(s->login),
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

/* An execution that is still open for changes; number is raised when it is not. */
static int open_execution(struct tsql_call *call, int number, struct found *ret)
{
	int r = need_execution(call, arg_int(call, 0), NEED_READ | NEED_MODIFY, ret);

	if (r == 0 && ret->status != STATUS_CREATED)
		return raise_error(call, number, id_text(ret->id).text);
	return r;
}

struct value_row {
	int64_t id;
	char name[NAME_BYTES], data_type[64];
	bool sensitive;
};

static int find_value(struct tsql_call *call, int64_t execution_id, int object_type,
    const char *name, struct value_row *ret)
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
	ret->id = sqlite3_column_int64(q, 0);
	snprintf(ret->name, sizeof(ret->name), "%s", col_text(q, 1));
	snprintf(ret->data_type, sizeof(ret->data_type), "%s", col_text(q, 2));
	ret->sensitive = sqlite3_column_int(q, 3);
	store_reset(q);
	return 0;
}

static int check_level(struct tsql_call *call, const char *name, const struct tsql_value *value)
{
	struct id_text text = id_text(value->i);

	if (strcmp(name, "LOGGING_LEVEL") != 0 || (value->i >= 0 && value->i <= 4) || value->i == 100)
		return 0;
	return raise_error(call, 27217, text.text);
}

static int convert_value(struct tsql_call *call, const struct value_row *row,
    const struct tsql_value *value, struct tsql_value *ret)
{
	const struct datatype *type = datatype_of(row->data_type);
	struct err err;

	if (!datatype_accepts(type, value))
		return raise_error(call, 27147, row->name, tsql_type_name(value->type),
		    row->data_type);
	if (datatype_convert(type, value, ret, &err) < 0)
		return raise_error(call, 27210, row->name, row->data_type, err.primary);
	return 0;
}

static int write_value(struct tsql_call *call, const char *place, size_t index, int64_t id,
    const struct tsql_value *value, bool sensitive)
{
	struct catalog *c = call_session(call)->catalog;
	struct cell cell = { 0 };
	struct err err;
	int r = cell_make(c, place, value, sensitive, &cell, &err);

	if (r == 0)
		r = store_run(c, &set, index,
		    BINDS(b_int(id), cell_plain(&cell), cell_sealed(&cell)), &err);
	cell_release(&cell);
	return r < 0 ? proc_fail(call, &err) : 0;
}

static int set_execution_parameter_value(struct tsql_call *call)
{
	int64_t type = arg_int(call, 1);
	struct found execution;
	struct value_row row;
	struct tsql_value value = tsql_null(TSQL_UNKNOWN);
	char *place;
	int r = proc_check_args(call);

	if (r == 0)
		r = open_execution(call, 27224, &execution);
	if (r == 0 && type != OBJECT_PROJECT && type != OBJECT_PACKAGE && type != PARAMETER_SYSTEM)
		return raise_error(call, 27101, "@object_type", id_text(type).text);
	if (r == 0)
		r = find_value(call, execution.id, (int)type, arg_text(call, 2), &row);
	if (r == 0)
		r = convert_value(call, &row, tsql_arg(call, 3), &value);
	if (r == 0 && type == PARAMETER_SYSTEM)
		r = check_level(call, row.name, &value);
	if (r == 0) {
		place = place_execution_value(execution.id, (int)type, row.name);
		r = write_value(call, place, Q_VALUE_SET, row.id, &value, row.sensitive);
		free(place);
	}
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
	struct catalog *c = call_session(call)->catalog;
	const char *path = arg_text(call, 1);
	struct found execution;
	struct tsql_value value;
	char *place;
	int64_t id;
	int r = proc_check_args(call);

	if (r == 0)
		r = open_execution(call, 27225, &execution);
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
	id = store_last_id(c);
	value = tsql_nvarchar(arg_text(call, 2));
	place = place_override(id);
	r = write_value(call, place, Q_OVERRIDE_SET, id, &value, arg_int(call, 3) != 0);
	free(place);
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
		r = open_execution(call, 27121, &execution);
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

/* --- start_execution --- */

static const struct tsql_proc_param start_execution_params[] = {
	{ "@execution_id", NULL, T_BIGINT, 0, NULL },
	{ "@retry_count", NULL, T_INT, TSQL_PARAM_OPTIONAL, "0" },
};

struct start_facts {
	struct found project; /* id 0 = it was deleted */
	int64_t bound_lsn, reference_id, listed_workers;
	bool scale_out, any_worker;
};

static int read_facts(struct tsql_call *call, int64_t id, struct start_facts *f)
{
	struct catalog *c = call_session(call)->catalog;
	sqlite3_stmt *q = store_query(c, &set, Q_START_FACTS, BINDS(b_int(id)));
	struct err err;
	int r = store_step(c, q, &err);

	if (r <= 0)
		return r < 0 ? proc_fail(call, &err) : raise_error(call, 27103, id_text(id).text);
	*f = (struct start_facts){ .bound_lsn = sqlite3_column_int64(q, 2),
		.scale_out = sqlite3_column_int(q, 3),
		.any_worker = sqlite3_column_int(q, 4),
		.listed_workers = sqlite3_column_int64(q, 5),
		.reference_id = sqlite3_column_int64(q, 7) };
	if (!col_null(q, 1))
		f->project.id = sqlite3_column_int64(q, 0);
	f->project.version_lsn = sqlite3_column_int64(q, 1);
	f->project.folder_id = sqlite3_column_int64(q, 8);
	snprintf(f->project.name, sizeof(f->project.name), "%s", col_text(q, 6));
	store_reset(q);
	return 0;
}

static int may_start(struct tsql_call *call, const struct start_facts *f)
{
	struct session *s = call_session(call);
	struct err err;
	int r;

	if (f->scale_out)
		return session_is_admin(s) || session_is_member(s, PRINCIPAL_EXECUTOR)
		    ? 0
		    : raise_error(call, 27140, "ssis_cluster_executor");
	r = session_may(s, SEC_PROJECT, f->project.id, PERM_READ, &err);
	if (r == 1)
		r = session_may(s, SEC_PROJECT, f->project.id, PERM_EXECUTE, &err);
	if (r < 0)
		return proc_fail(call, &err);
	return r == 1 ? 0 : raise_error(call, 27178, f->project.name);
}

static int check_start(struct tsql_call *call, int64_t id, const struct start_facts *f)
{
	struct environment_ref env;
	char *missing = NULL;
	struct err err;
	int r;

	if (!f->project.id)
		return raise_error(call, 27109, f->project.name);
	r = may_start(call, f);
	if (r < 0)
		return r;
	if (f->project.version_lsn != f->bound_lsn)
		return raise_error(call, 27150, f->project.name, id_text(id).text);
	if (f->reference_id)
		r = binding_reference(call, &f->project, f->reference_id, &env);
	if (r < 0)
		return r;
	if (f->scale_out && !f->any_worker && f->listed_workers == 0)
		return raise_error(call, 27257, NULL);
	r = store_text(call_session(call)->catalog, &set, Q_MISSING, BINDS(b_int(id)), &missing, &err);
	if (r < 0)
		return proc_fail(call, &err);
	if (r == 1)
		r = raise_error(call, 27184, missing);
	free(missing);
	return r;
}

static int enqueue(struct tsql_call *call, int64_t id, const struct start_facts *f)
{
	struct session *s = call_session(call);
	int64_t retries = f->scale_out ? arg_int(call, 1) : 0;
	struct buf sid = BUF_INIT;
	int r = proc_run(call, &set, Q_START, BINDS(b_int(id)));

	session_sid(s, &sid);
	if (r == 0)
		r = proc_run(call, &set, Q_QUEUE,
		    BINDS(b_int(id), b_int(retries), b_buf(&sid), b_text(s->login)));
	buf_release(&sid);
	if (r == 0)
		s->work_pending = true;
	return r;
}

static int start_checked(struct tsql_call *call)
{
	struct start_facts facts;
	struct found execution;
	int r = proc_check_args(call);

	if (r == 0 && arg_int(call, 1) < 0)
		return raise_error(call, 27101, "@retry_count", id_text(arg_int(call, 1)).text);
	if (r == 0)
		r = open_execution(call, 27121, &execution);
	if (r == 0)
		r = read_facts(call, execution.id, &facts);
	if (r == 0)
		r = check_start(call, execution.id, &facts);
	return r == 0 ? enqueue(call, execution.id, &facts) : r;
}

/* Wait for a final status outside any transaction; timeout_ms < 0 = for ever. 1 = ended, 0 = time is over. */
static int wait_for_end(struct tsql_call *call, int64_t id, int64_t timeout_ms, int64_t *ret_status)
{
	int64_t deadline = clock_mono_ms() + timeout_ms;
	int pause_ms = 2;

	for (;;) {
		struct timespec pause = { .tv_nsec = pause_ms * 1000000L };
		int r = proc_int(call, &set, Q_STATUS, BINDS(b_int(id)), ret_status);

		if (r <= 0)
			return r < 0 ? r : raise_error(call, 27103, id_text(id).text);
		if (operation_is_final((int)*ret_status))
			return 1;
		if (tsql_call_cancelled(call))
			return -ERR_CANCELLED;
		if (timeout_ms >= 0 && clock_mono_ms() >= deadline)
			return 0;
		nanosleep(&pause, NULL);
		pause_ms = pause_ms < 50 ? pause_ms * 2 : 50;
	}
}

static int start_execution(struct tsql_call *call)
{
	struct session *s = call_session(call);
	int64_t id, synchronized = 0, status;
	struct store_tx tx;
	struct err err = { 0 };
	int r = store_begin(s->catalog, &tx, &err);

	if (r < 0)
		return proc_fail(call, &err);
	r = store_end(s->catalog, &tx, start_checked(call), &err);
	if (r < 0)
		return r == -ERR_SQL ? r : proc_fail(call, &err);
	id = arg_int(call, 0);
	r = proc_int(call, &set, Q_SYNCHRONIZED, BINDS(b_int(id)), &synchronized);
	if (r < 0 || !synchronized)
		return r < 0 ? r : 0;
	if (!sqlite3_get_autocommit(s->catalog->db)) {
		tsql_call_info(call, 0, "The execution cannot be waited for inside a transaction.");
		return 0;
	}
	r = wait_for_end(call, id, -1, &status);
	return r < 0 ? r : 0;
}

/* --- stop_operation --- */

static const struct tsql_proc_param stop_operation_params[] = {
	{ "@operation_id", NULL, T_BIGINT, 0, NULL },
};

static int may_stop(struct tsql_call *call, int64_t id, struct found *ret)
{
	struct id_text text = id_text(id);
	int r = need_operation(call, id, NEED_READ, 27105, ret);

	if (r == 0)
		r = need_permission(call, SEC_OPERATION, id, PERM_MODIFY, 27143, text.text);
	if (r < 0)
		return r;
	if (ret->type != OPERATION_EXECUTE && ret->type != OPERATION_VALIDATE_PROJECT &&
	    ret->type != OPERATION_VALIDATE_PACKAGE)
		return raise_error(call, 27124, text.text);
	if (ret->status == STATUS_STOPPING)
		return raise_error(call, 27126, text.text);
	return ret->status == STATUS_RUNNING || ret->status == STATUS_PENDING
	    ? 0
	    : raise_error(call, 27124, text.text);
}

/* With an open try the master has to cancel it; without one the execution is over at once. */
static int mark_stopping(struct tsql_call *call, int64_t id)
{
	struct session *s = call_session(call);
	struct buf sid = BUF_INIT;
	int64_t one;
	int open_try = proc_int(call, &set, Q_OPEN_TRY, BINDS(b_int(id)), &one);
	int r = open_try;

	session_sid(s, &sid);
	if (r >= 0)
		r = proc_run(call, &set, Q_STOP,
		    BINDS(b_int(id), b_int(open_try ? STATUS_STOPPING : STATUS_CANCELED), b_buf(&sid),
			b_text(s->login), open_try ? b_null() : b_int(clock_wall())));
	if (r == 0 && !open_try)
		r = proc_run(call, &set, Q_UNQUEUE, BINDS(b_int(id)));
	buf_release(&sid);
	s->work_pending = true;
	return r;
}

static int stop_operation(struct tsql_call *call)
{
	struct operation op = { .type = OPERATION_STOP, .object_type = OBJECT_PROJECT,
		.status = STATUS_SUCCEEDED };
	struct found target;
	struct start_facts facts;
	struct err err;
	int64_t record;
	int r = proc_check_args(call);

	if (r == 0)
		r = may_stop(call, arg_int(call, 0), &target);
	if (r == 0)
		r = read_facts(call, target.id, &facts);
	if (r == 0)
		r = mark_stopping(call, target.id);
	if (r < 0)
		return r;
	op.object_id = facts.project.id;
	r = operation_add(call_session(call), &op, &record, &err);
	return r < 0 ? proc_fail(call, &err) : 0;
}

/* --- [scaleout].[wait_execution] --- */

static const struct tsql_proc_param wait_execution_params[] = {
	{ "@execution_id", NULL, T_BIGINT, 0, NULL },
	{ "@timeout_ms", NULL, T_INT, TSQL_PARAM_OPTIONAL, "-1" },
	{ "@status", NULL, T_INT, TSQL_PARAM_OUT | TSQL_PARAM_OPTIONAL, NULL },
};

static int wait_execution(struct tsql_call *call)
{
	struct found execution;
	int64_t status = 0;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_execution(call, arg_int(call, 0), NEED_READ, &execution);
	if (r == 0)
		r = wait_for_end(call, execution.id, arg_int(call, 1), &status);
	if (r < 0)
		return r;
	tsql_set_out(call, 2, tsql_int((int32_t)status));
	tsql_set_return(call, r == 1 ? 0 : 1);
	return 0;
}

static const struct tsql_proc procs[] = {
	{ .database = "SSISDB", .schema = "catalog", .name = "create_execution",
	    .params = create_execution_params, .param_count = ARRAY_LEN(create_execution_params),
	    .run = create_execution, .map_position = create_execution_position },
	PROC("set_execution_parameter_value", set_value_params, set_execution_parameter_value),
	PROC("set_execution_property_override_value", set_override_params,
	    set_execution_property_override_value),
	PROC("add_execution_worker", add_worker_params, add_execution_worker),
	{ .database = "SSISDB", .schema = "catalog", .name = "start_execution",
	    .params = start_execution_params, .param_count = ARRAY_LEN(start_execution_params),
	    .run = start_execution, .no_transaction = true },
	PROC("stop_operation", stop_operation_params, stop_operation),
	{ .database = "SSISDB", .schema = "scaleout", .name = "wait_execution",
	    .params = wait_execution_params, .param_count = ARRAY_LEN(wait_execution_params),
	    .run = wait_execution, .no_transaction = true },
};
const struct proc_family procs_executions = { procs, ARRAY_LEN(procs) };
