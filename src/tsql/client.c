/* SPDX-License-Identifier: MIT */
/* The client's side that is the same for every kind of server: dispatch, and a rowset kept in memory. */
#include "tsql/client.h"

#include "base/mem.h"
#include "base/utf8.h"

int tsql_client_run(struct tsql_client *client, const char *batch, struct tsql_param *params, size_t param_count,
    const struct tsql_sink *sink, struct err *err)
{
	return client->ops->run(client, batch, params, param_count, sink, err);
}

void tsql_client_cancel(struct tsql_client *client)
{
	client->ops->cancel(client);
}

void tsql_client_rearm(struct tsql_client *client)
{
	if (client->ops->rearm)
		client->ops->rearm(client);
}

void tsql_client_close(struct tsql_client *client)
{
	if (client)
		client->ops->close(client);
}

/* --- a rowset --- */

struct keep {
	struct tsql_rowset *rowset;
	size_t max_rows, cap;
	bool over, complete, too_many;
};

static int keep_columns(void *ctx, const struct tsql_column *columns, size_t count)
{
	struct keep *k = ctx;

	if (k->complete)
		return 0; /* only the first rowset is kept */
	if (k->rowset->columns) {
		k->complete = true;
		return 0;
	}
	k->rowset->columns = xcalloc(count + 1, sizeof(*columns));
	k->rowset->column_count = count;
	for (size_t i = 0; i < count; i++) {
		k->rowset->columns[i].decl = columns[i].decl;
		k->rowset->columns[i].name = xstrdup(columns[i].name);
	}
	return 0;
}

static int keep_row(void *ctx, const struct tsql_value *values, size_t count)
{
	struct keep *k = ctx;
	struct tsql_rowset *r = k->rowset;

	if (k->complete)
		return 0;
	if (r->row_count >= k->max_rows) {
		k->too_many = true;
		return 1;
	}
	if (r->row_count == k->cap) {
		k->cap = k->cap ? k->cap * 2 : 16;
		r->cells = xreallocarray(r->cells, k->cap * (count ? count : 1), sizeof(*r->cells));
	}
	for (size_t i = 0; i < count; i++)
		r->cells[r->row_count * count + i] = tsql_value_copy(&values[i]);
	r->row_count++;
	return 0;
}

static int keep_done(void *ctx, int64_t rows)
{
	struct keep *k = ctx;

	(void)rows;
	k->complete = k->complete || k->rowset->columns;
	return 0;
}

int tsql_client_query(struct tsql_client *client, const char *batch, struct tsql_param *params, size_t param_count,
    size_t max_rows, struct tsql_rowset *ret, struct err *err)
{
	struct tsql_rowset rowset = { 0 };
	struct keep k = { .rowset = &rowset, .max_rows = max_rows };
	struct tsql_sink sink = { &k, keep_columns, keep_row, keep_done, NULL };
	int r = tsql_client_run(client, batch, params, param_count, &sink, err);

	if (k.too_many)
		r = err_set(err, ERR_LIMIT, "the query gives more than %zu rows", max_rows);
	if (r < 0) {
		tsql_rowset_release(&rowset);
		return r;
	}
	*ret = rowset;
	return 0;
}

void tsql_rowset_release(struct tsql_rowset *rowset)
{
	for (size_t i = 0; i < rowset->row_count * rowset->column_count; i++)
		tsql_value_release(&rowset->cells[i]);
	for (size_t i = 0; i < rowset->column_count; i++)
		free((char *)rowset->columns[i].name);
	free(rowset->columns);
	free(rowset->cells);
	*rowset = (struct tsql_rowset){ 0 };
}

const struct tsql_value *tsql_rowset_get(const struct tsql_rowset *rowset, size_t row, const char *column)
{
	if (row >= rowset->row_count)
		return NULL;
	for (size_t i = 0; i < rowset->column_count; i++)
		if (utf8_casecmp(rowset->columns[i].name, column) == 0)
			return &rowset->cells[row * rowset->column_count + i];
	return NULL;
}
