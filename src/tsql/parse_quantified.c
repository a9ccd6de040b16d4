/* SPDX-License-Identifier: MIT */
/*
 * x > ALL (query), x = ANY (query): rewritten to EXISTS over the query as a
 * derived table, so that NULLs count as the reference says: ALL is false when a
 * row contradicts, else unknown when a row's comparison is, else true; ANY is
 * the same with true and false exchanged.
 */
#include <string.h>

#include "tsql/parse_impl.h"

/* No name that a script's own columns would have. */
#define QUANTIFIED_ALIAS "$quantified"
#define QUANTIFIED_COLUMN "$value"

static struct expr *new_logic(struct parser *p, enum expr_kind kind, struct expr *left, struct expr *right, const struct token *t)
{
	struct expr *x = parse_new(p, kind, t);

	x->logic.left = left;
	x->logic.right = right;
	return x;
}

static struct expr *new_int(struct parser *p, int value, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_LITERAL, t);

	x->literal = tsql_int(value);
	return x;
}

/* EXISTS (SELECT 1 FROM (query) AS $quantified($value) WHERE where) */
static struct expr *new_exists(struct parser *p, struct query *query, struct expr *where, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_EXISTS, t);
	struct query *q = parse_alloc(p, sizeof(*q));
	struct select *sel = parse_alloc(p, sizeof(*sel));

	sel->from = parse_alloc(p, sizeof(*sel->from));
	sel->from->kind = SOURCE_QUERY;
	sel->from->query = query;
	sel->from->alias = QUANTIFIED_ALIAS;
	sel->from->columns = parse_alloc(p, sizeof(*sel->from->columns));
	sel->from->columns[0] = QUANTIFIED_COLUMN;
	sel->from->column_count = 1;
	sel->items = parse_alloc(p, sizeof(*sel->items));
	sel->items[0].expr = new_int(p, 1, t);
	sel->item_count = 1;
	sel->where = where;
	sel->line = sel->from->line = sel->items[0].line = q->line = t->line;
	q->terms = parse_alloc(p, sizeof(*q->terms));
	q->terms[0].select = sel;
	q->term_count = 1;
	x->query = q;
	return x;
}

static struct expr *new_comparison(struct parser *p, enum compare_op op, struct expr *left, const struct token *t)
{
	struct expr *column = parse_new(p, EXPR_COLUMN, t);

	column->col.table = QUANTIFIED_ALIAS;
	column->col.name = QUANTIFIED_COLUMN;
	return parse_new_compare(p, op, left, column, t);
}

/* Neither the comparison nor its opposite holds. */
static struct expr *new_unknown_test(struct parser *p, enum compare_op op, struct expr *left, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_CASE, t);

	x->branch.count = 2;
	x->branch.arms = parse_alloc(p, 2 * sizeof(*x->branch.arms));
	x->branch.arms[0].when = new_comparison(p, op, left, t);
	x->branch.arms[0].then = new_int(p, 0, t);
	x->branch.arms[1].when = new_logic(p, EXPR_NOT, new_comparison(p, op, left, t), NULL, t);
	x->branch.arms[1].then = new_int(p, 0, t);
	x->branch.otherwise = new_int(p, 1, t);
	return parse_new_compare(p, COMPARE_EQ, x, new_int(p, 1, t), t);
}

struct expr *parse_quantified(struct parser *p, enum compare_op op, struct expr *left, const struct token *t)
{
	bool all = parse_is(p, KW_ALL);
	struct expr *decides, *unknown, *null;
	struct query *query;

	p->at++;
	parse_expect_symbol(p, '(');
	parse_enter(p);
	query = parse_query(p);
	parse_leave(p);
	parse_expect_symbol(p, ')');
	null = parse_new_compare(p, COMPARE_EQ, parse_new_null(p, t), parse_new_null(p, t), t);
	unknown = new_exists(p, query, new_unknown_test(p, op, left, t), t);
	decides = new_comparison(p, op, left, t);
	if (!all)
		return new_logic(p, EXPR_OR, new_exists(p, query, decides, t), new_logic(p, EXPR_AND, unknown, null, t), t);
	decides = new_exists(p, query, new_logic(p, EXPR_NOT, decides, NULL, t), t);
	return new_logic(p, EXPR_AND, new_logic(p, EXPR_NOT, decides, NULL, t),
	    new_logic(p, EXPR_OR, new_logic(p, EXPR_NOT, unknown, NULL, t), null, t), t);
}
