/* SPDX-License-Identifier: MIT */
/* A short live list: read whole every few seconds, filtered here; see list_screen.h. */
#include "tui/screens/list_screen.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/text.h"

#define LIVE_MS 2000
#define ROWS_MAX 5000

static struct list_screen *self_of(struct screen *screen)
{
	return (struct list_screen *)screen;
}

void list_set_cell(struct list_item *item, size_t column, enum role role, char *text)
{
	item->cells[column] = text;
	item->roles[column] = role;
}

char *list_when(int64_t ticks)
{
	char text[24];

	if (ticks == 0)
		return xstrdup("never");
	clock_format_local(ticks, text, sizeof(text));
	return xstrdup(text + 5);
}

static void clear_items(struct list_screen *s)
{
	for (size_t i = 0; i < s->items.len; i++) {
		struct list_item *item = &s->items.items[i];

		free(item->key);
		free(item->name);
		free(item->note);
		for (size_t c = 0; c < LIST_CELLS_MAX; c++)
			free(item->cells[c]);
	}
	s->items.len = 0;
}

const struct list_item *list_current(const struct list_screen *s)
{
	return s->cursor.pos < s->shown.len ? &s->items.items[s->shown.items[s->cursor.pos]] : NULL;
}

static bool matches(const struct list_screen *s, const struct list_item *item)
{
	for (size_t c = 0; c < s->type->column_count; c++) {
		if (text_contains(item->cells[c], s->filter))
			return true;
	}
	return false;
}

/* Recompute what is shown; the row with this key stays current. */
static void update(struct list_screen *s, const char *key)
{
	s->shown.len = 0;
	for (size_t i = 0; i < s->items.len; i++) {
		if (!matches(s, &s->items.items[i]))
			continue;
		if (key && strcmp(s->items.items[i].key, key) == 0)
			s->cursor.pos = s->shown.len;
		vec_push(&s->shown, i);
	}
	cursor_clamp(&s->cursor, s->shown.len);
	s->screen.app->dirty = true;
}

static void loaded(void *ctx, const struct job_result *result)
{
	struct list_screen *s = ctx;
	char *key;

	s->loaded = true;
	if (result->r < 0) {
		app_toast_err(s->screen.app, &result->err);
		return;
	}
	key = list_current(s) ? xstrdup(list_current(s)->key) : NULL;
	clear_items(s);
	for (size_t i = 0; i < result->rows.row_count; i++) {
		struct list_item item = { 0 };

		s->type->decode(&result->rows, i, s->screen.app->theme.ascii, &item);
		vec_push(&s->items, item);
	}
	update(s, key);
	free(key);
}

void list_refresh(struct screen *screen)
{
	struct list_screen *s = self_of(screen);

	jobs_submit(screen->app->jobs, s->loaded ? JOB_FRONT : JOB_AWAITED, &s->read, s->type->sql, NULL, ROWS_MAX, loaded, s);
}

int64_t list_tick(struct screen *screen, int64_t now)
{
	struct list_screen *s = self_of(screen);

	if (app_subject(screen->app) != screen || (s->loaded && screen->app->options.slow))
		return 0;
	if (now >= s->live_due) {
		if (!job_slot_busy(&s->read))
			list_refresh(screen);
		s->live_due = now + LIVE_MS;
	}
	return s->live_due;
}

static void cell(const void *row, size_t column, bool ascii, struct buf *ret, enum role *role)
{
	const struct list_item *item = row;

	(void)ascii;
	buf_adds(ret, item->cells[column]);
	if (item->roles[column] != ROLE_NORMAL)
		*role = item->roles[column];
}

void list_draw(struct screen *screen, const struct view *view)
{
	struct list_screen *s = self_of(screen);
	struct view list = view_part(view, 1, 0, view->h - 2, view->w);

	grid_layout(&s->grid, view->w);
	grid_draw_header(&s->grid, view, 0);
	s->cursor.page = (size_t)list.h;
	cursor_clamp(&s->cursor, s->shown.len);
	for (int y = 0; y < list.h && s->cursor.top + (size_t)y < s->shown.len; y++) {
		size_t row = s->cursor.top + (size_t)y;
		struct grid_row_look look = { .focused = true, .current = row == s->cursor.pos };

		grid_draw_row(&s->grid, &list, y, look, &s->items.items[s->shown.items[row]], cell);
	}
	if (s->shown.len == 0)
		view_text(&list, 0, 2, list.w - 2, ROLE_DIM,
		    !s->loaded ? "reading..." : *s->filter ? "nothing matches the filter" : s->type->empty);
	else
		view_text(view, view->h - 1, 2, view->w - 2, ROLE_DIM, list_current(s)->note);
}

bool list_move(struct screen *screen, enum command command)
{
	struct list_screen *s = self_of(screen);

	return cursor_command(&s->cursor, command, s->shown.len);
}

const char *list_filter(const struct screen *screen)
{
	return ((const struct list_screen *)screen)->filter;
}

void list_set_filter(struct screen *screen, const char *text)
{
	struct list_screen *s = self_of(screen);
	char *key = list_current(s) ? xstrdup(list_current(s)->key) : NULL;

	free(s->filter);
	s->filter = xstrdup(text);
	update(s, key);
	free(key);
}

void list_click(struct screen *screen, int y, int x, bool twice)
{
	struct list_screen *s = self_of(screen);

	(void)x;
	(void)twice;
	if (y >= 1)
		cursor_move_to(&s->cursor, s->cursor.top + (size_t)y - 1, s->shown.len);
}

void list_title(const struct screen *screen, struct buf *ret)
{
	buf_adds(ret, ((const struct list_screen *)screen)->type->title);
}

void list_free_screen(struct screen *screen)
{
	struct list_screen *s = self_of(screen);

	jobs_cancel(screen->app->jobs, &s->read);
	clear_items(s);
	vec_release(&s->items);
	vec_release(&s->shown);
	free(s->filter);
	free(s);
}

struct screen *list_new(struct app *app, const struct screen_ops *ops, const struct list_type *type)
{
	struct list_screen *s = xcalloc(1, sizeof(*s));

	s->screen = (struct screen){ ops, app };
	s->type = type;
	s->grid = (struct grid){ .columns = type->columns, .count = type->column_count };
	s->filter = xstrdup("");
	s->cursor.page = 1;
	return &s->screen;
}
