/* SPDX-License-Identifier: MIT */
/*
 * A rectangle to draw in. Views get one and nothing else of the screen;
 * coordinates are relative to it and everything is clipped to it.
 */
#ifndef SO_TUI_VIEW_H
#define SO_TUI_VIEW_H

#include <stdbool.h>

#include "tui/theme.h"

struct _win_st;

/* Where the hardware cursor ends up after the frame. */
struct view_cursor {
	int y, x; /* screen coordinates */
	bool set;
};

struct view {
	struct _win_st *win;
	int y, x, h, w;
	const struct theme *theme;
	struct view_cursor *cursor;
};

/* A part of a view, clipped to it. */
struct view view_part(const struct view *view, int y, int x, int h, int w);
/* Clean text cut to width cells, the rest of the width filled with blanks. */
void view_text(const struct view *view, int y, int x, int width, enum role role, const char *clean);
/* The same for text that is not clean yet, or right-aligned. */
void view_raw(const struct view *view, int y, int x, int width, enum role role, const char *text);
void view_right(const struct view *view, int y, int x, int width, enum role role, const char *clean);
void view_fill(const struct view *view, int y, enum role role);
void view_clear(const struct view *view);
/* A frame along the edges with a title in its top line, and the rectangle inside. */
struct view view_box(const struct view *view, const char *title, bool focused);
void view_hline(const struct view *view, int y, int x, int width);
/* Put the hardware cursor here. */
void view_set_cursor(const struct view *view, int y, int x);

#endif
