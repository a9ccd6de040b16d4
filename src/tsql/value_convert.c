/* SPDX-License-Identifier: MIT */
/*
 * Conversions between types: a table says which pairs exist and whether they
 * need CAST, and one function per family of target types does the work.
 */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "tsql/datetime.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

struct conversion {
	const struct tsql_value *from;
	struct tsql_decl to;
	int style; /* -1 = none given */
	struct err *err;
};

/*
 * Rows: from; columns: to, both in the order of enum type_family from
 * FAMILY_INTEGER on. i = implicit, e = needs CAST or CONVERT, - = never.
 */
static const char allowed[FAMILY_COUNT][FAMILY_COUNT + 1] = {
	/* to:             IDMFTBdtDXUxV */
	[FAMILY_INTEGER] = "iiiiii--i---i",
	[FAMILY_DECIMAL] = "iiiiii--i---i",
	[FAMILY_MONEY] = "iiiiii--i---i",
	[FAMILY_FLOAT] = "iiiiie--i---i",
	[FAMILY_TEXT] = "iiiiieiiiiiii",
	[FAMILY_BINARY] = "iii-iieeieiei",
	[FAMILY_DATE] = "----iei-ii--i",
	[FAMILY_TIME] = "----ie-iii--i",
	[FAMILY_DATETIME] = "eeeeieiiii--i",
	[FAMILY_DATETIME2] = "----ieiiii--i",
	[FAMILY_UUID] = "----ie----i-i",
	[FAMILY_XML] = "----ee-----i-",
};

static const char *name_of(enum tsql_type type)
{
	return type == TSQL_DECIMAL ? "numeric" : tsql_type_name(type);
}

static int overflow_expression(const struct conversion *c, const char *what)
{
	return sql_error(c->err, 8115, "Arithmetic overflow error converting %s to data type %s.", what,
	    name_of(c->to.type));
}

static int bad_type(const struct conversion *c)
{
	return sql_error_full(c->err, 8114, 16, 5, "Error converting data type %s to %s.", name_of(c->from->type),
	    name_of(c->to.type));
}

static int bad_text(const struct conversion *c)
{
	return sql_error(c->err, 245, "Conversion failed when converting the %s value '%.*s' to data type %s.",
	    name_of(c->from->type), c->from->s.len > 200 ? 200 : (int)c->from->s.len, c->from->s.data,
	    name_of(c->to.type));
}

/* The text without blanks around. */
static const char *trimmed(const struct tsql_value *v, size_t *len)
{
	const char *p = v->s.data;
	size_t n = v->s.len;

	while (n && *p == ' ')
		p++, n--;
	while (n && p[n - 1] == ' ')
		n--;
	*len = n;
	return p;
}

/* --- integers --- */

static int integer_range(const struct conversion *c, int64_t v)
{
	static const struct {
		int64_t low, high;
	} range[] = {
		[TSQL_TINYINT] = { 0, 255 },
		[TSQL_SMALLINT] = { INT16_MIN, INT16_MAX },
		[TSQL_INT] = { INT32_MIN, INT32_MAX },
		[TSQL_BIGINT] = { INT64_MIN, INT64_MAX },
	};

	if (c->to.type == TSQL_BIT || (v >= range[c->to.type].low && v <= range[c->to.type].high))
		return 0;
	if (tsql_type_is_text(c->from->type)) {
		if (c->to.type == TSQL_INT)
			return sql_error(c->err, 248, "The conversion of the %s value '%s' overflowed an int column.",
			    name_of(c->from->type), c->from->s.data);
		return sql_error(c->err, 244,
		    "The conversion of the %s value '%s' overflowed an %s column. Use a larger integer column.",
		    name_of(c->from->type), c->from->s.data, c->to.type == TSQL_TINYINT ? "INT1" : "INT2");
	}
	if (c->to.type != TSQL_INT && tsql_type_is_integer(c->from->type))
		return sql_error_full(c->err, 220, 16, 1, "Arithmetic overflow error for data type %s, value = %lld.",
		    name_of(c->to.type), (long long)v);
	return overflow_expression(c, tsql_type_is_integer(c->from->type) ? "expression" : name_of(c->from->type));
}

