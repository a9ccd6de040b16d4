/* SPDX-License-Identifier: MIT */
/* Cutting a script into batches at its GO lines, before any of it is parsed. */
#ifndef SO_TSQL_SPLIT_H
#define SO_TSQL_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

/* Where a position of T-SQL text is: in a string or quoted name, a comment, or neither (all zero). */
struct tsql_scan {
	char quote;        /* ' " or ] while inside a string or quoted name, else 0 */
	int comment;       /* depth of block comments, which nest */
	bool line_comment; /* after --, until the end of the line */
};

/* Follow the text at one position; returns the bytes it went on (1 or 2, at < len). */
size_t tsql_scan_step(struct tsql_scan *scan, const char *text, size_t len, size_t at);
/* Follow a whole line; the state is then that of the next line's begin. */
void tsql_scan_line(struct tsql_scan *scan, const char *text, size_t len);
/* True when a line that begins in this state may be a command or GO. */
bool tsql_scan_is_clear(const struct tsql_scan *scan);

struct tsql_batch {
	const char *text; /* points into the script; not terminated */
	size_t len;
	int count;       /* GO n: how often to run it; 1 without a number */
	int line;        /* 1-based line of the script where it begins */
	bool terminated; /* by GO; false only for the last one */
};
struct tsql_batches {
	struct tsql_batch *items;
	size_t len, cap;
};

/*
 * GO stands alone on its line (case-blind, a count and a comment may follow)
 * and outside of strings, [names], "names" and block comments (which nest).
 * Batches of nothing but white space are left out. ret borrows from text;
 * release with tsql_batches_release.
 */
void tsql_split_batches(const char *text, size_t len, struct tsql_batches *ret);
void tsql_batches_release(struct tsql_batches *batches);

#endif
