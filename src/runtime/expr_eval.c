/* SPDX-License-Identifier: MIT */
/* Walking the tree: first types, then values. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "runtime/expr_node.h"

static int fail_no_column(const struct node *node, struct fault *fault)
{
	return fault_set(fault, EXPR_NO_COLUMN,
	    "The expression holds the unrecognized token \"%.200s\". If it is a variable, write \"@%.200s\"; "
	    "columns exist only inside a data flow.",
	    node->name, node->name);
}

/* Large objects cannot be computed with, only passed on; variables of type Object not at all. */
static int check_variable(struct node *node, const struct expr_scope *scope, struct fault *fault)
{
	if (!scope->type_of)
		return fault_set(fault, EXPR_VARIABLE_NOT_FOUND, "There are no variables here; \"@%s\" is unknown.",
		    node->name);
	if (scope->type_of(scope->ctx, node->space, node->name, &node->type, fault))
		return -1;
	if (node->type.dt == DT_OBJECT || node->type.dt == DT_EMPTY || node->type.dt == DT_NULL)
		return fault_set(fault, EXPR_VARIABLE_TYPE,
		    "The data type of variable \"%s%s%s\" is not supported in an expression.", node->space,
		    *node->space ? "::" : "", node->name);
	return 0;
}

static int check_cast(struct node *node, struct fault *fault)
{
	enum dt from = node->args[0]->type.dt;

	if (!value_castable(from, node->type.dt))
		return fault_set(fault, EXPR_INVALID_CAST,
		    "Cannot convert from data type \"%s\" to \"%s\". The conversion is not supported.",
		    dt_info(from)->name, dt_info(node->type.dt)->name);
	return 0;
}

int node_check(struct node *node, const struct expr_scope *scope, struct fault *fault)
{
	for (size_t i = 0; i < node->arg_count; i++) {
		if (node_check(node->args[i], scope, fault))
			return -1;
	}
	switch (node->kind) {
	case NODE_LITERAL:
		node->type = node->value.type;
		return 0;
	case NODE_VARIABLE:
		return check_variable(node, scope, fault);
	case NODE_COLUMN:
		if (!scope->column_type)
			return fail_no_column(node, fault);
		return scope->column_type(scope->ctx, node->space, node->name, &node->type, fault);
	case NODE_UNARY:
		return op_check_unary(node, fault);
	case NODE_BINARY:
		return op_check_binary(node, fault);
	case NODE_CHOICE:
		return op_check_choice(node, fault);
	case NODE_CAST:
		return check_cast(node, fault);
	case NODE_NULL:
		return 0;
	case NODE_CALL:
		return node->function->check(node, fault);
	}
	return -1;
}

/* && and ||: the left side may decide; NULL is "unknown" (spec/package.md §4.5). */
static int eval_logic(const struct node *node, const struct expr_scope *scope, struct value *ret,
    struct fault *fault)
{
	bool decides = node->op == OP_OR;
	struct value a, b;

	if (node_eval(node->args[0], scope, &a, fault))
		return -1;
	if (!a.null && (a.i != 0) == decides) {
		*ret = a;
		return 0;
	}
	if (node_eval(node->args[1], scope, &b, fault))
		return -1;
	*ret = !b.null && (b.i != 0) == decides ? b : a.null ? a : b;
	return 0;
}

static int eval_binary(const struct node *node, const struct expr_scope *scope, struct value *ret,
    struct fault *fault)
{
	struct value a, b;
	int r;

	if (node->op == OP_AND || node->op == OP_OR)
		return eval_logic(node, scope, ret, fault);
	if (node_eval(node->args[0], scope, &a, fault))
		return -1;
	if (node_eval(node->args[1], scope, &b, fault)) {
		value_release(&a);
		return -1;
	}
	if (a.null || b.null) {
		value_set_null(ret, &node->type);
		r = 0;
	} else {
		r = op_binary(node, &a, &b, ret, fault);
	}
	value_release(&a);
	value_release(&b);
	return r;
}

static int eval_unary(const struct node *node, const struct expr_scope *scope, struct value *ret,
    struct fault *fault)
{
	struct value a;
	int r = 0;

