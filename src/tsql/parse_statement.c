/* SPDX-License-Identifier: MIT */
/* Statements: a table from the first word to the function that reads it. */
#include <string.h>

#include "base/utf8.h"
#include "tsql/parse_impl.h"

struct stmt *parse_new_statement(struct parser *p, enum stmt_kind kind)
{
	struct stmt *s = parse_alloc(p, sizeof(*s));

	s->kind = kind;
	s->line = p->at->line;
	s->column = p->at->column;
	return s;
}

static struct stmt *new_block(struct parser *p, struct stmt **items, size_t count)
{
	struct stmt *s = parse_new_statement(p, STMT_BLOCK);

	s->block.items = items;
	s->block.count = count;
	return s;
}

void parse_push_statement(struct parser *p, struct stmt_list *list, size_t *cap, struct stmt *s)
{
	if (list->count == *cap) {
		struct stmt **more = parse_alloc(p, (*cap = *cap ? *cap * 2 : 4) * sizeof(*more));
		if (list->count)
			memcpy(more, list->items, list->count * sizeof(*more));
		list->items = more;
	}
	list->items[list->count++] = s;
}

struct stmt *parse_as_one(struct parser *p, const struct stmt_list *list)
{
	return list->count == 1 ? list->items[0] : new_block(p, list->items, list->count);
}

/* --- variables --- */

static struct stmt *parse_declare_statement(struct parser *p)
{
	struct stmt_list list = { 0 };
	size_t cap = 0;

	p->at++;
	if (parse_is_name(p))
		return parse_declare_cursor(p);
	do {
		const struct token *name = p->at;
		struct stmt *s = parse_new_statement(p, STMT_DECLARE);
		struct expr *value = NULL;
		struct tsql_decl decl;
		if (name->kind != TOKEN_VARIABLE)
			parse_fail_here(p);
		p->at++;
		parse_take(p, KW_AS);
		if (parse_take(p, KW_TABLE)) {
			parse_push_statement(p, &list, &cap, parse_table_variable(p, name, false));
			continue;
		}
		/* Built-in types stand without a schema: a name with one is a table type's. */
		if (parse_is_name(p) && p->at[1].kind == TOKEN_SYMBOL && p->at[1].symbol == '.') {
			parse_push_statement(p, &list, &cap, parse_table_variable(p, name, true));
			continue;
		}
		if (parse_is(p, KW_CURSOR)) {
			parse_cursor_variable(p, name);
			parse_push_statement(p, &list, &cap, s); /* does nothing */
			continue;
		}
		decl = parse_decl(p);
		/* The variable is not yet visible in its own initialiser. */
		if (parse_take_symbol(p, '='))
			value = parse_expr(p);
		s->set.slot = parse_declare(p, name, decl);
		s->set.value = value;
		s->set.op = '=';
		parse_push_statement(p, &list, &cap, s);
	} while (parse_take_symbol(p, ','));
	return parse_as_one(p, &list);
}

int parse_assign_op(struct parser *p)
{
	int symbol = p->at->symbol;

	if (p->at->kind != TOKEN_SYMBOL)
		parse_fail_here(p);
	if (symbol == '=') {
		p->at++;
		return '=';
	}
	if (symbol > 255 && (symbol & 255) == '=' && strchr("+-*/%&|^", symbol >> 8)) {
		p->at++;
		return symbol >> 8;
	}
	parse_fail_here(p);
}

static struct stmt *parse_set(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_SET);

	p->at++;
	if (p->at->kind != TOKEN_VARIABLE)
		return parse_set_option(p);
	if (parse_is_cursor_variable(p))
		return parse_set_cursor(p);
	s->set.slot = parse_variable(p);
	s->set.op = parse_assign_op(p);
	s->set.value = parse_expr(p);
	return s;
}

/* --- EXEC --- */

/* An argument: a constant, a variable, or a bare word, which stands for its own text. */
static struct expr *parse_exec_value(struct parser *p)
{
	const struct token *t = p->at;
	struct expr *x;

