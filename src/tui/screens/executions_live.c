/* SPDX-License-Identifier: MIT */
/*
 * What All Executions reads: its filters and orders, and the live updates.
 *
 * A live update reads only rows newer than the newest one and the shown rows
 * that have not ended, these together with the counters of the same moment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/app.h"
#include "tui/screens/executions.h"

#define LIVE_MS 1000
#define LIVE_IDLE_MS 3000 /* nothing runs: only look for newer rows */
#define LIVE_ROWS 200

static const struct filter_field filter_fields[] = {
	{ "id", FILTER_NUMBER, "execution_id", true, NULL },
	{ "status", FILTER_CODE, "status", false, &code_status },
	{ "folder", FILTER_NAME, "folder_name", true, NULL },
	{ "project", FILTER_NAME, "project_name", true, NULL },
	{ "package", FILTER_NAME, "package_name", true, NULL },
	{ "environment", FILTER_TEXT, "environment_name", false, NULL },
	{ "caller", FILTER_TEXT, "caller_name", false, NULL },
	{ "machine", FILTER_TEXT, "machine_name", false, NULL },
};

/* Those that have an index, and no others: a page costs the same at any size. */
const struct page_order executions_orders[EXECUTIONS_ORDERS] = {
	{ "id desc", "ID, newest first", NULL, false },
	{ "id", "ID, oldest first", NULL, true },
	{ "created desc", "Created, latest first", "created_time", false },
	{ "created", "Created, earliest first", "created_time", true },
	{ "start desc", "Start Time, latest first (started ones)", "start_time", false },
	{ "start", "Start Time, earliest first (started ones)", "start_time", true },
	{ "end desc", "End Time, latest first (ended ones)", "end_time", false },
	{ "end", "End Time, earliest first (ended ones)", "end_time", true },
};

const struct page_source executions_source = { .columns = EXECUTION_COLUMNS, .from = EXECUTION_FROM, .key = "execution_id",
	.descending = true, .fields = filter_fields, .field_count = ARRAY_LEN(filter_fields) };

int64_t executions_order_value(const void *row, const struct page_order *order)
{
	const struct execution *e = row;

	return order->column[0] == 'c' ? e->created : order->column[0] == 's' ? e->started : e->ended;
}

void executions_arrived(struct screen *screen, enum pager_fetch want, int64_t first, int64_t last)
{
	struct executions *s = executions_of(screen);

	(void)first;
	(void)last;
	if (want != PAGER_FIRST)
		return;
	s->new_rows = 0;
	/* What runs is known now: look again, with the counters of that moment. */
	jobs_cancel(screen->app->jobs, &s->live);
	s->live_due = 0;
}

static void newer_loaded(void *ctx, const struct job_result *result)
{
	struct executions *s = ctx;
	int64_t first = s->list.pager.len ? s->list.pager.rows[0].id : 0;
	struct pager_row *rows;
	size_t added, fresh = 0;

	if (result->r < 0 || result->rows.row_count == 0)
		return;
	rows = paging_decode(&s->list, &result->rows, true);
	/* The page may have been read again meanwhile. */
	while (fresh < result->rows.row_count && rows[fresh].id > first)
		fresh++;
	for (size_t i = fresh; i < result->rows.row_count; i++)
		execution_free(rows[i].data);
	added = pager_prepend(&s->list.pager, rows, fresh);
	free(rows);
	if (added && s->follow)
		cursor_move_to(&s->list.pager.cursor, 0, s->list.pager.len);
	if (s->list.pager.cursor.top > 0)
		s->new_rows += (int64_t)added;
}

static void read_newer(struct executions *s)
{
	struct buf batch = BUF_INIT;
	struct job_params params = { 0 };

	/* In another order new rows have no place at the top; F5 reads them. */
	if (s->list.order || !s->list.pager.at_first || !s->list.pager.loaded || job_slot_busy(&s->newer))
		return;
	job_params_bigint(&params, "@rows", LIVE_ROWS);
	job_params_bigint(&params, "@key", s->list.pager.len ? s->list.pager.rows[0].id : 0);
	if (paging_begin(&s->list, &executions_source, EXECUTION_COLUMNS, " AND execution_id > @key", &batch, &params)) {
		buf_adds(&batch, " ORDER BY execution_id ASC");
		jobs_submit(s->screen.app->jobs, JOB_BACK, &s->newer, batch.data, &params, LIVE_ROWS,
		    newer_loaded, s);
	}
	job_params_release(&params);
	buf_release(&batch);
}

/* Counters and rows of one moment: a row without an id counts the executions of its status. */
static void live_loaded(void *ctx, const struct job_result *result)
{
	struct executions *s = ctx;

	if (result->r < 0)
		return;
	memset(s->count, 0, sizeof(s->count));
	s->counted = true;
	for (size_t i = 0; i < result->rows.row_count; i++) {
		int64_t status = cell_int(&result->rows, i, "status", 0);

		if (!cell_is_null(&result->rows, i, "execution_id")) {
			struct pager_row row = execution_decode(&result->rows, i, &s->now);

			pager_replace(&s->list.pager, row.id, row.data);
		} else if (status > 0 && status < (int64_t)ARRAY_LEN(s->count)) {
			s->count[status] = cell_int(&result->rows, i, "executed_count", 0);
		}
	}
}

size_t executions_read_live(struct executions *s)
{
	struct buf batch = BUF_INIT;
	struct job_params params = { 0 };
	size_t last = s->list.pager.cursor.top + s->list.pager.cursor.page;

	for (size_t i = s->list.pager.cursor.top; i < last && i < s->list.pager.len; i++) {
		const struct execution *e = s->list.pager.rows[i].data;
		char name[24];

		if (status_is_final(e->status))
			continue;
		snprintf(name, sizeof(name), "@k%zu", params.len);
		buf_adds(&batch, params.len ? ", " : "SELECT " EXECUTION_COLUMNS EXECUTION_FROM " AND execution_id IN (");
		buf_adds(&batch, name);
		job_params_bigint(&params, name, e->id);
	}
	size_t count = params.len;
	if (count > 0)
		buf_adds(&batch, ") UNION ALL ");
	buf_adds(&batch, EXECUTION_COUNTS);
	if (!job_slot_busy(&s->live))
		jobs_submit(s->screen.app->jobs, JOB_BACK, &s->live, batch.data, &params,
		    count + ARRAY_LEN(s->count), live_loaded, s);
	job_params_release(&params);
	buf_release(&batch);
	return count;
}

int64_t executions_tick(struct screen *screen, int64_t now)
{
	struct executions *s = executions_of(screen);

	if (app_subject(screen->app) != screen)
		return 0;
	paging_fetch(&s->list, &executions_source);
	/* Paused, the counters are looked at with the first page only, whenever that is read. */
	if ((s->paused || screen->app->options.slow) && s->counted && s->live_due)
		return 0;
	if (now >= s->live_due) {
		bool active = executions_read_live(s) > 0;

		s->now = clock_wall();
		read_newer(s);
		s->live_due = now + (active ? LIVE_MS : LIVE_IDLE_MS);
		/* Durations of running rows go on. */
		screen->app->dirty |= active;
	}
	return s->live_due;
}
