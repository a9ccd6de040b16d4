/* SPDX-License-Identifier: MIT */
/*
 * MERGE: one query over target FULL JOIN source that tells for each row which
 * clause it meets, and what the clauses ask for. Values are computed only in
 * rows of their clause.
 */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"
#include "tsql/tree.h"

#define CLAUSES_MAX 16
#define ITEMS_MAX 4096
#define PRESENT "$present"

struct merge {
	struct parser *p;
	struct stmt *s;
	const char *target, *source; /* as columns are qualified */
	const char *seen;            /* the one that the clause at hand sees, or NULL: both */
	struct select *sel;
	struct expr *which; /* a CASE: the number of the row's clause */
	const struct token *t;
};

static struct expr *new_column(const struct merge *m, const char *table, const char *name)
{
	struct expr *x = parse_new(m->p, EXPR_COLUMN, m->t);

	x->col.table = table;
	x->col.name = name;
	return x;
}

static struct expr *new_logic(const struct merge *m, enum expr_kind kind, struct expr *left, struct expr *right)
{
	struct expr *x = parse_new(m->p, kind, m->t);

	x->logic.left = left;
	x->logic.right = right;
	return x;
}

static struct expr *is_present(const struct merge *m, const char *table, const char *column, bool present)
{
	struct expr *x = new_logic(m, EXPR_IS_NULL, new_column(m, table, column), NULL);

	x->logic.negated = present;
	return x;
}

static struct expr *number(const struct merge *m, size_t n)
{
	struct expr *x = parse_new(m->p, EXPR_LITERAL, m->t);

	x->literal = tsql_int((int32_t)n);
	return x;
}

static void add_item(const struct merge *m, struct expr *x)
{
	if (m->sel->item_count == ITEMS_MAX)
		parse_refuse(m->p, m->t, "MERGE with more than 4096 values");
	m->sel->items[m->sel->item_count].line = x->line;
	m->sel->items[m->sel->item_count++].expr = x;
}

static bool qualify_column(void *ctx, const struct expr *x)
{
	const struct merge *m = ctx;

	if (x->kind == EXPR_COLUMN && !x->col.table)
		((struct expr *)x)->col.table = m->seen;
	return false;
}

/* A bare column of a clause that sees one side only is that side's. */
static struct expr *qualify(struct merge *m, struct expr *x)
{
	if (m->seen)
		tree_walk(x, qualify_column, m);
	return x;
}

/* A value of a clause: computed only where the row meets it. */
static void add_value(struct merge *m, size_t clause, struct expr *x)
{
	struct expr *guard;

	qualify(m, x);
	if (x->kind != EXPR_COLUMN && x->kind != EXPR_LITERAL && x->kind != EXPR_VARIABLE) {
		guard = parse_new(m->p, EXPR_CASE, m->t);
		guard->branch.arms = parse_alloc(m->p, sizeof(*guard->branch.arms));
		guard->branch.count = 1;
		guard->branch.arms[0].when = parse_new_compare(m->p, COMPARE_EQ, m->which, number(m, clause), m->t);
		guard->branch.arms[0].then = x;
		x = guard;
	}
	add_item(m, x);
}

/* (SELECT 1 AS $present, * FROM source) AS alias: tells whether a row has a source. */
static struct source *mark_source(const struct merge *m, struct source *from)
{
	struct source *s = parse_alloc(m->p, sizeof(*s));
	struct select *sel = parse_alloc(m->p, sizeof(*sel));

	sel->line = from->line;
	sel->items = parse_alloc(m->p, 2 * sizeof(*sel->items));
	sel->items[0].expr = number(m, 1);
	sel->items[0].alias = PRESENT;
	sel->items[1].star = true;
	sel->items[0].line = sel->items[1].line = from->line;
	sel->item_count = 2;
	sel->from = from;
	s->kind = SOURCE_QUERY;
	s->line = from->line;
	s->alias = m->source;
	s->query = parse_new_query(m->p, sel);
	return s;
}

/* [INTO] target [WITH (...)] [[AS] alias] USING source ON condition */
static void parse_rows(struct merge *m)
{
	struct parser *p = m->p;
	struct source *join = parse_alloc(p, sizeof(*join)), *target = parse_alloc(p, sizeof(*target)), *source;

	parse_take(p, KW_INTO);
	target->line = p->at->line;
	target->name = m->s->merge.target = parse_target(p);
	target->kind = target->name.object[0] == '@' ? SOURCE_VARIABLE : SOURCE_NAME;
	parse_skip_hints(p);
	if (parse_take(p, KW_AS) || (parse_is_name(p) && !parse_is(p, KW_USING)))
		target->alias = parse_name(p);
	m->target = target->alias ? target->alias : target->name.object;
	parse_expect(p, KW_USING);
	source = parse_one_source(p);
	m->source = source->alias ? source->alias : source->kind == SOURCE_JOIN ? NULL : source->name.object;
	if (!m->source)
		parse_refuse(p, m->t, "MERGE from a join in parentheses");
	join->kind = SOURCE_JOIN;
	join->join = JOIN_FULL;
	join->line = target->line;
	join->left = target;
	join->right = mark_source(m, source);
	parse_expect(p, KW_ON);
	join->on = parse_condition(p);
	m->sel->from = join;
}

static struct expr *parse_when(struct merge *m, bool *insert, bool *matched)
{
	struct parser *p = m->p;
	struct expr *x;
	bool by_source = false;

