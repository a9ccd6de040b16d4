/* SPDX-License-Identifier: MIT */
/*
 * Running a translated query: the prepared statement comes from the session's
 * cache, values without columns are evaluated and bound, row expressions are
 * bound as pointers to themselves, and rows come back as values.
 */
#include "tsql/plan.h"

#include <sqlite3.h>
#include <string.h>

#include "base/utf8.h"
#include "tsql/exec.h"
#include "tsql/plan_impl.h"
#include "tsql/sqlerr.h"
#include "tsql/store.h"
#include "tsql/types.h"

#define POINTER_TYPE "tsql-row"

static int more_than_one(struct err *err)
{
	return sql_error(err, 512,
	    "Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.");
}

int plan_sqlite_error(struct tsql_session *session, int code, struct err *err)
{
	struct sqlite3 *db = session->db;
	const char *file = sqlite3_db_filename(db, "main");

	if (!file)
		file = "";
	/* A commit that failed in its hook is told as that until the statement is reset. */
	if (code == SQLITE_ERROR)
		code = sqlite3_errcode(db);
	switch (code & 0xFF) {
	case SQLITE_INTERRUPT:
		return err_set(err, ERR_CANCELLED, "the batch was cancelled");
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return sql_error_full(err, 1222, 16, 51, "Lock request time out period exceeded: another program is writing to %s. Try again, or find it with fuser.", file);
	case SQLITE_FULL:
		return sql_error_full(err, 1105, 17, 2, "Could not allocate space: the disk of %s is full.", file);
	case SQLITE_TOOBIG:
		return sql_error(err, 8152, "String or binary data would be truncated: the value is too long.");
	case SQLITE_IOERR:
		return sql_error_full(err, 823, 24, 2, "The operating system returned an error to the catalog's file %s: %s.", file,
		    sqlite3_errstr(code));
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return sql_error_full(err, 824, 24, 2, "The catalog's file %s is damaged: %s.", file,
		    sqlite3_errmsg(db));
	case SQLITE_READONLY:
		return sql_error_full(err, 3906, 16, 1, "Failed to update the catalog because %s is read-only.", file);
	default:
		if (strcmp(sqlite3_errmsg(db), TSQL_FAIL_512) == 0)
			return more_than_one(err);
		if (strncmp(sqlite3_errmsg(db), TSQL_FAIL_530, strlen(TSQL_FAIL_530)) == 0)
			return sql_error(err, 530,
			    "The statement terminated. The maximum recursion %s has been exhausted before statement completion.",
			    sqlite3_errmsg(db) + strlen(TSQL_FAIL_530));
		if (strcmp(sqlite3_errmsg(db), "integer overflow") == 0)
			return sql_error_full(err, 8115, 16, 2, "Arithmetic overflow error converting expression to data type bigint.");
		return sql_error(err, 50000, "The catalog's database: %s.", sqlite3_errmsg(db));
	}
}

/* --- row expressions --- */

static int eval_row(struct row_expr *row, struct sqlite3_value **argv, struct tsql_value *ret)
{
	struct eval eval = { row->plan->exec, row->leaves.items, row->leaves.len, row->plan->err };
	struct tsql_value raw;
	enum truth truth;
	int r = 0;

	for (size_t i = 0; i < row->leaves.len; i++) {
		r = store_read(argv[i + 1], &row->leaves.items[i].decl, &row->leaves.items[i].value, eval.err);
		if (r < 0)
			return r;
	}
	if (expr_is_condition(row->expr)) {
		r = eval_condition(&eval, row->expr, &truth);
		if (r == 0) {
			*ret = tsql_bit(truth == TRUTH_TRUE);
			ret->null = truth == TRUTH_UNKNOWN;
		}
		return r;
	}
	r = eval_value(&eval, row->expr, &raw);
	if (r < 0)
		return r;
	/* The stored form must be that of the static type, whatever this row's type is. */
	if (row->cast || raw.type != row->decl.type) {
		r = tsql_value_convert(&raw, &row->decl, ret, eval.err);
		tsql_value_release(&raw);
		return r;
	}
	*ret = raw;
	return 0;
}

void plan_eval_function(struct sqlite3_context *context, int argc, struct sqlite3_value **argv)
{
	struct row_expr *row = argc > 0 ? sqlite3_value_pointer(argv[0], POINTER_TYPE) : NULL;
	struct tsql_value v = tsql_null(TSQL_UNKNOWN);
	int r;

	if (!row || row->leaves.len != (size_t)argc - 1) {
		sqlite3_result_error(context, "tsql_eval without its expression", -1);
		return;
	}
	r = eval_row(row, argv, &v);
	for (size_t i = 0; i < row->leaves.len; i++)
		tsql_value_release(&row->leaves.items[i].value);
	if (r < 0) {
		row->plan->failed = true;
		sqlite3_result_error(context, "a row expression failed", -1);
		return;
	}
	store_result(context, &v, &row->decl);
	tsql_value_release(&v);
}

