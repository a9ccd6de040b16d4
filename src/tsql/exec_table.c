/* SPDX-License-Identifier: MIT */
/*
 * INSERT, UPDATE and DELETE of temporary tables. The rows are computed first
 * and written afterwards, in one savepoint, so that a statement reads the table
 * as it was and changes all of it or nothing.
 */
#include <sqlite3.h>
#include <string.h>

#include "base/utf8.h"
#include "tsql/exec_change.h"
#include "tsql/parser.h"
#include "tsql/plan.h"
#include "tsql/rows.h"
#include "tsql/sqlerr.h"
#include "tsql/store.h"
#include "tsql/table.h"
#include "tsql/types.h"

/* --- the target --- */

int change_find_target(struct exec *e, const struct ast_name *name, const char *verb, struct table **ret)
{
	int r;

	*ret = name->database || name->schema ? NULL : table_find(e, name->object);
	if (*ret)
		return 0;
	if (exec_find_view(e, name))
		r = sql_error_full(e->err, 229, 14, 5, "The %s permission was denied on the object '%s', database '%s', schema '%s'.", verb,
		    name->object, name->database ? name->database : e->session->database, name->schema ? name->schema : "dbo");
	else
		r = exec_not_found(name, e->err);
	if (e->err->sql_line == 0)
		e->err->sql_line = name->line;
	return r;
}

int change_find_column(struct exec *e, const struct table *t, const char *name, size_t *ret)
{
	for (size_t i = 0; i < t->column_count; i++) {
		if (utf8_casecmp(t->columns[i].name, name) == 0) {
			*ret = i;
			return 0;
		}
	}
	return sql_error(e->err, 207, "Invalid column name '%s'.", name);
}

static bool is_cut(const struct tsql_value *v, const struct tsql_decl *decl)
{
	return !v->null && decl->length > 0 && type_info(v->type)->family == type_info(decl->type)->family &&
	    (tsql_type_is_text(v->type) || type_info(v->type)->family == FAMILY_BINARY) && value_units(v) > (size_t)decl->length;
}

/* Convert a value for a column, with the checks an assignment to a column has. */
int change_column_value(struct exec *e, const struct table *t, size_t column, const struct tsql_value *v,
    const char *verb, struct tsql_value *ret)
{
	const struct table_column *c = &t->columns[column];

	if (v->null && c->not_null)
		return sql_error_full(e->err, 515, 16, 2,
		    "Cannot insert the value NULL into column '%s', table '%s'; column does not allow nulls. %s fails.", c->name, t->name, verb);
	if (is_cut(v, &c->decl)) {
		struct tsql_value full = tsql_value_copy(v);
		while (full.s.len > 0 && full.s.data[full.s.len - 1] == ' ' && tsql_type_is_text(full.type))
			full.s.len--; /* blanks may go */
		if (is_cut(&full, &c->decl)) {
			sql_error(e->err, 2628, "String or binary data would be truncated in table '%s', column '%s'.", t->name, c->name);
			tsql_value_release(&full);
			return -ERR_SQL;
		}
		tsql_value_release(&full);
	}
	return tsql_value_convert(v, &c->decl, ret, e->err);
}

static int constraint_error(struct exec *e, const struct table *t, int code)
{
	if ((code & 0xFF) == SQLITE_CONSTRAINT)
		return sql_error_full(e->err, 2627, 14, 1,
		    "Violation of PRIMARY KEY or UNIQUE constraint. Cannot insert duplicate key in object '%s'.", t->name);
	return plan_sqlite_error(e->session, code, e->err);
}

/* Bind a row's values, step, reset. */
static int write_row(struct exec *e, const struct table *t, struct sqlite3_stmt *stmt, const struct tsql_value *values,
    const size_t *columns, size_t count)
{
	int code;

	for (size_t i = 0; i < count; i++)
		store_bind(stmt, (int)i + 1, &values[i], &t->columns[columns[i]].decl);
	code = sqlite3_step(stmt);
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? 0 : constraint_error(e, t, code);
}