	if (t->kind == TOKEN_NAME && t->keyword == KW_NULL)
		return parse_expr(p);
	if (t->kind == TOKEN_NAME || t->kind == TOKEN_QUOTED) {
		const char *name;
		if (t->kind == TOKEN_NAME && keyword_is_reserved(t->keyword))
			parse_fail_here(p);
		name = parse_name(p);
		x = parse_new(p, EXPR_LITERAL, t);
		x->literal = (struct tsql_value){ .type = TSQL_NVARCHAR };
		x->literal.s.len = strlen(name);
		x->literal.s.data = arena_strndup(&p->batch->arena, name, strlen(name));
		x->literal.length = x->literal.s.len ? (int)utf8_utf16_len(name, strlen(name)) : 1;
		return x;
	}
	if (parse_is_symbol(p, '-') || parse_is_symbol(p, '+')) {
		x = parse_new(p, EXPR_UNARY, t);
		p->at++;
		if (p->at->kind < TOKEN_INTEGER || p->at->kind > TOKEN_MONEY)
			parse_fail_here(p);
		x->op.op = t->symbol;
		x->op.left = parse_exec_value(p);
		return x;
	}
	if (t->kind == TOKEN_SYMBOL || t->kind == TOKEN_END)
		parse_fail_here(p);
	if (t->kind == TOKEN_VARIABLE && t->start[1] != '@') {
		x = parse_new(p, EXPR_VARIABLE, t);
		x->slot = parse_variable(p);
		return x;
	}
	/* One token: an expression is not allowed here, as on the server. */
	{
		const struct token *after = t + 1;
		bool more = after->kind == TOKEN_SYMBOL && after->symbol != ',' && after->symbol != ';' && after->symbol != ')';
		if (more) {
			p->at++;
			parse_fail_here(p);
		}
		return parse_expr(p);
	}
}

static void parse_exec_arg(struct parser *p, struct exec_arg *a, bool *named)
{
	const struct token *t = p->at;

	a->line = t->line;
	if (t->kind == TOKEN_VARIABLE && t[1].kind == TOKEN_SYMBOL && t[1].symbol == '=') {
		a->name = arena_strndup(&p->batch->arena, t->start, t->len);
		*named = true;
		p->at += 2;
	} else if (*named) {
		parse_fail(p, t, 119,
		    "Must pass parameter number and subsequent parameters as '@name = value'. After the form '@name = value' has been used, all subsequent parameters must be passed in the form '@name = value'.");
	}
	if (parse_is_table(p))
		a->table = parse_table_name(p);
	else if (!parse_take(p, KW_DEFAULT))
		a->value = parse_exec_value(p);
	if (parse_is(p, KW_OUTPUT) || parse_is(p, KW_OUT)) {
		if (!a->value || a->value->kind != EXPR_VARIABLE)
			parse_fail(p, p->at, 179, "Cannot use the OUTPUT option when passing a constant to a stored procedure.");
		a->output = true;
		p->at++;
	}
}

static bool exec_args_follow(const struct parser *p)
{
	const struct token *t = p->at;

	switch (t->kind) {
	case TOKEN_END:
		return false;
	case TOKEN_NAME: /* EXEC p Null; but EXEC p SELECT 1 is two statements */
		return t->keyword == KW_NULL || t->keyword == KW_DEFAULT || !keyword_is_reserved(t->keyword);
	case TOKEN_SYMBOL:
		return t->symbol == '-' || t->symbol == '+';
	default:
		return true;
	}
}

static struct stmt *parse_exec_call(struct parser *p, struct stmt *s)
{
	bool named = false;
	size_t cap = 0;

	if (p->at->kind == TOKEN_VARIABLE && p->at[1].kind == TOKEN_SYMBOL && p->at[1].symbol == '=') {
		s->exec.has_return = true;
		s->exec.return_slot = parse_variable(p);
		p->at++;
	}
	s->exec.by_variable = p->at->kind == TOKEN_VARIABLE;
	if (s->exec.by_variable)
		s->exec.name_slot = parse_variable(p);
	else
		s->exec.name = parse_object_name(p);
	if (!exec_args_follow(p))
		return s;
	do {
		if (s->exec.arg_count == cap) {
			struct exec_arg *more = parse_alloc(p, (cap = cap ? cap * 2 : 8) * sizeof(*more));
			if (s->exec.arg_count)
				memcpy(more, s->exec.args, s->exec.arg_count * sizeof(*more));
			s->exec.args = more;
		}
		parse_exec_arg(p, &s->exec.args[s->exec.arg_count++], &named);
	} while (parse_take_symbol(p, ','));
	return s;
}

static struct stmt *parse_exec(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_EXEC);

	if (parse_is_at(p, 1, KW_AS))
		return parse_statement_principal(p);
	p->at++;
	if (parse_take_symbol(p, '(')) {
		s->kind = STMT_EXEC_TEXT;
		s->expr = parse_expr(p);
		parse_expect_symbol(p, ')');
		if (parse_is(p, KW_AT) || parse_is(p, KW_AS))
			parse_refuse(p, p->at, "EXECUTE (...) AT or AS");
		return s;
	}
	return parse_exec_call(p, s);
}

/* --- flow --- */

static struct stmt *parse_body(struct parser *p)
{
	while (parse_take_symbol(p, ';'))
		;
	if (p->at->kind == TOKEN_END)
		parse_fail_here(p);
	return parse_statement(p);
}

