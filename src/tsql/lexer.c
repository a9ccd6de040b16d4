/* SPDX-License-Identifier: MIT */
/*
 * The lexer works on a whole batch at once, so the parser may look ahead as far
 * as it likes. Keywords are found here by a binary search, and only once.
 */
#include "tsql/lexer.h"

#include <string.h>

#include "base/utf8.h"
#include "tsql/sqlerr.h"

struct lexer {
	const char *text, *at, *end;
	const char *line_start;
	int line;
	struct token_list *out;
	struct err *err;
};

static const struct {
	const char *word;
	bool reserved;
} keywords[] = {
	{ "", false },
#define KEYWORD_RESERVED(word) { #word, true },
#define KEYWORD_FREE(word) { #word, false },
	TSQL_KEYWORDS(KEYWORD_RESERVED, KEYWORD_FREE)
};
_Static_assert(ARRAY_LEN(keywords) == KW_COUNT, "every keyword has a row");

bool keyword_is_reserved(enum keyword keyword)
{
	return keywords[keyword].reserved;
}

static enum keyword find_keyword(const char *text, size_t len)
{
	char upper[24];
	size_t low = 1, high = KW_COUNT;

	if (len >= sizeof(upper))
		return KW_NONE;
	for (size_t i = 0; i < len; i++)
		upper[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32 : text[i]);
	upper[len] = '\0';
	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = strcmp(upper, keywords[mid].word);
		if (order == 0)
			return (enum keyword)mid;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return KW_NONE;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '#' || (unsigned char)c >= 0x80;
}

static bool is_name_char(char c)
{
	return is_name_start(c) || is_digit(c) || c == '@' || c == '$';
}

static char peek(const struct lexer *l, size_t ahead)
{
	return (size_t)(l->end - l->at) > ahead ? l->at[ahead] : '\0';
}

static void newline(struct lexer *l)
{
	l->line++;
	l->line_start = l->at + 1;
}

/* 113 when a comment does not end, 105 when what begins at start does not. */
static int fail(struct lexer *l, int number, const char *start)
{
	size_t len = (size_t)(l->end - start);

	if (len > 100)
		len = utf8_prefix_utf16(start, 100, 100);
	if (number == 113)
		sql_error_full(l->err, number, 15, 1, "Missing end comment mark '*/'.");
	else
		sql_error_full(l->err, number, 15, 1, "Unclosed quotation mark after the character string '%.*s'.", (int)len, start);
	if (l->err)
		l->err->sql_line = l->line;
	return -ERR_SQL;
}

/* Comments nest in T-SQL. */
static int skip_comment(struct lexer *l)
{
	int depth = 0;

	do {
		if (l->at >= l->end)
			return fail(l, 113, l->end);
		if (l->at[0] == '/' && peek(l, 1) == '*') {
			depth++;
			l->at++;
		} else if (l->at[0] == '*' && peek(l, 1) == '/') {
			depth--;
			l->at++;
		} else if (*l->at == '\n') {
			newline(l);
		}
		l->at++;
	} while (depth > 0);
	return 0;
}

static int skip_space(struct lexer *l)
{
	while (l->at < l->end) {
		if (*l->at == '\n') {
			newline(l);
			l->at++;
		} else if (*l->at == ' ' || *l->at == '\t' || *l->at == '\r' || *l->at == '\f' || *l->at == '\v') {
			l->at++;
		} else if (*l->at == '-' && peek(l, 1) == '-') {
			while (l->at < l->end && *l->at != '\n')
				l->at++;
		} else if (*l->at == '/' && peek(l, 1) == '*') {
			int r = skip_comment(l);
			if (r < 0)
				return r;
		} else if ((size_t)(l->end - l->at) >= 3 && memcmp(l->at, "\xEF\xBB\xBF", 3) == 0) {
			l->at += 3; /* a byte order mark */
		} else if ((size_t)(l->end - l->at) >= 2 && memcmp(l->at, "\xC2\xA0", 2) == 0) {
			l->at += 2; /* a no-break space, common in pasted scripts */
		} else {
			break;
		}
	}
	return 0;
}

/* From the opening quote to the closing one; a doubled close is part of the text. */
static int scan_quoted(struct lexer *l, char close)
{
	const char *start = l->at;

	for (l->at++; l->at < l->end; l->at++) {
		if (*l->at == '\n')
			newline(l);
		if (*l->at != close)
			continue;
		if (peek(l, 1) == close) {
			l->at++;
			continue;
		}
		l->at++;
		return 0;
	}
	return fail(l, 105, start + 1);
}

static enum token_kind scan_number(struct lexer *l)
{
	enum token_kind kind = TOKEN_INTEGER;

