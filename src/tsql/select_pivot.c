/* SPDX-License-Identifier: MIT */
/*
 * PIVOT and UNPIVOT, when the columns of what they turn are known, as queries:
 *
 *   SELECT g, SUM(CASE WHEN c = N'x' THEN v END) AS x, ... FROM (...) GROUP BY g
 *   SELECT g, CASE c WHEN N'x' THEN x ... END AS v, c FROM (...) CROSS JOIN (VALUES (N'x'), ...) WHERE v IS NOT NULL
 */
#include "tsql/select_impl.h"

#define INPUT "$input"
#define NAMES "$names"

struct turn {
	struct translator *t;
	const struct pivot *pivot;
	int line;
	struct result columns; /* of what is turned */
	struct select *sel;
};

/* In the plan: row expressions outlive the translation. */
static void *make(const struct turn *p, size_t size)
{
	return arena_alloc(&p->t->plan->arena, size);
}

static struct expr *new_expr(const struct turn *p, enum expr_kind kind)
{
	struct expr *x = make(p, sizeof(*x));

	x->kind = kind;
	x->line = p->line;
	return x;
}

static struct expr *new_column(const struct turn *p, const char *table, const char *name)
{
	struct expr *x = new_expr(p, EXPR_COLUMN);

	x->col.table = table;
	x->col.name = name;
	return x;
}

static struct expr *new_text(const struct turn *p, const char *text)
{
	struct expr *x = new_expr(p, EXPR_LITERAL);

	x->literal = (struct tsql_value){ .type = TSQL_NVARCHAR, .length = 128 };
	x->literal.s.len = strlen(text);
	x->literal.s.data = arena_strndup(&p->t->plan->arena, text, strlen(text));
	return x;
}

static struct expr *new_is(const struct turn *p, const char *table, const char *name)
{
	struct expr *x = new_expr(p, EXPR_COMPARE);

	x->compare.op = COMPARE_EQ;
	x->compare.left = new_column(p, table, p->pivot->name);
	x->compare.right = new_text(p, name);
	return x;
}

static struct query *new_query(const struct turn *p, struct select *sel)
{
	struct query *q = make(p, sizeof(*q));

	q->terms = make(p, sizeof(*q->terms));
	q->terms[0].select = sel;
	q->term_count = 1;
	q->line = p->line;
	return q;
}

static struct source *new_source(const struct turn *p, const char *alias, struct query *query)
{
	struct source *s = make(p, sizeof(*s));

	s->kind = SOURCE_QUERY;
	s->line = p->line;
	s->alias = alias;
	s->query = query;
	return s;
}

static struct select_item *add_item(const struct turn *p, struct expr *x, const char *alias)
{
	struct select_item *item = &p->sel->items[p->sel->item_count++];

	item->expr = x;
	item->alias = alias;
	item->line = p->line;
	return item;
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (utf8_casecmp(name, names[i]) == 0)
			return true;
	return false;
}

/* The columns that stay as they are. */
static void add_rest(const struct turn *p)
{
	const struct pivot *v = p->pivot;

	for (size_t i = 0; i < p->columns.columns.len; i++) {
		const char *name = p->columns.columns.items[i].name;
		const char *const used[] = { v->name, v->value };
		if (!name || (v->back ? is_one_of(name, v->names, v->count) : is_one_of(name, used, 2)))
			continue;
		add_item(p, new_column(p, INPUT, name), NULL);
	}
}

static void turn(const struct turn *p)
{
	struct select *sel = p->sel;

	add_rest(p);
	sel->group_by.count = sel->item_count;
	sel->group_by.items = make(p, (sel->item_count + 1) * sizeof(*sel->group_by.items));
	for (size_t i = 0; i < sel->item_count; i++)
		sel->group_by.items[i] = sel->items[i].expr;
	for (size_t i = 0; i < p->pivot->count; i++) {
		struct expr *call = new_expr(p, EXPR_CALL), *pick = new_expr(p, EXPR_CASE);
		pick->branch.arms = make(p, sizeof(*pick->branch.arms));
		pick->branch.count = 1;
		pick->branch.arms[0].when = new_is(p, INPUT, p->pivot->names[i]);
		pick->branch.arms[0].then = new_column(p, INPUT, p->pivot->value);
		call->call.function = p->pivot->aggregate->call.function;
		call->call.args.items = make(p, sizeof(*call->call.args.items));
		call->call.args.items[0] = pick;
		call->call.args.count = 1;
		add_item(p, call, p->pivot->names[i]);
	}
}

