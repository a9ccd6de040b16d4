/* SPDX-License-Identifier: MIT */
/*
 * What a caller sets before a run: parameter values, connection manager
 * properties (CM.name.property), and property paths such as
 * \Package\Task.Properties[Name] (spec/package.md §2.2).
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "runtime/engine.h"

/* The pieces of a property path. */
struct path {
	char *object;   /* "Package\Task" or "Package.Connections[name]" */
	char *property; /* "Value" */
	char *member;   /* name in brackets of Variables[...] or Connections[...], or NULL */
	bool connection;
};

static void path_release(struct path *path)
{
	free(path->object);
	free(path->property);
	free(path->member);
}

/* Last place of needle in text, or NULL. */
static char *find_last(char *text, const char *needle)
{
	char *found = NULL;

	for (char *at = text; (at = strstr(at, needle)); at++)
		found = at;
	return found;
}

/* Cut ".Collection[member]" off the end of the object; true when it was there. */
static bool cut_member(struct path *path, const char *collection)
{
	char *at = find_last(path->object, collection);
	size_t len = strlen(path->object);

	if (!at || path->object[len - 1] != ']')
		return false;
	path->object[len - 1] = '\0';
	path->member = xstrdup(at + strlen(collection));
	*at = '\0';
	return true;
}

static bool path_parse(const char *text, struct path *ret)
{
	struct path path = { 0 };
	size_t len;

	while (*text == '\\')
		text++;
	path.object = xstrdup(text);
	len = strlen(path.object);
	char *at = find_last(path.object, ".Properties[");
	if (at && path.object[len - 1] == ']') {
		path.object[len - 1] = '\0';
		path.property = xstrdup(at + strlen(".Properties["));
	} else if ((at = strrchr(path.object, '.')) && at > path.object && at[-1] == ']') {
		path.property = xstrdup(at + 1); /* ...Variables[x].Value */
	} else {
		path_release(&path);
		return false;
	}
	*at = '\0';
	path.connection = cut_member(&path, ".Connections[") || cut_member(&path, ".ConnectionManagers[");
	if (!path.connection)
		cut_member(&path, ".Variables[");
	*ret = path;
	return true;
}

static int fail_path(struct package *package, const char *text, const char *why)
{
	unit_error(package->root, DTS_ELEMENT_NOT_FOUND, "The property path \"%s\" cannot be set: %s", text, why);
	return -1;
}

/* "User::x" from "x", so that it can be compared. */
static char *qualified(const char *name)
{
	return strstr(name, "::") ? xstrdup(name) : xasprintf("User::%s", name);
}

static const struct dtsx_variable *find_variable(const struct dtsx_executable *def, const char *name)
{
	for (size_t i = 0; i < def->variable_count; i++) {
		const struct dtsx_variable *v = &def->variables[i];
		size_t space = strlen(v->ns);
		if (!strncmp(name, v->ns, space) && !strncmp(name + space, "::", 2) &&
		    !strcmp(name + space + 2, v->name))
			return v;
	}
	return NULL;
}

/* Whether the text fits the variable's type. */
static int check_variable(const struct dtsx_variable *def, const char *property, const char *value,
    struct fault *fault)
{
	struct value converted;

	if (strcmp(property, "Value"))
		return fault_set(fault, DTS_PROPERTY_READ_ONLY, "only the property Value of a variable can be set.");
	if (value_from_variant(def->data_type, value, &converted, fault))
		return -1;
	value_release(&converted);
	return 0;
}

static void remember(struct package *package, const struct dtsx_executable *def, const char *variable,
    const char *property, const char *value, bool sensitive)
{
	struct unit_override override = { def, variable, xstrdup(property), xstrdup(value), sensitive };

	vec_push(&package->overrides, override);
}

/* A property that exists and takes the value; tried on a unit of its own. */
static int check_property(struct package *package, const struct dtsx_executable *def, const char *property,
    const char *text, struct fault *fault)
{
	struct unit *probe;
	struct value value;
	int r;

	if (!unit_ops_find(def->kind))
		return 0;
	probe = unit_new(package, def, NULL);
	value_set_text(&value, text);
	r = unit_set_property(probe, property, &value, fault);
	value_release(&value);
	unit_free(probe);
	return r;
}

static int apply_to_executable(struct package *package, const struct path *path,
    const struct taskspec_override *o)
{
	const struct dtsx_executable *def = dtsx_find(package->dtsx, path->object);
	const char *value = o->value ? o->value : "";
	struct fault fault;

	if (!def)
		return fail_path(package, o->path, "no such object in the package.");
	if (!path->member) {
		if (check_property(package, def, path->property, value, &fault))
			return fail_path(package, o->path, fault.text);
		remember(package, def, NULL, path->property, value, o->sensitive);
		return 0;
	}
	char *name = qualified(path->member);
	const struct dtsx_variable *variable = find_variable(def, name);
	if (!variable || check_variable(variable, path->property, value, &fault)) {
		free(name);
		return fail_path(package, o->path, variable ? fault.text : "no such variable there.");
	}
	remember(package, def, name, path->property, value, o->sensitive);
	return 0;
}

struct var *package_param(struct package *package, const char *space, const char *name)
{
	for (size_t i = 0; i < package->param_count; i++) {
		if (!utf8_casecmp(package->params[i].space, space) && !utf8_casecmp(package->params[i].name, name))
			return &package->params[i];
	}
	return NULL;
}

