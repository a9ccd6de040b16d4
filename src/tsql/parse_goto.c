/* SPDX-License-Identifier: MIT */
/*
 * Labels and GOTO. A jump may go to a label of its own list of statements or
 * of one around it; into a block it may not, so that no loop or TRY is entered
 * in its middle.
 */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"

bool parse_is_label(const struct parser *p)
{
	return parse_is_name(p) && p->at[1].kind == TOKEN_SYMBOL && p->at[1].symbol == ':';
}

bool parse_is_optional_name(const struct parser *p)
{
	return parse_is_name(p) && !parse_is_label(p);
}

static const struct stmt *find_label(const struct parser *p, const char *name)
{
	for (size_t i = 0; i < p->labels.len; i++)
		if (utf8_casecmp(p->labels.items[i]->jump.name, name) == 0)
			return p->labels.items[i];
	return NULL;
}

struct stmt *parse_label(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_LABEL);
	const struct token *t = p->at;

	s->jump.name = parse_name(p);
	if (find_label(p, s->jump.name))
		parse_fail(p, t, 132,
		    "The label '%s' has already been declared. Label names must be unique within a query batch or stored procedure.",
		    s->jump.name);
	parse_expect_symbol(p, ':');
	vec_push(&p->labels, s);
	return s;
}

struct stmt *parse_goto(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_GOTO);

	p->at++;
	s->jump.name = parse_name(p);
	return s;
}

/* The lists of statements around a statement. */
struct around {
	const struct stmt_list *list;
	const struct around *outer;
};

static const struct stmt *label_in_reach(const char *name, const struct around *around)
{
	for (; around; around = around->outer) {
		for (size_t i = 0; i < around->list->count; i++) {
			const struct stmt *s = around->list->items[i];
			if (s->kind == STMT_LABEL && utf8_casecmp(s->jump.name, name) == 0)
				return s;
		}
	}
	return NULL;
}

static void resolve_list(struct parser *p, const struct stmt_list *list, const struct around *outer);

static void resolve(struct parser *p, struct stmt *s, const struct around *around)
{
	struct token t = { .line = s->line, .column = s->column };

	switch (s->kind) {
	case STMT_GOTO:
		s->jump.target = label_in_reach(s->jump.name, around);
		if (!s->jump.target && find_label(p, s->jump.name))
			parse_refuse(p, &t, "GOTO into a block");
		if (!s->jump.target)
			parse_fail(p, &t, 133, "A GOTO statement references the label '%s' but the label has not been declared.",
			    s->jump.name);
		break;
	case STMT_BLOCK:
		resolve_list(p, &s->block, around);
		break;
	case STMT_TRY:
		resolve_list(p, &s->attempt.body, around);
		resolve_list(p, &s->attempt.handler, around);
		break;
	case STMT_IF:
	case STMT_WHILE:
		resolve(p, s->branch.then, around);
		if (s->kind == STMT_IF && s->branch.otherwise)
			resolve(p, s->branch.otherwise, around);
		break;
	default:
		break;
	}
}

static void resolve_list(struct parser *p, const struct stmt_list *list, const struct around *outer)
{
	struct around here = { list, outer };

	for (size_t i = 0; i < list->count; i++)
		resolve(p, list->items[i], &here);
}

void parse_resolve_labels(struct parser *p)
{
	resolve_list(p, &p->batch->statements, NULL);
}
