/* SPDX-License-Identifier: MIT */
/*
 * Starting, stopping and awaiting executions: spec/catalog.md §1.6, §8.1,
 * §8.5. Starting puts an execution into the queue, from where the master alone
 * takes it further (queue.h).
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/binding.h"
#include "catalog/events.h"
#include "catalog/operation.h"
#include "catalog/proc.h"
#include "catalog/registry.h"
#include "package/event.h"

enum {
	Q_START_FACTS,
	Q_MISSING,
	Q_NO_LEVEL,
	Q_NOBODY,
	Q_START,
	Q_QUEUE,
	Q_STARTER,
	Q_SYNCHRONIZED,
	Q_STATUS,
	Q_OPEN_TRY,
	Q_STOP,
	Q_UNQUEUE,
	Q_COUNT
};
static const char *const sql[] = {
	[Q_START_FACTS] = "SELECT o.object_id, p.version_lsn, e.project_lsn, e.scale_out, e.any_worker,"
			  " (SELECT count(*) FROM execution_worker w WHERE w.execution_id = ?1),"
			  " o.project_name, e.reference_id, p.folder_id FROM operation o"
			  " JOIN execution e ON e.execution_id = o.operation_id"
			  " LEFT JOIN project p ON p.project_id = o.object_id WHERE o.operation_id = ?1",
	[Q_MISSING] = "SELECT name FROM execution_value WHERE execution_id = ?1 AND required = 1"
		      " AND value_set = 0 ORDER BY execution_parameter_id LIMIT 1",
	[Q_NO_LEVEL] = ("SELECT coalesce(nullif(substr(n.value, instr(n.value, ':') + 1), ''), '100') FROM execution_value l"
			" JOIN execution_value n ON n.execution_id = l.execution_id AND n.object_type = 50"
			" AND n.name = 'CUSTOMIZED_LOGGING_LEVEL' WHERE l.execution_id = ?1 AND l.object_type = 50"
			" AND l.name = 'LOGGING_LEVEL' AND l.value = 'int:100' AND NOT EXISTS (SELECT 1"
			" FROM logging_level x WHERE x.name = substr(n.value, instr(n.value, ':') + 1))"),
	[Q_NOBODY] = ("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM worker w WHERE w.enabled = 1 AND (?2 OR EXISTS (SELECT 1"
		      " FROM execution_worker x WHERE x.execution_id = ?1 AND x.worker_id = w.worker_id)))"),
	[Q_START] = "UPDATE operation SET status = 5 WHERE operation_id = ?1 AND status = 1",
	[Q_QUEUE] = "UPDATE execution SET queued = 1, retry_count = ?2, executed_as_sid = ?3"
		    " WHERE execution_id = ?1",
	/* Mostly the one who created it: then no index is touched. */
	[Q_STARTER] = "UPDATE operation SET executed_as_name = ?2 WHERE operation_id = ?1 AND executed_as_name IS NOT ?2",
	[Q_SYNCHRONIZED] = "SELECT value = 'bit:1' FROM execution_value WHERE execution_id = ?1"
			   " AND object_type = 50 AND name = 'SYNCHRONIZED'",
	[Q_STATUS] = "SELECT status FROM operation WHERE operation_id = ?1",
	[Q_OPEN_TRY] = "SELECT 1 FROM execution_try WHERE execution_id = ?1 AND end_time IS NULL",
	[Q_STOP] = "UPDATE operation SET status = ?2, stopped_by_sid = ?3, stopped_by_name = ?4,"
		   " end_time = ?5 WHERE operation_id = ?1",
	[Q_UNQUEUE] = "UPDATE execution SET queued = 0 WHERE execution_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_START, sql);

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

/* The statement must find nothing; what it finds is the insert of the error. */
static int check_none(struct tsql_call *call, size_t index, int64_t id, int number)
{
	char *found = NULL;
	struct err err;
	int r = store_text(call_session(call)->catalog, &set, index, BINDS(b_int(id)), &found, &err);

	if (r < 0)
		return proc_fail(call, &err);
	if (r == 1)
		r = raise_error(call, number, found);
	free(found);
	return r;
}

