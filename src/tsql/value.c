/* SPDX-License-Identifier: MIT */
/* Types and values: the type table, constructors, copying, and how declarations unite. */
#include "tsql/value.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "tsql/types.h"

static const struct type_info types[] = {
	[TSQL_UNKNOWN] = { "NULL", FAMILY_NONE, 0, 0, 0, false, false },
	[TSQL_BIT] = { "bit", FAMILY_INTEGER, 12, 0, 0, false, false },
	[TSQL_TINYINT] = { "tinyint", FAMILY_INTEGER, 13, 0, 0, false, false },
	[TSQL_SMALLINT] = { "smallint", FAMILY_INTEGER, 14, 0, 0, false, false },
	[TSQL_INT] = { "int", FAMILY_INTEGER, 15, 0, 0, false, false },
	[TSQL_BIGINT] = { "bigint", FAMILY_INTEGER, 16, 0, 0, false, false },
	[TSQL_DECIMAL] = { "decimal", FAMILY_DECIMAL, 19, 0, 0, false, false },
	[TSQL_MONEY] = { "money", FAMILY_MONEY, 18, 0, 0, false, false },
	[TSQL_SMALLMONEY] = { "smallmoney", FAMILY_MONEY, 17, 0, 0, false, false },
	[TSQL_REAL] = { "real", FAMILY_FLOAT, 20, 0, 0, false, false },
	[TSQL_FLOAT] = { "float", FAMILY_FLOAT, 21, 0, 0, false, false },
	[TSQL_CHAR] = { "char", FAMILY_TEXT, 3, 1, 0, false, true },
	[TSQL_VARCHAR] = { "varchar", FAMILY_TEXT, 4, 1, 0, false, false },
	[TSQL_TEXT] = { "text", FAMILY_TEXT, 10, TSQL_MAX, 0, false, false },
	[TSQL_NCHAR] = { "nchar", FAMILY_TEXT, 5, 1, 0, true, true },
	[TSQL_NVARCHAR] = { "nvarchar", FAMILY_TEXT, 6, 1, 0, true, false },
	[TSQL_NTEXT] = { "ntext", FAMILY_TEXT, 11, TSQL_MAX, 0, true, false },
	[TSQL_BINARY] = { "binary", FAMILY_BINARY, 1, 1, 0, false, true },
	[TSQL_VARBINARY] = { "varbinary", FAMILY_BINARY, 2, 1, 0, false, false },
	[TSQL_IMAGE] = { "image", FAMILY_BINARY, 9, TSQL_MAX, 0, false, false },
	[TSQL_DATE] = { "date", FAMILY_DATE, 23, 0, 0, false, false },
	[TSQL_TIME] = { "time", FAMILY_TIME, 22, 0, 7, false, false },
	[TSQL_SMALLDATETIME] = { "smalldatetime", FAMILY_DATETIME, 24, 0, 0, false, false },
	[TSQL_DATETIME] = { "datetime", FAMILY_DATETIME, 25, 0, 3, false, false },
	[TSQL_DATETIME2] = { "datetime2", FAMILY_DATETIME2, 26, 0, 7, false, false },
	[TSQL_DATETIMEOFFSET] = { "datetimeoffset", FAMILY_DATETIME2, 27, 0, 7, false, false },
	[TSQL_UNIQUEIDENTIFIER] = { "uniqueidentifier", FAMILY_UUID, 7, 0, 0, false, false },
	[TSQL_XML] = { "xml", FAMILY_XML, 28, TSQL_MAX, 0, true, false },
	[TSQL_VARIANT] = { "sql_variant", FAMILY_VARIANT, 29, 0, 0, false, false },
	[TSQL_TABLE] = { "table", FAMILY_NONE, 30, 0, 0, false, false },
};
_Static_assert(ARRAY_LEN(types) == TSQL_TYPE_COUNT, "every type has a row");

/* Names that are not in the table above. */
static const struct {
	const char *name;
	enum tsql_type type;
	int length;
} other_names[] = {
	{ "numeric", TSQL_DECIMAL, 0 },
	{ "dec", TSQL_DECIMAL, 0 },
	{ "integer", TSQL_INT, 0 },
	{ "sysname", TSQL_NVARCHAR, 128 },
	{ "character", TSQL_CHAR, 0 },
	{ "rowversion", TSQL_BINARY, 8 },
	{ "timestamp", TSQL_BINARY, 8 },
};

const struct type_info *type_info(enum tsql_type type)
{
	assert(type < TSQL_TYPE_COUNT);
	return &types[type];
}

const char *tsql_type_name(enum tsql_type type)
{
	return type_info(type)->name;
}

struct tsql_decl type_from_name(const char *name, size_t len)
{
	struct tsql_decl d = { 0 };

