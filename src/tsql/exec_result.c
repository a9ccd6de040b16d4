/* SPDX-License-Identifier: MIT */
/* What a batch tells its client: messages, columns, rows and counts. A sink that says stop ends the batch. */
#include "tsql/exec.h"

static int stop_if(struct exec *e, int sink_result)
{
	if (sink_result != 0) {
		e->sink_stopped = true;
		return -ERR_CANCELLED;
	}
	return 0;
}

void exec_message(struct exec *e, const struct err *err, int line, const char *procedure)
{
	struct tsql_message m = { .number = err->sql_number, .severity = err->sql_severity, .state = err->sql_state,
		.line = line, .procedure = procedure, .text = err->primary };

	if (err->code != ERR_SQL) {
		m.number = 50000;
		m.severity = 16;
		m.state = 1;
	}
	if (m.severity > 10) {
		e->session->last_error = m.number;
		if (e->first.code == ERR_NONE) {
			e->first = *err;
			e->first.sql_line = line;
		}
	}
	if (e->sink && e->sink->message)
		stop_if(e, e->sink->message(e->sink->ctx, &m));
}

void exec_print(struct exec *e, int line, const char *procedure, int number, const char *text)
{
	struct tsql_message m = { .number = number, .severity = number ? 10 : 0, .state = 1, .line = line, .procedure = procedure,
		.text = text };

	if (e->sink && e->sink->message)
		stop_if(e, e->sink->message(e->sink->ctx, &m));
}

int exec_columns(struct exec *e, const struct tsql_column *columns, size_t count)
{
	return e->sink && e->sink->columns ? stop_if(e, e->sink->columns(e->sink->ctx, columns, count)) : 0;
}

int exec_row(struct exec *e, const struct tsql_value *values, size_t count)
{
	return e->sink && e->sink->row ? stop_if(e, e->sink->row(e->sink->ctx, values, count)) : 0;
}

int exec_done(struct exec *e, int64_t rows)
{
	e->session->rowcount = rows;
	return e->sink && e->sink->done ? stop_if(e, e->sink->done(e->sink->ctx, e->session->nocount ? -1 : rows)) : 0;
}
