/* SPDX-License-Identifier: MIT */
/*
 * Temporary tables (#t, of the session) and table variables (@t, of one batch).
 * Their rows live in SQLite temporary tables with names of our own; their
 * declared types live here.
 */
#ifndef SO_TSQL_TABLE_H
#define SO_TSQL_TABLE_H

#include "tsql/ast.h"
#include "tsql/exec.h"

struct table {
	char *name;         /* "#t" or "@t" */
	char sql_name[32];  /* "t17" in SQLite's temp schema */
	int frame;          /* the batch a table variable belongs to; 0 = the session */
	struct table_column *columns; /* names and default texts owned */
	size_t column_count;
	int64_t next_identity;
	const struct tsql_table_type *type; /* that it was declared with, or NULL */
};

/* NULL when there is none. */
struct table *table_find(struct exec *exec, const char *name);
/* Make a table; keys may be empty. Error 2714 when a #table of that name is there. */
int table_create(struct exec *exec, const char *name, const struct table_column *columns, size_t column_count,
    const struct table_key *keys, size_t key_count, struct table **ret);
void table_drop(struct exec *exec, struct table *table);
/* Drop the table variables of a batch that ends. */
void table_end_frame(struct exec *exec, int frame);
/* Forget tables that a rolled back transaction took away. */
void table_after_rollback(struct exec *exec);
/* Free the registry (the session closes). */
void table_free_all(struct tsql_session *session);

/* Statements. */
int exec_create_table(struct exec *exec, struct stmt *s);
int exec_drop_table(struct exec *exec, struct stmt *s);
int exec_insert(struct exec *exec, struct stmt *s);
/* The same without telling the number of rows, which ret_count gets unless NULL. */
int exec_insert_rows(struct exec *exec, struct stmt *s, int64_t *ret_count);
int exec_update(struct exec *exec, struct stmt *s);
int exec_delete(struct exec *exec, struct stmt *s);
int exec_merge(struct exec *exec, struct stmt *s);
int exec_select_into(struct exec *exec, struct stmt *s);

#endif
