/* SPDX-License-Identifier: MIT */
/*
 * MERGE: the rows of its query are read first, each with the number of the
 * clause that it meets; then come all that delete, all that update and all that
 * insert, so that a key that one row gives up is free for another.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "tsql/exec_change.h"
#include "tsql/rows.h"
#include "tsql/sqlerr.h"

struct merge {
	struct exec *exec;
	struct stmt *s;
	struct table *table;
	struct rows rows;
	struct output_run out;
	int64_t changed;
};

static const struct tsql_value *row_at(const struct merge *m, size_t i)
{
	return m->rows.cells.items + i * m->rows.width;
}

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Several rows of the source may not change the same row. */
static int check_once(struct merge *m)
{
	int64_t *ids = xcalloc(m->rows.count + 1, sizeof(*ids));
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < m->rows.count; i++) {
		const struct tsql_value *row = row_at(m, i);
		const struct merge_clause *c = row[0].null ? NULL : &m->s->merge.clauses[row[0].i];
		if (c && c->change->kind != STMT_INSERT)
			ids[n++] = row[c->first].i;
	}
	qsort(ids, n, sizeof(*ids), compare_ids);
	for (size_t i = 1; r == 0 && i < n; i++)
		if (ids[i] == ids[i - 1])
			r = sql_error(m->exec->err, 8672,
			    "The MERGE statement attempted to UPDATE or DELETE the same row more than once. This happens when a target row matches more than one source row. A MERGE statement cannot UPDATE/DELETE the same row of the target table multiple times. Refine the ON clause to ensure a target row matches at most one source row, or use the GROUP BY clause to group the source rows.");
	free(ids);
	return r;
}

/* Calls change for each row that meets the clause; what it has no row for in OUTPUT is NULL there. */
static int each_row(struct merge *m, size_t clause, struct sqlite3_stmt *stmt, struct insert *in, const size_t *columns)
{
	const struct merge_clause *c = &m->s->merge.clauses[clause];
	struct output_run out = m->out;
	int r = 0;

	if (c->change->kind == STMT_DELETE)
		out.inserted = NULL;
	for (size_t i = 0; r == 0 && i < m->rows.count; i++) {
		const struct tsql_value *row = row_at(m, i);
		if (row[0].null || (size_t)row[0].i != clause)
			continue;
		r = c->change->kind == STMT_INSERT ? change_insert_row(in, stmt, row + c->first + 1) :
			change_update_row(m->exec, m->table, c->change, stmt, row + c->first, columns, &out);
		if (r == 0)
			r = output_keep_action(m->exec, &m->out, c->change->kind);
		m->changed++;
	}
	return r;
}

static int run_clause(struct merge *m, size_t clause)
{
	struct stmt *change = m->s->merge.clauses[clause].change;
	struct insert in = { .exec = m->exec, .table = m->table, .out = m->out };
	size_t *columns = change->kind == STMT_UPDATE ? xcalloc(change->update.set_count + 1, sizeof(*columns)) : NULL;
	struct sqlite3_stmt *stmt = NULL;
	struct buf sql = BUF_INIT;
	int r = 0;

	if (change->kind == STMT_INSERT) {
		r = change_given_columns(&in, change);
		if (r == 0 && in.given_count + 1 != m->s->merge.clauses[clause].count)
			r = sql_error(m->exec->err, 213, "Column name or number of supplied values does not match table definition.");
		change_insert_sql(m->table, &sql);
	} else if (change->kind == STMT_UPDATE) {
		r = change_update_sql(m->exec, m->table, change, columns, &sql);
	} else {
		buf_addf(&sql, "DELETE FROM %s WHERE rowid = ?1", m->table->sql_name);
	}
	if (r == 0)
		r = session_prepare(m->exec->session, sql.data, &stmt, m->exec->err);
	if (r == 0)
		r = each_row(m, clause, stmt, &in, columns);
	if (stmt)
		session_done(m->exec->session, stmt);
	buf_release(&sql);
	free(columns);
	free(in.given);
	free(in.all);
	return r;
}

static int run_clauses(struct merge *m)
{
	static const enum stmt_kind order[] = { STMT_DELETE, STMT_UPDATE, STMT_INSERT };
	int r = exec_sql(m->exec, "SAVEPOINT tsql_change", m->exec->err);

	if (r < 0)
		return r;
	for (size_t k = 0; k < ARRAY_LEN(order); k++)
		for (size_t i = 0; r == 0 && i < m->s->merge.clause_count; i++)
			if (m->s->merge.clauses[i].change->kind == order[k])
				r = run_clause(m, i);
	return change_in_savepoint(m->exec, r);
}

int exec_merge(struct exec *e, struct stmt *s)
{
	struct merge m = { .exec = e, .s = s };
	int r = change_find_target(e, &s->merge.target, "MERGE", &m.table);

	if (r == 0)
		r = tsql_rows_read(e, s->merge.query, &m.rows);
	if (r == 0)
		r = check_once(&m);
	if (r == 0)
		r = output_begin(e, s->merge.output, m.table, &m.out);
	if (r == 0)
		r = run_clauses(&m);
	r = output_end(e, s->merge.output, &m.out, r);
	tsql_rows_release(&m.rows);
	return r < 0 ? r : exec_done(e, m.changed);
}
