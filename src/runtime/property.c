/* SPDX-License-Identifier: MIT */
/*
 * Properties by tables: what a task's element says, what property expressions
 * and overrides set, and what error contexts and dumps show (spec/package.md §2.3, §2.6).
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "runtime/engine.h"

#define UNIT(member) offsetof(struct unit, member)

static const char *const result_names[] = { "None", "Success", "Failure", "Completion", NULL };
static const char *const transaction_names[] = { "NotSupported", "Supported", "Required", NULL };

static const struct property common[] = {
	{ "DelayValidation", NULL, PROP_BOOL, UNIT(delay_validation), NULL, NULL, 0 },
	{ "Description", NULL, PROP_TEXT, UNIT(description), NULL, NULL, 0 },
	{ "Disable", NULL, PROP_BOOL, UNIT(disabled), NULL, NULL, 0 },
	{ "DisableEventHandlers", NULL, PROP_BOOL, UNIT(disable_event_handlers), NULL, NULL, 0 },
	{ "FailPackageOnFailure", NULL, PROP_BOOL, UNIT(fail_package), NULL, NULL, 0 },
	{ "FailParentOnFailure", NULL, PROP_BOOL, UNIT(fail_parent), NULL, NULL, 0 },
	{ "ForceExecutionResult", NULL, PROP_ENUM, UNIT(force_result), NULL, result_names, -1 },
	{ "ForceExecutionValue", NULL, PROP_BOOL, UNIT(force_value), NULL, NULL, 0 },
	{ "ForcedExecutionValue", NULL, PROP_TEXT, UNIT(forced_value), NULL, NULL, 0 },
	{ "IsolationLevel", NULL, PROP_INT, UNIT(isolation_level), NULL, NULL, 0 },
	{ "LocaleID", NULL, PROP_INT, UNIT(locale_id), NULL, NULL, 0 },
	{ "MaximumErrorCount", NULL, PROP_INT, UNIT(max_errors), NULL, NULL, 0 },
	{ "TransactionOption", NULL, PROP_ENUM, UNIT(transaction_option), NULL, transaction_names, 0 },
};

/* Known to the product and without effect here, so an expression on one is no error. */
static const char *const without_effect[] = { "CheckpointFileName", "CheckpointUsage", "DebugMode",
	"EnableConfigurations", "EncryptCheckpoints", "ExecValueVariable", "InteractiveMode", "LoggingMode",
	"MaxConcurrentExecutables", "Name", "OfflineMode", "PackagePriorityClass", "PackageType",
	"ProtectionLevel", "SaveCheckpoints", "SuppressConfigurationWarnings", "VersionBuild",
	"VersionComments", "VersionMajor", "VersionMinor" };

const struct property *unit_properties(size_t *ret_count)
{
	*ret_count = ARRAY_LEN(common);
	return common;
}

static void *at(const struct property *property, const void *object)
{
	return (char *)(uintptr_t)object + property->offset;
}

/* Number of an enumeration member by name or number; -1000 when it is neither. */
static int enum_number(const struct property *property, const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	for (int i = 0; property->enum_names[i]; i++) {
		if (!utf8_casecmp(property->enum_names[i], text) ||
		    (end != text && !*end && n == i + property->enum_first))
			return i + property->enum_first;
	}
	return -1000;
}

static void set_text(const struct property *property, void *object, const char *text)
{
	char **field = at(property, object);
	char *copy = xstrdup(text);

	free(*field);
	*field = copy;
}

/* As the element has it (in an attribute or a child element); a text that fits nothing leaves the fallback. */
static void load_one(const struct property *property, const char *text, void *object)
{
	int n;

	switch (property->type) {
	case PROP_BOOL:
		*(bool *)at(property, object) =
		    dtsx_bool(text, dtsx_bool(property->fallback, false));
		break;
	case PROP_INT:
		*(int *)at(property, object) = (int)dtsx_int(text, dtsx_int(property->fallback, 0));
		break;
	case PROP_TEXT:
		set_text(property, object, text ? text : property->fallback ? property->fallback : "");
		break;
	case PROP_ENUM:
		n = text ? enum_number(property, text) : -1000;
		if (n == -1000)
			n = enum_number(property, property->fallback);
		*(int *)at(property, object) = n;
		break;
	}
}

void properties_load(const struct property *table, size_t count, const struct xml_node *node, void *object)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = NULL;
		if (table[i].attribute && node)
			text = xml_attr(node, NULL, table[i].attribute);
		if (!text && table[i].attribute && xml_child(node, NULL, table[i].attribute))
			text = xml_text(xml_child(node, NULL, table[i].attribute));
		load_one(&table[i], text, object);
	}
}

void properties_release(const struct property *table, size_t count, void *object)
{
	for (size_t i = 0; i < count; i++) {
		if (table[i].type == PROP_TEXT) {
			char **field = at(&table[i], object);
			free(*field);
			*field = NULL;
		}
	}
}