static struct stmt *parse_if(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_IF);
	const struct token *mark;

	p->at++;
	s->branch.condition = parse_condition(p);
	s->branch.then = parse_body(p);
	mark = p->at;
	while (parse_take_symbol(p, ';'))
		;
	if (parse_take(p, KW_ELSE))
		s->branch.otherwise = parse_body(p);
	else
		p->at = mark;
	return s;
}

static struct stmt *parse_while(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_WHILE);

	p->at++;
	s->branch.condition = parse_condition(p);
	p->loops++;
	s->branch.then = parse_body(p);
	p->loops--;
	return s;
}

static struct stmt *parse_loop_exit(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, parse_is(p, KW_BREAK) ? STMT_BREAK : STMT_CONTINUE);

	if (p->loops == 0)
		parse_fail(p, p->at, parse_is(p, KW_BREAK) ? 135 : 136,
		    "Cannot use a %s statement outside the scope of a WHILE statement.",
		    parse_is(p, KW_BREAK) ? "BREAK" : "CONTINUE");
	p->at++;
	return s;
}

static struct stmt *parse_begin(struct parser *p)
{
	struct stmt_list list = { 0 };
	size_t cap = 0;

	if (parse_is_at(p, 1, KW_TRAN) || parse_is_at(p, 1, KW_TRANSACTION))
		return parse_transaction(p);
	p->at++;
	if (parse_is(p, KW_TRY))
		return parse_try(p);
	for (;;) {
		while (parse_take_symbol(p, ';'))
			;
		if (parse_is(p, KW_END) || p->at->kind == TOKEN_END)
			break;
		parse_push_statement(p, &list, &cap, parse_statement(p));
	}
	if (list.count == 0)
		parse_fail_here(p); /* an empty block is an error on the server too */
	parse_expect(p, KW_END);
	return new_block(p, list.items, list.count);
}

static struct stmt *parse_return(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_RETURN);
	const struct token *t = ++p->at;
	bool value = t->kind != TOKEN_END && t->kind != TOKEN_NAME &&
	    (t->kind != TOKEN_SYMBOL || t->symbol == '-' || t->symbol == '(' || t->symbol == '+');

	if (value)
		s->expr = parse_expr(p);
	return s;
}

static struct stmt *parse_print(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_PRINT);

	p->at++;
	s->expr = parse_expr(p);
	return s;
}

static struct stmt *parse_use(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_USE);

	p->at++;
	s->database = parse_name(p);
	return s;
}

static struct stmt *parse_select_statement(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_SELECT);

	s->query = parse_query(p);
	return s;
}

static struct stmt *parse_create(struct parser *p)
{
	if (parse_is_index(p))
		return parse_index(p);
	return parse_is_at(p, 1, KW_TABLE) ? parse_create_table(p) : parse_statement_principal(p);
}

static struct stmt *parse_drop(struct parser *p)
{
	if (parse_is_index(p))
		return parse_index(p);
	return parse_is_at(p, 1, KW_TABLE) ? parse_drop_table(p) : parse_statement_principal(p);
}

static struct stmt *parse_alter(struct parser *p)
{
	return parse_is_at(p, 1, KW_TABLE) ? parse_alter_table(p) : parse_statement_principal(p);
}

/* --- the table --- */

static const struct {
	enum keyword keyword;
	struct stmt *(*parse)(struct parser *p);
	const char *refused; /* the construct's name when it is not offered */
} statements[] = {
	{ KW_DECLARE, parse_declare_statement, NULL },
	{ KW_SET, parse_set, NULL },
	{ KW_SELECT, parse_select_statement, NULL },
	{ KW_WITH, parse_select_statement, NULL },
	{ KW_EXEC, parse_exec, NULL },
	{ KW_EXECUTE, parse_exec, NULL },
	{ KW_PRINT, parse_print, NULL },
	{ KW_IF, parse_if, NULL },
	{ KW_WHILE, parse_while, NULL },
	{ KW_BREAK, parse_loop_exit, NULL },
	{ KW_CONTINUE, parse_loop_exit, NULL },
	{ KW_BEGIN, parse_begin, NULL },
	{ KW_RETURN, parse_return, NULL },
	{ KW_USE, parse_use, NULL },
	{ KW_CREATE, parse_create, NULL },
	{ KW_ALTER, parse_alter, NULL },
	{ KW_DROP, parse_drop, NULL },
	{ KW_REVERT, parse_statement_principal, NULL },
	{ KW_BACKUP, NULL, "BACKUP" },
	{ KW_BULK, NULL, "BULK INSERT" },
	{ KW_CHECKPOINT, NULL, "CHECKPOINT" },
	{ KW_CLOSE, parse_cursor_use, NULL },
	{ KW_COMMIT, parse_transaction, NULL },
	{ KW_DBCC, NULL, "DBCC" },
	{ KW_DEALLOCATE, parse_cursor_use, NULL },
	{ KW_DELETE, parse_delete, NULL },
	{ KW_DENY, NULL, "DENY" },
	{ KW_FETCH, parse_fetch, NULL },
	{ KW_GOTO, parse_goto, NULL },
	{ KW_GRANT, NULL, "GRANT" },
	{ KW_INSERT, parse_insert, NULL },
	{ KW_KILL, NULL, "KILL" },
	{ KW_MERGE, parse_merge, NULL },
	{ KW_OPEN, parse_cursor_use, NULL },
	{ KW_RAISERROR, parse_raiserror, NULL },
	{ KW_RECONFIGURE, NULL, "RECONFIGURE" },
	{ KW_RESTORE, NULL, "RESTORE" },
	{ KW_REVOKE, NULL, "REVOKE" },
	{ KW_ROLLBACK, parse_transaction, NULL },
	{ KW_SAVE, parse_transaction, NULL },
	{ KW_SHUTDOWN, NULL, "SHUTDOWN" },
	{ KW_THROW, parse_throw, NULL },
	{ KW_TRUNCATE, parse_drop_table, NULL },
	{ KW_UPDATE, parse_update, NULL },
	{ KW_WAITFOR, parse_waitfor, NULL },
};

