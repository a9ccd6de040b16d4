/* SPDX-License-Identifier: MIT */
/* What the parser's files share. */
#ifndef SO_TSQL_PARSE_IMPL_H
#define SO_TSQL_PARSE_IMPL_H

#include <setjmp.h>

#include "tsql/ast.h"
#include "tsql/function.h"
#include "tsql/lexer.h"
#include "tsql/parser.h"

/*
 * Errors leave the parser by longjmp: every allocation is in the arena or in
 * this struct, so there is nothing to unwind.
 */
struct parser {
	struct batch *batch;
	struct token_list tokens;
	const struct token *at;
	VEC(struct batch_variable) variables;
	VEC(const char *) tables; /* table variables, with the @ */
	VEC(const char *) cursors; /* cursor variables, the same */
	const struct tsql_function *const *functions;
	VEC(struct stmt *) labels;
	int depth;
	int loops;    /* WHILEs around the statement */
	int handlers; /* CATCHes around the statement */
	struct err *err;
	jmp_buf failed;
};

/* --- tokens --- */

bool parse_is(const struct parser *p, enum keyword keyword);
bool parse_is_at(const struct parser *p, size_t ahead, enum keyword keyword);
bool parse_is_symbol(const struct parser *p, int symbol);
bool parse_take(struct parser *p, enum keyword keyword); /* skip it if it is there */
bool parse_take_symbol(struct parser *p, int symbol);
void parse_expect(struct parser *p, enum keyword keyword);
void parse_expect_symbol(struct parser *p, int symbol);
/* Case-blind comparison of the current bare word. */
bool parse_is_word(const struct parser *p, const char *word);
/* "Incorrect syntax near 'token'." at the current token. */
void parse_fail_here(struct parser *p) __attribute__((noreturn));
/* Any error at a token; severity 15. */
void parse_fail(struct parser *p, const struct token *t, int number, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 4, 5)));
/* A construct of T-SQL that is not offered here. */
void parse_refuse(struct parser *p, const struct token *t, const char *construct) __attribute__((noreturn));
void parse_enter(struct parser *p); /* counts nesting; fails when too deep */
void parse_leave(struct parser *p);

/* --- pieces --- */

void *parse_alloc(struct parser *p, size_t size);
/* Copy a vector's items into the arena and release it. */
#define parse_move(p, vec) \
	parse_move_items((p), &(vec)->items, (vec)->len * sizeof(*(vec)->items))
void *parse_move_items(struct parser *p, void *items_ptr, size_t bytes);

bool parse_is_name(const struct parser *p); /* an identifier stands here */
const char *parse_name(struct parser *p);
struct ast_name parse_object_name(struct parser *p);
/* (a, b, c) names; the parenthesis is the current token. */
const char **parse_name_list(struct parser *p, size_t *ret_count);
struct tsql_decl parse_decl(struct parser *p);
/* The same in quotes, as in .value('.', 'nvarchar(max)'). */
struct tsql_decl parse_decl_text(struct parser *p);
/* Slot of a declared variable; error 137 when there is none. */
size_t parse_variable(struct parser *p);
size_t parse_declare(struct parser *p, const struct token *name, struct tsql_decl decl);

struct expr *parse_new(struct parser *p, enum expr_kind kind, const struct token *at);
struct expr *parse_new_null(struct parser *p, const struct token *at);
struct expr *parse_new_compare(struct parser *p, enum compare_op op, struct expr *left, struct expr *right,
    const struct token *t);
