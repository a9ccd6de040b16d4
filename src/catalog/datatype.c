/* SPDX-License-Identifier: MIT */
/*
 * One row per SSIS type. A value suits when its base type is in the row's
 * set; integers of a narrower type suit a wider one too, because literals and
 * variables of people's scripts are often int or smallint. What is kept is a
 * value that a sql_variant of the product could hold, and that the runtime's
 * type can: SQL has no unsigned integers, so their range is checked here.
 */
#include "catalog/datatype.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/utf8.h"

/* Most characters of a text in a sql_variant; longer texts are an extension, and nvarchar(max). */
#define VARIANT_TEXT_MAX 4000
#define DECIMAL_SCALE_MAX 28 /* of the runtime's type, whose value has 96 bits */

#define T(type) (1u << TSQL_##type)
#define TEXTS (T(CHAR) | T(VARCHAR) | T(TEXT) | T(NCHAR) | T(NVARCHAR) | T(NTEXT))
#define BYTES (T(BINARY) | T(VARBINARY))
#define DATES (T(DATE) | T(SMALLDATETIME) | T(DATETIME) | T(DATETIME2) | T(DATETIMEOFFSET))
#define FLOATS (T(DECIMAL) | T(MONEY) | T(SMALLMONEY) | T(REAL) | T(FLOAT))
#define UP_TO_SMALL (T(TINYINT) | T(SMALLINT))
#define UP_TO_INT (UP_TO_SMALL | T(INT))
#define UP_TO_BIG (UP_TO_INT | T(BIGINT))
_Static_assert(TSQL_TYPE_COUNT <= 32, "types fit in a mask");

#define ANY NULL, NULL
static const struct row {
	struct datatype type;
	unsigned accepts;
	const char *low, *high; /* the value's digits without the point; NULL where the SQL type is as narrow */
} rows[] = {
	{ { "Boolean", { .type = TSQL_BIT }, true }, T(BIT) | UP_TO_INT, ANY },
	{ { "Byte", { .type = TSQL_TINYINT }, true }, T(TINYINT) | BYTES, ANY },
	{ { "Char", { .type = TSQL_NCHAR, .length = 1 }, false }, TEXTS, ANY },
	{ { "DateTime", { .type = TSQL_DATETIME2, .scale = 7 }, true }, DATES, ANY },
	{ { "Decimal", { .type = TSQL_DECIMAL, .precision = 38, .scale = 10 }, true },
	    FLOATS | UP_TO_BIG, "-79228162514264337593543950335", "79228162514264337593543950335" },
	{ { "Double", { .type = TSQL_FLOAT, .precision = 53 }, true }, FLOATS, ANY },
	{ { "Int16", { .type = TSQL_SMALLINT }, true }, UP_TO_SMALL, ANY },
	{ { "Int32", { .type = TSQL_INT }, true }, UP_TO_INT, ANY },
	{ { "Int64", { .type = TSQL_BIGINT }, true }, UP_TO_BIG, ANY },
	{ { "SByte", { .type = TSQL_SMALLINT }, false }, UP_TO_SMALL, "-128", "127" },
	{ { "Single", { .type = TSQL_REAL, .precision = 24 }, true }, FLOATS, ANY },
	{ { "String", { .type = TSQL_NVARCHAR, .length = VARIANT_TEXT_MAX }, true },
	    TEXTS | T(XML) | T(UNIQUEIDENTIFIER), ANY },
	{ { "UInt16", { .type = TSQL_INT }, true }, UP_TO_INT, "0", "65535" },
	{ { "UInt32", { .type = TSQL_BIGINT }, true }, UP_TO_BIG, "0", "4294967295" },
	{ { "UInt64", { .type = TSQL_DECIMAL, .precision = 20 }, true }, UP_TO_BIG | T(DECIMAL), "0",
	    "18446744073709551615" },
};

const struct datatype *datatype_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcasecmp(rows[i].type.name, name) == 0)
			return &rows[i].type;
	return NULL;
}

const struct datatype *datatype_of(const char *name)
{
	const struct datatype *type = datatype_find(name);

	return type ? type : datatype_find("String");
}

static const struct row *row_of(const struct datatype *type)
{
	return (const struct row *)(const void *)type;
}
_Static_assert(offsetof(struct row, type) == 0, "a row begins with its type");

bool datatype_accepts(const struct datatype *type, const struct tsql_value *value)
{
	return value->null || (row_of(type)->accepts & (1u << value->type)) != 0;
}

/* --- what a value becomes --- */

/* The same sign: by length, then by digits. */
static int compare_digits(const char *a, const char *b)
{
	size_t x = strlen(a), y = strlen(b);

	return x != y ? (x > y) - (x < y) : strcmp(a, b);
}

static int compare_signed(const char *a, const char *b)
{
	bool minus = *a == '-';

	if (minus != (*b == '-'))
		return minus ? -1 : 1;
	return minus ? compare_digits(b + 1, a + 1) : compare_digits(a, b);
}

