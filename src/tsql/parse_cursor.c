/* SPDX-License-Identifier: MIT */
/* Cursors: DECLARE c CURSOR FOR, SET @c = CURSOR FOR, OPEN, FETCH, CLOSE, DEALLOCATE. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"

/* What the words between CURSOR and FOR mean here; all cursors are static and read only. */
static const struct {
	const char *word;
	bool local, scroll, forward;
	bool refused;
} options[] = {
	{ "LOCAL", true, false, false, false },
	{ "GLOBAL", false, false, false, false },
	{ "FORWARD_ONLY", false, false, true, false },
	{ "FAST_FORWARD", false, false, true, false },
	{ "SCROLL", false, true, false, false },
	{ "STATIC", false, true, false, false },
	{ "KEYSET", false, true, false, false },
	{ "DYNAMIC", false, true, false, false },
	{ "READ_ONLY", false, false, false, false },
	{ "OPTIMISTIC", false, false, false, false },
	{ "TYPE_WARNING", false, false, false, false },
	{ "SCROLL_LOCKS", false, false, false, true },
};

static bool take_option(struct parser *p, struct stmt *s, bool *forward)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (!parse_is_word(p, options[i].word))
			continue;
		if (options[i].refused)
			parse_refuse(p, p->at, "SCROLL_LOCKS of a cursor");
		s->cursor.local |= options[i].local;
		s->cursor.scroll |= options[i].scroll;
		*forward |= options[i].forward;
		p->at++;
		return true;
	}
	return false;
}

/* CURSOR options FOR query [FOR READ ONLY]; the name has been read. */
static void parse_definition(struct parser *p, struct stmt *s)
{
	const struct token *t;
	bool forward = false;

	parse_expect(p, KW_CURSOR);
	while (take_option(p, s, &forward))
		;
	if (forward)
		s->cursor.scroll = false;
	parse_expect(p, KW_FOR);
	t = p->at;
	s->cursor.query = parse_query(p);
	if (s->cursor.query->assigns)
		parse_fail(p, t, 154, "Variable assignment is not allowed in a cursor declaration.");
	if (s->cursor.query->json)
		parse_fail(p, t, 13602, "The FOR JSON clause is not allowed in a CURSOR statement.");
	if (s->cursor.query->terms[0].select->into)
		parse_fail(p, t, 156, "Incorrect syntax near the keyword 'INTO'.");
	if (parse_is(p, KW_FOR)) {
		if (parse_is_at(p, 1, KW_UPDATE))
			parse_refuse(p, p->at, "FOR UPDATE of a cursor");
		p->at += 2; /* FOR READ: parse_query stops at no other FOR */
		parse_expect(p, KW_ONLY);
	}
}

/* c or @c, the declared cursor variable. */
static const char *parse_cursor_name(struct parser *p)
{
	const struct token *t = p->at;

	if (t->kind != TOKEN_VARIABLE)
		return parse_name(p);
	for (size_t i = 0; i < p->cursors.len; i++) {
		const char *name = p->cursors.items[i];
		if (utf8_ncasecmp(name, strlen(name), t->start, t->len) == 0) {
			p->at++;
			return name;
		}
	}
	parse_fail(p, t, 137, "Must declare the scalar variable \"%.*s\".", (int)(t->len > 128 ? 128 : t->len), t->start);
}

bool parse_is_cursor_variable(const struct parser *p)
{
	for (size_t i = 0; p->at->kind == TOKEN_VARIABLE && i < p->cursors.len; i++) {
		const char *name = p->cursors.items[i];
		if (utf8_ncasecmp(name, strlen(name), p->at->start, p->at->len) == 0)
			return true;
	}
	return false;
}

void parse_cursor_variable(struct parser *p, const struct token *name)
{
	/* Takes a place among the variables, so that no other may have the name. */
	parse_declare(p, name, (struct tsql_decl){ .type = TSQL_INT });
	parse_expect(p, KW_CURSOR);
	vec_push(&p->cursors, p->variables.items[p->variables.len - 1].name);
}

