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

/* --- literals --- */

/* A value whose bytes lie in the arena. */
static struct tsql_value text_literal(struct parser *p, const struct token *t)
{
	size_t len;
	char *text = token_unquote(t, &len);
	struct tsql_value v = value_text(t->kind == TOKEN_NSTRING ? TSQL_NVARCHAR : TSQL_VARCHAR, "", 0);
	size_t units = utf8_utf16_len(text, len);
	bool valid = utf8_valid(text, len);

	tsql_value_release(&v);
	v.type = t->kind == TOKEN_NSTRING ? TSQL_NVARCHAR : TSQL_VARCHAR;
	v.null = false;
	v.length = units == 0 ? 1 : units > (v.type == TSQL_NVARCHAR ? 4000 : 8000) ? TSQL_MAX : (int)units;
	v.s.data = arena_strndup(&p->batch->arena, text, len);
	v.s.len = len;
	free(text);
	if (!valid)
		parse_fail(p, t, 102, "Incorrect syntax: the string is not valid UTF-8.");
	return v;
}

static int hex(char c)
{
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

static struct tsql_value binary_literal(struct parser *p, const struct token *t)
{
	struct tsql_value v = { .type = TSQL_VARBINARY };
	size_t digits = t->len - 2, at = 2;
	size_t len = (digits + 1) / 2;

	v.s.data = arena_alloc(&p->batch->arena, len + 1);
	for (size_t i = 0; i < len; i++) {
		int high = i == 0 && digits % 2 ? 0 : hex(t->start[at++]);
		v.s.data[i] = (char)(high << 4 | hex(t->start[at++]));
	}
	v.s.len = len;
	v.length = len == 0 ? 1 : len > 8000 ? TSQL_MAX : (int)len;
	return v;
}

static struct tsql_value decimal_literal(struct parser *p, const struct token *t, const char *text, size_t len,
    enum tsql_type type)
{
	struct decimal d;
	char digits[DECIMAL_TEXT_MAX];
	struct tsql_value v = { .type = type };

	if (!decimal_parse(text, len, &d))
		parse_fail(p, t, 1007, "The number '%.*s' is out of the range for numeric representation (maximum precision 38).",
		    (int)(len > 60 ? 60 : len), text);
	if (type == TSQL_MONEY) {
		if (!decimal_rescale(&d, 38, 4, &d) || d.units > INT64_MAX || d.units < INT64_MIN)
			parse_fail(p, t, 8115, "Arithmetic overflow error converting expression to data type money.");
		v.i = (int64_t)d.units;
		return v;
	}
	decimal_format(&d, digits);
	v.precision = d.precision;
	v.scale = d.scale;
	v.s.len = strlen(digits);
	v.s.data = arena_strndup(&p->batch->arena, digits, v.s.len);
	return v;
}

static struct tsql_value number_literal(struct parser *p, const struct token *t)
{
	struct tsql_value v = { .type = TSQL_INT };
	char text[400];

	if (t->kind == TOKEN_MONEY)
		return decimal_literal(p, t, t->start + 1, t->len - 1, TSQL_MONEY);
	if (t->kind == TOKEN_DECIMAL)
		return decimal_literal(p, t, t->start, t->len, TSQL_DECIMAL);
	if (t->kind == TOKEN_INTEGER && t->len <= 18) {
		for (size_t i = 0; i < t->len; i++)
			v.i = v.i * 10 + (t->start[i] - '0');
		if (v.i <= INT32_MAX) {
			v.precision = (int)t->len;
			return v;
		}
	}
	if (t->kind == TOKEN_INTEGER) /* too large for int: numeric, as on the server */
		return decimal_literal(p, t, t->start, t->len, TSQL_DECIMAL);
	snprintf(text, sizeof(text), "%.*s", (int)(t->len > 390 ? 390 : t->len), t->start);
	v.type = TSQL_FLOAT;
	v.f = strtod(text, NULL);
	if (v.f > 1.79e308)
		parse_fail(p, t, 168, "The floating point value '%s' is out of the range of computer representation.", text);
	return v;
}

static struct expr *parse_literal(struct parser *p)
{
	const struct token *t = p->at;
	struct expr *x = parse_new(p, EXPR_LITERAL, t);

	if (t->kind == TOKEN_STRING || t->kind == TOKEN_NSTRING)
		x->literal = text_literal(p, t);
	else if (t->kind == TOKEN_BINARY)
		x->literal = binary_literal(p, t);
	else
		x->literal = number_literal(p, t);
	p->at++;
	return x;
}

static struct expr *new_null(struct parser *p, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_LITERAL, t);

	x->literal = tsql_null(TSQL_UNKNOWN);
	return x;
}

