/* SPDX-License-Identifier: MIT */
/*
 * Raising an event (spec/package.md §6.1, §2.9): first the record for the
 * catalog, with its context when it is an error; then, from the source
 * outwards, each container counts it and runs its handler, until a handler
 * says Propagate = False.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "runtime/engine.h"

/* What stands behind the name in the messages of these types. */
static const struct {
	int type;
	const char *word;
} words[] = {
	{ EVENT_ERROR, "Error: " },
	{ EVENT_WARNING, "Warning: " },
	{ EVENT_INFORMATION, "Information: " },
};

/* enum of spec/catalog.md §3.6 */
static int context_type(const struct unit *unit)
{
	switch (unit->def->kind) {
	case DTSX_PACKAGE:
		return 60;
	case DTSX_SEQUENCE:
	case DTSX_EVENT_HANDLER:
		return 30;
	case DTSX_FOR_LOOP:
		return 40;
	case DTSX_FOREACH_LOOP:
		return 50;
	default:
		return 10;
	}
}

static int source_type(const struct unit *unit)
{
	switch (unit->def->kind) {
	case DTSX_PACKAGE:
		return EVENT_SOURCE_PACKAGE;
	case DTSX_SEQUENCE:
	case DTSX_EVENT_HANDLER:
	case DTSX_FOR_LOOP:
	case DTSX_FOREACH_LOOP:
		return EVENT_SOURCE_CONTAINER;
	case DTSX_DATA_FLOW:
		return EVENT_SOURCE_DATA_FLOW;
	default:
		return EVENT_SOURCE_TASK;
	}
}

static void write_context(struct unit *unit, int depth, int type, const char *source_name,
    const char *property, const char *value)
{
	struct buf path = BUF_INIT;

	unit_package_path(unit, &path);
	struct event event = {
		.kind = EVENT_KIND_CONTEXT,
		.depth = depth,
		.context_type = type,
		.package_path = path.data,
		.source_name = source_name,
		.source_id = unit->def->id,
		.property_name = property,
		.property_value = value,
	};
	event_log_add(&unit->run->log, &event);
	buf_release(&path);
}

static void write_properties(struct unit *unit, int depth, const struct property *table, size_t count,
    const void *object)
{
	for (size_t i = 0; i < count; i++) {
		struct buf text = BUF_INIT;
		if (override_is_sensitive(unit, table[i].name))
			buf_adds(&text, "********");
		else
			property_text(&table[i], object, &text);
		write_context(unit, depth, context_type(unit), unit->def->name, table[i].name, text.data);
		buf_release(&text);
	}
}

static void write_variables(struct unit *unit, int depth)
{
	for (size_t i = 0; i < unit->var_count; i++) {
		struct var *var = &unit->vars[i];
		struct buf name = BUF_INIT, text = BUF_INIT;
		struct value value;
		if (!var->in_dump)
			continue;
		buf_addf(&name, "%s::%s", var->space, var->name);
		if (!var_value(unit, var, &value, NULL)) {
			value_text(&value, &text);
			value_release(&value);
		}
		write_context(unit, depth, 70, name.data, "Value", text.data);
		buf_release(&name);
		buf_release(&text);
	}
}

/* The properties around an error, from the failing object outwards. */
static void write_contexts(struct unit *source)
{
	struct run *run = source->run;
	size_t count;
	const struct property *common = unit_properties(&count);
	int depth = 1;

	if (run->level == EVENT_LEVEL_NONE ||
	    (run->level == EVENT_LEVEL_CUSTOM && !(run->event_mask >> (32 + 8) & 1)))
		return;
	for (struct unit *unit = source; unit; unit = unit->parent, depth++) {
		write_properties(unit, depth, common, count, unit);
		if (unit->ops && unit->ops->property_count)
			write_properties(unit, depth, unit->ops->properties, unit->ops->property_count,
			    unit->task);
		write_variables(unit, depth);
	}
}

static void write_message(struct unit *source, int type, const char *event_name, int32_t code,
    const char *text)
{
	struct run *run = source->run;
	struct buf message = BUF_INIT, path = BUF_INIT, execution = BUF_INIT;

	buf_addf(&message, "%s:", source->def->name);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (words[i].type == type)
			buf_adds(&message, words[i].word);
	}
	buf_adds(&message, text);
	unit_package_path(source, &path);
	unit_execution_path(source, &execution);
	struct event event = {
		.kind = EVENT_KIND_MESSAGE,
		.time = clock_steady_now(&run->clock),
		.type = type,
		.source_type = source_type(source),
		.message = message.data,
		.package_name = source->package->name,
		.event_name = event_name,
		.source_name = source->def->name,
		.source_id = source->def->id,
		.package_path = path.data,
		.execution_path = execution.data,
		.thread_id = getpid(),
		.code = code,
	};
	if (run->options->observer)
		run->options->observer->event(run->options->observer->ctx, &event);
	if (event_level_keeps(run->level, run->event_mask, type)) {
		event_log_add(&run->log, &event);
		if (type == EVENT_ERROR)
			write_contexts(source);
	}
	buf_release(&message);
	buf_release(&path);
	buf_release(&execution);
}

