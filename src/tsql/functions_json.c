/* SPDX-License-Identifier: MIT */
/* ISJSON, JSON_VALUE, JSON_QUERY, JSON_MODIFY, JSON_PATH_EXISTS, and the text of XML. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/function_args.h"
#include "tsql/json.h"
#include "tsql/json_text.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

FUNCTION_RUN(json_is)
{
	struct json_slice root;
	struct tsql_value t[2];
	const char *bad, *kind;
	int r = function_texts(eval, args, count, t);
	bool is;

	if (r < 0)
		return r;
	is = json_text_read(t[0].s.data, t[0].s.len, &root, &bad);
	if (count == 1) {
		is = is && (root.kind == JSON_OBJECT || root.kind == JSON_ARRAY);
	} else {
		kind = t[1].s.data;
		if (utf8_casecmp(kind, "OBJECT") == 0)
			is = is && root.kind == JSON_OBJECT;
		else if (utf8_casecmp(kind, "ARRAY") == 0)
			is = is && root.kind == JSON_ARRAY;
		else if (utf8_casecmp(kind, "SCALAR") == 0)
			is = is && (root.kind == JSON_STRING || root.kind == JSON_NUMBER);
	}
	*ret = tsql_int(is);
	for (size_t i = 0; i < count; i++)
		tsql_value_release(&t[i]);
	return 0;
}

/* What a path leads to. 1 = there (the text t[0] must live), 0 = not, negative = an error. */
static int find(struct eval *eval, const struct tsql_value *t, size_t count, struct json_slice *ret, bool *ret_strict)
{
	struct json_path path = { .at = "" };
	struct json_slice root;
	int r = json_text_parse(t[0].s.data, t[0].s.len, &root, eval->err);

	if (r == 0 && count > 1)
		r = json_path_parse(t[1].s.data, t[1].s.len, &path, eval->err);
	if (r < 0)
		return r;
	*ret_strict = path.strict;
	if (json_text_find(&root, &path, ret))
		return 1;
	return path.strict ? sql_error_full(eval->err, 13608, 16, 5, "Property cannot be found on the specified JSON path.") : 0;
}

#define JSON_VALUE_MAX 4000

FUNCTION_RUN(json_value)
{
	struct json_slice found;
	struct tsql_value t[2];
	struct buf text = BUF_INIT;
	bool strict = false;
	int r = function_texts(eval, args, count, t), there;

	if (r < 0)
		return r;
	*ret = tsql_null(TSQL_NVARCHAR);
	there = find(eval, t, count, &found, &strict);
	r = there < 0 ? there : 0;
	if (there > 0 && (found.kind == JSON_OBJECT || found.kind == JSON_ARRAY)) {
		if (strict)
			r = sql_error_full(eval->err, 13623, 16, 1, "Scalar value cannot be found in the specified JSON path.");
	} else if (there > 0 && found.kind != JSON_NULL) {
		if (found.kind == JSON_STRING)
			json_text_unquote(&found, &text);
		else
			buf_add(&text, found.at, found.len);
		if (utf8_utf16_len(text.data, text.len) <= JSON_VALUE_MAX)
			*ret = tsql_nvarchar_n(text.data, text.len);
		else if (strict)
			r = sql_error(eval->err, 13625, "String value in the specified JSON path would be truncated.");
	}
	buf_release(&text);
	for (size_t i = 0; i < count; i++)
		tsql_value_release(&t[i]);
	return r;
}

FUNCTION_RUN(json_query)
{
	struct json_slice found;
	struct tsql_value t[2];
	bool strict = false;
	int r = function_texts(eval, args, count, t), there;

	if (r < 0)
		return r;
	*ret = tsql_null(TSQL_NVARCHAR);
	there = find(eval, t, count, &found, &strict);
	r = there < 0 ? there : 0;
	if (there > 0 && (found.kind == JSON_OBJECT || found.kind == JSON_ARRAY))
		*ret = tsql_nvarchar_n(found.at, found.len);
	else if (there > 0 && strict)
		r = sql_error_full(eval->err, 13624, 16, 1, "Object or array cannot be found in the specified JSON path.");
	for (size_t i = 0; i < count; i++)
		tsql_value_release(&t[i]);
	return r;
}

FUNCTION_RUN(json_path_exists)
{
	struct json_slice root, found;
	struct json_path path;
	struct tsql_value t[2];
	const char *bad;
	int r = function_texts(eval, args, count, t);

	if (r < 0)
		return r;
	r = json_path_parse(t[1].s.data, t[1].s.len, &path, eval->err);
	if (r == 0)
		*ret = tsql_int(json_text_read(t[0].s.data, t[0].s.len, &root, &bad) && json_text_find(&root, &path, &found));
	tsql_value_release(&t[0]);
	tsql_value_release(&t[1]);
	return r;
}

