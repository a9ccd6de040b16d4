/* SPDX-License-Identifier: MIT */
/*
 * All Executions: counters, and a live, keyset-paged list of any length.
 *
 * The list is ordered by execution id, newest first, and read a few pages at a
 * time. A live update reads only rows newer than the newest one and the shown
 * rows that have not ended, these together with the counters of the same
 * moment, which come from execution_counts.
 */
#include "tui/screens/screens.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/app.h"
#include "tui/paging.h"
#include "tui/screens/queue_actions.h"
#include "tui/text.h"

#define LIVE_MS 1000
#define LIVE_IDLE_MS 3000 /* nothing runs: only look for newer rows */
#define LIVE_ROWS 200

#define COLUMNS \
	"execution_id, status, folder_name, project_name, package_name, created_time, start_time, " \
	"end_time, environment_name, caller_name, machine_name, executed_count"
#define FROM " FROM [SSISDB].[catalog].[executions] WHERE 1 = 1"
/* In the columns of a row. */
#define COUNTS \
	"SELECT NULL AS execution_id, status, NULL AS folder_name, NULL AS project_name, NULL AS package_name, " \
	"NULL AS created_time, NULL AS start_time, NULL AS end_time, NULL AS environment_name, " \
	"NULL AS caller_name, NULL AS machine_name, executions AS executed_count " \
	"FROM [SSISDB].[scaleout].[execution_counts]"

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
static const struct page_order orders[] = {
	{ "id desc", "ID, newest first", NULL, false },
	{ "id", "ID, oldest first", NULL, true },
	{ "created desc", "Created, latest first", "created_time", false },
	{ "created", "Created, earliest first", "created_time", true },
	{ "start desc", "Start Time, latest first (started ones)", "start_time", false },
	{ "start", "Start Time, earliest first (started ones)", "start_time", true },
	{ "end desc", "End Time, latest first (ended ones)", "end_time", false },
	{ "end", "End Time, earliest first (ended ones)", "end_time", true },
};

static const struct page_source source = { .columns = COLUMNS, .from = FROM, .key = "execution_id",
	.descending = true, .fields = filter_fields, .field_count = ARRAY_LEN(filter_fields) };

enum column {
	COL_ID,
	COL_STATUS,
	COL_FOLDER,
	COL_PROJECT,
	COL_PACKAGE,
	COL_START,
	COL_END,
	COL_DURATION,
	COL_MACHINE,
	COL_TRIES,
	COL_CALLER,
	COL_ENVIRONMENT,
	COL_COUNT
};

static const struct grid_column columns[] = {
	[COL_ID] = { "ID", 8, 8, 1, true, true },
	[COL_STATUS] = { "Status", 12, 12, 1, false, true },
	[COL_FOLDER] = { "Folder Name", 20, 7, 2, false, false },
	[COL_PROJECT] = { "Project Name", 24, 12, 4, false, false },
	[COL_PACKAGE] = { "Package Name", 30, 14, 1, false, false },
	[COL_START] = { "Start Time", 14, 14, 1, false, false },
	[COL_END] = { "End Time", 8, 8, 3, false, false },
	[COL_DURATION] = { "Duration", 8, 8, 1, true, false },
	[COL_MACHINE] = { "Machine", 16, 10, 5, false, false },
	[COL_TRIES] = { "Tries", 5, 5, 6, true, false },
	[COL_CALLER] = { "Caller", 16, 10, 7, false, false },
	[COL_ENVIRONMENT] = { "Environment", 16, 10, 8, false, false },
};
_Static_assert(ARRAY_LEN(columns) == COL_COUNT, "every column has a row");

struct executions;
struct execution {
	const struct executions *owner;
	int64_t id, status, created, started, ended, tries;
	char *folder, *project, *package, *environment, *caller, *machine;
};

struct executions {
	struct screen screen;
	struct paging list;
	struct job_slot newer, live;
	VEC(int64_t) marks;
	int64_t count[10]; /* by status */
	bool counted, paused, follow;
	int64_t live_due, new_rows;
	int64_t now; /* until which running executions are shown; moves on with the live updates only */
};

static struct executions *self_of(struct screen *screen)
{
	return (struct executions *)screen;
}

static void free_execution(void *data)
{
	struct execution *e = data;

	free(e->folder);
	free(e->project);
	free(e->package);
	free(e->environment);
	free(e->caller);
	free(e->machine);
	free(e);
}