	parse_expect(p, KW_WHEN);
	*matched = !parse_take(p, KW_NOT);
	parse_expect(p, KW_MATCHED);
	if (!*matched && parse_take(p, KW_BY)) {
		by_source = parse_is_word(p, "SOURCE");
		if (!by_source && !parse_is_word(p, "TARGET"))
			parse_fail_here(p);
		p->at++;
	}
	*insert = !*matched && !by_source;
	m->seen = by_source ? m->target : *insert ? m->source : NULL;
	x = new_logic(m, EXPR_AND, is_present(m, m->target, "$rowid", !*insert), is_present(m, m->source, PRESENT, !by_source));
	if (parse_take(p, KW_AND))
		x = new_logic(m, EXPR_AND, x, qualify(m, parse_condition(p)));
	parse_expect(p, KW_THEN);
	return x;
}

static void parse_update_clause(struct merge *m, size_t number_of, struct stmt *change)
{
	struct parser *p = m->p;
	size_t cap = 0;

	parse_expect(p, KW_SET);
	do {
		const struct token *t = p->at;
		struct expr *x;
		if (change->update.set_count == cap) {
			struct update_set *more = parse_alloc(p, (cap = cap ? cap * 2 : 8) * sizeof(*more));
			if (change->update.set_count)
				memcpy(more, change->update.sets, change->update.set_count * sizeof(*more));
			change->update.sets = more;
		}
		x = parse_set_item(p, &change->update.sets[change->update.set_count], m->target);
		if (!change->update.sets[change->update.set_count++].column)
			parse_refuse(p, t, "SET @variable in MERGE");
		add_value(m, number_of, x);
	} while (parse_take_symbol(p, ','));
}

static void parse_insert_clause(struct merge *m, size_t number_of, struct stmt *change)
{
	struct parser *p = m->p;
	struct expr_list row;
	size_t kept = 0;

	if (parse_is_symbol(p, '('))
		change->insert.columns = parse_name_list(p, &change->insert.column_count);
	if (parse_take(p, KW_DEFAULT)) {
		parse_expect(p, KW_VALUES);
		change->insert.columns = parse_alloc(p, sizeof(*change->insert.columns)); /* none is given */
		return;
	}
	parse_expect(p, KW_VALUES);
	row = parse_row(p);
	if (change->insert.columns && row.count != change->insert.column_count)
		parse_fail(p, m->t, row.count < change->insert.column_count ? 109 : 110,
		    "There are %s columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.",
		    row.count < change->insert.column_count ? "more" : "fewer");
	for (size_t i = 0; i < row.count; i++) {
		if (!row.items[i] && !change->insert.columns)
			parse_refuse(p, m->t, "DEFAULT in a MERGE's VALUES without names of columns");
		if (!row.items[i])
			continue;
		if (change->insert.columns)
			change->insert.columns[kept++] = change->insert.columns[i];
		add_value(m, number_of, row.items[i]);
	}
	if (change->insert.columns)
		change->insert.column_count = kept;
}

static void parse_clause(struct merge *m)
{
	struct parser *p = m->p;
	struct merge_clause *c = &m->s->merge.clauses[m->s->merge.clause_count];
	struct case_arm *arm = &m->which->branch.arms[m->s->merge.clause_count];
	bool insert, matched;

	if (m->s->merge.clause_count == CLAUSES_MAX)
		parse_refuse(p, p->at, "MERGE with more than 16 clauses");
	arm->when = parse_when(m, &insert, &matched);
	arm->then = number(m, m->s->merge.clause_count);
	m->which->branch.count++;
	c->first = m->sel->item_count;
	add_item(m, new_column(m, m->target, "$rowid"));
	c->change = parse_new_statement(p, insert ? STMT_INSERT : parse_is(p, KW_UPDATE) ? STMT_UPDATE : STMT_DELETE);
	parse_expect(p, insert ? KW_INSERT : parse_is(p, KW_UPDATE) ? KW_UPDATE : KW_DELETE);
	if (insert)
		parse_insert_clause(m, m->s->merge.clause_count, c->change);
	else if (c->change->kind == STMT_UPDATE)
		parse_update_clause(m, m->s->merge.clause_count, c->change);
	c->count = m->sel->item_count - c->first;
	m->s->merge.clause_count++;
}

struct stmt *parse_merge(struct parser *p)
{
	struct merge m = { .p = p, .t = p->at };

	m.s = parse_new_statement(p, STMT_MERGE);
	p->at++;
	if (parse_is(p, KW_TOP))
		parse_refuse(p, p->at, "MERGE TOP");
	m.sel = parse_alloc(p, sizeof(*m.sel));
	m.sel->line = m.t->line;
	m.sel->items = parse_alloc(p, ITEMS_MAX * sizeof(*m.sel->items));
	m.which = parse_new(p, EXPR_CASE, m.t);
	m.which->branch.arms = parse_alloc(p, CLAUSES_MAX * sizeof(*m.which->branch.arms));
	m.s->merge.clauses = parse_alloc(p, CLAUSES_MAX * sizeof(*m.s->merge.clauses));
	parse_rows(&m);
	add_item(&m, m.which);
	do {
		parse_clause(&m);
	} while (parse_is(p, KW_WHEN));
	m.s->merge.output = parse_output(p, STMT_MERGE);
	if (!parse_is_symbol(p, ';'))
		parse_fail(p, p->at, 10713, "A MERGE statement must be terminated by a semi-colon (;).");
	m.s->merge.query = parse_new_query(p, m.sel);
	return m.s;
}
