/* SPDX-License-Identifier: MIT */
/* What all functions share: finding one by its name, and checking and reading arguments. */
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "runtime/expr_node.h"

int expr_fail_param(const struct node *node, size_t i, struct fault *fault)
{
	return fault_set(fault, EXPR_PARAM_TYPE_MISMATCH,
	    "The function \"%s\" does not support the data type \"%s\" for parameter number %zu; an "
	    "explicit cast is needed.",
	    node->function->name, dt_info(node->args[i]->type.dt)->name, i + 1);
}

int expr_need_text(const struct node *node, size_t i, struct fault *fault)
{
	return dt_family(node->args[i]->type.dt) == FAMILY_STRING ? 0 : expr_fail_param(node, i, fault);
}

int expr_need_int(const struct node *node, size_t i, struct fault *fault)
{
	return dt_family(node->args[i]->type.dt) == FAMILY_INT ? 0 : expr_fail_param(node, i, fault);
}

int expr_need_number(const struct node *node, size_t i, struct fault *fault)
{
	return dt_is_number(node->args[i]->type.dt) ? 0 : expr_fail_param(node, i, fault);
}

int expr_need_date(const struct node *node, size_t i, struct fault *fault)
{
	return dt_family(node->args[i]->type.dt) == FAMILY_DATE ? 0 : expr_fail_param(node, i, fault);
}

int expr_int_arg(const struct value *v)
{
	if (!dt_info(v->type.dt)->is_signed)
		return v->u > INT32_MAX ? INT32_MAX : (int)v->u;
	return v->i > INT32_MAX ? INT32_MAX : v->i < INT32_MIN ? INT32_MIN : (int)v->i;
}

int expr_fail_result(const struct node *node, struct fault *fault)
{
	return fault_set(fault, EXPR_FUNCTION_OVERFLOW,
	    "The result of the function \"%s\" is too large for type \"%s\".", node->function->name,
	    dt_info(node->type.dt)->name);
}

const struct expr_function *expr_function_find(const char *name, size_t len)
{
	static const struct expr_function_list *const lists[] = { &expr_number_functions,
		&expr_text_functions, &expr_date_functions };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		for (size_t j = 0; j < lists[i]->count; j++) {
			const struct expr_function *f = &lists[i]->rows[j];
			if (!utf8_ncasecmp(f->name, strlen(f->name), name, len))
				return f;
		}
	}
	return NULL;
}