/* --- functions and special forms --- */

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

static const struct function *find_function(struct parser *p, const char *name)
{
	for (size_t i = 0; p->functions && p->functions[i]; i++) {
		if (utf8_casecmp(p->functions[i]->name, name) == 0) {
			struct function *f = parse_alloc(p, sizeof(*f));
			f->name = p->functions[i]->name;
			f->min_args = p->functions[i]->min_args;
			f->max_args = p->functions[i]->max_args;
			f->result = p->functions[i]->result;
			f->external = p->functions[i];
			return f;
		}
	}
	return function_find(name, strlen(name));
}

static struct expr *datepart_argument(struct parser *p)
{
	struct expr *x = parse_new(p, EXPR_LITERAL, p->at);

	if (p->at->kind != TOKEN_NAME)
		parse_fail_here(p);
	x->literal = (struct tsql_value){ .type = TSQL_VARCHAR, .length = (int)p->at->len };
	x->literal.s.data = arena_strndup(&p->batch->arena, p->at->start, p->at->len);
	x->literal.s.len = p->at->len;
	p->at++;
	return x;
}

static void parse_arguments(struct parser *p, struct expr *x, const struct token *t)
{
	const struct function *f = x->call.function;
	struct expr_list rest;

	if (parse_is_symbol(p, '*') && f->aggregate == AGGREGATE_COUNT) {
		p->at++;
		x->call.star = true;
	} else if (f->flags & FUNCTION_DATEPART) {
		struct expr *part = datepart_argument(p);
		parse_expect_symbol(p, ',');
		rest = parse_expr_list(p);
		x->call.args.items = parse_alloc(p, (rest.count + 1) * sizeof(*rest.items));
		x->call.args.items[0] = part;
		memcpy(x->call.args.items + 1, rest.items, rest.count * sizeof(*rest.items));
		x->call.args.count = rest.count + 1;
	} else if (!parse_is_symbol(p, ')')) {
		if (f->aggregate != AGGREGATE_NONE) {
			x->call.distinct = parse_take(p, KW_DISTINCT);
			if (!x->call.distinct)
				parse_take(p, KW_ALL);
		}
		x->call.args = parse_expr_list(p);
	}
	parse_expect_symbol(p, ')');
	if (x->call.star)
		return;
	if (x->call.args.count < f->min_args || x->call.args.count > f->max_args) {
		if (f->min_args == f->max_args)
			parse_fail(p, t, 174, "The %s function requires %zu argument(s).", f->name, f->min_args);
		parse_fail(p, t, 189, "The %s function requires %zu to %zu arguments.", f->name, f->min_args, f->max_args);
	}
}

static struct expr *parse_call(struct parser *p, const char *name, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_CALL, t);

	x->call.function = find_function(p, name);
	if (!x->call.function || (x->call.function->flags & FUNCTION_GLOBAL))
		parse_fail(p, t, 195, "'%s' is not a recognized built-in function name.", name);
	parse_enter(p);
	parse_arguments(p, x, t);
	parse_leave(p);
	if (parse_is(p, KW_OVER)) {
		if (x->call.function->aggregate == AGGREGATE_NONE || x->call.function->aggregate == AGGREGATE_STRING || x->call.distinct)
			parse_fail(p, t, 4113, "The function '%s' is not a valid windowing function, and cannot be used with the OVER clause.", name);
		p->at++;
		x->call.window = parse_window(p);
	} else if (x->call.function->aggregate == AGGREGATE_WINDOW) {
		parse_fail(p, t, 10753, "The function '%s' must have an OVER clause.", name);
	}
	return x;
}

/* CAST(x AS type), TRY_CAST */
static struct expr *parse_cast(struct parser *p)
{
	struct expr *x = parse_new(p, EXPR_CAST, p->at);

	x->cast.attempt = p->at->keyword == KW_TRY_CAST;
	p->at++;
	parse_expect_symbol(p, '(');
	x->cast.from = parse_expr(p);
	parse_expect(p, KW_AS);
	x->cast.decl = decl_complete(parse_decl(p), true);
	parse_expect_symbol(p, ')');
	return x;
}

/* CONVERT(type, x [, style]), TRY_CONVERT */
static struct expr *parse_convert(struct parser *p)
{
	struct expr *x = parse_new(p, EXPR_CAST, p->at);

