/* SPDX-License-Identifier: MIT */
/*
 * Temporary tables and table variables: DROP, TRUNCATE, INSERT, UPDATE, DELETE. UPDATE and DELETE become a query for the rows they mean, keyed by
 * the hidden column $rowid, so that joins and subqueries work as in SELECT.
 */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"

bool parse_is_table(const struct parser *p)
{
	const struct token *t = p->at;

	for (size_t i = 0; t->kind == TOKEN_VARIABLE && i < p->tables.len; i++) {
		if (utf8_ncasecmp(p->tables.items[i], strlen(p->tables.items[i]), t->start, t->len) == 0)
			return true;
	}
	return false;
}

const char *parse_table_name(struct parser *p)
{
	const struct token *t = p->at;

	for (size_t i = 0; i < p->tables.len; i++) {
		const char *name = p->tables.items[i];
		if (utf8_ncasecmp(name, strlen(name), t->start, t->len) == 0) {
			p->at++;
			return name;
		}
	}
	parse_fail(p, t, 1087, "Must declare the table variable \"%.*s\".", (int)(t->len > 128 ? 128 : t->len), t->start);
}

struct stmt *parse_drop_table(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_DROP_TABLE);
	const struct token *t = p->at;

	s->drop.truncate = parse_is(p, KW_TRUNCATE);
	p->at++;
	parse_expect(p, KW_TABLE);
	if (!s->drop.truncate && parse_take(p, KW_IF)) {
		parse_expect(p, KW_EXISTS);
		s->drop.if_exists = true;
	}
	s->drop.names = parse_alloc(p, 64 * sizeof(*s->drop.names));
	do {
		struct ast_name name = parse_object_name(p);
		if (name.object[0] != '#' || s->drop.count == 64)
			parse_refuse(p, t, "DROP and TRUNCATE of anything but temporary tables (#name)");
		s->drop.names[s->drop.count++] = name.object;
	} while (!s->drop.truncate && parse_take_symbol(p, ','));
	return s;
}

/* --- changes --- */

struct ast_name parse_target(struct parser *p)
{
	struct ast_name n = { .line = p->at->line };

	if (p->at->kind == TOKEN_VARIABLE) {
		n.object = parse_table_name(p);
		return n;
	}
	return parse_object_name(p);
}

struct expr_list parse_row(struct parser *p)
{
	struct expr_list row = { 0 };
	size_t cap = 0;

	parse_expect_symbol(p, '(');
	do {
		if (row.count == cap) {
			struct expr **more = parse_alloc(p, (cap = cap ? cap * 2 : 8) * sizeof(*more));
			if (row.count)
				memcpy(more, row.items, row.count * sizeof(*more));
			row.items = more;
		}
		row.items[row.count++] = parse_take(p, KW_DEFAULT) ? NULL : parse_expr(p);
	} while (parse_take_symbol(p, ','));
	parse_expect_symbol(p, ')');
	return row;
}

static void parse_values(struct parser *p, struct stmt *s)
{
	size_t cap = 0;

	do {
		if (s->insert.row_count == cap) {
			struct expr_list *more = parse_alloc(p, (cap = cap ? cap * 2 : 4) * sizeof(*more));
			if (s->insert.row_count)
				memcpy(more, s->insert.rows, s->insert.row_count * sizeof(*more));
			s->insert.rows = more;
		}
		s->insert.rows[s->insert.row_count++] = parse_row(p);
	} while (parse_take_symbol(p, ','));
}

struct stmt *parse_insert(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_INSERT);

	p->at++;
	if (parse_is(p, KW_TOP))
		parse_refuse(p, p->at, "INSERT TOP");
	parse_take(p, KW_INTO);
	s->insert.target = parse_target(p);
	if (parse_is_symbol(p, '(') && !(p->at[1].kind == TOKEN_NAME && p->at[1].keyword == KW_SELECT))
		s->insert.columns = parse_name_list(p, &s->insert.column_count);
	s->insert.output = parse_output(p, STMT_INSERT);
	if (parse_take(p, KW_VALUES)) {
		parse_values(p, s);
	} else if (parse_is(p, KW_DEFAULT)) {
		p->at++;
		parse_expect(p, KW_VALUES);
		s->insert.rows = parse_alloc(p, sizeof(*s->insert.rows)); /* one row without values */
		s->insert.row_count = 1;
	} else if (parse_is(p, KW_EXEC) || parse_is(p, KW_EXECUTE)) {
		s->insert.exec = parse_statement(p);
	} else {
		s->insert.query = parse_query(p);
	}
	return s;
}

/* How the rows' source is called in FROM: its alias, or its own name. NULL when FROM does not have it. */
static const char *find_alias(const struct source *from, const char *name)
{
	const char *left;

	if (!from)
		return NULL;
	if (from->kind == SOURCE_JOIN) {
		left = find_alias(from->left, name);
		return left ? left : find_alias(from->right, name);
	}
	if (from->alias && utf8_casecmp(from->alias, name) == 0)
		return from->alias;
	if ((from->kind == SOURCE_NAME || from->kind == SOURCE_VARIABLE) && utf8_casecmp(from->name.object, name) == 0)
		return from->alias ? from->alias : from->name.object;
	return NULL;
}

