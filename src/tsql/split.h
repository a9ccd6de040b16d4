/* SPDX-License-Identifier: MIT */
/* Cutting a script into batches at its GO lines, before any of it is parsed. */
#ifndef SO_TSQL_SPLIT_H
#define SO_TSQL_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

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