static int text_to_integer(const struct conversion *c, int64_t *ret)
{
	char text[32], *end;
	size_t len;
	const char *p = trimmed(c->from, &len);

	*ret = 0;
	if (len == 0)
		return 0;
	if (c->to.type == TSQL_BIT && (len == 4 || len == 5)) {
		*ret = len == 4 && strncasecmp(p, "true", 4) == 0;
		if (*ret || (len == 5 && strncasecmp(p, "false", 5) == 0))
			return 0;
	}
	for (size_t i = 0; i < len; i++)
		if ((p[i] < '0' || p[i] > '9') && !(i == 0 && len > 1 && (p[i] == '-' || p[i] == '+')))
			return c->to.type == TSQL_BIGINT ? bad_type(c) : bad_text(c);
	while (len > 1 && *p == '0')
		p++, len--;
	errno = 0;
	snprintf(text, sizeof(text), "%.*s", (int)len, p);
	*ret = strtoll(text, &end, 10);
	if (len > 30 || errno == ERANGE) {
		if (c->to.type == TSQL_BIGINT)
			return overflow_expression(c, name_of(c->from->type));
		*ret = INT64_MAX;
	}
	return 0;
}

static int binary_to_integer(const struct conversion *c, int64_t *ret)
{
	static const unsigned width[] = { [TSQL_BIT] = 1, [TSQL_TINYINT] = 1, [TSQL_SMALLINT] = 2, [TSQL_INT] = 4,
		[TSQL_BIGINT] = 8 };
	unsigned bytes = width[c->to.type];
	const struct tsql_value *v = c->from;
	uint64_t u = 0;

	for (size_t i = v->s.len > bytes ? v->s.len - bytes : 0; i < v->s.len; i++)
		u = (u << 8) | (unsigned char)v->s.data[i];
	if (bytes == 2)
		*ret = (int16_t)u;
	else if (bytes == 4)
		*ret = (int32_t)u;
	else
		*ret = (int64_t)u;
	return 0;
}

/* Days since 1900-01-01, rounded, as CAST(datetime AS int) gives. */
static double days_since_1900(int64_t ticks)
{
	return (double)(ticks - clock_days_from_civil(1900, 1, 1) * TICKS_PER_DAY) / (double)TICKS_PER_DAY;
}

static int to_integer(const struct conversion *c, struct tsql_value *ret)
{
	const struct tsql_value *v = c->from;
	struct decimal d;
	int64_t i = 0;
	int r = 0;

	switch (type_info(v->type)->family) {
	case FAMILY_INTEGER:
		i = v->i;
		break;
	case FAMILY_DECIMAL:
		d = value_to_decimal(v);
		if (c->to.type == TSQL_BIT)
			i = d.units != 0;
		else if (!decimal_to_int(&d, &i))
			return overflow_expression(c, "numeric");
		break;
	case FAMILY_MONEY: /* money rounds, decimal cuts */
		i = c->to.type == TSQL_BIT ? v->i != 0 : (v->i >= 0 ? v->i + 5000 : v->i - 5000) / 10000;
		break;
	case FAMILY_FLOAT:
		if (!isfinite(v->f) || fabs(v->f) >= 9.3e18 || (c->to.type == TSQL_INT && fabs(v->f) >= 2147483649.0))
			return sql_error_full(c->err, 232, 16, 3, "Arithmetic overflow error for type %s, value = %f.",
			    name_of(c->to.type), v->f);
		if (fabs(v->f) >= 9223372036854775808.0)
			return overflow_expression(c, "expression");
		i = c->to.type == TSQL_BIT ? v->f != 0 : (int64_t)v->f;
		break;
	case FAMILY_TEXT:
		r = text_to_integer(c, &i);
		break;
	case FAMILY_BINARY:
		r = binary_to_integer(c, &i);
		break;
	default: /* datetime */
		i = (int64_t)floor(days_since_1900(v->i) + 0.5);
	}
	if (r < 0 || (r = integer_range(c, i)) < 0)
		return r;
	ret->i = c->to.type == TSQL_BIT ? i != 0 : i;
	return 0;
}