/* --- binding --- */

static int bind_count(struct exec *exec, const struct expr *x, struct sqlite3_stmt *stmt, int index, struct err *err)
{
	static const struct tsql_decl bigint = { .type = TSQL_BIGINT };
	struct eval eval = { .exec = exec, .err = err };
	struct tsql_value v, n;
	int r = eval_value(&eval, x, &v);

	if (r < 0)
		return r;
	r = tsql_value_convert(&v, &bigint, &n, err);
	tsql_value_release(&v);
	if (r < 0)
		return r;
	if (n.null || n.i < 0)
		return sql_error_full(err, 1060, 15, 1, "The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer.");
	sqlite3_bind_int64(stmt, index, n.i);
	return 0;
}

static int bind_value(struct exec *exec, const struct plan_bind *bind, struct sqlite3_stmt *stmt, int index, struct err *err)
{
	struct eval eval = { .exec = exec, .err = err };
	struct tsql_value v, converted;
	struct tsql_decl decl = bind->decl;
	int r = eval_value(&eval, bind->expr, &v);

	if (r < 0)
		return r;
	if (decl.type == TSQL_UNKNOWN)
		decl = eval_type_here(&eval, bind->expr);
	r = tsql_value_convert(&v, &decl, &converted, err);
	tsql_value_release(&v);
	if (r < 0)
		return r;
	r = store_bind(stmt, index, &converted, &decl);
	tsql_value_release(&converted);
	return r;
}

/* A text file is UTF-8; the mark at its beginning is not part of it. */
static int text_of_file(struct buf *file, struct err *err)
{
	if (file->len >= 3 && memcmp(file->data, "\xEF\xBB\xBF", 3) == 0) {
		memmove(file->data, file->data + 3, file->len - 3);
		buf_truncate(file, file->len - 3);
	}
	if (memchr(file->data, '\0', file->len) || !utf8_valid(file->data, file->len))
		return sql_error(err, 4809, "The file is not UTF-8 text, as SINGLE_CLOB reads it; use SINGLE_BLOB.");
	return 0;
}

static int bind_file(struct exec *exec, const struct plan_bind *bind, struct sqlite3_stmt *stmt, int index, struct err *err)
{
	const struct tsql_catalog *catalog = exec_session(exec)->catalog;
	const char *path = bind->expr->literal.s.data;
	struct buf file = BUF_INIT;
	int r;

	if (!catalog->read_file)
		return sql_error(err, 40517, "Keyword or statement option 'OPENROWSET' is not supported here.");
	r = catalog->read_file(exec_session(exec), path, TSQL_VALUE_MAX, &file, err);
	if (r == 0 && bind->decl.type == TSQL_VARCHAR)
		r = text_of_file(&file, err);
	if (r == 0) {
		size_t len = file.len;
		char *data = buf_detach(&file);
		int code = bind->decl.type == TSQL_VARCHAR ? sqlite3_bind_text64(stmt, index, data, len, free, SQLITE_UTF8) :
		    sqlite3_bind_blob64(stmt, index, data, len, free);
		if (code != SQLITE_OK)
			r = plan_sqlite_error(exec_session(exec), code, err);
	}
	buf_release(&file);
	return r;
}

int plan_bind_one(struct exec *exec, const struct plan_bind *bind, struct sqlite3_stmt *stmt, int index, struct err *err)
{
	struct eval eval = { .exec = exec, .err = err };
	enum truth truth;
	int r;

	switch (bind->kind) {
	case BIND_ROW:
		return sqlite3_bind_pointer(stmt, index, bind->row, POINTER_TYPE, NULL) == SQLITE_OK ? 0 : -ERR_INTERNAL;
	case BIND_TRUTH:
		r = eval_condition(&eval, bind->expr, &truth);
		if (r < 0)
			return r;
		if (truth == TRUTH_UNKNOWN)
			sqlite3_bind_null(stmt, index);
		else
			sqlite3_bind_int(stmt, index, truth == TRUTH_TRUE);
		return 0;
	case BIND_COUNT:
		return bind_count(exec, bind->expr, stmt, index, err);
	case BIND_JSON:
		return json_bind(stmt, index, bind->json);
	case BIND_FILE:
		return bind_file(exec, bind, stmt, index, err);
	case BIND_ORDER:
		return string_agg_bind(stmt, index, bind->order) == SQLITE_OK ? 0 : -ERR_INTERNAL;
	case BIND_ROWS:
		return row_source_bind(stmt, index, bind->rows) == SQLITE_OK ? 0 : -ERR_INTERNAL;
	case BIND_OUTER:
		return 0;
	default:
		return bind_value(exec, bind, stmt, index, err);
	}
}

