/* SPDX-License-Identifier: MIT */
/*
 * Looking at a batch before it runs: unknown columns and other errors of a
 * query stop the batch when nothing of it has run, as long as the query reads
 * only what is there already. The translations that this makes are kept for
 * the run, so a batch is looked at once.
 */
#include "tsql/check.h"

#include <stdlib.h>

#include "tsql/plan.h"
#include "tsql/tree.h"

struct check {
	struct exec *exec;
	bool temporary; /* the query at hand reads a temporary table or a table variable */
	bool stop;      /* behind a USE */
	struct check_errors *errors;
	const struct stmt *at;
};

bool check_is_compile_error(const struct err *err)
{
	static const int numbers[] = { 104, 107, 108, 116, 144, 147, 164, 205, 207, 208, 209, 240, 246, 252, 253, 263, 460, 461, 462, 465, 467,
		1033, 2715, 4104, 8120, 10741, 40517 };

	for (size_t i = 0; err->code == ERR_SQL && i < ARRAY_LEN(numbers); i++)
		if (err->sql_number == numbers[i])
			return true;
	return false;
}

/* --- does a query read temporary tables? --- */

static void look_at_query(struct check *c, const struct query *q);

static bool visit_subquery(void *ctx, const struct expr *x)
{
	struct check *c = ctx;

	if (x->kind == EXPR_SUBQUERY || x->kind == EXPR_EXISTS)
		look_at_query(c, x->query);
	else if (x->kind == EXPR_IN && x->in.query)
		look_at_query(c, x->in.query);
	return c->temporary;
}

static void look_at_source(struct check *c, const struct source *from)
{
	if (!from)
		return;
	if (from->kind == SOURCE_VARIABLE || (from->kind == SOURCE_NAME && from->name.object[0] == '#'))
		c->temporary = true;
	look_at_query(c, from->query);
	look_at_source(c, from->left);
	look_at_source(c, from->right);
	tree_walk(from->on, visit_subquery, c);
	for (size_t i = 0; i < from->args.count; i++)
		tree_walk(from->args.items[i], visit_subquery, c);
}

static void look_at_query(struct check *c, const struct query *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < q->cte_count; i++)
		look_at_query(c, q->ctes[i].query);
	for (size_t t = 0; t < q->term_count; t++) {
		const struct select *sel = q->terms[t].select;
		look_at_source(c, sel->from);
		for (size_t i = 0; i < sel->item_count; i++)
			tree_walk(sel->items[i].expr, visit_subquery, c);
		tree_walk(sel->where, visit_subquery, c);
		tree_walk(sel->having, visit_subquery, c);
	}
	for (size_t i = 0; i < q->order_count; i++)
		tree_walk(q->order[i].expr, visit_subquery, c);
}

/* --- the batch --- */

static void add_error(struct check *c, const struct err *err)
{
	struct err copy = *err;

	if (copy.sql_line == 0)
		copy.sql_line = c->at->line;
	if (c->errors->len < MISSING_COLUMNS_MAX)
		vec_push(c->errors, copy);
}

/* Once more for all columns that the query does not find; false when that is not what is wrong with it. */
static bool find_missing(struct check *c, struct query *q)
{
	struct missing_columns m = { .seen = xcalloc(MISSING_COLUMNS_MAX, sizeof(*m.seen)),
		.errors = xcalloc(MISSING_COLUMNS_MAX, sizeof(*m.errors)) };

	c->exec->missing = &m;
	plan_try(c->exec, q, c->exec->err);
	c->exec->missing = NULL;
	for (size_t i = 0; i < m.count; i++)
		add_error(c, &m.errors[i]);
	free(m.seen);
	free(m.errors);
	return m.count > 0;
}

static void check_query(struct check *c, struct query *q)
{
	struct exec *e = c->exec;
	struct select_plan *plan;
	struct err first;

	if (!q || c->stop)
		return;
	c->temporary = false;
	look_at_query(c, q);
	if (c->temporary || plan_get(e, q, &plan, e->err) == 0)
		return;
	first = *e->err;
	if (first.sql_number == 208 || !check_is_compile_error(&first)) {
		err_clear(e->err);
		return;
	}
	if ((first.sql_number != 207 && first.sql_number != 4104) || !find_missing(c, q))
		add_error(c, &first);
	err_clear(e->err);
}

static bool visit_own_query(void *ctx, const struct expr *x)
{
	if (x->kind == EXPR_SUBQUERY || x->kind == EXPR_EXISTS)
		check_query(ctx, x->query);
	else if (x->kind == EXPR_IN)
		check_query(ctx, x->in.query);
	return false;
}

static void check_statement(struct check *c, struct stmt *s);

static void check_list(struct check *c, const struct stmt_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		check_statement(c, list->items[i]);
}

static void check_statement(struct check *c, struct stmt *s)
{
	if (!s || c->stop)
		return;
	c->at = s;
	switch (s->kind) {
	case STMT_DECLARE:
	case STMT_SET:
		tree_walk(s->set.value, visit_own_query, c);
		break;
	case STMT_SELECT:
		if (s->query->terms[0].select->from)
			check_query(c, s->query);
		else
			for (size_t i = 0; i < s->query->terms[0].select->item_count; i++)
				tree_walk(s->query->terms[0].select->items[i].expr, visit_own_query, c);
		break;
	case STMT_INSERT:
		check_query(c, s->insert.query);
		break;
	case STMT_CURSOR:
		check_query(c, s->cursor.query);
		break;
	case STMT_IF:
	case STMT_WHILE:
		tree_walk(s->branch.condition, visit_own_query, c);
		check_statement(c, s->branch.then);
		check_statement(c, s->branch.otherwise);
		break;
	case STMT_BLOCK:
		check_list(c, &s->block);
		break;
	case STMT_TRY:
		check_list(c, &s->attempt.body);
		check_list(c, &s->attempt.handler);
		break;
	case STMT_USE:
		c->stop = true;
		break;
	default:
		break;
	}
}

int check_batch(struct exec *e, struct check_errors *ret)
{
	struct check c = { .exec = e, .errors = ret };

	if (e->batch->checked == e->session->database)
		return 0;
	check_list(&c, &e->batch->statements);
	if (ret->len)
		return -ERR_SQL;
	e->batch->checked = e->session->database;
	return 0;
}