/* --- JSON_MODIFY --- */

/* A value as JSON: numbers and bits as they are, the rest as a string. raw: JSON already. */
static int write_value(struct eval *eval, const struct tsql_value *v, bool raw, struct buf *out)
{
	struct tsql_value t;
	int r;

	if (v->null) {
		buf_adds(out, "null");
		return 0;
	}
	r = function_text(eval, v, &t);
	if (r < 0)
		return r;
	if (v->type == TSQL_BIT)
		buf_adds(out, v->i ? "true" : "false");
	else if (raw || type_is_number(v->type))
		buf_add(out, t.s.data, t.s.len);
	else
		json_text_quote(t.s.data, t.s.len, out);
	tsql_value_release(&t);
	return 0;
}

struct change {
	const struct json_path *path;
	const char *value; /* JSON, or NULL: take the member away */
	struct err *err;
};

static int change_in(const struct change *c, const struct json_slice *at, struct json_path rest, struct buf *out);

static void add_member(struct buf *out, const struct json_slice *in, size_t done, const struct buf *name, bool is_index,
    const char *value)
{
	(void)in;
	buf_adds(out, done ? "," : "");
	if (!is_index) {
		json_text_quote(name->data, name->len, out);
		buf_addc(out, ':');
	}
	buf_adds(out, value);
}

/* The last step, append: a value at the end of an array; the array is made when nothing is there. */
static int append_to(const struct change *c, const struct json_slice *array, struct buf *out)
{
	struct json_slice key, value;
	struct json_walk walk;

	if (array->kind != JSON_ARRAY)
		return sql_error(c->err, 13619, "Array cannot be found in the specified JSON path.");
	json_walk_start(&walk, array);
	buf_add(out, array->at, array->len - 1);
	buf_addf(out, "%s%s]", json_walk_next(&walk, &key, &value) ? "," : "", c->value ? c->value : "null");
	return 0;
}

/* What stands at the end of a member's text and before the next: kept, so that the rest keeps its spelling. */
static int change_members(const struct change *c, const struct json_slice *at, const struct buf *name, size_t index, bool is_index,
    const struct json_path *rest, struct buf *out)
{
	struct json_slice key, value;
	struct json_walk walk;
	struct buf text = BUF_INIT, changed = BUF_INIT;
	const char *copied = at->at + 1;
	size_t n = 0, done = 0;
	bool hit = false;
	int r = 0;

	buf_addc(out, at->at[0]);
	json_walk_start(&walk, at);
	while (r == 0 && json_walk_next(&walk, &key, &value)) {
		const char *start = is_index ? value.at : key.at;
		buf_clear(&text);
		if (!is_index)
			json_text_unquote(&key, &text);
		if (hit || (is_index ? n++ != index : text.len != name->len || memcmp(text.data, name->data, text.len) != 0)) {
			done++;
			continue;
		}
		hit = true;
		buf_clear(&changed);
		r = change_in(c, &value, *rest, &changed);
		if (r < 0)
			break;
		if (changed.len) {
			buf_add(out, copied, (size_t)(value.at - copied));
			buf_add(out, changed.data, changed.len);
			copied = value.at + value.len;
			done++;
			continue;
		}
		/* taken away, with the comma that stood before it or stands after it */
		if (done) {
			size_t keep = (size_t)(start - copied);
			while (keep > 0 && copied[keep - 1] != ',')
				keep--;
			buf_add(out, copied, keep ? keep - 1 : 0);
			copied = value.at + value.len;
		} else {
			buf_add(out, copied, (size_t)(start - copied));
			copied = value.at + value.len;
			while (copied < at->at + at->len - 1 && strchr(" \t\r\n", *copied))
				copied++;
			if (*copied == ',')
				copied++;
		}
	}
	if (r == 0)
		buf_add(out, copied, (size_t)(at->at + at->len - 1 - copied));
	if (r == 0 && !hit) {
		if (c->path->strict)
			r = sql_error_full(c->err, 13608, 16, 2, "Property cannot be found on the specified JSON path.");
		else if (c->value && rest->at[0] == '\0' && (!is_index || index == n)) {
			struct buf made = BUF_INIT;
			buf_addf(&made, c->path->append ? "[%s]" : "%s", c->value);
			add_member(out, at, done, name, is_index, made.data);
			buf_release(&made);
		}
	}
	buf_addc(out, is_index ? ']' : '}');
	buf_release(&text);
	buf_release(&changed);
	return r;
}

