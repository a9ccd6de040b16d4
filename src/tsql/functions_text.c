/* SPDX-License-Identifier: MIT */
/* String functions. Positions and lengths count UTF-16 units, as nvarchar does, and never split a character. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/function_args.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

static struct tsql_value make(const struct tsql_value *like, const char *text, size_t len)
{
	struct tsql_value v = tsql_value_text(like->type, text, len);

	v.length = like->length == 0 ? v.length : like->length;
	return v;
}

static int text_len(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t;
	int r = function_text(eval, &args[0], &t);

	(void)count;
	if (r < 0)
		return r;
	while (t.s.len && t.s.data[t.s.len - 1] == ' ')
		t.s.len--;
	*ret = tsql_int((int32_t)utf8_utf16_len(t.s.data, t.s.len));
	tsql_value_release(&t);
	return 0;
}

static int text_datalength(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	static const struct tsql_decl bin = { .type = TSQL_VARBINARY, .length = TSQL_MAX };
	const struct tsql_value *v = &args[0];
	struct tsql_value b;
	int r;

	(void)count;
	if (tsql_type_is_text(v->type)) {
		*ret = tsql_int((int32_t)(type_info(v->type)->is_unicode ? 2 * utf8_utf16_len(v->s.data, v->s.len) :
		    utf8_count(v->s.data, v->s.len)));
		return 0;
	}
	if (v->type == TSQL_FLOAT || v->type == TSQL_REAL || type_is_datetime(v->type) || v->type == TSQL_DECIMAL) {
		static const int width[TSQL_TYPE_COUNT] = { [TSQL_FLOAT] = 8, [TSQL_REAL] = 4, [TSQL_DATE] = 3, [TSQL_TIME] = 5,
			[TSQL_SMALLDATETIME] = 4, [TSQL_DATETIME] = 8, [TSQL_DATETIME2] = 8, [TSQL_DATETIMEOFFSET] = 10 };
		*ret = tsql_int(v->type == TSQL_DECIMAL ? (v->precision <= 9 ? 5 : v->precision <= 19 ? 9 : v->precision <= 28 ? 13 : 17) :
			width[v->type]);
		return 0;
	}
	r = tsql_value_cast(v, &bin, -1, &b, eval->err);
	if (r == 0) {
		*ret = tsql_int((int32_t)b.s.len);
		tsql_value_release(&b);
	}
	return r;
}

static int slice(struct eval *eval, const struct tsql_value *arg, int64_t from, int64_t count, struct tsql_value *ret)
{
	struct tsql_value t;
	size_t start, end;
	int r = function_text(eval, arg, &t);

	if (r < 0)
		return r;
	start = function_byte_at(&t, from);
	end = function_byte_at(&t, from + count);
	*ret = make(&t, t.s.data + start, end > start ? end - start : 0);
	tsql_value_release(&t);
	return 0;
}

static int text_left(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	int64_t n = 0;
	int r = function_number(eval, &args[1], &n);

	(void)count;
	if (r == 0 && n < 0)
		r = sql_error(eval->err, 536, "Invalid length parameter passed to the left function.");
	return r < 0 ? r : slice(eval, &args[0], 0, n > INT32_MAX ? INT32_MAX : n, ret);
}

static int text_right(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t;
	int64_t n = 0, units;
	int r = function_number(eval, &args[1], &n);

	(void)count;
	if (r == 0 && n < 0)
		r = sql_error(eval->err, 536, "Invalid length parameter passed to the right function.");
	if (r == 0)
		r = function_text(eval, &args[0], &t);
	if (r < 0)
		return r;
	units = (int64_t)utf8_utf16_len(t.s.data, t.s.len);
	r = slice(eval, &args[0], n > units ? 0 : units - n, units, ret);
	tsql_value_release(&t);
	return r;
}

static int text_substring(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	int64_t from = 0, n = 0;
	int r = function_number(eval, &args[1], &from);

	(void)count;
	if (r == 0)
		r = function_number(eval, &args[2], &n);
	if (r == 0 && n < 0)
		r = sql_error_full(eval->err, 537, 16, 3, "Invalid length parameter passed to the LEFT or SUBSTRING function.");
	if (r < 0)
		return r;
	if (from > INT32_MAX)
		from = INT32_MAX;
	if (n > INT32_MAX)
		n = INT32_MAX;
	if (from < -(int64_t)INT32_MAX)
		from = -(int64_t)INT32_MAX;
	if (from < 1) { /* positions before the first count, but give nothing */
		n += from - 1;
		from = 1;
	}
	return slice(eval, &args[0], from - 1, n < 0 ? 0 : n, ret);
}

