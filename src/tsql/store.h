/* SPDX-License-Identifier: MIT */
/* More of the SQLite storage forms than value.h shows: with declarations, and for SQLite functions. Inside the room only. */
#ifndef SO_TSQL_STORE_H
#define SO_TSQL_STORE_H

#include "tsql/value.h"

struct sqlite3_context;
struct sqlite3_value;

/* Bind as a declared type stores it (a declared sql_variant keeps its base type as "type:text"). */
int store_bind(struct sqlite3_stmt *stmt, int index, const struct tsql_value *v, const struct tsql_decl *decl);
/* The same as the result of a SQLite function. */
void store_result(struct sqlite3_context *context, const struct tsql_value *v, const struct tsql_decl *decl);
/* Read an argument or column in its storage form as a declared type. */
int store_read(struct sqlite3_value *from, const struct tsql_decl *decl, struct tsql_value *ret, struct err *err);

/* A name quoted for SQLite: "a""b". */
void store_quote_name(const char *name, struct buf *out);

/*
 * A text column without copying it: false when it is no text of a declared
 * length. The value lives until the statement's next step and is not released.
 */
bool store_borrow(struct sqlite3_stmt *stmt, int column, const struct tsql_decl *decl, struct tsql_value *ret);

#endif
