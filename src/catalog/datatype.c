/* SPDX-License-Identifier: MIT */
/*
 * One row per SSIS type. A value suits when its base type is in the row's
 * set; integers of a narrower type suit a wider one too, because literals and
 * variables of people's scripts are often int or smallint.
 */
#include "catalog/datatype.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define T(type) (1u << TSQL_##type)
#define TEXTS (T(CHAR) | T(VARCHAR) | T(TEXT) | T(NCHAR) | T(NVARCHAR) | T(NTEXT))
#define BYTES (T(BINARY) | T(VARBINARY))
#define DATES (T(DATE) | T(SMALLDATETIME) | T(DATETIME) | T(DATETIME2) | T(DATETIMEOFFSET))
#define FLOATS (T(DECIMAL) | T(MONEY) | T(SMALLMONEY) | T(REAL) | T(FLOAT))
#define UP_TO_SMALL (T(TINYINT) | T(SMALLINT))
#define UP_TO_INT (UP_TO_SMALL | T(INT))
#define UP_TO_BIG (UP_TO_INT | T(BIGINT))
_Static_assert(TSQL_TYPE_COUNT <= 32, "types fit in a mask");

static const struct row {
	struct datatype type;
	unsigned accepts;
} rows[] = {
	{ { "Boolean", { .type = TSQL_BIT }, true }, T(BIT) | UP_TO_INT },
	{ { "Byte", { .type = TSQL_TINYINT }, true }, T(TINYINT) | BYTES },
	{ { "Char", { .type = TSQL_NCHAR, .length = 1 }, false }, TEXTS },
	{ { "DateTime", { .type = TSQL_DATETIME2, .scale = 7 }, true }, DATES },
	{ { "Decimal", { .type = TSQL_DECIMAL, .precision = 38, .scale = 10 }, true },
	    FLOATS | UP_TO_BIG },
	{ { "Double", { .type = TSQL_FLOAT, .precision = 53 }, true }, FLOATS },
	{ { "Int16", { .type = TSQL_SMALLINT }, true }, UP_TO_SMALL },
	{ { "Int32", { .type = TSQL_INT }, true }, UP_TO_INT },
	{ { "Int64", { .type = TSQL_BIGINT }, true }, UP_TO_BIG },
	{ { "SByte", { .type = TSQL_SMALLINT }, false }, UP_TO_SMALL },
	{ { "Single", { .type = TSQL_REAL, .precision = 24 }, true }, FLOATS },
	{ { "String", { .type = TSQL_NVARCHAR, .length = TSQL_MAX }, true },
	    TEXTS | T(XML) | T(UNIQUEIDENTIFIER) },
	{ { "UInt16", { .type = TSQL_INT }, true }, UP_TO_INT },
	{ { "UInt32", { .type = TSQL_BIGINT }, true }, UP_TO_BIG },
	{ { "UInt64", { .type = TSQL_DECIMAL, .precision = 20 }, true }, UP_TO_BIG | T(DECIMAL) },
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

int datatype_convert(const struct datatype *type, const struct tsql_value *value,
    struct tsql_value *ret, struct err *err)
{
	if (value->null) {
		*ret = tsql_null(type->decl.type);
		return 0;
	}
	if (type->decl.type == TSQL_TINYINT && value->type != TSQL_TINYINT) { /* a byte as binary */
		struct tsql_value byte;

		if (value->s.len != 1)
			return err_set(err, ERR_INVALID, "it has %zu bytes", value->s.len);
		byte = tsql_int((unsigned char)value->s.data[0]);
		return tsql_value_convert(&byte, &type->decl, ret, err);
	}
	return tsql_value_convert(value, &type->decl, ret, err);
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
		r = tsql_value_convert(&value, &type->decl, ret, err);
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
