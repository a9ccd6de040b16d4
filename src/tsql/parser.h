/* SPDX-License-Identifier: MIT */
/* T-SQL text to a syntax tree. */
#ifndef SO_TSQL_PARSER_H
#define SO_TSQL_PARSER_H

#include "tsql/ast.h"
#include "tsql/client.h"
#include "tsql/server.h"

/* The longest batch, in bytes (a package deployed as a literal is two characters per byte). */
#define PARSER_BATCH_MAX ((size_t)1024 * 1024 * 1024)
/* How deep expressions, blocks and queries may nest. */
#define PARSER_DEPTH_MAX 200
/* How many terms a + b + c ... or a AND b AND c ... may have. */
#define PARSER_CHAIN_MAX 1000

/*
 * Parse a batch. The parameters are its first variables. functions are the
 * registered ones, beside the built-in; NULL-terminated, may be NULL. Names of
 * variables and functions are resolved here, so an unknown one is an error
 * before anything runs. Free the result with batch_free.
 * Errors carry sql_line; detail says line and column.
 */
int parser_run(const char *text, size_t len, const struct tsql_param *params, size_t param_count,
    const struct tsql_function *const *functions, struct batch **ret, struct err *err);
/*
 * Parse the parameter list of sp_executesql: "@a int, @b nvarchar(10) OUTPUT".
 * Names and the array live in arena.
 */
int parser_declarations(const char *text, size_t len, struct arena *arena, struct batch_variable **ret, size_t *ret_count,
    struct err *err);
void batch_free(struct batch *batch);

/* [a].b.c in a text, nothing else. Names go into arena. */
int parser_object_name(const char *text, size_t len, struct arena *arena, struct ast_name *ret, struct err *err);

#endif
