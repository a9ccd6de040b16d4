/* SPDX-License-Identifier: MIT */
/* What the evaluators of values (eval.c) and of conditions (eval_condition.c) share. */
#ifndef SO_TSQL_EVAL_IMPL_H
#define SO_TSQL_EVAL_IMPL_H

#include "tsql/eval.h"

/* Give the error of a failed r the line of the expression, when it has none; returns r. */
int eval_set_line(struct eval *eval, const struct expr *x, int r);
/* The value of a leaf in this row, when the expression is one (*found). */
int eval_leaf(struct eval *eval, const struct expr *x, struct tsql_value *ret, bool *found);

#endif