	for (size_t i = TSQL_BIT; i < TSQL_TABLE; i++) {
		if (strlen(types[i].name) == len && strncasecmp(types[i].name, name, len) == 0) {
			d.type = (enum tsql_type)i;
			return d;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(other_names); i++) {
		if (strlen(other_names[i].name) == len && strncasecmp(other_names[i].name, name, len) == 0) {
			d.type = other_names[i].type;
			d.length = other_names[i].length;
		}
	}
	return d;
}

bool tsql_type_is_text(enum tsql_type type)
{
	return type_info(type)->family == FAMILY_TEXT;
}

bool tsql_type_is_integer(enum tsql_type type)
{
	return type_info(type)->family == FAMILY_INTEGER;
}

bool type_is_datetime(enum tsql_type type)
{
	return type >= TSQL_DATE && type <= TSQL_DATETIMEOFFSET;
}

bool type_is_number(enum tsql_type type)
{
	enum type_family f = type_info(type)->family;

	return f >= FAMILY_INTEGER && f <= FAMILY_FLOAT;
}

struct tsql_decl decl_complete(struct tsql_decl d, bool cast)
{
	const struct type_info *info = type_info(d.type);

	if (d.length == 0)
		d.length = info->default_length == 1 && cast ? 30 : info->default_length;
	if (d.type == TSQL_DECIMAL && d.precision == 0)
		d.precision = 18;
	if (info->default_scale && d.scale == 0 && d.precision == 0)
		d.scale = info->default_scale;
	if (type_is_datetime(d.type))
		d.precision = 1; /* marks the scale as meant: time(0) has scale 0 */
	return d;
}

struct tsql_decl decl_of(const struct tsql_value *v)
{
	struct tsql_decl d = {
		.type = v->type, .length = v->length, .precision = v->precision, .scale = v->scale
	};

	if (type_is_datetime(v->type))
		d.precision = 1;
	if (d.length == 0 && type_info(d.type)->default_length)
		d.length = TSQL_MAX; /* a NULL made without a declaration could be of any length */
	return d;
}

static const int integer_digits[] = { [TSQL_BIT] = 1, [TSQL_TINYINT] = 3, [TSQL_SMALLINT] = 5, [TSQL_INT] = 10,
	[TSQL_BIGINT] = 19 };

struct tsql_decl decl_as_decimal(const struct tsql_decl *d)
{
	struct tsql_decl r = { .type = TSQL_DECIMAL, .precision = d->precision, .scale = d->scale };

	if (tsql_type_is_integer(d->type)) {
		r.precision = d->precision ? d->precision : integer_digits[d->type]; /* a literal has as many as it shows */
		r.scale = 0;
	} else if (type_info(d->type)->family == FAMILY_MONEY) {
		r.precision = d->type == TSQL_MONEY ? 19 : 10;
		r.scale = 4;
	}
	return r;
}

/* Digits before the point and after it that a number type needs. */
static void digits_of(const struct tsql_decl *d, int *whole, int *fraction)
{
	*fraction = 0;
	if (tsql_type_is_integer(d->type)) {
		*whole = integer_digits[d->type];
	} else if (type_info(d->type)->family == FAMILY_MONEY) {
		*whole = d->type == TSQL_MONEY ? 15 : 6;
		*fraction = 4;
	} else {
		*whole = d->precision - d->scale;
		*fraction = d->scale;
	}
}

struct tsql_decl decl_unite(const struct tsql_decl *a, const struct tsql_decl *b)
{
	const struct tsql_decl *high = type_info(a->type)->precedence >= type_info(b->type)->precedence ? a : b;
	const struct tsql_decl *low = high == a ? b : a;
	struct tsql_decl r = *high;

	if (r.length != 0 && (low->length == TSQL_MAX || (r.length != TSQL_MAX && low->length > r.length)))
		r.length = low->length;
	if (low->type == r.type && low->scale > r.scale && r.type != TSQL_DECIMAL)
		r.scale = low->scale;
	if (r.type == TSQL_DECIMAL && (tsql_type_is_integer(low->type) || low->type == TSQL_DECIMAL ||
		type_info(low->type)->family == FAMILY_MONEY)) {
		int w1, f1, w2, f2;
		digits_of(high, &w1, &f1);
		digits_of(low, &w2, &f2);
		r.scale = f1 > f2 ? f1 : f2;
		r.precision = (w1 > w2 ? w1 : w2) + r.scale;
		if (r.precision > DECIMAL_MAX_PRECISION) {
			r.scale -= r.precision - DECIMAL_MAX_PRECISION;
			r.precision = DECIMAL_MAX_PRECISION;
			if (r.scale < 0)
				r.scale = 0;
		}
	}
	/* char(2) with char(5), char with varchar: the result varies in length */
	if (type_info(r.type)->is_fixed && low->type != TSQL_UNKNOWN && low->length != high->length)
		r.type = r.type == TSQL_CHAR ? TSQL_VARCHAR : r.type == TSQL_NCHAR ? TSQL_NVARCHAR : TSQL_VARBINARY;
	return r;
}

/* --- constructors --- */

struct tsql_value tsql_null(enum tsql_type type)
{
	struct tsql_value v = { .type = type, .null = true };

