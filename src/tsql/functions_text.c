/* SPDX-License-Identifier: MIT */
/* String functions. Positions and lengths count UTF-16 units, as nvarchar does, and never split a character. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/eval.h"
#include "tsql/function.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

static const struct tsql_decl as_text = { .type = TSQL_NVARCHAR, .length = TSQL_MAX };
static const struct tsql_decl as_bigint = { .type = TSQL_BIGINT };

/* Longest result of a text function (bytes). */
#define TEXT_MAX ((size_t)64 * 1024 * 1024)

static int text_argument(struct eval *eval, const struct tsql_value *v, struct tsql_value *ret)
{
	struct tsql_decl d = as_text;

	if (tsql_type_is_text(v->type)) { /* keep varchar or nvarchar */
		d.type = type_info(v->type)->is_unicode ? TSQL_NVARCHAR : TSQL_VARCHAR;
	} else {
		d.type = TSQL_VARCHAR;
	}
	return tsql_value_convert(v, &d, ret, eval->err);
}

static int number_argument(struct eval *eval, const struct tsql_value *v, int64_t *ret)
{
	struct tsql_value n;
	int r = tsql_value_convert(v, &as_bigint, &n, eval->err);

	if (r == 0)
		*ret = n.i;
	return r;
}

/* varchar or nvarchar of the first argument's length; char becomes varchar. */
static struct tsql_decl text_type(const struct tsql_decl *args, size_t count)
{
	struct tsql_decl d = args[0];

	(void)count;
	if (!tsql_type_is_text(d.type))
		return (struct tsql_decl){ .type = TSQL_VARCHAR, .length = 8000 };
	d.type = type_info(d.type)->is_unicode ? TSQL_NVARCHAR : TSQL_VARCHAR;
	return d;
}

/* As text_type, but as long as that type gets (the text may grow). */
static struct tsql_decl grown_type(const struct tsql_decl *args, size_t count)
{
	struct tsql_decl d = text_type(args, count);

	for (size_t i = 1; i < count; i++)
		if (args[i].type == TSQL_NVARCHAR || args[i].type == TSQL_NCHAR)
			d.type = TSQL_NVARCHAR;
	if (d.length != TSQL_MAX)
		d.length = d.type == TSQL_NVARCHAR ? 4000 : 8000;
	return d;
}

static struct tsql_value make(const struct tsql_value *like, const char *text, size_t len)
{
	struct tsql_value v = tsql_value_text(like->type, text, len);

	v.length = like->length == 0 ? v.length : like->length;
	return v;
}

/* UTF-8 with one UTF-16 position: bytes before unit n. */
static size_t byte_at(const struct tsql_value *v, int64_t units)
{
	if (units <= 0)
		return 0;
	return utf8_prefix_utf16(v->s.data, v->s.len, (size_t)units);
}

static int text_len(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t;
	int r = text_argument(eval, &args[0], &t);

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
	int r = text_argument(eval, arg, &t);

	if (r < 0)
		return r;
	start = byte_at(&t, from);
	end = byte_at(&t, from + count);
	*ret = make(&t, t.s.data + start, end > start ? end - start : 0);
	tsql_value_release(&t);
	return 0;
}

static int text_left(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	int64_t n = 0;
	int r = number_argument(eval, &args[1], &n);

	(void)count;
	if (r == 0 && n < 0)
		r = sql_error(eval->err, 536, "Invalid length parameter passed to the left function.");
	return r < 0 ? r : slice(eval, &args[0], 0, n > INT32_MAX ? INT32_MAX : n, ret);
}

