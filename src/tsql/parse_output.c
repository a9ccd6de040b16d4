/* SPDX-License-Identifier: MIT */
/* OUTPUT inserted.a, deleted.* [INTO target (columns)]: a SELECT over the rows that a change touches. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"

static struct source *new_side(struct parser *p, const char *table, const char *alias, const struct token *t)
{
	struct source *s = parse_alloc(p, sizeof(*s));

	s->kind = SOURCE_NAME;
	s->name.object = table;
	s->name.line = s->line = t->line;
	s->alias = alias;
	return s;
}

static struct expr *new_rowid(struct parser *p, const char *alias, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_COLUMN, t);

	x->col.table = alias;
	x->col.name = "$rowid";
	return x;
}

static void add_side(struct parser *p, struct select *sel, const char *first, const char *table, const char *alias, const struct token *t)
{
	struct source *join = parse_alloc(p, sizeof(*join));

	join->kind = SOURCE_JOIN;
	join->join = JOIN_INNER;
	join->left = sel->from;
	join->right = new_side(p, table, alias, t);
	join->on = parse_new_compare(p, COMPARE_EQ, new_rowid(p, first, t), new_rowid(p, alias, t), t);
	join->line = t->line;
	sel->from = join;
}

struct output *parse_output(struct parser *p, enum stmt_kind of)
{
	bool inserted = of != STMT_DELETE, deleted = of != STMT_INSERT;
	const struct token *t = p->at;
	const char *first = inserted ? "inserted" : "deleted";
	struct output *o;
	struct select *sel;

	if (!parse_take(p, KW_OUTPUT))
		return NULL;
	o = parse_alloc(p, sizeof(*o));
	sel = parse_alloc(p, sizeof(*sel));
	o->inserted = inserted;
	o->deleted = deleted;
	o->action = of == STMT_MERGE;
	sel->line = t->line;
	parse_items(p, sel);
	if (sel->items[0].assigns)
		parse_fail(p, t, 102, "Incorrect syntax near '='.");
	sel->from = new_side(p, inserted ? OUTPUT_INSERTED : OUTPUT_DELETED, first, t);
	if (inserted && deleted)
		add_side(p, sel, first, OUTPUT_DELETED, "deleted", t);
	if (o->action)
		add_side(p, sel, first, OUTPUT_ACTION, OUTPUT_ACTION, t);
	o->query = parse_new_query(p, sel);
	o->query->order = parse_alloc(p, sizeof(*o->query->order));
	o->query->order[0].expr = new_rowid(p, first, t);
	o->query->order_count = 1;
	if (parse_take(p, KW_INTO)) {
		o->into = parse_target(p);
		if (parse_is_symbol(p, '('))
			o->columns = parse_name_list(p, &o->column_count);
		if (parse_is(p, KW_OUTPUT))
			parse_refuse(p, p->at, "OUTPUT INTO with a second OUTPUT");
	}
	return o;
}
