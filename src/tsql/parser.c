/* SPDX-License-Identifier: MIT */
/* The parser's base: tokens, names, types, variables, errors, and the batch as a whole. */
#include "tsql/parser.h"

#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"
#include "tsql/plan.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

/* --- errors --- */

void parse_fail(struct parser *p, const struct token *t, int number, const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	sql_error_full(p->err, number, 15, 1, "%s", text);
	if (p->err) {
		p->err->sql_line = t->line;
		err_detail(p->err, "line %d, column %d", t->line, t->column);
	}
	longjmp(p->failed, 1);
}

void parse_fail_here(struct parser *p)
{
	const struct token *t = p->at;

	if (t->kind == TOKEN_END && t > p->tokens.items)
		t--; /* the server names the last thing it read */
	if (t->kind == TOKEN_END)
		parse_fail(p, t, 102, "Incorrect syntax near the end of the batch.");
	if (t->kind == TOKEN_NAME && keyword_is_reserved(t->keyword) && p->at->kind != TOKEN_END)
		parse_fail(p, t, 156, "Incorrect syntax near the keyword '%.*s'.", (int)t->len, t->start);
	if (t->kind == TOKEN_QUOTED || t->kind == TOKEN_STRING || t->kind == TOKEN_NSTRING) {
		size_t skip = t->kind == TOKEN_NSTRING ? 2 : 1;
		size_t len = utf8_prefix_utf16(t->start + skip, t->len - skip - 1, 100);
		parse_fail(p, t, 102, "Incorrect syntax near '%.*s'.", (int)len, t->start + skip);
	}
	parse_fail(p, t, 102, "Incorrect syntax near '%.*s'.", t->len > 100 ? 100 : (int)t->len, t->start);
}

void parse_refuse(struct parser *p, const struct token *t, const char *construct)
{
	parse_fail(p, t, 40517, "Keyword or statement option '%s' is not supported here (line %d, column %d).", construct,
	    t->line, t->column);
}

void parse_enter(struct parser *p)
{
	if (++p->depth > PARSER_DEPTH_MAX)
		parse_fail(p, p->at, 191,
		    "Some part of your SQL statement is nested too deeply. Rewrite the query or break it up into smaller queries.");
}

void parse_leave(struct parser *p)
{
	p->depth--;
}

/* --- tokens --- */

bool parse_is(const struct parser *p, enum keyword keyword)
{
	return p->at->kind == TOKEN_NAME && p->at->keyword == keyword;
}

bool parse_is_at(const struct parser *p, size_t ahead, enum keyword keyword)
{
	size_t left = p->tokens.len - (size_t)(p->at - p->tokens.items);

	return ahead < left && p->at[ahead].kind == TOKEN_NAME && p->at[ahead].keyword == keyword;
}

bool parse_is_symbol(const struct parser *p, int symbol)
{
	return p->at->kind == TOKEN_SYMBOL && p->at->symbol == symbol;
}

bool parse_take(struct parser *p, enum keyword keyword)
{
	if (!parse_is(p, keyword))
		return false;
	p->at++;
	return true;
}

bool parse_take_symbol(struct parser *p, int symbol)
{
	if (!parse_is_symbol(p, symbol))
		return false;
	p->at++;
	return true;
}

void parse_expect(struct parser *p, enum keyword keyword)
{
	if (!parse_take(p, keyword))
		parse_fail_here(p);
}

void parse_expect_symbol(struct parser *p, int symbol)
{
	if (!parse_take_symbol(p, symbol))
		parse_fail_here(p);
}

bool parse_is_word(const struct parser *p, const char *word)
{
	return p->at->kind == TOKEN_NAME &&
	    utf8_ncasecmp(p->at->start, p->at->len, word, strlen(word)) == 0;
}

/* --- pieces --- */

void *parse_alloc(struct parser *p, size_t size)
{
	return arena_alloc(&p->batch->arena, size);
}

void *parse_move_items(struct parser *p, void *items_ptr, size_t bytes)
{
	void *items, *copy = NULL;

	memcpy(&items, items_ptr, sizeof(items));
	if (bytes) {
		copy = parse_alloc(p, bytes);
		memcpy(copy, items, bytes);
	}
	free(items);
	items = NULL;
	memcpy(items_ptr, &items, sizeof(items));
	return copy;
}

