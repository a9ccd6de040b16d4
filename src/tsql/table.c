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

void table_define_column(const struct table_column *c, struct buf *out)
{
	store_quote_name(c->name, out);
	buf_adds(out, collation(c->decl.type));
}

static void definition(const struct table *t, struct buf *out)
{
	buf_addf(out, "CREATE TEMP TABLE %s (", t->sql_name);
	for (size_t i = 0; i < t->column_count; i++) {
		buf_adds(out, i ? ", " : "");
		table_define_column(&t->columns[i], out);
	}
	buf_addc(out, ')');
}

static const struct table_column *find_column(const struct table *t, const char *name)
{
	for (size_t i = 0; i < t->column_count; i++)
		if (utf8_casecmp(t->columns[i].name, name) == 0)
			return &t->columns[i];
	return NULL;
}

/* In SQLite every NULL differs; here, a NULL is one value more. No column holds these bytes. */
#define NULL_KEY "x'8d1f6c2e5b7a4930a1e2c4f60718293a4b5c6d7e8f90a1b2'"

static void index_column(const struct table_column *c, bool unique, struct buf *out)
{
	buf_adds(out, unique ? "ifnull(" : "");
	store_quote_name(c->name, out);
	buf_addf(out, "%s%s", unique ? ", " NULL_KEY ")" : "", collation(c->decl.type));
}

void table_index_name(const struct table *t, const char *name, struct buf *out)
{
	buf_addf(out, "%s:%s", t->sql_name, name);
}

int table_add_index(struct exec *e, struct table *t, const char *name, const struct table_key *key, bool unique)
{
	struct buf sql = BUF_INIT, full = BUF_INIT;
	int code, r = 0;

	table_index_name(t, name, &full);
	buf_addf(&sql, "CREATE %sINDEX temp.", unique ? "UNIQUE " : "");
	store_quote_name(full.data, &sql);
	buf_addf(&sql, " ON %s (", strchr(t->sql_name, '.') + 1);
	for (size_t i = 0; r == 0 && i < key->count; i++) {
		const struct table_column *c = find_column(t, key->columns[i]);
		buf_adds(&sql, i ? ", " : "");
		if (c)
			index_column(c, unique && !c->not_null, &sql);
		else
			r = sql_error(e->err, 1911, "Column name '%s' does not exist in the target table or view.", key->columns[i]);
	}
	buf_addc(&sql, ')');
	code = r < 0 ? SQLITE_OK : sqlite3_exec(e->session->db, sql.data, NULL, NULL, NULL);
	if (code == SQLITE_CONSTRAINT)
		r = sql_error_full(e->err, 1505, 16, 1,
		    "The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name '%s' and the index name '%s'.",
		    t->name, name);
	else if (code != SQLITE_OK)
		r = plan_sqlite_error(e->session, code, e->err);
	buf_release(&sql);
	buf_release(&full);
	return r;
}

/* --- declarations --- */

struct table_past {
	int64_t version;
	struct table_column *columns;
	size_t column_count;
	struct table_check *checks;
	size_t check_count;
	struct table_past *next;
};

static void free_column(const struct table_column *c)
{
	free((char *)c->name);
	free((char *)c->default_text);
	free((char *)c->default_name);
}

static void free_declaration(struct table_column *columns, size_t column_count, struct table_check *checks, size_t check_count)
{
	for (size_t i = 0; i < column_count; i++)
		free_column(&columns[i]);
	for (size_t i = 0; i < check_count; i++) {
		free((char *)checks[i].name);
		free((char *)checks[i].text);
	}
	free(columns);
	free(checks);
}

static void copy_texts(struct table_column *c)
{
	c->name = xstrdup(c->name);
	c->default_text = xstrdup_or_null(c->default_text);
	c->default_name = xstrdup_or_null(c->default_name);
}

static struct table_check copy_check(const struct table_check *c)
{
	return (struct table_check){ xstrdup_or_null(c->name), xstrdup(c->text) };
}