/* Position of needle from byte `from` on, without case; SIZE_MAX when it is not there. */
static size_t find_text(const struct tsql_value *text, const struct tsql_value *needle, size_t from)
{
	size_t used;

	for (size_t at = from; at <= text->s.len && needle->s.len; at += used) {
		size_t n = 0, m = 0, a, b;
		while (n < needle->s.len && at + m < text->s.len &&
		    utf8_fold(utf8_decode(needle->s.data + n, needle->s.len - n, &a)) ==
			utf8_fold(utf8_decode(text->s.data + at + m, text->s.len - at - m, &b))) {
			n += a;
			m += b;
		}
		if (n == needle->s.len)
			return at;
		if (at == text->s.len)
			break;
		utf8_decode(text->s.data + at, text->s.len - at, &used);
	}
	return SIZE_MAX;
}

static int text_replace(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t[3];
	struct buf out = BUF_INIT;
	size_t at = 0, hit;
	int r = function_texts(eval, args, count, t);

	if (r < 0)
		return r;
	buf_set_limit(&out, FUNCTION_TEXT_MAX);
	while ((hit = find_text(&t[0], &t[1], at)) != SIZE_MAX) {
		size_t units = utf8_utf16_len(t[1].s.data, t[1].s.len);
		buf_add(&out, t[0].s.data + at, hit - at);
		buf_add(&out, t[2].s.data, t[2].s.len);
		at = hit + utf8_prefix_utf16(t[0].s.data + hit, t[0].s.len - hit, units);
	}
	buf_add(&out, t[0].s.data + at, t[0].s.len - at);
	r = out.overflow ? function_too_long(eval) : 0;
	if (r == 0) {
		*ret = tsql_value_text(t[0].type == TSQL_NVARCHAR || t[2].type == TSQL_NVARCHAR ? TSQL_NVARCHAR : TSQL_VARCHAR, out.data, out.len);
		if (ret->length != TSQL_MAX)
			ret->length = ret->type == TSQL_NVARCHAR ? 4000 : 8000;
	}
	buf_release(&out);
	for (int i = 0; i < 3; i++)
		tsql_value_release(&t[i]);
	return r;
}

static int text_charindex(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t[2];
	int64_t from = 1;
	size_t at;
	int r = count == 3 ? function_number(eval, &args[2], &from) : 0;

	if (r == 0)
		r = function_texts(eval, args, 2, t);
	if (r < 0)
		return r;
	at = find_text(&t[1], &t[0], function_byte_at(&t[1], from - 1));
	*ret = tsql_int(at == SIZE_MAX ? 0 : (int32_t)utf8_utf16_len(t[1].s.data, at) + 1);
	tsql_value_release(&t[0]);
	tsql_value_release(&t[1]);
	return 0;
}

/* PATINDEX('%pattern%', text): try the pattern at every position. */
static int text_patindex(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t[2];
	const char *p;
	size_t p_len, used;
	bool anchored;
	int r = function_texts(eval, args, count, t);

	if (r < 0)
		return r;
	p = t[0].s.data;
	p_len = t[0].s.len;
	anchored = p_len == 0 || p[0] != '%';
	while (p_len && *p == '%')
		p++, p_len--;
	*ret = tsql_int(0);
	for (size_t at = 0; at <= t[1].s.len; at += used) {
		if (like_match(t[1].s.data + at, t[1].s.len - at, p, p_len, NULL, 0)) {
			*ret = tsql_int((int32_t)utf8_utf16_len(t[1].s.data, at) + 1);
			break;
		}
		if (anchored || at == t[1].s.len)
			break;
		utf8_decode(t[1].s.data + at, t[1].s.len - at, &used);
	}
	tsql_value_release(&t[0]);
	tsql_value_release(&t[1]);
	return 0;
}

static int change_case(struct eval *eval, const struct tsql_value *arg, uint32_t (*map)(uint32_t), struct tsql_value *ret)
{
	struct tsql_value t;
	struct buf out = BUF_INIT;
	size_t used;
	int r = function_text(eval, arg, &t);

	if (r < 0)
		return r;
	for (size_t i = 0; i < t.s.len; i += used) {
		char c[4];
		uint32_t code = map(utf8_decode(t.s.data + i, t.s.len - i, &used));
		buf_add(&out, c, utf8_put(code, c));
	}
	*ret = make(&t, out.data, out.len);
	tsql_value_release(&t);
	buf_release(&out);
	return 0;
}

static int text_upper(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)count;
	return change_case(eval, &args[0], utf8_upper, ret);
}

static int text_lower(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)count;
	return change_case(eval, &args[0], utf8_fold, ret);
}

/* The text of the second argument is a set of characters; a blank without it. */
static int trim(struct eval *eval, const struct tsql_value *args, size_t count, bool left, bool right, struct tsql_value *ret)
{
	struct tsql_value t[2];
	size_t a = 0, b, used;
	int r = function_texts(eval, args, count, t);

	if (r < 0)
		return r;
	if (count == 1)
		t[1] = tsql_varchar(" ");
	b = t[0].s.len;
	while (left && a < b) {
		utf8_decode(t[0].s.data + a, b - a, &used);
		if (!memmem(t[1].s.data, t[1].s.len, t[0].s.data + a, used))
			break;
		a += used;
	}
	while (right && b > a) {
		for (used = 1; used < b - a && ((unsigned char)t[0].s.data[b - used] & 0xC0) == 0x80; used++)
			;
		if (!memmem(t[1].s.data, t[1].s.len, t[0].s.data + b - used, used))
			break;
		b -= used;
	}
	*ret = make(&t[0], t[0].s.data + a, b - a);
	tsql_value_release(&t[0]);
	tsql_value_release(&t[1]);
	return 0;
}