int package_set_param(struct package *package, struct var *param, const struct value *given, struct fault *fault)
{
	struct value_type type = param->type;
	struct value converted;
	struct fault inner;

	(void)package;

	if (dt_family(type.dt) == FAMILY_STRING)
		type.length = 0;
	if (type.dt == DT_DECIMAL && dt_family(given->type.dt) == FAMILY_DECIMAL)
		type.scale = given->type.scale;
	if (value_cast(given, &type, &converted, &inner))
		return fault_set(fault, DTS_INVALID_VARIABLE_VALUE, "The value of parameter \"%s\" is not valid: %s",
		    param->name, param->sensitive ? "it does not fit the type." : inner.text);
	var_clear(param);
	param->value = converted;
	return 0;
}

/* The same, with the problem raised as an error. */
static int set_param(struct package *package, struct var *param, const struct value *given)
{
	struct fault fault;
	int r = package_set_param(package, param, given, &fault);

	if (r)
		unit_fault(package->root, &fault);
	return r;
}

/* \Package.Variables[$Project::name].Value, as dtexec's /Set has it. */
static int apply_to_param(struct package *package, const struct path *path, const struct taskspec_override *o)
{
	const char *colons = strstr(path->member, "::");
	char *space = xstrndup(path->member, (size_t)(colons - path->member));
	struct var *param = package_param(package, space, colons + 2);
	struct value given;
	int r;

	free(space);
	if (!param)
		return fail_path(package, o->path, "no such parameter.");
	param->sensitive |= o->sensitive;
	value_set_text(&given, o->value ? o->value : "");
	r = set_param(package, param, &given);
	value_release(&given);
	return r;
}

static int apply_override(struct package *package, const struct taskspec_override *o)
{
	struct path path;
	struct connection *connection;
	int r = 0;

	if (!path_parse(o->path, &path))
		return fail_path(package, o->path, "it does not end in .Properties[Name].");
	if (path.member && !path.connection &&
	    (!strncmp(path.member, "$Package::", 10) || !strncmp(path.member, "$Project::", 10))) {
		r = apply_to_param(package, &path, o);
	} else if (path.connection) {
		connection = connection_find(package, path.member);
		r = connection ? connection_set(connection, path.property, o->value ? o->value : "",
		                     o->sensitive, NULL)
			       : fail_path(package, o->path, "no such connection manager.");
	} else {
		r = apply_to_executable(package, &path, o);
	}
	path_release(&path);
	return r;
}

/* CM.name.property: the name may hold dots, the property does not. */
static int apply_connection_value(struct package *package, const struct taskspec_value *v)
{
	char *name = xstrdup(v->name + 3), *dot = strrchr(name, '.');
	struct connection *connection = NULL;
	int r = 0;

	if (dot) {
		*dot = '\0';
		connection = connection_find(package, name);
	}
	if (!connection) {
		unit_error(package->root, DTS_CONNECTION_NOT_FOUND,
		    "The parameter \"%s\" names no connection manager of the package or project.", v->name);
		r = -1;
	} else {
		r = connection_set(connection, dot + 1, v->value ? v->value : "", v->sensitive, NULL);
	}
	free(name);
	return r;
}

static int apply_value(struct package *package, const struct taskspec_value *v)
{
	struct var *param;
	struct value given;
	struct fault fault;
	int r;

	if (!v->value_set || (v->object_type != 20 && v->object_type != 30))
		return 0;
	if (v->package && utf8_casecmp(v->package, package->name))
		return 0; /* another package's */
	if (!strncmp(v->name, "CM.", 3))
		return apply_connection_value(package, v);
	param = package_param(package, v->object_type == 20 ? "$Project" : "$Package", v->name);
	if (!param) {
		unit_error(package->root, DTS_VARIABLE_NOT_FOUND,
		    "The parameter \"%s\" does not exist in the package or project.", v->name);
		return -1;
	}
	param->sensitive |= v->sensitive;
	if (value_from_type_name(v->data_type, v->value, &given, &fault)) {
		unit_error(package->root, DTS_INVALID_VARIABLE_VALUE, "The value of parameter \"%s\" is not valid: %s",
		    v->name, param->sensitive ? "it does not fit the type." : fault.text);
		return -1;
	}
	r = set_param(package, param, &given);
	value_release(&given);
	return r;
}

bool override_is_sensitive(const struct unit *unit, const char *property)
{
	for (size_t i = 0; i < unit->package->overrides.len; i++) {
		const struct unit_override *o = &unit->package->overrides.items[i];
		if (o->sensitive && !o->variable && o->def == unit->def && !utf8_casecmp(o->property, property))
			return true;
	}
	return false;
}

int package_apply_own_values(struct package *child)
{
	const struct taskspec *spec = child->run->options->spec;
	int r = 0;

	for (size_t i = 0; spec && i < spec->value_count; i++) {
		if (spec->values[i].package && apply_value(child, &spec->values[i]))
			r = -1;
	}
	return r;
}

int package_apply_spec(struct package *package)
{
	const struct taskspec *spec = package->run->options->spec;
	int r = 0;

	for (size_t i = 0; spec && i < spec->value_count; i++) {
		if (apply_value(package, &spec->values[i]))
			r = -1;
	}
	for (size_t i = 0; spec && i < spec->override_count; i++) {
		if (apply_override(package, &spec->overrides[i]))
			r = -1;
	}
	return r;
}
