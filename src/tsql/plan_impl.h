/* SPDX-License-Identifier: MIT */
/* What the translator (select.c) makes and plan.c runs. */
#ifndef SO_TSQL_PLAN_IMPL_H
#define SO_TSQL_PLAN_IMPL_H

#include "tsql/json.h"
#include "tsql/plan.h"
#include "tsql/string_agg.h"
#include "tsql/table_function.h"

/* An expression that is computed row by row from leaves; bound as a pointer. */
struct row_expr {
	struct select_plan *plan;
	const struct expr *expr;
	struct tsql_decl decl; /* type of the result */
	bool cast;             /* convert the result to decl */
	VEC(struct eval_leaf) leaves; /* their values are set for each row */
};

#define ROW_SOURCE_COLUMNS 256
#define ROW_SOURCE_ARGS 100

/* What the SQLite table tsql_rows(?, argument...) gives: bound as a pointer. */
struct row_source {
	struct select_plan *plan;  /* whose statement it stands in */
	struct select_plan *query; /* the right side of APPLY, owned: run with the arguments as its outer values; or NULL */
	const struct source *from; /* else a table function of the language */
	struct tsql_decl types[TABLE_FUNCTION_ARGS_MAX];
	struct table_columns columns; /* of the function */
};

enum bind_kind {
	BIND_VALUE, /* a value without leaves: evaluated once per run, converted to decl unless that is unknown */
	BIND_TRUTH, /* a condition without leaves: 1, 0 or NULL */
	BIND_ROW,   /* a row_expr */
	BIND_COUNT, /* TOP, OFFSET, FETCH: a number of rows */
	BIND_JSON,  /* the shape of FOR JSON */
	BIND_ORDER, /* of a STRING_AGG */
	BIND_ROWS,  /* a row_source */
	BIND_OUTER, /* in the right side of APPLY: an argument of its tsql_rows */
	BIND_FILE,  /* OPENROWSET(BULK): what the file holds, as bytes or (decl) text */
};

struct plan_bind {
	enum bind_kind kind;
	const struct expr *expr;
	struct tsql_decl decl;
	struct row_expr *row;
	struct json_shape *json;
	struct row_source *rows;
	struct string_order *order;
	size_t outer; /* number of the argument, from 0 */
};

struct select_plan {
	struct arena arena; /* expressions that the translator made */
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

void row_source_free(struct row_source *source);
/* Release what a bind owns. */
void plan_bind_release(struct plan_bind *bind);
/* Bind one value of a statement about to run; BIND_OUTER is left to row_source.c. */
int plan_bind_one(struct exec *exec, const struct plan_bind *bind, struct sqlite3_stmt *stmt, int index, struct err *err);
/* Bind a row_source. Returns a SQLite code. */
int row_source_bind(struct sqlite3_stmt *stmt, int index, struct row_source *source);
/* Register the table tsql_rows on a connection. Returns a SQLite code. */
int row_source_register(struct sqlite3 *db);
/* What tsql_catalog.narrow says now. */
bool plan_wants_narrow(const struct exec *exec);
/* Translate a query (select.c). */
int select_translate(struct exec *exec, struct query *query, struct select_plan **ret, struct err *err);

#endif
