/* SPDX-License-Identifier: MIT */
/*
 * Evaluating expressions: over variables alone, or over a row of a query,
 * whose columns (and aggregates and subqueries) are "leaves" computed by SQLite.
 */
#ifndef SO_TSQL_EVAL_H
#define SO_TSQL_EVAL_H

#include "tsql/ast.h"

struct tsql_session;
struct exec;

enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNKNOWN };

/* What a node of a row expression is worth in this row. */
struct eval_leaf {
	const struct expr *expr;
	struct tsql_decl decl;
	struct tsql_value value;
};

struct eval {
	struct exec *exec; /* the running batch: variables, session */
	const struct eval_leaf *leaves;
	size_t leaf_count;
	struct err *err;
};

/* Fail with a T-SQL error, leaving ret alone. Text compares without case, NULL rules are three-valued. */
int eval_value(struct eval *eval, const struct expr *x, struct tsql_value *ret);
int eval_condition(struct eval *eval, const struct expr *x, enum truth *ret);
/* The type in which an operator works, from the types of its operands; TSQL_UNKNOWN when it cannot. */
struct tsql_decl eval_operator_type(int op, const struct tsql_decl *a, const struct tsql_decl *b);
/* a OP b on values (also for +=). */
int eval_binary(struct eval *eval, int op, const struct tsql_value *a, const struct tsql_value *b,
    struct tsql_value *ret);

/* Gives the type of a column or other leaf while types are derived. */
struct typing {
	struct exec *exec;
	bool (*leaf)(void *ctx, const struct expr *x, struct tsql_decl *ret);
	void *ctx;
};
/* The static type of an expression. */
struct tsql_decl eval_type(const struct typing *typing, const struct expr *x);
/* The same by the leaves of an evaluation. */
struct tsql_decl eval_type_here(struct eval *eval, const struct expr *x);

/* LIKE with %, _, [set], [^set]; escape may be NULL. */
bool like_match(const char *text, size_t len, const char *pattern, size_t pattern_len, const char *escape,
    size_t escape_len);

#endif
