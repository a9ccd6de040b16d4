/* SPDX-License-Identifier: MIT */
/*
 * Windows command lines on Linux (spec/package.md §7): the quoting of CommandLineToArgvW.
 */
#include <string.h>

#include "runtime/engine.h"

/* Backslashes count double only in front of a quote. Appends to out; returns the rest. */
static const char *read_backslashes(const char *p, bool *quoted, struct buf *out)
{
	size_t n = strspn(p, "\\");

	p += n;
	if (*p != '"') {
		while (n--)
			buf_addc(out, '\\');
		return p;
	}
	for (size_t i = 0; i < n / 2; i++)
		buf_addc(out, '\\');
	if (n % 2) {
		buf_addc(out, '"');
	} else if (*quoted && p[1] == '"') {
		buf_addc(out, '"'); /* "" inside quotes is a quote */
		p++;
	} else {
		*quoted = !*quoted;
	}
	return p + 1;
}

size_t command_split(const char *line, struct buf *out)
{
	size_t words = 0;

	for (;;) {
		bool quoted = false;
		line += strspn(line, " \t\r\n");
		if (!*line)
			return words;
		while (*line && (quoted || !strchr(" \t\r\n", *line))) {
			if (*line == '\\' || *line == '"')
				line = read_backslashes(line, &quoted, out);
			else
				buf_addc(out, *line++);
		}
		buf_addc(out, '\0');
		words++;
	}
}
