/* SPDX-License-Identifier: MIT */
/* Keyset paging of a view; see paging.h. */
#include "tui/paging.h"

#include <stdlib.h>
#include <string.h>

void paging_init(struct paging *paging, struct screen *screen, const struct paging_ops *ops,
    const struct grid_column *columns, size_t column_count, const char *filter)
{
	*paging = (struct paging){ .screen = screen, .ops = ops };
	pager_init(&paging->pager, ops->free_row);
	paging->grid = (struct grid){ .columns = columns, .count = column_count };
	paging->filter = xstrdup(filter ? filter : "");
}

void paging_release(struct paging *paging)
{
	export_cancel(paging->screen->app, paging);
	jobs_cancel(paging->screen->app->jobs, &paging->slot);
	pager_release(&paging->pager);
	free(paging->filter);
}

static bool is_reversed(enum pager_fetch want)
{
	return want == PAGER_LAST || want == PAGER_BEFORE;
}

struct pager_row *paging_decode(struct paging *paging, const struct tsql_rowset *rows, bool reversed)
{
	struct pager_row *list = xcalloc(rows->row_count + 1, sizeof(*list));

	for (size_t i = 0; i < rows->row_count; i++)
		list[reversed ? rows->row_count - 1 - i : i] = paging->ops->decode(paging->screen, rows, i);
	return list;
}

static void arrived(void *ctx, const struct job_result *result)
{
	struct paging *paging = ctx;
	size_t count = result->rows.row_count;
	enum pager_fetch want = paging->fetching;
	struct pager_row *rows;
	int64_t first, last;

	paging->fetching = PAGER_NOTHING;
	if (result->r < 0) {
		app_toast_err(paging->screen->app, &result->err);
		paging->pager.jump = PAGER_NOTHING;
		paging->pager.at_first = paging->pager.at_last = true;
		return;
	}
	rows = paging_decode(paging, &result->rows, is_reversed(want));
	first = count ? rows[0].id : 0;
	last = count ? rows[count - 1].id : 0;
	pager_take(&paging->pager, want, paging->fetching_id, rows, count, count < paging->fetching_rows);
	free(rows);
	if (paging->ops->arrived)
		paging->ops->arrived(paging->screen, want, first, last);
}

bool paging_begin(struct paging *paging, const struct page_source *source, const char *columns,
    const char *condition, struct buf *batch, struct job_params *params)
{
	struct buf where = BUF_INIT, guard = BUF_INIT;
	struct err err;
	int r;

	if (paging->ops->add_params)
		paging->ops->add_params(paging->screen, params);
	r = filter_compile(source->fields, source->field_count, paging->filter, &where, &guard, params, &err);
	if (guard.len) /* else the batch has no rows */
		buf_addf(batch, "IF 1 = 1%s ", guard.data);
	buf_addf(batch, "SELECT TOP (@rows) %s%s%s%s", columns, source->from, condition, where.data);
	buf_release(&where);
	buf_release(&guard);
	if (r < 0)
		app_toast_err(paging->screen->app, &err);
	return r == 0;
}

static bool is_descending(const struct paging *paging, const struct page_source *source)
{
	return paging->order ? !paging->order->rising : source->descending;
}

void paging_place(const struct paging *paging, const struct page_source *source, enum pager_fetch want,
    struct buf *ret_condition, struct buf *ret_order)
{
	bool back = is_reversed(want), rising = back == is_descending(paging, source);
	const char *column = paging->order ? paging->order->column : NULL, *op = rising ? ">" : "<";
	const char *also = want == PAGER_FROM ? "=" : "", *direction = rising ? "ASC" : "DESC";

	if (want == PAGER_FIRST || want == PAGER_LAST) {
		if (column)
			buf_addf(ret_condition, " AND %s IS NOT NULL", column);
	} else if (column) {
		/* The first condition is the range of the index, the second the place in it. */
		buf_addf(ret_condition, " AND %s %s= @place AND (%s %s @place OR %s %s%s @key)", column, op, column, op,
		    source->key, op, also);
	} else {
		buf_addf(ret_condition, " AND %s %s%s @key", source->key, op, also);
	}
	buf_adds(ret_order, " ORDER BY ");
	if (column)
		buf_addf(ret_order, "%s %s, ", column, direction);
	buf_addf(ret_order, "%s %s", source->key, direction);
}

