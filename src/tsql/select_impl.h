/* SPDX-License-Identifier: MIT */
/*
 * What the translator's files share. Together they are the only place that
 * writes SQLite's dialect: select.c (queries), select_source.c (FROM),
 * select_expr.c (values), select_condition.c, select_tree.c (questions about trees).
 */
#ifndef SO_TSQL_SELECT_IMPL_H
#define SO_TSQL_SELECT_IMPL_H

#include <string.h>

#include "base/utf8.h"
#include "tsql/exec.h"
#include "tsql/function.h"
#include "tsql/plan_impl.h"
#include "tsql/sqlerr.h"
#include "tsql/store.h"
#include "tsql/tree.h"
#include "tsql/types.h"

/* A column that a FROM source offers. */
struct offered {
	const char *name;     /* as T-SQL sees it */
	const char *sql_name; /* as SQLite sees it */
	struct tsql_decl decl;
	bool hidden; /* not in SELECT * */
};

struct instance {
	const char *alias;  /* how columns are qualified */
	const char *schema; /* of a view used without alias; may be NULL */
	int number;         /* "s1" */
	bool recursive;     /* a CTE's reference to itself */
	const struct tsql_view *view; /* that it is a use of, or NULL */
	VEC(struct offered) columns;
};

struct scope {
	struct scope *outer;
	VEC(struct instance *) sources;
	const struct select *grouped; /* its GROUP BY, when the query aggregates */
	const uint64_t *set; /* of its grouping sets the one at hand, or NULL */
	bool in_aggregate;
	bool in_select; /* the SELECT list or ORDER BY: window functions may stand here */
};

/* The hidden column of a recursive CTE that counts its turns. */
#define LEVEL_COLUMN "turn"

struct known_cte {
	const char *name;
	char sql_name[16];
	VEC(struct offered) columns;
	bool recursing; /* its own recursive part is being translated */
	int uses;       /* references in that */
};

struct known_type {
	const struct query *query;
	struct tsql_decl decl;
};

struct translator {
	struct exec *exec;
	struct select_plan *plan;
	struct arena arena; /* names and instances */
	struct buf with;
	VEC(const struct tsql_view *) views; /* already in with */
	VEC(struct known_cte *) ctes;
	VEC(struct instance *) instances;
	VEC(struct known_type) known_types; /* of scalar subqueries: deriving one means translating it */
	int next_number;
	int depth;
	int max_recursion; /* negative = no limit */
	const struct expr *merged;       /* the IN list of which one value is being translated (select_merge.c), or NULL */
	const struct expr *merged_value; /* that value */
	bool keys; /* the SELECT at hand gets the orders of its query as further columns */
	struct err *err;
	int line;
	VEC(const struct cte *) done_ctes; /* in the order of WITH */
	/* The right side of an APPLY: who sees the left side, and what is taken from there. */
	struct translator *parent;
	struct scope *parent_scope;
	VEC(const char *) outer; /* the arguments, as the parent writes them */
};

/* The columns a (sub)query gives. */
struct result {
	VEC(struct tsql_column) columns; /* names borrowed; NULL = none */
};

struct found {
	const struct instance *source;
	const struct offered *column;
};

/* --- select_expr.c --- */

int tr_refuse(struct translator *t, const struct expr *x, const char *what);
/* Notes the line of an error that has none yet; returns r. */
int tr_at_line(struct translator *t, int line, int r);
void tr_bind(struct translator *t, struct plan_bind bind, struct buf *out);
/* Bind a value without leaves. decl TSQL_UNKNOWN: as it is. */
void tr_bind_value(struct translator *t, const struct expr *x, struct tsql_decl decl, struct buf *out);
void tr_forget_binds(struct translator *t, size_t keep_count);
void tr_emit_column(const struct found *f, struct buf *out);
/* Collation clause for values of a type, or "". */
const char *tr_collation(enum tsql_type type);
struct tsql_decl tr_type(struct translator *t, struct scope *s, const struct expr *x);
int tr_subquery_type(struct translator *t, struct scope *s, const struct query *q, struct tsql_decl *ret);
int tr_value(struct translator *t, struct scope *s, const struct expr *x, struct buf *out);
/* A value converted to a declaration, when its storage would differ. */
int tr_value_as(struct translator *t, struct scope *s, const struct expr *x, const struct tsql_decl *want,
    struct buf *out);
/* The general case: SQLite computes the leaves, the evaluator the rest; converted to cast unless that is NULL. */
int tr_row(struct translator *t, struct scope *s, const struct expr *x, const struct tsql_decl *cast, struct buf *out);

/* select_aggregate.c */
struct tsql_decl tr_aggregate_type(struct translator *t, struct scope *s, const struct expr *x);
int tr_aggregate(struct translator *t, struct scope *s, const struct expr *x, struct buf *out);
/* Writes the call of one of SQLite's functions for x. */
typedef int tr_call_fn(struct translator *t, struct scope *s, const struct expr *x, const char *name, struct buf *out);
/* An aggregate or function with OVER by the name SQLite has for it, when it can be applied; AVG of integers is sum / count. */
int tr_sqlite_aggregate(struct translator *t, struct scope *s, const struct expr *x, tr_call_fn *write, struct buf *out);

