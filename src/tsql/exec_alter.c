/* SPDX-License-Identifier: MIT */
/*
 * ALTER TABLE, CREATE INDEX and DROP INDEX of temporary tables. What a
 * declaration says lives in the registry, which remembers it before each change
 * for the case that the statement fails or its transaction is rolled back.
 */
#include <sqlite3.h>
#include <string.h>

#include "base/utf8.h"
#include "tsql/exec_change.h"
#include "tsql/plan.h"
#include "tsql/sqlerr.h"
#include "tsql/store.h"

static int find_table(struct exec *e, const char *name, struct table **ret)
{
	*ret = table_find(e, name);
	return *ret ? 0 : sql_error_full(e->err, 4902, 16, 1,
		"Cannot find the object \"%s\" because it does not exist or you do not have permissions.", name);
}

static int64_t row_count(struct exec *e, const struct table *t)
{
	struct sqlite3_stmt *stmt;
	struct buf sql = BUF_INIT;
	int64_t n = 0;

	buf_addf(&sql, "SELECT count(*) FROM %s", t->sql_name);
	if (session_prepare(e->session, sql.data, &stmt, e->err) == 0) {
		if (sqlite3_step(stmt) == SQLITE_ROW)
			n = sqlite3_column_int64(stmt, 0);
		session_done(e->session, stmt);
	}
	buf_release(&sql);
	return n;
}

