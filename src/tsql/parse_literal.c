/* SPDX-License-Identifier: MIT */
/* Literals: the type of a constant is decided by how it is written. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"
#include "tsql/types.h"

/* A value whose bytes lie in the arena. */
static struct tsql_value text_literal(struct parser *p, const struct token *t)
{
	size_t len;
	char *text = token_unquote(t, &len);
	struct tsql_value v = tsql_value_text(t->kind == TOKEN_NSTRING ? TSQL_NVARCHAR : TSQL_VARCHAR, "", 0);
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

struct expr *parse_literal(struct parser *p)
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

struct expr *parse_new_null(struct parser *p, const struct token *t)
{
	struct expr *x = parse_new(p, EXPR_LITERAL, t);

	x->literal = tsql_null(TSQL_UNKNOWN);
	return x;
}
