/* SPDX-License-Identifier: MIT */
/* Drawing one frame: everything is drawn anew and curses sends the difference. */
#include "tui/frame.h"

#define NCURSES_NOMACROS /* "move" and "refresh" are names of ours */
#include <curses.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "tui/app.h"
#include "tui/text.h"

static struct view whole(struct app *app)
{
	return (struct view){ .win = stdscr, .h = LINES, .w = COLS, .theme = &app->theme,
		.cursor = &app->cursor };
}

/* "Object Explorer > All Executions > 42" from the right end, as much as fits. */
static void draw_title(struct app *app, const struct view *view)
{
	struct buf path = BUF_INIT, server = BUF_INIT;
	int right;

	buf_adds(&server, " ");
	text_clean(app->options.connector.login_name ? app->options.connector.login_name : "",
	    app->options.connector.login_name ? strlen(app->options.connector.login_name) : 0, &server);
	buf_adds(&server, "@");
	text_clean(app->options.connector.server_name ? app->options.connector.server_name : "catalog",
	    app->options.connector.server_name ? strlen(app->options.connector.server_name) : 7, &server);
	if (app->options.read_only)
		buf_adds(&server, " (read-only)");
	buf_adds(&server, " ");
	for (size_t i = 0; i < app->stack.len; i++) {
		if (app->stack.items[i]->ops->overlay)
			continue;
		buf_adds(&path, i ? " \xE2\x80\xBA " : " ");
		app->stack.items[i]->ops->title(app->stack.items[i], &path);
	}
	right = text_width(server.data);
	if (right > view->w / 2)
		right = view->w / 2;
	/* The end of the path matters most. */
	const char *shown = path.data;
	while (text_width(shown) > view->w - right && strstr(shown + 1, " \xE2\x80\xBA "))
		shown = strstr(shown + 1, " \xE2\x80\xBA ");
	view_text(view, 0, 0, view->w - right, ROLE_TITLE, shown);
	view_text(view, 0, view->w - right, right, ROLE_TITLE, server.data);
	buf_release(&path);
	buf_release(&server);
}

/* One entry of the key line at x; returns where the next one begins, or x when it does not fit. */
static int draw_key(struct app *app, const struct view *view, int x, const struct key_binding *binding)
{
	struct buf key = BUF_INIT;
	int y = view->h - 1, label = text_width(binding->label), width;

	key_format(binding->keys[0], &key);
	width = (int)key.len + 1 + label;
	if (x + width <= view->w) {
		view_text(view, y, x, (int)key.len, ROLE_KEY, key.data);
		view_text(view, y, x + (int)key.len + 1, label, ROLE_FOOTER, binding->label);
		vec_push(&app->key_places, ((struct app_key_place){ x, width, binding->command }));
		x += width + 2;
	}
	buf_release(&key);
	return x;
}

/* In which order a key of the key line comes: the screen's own, everywhere's, the row's. */
static int key_rank(const struct key_binding *binding, enum key_context context)
{
	if (binding->flags & KEY_ROW)
		return 2;
	return binding->context == context ? 0 : 1;
}

/* Only what works now. */
static void draw_keys(struct app *app, const struct view *view)
{
	struct screen *top = app_top(app);
	int x = 0;

	app->key_places.len = 0;
	view_fill(view, view->h - 1, ROLE_FOOTER);
	for (int rank = 0; rank <= 2; rank++) {
		for (size_t i = 0; i < key_binding_count; i++) {
			const struct key_binding *binding = &key_bindings[i];

			if (binding->flags & KEY_FOOTER && key_rank(binding, top->ops->context) == rank &&
			    key_visible(binding, top->ops->context, top->ops->list) &&
			    app_enabled(app, binding))
				x = draw_key(app, view, x, binding);
		}
	}
}

static void draw_status(struct app *app, const struct view *view)
{
	struct screen *subject = app_subject(app);
	int y = view->h - 2;

	if (app->input.active) {
		struct buf shown = BUF_INIT;
		int label = text_width(app->input.label);
		int cursor = edit_view(&app->input.edit, view->w - label, &shown);

		view_raw(view, y, 0, label, ROLE_KEY, app->input.label);
		view_text(view, y, label, view->w - label, ROLE_NORMAL, shown.data);
		view_set_cursor(view, y, label + cursor);
		buf_wipe(&shown);
		return;
	}
	if (app->toast) {
		view_text(view, y, 0, view->w, app->toast_bad ? ROLE_BAD : ROLE_NORMAL, app->toast);
		return;
	}
	if (subject && subject->ops->filter && *subject->ops->filter(subject)) {
		struct buf text = BUF_INIT;

		buf_adds(&text, "Filter: ");
		text_clean(subject->ops->filter(subject), strlen(subject->ops->filter(subject)), &text);
		view_text(view, y, 0, view->w, ROLE_WARNING, text.data);
		buf_release(&text);
		return;
	}
	view_fill(view, y, ROLE_NORMAL);
}

