/* SPDX-License-Identifier: MIT */
/* Results kept whole. A statement that writes, or a cursor, must not read from a query that is still running. */
#include "tsql/rows.h"

#include <stdlib.h>
#include <string.h>

#include "tsql/plan.h"
#include "tsql/sqlerr.h"

void tsql_rows_release(struct rows *rows)
{
	for (size_t i = 0; i < rows->cells.len; i++)
		tsql_value_release(&rows->cells.items[i]);
	vec_release(&rows->cells);
	rows->width = rows->count = 0;
}

struct numbered {
	int64_t number;
	size_t at;
};

static int by_number(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

void tsql_rows_unique(struct rows *rows)
{
	struct numbered *order = xcalloc(rows->count + 1, sizeof(*order));
	bool *again = xcalloc(rows->count + 1, sizeof(*again));
	size_t kept = 0;

	for (size_t i = 0; i < rows->count; i++)
		order[i] = (struct numbered){ rows->cells.items[i * rows->width].i, i };
	qsort(order, rows->count, sizeof(*order), by_number);
	for (size_t i = 1; i < rows->count; i++)
		again[order[i].at] = order[i].number == order[i - 1].number;
	for (size_t i = 0; i < rows->count; i++) {
		struct tsql_value *row = rows->cells.items + i * rows->width;
		if (again[i]) {
			for (size_t c = 0; c < rows->width; c++)
				tsql_value_release(&row[c]);
			continue;
		}
		if (kept != i)
			memcpy(rows->cells.items + kept * rows->width, row, rows->width * sizeof(*row));
		kept++;
	}
	rows->count = kept;
	rows->cells.len = kept * rows->width;
	free(order);
	free(again);
}

int tsql_rows_keep(void *ctx, const struct tsql_value *values, size_t count)
{
	struct tsql_rows_keep *c = ctx;

	if (c->rows->cells.len + count > ROWS_MAX)
		return sql_error(c->err, 1105, "The result is too large: at most %d values are kept for one statement or cursor.", ROWS_MAX);
	c->rows->width = count;
	c->rows->count++;
	for (size_t i = 0; i < count; i++)
		vec_push(&c->rows->cells, tsql_value_copy(&values[i]));
	return 0;
}

int tsql_rows_read(struct exec *e, struct query *q, struct rows *rows)
{
	struct select_plan *plan;
	struct tsql_rows_keep ctx = { .rows = rows, .err = e->err };
	int r = plan_get(e, q, &plan, e->err);

	if (r < 0)
		return r;
	plan_columns(plan, &rows->width);
	return plan_run(e, plan, tsql_rows_keep, &ctx, e->err);
}