static struct pager_row decode(struct screen *screen, const struct tsql_rowset *rows, size_t row)
{
	struct execution *e = xcalloc(1, sizeof(*e));

	e->owner = self_of(screen);
	e->id = cell_int(rows, row, "execution_id", 0);
	e->status = cell_int(rows, row, "status", 0);
	e->created = cell_int(rows, row, "created_time", 0);
	e->started = cell_int(rows, row, "start_time", 0);
	e->ended = cell_int(rows, row, "end_time", 0);
	e->tries = cell_int(rows, row, "executed_count", 0);
	e->folder = cell_text(rows, row, "folder_name");
	e->project = cell_text(rows, row, "project_name");
	e->package = cell_text(rows, row, "package_name");
	e->environment = cell_text(rows, row, "environment_name");
	e->caller = cell_text(rows, row, "caller_name");
	e->machine = cell_text(rows, row, "machine_name");
	return (struct pager_row){ e->id, e };
}

static struct execution *current(const struct executions *s)
{
	return paging_current(&s->list);
}

/* --- reading --- */

static void page_arrived(struct screen *screen, enum pager_fetch want, int64_t first, int64_t last)
{
	struct executions *s = self_of(screen);

	(void)first;
	(void)last;
	if (want != PAGER_FIRST)
		return;
	s->new_rows = 0;
	/* What runs is known now: look again, with the counters of that moment. */
	jobs_cancel(screen->app->jobs, &s->live);
	s->live_due = 1;
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
		free_execution(rows[i].data);
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
	if (paging_begin(&s->list, &source, COLUMNS, " AND execution_id > @key", &batch, &params)) {
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
			struct pager_row row = decode(&s->screen, &result->rows, i);

			pager_replace(&s->list.pager, row.id, row.data);
		} else if (status > 0 && status < (int64_t)ARRAY_LEN(s->count)) {
			s->count[status] = cell_int(&result->rows, i, "executed_count", 0);
		}
	}
}

/* Read the counters, and again the shown rows that can still change. Returns how many those are. */
static size_t read_live(struct executions *s)
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
		buf_adds(&batch, params.len ? ", " : "SELECT " COLUMNS FROM " AND execution_id IN (");
		buf_adds(&batch, name);
		job_params_bigint(&params, name, e->id);
	}
	size_t count = params.len;
	if (count > 0)
		buf_adds(&batch, ") UNION ALL ");
	buf_adds(&batch, COUNTS);
	if (!job_slot_busy(&s->live))
		jobs_submit(s->screen.app->jobs, JOB_BACK, &s->live, batch.data, &params,
		    count + ARRAY_LEN(s->count), live_loaded, s);
	job_params_release(&params);
	buf_release(&batch);
	return count;
}

static int64_t tick(struct screen *screen, int64_t now)
{
	struct executions *s = self_of(screen);

	if (app_subject(screen->app) != screen)
		return 0;
	paging_fetch(&s->list, &source);
	/* Paused, only the first look at the counters is taken. */
	if ((s->paused || screen->app->options.slow) && s->counted)
		return 0;
	if (now >= s->live_due) {
		bool active = read_live(s) > 0;

		s->now = clock_wall();
		read_newer(s);
		s->live_due = now + (active ? LIVE_MS : LIVE_IDLE_MS);
		/* Durations of running rows go on. */
		screen->app->dirty |= active;
	}
	return s->live_due;
}

/* --- drawing --- */

static void format_time(int64_t ticks, struct buf *ret)
{
	char text[24];

	if (ticks == 0)
		return;
	clock_format_local(ticks, text, sizeof(text));
	buf_adds(ret, text + 5); /* without the year */
}

/* The time of day, after the days since the start when it is another day: "23:59:58", "+1 00:04". */
static void format_end(const struct execution *e, struct buf *ret)
{
	char start[24], end[24];

	if (e->ended == 0)
		return;
	clock_format_local(e->ended, end, sizeof(end));
	clock_format_local(e->started ? e->started : e->ended, start, sizeof(start));
	if (strncmp(start, end, 10) == 0)
		buf_adds(ret, end + 11);
	else
		buf_addf(ret, "+%lld %.5s", (long long)((e->ended - e->started + 24 * 3600 * TICKS_PER_SECOND - 1) /
			(24 * 3600 * TICKS_PER_SECOND)), end + 11);
}

