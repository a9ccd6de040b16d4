/* SPDX-License-Identifier: MIT */
/*
 * Expressions and conditions, by precedence: OR, AND, NOT, predicates, + - & | ^,
 * * / %, unary. One descent reads both kinds, because a parenthesis does not
 * tell which it holds; the callers then ask for a value or a condition.
 */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"
#include "tsql/types.h"

static struct expr *parse_any(struct parser *p);

struct expr *parse_new(struct parser *p, enum expr_kind kind, const struct token *at)
{
	struct expr *x = parse_alloc(p, sizeof(*x));

	x->kind = kind;
	x->line = at->line;
	x->column = at->column;
	return x;
}

static struct expr *need_value(struct parser *p, struct expr *x, const struct token *at)
{
	if (expr_is_condition(x))
		parse_fail(p, at, 102, "Incorrect syntax near '%.*s'.", (int)p->at->len, p->at->start);
	return x;
}

static struct expr *need_condition(struct parser *p, struct expr *x, const struct token *at)
{
	if (!expr_is_condition(x))
		parse_fail(p, at, 4145,
		    "An expression of non-boolean type specified in a context where a condition is expected, near '%.*s'.",
		    (int)(p->at->len > 100 ? 100 : p->at->len), p->at->start);
	return x;
}

struct expr_list parse_expr_list(struct parser *p)
{
	struct expr_list list = { 0 };
	size_t cap = 0;

	do {
		if (list.count == cap) {
			struct expr **more = parse_alloc(p, (cap = cap ? cap * 2 : 4) * sizeof(*more));
			if (list.count)
				memcpy(more, list.items, list.count * sizeof(*more));
			list.items = more;
		}
		list.items[list.count++] = parse_expr(p);
	} while (parse_take_symbol(p, ','));
	return list;
}

/* --- names --- */

static struct expr *parse_column_or_call(struct parser *p)
{
	const struct token *t = p->at;
	struct ast_name n = parse_object_name(p);
	struct expr *x;

	if (parse_is_symbol(p, '(')) {
		p->at++;
		if (!n.schema && utf8_casecmp(n.object, "iif") == 0)
			return parse_iif(p, t);
		return parse_call(p, n.object, t);
	}
	x = parse_new(p, EXPR_COLUMN, t);
	x->col.name = n.object;
	x->col.table = n.schema;
	x->col.schema = n.database;
	x->col.database = n.server;
	return x;
}

/* @@ROWCOUNT and the like, CURRENT_TIMESTAMP. */
static struct expr *parse_global(struct parser *p)
{
	const struct token *t = p->at;
	struct expr *x = parse_new(p, EXPR_CALL, t);

	x->call.function = function_find(t->start, t->len);
	if (!x->call.function)
		parse_fail(p, t, 137, "Must declare the scalar variable \"%.*s\".", (int)t->len, t->start);
	p->at++;
	return x;
}

static struct expr *parse_keyword_primary(struct parser *p)
{
	const struct token *t = p->at;

	switch (t->keyword) {
	case KW_NULL:
		p->at++;
		return parse_new_null(p, t);
	case KW_CASE:
		return parse_case(p);
	case KW_CAST:
	case KW_TRY_CAST:
		return parse_cast(p);
	case KW_CONVERT:
	case KW_TRY_CONVERT:
		return parse_convert(p);
	case KW_COALESCE:
		return parse_coalesce(p);
	case KW_NULLIF:
		return parse_nullif(p);
	case KW_CURRENT_TIMESTAMP:
	case KW_CURRENT_USER:
	case KW_SYSTEM_USER:
	case KW_USER:
		return parse_global(p);
	case KW_LEFT: /* LEFT and RIGHT are functions where a value stands */
	case KW_RIGHT:
		p->at++;
		parse_expect_symbol(p, '(');
		return parse_call(p, t->keyword == KW_LEFT ? "LEFT" : "RIGHT", t);
	default:
		if (parse_is_name(p))
			return parse_column_or_call(p);
		parse_fail_here(p);
	}
}

static struct expr *parse_parenthesis(struct parser *p)
{
	const struct token *t = p->at++;
	struct expr *x;

