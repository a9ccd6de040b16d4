/* SPDX-License-Identifier: MIT */
/* The whole result of a query, kept in memory: for INSERT, SELECT INTO and cursors. Inside the room only. */
#ifndef SO_TSQL_ROWS_H
#define SO_TSQL_ROWS_H

#include "tsql/exec.h"

struct rows {
	VEC(struct tsql_value) cells; /* count rows of width cells; owned */
	size_t width, count;
};

/* Most cells that are kept. */
#define ROWS_MAX 5000000

struct tsql_rows_keep {
	struct rows *rows;
	struct err *err;
	const struct tsql_sink *outer; /* gets the messages while a procedure's rows are captured */
};

/* Run a query and keep its rows. Release them also after a failure. */
int tsql_rows_read(struct exec *exec, struct query *query, struct rows *rows);
/* A plan_row_fn and a sink's row function; ctx is a struct tsql_rows_keep. */
int tsql_rows_keep(void *ctx, const struct tsql_value *values, size_t count);
/* Keep only the first row of each number in the first cell, which is never NULL. */
void tsql_rows_unique(struct rows *rows);
/* Leaves an empty set. */
void tsql_rows_release(struct rows *rows);

#endif