/* Text that is run once, so not through the cache of statements. */
static int run(struct exec *e, const struct buf *sql)
{
	int code = sqlite3_exec(e->session->db, sql->data, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : plan_sqlite_error(e->session, code, e->err);
}

/* Give a column of all rows its default, or what its old value is in the new declaration. */
static int rewrite(struct exec *e, struct table *t, size_t column, const struct tsql_decl *from, struct insert *defaults)
{
	struct sqlite3_stmt *read = NULL, *write = NULL;
	struct buf sql = BUF_INIT;
	int r, code = SQLITE_DONE;

	buf_addf(&sql, "SELECT rowid, ");
	store_quote_name(t->columns[column].name, &sql);
	buf_addf(&sql, " FROM %s ORDER BY rowid", t->sql_name);
	r = session_prepare(e->session, sql.data, &read, e->err);
	buf_clear(&sql);
	buf_addf(&sql, "UPDATE %s SET ", t->sql_name);
	store_quote_name(t->columns[column].name, &sql);
	buf_adds(&sql, " = ?1 WHERE rowid = ?2");
	if (r == 0)
		r = session_prepare(e->session, sql.data, &write, e->err);
	while (r == 0 && (code = sqlite3_step(read)) == SQLITE_ROW) {
		struct tsql_value old, new;
		r = defaults ? change_default_value(defaults, column, &old) : tsql_value_column(read, 1, from, &old, e->err);
		if (r < 0)
			break;
		r = change_column_value(e, t, column, &old, "ALTER TABLE", &new);
		tsql_value_release(&old);
		if (r < 0)
			break;
		store_bind(write, 1, &new, &t->columns[column].decl);
		sqlite3_bind_int64(write, 2, sqlite3_column_int64(read, 0));
		tsql_value_release(&new);
		code = sqlite3_step(write);
		sqlite3_reset(write);
		if (code != SQLITE_DONE)
			r = plan_sqlite_error(e->session, code, e->err);
	}
	if (write)
		session_done(e->session, write);
	if (read)
		session_done(e->session, read);
	buf_release(&sql);
	return r;
}

static int add_column(struct exec *e, struct table *t, const struct table_column *c)
{
	struct insert in = { .exec = e, .table = t };
	struct buf sql = BUF_INIT;
	bool fill = c->default_text && (c->not_null || c->with_values);
	size_t at;
	int r;

	for (size_t i = 0; i < t->column_count; i++)
		if (utf8_casecmp(t->columns[i].name, c->name) == 0)
			return sql_error(e->err, 2705, "Column names in each table must be unique. Column name '%s' in table '%s' is specified more than once.",
			    c->name, t->name);
	if (c->not_null && !c->identity && !c->default_text && row_count(e, t) > 0)
		return sql_error(e->err, 4901,
		    "ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition specified, or the column being added is an identity or timestamp column, or alternatively if none of the previous conditions are satisfied the table must be empty to allow addition of this column. Column '%s' cannot be added to non-empty table '%s' because it does not satisfy these conditions.",
		    c->name, t->name);
	buf_addf(&sql, "ALTER TABLE %s ADD COLUMN ", t->sql_name);
	table_define_column(c, &sql);
	r = run(e, &sql);
	buf_release(&sql);
	if (r < 0)
		return r;
	at = table_add_column(e, t, c);
	return fill || c->identity ? rewrite(e, t, at, NULL, &in) : 0;
}

static int alter_column(struct exec *e, struct table *t, const struct table_column *c)
{
	struct tsql_decl old;
	size_t at;
	int r = change_find_column(e, t, c->name, &at);

	if (r < 0)
		return r;
	if (t->columns[at].identity || table_has_index(e, t, at))
		return sql_error(e->err, 5074, "ALTER TABLE ALTER COLUMN %s failed because one or more objects access this column.", c->name);
	old = t->columns[at].decl;
	table_set_column(e, t, at, &c->decl, c->not_null);
	return rewrite(e, t, at, &old, NULL);
}

static size_t column_at(const struct table *t, const char *name)
{
	size_t at = 0;

	while (at < t->column_count && utf8_casecmp(t->columns[at].name, name) != 0)
		at++;
	return at;
}

static int check_drop(struct exec *e, const struct table *t, const char *name, bool if_exists)
{
	size_t at = column_at(t, name);

	if (at == t->column_count)
		return if_exists ? 0 : sql_error(e->err, 4924, "ALTER TABLE DROP COLUMN failed because column '%s' does not exist in table '%s'.",
			name, t->name);
	if (t->column_count == 1)
		return sql_error(e->err, 4923, "ALTER TABLE DROP COLUMN failed because '%s' is the only data column in table '%s'. A table must have at least one data column.",
		    name, t->name);
	if (table_has_index(e, t, at))
		return sql_error(e->err, 5074, "ALTER TABLE DROP COLUMN %s failed because one or more objects access this column.", name);
	return 0;
}

static int drop_column(struct exec *e, struct table *t, const char *name)
{
	struct buf sql = BUF_INIT;
	size_t at = column_at(t, name);
	int r;

	if (at == t->column_count)
		return 0;
	buf_addf(&sql, "ALTER TABLE %s DROP COLUMN ", t->sql_name);
	store_quote_name(t->columns[at].name, &sql);
	r = run(e, &sql);
	buf_release(&sql);
	if (r == 0)
		table_remove_column(e, t, at);
	return r;
}

/* --- constraints --- */

static bool is_name(const char *a, const char *b)
{
	return a && utf8_casecmp(a, b) == 0;
}

/* The index of a name, quoted for SQL; empty when there is none. */
static int find_index(struct exec *e, const struct table *t, const char *name, struct buf *ret)
{
	struct buf full = BUF_INIT;
	struct sqlite3_stmt *stmt;
	int r;

	table_index_name(t, name, &full);
	r = session_prepare(e->session, "SELECT name FROM sqlite_temp_schema WHERE type = 'index' AND name = ?1 COLLATE TSQL", &stmt, e->err);
	if (r == 0) {
		sqlite3_bind_text(stmt, 1, full.data, -1, SQLITE_TRANSIENT);
		if (sqlite3_step(stmt) == SQLITE_ROW)
			store_quote_name((const char *)sqlite3_column_text(stmt, 0), ret);
		session_done(e->session, stmt);
	}
	buf_release(&full);
	return r;
}

/* A key is an index of its name. Sets whether it was there. */
static int drop_index(struct exec *e, const struct table *t, const char *name, bool *ret_was)
{
	struct buf sql = BUF_INIT, found = BUF_INIT;
	int r = find_index(e, t, name, &found);

	*ret_was = found.len > 0;
	if (r == 0 && *ret_was) {
		buf_addf(&sql, "DROP INDEX temp.%s", found.data);
		r = run(e, &sql);
	}
	buf_release(&sql);
	buf_release(&found);
	return r;
}

static int drop_constraint(struct exec *e, struct table *t, const char *name, bool if_exists)
{
	bool was;
	int r;

	for (size_t i = 0; i < t->column_count; i++)
		if (is_name(t->columns[i].default_name, name)) {
			table_set_default(t, i, NULL, NULL);
			return 0;
		}
	for (size_t i = 0; i < t->check_count; i++)
		if (is_name(t->checks[i].name, name)) {
			table_remove_check(t, i);
			return 0;
		}
	r = drop_index(e, t, name, &was);
	if (r < 0 || was || if_exists)
		return r;
	return sql_error(e->err, 3728, "'%s' is not a constraint.", name);
}

static int add_default(struct exec *e, struct table *t, const struct table_default *d)
{
	size_t at = column_at(t, d->column);

	if (at == t->column_count)
		return sql_error(e->err, 1752, "Column '%s' in table '%s' is invalid for creating a default constraint.", d->column, t->name);
	if (t->columns[at].default_text)
		return sql_error(e->err, 1781, "Column already has a DEFAULT bound to it.");
	table_set_default(t, at, d->name, d->text);
	return 0;
}

static int drop_all(struct exec *e, struct table *t, const struct stmt *s)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->create.dropped_count && !s->create.drops_constraints; i++)
		r = check_drop(e, t, s->create.dropped[i], s->create.if_exists);
	for (size_t i = 0; r == 0 && i < s->create.dropped_count; i++)
		r = s->create.drops_constraints ? drop_constraint(e, t, s->create.dropped[i], s->create.if_exists) :
						  drop_column(e, t, s->create.dropped[i]);
	return r;
}

