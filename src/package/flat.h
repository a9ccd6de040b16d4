/* SPDX-License-Identifier: MIT */
/* JSON objects without objects in them, read in place: what is read a hundred thousand times a second (event.c). */
#ifndef SO_PACKAGE_FLAT_H
#define SO_PACKAGE_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flat_member {
	const char *key;
	const char *text; /* NULL for a number */
	int64_t number;
};

/*
 * Read len bytes of one object whose values are texts and whole numbers. The
 * bytes are changed, and line[len] must be writable: keys and texts point into
 * them. Returns how many members there are, or -1 when anything else is in it
 * (true, null, arrays, fractions, \u escapes, more than max members, bytes that
 * are no JSON): then only a whole reader can tell what it is.
 */
int flat_read(char *line, size_t len, struct flat_member *members, size_t max);

#endif
