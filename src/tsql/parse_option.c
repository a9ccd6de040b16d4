/* SPDX-License-Identifier: MIT */
/*
 * SET options. Each row says which settings there are; a setting that would
 * change what statements mean, and that is not there, is refused by name.
 */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"

enum { ON = 1, OFF = 2, BOTH = ON | OFF };

static const struct {
	const char *name;
	int settings;
} switches[] = {
	{ "NOCOUNT", BOTH },
	{ "XACT_ABORT", BOTH },
	{ "ANSI_DEFAULTS", ON },
	{ "ANSI_NULLS", ON },
	{ "ANSI_NULL_DFLT_OFF", OFF },
	{ "ANSI_NULL_DFLT_ON", BOTH },
	{ "ANSI_PADDING", BOTH },
	{ "ANSI_WARNINGS", BOTH },
	{ "ARITHABORT", BOTH },
	{ "ARITHIGNORE", OFF },
	{ "CONCAT_NULL_YIELDS_NULL", ON },
	{ "CURSOR_CLOSE_ON_COMMIT", OFF },
	{ "FMTONLY", OFF },
	{ "FORCEPLAN", OFF },
	{ "IMPLICIT_TRANSACTIONS", OFF },
	{ "NOEXEC", OFF },
	{ "NUMERIC_ROUNDABORT", OFF },
	{ "PARSEONLY", OFF },
	{ "QUOTED_IDENTIFIER", ON },
	{ "REMOTE_PROC_TRANSACTIONS", OFF },
	{ "SHOWPLAN_ALL", OFF },
	{ "SHOWPLAN_TEXT", OFF },
	{ "SHOWPLAN_XML", OFF },
};

/* Options with a value of their own: the only values there are, those that are in force anyway. */
static const struct {
	const char *name, *values; /* separated by blanks; "*" = any one word or number */
} settings[] = {
	{ "DATEFORMAT", "mdy" },
	{ "DATEFIRST", "7" },
	{ "LANGUAGE", "us_english english" },
	{ "ROWCOUNT", "0" },
	{ "TEXTSIZE", "-1 2147483647" },
	{ "DEADLOCK_PRIORITY", "*" },
};

static void refuse_option(struct parser *p, const struct token *name, const struct token *value) __attribute__((noreturn));

static void refuse_option(struct parser *p, const struct token *name, const struct token *value)
{
	char what[160];

	snprintf(what, sizeof(what), "SET %.*s%s%.*s", (int)(name->len > 60 ? 60 : name->len), name->start, value ? " " : "",
	    value ? (int)(value->len > 60 ? 60 : value->len) : 0, value ? value->start : "");
	parse_refuse(p, name, what);
}

/* The names before ON or OFF, of which the first has been found in the table. */
static struct stmt *parse_switches(struct parser *p)
{
	const struct token *first = p->at;
	struct stmt_list list = { 0 };
	size_t cap = 0, found = 0;
	bool on;

	do {
		struct stmt *s = parse_new_statement(p, STMT_OPTION);
		for (found = 0; found < ARRAY_LEN(switches); found++)
			if (parse_is_word(p, switches[found].name))
				break;
		if (found == ARRAY_LEN(switches))
			refuse_option(p, p->at, NULL);
		s->option.name = switches[found].name;
		parse_push_statement(p, &list, &cap, s);
		p->at++;
	} while (parse_take_symbol(p, ','));
	on = parse_is(p, KW_ON);
	if (!on && !parse_is(p, KW_OFF))
		parse_fail_here(p);
	for (size_t i = 0; i < list.count; i++) {
		const char *name = list.items[i]->option.name;
		list.items[i]->option.on = on;
		for (size_t n = 0; n < ARRAY_LEN(switches); n++)
			if (switches[n].name == name && !(switches[n].settings & (on ? ON : OFF)))
				refuse_option(p, list.count == 1 ? first : &first[2 * i], p->at);
	}
	p->at++;
	return parse_as_one(p, &list);
}

static bool is_value(const char *values, const char *text, size_t len)
{
	if (strcmp(values, "*") == 0)
		return true;
	while (*values) {
		size_t n = strcspn(values, " ");
		if (utf8_ncasecmp(values, n, text, len) == 0)
			return true;
		values += n + (values[n] == ' ');
	}
	return false;
}

/* A word, string or number, maybe negative, that must be one of a row's values. */
static struct stmt *parse_setting(struct parser *p, size_t row)
{
	struct stmt *s = parse_new_statement(p, STMT_OPTION);
	const struct token *name = p->at++, *value = p->at;
	struct token whole = *value;

	if (parse_take_symbol(p, '-')) {
		whole.len = (size_t)(p->at->start + p->at->len - value->start);
	} else if (value->kind == TOKEN_STRING || value->kind == TOKEN_NSTRING) {
		whole.start += value->kind == TOKEN_NSTRING ? 2 : 1;
		whole.len -= value->kind == TOKEN_NSTRING ? 3 : 2;
	}
	if (p->at->kind == TOKEN_END || (p->at->kind == TOKEN_SYMBOL))
		parse_fail_here(p);
	if (!is_value(settings[row].values, whole.start, whole.len))
		refuse_option(p, name, &whole);
	p->at++;
	s->option.name = settings[row].name;
	return s;
}

/* TRANSACTION ISOLATION LEVEL: whatever is asked for, transactions are serializable. */
static struct stmt *parse_isolation(struct parser *p)
{
	static const char *const levels[] = { "SERIALIZABLE", "SNAPSHOT" };
	struct stmt *s = parse_new_statement(p, STMT_OPTION);

	p->at++;
	if (!parse_is_word(p, "ISOLATION"))
		parse_fail_here(p);
	p->at++;
	if (!parse_is_word(p, "LEVEL"))
		parse_fail_here(p);
	p->at++;
	s->option.name = "TRANSACTION ISOLATION LEVEL";
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (parse_is_word(p, levels[i])) {
			p->at++;
			return s;
		}
	}
	if (parse_is_word(p, "READ")) {
		p->at++;
		if (!parse_is_word(p, "UNCOMMITTED") && !parse_is_word(p, "COMMITTED"))
			parse_fail_here(p);
	} else if (parse_is_word(p, "REPEATABLE")) {
		p->at++;
		if (!parse_is_word(p, "READ"))
			parse_fail_here(p);
	} else {
		parse_fail_here(p);
	}
	p->at++;
	return s;
}

struct stmt *parse_set_option(struct parser *p)
{
	if (p->at->kind != TOKEN_NAME)
		parse_fail_here(p);
	if (parse_is(p, KW_TRANSACTION))
		return parse_isolation(p);
	if (parse_is_word(p, "STATISTICS"))
		refuse_option(p, p->at, p->at[1].kind == TOKEN_NAME ? p->at + 1 : NULL);
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (parse_is_word(p, settings[i].name))
			return parse_setting(p, i);
	return parse_switches(p);
}