/* --- decimal, money, float --- */

/* The exact decimal a value holds, before it is fitted to a declaration. */
static int exact_decimal(const struct conversion *c, int precision, int scale, struct decimal *ret)
{
	const struct tsql_value *v = c->from;
	struct decimal d = { 0 };
	size_t len;
	const char *p;

	switch (type_info(v->type)->family) {
	case FAMILY_FLOAT:
		if (!decimal_from_double(v->f, precision, scale, &d))
			return overflow_expression(c, name_of(v->type));
		break;
	case FAMILY_TEXT:
		p = trimmed(v, &len);
		if (!decimal_parse(p, len, &d))
			return bad_type(c);
		break;
	case FAMILY_DATETIME:
		if (!decimal_from_double(days_since_1900(v->i), precision, scale, &d))
			return overflow_expression(c, name_of(v->type));
		break;
	case FAMILY_BINARY: {
		struct conversion as_int = *c;
		int64_t i;
		as_int.to.type = TSQL_BIGINT;
		binary_to_integer(&as_int, &i);
		d = decimal_from_int(i);
		break;
	}
	default:
		d = value_to_decimal(v);
	}
	*ret = d;
	return 0;
}

static int to_decimal(const struct conversion *c, struct tsql_value *ret)
{
	struct decimal d;
	int r = exact_decimal(c, c->to.precision, c->to.scale, &d);

	if (r < 0)
		return r;
	if (!decimal_rescale(&d, c->to.precision, c->to.scale, &d))
		return sql_error_full(c->err, 8115, 16, 8, "Arithmetic overflow error converting %s to data type numeric.",
		    name_of(c->from->type));
	*ret = value_decimal(&d);
	return 0;
}

static int money_from_text(const struct conversion *c, struct decimal *ret)
{
	char text[DECIMAL_TEXT_MAX];
	size_t len, n = 0;
	const char *p = trimmed(c->from, &len);

	for (size_t i = 0; i < len && n < sizeof(text) - 1; i++)
		if (p[i] != '$' && p[i] != ',')
			text[n++] = p[i];
	if (n == 0)
		text[n++] = '0';
	if (len >= sizeof(text) || !decimal_parse(text, n, ret))
		return sql_error(c->err, 235, "Cannot convert a char value to money. The char value has incorrect syntax.");
	return 0;
}

static int to_money(const struct conversion *c, struct tsql_value *ret)
{
	struct decimal d;
	int64_t limit = c->to.type == TSQL_MONEY ? INT64_MAX : INT32_MAX;
	int r = tsql_type_is_text(c->from->type) ? money_from_text(c, &d) : exact_decimal(c, 19, 4, &d);

	if (r < 0)
		return r;
	if (!decimal_rescale(&d, 38, 4, &d) || d.units > limit || d.units < -(__int128)limit - 1)
		return overflow_expression(c, tsql_type_is_integer(c->from->type) ? "expression" : name_of(c->from->type));
	ret->i = (int64_t)d.units;
	return 0;
}

static int text_to_float(const struct conversion *c, double *ret)
{
	char text[400], *end;
	size_t len;
	const char *p = trimmed(c->from, &len);

	*ret = 0;
	if (len == 0)
		return 0;
	if (len >= sizeof(text) || strspn(p, "0123456789+-.eE") < len)
		return bad_type(c);
	memcpy(text, p, len);
	text[len] = '\0';
	*ret = strtod(text, &end);
	if (end != text + len)
		return bad_type(c);
	return isfinite(*ret) ? 0 : overflow_expression(c, name_of(c->from->type));
}

