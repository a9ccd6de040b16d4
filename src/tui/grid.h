/* SPDX-License-Identifier: MIT */
/*
 * Columns of a report: which of them fit, where they stand, and the drawing of
 * one row. At the left edge columns are fitted (the least important go first,
 * the elastic ones share what is left); scrolled to the right they have their
 * full widths and the frozen ones stay.
 */
#ifndef SO_TUI_GRID_H
#define SO_TUI_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "tui/view.h"

#define GRID_COLUMNS_MAX 16

struct grid_column {
	const char *title;
	int width;     /* full width in cells */
	int min;       /* narrowest useful width; = width for fixed ones */
	int rank;      /* 1 = never left out; larger go first */
	bool right;    /* numbers */
	bool frozen;
};

struct grid {
	const struct grid_column *columns;
	size_t count;
	unsigned hidden; /* bit per column: not wanted by the user */
	size_t scroll; /* unfrozen columns scrolled out to the left */
	int x[GRID_COLUMNS_MAX], width[GRID_COLUMNS_MAX]; /* width 0 = not shown */
	bool more_left, more_right;
};

/* Work out places for this many cells. */
void grid_layout(struct grid *grid, int width);
void grid_scroll(struct grid *grid, int by);
void grid_draw_header(const struct grid *grid, const struct view *view, int y);
/* One row: cell fills in clean text and may change the role of a column. */
typedef void grid_cell_fn(const void *row, size_t column, bool ascii, struct buf *ret, enum role *role);
struct grid_row_look {
	bool current, marked;
	bool focused; /* the list has the focus */
};
void grid_draw_row(const struct grid *grid, const struct view *view, int y, struct grid_row_look look,
    const void *row, grid_cell_fn *cell);

#endif
