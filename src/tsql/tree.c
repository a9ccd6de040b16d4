/* SPDX-License-Identifier: MIT */
/* Questions about expression trees: what varies by row, what aggregates, what equals what. */
#include "tsql/tree.h"

#include "base/utf8.h"
#include "tsql/function.h"

void tree_walk(const struct expr *x, tree_visit_fn *visit, void *ctx)
{
	if (!x || visit(ctx, x))
		return;
	switch (x->kind) {
	case EXPR_UNARY:
		tree_walk(x->op.left, visit, ctx);
		break;
	case EXPR_BINARY:
		tree_walk(x->op.left, visit, ctx);
		tree_walk(x->op.right, visit, ctx);
		break;
	case EXPR_CALL:
		for (size_t i = 0; i < x->call.args.count; i++)
			tree_walk(x->call.args.items[i], visit, ctx);
		break;
	case EXPR_CAST:
		tree_walk(x->cast.from, visit, ctx);
		tree_walk(x->cast.style, visit, ctx);
		break;
	case EXPR_CASE:
		for (size_t i = 0; i < x->branch.count; i++) {
			tree_walk(x->branch.arms[i].when, visit, ctx);
			tree_walk(x->branch.arms[i].then, visit, ctx);
		}
		tree_walk(x->branch.otherwise, visit, ctx);
		break;
	case EXPR_COMPARE:
		tree_walk(x->compare.left, visit, ctx);
		tree_walk(x->compare.right, visit, ctx);
		break;
	case EXPR_AND:
	case EXPR_OR:
	case EXPR_NOT:
	case EXPR_IS_NULL:
		tree_walk(x->logic.left, visit, ctx);
		tree_walk(x->logic.right, visit, ctx);
		break;
	case EXPR_BETWEEN:
	case EXPR_LIKE:
		tree_walk(x->between.value, visit, ctx);
		tree_walk(x->between.low, visit, ctx);
		tree_walk(x->between.high, visit, ctx);
		break;
	case EXPR_IN:
		tree_walk(x->in.value, visit, ctx);
		for (size_t i = 0; i < x->in.list.count; i++)
			tree_walk(x->in.list.items[i], visit, ctx);
		break;
	default:
		break;
	}
}

bool tree_is_aggregate(const struct expr *x)
{
	return x->kind == EXPR_CALL && x->call.function->aggregate != AGGREGATE_NONE && !x->call.window;
}

bool tree_is_leaf(const struct expr *x)
{
	return x->kind == EXPR_COLUMN || x->kind == EXPR_SUBQUERY || x->kind == EXPR_EXISTS ||
	    (x->kind == EXPR_IN && x->in.query) || tree_is_aggregate(x) || (x->kind == EXPR_CALL && x->call.window);
}

static bool visit_leaf(void *ctx, const struct expr *x)
{
	if (tree_is_leaf(x) || (x->kind == EXPR_CALL && (x->call.function->flags & FUNCTION_STATEFUL)))
		*(bool *)ctx = true;
	return *(bool *)ctx;
}

bool tree_depends_on_row(const struct expr *x)
{
	bool depends = false;

	tree_walk(x, visit_leaf, &depends);
	return depends;
}

static bool visit_aggregate(void *ctx, const struct expr *x)
{
	if (tree_is_aggregate(x))
		*(bool *)ctx = true;
	return *(bool *)ctx || x->kind == EXPR_SUBQUERY || x->kind == EXPR_EXISTS;
}

bool tree_has_aggregate(const struct expr *x)
{
	bool has = false;

	tree_walk(x, visit_aggregate, &has);
	return has;
}

static bool same_text(const char *a, const char *b)
{
	return (!a && !b) || (a && b && utf8_casecmp(a, b) == 0);
}

bool tree_same(const struct expr *a, const struct expr *b)
{
	int order;

	if (!a || !b)
		return a == b;
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case EXPR_LITERAL:
		if (a->literal.type != b->literal.type || a->literal.null != b->literal.null)
			return false;
		return a->literal.null || (tsql_value_compare(&a->literal, &b->literal, &order, NULL) == 0 && order == 0);
	case EXPR_VARIABLE:
		return a->slot == b->slot;
	case EXPR_COLUMN:
		return utf8_casecmp(a->col.name, b->col.name) == 0 &&
		    (same_text(a->col.table, b->col.table) || !a->col.table || !b->col.table);
	case EXPR_UNARY:
	case EXPR_BINARY:
		return a->op.op == b->op.op && tree_same(a->op.left, b->op.left) &&
		    (a->kind == EXPR_UNARY || tree_same(a->op.right, b->op.right));
	case EXPR_CALL:
		if (a->call.function != b->call.function || a->call.window || b->call.window || a->call.args.count != b->call.args.count)
			return false;
		for (size_t i = 0; i < a->call.args.count; i++)
			if (!tree_same(a->call.args.items[i], b->call.args.items[i]))
				return false;
		return true;
	case EXPR_CAST:
		return memcmp(&a->cast.decl, &b->cast.decl, sizeof(a->cast.decl)) == 0 && tree_same(a->cast.from, b->cast.from) &&
		    tree_same(a->cast.style, b->cast.style);
	case EXPR_CASE:
		if (a->branch.count != b->branch.count || !tree_same(a->branch.otherwise, b->branch.otherwise))
			return false;
		for (size_t i = 0; i < a->branch.count; i++)
			if (!tree_same(a->branch.arms[i].when, b->branch.arms[i].when) ||
			    !tree_same(a->branch.arms[i].then, b->branch.arms[i].then))
				return false;
		return true;
	case EXPR_COMPARE:
		return a->compare.op == b->compare.op && tree_same(a->compare.left, b->compare.left) &&
		    tree_same(a->compare.right, b->compare.right);
	case EXPR_AND:
	case EXPR_OR:
		return tree_same(a->logic.left, b->logic.left) && tree_same(a->logic.right, b->logic.right);
	case EXPR_NOT:
	case EXPR_IS_NULL:
		return a->logic.negated == b->logic.negated && tree_same(a->logic.left, b->logic.left);
	case EXPR_BETWEEN:
	case EXPR_LIKE:
		return a->between.negated == b->between.negated && tree_same(a->between.value, b->between.value) &&
		    tree_same(a->between.low, b->between.low) && tree_same(a->between.high, b->between.high);
	default:
		return false;
	}
}