bool parse_is_name(const struct parser *p)
{
	return p->at->kind == TOKEN_QUOTED ||
	    (p->at->kind == TOKEN_NAME && !keyword_is_reserved(p->at->keyword));
}

const char *parse_name(struct parser *p)
{
	const struct token *t = p->at;
	char *name;

	if (!parse_is_name(p))
		parse_fail_here(p);
	if (t->kind == TOKEN_QUOTED) {
		size_t len;
		char *text = token_unquote(t, &len);
		name = arena_strndup(&p->batch->arena, text, len);
		free(text);
	} else {
		name = arena_strndup(&p->batch->arena, t->start, t->len);
	}
	if (utf8_utf16_len(name, strlen(name)) > 128)
		parse_fail(p, t, 103, "The identifier that starts with '%.100s' is too long. Maximum length is 128.", name);
	p->at++;
	return name;
}

struct ast_name parse_object_name(struct parser *p)
{
	struct ast_name n = { .line = p->at->line };
	const char *part[4] = { NULL };
	int count = 0;

	for (;;) {
		if (count == 4)
			parse_fail(p, p->at, 117, "The object name contains more than the maximum number of prefixes. The maximum is 3.");
		if (count > 0 && parse_is_symbol(p, '.'))
			part[count++] = NULL; /* database..object */
		else
			part[count++] = parse_name(p);
		if (!parse_take_symbol(p, '.'))
			break;
	}
	n.object = part[count - 1];
	n.schema = count > 1 ? part[count - 2] : NULL;
	n.database = count > 2 ? part[count - 3] : NULL;
	n.server = count > 3 ? part[count - 4] : NULL;
	return n;
}

const char **parse_name_list(struct parser *p, size_t *ret_count)
{
	const char **names = NULL;
	size_t count = 0, cap = 0;

	parse_expect_symbol(p, '(');
	do {
		if (count == cap) {
			const char **more = parse_alloc(p, (cap = cap ? cap * 2 : 8) * sizeof(*more));
			if (count)
				memcpy(more, names, count * sizeof(*more));
			names = more;
		}
		names[count++] = parse_name(p);
	} while (parse_take_symbol(p, ','));
	parse_expect_symbol(p, ')');
	*ret_count = count;
	return names;
}

static int parse_small_number(struct parser *p, int low, int high)
{
	long v;

	if (p->at->kind != TOKEN_INTEGER || p->at->len > 9)
		parse_fail_here(p);
	v = strtol(p->at->start, NULL, 10);
	if (v < low || v > high)
		parse_fail(p, p->at, 1001, "Line %d: Length or precision specification %ld is invalid.", p->at->line, v);
	p->at++;
	return (int)v;
}

static void parse_decl_size(struct parser *p, struct tsql_decl *d)
{
	const struct type_info *info = type_info(d->type);

	if (info->default_length == 1) {
		if (!info->is_fixed && parse_is_word(p, "max")) {
			p->at++;
			d->length = TSQL_MAX;
		} else {
			d->length = parse_small_number(p, 1, info->is_unicode ? 4000 : 8000);
		}
	} else if (d->type == TSQL_DECIMAL) {
		d->precision = parse_small_number(p, 1, DECIMAL_MAX_PRECISION);
		if (parse_take_symbol(p, ','))
			d->scale = parse_small_number(p, 0, d->precision);
	} else if (d->type == TSQL_FLOAT) {
		if (parse_small_number(p, 1, 53) <= 24)
			d->type = TSQL_REAL;
	} else if (d->type == TSQL_TIME || d->type == TSQL_DATETIME2 || d->type == TSQL_DATETIMEOFFSET) {
		d->scale = parse_small_number(p, 0, 7);
		d->precision = 1;
	} else {
		parse_fail(p, p->at, 2716, "Cannot specify a column width on data type %s.", info->name);
	}
}

static const char *const absent_types[] = { "hierarchyid", "geography", "geometry", "json", "vector" };

struct tsql_decl parse_decl(struct parser *p)
{
	const struct token *t = p->at;
	struct ast_name name;
	struct tsql_decl d;

