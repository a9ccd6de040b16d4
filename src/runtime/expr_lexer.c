/* SPDX-License-Identifier: MIT */
/* Tokens of the expression language (spec/package.md §4.1). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "runtime/expr_node.h"

static const struct {
	const char *text;
	enum token_kind kind;
	enum expr_op op;
} symbols[] = {
	/* longer ones first */
	{ "||", TOKEN_OP, OP_OR }, { "&&", TOKEN_OP, OP_AND }, { "==", TOKEN_OP, OP_EQ },
	{ "!=", TOKEN_OP, OP_NE }, { "<=", TOKEN_OP, OP_LE }, { ">=", TOKEN_OP, OP_GE },
	{ ":=", TOKEN_ASSIGN, OP_COUNT }, { "|", TOKEN_OP, OP_BIT_OR }, { "^", TOKEN_OP, OP_BIT_XOR },
	{ "&", TOKEN_OP, OP_BIT_AND }, { "<", TOKEN_OP, OP_LT }, { ">", TOKEN_OP, OP_GT },
	{ "+", TOKEN_OP, OP_ADD }, { "-", TOKEN_OP, OP_SUB }, { "*", TOKEN_OP, OP_MUL },
	{ "/", TOKEN_OP, OP_DIV }, { "%", TOKEN_OP, OP_MOD }, { "!", TOKEN_OP, OP_NOT },
	{ "~", TOKEN_OP, OP_BIT_NOT }, { "(", TOKEN_LEFT, OP_COUNT }, { ")", TOKEN_RIGHT, OP_COUNT },
	{ ",", TOKEN_COMMA, OP_COUNT }, { ".", TOKEN_DOT, OP_COUNT },
	{ "?", TOKEN_QUESTION, OP_COUNT }, { ":", TOKEN_COLON, OP_COUNT },
	{ "=", TOKEN_ASSIGN, OP_COUNT },
};

const char *expr_op_text(enum expr_op op)
{
	if (op == OP_NEG)
		return "-";
	for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
		if (symbols[i].op == op)
			return symbols[i].text;
	}
	return "?";
}

void token_release(struct token *token)
{
	free(token->text);
	free(token->space);
	token->text = token->space = NULL;
	value_release(&token->value);
}

