/* SPDX-License-Identifier: MIT */
/*
 * Building and reading the tree. Expat calls back; each open element has a
 * frame that collects its text, so that text on both sides of a child is
 * joined. Element names and namespaces repeat endlessly and are shared.
 */
#include "package/xml.h"

#include <expat.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/arena.h"

#define BYTES_MAX ((size_t)128 * 1024 * 1024)
#define TEXT_MAX ((size_t)64 * 1024 * 1024)
#define DEPTH_MAX 200
/* Elements and attributes together: about 350 MB of tree. */
#define ITEMS_MAX 4000000
/* Between namespace and local name; no XML character, so it cannot be forged. */
#define NS_SEPARATOR '\x01'
#define SHARED_SLOTS 256

struct builder {
	XML_Parser parser;
	const char *what;
	struct err *err;
	int result; /* negative once refused */
	struct arena arena;
	struct xml_node *root, *open;
	VEC(struct buf) texts; /* one per open element, kept for the next at that depth */
	int depth;
	int items;
	const char *shared[SHARED_SLOTS];
};

static void refuse(struct builder *b, enum err_code code, const char *text)
{
	if (b->result < 0)
		return;
	b->result = err_set(b->err, code, "%s: line %lu: %s", b->what,
	    (unsigned long)XML_GetCurrentLineNumber(b->parser), text);
	XML_StopParser(b->parser, XML_FALSE);
}

/* The same pointer for a name met before, as long as no other took its slot. */
static const char *share(struct builder *b, const char *text, size_t len)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619u;
	const char **slot = &b->shared[hash % SHARED_SLOTS];
	if (!*slot || strncmp(*slot, text, len) != 0 || (*slot)[len])
		*slot = arena_strndup(&b->arena, text, len);
	return *slot;
}

static void split_name(struct builder *b, const char *full, const char **ret_ns, const char **ret_name)
{
	const char *end = strchr(full, NS_SEPARATOR);

	*ret_ns = end ? share(b, full, (size_t)(end - full)) : "";
	const char *local = end ? end + 1 : full;
	*ret_name = share(b, local, strlen(local));
}

static void add_attrs(struct builder *b, struct xml_node *node, const XML_Char **pairs)
{
	struct xml_attr **link = &node->attrs;

	for (; *pairs; pairs += 2) {
		size_t len = strlen(pairs[1]);
		if (len > TEXT_MAX) {
			refuse(b, ERR_LIMIT, "an attribute is longer than 64 MiB");
			return;
		}
		struct xml_attr *attr = arena_alloc(&b->arena, sizeof(*attr));
		split_name(b, pairs[0], &attr->ns, &attr->name);
		attr->value = len < 8 ? share(b, pairs[1], len) : arena_strndup(&b->arena, pairs[1], len);
		*link = attr;
		link = &attr->next;
		b->items++;
	}
}

static void on_start(void *ctx, const XML_Char *name, const XML_Char **attrs)
{
	struct builder *b = ctx;

	if (b->depth == DEPTH_MAX) {
		refuse(b, ERR_LIMIT, "elements are nested deeper than 200");
		return;
	}
	if (b->items >= ITEMS_MAX) {
		refuse(b, ERR_LIMIT, "more than 4,000,000 elements and attributes");
		return;
	}
	struct xml_node *node = arena_alloc(&b->arena, sizeof(*node));
	split_name(b, name, &node->ns, &node->name);
	node->text = "";
	node->line = (int)XML_GetCurrentLineNumber(b->parser);
	node->parent = b->open;
	if (!b->open)
		b->root = node;
	else if (b->open->last)
		b->open->last->next = node;
	else
		b->open->first = node;
	if (b->open)
		b->open->last = node;
	b->open = node;
	b->items++;
	if ((size_t)b->depth == b->texts.len) {
		vec_push(&b->texts, (struct buf)BUF_INIT);
		buf_set_limit(&b->texts.items[b->depth], TEXT_MAX);
	}
	buf_clear(&b->texts.items[b->depth++]);
	add_attrs(b, node, attrs);
}

static bool blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!strchr(" \t\r\n", text[i]))
			return false;
	}
	return true;
}

static void on_end(void *ctx, const XML_Char *name)
{
	struct builder *b = ctx;
	struct buf *text = &b->texts.items[--b->depth];

	(void)name;
	/* Indentation between child elements says nothing. */
	if (text->len && !(b->open->first && blank(text->data, text->len))) {
		b->open->text = arena_strndup(&b->arena, text->data, text->len);
		b->open->text_len = text->len;
	}
	b->open = b->open->parent;
}