	if (parse_is(p, KW_CURSOR))
		parse_refuse(p, t, "CURSOR");
	name = parse_object_name(p);
	d = type_from_name(name.object, strlen(name.object));
	for (size_t i = 0; i < ARRAY_LEN(absent_types); i++)
		if (utf8_casecmp(absent_types[i], name.object) == 0)
			parse_refuse(p, t, absent_types[i]);
	if (d.type == TSQL_UNKNOWN)
		parse_fail(p, t, 2715, "Cannot find data type %s.", name.object);
	if (parse_take_symbol(p, '(')) {
		parse_decl_size(p, &d);
		parse_expect_symbol(p, ')');
	}
	return d;
}

struct tsql_decl parse_decl_text(struct parser *p)
{
	const struct token *t = p->at;
	struct token_list tokens = { 0 };
	struct tsql_decl d;
	char *text, *kept;
	size_t len;

	if (t->kind != TOKEN_STRING && t->kind != TOKEN_NSTRING)
		parse_fail_here(p);
	text = token_unquote(t, &len);
	kept = arena_strndup(&p->batch->arena, text, len);
	free(text);
	/* A type is at most name(n, m): read it from its first tokens, then go on behind the string. */
	if (lexer_run(kept, len, &tokens, NULL) < 0 || tokens.len > 8 || tokens.len < 2 || tokens.items[0].kind != TOKEN_NAME) {
		token_list_release(&tokens);
		parse_fail_here(p);
	}
	{
		struct token *copy = parse_alloc(p, tokens.len * sizeof(*copy));
		memcpy(copy, tokens.items, tokens.len * sizeof(*copy));
		token_list_release(&tokens);
		p->at = copy;
		d = parse_decl(p);
		if (p->at->kind != TOKEN_END)
			parse_fail_here(p);
	}
	p->at = t + 1;
	return d;
}

size_t parse_variable(struct parser *p)
{
	const struct token *t = p->at;

	if (t->kind != TOKEN_VARIABLE)
		parse_fail_here(p);
	if (parse_is_cursor_variable(p))
		parse_refuse(p, t, "a cursor variable as a value");
	for (size_t i = 0; i < p->variables.len; i++) {
		const char *name = p->variables.items[i].name;
		if (utf8_ncasecmp(name, strlen(name), t->start, t->len) == 0) {
			p->at++;
			return i;
		}
	}
	parse_fail(p, t, 137, "Must declare the scalar variable \"%.*s\".", (int)(t->len > 128 ? 128 : t->len), t->start);
}

size_t parse_declare(struct parser *p, const struct token *t, struct tsql_decl decl)
{
	struct batch_variable v = { .decl = decl_complete(decl, false) };

	for (size_t i = 0; i < p->variables.len; i++) {
		const char *name = p->variables.items[i].name;
		if (utf8_ncasecmp(name, strlen(name), t->start, t->len) == 0)
			parse_fail(p, t, 134,
			    "The variable name '%s' has already been declared. Variable names must be unique within a query batch or stored procedure.",
			    name);
	}
	v.name = arena_strndup(&p->batch->arena, t->start, t->len);
	vec_push(&p->variables, v);
	return p->variables.len - 1;
}

/* --- the batch --- */

static void parse_batch(struct parser *p)
{
	VEC(struct stmt *) list = { 0 };
	struct stmt **items;
	size_t count;

	/* The list lives in the arena once complete; on failure the parser's owner frees it through p. */
	for (;;) {
		struct stmt *s;
		while (parse_take_symbol(p, ';'))
			;
		if (p->at->kind == TOKEN_END)
			break;
		s = parse_statement(p);
		if (list.len == list.cap) { /* grow inside the arena, so that a longjmp leaks nothing */
			size_t cap = list.cap ? list.cap * 2 : 16;
			struct stmt **more = parse_alloc(p, cap * sizeof(*more));
			if (list.len)
				memcpy(more, list.items, list.len * sizeof(*more));
			list.items = more;
			list.cap = cap;
		}
		list.items[list.len++] = s;
	}
	items = list.items;
	count = list.len;
	p->batch->statements.items = items;
	p->batch->statements.count = count;
	parse_resolve_labels(p);
}

static void declare_params(struct parser *p, const struct tsql_param *params, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct token t = { .kind = TOKEN_VARIABLE, .line = 1, .column = 1, .start = params[i].name,
			.len = strlen(params[i].name) };
		parse_declare(p, &t, params[i].decl);
	}
}

