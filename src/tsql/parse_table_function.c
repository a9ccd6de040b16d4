/* SPDX-License-Identifier: MIT */
/* Table functions of the language in FROM, and OPENJSON's WITH. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"
#include "tsql/table_function.h"
#include "tsql/types.h"

/* Rowset functions that reach out of the catalog. */
static const char *const refused[] = { "OPENQUERY", "OPENDATASOURCE", "OPENXML", "CONTAINSTABLE", "FREETEXTTABLE", "CHANGETABLE",
	"PREDICT" };

/* WITH (name type ['path'] [AS JSON], ...) */
static void parse_fields(struct parser *p, struct source *s)
{
	struct json_field *fields = NULL;
	size_t cap = 0;

	parse_expect(p, KW_WITH);
	parse_expect_symbol(p, '(');
	do {
		struct json_field *f;
		if (s->field_count == cap) {
			struct json_field *more = parse_alloc(p, (cap = cap ? cap * 2 : 8) * sizeof(*more));
			if (s->field_count)
				memcpy(more, fields, s->field_count * sizeof(*more));
			fields = more;
		}
		f = &fields[s->field_count++];
		memset(f, 0, sizeof(*f));
		f->name = parse_name(p);
		f->decl = decl_complete(parse_decl(p), false);
		if (p->at->kind == TOKEN_STRING || p->at->kind == TOKEN_NSTRING) {
			size_t len;
			char *text = token_unquote(p->at, &len);
			f->path = arena_strndup(&p->batch->arena, text, len);
			free(text);
			p->at++;
		}
		if (parse_take(p, KW_AS)) {
			const struct token *t = p->at;
			if (!parse_is_word(p, "JSON"))
				parse_fail_here(p);
			p->at++;
			if (f->decl.type != TSQL_NVARCHAR || f->decl.length != TSQL_MAX)
				parse_fail(p, t, 13618, "AS JSON option can be specified only for column of nvarchar(max) type in WITH clause.");
			f->as_json = true;
		}
	} while (parse_take_symbol(p, ','));
	parse_expect_symbol(p, ')');
	s->fields = fields;
}

void parse_refuse_rowset(struct parser *p, const struct ast_name *name, const struct token *t)
{
	for (size_t i = 0; !name->schema && i < ARRAY_LEN(refused); i++)
		if (utf8_casecmp(refused[i], name->object) == 0)
			parse_refuse(p, t, refused[i]);
}

void parse_table_function(struct parser *p, struct source *s, const struct token *t)
{
	if (s->name.schema)
		return;
	s->function = table_function_find(s->name.object);
	if (!s->function)
		return;
	if (s->args.count < s->function->min_args)
		parse_fail(p, t, 313, "An insufficient number of arguments were supplied for the procedure or function %s.", s->function->name);
	if (s->args.count > s->function->max_args)
		parse_fail(p, t, 8144, "Procedure or function %s has too many arguments specified.", s->function->name);
	if (s->function->fields && parse_is(p, KW_WITH) && p->at[1].kind == TOKEN_SYMBOL && p->at[1].symbol == '(')
		parse_fields(p, s);
}
