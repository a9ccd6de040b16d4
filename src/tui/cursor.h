/* SPDX-License-Identifier: MIT */
/* The place in a list: current row, first row shown, rows that fit. No curses. */
#ifndef SO_TUI_CURSOR_H
#define SO_TUI_CURSOR_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/keymap.h"

struct cursor {
	size_t pos;  /* current row; < count unless the list is empty */
	size_t top;  /* first row shown */
	size_t page; /* rows shown, at least 1 */
};

/* Apply a movement command to a list of count rows; false for other commands. */
bool cursor_command(struct cursor *cursor, enum command command, size_t count);
/* Bring pos and top back into a list of count rows. */
void cursor_clamp(struct cursor *cursor, size_t count);
void cursor_move_to(struct cursor *cursor, size_t pos, size_t count);

#endif
