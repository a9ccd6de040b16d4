/* SPDX-License-Identifier: MIT */
/* From filter text to a WHERE clause made of fixed pieces and parameters. */
#include "tui/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

struct compile {
	const struct filter_field *fields;
	size_t count;
	struct buf *where, *guard;
	struct job_params *params;
	struct err *err;
	int number; /* of the next parameter */
};

static char *parameter(struct compile *c)
{
	return xasprintf("@f%d", c->number++);
}

/* One of the names that a term may be found in. */
static void add_name(struct buf *names, const struct filter_field *field, const char *parameter_name)
{
	buf_addf(names, "%s(column_name = N'%s' AND CHARINDEX(%s, name) > 0)", names->len ? " OR " : "", field->column,
	    parameter_name);
}

/* names: a place for the field's name in the guard, or NULL. */
static void add_text(struct compile *c, const struct filter_field *field, const char *value, struct buf *names)
{
	char *name = parameter(c);

	if (field->kind == FILTER_NAME)
		add_name(names, field, name);
	buf_addf(c->where, "CHARINDEX(%s, %s) > 0", name, field->column);
	job_params_text(c->params, name, value);
	free(name);
}

static bool parse_number(const char *value, int64_t *ret)
{
	char *end;

	*ret = strtoll(value, &end, 10);
	return end != value && !*end;
}

static int add_number(struct compile *c, const struct filter_field *field, const char *value)
{
	const char *op = *value == '<' || *value == '>' ? value++ : "=";
	int64_t number;
	char *name;

	if (!parse_number(value, &number))
		return err_set(c->err, ERR_INVALID, "%s: \"%s\" is not a number", field->name, value);
	name = parameter(c);
	buf_addf(c->where, "%s %c %s", field->column, *op, name);
	job_params_bigint(c->params, name, number);
	free(name);
	return 0;
}

static int add_codes(struct compile *c, const struct filter_field *field, const char *value)
{
	size_t len;

	buf_addf(c->where, "%s IN (", field->column);
	for (bool first = true; ; first = false, value += len + 1) {
		char *word;
		const struct code *code;

		len = strcspn(value, ",");
		word = xstrndup(value, len);
		code = code_by_word(field->codes, word);
		if (!code)
			err_set(c->err, ERR_INVALID, "%s: no such word \"%s\"", field->name, word);
		free(word);
		if (!code)
			return -ERR_INVALID;
		buf_addf(c->where, "%s%d", first ? "" : ", ", code->value);
		if (!value[len])
			break;
	}
	buf_addc(c->where, ')');
	return 0;
}

static int add_field(struct compile *c, const struct filter_field *field, const char *value, struct buf *names)
{
	switch (field->kind) {
	case FILTER_NUMBER:
		return add_number(c, field, value);
	case FILTER_CODE:
		return add_codes(c, field, value);
	case FILTER_TEXT:
	case FILTER_NAME:
		break;
	}
	add_text(c, field, value, names);
	return 0;
}

/* A bare word: any of the main columns. Returns whether all that it looks into are names. */
static bool add_bare(struct compile *c, const char *word, struct buf *names)
{
	bool first = true, only_names = true;
	int64_t number;

	buf_addc(c->where, '(');
	for (size_t i = 0; i < c->count; i++) {
		const struct filter_field *field = &c->fields[i];

		if (!field->bare || (field->kind == FILTER_NUMBER && !parse_number(word, &number)))
			continue;
		buf_adds(c->where, first ? "" : " OR ");
		first = false;
		only_names = only_names && field->kind == FILTER_NAME;
		add_field(c, field, word, names);
	}
	buf_adds(c->where, first ? "1 = 0)" : ")");
	return only_names && !first;
}

static const struct filter_field *find_field(const struct compile *c, const char *term, size_t len)
{
	for (size_t i = 0; i < c->count; i++) {
		const char *name = c->fields[i].name;

		if (len > 0 && utf8_ncasecmp(name, strlen(name), term, len) == 0)
			return &c->fields[i];
	}
	return NULL;
}

static int add_term(struct compile *c, const char *term)
{
	const char *colon = strchr(term, ':');
	const struct filter_field *field;
	bool negate = *term == '!', only_names;
	struct buf names = BUF_INIT;
	int r = 0;

	term += negate;
	if (!*term || (colon && !colon[1]))
		return 0; /* still being typed */
	field = colon ? find_field(c, term, (size_t)(colon - term)) : NULL;
	buf_adds(c->where, negate ? " AND NOT (" : " AND (");
	only_names = field && field->kind == FILTER_NAME;
	if (field)
		r = add_field(c, field, colon + 1, &names);
	else
		only_names = add_bare(c, term, &names);
	buf_addc(c->where, ')');
	if (only_names && !negate)
		buf_addf(c->guard, " AND EXISTS (SELECT 1 FROM [SSISDB].[scaleout].[execution_names] WHERE %s)", names.data);
	buf_release(&names);
	return r;
}

/* The next term without its quotes; NULL at the end. Caller frees. */
static char *next_term(const char **text)
{
	struct buf term = BUF_INIT;
	const char *s = *text + strspn(*text, " ");
	bool quoted = false;

	if (!*s) {
		*text = s;
		return NULL;
	}
	for (; *s && (quoted || *s != ' '); s++) {
		if (*s == '"')
			quoted = !quoted;
		else
			buf_addc(&term, *s);
	}
	*text = s;
	return buf_detach(&term);
}

int filter_compile(const struct filter_field *fields, size_t count, const char *text, struct buf *where,
    struct buf *guard, struct job_params *params, struct err *err)
{
	struct compile c = { fields, count, where, guard, params, err, 0 };
	char *term;
	int r = 0;

	while (r == 0 && (term = next_term(&text))) {
		r = add_term(&c, term);
		free(term);
	}
	return r;
}