/* The value's digits without the point and without zeros in front. */
static void add_digits(const struct tsql_value *value, struct buf *ret)
{
	struct buf text = BUF_INIT;
	const char *p;

	tsql_value_format(value, &text);
	p = text.data;
	if (*p == '-')
		buf_addc(ret, *p++);
	while (*p == '0' || *p == '.')
		p++;
	for (; *p; p++)
		if (*p != '.')
			buf_addc(ret, *p);
	if (strcmp(ret->data, "-") == 0 || ret->len == 0)
		buf_clear(ret), buf_addc(ret, '0');
	buf_release(&text);
}

static int check_range(const struct row *row, const struct tsql_value *value, struct err *err)
{
	struct buf digits = BUF_INIT;
	int r = 0;

	if (!row->high)
		return 0;
	add_digits(value, &digits);
	if (compare_signed(digits.data, row->low) < 0 || compare_signed(digits.data, row->high) > 0 ||
	    (value->type == TSQL_DECIMAL && value->scale > DECIMAL_SCALE_MAX))
		r = err_set(err, ERR_INVALID, "it is out of the range of the type");
	buf_release(&digits);
	return r;
}

/* A decimal keeps the digits behind its point; a float, which has no number of them, gets the type's. */
static struct tsql_decl decimal_of(const struct datatype *type, const struct tsql_value *value)
{
	struct tsql_decl decl = type->decl;
	const char *point;

	if (value->type == TSQL_DECIMAL) {
		decl.precision = value->precision;
		decl.scale = value->scale;
	} else if (value->type == TSQL_MONEY || value->type == TSQL_SMALLMONEY) {
		decl.precision = 19;
		decl.scale = 4;
	} else if (tsql_type_is_integer(value->type)) {
		decl.precision = 19;
		decl.scale = 0;
	} else if (tsql_type_is_text(value->type) && !value->null) {
		point = memchr(value->s.data, '.', value->s.len);
		decl.scale = point ? (int)strspn(point + 1, "0123456789") : 0;
		if (decl.scale > DECIMAL_SCALE_MAX)
			decl.scale = DECIMAL_SCALE_MAX;
	}
	return decl;
}

/* A byte as binary, one character: what SQL would cut without a word. */
static int check_length(const struct datatype *type, const struct tsql_value *value, struct err *err)
{
	size_t len = value->s.len, units;

	if (type->decl.type == TSQL_TINYINT)
		return len == 1 ? 0 : err_set(err, ERR_INVALID, "it has %zu bytes", len);
	while (len > 1 && value->s.data[len - 1] == ' ')
		len--;
	units = utf8_utf16_len(value->s.data, len);
	return units == 1 ? 0 : err_set(err, ERR_INVALID, "it has %zu characters", units);
}

static struct tsql_decl kept_as(const struct datatype *type, const struct tsql_value *value)
{
	struct tsql_decl decl = type->decl;

	if (type == datatype_find("Decimal"))
		return decimal_of(type, value);
	if (decl.type == TSQL_NVARCHAR && !value->null && tsql_type_is_text(value->type) &&
	    utf8_utf16_len(value->s.data, value->s.len) > VARIANT_TEXT_MAX)
		decl.length = TSQL_MAX;
	return decl;
}

static int keep(const struct datatype *type, const struct tsql_value *value, struct tsql_value *ret, struct err *err)
{
	struct tsql_decl decl = kept_as(type, value);
	int r = tsql_value_convert(value, &decl, ret, err);

	if (r == 0 && !ret->null && (r = check_range(row_of(type), ret, err)) < 0)
		tsql_value_release(ret);
	return r;
}

int datatype_convert(const struct datatype *type, const struct tsql_value *value,
    struct tsql_value *ret, struct err *err)
{
	struct tsql_value byte;
	int r = 0;

	if (value->null) {
		*ret = tsql_null(type->decl.type);
		return 0;
	}
	if ((type->decl.type == TSQL_TINYINT && value->type != TSQL_TINYINT) || type->decl.type == TSQL_NCHAR)
		r = check_length(type, value, err);
	if (r < 0)
		return r;
	if (type->decl.type == TSQL_TINYINT && value->type != TSQL_TINYINT) {
		byte = tsql_int((unsigned char)value->s.data[0]);
		value = &byte;
	}
	return keep(type, value, ret, err);
}

int datatype_from_text(const struct datatype *type, const char *text, struct tsql_value *ret,
    struct err *err)
{
	struct tsql_value value = tsql_nvarchar(text);
	int r;

	if (text && type->decl.type == TSQL_BIT) {
		*ret = tsql_bit(strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0 ||
		    strcmp(text, "-1") == 0);
		r = 0;
	} else if (text && !*text && type->decl.type != TSQL_NVARCHAR && type->decl.type != TSQL_NCHAR)
		r = datatype_from_text(type, NULL, ret, err);
	else
		r = keep(type, &value, ret, err);
	tsql_value_release(&value);
	return r;
}

void datatype_to_text(const struct tsql_value *value, struct buf *ret)
{
	if (value->type == TSQL_BIT)
		buf_adds(ret, value->i ? "True" : "False");
	else
		tsql_value_format(value, ret);
}