struct stmt *parse_declare_cursor(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_CURSOR);

	s->cursor.op = CURSOR_DECLARE;
	s->cursor.name = parse_name(p);
	for (;;) { /* the order of ISO SQL: c SCROLL CURSOR */
		if (parse_is_word(p, "SCROLL"))
			s->cursor.scroll = true;
		else if (!parse_is_word(p, "INSENSITIVE"))
			break;
		p->at++;
	}
	parse_definition(p, s);
	return s;
}

/* SET @c = CURSOR ..., SET @c = other; the variable is the current token. */
struct stmt *parse_set_cursor(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_CURSOR);

	s->cursor.name = parse_cursor_name(p);
	parse_expect_symbol(p, '=');
	if (parse_is(p, KW_CURSOR)) {
		s->cursor.op = CURSOR_DECLARE;
		parse_definition(p, s);
		s->cursor.local = true;
	} else {
		s->cursor.op = CURSOR_SET;
		s->cursor.from = parse_cursor_name(p);
	}
	return s;
}

static void parse_reference(struct parser *p, struct stmt *s)
{
	if (parse_is_word(p, "GLOBAL") && p->at[1].kind != TOKEN_END && p->at[1].kind != TOKEN_SYMBOL) {
		s->cursor.global = true;
		p->at++;
	}
	s->cursor.name = parse_cursor_name(p);
}

struct stmt *parse_cursor_use(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_CURSOR);

	s->cursor.op = parse_is(p, KW_OPEN) ? CURSOR_OPEN : parse_is(p, KW_CLOSE) ? CURSOR_CLOSE : CURSOR_DEALLOCATE;
	p->at++;
	if (s->cursor.op == CURSOR_OPEN && (parse_is_word(p, "MASTER") || parse_is_word(p, "SYMMETRIC")))
		parse_refuse(p, p->at, parse_is_word(p, "MASTER") ? "OPEN MASTER KEY" : "OPEN SYMMETRIC KEY");
	parse_reference(p, s);
	return s;
}

/* NEXT, PRIOR, ABSOLUTE n ...: true when one was there, so that FROM must follow. */
static bool parse_place(struct parser *p, struct stmt *s)
{
	static const struct {
		const char *word;
		enum cursor_place place;
		bool counts;
	} places[] = {
		{ "NEXT", CURSOR_NEXT, false },
		{ "PRIOR", CURSOR_PRIOR, false },
		{ "FIRST", CURSOR_FIRST, false },
		{ "LAST", CURSOR_LAST, false },
		{ "ABSOLUTE", CURSOR_ABSOLUTE, true },
		{ "RELATIVE", CURSOR_RELATIVE, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		/* a cursor may have such a name: FETCH first */
		if (!parse_is_word(p, places[i].word) || (!places[i].counts && !parse_is_at(p, 1, KW_FROM)) ||
		    (places[i].counts && (p->at[1].kind == TOKEN_END || parse_is_at(p, 1, KW_INTO))))
			continue;
		s->cursor.place = places[i].place;
		p->at++;
		if (places[i].counts)
			s->cursor.offset = parse_expr(p);
		return true;
	}
	return false;
}

struct stmt *parse_fetch(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_CURSOR);
	size_t cap = 0;

	s->cursor.op = CURSOR_FETCH;
	p->at++;
	if (parse_place(p, s))
		parse_expect(p, KW_FROM);
	else
		parse_take(p, KW_FROM);
	parse_reference(p, s);
	if (!parse_take(p, KW_INTO))
		return s;
	do {
		if (s->cursor.slot_count == cap) {
			size_t *more = parse_alloc(p, (cap = cap ? cap * 2 : 8) * sizeof(*more));
			if (s->cursor.slot_count)
				memcpy(more, s->cursor.slots, s->cursor.slot_count * sizeof(*more));
			s->cursor.slots = more;
		}
		s->cursor.slots[s->cursor.slot_count++] = parse_variable(p);
	} while (parse_take_symbol(p, ','));
	return s;
}
