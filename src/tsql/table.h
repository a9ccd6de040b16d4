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
	struct table_check *checks; /* their texts and names are owned */
	size_t check_count;
	int64_t version;          /* of the declaration; what a transaction changes has a new one */
	struct table_past *past; /* declarations that a rollback may bring back, the last first */
	const struct tsql_table_type *type; /* that it was declared with, or NULL */
};

/* NULL when there is none. */
struct table *table_find(struct exec *exec, const char *name);
/* Make a table; keys may be empty. Error 2714 when a #table of that name is there. */
int table_create(struct exec *exec, const char *name, const struct table_column *columns, size_t column_count,
    const struct table_key *keys, size_t key_count, struct table **ret);
/* An index by its name; a unique one takes NULL once, too. Error 1505 for duplicates. */
int table_add_index(struct exec *exec, struct table *table, const char *name, const struct table_key *key, bool unique);
/* What ALTER TABLE did in SQLite, in the registry. A column is written as in CREATE TABLE. */
void table_define_column(const struct table_column *column, struct buf *out);
size_t table_add_column(struct exec *exec, struct table *table, const struct table_column *column);
void table_set_column(struct exec *exec, struct table *table, size_t at, const struct tsql_decl *decl, bool not_null);
void table_remove_column(struct exec *exec, struct table *table, size_t at);
/* Whether an index has the column. */
bool table_has_index(struct exec *exec, const struct table *table, size_t at);
void table_add_check(struct table *table, const struct table_check *check);
void table_remove_check(struct table *table, size_t at);
/* Set a column's default and the name of its constraint; texts are copied, NULL takes it away. */
void table_set_default(struct table *table, size_t at, const char *name, const char *text);
/* Before a declaration changes: remember it. After: take it back, or keep the change, which the transaction may still roll back. */
void table_remember(struct table *table);
void table_take_back(struct exec *exec, struct table *table);
int table_keep_change(struct exec *exec, struct table *table);
/* The full name of an index in SQLite's temp schema. */
void table_index_name(const struct table *table, const char *name, struct buf *out);
void table_drop(struct exec *exec, struct table *table);
/* Drop the table variables of a batch that ends. */
void table_end_frame(struct exec *exec, int frame);
/* Forget tables that a rolled back transaction took away, and take back what it changed in others' declarations. */
void table_after_rollback(struct exec *exec);
/* Free the registry (the session closes). */
void table_free_all(struct tsql_session *session);

/* Statements. */
int exec_create_table(struct exec *exec, struct stmt *s);
int exec_alter_table(struct exec *exec, struct stmt *s);
int exec_index(struct exec *exec, struct stmt *s);
int exec_drop_table(struct exec *exec, struct stmt *s);
int exec_insert(struct exec *exec, struct stmt *s);
/* The same without telling the number of rows, which ret_count gets unless NULL. */
int exec_insert_rows(struct exec *exec, struct stmt *s, int64_t *ret_count);
int exec_update(struct exec *exec, struct stmt *s);
int exec_delete(struct exec *exec, struct stmt *s);
int exec_merge(struct exec *exec, struct stmt *s);
int exec_select_into(struct exec *exec, struct stmt *s);

#endif