static int peek(const struct lexer *lexer, size_t ahead)
{
	return lexer->at + ahead < lexer->len ? (unsigned char)lexer->text[lexer->at + ahead] : -1;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_start(int c)
{
	return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

static bool is_name(int c)
{
	return is_name_start(c) || is_digit(c) || c == '@' || c == '$' || c == '#';
}

static void skip_blanks(struct lexer *lexer)
{
	for (;;) {
		int c = peek(lexer, 0);
		if (c == '\n') {
			lexer->line++;
			lexer->line_start = lexer->at + 1;
		} else if (c != ' ' && c != '\t' && c != '\r') {
			return;
		}
		lexer->at++;
	}
}

static int fail_token(const struct lexer *lexer, const struct token *token, struct fault *fault)
{
	size_t used = 1;

	if (lexer->at < lexer->len)
		utf8_decode(lexer->text + lexer->at, lexer->len - lexer->at, &used);
	return fault_set(fault, EXPR_INVALID_TOKEN,
	    "Parsing the expression failed: \"%.*s\" at line %d, character %d is not recognized.",
	    lexer->at < lexer->len ? (int)used : 0, lexer->text + lexer->at, token->line, token->column);
}

/* Four hex digits at the cursor, or -1. */
static int32_t read_hex4(struct lexer *lexer)
{
	int32_t code = 0;

	for (size_t i = 0; i < 4; i++) {
		int digit = hex_digit(peek(lexer, i));
		if (digit < 0)
			return -1;
		code = code << 4 | digit;
	}
	lexer->at += 4;
	return code;
}

/* \xhhhh behind the "x"; a high surrogate takes the following \xhhhh with it. */
static int read_hex_escape(struct lexer *lexer, struct buf *out, struct fault *fault)
{
	int32_t code = read_hex4(lexer);
	char utf8[4];

	if (code >= 0xD800 && code < 0xDC00 && peek(lexer, 0) == '\\' && (peek(lexer, 1) | 32) == 'x') {
		lexer->at += 2;
		int32_t low = read_hex4(lexer);
		code = low < 0 ? -1 : 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
	}
	if (code <= 0)
		return fault_set(fault, EXPR_HEX_ESCAPE,
		    "A string literal holds an illegal escape \"\\x\": four hexadecimal digits must follow, "
		    "not all 0.");
	buf_add(out, utf8, utf8_put((uint32_t)code, utf8));
	return 0;
}

static int read_escape(struct lexer *lexer, struct buf *out, struct fault *fault)
{
	static const char from[] = "abfnrtv\"\\", to[] = "\a\b\f\n\r\t\v\"\\";
	int c = peek(lexer, 0);
	const char *found = c > 0 ? strchr(from, c) : NULL;

	lexer->at++;
	if (c == 'x' || c == 'X')
		return read_hex_escape(lexer, out, fault);
	if (!found)
		return fault_set(fault, EXPR_ESCAPE,
		    "A string literal holds the illegal escape \"\\%c\"; write \"\\\\\" for a backslash.",
		    c > 0 ? c : ' ');
	buf_addc(out, to[found - from]);
	return 0;
}

static int read_string(struct lexer *lexer, struct token *token, struct fault *fault)
{
	struct buf text = BUF_INIT;
	int r = -1;

	lexer->at++;
	for (;;) {
		int c = peek(lexer, 0);
		if (c <= 0) {
			fault_set(fault, EXPR_INCOMPLETE,
			    "Parsing the expression failed: the string that starts at line %d, character %d "
			    "is not closed.",
			    token->line, token->column);
			goto out;
		}
		lexer->at++;
		if (c == '"')
			break;
		if (c == '\n') {
			lexer->line++;
			lexer->line_start = lexer->at;
		}
		if (c == '\\') {
			if (read_escape(lexer, &text, fault))
				goto out;
		} else {
			buf_addc(&text, (char)c);
		}
	}
	token->kind = TOKEN_LITERAL;
	value_set_text_len(&token->value, DT_WSTR, text.data, text.len);
	r = 0;
out:
	buf_release(&text);
	return r;
}

static int fail_literal(const struct lexer *lexer, size_t start, enum dt dt, struct fault *fault)
{
	return fault_set(fault, EXPR_LITERAL_OVERFLOW, "The literal \"%.*s\" is too large for type %s.",
	    (int)(lexer->at - start > 80 ? 80 : lexer->at - start), lexer->text + start,
	    dt_info(dt)->name);
}

/* U and L behind an integer, in any order and case. */
static enum dt read_int_suffix(struct lexer *lexer)
{
	bool is_unsigned = false, is_long = false;

	for (int i = 0; i < 2; i++) {
		int c = peek(lexer, 0) | 32;
		if (c == 'u' && !is_unsigned)
			is_unsigned = true;
		else if (c == 'l' && !is_long)
			is_long = true;
		else
			break;
		lexer->at++;
	}
	if (is_long)
		return is_unsigned ? DT_UI8 : DT_I8;
	return is_unsigned ? DT_UI4 : DT_I4;
}

static int set_integer(struct lexer *lexer, size_t start, uint128 v, enum dt dt,
    struct token *token, struct fault *fault)
{
	const struct dt_info *info = dt_info(dt);

	if (v >> (info->bits - info->is_signed))
		return fail_literal(lexer, start, dt, fault);
	token->kind = TOKEN_LITERAL;
	if (info->is_signed)
		value_set_int(&token->value, dt, (int64_t)v);
	else
		value_set_uint(&token->value, dt, (uint64_t)v);
	return 0;
}

/* 0x...: as wide as the digits ask for; the bit pattern counts, so 0xFFFFFFFF is -1 as DT_I4. */
static int read_hex(struct lexer *lexer, struct token *token, struct fault *fault)
{
	size_t start = lexer->at;
	uint64_t v = 0;
	int digits = 0;

	lexer->at += 2;
	for (; hex_digit(peek(lexer, 0)) >= 0; lexer->at++) {
		digits += digits || peek(lexer, 0) != '0';
		v = v << 4 | (uint64_t)hex_digit(peek(lexer, 0));
	}
	if (lexer->at == start + 2) {
		lexer->at = start;
		return fail_token(lexer, token, fault);
	}
	if (digits > 16)
		return fail_literal(lexer, start, DT_UI8, fault);
	enum dt dt = read_int_suffix(lexer);
	if (digits > 8 && dt == DT_I4)
		dt = DT_I8;
	if (digits > 8 && dt == DT_UI4)
		dt = DT_UI8;
	token->kind = TOKEN_LITERAL;
	if (dt_info(dt)->is_signed)
		value_set_int(&token->value, dt, dt == DT_I4 ? (int64_t)(int32_t)(uint32_t)v : (int64_t)v);
	else
		value_set_uint(&token->value, dt, v);
	return 0;
}

static int set_real(struct lexer *lexer, size_t start, enum dt dt, struct token *token,
    struct fault *fault)
{
	char text[400];
	size_t len = lexer->at - start;

	if (len >= sizeof(text))
		return fail_literal(lexer, start, dt, fault);
	memcpy(text, lexer->text + start, len);
	text[len] = '\0';
	double r = strtod(text, NULL);
	if (isinf(dt == DT_R4 ? (double)(float)r : r))
		return fail_literal(lexer, start, dt, fault);
	token->kind = TOKEN_LITERAL;
	value_set_real(&token->value, dt, r);
	return 0;
}

static int set_numeric(struct lexer *lexer, size_t start, struct token *token, struct fault *fault)
{
	int128 v;
	int scale;

	if (lexer->at - start > DEC_DIGITS_MAX + 1 ||
	    !dec_parse(lexer->text + start, lexer->at - start, &v, &scale))
		return fail_literal(lexer, start, DT_NUMERIC, fault);
	int digits = dec_digits(v);
	token->kind = TOKEN_LITERAL;
	value_set_decimal(&token->value, DT_NUMERIC, v, digits > scale ? digits : scale ? scale : 1,
	    scale);
	return 0;
}

/* The exponent, if one follows. */
static bool read_exponent(struct lexer *lexer)
{
	size_t sign = peek(lexer, 1) == '+' || peek(lexer, 1) == '-';

	if ((peek(lexer, 0) | 32) != 'e' || !is_digit(peek(lexer, 1 + sign)))
		return false;
	lexer->at += 1 + sign;
	while (is_digit(peek(lexer, 0)))
		lexer->at++;
	return true;
}

static int read_number(struct lexer *lexer, struct token *token, struct fault *fault)
{
	size_t start = lexer->at;
	uint128 v = 0;
	bool point = false, too_long = false;

	if (peek(lexer, 0) == '0' && (peek(lexer, 1) | 32) == 'x')
		return read_hex(lexer, token, fault);
	for (;; lexer->at++) {
		int c = peek(lexer, 0);
		if (c == '.' && !point)
			point = true;
		else if (!is_digit(c))
			break;
		else if (v >> 100)
			too_long = true;
		else
			v = v * 10 + (uint128)(c - '0');
	}
	bool exponent = read_exponent(lexer);
	int suffix = peek(lexer, 0) | 32;
	if (suffix == 'f' || ((point || exponent) && suffix == 'l')) {
		int r = set_real(lexer, start, suffix == 'f' ? DT_R4 : DT_R8, token, fault);
		lexer->at++;
		return r;
	}
	if (exponent)
		return set_real(lexer, start, DT_R8, token, fault);
	if (point)
		return set_numeric(lexer, start, token, fault);
	enum dt dt = read_int_suffix(lexer);
	return too_long ? fail_literal(lexer, start, dt, fault)
			: set_integer(lexer, start, v, dt, token, fault);
}

/* [text] at the cursor; false when it is not closed. */
static bool read_bracket(struct lexer *lexer, char **ret)
{
	const char *start = lexer->text + lexer->at + 1;
	const char *end = memchr(start, ']', lexer->len - lexer->at - 1);

	if (!end || end == start)
		return false;
	*ret = xstrndup(start, (size_t)(end - start));
	lexer->at += (size_t)(end - start) + 2;
	return true;
}

static char *read_name(struct lexer *lexer)
{
	size_t start = lexer->at;

	while (is_name(peek(lexer, 0)))
		lexer->at++;
	return xstrndup(lexer->text + start, lexer->at - start);
}

/* @Name or @[Namespace::Name] */
static int read_variable(struct lexer *lexer, struct token *token, struct fault *fault)
{
	token->kind = TOKEN_VARIABLE;
	lexer->at++;
	if (peek(lexer, 0) != '[') {
		if (!is_name_start(peek(lexer, 0)))
			return fail_token(lexer, token, fault);
		token->text = read_name(lexer);
		token->space = xstrdup("");
		return 0;
	}
	char *whole;
	if (!read_bracket(lexer, &whole))
		return fail_token(lexer, token, fault);
	char *colons = strstr(whole, "::");
	token->text = xstrdup(colons ? colons + 2 : whole);
	token->space = colons ? xstrndup(whole, (size_t)(colons - whole)) : xstrdup("");
	free(whole);
	return 0;
}

/* #123 or #{refId}; the text keeps the "#" so that it cannot be taken for a name. */
static int read_lineage(struct lexer *lexer, struct token *token, struct fault *fault)
{
	size_t start = lexer->at++;

	if (peek(lexer, 0) == '{') {
		const char *end = memchr(lexer->text + lexer->at, '}', lexer->len - lexer->at);
		if (!end)
			return fail_token(lexer, token, fault);
		lexer->at = (size_t)(end - lexer->text) + 1;
	} else {
		while (is_digit(peek(lexer, 0)))
			lexer->at++;
		if (lexer->at == start + 1)
			return fail_token(lexer, token, fault);
	}
	token->kind = TOKEN_LINEAGE;
	token->text = xstrndup(lexer->text + start, lexer->at - start);
	return 0;
}

static int read_symbol(struct lexer *lexer, struct token *token, struct fault *fault)
{
	for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
		size_t len = strlen(symbols[i].text);
		if (lexer->at + len <= lexer->len &&
		    !memcmp(lexer->text + lexer->at, symbols[i].text, len)) {
			token->kind = symbols[i].kind;
			token->op = symbols[i].op;
			lexer->at += len;
			return 0;
		}
	}
	if (peek(lexer, 0) == '\'')
		return fault_set(fault, EXPR_SINGLE_QUOTE,
		    "Parsing the expression failed: the single quote at line %d, character %d is unexpected; "
		    "strings stand in double quotes.",
		    token->line, token->column);
	return fail_token(lexer, token, fault);
}

static int read_word(struct lexer *lexer, struct token *token)
{
	token->text = read_name(lexer);
	token->kind = TOKEN_NAME;
	if (!utf8_casecmp(token->text, "true") || !utf8_casecmp(token->text, "false")) {
		token->kind = TOKEN_LITERAL;
		value_set_bool(&token->value, strlen(token->text) == 4);
	}
	return 0;
}

int lexer_next(struct lexer *lexer, struct token *ret, struct fault *fault)
{
	int c;

	skip_blanks(lexer);
	*ret = (struct token){ .kind = TOKEN_END, .op = OP_COUNT, .start = lexer->at,
		.line = lexer->line, .column = (int)(lexer->at - lexer->line_start) + 1 };
	value_init(&ret->value);
	c = peek(lexer, 0);
	if (c < 0)
		return 0;
	if (is_digit(c) || (c == '.' && is_digit(peek(lexer, 1))))
		return read_number(lexer, ret, fault);
	if (c == '"')
		return read_string(lexer, ret, fault);
	if (c == '@')
		return read_variable(lexer, ret, fault);
	if (c == '#')
		return read_lineage(lexer, ret, fault);
	if (c == '[') {
		ret->kind = TOKEN_BRACKET;
		return read_bracket(lexer, &ret->text) ? 0 : fail_token(lexer, ret, fault);
	}
	if (is_name_start(c))
		return read_word(lexer, ret);
	return read_symbol(lexer, ret, fault);
}
