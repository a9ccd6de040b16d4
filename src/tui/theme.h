/* SPDX-License-Identifier: MIT */
/*
 * What the terminal can do and how roles look on it. Views name roles, never
 * colours; every role is also told apart without colour (bold, underline,
 * reverse, or a glyph and a word).
 */
#ifndef SO_TUI_THEME_H
#define SO_TUI_THEME_H

#include <stdbool.h>

enum role {
	ROLE_NORMAL,
	ROLE_TITLE,    /* top line */
	ROLE_HEADER,   /* column heads, section heads */
	ROLE_CURRENT,  /* the current row of the focused list */
	ROLE_CURRENT_BLUR, /* the current row of another list */
	ROLE_DIM,
	ROLE_KEY,      /* a key in the footer */
	ROLE_FOOTER,
	ROLE_GOOD,
	ROLE_BAD,
	ROLE_BUSY,
	ROLE_WARNING,
	ROLE_ALERT,    /* a line that must not be overlooked */
	ROLE_MARKED,
	ROLE_FIELD,    /* an input field */
	ROLE_BUTTON,
	ROLE_BUTTON_FOCUS,
	ROLE_COUNT
};

struct theme {
	bool ascii;  /* no character beyond ASCII is written */
	bool lines;  /* line drawing by U+25xx; else + - | */
	bool color;
	bool slow;   /* marker cursor instead of a reversed row */
	unsigned attrs[ROLE_COUNT]; /* curses attributes with their colour pair */
};

/*
 * Fill in the theme after initscr: color -1 auto (NO_COLOR, terminal), 0, 1;
 * ascii is forced when the locale is not UTF-8.
 */
void theme_init(struct theme *theme, bool ascii, bool slow, int color);

#endif