int change_in_savepoint(struct exec *e, int r)
{
	struct err ignored;

	if (r < 0)
		exec_sql(e, "ROLLBACK TO tsql_change", &ignored);
	return exec_sql(e, "RELEASE tsql_change", r < 0 ? &ignored : e->err) < 0 ? -ERR_SQL : r;
}

/* --- INSERT --- */

/* What a column's DEFAULT says now; NULL without one. */
static int default_value(struct exec *e, const struct table_column *c, struct tsql_value *ret)
{
	struct batch *batch, *outer = e->batch;
	struct buf text = BUF_INIT;
	int r;

	*ret = tsql_null(TSQL_UNKNOWN);
	if (!c->default_text)
		return 0;
	buf_addf(&text, "PRINT %s", c->default_text);
	r = session_batch(e->session, text.data, NULL, 0, &batch, e->err);
	if (r == 0) {
		struct eval eval = { .exec = e, .err = e->err };
		e->batch = batch;
		r = eval_value(&eval, batch->statements.items[0]->expr, ret);
		e->batch = outer;
		session_batch_done(e->session, batch);
	}
	buf_release(&text);
	return r;
}

/* The value of a column that the statement does not give. */
int change_default_value(struct insert *in, size_t column, struct tsql_value *ret)
{
	const struct table_column *c = &in->table->columns[column];

	if (!c->identity)
		return default_value(in->exec, c, ret);
	*ret = tsql_bigint(in->table->next_identity);
	in->exec->session->identity = in->table->next_identity;
	in->table->next_identity += c->increment;
	return 0;
}

int change_insert_row(struct insert *in, struct sqlite3_stmt *stmt, const struct tsql_value *values)
{
	size_t n = in->table->column_count;
	struct tsql_value *row = xcalloc(n + 1, sizeof(*row));
	int r = 0;

	for (size_t c = 0; r == 0 && c < n; c++) {
		const struct tsql_value *given = NULL;
		struct tsql_value own = tsql_null(TSQL_UNKNOWN);
		for (size_t i = 0; i < in->given_count; i++)
			if (in->given[i] == c)
				given = &values[i];
		if (!given) {
			r = change_default_value(in, c, &own);
			given = &own;
		}
		if (r == 0)
			r = change_column_value(in->exec, in->table, c, given, "INSERT", &row[c]);
		tsql_value_release(&own);
	}
	if (r == 0)
		r = write_row(in->exec, in->table, stmt, row, in->all, n);
	if (r == 0)
		r = change_check_row(in->exec, in->table, sqlite3_last_insert_rowid(in->exec->session->db), "INSERT");
	if (r == 0)
		r = output_keep(in->exec, in->out.inserted, in->table, sqlite3_last_insert_rowid(in->exec->session->db));
	for (size_t c = 0; c < n; c++)
		tsql_value_release(&row[c]);
	free(row);
	return r;
}

void change_insert_sql(const struct table *table, struct buf *sql)
{
	buf_addf(sql, "INSERT INTO %s VALUES (", table->sql_name);
	for (size_t i = 0; i < table->column_count; i++)
		buf_addf(sql, "%s?%zu", i ? ", " : "", i + 1);
	buf_addc(sql, ')');
}

int change_insert_rows(struct insert *in, const struct rows *rows)
{
	struct exec *e = in->exec;
	struct sqlite3_stmt *stmt;
	struct buf sql = BUF_INIT;
	int r;

	change_insert_sql(in->table, &sql);
	r = exec_sql(e, "SAVEPOINT tsql_change", e->err);
	if (r == 0) {
		r = session_prepare(e->session, sql.data, &stmt, e->err);
		for (size_t i = 0; r == 0 && i < rows->count; i++)
			r = change_insert_row(in, stmt, rows->cells.items + i * rows->width);
		if (r == 0 || stmt)
			session_done(e->session, stmt);
		r = change_in_savepoint(e, r);
	}
	buf_release(&sql);
	return r;
}

