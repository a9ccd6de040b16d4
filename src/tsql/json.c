/* SPDX-License-Identifier: MIT */
/*
 * FOR JSON, and what FOR XML shares with it. The translator wraps the query: SELECT tsql_json(shape, c1, c2 ...)
 * FROM (the query). Columns that share the beginning of a dotted name stand
 * side by side, which is checked before, so objects open and close as the
 * columns of a row go by.
 */
#include "tsql/json.h"

#include <sqlite3.h>
#include <string.h>

#include "tsql/json_text.h"
#include "tsql/plan_impl.h"
#include "tsql/sqlerr.h"
#include "tsql/store.h"
#include "tsql/types.h"

#define POINTER_TYPE "tsql-json"

/* --- shapes --- */

struct json_shape *json_shape_new(const struct for_json *options, struct select_plan *plan, size_t count)
{
	struct json_shape *s = xcalloc(1, sizeof(*s));

	s->options = options;
	s->plan = plan;
	s->count = count;
	s->columns = xcalloc(count + 1, sizeof(*s->columns));
	return s;
}

void json_shape_free(struct json_shape *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		free(s->columns[i].path);
	free(s->columns);
	free(s);
}

/* The next part of a dotted name; AUTO does not split names. */
static size_t part_len(const struct json_shape *s, const char *path)
{
	return s->options->automatic ? strlen(path) : strcspn(path, ".");
}

/* How many leading parts two names share; *ret_whole: one of them ends there. */
static size_t shared_parts(const struct json_shape *s, const char *a, const char *b, bool *ret_whole)
{
	size_t parts = 0;

	for (;;) {
		size_t n = part_len(s, a);
		if (n != part_len(s, b) || memcmp(a, b, n) != 0) {
			*ret_whole = false;
			return parts;
		}
		parts++;
		*ret_whole = !a[n] || !b[n];
		if (*ret_whole)
			return parts;
		a += n + 1;
		b += n + 1;
	}
}

static bool has_empty_part(const struct json_shape *s, const char *path)
{
	for (;; path++) {
		size_t n = part_len(s, path);
		if (n == 0)
			return true;
		path += n;
		if (!*path)
			return false;
	}
}

int json_shape_check(const struct json_shape *s, struct err *err)
{
	if (s->options->xml)
		return xml_shape_check(s, err);
	for (size_t i = 0; i < s->count; i++) {
		const char *path = s->columns[i].path;
		if (!path[0])
			return sql_error(err, 13605,
			    "Column expressions and data sources without names or aliases cannot be formatted as JSON text using FOR JSON clause. Add alias to the unnamed column or table.");
		if (has_empty_part(s, path))
			return sql_error(err, 13603, "Property '%s' cannot be generated in JSON output due to invalid character in the column name or alias. Column name or alias that contains '..', starts or ends with '.' is not allowed in query that has FOR JSON clause.", path);
		for (size_t j = 0; j < i; j++) {
			bool whole, ignored;
			size_t shared = shared_parts(s, path, s->columns[j].path, &whole);
			if (whole || shared > shared_parts(s, path, s->columns[i - 1].path, &ignored))
				return sql_error(err, 13601,
				    "Property '%s' cannot be generated in JSON output due to a conflict with another column name or alias. Use different names and aliases for each column in SELECT list.",
				    path);
		}
	}
	return 0;
}

/* --- writing --- */

void json_format_base64(const struct tsql_value *v, struct buf *out)
{
	const unsigned char *data = (const unsigned char *)v->s.data;
	size_t len = v->s.len;
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned n = (unsigned)data[i] << 16 | (i + 1 < len ? (unsigned)data[i + 1] << 8 : 0) | (i + 2 < len ? data[i + 2] : 0);
		buf_addc(out, digits[n >> 18]);
		buf_addc(out, digits[n >> 12 & 63]);
		buf_addc(out, i + 1 < len ? digits[n >> 6 & 63] : '=');
		buf_addc(out, i + 2 < len ? digits[n & 63] : '=');
	}
}

/* ISO 8601: 2026-01-31T12:00:00.5Z, without zeros at the end of the fraction. */
void json_format_time(const struct tsql_value *v, struct buf *out)
{
	struct buf text = BUF_INIT;
	const char *p;

	tsql_value_format(v, &text);
	for (p = text.data; *p; p++) {
		if (*p == '.') {
			size_t digits = strspn(p + 1, "0123456789"), keep = digits;
			while (keep > 0 && p[keep] == '0')
				keep--;
			if (keep > 0)
				buf_add(out, p, keep + 1);
			p += digits;
		} else if (*p == ' ' && (p[1] == '+' || p[1] == '-')) {
			buf_adds(out, strcmp(p + 1, "+00:00") == 0 ? "Z" : p + 1);
			break;
		} else {
			buf_addc(out, *p == ' ' ? 'T' : *p);
		}
	}
	buf_release(&text);
}

