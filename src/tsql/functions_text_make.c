/* SPDX-License-Identifier: MIT */
/* String functions that make text: concatenation, repetition, quoting, codes of sounds. */
#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "tsql/function_args.h"
#include "tsql/json_text.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

/* CONCAT and CONCAT_WS: NULLs count as nothing. */
static int concat(struct eval *eval, const struct tsql_value *args, size_t count, const struct tsql_value *separator,
    struct tsql_value *ret)
{
	struct buf out = BUF_INIT;
	enum tsql_type type = TSQL_VARCHAR;
	bool first = true;
	int r = 0;

	buf_set_limit(&out, FUNCTION_TEXT_MAX);
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct tsql_value t;
		if (args[i].null)
			continue;
		r = function_text(eval, &args[i], &t);
		if (r < 0)
			break;
		if (separator && !first)
			buf_add(&out, separator->s.data, separator->s.len);
		first = false;
		if (t.type == TSQL_NVARCHAR)
			type = TSQL_NVARCHAR;
		buf_add(&out, t.s.data, t.s.len);
		tsql_value_release(&t);
	}
	if (r == 0 && out.overflow)
		r = function_too_long(eval);
	if (r == 0)
		*ret = tsql_value_text(type, out.data, out.len);
	buf_release(&out);
	return r;
}

static int text_concat(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	return concat(eval, args, count, NULL, ret);
}

static int text_concat_ws(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value separator;
	int r = args[0].null ? (separator = tsql_varchar(""), 0) : function_text(eval, &args[0], &separator);

	if (r < 0)
		return r;
	r = concat(eval, args + 1, count - 1, &separator, ret);
	tsql_value_release(&separator);
	return r;
}

/* STR(number [, length [, decimals]]) */
static int text_str(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	static const struct tsql_decl as_float = { .type = TSQL_FLOAT };
	struct tsql_value f;
	int64_t length = 10, decimals = 0;
	char text[400];
	int r = tsql_value_convert(&args[0], &as_float, &f, eval->err), n;

	if (r == 0 && count > 1)
		r = function_number(eval, &args[1], &length);
	if (r == 0 && count > 2)
		r = function_number(eval, &args[2], &decimals);
	if (r < 0)
		return r;
	length = length < 0 ? 0 : length > 300 ? 300 : length;
	decimals = decimals < 0 ? 0 : decimals > 16 ? 16 : decimals;
	n = snprintf(text, sizeof(text), "%*.*f", (int)length, (int)decimals, f.f);
	for (; n > length && decimals > 0; decimals--)
		n = snprintf(text, sizeof(text), "%*.*f", (int)length, (int)decimals - 1, f.f);
	if (n > length || n >= (int)sizeof(text)) {
		memset(text, '*', (size_t)length);
		text[length] = '\0';
	}
	*ret = tsql_varchar(text);
	return 0;
}

static int repeat(struct eval *eval, const struct tsql_value *t, int64_t n, struct tsql_value *ret)
{
	struct buf out = BUF_INIT;
	int r;

	buf_set_limit(&out, FUNCTION_TEXT_MAX);
	for (int64_t i = 0; i < n && !out.overflow && t->s.len; i++)
		buf_add(&out, t->s.data, t->s.len);
	r = out.overflow ? function_too_long(eval) : 0;
	if (r == 0)
		*ret = tsql_value_text(t->type, out.data, out.len);
	buf_release(&out);
	return r;
}

static int text_replicate(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t;
	int64_t n = 0;
	int r = function_number(eval, &args[1], &n);

	(void)count;
	if (r == 0)
		r = function_text(eval, &args[0], &t);
	if (r < 0)
		return r;
	if (n < 0)
		*ret = tsql_null(t.type);
	else
		r = repeat(eval, &t, n, ret);
	tsql_value_release(&t);
	return r;
}

static int text_space(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value blank = { .type = TSQL_VARCHAR, .s = { (char[]){ ' ', '\0' }, 1 } };
	int64_t n = 0;
	int r = function_number(eval, &args[0], &n);

	(void)count;
	if (r < 0)
		return r;
	if (n < 0) {
		*ret = tsql_null(TSQL_VARCHAR);
		return 0;
	}
	return repeat(eval, &blank, n, ret);
}