static void format_duration(const struct execution *e, struct buf *ret)
{
	if (e->started == 0)
		return;
	if (e->ended == 0 && status_is_final(e->status))
		return;
	duration_format((e->ended ? e->ended : e->owner->now) - e->started, ret);
}

static void cell(const void *row, size_t column, bool ascii, struct buf *ret, enum role *role)
{
	const struct execution *e = row;
	const struct code *status;

	switch ((enum column)column) {
	case COL_ID:
		buf_addf(ret, "%lld", (long long)e->id);
		break;
	case COL_STATUS:
		status = code_find(&code_status, e->status);
		code_format(status, ascii, ret);
		*role = status->role;
		break;
	case COL_FOLDER:
		buf_adds(ret, e->folder);
		break;
	case COL_PROJECT:
		buf_adds(ret, e->project);
		break;
	case COL_PACKAGE:
		buf_adds(ret, e->package);
		break;
	case COL_START:
		format_time(e->started, ret);
		break;
	case COL_END:
		format_end(e, ret);
		break;
	case COL_DURATION:
		format_duration(e, ret);
		break;
	case COL_MACHINE:
		buf_adds(ret, e->machine);
		break;
	case COL_TRIES:
		buf_addf(ret, "%lld", (long long)e->tries);
		break;
	case COL_CALLER:
		buf_adds(ret, e->caller);
		break;
	case COL_ENVIRONMENT:
		buf_adds(ret, e->environment);
		break;
	case COL_COUNT:
		break;
	}
}

/* For files: whole times, words without marks. */
static void export_cell(const void *row, size_t column, bool ascii, struct buf *ret, enum role *role)
{
	const struct execution *e = row;
	int64_t time = column == COL_START ? e->started : e->ended;
	char text[40];

	if (column == COL_STATUS) {
		buf_adds(ret, code_find(&code_status, e->status)->word);
	} else if (column == COL_START || column == COL_END) {
		clock_format_utc(time, text, sizeof(text));
		buf_adds(ret, time ? text : "");
	} else if (column == COL_DURATION) {
		if (e->started && e->ended)
			buf_addf(ret, "%.3f", (double)(e->ended - e->started) / (double)TICKS_PER_SECOND);
	} else {
		cell(row, column, ascii, ret, role);
	}
}

static int64_t order_value(const void *row, const struct page_order *order)
{
	const struct execution *e = row;

	return order->column[0] == 'c' ? e->created : order->column[0] == 's' ? e->started : e->ended;
}

static void put_count(const struct view *view, int *x, const char *label, int64_t count, enum role role,
    bool known)
{
	char *text = known ? xasprintf("%s %lld", label, (long long)count) : xasprintf("%s ~", label);
	int width = text_width(text);

	view_text(view, 0, *x, width, count ? role : ROLE_NORMAL, text);
	*x += width + 3;
	free(text);
}

static void draw_counters(struct executions *s, const struct view *view)
{
	const int64_t *n = s->count;
	int64_t others = n[STATUS_CREATED] + n[STATUS_CANCELED] + n[STATUS_PENDING] + n[STATUS_UNEXPECTED] +
	    n[STATUS_STOPPING] + n[STATUS_COMPLETED];
	struct buf state = BUF_INIT;
	int x = 1;

	put_count(view, &x, "Failed", n[STATUS_FAILED], ROLE_BAD, s->counted);
	put_count(view, &x, "Running", n[STATUS_RUNNING], ROLE_BUSY, s->counted);
	put_count(view, &x, "Succeeded", n[STATUS_SUCCEEDED], ROLE_GOOD, s->counted);
	put_count(view, &x, "Others", others, ROLE_NORMAL, s->counted);
	if (s->marks.len)
		buf_addf(&state, "%zu marked  ", s->marks.len);
	if (s->new_rows)
		buf_addf(&state, "%lld new  ", (long long)s->new_rows);
	if (s->list.order)
		buf_addf(&state, "by %s  ", s->list.order->name);
	if (s->paused || view->theme->slow)
		buf_adds(&state, "paused ");
	else
		buf_adds(&state, s->follow ? "following " : "live ");
	if (view->w - x > (int)state.len)
		view_right(view, 0, x, view->w - x, ROLE_DIM, state.data);
	buf_release(&state);
}

