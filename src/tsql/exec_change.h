/* SPDX-License-Identifier: MIT */
/* What INSERT, UPDATE, DELETE (exec_table.c), MERGE (exec_merge.c) and SELECT INTO (exec_create.c) share. Inside the room only. */
#ifndef SO_TSQL_EXEC_CHANGE_H
#define SO_TSQL_EXEC_CHANGE_H

#include "tsql/exec_output.h"
#include "tsql/table.h"

struct sqlite3_stmt;
struct rows;

/* Rows on their way into a table. given and all are owned. */
struct insert {
	struct exec *exec;
	struct table *table;
	size_t *given; /* table column of each given value */
	size_t given_count;
	size_t *all; /* 0, 1, 2 ... */
	struct output_run out;
};

/* The temporary table of that name; 208, or 229 for a view. */
int change_find_target(struct exec *exec, const struct ast_name *name, const char *verb, struct table **ret);
int change_find_column(struct exec *exec, const struct table *t, const char *name, size_t *ret);
/* Convert a value for a column, with the checks that an assignment to a column has. */
int change_column_value(struct exec *exec, const struct table *t, size_t column, const struct tsql_value *v, const char *verb,
    struct tsql_value *ret);
/* The value of a column that a statement does not give. */
int change_default_value(struct insert *in, size_t column, struct tsql_value *ret);
/* Error 547 when a row that was written does not meet a CHECK of its table (exec_check.c). */
int change_check_row(struct exec *exec, const struct table *t, int64_t rowid, const char *verb);
/* End the savepoint tsql_change: keep what was done, or undo it when r is negative. Returns r or the failure. */
int change_in_savepoint(struct exec *exec, int r);

/* Which columns the values of an INSERT go to. */
int change_given_columns(struct insert *in, const struct stmt *s);
/* "INSERT INTO t VALUES (?1, ...)" */
void change_insert_sql(const struct table *table, struct buf *sql);
/* One row by that statement; values are those of the given columns. */
int change_insert_row(struct insert *in, struct sqlite3_stmt *stmt, const struct tsql_value *values);
/* All rows, or none. */
int change_insert_rows(struct insert *in, const struct rows *rows);

/* "UPDATE t SET ... WHERE rowid = ?"; empty when only variables are set. columns gets the table column of each SET. */
int change_update_sql(struct exec *exec, const struct table *t, struct stmt *s, size_t *columns, struct buf *sql);
/* One row by that statement, or by "DELETE FROM t WHERE rowid = ?1"; row is its number and the values of the SETs. */
int change_update_row(struct exec *exec, const struct table *t, struct stmt *s, struct sqlite3_stmt *stmt, const struct tsql_value *row,
    const size_t *columns, const struct output_run *out);

#endif
