/* SPDX-License-Identifier: MIT */
/*
 * FOR XML PATH and RAW: one row as XML, and the plain text of an XML value.
 * In PATH a column's name says where its value goes: "@a" an attribute, "a/b"
 * an element in another, no name or text() the text itself.
 */
#include <string.h>

#include "base/utf8.h"
#include "tsql/json.h"
#include "tsql/plan_impl.h"
#include "tsql/sqlerr.h"
#include "tsql/store.h"
#include "tsql/types.h"

static void write_escaped(const char *text, size_t len, bool attribute, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case '&':
			buf_adds(out, "&amp;");
			break;
		case '<':
			buf_adds(out, "&lt;");
			break;
		case '>':
			buf_adds(out, "&gt;");
			break;
		case '\r':
			buf_adds(out, "&#x0D;");
			break;
		case '"':
			buf_adds(out, attribute ? "&quot;" : "\"");
			break;
		case '\n':
		case '\t':
			if (attribute) {
				buf_adds(out, text[i] == '\n' ? "&#x0A;" : "&#x09;");
				break;
			}
			/* fallthrough */
		default:
			buf_addc(out, text[i]);
		}
	}
}

static void write_value(const struct tsql_value *v, bool attribute, struct buf *out)
{
	struct buf text = BUF_INIT;

	if (v->type == TSQL_XML && !attribute) { /* XML already */
		buf_add(out, v->s.data, v->s.len);
		return;
	}
	if (type_is_datetime(v->type))
		json_format_time(v, &text);
	else if (type_info(v->type)->family == FAMILY_BINARY)
		json_format_base64(v, &text);
	else
		tsql_value_format(v, &text);
	write_escaped(text.data, text.len, attribute, out);
	buf_release(&text);
}

/* A name as XML has it: a blank is _x0020_. */
static void write_name(const char *name, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		if (name[i] == ' ')
			buf_adds(out, "_x0020_");
		else
			buf_addc(out, name[i]);
	}
}

static bool is_text(const char *name)
{
	return !*name || strcmp(name, "text()") == 0 || strcmp(name, "data()") == 0 || strcmp(name, "node()") == 0 || strcmp(name, "*") == 0;
}

/* The elements that are open inside the row. */
struct element {
	struct buf *out;
	const char *path; /* of the value written last */
	size_t depth;     /* of its elements that are open */
};

static size_t part_len(const char *path)
{
	return strcspn(path, "/");
}

static const char *part_at(const char *path, size_t n)
{
	for (; n > 0; n--)
		path += part_len(path) + 1;
	return path;
}

static void close_to(struct element *e, size_t depth)
{
	for (; e->depth > depth; e->depth--) {
		const char *part = part_at(e->path, e->depth - 1);
		buf_adds(e->out, "</");
		write_name(part, part_len(part), e->out);
		buf_addc(e->out, '>');
	}
}

static void write_column(struct element *e, const char *path, const struct tsql_value *v)
{
	size_t parts = 1, shared = 0;

	for (const char *p = path; *p; p++)
		parts += *p == '/';
	if (is_text(part_at(path, parts - 1)))
		parts--;
	/* An element of its own for each value: only those around it are shared. */
	while (e->path && shared < e->depth && shared + 1 < parts) {
		const char *a = part_at(e->path, shared), *b = part_at(path, shared);
		if (part_len(a) != part_len(b) || memcmp(a, b, part_len(a)) != 0)
			break;
		shared++;
	}
	close_to(e, shared);
	e->path = path;
	for (; e->depth < parts; e->depth++) {
		const char *part = part_at(path, e->depth);
		buf_addc(e->out, '<');
		write_name(part, part_len(part), e->out);
		buf_addc(e->out, '>');
	}
	write_value(v, false, e->out);
}

int xml_write_row(const struct json_shape *s, struct sqlite3_value **argv, struct buf *out)
{
	const struct for_xml *xml = s->options->xml;
	struct buf inside = BUF_INIT;
	struct element e = { .out = &inside };
	bool row = xml->row[0] != '\0';
	int r = 0;

	if (row) {
		buf_addc(out, '<');
		write_name(xml->row, strlen(xml->row), out);
	}
	for (size_t i = 0; r == 0 && i < s->count; i++) {
		const char *path = s->columns[i].path;
		bool attribute = path[0] == '@' || (xml->raw && !xml->elements);
		struct tsql_value v = tsql_null(TSQL_INT);
		if (s->columns[i].decl.type != TSQL_UNKNOWN)
			r = store_read(argv[i], &s->columns[i].decl, &v, s->plan->err);
		if (r < 0)
			break;
		if (!v.null && attribute) {
			buf_addc(out, ' ');
			write_name(path + (path[0] == '@'), strlen(path) - (path[0] == '@'), out);
			buf_adds(out, "=\"");
			write_value(&v, true, out);
			buf_addc(out, '"');
		} else if (!v.null) {
			write_column(&e, path, &v);
		}
		tsql_value_release(&v);
	}
	close_to(&e, 0);
	if (row && e.path)
		buf_addf(out, ">%s</%s>", inside.data, xml->row);
	else if (row)
		buf_adds(out, "/>");
	else
		buf_add(out, inside.data, inside.len);
	buf_release(&inside);
	return r;
}

int xml_shape_check(const struct json_shape *s, struct err *err)
{
	const struct for_xml *xml = s->options->xml;

	for (size_t i = 0; i < s->count; i++) {
		const char *path = s->columns[i].path;
		if (xml->raw && !path[0])
			return sql_error(err, 6809, "Unnamed tables cannot be used as XML identifiers as well as unnamed columns cannot be used for attribute names. Name unnamed columns/tables using AS in the SELECT statement.");
		if (path[0] == '@' && (!xml->row[0] || (i && s->columns[i - 1].path[0] != '@')))
			return !xml->row[0] ? sql_error(err, 6864, "Row tag omission (empty row tag name) cannot be used with attribute-centric FOR XML serialization.") :
				sql_error(err, 6852, "Attribute-centric column '%s' must not come after a non-attribute-centric sibling in XML hierarchy in FOR XML PATH.", path);
	}
	return 0;
}

/* --- reading --- */

static size_t decode(const char *at, struct buf *out)
{
	static const struct {
		const char *name, *text;
	} known[] = { { "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&apos;", "'" } };
	char c[4], *end;
	unsigned long code;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strncmp(at, known[i].name, strlen(known[i].name)) == 0) {
			buf_adds(out, known[i].text);
			return strlen(known[i].name);
		}
	}
	code = at[1] != '#' ? 0 : at[2] == 'x' ? strtoul(at + 3, &end, 16) : strtoul(at + 2, &end, 10);
	if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) || *end != ';') {
		buf_addc(out, '&');
		return 1;
	}
	buf_add(out, c, utf8_put((uint32_t)code, c));
	return (size_t)(end + 1 - at);
}

void xml_text_content(const char *xml, struct buf *out)
{
	while (*xml) {
		if (*xml == '<') {
			const char *end = strchr(xml, '>');
			xml = end ? end + 1 : xml + strlen(xml);
		} else if (*xml == '&') {
			xml += decode(xml, out);
		} else {
			buf_addc(out, *xml++);
		}
	}
}
