/* SPDX-License-Identifier: MIT */
/* STRING_AGG(...) WITHIN GROUP (ORDER BY ...). Inside the room only. */
#ifndef SO_TSQL_STRING_AGG_H
#define SO_TSQL_STRING_AGG_H

#include "tsql/value.h"

struct sqlite3;
struct sqlite3_stmt;

#define STRING_AGG_KEYS 8

/* What the aggregate sorts by; bound as a pointer. */
struct string_order {
	size_t count;
	struct {
		struct tsql_decl decl;
		bool descending;
	} keys[STRING_AGG_KEYS];
};

/* Returns a SQLite code. */
int string_agg_bind(struct sqlite3_stmt *stmt, int index, struct string_order *order);
int string_agg_register(struct sqlite3 *db);

#endif
