/* SPDX-License-Identifier: MIT */
/* FOR after a query: FOR JSON, FOR XML PATH and RAW; the rest is refused. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"

/* ('name'), or what stands for it when it is not there. */
static const char *parse_tag(struct parser *p, const char *otherwise)
{
	const char *tag;
	size_t len;
	char *text;

	if (!parse_take_symbol(p, '('))
		return otherwise;
	if (p->at->kind != TOKEN_STRING && p->at->kind != TOKEN_NSTRING)
		parse_fail_here(p);
	text = token_unquote(p->at, &len);
	tag = arena_strndup(&p->batch->arena, text, len);
	free(text);
	p->at++;
	parse_expect_symbol(p, ')');
	return tag;
}

static void parse_json_options(struct parser *p, struct for_json *json, const struct token *t)
{
	while (parse_take_symbol(p, ',')) {
		if (parse_is_word(p, "ROOT")) {
			p->at++;
			json->root = parse_tag(p, "root");
			continue;
		}
		if (parse_is_word(p, "INCLUDE_NULL_VALUES"))
			json->include_null = true;
		else if (parse_is_word(p, "WITHOUT_ARRAY_WRAPPER"))
			json->bare = true;
		else
			parse_fail_here(p);
		p->at++;
	}
	if (json->root && json->bare)
		parse_fail(p, t, 13620,
		    "ROOT option and WITHOUT_ARRAY_WRAPPER option cannot be used together in FOR JSON. Remove one of these options.");
}

/* AUTO names objects after tables; with one table there is nothing to name. */
static void check_automatic(struct parser *p, const struct query *q, const struct token *t)
{
	const struct source *from = q->terms[0].select->from;

	if (!from)
		parse_fail(p, t, 13600,
		    "FOR JSON AUTO requires at least one table for generating JSON objects. Use FOR JSON PATH or add a FROM clause with a table name.");
	if (from->kind == SOURCE_JOIN)
		parse_refuse(p, t, "FOR JSON AUTO over more than one table");
}

/* PATH or RAW with TYPE, ROOT and ELEMENTS; FOR XML has been read. */
static struct for_json *parse_xml(struct parser *p, const struct token *t)
{
	static const char *const refused[] = { "FOR XML AUTO", "FOR XML EXPLICIT" };
	static const char *const refused_options[] = { "XMLDATA", "XMLSCHEMA", "BINARY", "ABSENT" };
	struct for_json *json = parse_alloc(p, sizeof(*json));
	struct for_xml *xml = parse_alloc(p, sizeof(*xml));

	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (parse_is_word(p, refused[i] + strlen("FOR XML ")))
			parse_refuse(p, t, refused[i]);
	xml->raw = parse_is_word(p, "RAW");
	if (!xml->raw && !parse_is_word(p, "PATH"))
		parse_fail_here(p);
	p->at++;
	xml->row = parse_tag(p, "row");
	while (parse_take_symbol(p, ',')) {
		for (size_t i = 0; i < ARRAY_LEN(refused_options); i++)
			if (parse_is_word(p, refused_options[i]))
				parse_refuse(p, p->at, refused_options[i]);
		if (parse_is(p, KW_TYPE)) {
			xml->typed = true;
		} else if (parse_is_word(p, "ELEMENTS")) {
			xml->elements = true;
			if (p->at[1].kind == TOKEN_NAME && utf8_ncasecmp(p->at[1].start, p->at[1].len, "XSINIL", 6) == 0)
				parse_refuse(p, p->at + 1, "ELEMENTS XSINIL");
		} else if (parse_is_word(p, "ROOT")) {
			p->at++;
			json->root = parse_tag(p, "root");
			continue;
		} else {
			parse_fail_here(p);
		}
		p->at++;
	}
	json->xml = xml;
	return json;
}

void parse_for(struct parser *p, struct query *q)
{
	const struct token *t = p->at;
	const struct select *first = q->terms[0].select;
	struct for_json *json;

	if (p->at[1].kind == TOKEN_NAME && (p->at[1].keyword == KW_UPDATE || utf8_ncasecmp(p->at[1].start, p->at[1].len, "READ", 4) == 0))
		return; /* of a cursor */
	p->at++;
	if (parse_is_word(p, "XML")) {
		p->at++;
		q->json = parse_xml(p, t);
		return;
	}
	if (!parse_is_word(p, "JSON")) {
		if (parse_is_word(p, "BROWSE"))
			parse_refuse(p, t, "FOR BROWSE");
		parse_fail_here(p);
	}
	p->at++;
	json = parse_alloc(p, sizeof(*json));
	json->automatic = parse_is_word(p, "AUTO");
	if (!json->automatic && !parse_is_word(p, "PATH"))
		parse_fail_here(p);
	p->at++;
	parse_json_options(p, json, t);
	if (json->automatic)
		check_automatic(p, q, t);
	if (first->items[0].assigns || first->into)
		parse_fail(p, t, 13602, "The FOR JSON clause is not allowed in a %s statement.",
		    first->into ? "SELECT INTO" : "ASSIGNMENT");
	q->json = json;
}
