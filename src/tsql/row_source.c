/* SPDX-License-Identifier: MIT */
/*
 * tsql_rows(source, argument...): a table of SQLite whose rows are those of a
 * query run with the arguments as its outer values, or of a table function of
 * the language. SQLite computes the arguments from the tables left of it, so it
 * is what T-SQL calls APPLY.
 */
#include <sqlite3.h>
#include <string.h>

#include "tsql/exec.h"
#include "tsql/plan_impl.h"
#include "tsql/store.h"

#define POINTER_TYPE "tsql-rows"
#define FIRST_ARGUMENT ROW_SOURCE_COLUMNS /* number of the hidden column "source"; the arguments follow */

struct row_cursor {
	struct sqlite3_vtab_cursor base; /* first, as SQLite demands */
	struct row_source *source;
	struct sqlite3_stmt *stmt; /* of a query */
	struct rows rows;          /* of a function */
	int64_t at;
	bool done;
};

void row_source_free(struct row_source *source)
{
	if (!source)
		return;
	plan_free(source->query);
	vec_release(&source->columns.list);
	free(source);
}

int row_source_bind(struct sqlite3_stmt *stmt, int index, struct row_source *source)
{
	return sqlite3_bind_pointer(stmt, index, source, POINTER_TYPE, NULL);
}

static int rows_connect(struct sqlite3 *db, void *aux, int argc, const char *const *argv, struct sqlite3_vtab **ret, char **message)
{
	struct buf sql = BUF_INIT;
	int r;

	(void)aux;
	(void)argc;
	(void)argv;
	(void)message;
	buf_adds(&sql, "CREATE TABLE x(");
	for (int i = 1; i <= ROW_SOURCE_COLUMNS; i++)
		buf_addf(&sql, "c%d, ", i);
	buf_adds(&sql, "source HIDDEN");
	for (int i = 1; i <= ROW_SOURCE_ARGS; i++)
		buf_addf(&sql, ", a%d HIDDEN", i);
	buf_addc(&sql, ')');
	r = sqlite3_declare_vtab(db, sql.data);
	buf_release(&sql);
	if (r == SQLITE_OK) {
		*ret = sqlite3_malloc(sizeof(**ret));
		if (!*ret)
			return SQLITE_NOMEM;
		memset(*ret, 0, sizeof(**ret));
	}
	return r;
}

static int rows_disconnect(struct sqlite3_vtab *table)
{
	sqlite3_free(table);
	return SQLITE_OK;
}