/* Which columns the values go to. */
int change_given_columns(struct insert *in, const struct stmt *s)
{
	const struct table *t = in->table;
	int r = 0;

	in->given = xcalloc(t->column_count + s->insert.column_count + 1, sizeof(*in->given));
	in->all = xcalloc(t->column_count + 1, sizeof(*in->all));
	for (size_t c = 0; c < t->column_count; c++) {
		in->all[c] = c;
		if (!s->insert.columns && !t->columns[c].identity)
			in->given[in->given_count++] = c;
	}
	for (size_t i = 0; r == 0 && i < s->insert.column_count; i++) {
		r = change_find_column(in->exec, t, s->insert.columns[i], &in->given[in->given_count]);
		for (size_t j = 0; r == 0 && j < in->given_count; j++)
			if (in->given[j] == in->given[in->given_count])
				r = sql_error(in->exec->err, 264, "The column name '%s' is specified more than once in the SET clause or column list of an INSERT.",
				    s->insert.columns[i]);
		if (r == 0 && t->columns[in->given[in->given_count]].identity)
			r = sql_error(in->exec->err, 544,
			    "Cannot insert explicit value for identity column in table '%s' when IDENTITY_INSERT is set to OFF.", t->name);
		in->given_count++;
	}
	return r;
}

static int read_values(struct insert *in, const struct stmt *s, struct rows *rows)
{
	struct eval eval = { .exec = in->exec, .err = in->exec->err };
	int r = 0;

	if (s->insert.row_count == 1 && s->insert.rows[0].count == 0) { /* DEFAULT VALUES */
		rows->count = 1;
		in->given_count = 0;
		return 0;
	}
	rows->width = in->given_count;
	for (size_t i = 0; r == 0 && i < s->insert.row_count; i++) {
		if (s->insert.rows[i].count != in->given_count)
			return s->insert.columns ?
				   sql_error(in->exec->err, s->insert.rows[i].count < in->given_count ? 109 : 110,
				       "There are %s columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.",
				       s->insert.rows[i].count < in->given_count ? "more" : "fewer") :
				   sql_error(in->exec->err, 213, "Column name or number of supplied values does not match table definition.");
		for (size_t c = 0; r == 0 && c < in->given_count; c++) {
			struct tsql_value v;
			if (s->insert.rows[i].items[c])
				r = exec_check_value(in->exec, s->insert.rows[i].items[c], &in->table->columns[in->given[c]].decl);
			if (r < 0)
				break;
			if (s->insert.rows[i].items[c])
				r = eval_value(&eval, s->insert.rows[i].items[c], &v);
			else
				r = change_default_value(in, in->given[c], &v);
			if (r == 0)
				vec_push(&rows->cells, v);
		}
		rows->count++;
	}
	return r;
}

static int capture_row(void *ctx, const struct tsql_value *values, size_t count)
{
	struct tsql_rows_keep *c = ctx;

	if (c->rows->count && c->rows->width != count)
		return 1;
	return tsql_rows_keep(ctx, values, count);
}

static int pass_message(void *ctx, const struct tsql_message *message)
{
	struct tsql_rows_keep *c = ctx;

	return c->outer && c->outer->message ? c->outer->message(c->outer->ctx, message) : 0;
}

/* INSERT ... EXEC: what the procedure would show is inserted; messages still go out. */
static int read_exec(struct exec *e, struct stmt *s, struct rows *rows)
{
	const struct tsql_sink *outer = e->sink;
	struct tsql_rows_keep ctx = { rows, e->err, outer };
	struct tsql_sink sink = { .ctx = &ctx, .row = capture_row, .message = pass_message };
	int r;

	e->sink = &sink;
	r = s->kind == STMT_EXEC_TEXT ? exec_run_text(e, s) : exec_call(e, s);
	e->sink = outer;
	if (e->sink_stopped && !atomic_load(&e->session->cancel)) { /* rowsets of different widths */
		e->sink_stopped = false;
		r = sql_error(e->err, 213, "Column name or number of supplied values does not match table definition.");
	}
	return r;
}

