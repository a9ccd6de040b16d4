/* SPDX-License-Identifier: MIT */
/*
 * Conversions between types: a table says which pairs exist and whether they
 * need CAST, and one function per family of target types does the work
 * (convert_number.c, convert_text.c; dates and GUIDs here). And the order of values.
 */
#include <math.h>

#include "tsql/convert_impl.h"

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

const char *convert_type_name(enum tsql_type type)
{
	return type == TSQL_DECIMAL ? "numeric" : tsql_type_name(type);
}

int convert_overflow(const struct conversion *c, const char *what)
{
	return sql_error(c->err, 8115, "Arithmetic overflow error converting %s to data type %s.", what,
	    convert_type_name(c->to.type));
}

int convert_bad_type(const struct conversion *c)
{
	return sql_error_full(c->err, 8114, 16, 5, "Error converting data type %s to %s.", convert_type_name(c->from->type),
	    convert_type_name(c->to.type));
}

/* The text without blanks around. */
const char *convert_trimmed(const struct tsql_value *v, size_t *len)
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

/* --- dates --- */

static int bad_date(const struct conversion *c)
{
	return sql_error(c->err, 241, "Conversion failed when converting date and/or time from character string.");
}

static int text_to_datetime(const struct conversion *c, struct tsql_value *ret)
{
	struct datetime_parts p;
	size_t len;
	const char *text = convert_trimmed(c->from, &len);

	if (len == 0)
		p = (struct datetime_parts){ .year = 1900, .month = 1, .day = 1 };
	else if (!datetime_parse_style(text, len, c->style, &p))
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
	r = c->from->type <= TSQL_BIGINT || type_is_number(c->from->type) ? convert_to_float(&as_float, &f) : bad_date(c);
	if (r < 0)
		return r;
	if (fabs(f.f) > 3000000)
		return convert_overflow(c, "expression");
	ret->i = clock_days_from_civil(1900, 1, 1) * TICKS_PER_DAY + (int64_t)llround(f.f * (double)TICKS_PER_DAY);
	return 0;
}

int convert_to_datetime(const struct conversion *c, struct tsql_value *ret)
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
		    convert_type_name(v->type), convert_type_name(c->to.type));
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
		convert_uuid_to_binary(&raw, &swapped); /* the swap is its own inverse */
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
	[FAMILY_INTEGER] = convert_to_integer,
	[FAMILY_DECIMAL] = convert_to_decimal,
	[FAMILY_MONEY] = convert_to_money,
	[FAMILY_FLOAT] = convert_to_float,
	[FAMILY_TEXT] = convert_to_text,
	[FAMILY_BINARY] = convert_to_binary,
	[FAMILY_DATE] = convert_to_datetime,
	[FAMILY_TIME] = convert_to_datetime,
	[FAMILY_DATETIME] = convert_to_datetime,
	[FAMILY_DATETIME2] = convert_to_datetime,
	[FAMILY_UUID] = to_uuid,
	[FAMILY_XML] = convert_to_text,
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
		    convert_type_name(c->from->type), convert_type_name(c->to.type));
	if (cast)
		return sql_error_full(c->err, 529, 16, 2, "Explicit conversion from data type %s to %s is not allowed.",
		    convert_type_name(c->from->type), convert_type_name(c->to.type));
	return sql_error_full(c->err, 206, 16, 2, "Operand type clash: %s is incompatible with %s",
	    convert_type_name(c->from->type), convert_type_name(c->to.type));
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

int tsql_value_cast(const struct tsql_value *value, const struct tsql_decl *decl, int style,
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
