/* SPDX-License-Identifier: MIT */
/* Variables and parameters: scopes from the inside out, expressions at every read (spec/package.md §2.5). */
#include <stdlib.h>
#include <string.h>

#include "runtime/engine.h"

/* IncludeInDebugDump is only in the XML: 2345 yes, 6789 no. */
static bool included_in_dump(const struct dtsx_variable *def, const struct unit *owner)
{
	const struct xml_node *list = xml_child(owner->def->node, XML_NS_DTS, "Variables");
	const struct xml_node *node = xml_child(list ? list : owner->def->node, XML_NS_DTS, "Variable");

	for (; node; node = xml_next(node, XML_NS_DTS, "Variable")) {
		const char *id = xml_dts_prop(node, "DTSID"), *flag = xml_dts_prop(node, "IncludeInDebugDump");
		if (id && !strcmp(id, def->id))
			return flag && strcmp(flag, "6789") != 0;
	}
	return false;
}

/* A design value given by the package, or by an override; a secret one is not shown in dumps. */
static const char *design_value(struct var *var, const struct dtsx_variable *def)
{
	const struct package *package = var->owner->package;

	for (size_t i = package->overrides.len; i > 0; i--) {
		const struct unit_override *o = &package->overrides.items[i - 1];
		const char *colons = o->variable ? strstr(o->variable, "::") : NULL;
		if (o->def == var->owner->def && colons && !strcmp(o->property, "Value") &&
		    (size_t)(colons - o->variable) == strlen(var->space) &&
		    !strncmp(o->variable, var->space, strlen(var->space)) &&
		    !strcmp(colons + 2, var->name)) {
			var->in_dump &= !o->sensitive;
			return o->value;
		}
	}
	return def->value;
}

void var_init(struct var *var, const struct dtsx_variable *def, struct unit *owner)
{
	*var = (struct var){ .space = def->ns, .name = def->name, .description = def->description,
		.id = def->id, .read_only = def->read_only, .raise_changed = def->raise_changed_event,
		.owner = owner };
	var->in_dump = included_in_dump(def, owner);
	if (def->evaluate_as_expression)
		var->expr_text = def->expression;
	var->type = value_type_of(dt_from_variant(def->data_type));
	if (value_from_variant(def->data_type, design_value(var, def), &var->value, NULL))
		value_set_null(&var->value, &var->type);
	else
		var->type = var->value.type;
}

void var_clear(struct var *var)
{
	if (var->sensitive && !var->value.null && dt_family(var->value.type.dt) == FAMILY_STRING)
		mem_wipe(var->value.s.data, var->value.s.len);
	value_release(&var->value);
}

void var_release(struct var *var)
{
	var_clear(var);
	expr_free(var->expr);
}

static bool matches(const struct var *var, const char *space, const char *name)
{
	return (!*space || !strcmp(var->space, space)) && !strcmp(var->name, name);
}

struct var *var_find(struct unit *scope, const char *space, const char *name, struct fault *fault)
{
	struct package *package = scope->package;

	for (struct unit *unit = scope; unit; unit = unit->parent) {
		struct var *found = NULL;
		for (size_t i = 0; i < unit->var_count; i++) {
			if (!matches(&unit->vars[i], space, name))
				continue;
			if (found) {
				fault_set(fault, EXPR_AMBIGUOUS_VARIABLE,
				    "More than one variable is named \"%s\"; write @[Namespace::%s].", name, name);
				return NULL;
			}
			found = &unit->vars[i];
		}
		if (found)
			return found;
	}
	for (size_t i = 0; i < package->param_count; i++) {
		if (matches(&package->params[i], space, name))
			return &package->params[i];
	}
	fault_set(fault, EXPR_VARIABLE_NOT_FOUND,
	    "The variable \"%s%s%s\" was not found. It may not be in the correct scope.", space,
	    *space ? "::" : "", name);
	return NULL;
}

/* Evaluate a variable's expression; the result gets the variable's type. */
static int evaluate(struct var *var, struct value *ret, struct fault *fault)
{
	struct fault inner;
	struct scope scope;
	struct value value;
	struct value_type type = var->type;
	int r = -1;

	if (var->reading)
		return fault_set(fault, DTS_VARIABLE_EXPRESSION,
		    "The expression of variable \"%s::%s\" refers to itself.", var->space, var->name);
	if (!var->expr && expr_parse(var->expr_text, strlen(var->expr_text), &var->expr, &inner))
		goto fail;
	scope_init(&scope, var->owner, false, false);
	var->reading = true;
	r = expr_eval(var->expr, &scope.expr, &value, &inner);
	var->reading = false;
	if (r)
		goto fail;
	if (dt_family(type.dt) == FAMILY_STRING)
		type.length = 0;
	if (type.dt == DT_DECIMAL)
		type.scale = value.type.scale > 28 ? 28 : value.type.scale;
	r = type.dt == DT_EMPTY ? (value_copy(&value, ret), 0) : value_cast(&value, &type, ret, &inner);
	value_release(&value);
	if (!r)
		return 0;
fail:
	return fault_set(fault, DTS_VARIABLE_EXPRESSION,
	    "The expression of variable \"%s::%s\" failed with code 0x%08X: %s", var->space, var->name,
	    (unsigned)inner.code, inner.text);
}

int var_value(struct unit *scope, struct var *var, struct value *ret, struct fault *fault)
{
	(void)scope;
	if (var->expr_text)
		return evaluate(var, ret, fault);
	value_copy(&var->value, ret);
	return 0;
}

