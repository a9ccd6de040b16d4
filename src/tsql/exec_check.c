/* SPDX-License-Identifier: MIT */
/* CHECK constraints of temporary tables: their texts are conditions over the columns of a row. */
#include <sqlite3.h>

#include "base/utf8.h"
#include "tsql/exec_change.h"
#include "tsql/sqlerr.h"
#include "tsql/store.h"
#include "tsql/tree.h"

struct check {
	const struct table *table;
	struct tsql_value *row;
	VEC(struct eval_leaf) leaves; /* values are the row's */
	const char *unknown;          /* a column that the table does not have */
};

static bool visit_column(void *ctx, const struct expr *x)
{
	struct check *c = ctx;

	if (x->kind != EXPR_COLUMN)
		return false;
	for (size_t i = 0; i < c->table->column_count; i++) {
		struct eval_leaf leaf = { x, c->table->columns[i].decl, c->row[i] };
		if (utf8_casecmp(c->table->columns[i].name, x->col.name) != 0)
			continue;
		vec_push(&c->leaves, leaf);
		return true;
	}
	c->unknown = x->col.name;
	return true;
}

static int evaluate(struct exec *e, struct check *c, const struct expr *condition, enum truth *ret)
{
	struct eval eval = { .exec = e, .err = e->err };
	int r;

	tree_walk(condition, visit_column, c);
	eval.leaves = c->leaves.items;
	eval.leaf_count = c->leaves.len;
	r = c->unknown ? sql_error(e->err, 207, "Invalid column name '%s'.", c->unknown) : eval_condition(&eval, condition, ret);
	vec_release(&c->leaves);
	return r;
}

static int check_text(struct exec *e, const struct table *t, struct tsql_value *row, const struct table_check *check, const char *verb)
{
	struct check c = { .table = t, .row = row };
	struct batch *batch, *outer = e->batch;
	enum truth truth = TRUTH_UNKNOWN;
	struct buf whole = BUF_INIT;
	int r;

	buf_addf(&whole, "IF %s PRINT ''", check->text);
	r = session_batch(e->session, whole.data, NULL, 0, &batch, e->err);
	if (r == 0) {
		e->batch = batch;
		r = evaluate(e, &c, batch->statements.items[0]->branch.condition, &truth);
		e->batch = outer;
		session_batch_done(e->session, batch);
	}
	buf_release(&whole);
	if (r == 0 && truth == TRUTH_FALSE)
		r = sql_error_full(e->err, 547, 16, 0,
		    "The %s statement conflicted with the CHECK constraint \"%s\". The conflict occurred in database \"tempdb\", table \"%s\".", verb,
		    check->name ? check->name : check->text, t->name);
	return r;
}

int change_check_row(struct exec *e, const struct table *t, int64_t rowid, const char *verb)
{
	struct tsql_value *row;
	struct sqlite3_stmt *stmt;
	struct buf sql = BUF_INIT;
	int r;

	if (t->check_count == 0)
		return 0;
	row = xcalloc(t->column_count + 1, sizeof(*row));
	buf_addf(&sql, "SELECT * FROM %s WHERE rowid = ?1", t->sql_name);
	r = session_prepare(e->session, sql.data, &stmt, e->err);
	if (r == 0) {
		sqlite3_bind_int64(stmt, 1, rowid);
		if (sqlite3_step(stmt) == SQLITE_ROW)
			for (size_t i = 0; r == 0 && i < t->column_count; i++)
				r = tsql_value_column(stmt, (int)i, &t->columns[i].decl, &row[i], e->err);
		session_done(e->session, stmt);
	}
	for (size_t i = 0; r == 0 && i < t->check_count; i++)
		r = check_text(e, t, row, &t->checks[i], verb);
	for (size_t i = 0; i < t->column_count; i++)
		tsql_value_release(&row[i]);
	free(row);
	buf_release(&sql);
	return r;
}
