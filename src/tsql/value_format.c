/* SPDX-License-Identifier: MIT */
/* Values as text: what sqlcmd prints, T-SQL literals, quoted names, declarations. */
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "tsql/datetime.h"
#include "tsql/types.h"

void tsql_decl_format(const struct tsql_decl *decl, struct buf *ret)
{
	struct tsql_decl d = decl_complete(*decl, false);
	const struct type_info *info = type_info(d.type);

	buf_adds(ret, info->name);
	if (d.type == TSQL_DECIMAL)
		buf_addf(ret, "(%d,%d)", d.precision, d.scale);
	else if (info->default_length == 1 && d.length == TSQL_MAX)
		buf_adds(ret, "(max)");
	else if (info->default_length == 1)
		buf_addf(ret, "(%d)", d.length);
	else if (d.type == TSQL_TIME || d.type == TSQL_DATETIME2 || d.type == TSQL_DATETIMEOFFSET)
		buf_addf(ret, "(%d)", d.scale);
}

static void format_float(const struct tsql_value *v, struct buf *ret)
{
	char text[64];

	/* The shortest text that reads back the same, at most 17 digits (real: 9). */
	for (int digits = v->type == TSQL_REAL ? 6 : 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v->f);
		if (v->type == TSQL_REAL ? (float)strtod(text, NULL) == (float)v->f : strtod(text, NULL) == v->f)
			break;
	}
	buf_adds(ret, text);
}

static void format_binary(const struct tsql_value *v, struct buf *ret)
{
	static const char hex[] = "0123456789ABCDEF";

	buf_adds(ret, "0x");
	buf_reserve(ret, v->s.len * 2);
	for (size_t i = 0; i < v->s.len; i++) {
		buf_addc(ret, hex[(unsigned char)v->s.data[i] >> 4]);
		buf_addc(ret, hex[v->s.data[i] & 15]);
	}
}

void tsql_value_format(const struct tsql_value *v, struct buf *ret)
{
	char text[DECIMAL_TEXT_MAX];
	struct decimal d;

	if (v->null) {
		buf_adds(ret, "NULL");
		return;
	}
	switch (type_info(v->type)->family) {
	case FAMILY_INTEGER:
		buf_addf(ret, "%" PRId64, v->i);
		break;
	case FAMILY_MONEY:
		d = value_to_decimal(v);
		decimal_format(&d, text);
		buf_adds(ret, text);
		break;
	case FAMILY_FLOAT:
		format_float(v, ret);
		break;
	case FAMILY_BINARY:
		format_binary(v, ret);
		break;
	case FAMILY_DATE:
	case FAMILY_TIME:
	case FAMILY_DATETIME:
	case FAMILY_DATETIME2:
		datetime_format_iso(v->type, v->i, v->scale, v->offset_min, ret);
		break;
	case FAMILY_UUID:
		uuid_format(&v->uuid, true, text);
		buf_adds(ret, text);
		break;
	default:
		buf_add(ret, v->s.data, v->s.len);
	}
}

static void quote(const char *text, size_t len, char open, char close, struct buf *ret)
{
	buf_addc(ret, open);
	for (size_t i = 0; i < len; i++) {
		buf_addc(ret, text[i]);
		if (text[i] == close)
			buf_addc(ret, close);
	}
	buf_addc(ret, close);
}

void tsql_quote_name(const char *name, struct buf *ret)
{
	quote(name, strlen(name), '[', ']', ret);
}

/* int, decimal, nvarchar, varchar and varbinary have literals of their own; the others are cast. */
static bool has_literal(const struct tsql_value *v)
{
	switch (v->type) {
	case TSQL_INT:
	case TSQL_DECIMAL:
	case TSQL_VARCHAR:
	case TSQL_NVARCHAR:
	case TSQL_VARBINARY:
	case TSQL_UNKNOWN:
		return true;
	default:
		return false;
	}
}

void tsql_value_literal(const struct tsql_value *v, struct buf *ret)
{
	struct tsql_decl decl = decl_of(v);
	struct buf text = BUF_INIT;

	if (v->null) {
		buf_adds(ret, "NULL");
		return;
	}
	if (!has_literal(v))
		buf_adds(ret, "CAST(");
	tsql_value_format(v, &text);
	if (tsql_type_is_text(v->type) || v->type == TSQL_XML || type_is_datetime(v->type) ||
	    v->type == TSQL_UNIQUEIDENTIFIER) {
		if (type_info(v->type)->is_unicode)
			buf_addc(ret, 'N');
		quote(text.data, text.len, '\'', '\'', ret);
	} else {
		buf_add(ret, text.data, text.len);
		if (type_info(v->type)->family == FAMILY_FLOAT && !strpbrk(text.data, "eE"))
			buf_adds(ret, "e0");
	}
	if (!has_literal(v)) {
		buf_adds(ret, " AS ");
		tsql_decl_format(&decl, ret);
		buf_addc(ret, ')');
	}
	buf_release(&text);
}
