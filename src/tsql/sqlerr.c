/* SPDX-License-Identifier: MIT */
/* How the room fills a struct err for T-SQL: the text is the server's own sentence, so it keeps its capital letter. */
#include "tsql/sqlerr.h"

#include <stdarg.h>

static int set(struct err *, int, int, int, const char *fmt, va_list) __attribute__((format(printf, 5, 0)));

static int set(struct err *err, int number, int severity, int state, const char *fmt, va_list args)
{
	if (err) {
		char text[sizeof(err->primary)];

		vsnprintf(text, sizeof(text), fmt, args);
		err_set(err, ERR_SQL, "%s", text);
		err->sql_number = number;
		err->sql_severity = severity;
		err->sql_state = state;
	}
	return -ERR_SQL;
}

int sql_error(struct err *err, int number, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set(err, number, 16, 1, fmt, args);
	va_end(args);
	return -ERR_SQL;
}

int sql_error_full(struct err *err, int number, int severity, int state, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set(err, number, severity, state, fmt, args);
	va_end(args);
	return -ERR_SQL;
}
