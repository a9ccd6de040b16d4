/* SPDX-License-Identifier: MIT */
/* One executable: building its tree, beginning and ending it, its result (spec/package.md §2.3, §2.8, §2.14). */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "runtime/engine.h"

static const struct unit_ops *const all_ops[] = {
	&package_ops,
	&handler_ops,
	&sequence_ops,
	&for_ops,
	&foreach_ops,
	&process_ops,
	&expression_ops,
	&file_system_ops,
	&package_task_ops,
};

const struct unit_ops *unit_ops_find(enum dtsx_kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(all_ops); i++) {
		if (all_ops[i]->kind == kind)
			return all_ops[i];
	}
	return NULL;
}

/* The properties that every executable has: most are in the object tree already. */
static void load_common(struct unit *unit)
{
	const struct dtsx_executable *def = unit->def;

	unit->disabled = def->disabled;
	unit->disable_event_handlers = def->disable_event_handlers;
	unit->delay_validation = def->delay_validation;
	unit->fail_package = def->fail_package_on_failure;
	unit->fail_parent = def->fail_parent_on_failure;
	unit->max_errors = def->max_error_count;
	unit->force_result = def->force_execution_result;
	unit->transaction_option = def->transaction_option;
	unit->isolation_level = def->isolation_level;
	unit->locale_id = def->locale_id;
	unit->description = xstrdup(def->description);
	unit->force_value = dtsx_bool(dtsx_prop(def, "ForceExecValue", NULL), false);
	unit->forced_value = xstrdup(dtsx_prop(def, "ExecValue", ""));
}

static void apply_overrides(struct unit *unit)
{
	for (size_t i = 0; i < unit->package->overrides.len; i++) {
		const struct unit_override *o = &unit->package->overrides.items[i];
		struct value value;
		if (o->def != unit->def || o->variable)
			continue;
		value_set_text(&value, o->value);
		unit_set_property(unit, o->property, &value, NULL); /* checked when it was read */
		value_release(&value);
	}
}

struct unit *unit_new(struct package *package, const struct dtsx_executable *def, struct unit *parent)
{
	struct unit *unit = xcalloc(1, sizeof(*unit));

	unit->run = package->run;
	unit->package = package;
	unit->def = def;
	unit->parent = parent;
	unit->ops = unit_ops_find(def->kind);
	value_init(&unit->exec_value);
	load_common(unit);
	unit->vars = xcalloc(def->variable_count + 1, sizeof(*unit->vars));
	for (size_t i = 0; i < def->variable_count; i++)
		var_init(&unit->vars[unit->var_count++], &def->variables[i], unit);
	expressions_load(def->expressions, def->expression_count, &unit->expressions,
	    &unit->expression_count);
	if (unit->ops && unit->ops->task_size) {
		unit->task = xcalloc(1, unit->ops->task_size);
		properties_load(unit->ops->properties, unit->ops->property_count, def->object_data,
		    unit->task);
	}
	apply_overrides(unit);
	unit->children = xcalloc(def->child_count + 1, sizeof(struct unit *));
	for (size_t i = 0; i < def->child_count; i++)
		unit->children[unit->child_count++] = unit_new(package, def->children[i], unit);
	unit->constraints = xcalloc(def->constraint_count + 1, sizeof(*unit->constraints));
	return unit;
}

/* Nothing in the loop may point to a unit that is gone. */
static void forget(struct unit *unit)
{
	struct run *run = unit->run;

	for (size_t i = 0; i < run->queue.len; i++) {
		if (run->queue.items[i] == unit)
			run->queue.items[i] = NULL;
	}
}

void unit_free(struct unit *unit)
{
	if (!unit)
		return;
	for (size_t i = 0; i < unit->child_count; i++)
		unit_free(unit->children[i]);
	if (unit->ops && unit->ops->release)
		unit->ops->release(unit);
	if (unit->task)
		properties_release(unit->ops->properties, unit->ops->property_count, unit->task);
	for (size_t i = 0; i < unit->var_count; i++)
		var_release(&unit->vars[i]);
	forget(unit);
	expressions_release(unit->expressions, unit->expression_count);
	value_release(&unit->exec_value);
	free(unit->task);
	free(unit->vars);
	free(unit->children);
	free(unit->constraints);
	free(unit->description);
	free(unit->forced_value);
	free(unit);
}