static bool is_marked(const struct screen *screen, int64_t id)
{
	const struct executions *s = (const struct executions *)screen;

	for (size_t i = 0; i < s->marks.len; i++) {
		if (s->marks.items[i] == id)
			return true;
	}
	return false;
}

static void draw(struct screen *screen, const struct view *view)
{
	struct executions *s = self_of(screen);
	struct view list = view_part(view, 1, 0, view->h - 1, view->w);

	draw_counters(s, view);
	paging_draw(&s->list, &list);
}

/* --- commands --- */

static void open_overview(struct screen *screen)
{
	const struct execution *e = current(self_of(screen));

	if (e)
		app_push(screen->app, overview_new(screen->app, e->id));
}

static void open_messages(struct screen *screen)
{
	const struct execution *e = current(self_of(screen));

	if (e)
		app_push(screen->app, messages_new(screen->app, e->id, false, NULL));
}

static void open_error(struct screen *screen)
{
	const struct execution *e = current(self_of(screen));

	if (e)
		app_push(screen->app, messages_new(screen->app, e->id, true, NULL));
}

static void mark(struct screen *screen)
{
	struct executions *s = self_of(screen);
	const struct execution *e = current(s);

	if (!e)
		return;
	for (size_t i = 0; i < s->marks.len; i++) {
		if (s->marks.items[i] == e->id) {
			s->marks.items[i] = s->marks.items[--s->marks.len];
			pager_command(&s->list.pager, CMD_DOWN);
			return;
		}
	}
	vec_push(&s->marks, e->id);
	pager_command(&s->list.pager, CMD_DOWN);
}

static void mark_invert(struct screen *screen)
{
	struct executions *s = self_of(screen);
	VEC(int64_t) marks = { 0 };

	for (size_t i = 0; i < s->list.pager.len; i++) {
		if (!is_marked(screen, s->list.pager.rows[i].id))
			vec_push(&marks, s->list.pager.rows[i].id);
	}
	free(s->marks.items);
	s->marks.items = marks.items;
	s->marks.len = marks.len;
	s->marks.cap = marks.cap;
}

static void mark_clear(struct screen *screen)
{
	self_of(screen)->marks.len = 0;
}

static void stop(struct screen *screen)
{
	struct executions *s = self_of(screen);
	const struct execution *e = current(s);

	if (s->marks.len) {
		char *what = xasprintf("the %zu marked executions", s->marks.len);

		stop_operations(screen, s->marks.items, (int)s->marks.len, what);
		free(what);
	} else if (e) {
		char *what = xasprintf("execution %lld (%s)", (long long)e->id, e->package);

		stop_operations(screen, &e->id, 1, what);
		free(what);
	}
	s->live_due = 1;
}

static void priority(struct screen *screen)
{
	struct executions *s = self_of(screen);
	const struct execution *e = current(s);
	char *what = s->marks.len ? xasprintf("the %zu marked executions", s->marks.len)
				  : xasprintf("execution %lld (%s)", (long long)e->id, e->package);

	wish_begin(screen, s->marks.len ? s->marks.items : &e->id, s->marks.len ? s->marks.len : 1, what);
	free(what);
	s->live_due = 1;
}

static void choose_status(struct screen *screen)
{
	struct executions *s = self_of(screen);
	const char *words[16] = { 0 };
	bool checked[16] = { false };
	struct buf filter = BUF_INIT;

	for (size_t i = 0; i < code_status.len; i++)
		words[i] = code_status.items[i].word;
	if (!dlg_checklist(&screen->app->dialogs, "Show executions that are", words, code_status.len, checked))
		return;
	for (size_t i = 0; i < code_status.len; i++) {
		if (checked[i])
			buf_addf(&filter, "%s%s", filter.len ? "," : "status:", words[i]);
	}
	/* The other terms of the filter stay. */
	for (const char *at = s->list.filter; *at;) {
		size_t len = strcspn(at, " ");

		if (len > 0 && strncmp(at, "status:", 7) != 0)
			buf_addf(&filter, "%s%.*s", filter.len ? " " : "", (int)len, at);
		at += len + strspn(at + len, " ");
	}
	screen->ops->set_filter(screen, filter.data);
	buf_release(&filter);
}

static void set_order(struct executions *s, size_t which)
{
	/* The first is the list's own, in which it is live. */
	paging_set_order(&s->list, which ? &orders[which] : NULL);
	s->follow = false;
	s->live_due = 1;
}