struct expr *parse_literal(struct parser *p);
/* A function's arguments and what follows; the name and the parenthesis have been read. */
struct expr *parse_call(struct parser *p, const char *name, const struct token *t);
struct expr *parse_quantified(struct parser *p, enum compare_op op, struct expr *left, const struct token *t); /* ANY or ALL is the current token */
struct expr *parse_iif(struct parser *p, const struct token *t); /* the same */
struct expr *parse_cast(struct parser *p);    /* CAST, TRY_CAST: the word is the current token, as for the rest */
struct expr *parse_convert(struct parser *p); /* CONVERT, TRY_CONVERT */
struct expr *parse_coalesce(struct parser *p);
struct expr *parse_nullif(struct parser *p);
struct expr *parse_case(struct parser *p);
struct expr *parse_expr(struct parser *p);      /* a value */
struct expr *parse_condition(struct parser *p); /* a truth */
struct expr_list parse_expr_list(struct parser *p); /* a, b, c */
struct query *parse_query(struct parser *p);
void parse_for(struct parser *p, struct query *q); /* FOR is the current token; stays when it belongs to a cursor */
struct order_item *parse_order_items(struct parser *p, size_t *ret_count); /* after ORDER BY */
struct window *parse_window(struct parser *p); /* after OVER */
struct output *parse_output(struct parser *p, enum stmt_kind of); /* OUTPUT, or NULL when it is not there */
void parse_items(struct parser *p, struct select *s); /* the list of a SELECT */
struct ast_name parse_target(struct parser *p); /* the table of an INSERT and the like */
struct query *parse_new_query(struct parser *p, struct select *sel); /* of one SELECT */
struct source *parse_from(struct parser *p); /* after FROM */
void parse_refuse_rowset(struct parser *p, const struct ast_name *name, const struct token *t); /* OPENQUERY and the like */
void parse_table_function(struct parser *p, struct source *s, const struct token *t); /* name and arguments have been read */
void parse_group_by(struct parser *p, struct select *s); /* after GROUP BY */
struct expr *parse_top(struct parser *p);    /* TOP (n), or NULL */
int parse_assign_op(struct parser *p);       /* '=', or the operator of += and the like */
struct stmt *parse_statement(struct parser *p);
/* A list that grows in the arena. */
void parse_push_statement(struct parser *p, struct stmt_list *list, size_t *cap, struct stmt *s);
struct stmt *parse_new_statement(struct parser *p, enum stmt_kind kind); /* at the current token */
struct stmt *parse_try(struct parser *p);       /* after BEGIN */
struct stmt *parse_throw(struct parser *p);
struct stmt *parse_raiserror(struct parser *p);
struct stmt *parse_transaction(struct parser *p); /* BEGIN TRAN, COMMIT, ROLLBACK, SAVE */
struct stmt *parse_waitfor(struct parser *p);
struct stmt *parse_declare_cursor(struct parser *p); /* after DECLARE */
void parse_cursor_variable(struct parser *p, const struct token *name); /* DECLARE @c; CURSOR is the current token */
bool parse_is_cursor_variable(const struct parser *p);
struct stmt *parse_set_cursor(struct parser *p);  /* after SET */
struct stmt *parse_cursor_use(struct parser *p);  /* OPEN, CLOSE, DEALLOCATE */
struct stmt *parse_fetch(struct parser *p);
bool parse_is_label(const struct parser *p); /* name: */
bool parse_is_optional_name(const struct parser *p); /* a name, and not the label of the next statement */
struct stmt *parse_label(struct parser *p);
struct stmt *parse_goto(struct parser *p);
void parse_resolve_labels(struct parser *p); /* of the whole batch, when it has been read */
struct stmt *parse_set_option(struct parser *p); /* after SET */
/* Several statements as one; a single one stays itself. */
struct stmt *parse_as_one(struct parser *p, const struct stmt_list *list);
struct stmt *parse_create_table(struct parser *p); /* CREATE TABLE */
/* seed, increment */
void parse_seed(struct parser *p, struct table_column *c);
struct stmt *parse_table_variable(struct parser *p, const struct token *name, bool of_type); /* after DECLARE @t TABLE, or before the name of a table type */
struct stmt *parse_alter_table(struct parser *p);  /* ALTER TABLE */
bool parse_is_index(const struct parser *p);       /* CREATE ... INDEX or DROP INDEX is here */
struct stmt *parse_index(struct parser *p);
struct stmt *parse_drop_table(struct parser *p);   /* DROP TABLE, TRUNCATE TABLE */
struct stmt *parse_insert(struct parser *p);
struct stmt *parse_update(struct parser *p);
struct stmt *parse_delete(struct parser *p);
struct stmt *parse_merge(struct parser *p);
struct expr *parse_set_item(struct parser *p, struct update_set *set, const char *target); /* column = expr ...; target: what a bare column is of, or NULL */
struct expr_list parse_row(struct parser *p); /* (a, DEFAULT): a NULL expression is DEFAULT */
struct source *parse_one_source(struct parser *p); /* of FROM, without a join */
void parse_skip_hints(struct parser *p); /* WITH (HOLDLOCK) */
/* Whether a declared table variable stands here. */
bool parse_is_table(const struct parser *p);
/* The name of a declared table variable; error 1087 when there is none. */
const char *parse_table_name(struct parser *p);
struct stmt *parse_statement_principal(struct parser *p); /* CREATE, ALTER, DROP, EXECUTE AS, REVERT */

#endif