static int to_float(const struct conversion *c, struct tsql_value *ret)
{
	const struct tsql_value *v = c->from;
	double f = 0;
	int r = 0;

	switch (type_info(v->type)->family) {
	case FAMILY_FLOAT:
		f = v->f;
		break;
	case FAMILY_INTEGER:
		f = (double)v->i;
		break;
	case FAMILY_TEXT:
		r = text_to_float(c, &f);
		break;
	case FAMILY_DATETIME:
		f = days_since_1900(v->i);
		break;
	default: {
		struct decimal d = value_to_decimal(v);
		f = decimal_to_double(&d);
	}
	}
	if (r < 0)
		return r;
	if (c->to.type == TSQL_REAL) {
		if (fabs(f) > 3.40e38)
			return overflow_expression(c, "expression");
		f = (double)(float)f;
	}
	ret->f = f;
	return 0;
}

/* --- text and bytes --- */

static void utf16le_to_utf8(const char *data, size_t len, struct buf *ret)
{
	for (size_t i = 0; i + 1 < len; i += 2) {
		uint32_t unit = (unsigned char)data[i] | (uint32_t)(unsigned char)data[i + 1] << 8;
		char out[4];
		if (unit >= 0xD800 && unit < 0xDC00 && i + 3 < len) {
			uint32_t low = (unsigned char)data[i + 2] | (uint32_t)(unsigned char)data[i + 3] << 8;
			if (low >= 0xDC00 && low < 0xE000) {
				unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
				i += 2;
			}
		}
		buf_add(ret, out, utf8_encode(unit, out));
	}
}

static void utf8_to_utf16le(const char *text, size_t len, struct buf *ret)
{
	size_t used;

	for (size_t i = 0; i < len; i += used) {
		uint32_t code = utf8_decode(text + i, len - i, &used);
		if (code > 0xFFFF) {
			uint32_t high = 0xD800 + ((code - 0x10000) >> 10);
			buf_addc(ret, (char)high);
			buf_addc(ret, (char)(high >> 8));
			code = 0xDC00 + ((code - 0x10000) & 0x3FF);
		}
		buf_addc(ret, (char)code);
		buf_addc(ret, (char)(code >> 8));
	}
}

static void binary_to_text(const struct conversion *c, struct buf *ret)
{
	const struct tsql_value *v = c->from;
	size_t used;

	if (c->style == 1 || c->style == 2) {
		if (c->style == 1)
			buf_adds(ret, "0x");
		for (size_t i = 0; i < v->s.len; i++)
			buf_addf(ret, "%02X", (unsigned char)v->s.data[i]);
	} else if (type_info(c->to.type)->is_unicode) {
		utf16le_to_utf8(v->s.data, v->s.len, ret);
	} else {
		for (size_t i = 0; i < v->s.len; i += used) {
			char out[4];
			uint32_t code = utf8_decode(v->s.data + i, v->s.len - i, &used);
			buf_add(ret, out, utf8_encode(code, out));
		}
	}
}