static void sort(struct screen *screen)
{
	struct executions *s = self_of(screen);
	const char *titles[ARRAY_LEN(orders)];
	int chosen;

	for (size_t i = 0; i < ARRAY_LEN(orders); i++)
		titles[i] = orders[i].title;
	chosen = dlg_pick(&screen->app->dialogs, "Sort by", titles, ARRAY_LEN(orders),
	    s->list.order ? (size_t)(s->list.order - orders) : 0);
	screen->app->dirty = true;
	if (chosen < 0)
		return;
	set_order(s, (size_t)chosen);
	app_remember(screen->app, "executions.order", orders[chosen].name);
}

static void choose_columns(struct screen *screen)
{
	struct executions *s = self_of(screen);
	const char *titles[COL_COUNT];
	bool checked[COL_COUNT];
	struct buf names = BUF_INIT;

	for (size_t i = 0; i < COL_COUNT; i++) {
		titles[i] = columns[i].title;
		checked[i] = !(s->list.grid.hidden >> i & 1);
	}
	if (dlg_checklist(&screen->app->dialogs, "Columns (those that do not fit: > scrolls)", titles, COL_COUNT, checked)) {
		s->list.grid.hidden = 0;
		for (size_t i = 0; i < COL_COUNT; i++) {
			/* Without its number and its state a row says nothing. */
			if (!checked[i] && i != COL_ID && i != COL_STATUS) {
				s->list.grid.hidden |= 1U << i;
				buf_addf(&names, "%s%s", names.len ? "," : "", columns[i].title);
			}
		}
		app_remember(screen->app, "executions.hidden", names.data);
	}
	screen->app->dirty = true;
	buf_release(&names);
}

/* Order and columns as they were left. */
static void recall(struct executions *s)
{
	const char *order = state_get(&s->screen.app->state, "executions.order");
	const char *hidden = state_get(&s->screen.app->state, "executions.hidden");

	for (size_t i = 1; order && i < ARRAY_LEN(orders); i++) {
		if (strcmp(orders[i].name, order) == 0)
			s->list.order = &orders[i];
	}
	while (hidden && *hidden) {
		size_t len = strcspn(hidden, ",");

		for (size_t i = COL_STATUS + 1; i < COL_COUNT; i++) {
			if (strlen(columns[i].title) == len && strncmp(columns[i].title, hidden, len) == 0)
				s->list.grid.hidden |= 1U << i;
		}
		hidden += len + (hidden[len] == ',');
	}
}

static void export(struct screen *screen)
{
	export_begin(&self_of(screen)->list, &source);
}

static void pause_live(struct screen *screen)
{
	struct executions *s = self_of(screen);

	s->paused = !s->paused;
	s->live_due = 1;
}

static void follow(struct screen *screen)
{
	struct executions *s = self_of(screen);

	s->follow = !s->follow;
	if (s->follow)
		pager_command(&s->list.pager, CMD_HOME);
}

static void scroll_left(struct screen *screen)
{
	grid_scroll(&self_of(screen)->list.grid, -1);
}

static void scroll_right(struct screen *screen)
{
	grid_scroll(&self_of(screen)->list.grid, 1);
}

static void copy(struct screen *screen)
{
	const struct execution *e = current(self_of(screen));
	struct buf text = BUF_INIT;

	if (!e)
		return;
	for (size_t i = 0; i < COL_COUNT; i++) {
		enum role role;

		if (i > 0)
			buf_addc(&text, '\t');
		cell(e, i, false, &text, &role);
	}
	app_copy(screen->app, text.data);
	buf_release(&text);
}

static void actions(struct screen *screen)
{
	static const int commands[] = { CMD_OPEN, CMD_MESSAGES, CMD_FIRST_ERROR, CMD_STOP, CMD_PRIORITY, CMD_MARK,
		CMD_MARK_CLEAR, CMD_STATUS_FILTER, CMD_SORT, CMD_COLUMNS, CMD_EXPORT, CMD_PAUSE, CMD_FOLLOW, CMD_COPY, CMD_REFRESH };
	const struct execution *e = current(self_of(screen));
	char *name = e ? xasprintf("Execution %lld", (long long)e->id) : xstrdup("All Executions");

	actions_run(screen->app, name, commands, ARRAY_LEN(commands));
	free(name);
}

