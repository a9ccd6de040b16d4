/* SPDX-License-Identifier: MIT */
/* What the translator (select.c) makes and plan.c runs. */
#ifndef SO_TSQL_PLAN_IMPL_H
#define SO_TSQL_PLAN_IMPL_H

#include "tsql/json.h"
#include "tsql/plan.h"

/* An expression that is computed row by row from leaves; bound as a pointer. */
struct row_expr {
	struct select_plan *plan;
	const struct expr *expr;
	struct tsql_decl decl; /* type of the result */
	bool cast;             /* convert the result to decl */
	VEC(struct eval_leaf) leaves; /* their values are set for each row */
};

enum bind_kind {
	BIND_VALUE, /* a value without leaves: evaluated once per run, converted to decl unless that is unknown */
	BIND_TRUTH, /* a condition without leaves: 1, 0 or NULL */
	BIND_ROW,   /* a row_expr */
	BIND_COUNT, /* TOP, OFFSET, FETCH: a number of rows */
	BIND_JSON,  /* the shape of FOR JSON */
	BIND_FILE,  /* OPENROWSET(BULK): what the file holds, as bytes or (decl) text */
};

struct plan_bind {
	enum bind_kind kind;
	const struct expr *expr;
	struct tsql_decl decl;
	struct row_expr *row;
	struct json_shape *json;
};

struct select_plan {
	char *sql;
	struct tsql_column *columns; /* names owned */
	size_t column_count;
	VEC(struct plan_bind) binds;
	bool uses_tables; /* temporary tables, so it is good for one table_epoch only */
	bool has_narrow; /* a view with narrow_sql, so it is good for one answer of tsql_catalog.narrow only */
	bool narrow;
	int64_t table_epoch;
	int frame;
	/* While it runs: */
	struct exec *exec;
	struct err *err; /* where row expressions report */
	bool failed;     /* one has */
};

/* What tsql_catalog.narrow says now. */
bool plan_wants_narrow(const struct exec *exec);
/* Translate a query (select.c). */
int select_translate(struct exec *exec, struct query *query, struct select_plan **ret, struct err *err);

#endif