void unit_reset(struct unit *unit)
{
	unit->state = UNIT_IDLE;
	unit->result = UNIT_SUCCESS;
	unit->error_count = 0;
	unit->stopped = unit->executed = false;
	unit->running = 0;
	unit->deadline_ms = 0;
	value_release(&unit->exec_value);
}

bool unit_in_handler(const struct unit *unit)
{
	for (; unit; unit = unit->parent) {
		if (unit->raised)
			return true;
	}
	return false;
}

bool unit_is_task(const struct unit *unit)
{
	return unit->ops && (!unit->ops->container || unit->ops->kind == DTSX_EXECUTE_PACKAGE);
}

void unit_set_exec_value(struct unit *unit, const struct value *value)
{
	value_release(&unit->exec_value);
	value_copy(value, &unit->exec_value);
}

void unit_package_path(const struct unit *unit, struct buf *out)
{
	buf_addf(out, "\\%s", unit->def->ref_id);
}

void unit_execution_path(const struct unit *unit, struct buf *out)
{
	if (unit->parent)
		unit_execution_path(unit->parent, out);
	if (unit->raised)
		buf_addf(out, ".EventHandlers[%s]", unit->def->event_name);
	else
		buf_addf(out, "\\%s", unit->def->name);
	if (unit->iteration)
		buf_addf(out, "[%d]", unit->iteration);
}

/* ---- validation ---- */

static void report_missing(void *ctx, const char *what)
{
	struct unit *unit = ctx;

	unit->run->missing = true;
	unit_error(unit, DTS_INVALID_TASK_MONIKER, "%s", what);
}

/* What a unit itself needs; children validate themselves. */
static int validate_self(struct unit *unit)
{
	if (needs_of_executable(unit->def, report_missing, unit))
		return -1;
	if (!unit->ops) {
		report_missing(unit, "The task cannot be created.");
		return -1;
	}
	if (unit->transaction_option == 2)
		unit_warning(unit, DTS_W_GENERIC,
		    "Transactions are not available here; TransactionOption Required has no effect.");
	return unit->ops->validate ? unit->ops->validate(unit) : 0;
}

/* Disabled, and no property expression may change that. */
static bool stays_disabled(const struct unit *unit)
{
	for (size_t i = 0; i < unit->expression_count; i++) {
		if (!utf8_casecmp(unit->expressions[i].property, "Disable"))
			return false;
	}
	return unit->disabled;
}

static int validate_child(struct unit *child)
{
	if (child->delay_validation || stays_disabled(child))
		return 0;
	if (unit_evaluate_expressions(child))
		return -1;
	return child->disabled ? 0 : unit_validate(child);
}

int unit_validate(struct unit *unit)
{
	int errors = unit->error_count, r;

	event_raise(unit, EVENT_PRE_VALIDATE, NULL, 0, "Validation has started.");
	r = validate_self(unit);
	for (size_t i = 0; i < unit->child_count; i++) {
		if (validate_child(unit->children[i]))
			r = -1;
	}
	event_raise(unit, EVENT_POST_VALIDATE, NULL, 0, "Validation is complete.");
	return r || (unit->max_errors && unit->error_count - errors >= unit->max_errors) ? -1 : 0;
}

/* ---- execution ---- */

static bool needs_slot(const struct unit *unit)
{
	return unit->ops && !unit->ops->container && !unit_in_handler(unit);
}

