/* SPDX-License-Identifier: MIT */
/* Text to read: wrapped or not, searchable by filter, copied or saved to a file. */
#include "tui/screens/screens.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tui/app.h"
#include "tui/text.h"

struct text_screen {
	struct screen screen;
	char *title;
	char *raw;
	char *filter;
	VEC(char *) lines; /* as shown */
	struct cursor cursor;
	int width;   /* that lines were broken for */
	int left;    /* cells scrolled out */
	bool unwrapped;
};

static struct text_screen *self_of(struct screen *screen)
{
	return (struct text_screen *)screen;
}

static void add_line(void *ctx, const char *clean)
{
	struct text_screen *s = ctx;

	if (*s->filter && !text_contains(clean, s->filter))
		return;
	vec_push(&s->lines, xstrdup(clean));
}

static void break_lines(struct text_screen *s, int width)
{
	for (size_t i = 0; i < s->lines.len; i++)
		free(s->lines.items[i]);
	s->lines.len = 0;
	s->width = width;
	text_wrap(s->raw, strlen(s->raw), s->unwrapped ? 1 << 20 : width, add_line, s);
	cursor_clamp(&s->cursor, s->lines.len);
}

static void draw(struct screen *screen, const struct view *view)
{
	struct text_screen *s = self_of(screen);

	if (s->width != view->w - 2)
		break_lines(s, view->w - 2);
	s->cursor.page = (size_t)view->h;
	cursor_clamp(&s->cursor, s->lines.len);
	for (int y = 0; y < view->h && s->cursor.top + (size_t)y < s->lines.len; y++) {
		size_t row = s->cursor.top + (size_t)y;
		const char *line = s->lines.items[row];
		int skipped;

		line += text_prefix(line, s->left, &skipped);
		if (row == s->cursor.pos) {
			view_text(view, y, 0, 1, ROLE_NORMAL, ">");
			view_set_cursor(view, y, 1);
		}
		view_text(view, y, 1, view->w - 2, ROLE_NORMAL, line);
	}
	if (s->lines.len == 0)
		view_text(view, 0, 2, view->w - 2, ROLE_DIM, "no line matches the filter");
}

static bool move(struct screen *screen, enum command command)
{
	struct text_screen *s = self_of(screen);

	return cursor_command(&s->cursor, command, s->lines.len);
}

static void wrap(struct screen *screen)
{
	struct text_screen *s = self_of(screen);

	s->unwrapped = !s->unwrapped;
	s->left = 0;
	break_lines(s, s->width);
}

static void scroll_left(struct screen *screen)
{
	struct text_screen *s = self_of(screen);

	s->left = s->left > 8 ? s->left - 8 : 0;
}

static void scroll_right(struct screen *screen)
{
	struct text_screen *s = self_of(screen);

	if (s->unwrapped)
		s->left += 8;
}

static void copy(struct screen *screen)
{
	app_copy(screen->app, self_of(screen)->raw);
}

static void save_as(struct screen *screen, const char *text)
{
	struct text_screen *s = self_of(screen);
	struct err err;

	if (!text || !*text)
		return;
	if (file_exists(text) && !dlg_confirm(&screen->app->dialogs, "Save", "The file exists. Replace it?",
				     "Replace"))
		return;
	if (file_write_atomic(text, s->raw, strlen(s->raw), 0600, false, &err) < 0)
		app_alert_err(screen->app, "Save", &err);
	else
		app_toast(screen->app, "saved to %s", text);
}

static void save(struct screen *screen)
{
	app_ask(screen->app, screen, "Save to file: ", "", false, save_as);
}

static const char *filter(const struct screen *screen)
{
	return ((const struct text_screen *)screen)->filter;
}

static void set_filter(struct screen *screen, const char *text)
{
	struct text_screen *s = self_of(screen);

	free(s->filter);
	s->filter = xstrdup(text);
	break_lines(s, s->width);
}

static void title(const struct screen *screen, struct buf *ret)
{
	buf_adds(ret, ((const struct text_screen *)screen)->title);
}

static void free_screen(struct screen *screen)
{
	struct text_screen *s = self_of(screen);

	for (size_t i = 0; i < s->lines.len; i++)
		free(s->lines.items[i]);
	vec_release(&s->lines);
	free(s->title);
	free(s->raw);
	free(s->filter);
	free(s);
}

static const struct screen_handler handlers[] = {
	{ CMD_SAVE, save },
	{ CMD_WRAP, wrap },
	{ CMD_SCROLL_LEFT, scroll_left },
	{ CMD_SCROLL_RIGHT, scroll_right },
	{ CMD_COPY, copy },
};

const struct screen_ops text_screen_ops = {
	.context = CTX_TEXT,
	.list = true,
	.free = free_screen,
	.title = title,
	.draw = draw,
	.handlers = handlers,
	.handler_count = ARRAY_LEN(handlers),
	.move = move,
	.filter = filter,
	.set_filter = set_filter,
};

struct screen *text_screen_new(struct app *app, const char *title_text, const char *raw)
{
	struct text_screen *s = xcalloc(1, sizeof(*s));

	s->screen = (struct screen){ &text_screen_ops, app };
	s->title = xstrdup(title_text);
	s->raw = xstrdup(raw);
	s->filter = xstrdup("");
	s->cursor.page = 1;
	return &s->screen;
}