static int fail_set(const struct property *property, const char *why, struct fault *fault)
{
	return fault_set(fault, DTS_PROPERTY_EXPRESSION_SET, "The value cannot be set to property \"%s\": %s",
	    property->name, why);
}

int property_assign(const struct property *property, void *object, const struct value *value,
    struct fault *fault)
{
	static const enum dt targets[] = { [PROP_BOOL] = DT_BOOL, [PROP_INT] = DT_I4, [PROP_TEXT] = DT_WSTR,
		[PROP_ENUM] = DT_WSTR };
	struct value_type type = { .dt = targets[property->type] };
	struct value converted;
	struct fault inner;
	int n;

	if (value->null)
		return fail_set(property, "it is NULL.", fault);
	if (value_cast(value, &type, &converted, &inner))
		return fail_set(property, inner.text, fault);
	switch (property->type) {
	case PROP_BOOL:
		*(bool *)at(property, object) = converted.i != 0;
		break;
	case PROP_INT:
		*(int *)at(property, object) = (int)converted.i;
		break;
	case PROP_TEXT:
		set_text(property, object, converted.s.data);
		break;
	case PROP_ENUM:
		n = enum_number(property, converted.s.data);
		if (n == -1000) {
			fail_set(property, "it is no member of the enumeration.", fault);
			value_release(&converted);
			return -1;
		}
		*(int *)at(property, object) = n;
		break;
	}
	value_release(&converted);
	return 0;
}

void property_text(const struct property *property, const void *object, struct buf *out)
{
	const char *text;

	switch (property->type) {
	case PROP_BOOL:
		buf_adds(out, *(const bool *)at(property, object) ? "True" : "False");
		break;
	case PROP_INT:
		buf_addf(out, "%d", *(const int *)at(property, object));
		break;
	case PROP_TEXT:
		text = *(char *const *)at(property, object);
		buf_adds(out, text ? text : "");
		break;
	case PROP_ENUM:
		buf_adds(out, property->enum_names[*(const int *)at(property, object) - property->enum_first]);
		break;
	}
}

const struct property *property_find(const struct unit *unit, const char *name, void **ret_object)
{
	for (size_t i = 0; i < ARRAY_LEN(common); i++) {
		if (!utf8_casecmp(common[i].name, name)) {
			*ret_object = (void *)(uintptr_t)unit;
			return &common[i];
		}
	}
	for (size_t i = 0; unit->ops && i < unit->ops->property_count; i++) {
		if (!utf8_casecmp(unit->ops->properties[i].name, name)) {
			*ret_object = unit->task;
			return &unit->ops->properties[i];
		}
	}
	return NULL;
}

int unit_set_property(struct unit *unit, const char *name, const struct value *value,
    struct fault *fault)
{
	void *object;
	const struct property *property = property_find(unit, name, &object);

	if (property)
		return property_assign(property, object, value, fault);
	for (size_t i = 0; i < ARRAY_LEN(without_effect); i++) {
		if (!utf8_casecmp(without_effect[i], name))
			return 0;
	}
	return fault_set(fault, DTS_PROPERTY_EXPRESSION_SET, "\"%s\" has no property \"%s\".",
	    unit->def->name, name);
}

void expressions_load(const struct dtsx_expression *defs, size_t count,
    struct unit_expression **ret, size_t *ret_count)
{
	struct unit_expression *expressions = xcalloc(count + 1, sizeof(*expressions));

	for (size_t i = 0; i < count; i++) {
		expressions[i].property = defs[i].property;
		expressions[i].text = defs[i].expression;
	}
	*ret = expressions;
	*ret_count = count;
}

void expressions_release(struct unit_expression *expressions, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expr_free(expressions[i].expr);
	free(expressions);
}

int expression_evaluate(struct unit_expression *expression, struct unit *unit, bool sensitive_ok,
    struct value *ret, struct fault *fault)
{
	struct scope scope;

	if (!expression->expr &&
	    expr_parse(expression->text, strlen(expression->text), &expression->expr, fault))
		return -1;
	scope_init(&scope, unit, false, sensitive_ok);
	return expr_eval(expression->expr, &scope.expr, ret, fault);
}

int unit_evaluate_expressions(struct unit *unit)
{
	int r = 0;

	for (size_t i = 0; unit->ops && i < unit->expression_count; i++) {
		struct unit_expression *expression = &unit->expressions[i];
		struct fault fault;
		struct value value;
		if (expression_evaluate(expression, unit, false, &value, &fault)) {
			unit_error(unit, DTS_PROPERTY_EXPRESSION_EVAL,
			    "The expression \"%s\" on property \"%s\" cannot be evaluated (0x%08X): %s",
			    expression->text, expression->property, (unsigned)fault.code, fault.text);
			r = -1;
			continue;
		}
		if (unit_set_property(unit, expression->property, &value, &fault)) {
			unit_fault(unit, &fault);
			r = -1;
		}
		value_release(&value);
	}
	return r;
}
