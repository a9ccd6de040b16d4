/* SPDX-License-Identifier: MIT */
/*
 * All Executions: counters, and a live, keyset-paged list of any length.
 *
 * The list is ordered by execution id, newest first, and read a few pages at a
 * time. Here are its drawing and its commands; executions_live.c reads.
 */
#include "tui/screens/screens.h"

#include <stdlib.h>
#include <string.h>

#include "tui/screens/executions.h"
#include "tui/screens/queue_actions.h"
#include "tui/text.h"

static struct pager_row decode(struct screen *screen, const struct tsql_rowset *rows, size_t row)
{
	return execution_decode(rows, row, &executions_of(screen)->now);
}

static struct execution *current(const struct executions *s)
{
	return paging_current(&s->list);
}

/* --- drawing --- */

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
	struct executions *s = executions_of(screen);
	struct view list = view_part(view, 1, 0, view->h - 1, view->w);

	draw_counters(s, view);
	paging_draw(&s->list, &list);
}

/* --- commands --- */

static void open_overview(struct screen *screen)
{
	const struct execution *e = current(executions_of(screen));

	if (e)
		app_push(screen->app, overview_new(screen->app, e->id));
}

static void open_messages(struct screen *screen)
{
	const struct execution *e = current(executions_of(screen));

	if (e)
		app_push(screen->app, messages_new(screen->app, e->id, false, NULL));
}

static void open_error(struct screen *screen)
{
	const struct execution *e = current(executions_of(screen));

	if (e)
		app_push(screen->app, messages_new(screen->app, e->id, true, NULL));
}

static void mark(struct screen *screen)
{
	struct executions *s = executions_of(screen);
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
	struct executions *s = executions_of(screen);
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
	executions_of(screen)->marks.len = 0;
}

static void stop(struct screen *screen)
{
	struct executions *s = executions_of(screen);
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
	struct executions *s = executions_of(screen);
	const struct execution *e = current(s);
	char *what = s->marks.len ? xasprintf("the %zu marked executions", s->marks.len)
				  : xasprintf("execution %lld (%s)", (long long)e->id, e->package);

	wish_begin(screen, s->marks.len ? s->marks.items : &e->id, s->marks.len ? s->marks.len : 1, what);
	free(what);
	s->live_due = 1;
}

static void choose_status(struct screen *screen)
{
	struct executions *s = executions_of(screen);
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
	paging_set_order(&s->list, which ? &executions_orders[which] : NULL);
	s->follow = false;
	s->live_due = 1;
}

static void sort(struct screen *screen)
{
	struct executions *s = executions_of(screen);
	const char *titles[EXECUTIONS_ORDERS];
	int chosen;

	for (size_t i = 0; i < EXECUTIONS_ORDERS; i++)
		titles[i] = executions_orders[i].title;
	chosen = dlg_pick(&screen->app->dialogs, "Sort by", titles, EXECUTIONS_ORDERS,
	    s->list.order ? (size_t)(s->list.order - executions_orders) : 0);
	screen->app->dirty = true;
	if (chosen < 0)
		return;
	set_order(s, (size_t)chosen);
	app_remember(screen->app, "executions.order", executions_orders[chosen].name);
}