FUNCTION_RUN(text_ltrim)
{
	return trim(eval, args, count, true, false, ret);
}

FUNCTION_RUN(text_rtrim)
{
	return trim(eval, args, count, false, true, ret);
}

FUNCTION_RUN(text_trim)
{
	return trim(eval, args, count, true, true, ret);
}

static int text_reverse(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t;
	char *out;
	size_t at, used;
	int r = function_text(eval, &args[0], &t);

	(void)count;
	if (r < 0)
		return r;
	out = xmalloc(t.s.len + 1);
	at = t.s.len;
	for (size_t i = 0; i < t.s.len; i += used) {
		utf8_decode(t.s.data + i, t.s.len - i, &used);
		at -= used;
		memcpy(out + at, t.s.data + i, used);
	}
	*ret = make(&t, out, t.s.len);
	free(out);
	tsql_value_release(&t);
	return 0;
}

static int text_char(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	int64_t n = 0;
	char c[4];
	int r = function_number(eval, &args[0], &n);

	(void)count;
	if (r < 0)
		return r;
	*ret = n < 1 || n > 255 ? tsql_null(TSQL_CHAR) : tsql_value_text(TSQL_VARCHAR, c, utf8_put((uint32_t)n, c));
	return 0;
}

static int text_nchar(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	int64_t n = 0;
	char c[4];
	int r = function_number(eval, &args[0], &n);

	(void)count;
	if (r < 0)
		return r;
	*ret = n < 1 || n > 0xFFFF ? tsql_null(TSQL_NVARCHAR) : tsql_value_text(TSQL_NVARCHAR, c, utf8_put((uint32_t)n, c));
	return 0;
}

static int text_unicode(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t;
	size_t used;
	int r = function_text(eval, &args[0], &t);

	(void)count;
	if (r < 0)
		return r;
	*ret = t.s.len ? tsql_int((int32_t)utf8_decode(t.s.data, t.s.len, &used)) : tsql_null(TSQL_INT);
	tsql_value_release(&t);
	return 0;
}

#define I { .type = TSQL_INT }
#define S FUNCTION_STRICT
const struct function functions_text[] = {
	{ "LEN", 1, 1, S, I, NULL, text_len, AGGREGATE_NONE, NULL },
	{ "DATALENGTH", 1, 1, S, I, NULL, text_datalength, AGGREGATE_NONE, NULL },
	{ "LEFT", 2, 2, S, { 0 }, function_text_type, text_left, AGGREGATE_NONE, NULL },
	{ "RIGHT", 2, 2, S, { 0 }, function_text_type, text_right, AGGREGATE_NONE, NULL },
	{ "SUBSTRING", 3, 3, S, { 0 }, function_text_type, text_substring, AGGREGATE_NONE, NULL },
	{ "REPLACE", 3, 3, S, { 0 }, function_grown_type, text_replace, AGGREGATE_NONE, NULL },
	{ "CHARINDEX", 2, 3, S, I, NULL, text_charindex, AGGREGATE_NONE, NULL },
	{ "PATINDEX", 2, 2, S, I, NULL, text_patindex, AGGREGATE_NONE, NULL },
	{ "UPPER", 1, 1, S, { 0 }, function_text_type, text_upper, AGGREGATE_NONE, NULL },
	{ "LOWER", 1, 1, S, { 0 }, function_text_type, text_lower, AGGREGATE_NONE, NULL },
	{ "LTRIM", 1, 2, S, { 0 }, function_text_type, text_ltrim, AGGREGATE_NONE, NULL },
	{ "RTRIM", 1, 2, S, { 0 }, function_text_type, text_rtrim, AGGREGATE_NONE, NULL },
	{ "TRIM", 1, 2, S, { 0 }, function_text_type, text_trim, AGGREGATE_NONE, NULL },
	{ "REVERSE", 1, 1, S, { 0 }, function_text_type, text_reverse, AGGREGATE_NONE, NULL },
	{ "CHAR", 1, 1, S, { .type = TSQL_VARCHAR, .length = 1 }, NULL, text_char, AGGREGATE_NONE, NULL },
	{ "NCHAR", 1, 1, S, { .type = TSQL_NVARCHAR, .length = 1 }, NULL, text_nchar, AGGREGATE_NONE, NULL },
	{ "ASCII", 1, 1, S, I, NULL, text_unicode, AGGREGATE_NONE, NULL },
	{ "UNICODE", 1, 1, S, I, NULL, text_unicode, AGGREGATE_NONE, NULL },
	{ .name = NULL },
};
