/* SPDX-License-Identifier: MIT */
/*
 * Transactions and waiting. BEGIN TRANSACTION takes the write lock at once: a
 * transaction that reads first and writes later could otherwise fail half-way.
 * Inner transactions only count, as on the server.
 */
#include <errno.h>
#include <sqlite3.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "tsql/datetime.h"
#include "tsql/exec.h"
#include "tsql/plan.h"
#include "tsql/sqlerr.h"
#include "tsql/store.h"
#include "tsql/table.h"
#include "tsql/types.h"

int exec_sql(struct exec *e, const char *sql, struct err *err)
{
	struct sqlite3_stmt *stmt;
	int r = session_prepare(e->session, sql, &stmt, err), code;

	if (r < 0)
		return r;
	code = sqlite3_step(stmt);
	session_done(e->session, stmt);
	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : plan_sqlite_error(e->session, code, err);
}

void exec_abort_transaction(struct exec *e)
{
	struct err ignored;

	e->session->doomed = false;
	if (e->session->trancount == 0)
		return;
	e->session->trancount = 0;
	if (!sqlite3_get_autocommit(e->session->db))
		exec_sql(e, "ROLLBACK", &ignored);
	table_after_rollback(e);
}

int exec_check_doomed(struct exec *e)
{
	if (!e->session->doomed)
		return 0;
	return sql_error(e->err, 3930,
	    "The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.");
}

static int savepoint(struct exec *e, const char *verb, const char *name)
{
	struct buf sql = BUF_INIT, own = BUF_INIT;
	int r;

	buf_addf(&own, "tran_%s", name); /* so that it never meets a savepoint of ours */
	buf_addf(&sql, "%s ", verb);
	store_quote_name(own.data, &sql);
	r = exec_sql(e, sql.data, e->err);
	buf_release(&own);
	buf_release(&sql);
	return r;
}

static int begin(struct exec *e)
{
	int r = e->session->trancount == 0 ? exec_sql(e, "BEGIN IMMEDIATE", e->err) : 0;

	if (r == 0)
		e->session->trancount++;
	return r;
}

static int commit(struct exec *e)
{
	if (e->session->trancount == 0)
		return sql_error(e->err, 3902, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.");
	if (e->session->doomed)
		return exec_check_doomed(e);
	if (e->session->trancount == 1) {
		int r = exec_sql(e, "COMMIT", e->err);
		if (r < 0)
			return r;
	}
	e->session->trancount--;
	return 0;
}

static int rollback(struct exec *e, const char *name)
{
	if (e->session->trancount == 0)
		return sql_error(e->err, 3903, "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.");
	if (name && e->session->doomed)
		return sql_error(e->err, 3931,
		    "The current transaction cannot be committed and cannot be rolled back to a savepoint. Roll back the entire transaction.");
	if (name) {
		if (savepoint(e, "ROLLBACK TO", name) == 0) {
			table_after_rollback(e);
			return 0;
		}
		if (!e->session->tran_name || utf8_casecmp(e->session->tran_name, name) != 0)
			return sql_error(e->err, 6401, "Cannot roll back %s. No transaction or savepoint of that name was found.", name);
		err_clear(e->err);
	}
	exec_abort_transaction(e);
	return 0;
}

int exec_transaction(struct exec *e, struct stmt *s)
{
	struct tsql_session *session = e->session;

	switch (s->tran.op) {
	case TRAN_BEGIN:
		if (session->trancount == 0) {
			free(session->tran_name);
			session->tran_name = xstrdup_or_null(s->tran.name);
		}
		return begin(e);
	case TRAN_COMMIT:
		return commit(e);
	case TRAN_ROLLBACK:
		return rollback(e, s->tran.name);
	default:
		if (session->trancount == 0)
			return sql_error(e->err, 628, "Cannot issue SAVE TRANSACTION when there is no active transaction.");
		if (session->doomed)
			return exec_check_doomed(e);
		return savepoint(e, "SAVEPOINT", s->tran.name);
	}
}

/* --- WAITFOR --- */

int exec_pause(struct exec *e, int64_t ms)
{
	int64_t end_ms = clock_mono_ms() + ms;

	if (exec_settle(e) && e->session->catalog->pausing)
		e->session->catalog->pausing(e->session);
	for (;;) {
		int64_t left = end_ms - clock_mono_ms();
		struct timespec t = { 0, 0 };
		if (exec_cancelled(e))
			return -ERR_CANCELLED;
		if (left <= 0)
			return 0;
		t.tv_nsec = (left > 20 ? 20 : (long)left) * 1000000L; /* cancel is looked at every 20 ms */
		nanosleep(&t, NULL);
	}
}

int exec_waitfor(struct exec *e, struct stmt *s)
{
	static const struct tsql_decl as_time = { .type = TSQL_TIME };
	struct tsql_value text, time;
	int64_t ms;
	int r = exec_text(e, s->wait.time, &text);

	if (r < 0)
		return r;
	r = text.null ? -ERR_INVALID : tsql_value_convert(&text, &as_time, &time, NULL);
	if (r < 0)
		r = sql_error_full(e->err, 148, 15, 1, "Incorrect time syntax in time string '%s' used with WAITFOR.",
		    text.null ? "NULL" : text.s.data);
	tsql_value_release(&text);
	if (r < 0)
		return r;
	ms = time.i / TICKS_PER_MS;
	if (s->wait.until) {
		struct tsql_value now = tsql_datetimeoffset(clock_wall());
		int64_t today = (now.i + now.offset_min * (60 * TICKS_PER_SECOND)) % TICKS_PER_DAY;
		ms = ((time.i - today + TICKS_PER_DAY) % TICKS_PER_DAY) / TICKS_PER_MS;
	}
	return exec_pause(e, ms);
}