void table_add_check(struct table *t, const struct table_check *check)
{
	t->checks = xrealloc(t->checks, (t->check_count + 1) * sizeof(*t->checks));
	t->checks[t->check_count++] = copy_check(check);
}

void table_remove_check(struct table *t, size_t at)
{
	free((char *)t->checks[at].name);
	free((char *)t->checks[at].text);
	memmove(&t->checks[at], &t->checks[at + 1], (t->check_count - at - 1) * sizeof(*t->checks));
	t->check_count--;
}

void table_set_default(struct table *t, size_t at, const char *name, const char *text)
{
	struct table_column *c = &t->columns[at];

	free((char *)c->default_name);
	free((char *)c->default_text);
	c->default_name = xstrdup_or_null(name);
	c->default_text = xstrdup_or_null(text);
}

void table_remember(struct table *t)
{
	struct table_past *past = xcalloc(1, sizeof(*past));

	*past = (struct table_past){ t->version, xcalloc(t->column_count + 1, sizeof(*past->columns)), t->column_count,
		xcalloc(t->check_count + 1, sizeof(*past->checks)), t->check_count, t->past };
	for (size_t i = 0; i < t->column_count; i++) {
		past->columns[i] = t->columns[i];
		copy_texts(&past->columns[i]);
	}
	for (size_t i = 0; i < t->check_count; i++)
		past->checks[i] = copy_check(&t->checks[i]);
	t->past = past;
}

static void forget_past(struct table *t)
{
	struct table_past *past = t->past;

	t->past = past->next;
	free_declaration(past->columns, past->column_count, past->checks, past->check_count);
	free(past);
}

void table_take_back(struct exec *e, struct table *t)
{
	struct table_past *past = t->past;

	free_declaration(t->columns, t->column_count, t->checks, t->check_count);
	t->version = past->version;
	t->columns = past->columns;
	t->column_count = past->column_count;
	t->checks = past->checks;
	t->check_count = past->check_count;
	t->past = past->next;
	free(past);
	e->session->table_epoch++;
}

/* The version stands in a table, which the rollback of the transaction or of a savepoint brings back. */
int table_keep_change(struct exec *e, struct table *t)
{
	struct buf sql = BUF_INIT;
	int code;

	if (e->session->trancount == 0) {
		forget_past(t);
		return 0;
	}
	t->version = ++e->session->table_serial;
	buf_addf(&sql, "CREATE TEMP TABLE IF NOT EXISTS declaration (of TEXT PRIMARY KEY, version INTEGER);"
		       "INSERT OR REPLACE INTO temp.declaration VALUES ('%s', %lld)", t->sql_name, (long long)t->version);
	code = sqlite3_exec(e->session->db, sql.data, NULL, NULL, NULL);
	buf_release(&sql);
	return code == SQLITE_OK ? 0 : plan_sqlite_error(e->session, code, e->err);
}

static int64_t stored_version(struct exec *e, const struct table *t)
{
	struct sqlite3_stmt *stmt;
	int64_t version = 0;

	if (session_prepare(e->session, "SELECT version FROM temp.declaration WHERE of = ?1", &stmt, NULL) < 0)
		return 0; /* the table was made in the transaction, too */
	sqlite3_bind_text(stmt, 1, t->sql_name, -1, SQLITE_TRANSIENT);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		version = sqlite3_column_int64(stmt, 0);
	session_done(e->session, stmt);
	return version;
}

static void table_free(struct table *t)
{
	while (t->past)
		forget_past(t);
	free_declaration(t->columns, t->column_count, t->checks, t->check_count);
	free(t->name);
	free(t);
}

/* A column of the registry; its texts are copied. */
static void set_column(struct table *t, size_t at, const struct table_column *c)
{
	t->columns[at] = *c;
	copy_texts(&t->columns[at]);
	t->columns[at].decl = decl_complete(c->decl, false);
	if (c->identity)
		t->next_identity = c->seed;
}

