/* SPDX-License-Identifier: MIT */
/*
 * Windows texts on Linux (spec/package.md §7): paths with drives and
 * backslashes, and command lines with the quoting of CommandLineToArgvW.
 */
#include <ctype.h>
#include <string.h>

#include "runtime/engine.h"

/* "C:" or "C:\..." */
static bool has_drive(const char *path)
{
	return isalpha((unsigned char)path[0]) && path[1] == ':' && (path[2] == '\\' || path[2] == '/' || !path[2]);
}

void path_map(const char *path, struct buf *out)
{
	bool share = path[0] == '\\' && path[1] == '\\';

	if (path[0] == '/') { /* already ours: backslashes are part of names */
		buf_adds(out, path);
		return;
	}
	if (has_drive(path)) {
		buf_addf(out, "/mnt/%c", tolower((unsigned char)path[0]));
		path += 2;
	} else if (share) {
		buf_adds(out, "/mnt");
		path++;
	}
	for (; *path; path++)
		buf_addc(out, *path == '\\' ? '/' : *path);
}

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