	parse_enter(p);
	if (parse_is(p, KW_SELECT) || parse_is(p, KW_WITH)) {
		x = parse_new(p, EXPR_SUBQUERY, t);
		x->query = parse_query(p);
	} else {
		x = parse_any(p);
	}
	parse_leave(p);
	parse_expect_symbol(p, ')');
	return x;
}

static struct expr *parse_primary(struct parser *p)
{
	struct expr *x;

	switch (p->at->kind) {
	case TOKEN_VARIABLE:
		if (p->at->len > 2 && p->at->start[1] == '@')
			return parse_global(p);
		x = parse_new(p, EXPR_VARIABLE, p->at);
		x->slot = parse_variable(p);
		return x;
	case TOKEN_NAME:
		return parse_keyword_primary(p);
	case TOKEN_QUOTED:
		return parse_column_or_call(p);
	case TOKEN_SYMBOL:
		if (p->at->symbol == '(')
			return parse_parenthesis(p);
		parse_fail_here(p);
	case TOKEN_END:
		parse_fail_here(p);
	default:
		return parse_literal(p);
	}
}

/* A collation after a value changes nothing: there is one, case-blind. */
static void skip_collate(struct parser *p)
{
	const struct token *t = p->at;

	if (!parse_take(p, KW_COLLATE))
		return;
	if (parse_is_name(p) && p->at->len > 3) {
		const char *name = parse_name(p);
		size_t len = strlen(name);
		for (size_t i = 0; i + 3 <= len; i++)
			if (utf8_ncasecmp(name + i, 3, "_CS", 3) == 0 || utf8_ncasecmp(name + i, 4 < len - i ? 4 : len - i, "_BIN", 4) == 0)
				parse_refuse(p, t, "COLLATE (a case-sensitive collation)");
		return;
	}
	parse_fail_here(p);
}

/* (SELECT ... FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'): the text without tags. Other methods of xml are refused. */
static struct expr *parse_xml_method(struct parser *p, struct expr *x)
{
	static const char *const paths[] = { ".", "./text()[1]", "(./text())[1]", "text()[1]", "(text())[1]" };
	static const char *const refused[] = { "xml.query", "xml.exist", "xml.nodes", "xml.modify" };
	const struct token *t = p->at;
	struct expr *text, *cast;
	char *path;
	size_t len;
	bool known = false;

	if ((x->kind != EXPR_SUBQUERY && x->kind != EXPR_VARIABLE && x->kind != EXPR_CAST) || !parse_is_symbol(p, '.'))
		return x;
	p->at++;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (parse_is_word(p, refused[i] + strlen("xml.")))
			parse_refuse(p, t, refused[i]);
	if (!parse_is_word(p, "value"))
		parse_fail_here(p);
	p->at++;
	parse_expect_symbol(p, '(');
	if (p->at->kind != TOKEN_STRING && p->at->kind != TOKEN_NSTRING)
		parse_fail_here(p);
	path = token_unquote(p->at, &len);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		known = known || strcmp(paths[i], path) == 0;
	free(path);
	if (!known)
		parse_refuse(p, t, "xml.value with a path other than '.'");
	p->at++;
	parse_expect_symbol(p, ',');
	text = parse_new(p, EXPR_CALL, t);
	text->call.function = function_find(FUNCTION_XML_TEXT, strlen(FUNCTION_XML_TEXT));
	text->call.args.items = parse_alloc(p, sizeof(*text->call.args.items));
	text->call.args.items[0] = x;
	text->call.args.count = 1;
	cast = parse_new(p, EXPR_CAST, t);
	cast->cast.from = text;
	cast->cast.decl = decl_complete(parse_decl_text(p), true);
	parse_expect_symbol(p, ')');
	return cast;
}

/* x AT TIME ZONE 'name', any number of times */
static struct expr *parse_time_zone(struct parser *p, struct expr *x)
{
	int terms = 0;

