/* SPDX-License-Identifier: MIT */
/* Numbers of types and schemas, and what a type's values measure: what sys.types, sys.columns and COL_LENGTH tell. */
#include "base/mem.h"
#include "base/utf8.h"
#include "tsql/server.h"
#include "tsql/types.h"

/* As sys.types has them; 0 where the declaration decides. */
static const struct {
	enum tsql_type type;
	int id, bytes, precision, scale;
} types[] = {
	{ TSQL_IMAGE, 34, 16, 0, 0 },
	{ TSQL_TEXT, 35, 16, 0, 0 },
	{ TSQL_UNIQUEIDENTIFIER, 36, 16, 0, 0 },
	{ TSQL_DATE, 40, 3, 10, 0 },
	{ TSQL_TIME, 41, 0, 8, 0 },
	{ TSQL_DATETIME2, 42, 0, 19, 0 },
	{ TSQL_DATETIMEOFFSET, 43, 0, 26, 0 },
	{ TSQL_TINYINT, 48, 1, 3, 0 },
	{ TSQL_SMALLINT, 52, 2, 5, 0 },
	{ TSQL_INT, 56, 4, 10, 0 },
	{ TSQL_SMALLDATETIME, 58, 4, 16, 0 },
	{ TSQL_REAL, 59, 4, 24, 0 },
	{ TSQL_MONEY, 60, 8, 19, 4 },
	{ TSQL_DATETIME, 61, 8, 23, 3 },
	{ TSQL_FLOAT, 62, 8, 53, 0 },
	{ TSQL_VARIANT, 98, 8016, 0, 0 },
	{ TSQL_NTEXT, 99, 16, 0, 0 },
	{ TSQL_BIT, 104, 1, 1, 0 },
	{ TSQL_DECIMAL, 106, 0, 0, 0 },
	{ TSQL_SMALLMONEY, 122, 4, 10, 4 },
	{ TSQL_BIGINT, 127, 8, 19, 0 },
	{ TSQL_VARBINARY, 165, 0, 0, 0 },
	{ TSQL_VARCHAR, 167, 0, 0, 0 },
	{ TSQL_BINARY, 173, 0, 0, 0 },
	{ TSQL_CHAR, 175, 0, 0, 0 },
	{ TSQL_NVARCHAR, 231, 0, 0, 0 },
	{ TSQL_NCHAR, 239, 0, 0, 0 },
	{ TSQL_XML, 241, -1, 0, 0 },
};

static void of_declaration(const struct tsql_decl *d, struct tsql_type_facts *f)
{
	int time = d->scale <= 2 ? 3 : d->scale <= 4 ? 4 : 5;

	switch (d->type) {
	case TSQL_DECIMAL:
		f->bytes = d->precision <= 9 ? 5 : d->precision <= 19 ? 9 : d->precision <= 28 ? 13 : 17;
		f->precision = d->precision;
		f->scale = d->scale;
		break;
	case TSQL_TIME:
	case TSQL_DATETIME2:
	case TSQL_DATETIMEOFFSET:
		f->bytes = time + (d->type == TSQL_TIME ? 0 : d->type == TSQL_DATETIME2 ? 3 : 5);
		f->precision += d->scale ? d->scale + 1 : 0;
		f->scale = d->scale;
		break;
	default:
		if (f->bytes == 0)
			f->bytes = d->length == TSQL_MAX ? -1 : type_info(d->type)->is_unicode ? 2 * d->length : d->length;
	}
}

struct tsql_type_facts tsql_decl_facts(const struct tsql_decl *decl)
{
	struct tsql_decl whole = decl_complete(*decl, false);
	struct tsql_type_facts f = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].type == decl->type)
			f = (struct tsql_type_facts){ types[i].id, types[i].bytes, types[i].precision, types[i].scale };
	of_declaration(&whole, &f);
	return f;
}

enum tsql_type tsql_type_of_id(int64_t id)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].id == id)
			return types[i].type;
	return TSQL_UNKNOWN;
}

size_t tsql_type_each(size_t i, enum tsql_type *ret)
{
	if (i < ARRAY_LEN(types))
		*ret = types[i].type;
	return ARRAY_LEN(types);
}

static const char *const schemas[] = { NULL, "dbo", "guest", "INFORMATION_SCHEMA", "sys", "catalog", "internal", "scaleout" };

const char *tsql_schema_name(int64_t id)
{
	return id > 0 && id < (int64_t)ARRAY_LEN(schemas) ? schemas[id] : NULL;
}

int tsql_schema_id(const char *name)
{
	for (int i = 1; i < (int)ARRAY_LEN(schemas); i++)
		if (utf8_casecmp(schemas[i], name) == 0)
			return i;
	return 0;
}
