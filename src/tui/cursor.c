/* SPDX-License-Identifier: MIT */
/* Movement in a list, the same for every list of the console. */
#include "tui/cursor.h"

void cursor_clamp(struct cursor *cursor, size_t count)
{
	size_t page = cursor->page ? cursor->page : 1;

	if (cursor->pos >= count)
		cursor->pos = count ? count - 1 : 0;
	if (cursor->pos < cursor->top)
		cursor->top = cursor->pos;
	if (cursor->pos >= cursor->top + page)
		cursor->top = cursor->pos - page + 1;
	if (count <= page)
		cursor->top = 0;
	else if (cursor->top > count - page)
		cursor->top = count - page;
}

void cursor_move_to(struct cursor *cursor, size_t pos, size_t count)
{
	cursor->pos = pos;
	cursor_clamp(cursor, count);
}

static void move_by(struct cursor *cursor, ptrdiff_t delta, size_t count)
{
	if (delta < 0 && (size_t)-delta > cursor->pos)
		cursor->pos = 0;
	else
		cursor->pos = (size_t)((ptrdiff_t)cursor->pos + delta);
	cursor_clamp(cursor, count);
}

/* A page moves what is shown as well as the row, so the row keeps its place on the screen. */
static void page_by(struct cursor *cursor, ptrdiff_t delta, size_t count)
{
	if (delta < 0)
		cursor->top = (size_t)-delta > cursor->top ? 0 : cursor->top - (size_t)-delta;
	else if (cursor->top + cursor->page < count)
		cursor->top += (size_t)delta;
	move_by(cursor, delta, count);
}

bool cursor_command(struct cursor *cursor, enum command command, size_t count)
{
	ptrdiff_t page = (ptrdiff_t)(cursor->page ? cursor->page : 1);

	switch (command) {
	case CMD_UP:
		move_by(cursor, -1, count);
		return true;
	case CMD_DOWN:
		move_by(cursor, 1, count);
		return true;
	case CMD_PAGE_UP:
		page_by(cursor, -page, count);
		return true;
	case CMD_PAGE_DOWN:
		page_by(cursor, page, count);
		return true;
	case CMD_HALF_UP:
		page_by(cursor, -(page + 1) / 2, count);
		return true;
	case CMD_HALF_DOWN:
		page_by(cursor, (page + 1) / 2, count);
		return true;
	case CMD_HOME:
		cursor_move_to(cursor, 0, count);
		return true;
	case CMD_END:
		cursor_move_to(cursor, count ? count - 1 : 0, count);
		return true;
	default:
		return false;
	}
}
