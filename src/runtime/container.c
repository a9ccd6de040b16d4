/* SPDX-License-Identifier: MIT */
/*
 * Children of a container: which may start, by the precedence constraints
 * (spec/package.md §2.7) and by the slots that are free. The package, Sequence
 * containers and event handlers are just that; loops use it for each turn.
 */
#include <string.h>

#include "runtime/engine.h"

void children_begin(struct unit *unit)
{
	for (size_t i = 0; i < unit->child_count; i++)
		unit_reset(unit->children[i]);
	for (size_t i = 0; i < unit->def->constraint_count; i++)
		unit->constraints[i] = CONSTRAINT_OPEN;
	loop_queue(unit);
}

/* All of the AND constraints, or any of the OR ones. */
static bool may_start(const struct unit *container, const struct unit *child)
{
	size_t all = 0, all_hold = 0, any = 0, any_hold = 0;

	for (size_t i = 0; i < container->def->constraint_count; i++) {
		const struct dtsx_constraint *c = &container->def->constraints[i];
		bool holds = container->constraints[i] == CONSTRAINT_HOLDS;
		if (c->to != child->def)
			continue;
		all += c->logical_and;
		all_hold += c->logical_and && holds;
		any += !c->logical_and;
		any_hold += !c->logical_and && holds;
	}
	if (any_hold)
		return true;
	return all_hold == all && (all || !any);
}

bool children_pump(struct unit *unit)
{
	struct run *run = unit->run;
	bool blocked = false, progress = true;

	while (progress) {
		progress = blocked = false;
		for (size_t i = 0; i < unit->child_count; i++) {
			struct unit *child = unit->children[i];
			if (child->state != UNIT_IDLE || unit->stopped || loop_cancelled(run) ||
			    !may_start(unit, child))
				continue;
			if (child->ops && !child->ops->container && run->slots_used >= run->slots &&
			    !unit_in_handler(unit)) {
				blocked = run->starved = true;
				continue;
			}
			unit_start(child);
			progress = true;
		}
	}
	unit->starved = blocked;
	return unit->running == 0 && !blocked;
}

/* The value of a constraint's expression; -1 when it has none or is no Boolean. */
static int constraint_expression(struct unit *container, const struct dtsx_constraint *c)
{
	struct unit_expression expression = { "Expression", c->expression, NULL };
	struct fault fault;
	struct value value;
	int r = -1;

	if (expression_evaluate(&expression, container, false, &value, &fault)) {
		unit_error(container, fault.code, "The expression of precedence constraint \"%s\" failed: %s",
		    c->name, fault.text);
	} else {
		if (value.type.dt != DT_BOOL || value.null)
			unit_error(container, DTS_EXPRESSION_NOT_BOOLEAN,
			    "The expression \"%s\" of precedence constraint \"%s\" must give a Boolean.",
			    c->expression, c->name);
		else
			r = value.i != 0;
		value_release(&value);
	}
	expr_free(expression.expr);
	if (r < 0)
		container->stopped = true;
	return r;
}

static bool result_fits(const struct dtsx_constraint *c, const struct unit *child)
{
	return c->value == DTSX_COMPLETION || (int)c->value == (int)child->result;
}

static bool constraint_holds(struct unit *container, const struct dtsx_constraint *c,
    const struct unit *child)
{
	bool fits = result_fits(c, child);

	switch (c->eval_op) {
	case DTSX_EVAL_EXPRESSION:
		return constraint_expression(container, c) > 0;
	case DTSX_EVAL_EXPRESSION_AND_CONSTRAINT:
		return fits && constraint_expression(container, c) > 0;
	case DTSX_EVAL_EXPRESSION_OR_CONSTRAINT:
		return fits || constraint_expression(container, c) > 0;
	default:
		return fits;
	}
}

void children_decide(struct unit *container, struct unit *child)
{
	if (child->result == UNIT_CANCELLED)
		return;
	for (size_t i = 0; i < container->def->constraint_count; i++) {
		const struct dtsx_constraint *c = &container->def->constraints[i];
		if (c->from == child->def)
			container->constraints[i] =
			    constraint_holds(container, c, child) ? CONSTRAINT_HOLDS : CONSTRAINT_FAILS;
	}
}

static void group_pump(struct unit *unit)
{
	if (children_pump(unit) && unit->state == UNIT_RUNNING)
		unit_finish(unit, unit->run->cancelling ? UNIT_CANCELLED : UNIT_SUCCESS);
}

const struct unit_ops package_ops = {
	.kind = DTSX_PACKAGE,
	.container = true,
	.start = children_begin,
	.pump = group_pump,
};

const struct unit_ops sequence_ops = {
	.kind = DTSX_SEQUENCE,
	.container = true,
	.start = children_begin,
	.pump = group_pump,
};

const struct unit_ops handler_ops = {
	.kind = DTSX_EVENT_HANDLER,
	.container = true,
	.start = children_begin,
	.pump = group_pump,
};