static void choose_columns(struct screen *screen)
{
	struct executions *s = executions_of(screen);
	const char *titles[COL_COUNT];
	bool checked[COL_COUNT];
	struct buf names = BUF_INIT;

	for (size_t i = 0; i < COL_COUNT; i++) {
		titles[i] = execution_columns[i].title;
		checked[i] = !(s->list.grid.hidden >> i & 1);
	}
	if (dlg_checklist(&screen->app->dialogs, "Columns (those that do not fit: > scrolls)", titles, COL_COUNT, checked)) {
		s->list.grid.hidden = 0;
		for (size_t i = 0; i < COL_COUNT; i++) {
			/* Without its number and its state a row says nothing. */
			if (!checked[i] && i != COL_ID && i != COL_STATUS) {
				s->list.grid.hidden |= 1U << i;
				buf_addf(&names, "%s%s", names.len ? "," : "", execution_columns[i].title);
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

	for (size_t i = 1; order && i < EXECUTIONS_ORDERS; i++) {
		if (strcmp(executions_orders[i].name, order) == 0)
			s->list.order = &executions_orders[i];
	}
	while (hidden && *hidden) {
		size_t len = strcspn(hidden, ",");

		for (size_t i = COL_STATUS + 1; i < COL_COUNT; i++) {
			if (strlen(execution_columns[i].title) == len && strncmp(execution_columns[i].title, hidden, len) == 0)
				s->list.grid.hidden |= 1U << i;
		}
		hidden += len + (hidden[len] == ',');
	}
}

static void export(struct screen *screen)
{
	export_begin(&executions_of(screen)->list, &executions_source);
}

static void pause_live(struct screen *screen)
{
	struct executions *s = executions_of(screen);

	s->paused = !s->paused;
	s->live_due = 1;
}

static void follow(struct screen *screen)
{
	struct executions *s = executions_of(screen);

	s->follow = !s->follow;
	if (s->follow)
		pager_command(&s->list.pager, CMD_HOME);
}

static void scroll_left(struct screen *screen)
{
	grid_scroll(&executions_of(screen)->list.grid, -1);
}

static void scroll_right(struct screen *screen)
{
	grid_scroll(&executions_of(screen)->list.grid, 1);
}

static void copy(struct screen *screen)
{
	const struct execution *e = current(executions_of(screen));
	struct buf text = BUF_INIT;

	if (!e)
		return;
	for (size_t i = 0; i < COL_COUNT; i++) {
		enum role role;

		if (i > 0)
			buf_addc(&text, '\t');
		execution_cell(e, i, false, &text, &role);
	}
	app_copy(screen->app, text.data);
	buf_release(&text);
}

static void actions(struct screen *screen)
{
	static const int commands[] = { CMD_OPEN, CMD_MESSAGES, CMD_FIRST_ERROR, CMD_STOP, CMD_PRIORITY, CMD_MARK,
		CMD_MARK_CLEAR, CMD_STATUS_FILTER, CMD_SORT, CMD_COLUMNS, CMD_EXPORT, CMD_PAUSE, CMD_FOLLOW, CMD_COPY, CMD_REFRESH };
	const struct execution *e = current(executions_of(screen));
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
	struct executions *s = executions_of(screen);
	bool moved = pager_command(&s->list.pager, command);

	if (moved && command != CMD_HOME)
		s->follow = false;
	if (s->list.pager.at_first && s->list.pager.cursor.top == 0)
		s->new_rows = 0;
	return moved;
}

static void refresh(struct screen *screen)
{
	struct executions *s = executions_of(screen);

	pager_refresh(&s->list.pager);
	s->live_due = 1;
	executions_read_live(s);
}

static const char *filter(const struct screen *screen)
{
	return ((const struct executions *)screen)->list.filter;
}

static void set_filter(struct screen *screen, const char *text)
{
	struct executions *s = executions_of(screen);

	if (paging_set_filter(&s->list, text))
		jobs_cancel(screen->app->jobs, &s->newer);
}

static void click(struct screen *screen, int y, int x, bool twice)
{
	struct executions *s = executions_of(screen);

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
	struct executions *s = executions_of(screen);
	struct job_slot *slots[] = { &s->newer, &s->live };

	for (size_t i = 0; i < ARRAY_LEN(slots); i++)
		jobs_cancel(screen->app->jobs, slots[i]);
	paging_release(&s->list);
	vec_release(&s->marks);
	free(s);
}

static const struct paging_ops paging_ops = { .decode = decode, .free_row = execution_free,
	.arrived = executions_arrived, .marked = is_marked, .cell = execution_cell, .export_cell = execution_export_cell,
	.order_value = executions_order_value, .empty = "no executions yet" };

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
	.tick = executions_tick,
	.refresh = refresh,
	.filter = filter,
	.set_filter = set_filter,
	.click = click,
};

struct screen *executions_new(struct app *app, const char *initial_filter)
{
	struct executions *s = xcalloc(1, sizeof(*s));

	s->screen = (struct screen){ &executions_ops, app };
	paging_init(&s->list, &s->screen, &paging_ops, execution_columns, COL_COUNT, initial_filter);
	recall(s);
	return &s->screen;
}
