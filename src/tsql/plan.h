/* SPDX-License-Identifier: MIT */
/* Queries as SQLite statements: translation, its cache on the tree, and running it. */
#ifndef SO_TSQL_PLAN_H
#define SO_TSQL_PLAN_H

#include "tsql/ast.h"
#include "tsql/client.h"
#include "tsql/eval.h"

struct sqlite3_context;
struct sqlite3_stmt;
struct sqlite3_value;
struct select_plan;

/* One row of a query. A non-zero return ends the run with that result. */
typedef int plan_row_fn(void *ctx, const struct tsql_value *values, size_t count);

/* Translate unless done before. The plan belongs to the query's batch. */
int plan_get(struct exec *exec, struct query *query, struct select_plan **ret, struct err *err);
/* Translate for what is wrong with it only; nothing is kept. */
void plan_try(struct exec *exec, struct query *query, struct err *err);
const struct tsql_column *plan_columns(const struct select_plan *plan, size_t *ret_count);
const char *plan_sql(const struct select_plan *plan);
/* Run it; row is called for each row with values it may keep until it returns. */
int plan_run(struct exec *exec, struct select_plan *plan, plan_row_fn *row, void *ctx, struct err *err);
void plan_free(struct select_plan *plan);

/* Subqueries met by the evaluator. scalar: NULL without a row, error 512 with two. */
struct tsql_decl plan_scalar_type(struct exec *exec, struct query *query);
int plan_scalar(struct exec *exec, struct query *query, struct tsql_value *ret, struct err *err);
int plan_contains(struct exec *exec, struct query *query, const struct tsql_value *value, enum truth *ret,
    struct err *err);
int plan_exists(struct exec *exec, struct query *query, enum truth *ret, struct err *err);

/* The SQLite function tsql_eval(pointer, leaf...): one row expression in one row. */
void plan_eval_function(struct sqlite3_context *context, int argc, struct sqlite3_value **argv);

/* The text with which tsql_fail(512) ends a statement. */
#define TSQL_FAIL_512 "tsql: more than one value"
/* The same of tsql_fail(530, limit); the limit follows. */
#define TSQL_FAIL_530 "tsql: recursion "

/* What a SQLite result code means as a T-SQL error. */
int plan_sqlite_error(struct tsql_session *session, int code, struct err *err);

#endif
