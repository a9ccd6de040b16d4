/* SPDX-License-Identifier: MIT */
/* What a batch tells its client: messages, columns, rows and counts. A sink that says stop ends the batch. */
#include "tsql/exec.h"
#include "tsql/plan.h"
#include "tsql/session.h"

bool exec_settle(struct exec *e)
{
	struct tsql_session *s = e->session;
	int code = !e->unsettled && s->catalog->settle ? s->catalog->settle(s) : 0;

	if (code != 0) {
		e->unsettled = true;
		plan_sqlite_error(s, code, &e->first);
	}
	return !e->unsettled;
}

static int stop_if(struct exec *e, int sink_result)
{
	if (sink_result != 0) {
		e->sink_stopped = true;
		return -ERR_CANCELLED;
	}
	return 0;
}

static void send_message(struct exec *e, const struct tsql_message *m)
{
	if (e->sink && e->sink->message)
		stop_if(e, e->sink->message(e->sink->ctx, m));
}

static struct tsql_message message_of(const struct err *err, int line, const char *procedure)
{
	struct tsql_message m = { .number = err->sql_number, .severity = err->sql_severity, .state = err->sql_state,
		.line = line, .procedure = procedure, .text = err->primary };

	if (err->code != ERR_SQL) {
		m.number = 50000;
		m.severity = 16;
		m.state = 1;
	}
	return m;
}

void exec_message(struct exec *e, const struct err *err, int line, const char *procedure)
{
	struct tsql_message m = message_of(err, line, procedure);

	if (m.severity > 10) {
		e->session->last_error = m.number;
		if (e->first.code == ERR_NONE) {
			e->first = *err;
			e->first.sql_line = line;
		}
	}
	if (exec_settle(e))
		send_message(e, &m);
}

int exec_end(struct exec *e, int r, struct err *err)
{
	if (exec_settle(e))
		return r;
	struct tsql_message m = message_of(&e->first, 1, NULL);
	send_message(e, &m);
	*err = e->first;
	return -(int)err->code;
}

void exec_print(struct exec *e, int line, const char *procedure, int number, const char *text)
{
	struct tsql_message m = { .number = number, .severity = number ? 10 : 0, .state = 1, .line = line, .procedure = procedure,
		.text = text };

	if (exec_settle(e))
		send_message(e, &m);
}

int exec_columns(struct exec *e, const struct tsql_column *columns, size_t count)
{
	if (!exec_settle(e))
		return -ERR_CANCELLED;
	return e->sink && e->sink->columns ? stop_if(e, e->sink->columns(e->sink->ctx, columns, count)) : 0;
}

int exec_row(struct exec *e, const struct tsql_value *values, size_t count)
{
	if (!exec_settle(e))
		return -ERR_CANCELLED;
	return e->sink && e->sink->row ? stop_if(e, e->sink->row(e->sink->ctx, values, count)) : 0;
}

int exec_done(struct exec *e, int64_t rows)
{
	e->session->rowcount = rows;
	if (e->session->nocount)
		rows = -1;
	else if (!exec_settle(e))
		return -ERR_CANCELLED;
	return e->sink && e->sink->done ? stop_if(e, e->sink->done(e->sink->ctx, rows)) : 0;
}
