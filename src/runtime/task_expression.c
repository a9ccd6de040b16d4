/* SPDX-License-Identifier: MIT */
/* The Expression task (spec/package.md §3.6): one expression that may assign a variable. */
#include <string.h>

#include "runtime/engine.h"

struct expression_task {
	char *expression;
};

static const struct property properties[] = {
	{ "Expression", "Expression", PROP_TEXT, offsetof(struct expression_task, expression), "", NULL, 0 },
};

static int validate(struct unit *unit)
{
	const struct expression_task *task = unit->task;
	struct expr *expr;
	struct scope scope;
	struct fault fault;
	int r;

	if (expr_parse(task->expression, strlen(task->expression), &expr, &fault)) {
		unit_fault(unit, &fault);
		return -1;
	}
	scope_init(&scope, unit, true, false);
	r = expr_check(expr, &scope.expr, NULL, &fault);
	if (r)
		unit_fault(unit, &fault);
	expr_free(expr);
	return r;
}

static void start(struct unit *unit)
{
	const struct expression_task *task = unit->task;
	struct scope scope;
	struct fault fault;
	struct value value;

	scope_init(&scope, unit, true, false);
	if (expr_run(task->expression, &scope.expr, &value, &fault)) {
		unit_fault(unit, &fault);
		unit_finish(unit, UNIT_FAILURE);
		return;
	}
	unit_set_exec_value(unit, &value);
	value_release(&value);
	unit_finish(unit, UNIT_SUCCESS);
}

const struct unit_ops expression_ops = {
	.kind = DTSX_EXPRESSION,
	.properties = properties,
	.property_count = ARRAY_LEN(properties),
	.task_size = sizeof(struct expression_task),
	.validate = validate,
	.start = start,
};
