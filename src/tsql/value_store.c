/* SPDX-License-Identifier: MIT */
/* Values in SQLite: bind, column, and the text form of sql_variant (value.h says which storage each type has). */
#include <inttypes.h>
#include <sqlite3.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "tsql/sqlerr.h"
#include "tsql/store.h"
#include "tsql/types.h"

static int bind_text(struct sqlite3_stmt *stmt, int index, const struct tsql_value *v)
{
	struct buf text = BUF_INIT;
	int r;

	tsql_value_format(v, &text);
	r = sqlite3_bind_text64(stmt, index, text.data, text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
	buf_release(&text);
	return r;
}

int tsql_value_bind(struct sqlite3_stmt *stmt, int index, const struct tsql_value *v)
{
	int r;

	if (v->null)
		return sqlite3_bind_null(stmt, index) == SQLITE_OK ? 0 : -ERR_INTERNAL;
	switch (type_info(v->type)->family) {
	case FAMILY_INTEGER:
	case FAMILY_DATE:
	case FAMILY_TIME:
	case FAMILY_DATETIME:
	case FAMILY_DATETIME2:
		r = sqlite3_bind_int64(stmt, index, v->i);
		break;
	case FAMILY_FLOAT:
		r = sqlite3_bind_double(stmt, index, v->f);
		break;
	case FAMILY_BINARY:
		r = sqlite3_bind_blob64(stmt, index, v->s.data, v->s.len, SQLITE_TRANSIENT);
		break;
	case FAMILY_MONEY:
	case FAMILY_UUID:
		r = bind_text(stmt, index, v);
		break;
	default:
		r = sqlite3_bind_text64(stmt, index, v->s.data, v->s.len, SQLITE_TRANSIENT, SQLITE_UTF8);
	}
	return r == SQLITE_OK ? 0 : -ERR_INTERNAL;
}

int store_bind(struct sqlite3_stmt *stmt, int index, const struct tsql_value *v, const struct tsql_decl *decl)
{
	struct buf text = BUF_INIT;
	int r;

	if (v->null || decl->type != TSQL_VARIANT)
		return tsql_value_bind(stmt, index, v);
	tsql_variant_encode(v, &text);
	r = sqlite3_bind_text64(stmt, index, text.data, text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
	buf_release(&text);
	return r == SQLITE_OK ? 0 : -ERR_INTERNAL;
}

void store_result(struct sqlite3_context *context, const struct tsql_value *v, const struct tsql_decl *decl)
{
	struct buf text = BUF_INIT;

	if (v->null) {
		sqlite3_result_null(context);
		return;
	}
	if (decl->type == TSQL_VARIANT) {
		tsql_variant_encode(v, &text);
		sqlite3_result_text64(context, text.data, text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
		buf_release(&text);
		return;
	}
	switch (type_info(v->type)->family) {
	case FAMILY_INTEGER:
	case FAMILY_DATE:
	case FAMILY_TIME:
	case FAMILY_DATETIME:
	case FAMILY_DATETIME2:
		sqlite3_result_int64(context, v->i);
		break;
	case FAMILY_FLOAT:
		sqlite3_result_double(context, v->f);
		break;
	case FAMILY_BINARY:
		sqlite3_result_blob64(context, v->s.data, v->s.len, SQLITE_TRANSIENT);
		break;
	default:
		tsql_value_format(v, &text);
		sqlite3_result_text64(context, text.data, text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
		buf_release(&text);
	}
}

static struct tsql_value text_value(const struct tsql_decl *d, const char *data, size_t len)
{
	struct tsql_value v = tsql_value_text(d->type == TSQL_UNKNOWN ? TSQL_NVARCHAR : d->type, data ? data : "", len);

	v.length = d->length ? d->length : v.length;
	return v;
}

static int money_value(const struct tsql_decl *d, const char *data, size_t len, struct tsql_value *ret)
{
	struct decimal number;

	if (!decimal_parse(data, len, &number) || !decimal_rescale(&number, 38, 4, &number))
		return -ERR_CORRUPT;
	*ret = (struct tsql_value){ .type = d->type, .i = (int64_t)number.units };
	return 0;
}

static int decimal_value(const struct tsql_decl *d, const char *data, size_t len, struct tsql_value *ret)
{
	struct decimal number;

	if (!decimal_parse(data, len, &number) || !decimal_rescale(&number, d->precision, d->scale, &number))
		return -ERR_CORRUPT;
	*ret = value_decimal(&number);
	return 0;
}

int store_read(struct sqlite3_value *from, const struct tsql_decl *decl, struct tsql_value *ret, struct err *err)
{
	struct tsql_decl d = decl_complete(*decl, false);
	struct tsql_value v = { .type = d.type };
	const char *text;
	size_t len;
	int r = 0;

	if (sqlite3_value_type(from) == SQLITE_NULL) {
		v = tsql_null(d.type == TSQL_VARIANT ? TSQL_UNKNOWN : d.type);
		v.length = d.length;
		v.precision = type_is_datetime(d.type) ? 0 : d.precision;
		v.scale = d.scale;
		*ret = v;
		return 0;
	}
	switch (type_info(d.type)->family) {
	case FAMILY_INTEGER:
		v.i = sqlite3_value_int64(from);
		break;
	case FAMILY_DATE:
	case FAMILY_TIME:
	case FAMILY_DATETIME:
	case FAMILY_DATETIME2:
		v.i = sqlite3_value_int64(from);
		v.scale = d.scale;
		if (d.type == TSQL_DATETIMEOFFSET)
			v.offset_min = clock_local_offset_min(v.i);
		break;
	case FAMILY_FLOAT:
		v.f = sqlite3_value_double(from);
		break;
	case FAMILY_BINARY:
		text = sqlite3_value_blob(from);
		v = tsql_varbinary(text ? text : "", (size_t)sqlite3_value_bytes(from));
		v.type = d.type;
		v.length = d.length;
		break;
	default:
		text = (const char *)sqlite3_value_text(from);
		len = (size_t)sqlite3_value_bytes(from);
		if (!text)
			r = -ERR_CORRUPT;
		else if (d.type == TSQL_DECIMAL)
			r = decimal_value(&d, text, len, &v);
		else if (type_info(d.type)->family == FAMILY_MONEY)
			r = money_value(&d, text, len, &v);
		else if (d.type == TSQL_UNIQUEIDENTIFIER)
			r = uuid_parse(text, len, &v.uuid) ? 0 : -ERR_CORRUPT;
		else if (d.type == TSQL_VARIANT)
			r = tsql_variant_decode(text, len, &v, NULL);
		else
			v = text_value(&d, text, len);
	}
	if (r < 0)
		return err_set(err, ERR_CORRUPT, "a stored value is not a %s", tsql_type_name(d.type));
	*ret = v;
	return 0;
}

bool store_borrow(struct sqlite3_stmt *stmt, int column, const struct tsql_decl *decl, struct tsql_value *ret)
{
	const char *text;

	if (!tsql_type_is_text(decl->type) || decl->length == 0)
		return false;
	text = (const char *)sqlite3_column_text(stmt, column);
	*ret = (struct tsql_value){ .type = decl->type, .null = !text, .length = decl->length };
	if (text) {
		ret->s.data = (char *)(uintptr_t)text;
		ret->s.len = (size_t)sqlite3_column_bytes(stmt, column);
	}
	return true;
}

int tsql_value_column(struct sqlite3_stmt *stmt, int column, const struct tsql_decl *decl,
    struct tsql_value *ret, struct err *err)
{
	return store_read(sqlite3_column_value(stmt, column), decl, ret, err);
}

void tsql_variant_encode(const struct tsql_value *v, struct buf *ret)
{
	struct tsql_decl d = decl_of(v);

	tsql_decl_format(&d, ret);
	buf_addc(ret, ':');
	tsql_value_format(v, ret);
}

/* "name(a,b)" as tsql_decl_format writes it. */
static bool decl_parse(const char *text, size_t len, struct tsql_decl *ret)
{
	const char *paren = memchr(text, '(', len);
	size_t name_len = paren ? (size_t)(paren - text) : len;
	struct tsql_decl d = type_from_name(text, name_len);
	int a = 0, b = 0;

	if (d.type == TSQL_UNKNOWN)
		return false;
	if (paren && strncmp(paren, "(max", 4) == 0)
		d.length = TSQL_MAX;
	else if (paren && sscanf(paren, "(%d,%d", &a, &b) < 1)
		return false;
	else if (d.type == TSQL_DECIMAL)
		d.precision = a, d.scale = b;
	else if (type_is_datetime(d.type))
		d.scale = a, d.precision = 1;
	else if (paren)
		d.length = a;
	if (a < 0 || b < 0 || (d.type == TSQL_DECIMAL && (a < 1 || a > 38 || b > a)) ||
	    (type_is_datetime(d.type) && d.scale > 7))
		return false;
	*ret = d;
	return true;
}

int tsql_variant_decode(const char *text, size_t len, struct tsql_value *ret, struct err *err)
{
	const char *colon = memchr(text, ':', len);
	struct tsql_value as_text;
	struct tsql_decl d;
	char type[64];
	int r;

	if (!colon || (size_t)(colon - text) >= sizeof(type))
		return err_set(err, ERR_CORRUPT, "a stored sql_variant has no type");
	memcpy(type, text, (size_t)(colon - text));
	type[colon - text] = '\0';
	if (!decl_parse(type, strlen(type), &d))
		return err_set(err, ERR_CORRUPT, "a stored sql_variant has an unknown type");
	as_text = tsql_value_text(TSQL_VARCHAR, colon + 1, len - (size_t)(colon + 1 - text));
	r = tsql_value_cast(&as_text, &d, type_info(d.type)->family == FAMILY_BINARY ? 1 : -1, ret, err);
	tsql_value_release(&as_text);
	return r;
}

void store_quote_name(const char *name, struct buf *out)
{
	buf_addc(out, '"');
	for (; *name; name++) {
		if (*name == '"')
			buf_addc(out, '"');
		buf_addc(out, *name);
	}
	buf_addc(out, '"');
}