/* What an INSERT's query gives must be what the columns take. */
static int check_types(const struct insert *in, const struct query *q)
{
	const struct tsql_column *columns;
	size_t count;
	int r = 0;

	if (!q || !q->plan)
		return 0;
	columns = plan_columns(q->plan, &count);
	for (size_t i = 0; r == 0 && i < count && i < in->given_count; i++)
		r = exec_check_implicit(in->exec, &columns[i].decl, &in->table->columns[in->given[i]].decl);
	return r;
}

int exec_insert_rows(struct exec *e, struct stmt *s, int64_t *ret_count)
{
	struct insert in = { .exec = e };
	struct rows rows = { 0 };
	int r = change_find_target(e, &s->insert.target, "INSERT", &in.table);

	if (r == 0)
		r = change_given_columns(&in, s);
	if (r == 0 && s->insert.query)
		r = tsql_rows_read(e, s->insert.query, &rows);
	else if (r == 0 && s->insert.exec)
		r = read_exec(e, s->insert.exec, &rows);
	else if (r == 0)
		r = read_values(&in, s, &rows);
	if (r == 0 && rows.width != in.given_count && (rows.count || s->insert.query))
		r = sql_error_full(e->err, s->insert.columns ? 120 : 213, 16, 1,
		    "Column name or number of supplied values does not match table definition.");
	if (r == 0)
		r = check_types(&in, s->insert.query);
	if (r == 0)
		r = output_begin(e, s->insert.output, in.table, &in.out);
	if (r == 0)
		r = change_insert_rows(&in, &rows);
	r = output_end(e, s->insert.output, &in.out, r);
	if (r == 0 && ret_count)
		*ret_count = (int64_t)rows.count;
	tsql_rows_release(&rows);
	free(in.given);
	free(in.all);
	return r;
}

int exec_insert(struct exec *e, struct stmt *s)
{
	int64_t count = 0;
	int r = exec_insert_rows(e, s, &count);

	return r < 0 ? r : exec_done(e, count);
}

/* --- UPDATE and DELETE --- */

int change_update_row(struct exec *e, const struct table *t, struct stmt *s, struct sqlite3_stmt *stmt,
    const struct tsql_value *row, const size_t *columns, const struct output_run *out)
{
	int bound = 0, r = output_keep(e, out->deleted, t, row[0].i);

	for (size_t i = 0; r == 0 && i < s->update.set_count; i++) {
		struct tsql_value v, own = tsql_null(TSQL_UNKNOWN);
		if (!s->update.sets[i].column) {
			r = exec_assign(e, s->update.sets[i].slot, &row[i + 1], e->err);
			continue;
		}
		if (s->update.sets[i].is_default)
			r = default_value(e, &t->columns[columns[i]], &own);
		if (r == 0)
			r = change_column_value(e, t, columns[i], s->update.sets[i].is_default ? &own : &row[i + 1], "UPDATE", &v);
		tsql_value_release(&own);
		if (r == 0) {
			store_bind(stmt, ++bound, &v, &t->columns[columns[i]].decl);
			tsql_value_release(&v);
		}
	}
	if (r == 0 && stmt) {
		int code;
		sqlite3_bind_int64(stmt, ++bound, row[0].i);
		code = sqlite3_step(stmt);
		sqlite3_reset(stmt);
		r = code == SQLITE_DONE ? 0 : constraint_error(e, t, code);
	}
	if (r == 0 && s->kind == STMT_UPDATE && stmt)
		r = change_check_row(e, t, row[0].i, "UPDATE");
	return r < 0 ? r : output_keep(e, out->inserted, t, row[0].i);
}