	x->cast.attempt = p->at->keyword == KW_TRY_CONVERT;
	p->at++;
	parse_expect_symbol(p, '(');
	x->cast.decl = decl_complete(parse_decl(p), true);
	parse_expect_symbol(p, ',');
	x->cast.from = parse_expr(p);
	if (parse_take_symbol(p, ','))
		x->cast.style = parse_expr(p);
	parse_expect_symbol(p, ')');
	return x;
}

static struct expr *new_compare(struct parser *p, enum compare_op op, struct expr *left, struct expr *right,
    const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_COMPARE, t);

	x->compare.op = op;
	x->compare.left = left;
	x->compare.right = right;
	return x;
}

static struct expr *new_not_null(struct parser *p, struct expr *value, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_IS_NULL, t);

	x->logic.left = value;
	x->logic.negated = true;
	return x;
}

static struct expr *new_case(struct parser *p, size_t arms, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_CASE, t);

	x->branch.arms = parse_alloc(p, arms * sizeof(*x->branch.arms));
	x->branch.count = arms;
	return x;
}

/* COALESCE(a, b, c) = CASE WHEN a IS NOT NULL THEN a WHEN b IS NOT NULL THEN b ELSE c END */
static struct expr *parse_coalesce(struct parser *p)
{
	const struct token *t = p->at++;
	struct expr_list list;
	struct expr *x;

	parse_expect_symbol(p, '(');
	list = parse_expr_list(p);
	parse_expect_symbol(p, ')');
	if (list.count < 2)
		parse_fail(p, t, 102, "Incorrect syntax near 'COALESCE'.");
	x = new_case(p, list.count - 1, t);
	for (size_t i = 0; i + 1 < list.count; i++) {
		x->branch.arms[i].when = new_not_null(p, list.items[i], t);
		x->branch.arms[i].then = list.items[i];
	}
	x->branch.otherwise = list.items[list.count - 1];
	return x;
}

/* NULLIF(a, b) = CASE WHEN a = b THEN NULL ELSE a END */
static struct expr *parse_nullif(struct parser *p)
{
	const struct token *t = p->at++;
	struct expr *a, *b, *x;

	parse_expect_symbol(p, '(');
	a = parse_expr(p);
	parse_expect_symbol(p, ',');
	b = parse_expr(p);
	parse_expect_symbol(p, ')');
	x = new_case(p, 1, t);
	x->branch.arms[0].when = new_compare(p, COMPARE_EQ, a, b, t);
	x->branch.arms[0].then = new_null(p, t);
	x->branch.otherwise = a;
	return x;
}

/* IIF(condition, a, b); the opening parenthesis has been read. */
static struct expr *parse_iif(struct parser *p, const struct token *t)
{
	struct expr *x = new_case(p, 1, t);

	x->branch.arms[0].when = parse_condition(p);
	parse_expect_symbol(p, ',');
	x->branch.arms[0].then = parse_expr(p);
	parse_expect_symbol(p, ',');
	x->branch.otherwise = parse_expr(p);
	parse_expect_symbol(p, ')');
	return x;
}

static struct expr *parse_case(struct parser *p)
{
	const struct token *t = p->at++;
	struct expr *x = parse_new(p, EXPR_CASE, t), *subject = NULL;
	size_t cap = 0;

	if (!parse_is(p, KW_WHEN))
		subject = parse_expr(p);
	while (parse_take(p, KW_WHEN)) {
		struct case_arm *arm;
		if (x->branch.count == cap) {
			struct case_arm *more = parse_alloc(p, (cap = cap ? cap * 2 : 4) * sizeof(*more));
			if (x->branch.count)
				memcpy(more, x->branch.arms, x->branch.count * sizeof(*more));
			x->branch.arms = more;
		}
		arm = &x->branch.arms[x->branch.count++];
		arm->when = subject ? new_compare(p, COMPARE_EQ, subject, parse_expr(p), t) : parse_condition(p);
		parse_expect(p, KW_THEN);
		arm->then = parse_expr(p);
	}
	if (x->branch.count == 0)
		parse_fail_here(p);
	if (parse_take(p, KW_ELSE))
		x->branch.otherwise = parse_expr(p);
	parse_expect(p, KW_END);
	return x;
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
		return new_null(p, t);
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
	x = parse_primary(p);
	skip_collate(p);
	if (parse_is(p, KW_AT) && p->at[1].kind == TOKEN_NAME && parse_is_at(p, 1, KW_TIME))
		parse_refuse(p, p->at, "AT TIME ZONE");
	return x;
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
			parse_refuse(p, p->at, "comparison with ALL, ANY or SOME");
		return new_compare(p, op, x, need_value(p, parse_sum(p), t), t);
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
