/* SPDX-License-Identifier: MIT */
/* OPENJSON(json [, path]) [WITH (...)]: the members of an object or array as rows. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/json_text.h"
#include "tsql/plan.h"
#include "tsql/sqlerr.h"
#include "tsql/table_function.h"
#include "tsql/types.h"

static const struct tsql_decl as_text = { .type = TSQL_NVARCHAR, .length = TSQL_MAX };

static struct tsql_decl openjson_arg(size_t index, const struct tsql_decl *types, size_t count)
{
	(void)index;
	(void)types;
	(void)count;
	return as_text;
}

static void openjson_columns(const struct source *from, const struct tsql_decl *types, struct table_columns *ret)
{
	static const struct tsql_column fixed[] = {
		{ "key", { .type = TSQL_NVARCHAR, .length = 4000 } },
		{ "value", { .type = TSQL_NVARCHAR, .length = TSQL_MAX } },
		{ "type", { .type = TSQL_TINYINT } },
	};

	(void)types;
	for (size_t i = 0; i < from->field_count; i++) {
		struct tsql_column c = { from->fields[i].name, from->fields[i].decl };
		vec_push(&ret->list, c);
	}
	for (size_t i = 0; from->field_count == 0 && i < ARRAY_LEN(fixed); i++)
		vec_push(&ret->list, fixed[i]);
}

/* Strings lose their quotes; everything else is its text. */
static struct tsql_value scalar(const struct json_slice *s)
{
	struct tsql_value v;
	struct buf text = BUF_INIT;

	if (s->kind == JSON_NULL)
		return tsql_null(TSQL_NVARCHAR);
	if (s->kind == JSON_STRING)
		json_text_unquote(s, &text);
	else
		buf_add(&text, s->at, s->len);
	v = tsql_nvarchar_n(text.data, text.len);
	buf_release(&text);
	return v;
}

static int missing(struct err *err)
{
	return sql_error(err, 13608, "Property cannot be found on the specified JSON path.");
}

/* The value of a column in one row. */
static int field_value(const struct json_field *f, const struct json_slice *row, struct err *err, struct tsql_value *ret)
{
	struct json_slice name = { JSON_STRING, NULL, 0 }, found;
	struct json_path path;
	struct buf own = BUF_INIT;
	struct tsql_value v = tsql_null(TSQL_NVARCHAR);
	int r;

	(void)name;
	if (f->path) {
		buf_adds(&own, f->path);
	} else {
		buf_adds(&own, "$.");
		json_text_quote(f->name, strlen(f->name), &own);
	}
	r = json_path_parse(own.data, own.len, &path, err);
	if (r == 0 && json_text_find(row, &path, &found)) {
		bool container = found.kind == JSON_OBJECT || found.kind == JSON_ARRAY;
		if (f->as_json == container)
			v = scalar(&found);
		else if (path.strict)
			r = f->as_json ? sql_error(err, 13624, "Object or array cannot be found in the specified JSON path.") :
				sql_error_full(err, 13624, 16, 2, "Scalar value cannot be found in the specified JSON path.");
	} else if (r == 0 && path.strict) {
		r = missing(err);
	}
	if (r == 0 && !v.null && (strcmp(v.s.data, "true") == 0 || strcmp(v.s.data, "false") == 0) && f->decl.type == TSQL_BIT) {
		bool yes = v.s.data[0] == 't';
		tsql_value_release(&v);
		v = tsql_bit(yes);
	}
	if (r == 0)
		r = tsql_value_cast(&v, &f->decl, -1, ret, err);
	tsql_value_release(&v);
	buf_release(&own);
	return r;
}

static int fields_row(const struct table_call *call, const struct json_slice *row, struct rows *ret)
{
	struct tsql_rows_keep keep = { .rows = ret, .err = call->err };
	size_t n = call->from->field_count, done = 0;
	struct tsql_value *cells = xcalloc(n, sizeof(*cells));
	int r = 0;

	for (; r == 0 && done < n; done++) {
		r = field_value(&call->from->fields[done], row, call->err, &cells[done]);
		if (r < 0)
			break;
	}
	if (r == 0)
		r = tsql_rows_keep(&keep, cells, n);
	for (size_t i = 0; i < done; i++)
		tsql_value_release(&cells[i]);
	free(cells);
	return r;
}

static int member_row(const struct table_call *call, const struct json_slice *key, const struct json_slice *value, size_t number,
    struct rows *ret)
{
	struct tsql_rows_keep keep = { .rows = ret, .err = call->err };
	struct tsql_value cells[3];
	char text[24];
	int r;

	if (key->at) {
		cells[0] = scalar(key);
	} else {
		snprintf(text, sizeof(text), "%zu", number);
		cells[0] = tsql_nvarchar(text);
	}
	cells[1] = scalar(value);
	cells[2] = tsql_int((int32_t)value->kind);
	cells[2].type = TSQL_TINYINT;
	r = tsql_rows_keep(&keep, cells, 3);
	tsql_value_release(&cells[0]);
	tsql_value_release(&cells[1]);
	return r;
}

/* Where the rows are: the text, or what the path leads to. 1 = there, 0 = nothing. */
static int find_root(const struct table_call *call, struct json_slice *ret)
{
	const struct tsql_value *json = &call->args[0];
	struct json_path path;
	int r = json_text_parse(json->s.data, json->s.len, ret, call->err);

	if (r < 0)
		return r;
	if (call->arg_count < 2)
		return 1;
	if (call->args[1].null)
		return 0;
	r = json_path_parse(call->args[1].s.data, call->args[1].s.len, &path, call->err);
	if (r < 0)
		return r;
	if (json_text_find(ret, &path, ret))
		return 1;
	return path.strict ? missing(call->err) : 0;
}

static int openjson_run(const struct table_call *call, struct rows *ret)
{
	struct json_slice root, key, value;
	struct json_walk walk;
	size_t n = 0;
	int r;

	if (call->args[0].null)
		return 0;
	r = find_root(call, &root);
	if (r <= 0)
		return r;
	if (call->from->field_count && root.kind == JSON_OBJECT)
		return fields_row(call, &root, ret);
	json_walk_start(&walk, &root);
	for (r = 0; r == 0 && json_walk_next(&walk, &key, &value); n++)
		r = call->from->field_count ? fields_row(call, &value, ret) : member_row(call, &key, &value, n, ret);
	return r;
}

const struct table_function table_function_openjson = { "OPENJSON", 1, 2, openjson_columns, openjson_arg, openjson_run, true };