/* "UPDATE t SET ..."; empty when only variables are set. */
int change_update_sql(struct exec *e, const struct table *t, struct stmt *s, size_t *columns, struct buf *sql)
{
	int n = 0;

	for (size_t i = 0; i < s->update.set_count; i++) {
		int r;
		if (!s->update.sets[i].column)
			continue;
		r = change_find_column(e, t, s->update.sets[i].column, &columns[i]);
		if (r < 0)
			return r;
		if (t->columns[columns[i]].identity)
			return sql_error(e->err, 8102, "Cannot update identity column '%s'.", t->columns[columns[i]].name);
		if (n++)
			buf_adds(sql, ", ");
		else
			buf_addf(sql, "UPDATE %s SET ", t->sql_name);
		store_quote_name(t->columns[columns[i]].name, sql);
		buf_addf(sql, " = ?%d", n);
	}
	if (n)
		buf_addf(sql, " WHERE rowid = ?%d", n + 1);
	return 0;
}

static int change_rows(struct exec *e, const struct table *t, struct stmt *s, const struct rows *rows, const char *sql,
    const size_t *columns)
{
	struct sqlite3_stmt *stmt = NULL;
	struct output_run out;
	int r = output_begin(e, s->update.output, t, &out);

	if (r == 0)
		r = exec_sql(e, "SAVEPOINT tsql_change", e->err);
	if (r < 0)
		return output_end(e, s->update.output, &out, r);
	if (sql[0])
		r = session_prepare(e->session, sql, &stmt, e->err);
	for (size_t i = 0; r == 0 && i < rows->count; i++)
		r = change_update_row(e, t, s, stmt, rows->cells.items + i * rows->width, columns, &out);
	if (stmt)
		session_done(e->session, stmt);
	return output_end(e, s->update.output, &out, change_in_savepoint(e, r));
}

int exec_update(struct exec *e, struct stmt *s)
{
	size_t *columns = xcalloc(s->update.set_count + 1, sizeof(*columns));
	struct buf sql = BUF_INIT;
	struct rows rows = { 0 };
	struct table *t;
	int r = change_find_target(e, &s->update.target, "UPDATE", &t);

	if (r == 0)
		r = change_update_sql(e, t, s, columns, &sql);
	if (r == 0)
		r = tsql_rows_read(e, s->update.query, &rows);
	for (size_t i = 0; r == 0 && i < s->update.set_count; i++) {
		size_t count;
		const struct tsql_column *from = plan_columns(s->update.query->plan, &count);
		r = exec_check_implicit(e, &from[i + 1].decl,
		    s->update.sets[i].column ? &t->columns[columns[i]].decl : &e->batch->variables[s->update.sets[i].slot].decl);
	}
	if (r == 0) {
		tsql_rows_unique(&rows); /* a join may mean a row twice: it changes, and counts, once */
		r = change_rows(e, t, s, &rows, sql.data, columns);
	}
	if (r == 0)
		r = exec_done(e, (int64_t)rows.count);
	tsql_rows_release(&rows);
	buf_release(&sql);
	free(columns);
	return r;
}

int exec_delete(struct exec *e, struct stmt *s)
{
	struct buf sql = BUF_INIT;
	struct rows rows = { 0 };
	struct table *t;
	int r = change_find_target(e, &s->update.target, "DELETE", &t);

	if (r == 0)
		r = tsql_rows_read(e, s->update.query, &rows);
	if (r == 0) {
		buf_addf(&sql, "DELETE FROM %s WHERE rowid = ?1", t->sql_name);
		tsql_rows_unique(&rows);
		r = change_rows(e, t, s, &rows, sql.data, NULL);
	}
	if (r == 0)
		r = exec_done(e, (int64_t)rows.count);
	tsql_rows_release(&rows);
	buf_release(&sql);
	return r;
}