/* What the row with this id has in the column of the order; false when it is not there any more. */
static bool order_value(const struct paging *paging, int64_t id, int64_t *ret)
{
	for (size_t i = 0; i < paging->pager.len; i++) {
		if (paging->pager.rows[i].id == id) {
			*ret = paging->ops->order_value(paging->pager.rows[i].data, paging->order);
			return true;
		}
	}
	return false;
}

void paging_fetch(struct paging *paging, const struct page_source *source)
{
	struct buf batch = BUF_INIT, condition = BUF_INIT, order = BUF_INIT;
	struct job_params params = { 0 };
	int64_t id, value = 0;
	enum pager_fetch want = pager_want(&paging->pager, &id);
	size_t rows = pager_batch(&paging->pager);

	if (want == PAGER_NOTHING || (job_slot_busy(&paging->slot) && paging->fetching == want))
		return;
	job_params_bigint(&params, "@rows", (int64_t)rows);
	job_params_bigint(&params, "@key", id);
	if (paging->order && paging->order->column && want != PAGER_FIRST && want != PAGER_LAST) {
		if (order_value(paging, id, &value))
			job_params_add(&params, "@place", tsql_datetimeoffset(value));
		else
			paging->pager.jump = want = PAGER_FIRST;
	}
	paging_place(paging, source, want, &condition, &order);
	if (!paging_begin(paging, source, source->columns, condition.data, &batch, &params)) {
		paging->pager.jump = PAGER_NOTHING;
	} else {
		buf_add(&batch, order.data, order.len);
		paging->fetching = want;
		paging->fetching_id = id;
		paging->fetching_rows = rows;
		/* A filter is still being typed while its rows are looked for. */
		jobs_submit(paging->screen->app->jobs,
		    *paging->filter ? JOB_SCAN : paging->pager.loaded ? JOB_FRONT : JOB_AWAITED, &paging->slot,
		    batch.data, &params, rows, arrived, paging);
	}
	job_params_release(&params);
	buf_release(&batch);
	buf_release(&condition);
	buf_release(&order);
}

void paging_set_order(struct paging *paging, const struct page_order *order)
{
	paging->order = order;
	jobs_cancel(paging->screen->app->jobs, &paging->slot);
	pager_reset(&paging->pager);
}

bool paging_set_filter(struct paging *paging, const char *text)
{
	if (strcmp(paging->filter, text) == 0)
		return false;
	free(paging->filter);
	paging->filter = xstrdup(text);
	jobs_cancel(paging->screen->app->jobs, &paging->slot);
	pager_reset(&paging->pager);
	return true;
}

void paging_draw(struct paging *paging, const struct view *view)
{
	struct view list = view_part(view, 1, 0, view->h - 1, view->w);
	struct pager *pager = &paging->pager;

	grid_layout(&paging->grid, view->w);
	grid_draw_header(&paging->grid, view, 0);
	pager_set_page(pager, (size_t)(list.h > 0 ? list.h : 1));
	for (int y = 0; y < list.h; y++) {
		size_t row = pager->cursor.top + (size_t)y;
		struct grid_row_look look = { .focused = true, .current = row == pager->cursor.pos };

		if (row >= pager->len)
			break;
		look.marked = paging->ops->marked && paging->ops->marked(paging->screen, pager->rows[row].id);
		grid_draw_row(&paging->grid, &list, y, look, pager->rows[row].data, paging->ops->cell);
	}
	if (pager->len == 0)
		view_text(&list, 0, 2, list.w - 2, ROLE_DIM,
		    !pager->loaded ? "reading..." : *paging->filter ? "nothing matches the filter"
								     : paging->ops->empty);
}

void *paging_current(const struct paging *paging)
{
	struct pager_row *row = pager_current(&paging->pager);

	return row ? row->data : NULL;
}

bool paging_click(struct paging *paging, int y)
{
	size_t row = paging->pager.cursor.top + (size_t)y - 1;

	if (y < 1 || (size_t)y > paging->pager.cursor.page || row >= paging->pager.len)
		return false;
	cursor_move_to(&paging->pager.cursor, row, paging->pager.len);
	return true;
}
