/* SPDX-License-Identifier: MIT */
/*
 * The OUTPUT clause: the rows of a change as they were (deleted) and became
 * (inserted), kept in two temporary tables while the statement runs, and the
 * clause's own SELECT over them.
 */
#include "tsql/exec_output.h"

#include <sqlite3.h>
#include <string.h>

#include "tsql/parser.h"
#include "tsql/plan.h"
#include "tsql/table.h"

static int make_table(struct exec *e, const char *name, const struct table *like, struct table **ret)
{
	struct table_column *columns = xcalloc(like->column_count + 1, sizeof(*columns));
	int r;

	for (size_t i = 0; i < like->column_count; i++) {
		columns[i].name = like->columns[i].name;
		columns[i].decl = like->columns[i].decl;
	}
	r = table_create(e, name, columns, like->column_count, NULL, 0, ret);
	free(columns);
	return r;
}

static const struct table_column action_column = { .name = "$action", .decl = { .type = TSQL_NVARCHAR, .length = 10 } };

int output_begin(struct exec *e, const struct output *o, const struct table *target, struct output_run *run)
{
	int r = 0;

	memset(run, 0, sizeof(*run));
	if (!o)
		return 0;
	if (o->inserted)
		r = make_table(e, OUTPUT_INSERTED, target, &run->inserted);
	if (r == 0 && o->deleted)
		r = make_table(e, OUTPUT_DELETED, target, &run->deleted);
	if (r == 0 && o->action)
		r = table_create(e, OUTPUT_ACTION, &action_column, 1, NULL, 0, &run->action);
	if (r == 0)
		r = exec_sql(e, "SAVEPOINT tsql_output", e->err);
	run->open = r == 0;
	return r;
}

int output_keep(struct exec *e, const struct table *to, const struct table *from, int64_t rowid)
{
	struct sqlite3_stmt *stmt;
	struct buf sql = BUF_INIT;
	int r;

	if (!to)
		return 0;
	buf_addf(&sql, "INSERT INTO %s SELECT * FROM %s WHERE rowid = ?1", to->sql_name, from->sql_name);
	r = session_prepare(e->session, sql.data, &stmt, e->err);
	buf_release(&sql);
	if (r < 0)
		return r;
	sqlite3_bind_int64(stmt, 1, rowid);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		r = plan_sqlite_error(e->session, sqlite3_errcode(e->session->db), e->err);
	session_done(e->session, stmt);
	return r;
}

int output_keep_action(struct exec *e, const struct output_run *run, enum stmt_kind change)
{
	static const char *const words[] = { [STMT_INSERT] = "INSERT", [STMT_UPDATE] = "UPDATE", [STMT_DELETE] = "DELETE" };
	const struct table *absent = change == STMT_INSERT ? run->deleted : change == STMT_DELETE ? run->inserted : NULL;
	struct buf sql = BUF_INIT;
	int r = 0;

	if (!run->action)
		return 0;
	if (absent) {
		buf_addf(&sql, "INSERT INTO %s DEFAULT VALUES", absent->sql_name);
		r = exec_sql(e, sql.data, e->err);
		buf_clear(&sql);
	}
	buf_addf(&sql, "INSERT INTO %s VALUES ('%s')", run->action->sql_name, words[change]);
	if (r == 0)
		r = exec_sql(e, sql.data, e->err);
	buf_release(&sql);
	return r;
}

static int show_row(void *ctx, const struct tsql_value *values, size_t count)
{
	return exec_row(ctx, values, count);
}

static int show(struct exec *e, const struct output *o)
{
	const struct tsql_column *columns;
	struct select_plan *plan;
	size_t count;
	int r = plan_get(e, o->query, &plan, e->err);

	if (r < 0)
		return r;
	columns = plan_columns(plan, &count);
	r = exec_columns(e, columns, count);
	return r < 0 ? r : plan_run(e, plan, show_row, e, e->err);
}

int output_end(struct exec *e, const struct output *o, struct output_run *run, int r)
{
	struct err ignored;

	if (run->open && r == 0 && o->into.object) {
		struct stmt into = { .kind = STMT_INSERT };
		into.insert.target = o->into;
		into.insert.columns = o->columns;
		into.insert.column_count = o->column_count;
		into.insert.query = o->query;
		r = exec_insert_rows(e, &into, NULL);
	} else if (run->open && r == 0) {
		r = show(e, o);
	}
	if (run->open) {
		if (r < 0)
			exec_sql(e, "ROLLBACK TO tsql_output", &ignored);
		exec_sql(e, "RELEASE tsql_output", &ignored);
	}
	if (run->inserted)
		table_drop(e, run->inserted);
	if (run->deleted)
		table_drop(e, run->deleted);
	if (run->action)
		table_drop(e, run->action);
	return r;
}