	return v;
}

static struct tsql_value integer(enum tsql_type type, int64_t i)
{
	struct tsql_value v = { .type = type, .i = i };

	return v;
}

struct tsql_value tsql_bit(bool value)
{
	return integer(TSQL_BIT, value);
}

struct tsql_value tsql_smallint(int16_t value)
{
	return integer(TSQL_SMALLINT, value);
}

struct tsql_value tsql_int(int32_t value)
{
	return integer(TSQL_INT, value);
}

struct tsql_value tsql_bigint(int64_t value)
{
	return integer(TSQL_BIGINT, value);
}

struct tsql_value tsql_float(double value)
{
	struct tsql_value v = { .type = TSQL_FLOAT, .f = value };

	return v;
}

static struct tsql_value bytes(enum tsql_type type, const char *data, size_t len, size_t length, size_t most)
{
	struct tsql_value v = { .type = type };

	if (!data) {
		v.null = true;
		return v;
	}
	v.length = length == 0 ? 1 : length > most ? TSQL_MAX : (int)length;
	v.s.data = xmalloc(len + 1);
	if (len)
		memcpy(v.s.data, data, len);
	v.s.data[len] = '\0';
	v.s.len = len;
	return v;
}

struct tsql_value tsql_value_text(enum tsql_type type, const char *text, size_t len)
{
	return bytes(type, text, len, text ? utf8_utf16_len(text, len) : 0,
	    type_info(type)->is_unicode ? 4000 : 8000);
}

struct tsql_value value_text_declared(enum tsql_type type, const char *text, size_t len, int length)
{
	struct tsql_value v = bytes(type, text, len, 0, 0);

	v.length = length;
	return v;
}

struct tsql_value tsql_nvarchar(const char *text)
{
	return tsql_value_text(TSQL_NVARCHAR, text, text ? strlen(text) : 0);
}

struct tsql_value tsql_nvarchar_n(const char *text, size_t len)
{
	return tsql_value_text(TSQL_NVARCHAR, text, len);
}

struct tsql_value tsql_varchar(const char *text)
{
	return tsql_value_text(TSQL_VARCHAR, text, text ? strlen(text) : 0);
}

struct tsql_value tsql_varbinary(const void *data, size_t len)
{
	return bytes(TSQL_VARBINARY, data, len, len, 8000);
}

struct tsql_value tsql_uuid(const struct uuid *id)
{
	struct tsql_value v = { .type = TSQL_UNIQUEIDENTIFIER, .uuid = *id };

	return v;
}

struct tsql_value tsql_datetimeoffset(int64_t utc_ticks)
{
	struct tsql_value v = { .type = TSQL_DATETIMEOFFSET, .scale = 7, .i = utc_ticks };

	v.offset_min = clock_local_offset_min(utc_ticks);
	return v;
}

struct tsql_value value_decimal(const struct decimal *d)
{
	char text[DECIMAL_TEXT_MAX];
	struct tsql_value v = { .type = TSQL_DECIMAL, .precision = d->precision, .scale = d->scale };

	decimal_format(d, text);
	v.s.len = strlen(text);
	v.s.data = xstrndup(text, v.s.len);
	return v;
}

struct decimal value_to_decimal(const struct tsql_value *v)
{
	struct decimal d = { 0 };

	if (v->type == TSQL_MONEY || v->type == TSQL_SMALLMONEY) {
		d.units = v->i;
		d.precision = v->type == TSQL_MONEY ? 19 : 10;
		d.scale = 4;
		return d;
	}
	if (v->type != TSQL_DECIMAL) {
		struct tsql_decl declared = decl_of(v);
		d = decimal_from_int(v->i);
		d.precision = decl_as_decimal(&declared).precision;
		return d;
	}
	if (decimal_parse(v->s.data, v->s.len, &d)) {
		d.precision = v->precision;
		d.scale = v->scale;
	}
	return d;
}

static bool owns_bytes(enum tsql_type type)
{
	enum type_family f = type_info(type)->family;

	return f == FAMILY_TEXT || f == FAMILY_BINARY || f == FAMILY_DECIMAL || f == FAMILY_XML;
}

void tsql_value_release(struct tsql_value *v)
{
	if (!v->null && owns_bytes(v->type) && v->s.data) {
		mem_wipe(v->s.data, v->s.len);
		free(v->s.data);
	}
	*v = tsql_null(TSQL_UNKNOWN);
}

struct tsql_value tsql_value_copy(const struct tsql_value *v)
{
	struct tsql_value copy = *v;

	if (!v->null && owns_bytes(v->type)) {
		copy.s.data = xmalloc(v->s.len + 1);
		memcpy(copy.s.data, v->s.data, v->s.len);
		copy.s.data[v->s.len] = '\0';
	}
	return copy;
}

size_t value_units(const struct tsql_value *v)
{
	return type_info(v->type)->family == FAMILY_BINARY ? v->s.len : utf8_utf16_len(v->s.data, v->s.len);
}
