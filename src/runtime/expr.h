/* SPDX-License-Identifier: MIT */
/*
 * The expression language (spec/package.md §4). An expression is parsed once
 * and may be evaluated many times; each evaluation first checks the types of
 * the whole tree (so a branch that is not taken must still make sense), then
 * computes. Errors are faults with the codes of the published list.
 */
#ifndef SO_RUNTIME_EXPR_H
#define SO_RUNTIME_EXPR_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/fault.h"
#include "runtime/value.h"

/* Longest expression text in bytes, and deepest tree (a chain "a + b + c" is as deep as it is long). */
#define EXPR_TEXT_MAX ((size_t)1024 * 1024)
#define EXPR_DEPTH_MAX 2000
/* Longest string that an expression may make, in bytes. */
#define EXPR_STRING_MAX ((size_t)16 * 1024 * 1024)

struct expr;

/*
 * Where an expression finds variables and columns. space is the namespace, ""
 * when the name was not qualified. Each returns 0, or -1 with fault filled.
 */
struct expr_scope {
	/* Type without reading (an expression variable is not evaluated). */
	int (*type_of)(void *ctx, const char *space, const char *name, struct value_type *ret,
	    struct fault *fault);
	int (*read)(void *ctx, const char *space, const char *name, struct value *ret,
	    struct fault *fault);
	/* NULL where assignment is not allowed. */
	int (*write)(void *ctx, const char *space, const char *name, const struct value *value,
	    struct fault *fault);
	/* Columns of a data flow; NULL outside of one. component is "" when not qualified, name may be "#id". */
	int (*column_type)(void *ctx, const char *component, const char *name, struct value_type *ret,
	    struct fault *fault);
	int (*column)(void *ctx, const char *component, const char *name, struct value *ret,
	    struct fault *fault);
	void *ctx;
};

/* Parse; release with expr_free (NULL is fine). */
int expr_parse(const char *text, size_t len, struct expr **ret, struct fault *fault);
void expr_free(struct expr *expr);
/* "@x = ..." or "@x := ..." */
bool expr_is_assignment(const struct expr *expr);
/* Check types only. */
int expr_check(struct expr *expr, const struct expr_scope *scope, struct value_type *ret,
    struct fault *fault);
/* Check and compute; an assignment writes its variable and gives the value. ret is initialised here. */
int expr_eval(struct expr *expr, const struct expr_scope *scope, struct value *ret,
    struct fault *fault);
/* Parse and evaluate in one go. */
int expr_run(const char *text, const struct expr_scope *scope, struct value *ret,
    struct fault *fault);

#endif