static void write_value(const struct tsql_value *v, bool raw, struct buf *out)
{
	if (v->null) {
		buf_adds(out, "null");
		return;
	}
	switch (type_info(v->type)->family) {
	case FAMILY_INTEGER:
		if (v->type == TSQL_BIT) {
			buf_adds(out, v->i ? "true" : "false");
			break;
		}
		/* fallthrough */
	case FAMILY_MONEY:
	case FAMILY_FLOAT:
	case FAMILY_DECIMAL:
		tsql_value_format(v, out);
		break;
	case FAMILY_DATE:
	case FAMILY_TIME:
	case FAMILY_DATETIME:
	case FAMILY_DATETIME2:
		buf_addc(out, '"');
		json_format_time(v, out);
		buf_addc(out, '"');
		break;
	case FAMILY_BINARY:
		buf_addc(out, '"');
		json_format_base64(v, out);
		buf_addc(out, '"');
		break;
	case FAMILY_UUID: {
		char text[64];
		uuid_format(&v->uuid, true, text);
		json_text_quote(text, strlen(text), out);
		break;
	}
	default:
		if (raw)
			buf_add(out, v->s.data, v->s.len);
		else
			json_text_quote(v->s.data, v->s.len, out);
	}
}

/* One object. Objects inside it open when their first value comes. */
struct object {
	const struct json_shape *shape;
	struct buf *out;
	const char *last; /* the name of the value written last, or NULL */
	size_t depth;     /* objects open inside */
};

static void write_column(struct object *o, const struct json_column *c, const struct tsql_value *v)
{
	const char *path = c->path;
	bool whole;
	size_t shared = o->last ? shared_parts(o->shape, o->last, path, &whole) : 0, n;

	for (; o->depth > shared; o->depth--)
		buf_addc(o->out, '}');
	if (o->last)
		buf_addc(o->out, ',');
	for (size_t part = 0; n = part_len(o->shape, path), path[n]; part++, path += n + 1) {
		if (part < shared)
			continue;
		json_text_quote(path, n, o->out);
		buf_adds(o->out, ":{");
		o->depth++;
	}
	json_text_quote(path, n, o->out);
	buf_addc(o->out, ':');
	write_value(v, c->raw, o->out);
	o->last = c->path;
}

static int write_row(const struct json_shape *s, struct sqlite3_value **argv, struct buf *out)
{
	struct object o = { .shape = s, .out = out };

	buf_addc(out, '{');
	for (size_t i = 0; i < s->count; i++) {
		struct tsql_value v = tsql_null(TSQL_INT);
		int r = s->columns[i].decl.type == TSQL_UNKNOWN ? 0 : store_read(argv[i], &s->columns[i].decl, &v, s->plan->err);
		if (r < 0)
			return r;
		if (!v.null || s->options->include_null)
			write_column(&o, &s->columns[i], &v);
		tsql_value_release(&v);
	}
	for (; o.depth > 0; o.depth--)
		buf_addc(out, '}');
	buf_addc(out, '}');
	return 0;
}

/* --- the aggregate --- */

struct rows_so_far {
	const struct json_shape *shape;
	struct buf text;
};

static void json_step(struct sqlite3_context *context, int argc, struct sqlite3_value **argv)
{
	const struct json_shape *shape = argc > 0 ? sqlite3_value_pointer(argv[0], POINTER_TYPE) : NULL;
	struct rows_so_far **slot = sqlite3_aggregate_context(context, sizeof(*slot)), *so_far;
	int r;

	if (!shape || !slot || shape->count != (size_t)argc - 1) {
		sqlite3_result_error(context, "tsql_json without its shape", -1);
		return;
	}
	if (!*slot) {
		*slot = xcalloc(1, sizeof(**slot));
		buf_init(&(*slot)->text);
	}
	so_far = *slot;
	so_far->shape = shape;
	if (so_far->text.len && !shape->options->xml)
		buf_addc(&so_far->text, ',');
	r = (shape->options->xml ? xml_write_row : write_row)(shape, argv + 1, &so_far->text);
	if (r == 0 && so_far->text.len > TSQL_VALUE_MAX)
		r = sql_error(shape->plan->err, 8152, "The JSON text is longer than a value may be.");
	if (r < 0) {
		shape->plan->failed = true;
		sqlite3_result_error(context, "FOR JSON failed", -1);
	}
}

static void json_final(struct sqlite3_context *context)
{
	struct rows_so_far **slot = sqlite3_aggregate_context(context, 0);
	const struct for_json *options;
	struct buf out = BUF_INIT;

	if (!slot || !*slot)
		return; /* no row: NULL */
	options = (*slot)->shape->options;
	if (options->xml) {
		if (options->root)
			buf_addf(&out, "<%s>", options->root);
		buf_add(&out, (*slot)->text.data, (*slot)->text.len);
		if (options->root)
			buf_addf(&out, "</%s>", options->root);
		goto done;
	}
	if (options->root) {
		buf_addc(&out, '{');
		json_text_quote(options->root, strlen(options->root), &out);
		buf_addc(&out, ':');
	}
	buf_adds(&out, options->bare ? "" : "[");
	buf_add(&out, (*slot)->text.data, (*slot)->text.len);
	buf_adds(&out, options->bare ? "" : "]");
	buf_adds(&out, options->root ? "}" : "");
done:
	buf_release(&(*slot)->text);
	free(*slot);
	*slot = NULL;
	sqlite3_result_text64(context, out.data, out.len, SQLITE_TRANSIENT, SQLITE_UTF8);
	buf_release(&out);
}

int json_bind(struct sqlite3_stmt *stmt, int index, struct json_shape *shape)
{
	return sqlite3_bind_pointer(stmt, index, shape, POINTER_TYPE, NULL) == SQLITE_OK ? 0 : -ERR_INTERNAL;
}

int json_register(struct sqlite3 *db)
{
	return sqlite3_create_function_v2(db, "tsql_json", -1, SQLITE_UTF8, NULL, NULL, json_step, json_final, NULL);
}
