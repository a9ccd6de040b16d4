/* SPDX-License-Identifier: MIT */
/* What temporary tables and table variables are: CREATE TABLE, DECLARE ... TABLE, ALTER TABLE, and indexes of them. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"

#define TABLE_COLUMNS_MAX 1024

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

void parse_seed(struct parser *p, struct table_column *c)
{
	c->seed = parse_signed(p);
	parse_expect_symbol(p, ',');
	c->increment = parse_signed(p);
}

/* The text of an expression, which is parsed now only to find its end and errors. */
static const char *parse_expr_text(struct parser *p)
{
	const char *start = p->at->start, *end;

	parse_expr(p);
	end = p->at[-1].start + p->at[-1].len;
	return arena_strndup(&p->batch->arena, start, (size_t)(end - start));
}

static void add_key(struct parser *p, struct stmt *s, const char *name, const char **columns, size_t count)
{
	struct table_key *more = parse_alloc(p, (s->create.key_count + 1) * sizeof(*more));

	if (s->create.key_count)
		memcpy(more, s->create.keys, s->create.key_count * sizeof(*more));
	more[s->create.key_count].name = name;
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

/* CHECK (condition): its text, which is parsed now only to find its end and errors. */
static void parse_check(struct parser *p, struct stmt *s, const char *name)
{
	struct table_check *more = parse_alloc(p, (s->create.check_count + 1) * sizeof(*more));
	const char *start;

	p->at++;
	start = p->at->start;
	parse_expect_symbol(p, '(');
	parse_condition(p);
	parse_expect_symbol(p, ')');
	if (s->create.check_count)
		memcpy(more, s->create.checks, s->create.check_count * sizeof(*more));
	more[s->create.check_count].name = name;
	more[s->create.check_count++].text = arena_strndup(&p->batch->arena, start, (size_t)(p->at[-1].start + 1 - start));
	s->create.checks = more;
}

static void parse_column_options(struct parser *p, struct stmt *s, struct table_column *c)
{
	for (;;) {
		bool primary;
		const char *name = parse_take(p, KW_CONSTRAINT) ? parse_name(p) : NULL;
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
				parse_seed(p, c);
				parse_expect_symbol(p, ')');
			}
		} else if (parse_take(p, KW_DEFAULT)) {
			c->default_text = parse_expr_text(p);
			c->default_name = name;
		} else if (parse_take(p, KW_COLLATE)) {
			parse_name(p);
		} else if (take_key(p, &primary)) {
			const char **names = parse_alloc(p, sizeof(*names));
			names[0] = c->name;
			add_key(p, s, name, names, 1);
			c->not_null = c->not_null || primary;
		} else if (parse_is(p, KW_CHECK)) {
			parse_check(p, s, name);
		} else if (parse_is(p, KW_INDEX)) {
			p->at++;
			parse_name(p);
			if (!parse_take(p, KW_CLUSTERED))
				parse_take(p, KW_NONCLUSTERED);
		} else if (parse_is(p, KW_REFERENCES) || parse_is(p, KW_FOREIGN)) {
			parse_refuse(p, p->at, "FOREIGN KEY");
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

/* An INDEX in a table only makes it faster. */
static void skip_index(struct parser *p)
{
	size_t count;

	parse_expect(p, KW_INDEX);
	parse_name(p);
	if (parse_is(p, KW_UNIQUE))
		parse_refuse(p, p->at, "a UNIQUE INDEX in a table (write UNIQUE)");
	if (!parse_take(p, KW_CLUSTERED))
		parse_take(p, KW_NONCLUSTERED);
	parse_key_columns(p, &count);
}

static void parse_column(struct parser *p, struct stmt *s)
{
	struct table_column *c = &s->create.columns[s->create.column_count];

	if (s->create.column_count == TABLE_COLUMNS_MAX)
		parse_fail(p, p->at, 1702, "CREATE TABLE failed because a table may have %d columns.", TABLE_COLUMNS_MAX);
	c->name = parse_name(p);
	for (size_t i = 0; i < s->create.column_count; i++)
		if (utf8_casecmp(s->create.columns[i].name, c->name) == 0)
			parse_fail(p, p->at, 2705, "Column names in each table must be unique. Column name '%s' is specified more than once.",
			    c->name);
	if (parse_is(p, KW_AS))
		parse_refuse(p, p->at, "a computed column");
	c->decl = parse_decl(p);
	s->create.column_count++;
	parse_column_options(p, s, c);
}

/* A column, a key, a CHECK. */
static void parse_table_item(struct parser *p, struct stmt *s)
{
	const char *name = parse_take(p, KW_CONSTRAINT) ? parse_name(p) : NULL;
	bool primary;

	if (take_key(p, &primary)) {
		size_t count;
		const char **names = parse_key_columns(p, &count);
		add_key(p, s, name, names, count);
	} else if (parse_is(p, KW_CHECK)) {
		parse_check(p, s, name);
	} else if (parse_is(p, KW_FOREIGN)) {
		parse_refuse(p, p->at, "FOREIGN KEY");
	} else if (parse_is(p, KW_INDEX)) {
		skip_index(p);
	} else {
		parse_column(p, s);
	}
}

static void parse_table_body(struct parser *p, struct stmt *s)
{
	s->create.columns = parse_alloc(p, TABLE_COLUMNS_MAX * sizeof(*s->create.columns));
	parse_expect_symbol(p, '(');
	do {
		if (parse_is_symbol(p, ')') && s->create.column_count)
			break; /* a comma before the parenthesis is allowed */
		parse_table_item(p, s);
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

/* --- ALTER TABLE --- */

/* DROP COLUMN names, DROP [CONSTRAINT] names */
static void parse_dropped(struct parser *p, struct stmt *s)
{
	s->create.drops_constraints = !parse_take(p, KW_COLUMN);
	if (s->create.drops_constraints)
		parse_take(p, KW_CONSTRAINT);
	if (parse_take(p, KW_IF)) {
		parse_expect(p, KW_EXISTS);
		s->create.if_exists = true;
	}
	s->create.dropped = parse_alloc(p, 64 * sizeof(*s->create.dropped));
	do {
		if (s->create.dropped_count == 64)
			parse_fail_here(p);
		if (s->create.dropped_count && (parse_is(p, KW_COLUMN) || parse_is(p, KW_CONSTRAINT)))
			parse_refuse(p, p->at, "ALTER TABLE ... DROP of a COLUMN and a CONSTRAINT together");
		s->create.dropped[s->create.dropped_count++] = parse_name(p);
	} while (parse_take_symbol(p, ','));
}

/* [CONSTRAINT name] DEFAULT expression FOR column */
static void parse_default_for(struct parser *p, struct stmt *s)
{
	struct table_default *more = parse_alloc(p, (s->create.default_count + 1) * sizeof(*more));
	struct table_default *d = &more[s->create.default_count];

	if (s->create.default_count)
		memcpy(more, s->create.defaults, s->create.default_count * sizeof(*more));
	s->create.defaults = more;
	d->name = parse_take(p, KW_CONSTRAINT) ? parse_name(p) : NULL;
	parse_expect(p, KW_DEFAULT);
	d->text = parse_expr_text(p);
	parse_expect(p, KW_FOR);
	d->column = parse_name(p);
	s->create.default_count++;
}

/* What ADD adds. */
static void parse_added(struct parser *p, struct stmt *s)
{
	if (parse_is(p, KW_DEFAULT) || (parse_is(p, KW_CONSTRAINT) && parse_is_at(p, 2, KW_DEFAULT)))
		parse_default_for(p, s);
	else
		parse_table_item(p, s);
	if (parse_is(p, KW_WITH) && parse_is_at(p, 1, KW_VALUES)) {
		p->at += 2;
		if (s->create.column_count)
			s->create.columns[s->create.column_count - 1].with_values = true;
	}
}

struct stmt *parse_alter_table(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_ALTER_TABLE);
	const struct token *t = p->at;
	struct ast_name name;

	p->at += 2;
	name = parse_object_name(p);
	if (name.object[0] != '#')
		parse_refuse(p, t, "ALTER TABLE of anything but a temporary table (#name)");
	s->create.name = name.object;
	s->create.columns = parse_alloc(p, TABLE_COLUMNS_MAX * sizeof(*s->create.columns));
	if (parse_take(p, KW_DROP)) {
		parse_dropped(p, s);
		return s;
	}
	if (parse_take(p, KW_ALTER)) {
		parse_expect(p, KW_COLUMN);
		s->create.alters = true;
		parse_column(p, s);
		if (s->create.key_count || s->create.check_count || s->create.columns[0].identity || s->create.columns[0].default_text)
			parse_fail_here(p);
		return s;
	}
	if (parse_is(p, KW_WITH))
		parse_refuse(p, p->at, "ALTER TABLE ... WITH");
	parse_expect(p, KW_ADD);
	do {
		parse_added(p, s);
	} while (parse_take_symbol(p, ','));
	return s;
}

/* --- indexes --- */

bool parse_is_index(const struct parser *p)
{
	size_t at = 1;

	at += parse_is_at(p, at, KW_UNIQUE);
	at += parse_is_at(p, at, KW_CLUSTERED) || parse_is_at(p, at, KW_NONCLUSTERED);
	return parse_is_at(p, at, KW_INDEX);
}

/* WITH (...), INCLUDE (...): nothing that changes a result. */
static void skip_parentheses(struct parser *p)
{
	int depth = 0;

	do {
		if (p->at->kind == TOKEN_END)
			parse_fail_here(p);
		depth += parse_is_symbol(p, '(') - parse_is_symbol(p, ')');
		p->at++;
	} while (depth > 0);
}

static void parse_index_tail(struct parser *p, const struct stmt *s)
{
	if (parse_is_word(p, "INCLUDE") && p->at[1].kind == TOKEN_SYMBOL) {
		p->at++;
		skip_parentheses(p);
	}
	if (parse_is(p, KW_WHERE)) {
		if (s->index.unique)
			parse_refuse(p, p->at, "a UNIQUE INDEX with WHERE");
		p->at++;
		parse_condition(p);
	}
	if (parse_is(p, KW_WITH) && p->at[1].kind == TOKEN_SYMBOL && p->at[1].symbol == '(') {
		p->at++;
		skip_parentheses(p);
	}
}

struct stmt *parse_index(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_INDEX);
	const struct token *t = p->at;
	struct ast_name table;

	s->index.drop = parse_is(p, KW_DROP);
	p->at++;
	s->index.unique = parse_take(p, KW_UNIQUE);
	if (!parse_take(p, KW_CLUSTERED))
		parse_take(p, KW_NONCLUSTERED);
	parse_expect(p, KW_INDEX);
	if (s->index.drop && parse_take(p, KW_IF)) {
		parse_expect(p, KW_EXISTS);
		s->index.if_exists = true;
	}
	s->index.name = parse_name(p);
	parse_expect(p, KW_ON);
	table = parse_object_name(p);
	if (table.object[0] != '#')
		parse_refuse(p, t, s->index.drop ? "DROP INDEX of anything but a temporary table (#name)" :
						   "CREATE INDEX on anything but a temporary table (#name)");
	s->index.table = table.object;
	if (!s->index.drop) {
		s->index.key.columns = parse_key_columns(p, &s->index.key.count);
		parse_index_tail(p, s);
	}
	return s;
}
