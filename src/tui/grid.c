/* SPDX-License-Identifier: MIT */
/* Columns of a report; see grid.h. Two cells at the left are for the cursor marker and the mark. */
#include "tui/grid.h"

#include <string.h>

#define MARGIN 2

static void place(struct grid *grid, int width)
{
	int x = MARGIN;

	for (size_t i = 0; i < grid->count; i++) {
		if (grid->width[i] == 0)
			continue;
		grid->x[i] = x;
		if (x + grid->width[i] > width)
			grid->width[i] = width > x ? width - x : 0;
		x += grid->width[i] + 1;
	}
}

static int used(const struct grid *grid)
{
	int sum = MARGIN;

	for (size_t i = 0; i < grid->count; i++)
		sum += grid->width[i] ? grid->width[i] + 1 : 0;
	return sum - 1;
}

/* Leave out the columns of the highest rank until the rest fits. */
static void drop_columns(struct grid *grid, int width)
{
	while (used(grid) > width) {
		size_t worst = grid->count;

		for (size_t i = 0; i < grid->count; i++) {
			if (grid->width[i] && grid->columns[i].rank > 1 &&
			    (worst == grid->count || grid->columns[i].rank >= grid->columns[worst].rank))
				worst = i;
		}
		if (worst == grid->count)
			return;
		grid->width[worst] = 0;
		grid->more_right = true;
	}
}

/* Give what is left to the columns that are narrower than they would like, a cell at a time. */
static void stretch(struct grid *grid, int width)
{
	for (int left = width - used(grid); left > 0;) {
		bool given = false;

		for (size_t i = 0; i < grid->count && left > 0; i++) {
			if (grid->width[i] && grid->width[i] < grid->columns[i].width) {
				grid->width[i]++;
				left--;
				given = true;
			}
		}
		if (!given)
			return;
	}
}

void grid_layout(struct grid *grid, int width)
{
	size_t skipped = 0;
	int sum = MARGIN;

	width--; /* the last cell is for the edge mark */
	grid->more_left = grid->scroll > 0;
	grid->more_right = false;
	for (size_t i = 0; i < grid->count; i++) {
		const struct grid_column *column = &grid->columns[i];
		bool unwanted = grid->hidden >> i & 1;
		bool hidden = unwanted || (!column->frozen && skipped < grid->scroll);

		skipped += hidden && !unwanted;
		grid->width[i] = hidden ? 0 : grid->scroll ? column->width : column->min;
		if (grid->scroll && !hidden) {
			if (sum >= width)
				grid->width[i] = 0;
			if (sum + column->width > width)
				grid->more_right = true;
			sum += column->width + 1;
		}
	}
	if (!grid->scroll) {
		drop_columns(grid, width);
		stretch(grid, width);
	}
	place(grid, width);
}

void grid_scroll(struct grid *grid, int by)
{
	size_t movable = 0;

	for (size_t i = 0; i < grid->count; i++)
		movable += !grid->columns[i].frozen && !(grid->hidden >> i & 1);
	if (by < 0 && grid->scroll > 0)
		grid->scroll--;
	else if (by > 0 && (grid->more_right || grid->scroll == 0) && grid->scroll + 1 < movable)
		grid->scroll++;
}

void grid_draw_header(const struct grid *grid, const struct view *view, int y)
{
	view_fill(view, y, ROLE_HEADER);
	for (size_t i = 0; i < grid->count; i++) {
		if (grid->width[i] == 0)
			continue;
		if (grid->columns[i].right)
			view_right(view, y, grid->x[i], grid->width[i], ROLE_HEADER, grid->columns[i].title);
		else
			view_text(view, y, grid->x[i], grid->width[i], ROLE_HEADER, grid->columns[i].title);
	}
	if (grid->more_left)
		view_text(view, y, 0, 1, ROLE_HEADER, "<");
	if (grid->more_right)
		view_text(view, y, view->w - 1, 1, ROLE_HEADER, ">");
}

void grid_draw_row(const struct grid *grid, const struct view *view, int y, struct grid_row_look look,
    const void *row, grid_cell_fn *cell)
{
	bool bar = look.current && !view->theme->slow;
	enum role base = bar ? look.focused ? ROLE_CURRENT : ROLE_CURRENT_BLUR
			     : look.marked ? ROLE_MARKED : ROLE_NORMAL;
	struct buf text = BUF_INIT;

	view_fill(view, y, base);
	if (look.current && look.focused)
		view_set_cursor(view, y, 0);
	if (look.current)
		view_text(view, y, 0, 1, base, ">");
	if (look.marked)
		view_text(view, y, 1, 1, base, "*");
	for (size_t i = 0; i < grid->count; i++) {
		enum role role = base;

		if (grid->width[i] == 0)
			continue;
		buf_clear(&text);
		cell(row, i, view->theme->ascii, &text, &role);
		if (bar)
			role = base;
		if (grid->columns[i].right)
			view_right(view, y, grid->x[i], grid->width[i], role, text.data);
		else
			view_text(view, y, grid->x[i], grid->width[i], role, text.data);
	}
	buf_release(&text);
}