	if (node_eval(node->args[0], scope, &a, fault))
		return -1;
	if (a.null)
		value_set_null(ret, &node->type);
	else
		r = op_unary(node, &a, ret, fault);
	value_release(&a);
	return r;
}

static int eval_choice(const struct node *node, const struct expr_scope *scope, struct value *ret,
    struct fault *fault)
{
	struct value condition, chosen;
	int r;

	if (node_eval(node->args[0], scope, &condition, fault))
		return -1;
	if (condition.null) {
		value_set_null(ret, &node->type);
		return 0;
	}
	if (node_eval(node->args[condition.i ? 1 : 2], scope, &chosen, fault))
		return -1;
	struct value_type type = node->type;
	if (dt_family(type.dt) == FAMILY_STRING)
		type.length = 0; /* the length is a declaration, not a reason to cut */
	r = value_cast(&chosen, &type, ret, fault);
	value_release(&chosen);
	return r;
}

static int eval_cast(const struct node *node, const struct expr_scope *scope, struct value *ret,
    struct fault *fault)
{
	struct value a;
	int r;

	if (node_eval(node->args[0], scope, &a, fault))
		return -1;
	r = value_cast(&a, &node->type, ret, fault);
	value_release(&a);
	return r;
}

static int eval_call(const struct node *node, const struct expr_scope *scope, struct value *ret,
    struct fault *fault)
{
	struct value args[4];
	size_t n = 0;
	bool null = false;
	int r = -1;

	for (; n < node->arg_count; n++) {
		if (node_eval(node->args[n], scope, &args[n], fault))
			goto out;
		null |= args[n].null;
	}
	if (null && !node->function->keeps_null) {
		value_set_null(ret, &node->type);
		r = 0;
	} else {
		r = node->function->eval(node, args, ret, fault);
	}
out:
	while (n > 0)
		value_release(&args[--n]);
	return r;
}

int node_eval(const struct node *node, const struct expr_scope *scope, struct value *ret,
    struct fault *fault)
{
	switch (node->kind) {
	case NODE_LITERAL:
		value_copy(&node->value, ret);
		return 0;
	case NODE_VARIABLE:
		return scope->read(scope->ctx, node->space, node->name, ret, fault);
	case NODE_COLUMN:
		return scope->column(scope->ctx, node->space, node->name, ret, fault);
	case NODE_UNARY:
		return eval_unary(node, scope, ret, fault);
	case NODE_BINARY:
		return eval_binary(node, scope, ret, fault);
	case NODE_CHOICE:
		return eval_choice(node, scope, ret, fault);
	case NODE_CAST:
		return eval_cast(node, scope, ret, fault);
	case NODE_NULL:
		value_set_null(ret, &node->type);
		return 0;
	case NODE_CALL:
		return eval_call(node, scope, ret, fault);
	}
	return -1;
}

int expr_check(struct expr *expr, const struct expr_scope *scope, struct value_type *ret,
    struct fault *fault)
{
	if (node_check(expr->root, scope, fault))
		return -1;
	if (expr->target && !scope->write)
		return fault_set(fault, EXPR_SINGLE_EQUAL,
		    "The expression \"%.200s\" assigns a variable, which is allowed only in an Expression task "
		    "and in the loop expressions; a comparison needs \"==\".",
		    expr->text);
	if (ret)
		*ret = expr->root->type;
	return 0;
}

int expr_eval(struct expr *expr, const struct expr_scope *scope, struct value *ret,
    struct fault *fault)
{
	struct value v;

	if (expr_check(expr, scope, NULL, fault) || node_eval(expr->root, scope, &v, fault))
		return -1;
	if (expr->target && scope->write(scope->ctx, expr->target_space, expr->target, &v, fault)) {
		value_release(&v);
		return -1;
	}
	*ret = v;
	return 0;
}

int expr_run(const char *text, const struct expr_scope *scope, struct value *ret,
    struct fault *fault)
{
	struct expr *expr;
	int r;

	if (expr_parse(text, strlen(text), &expr, fault))
		return -1;
	r = expr_eval(expr, scope, ret, fault);
	expr_free(expr);
	return r;
}