/* Statements that begin with words which are names elsewhere. */
static const struct {
	const char *first, *second; /* second NULL: any */
	const char *refused;
} absent[] = {
	{ "ADD", NULL, "ADD SIGNATURE" },
	{ "BEGIN", "CONVERSATION", "BEGIN CONVERSATION TIMER" },
	{ "BEGIN", "DIALOG", "BEGIN DIALOG" },
	{ "BEGIN", "DISTRIBUTED", "BEGIN DISTRIBUTED TRANSACTION" },
	{ "CLOSE", "MASTER", "CLOSE MASTER KEY" },
	{ "CLOSE", "SYMMETRIC", "CLOSE SYMMETRIC KEY" },
	{ "COPY", "INTO", "COPY INTO" },
	{ "DISABLE", "TRIGGER", "DISABLE TRIGGER" },
	{ "ENABLE", "TRIGGER", "ENABLE TRIGGER" },
	{ "END", "CONVERSATION", "END CONVERSATION" },
	{ "GET", "CONVERSATION", "GET CONVERSATION GROUP" },
	{ "LINENO", NULL, "LINENO" },
	{ "MOVE", "CONVERSATION", "MOVE CONVERSATION" },
	{ "OPEN", "MASTER", "OPEN MASTER KEY" },
	{ "OPEN", "SYMMETRIC", "OPEN SYMMETRIC KEY" },
	{ "READTEXT", NULL, "READTEXT" },
	{ "RECEIVE", NULL, "RECEIVE" },
	{ "SEND", "ON", "SEND ON CONVERSATION" },
	{ "SETUSER", NULL, "SETUSER" },
	{ "UPDATE", "STATISTICS", "UPDATE STATISTICS" },
	{ "UPDATETEXT", NULL, "UPDATETEXT" },
	{ "WRITETEXT", NULL, "WRITETEXT" },
};

static bool is_word_at(const struct parser *p, size_t ahead, const char *word)
{
	return p->at[ahead].kind == TOKEN_NAME && utf8_ncasecmp(p->at[ahead].start, p->at[ahead].len, word, strlen(word)) == 0;
}

static void refuse_absent(struct parser *p)
{
	for (size_t i = 0; i < ARRAY_LEN(absent); i++)
		if (is_word_at(p, 0, absent[i].first) && (!absent[i].second || is_word_at(p, 1, absent[i].second)))
			parse_refuse(p, p->at, absent[i].refused);
}

static struct stmt *parse_by_keyword(struct parser *p)
{
	for (size_t i = 0; i < ARRAY_LEN(statements); i++) {
		if (statements[i].keyword != p->at->keyword)
			continue;
		if (!statements[i].parse)
			parse_refuse(p, p->at, statements[i].refused);
		return statements[i].parse(p);
	}
	return NULL;
}

struct stmt *parse_statement(struct parser *p)
{
	struct stmt *s = NULL;

	parse_enter(p);
	if (!parse_is_label(p))
		refuse_absent(p);
	if (parse_is_label(p))
		s = parse_label(p);
	else if (p->at->kind == TOKEN_NAME && p->at->keyword != KW_NONE)
		s = parse_by_keyword(p);
	if (!s) {
		/* A procedure's name at the very start of a batch needs no EXEC. */
		if (p->at != p->tokens.items || !parse_is_name(p))
			parse_fail_here(p);
		s = parse_exec_call(p, parse_new_statement(p, STMT_EXEC));
	}
	parse_leave(p);
	return s;
}
