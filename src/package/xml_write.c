/* SPDX-License-Identifier: MIT */
/*
 * Writing a subtree. All namespaces used below the top element are declared
 * there, under the designers' prefixes where we know them; elements without a
 * namespace are written without prefix. Text comes before child elements.
 */
#include "package/xml.h"

#include <string.h>

#include "base/mem.h"

static const struct {
	const char *ns, *prefix;
} known[] = {
	{ XML_NS_DTS, "DTS" },
	{ XML_NS_SSIS, "SSIS" },
	{ XML_NS_SQLTASK, "SQLTask" },
	{ XML_NS_XMLENC, "enc" },
};

struct names {
	VEC(const char *) ns; /* distinct, in order of appearance */
};

static size_t name_index(const struct names *names, const char *ns)
{
	size_t i = 0;

	while (i < names->ns.len && strcmp(names->ns.items[i], ns) != 0)
		i++;
	return i;
}

static void note(struct names *names, const char *ns)
{
	if (*ns && strcmp(ns, XML_NS_XML) != 0 && name_index(names, ns) == names->ns.len)
		vec_push(&names->ns, ns);
}

static void collect(struct names *names, const struct xml_node *node)
{
	note(names, node->ns);
	for (const struct xml_attr *a = node->attrs; a; a = a->next)
		note(names, a->ns);
	for (const struct xml_node *c = node->first; c; c = c->next)
		collect(names, c);
}

static void add_prefix(const struct names *names, const char *ns, struct buf *out)
{
	if (strcmp(ns, XML_NS_XML) == 0) {
		buf_adds(out, "xml");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strcmp(known[i].ns, ns) == 0) {
			buf_adds(out, known[i].prefix);
			return;
		}
	}
	buf_addf(out, "n%zu", name_index(names, ns));
}

static void add_name(const struct names *names, const char *ns, const char *name, struct buf *out)
{
	if (*ns) {
		add_prefix(names, ns, out);
		buf_addc(out, ':');
	}
	buf_adds(out, name);
}

static void add_escaped(const char *text, size_t len, bool attr, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (c == '&')
			buf_adds(out, "&amp;");
		else if (c == '<')
			buf_adds(out, "&lt;");
		else if (c == '>')
			buf_adds(out, "&gt;");
		else if (c == '"' && attr)
			buf_adds(out, "&quot;");
		else if (c == '\r' || (attr && (c == '\n' || c == '\t')))
			buf_addf(out, "&#x%X;", (unsigned)c);
		else
			buf_addc(out, c);
	}
}

static void add_attr_text(const char *value, struct buf *out)
{
	buf_adds(out, "=\"");
	add_escaped(value, strlen(value), true, out);
	buf_addc(out, '"');
}

static void add_node(const struct names *names, const struct xml_node *node, bool top, struct buf *out)
{
	buf_addc(out, '<');
	add_name(names, node->ns, node->name, out);
	for (size_t i = 0; top && i < names->ns.len; i++) {
		buf_adds(out, " xmlns:");
		add_prefix(names, names->ns.items[i], out);
		add_attr_text(names->ns.items[i], out);
	}
	for (const struct xml_attr *a = node->attrs; a; a = a->next) {
		buf_addc(out, ' ');
		add_name(names, a->ns, a->name, out);
		add_attr_text(a->value, out);
	}
	if (!node->first && !node->text_len) {
		buf_adds(out, "/>");
		return;
	}
	buf_addc(out, '>');
	add_escaped(node->text, node->text_len, false, out);
	for (const struct xml_node *c = node->first; c; c = c->next)
		add_node(names, c, false, out);
	buf_adds(out, "</");
	add_name(names, node->ns, node->name, out);
	buf_addc(out, '>');
}

void xml_write(const struct xml_node *node, struct buf *out)
{
	struct names names = { 0 };

	collect(&names, node);
	add_node(&names, node, true, out);
	vec_release(&names.ns);
}