static int text_stuff(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t = tsql_null(TSQL_UNKNOWN), with = tsql_null(TSQL_UNKNOWN);
	int64_t from = 0, n = 0;
	size_t a, b;
	struct buf out = BUF_INIT;
	int r;

	(void)count;
	if (args[0].null || args[1].null || args[2].null) {
		*ret = tsql_null(TSQL_NVARCHAR);
		return 0;
	}
	r = function_number(eval, &args[1], &from);
	if (r == 0)
		r = function_number(eval, &args[2], &n);
	if (r == 0)
		r = function_text(eval, &args[0], &t);
	if (r == 0 && args[3].null)
		with = tsql_varchar("");
	else if (r == 0)
		r = function_text(eval, &args[3], &with);
	if (r == 0 && (from < 1 || n < 0 || (uint64_t)from > utf8_utf16_len(t.s.data, t.s.len))) {
		*ret = tsql_null(t.type);
	} else if (r == 0) {
		a = function_byte_at(&t, from - 1);
		b = function_byte_at(&t, from - 1 + (n > INT32_MAX ? INT32_MAX : n));
		buf_add(&out, t.s.data, a);
		buf_add(&out, with.s.data, with.s.len);
		buf_add(&out, t.s.data + b, t.s.len - b);
		*ret = tsql_value_text(t.type == TSQL_NVARCHAR || with.type == TSQL_NVARCHAR ? TSQL_NVARCHAR : TSQL_VARCHAR, out.data, out.len);
	}
	buf_release(&out);
	tsql_value_release(&t);
	tsql_value_release(&with);
	return r;
}

static int text_quotename(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t;
	struct buf out = BUF_INIT;
	char open = '[', close = ']';
	int r = function_text(eval, &args[0], &t);

	if (r < 0)
		return r;
	if (count == 2 && tsql_type_is_text(args[1].type) && args[1].s.len == 1) {
		static const char pairs[] = "[]()<>{}''\"\"";
		const char *at = strchr(pairs, args[1].s.data[0]);
		if (at && *at) {
			size_t pair = (size_t)(at - pairs) / 2 * 2;
			open = pairs[pair];
			close = pairs[pair + 1];
		}
	}
	buf_addc(&out, open);
	for (size_t i = 0; i < t.s.len; i++) {
		buf_addc(&out, t.s.data[i]);
		if (t.s.data[i] == close)
			buf_addc(&out, close);
	}
	buf_addc(&out, close);
	*ret = utf8_utf16_len(t.s.data, t.s.len) > 128 ? tsql_null(TSQL_NVARCHAR) : tsql_nvarchar_n(out.data, out.len);
	buf_release(&out);
	tsql_value_release(&t);
	return 0;
}

/* --- codes and names --- */

/* TRANSLATE(text, characters, replacements) */
FUNCTION_RUN(text_translate)
{
	struct tsql_value t[3];
	struct buf out = BUF_INIT;
	size_t used;
	int r = function_texts(eval, args, count, t);

	if (r < 0)
		return r;
	if (utf8_utf16_len(t[1].s.data, t[1].s.len) != utf8_utf16_len(t[2].s.data, t[2].s.len))
		r = sql_error(eval->err, 9828, "The second and third arguments of the TRANSLATE built-in function must contain an equal number of characters.");
	for (size_t i = 0; r == 0 && i < t[0].s.len; i += used) {
		uint32_t code = utf8_fold(utf8_decode(t[0].s.data + i, t[0].s.len - i, &used));
		size_t from = 0, to = 0, a, b;
		bool hit = false;
		while (!hit && from < t[1].s.len) {
			hit = utf8_fold(utf8_decode(t[1].s.data + from, t[1].s.len - from, &a)) == code;
			utf8_decode(t[2].s.data + to, t[2].s.len - to, &b);
			if (!hit)
				from += a, to += b;
		}
		buf_add(&out, hit ? t[2].s.data + to : t[0].s.data + i, hit ? b : used);
	}
	if (r == 0)
		*ret = tsql_value_text(t[0].type, out.data, out.len);
	buf_release(&out);
	for (size_t i = 0; i < count; i++)
		tsql_value_release(&t[i]);
	return r;
}

/* The four characters of SOUNDEX: equal neighbours count once; H and W do not part them, vowels do. */
static void soundex_of(const char *text, size_t len, char code[5])
{
	static const char digits[] = "01230120022455012623010202"; /* A to Z */
	size_t n = 0;
	char last = '\0';

	memcpy(code, "0000", 5);
	for (size_t i = 0; i < len && n < 4; i++) {
		char c = (char)toupper((unsigned char)text[i]), digit;
		if (c < 'A' || c > 'Z') {
			if (n == 0)
				return;
			break;
		}
		digit = digits[c - 'A'];
		if (n == 0)
			code[n++] = c;
		else if (digit != '0' && digit != last)
			code[n++] = digit;
		if (c != 'H' && c != 'W')
			last = digit;
	}
}

FUNCTION_RUN(text_soundex)
{
	struct tsql_value t;
	char code[5];
	int r = function_text(eval, &args[0], &t);

	(void)count;
	if (r < 0)
		return r;
	soundex_of(t.s.data, t.s.len, code);
	*ret = tsql_varchar(code);
	tsql_value_release(&t);
	return 0;
}

