/* SPDX-License-Identifier: MIT */
/*
 * What a package needs that is not available here: task types, enumerators,
 * pipeline components, connection types. One text per thing, naming it; used
 * by validation (before anything has run) and by dtexec's /Validate.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "runtime/engine.h"

struct teller {
	needs_fn *fn;
	void *ctx;
	int count;
};

static void tell(struct teller *teller, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void tell(struct teller *teller, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list args;

	va_start(args, fmt);
	buf_vaddf(&text, fmt, args);
	va_end(args);
	teller->fn(teller->ctx, text.data);
	teller->count++;
	buf_release(&text);
}

/* ---- pipelines ---- */

/* The class a component was made of: managed ones say it in a property. */
static const char *component_class(const struct xml_node *component)
{
	const char *class = xml_attr(component, NULL, "componentClassID");
	const struct xml_node *list = xml_child(component, NULL, "properties");
	const struct xml_node *p = xml_child(list, NULL, "property");

	for (; p; p = xml_next(p, NULL, "property")) {
		const char *name = xml_attr(p, NULL, "name");
		if (name && !strcmp(name, "UserComponentTypeName"))
			return xml_text(p);
	}
	return class ? class : "(no class)";
}

static void tell_pipeline(const struct dtsx_executable *def, struct teller *teller)
{
	const struct xml_node *list = xml_child(def->object_data, NULL, "components");
	const struct xml_node *component = xml_child(list, NULL, "component");

	tell(teller, "Data Flow task \"%s\" (%s) is not available: data flows cannot be run yet.", def->name,
	    def->creation_name);
	for (; component; component = xml_next(component, NULL, "component")) {
		const char *name = xml_attr(component, NULL, "name");
		tell(teller, "Data Flow task \"%s\": component \"%s\" of class \"%s\" is not available.", def->name,
		    name ? name : "", component_class(component));
	}
}

/* ---- executables ---- */

static void tell_foreach(const struct dtsx_executable *def, struct teller *teller)
{
	const struct dtsx_foreach *loop = def->foreach_loop;

	if (!loop) {
		tell(teller, "Foreach Loop container \"%s\" has no enumerator.", def->name);
		return;
	}
	switch (loop->kind) {
	case DTSX_FOREACH_FILE:
	case DTSX_FOREACH_ITEM:
	case DTSX_FOREACH_VARIABLE:
		return;
	default:
		tell(teller, "Foreach Loop container \"%s\": enumerator type \"%s\" is not available.", def->name,
		    loop->creation_name);
	}
}

int needs_of_executable(const struct dtsx_executable *def, needs_fn *fn, void *ctx)
{
	struct teller teller = { fn, ctx, 0 };

	if (def->kind == DTSX_DATA_FLOW)
		tell_pipeline(def, &teller);
	else if (def->kind == DTSX_FOREACH_LOOP)
		tell_foreach(def, &teller);
	else if (def->kind == DTSX_UNKNOWN)
		tell(&teller, "Task \"%s\": the type \"%s\" is not known.", def->name, def->creation_name);
	else if (!unit_ops_find(def->kind))
		tell(&teller, "%s \"%s\": the task type \"%s\" is not available yet.",
		    dtsx_kind_info(def->kind)->title, def->name, def->creation_name);
	return teller.count;
}

/* ---- connection managers, as far as somebody uses them ---- */

static bool text_mentions(const char *text, const struct dtsx_connection *c)
{
	size_t len = strlen(c->id);

	if (!text || !*text)
		return false;
	if (*c->name && !strcmp(text, c->name))
		return true;
	if (*c->ref_id && !strcmp(text, c->ref_id))
		return true;
	for (; len && *text; text++) {
		if (*text == '{' && !utf8_ncasecmp(text, strlen(text) < len ? strlen(text) : len, c->id, len))
			return true;
	}
	return false;
}