	while (parse_is(p, KW_AT) && parse_is_at(p, 1, KW_TIME)) {
		struct expr *call = parse_new(p, EXPR_CALL, p->at);
		p->at += 2;
		if (!parse_is_word(p, "ZONE") || ++terms > 32)
			parse_fail_here(p);
		p->at++;
		call->call.function = function_find(FUNCTION_AT_TIME_ZONE, strlen(FUNCTION_AT_TIME_ZONE));
		call->call.args.items = parse_alloc(p, 2 * sizeof(*call->call.args.items));
		call->call.args.items[0] = x;
		call->call.args.items[1] = parse_primary(p);
		call->call.args.count = 2;
		x = call;
	}
	return x;
}

static struct expr *parse_unary(struct parser *p)
{
	const struct token *t = p->at;
	struct expr *x;

	if (parse_is_symbol(p, '-') || parse_is_symbol(p, '+') || parse_is_symbol(p, '~')) {
		p->at++;
		parse_enter(p);
		x = parse_new(p, EXPR_UNARY, t);
		x->op.op = t->symbol;
		x->op.left = need_value(p, parse_unary(p), t);
		parse_leave(p);
		return x;
	}
	x = parse_xml_method(p, parse_primary(p));
	skip_collate(p);
	return parse_time_zone(p, x);
}

static struct expr *new_binary(struct parser *p, const struct token *t, struct expr *left, struct expr *right)
{
	struct expr *x = parse_new(p, EXPR_BINARY, t);

	x->op.op = t->symbol;
	x->op.left = need_value(p, left, t);
	x->op.right = need_value(p, right, t);
	return x;
}

/* A chain a + b + c ... is a tree as deep as it is long, and every walk of it recurses. */
static void count_chain(struct parser *p, int *terms)
{
	if (++*terms > PARSER_CHAIN_MAX)
		parse_fail(p, p->at, 191,
		    "Some part of your SQL statement is nested too deeply. Rewrite the query or break it up into smaller queries.");
}

static struct expr *parse_product(struct parser *p)
{
	struct expr *x = parse_unary(p);
	int terms = 0;

	while (parse_is_symbol(p, '*') || parse_is_symbol(p, '/') || parse_is_symbol(p, '%')) {
		const struct token *t = p->at++;
		count_chain(p, &terms);
		x = new_binary(p, t, x, parse_unary(p));
	}
	return x;
}

static struct expr *parse_sum(struct parser *p)
{
	struct expr *x = parse_product(p);
	int terms = 0;

	while (parse_is_symbol(p, '+') || parse_is_symbol(p, '-') || parse_is_symbol(p, '&') ||
	    parse_is_symbol(p, '|') || parse_is_symbol(p, '^')) {
		const struct token *t = p->at++;
		count_chain(p, &terms);
		x = new_binary(p, t, x, parse_product(p));
	}
	return x;
}

/* --- predicates --- */

static bool compare_op(int symbol, enum compare_op *ret)
{
	static const struct {
		int symbol;
		enum compare_op op;
	} ops[] = {
		{ '=', COMPARE_EQ }, { '<', COMPARE_LT }, { '>', COMPARE_GT }, { SYMBOL2('<', '='), COMPARE_LE },
		{ SYMBOL2('>', '='), COMPARE_GE }, { SYMBOL2('<', '>'), COMPARE_NE }, { SYMBOL2('!', '='), COMPARE_NE },
		{ SYMBOL2('!', '<'), COMPARE_GE }, { SYMBOL2('!', '>'), COMPARE_LE },
	};

	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		if (ops[i].symbol == symbol) {
			*ret = ops[i].op;
			return true;
		}
	}
	return false;
}

static struct expr *parse_in(struct parser *p, struct expr *value, bool negated, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_IN, t);

	x->in.value = value;
	x->in.negated = negated;
	parse_expect_symbol(p, '(');
	parse_enter(p);
	if (parse_is(p, KW_SELECT) || parse_is(p, KW_WITH))
		x->in.query = parse_query(p);
	else
		x->in.list = parse_expr_list(p);
	parse_leave(p);
	parse_expect_symbol(p, ')');
	return x;
}

static struct expr *parse_between(struct parser *p, struct expr *value, bool negated, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_BETWEEN, t);

	x->between.value = value;
	x->between.negated = negated;
	x->between.low = need_value(p, parse_sum(p), t);
	parse_expect(p, KW_AND);
	x->between.high = need_value(p, parse_sum(p), t);
	return x;
}