int var_read(struct unit *scope, const char *space, const char *name, struct value *ret,
    struct fault *fault)
{
	struct var *var = var_find(scope, space, name, fault);

	if (var)
		return var_value(scope, var, ret, fault);
	if ((!*space || !strcmp(space, "System")) && system_variable(scope, name, ret))
		return 0;
	return -1;
}

static int fail_read_only(const char *space, const char *name, struct fault *fault)
{
	return fault_set(fault, DTS_VARIABLE_READ_ONLY,
	    "The variable \"%s%s%s\" is read-only and cannot be written.", space, *space ? "::" : "", name);
}

static struct var *find_writable(struct unit *scope, const char *space, const char *name,
    struct fault *fault)
{
	struct value value;
	struct var *var = var_find(scope, space, name, fault);

	if (!var && (!*space || !strcmp(space, "System")) && system_variable(scope, name, &value)) {
		value_release(&value);
		fail_read_only("System", name, fault);
	}
	if (var && (var->read_only || !var->owner || var->expr_text)) {
		fail_read_only(space, name, fault);
		return NULL;
	}
	return var;
}

int var_write(struct unit *scope, const char *space, const char *name, const struct value *value,
    struct fault *fault)
{
	struct var *var = find_writable(scope, space, name, fault);
	struct fault inner;
	struct value converted;

	if (!var)
		return -1;
	struct value_type type = var->type;
	if (dt_family(type.dt) == FAMILY_STRING)
		type.length = 0;
	if (type.dt == DT_DECIMAL)
		type.scale = dt_family(value->type.dt) == FAMILY_DECIMAL && value->type.scale <= 28
		    ? value->type.scale
		    : type.scale;
	if (type.dt == DT_EMPTY || type.dt == DT_NULL)
		type.dt = DT_OBJECT;
	if (value_cast(value, &type, &converted, &inner))
		return fault_set(fault, DTS_INVALID_VARIABLE_VALUE,
		    "The value cannot be assigned to variable \"%s::%s\": %s", var->space, var->name,
		    inner.text);
	bool changed = !value_same(&var->value, &converted);
	value_release(&var->value);
	var->value = converted;
	if (var->raise_changed && changed)
		event_variable_changed(var->owner, var);
	return 0;
}

/* "User::x" in two; space must hold strlen(name) + 1. Returns the bare name. */
static const char *split_name(const char *name, char *space)
{
	const char *colons = strstr(name, "::");

	space[0] = '\0';
	if (!colons)
		return name;
	memcpy(space, name, (size_t)(colons - name));
	space[colons - name] = '\0';
	return colons + 2;
}

int var_read_qualified(struct unit *scope, const char *name, struct value *ret, struct fault *fault)
{
	char *space = xmalloc(strlen(name) + 1);
	const char *bare = split_name(name, space);
	int r = var_read(scope, space, bare, ret, fault);

	free(space);
	return r;
}

int var_write_qualified(struct unit *scope, const char *name, const struct value *value,
    struct fault *fault)
{
	char *space = xmalloc(strlen(name) + 1);
	const char *bare = split_name(name, space);
	int r = var_write(scope, space, bare, value, fault);

	free(space);
	return r;
}

bool var_is_sensitive(struct unit *scope, const char *name)
{
	char *space = xmalloc(strlen(name) + 1);
	const char *bare = split_name(name, space);
	const struct var *var = var_find(scope, space, bare, NULL);

	free(space);
	return var && var->sensitive;
}

int var_check_writable(struct unit *scope, const char *name, struct fault *fault)
{
	char *space = xmalloc(strlen(name) + 1);
	const char *bare = split_name(name, space);
	int r = find_writable(scope, space, bare, fault) ? 0 : -1;

	free(space);
	return r;
}

/* ---- as an expression sees them ---- */

static int check_sensitive(const struct scope *scope, const struct var *var, struct fault *fault)
{
	if (!var || !var->sensitive || scope->sensitive_ok)
		return 0;
	return fault_set(fault, DTS_SENSITIVE_IN_EXPRESSION,
	    "The sensitive parameter \"%s::%s\" can be used only in expressions of sensitive properties.",
	    var->space, var->name);
}

static int scope_type_of(void *ctx, const char *space, const char *name, struct value_type *ret,
    struct fault *fault)
{
	struct scope *scope = ctx;
	struct var *var = var_find(scope->unit, space, name, fault);
	struct value value;

	if (var) {
		*ret = var->type.dt == DT_OBJECT ? var->type : var->value.type;
		return check_sensitive(scope, var, fault);
	}
	if (var_read(scope->unit, space, name, &value, fault))
		return -1;
	*ret = value.type;
	value_release(&value);
	return 0;
}

static int scope_read(void *ctx, const char *space, const char *name, struct value *ret,
    struct fault *fault)
{
	struct scope *scope = ctx;

	return var_read(scope->unit, space, name, ret, fault);
}

static int scope_write(void *ctx, const char *space, const char *name, const struct value *value,
    struct fault *fault)
{
	struct scope *scope = ctx;

	return var_write(scope->unit, space, name, value, fault);
}

void scope_init(struct scope *scope, struct unit *unit, bool writable, bool sensitive_ok)
{
	*scope = (struct scope){
		.expr = { .type_of = scope_type_of, .read = scope_read,
		    .write = writable ? scope_write : NULL },
		.unit = unit,
		.sensitive_ok = sensitive_ok,
	};
	scope->expr.ctx = scope;
}