size_t table_add_column(struct exec *e, struct table *t, const struct table_column *c)
{
	t->columns = xrealloc(t->columns, (t->column_count + 1) * sizeof(*t->columns));
	set_column(t, t->column_count, c);
	e->session->table_epoch++;
	return t->column_count++;
}

void table_set_column(struct exec *e, struct table *t, size_t at, const struct tsql_decl *decl, bool not_null)
{
	t->columns[at].decl = decl_complete(*decl, false);
	t->columns[at].not_null = not_null;
	e->session->table_epoch++;
}

void table_remove_column(struct exec *e, struct table *t, size_t at)
{
	free_column(&t->columns[at]);
	memmove(&t->columns[at], &t->columns[at + 1], (t->column_count - at - 1) * sizeof(*t->columns));
	t->column_count--;
	e->session->table_epoch++;
}

bool table_has_index(struct exec *e, const struct table *t, size_t at)
{
	struct sqlite3_stmt *stmt;
	struct buf quoted = BUF_INIT;
	bool has = false;

	store_quote_name(t->columns[at].name, &quoted);
	if (session_prepare(e->session, "SELECT 1 FROM sqlite_temp_schema WHERE type = 'index' AND tbl_name = ?1 AND instr(sql, ?2) > 0",
		&stmt, NULL) == 0) {
		sqlite3_bind_text(stmt, 1, strchr(t->sql_name, '.') + 1, -1, SQLITE_TRANSIENT);
		sqlite3_bind_text(stmt, 2, quoted.data, -1, SQLITE_TRANSIENT);
		has = sqlite3_step(stmt) == SQLITE_ROW;
		session_done(e->session, stmt);
	}
	buf_release(&quoted);
	return has;
}

static struct table *new_table(struct exec *e, const char *name, const struct table_column *columns, size_t count)
{
	struct table *t = xcalloc(1, sizeof(*t));

	t->name = xstrdup(name);
	snprintf(t->sql_name, sizeof(t->sql_name), "temp.t%lld", (long long)++e->session->table_serial);
	t->frame = name[0] == '@' ? e->frame : 0;
	t->columns = xcalloc(count + 1, sizeof(*t->columns));
	t->column_count = count;
	for (size_t i = 0; i < count; i++)
		set_column(t, i, &columns[i]);
	return t;
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

int table_create(struct exec *e, const char *name, const struct table_column *columns, size_t column_count,
    const struct table_key *keys, size_t key_count, struct table **ret)
{
	struct buf sql = BUF_INIT;
	struct table *t;
	int r;

	if (name[0] == '#' && table_find(e, name))
		return sql_error_full(e->err, 2714, 16, 6, "There is already an object named '%s' in the database.", name);
	t = new_table(e, name, columns, column_count);
	definition(t, &sql);
	/* Not through the statement cache: it is run once. */
	r = sqlite3_exec(e->session->db, sql.data, NULL, NULL, NULL) == SQLITE_OK ? 0 :
		plan_sqlite_error(e->session, sqlite3_errcode(e->session->db), e->err);
	buf_release(&sql);
	if (r < 0) {
		table_free(t);
		return r;
	}
	vec_push(&e->session->tables, t);
	e->session->table_epoch++;
	for (size_t k = 0; r == 0 && k < key_count; k++) {
		char index[32];
		snprintf(index, sizeof(index), "key %zu", k + 1);
		r = table_add_index(e, t, keys[k].name ? keys[k].name : index, &keys[k], true);
	}
	if (r < 0)
		table_drop(e, t);
	else
		*ret = t;
	return r;
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
		if (sqlite3_step(stmt) == SQLITE_DONE) {
			forget(s, i - 1);
		} else {
			struct table *t = s->tables.items[i - 1];
			while (t->past && t->version != stored_version(e, t))
				table_take_back(e, t);
		}
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