static struct expr *parse_like(struct parser *p, struct expr *value, bool negated, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_LIKE, t);

	x->between.value = value;
	x->between.negated = negated;
	x->between.low = need_value(p, parse_sum(p), t);
	if (parse_take(p, KW_ESCAPE))
		x->between.high = need_value(p, parse_sum(p), t);
	return x;
}

static struct expr *parse_predicate(struct parser *p)
{
	struct expr *x;
	const struct token *t;
	enum compare_op op;
	bool negated;

	if (parse_is(p, KW_EXISTS)) {
		x = parse_new(p, EXPR_EXISTS, p->at++);
		parse_expect_symbol(p, '(');
		parse_enter(p);
		x->query = parse_query(p);
		parse_leave(p);
		parse_expect_symbol(p, ')');
		return x;
	}
	x = parse_sum(p);
	t = p->at;
	if (t->kind == TOKEN_SYMBOL && compare_op(t->symbol, &op)) {
		need_value(p, x, t);
		p->at++;
		if (parse_is(p, KW_ANY) || parse_is(p, KW_SOME) || parse_is(p, KW_ALL))
			return parse_quantified(p, op, x, t);
		return parse_new_compare(p, op, x, need_value(p, parse_sum(p), t), t);
	}
	if (parse_is(p, KW_IS)) {
		struct expr *test = parse_new(p, EXPR_IS_NULL, t);
		p->at++;
		test->logic.negated = parse_take(p, KW_NOT);
		parse_expect(p, KW_NULL);
		test->logic.left = need_value(p, x, t);
		return test;
	}
	negated = parse_is(p, KW_NOT) && (parse_is_at(p, 1, KW_IN) || parse_is_at(p, 1, KW_BETWEEN) || parse_is_at(p, 1, KW_LIKE));
	if (negated)
		p->at++;
	if (parse_is(p, KW_IN) || parse_is(p, KW_BETWEEN) || parse_is(p, KW_LIKE)) {
		enum keyword k = p->at->keyword;
		need_value(p, x, t);
		p->at++;
		return k == KW_IN ? parse_in(p, x, negated, t) :
		    k == KW_BETWEEN ? parse_between(p, x, negated, t) : parse_like(p, x, negated, t);
	}
	return x;
}

static struct expr *parse_not(struct parser *p)
{
	const struct token *t = p->at;
	struct expr *x;

	if (!parse_take(p, KW_NOT))
		return parse_predicate(p);
	parse_enter(p);
	x = parse_new(p, EXPR_NOT, t);
	x->logic.left = need_condition(p, parse_not(p), t);
	parse_leave(p);
	return x;
}

static struct expr *new_logic(struct parser *p, enum expr_kind kind, const struct token *t, struct expr *left,
    struct expr *right)
{
	struct expr *x = parse_new(p, kind, t);

	x->logic.left = need_condition(p, left, t);
	x->logic.right = need_condition(p, right, t);
	return x;
}

static struct expr *parse_and(struct parser *p)
{
	struct expr *x = parse_not(p);
	int terms = 0;

	while (parse_is(p, KW_AND)) {
		const struct token *t = p->at++;
		count_chain(p, &terms);
		x = new_logic(p, EXPR_AND, t, x, parse_not(p));
	}
	return x;
}

static struct expr *parse_any(struct parser *p)
{
	struct expr *x = parse_and(p);
	int terms = 0;

	while (parse_is(p, KW_OR)) {
		const struct token *t = p->at++;
		count_chain(p, &terms);
		x = new_logic(p, EXPR_OR, t, x, parse_and(p));
	}
	return x;
}

struct expr *parse_expr(struct parser *p)
{
	const struct token *t = p->at;
	struct expr *x;

	parse_enter(p);
	x = need_value(p, parse_sum(p), t);
	parse_leave(p);
	return x;
}

struct expr *parse_condition(struct parser *p)
{
	const struct token *t = p->at;
	struct expr *x;

	parse_enter(p);
	x = need_condition(p, parse_any(p), t);
	parse_leave(p);
	return x;
}