static int check_start(struct tsql_call *call, int64_t id, const struct start_facts *f)
{
	struct environment_ref env;
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
	r = check_none(call, Q_MISSING, id, 27184);
	return r < 0 ? r : check_none(call, Q_NO_LEVEL, id, 27217);
}

/* An execution that waits for somebody to do something says for what. */
static int note_nobody(struct tsql_call *call, int64_t id, const struct start_facts *f)
{
	int64_t one;
	struct err err;
	int r = proc_int(call, &set, Q_NOBODY, BINDS(b_int(id), b_int(f->any_worker)), &one);

	if (r <= 0)
		return r;
	r = events_note(call_session(call)->catalog, id, 0, EVENT_WARNING, f->any_worker ?
	    "No worker is enabled for Scale Out: the execution waits. Register a machine (scaleout worker add) and enable it." :
	    "None of the workers chosen for the execution is enabled: it waits until one is (scaleout worker enable).", &err);
	/* The caller may still roll back what the note's source was written with. */
	events_forget(call_session(call)->catalog);
	return r < 0 ? proc_fail(call, &err) : 0;
}

static int enqueue(struct tsql_call *call, int64_t id, const struct start_facts *f)
{
	struct session *s = call_session(call);
	int64_t retries = f->scale_out ? arg_int(call, 1) : 0;
	struct buf sid = BUF_INIT;
	int r = proc_run(call, &set, Q_START, BINDS(b_int(id)));

	session_sid(s, &sid);
	if (r == 0)
		r = proc_run(call, &set, Q_QUEUE, BINDS(b_int(id), b_int(retries), b_buf(&sid)));
	if (r == 0)
		r = proc_run(call, &set, Q_STARTER, BINDS(b_int(id), b_text(s->login)));
	buf_release(&sid);
	if (r == 0 && f->scale_out)
		r = note_nobody(call, id, f);
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
		r = need_open_execution(call, 27121, &execution);
	if (r == 0)
		r = read_facts(call, execution.id, &facts);
	if (r == 0)
		r = check_start(call, execution.id, &facts);
	return r == 0 ? enqueue(call, execution.id, &facts) : r;
}

/* Wait for a final status outside any transaction; timeout_ms < 0 = for ever. 1 = ended, 0 = time is over. */
static int wait_for_end(struct tsql_call *call, int64_t id, int64_t timeout_ms, int64_t *ret_status)
{
	int64_t began = clock_mono_ms();

	for (;;) {
		int r = proc_int(call, &set, Q_STATUS, BINDS(b_int(id)), ret_status);

		if (r <= 0)
			return r < 0 ? r : raise_error(call, 27103, id_text(id).text);
		if (operation_is_final((int)*ret_status))
			return 1;
		int64_t waited = clock_mono_ms() - began;
		if (timeout_ms >= 0 && waited >= timeout_ms)
			return 0;
		/* The end is noticed late by an eighth at most, and by no more than 50 ms. */
		if (!tsql_call_pause(call, waited < 8 ? 1 : waited < 400 ? (int)(waited / 8) : 50))
			return -ERR_CANCELLED;
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
	op.object_id = target.type == OPERATION_EXECUTE ? facts.project.id : 0;
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
	{ .database = "SSISDB", .schema = "catalog", .name = "start_execution",
	    .params = start_execution_params, .param_count = ARRAY_LEN(start_execution_params),
	    .run = start_execution, .no_transaction = true },
	PROC("stop_operation", stop_operation_params, stop_operation),
	{ .database = "SSISDB", .schema = "scaleout", .name = "wait_execution",
	    .params = wait_execution_params, .param_count = ARRAY_LEN(wait_execution_params),
	    .run = wait_execution, .no_transaction = true },
};
const struct proc_family procs_start = { procs, ARRAY_LEN(procs) };