/* (VALUES (N'a'), (N'b')) as a table of the names. */
static struct source *names_source(const struct turn *p)
{
	const struct pivot *v = p->pivot;
	struct query *q = make(p, sizeof(*q));

	q->line = p->line;
	q->terms = make(p, v->count * sizeof(*q->terms));
	q->term_count = v->count;
	for (size_t i = 0; i < v->count; i++) {
		struct select *sel = make(p, sizeof(*sel));
		sel->items = make(p, sizeof(*sel->items));
		sel->items[0].expr = new_text(p, v->names[i]);
		sel->items[0].alias = v->name;
		sel->items[0].line = sel->line = p->line;
		sel->item_count = 1;
		q->terms[i].op = i ? SET_UNION_ALL : SET_NONE;
		q->terms[i].select = sel;
	}
	return new_source(p, NAMES, q);
}

static int turn_back(const struct turn *p)
{
	const struct pivot *v = p->pivot;
	struct source *join = make(p, sizeof(*join));
	struct expr *pick = new_expr(p, EXPR_CASE);
	const struct tsql_decl *first = NULL;

	for (size_t i = 0; i < p->columns.columns.len; i++) {
		const struct tsql_column *c = &p->columns.columns.items[i];
		if (!c->name || !is_one_of(c->name, v->names, v->count))
			continue;
		if (first && memcmp(first, &c->decl, sizeof(*first)) != 0)
			return tr_at_line(p->t, p->line, sql_error(p->t->err, 8167,
			    "The type of column \"%s\" conflicts with the type of other columns specified in the UNPIVOT list.", c->name));
		first = &c->decl;
	}
	add_rest(p);
	pick->branch.arms = make(p, v->count * sizeof(*pick->branch.arms));
	pick->branch.count = v->count;
	for (size_t i = 0; i < v->count; i++) {
		pick->branch.arms[i].when = new_is(p, NAMES, v->names[i]);
		pick->branch.arms[i].then = new_column(p, INPUT, v->names[i]);
	}
	add_item(p, pick, v->value);
	add_item(p, new_column(p, NAMES, v->name), NULL);
	p->sel->where = new_expr(p, EXPR_IS_NULL);
	p->sel->where->logic.left = pick;
	p->sel->where->logic.negated = true;
	join->kind = SOURCE_JOIN;
	join->join = JOIN_CROSS;
	join->line = p->line;
	join->left = p->sel->from;
	join->right = names_source(p);
	p->sel->from = join;
	return 0;
}

int tr_pivot(struct translator *t, struct scope *s, const struct source *from, struct source *ret)
{
	struct turn p = { .t = t, .pivot = from->pivot, .line = from->line };
	struct select *all = make(&p, sizeof(*all));
	struct buf ignored = BUF_INIT;
	size_t binds = t->plan->binds.len;
	struct query *input = new_query(&p, all);
	int r;

	all->line = from->line;
	all->items = make(&p, sizeof(*all->items));
	all->items[0].star = true;
	all->items[0].line = from->line;
	all->item_count = 1;
	all->from = from->left;
	r = tr_query(t, s->outer, input, NULL, false, &ignored, &p.columns);
	tr_forget_binds(t, binds);
	buf_release(&ignored);
	if (r == 0) {
		p.sel = make(&p, sizeof(*p.sel));
		p.sel->line = from->line;
		p.sel->items = make(&p, (p.columns.columns.len + from->pivot->count + 2) * sizeof(*p.sel->items));
		p.sel->from = new_source(&p, INPUT, input);
		if (from->pivot->back)
			r = turn_back(&p);
		else
			turn(&p);
		*ret = *new_source(&p, from->alias, new_query(&p, p.sel));
	}
	vec_release(&p.columns.columns);
	return r;
}
