/* SPDX-License-Identifier: MIT */
/* Statements about logins, users and roles: read here, carried out by the registered room. */
#include <string.h>

#include "tsql/parse_impl.h"

static struct stmt *new_principal(struct parser *p, const char *verb, const char *kind)
{
	struct stmt *s = parse_alloc(p, sizeof(*s));

	s->kind = STMT_PRINCIPAL;
	s->line = p->at->line;
	s->column = p->at->column;
	s->principal.verb = verb;
	s->principal.kind = kind;
	return s;
}

/* "LOGIN", "USER" or "ROLE", or NULL. */
static const char *take_kind(struct parser *p)
{
	bool server = parse_is(p, KW_SERVER) && parse_is_at(p, 1, KW_ROLE);

	if (server)
		p->at++;
	if (parse_take(p, KW_LOGIN))
		return "LOGIN";
	if (parse_take(p, KW_USER))
		return "USER";
	if (parse_take(p, KW_ROLE))
		return server ? "SERVER ROLE" : "ROLE";
	return NULL;
}

/* What may follow CREATE LOGIN/USER: FROM WINDOWS, FOR LOGIN x, WITHOUT LOGIN; a password has no meaning here. */
static void parse_create_tail(struct parser *p, struct stmt *s)
{
	const struct token *t = p->at;

	if (parse_take(p, KW_FROM) && parse_is_word(p, "WINDOWS")) {
		p->at++;
	} else if (t != p->at || parse_take(p, KW_FOR)) {
		parse_expect(p, KW_LOGIN);
		s->principal.argument = parse_name(p);
	} else if (parse_is_word(p, "WITHOUT")) {
		p->at++;
		parse_expect(p, KW_LOGIN);
	} else if (parse_take(p, KW_AUTHORIZATION)) {
		parse_name(p);
	}
	if (parse_is(p, KW_WITH) && !parse_is_at(p, 1, KW_SELECT)) {
		const struct token *with = p->at++;
		if (parse_is_word(p, "PASSWORD"))
			parse_refuse(p, with, "WITH PASSWORD (logins are the operating system's users)");
		if (parse_is_word(p, "DEFAULT_DATABASE") || parse_is_word(p, "DEFAULT_SCHEMA")) {
			p->at++;
			parse_expect_symbol(p, '=');
			parse_name(p);
		} else {
			p->at = with;
		}
	}
}

static struct stmt *parse_create_or_drop(struct parser *p, const char *verb)
{
	const struct token *t = p->at++;
	const char *kind = take_kind(p);
	struct stmt *s;
	char what[80];

	if (!kind && parse_take(p, KW_OR)) /* CREATE OR ALTER */
		parse_expect(p, KW_ALTER);
	if (!kind) {
		if (p->at->kind != TOKEN_NAME)
			parse_fail_here(p);
		snprintf(what, sizeof(what), "%s %.*s", verb, (int)(p->at->len > 60 ? 60 : p->at->len), p->at->start);
		parse_refuse(p, t, what);
	}
	s = new_principal(p, verb, kind);
	if (parse_take(p, KW_IF))
		parse_expect(p, KW_EXISTS);
	s->principal.name = parse_name(p);
	if (verb[0] == 'C')
		parse_create_tail(p, s);
	return s;
}

static struct stmt *parse_alter(struct parser *p)
{
	const struct token *t = p->at++;
	const char *kind = take_kind(p);
	struct stmt *s;

	if (!kind || strstr(kind, "ROLE") == NULL)
		parse_refuse(p, t, "ALTER of anything but a role");
	s = new_principal(p, NULL, kind);
	s->principal.name = parse_name(p);
	if (!parse_is(p, KW_ADD) && !parse_is(p, KW_DROP))
		parse_fail_here(p);
	s->principal.verb = parse_is(p, KW_ADD) ? "ALTER ADD MEMBER" : "ALTER DROP MEMBER";
	p->at++;
	parse_expect(p, KW_MEMBER);
	s->principal.argument = parse_name(p);
	return s;
}

/* EXECUTE AS LOGIN|USER = 'name' */
static struct stmt *parse_execute_as(struct parser *p)
{
	const struct token *t = p->at;
	const char *kind;
	struct stmt *s;
	size_t len;
	char *text;

	p->at += 2;
	kind = take_kind(p);
	if (!kind)
		parse_refuse(p, t, "EXECUTE AS of anything but LOGIN or USER");
	s = new_principal(p, "EXECUTE AS", kind);
	parse_expect_symbol(p, '=');
	if (p->at->kind != TOKEN_STRING && p->at->kind != TOKEN_NSTRING)
		parse_fail_here(p);
	text = token_unquote(p->at++, &len);
	s->principal.name = arena_strndup(&p->batch->arena, text, len);
	free(text);
	if (parse_is(p, KW_WITH) && p->at[1].kind == TOKEN_NAME && !parse_is_at(p, 1, KW_SELECT)) {
		const struct token *with = p->at++;
		if (parse_is_word(p, "NO") || parse_is_word(p, "COOKIE"))
			parse_refuse(p, with, parse_is_word(p, "NO") ? "EXECUTE AS ... WITH NO REVERT" : "EXECUTE AS ... WITH COOKIE");
		p->at = with;
	}
	return s;
}

struct stmt *parse_statement_principal(struct parser *p)
{
	switch (p->at->keyword) {
	case KW_CREATE:
		return parse_create_or_drop(p, "CREATE");
	case KW_DROP:
		return parse_create_or_drop(p, "DROP");
	case KW_ALTER:
		return parse_alter(p);
	case KW_REVERT: {
		struct stmt *s = new_principal(p, "REVERT", NULL);
		p->at++;
		return s;
	}
	default:
		return parse_execute_as(p);
	}
}