/* --- running --- */

const struct tsql_column *plan_columns(const struct select_plan *plan, size_t *ret_count)
{
	*ret_count = plan->column_count;
	return plan->columns;
}

const char *plan_sql(const struct select_plan *plan)
{
	return plan->sql;
}

void plan_bind_release(struct plan_bind *bind)
{
	if (bind->row)
		vec_release(&bind->row->leaves);
	free(bind->row);
	json_shape_free(bind->json);
	row_source_free(bind->rows);
	free(bind->order);
}

void plan_free(struct select_plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->binds.len; i++)
		plan_bind_release(&plan->binds.items[i]);
	vec_release(&plan->binds);
	for (size_t i = 0; plan->columns && i < plan->column_count; i++)
		free((char *)plan->columns[i].name);
	free(plan->columns);
	free(plan->sql);
	arena_release(&plan->arena);
	free(plan);
}

bool plan_wants_narrow(const struct exec *exec)
{
	const struct tsql_catalog *catalog = exec->session->catalog;

	return catalog->narrow && catalog->narrow(exec->session);
}

/* Made for temporary tables that are gone, or for another answer to what the session sees. */
static bool is_outdated(const struct exec *exec, const struct select_plan *plan)
{
	if (plan->uses_tables && (plan->table_epoch != exec->session->table_epoch || plan->frame != exec->frame))
		return true;
	return plan->has_narrow && plan->narrow != plan_wants_narrow(exec);
}

int plan_get(struct exec *exec, struct query *query, struct select_plan **ret, struct err *err)
{
	struct select_plan *old = query->plan;
	int r = 0;

	if (old && is_outdated(exec, old)) {
		for (size_t i = 0; i < exec->batch->plans.len; i++)
			if (exec->batch->plans.items[i] == old)
				exec->batch->plans.items[i] = exec->batch->plans.items[--exec->batch->plans.len];
		plan_free(old);
		query->plan = NULL;
	}
	if (!query->plan) {
		r = select_translate(exec, query, &query->plan, err);
		if (r < 0)
			return r;
		vec_push(&exec->batch->plans, query->plan);
	}
	*ret = query->plan;
	return r;
}

void plan_try(struct exec *exec, struct query *query, struct err *err)
{
	struct select_plan *plan = NULL;

	if (select_translate(exec, query, &plan, err) == 0)
		plan_free(plan);
}

/* A row's values: texts are borrowed from SQLite, everything else is owned. */
struct row_values {
	struct tsql_value *items;
	bool *borrowed;
	size_t count;
};

static void release_row(struct row_values *row)
{
	for (size_t i = 0; i < row->count; i++)
		if (!row->borrowed[i])
			tsql_value_release(&row->items[i]);
	row->count = 0;
}

static int read_row(struct select_plan *plan, struct sqlite3_stmt *stmt, struct row_values *row, struct err *err)
{
	for (size_t i = 0; i < plan->column_count; i++) {
		const struct tsql_decl *decl = &plan->columns[i].decl;
		int r = 0;

		row->borrowed[i] = store_borrow(stmt, (int)i, decl, &row->items[i]);
		if (!row->borrowed[i])
			r = tsql_value_column(stmt, (int)i, decl, &row->items[i], err);
		if (r < 0)
			return r;
		row->count = i + 1;
	}
	return 0;
}

static int step_rows(struct exec *exec, struct select_plan *plan, struct sqlite3_stmt *stmt, plan_row_fn *row, void *ctx,
    struct err *err)
{
	struct row_values values = { .items = xcalloc(plan->column_count + 1, sizeof(*values.items)),
		.borrowed = xcalloc(plan->column_count + 1, sizeof(*values.borrowed)) };
	int r = 0, code;