static const struct dtsx_executable *find_handler(const struct unit *unit, const char *event_name)
{
	if (unit->disable_event_handlers)
		return NULL;
	for (size_t i = 0; i < unit->def->handler_count; i++) {
		if (!strcmp(unit->def->handlers[i]->event_name, event_name))
			return unit->def->handlers[i];
	}
	return NULL;
}

/*
 * Whether source is part of a running instance of that handler, or of another
 * handler that serves an event from in there: it must not start itself again.
 */
static bool inside(const struct unit *source, const struct dtsx_executable *handler)
{
	for (; source; source = source->raised ? source->raised->source : source->parent) {
		if (source->def == handler)
			return true;
	}
	return false;
}

/* Run the handler to its end; false when it stops the event. */
static bool run_handler(struct unit *host, const struct dtsx_executable *def,
    const struct raised *raised)
{
	struct unit *handler = unit_new(host->package, def, host);
	bool propagate = true;
	struct value value;

	handler->raised = raised;
	unit_start(handler);
	loop_until(host->run, handler);
	if (!var_read(handler, "System", "Propagate", &value, NULL)) {
		propagate = value.null || value.i != 0;
		value_release(&value);
	}
	unit_free(handler);
	return propagate;
}

static void run_handlers(const struct raised *raised)
{
	struct run *run = raised->source->run;

	for (struct unit *unit = raised->source; unit; unit = unit->parent) {
		const struct dtsx_executable *def = find_handler(unit, raised->event_name);
		if (raised->type == EVENT_ERROR)
			unit->error_count++;
		/* What is not available is told before anything has run, handlers included. */
		if (!def || def->disabled || run->cancelling || run->missing || inside(raised->source, def))
			continue;
		if (!run_handler(unit, def, raised))
			return;
	}
}

void event_raise(struct unit *source, int type, const char *event_name, int32_t code, const char *text)
{
	struct run *run = source->run;
	struct raised raised = { source, type, event_name ? event_name : event_type_info(type)->event_name,
		code, text, NULL };

	run->errors += type == EVENT_ERROR;
	run->warnings += type == EVENT_WARNING;
	write_message(source, type, raised.event_name, code, text);
	dump_consider(run, source, type, code, text);
	run_handlers(&raised);
}

void event_variable_changed(struct unit *owner, const struct var *var)
{
	struct buf text = BUF_INIT;
	struct raised raised = { owner, EVENT_VARIABLE_CHANGED, "OnVariableValueChanged", 0, NULL, var };

	buf_addf(&text, "The value of variable \"%s::%s\" has changed.", var->space, var->name);
	raised.text = text.data;
	write_message(owner, raised.type, raised.event_name, 0, text.data);
	run_handlers(&raised);
	buf_release(&text);
}

static void raise_formatted(struct unit *, int, const char *, int32_t, const char *fmt, va_list)
    __attribute__((format(printf, 5, 0)));

static void raise_formatted(struct unit *unit, int type, const char *event_name, int32_t code,
    const char *fmt, va_list args)
{
	struct buf text = BUF_INIT;

	buf_vaddf(&text, fmt, args);
	event_raise(unit, type, event_name, code, text.data);
	buf_release(&text);
}

void unit_error(struct unit *unit, int32_t code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	raise_formatted(unit, EVENT_ERROR, NULL, code, fmt, args);
	va_end(args);
}

void unit_fault(struct unit *unit, const struct fault *fault)
{
	event_raise(unit, EVENT_ERROR, NULL, fault->code, fault->text);
}

void unit_warning(struct unit *unit, int32_t code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	raise_formatted(unit, EVENT_WARNING, NULL, code, fmt, args);
	va_end(args);
}

void unit_information(struct unit *unit, int32_t code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	raise_formatted(unit, EVENT_INFORMATION, NULL, code, fmt, args);
	va_end(args);
}

void unit_custom(struct unit *unit, const char *event_name, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	raise_formatted(unit, EVENT_CUSTOM, event_name, 0, fmt, args);
	va_end(args);
}
