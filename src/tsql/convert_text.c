/* SPDX-License-Identifier: MIT */
/* Conversions to text and to bytes. */
#include "tsql/convert_impl.h"
#include "base/utf8.h"

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
		buf_add(ret, out, utf8_put(unit, out));
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
			buf_add(ret, out, utf8_put(code, out));
		}
	}
}

/* A comma for every three digits before the point. */
static void add_grouped(const char *number, struct buf *ret)
{
	size_t whole = strcspn(number, ".");

	for (size_t i = 0; number[i]; i++) {
		buf_addc(ret, number[i]);
		if (i + 1 < whole && number[i] != '-' && (whole - i - 1) % 3 == 0)
			buf_addc(ret, ',');
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
		if (c->style == 1)
			add_grouped(number, text);
		else
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
			    style, convert_type_name(v->type));
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
	return convert_overflow(c, tsql_type_is_integer(c->from->type) ? "expression" : convert_type_name(c->from->type));
}

int convert_to_text(const struct conversion *c, struct tsql_value *ret)
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

static int hex_to_binary(const struct conversion *c, struct buf *bytes)
{
	const char *p = c->from->s.data;
	size_t len = c->from->s.len, at = 0;

	if (c->style == 1) {
		if (len < 2 || p[0] != '0' || (p[1] | 32) != 'x')
			return convert_bad_type(c);
		at = 2;
	}
	if ((len - at) % 2)
		return convert_bad_type(c);
	for (; at < len; at += 2) {
		int high = hex_digit(p[at]), low = hex_digit(p[at + 1]);
		if (high < 0 || low < 0)
			return convert_bad_type(c);
		buf_addc(bytes, (char)(high << 4 | low));
	}
	return 0;
}

void convert_uuid_to_binary(const struct uuid *id, struct buf *bytes)
{
	static const unsigned char order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

	for (int i = 0; i < 16; i++)
		buf_addc(bytes, (char)id->bytes[order[i]]);
}

int convert_to_binary(const struct conversion *c, struct tsql_value *ret)
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
		convert_uuid_to_binary(&v->uuid, &bytes);
		break;
	case FAMILY_INTEGER:
	case FAMILY_MONEY:
		for (int i = v->type <= TSQL_INT ? width[v->type] : 8; i > 0; i--)
			buf_addc(&bytes, (char)(v->i >> (8 * (i - 1))));
		break;
	default:
		r = sql_error(c->err, 529, "Explicit conversion from data type %s to %s is not allowed.", convert_type_name(v->type),
		    convert_type_name(c->to.type));
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
