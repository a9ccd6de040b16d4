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

/* " AND id < @key", or nothing at the ends of the list. */
static char *key_condition(const struct page_source *source, enum pager_fetch want)
{
	/* In a rising list; a falling one has them the other way round. */
	static const char *const rising[] = { [PAGER_BEFORE] = "<", [PAGER_AFTER] = ">", [PAGER_FROM] = ">=" };
	static const char *const falling[] = { [PAGER_BEFORE] = ">", [PAGER_AFTER] = "<", [PAGER_FROM] = "<=" };

	if (want == PAGER_FIRST || want == PAGER_LAST)
		return xstrdup("");
	return xasprintf(" AND %s %s @key", source->key, (source->descending ? falling : rising)[want]);
}

void paging_fetch(struct paging *paging, const struct page_source *source)
{
	struct buf batch = BUF_INIT;
	struct job_params params = { 0 };
	int64_t id;
	enum pager_fetch want = pager_want(&paging->pager, &id);
	size_t rows = pager_batch(&paging->pager);
	char *condition;

	if (want == PAGER_NOTHING || (job_slot_busy(&paging->slot) && paging->fetching == want))
		return;
	condition = key_condition(source, want);
	job_params_bigint(&params, "@rows", (int64_t)rows);
	job_params_bigint(&params, "@key", id);
	if (!paging_begin(paging, source, source->columns, condition, &batch, &params)) {
		paging->pager.jump = PAGER_NOTHING;
	} else {
		buf_addf(&batch, " ORDER BY %s %s", source->key,
		    is_reversed(want) == source->descending ? "ASC" : "DESC");
		paging->fetching = want;
		paging->fetching_id = id;
		paging->fetching_rows = rows;
		jobs_submit(paging->screen->app->jobs, *paging->filter ? JOB_SCAN : JOB_FRONT, &paging->slot,
		    batch.data, &params, rows, arrived, paging);
	}
	free(condition);
	job_params_release(&params);
	buf_release(&batch);
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