/* Every argument must be known: the tables it comes from stand further out in the loop. */
static int rows_best_index(struct sqlite3_vtab *table, struct sqlite3_index_info *info)
{
	int arguments = 0;

	(void)table;
	for (int i = 0; i < info->nConstraint; i++) {
		const struct sqlite3_index_constraint *c = &info->aConstraint[i];
		if (c->iColumn < FIRST_ARGUMENT || c->op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		if (!c->usable)
			return SQLITE_CONSTRAINT;
		info->aConstraintUsage[i].argvIndex = c->iColumn - FIRST_ARGUMENT + 1;
		info->aConstraintUsage[i].omit = 1;
		arguments++;
	}
	info->idxNum = arguments;
	info->estimatedCost = 1000;
	info->estimatedRows = 25;
	return SQLITE_OK;
}

static int rows_open(struct sqlite3_vtab *table, struct sqlite3_vtab_cursor **ret)
{
	struct row_cursor *c = xcalloc(1, sizeof(*c));

	(void)table;
	*ret = &c->base;
	return SQLITE_OK;
}

static void clear_cursor(struct row_cursor *c)
{
	if (c->stmt)
		session_done(exec_session(c->source->plan->exec), c->stmt);
	c->stmt = NULL;
	tsql_rows_release(&c->rows);
	c->at = 0;
	c->done = true;
}

static int rows_close(struct sqlite3_vtab_cursor *base)
{
	struct row_cursor *c = (struct row_cursor *)base;

	clear_cursor(c);
	free(c);
	return SQLITE_OK;
}

/* The error is in the plan's err: mark the statement around as failed by us. */
static int fail(struct row_cursor *c)
{
	c->source->plan->failed = true;
	return SQLITE_ERROR;
}

static int step(struct row_cursor *c)
{
	struct select_plan *plan = c->source->plan;
	int code = sqlite3_step(c->stmt);

	if (code == SQLITE_ROW)
		return SQLITE_OK;
	c->done = true;
	if (code == SQLITE_DONE)
		return SQLITE_OK;
	if (!c->source->query->failed)
		plan_sqlite_error(exec_session(plan->exec), code, plan->err);
	return fail(c);
}

static int start_query(struct row_cursor *c, int argc, struct sqlite3_value **argv)
{
	struct select_plan *plan = c->source->plan, *query = c->source->query;
	struct exec *exec = plan->exec;
	int r = session_prepare(exec_session(exec), query->sql, &c->stmt, plan->err);

	query->exec = exec;
	query->err = plan->err;
	query->failed = false;
	for (size_t i = 0; r == 0 && i < query->binds.len; i++) {
		const struct plan_bind *b = &query->binds.items[i];
		if (b->kind != BIND_OUTER)
			r = plan_bind_one(exec, b, c->stmt, (int)i + 1, plan->err);
		else if ((int)b->outer + 1 < argc)
			r = sqlite3_bind_value(c->stmt, (int)i + 1, argv[b->outer + 1]) == SQLITE_OK ? 0 : -ERR_INTERNAL;
	}
	return r < 0 ? fail(c) : step(c);
}

static int start_function(struct row_cursor *c, int argc, struct sqlite3_value **argv)
{
	const struct row_source *s = c->source;
	struct tsql_value args[TABLE_FUNCTION_ARGS_MAX];
	struct table_call call = { .from = s->from, .types = s->types, .args = args, .exec = s->plan->exec, .err = s->plan->err };
	int r = 0;

	for (int i = 1; r == 0 && i < argc && i <= TABLE_FUNCTION_ARGS_MAX; i++) {
		struct tsql_decl decl = s->from->function->arg((size_t)i - 1, s->types, s->from->args.count);
		r = store_read(argv[i], &decl, &args[call.arg_count], call.err);
		call.arg_count += r == 0;
	}
	if (r == 0)
		r = s->from->function->run(&call, &c->rows);
	for (size_t i = 0; i < call.arg_count; i++)
		tsql_value_release(&args[i]);
	c->done = c->rows.count == 0;
	return r < 0 ? fail(c) : SQLITE_OK;
}

static int rows_filter(struct sqlite3_vtab_cursor *base, int number, const char *text, int argc, struct sqlite3_value **argv)
{
	struct row_cursor *c = (struct row_cursor *)base;

	(void)number;
	(void)text;
	if (c->source)
		clear_cursor(c);
	c->source = argc > 0 ? sqlite3_value_pointer(argv[0], POINTER_TYPE) : NULL;
	if (!c->source || !c->source->plan->exec) {
		c->done = true;
		return SQLITE_ERROR; /* somebody else's SQL */
	}
	c->done = false;
	return c->source->query ? start_query(c, argc, argv) : start_function(c, argc, argv);
}

static int rows_next(struct sqlite3_vtab_cursor *base)
{
	struct row_cursor *c = (struct row_cursor *)base;

	c->at++;
	if (c->stmt)
		return step(c);
	c->done = c->at >= (int64_t)c->rows.count;
	return SQLITE_OK;
}

static int rows_eof(struct sqlite3_vtab_cursor *base)
{
	return ((struct row_cursor *)base)->done;
}

static int rows_column(struct sqlite3_vtab_cursor *base, struct sqlite3_context *context, int column)
{
	struct row_cursor *c = (struct row_cursor *)base;

	if (c->stmt && column < sqlite3_column_count(c->stmt))
		sqlite3_result_value(context, sqlite3_column_value(c->stmt, column));
	else if (!c->stmt && (size_t)column < c->rows.width)
		store_result(context, &c->rows.cells.items[(size_t)c->at * c->rows.width + (size_t)column],
		    &c->source->columns.list.items[column].decl);
	return SQLITE_OK;
}

static int rows_rowid(struct sqlite3_vtab_cursor *base, sqlite3_int64 *ret)
{
	*ret = ((struct row_cursor *)base)->at;
	return SQLITE_OK;
}

static const struct sqlite3_module module = {
	.xConnect = rows_connect,
	.xBestIndex = rows_best_index,
	.xDisconnect = rows_disconnect,
	.xOpen = rows_open,
	.xClose = rows_close,
	.xFilter = rows_filter,
	.xNext = rows_next,
	.xEof = rows_eof,
	.xColumn = rows_column,
	.xRowid = rows_rowid,
};

int row_source_register(struct sqlite3 *db)
{
	return sqlite3_create_module_v2(db, "tsql_rows", &module, NULL, NULL);
}