static int text_right(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t;
	int64_t n = 0, units;
	int r = number_argument(eval, &args[1], &n);

	(void)count;
	if (r == 0 && n < 0)
		r = sql_error(eval->err, 536, "Invalid length parameter passed to the right function.");
	if (r == 0)
		r = text_argument(eval, &args[0], &t);
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
	int r = number_argument(eval, &args[1], &from);

	(void)count;
	if (r == 0)
		r = number_argument(eval, &args[2], &n);
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

static int too_long(struct eval *eval)
{
	return sql_error(eval->err, 7105, "The result of a string function is longer than %zu bytes.", TEXT_MAX);
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

static int three_texts(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *t)
{
	int r = 0;

	for (size_t i = 0; i < count; i++)
		t[i] = tsql_null(TSQL_UNKNOWN);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = text_argument(eval, &args[i], &t[i]);
	if (r < 0)
		for (size_t i = 0; i < count; i++)
			tsql_value_release(&t[i]);
	return r;
}

static int text_replace(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t[3];
	struct buf out = BUF_INIT;
	size_t at = 0, hit;
	int r = three_texts(eval, args, count, t);

	if (r < 0)
		return r;
	buf_set_limit(&out, TEXT_MAX);
	while ((hit = find_text(&t[0], &t[1], at)) != SIZE_MAX) {
		size_t units = utf8_utf16_len(t[1].s.data, t[1].s.len);
		buf_add(&out, t[0].s.data + at, hit - at);
		buf_add(&out, t[2].s.data, t[2].s.len);
		at = hit + utf8_prefix_utf16(t[0].s.data + hit, t[0].s.len - hit, units);
	}
	buf_add(&out, t[0].s.data + at, t[0].s.len - at);
	r = out.overflow ? too_long(eval) : 0;
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
	int r = count == 3 ? number_argument(eval, &args[2], &from) : 0;

	if (r == 0)
		r = three_texts(eval, args, 2, t);
	if (r < 0)
		return r;
	at = find_text(&t[1], &t[0], byte_at(&t[1], from - 1));
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
	int r = three_texts(eval, args, count, t);

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
	int r = text_argument(eval, arg, &t);

	if (r < 0)
		return r;
	for (size_t i = 0; i < t.s.len; i += used) {
		char c[4];
		uint32_t code = map(utf8_decode(t.s.data + i, t.s.len - i, &used));
		buf_add(&out, c, utf8_encode(code, c));
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

static int trim(struct eval *eval, const struct tsql_value *arg, bool left, bool right, struct tsql_value *ret)
{
	struct tsql_value t;
	size_t a = 0, b;
	int r = text_argument(eval, arg, &t);

	if (r < 0)
		return r;
	b = t.s.len;
	while (left && a < b && t.s.data[a] == ' ')
		a++;
	while (right && b > a && t.s.data[b - 1] == ' ')
		b--;
	*ret = make(&t, t.s.data + a, b - a);
	tsql_value_release(&t);
	return 0;
}

static int text_ltrim(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)count;
	return trim(eval, &args[0], true, false, ret);
}

static int text_rtrim(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)count;
	return trim(eval, &args[0], false, true, ret);
}

static int text_trim(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	(void)count;
	return trim(eval, &args[0], true, true, ret);
}

static struct tsql_decl concat_type(const struct tsql_decl *args, size_t count)
{
	struct tsql_decl d = { .type = TSQL_VARCHAR, .length = 8000 };

	for (size_t i = 0; i < count; i++) {
		if (type_info(args[i].type)->is_unicode && d.type == TSQL_VARCHAR) {
			d.type = TSQL_NVARCHAR;
			d.length = d.length == TSQL_MAX ? TSQL_MAX : 4000;
		}
		if (args[i].length == TSQL_MAX)
			d.length = TSQL_MAX;
	}
	return d;
}

/* CONCAT and CONCAT_WS: NULLs count as nothing. */
static int concat(struct eval *eval, const struct tsql_value *args, size_t count, const struct tsql_value *separator,
    struct tsql_value *ret)
{
	struct buf out = BUF_INIT;
	enum tsql_type type = TSQL_VARCHAR;
	bool first = true;
	int r = 0;

	buf_set_limit(&out, TEXT_MAX);
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct tsql_value t;
		if (args[i].null)
			continue;
		r = text_argument(eval, &args[i], &t);
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
		r = too_long(eval);
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
	int r = args[0].null ? (separator = tsql_varchar(""), 0) : text_argument(eval, &args[0], &separator);

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
		r = number_argument(eval, &args[1], &length);
	if (r == 0 && count > 2)
		r = number_argument(eval, &args[2], &decimals);
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

	buf_set_limit(&out, TEXT_MAX);
	for (int64_t i = 0; i < n && !out.overflow && t->s.len; i++)
		buf_add(&out, t->s.data, t->s.len);
	r = out.overflow ? too_long(eval) : 0;
	if (r == 0)
		*ret = tsql_value_text(t->type, out.data, out.len);
	buf_release(&out);
	return r;
}

static int text_replicate(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t;
	int64_t n = 0;
	int r = number_argument(eval, &args[1], &n);

	(void)count;
	if (r == 0)
		r = text_argument(eval, &args[0], &t);
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
	int r = number_argument(eval, &args[0], &n);

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
	r = number_argument(eval, &args[1], &from);
	if (r == 0)
		r = number_argument(eval, &args[2], &n);
	if (r == 0)
		r = text_argument(eval, &args[0], &t);
	if (r == 0 && args[3].null)
		with = tsql_varchar("");
	else if (r == 0)
		r = text_argument(eval, &args[3], &with);
	if (r == 0 && (from < 1 || n < 0 || (uint64_t)from > utf8_utf16_len(t.s.data, t.s.len))) {
		*ret = tsql_null(t.type);
	} else if (r == 0) {
		a = byte_at(&t, from - 1);
		b = byte_at(&t, from - 1 + (n > INT32_MAX ? INT32_MAX : n));
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

static int text_reverse(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t;
	char *out;
	size_t at, used;
	int r = text_argument(eval, &args[0], &t);

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
	int r = number_argument(eval, &args[0], &n);

	(void)count;
	if (r < 0)
		return r;
	*ret = n < 1 || n > 255 ? tsql_null(TSQL_CHAR) : tsql_value_text(TSQL_VARCHAR, c, utf8_encode((uint32_t)n, c));
	return 0;
}

static int text_nchar(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	int64_t n = 0;
	char c[4];
	int r = number_argument(eval, &args[0], &n);

	(void)count;
	if (r < 0)
		return r;
	*ret = n < 1 || n > 0xFFFF ? tsql_null(TSQL_NVARCHAR) : tsql_value_text(TSQL_NVARCHAR, c, utf8_encode((uint32_t)n, c));
	return 0;
}

static int text_unicode(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t;
	size_t used;
	int r = text_argument(eval, &args[0], &t);

	(void)count;
	if (r < 0)
		return r;
	*ret = t.s.len ? tsql_int((int32_t)utf8_decode(t.s.data, t.s.len, &used)) : tsql_null(TSQL_INT);
	tsql_value_release(&t);
	return 0;
}

static int text_quotename(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	struct tsql_value t;
	struct buf out = BUF_INIT;
	char open = '[', close = ']';
	int r = text_argument(eval, &args[0], &t);

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

#define I { .type = TSQL_INT }
#define S FUNCTION_STRICT
const struct function functions_text[] = {
	{ "LEN", 1, 1, S, I, NULL, text_len, AGGREGATE_NONE, NULL },
	{ "DATALENGTH", 1, 1, S, I, NULL, text_datalength, AGGREGATE_NONE, NULL },
	{ "LEFT", 2, 2, S, { 0 }, text_type, text_left, AGGREGATE_NONE, NULL },
	{ "RIGHT", 2, 2, S, { 0 }, text_type, text_right, AGGREGATE_NONE, NULL },
	{ "SUBSTRING", 3, 3, S, { 0 }, text_type, text_substring, AGGREGATE_NONE, NULL },
	{ "REPLACE", 3, 3, S, { 0 }, grown_type, text_replace, AGGREGATE_NONE, NULL },
	{ "CHARINDEX", 2, 3, S, I, NULL, text_charindex, AGGREGATE_NONE, NULL },
	{ "PATINDEX", 2, 2, S, I, NULL, text_patindex, AGGREGATE_NONE, NULL },
	{ "UPPER", 1, 1, S, { 0 }, text_type, text_upper, AGGREGATE_NONE, NULL },
	{ "LOWER", 1, 1, S, { 0 }, text_type, text_lower, AGGREGATE_NONE, NULL },
	{ "LTRIM", 1, 1, S, { 0 }, text_type, text_ltrim, AGGREGATE_NONE, NULL },
	{ "RTRIM", 1, 1, S, { 0 }, text_type, text_rtrim, AGGREGATE_NONE, NULL },
	{ "TRIM", 1, 1, S, { 0 }, text_type, text_trim, AGGREGATE_NONE, NULL },
	{ "CONCAT", 2, 254, 0, { 0 }, concat_type, text_concat, AGGREGATE_NONE, NULL },
	{ "CONCAT_WS", 3, 254, 0, { 0 }, concat_type, text_concat_ws, AGGREGATE_NONE, NULL },
	{ "STR", 1, 3, S, { .type = TSQL_VARCHAR, .length = 10 }, NULL, text_str, AGGREGATE_NONE, NULL },
	{ "REPLICATE", 2, 2, S, { 0 }, grown_type, text_replicate, AGGREGATE_NONE, NULL },
	{ "SPACE", 1, 1, S, { .type = TSQL_VARCHAR, .length = 8000 }, NULL, text_space, AGGREGATE_NONE, NULL },
	{ "STUFF", 4, 4, 0, { 0 }, grown_type, text_stuff, AGGREGATE_NONE, NULL },
	{ "REVERSE", 1, 1, S, { 0 }, text_type, text_reverse, AGGREGATE_NONE, NULL },
	{ "CHAR", 1, 1, S, { .type = TSQL_VARCHAR, .length = 1 }, NULL, text_char, AGGREGATE_NONE, NULL },
	{ "NCHAR", 1, 1, S, { .type = TSQL_NVARCHAR, .length = 1 }, NULL, text_nchar, AGGREGATE_NONE, NULL },
	{ "ASCII", 1, 1, S, I, NULL, text_unicode, AGGREGATE_NONE, NULL },
	{ "UNICODE", 1, 1, S, I, NULL, text_unicode, AGGREGATE_NONE, NULL },
	{ "QUOTENAME", 1, 2, S, { .type = TSQL_NVARCHAR, .length = 258 }, NULL, text_quotename, AGGREGATE_NONE, NULL },
	{ .name = NULL },
};
