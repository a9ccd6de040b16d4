/* SPDX-License-Identifier: MIT */
/*
 * Temporary tables and table variables: CREATE, DROP, TRUNCATE, INSERT, UPDATE,
 * DELETE. UPDATE and DELETE become a query for the rows they mean, keyed by
 * the hidden column $rowid, so that joins and subqueries work as in SELECT.
 */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"

#define TABLE_COLUMNS_MAX 1024

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

/* --- declarations --- */

static int64_t parse_signed(struct parser *p)
{
	bool negative = parse_take_symbol(p, '-');
	int64_t v;

	if (p->at->kind != TOKEN_INTEGER || p->at->len > 18)
		parse_fail_here(p);
	v = strtoll(p->at->start, NULL, 10);
	p->at++;
	return negative ? -v : v;
}

/* The text of an expression, which is parsed now only to find its end and errors. */
static const char *parse_expr_text(struct parser *p)
{
	const char *start = p->at->start, *end;

	parse_expr(p);
	end = p->at[-1].start + p->at[-1].len;
	return arena_strndup(&p->batch->arena, start, (size_t)(end - start));
}

static void add_key(struct parser *p, struct stmt *s, const char **columns, size_t count)
{
	struct table_key *more = parse_alloc(p, (s->create.key_count + 1) * sizeof(*more));

	if (s->create.key_count)
		memcpy(more, s->create.keys, s->create.key_count * sizeof(*more));
	more[s->create.key_count].columns = columns;
	more[s->create.key_count++].count = count;
	s->create.keys = more;
}

/* PRIMARY KEY or UNIQUE with their optional words; false when it is neither. */
static bool take_key(struct parser *p, bool *primary)
{
	*primary = parse_is(p, KW_PRIMARY);
	if (!*primary && !parse_is(p, KW_UNIQUE))
		return false;
	p->at++;
	if (*primary)
		parse_expect(p, KW_KEY);
	if (!parse_take(p, KW_CLUSTERED))
		parse_take(p, KW_NONCLUSTERED);
	return true;
}

static void parse_column_options(struct parser *p, struct stmt *s, struct table_column *c)
{
	for (;;) {
		bool primary;
		if (parse_take(p, KW_CONSTRAINT))
			parse_name(p);
		if (parse_take(p, KW_NULL)) {
			c->not_null = false;
		} else if (parse_is(p, KW_NOT)) {
			p->at++;
			parse_expect(p, KW_NULL);
			c->not_null = true;
		} else if (parse_take(p, KW_IDENTITY)) {
			c->identity = true;
			c->seed = c->increment = 1;
			if (parse_take_symbol(p, '(')) {
				c->seed = parse_signed(p);
				parse_expect_symbol(p, ',');
				c->increment = parse_signed(p);
				parse_expect_symbol(p, ')');
			}
		} else if (parse_take(p, KW_DEFAULT)) {
			c->default_text = parse_expr_text(p);
		} else if (parse_take(p, KW_COLLATE)) {
			parse_name(p);
		} else if (take_key(p, &primary)) {
			const char **names = parse_alloc(p, sizeof(*names));
			names[0] = c->name;
			add_key(p, s, names, 1);
			c->not_null = c->not_null || primary;
		} else if (parse_is(p, KW_CHECK) || parse_is(p, KW_REFERENCES) || parse_is(p, KW_FOREIGN)) {
			parse_refuse(p, p->at, "CHECK and FOREIGN KEY");
		} else {
			return;
		}
	}
}

static const char **parse_key_columns(struct parser *p, size_t *ret_count)
{
	const char **names = parse_alloc(p, 32 * sizeof(*names));
	size_t n = 0;

	parse_expect_symbol(p, '(');
	do {
		if (n == 32)
			parse_fail_here(p);
		names[n++] = parse_name(p);
		if (!parse_take(p, KW_ASC))
			parse_take(p, KW_DESC);
	} while (parse_take_symbol(p, ','));
	parse_expect_symbol(p, ')');
	*ret_count = n;
	return names;
}

static void parse_table_body(struct parser *p, struct stmt *s)
{
	struct table_column *columns = parse_alloc(p, TABLE_COLUMNS_MAX * sizeof(*columns));
	bool primary;

	s->create.columns = columns;
	parse_expect_symbol(p, '(');
	do {
		struct table_column *c = &columns[s->create.column_count];
		if (parse_is_symbol(p, ')') && s->create.column_count)
			break; /* a comma before the parenthesis is allowed */
		if (parse_take(p, KW_CONSTRAINT))
			parse_name(p);
		if (take_key(p, &primary)) {
			size_t count;
			const char **names = parse_key_columns(p, &count);
			add_key(p, s, names, count);
			continue;
		}
		if (parse_is(p, KW_CHECK) || parse_is(p, KW_FOREIGN) || parse_is(p, KW_INDEX))
			parse_refuse(p, p->at, "CHECK, FOREIGN KEY and INDEX in a table");
		if (s->create.column_count == TABLE_COLUMNS_MAX)
			parse_fail(p, p->at, 1702, "CREATE TABLE failed because a table may have %d columns.", TABLE_COLUMNS_MAX);
		c->name = parse_name(p);
		for (size_t i = 0; i < s->create.column_count; i++)
			if (utf8_casecmp(columns[i].name, c->name) == 0)
				parse_fail(p, p->at, 2705, "Column names in each table must be unique. Column name '%s' is specified more than once.",
				    c->name);
		if (parse_is(p, KW_AS))
			parse_refuse(p, p->at, "a computed column");
		c->decl = parse_decl(p);
		s->create.column_count++;
		parse_column_options(p, s, c);
	} while (parse_take_symbol(p, ','));
	parse_expect_symbol(p, ')');
}

struct stmt *parse_table_variable(struct parser *p, const struct token *name, bool of_type)
{
	struct stmt *s = parse_new_statement(p, STMT_CREATE_TABLE);

	s->create.name = arena_strndup(&p->batch->arena, name->start, name->len);
	for (size_t i = 0; i < p->tables.len; i++)
		if (utf8_casecmp(p->tables.items[i], s->create.name) == 0)
			parse_fail(p, name, 134,
			    "The variable name '%s' has already been declared. Variable names must be unique within a query batch or stored procedure.",
			    s->create.name);
	if (of_type) {
		struct ast_name *type = parse_alloc(p, sizeof(*type));
		*type = parse_object_name(p);
		s->create.type = type;
	} else {
		parse_table_body(p, s);
	}
	vec_push(&p->tables, s->create.name);
	return s;
}

struct stmt *parse_create_table(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_CREATE_TABLE);
	const struct token *t = p->at;
	struct ast_name name;

	p->at += 2;
	name = parse_object_name(p);
	if (name.object[0] != '#')
		parse_refuse(p, t, "CREATE TABLE of anything but a temporary table (#name)");
	s->create.name = name.object;
	parse_table_body(p, s);
	return s;
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
	if (parse_take(p, KW_DEFAULT))
		parse_refuse(p, t, "SET column = DEFAULT");
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
