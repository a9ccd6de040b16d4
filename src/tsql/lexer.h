/* SPDX-License-Identifier: MIT */
/* T-SQL text to tokens. */
#ifndef SO_TSQL_LEXER_H
#define SO_TSQL_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

/* Words the parser knows, in order. R = reserved: not an identifier unless quoted. */
#define TSQL_KEYWORDS(R, N) \
	N(ABSOLUTE) R(ADD) R(ALL) R(ALTER) R(AND) R(ANY) N(APPLY) R(AS) R(ASC) N(AT) R(AUTHORIZATION) \
	R(BACKUP) R(BEGIN) R(BETWEEN) R(BREAK) R(BULK) R(BY) N(CALL) R(CASE) N(CAST) N(CATCH) R(CHECK) \
	R(CHECKPOINT) R(CLOSE) R(CLUSTERED) R(COALESCE) R(COLLATE) R(COLUMN) R(COMMIT) N(CONCAT) \
	R(CONSTRAINT) R(CONTINUE) R(CONVERT) R(CREATE) R(CROSS) R(CURRENT) R(CURRENT_TIMESTAMP) \
	R(CURRENT_USER) R(CURSOR) R(DATABASE) R(DBCC) R(DEALLOCATE) R(DECLARE) R(DEFAULT) N(DELAY) \
	R(DELETE) R(DENY) R(DESC) R(DISTINCT) R(DROP) R(ELSE) R(END) R(ESCAPE) R(EXCEPT) R(EXEC) \
	R(EXECUTE) R(EXISTS) R(FETCH) N(FIRST) R(FOR) R(FOREIGN) R(FROM) R(FULL) R(FUNCTION) N(GO) \
	R(GOTO) R(GRANT) R(GROUP) R(HAVING) R(HOLDLOCK) R(IDENTITY) R(IDENTITY_INSERT) R(IF) R(IN) \
	R(INDEX) R(INNER) R(INSERT) R(INTERSECT) R(INTO) R(IS) R(JOIN) R(KEY) R(KILL) R(LEFT) R(LIKE) \
	N(LOGIN) N(MATCHED) N(MEMBER) R(MERGE) N(NEXT) R(NOCHECK) R(NONCLUSTERED) R(NOT) R(NULL) \
	R(NULLIF) R(OF) R(OFF) N(OFFSET) R(ON) N(ONLY) R(OPEN) R(OPTION) R(OR) R(ORDER) N(OUT) R(OUTER) \
	N(OUTPUT) R(OVER) N(PARTITION) R(PERCENT) R(PIVOT) R(PRIMARY) R(PRINT) R(PROC) R(PROCEDURE) \
	R(RAISERROR) N(READONLY) R(RECONFIGURE) R(REFERENCES) R(RESTORE) R(RETURN) R(REVERT) R(REVOKE) \
	R(RIGHT) N(ROLE) R(ROLLBACK) N(ROW) N(ROWS) R(SAVE) R(SCHEMA) R(SELECT) N(SERVER) R(SET) \
	R(SHUTDOWN) R(SOME) R(SYSTEM_USER) R(TABLE) R(TABLESAMPLE) R(THEN) N(THROW) N(TIES) N(TIME) R(TO) \
	R(TOP) R(TRAN) R(TRANSACTION) R(TRIGGER) R(TRUNCATE) N(TRY) N(TRY_CAST) R(TRY_CONVERT) N(TYPE) \
	R(UNION) R(UNIQUE) R(UNPIVOT) R(UPDATE) R(USE) R(USER) N(USING) R(VALUES) R(VARYING) R(VIEW) \
	R(WAITFOR) R(WHEN) R(WHERE) R(WHILE) R(WITH) N(WORK)

enum keyword {
	KW_NONE,
#define KEYWORD_ENUM(word) KW_##word,
	TSQL_KEYWORDS(KEYWORD_ENUM, KEYWORD_ENUM)
#undef KEYWORD_ENUM
	KW_COUNT
};

enum token_kind {
	TOKEN_END,
	TOKEN_NAME,     /* bare word; keyword says which, if any */
	TOKEN_QUOTED,   /* [name] or "name", with the quotes */
	TOKEN_VARIABLE, /* @name or @@name */
	TOKEN_INTEGER,
	TOKEN_DECIMAL,
	TOKEN_FLOAT,
	TOKEN_MONEY,   /* $1.50 */
	TOKEN_BINARY,  /* 0x... */
	TOKEN_STRING,  /* '...', with the quotes */
	TOKEN_NSTRING, /* N'...', with the N */
	TOKEN_SYMBOL   /* operators and punctuation; see symbol */
};

struct token {
	enum token_kind kind;
	enum keyword keyword;
	int symbol; /* the character, or two as 'a' << 8 | 'b' ("<=", "<>", "!=", "+=") */
	int line, column; /* 1-based; column in bytes */
	const char *start;
	size_t len;
};

#define SYMBOL2(a, b) ((a) << 8 | (b))

struct token_list {
	VEC(struct token)
	;
};

/*
 * Split a batch into tokens; the last one is TOKEN_END. The tokens point into
 * text. Fails on an unclosed string, name or comment (105, 113) and on a
 * character T-SQL does not have (102).
 */
int lexer_run(const char *text, size_t len, struct token_list *ret, struct err *err);
void token_list_release(struct token_list *list);
bool keyword_is_reserved(enum keyword keyword);
/* The text of a quoted name or string token without quotes; caller frees. */
char *token_unquote(const struct token *token, size_t *ret_len);

#endif