static int change_in(const struct change *c, const struct json_slice *at, struct json_path rest, struct buf *out)
{
	struct buf name = BUF_INIT;
	size_t index = 0;
	bool is_index;
	int r = json_path_step(&rest, &name, &index, &is_index);

	if (r == 0) { /* here */
		if (c->path->append)
			r = append_to(c, at, out);
		else if (c->value)
			buf_adds(out, c->value);
	} else if (at->kind != (is_index ? JSON_ARRAY : JSON_OBJECT)) {
		r = c->path->strict ? sql_error_full(c->err, 13608, 16, 2, "Property cannot be found on the specified JSON path.") : 0;
		buf_add(out, at->at, at->len);
	} else {
		r = change_members(c, at, &name, index, is_index, &rest, out);
	}
	buf_release(&name);
	return r;
}

static int modify(struct eval *eval, const struct tsql_value *args, bool raw, struct tsql_value *ret)
{
	struct json_slice root;
	struct json_path path;
	struct tsql_value t[2];
	struct buf value = BUF_INIT, out = BUF_INIT;
	struct change c = { .path = &path, .err = eval->err };
	int r;

	*ret = tsql_null(TSQL_NVARCHAR);
	if (args[0].null || args[1].null)
		return 0;
	r = function_texts(eval, args, 2, t);
	if (r < 0)
		return r;
	r = json_text_parse(t[0].s.data, t[0].s.len, &root, eval->err);
	if (r == 0)
		r = json_path_parse(t[1].s.data, t[1].s.len, &path, eval->err);
	if (r == 0)
		r = write_value(eval, &args[2], raw, &value);
	if (r == 0) {
		/* NULL takes a member away in lax mode; strict sets it to null, append adds one. */
		c.value = args[2].null && !path.strict && !path.append ? NULL : value.data;
		if (path.at[0] == '\0' && !path.append)
			r = sql_error(eval->err, 13619, "Unsupported JSON path found in argument 2 of JSON_MODIFY.");
	}
	if (r == 0)
		r = change_in(&c, &root, path, &out);
	if (r == 0)
		*ret = tsql_nvarchar_n(out.data, out.len);
	buf_release(&value);
	buf_release(&out);
	tsql_value_release(&t[0]);
	tsql_value_release(&t[1]);
	return r;
}

FUNCTION_RUN(json_modify)
{
	(void)count;
	return modify(eval, args, false, ret);
}

FUNCTION_RUN(json_modify_raw)
{
	(void)count;
	return modify(eval, args, true, ret);
}

FUNCTION_RUN(xml_text)
{
	struct buf text = BUF_INIT;

	(void)count;
	if (args[0].type != TSQL_XML)
		return sql_error(eval->err, 258, "Cannot call methods on %s.", tsql_type_name(args[0].type));
	xml_text_content(args[0].s.data, &text);
	*ret = tsql_nvarchar_n(text.data, text.len);
	buf_release(&text);
	return 0;
}

#define S FUNCTION_STRICT
#define JSON_TEXT { .type = TSQL_NVARCHAR, .length = TSQL_MAX }
const struct function functions_json[] = {
	{ "ISJSON", 1, 2, S, { .type = TSQL_INT }, NULL, json_is, AGGREGATE_NONE, NULL },
	{ "JSON_VALUE", 2, 2, S, { .type = TSQL_NVARCHAR, .length = 4000 }, NULL, json_value, AGGREGATE_NONE, NULL },
	{ "JSON_QUERY", 1, 2, S, JSON_TEXT, NULL, json_query, AGGREGATE_NONE, NULL },
	{ "JSON_PATH_EXISTS", 2, 2, S, { .type = TSQL_INT }, NULL, json_path_exists, AGGREGATE_NONE, NULL },
	{ "JSON_MODIFY", 3, 3, 0, JSON_TEXT, NULL, json_modify, AGGREGATE_NONE, NULL },
	/* The parser's name for the same when the new value is JSON already. */
	{ FUNCTION_JSON_MODIFY_RAW, 3, 3, 0, JSON_TEXT, NULL, json_modify_raw, AGGREGATE_NONE, NULL },
	{ FUNCTION_XML_TEXT, 1, 1, S, JSON_TEXT, NULL, xml_text, AGGREGATE_NONE, NULL },
	{ .name = NULL },
};