/* What must not be overlooked, above the status line. Returns how many lines it takes. */
static int draw_alerts(struct app *app, const struct view *view)
{
	int lines = 0;

	for (int i = HEALTH_LINES - 1; i >= 0; i--) {
		struct buf text = BUF_INIT;
		enum role role;

		if (health_line(app, i, &text, &role))
			view_text(view, view->h - FRAME_BOTTOM - ++lines, 0, view->w, role, text.data);
		buf_release(&text);
	}
	return lines;
}

static void draw_too_small(const struct view *view)
{
	view_text(view, 0, 0, view->w, ROLE_NORMAL, "Terminal too small: 60x16 is needed.");
	view_set_cursor(view, 0, 0);
}

static void draw_screens(struct app *app, const struct view *view)
{
	size_t first = app->stack.len;

	while (first > 0 && app->stack.items[--first]->ops->overlay)
		continue;
	for (size_t i = first; i < app->stack.len; i++)
		app->stack.items[i]->ops->draw(app->stack.items[i], view);
}

void app_frame(struct app *app)
{
	struct view view = whole(app);
	struct view body = view_part(&view, FRAME_TOP, 0, LINES - FRAME_TOP - FRAME_BOTTOM, COLS);

	app->dirty = false;
	app->cursor.set = false;
	werase(stdscr);
	if (LINES < FRAME_MIN_HEIGHT || COLS < FRAME_MIN_WIDTH) {
		draw_too_small(&view);
	} else if (app->stack.len > 0) {
		body.h -= draw_alerts(app, &view);
		draw_title(app, &view);
		draw_screens(app, &body);
		draw_status(app, &view);
		draw_keys(app, &view);
	}
	if (app->clear)
		clearok(curscr, TRUE);
	app->clear = false;
	if (app->cursor.set)
		wmove(stdscr, app->cursor.y, app->cursor.x);
	wnoutrefresh(stdscr);
	doupdate();
}

/* Line drawing as the terminal shows it. */
static wchar_t line_character(wchar_t acs)
{
	static const char codes[] = "lkmjqxtuvwna";
	static const wchar_t shown[] = { 0x250C, 0x2510, 0x2514, 0x2518, 0x2500, 0x2502, 0x251C, 0x2524, 0x2534,
		0x252C, 0x253C, 0x2592 };
	const char *at = acs > 0 && acs < 0x80 ? strchr(codes, (int)acs) : NULL;

	return at ? shown[at - codes] : acs;
}

void app_display(struct app *app, struct buf *ret)
{
	(void)app;
	for (int y = 0; y < LINES; y++) {
		size_t end = ret->len;
		int x = 0;

		while (x < COLS) {
			wchar_t text[CCHARW_MAX + 1] = { 0 };
			cchar_t cell;
			attr_t attr;
			short pair;
			char bytes[4];
			int width;

			mvwin_wch(curscr, y, x, &cell);
			getcchar(&cell, text, &attr, &pair, NULL);
			if (attr & A_ALTCHARSET)
				text[0] = line_character(text[0]);
			for (int i = 0; text[i]; i++)
				buf_add(ret, bytes, utf8_put((uint32_t)text[i], bytes));
			if (text[0] != L' ')
				end = ret->len;
			width = text[0] ? text_char_width((uint32_t)text[0]) : 1;
			x += width > 0 ? width : 1;
		}
		buf_truncate(ret, end);
		buf_addc(ret, '\n');
	}
}

/* OSC 52 takes base64; inside tmux it must be wrapped to pass through. */
void app_copy(struct app *app, const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf out = BUF_INIT;
	size_t len = strlen(text);
	bool tmux = getenv("TMUX") != NULL;

	if (len > 74000)
		len = 74000; /* terminals refuse more */
	buf_adds(&out, tmux ? "\033Ptmux;\033\033]52;c;" : "\033]52;c;");
	for (size_t i = 0; i < len; i += 3) {
		unsigned triple = (unsigned)(unsigned char)text[i] << 16;

		if (i + 1 < len)
			triple |= (unsigned)(unsigned char)text[i + 1] << 8;
		if (i + 2 < len)
			triple |= (unsigned char)text[i + 2];
		buf_addc(&out, digits[triple >> 18 & 63]);
		buf_addc(&out, digits[triple >> 12 & 63]);
		buf_addc(&out, i + 1 < len ? digits[triple >> 6 & 63] : '=');
		buf_addc(&out, i + 2 < len ? digits[triple & 63] : '=');
	}
	buf_adds(&out, tmux ? "\a\033\\" : "\a");
	if (!app->headless) {
		fwrite(out.data, 1, out.len, stdout);
		fflush(stdout);
	}
	buf_release(&out);
	app_toast(app, "copied");
}