int parser_run(const char *text, size_t len, const struct tsql_param *params, size_t param_count,
    const struct tsql_function *const *functions, struct batch **ret, struct err *err)
{
	struct parser p = { .functions = functions, .err = err };
	int r;

	if (len > PARSER_BATCH_MAX)
		return err_set(err, ERR_LIMIT, "the batch is longer than %zu bytes", PARSER_BATCH_MAX);
	p.batch = xcalloc(1, sizeof(*p.batch));
	r = lexer_run(text, len, &p.tokens, err);
	if (r == 0 && setjmp(p.failed) == 0) {
		p.at = p.tokens.items;
		declare_params(&p, params, param_count);
		parse_batch(&p);
		p.batch->variable_count = p.variables.len;
		p.batch->variables = parse_alloc(&p, (p.variables.len + 1) * sizeof(*p.batch->variables));
		if (p.variables.len)
			memcpy(p.batch->variables, p.variables.items, p.variables.len * sizeof(*p.batch->variables));
		*ret = p.batch;
		p.batch = NULL;
	} else {
		r = -ERR_SQL;
	}
	token_list_release(&p.tokens);
	vec_release(&p.variables);
	vec_release(&p.tables);
	vec_release(&p.cursors);
	vec_release(&p.labels);
	batch_free(p.batch);
	return r;
}

static void parse_declarations(struct parser *p)
{
	if (p->at->kind == TOKEN_END)
		return;
	do {
		const struct token *name = p->at++;
		if (name->kind != TOKEN_VARIABLE) {
			p->at--;
			parse_fail_here(p);
		}
		parse_take(p, KW_AS);
		parse_declare(p, name, parse_decl(p));
		if (!parse_take(p, KW_OUTPUT))
			parse_take(p, KW_OUT);
	} while (parse_take_symbol(p, ','));
	if (p->at->kind != TOKEN_END)
		parse_fail_here(p);
}

int parser_declarations(const char *text, size_t len, struct arena *arena, struct batch_variable **ret, size_t *ret_count,
    struct err *err)
{
	struct parser p = { .err = err };
	int r;

	p.batch = xcalloc(1, sizeof(*p.batch));
	r = lexer_run(text, len, &p.tokens, err);
	if (r == 0 && setjmp(p.failed) == 0) {
		p.at = p.tokens.items;
		parse_declarations(&p);
		*ret = arena_alloc(arena, (p.variables.len + 1) * sizeof(**ret));
		for (size_t i = 0; i < p.variables.len; i++) {
			(*ret)[i] = p.variables.items[i];
			(*ret)[i].name = arena_strndup(arena, p.variables.items[i].name, strlen(p.variables.items[i].name));
		}
		*ret_count = p.variables.len;
	} else {
		r = -ERR_SQL;
	}
	token_list_release(&p.tokens);
	vec_release(&p.variables);
	vec_release(&p.tables);
	vec_release(&p.cursors);
	vec_release(&p.labels);
	batch_free(p.batch);
	return r;
}

int parser_object_name(const char *text, size_t len, struct arena *arena, struct ast_name *ret, struct err *err)
{
	struct parser p = { .err = err };
	const char **parts[] = { &ret->server, &ret->database, &ret->schema, &ret->object };
	int r;

	p.batch = xcalloc(1, sizeof(*p.batch));
	r = lexer_run(text, len, &p.tokens, err);
	if (r == 0 && setjmp(p.failed) == 0) {
		p.at = p.tokens.items;
		*ret = parse_object_name(&p);
		if (p.at->kind != TOKEN_END)
			parse_fail_here(&p);
		for (size_t i = 0; i < ARRAY_LEN(parts); i++)
			if (*parts[i])
				*parts[i] = arena_strndup(arena, *parts[i], strlen(*parts[i]));
	} else {
		r = -ERR_SQL;
	}
	token_list_release(&p.tokens);
	batch_free(p.batch);
	return r;
}

void batch_free(struct batch *batch)
{
	if (!batch)
		return;
	for (size_t i = 0; i < batch->plans.len; i++)
		plan_free(batch->plans.items[i]);
	vec_release(&batch->plans);
	arena_release(&batch->arena);
	free(batch);
}
