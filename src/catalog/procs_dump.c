/* SPDX-License-Identifier: MIT */
/*
 * create_execution_dump: spec/catalog.md §1.6. The request is a row; the master
 * tells the worker, the runtime writes the dump and runs on, the master fetches
 * the files. The caller waits for that, but not for ever.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/operation.h"
#include "catalog/proc.h"
#include "catalog/registry.h"

#define WAIT_MS 30000
#define PAUSE_MS 20

enum { STATE_FETCHED = 2 };
enum { Q_TRY, Q_UNDER_WAY, Q_ADD, Q_STATE, Q_PATH, Q_FORGET, Q_COUNT };
static const char *const sql[] = {
	[Q_TRY] = "SELECT 1 FROM execution_try WHERE execution_id = ?1 AND end_time IS NULL AND start_time IS NOT NULL",
	[Q_UNDER_WAY] = "SELECT 1 FROM dump_request WHERE execution_id = ?1 AND state < 2",
	[Q_ADD] = "INSERT OR REPLACE INTO dump_request (execution_id, requested_time, requested_by) VALUES (?1, ?2, ?3)",
	[Q_STATE] = "SELECT state FROM dump_request WHERE execution_id = ?1",
	[Q_PATH] = "SELECT dump_path FROM execution_try WHERE execution_id = ?1 AND dump_path IS NOT NULL ORDER BY attempt DESC LIMIT 1",
	[Q_FORGET] = "DELETE FROM dump_request WHERE execution_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_DUMPS, sql);

static const struct tsql_proc_param create_execution_dump_params[] = {
	{ "@execution_id", NULL, T_BIGINT, 0, NULL },
};

static int request(struct tsql_call *call, int64_t id)
{
	struct session *s = call_session(call);
	struct id_text text = id_text(id);
	struct found execution;
	int64_t one;
	int r = need_execution(call, id, NEED_READ, &execution);

	if (r == 0 && operation_is_final(execution.status))
		return raise_error(call, 27175, text.text);
	if (r == 0)
		r = proc_int(call, &set, Q_TRY, BINDS(b_int(id)), &one);
	if (r == 0 || (r == 1 && execution.status != STATUS_RUNNING))
		return raise_error(call, 27218, text.text);
	if (r == 1)
		r = proc_int(call, &set, Q_UNDER_WAY, BINDS(b_int(id)), &one);
	if (r == 1)
		return raise_error(call, 27107, "a request for a dump of this execution");
	if (r == 0)
		r = proc_run(call, &set, Q_ADD, BINDS(b_int(id), b_int(clock_wall()), b_text(s->login)));
	if (r == 0)
		s->work_pending = true;
	return r;
}

/* The message names the folder; catalog.executions has the dump's id from now on. */
static int tell(struct tsql_call *call, int64_t id)
{
	char *path = NULL;
	struct err err;
	int r = store_text(call_session(call)->catalog, &set, Q_PATH, BINDS(b_int(id)), &path, &err);

	if (r < 0)
		return proc_fail(call, &err);
	tsql_call_info(call, 0, "The dump is in %s.", r == 1 ? path : "the folder of the execution's dumps");
	free(path);
	return 0;
}

/* Until the files are here, the execution is over, or nobody answers. */
static int await(struct tsql_call *call, int64_t id)
{
	int64_t deadline = clock_mono_ms() + WAIT_MS, state = 0;

	for (;;) {
		int r = proc_int(call, &set, Q_STATE, BINDS(b_int(id)), &state);

		if (r < 0)
			return r;
		if (r == 0)
			return raise_error(call, 27175, id_text(id).text);
		if (state == STATE_FETCHED)
			return tell(call, id);
		if (clock_mono_ms() >= deadline || !tsql_call_pause(call, PAUSE_MS))
			break;
	}
	proc_run(call, &set, Q_FORGET, BINDS(b_int(id)));
	return tsql_call_cancelled(call) ? -ERR_CANCELLED : raise_error(call, 27195, id_text(id).text);
}

static int create_execution_dump(struct tsql_call *call)
{
	struct session *s = call_session(call);
	int64_t id = arg_int(call, 0);
	struct store_tx tx;
	struct err err = { 0 };
	int r = need_admin(call, 27219, "create_execution_dump");

	if (r == 0)
		r = proc_check_args(call);
	if (r < 0)
		return r;
	r = store_begin(s->catalog, &tx, &err);
	if (r < 0)
		return proc_fail(call, &err);
	r = store_end(s->catalog, &tx, request(call, id), &err);
	if (r < 0)
		return r == -ERR_SQL ? r : proc_fail(call, &err);
	if (!sqlite3_get_autocommit(s->catalog->db)) {
		tsql_call_info(call, 0, "The dump cannot be waited for inside a transaction.");
		return 0;
	}
	return await(call, id);
}

static const struct tsql_proc procs[] = {
	{ .database = "SSISDB", .schema = "catalog", .name = "create_execution_dump", .params = create_execution_dump_params,
	    .param_count = ARRAY_LEN(create_execution_dump_params), .run = create_execution_dump, .no_transaction = true },
};
const struct proc_family procs_dump = { procs, ARRAY_LEN(procs) };