/* The real table behind an alias in FROM. */
static const struct ast_name *find_table(const struct source *from, const char *alias)
{
	const struct ast_name *left;

	if (!from)
		return NULL;
	if (from->kind == SOURCE_JOIN) {
		left = find_table(from->left, alias);
		return left ? left : find_table(from->right, alias);
	}
	if (from->kind != SOURCE_NAME && from->kind != SOURCE_VARIABLE)
		return NULL;
	return utf8_casecmp(from->alias ? from->alias : from->name.object, alias) == 0 ? &from->name : NULL;
}

/* FROM and WHERE, and $rowid of the target as the query's first item. */
static void parse_rows_meant(struct parser *p, struct stmt *s, struct select *sel, const struct token *t)
{
	const char *alias;
	const struct ast_name *real;

	s->update.output = parse_output(p, s->kind);
	if (parse_take(p, KW_FROM)) {
		sel->from = parse_from(p);
		alias = find_alias(sel->from, s->update.target.object);
		real = alias ? find_table(sel->from, alias) : NULL;
		if (!real)
			parse_refuse(p, t, "a target that is not in FROM");
		s->update.target = *real;
	} else {
		sel->from = parse_alloc(p, sizeof(*sel->from));
		sel->from->kind = s->update.target.object[0] == '@' ? SOURCE_VARIABLE : SOURCE_NAME;
		sel->from->name = s->update.target;
		sel->from->line = t->line;
		alias = s->update.target.object;
	}
	if (parse_is(p, KW_WHERE) && parse_is_at(p, 1, KW_CURRENT))
		parse_refuse(p, p->at, "WHERE CURRENT OF");
	if (parse_take(p, KW_WHERE))
		sel->where = parse_condition(p);
	sel->items[0].expr = parse_new(p, EXPR_COLUMN, t);
	sel->items[0].expr->col.name = "$rowid";
	sel->items[0].expr->col.table = alias;
	sel->items[0].line = t->line;
}

struct query *parse_new_query(struct parser *p, struct select *sel)
{
	struct query *q = parse_alloc(p, sizeof(*q));

	q->terms = parse_alloc(p, sizeof(*q->terms));
	q->terms[0].select = sel;
	q->term_count = 1;
	q->line = sel->line;
	return q;
}

/* column = expr, column += expr, @x = expr */
struct expr *parse_set_item(struct parser *p, struct update_set *set, const char *of)
{
	const struct token *t = p->at;
	struct expr *target, *x;
	int op;

	if (t->kind == TOKEN_VARIABLE) {
		target = parse_new(p, EXPR_VARIABLE, t);
		target->slot = set->slot = parse_variable(p);
	} else {
		struct ast_name name = parse_object_name(p);
		set->column = name.object;
		target = parse_new(p, EXPR_COLUMN, t);
		target->col.name = name.object;
		target->col.table = name.schema ? name.schema : of;
	}
	op = parse_assign_op(p);
	if (op == '=' && set->column && parse_take(p, KW_DEFAULT)) {
		set->is_default = true;
		x = parse_new(p, EXPR_LITERAL, t);
		x->literal = tsql_null(TSQL_UNKNOWN);
		return x;
	}
	x = parse_expr(p);
	if (parse_is_symbol(p, '='))
		parse_refuse(p, t, "SET @variable = column = expression");
	if (op != '=') {
		struct expr *sum = parse_new(p, EXPR_BINARY, t);
		sum->op.op = op;
		sum->op.left = target;
		sum->op.right = x;
		return sum;
	}
	return x;
}

struct stmt *parse_update(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_UPDATE);
	struct select *sel = parse_alloc(p, sizeof(*sel));
	const struct token *t = p->at++;
	size_t cap = 0;

	sel->line = t->line;
	sel->top = parse_top(p);
	s->update.target = parse_target(p);
	parse_expect(p, KW_SET);
	do {
		if (s->update.set_count + 1 >= cap) {
			size_t n = s->update.set_count;
			struct update_set *sets = parse_alloc(p, (cap = cap ? cap * 2 : 8) * sizeof(*sets));
			struct select_item *items = parse_alloc(p, cap * sizeof(*items));
			if (n) {
				memcpy(sets, s->update.sets, n * sizeof(*sets));
				memcpy(items, sel->items, (n + 1) * sizeof(*items));
			}
			s->update.sets = sets;
			sel->items = items;
		}
		sel->items[s->update.set_count + 1].line = p->at->line;
		sel->items[s->update.set_count + 1].expr = parse_set_item(p, &s->update.sets[s->update.set_count], NULL);
		s->update.set_count++;
	} while (parse_take_symbol(p, ','));
	sel->item_count = s->update.set_count + 1;
	parse_rows_meant(p, s, sel, t);
	s->update.query = parse_new_query(p, sel);
	return s;
}

struct stmt *parse_delete(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_DELETE);
	struct select *sel = parse_alloc(p, sizeof(*sel));
	const struct token *t = p->at++;

	sel->line = t->line;
	sel->top = parse_top(p);
	parse_take(p, KW_FROM);
	s->update.target = parse_target(p);
	sel->items = parse_alloc(p, sizeof(*sel->items));
	sel->item_count = 1;
	parse_rows_meant(p, s, sel, t);
	s->update.query = parse_new_query(p, sel);
	return s;
}
