/* SPDX-License-Identifier: MIT */
/* STRING_SPLIT and GENERATE_SERIES, and the list of all table functions. A call gives all its rows at once. */
#include "tsql/table_function.h"

#include <string.h>

#include "base/utf8.h"
#include "tsql/eval.h"
#include "tsql/plan.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

static int keep_row(const struct table_call *call, const struct tsql_value *cells, size_t count, struct rows *ret)
{
	struct tsql_rows_keep keep = { .rows = ret, .err = call->err };

	return tsql_rows_keep(&keep, cells, count);
}

static void add_column(struct table_columns *ret, const char *name, struct tsql_decl decl)
{
	struct tsql_column column = { .name = name, .decl = decl };

	vec_push(&ret->list, column);
}

/* --- STRING_SPLIT(text, separator [, enable_ordinal]) --- */

static bool wants_ordinal(const struct source *from)
{
	const struct expr *x = from->args.count > 2 ? from->args.items[2] : NULL;

	return x && x->kind == EXPR_LITERAL && !x->literal.null && tsql_type_is_integer(x->literal.type) && x->literal.i == 1;
}

static struct tsql_decl split_type(const struct tsql_decl *type)
{
	bool wide = type->type == TSQL_NVARCHAR || type->type == TSQL_NCHAR || type->type == TSQL_NTEXT || !tsql_type_is_text(type->type);

	return (struct tsql_decl){ .type = wide ? TSQL_NVARCHAR : TSQL_VARCHAR,
		.length = tsql_type_is_text(type->type) && type->length ? type->length : TSQL_MAX };
}

static void split_columns(const struct source *from, const struct tsql_decl *types, struct table_columns *ret)
{
	add_column(ret, "value", split_type(&types[0]));
	if (wants_ordinal(from))
		add_column(ret, "ordinal", (struct tsql_decl){ .type = TSQL_BIGINT });
}

static struct tsql_decl split_arg(size_t index, const struct tsql_decl *types, size_t count)
{
	(void)count;
	if (index == 0)
		return split_type(&types[0]);
	if (index == 1)
		return (struct tsql_decl){ .type = TSQL_NVARCHAR, .length = TSQL_MAX };
	return (struct tsql_decl){ .type = TSQL_INT };
}

static int split_run(const struct table_call *call, struct rows *ret)
{
	const struct tsql_value *text = &call->args[0], *separator = &call->args[1];
	bool ordinal = wants_ordinal(call->from);
	const char *at, *end, *hit;
	int64_t n = 0;
	int r = 0;

	if (separator->null || value_units(separator) != 1)
		return sql_error_full(call->err, 214, 16, 11, "Procedure expects parameter 'separator' of type 'nchar(1)/nvarchar(1)'.");
	if (text->null)
		return 0;
	at = text->s.data;
	end = at + text->s.len;
	do {
		struct tsql_value cells[2];
		hit = memmem(at, (size_t)(end - at), separator->s.data, separator->s.len);
		cells[0] = tsql_value_text(text->type, at, (size_t)((hit ? hit : end) - at));
		cells[1] = tsql_bigint(++n);
		r = keep_row(call, cells, ordinal ? 2 : 1, ret);
		tsql_value_release(&cells[0]);
		at = hit ? hit + separator->s.len : end;
	} while (r == 0 && hit);
	return r;
}

/* --- GENERATE_SERIES(start, stop [, step]) --- */

static struct tsql_decl series_arg(size_t index, const struct tsql_decl *types, size_t count)
{
	struct tsql_decl d = types[0];

	(void)index;
	for (size_t i = 1; i < count; i++)
		d = decl_unite(&d, &types[i]);
	return d;
}

static void series_columns(const struct source *from, const struct tsql_decl *types, struct table_columns *ret)
{
	add_column(ret, "value", series_arg(0, types, from->args.count));
}

static int series_run(const struct table_call *call, struct rows *ret)
{
	struct eval eval = { .exec = call->exec, .err = call->err };
	struct tsql_decl decl = series_arg(0, call->types, call->arg_count);
	struct tsql_value now, zero = tsql_int(0), one = tsql_int(1), step;
	int sign, order, r;

	if (!type_is_number(decl.type) || type_info(decl.type)->family == FAMILY_FLOAT)
		return sql_error(call->err, 5373, "All the input parameters should be of the same type. Supported types are tinyint, smallint, int, bigint, decimal and numeric.");
	for (size_t i = 0; i < call->arg_count; i++)
		if (call->args[i].null)
			return 0;
	r = tsql_value_compare(&call->args[0], &call->args[1], &order, call->err);
	if (r < 0)
		return r;
	if (call->arg_count > 2) {
		step = tsql_value_copy(&call->args[2]);
	} else if (order <= 0) {
		step = one;
	} else {
		step = tsql_int(-1);
	}
	r = tsql_value_compare(&step, &zero, &sign, call->err);
	if (r == 0 && sign == 0)
		r = sql_error(call->err, 4199, "Argument value 0 is invalid for argument 3 of generate_series function.");
	now = tsql_value_copy(&call->args[0]);
	while (r == 0) {
		struct tsql_value sum, next;
		r = tsql_value_compare(&now, &call->args[1], &order, call->err);
		if (r < 0 || (sign > 0 ? order > 0 : order < 0))
			break;
		r = keep_row(call, &now, 1, ret);
		if (r == 0)
			r = eval_binary(&eval, '+', &now, &step, &sum);
		if (r < 0)
			break;
		r = tsql_value_convert(&sum, &decl, &next, NULL);
		tsql_value_release(&sum);
		if (r < 0) { /* past the type's end: that was the last one */
			r = 0;
			break;
		}
		tsql_value_release(&now);
		now = next;
	}
	tsql_value_release(&now);
	tsql_value_release(&step);
	return r;
}

/* --- all --- */

static const struct table_function string_split = { "STRING_SPLIT", 2, 3, split_columns, split_arg, split_run, false };
static const struct table_function generate_series = { "GENERATE_SERIES", 2, 3, series_columns, series_arg, series_run, false };

const struct table_function *table_function_find(const char *name)
{
	static const struct table_function *const all[] = { &string_split, &generate_series, &table_function_openjson };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (utf8_casecmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}
