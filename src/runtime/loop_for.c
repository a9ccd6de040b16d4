/* SPDX-License-Identifier: MIT */
/* The For Loop container (spec/package.md §3.2): init, then test, children, assign. */
#include <string.h>

#include "runtime/engine.h"

/* Evaluate one of the three expressions; value may be NULL. */
static int evaluate(struct unit *unit, const char *text, int32_t code, const char *what,
    struct value *ret)
{
	struct scope scope;
	struct fault fault;
	struct value value;

	scope_init(&scope, unit, true, false);
	if (expr_run(text, &scope.expr, &value, &fault)) {
		unit_error(unit, code, "The %s expression \"%s\" of the For loop failed (0x%08X): %s", what, text,
		    (unsigned)fault.code, fault.text);
		return -1;
	}
	if (ret)
		*ret = value;
	else
		value_release(&value);
	return 0;
}

/* 1 go on, 0 stop, -1 failed. */
static int test(struct unit *unit)
{
	struct value value;
	int r;

	if (evaluate(unit, unit->def->for_loop->eval, DTS_FOR_LOOP_EVAL_FAILED, "evaluation", &value))
		return -1;
	if (value.type.dt != DT_BOOL || value.null) {
		unit_error(unit, DTS_EXPRESSION_NOT_BOOLEAN,
		    "The evaluation expression \"%s\" of the For loop must give a Boolean.",
		    unit->def->for_loop->eval);
		value_release(&value);
		return -1;
	}
	r = value.i != 0;
	return r;
}

static void end(struct unit *unit, enum unit_result result)
{
	struct value turns;

	value_set_int(&turns, DT_I4, unit->iteration);
	unit_set_exec_value(unit, &turns);
	unit->iteration = 0;
	unit_finish(unit, unit->run->cancelling ? UNIT_CANCELLED : result);
}

static void next_turn(struct unit *unit)
{
	int go = test(unit);

	if (go <= 0) {
		end(unit, go < 0 ? UNIT_FAILURE : UNIT_SUCCESS);
		return;
	}
	unit->iteration++;
	children_begin(unit);
}

static void start(struct unit *unit)
{
	const char *init = unit->def->for_loop->init;

	unit->iteration = 0;
	if (*init && evaluate(unit, init, DTS_FOR_LOOP_EXPRESSION, "initialization", NULL))
		end(unit, UNIT_FAILURE);
	else
		next_turn(unit);
}

static void pump(struct unit *unit)
{
	const char *assign = unit->def->for_loop->assign;

	if (!children_pump(unit) || unit->state != UNIT_RUNNING)
		return;
	if (unit->stopped || unit->run->cancelling ||
	    (unit->max_errors > 0 && unit->error_count >= unit->max_errors))
		end(unit, UNIT_SUCCESS);
	else if (*assign && evaluate(unit, assign, DTS_FOR_LOOP_ASSIGN_FAILED, "assignment", NULL))
		end(unit, UNIT_FAILURE);
	else
		next_turn(unit);
}

static int validate(struct unit *unit)
{
	if (unit->def->for_loop && *unit->def->for_loop->eval)
		return 0;
	unit_error(unit, DTS_FOR_LOOP_NO_EVAL, "The evaluation expression of the For loop is empty.");
	return -1;
}

const struct unit_ops for_ops = {
	.kind = DTSX_FOR_LOOP,
	.container = true,
	.validate = validate,
	.start = start,
	.pump = pump,
};