/* select_window.c: a function with OVER. */
struct tsql_decl tr_window_type(struct translator *t, struct scope *s, const struct expr *x);
int tr_window(struct translator *t, struct scope *s, const struct expr *x, struct buf *out);

/* select_apply.c: a column of the left side, as an argument. */
int tr_outer_column(struct translator *t, const struct expr *x, struct buf *out);
/* A query that is computed for each row of what it sees. */
int tr_lateral(struct translator *t, struct scope *s, struct scope *seen, const struct query *q, const struct source *from, struct buf *out);
/* A table function of the language; args_scope is what its arguments see. */
int tr_table_function(struct translator *t, struct scope *s, struct scope *args_scope, const struct source *from, struct buf *out);
struct instance *tr_new_instance(struct translator *t, struct scope *s, const char *alias);

/* --- select_condition.c, select_source.c, select.c --- */

int tr_condition(struct translator *t, struct scope *s, const struct expr *x, struct buf *out);
int tr_source(struct translator *t, struct scope *s, const struct source *from, struct buf *out);
void tr_begin_with(struct translator *t);
/* Make the columns of a derived table or CTE those of an instance: c1, c2 ... in SQLite. */
int tr_offer_result(struct translator *t, const struct result *columns, const char **names, size_t name_count,
    const char *what, struct instance *i);
/* The statement's text from WITH and body; a new plan's columns. Takes body. (select.c) */
void tr_finish(struct translator *t, struct buf *body, const struct result *columns);
void tr_release(struct translator *t);
/* One term of WITH, its number of members before the recursive ones found by itself (select_cte.c). */
int tr_one_cte(struct translator *t, const struct cte *c);
/* WITH before a query (select_cte.c). */
int tr_ctes(struct translator *t, const struct query *q);
/* One SELECT; see tr_query. */
int tr_select(struct translator *t, struct scope *s, const struct query *q, const struct select *sel,
    const struct result *want, bool named, struct buf *out, struct result *ret);
bool tr_is_grouped(const struct select *sel, const struct query *q);
/* The number of the select item that an ORDER BY item means, or 0. */
int tr_order_ordinal(struct translator *t, const struct query *q, const struct expr *x, const struct result *columns,
    size_t *ret);
/* select_bound.c: what is known beside WHERE about the rows of views, as more conditions behind it. */
void tr_bounds(struct translator *t, struct scope *s, const struct expr *where, struct buf *out);
/* A view's text with ?1, ?2 ... replaced by texts (select_source.c). */
void tr_substitute(const char *sql, char *const *texts, size_t count, struct buf *out);
/* The column that a name means among the sources of one scope: 1, 0 = none, negative = several (select_expr.c). */
int tr_find_here(struct translator *t, const struct scope *s, const struct expr *x, struct found *ret);
/* Bind a value without leaves for a comparison with a column of that declaration (select_condition.c). */
void tr_bind_compared(struct translator *t, const struct expr *x, struct tsql_decl column, struct buf *out);
/* A number of rows, as a value. */
int tr_count(struct translator *t, const struct expr *x, struct buf *out);
/* select_top.c: how many rows TOP takes: a number, or a part of what rows (a query's text) gives. */
int tr_top(struct translator *t, const struct select *sel, const char *rows, struct buf *out);
/* TOP ... WITH TIES: each row's rank in the order, as one more column. */
int tr_rank(struct translator *t, struct scope *s, const struct query *q, const struct select *sel, const struct result *columns,
    struct buf *out);
/* The same: the rows from start on, cut behind the last whose rank counts. */
int tr_ties(struct translator *t, const struct select *sel, const struct result *columns, size_t start, struct buf *out);
int tr_limit(struct translator *t, const struct query *q, const struct expr *top, struct buf *out);
/* The IN list by whose values the query is better merged, or NULL (select_merge.c). */
const struct expr *tr_merge_list(struct translator *t, const struct query *q);
int tr_merged(struct translator *t, const struct query *q, const struct expr *list, struct buf *out, struct result *ret);
/* The orders of a query as further columns k1, k2 ...: behind the query's own. */
int tr_order_keys(struct translator *t, struct scope *s, const struct query *q, const struct result *columns,
    struct buf *out);
/* The same orders over the rows with those columns; named: the rows are a derived table. */
int tr_keys_order(struct translator *t, const struct query *q, const struct result *columns, bool named, struct buf *out);
/* select_pivot.c: the derived table that a PIVOT or UNPIVOT stands for. */
int tr_pivot(struct translator *t, struct scope *s, const struct source *from, struct source *ret);
/* select_sets.c: a SELECT with grouping sets, as the union of one SELECT for each; with keys when the query has an order. */
int tr_sets(struct translator *t, struct scope *outer, const struct query *q, const struct select *sel, const struct result *want,
    struct buf *out, struct result *ret);
/* Whether an expression is grouped by, but not in the set at hand: it is NULL. */
bool tr_is_absent_key(const struct scope *s, const struct expr *x);
/* GROUPING and GROUPING_ID. */
int tr_grouping(struct translator *t, struct scope *s, const struct expr *x, struct buf *out);
/* want gives the types the columns must have; named: columns are called c1, c2 ... */
int tr_query(struct translator *t, struct scope *outer, const struct query *q, const struct result *want, bool named,
    struct buf *out, struct result *ret);

#endif
