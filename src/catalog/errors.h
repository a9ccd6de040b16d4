/* SPDX-License-Identifier: MIT */
/* The catalog's error messages (spec/catalog.md §8.6): one table, number to text. */
#ifndef SO_CATALOG_ERRORS_H
#define SO_CATALOG_ERRORS_H

#include <stddef.h>
#include <stdint.h>

#include "tsql/server.h"

struct catalog_error {
	int number;
	int severity;     /* 16, or 10 for information */
	const char *text; /* %1 to %9 stand for the inserts, which are text */
};
/* Row of a number, or NULL. */
const struct catalog_error *catalog_error_find(int number);
/* All rows, for tests and documentation. */
const struct catalog_error *catalog_errors(size_t *ret_count);

/*
 * Raise an error (or, for severity 10, information). The inserts are text, at
 * least one argument must follow (NULL when there are none). Returns -ERR_SQL.
 */
#define raise_error(call, number, ...) \
	raise_error_list(call, number, (const char *const[]){ __VA_ARGS__, NULL })
int raise_error_list(struct tsql_call *call, int number, const char *const *inserts);

/* Decimal text of an id, for inserts. */
struct id_text {
	char text[24];
};
struct id_text id_text(int64_t id);

#endif