static bool node_mentions(const struct xml_node *node, const struct dtsx_connection *c)
{
	for (const struct xml_attr *a = node->attrs; a; a = a->next) {
		if (text_mentions(a->value, c))
			return true;
	}
	if (text_mentions(node->text, c))
		return true;
	for (const struct xml_node *child = node->first; child; child = child->next) {
		if (node_mentions(child, c))
			return true;
	}
	return false;
}

static bool is_used(const struct dtsx *dtsx, const struct dtsx_connection *c)
{
	for (const struct dtsx_executable *e = dtsx_walk(dtsx, NULL); e; e = dtsx_walk(dtsx, e)) {
		if (e->object_data && node_mentions(e->object_data, c))
			return true;
		if (e->foreach_loop && e->foreach_loop->object_data &&
		    node_mentions(e->foreach_loop->object_data, c))
			return true;
	}
	for (size_t i = 0; i < dtsx->log_provider_count; i++) {
		if (!strcmp(dtsx->log_providers[i].config_string, c->name))
			return true;
	}
	return false;
}

/* ---- expressions that cannot even be parsed ---- */

static void check_text(struct teller *teller, const char *where, const char *what, const char *text)
{
	struct expr *expr;
	struct fault fault;

	if (!*text)
		return;
	if (expr_parse(text, strlen(text), &expr, &fault))
		tell(teller, "%s: the expression of %s cannot be parsed: %s", where, what, fault.text);
	else
		expr_free(expr);
}

static void check_expressions(const struct dtsx_executable *e, struct teller *teller)
{
	for (size_t i = 0; i < e->expression_count; i++)
		check_text(teller, e->ref_id, e->expressions[i].property, e->expressions[i].expression);
	for (size_t i = 0; i < e->variable_count; i++) {
		if (e->variables[i].evaluate_as_expression)
			check_text(teller, e->ref_id, e->variables[i].name, e->variables[i].expression);
	}
	for (size_t i = 0; i < e->constraint_count; i++) {
		if (e->constraints[i].eval_op != DTSX_EVAL_CONSTRAINT)
			check_text(teller, e->ref_id, e->constraints[i].name, e->constraints[i].expression);
	}
	if (e->for_loop) {
		check_text(teller, e->ref_id, "InitExpression", e->for_loop->init);
		check_text(teller, e->ref_id, "EvalExpression", e->for_loop->eval);
		check_text(teller, e->ref_id, "AssignExpression", e->for_loop->assign);
	}
}

int needs_of_connection(const struct dtsx *dtsx, const struct dtsx_connection *c, needs_fn *fn, void *ctx)
{
	struct teller teller = { fn, ctx, 0 };

	if (!is_used(dtsx, c))
		return 0;
	if (!connection_available(c))
		tell(&teller, "Connection manager \"%s\": the type \"%s\" is not available yet.", c->name,
		    c->creation_name);
	for (size_t i = 0; i < c->expression_count; i++)
		check_text(&teller, c->name, c->expressions[i].property, c->expressions[i].expression);
	return teller.count;
}

int needs_of_package(const struct dtsx *dtsx, needs_fn *fn, void *ctx)
{
	struct teller teller = { fn, ctx, 0 };

	for (const struct dtsx_executable *e = dtsx_walk(dtsx, NULL); e; e = dtsx_walk(dtsx, e)) {
		teller.count += needs_of_executable(e, fn, ctx);
		check_expressions(e, &teller);
	}
	for (size_t i = 0; i < dtsx->connection_count; i++)
		teller.count += needs_of_connection(dtsx, &dtsx->connections[i], fn, ctx);
	for (size_t i = 0; i < dtsx->log_provider_count; i++)
		tell(&teller, "Log provider \"%s\": the type \"%s\" is not available yet.",
		    dtsx->log_providers[i].name, dtsx->log_providers[i].creation_name);
	if (dtsx->enable_config && dtsx->configuration_count)
		tell(&teller, "Package configurations (%zu) are not read.", dtsx->configuration_count);
	return teller.count;
}