	while (r == 0 && (code = sqlite3_step(stmt)) != SQLITE_DONE) {
		if (code != SQLITE_ROW) {
			if (!plan->failed)
				plan_sqlite_error(exec_session(exec), code, err);
			r = err && err->code != ERR_NONE ? -(int)err->code : -ERR_SQL;
			break;
		}
		r = read_row(plan, stmt, &values, err);
		if (r == 0)
			r = row(ctx, values.items, plan->column_count);
		release_row(&values);
		if (r == 0 && exec_cancelled(exec))
			r = err_set(err, ERR_CANCELLED, "the batch was cancelled");
	}
	free(values.items);
	free(values.borrowed);
	return r;
}

int plan_run(struct exec *exec, struct select_plan *plan, plan_row_fn *row, void *ctx, struct err *err)
{
	struct sqlite3_stmt *stmt;
	int r;

	err_clear(err);
	r = session_prepare(exec_session(exec), plan->sql, &stmt, err);
	if (r < 0)
		return r;
	plan->exec = exec;
	plan->err = err;
	plan->failed = false;
	for (size_t i = 0; r == 0 && i < plan->binds.len; i++)
		r = plan_bind_one(exec, &plan->binds.items[i], stmt, (int)i + 1, err);
	if (r == 0)
		r = step_rows(exec, plan, stmt, row, ctx, err);
	session_done(exec_session(exec), stmt);
	plan->exec = NULL;
	plan->err = NULL;
	return r;
}

/* --- subqueries outside a query --- */

struct tsql_decl plan_scalar_type(struct exec *exec, struct query *query)
{
	struct tsql_decl none = { 0 };
	struct select_plan *plan;
	struct err ignored;

	if (plan_get(exec, query, &plan, &ignored) < 0 || plan->column_count == 0)
		return none;
	return plan->columns[0].decl;
}

static int one_column(struct exec *exec, struct query *query, struct select_plan **ret, struct err *err)
{
	int r = plan_get(exec, query, ret, err);

	if (r == 0 && (*ret)->column_count != 1)
		return sql_error(err, 116,
		    "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.");
	return r;
}

struct scalar_ctx {
	struct tsql_value value;
	bool any;
	struct err *err;
};

static int scalar_row(void *ctx, const struct tsql_value *values, size_t count)
{
	struct scalar_ctx *c = ctx;

	(void)count;
	if (c->any)
		return more_than_one(c->err);
	c->any = true;
	c->value = tsql_value_copy(&values[0]);
	return 0;
}

int plan_scalar(struct exec *exec, struct query *query, struct tsql_value *ret, struct err *err)
{
	struct select_plan *plan;
	struct scalar_ctx ctx = { .value = tsql_null(TSQL_UNKNOWN), .err = err };
	int r = one_column(exec, query, &plan, err);

	if (r == 0)
		r = plan_run(exec, plan, scalar_row, &ctx, err);
	if (r < 0) {
		tsql_value_release(&ctx.value);
		return r;
	}
	if (!ctx.any)
		ctx.value = tsql_null(plan->columns[0].decl.type == TSQL_VARIANT ? TSQL_UNKNOWN : plan->columns[0].decl.type);
	*ret = ctx.value;
	return 0;
}

struct contains_ctx {
	const struct tsql_value *value;
	enum truth result;
	struct err *err;
};

static int contains_row(void *ctx, const struct tsql_value *values, size_t count)
{
	struct contains_ctx *c = ctx;
	int order, r;

	(void)count;
	if (c->value->null || values[0].null) {
		c->result = TRUTH_UNKNOWN;
		return 0;
	}
	r = tsql_value_compare(c->value, &values[0], &order, c->err);
	if (r < 0)
		return r;
	if (order == 0) {
		c->result = TRUTH_TRUE;
		return 1; /* enough */
	}
	return 0;
}

int plan_contains(struct exec *exec, struct query *query, const struct tsql_value *value, enum truth *ret,
    struct err *err)
{
	struct select_plan *plan;
	struct contains_ctx ctx = { value, TRUTH_FALSE, err };
	int r = one_column(exec, query, &plan, err);

	if (r == 0)
		r = plan_run(exec, plan, contains_row, &ctx, err);
	if (r < 0)
		return r;
	*ret = ctx.result;
	return 0;
}

static int exists_row(void *ctx, const struct tsql_value *values, size_t count)
{
	(void)values;
	(void)count;
	*(bool *)ctx = true;
	return 1;
}

int plan_exists(struct exec *exec, struct query *query, enum truth *ret, struct err *err)
{
	struct select_plan *plan;
	bool any = false;
	int r = plan_get(exec, query, &plan, err);

	if (r == 0)
		r = plan_run(exec, plan, exists_row, &any, err);
	if (r < 0)
		return r;
	*ret = any ? TRUTH_TRUE : TRUTH_FALSE;
	return 0;
}