static int alter(struct exec *e, struct table *t, const struct stmt *s)
{
	int r = drop_all(e, t, s);

	for (size_t i = 0; r == 0 && i < s->create.column_count; i++)
		r = s->create.alters ? alter_column(e, t, &s->create.columns[i]) : add_column(e, t, &s->create.columns[i]);
	for (size_t i = 0; r == 0 && i < s->create.key_count; i++) {
		char name[48];
		snprintf(name, sizeof(name), "key %lld", (long long)++e->session->table_serial);
		r = table_add_index(e, t, s->create.keys[i].name ? s->create.keys[i].name : name, &s->create.keys[i], true);
	}
	for (size_t i = 0; r == 0 && i < s->create.default_count; i++)
		r = add_default(e, t, &s->create.defaults[i]);
	return r;
}

/* A CHECK that is added is true of the rows there are. */
static int add_checks(struct exec *e, struct table *t, const struct stmt *s)
{
	struct sqlite3_stmt *stmt;
	struct buf sql = BUF_INIT;
	int r;

	for (size_t i = 0; i < s->create.check_count; i++)
		table_add_check(t, &s->create.checks[i]);
	if (s->create.check_count == 0)
		return 0;
	buf_addf(&sql, "SELECT rowid FROM %s", t->sql_name);
	r = session_prepare(e->session, sql.data, &stmt, e->err);
	buf_release(&sql);
	if (r < 0)
		return r;
	while (r == 0 && sqlite3_step(stmt) == SQLITE_ROW)
		r = change_check_row(e, t, sqlite3_column_int64(stmt, 0), "ALTER TABLE");
	session_done(e->session, stmt);
	return r;
}

int exec_alter_table(struct exec *e, struct stmt *s)
{
	struct table *t;
	int r = find_table(e, s->create.name, &t);

	if (r == 0)
		r = exec_sql(e, "SAVEPOINT tsql_change", e->err);
	if (r < 0)
		return r;
	table_remember(t);
	r = alter(e, t, s);
	if (r == 0)
		r = add_checks(e, t, s);
	r = change_in_savepoint(e, r);
	if (r < 0)
		table_take_back(e, t);
	return r < 0 ? r : table_keep_change(e, t);
}

static int make_index(struct exec *e, struct table *t, const struct stmt *s)
{
	struct buf found = BUF_INIT;
	int r = find_index(e, t, s->index.name, &found);

	if (r == 0 && found.len > 0)
		r = sql_error(e->err, 1913,
		    "The operation failed because an index or statistics with name '%s' already exists on table '%s'.", s->index.name, t->name);
	buf_release(&found);
	return r < 0 ? r : table_add_index(e, t, s->index.name, &s->index.key, s->index.unique);
}

int exec_index(struct exec *e, struct stmt *s)
{
	struct table *t = table_find(e, s->index.table);
	bool was = false;
	int r = 0;

	if (t && !s->index.drop)
		return make_index(e, t, s);
	if (!t && !s->index.drop)
		return sql_error_full(e->err, 1088, 16, 12,
		    "Cannot find the object \"%s\" because it does not exist or you do not have permissions.", s->index.table);
	if (t)
		r = drop_index(e, t, s->index.name, &was);
	if (r == 0 && !was && !s->index.if_exists)
		r = sql_error_full(e->err, 3701, 11, 6,
		    "Cannot drop the index '%s.%s', because it does not exist or you do not have permission.", t ? t->name : s->index.table,
		    s->index.name);
	return r;
}
