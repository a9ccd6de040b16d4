/* SPDX-License-Identifier: MIT */
/* Arguments of functions: see function_args.h. */
#include "tsql/function_args.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

int function_text(struct eval *eval, const struct tsql_value *v, struct tsql_value *ret)
{
	struct tsql_decl d = { .type = TSQL_VARCHAR, .length = TSQL_MAX };

	if (tsql_type_is_text(v->type) && type_info(v->type)->is_unicode)
		d.type = TSQL_NVARCHAR;
	return tsql_value_convert(v, &d, ret, eval->err);
}

int function_texts(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)
{
	int r = 0;

	for (size_t i = 0; i < count; i++)
		ret[i] = tsql_null(TSQL_UNKNOWN);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = function_text(eval, &args[i], &ret[i]);
	if (r < 0)
		for (size_t i = 0; i < count; i++)
			tsql_value_release(&ret[i]);
	return r;
}

int function_number(struct eval *eval, const struct tsql_value *v, int64_t *ret)
{
	static const struct tsql_decl as_bigint = { .type = TSQL_BIGINT };
	struct tsql_value n;
	int r = tsql_value_convert(v, &as_bigint, &n, eval->err);

	if (r == 0)
		*ret = n.i;
	return r;
}

int function_date(struct eval *eval, const struct tsql_value *v, struct tsql_value *ret)
{
	static const struct tsql_decl as_datetime = { .type = TSQL_DATETIME };
	static const struct tsql_decl as_dto = { .type = TSQL_DATETIMEOFFSET, .scale = 7, .precision = 1 };

	if (type_is_datetime(v->type)) {
		*ret = *v;
		return 0;
	}
	return tsql_value_convert(v, tsql_type_is_text(v->type) ? &as_dto : &as_datetime, ret, eval->err);
}

int64_t function_civil(const struct tsql_value *v)
{
	if (v->type == TSQL_TIME)
		return clock_days_from_civil(1900, 1, 1) * TICKS_PER_DAY + v->i;
	return v->i + v->offset_min * (60 * TICKS_PER_SECOND);
}

int function_too_long(struct eval *eval)
{
	return sql_error(eval->err, 7105, "The result of a string function is longer than %zu bytes.", FUNCTION_TEXT_MAX);
}

struct tsql_decl function_text_type(const struct tsql_decl *args, size_t count)
{
	struct tsql_decl d = args[0];

	(void)count;
	if (!tsql_type_is_text(d.type))
		return (struct tsql_decl){ .type = TSQL_VARCHAR, .length = 8000 };
	d.type = type_info(d.type)->is_unicode ? TSQL_NVARCHAR : TSQL_VARCHAR;
	return d;
}

struct tsql_decl function_grown_type(const struct tsql_decl *args, size_t count)
{
	struct tsql_decl d = function_text_type(args, count);

	for (size_t i = 1; i < count; i++)
		if (args[i].type == TSQL_NVARCHAR || args[i].type == TSQL_NCHAR)
			d.type = TSQL_NVARCHAR;
	if (d.length != TSQL_MAX)
		d.length = d.type == TSQL_NVARCHAR ? 4000 : 8000;
	return d;
}

struct tsql_decl function_concat_type(const struct tsql_decl *args, size_t count)
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

size_t function_byte_at(const struct tsql_value *v, int64_t units)
{
	if (units <= 0)
		return 0;
	return utf8_prefix_utf16(v->s.data, v->s.len, (size_t)units);
}
