/* SPDX-License-Identifier: MIT */
/* The registry of temporary tables. */
#include "tsql/table.h"

#include <sqlite3.h>
#include <string.h>

#include "base/utf8.h"
#include "tsql/plan.h"
#include "tsql/sqlerr.h"
#include "tsql/store.h"
#include "tsql/types.h"

struct table *table_find(struct exec *e, const char *name)
{
	struct tsql_session *s = e->session;

	for (size_t i = s->tables.len; i > 0; i--) {
		struct table *t = s->tables.items[i - 1];
		if (utf8_casecmp(t->name, name) == 0 && (t->frame == 0 || t->frame == e->frame))
			return t;
	}
	return NULL;
}

static const char *collation(enum tsql_type type)
{
	enum type_family f = type_info(type)->family;

	return f == FAMILY_TEXT ? " COLLATE TSQL" : f == FAMILY_DECIMAL || f == FAMILY_MONEY ? " COLLATE TSQL_DECIMAL" : "";
}

static void definition(const struct table *t, const struct table_key *keys, size_t key_count, struct buf *out)
{
	buf_addf(out, "CREATE TEMP TABLE %s (", t->sql_name);
	for (size_t i = 0; i < t->column_count; i++) {
		buf_adds(out, i ? ", " : "");
		store_quote_name(t->columns[i].name, out);
		buf_adds(out, collation(t->columns[i].decl.type));
	}
	for (size_t k = 0; k < key_count; k++) {
		buf_adds(out, ", UNIQUE (");
		for (size_t i = 0; i < keys[k].count; i++) {
			buf_adds(out, i ? ", " : "");
			store_quote_name(keys[k].columns[i], out);
		}
		buf_addc(out, ')');
	}
	buf_addc(out, ')');
}

static void table_free(struct table *t)
{
	for (size_t i = 0; i < t->column_count; i++) {
		free((char *)t->columns[i].name);
		free((char *)t->columns[i].default_text);
	}
	free(t->columns);
	free(t->name);
	free(t);
}

static struct table *new_table(struct exec *e, const char *name, const struct table_column *columns, size_t count)
{
	struct table *t = xcalloc(1, sizeof(*t));

	t->name = xstrdup(name);
	snprintf(t->sql_name, sizeof(t->sql_name), "temp.t%lld", (long long)++e->session->table_serial);
	t->frame = name[0] == '@' ? e->frame : 0;
	t->columns = xcalloc(count + 1, sizeof(*t->columns));
	t->column_count = count;
	for (size_t i = 0; i < count; i++) {
		t->columns[i] = columns[i];
		t->columns[i].name = xstrdup(columns[i].name);
		t->columns[i].default_text = xstrdup_or_null(columns[i].default_text);
		t->columns[i].decl = decl_complete(columns[i].decl, false);
		if (columns[i].identity)
			t->next_identity = columns[i].seed;
	}
	return t;
}

int table_create(struct exec *e, const char *name, const struct table_column *columns, size_t column_count,
    const struct table_key *keys, size_t key_count, struct table **ret)
{
	struct buf sql = BUF_INIT;
	struct table *t;
	int r;

	for (size_t k = 0; k < key_count; k++)
		for (size_t i = 0; i < keys[k].count; i++) {
			bool known = false;
			for (size_t c = 0; c < column_count; c++)
				known = known || utf8_casecmp(columns[c].name, keys[k].columns[i]) == 0;
			if (!known)
				return sql_error(e->err, 1911, "Column name '%s' does not exist in the target table or view.", keys[k].columns[i]);
		}
	if (name[0] == '#' && table_find(e, name))
		return sql_error_full(e->err, 2714, 16, 6, "There is already an object named '%s' in the database.", name);
	t = new_table(e, name, columns, column_count);
	definition(t, keys, key_count, &sql);
	/* Not through the statement cache: it is run once. */
	r = sqlite3_exec(e->session->db, sql.data, NULL, NULL, NULL) == SQLITE_OK ? 0 :
		plan_sqlite_error(e, sqlite3_errcode(e->session->db), e->err);
	buf_release(&sql);
	if (r < 0) {
		table_free(t);
		return r;
	}
	vec_push(&e->session->tables, t);
	e->session->table_epoch++;
	*ret = t;
	return 0;
}

static void forget(struct tsql_session *s, size_t at)
{
	table_free(s->tables.items[at]);
	memmove(&s->tables.items[at], &s->tables.items[at + 1], (s->tables.len - at - 1) * sizeof(*s->tables.items));
	s->tables.len--;
	s->table_epoch++;
}

void table_drop(struct exec *e, struct table *table)
{
	struct tsql_session *s = e->session;
	struct buf sql = BUF_INIT;

	buf_addf(&sql, "DROP TABLE IF EXISTS %s", table->sql_name);
	sqlite3_exec(s->db, sql.data, NULL, NULL, NULL);
	buf_release(&sql);
	for (size_t i = 0; i < s->tables.len; i++) {
		if (s->tables.items[i] == table) {
			forget(s, i);
			return;
		}
	}
}

void table_end_frame(struct exec *e, int frame)
{
	for (size_t i = e->session->tables.len; i > 0; i--)
		if (e->session->tables.items[i - 1]->frame == frame)
			table_drop(e, e->session->tables.items[i - 1]);
}

void table_after_rollback(struct exec *e)
{
	struct tsql_session *s = e->session;
	struct sqlite3_stmt *stmt;

	if (s->tables.len == 0 ||
	    session_prepare(s, "SELECT 1 FROM sqlite_temp_schema WHERE type = 'table' AND 'temp.' || name = ?1", &stmt, NULL) < 0)
		return;
	for (size_t i = s->tables.len; i > 0; i--) {
		sqlite3_bind_text(stmt, 1, s->tables.items[i - 1]->sql_name, -1, SQLITE_TRANSIENT);
		if (sqlite3_step(stmt) == SQLITE_DONE)
			forget(s, i - 1);
		sqlite3_reset(stmt);
	}
	session_done(s, stmt);
}

void table_free_all(struct tsql_session *s)
{
	while (s->tables.len)
		forget(s, s->tables.len - 1);
	vec_release(&s->tables);
}