static void on_text(void *ctx, const XML_Char *text, int len)
{
	struct builder *b = ctx;
	struct buf *into = &b->texts.items[b->depth - 1];

	buf_add(into, text, (size_t)len);
	if (into->overflow)
		refuse(b, ERR_LIMIT, "a text is longer than 64 MiB");
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system_id,
    const XML_Char *public_id, int has_subset)
{
	(void)name, (void)system_id, (void)public_id, (void)has_subset;
	refuse(ctx, ERR_INVALID, "a document type declaration is not allowed");
}

static int run_parser(struct builder *b, const char *data, size_t len)
{
	XML_SetUserData(b->parser, b);
	XML_SetElementHandler(b->parser, on_start, on_end);
	XML_SetCharacterDataHandler(b->parser, on_text);
	XML_SetStartDoctypeDeclHandler(b->parser, on_doctype);
	enum XML_Status status = XML_Parse(b->parser, data, (int)len, XML_TRUE);
	if (b->result < 0)
		return b->result;
	if (status == XML_STATUS_OK)
		return 0;
	return err_set(b->err, ERR_INVALID, "%s: line %lu: not well-formed XML: %s", b->what,
	    (unsigned long)XML_GetCurrentLineNumber(b->parser),
	    XML_ErrorString(XML_GetErrorCode(b->parser)));
}

int xml_parse(const char *data, size_t len, const char *what, struct xml_doc **ret, struct err *err)
{
	if (len > BYTES_MAX)
		return err_set(err, ERR_LIMIT, "%s: larger than 128 MiB", what);
	struct builder *b = xcalloc(1, sizeof(*b));
	b->what = what;
	b->err = err;
	b->parser = XML_ParserCreateNS(NULL, NS_SEPARATOR);
	if (!b->parser)
		abort();
	int r = run_parser(b, data, len);
	XML_ParserFree(b->parser);
	for (size_t i = 0; i < b->texts.len; i++)
		buf_release(&b->texts.items[i]);
	vec_release(&b->texts);
	if (r < 0) {
		arena_release(&b->arena);
	} else {
		struct xml_doc *doc = xcalloc(1, sizeof(*doc));
		doc->root = b->root;
		doc->arena = xmemdup(&b->arena, sizeof(b->arena));
		*ret = doc;
	}
	free(b);
	return r;
}

void xml_free(struct xml_doc *doc)
{
	if (!doc)
		return;
	arena_release(doc->arena);
	free(doc->arena);
	free(doc);
}

void xml_graft(struct xml_doc *doc, struct xml_node *node, struct xml_doc *sub)
{
	struct xml_node *fresh = sub->root, *parent = node->parent;

	arena_merge(doc->arena, sub->arena);
	free(sub->arena);
	free(sub);
	fresh->parent = parent;
	fresh->next = node->next;
	if (!parent) {
		doc->root = fresh;
		return;
	}
	struct xml_node **link = &parent->first;
	while (*link != node)
		link = &(*link)->next;
	*link = fresh;
	if (parent->last == node)
		parent->last = fresh;
}

static const struct xml_node *find_from(const struct xml_node *node, const char *ns, const char *name)
{
	while (node && !xml_is(node, ns, name))
		node = node->next;
	return node;
}

bool xml_is(const struct xml_node *node, const char *ns, const char *name)
{
	return node && strcmp(node->name, name) == 0 && (!ns || strcmp(node->ns, ns) == 0);
}

const struct xml_node *xml_child(const struct xml_node *node, const char *ns, const char *name)
{
	return node ? find_from(node->first, ns, name) : NULL;
}

const struct xml_node *xml_next(const struct xml_node *node, const char *ns, const char *name)
{
	return node ? find_from(node->next, ns, name) : NULL;
}

const char *xml_attr(const struct xml_node *node, const char *ns, const char *name)
{
	if (!node)
		return NULL;
	for (const struct xml_attr *a = node->attrs; a; a = a->next) {
		if (strcmp(a->name, name) == 0 && (!ns || strcmp(a->ns, ns) == 0))
			return a->value;
	}
	return NULL;
}

const char *xml_text(const struct xml_node *node)
{
	const char *space = xml_attr(node, XML_NS_XML, "space");

	if (!node || (blank(node->text, node->text_len) && (!space || strcmp(space, "preserve") != 0)))
		return "";
	return node->text;
}

const char *xml_dts_prop(const struct xml_node *node, const char *name)
{
	const char *value = xml_attr(node, XML_NS_DTS, name);

	/* Packages written by scripts have DTS as default namespace, which attributes do not inherit. */
	if (!value)
		value = xml_attr(node, "", name);
	if (value)
		return value;
	for (const struct xml_node *p = xml_child(node, XML_NS_DTS, "Property"); p;
	     p = xml_next(p, XML_NS_DTS, "Property")) {
		const char *prop = xml_attr(p, NULL, "Name");
		if (prop && strcmp(prop, name) == 0)
			return xml_text(p);
	}
	return NULL;
}
