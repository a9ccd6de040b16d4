/* SPDX-License-Identifier: MIT */
/* The Foreach Loop container: for every row of the enumerator, map its values to variables and run the children. */
#include <string.h>

#include "runtime/engine.h"
#include "runtime/enumerate.h"

struct foreach_state {
	struct rows rows;
	size_t next;
};

static void end(struct unit *unit, enum unit_result result)
{
	struct foreach_state *state = unit->task;
	struct value turns;

	value_set_int(&turns, DT_I4, unit->iteration);
	unit_set_exec_value(unit, &turns);
	unit->iteration = 0;
	rows_release(&state->rows);
	unit_finish(unit, unit->run->cancelling ? UNIT_CANCELLED : result);
}

static int map_variables(struct unit *unit, const struct row *row)
{
	const struct dtsx_foreach *def = unit->def->foreach_loop;
	struct fault fault;

	for (size_t i = 0; i < def->mapping_count; i++) {
		const struct dtsx_mapping *m = &def->mappings[i];
		if (m->index < 0 || (size_t)m->index >= row->count) {
			unit_error(unit, DTS_FOREACH_INDEX,
			    "The index %d of the mapping to variable \"%s\" does not exist; there are %zu values.",
			    m->index, m->variable, row->count);
			return -1;
		}
		if (var_write_qualified(unit, m->variable, &row->values[m->index], &fault)) {
			unit_error(unit, DTS_FOREACH_MAPPING, "Value %d cannot be mapped to variable \"%s\": %s",
			    m->index, m->variable, fault.text);
			return -1;
		}
	}
	return 0;
}

static void next_turn(struct unit *unit)
{
	struct foreach_state *state = unit->task;

	if (state->next == state->rows.list.len) {
		end(unit, UNIT_SUCCESS);
		return;
	}
	unit->iteration++;
	if (map_variables(unit, &state->rows.list.items[state->next++]))
		end(unit, UNIT_FAILURE);
	else
		children_begin(unit);
}

static void start(struct unit *unit)
{
	struct foreach_state *state = unit->task;
	struct fault fault;

	unit->iteration = 0;
	state->next = 0;
	rows_release(&state->rows);
	if (enumerate(unit, &state->rows, &fault)) {
		unit_fault(unit, &fault);
		end(unit, UNIT_FAILURE);
	} else {
		next_turn(unit);
	}
}

static void pump(struct unit *unit)
{
	if (!children_pump(unit) || unit->state != UNIT_RUNNING)
		return;
	if (unit->stopped || unit->run->cancelling ||
	    (unit->max_errors > 0 && unit->error_count >= unit->max_errors))
		end(unit, UNIT_SUCCESS);
	else
		next_turn(unit);
}

static void release(struct unit *unit)
{
	struct foreach_state *state = unit->task;

	rows_release(&state->rows);
}

const struct unit_ops foreach_ops = {
	.kind = DTSX_FOREACH_LOOP,
	.container = true,
	.task_size = sizeof(struct foreach_state),
	.start = start,
	.pump = pump,
	.release = release,
};
