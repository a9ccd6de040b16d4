/* SPDX-License-Identifier: MIT */
/* Data taps: spec/catalog.md §1.6. They are stored and shown; nothing is checked against the package before the run. */
#include <string.h>

#include "base/mem.h"
#include "catalog/operation.h"
#include "catalog/proc.h"
#include "catalog/registry.h"

enum { Q_BY_PATH, Q_BY_GUID, Q_ADD, Q_FIND, Q_REMOVE, Q_COUNT };
static const char *const sql[] = {
	[Q_BY_PATH] = "SELECT 1 FROM data_tap WHERE execution_id = ?1 AND package_path = ?2"
		      " AND dataflow_path_id_string = ?3",
	[Q_BY_GUID] = "SELECT 1 FROM data_tap WHERE execution_id = ?1 AND dataflow_task_guid = ?2"
		      " AND dataflow_path_id_string = ?3",
	[Q_ADD] = "INSERT INTO data_tap (execution_id, package_path, dataflow_path_id_string,"
		  " dataflow_task_guid, max_rows, filename) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[Q_FIND] = "SELECT execution_id FROM data_tap WHERE data_tap_id = ?1",
	[Q_REMOVE] = "DELETE FROM data_tap WHERE data_tap_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_TAPS, sql);

enum { TAP_EXECUTION, TAP_TASK, TAP_PATH, TAP_FILE, TAP_ROWS, TAP_ID };
#define TAP_TAIL \
	{ "@dataflow_path_id_string", NULL, T_NVARCHAR(4000), 0, NULL }, \
	    { "@data_filename", NULL, T_NVARCHAR(4000), 0, NULL }, \
	    { "@max_rows", NULL, T_INT, TSQL_PARAM_OPTIONAL, NULL }, \
	{ "@data_tap_id", NULL, T_BIGINT, TSQL_PARAM_OUT | TSQL_PARAM_OPTIONAL, NULL }

static const struct tsql_proc_param by_path_params[] = {
	{ "@execution_id", NULL, T_BIGINT, 0, NULL },
	{ "@task_package_path", NULL, T_TEXT, 0, NULL },
	TAP_TAIL,
};
static const struct tsql_proc_param by_guid_params[] = {
	{ "@execution_id", NULL, T_BIGINT, 0, NULL },
	{ "@dataflow_task_guid", NULL, T_GUID, 0, NULL },
	TAP_TAIL,
};

/* Taps may be changed by whoever may change the execution, before it starts. */
static int open_execution(struct tsql_call *call, int64_t id)
{
	struct found execution;
	int r = need_execution(call, id, NEED_MODIFY, &execution);

	return r == 0 && execution.status != STATUS_CREATED ? raise_error(call, 27212, NULL) : r;
}

static int check_tap(struct tsql_call *call)
{
	int r = proc_check_args(call);

	if (r == 0)
		r = open_execution(call, arg_int(call, TAP_EXECUTION));
	if (r == 0 && arg_int(call, TAP_ROWS) < 0)
		return raise_error(call, 27216, NULL);
	if (r == 0 && !*arg_text(call, TAP_FILE))
		return raise_error(call, 27102, "@data_filename");
	return r;
}

static int add_tap(struct tsql_call *call, const char *task_path, const struct uuid *task_guid)
{
	const char *path = arg_text(call, TAP_PATH);
	int64_t execution = arg_int(call, TAP_EXECUTION), one;
	char guid[UUID_TEXT_LEN + 1] = "";
	int r = proc_int(call, &set, task_guid ? Q_BY_GUID : Q_BY_PATH,
	    BINDS(b_int(execution), task_guid ? b_uuid(task_guid) : b_text(task_path), b_text(path)),
	    &one);

	if (task_guid)
		uuid_format(task_guid, true, guid);
	if (r == 1)
		return task_guid ? raise_error(call, 27214, path, guid)
				 : raise_error(call, 27213, path, task_path);
	if (r == 0)
		r = proc_run(call, &set, Q_ADD,
		    BINDS(b_int(execution), b_text(task_path), b_text(path), b_uuid(task_guid),
			arg_null(call, TAP_ROWS) ? b_null() : b_int(arg_int(call, TAP_ROWS)),
			b_text(arg_text(call, TAP_FILE))));
	if (r == 0)
		tsql_set_out(call, TAP_ID, tsql_bigint(store_last_id(call_session(call)->catalog)));
	return r;
}

static int add_data_tap(struct tsql_call *call)
{
	int r = check_tap(call);

	return r < 0 ? r : add_tap(call, arg_text(call, TAP_TASK), NULL);
}

static int add_data_tap_by_guid(struct tsql_call *call)
{
	int r = check_tap(call);

	return r < 0 ? r : add_tap(call, NULL, &tsql_arg(call, TAP_TASK)->uuid);
}

static const struct tsql_proc_param remove_params[] = {
	{ "@data_tap_id", NULL, T_BIGINT, 0, NULL },
};

static int remove_data_tap(struct tsql_call *call)
{
	struct session *s = call_session(call);
	struct id_text tap = id_text(arg_int(call, 0));
	int64_t execution = 0;
	struct err err;
	int r = proc_check_args(call);

	if (r == 0)
		r = proc_int(call, &set, Q_FIND, BINDS(b_int(arg_int(call, 0))), &execution);
	else
		return r;
	if (r == 1) { /* another's tap is as missing */
		r = session_may(s, SEC_OPERATION, execution, PERM_MODIFY, &err);
		if (r < 0)
			return proc_fail(call, &err);
	}
	if (r == 0)
		return raise_error(call, 27215, tap.text);
	r = r < 0 ? r : open_execution(call, execution);
	return r < 0 ? r : proc_run(call, &set, Q_REMOVE, BINDS(b_int(arg_int(call, 0))));
}

static const struct tsql_proc procs[] = {
	PROC("add_data_tap", by_path_params, add_data_tap),
	PROC("add_data_tap_by_guid", by_guid_params, add_data_tap_by_guid),
	PROC("remove_data_tap", remove_params, remove_data_tap),
};
const struct proc_family procs_taps = { procs, ARRAY_LEN(procs) };
