/* SPDX-License-Identifier: MIT */
/* Properties of a node of the tree: everything of the pane, whole, and open to change. */
#include "tui/screens/properties.h"

#include <stdlib.h>
#include <string.h>

#include "tui/screens/screens.h"
#include "tui/text.h"

static struct properties *self_of(struct screen *screen)
{
	return (struct properties *)screen;
}

/* --- rows --- */

/* "General" and its lines, then the sections that were read. */
bool properties_row(const struct properties *p, size_t index, struct property_row *ret)
{
	size_t general = p->general.len ? p->general.len + 1 : 0;

	*ret = (struct property_row){ .heading = index == 0, .label = "General", .value = "" };
	if (index < general) {
		if (index > 0)
			*ret = (struct property_row){ .label = p->general.items[index - 1].label,
				.value = p->general.items[index - 1].value };
		return true;
	}
	if (index - general >= p->details.lines.len)
		return false;
	ret->line = &p->details.lines.items[index - general];
	ret->heading = ret->line->heading;
	ret->label = ret->line->label;
	ret->value = ret->line->value;
	return true;
}

static void update(struct properties *p)
{
	struct property_row row;

	p->shown.len = 0;
	for (size_t i = 0; properties_row(p, i, &row); i++) {
		if (row.heading || text_contains(row.label, p->filter) || text_contains(row.value, p->filter))
			vec_push(&p->shown, i);
	}
	cursor_clamp(&p->cursor, p->shown.len);
}

static int label_width(const struct properties *p, int most)
{
	struct property_row row;
	int width = 0;

	for (size_t i = 0; properties_row(p, i, &row); i++) {
		int cells = row.heading ? 0 : text_width(row.label);

		width = cells > width ? cells : width;
	}
	return width > most ? most : width;
}

/* --- drawing --- */

static void draw_row(const struct view *view, int y, int label, const struct property_row *row, bool current)
{
	enum role bar = current && !view->theme->slow ? ROLE_CURRENT : row->heading ? ROLE_HEADER : ROLE_NORMAL;
	enum role value = bar;

	if (bar == ROLE_NORMAL && row->line && row->line->flags & DETAIL_CURRENT)
		value = ROLE_GOOD;
	view_fill(view, y, bar == ROLE_CURRENT ? bar : ROLE_NORMAL);
	view_text(view, y, 0, 2, bar, current ? "> " : "  ");
	if (row->heading) {
		view_text(view, y, 2, view->w - 2, bar, row->label);
	} else {
		/* A line that only says something has the whole width. */
		int width = *row->value ? label : view->w - 4;

		view_text(view, y, 4, width, bar == ROLE_CURRENT ? bar : ROLE_NORMAL, row->label);
		if (*row->value)
			view_text(view, y, 6 + label, view->w - 6 - label, value, row->value);
	}
	if (current)
		view_set_cursor(view, y, 0);
}

static void draw(struct screen *screen, const struct view *view)
{
	struct properties *p = self_of(screen);
	int label = label_width(p, view->w * 55 / 100);

	update(p);
	p->cursor.page = (size_t)view->h;
	cursor_clamp(&p->cursor, p->shown.len);
	for (int y = 0; y < view->h && p->cursor.top + (size_t)y < p->shown.len; y++) {
		size_t at = p->cursor.top + (size_t)y;
		struct property_row row;

		if (properties_row(p, p->shown.items[at], &row))
			draw_row(view, y, label, &row, at == p->cursor.pos);
	}
	if (p->shown.len == 0)
		view_text(view, 0, 2, view->w - 2, ROLE_DIM, p->details.loaded ? "(no properties)" : "reading...");
}

/* --- commands --- */

static int64_t tick(struct screen *screen, int64_t now)
{
	struct properties *p = self_of(screen);

	(void)now;
	if (!p->details.begun && app_subject(screen->app) == screen)
		details_begin(&p->details, screen->app, p->kind, p->id);
	if (p->details.loaded && p->details.err.code != ERR_NONE) {
		app_toast_err(screen->app, &p->details.err);
		err_clear(&p->details.err);
	}
	return 0;
}

static void refresh(struct screen *screen)
{
	self_of(screen)->details.begun = false;
}

static void edit(struct screen *screen)
{
	property_edit(self_of(screen));
}

static void add(struct screen *screen)
{
	property_add(self_of(screen));
}

static void remove_line(struct screen *screen)
{
	property_remove(self_of(screen));
}

static void copy(struct screen *screen)
{
	struct properties *p = self_of(screen);
	struct property_row row;

	if (p->cursor.pos < p->shown.len && properties_row(p, p->shown.items[p->cursor.pos], &row))
		app_copy(screen->app, *row.value ? row.value : row.label);
}

static bool enabled(const struct screen *screen, enum command command)
{
	const struct properties *p = (const struct properties *)screen;

	switch (command) {
	case CMD_OPEN:
		return property_can_edit(p);
	case CMD_ADD:
		return property_can_add(p);
	case CMD_REMOVE:
		return property_can_remove(p);
	default:
		return true;
	}
}

static bool move(struct screen *screen, enum command command)
{
	struct properties *p = self_of(screen);

	return cursor_command(&p->cursor, command, p->shown.len);
}

static const char *filter(const struct screen *screen)
{
	return ((const struct properties *)screen)->filter;
}

static void set_filter(struct screen *screen, const char *text)
{
	struct properties *p = self_of(screen);

	free(p->filter);
	p->filter = xstrdup(text);
	update(p);
}

static void click(struct screen *screen, int y, int x, bool twice)
{
	struct properties *p = self_of(screen);

	(void)x;
	cursor_move_to(&p->cursor, p->cursor.top + (size_t)y, p->shown.len);
	if (twice)
		app_command(screen->app, CMD_OPEN);
}

static void title(const struct screen *screen, struct buf *ret)
{
	buf_addf(ret, "Properties of %s", ((const struct properties *)screen)->label);
}

static void free_screen(struct screen *screen)
{
	struct properties *p = self_of(screen);

	jobs_cancel(screen->app->jobs, &p->lists);
	details_release(&p->details);
	property_edits_release(p);
	for (size_t i = 0; i < p->general.len; i++) {
		free(p->general.items[i].label);
		free(p->general.items[i].value);
	}
	vec_release(&p->general);
	vec_release(&p->shown);
	free(p->label);
	free(p->folder);
	free(p->project);
	free(p->name);
	free(p->filter);
	free(p);
}

static const struct screen_handler handlers[] = {
	{ CMD_OPEN, edit },
	{ CMD_ADD, add },
	{ CMD_REMOVE, remove_line },
	{ CMD_COPY, copy },
};

const struct screen_ops properties_ops = {
	.context = CTX_PROPERTIES,
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

static char *name_of(struct node *node, enum node_kind kind)
{
	struct node *up = node_up(node, kind);

	return xstrdup(up ? up->name : "");
}

struct screen *properties_new(struct app *app, struct node *node)
{
	struct properties *p = xcalloc(1, sizeof(*p));

	p->screen = (struct screen){ &properties_ops, app };
	p->kind = node->kind;
	p->id = node->id;
	p->label = xstrdup(node->label);
	p->name = xstrdup(node->name);
	p->folder = name_of(node, NODE_FOLDER);
	p->project = name_of(node, NODE_PROJECT);
	p->filter = xstrdup("");
	p->cursor.page = 1;
	for (size_t i = 0; i < node->properties.len; i++) {
		const struct node_property *from = &node->properties.items[i];
		struct node_property copied = { xstrdup(from->label), xstrdup(from->value) };

		vec_push(&p->general, copied);
	}
	return &p->screen;
}