static void raise_time(struct unit *unit, int type, const char *verb, int64_t elapsed_ms)
{
	struct value now;
	struct buf text = BUF_INIT;
	int64_t ticks = clock_steady_now(&unit->run->clock);

	ticks += clock_local_offset_min(ticks) * INT64_C(60) * TICKS_PER_SECOND;
	value_set_ticks(&now, DT_DATE, DATE_TICKS_OLE + ticks % TICKS_PER_DAY);
	buf_addf(&text, "%s, ", verb);
	if (ticks % TICKS_PER_DAY < TICKS_PER_SECOND)
		buf_adds(&text, "12:00:00 AM");
	else
		value_text(&now, &text);
	if (elapsed_ms >= 0)
		buf_addf(&text, ", Elapsed time: %02lld:%02lld:%02lld.%03lld", (long long)(elapsed_ms / 3600000),
		    (long long)(elapsed_ms / 60000 % 60), (long long)(elapsed_ms / 1000 % 60),
		    (long long)(elapsed_ms % 1000));
	buf_addc(&text, '.');
	event_raise(unit, type, NULL, 0, text.data);
	buf_release(&text);
}

void unit_wait(struct unit *unit)
{
	vec_push(&unit->run->active, unit);
}

static void stop_waiting(struct unit *unit)
{
	struct run *run = unit->run;

	for (size_t i = 0; i < run->active.len; i++) {
		if (run->active.items[i] == unit) {
			run->active.items[i] = run->active.items[--run->active.len];
			return;
		}
	}
}

void unit_start(struct unit *unit)
{
	struct run *run = unit->run;

	unit_reset(unit);
	unit->state = UNIT_RUNNING;
	unit->start_ticks = clock_steady_now(&run->clock);
	unit->start_mono_ms = clock_mono_ms();
	if (unit->parent && !unit->raised)
		unit->parent->running++;
	if (run->cancelling) {
		unit_finish(unit, UNIT_CANCELLED);
		return;
	}
	if (!stays_disabled(unit) && unit_evaluate_expressions(unit)) {
		unit_finish(unit, UNIT_FAILURE);
		return;
	}
	if (unit->disabled) {
		unit_finish(unit, UNIT_SUCCESS);
		return;
	}
	/* The package itself was validated before it began. */
	if (unit->parent && unit_validate(unit)) {
		unit_finish(unit, UNIT_FAILURE);
		return;
	}
	unit->error_count = 0;
	unit->has_slot = needs_slot(unit);
	run->slots_used += unit->has_slot;
	unit->start_ticks = clock_steady_now(&run->clock);
	unit->start_mono_ms = clock_mono_ms();
	unit->executed = true;
	raise_time(unit, EVENT_PRE_EXECUTE, "Start", -1);
	if (loop_cancelled(run))
		unit_finish(unit, UNIT_CANCELLED);
	else
		unit->ops->start(unit);
}

/* Errors decide over a success (spec/package.md §2.8): every container that reached its count fails with a warning. */
static enum unit_result count_result(struct unit *unit, enum unit_result result)
{
	if (result == UNIT_CANCELLED)
		return result;
	if (unit->stopped)
		result = UNIT_FAILURE;
	if (unit->max_errors > 0 && unit->error_count >= unit->max_errors &&
	    (result != UNIT_FAILURE || !unit_is_task(unit))) {
		unit_warning(unit, DTS_W_MAXIMUM_ERROR_COUNT,
		    "The execution method succeeded, but the number of errors raised (%d) reached the maximum "
		    "allowed (%d), so the result is failure. This happens when the number of errors reaches "
		    "MaximumErrorCount.",
		    unit->error_count, unit->max_errors);
		result = UNIT_FAILURE;
	}
	if (unit->force_result >= 0)
		result = (enum unit_result)unit->force_result;
	return result;
}

/* ForceExecutionValue and ExecValueVariable. */
static void settle_exec_value(struct unit *unit)
{
	struct fault fault;
	struct value forced;

	if (unit->force_value) {
		int vt = (int)dtsx_int(dtsx_prop(unit->def, "ExecValueType", NULL), DTSX_VT_I4);
		if (value_from_variant(vt, unit->forced_value, &forced, &fault)) {
			unit_fault(unit, &fault);
		} else {
			unit_set_exec_value(unit, &forced);
			value_release(&forced);
		}
	}
	if (*unit->def->exec_value_variable && !unit->exec_value.null &&
	    var_write_qualified(unit, unit->def->exec_value_variable, &unit->exec_value, &fault))
		unit_fault(unit, &fault);
}

