/* SPDX-License-Identifier: MIT */
/* Questions about expression trees. Inside the room only. */
#ifndef SO_TSQL_TREE_H
#define SO_TSQL_TREE_H

#include "tsql/ast.h"

typedef bool tree_visit_fn(void *ctx, const struct expr *x);
/* Calls visit on a node; true stops there (its children are not seen). */
void tree_walk(const struct expr *x, tree_visit_fn *visit, void *ctx);
bool tree_is_aggregate(const struct expr *x);
/* A node that SQLite computes for a row expression. */
bool tree_is_leaf(const struct expr *x);
/* Whether an expression differs from row to row. */
bool tree_depends_on_row(const struct expr *x);
bool tree_has_aggregate(const struct expr *x);
/* Structural equality, for GROUP BY. */
bool tree_same(const struct expr *a, const struct expr *b);

#endif