/* Six digits and a three-digit exponent, as CAST(float AS varchar) shows them. */
static void float_to_text(double f, int style, struct buf *ret)
{
	char text[64], *e;

	snprintf(text, sizeof(text), style == 1 ? "%.7e" : style == 2 ? "%.15e" : style == 3 ? "%.17g" : "%.6g", f);
	e = strchr(text, 'e');
	if (e) {
		int exponent = (int)strtol(e + 1, NULL, 10);
		*e = '\0';
		buf_addf(ret, "%se%c%03d", text, exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
	} else {
		buf_adds(ret, text);
	}
}

static int value_to_text(const struct conversion *c, struct buf *text)
{
	const struct tsql_value *v = c->from;
	struct decimal d;
	char number[DECIMAL_TEXT_MAX];

	switch (type_info(v->type)->family) {
	case FAMILY_TEXT:
	case FAMILY_XML:
		buf_add(text, v->s.data, v->s.len);
		return 0;
	case FAMILY_BINARY:
		binary_to_text(c, text);
		return 0;
	case FAMILY_MONEY:
		d = value_to_decimal(v);
		if (c->style != 2)
			decimal_rescale(&d, 38, 2, &d);
		decimal_format(&d, number);
		buf_adds(text, number);
		return 0;
	case FAMILY_FLOAT:
		float_to_text(v->f, c->style, text);
		return 0;
	case FAMILY_DATE:
	case FAMILY_TIME:
	case FAMILY_DATETIME:
	case FAMILY_DATETIME2: {
		bool old = type_info(v->type)->family == FAMILY_DATETIME;
		int style = c->style >= 0 ? c->style : old ? 0 : 121;
		if (!datetime_format_style(v->type, v->i, v->scale, v->offset_min, style, text))
			return sql_error(c->err, 281, "%d is not a valid style number when converting from %s to a character string.",
			    style, name_of(v->type));
		return 0;
	}
	default:
		tsql_value_format(v, text);
		return 0;
	}
}

/* A number that does not fit: '*' in varchar, an error in nvarchar. */
static int number_too_long(const struct conversion *c, struct buf *text)
{
	if (tsql_type_is_integer(c->from->type) && !type_info(c->to.type)->is_unicode) {
		buf_clear(text);
		buf_addc(text, '*');
		return 0;
	}
	return overflow_expression(c, tsql_type_is_integer(c->from->type) ? "expression" : name_of(c->from->type));
}

static int to_text(const struct conversion *c, struct tsql_value *ret)
{
	struct buf text = BUF_INIT;
	size_t units;
	int r = value_to_text(c, &text);

	if (r < 0)
		goto out;
	units = utf8_utf16_len(text.data, text.len);
	if (c->to.length > 0 && units > (size_t)c->to.length) {
		if (type_is_number(c->from->type) && (r = number_too_long(c, &text)) < 0)
			goto out;
		if (c->from->type == TSQL_UNIQUEIDENTIFIER) {
			r = sql_error(c->err, 8170, "Insufficient result space to convert uniqueidentifier value to char.");
			goto out;
		}
		buf_truncate(&text, utf8_prefix_utf16(text.data, text.len, (size_t)c->to.length));
	}
	for (units = utf8_utf16_len(text.data, text.len);
	     type_info(c->to.type)->is_fixed && units < (size_t)c->to.length; units++)
		buf_addc(&text, ' ');
	ret->s.len = text.len;
	ret->s.data = buf_detach(&text);
	r = 0;
out:
	buf_release(&text);
	return r;
}

static int hex_digit(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 32;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

static int hex_to_binary(const struct conversion *c, struct buf *bytes)
{
	const char *p = c->from->s.data;
	size_t len = c->from->s.len, at = 0;

	if (c->style == 1) {
		if (len < 2 || p[0] != '0' || (p[1] | 32) != 'x')
			return bad_type(c);
		at = 2;
	}
	if ((len - at) % 2)
		return bad_type(c);
	for (; at < len; at += 2) {
		int high = hex_digit(p[at]), low = hex_digit(p[at + 1]);
		if (high < 0 || low < 0)
			return bad_type(c);
		buf_addc(bytes, (char)(high << 4 | low));
	}
	return 0;
}

static void uuid_to_binary(const struct uuid *id, struct buf *bytes)
{
	static const unsigned char order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

	for (int i = 0; i < 16; i++)
		buf_addc(bytes, (char)id->bytes[order[i]]);
}

static int to_binary(const struct conversion *c, struct tsql_value *ret)
{
	static const int width[] = { [TSQL_BIT] = 1, [TSQL_TINYINT] = 1, [TSQL_SMALLINT] = 2, [TSQL_INT] = 4 };
	const struct tsql_value *v = c->from;
	struct buf bytes = BUF_INIT;
	int r = 0;

	switch (type_info(v->type)->family) {
	case FAMILY_TEXT:
	case FAMILY_XML:
		if (c->style == 1 || c->style == 2)
			r = hex_to_binary(c, &bytes);
		else if (type_info(v->type)->is_unicode)
			utf8_to_utf16le(v->s.data, v->s.len, &bytes);
		else
			buf_add(&bytes, v->s.data, v->s.len);
		break;
	case FAMILY_BINARY:
		buf_add(&bytes, v->s.data, v->s.len);
		break;
	case FAMILY_UUID:
		uuid_to_binary(&v->uuid, &bytes);
		break;
	case FAMILY_INTEGER:
	case FAMILY_MONEY:
		for (int i = v->type <= TSQL_INT ? width[v->type] : 8; i > 0; i--)
			buf_addc(&bytes, (char)(v->i >> (8 * (i - 1))));
		break;
	default:
		r = sql_error(c->err, 529, "Explicit conversion from data type %s to %s is not allowed.", name_of(v->type),
		    name_of(c->to.type));
	}
	if (r < 0) {
		buf_release(&bytes);
		return r;
	}
	if (c->to.length > 0 && bytes.len > (size_t)c->to.length) {
		if (type_is_number(v->type)) /* numbers keep their low bytes */
			buf_consume(&bytes, bytes.len - (size_t)c->to.length);
		else
			buf_truncate(&bytes, (size_t)c->to.length);
	}
	while (c->to.type == TSQL_BINARY && bytes.len < (size_t)c->to.length)
		buf_addc(&bytes, '\0');
	ret->s.len = bytes.len;
	buf_reserve(&bytes, 1);
	ret->s.data = buf_detach(&bytes);
	return 0;
}

/* --- dates --- */

static int bad_date(const struct conversion *c)
{
	return sql_error(c->err, 241, "Conversion failed when converting date and/or time from character string.");
}

static int text_to_datetime(const struct conversion *c, struct tsql_value *ret)
{
	struct datetime_parts p;
	size_t len;
	const char *text = trimmed(c->from, &len);

	if (len == 0)
		p = (struct datetime_parts){ .year = 1900, .month = 1, .day = 1 };
	else if (!datetime_parse(text, len, &p))
		return bad_date(c);
	if (p.has_offset && type_info(c->to.type)->family == FAMILY_DATETIME)
		return bad_date(c);
	ret->i = c->to.type == TSQL_TIME ? p.ticks : datetime_ticks(&p);
	if (c->to.type == TSQL_DATETIMEOFFSET) {
		ret->offset_min = p.offset_min;
		ret->i -= p.offset_min * (60 * TICKS_PER_SECOND);
	}
	return 0;
}

/* Civil ticks of a date and time value (a time is on 1900-01-01). */
static int64_t civil_ticks(const struct tsql_value *v)
{
	if (v->type == TSQL_TIME)
		return clock_days_from_civil(1900, 1, 1) * TICKS_PER_DAY + v->i;
	return v->i + v->offset_min * (60 * TICKS_PER_SECOND);
}

static int number_to_datetime(const struct conversion *c, struct tsql_value *ret)
{
	struct conversion as_float = *c;
	struct tsql_value f = { .type = TSQL_FLOAT };
	int r;

	as_float.to.type = TSQL_FLOAT;
	r = c->from->type <= TSQL_BIGINT || type_is_number(c->from->type) ? to_float(&as_float, &f) : bad_date(c);
	if (r < 0)
		return r;
	if (fabs(f.f) > 3000000)
		return overflow_expression(c, "expression");
	ret->i = clock_days_from_civil(1900, 1, 1) * TICKS_PER_DAY + (int64_t)llround(f.f * (double)TICKS_PER_DAY);
	return 0;
}

static int to_datetime(const struct conversion *c, struct tsql_value *ret)
{
	const struct tsql_value *v = c->from;
	int r = 0;

	if (tsql_type_is_text(v->type)) {
		r = text_to_datetime(c, ret);
	} else if (!type_is_datetime(v->type)) {
		r = number_to_datetime(c, ret);
	} else if (v->type == TSQL_DATETIMEOFFSET && c->to.type == TSQL_DATETIMEOFFSET) {
		ret->i = v->i;
		ret->offset_min = v->offset_min;
	} else {
		ret->i = civil_ticks(v);
		if (c->to.type == TSQL_TIME)
			ret->i %= TICKS_PER_DAY;
	}
	if (r < 0)
		return r;
	if (ret->i < 0 || !datetime_round(c->to.type, c->to.scale, &ret->i))
		return sql_error(c->err, 242,
		    "The conversion of a %s data type to a %s data type resulted in an out-of-range value.",
		    name_of(v->type), name_of(c->to.type));
	ret->scale = c->to.scale;
	return 0;
}

/* --- the rest --- */

static int to_uuid(const struct conversion *c, struct tsql_value *ret)
{
	const struct tsql_value *v = c->from;
	size_t len;

	if (v->type == TSQL_UNIQUEIDENTIFIER) {
		ret->uuid = v->uuid;
		return 0;
	}
	if (type_info(v->type)->family == FAMILY_BINARY) {
		struct uuid raw = { { 0 } };
		struct buf swapped = BUF_INIT;
		memcpy(raw.bytes, v->s.data, v->s.len < 16 ? v->s.len : 16);
		uuid_to_binary(&raw, &swapped); /* the swap is its own inverse */
		memcpy(ret->uuid.bytes, swapped.data, 16);
		buf_release(&swapped);
		return 0;
	}
	len = v->s.len;
	if (len > 36 && v->s.data[0] != '{')
		len = 36; /* the server looks at the first 36 characters only */
	if (len > 38)
		len = 38;
	if (!uuid_parse(v->s.data, len, &ret->uuid))
		return sql_error_full(c->err, 8169, 16, 2,
		    "Conversion failed when converting from a character string to uniqueidentifier.");
	return 0;
}

static int (*const convert_to[FAMILY_COUNT])(const struct conversion *, struct tsql_value *) = {
	[FAMILY_INTEGER] = to_integer,
	[FAMILY_DECIMAL] = to_decimal,
	[FAMILY_MONEY] = to_money,
	[FAMILY_FLOAT] = to_float,
	[FAMILY_TEXT] = to_text,
	[FAMILY_BINARY] = to_binary,
	[FAMILY_DATE] = to_datetime,
	[FAMILY_TIME] = to_datetime,
	[FAMILY_DATETIME] = to_datetime,
	[FAMILY_DATETIME2] = to_datetime,
	[FAMILY_UUID] = to_uuid,
	[FAMILY_XML] = to_text,
};

static int check_allowed(const struct conversion *c, bool cast)
{
	enum type_family from = type_info(c->from->type)->family, to = type_info(c->to.type)->family;
	char rule = '-';

	if (to != FAMILY_NONE && from != FAMILY_NONE && from < FAMILY_VARIANT)
		rule = allowed[from][to - FAMILY_INTEGER];
	if (rule == 'i' || (rule == 'e' && cast))
		return 0;
	if (rule == 'e')
		return sql_error_full(c->err, 257, 16, 3,
		    "Implicit conversion from data type %s to %s is not allowed. Use the CONVERT function to run this query.",
		    name_of(c->from->type), name_of(c->to.type));
	if (cast)
		return sql_error_full(c->err, 529, 16, 2, "Explicit conversion from data type %s to %s is not allowed.",
		    name_of(c->from->type), name_of(c->to.type));
	return sql_error_full(c->err, 206, 16, 2, "Operand type clash: %s is incompatible with %s",
	    name_of(c->from->type), name_of(c->to.type));
}

static int convert(const struct tsql_value *value, const struct tsql_decl *decl, int style, bool cast,
    struct tsql_value *ret, struct err *err)
{
	struct tsql_value made;
	struct conversion c = { .from = value, .to = decl_complete(*decl, cast), .style = style, .err = err };
	int r;

	if (c.to.type == TSQL_VARIANT || c.to.type == TSQL_UNKNOWN) {
		made = tsql_value_copy(value);
		goto done;
	}
	made = (struct tsql_value){ .type = c.to.type, .length = c.to.length, .scale = c.to.scale,
		.precision = type_is_datetime(c.to.type) ? 0 : c.to.precision };
	if (value->null) {
		made.null = true;
		goto done;
	}
	r = check_allowed(&c, cast);
	if (r == 0) {
		struct tsql_value v = made;
		r = convert_to[type_info(c.to.type)->family](&c, &v);
		if (r == 0) {
			v.length = made.length;
			made = v;
		}
	}
	if (r < 0)
		return r;
done:
	*ret = made;
	return 0;
}

int tsql_value_convert(const struct tsql_value *value, const struct tsql_decl *decl,
    struct tsql_value *ret, struct err *err)
{
	return convert(value, decl, -1, false, ret, err);
}

int value_cast(const struct tsql_value *value, const struct tsql_decl *decl, int style,
    struct tsql_value *ret, struct err *err)
{
	return convert(value, decl, style, true, ret, err);
}

/* --- order --- */

static int compare_text(const struct tsql_value *a, const struct tsql_value *b)
{
	size_t x = a->s.len, y = b->s.len;

	while (x && a->s.data[x - 1] == ' ')
		x--;
	while (y && b->s.data[y - 1] == ' ')
		y--;
	return utf8_ncasecmp(a->s.data, x, b->s.data, y);
}

static int compare_bytes(const struct tsql_value *a, const struct tsql_value *b)
{
	size_t n = a->s.len < b->s.len ? a->s.len : b->s.len;
	int r = n ? memcmp(a->s.data, b->s.data, n) : 0;

	return r ? r : (a->s.len > b->s.len) - (a->s.len < b->s.len);
}

static int compare_same(const struct tsql_value *a, const struct tsql_value *b)
{
	struct decimal x, y;

	switch (type_info(a->type)->family) {
	case FAMILY_TEXT:
	case FAMILY_XML:
		return compare_text(a, b);
	case FAMILY_BINARY:
		return compare_bytes(a, b);
	case FAMILY_DECIMAL:
		x = value_to_decimal(a);
		y = value_to_decimal(b);
		return decimal_compare(&x, &y);
	case FAMILY_FLOAT:
		return (a->f > b->f) - (a->f < b->f);
	case FAMILY_UUID:
		return memcmp(&a->uuid, &b->uuid, sizeof(a->uuid));
	default:
		return (a->i > b->i) - (a->i < b->i);
	}
}

int tsql_value_compare(const struct tsql_value *a, const struct tsql_value *b, int *ret, struct err *err)
{
	struct tsql_decl x = decl_of(a), y = decl_of(b), meet;
	struct tsql_value ca = tsql_null(TSQL_UNKNOWN), cb = tsql_null(TSQL_UNKNOWN);
	int r;

	if (a->null || b->null)
		return err_set(err, ERR_INVALID, "NULL cannot be compared");
	if (type_info(a->type)->family == type_info(b->type)->family) {
		*ret = compare_same(a, b);
		return 0;
	}
	meet = decl_unite(&x, &y);
	r = tsql_value_convert(a, &meet, &ca, err);
	if (r == 0)
		r = tsql_value_convert(b, &meet, &cb, err);
	if (r == 0)
		*ret = compare_same(&ca, &cb);
	tsql_value_release(&ca);
	tsql_value_release(&cb);
	return r;
}