FUNCTION_RUN(text_difference)
{
	struct tsql_value t[2];
	char a[5], b[5];
	int same = 0, r = function_texts(eval, args, count, t);

	if (r < 0)
		return r;
	soundex_of(t[0].s.data, t[0].s.len, a);
	soundex_of(t[1].s.data, t[1].s.len, b);
	for (int i = 0; i < 4; i++)
		same += a[i] == b[i];
	*ret = tsql_int(same);
	tsql_value_release(&t[0]);
	tsql_value_release(&t[1]);
	return 0;
}

FUNCTION_RUN(text_string_escape)
{
	struct tsql_value t[2];
	struct buf out = BUF_INIT;
	int r = function_texts(eval, args, count, t);

	if (r < 0)
		return r;
	if (utf8_casecmp(t[1].s.data, "json") == 0) {
		json_text_quote(t[0].s.data, t[0].s.len, &out);
		*ret = tsql_nvarchar_n(out.data + 1, out.len - 2);
	} else {
		r = sql_error(eval->err, 13621, "An invalid value was specified for argument 2 of string_escape: '%s'.", t[1].s.data);
	}
	buf_release(&out);
	tsql_value_release(&t[0]);
	tsql_value_release(&t[1]);
	return r;
}

/* PARSENAME('server.database.schema.object', 1 = object) */
FUNCTION_RUN(text_parsename)
{
	struct buf part[4] = { BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT };
	struct tsql_value t;
	int64_t wanted = 0;
	size_t n = 0;
	bool bad = false;
	int r = function_number(eval, &args[1], &wanted);

	(void)count;
	if (r == 0)
		r = function_text(eval, &args[0], &t);
	if (r < 0)
		return r;
	for (const char *at = t.s.data; !bad; at++) {
		char close = *at == '[' ? ']' : *at == '"' ? '"' : '\0';
		if (close) {
			for (at++; *at && (*at != close || at[1] == close); at++) {
				at += *at == close;
				buf_addc(&part[n], *at);
			}
			bad = *at++ != close;
		}
		for (; !bad && !close && *at && *at != '.'; at++)
			buf_addc(&part[n], *at);
		if (bad || *at == '\0')
			break;
		bad = *at != '.' || n == 3;
		n += !bad;
	}
	*ret = tsql_null(TSQL_NVARCHAR);
	if (!bad && wanted >= 1 && wanted <= (int64_t)n + 1 && part[n + 1 - (size_t)wanted].len)
		*ret = tsql_nvarchar_n(part[n + 1 - (size_t)wanted].data, part[n + 1 - (size_t)wanted].len);
	for (size_t i = 0; i < 4; i++)
		buf_release(&part[i]);
	tsql_value_release(&t);
	return 0;
}

#define I { .type = TSQL_INT }
#define S FUNCTION_STRICT
const struct function functions_text_make[] = {
	{ "CONCAT", 2, 254, 0, { 0 }, function_concat_type, text_concat, AGGREGATE_NONE, NULL },
	{ "CONCAT_WS", 3, 254, 0, { 0 }, function_concat_type, text_concat_ws, AGGREGATE_NONE, NULL },
	{ "STR", 1, 3, S, { .type = TSQL_VARCHAR, .length = 10 }, NULL, text_str, AGGREGATE_NONE, NULL },
	{ "REPLICATE", 2, 2, S, { 0 }, function_grown_type, text_replicate, AGGREGATE_NONE, NULL },
	{ "SPACE", 1, 1, S, { .type = TSQL_VARCHAR, .length = 8000 }, NULL, text_space, AGGREGATE_NONE, NULL },
	{ "STUFF", 4, 4, 0, { 0 }, function_grown_type, text_stuff, AGGREGATE_NONE, NULL },
	{ "QUOTENAME", 1, 2, S, { .type = TSQL_NVARCHAR, .length = 258 }, NULL, text_quotename, AGGREGATE_NONE, NULL },
	{ "TRANSLATE", 3, 3, S, { 0 }, function_text_type, text_translate, AGGREGATE_NONE, NULL },
	{ "SOUNDEX", 1, 1, S, { .type = TSQL_VARCHAR, .length = 4 }, NULL, text_soundex, AGGREGATE_NONE, NULL },
	{ "DIFFERENCE", 2, 2, S, I, NULL, text_difference, AGGREGATE_NONE, NULL },
	{ "STRING_ESCAPE", 2, 2, S, { .type = TSQL_NVARCHAR, .length = TSQL_MAX }, NULL, text_string_escape, AGGREGATE_NONE, NULL },
	{ "PARSENAME", 2, 2, S, { .type = TSQL_NVARCHAR, .length = 128 }, NULL, text_parsename, AGGREGATE_NONE, NULL },
	{ .name = NULL },
};