/* An execution value as the catalog stores a sql_variant: "type:text". */
static void put_variant(const struct value *v, struct buf *out)
{
	static const struct {
		enum dt dt;
		const char *name;
	} names[] = { { DT_I4, "int" }, { DT_I8, "bigint" }, { DT_I2, "smallint" }, { DT_UI1, "tinyint" },
		{ DT_R8, "float" }, { DT_R4, "real" } };

	if (v->type.dt == DT_BOOL) {
		buf_addf(out, "bit:%d", v->i != 0);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (names[i].dt == v->type.dt) {
			buf_addf(out, "%s:", names[i].name);
			value_text(v, out);
			return;
		}
	}
	buf_adds(out, "nvarchar(4000):");
	value_text(v, out);
	buf_truncate(out, utf8_prefix_utf16(out->data, out->len, 4000));
}

/* The executable_statistics row. */
static void write_statistics(struct unit *unit, int64_t end_ticks)
{
	struct run *run = unit->run;
	struct buf path = BUF_INIT, key = BUF_INIT, value = BUF_INIT;

	if (run->level == EVENT_LEVEL_NONE || (run->level == EVENT_LEVEL_CUSTOM && !(run->profile_mask & 1)))
		return;
	unit_execution_path(unit, &path);
	unit_package_path(unit, &key);
	if (!unit->exec_value.null)
		put_variant(&unit->exec_value, &value);
	struct event event = {
		.kind = EVENT_KIND_STATISTICS,
		.package_name = unit->package->name,
		.execution_path = path.data,
		.executable_path = key.data,
		.start_time = unit->start_ticks,
		.end_time = end_ticks,
		.duration_ms = clock_mono_ms() - unit->start_mono_ms,
		.result = (int)unit->result,
		.property_value = value.len ? value.data : NULL,
	};
	event_log_add(&run->log, &event);
	buf_release(&path);
	buf_release(&key);
	buf_release(&value);
}

/* A failure that ends what is around it at once. */
static void spread_failure(struct unit *unit)
{
	if (unit->result != UNIT_FAILURE || unit_in_handler(unit))
		return;
	if (unit->fail_parent && unit->parent)
		unit->parent->stopped = true;
	for (struct unit *up = unit->fail_package ? unit->parent : NULL; up; up = up->parent) {
		up->stopped = true;
		if (up->def->kind == DTSX_PACKAGE)
			break; /* a child's failure is its parent's task to judge */
	}
}

/* A slot is free: whoever waits for one gets another look. */
static void queue_starved(struct unit *unit)
{
	if (unit->starved)
		loop_queue(unit);
	for (size_t i = 0; i < unit->child_count; i++)
		queue_starved(unit->children[i]);
}

static void give_back_slot(struct unit *unit)
{
	struct run *run = unit->run;

	if (!unit->has_slot)
		return;
	unit->has_slot = false;
	run->slots_used--;
	if (run->starved) {
		run->starved = false;
		queue_starved(run->main.root);
	}
}

void unit_finish(struct unit *unit, enum unit_result result)
{
	bool silent = unit->disabled && !unit->executed;
	int64_t end_ticks = clock_steady_now(&unit->run->clock);

	stop_waiting(unit);
	unit->deadline_ms = 0;
	if (!silent) {
		settle_exec_value(unit);
		result = count_result(unit, result);
	}
	unit->result = result;
	if (!silent && result == UNIT_FAILURE && unit_is_task(unit))
		event_raise(unit, EVENT_TASK_FAILED, NULL, 0, "Task failed.");
	if (unit->executed) {
		raise_time(unit, EVENT_POST_EXECUTE, "Finished", clock_mono_ms() - unit->start_mono_ms);
		write_statistics(unit, end_ticks);
	}
	give_back_slot(unit);
	if (unit->parent && !unit->raised) {
		spread_failure(unit);
		children_decide(unit->parent, unit);
		unit->parent->running--;
		loop_queue(unit->parent);
	}
	unit->state = UNIT_DONE;
}
