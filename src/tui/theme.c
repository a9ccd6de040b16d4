/* SPDX-License-Identifier: MIT */
/*
 * Roles to curses attributes. The colours are blue and orange where others
 * use green and red, so that the most common colour blindness loses nothing.
 */
#include "tui/theme.h"

#include <curses.h>
#include <langinfo.h>
#include <stdlib.h>

#include "base/mem.h"

static const struct {
	enum role role;
	short color;         /* -1 = the terminal's own */
	attr_t with_color;
	attr_t without;
} looks[] = {
	{ ROLE_NORMAL, -1, A_NORMAL, A_NORMAL },
	{ ROLE_TITLE, -1, A_REVERSE, A_REVERSE },
	{ ROLE_HEADER, COLOR_CYAN, A_BOLD, A_BOLD },
	{ ROLE_CURRENT, -1, A_REVERSE, A_REVERSE },
	{ ROLE_CURRENT_BLUR, -1, A_UNDERLINE, A_UNDERLINE },
	{ ROLE_DIM, -1, A_DIM, A_NORMAL },
	{ ROLE_KEY, -1, A_BOLD, A_BOLD },
	{ ROLE_FOOTER, -1, A_NORMAL, A_NORMAL },
	/* What went well stays plain: it is most rows, and each change of colour costs bytes. */
	{ ROLE_GOOD, -1, A_NORMAL, A_NORMAL },
	{ ROLE_BAD, COLOR_YELLOW, A_BOLD, A_BOLD },
	{ ROLE_BUSY, COLOR_CYAN, A_NORMAL, A_NORMAL },
	{ ROLE_WARNING, COLOR_YELLOW, A_NORMAL, A_UNDERLINE },
	{ ROLE_ALERT, COLOR_YELLOW, A_REVERSE | A_BOLD, A_REVERSE | A_BOLD },
	{ ROLE_MARKED, -1, A_BOLD, A_BOLD },
	{ ROLE_FIELD, -1, A_UNDERLINE, A_UNDERLINE },
	{ ROLE_BUTTON, -1, A_NORMAL, A_NORMAL },
	{ ROLE_BUTTON_FOCUS, -1, A_REVERSE, A_REVERSE },
};
_Static_assert(ARRAY_LEN(looks) == ROLE_COUNT, "every role has a look");

static bool want_color(int color)
{
	const char *no_color = getenv("NO_COLOR");

	if (color >= 0)
		return color > 0 && has_colors();
	return !(no_color && *no_color) && has_colors();
}

void theme_init(struct theme *theme, bool ascii, bool slow, int color)
{
	*theme = (struct theme){ .slow = slow };
	theme->ascii = ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	theme->lines = !theme->ascii;
	theme->color = want_color(color);
	if (theme->color) {
		start_color();
		use_default_colors();
	}
	for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
		attr_t attr = theme->color ? looks[i].with_color : looks[i].without;

		if (theme->color && looks[i].color >= 0) {
			init_pair((short)(i + 1), looks[i].color, -1);
			attr |= (attr_t)COLOR_PAIR(i + 1);
		}
		theme->attrs[looks[i].role] = attr;
	}
	if (theme->ascii) {
		/* One place turns our boxes and CDK's to ASCII. */
		static const char lines[] = "l+m+k+j+q-x|t+u+v+w+n+a#";

		for (size_t i = 0; lines[i]; i += 2)
			acs_map[(unsigned char)lines[i]] = (chtype)lines[i + 1];
	}
}
