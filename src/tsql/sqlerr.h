/* SPDX-License-Identifier: MIT */
/* T-SQL errors: a struct err that carries number, severity and state. Inside the room only. */
#ifndef SO_TSQL_SQLERR_H
#define SO_TSQL_SQLERR_H

#include "base/err.h"

/* Set a T-SQL error of severity 16, state 1. Returns -ERR_SQL. */
int sql_error(struct err *err, int number, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with severity and state. */
int sql_error_full(struct err *err, int number, int severity, int state, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

#endif
