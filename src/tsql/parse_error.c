/* SPDX-License-Identifier: MIT */
/* TRY and CATCH, THROW, RAISERROR, transactions, WAITFOR. */
#include <string.h>

#include "tsql/parse_impl.h"

/* Statements up to END TRY or END CATCH, which is skipped. */
static struct stmt_list parse_until_end(struct parser *p, enum keyword what)
{
	struct stmt_list list = { 0 };
	size_t cap = 0;

	for (;;) {
		while (parse_take_symbol(p, ';'))
			;
		if (parse_is(p, KW_END) || p->at->kind == TOKEN_END)
			break;
		parse_push_statement(p, &list, &cap, parse_statement(p));
	}
	parse_expect(p, KW_END);
	parse_expect(p, what);
	return list;
}

struct stmt *parse_try(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_TRY);

	parse_expect(p, KW_TRY);
	s->attempt.body = parse_until_end(p, KW_TRY);
	while (parse_take_symbol(p, ';'))
		;
	parse_expect(p, KW_BEGIN);
	parse_expect(p, KW_CATCH);
	p->handlers++;
	s->attempt.handler = parse_until_end(p, KW_CATCH);
	p->handlers--;
	return s;
}

struct stmt *parse_throw(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_THROW);
	const struct token *t = p->at++;

	if (p->at->kind == TOKEN_INTEGER || p->at->kind == TOKEN_VARIABLE) {
		s->raise_again.number = parse_expr(p);
		parse_expect_symbol(p, ',');
		s->raise_again.message = parse_expr(p);
		parse_expect_symbol(p, ',');
		s->raise_again.state = parse_expr(p);
	} else if (p->handlers == 0) {
		parse_fail(p, t, 10704,
		    "To rethrow an error, a THROW statement must be used inside a CATCH block. Insert the THROW statement inside a CATCH block, or add error parameters to the THROW statement.");
	}
	return s;
}

struct stmt *parse_raiserror(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_RAISERROR);

	p->at++;
	parse_expect_symbol(p, '(');
	s->raise.message = parse_expr(p);
	parse_expect_symbol(p, ',');
	s->raise.severity = parse_expr(p);
	parse_expect_symbol(p, ',');
	s->raise.state = parse_expr(p);
	if (parse_take_symbol(p, ','))
		s->raise.args = parse_expr_list(p);
	parse_expect_symbol(p, ')');
	if (parse_take(p, KW_WITH)) { /* NOWAIT, LOG, SETERROR: messages go out at once anyway */
		do {
			if (!parse_is_word(p, "NOWAIT") && !parse_is_word(p, "LOG") && !parse_is_word(p, "SETERROR"))
				parse_fail_here(p);
			p->at++;
		} while (parse_take_symbol(p, ','));
	}
	return s;
}

struct stmt *parse_transaction(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_TRAN);
	enum keyword word = p->at++->keyword;

	s->tran.op = word == KW_BEGIN ? TRAN_BEGIN : word == KW_COMMIT ? TRAN_COMMIT :
	    word == KW_ROLLBACK ? TRAN_ROLLBACK : TRAN_SAVE;
	if (!parse_take(p, KW_TRAN) && !parse_take(p, KW_TRANSACTION)) {
		if (s->tran.op == TRAN_BEGIN || s->tran.op == TRAN_SAVE)
			parse_fail_here(p);
		parse_take(p, KW_WORK);
		return s;
	}
	if (p->at->kind == TOKEN_VARIABLE)
		parse_refuse(p, p->at, "a transaction named by a variable");
	if (s->tran.op == TRAN_SAVE || parse_is_optional_name(p))
		s->tran.name = parse_name(p);
	if (s->tran.op == TRAN_BEGIN && parse_is(p, KW_WITH) && p->at[1].kind == TOKEN_NAME && p->at[1].len == 4)
		parse_refuse(p, p->at, "BEGIN TRANSACTION ... WITH MARK");
	return s;
}

struct stmt *parse_waitfor(struct parser *p)
{
	struct stmt *s = parse_new_statement(p, STMT_WAITFOR);

	p->at++;
	s->wait.until = parse_is(p, KW_TIME);
	if (!parse_take(p, KW_TIME))
		parse_expect(p, KW_DELAY);
	s->wait.time = parse_expr(p);
	return s;
}