	if (l->at[0] == '0' && (peek(l, 1) | 32) == 'x') {
		l->at += 2;
		while (is_digit(peek(l, 0)) || ((peek(l, 0) | 32) >= 'a' && (peek(l, 0) | 32) <= 'f'))
			l->at++;
		return TOKEN_BINARY;
	}
	while (is_digit(peek(l, 0)))
		l->at++;
	if (peek(l, 0) == '.') {
		kind = TOKEN_DECIMAL;
		l->at++;
		while (is_digit(peek(l, 0)))
			l->at++;
	}
	if ((peek(l, 0) | 32) == 'e') {
		size_t sign = peek(l, 1) == '+' || peek(l, 1) == '-' ? 1 : 0;
		kind = TOKEN_FLOAT;
		l->at += 1 + sign;
		while (is_digit(peek(l, 0)))
			l->at++;
	}
	return kind;
}

static int scan_symbol(struct lexer *l, struct token *t)
{
	static const char pairs[][3] = { "<=", ">=", "<>", "!=", "!<", "!>", "+=", "-=", "*=", "/=", "%=", "&=", "|=",
		"^=", "::" };

	t->kind = TOKEN_SYMBOL;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		if (l->at[0] == pairs[i][0] && peek(l, 1) == pairs[i][1]) {
			t->symbol = SYMBOL2(pairs[i][0], pairs[i][1]);
			l->at += 2;
			return 0;
		}
	}
	if (!strchr("()+-*/%=<>,.;&|^~:", l->at[0]) || !l->at[0]) {
		sql_error_full(l->err, 102, 15, 1, "Incorrect syntax near '%.1s'.", l->at[0] ? l->at : " ");
		if (l->err)
			l->err->sql_line = l->line;
		return -ERR_SQL;
	}
	t->symbol = *l->at++;
	return 0;
}

static int scan_token(struct lexer *l, struct token *t)
{
	char c = *l->at;

	if ((c == 'N' || c == 'n') && peek(l, 1) == '\'') {
		t->kind = TOKEN_NSTRING;
		l->at++;
		return scan_quoted(l, '\'');
	}
	if (c == '\'') {
		t->kind = TOKEN_STRING;
		return scan_quoted(l, '\'');
	}
	if (c == '[' || c == '"') {
		t->kind = TOKEN_QUOTED;
		return scan_quoted(l, c == '[' ? ']' : '"');
	}
	if (is_digit(c) || (c == '.' && is_digit(peek(l, 1)))) {
		t->kind = scan_number(l);
		return 0;
	}
	if (c == '$' && (is_digit(peek(l, 1)) || peek(l, 1) == '.' || (peek(l, 1) == '-' && is_digit(peek(l, 2))))) {
		l->at += peek(l, 1) == '-' ? 2 : 1;
		scan_number(l);
		t->kind = TOKEN_MONEY;
		return 0;
	}
	if (c == '@' || is_name_start(c) || (c == '$' && is_name_start(peek(l, 1)))) { /* $action */
		t->kind = c == '@' ? TOKEN_VARIABLE : TOKEN_NAME;
		while (l->at < l->end && is_name_char(*l->at))
			l->at++;
		/* A keyword ends before a variable: EXEC@code = ... */
		const char *at = t->kind == TOKEN_NAME ? memchr(t->start, '@', (size_t)(l->at - t->start)) : NULL;
		if (at && keyword_is_reserved(find_keyword(t->start, (size_t)(at - t->start))))
			l->at = at;
		if (t->kind == TOKEN_NAME)
			t->keyword = find_keyword(t->start, (size_t)(l->at - t->start));
		return 0;
	}
	return scan_symbol(l, t);
}

int lexer_run(const char *text, size_t len, struct token_list *ret, struct err *err)
{
	struct lexer l = { .text = text, .at = text, .end = text + len, .line_start = text, .line = 1,
		.out = ret, .err = err };
	int r;

	for (;;) {
		struct token t = { 0 };
		r = skip_space(&l);
		t.start = l.at;
		t.line = l.line;
		t.column = (int)(l.at - l.line_start) + 1;
		if (r == 0 && l.at < l.end)
			r = scan_token(&l, &t);
		if (r < 0)
			return r;
		t.len = (size_t)(l.at - t.start);
		vec_push(ret, t);
		if (t.kind == TOKEN_END)
			return 0;
	}
}

void token_list_release(struct token_list *list)
{
	vec_release(list);
}

char *token_unquote(const struct token *t, size_t *ret_len)
{
	const char *p = t->start, *end = t->start + t->len;
	char *out, close;
	size_t n = 0;

	if (t->kind == TOKEN_NSTRING)
		p++;
	close = *p == '[' ? ']' : *p;
	out = xmalloc(t->len + 1);
	for (p++, end--; p < end; p++) {
		out[n++] = *p;
		if (*p == close)
			p++;
	}
	out[n] = '\0';
	*ret_len = n;
	return out;
}