static bool enabled(const struct screen *screen, enum command command)
{
	const struct executions *s = (const struct executions *)screen;
	const struct execution *e = current(s);

	switch (command) {
	case CMD_OPEN:
	case CMD_MESSAGES:
	case CMD_COPY:
	case CMD_MARK:
		return e != NULL;
	case CMD_FIRST_ERROR:
		return e && (e->status == STATUS_FAILED || e->status == STATUS_UNEXPECTED || e->tries > 1 ||
			(!status_is_final(e->status) && e->status != STATUS_PENDING));
	case CMD_STOP:
		return s->marks.len || (e && (e->status == STATUS_RUNNING || e->status == STATUS_PENDING));
	case CMD_PRIORITY:
		return s->marks.len || (e && e->status == STATUS_PENDING);
	case CMD_MARK_CLEAR:
		return s->marks.len > 0;
	default:
		return true;
	}
}

static bool move(struct screen *screen, enum command command)
{
	struct executions *s = self_of(screen);
	bool moved = pager_command(&s->list.pager, command);

	if (moved && command != CMD_HOME)
		s->follow = false;
	if (s->list.pager.at_first && s->list.pager.cursor.top == 0)
		s->new_rows = 0;
	return moved;
}

static void refresh(struct screen *screen)
{
	struct executions *s = self_of(screen);

	pager_refresh(&s->list.pager);
	s->live_due = 1;
	read_live(s);
}

static const char *filter(const struct screen *screen)
{
	return ((const struct executions *)screen)->list.filter;
}

static void set_filter(struct screen *screen, const char *text)
{
	struct executions *s = self_of(screen);

	if (paging_set_filter(&s->list, text))
		jobs_cancel(screen->app->jobs, &s->newer);
}

static void click(struct screen *screen, int y, int x, bool twice)
{
	struct executions *s = self_of(screen);

	(void)x;
	if (paging_click(&s->list, y - 1) && twice)
		open_overview(screen);
}

static void title(const struct screen *screen, struct buf *ret)
{
	(void)screen;
	buf_adds(ret, "All Executions");
}

static void free_screen(struct screen *screen)
{
	struct executions *s = self_of(screen);
	struct job_slot *slots[] = { &s->newer, &s->live };

	for (size_t i = 0; i < ARRAY_LEN(slots); i++)
		jobs_cancel(screen->app->jobs, slots[i]);
	paging_release(&s->list);
	vec_release(&s->marks);
	free(s);
}

static const struct paging_ops paging_ops = { .decode = decode, .free_row = free_execution,
	.arrived = page_arrived, .marked = is_marked, .cell = cell, .export_cell = export_cell,
	.order_value = order_value, .empty = "no executions yet" };

static const struct screen_handler handlers[] = {
	{ CMD_OPEN, open_overview },
	{ CMD_MESSAGES, open_messages },
	{ CMD_FIRST_ERROR, open_error },
	{ CMD_STOP, stop },
	{ CMD_PRIORITY, priority },
	{ CMD_MARK, mark },
	{ CMD_MARK_INVERT, mark_invert },
	{ CMD_MARK_CLEAR, mark_clear },
	{ CMD_STATUS_FILTER, choose_status },
	{ CMD_PAUSE, pause_live },
	{ CMD_SORT, sort },
	{ CMD_COLUMNS, choose_columns },
	{ CMD_EXPORT, export },
	{ CMD_FOLLOW, follow },
	{ CMD_SCROLL_LEFT, scroll_left },
	{ CMD_SCROLL_RIGHT, scroll_right },
	{ CMD_COPY, copy },
	{ CMD_ACTIONS, actions },
};

const struct screen_ops executions_ops = {
	.context = CTX_EXECUTIONS,
	.list = true,
	.free = free_screen,
	.title = title,
	.draw = draw,
	.handlers = handlers,
	.handler_count = ARRAY_LEN(handlers),
	.move = move,
	.enabled = enabled,
	.tick = tick,
	.refresh = refresh,
	.filter = filter,
	.set_filter = set_filter,
	.click = click,
};

struct screen *executions_new(struct app *app, const char *initial_filter)
{
	struct executions *s = xcalloc(1, sizeof(*s));

	s->screen = (struct screen){ &executions_ops, app };
	paging_init(&s->list, &s->screen, &paging_ops, columns, ARRAY_LEN(columns), initial_filter);
	recall(s);
	return &s->screen;
}
