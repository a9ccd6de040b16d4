/* SPDX-License-Identifier: MIT */
/*
 * A value in two columns: a sql_variant in plain text, or, when sensitive, the
 * same text sealed, the other column NULL. All parameters, variables and
 * overrides are kept so.
 */
#ifndef SO_CATALOG_CELL_H
#define SO_CATALOG_CELL_H

#include "catalog/store.h"

struct cell {
	bool null, sensitive;
	struct buf data; /* encoded text, or sealed bytes */
};

/* place names table and row for the seal (secrets.h). Release with cell_release. */
int cell_make(struct catalog *c, const char *place, const struct tsql_value *value, bool sensitive,
    struct cell *ret, struct err *err);
void cell_release(struct cell *cell);
/* For the two columns. */
struct bind cell_plain(const struct cell *cell);
struct bind cell_sealed(const struct cell *cell);
/* Read plain at column, sealed at column + 1. An untyped NULL when both are. */
int cell_read(struct catalog *c, const char *place, sqlite3_stmt *q, int column,
    struct tsql_value *ret, struct err *err);

#endif
