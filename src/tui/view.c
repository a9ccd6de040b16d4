/* SPDX-License-Identifier: MIT */
/*
 * Drawing with clipping. Text goes out character by character because curses
 * must never be given a wide character that does not fit, nor one whose width
 * it sees differently from us.
 */
#include "tui/view.h"

#include <curses.h>
#include <wchar.h>

#include "base/utf8.h"
#include "tui/text.h"

#define MARKS_MAX (CCHARW_MAX - 1)

struct view view_part(const struct view *view, int y, int x, int h, int w)
{
	struct view part = *view;

	if (y + h > view->h)
		h = view->h - y;
	if (x + w > view->w)
		w = view->w - x;
	part.y += y;
	part.x += x;
	part.h = h < 0 ? 0 : h;
	part.w = w < 0 ? 0 : w;
	return part;
}

static void put_cell(const struct view *view, attr_t attr, const wchar_t *chars)
{
	cchar_t cell;

	setcchar(&cell, chars, attr & ~(attr_t)A_COLOR, (short)PAIR_NUMBER((int)attr), NULL);
	wadd_wch(view->win, &cell);
}

/* Write text of which all characters fit; curses' opinion of the width must agree with ours. */
static void put_text(const struct view *view, attr_t attr, const char *text, size_t len)
{
	size_t used;

	for (size_t at = 0; at < len;) {
		wchar_t chars[CCHARW_MAX + 1] = { 0 };
		uint32_t code = utf8_decode(text + at, len - at, &used);
		int width = text_char_width(code), marks = 0;

		at += used;
		chars[0] = (wchar_t)code;
		if (width <= 0 || wcwidth(chars[0]) != width) {
			for (int i = 0; i < width; i++)
				put_cell(view, attr, view->theme->ascii ? L"?" : L"\xFFFD");
			chars[0] = 0;
		}
		while (at < len) {
			uint32_t mark = utf8_decode(text + at, len - at, &used);

			if (text_char_width(mark) != 0)
				break;
			at += used;
			if (marks < MARKS_MAX - 1 && wcwidth((wchar_t)mark) == 0)
				chars[++marks] = (wchar_t)mark;
		}
		if (chars[0])
			put_cell(view, attr, chars);
	}
}

static int start(const struct view *view, int y, int x, int width)
{
	if (y < 0 || y >= view->h || x < 0 || x >= view->w)
		return 0;
	wmove(view->win, view->y + y, view->x + x);
	return x + width > view->w ? view->w - x : width;
}

static void put_blanks(const struct view *view, attr_t attr, int count)
{
	while (count-- > 0)
		put_cell(view, attr, L" ");
}

static void put_cut(const struct view *view, int width, enum role role, const char *clean, bool right)
{
	attr_t attr = view->theme->attrs[role];
	struct buf ascii = BUF_INIT, cut = BUF_INIT;
	int cells;

	if (view->theme->ascii) {
		text_to_ascii(clean, &ascii);
		clean = ascii.data;
	}
	cells = text_cut(clean, width, view->theme->ascii, &cut);
	if (right)
		put_blanks(view, attr, width - cells);
	put_text(view, attr, cut.data, cut.len);
	if (!right)
		put_blanks(view, attr, width - cells);
	buf_release(&ascii);
	buf_release(&cut);
}

void view_text(const struct view *view, int y, int x, int width, enum role role, const char *clean)
{
	width = start(view, y, x, width);
	if (width > 0)
		put_cut(view, width, role, clean, false);
}

void view_right(const struct view *view, int y, int x, int width, enum role role, const char *clean)
{
	width = start(view, y, x, width);
	if (width > 0)
		put_cut(view, width, role, clean, true);
}

void view_raw(const struct view *view, int y, int x, int width, enum role role, const char *text)
{
	struct buf clean = BUF_INIT;

	text_clean(text, strlen(text), &clean);
	view_text(view, y, x, width, role, clean.data);
	buf_release(&clean);
}

void view_fill(const struct view *view, int y, enum role role)
{
	view_text(view, y, 0, view->w, role, "");
}

void view_clear(const struct view *view)
{
	for (int y = 0; y < view->h; y++)
		view_fill(view, y, ROLE_NORMAL);
}

void view_hline(const struct view *view, int y, int x, int width)
{
	width = start(view, y, x, width);
	if (width > 0)
		whline(view->win, ACS_HLINE, width);
}

struct view view_box(const struct view *view, const char *title, bool focused)
{
	int bottom = view->h - 1, right = view->w - 1;

	if (view->h < 2 || view->w < 2)
		return view_part(view, 0, 0, 0, 0);
	view_hline(view, 0, 0, view->w);
	view_hline(view, bottom, 0, view->w);
	for (int y = 1; y < bottom; y++) {
		mvwaddch(view->win, view->y + y, view->x, ACS_VLINE);
		mvwaddch(view->win, view->y + y, view->x + right, ACS_VLINE);
	}
	mvwaddch(view->win, view->y, view->x, ACS_ULCORNER);
	mvwaddch(view->win, view->y, view->x + right, ACS_URCORNER);
	mvwaddch(view->win, view->y + bottom, view->x, ACS_LLCORNER);
	mvwaddch(view->win, view->y + bottom, view->x + right, ACS_LRCORNER);
	if (title && *title) {
		int width = text_width(title);

		if (width > view->w - 6)
			width = view->w - 6;
		view_text(view, 0, 2, 1, ROLE_NORMAL, " ");
		view_text(view, 0, 3, width, focused ? ROLE_HEADER : ROLE_NORMAL, title);
		view_text(view, 0, 3 + width, 1, ROLE_NORMAL, " ");
	}
	return view_part(view, 1, 1, view->h - 2, view->w - 2);
}

void view_set_cursor(const struct view *view, int y, int x)
{
	if (y < 0 || y >= view->h || x < 0 || x >= view->w)
		return;
	*view->cursor = (struct view_cursor){ .y = view->y + y, .x = view->x + x, .set = true };
}
