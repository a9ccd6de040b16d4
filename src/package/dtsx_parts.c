/* SPDX-License-Identifier: MIT */
/* What hangs from the nodes of the tree: variables, connections, expressions, loops, logging, package-wide lists. */
#include "package/dtsx_parts.h"

#include <stdlib.h>
#include <string.h>

#include "package/protect.h"

const struct xml_node *part_first(const struct xml_node *node, const char *plural, const char *singular)
{
	const struct xml_node *list = xml_child(node, XML_NS_DTS, plural);

	return xml_child(list ? list : node, XML_NS_DTS, singular);
}

const struct xml_node *part_next(const struct xml_node *item)
{
	return xml_next(item, XML_NS_DTS, item->name);
}

size_t part_count(const struct xml_node *node, const char *plural, const char *singular)
{
	size_t n = 0;

	for (const struct xml_node *i = part_first(node, plural, singular); i; i = part_next(i))
		n++;
	return n;
}

const char *part_text(const struct xml_node *node, const char *name)
{
	const char *text = xml_dts_prop(node, name);

	return text ? text : "";
}

const struct xml_node *part_object_data(const struct xml_node *node)
{
	const struct xml_node *data = xml_child(node, XML_NS_DTS, "ObjectData");

	return data ? data->first : NULL;
}

/* Scripts write properties without a namespace, see xml_dts_prop. */
static bool is_prop(const struct xml_attr *attr)
{
	return !*attr->ns || strcmp(attr->ns, XML_NS_DTS) == 0;
}

void part_props(struct arena *arena, const struct xml_node *node, struct dtsx_executable *ret)
{
	size_t n = 0;

	for (const struct xml_attr *a = node->attrs; a; a = a->next)
		n += is_prop(a);
	for (const struct xml_node *p = xml_child(node, XML_NS_DTS, "Property"); p; p = part_next(p))
		n++;
	struct dtsx_prop *props = arena_array(arena, n, sizeof(*props));
	ret->props = props;
	for (const struct xml_attr *a = node->attrs; a; a = a->next) {
		if (is_prop(a))
			props[ret->prop_count++] = (struct dtsx_prop){ .name = a->name, .value = a->value };
	}
	for (const struct xml_node *p = xml_child(node, XML_NS_DTS, "Property"); p; p = part_next(p)) {
		const char *name = xml_attr(p, NULL, "Name");
		struct dtsx_prop prop = { .name = name ? name : "", .unreadable = protect_is_secret(p) };
		prop.value = prop.unreadable ? "" : xml_text(p);
		prop.sensitive = prop.unreadable || dtsx_bool(xml_attr(p, NULL, "Sensitive"), false);
		props[ret->prop_count++] = prop;
	}
}

void part_expressions(struct arena *arena, const struct xml_node *node,
    const struct dtsx_expression **ret, size_t *ret_count)
{
	size_t n = 0;
	const struct xml_node *p;

	for (p = xml_child(node, XML_NS_DTS, "PropertyExpression"); p; p = part_next(p))
		n++;
	struct dtsx_expression *list = arena_array(arena, n, sizeof(*list));
	*ret = list;
	*ret_count = n;
	for (p = xml_child(node, XML_NS_DTS, "PropertyExpression"); p; p = part_next(p), list++) {
		const char *name = xml_attr(p, NULL, "Name");
		list->property = name ? name : "";
		list->expression = xml_text(p);
	}
}

/* Codes whose text is no value: nothing, DBNull, and objects (an empty SOAP envelope). */
static bool holds_value(int data_type)
{
	return data_type != DTSX_VT_EMPTY && data_type != DTSX_VT_NULL && data_type != DTSX_VT_OBJECT;
}

static void read_variable(struct arena *arena, const struct xml_node *node, const char *owner,
    struct dtsx_variable *ret)
{
	const struct xml_node *value = xml_child(node, XML_NS_DTS, "VariableValue");
	const char *ref = xml_dts_prop(node, "refId");

	ret->name = part_text(node, "ObjectName");
	ret->ns = part_text(node, "Namespace");
	if (!*ret->ns)
		ret->ns = "User";
	ret->id = part_text(node, "DTSID");
	ret->ref_id = ref ? ref : arena_printf(arena, "%s.Variables[%s::%s]", owner, ret->ns, ret->name);
	ret->description = part_text(node, "Description");
	ret->data_type = (int)dtsx_int(xml_attr(value, NULL, "DataType"), DTSX_VT_EMPTY);
	ret->value = value && holds_value(ret->data_type) ? xml_text(value) : NULL;
	ret->expression = part_text(node, "Expression");
	ret->evaluate_as_expression = dtsx_bool(xml_dts_prop(node, "EvaluateAsExpression"), false);
	ret->read_only = dtsx_bool(xml_dts_prop(node, "ReadOnly"), false);
	ret->raise_changed_event = dtsx_bool(xml_dts_prop(node, "RaiseChangedEvent"), false);
}

void part_variables(struct arena *arena, const struct xml_node *node, struct dtsx_executable *ret)
{
	const struct xml_node *v = part_first(node, "Variables", "Variable");

	ret->variables = arena_array(arena, part_count(node, "Variables", "Variable"), sizeof(*ret->variables));
	for (; v; v = part_next(v))
		read_variable(arena, v, ret->ref_id, &ret->variables[ret->variable_count++]);
}

/* "2,7,OnError,12,OnTaskFailed": a count, then length and name of each. Stops at what does not fit. */
static void read_event_filter(struct arena *arena, const char *text, struct dtsx_logging *ret)
{
	char *end;
	unsigned long count = strtoul(text, &end, 10);
	size_t room = strlen(text) / 2 + 1;
	const char **events = arena_array(arena, count < room ? count : room, sizeof(*events));

	ret->events = events;
	while (ret->event_count < count && *end == ',') {
		unsigned long len = strtoul(end + 1, &end, 10);
		if (*end != ',' || len > strlen(end + 1) || ret->event_count == room)
			break;
		events[ret->event_count++] = arena_strndup(arena, end + 1, len);
		end += 1 + len;
	}
}

void part_logging(struct arena *arena, const struct xml_node *node, struct dtsx_logging *ret)
{
	const struct xml_node *options = xml_child(node, XML_NS_DTS, "LoggingOptions");
	const struct xml_node *p = part_first(options, "SelectedLogProviders", "SelectedLogProvider");

	if (!options)
		return;
	ret->mode = (int)dtsx_int(xml_dts_prop(options, "LoggingMode"), 0);
	ret->filter_kind = (int)dtsx_int(xml_dts_prop(options, "FilterKind"), 0);
	read_event_filter(arena, part_text(options, "EventFilter"), ret);
	const char **ids = arena_array(arena,
	    part_count(options, "SelectedLogProviders", "SelectedLogProvider"), sizeof(*ids));
	ret->provider_ids = ids;
	for (; p; p = part_next(p))
		ids[ret->provider_count++] = part_text(p, "InstanceID");
}

static void read_foreach(struct arena *arena, const struct xml_node *node, struct dtsx_foreach *ret)
{
	const struct xml_node *each = xml_child(node, XML_NS_DTS, "ForEachEnumerator");
	const struct xml_node *m = part_first(node, "ForEachVariableMappings", "ForEachVariableMapping");
	const struct xml_node *owner = node;

	if (!m) {
		owner = each;
		m = part_first(each, "ForEachVariableMappings", "ForEachVariableMapping");
	}
	ret->creation_name = part_text(each, "CreationName");
	ret->kind = dtsx_foreach_kind_of(ret->creation_name);
	ret->name = part_text(each, "ObjectName");
	ret->id = part_text(each, "DTSID");
	ret->object_data = part_object_data(each);
	part_expressions(arena, each, &ret->expressions, &ret->expression_count);
	struct dtsx_mapping *maps = arena_array(arena,
	    part_count(owner, "ForEachVariableMappings", "ForEachVariableMapping"), sizeof(*maps));
	ret->mappings = maps;
	for (; m; m = part_next(m)) {
		maps[ret->mapping_count].variable = part_text(m, "VariableName");
		maps[ret->mapping_count++].index = (int)dtsx_int(xml_dts_prop(m, "ValueIndex"), 0);
	}
}

void part_loops(struct arena *arena, const struct xml_node *node, struct dtsx_executable *ret)
{
	if (ret->kind == DTSX_FOR_LOOP) {
		struct dtsx_for *loop = arena_alloc(arena, sizeof(*loop));
		loop->init = part_text(node, "InitExpression");
		loop->eval = part_text(node, "EvalExpression");
		loop->assign = part_text(node, "AssignExpression");
		ret->for_loop = loop;
	} else if (ret->kind == DTSX_FOREACH_LOOP) {
		struct dtsx_foreach *loop = arena_alloc(arena, sizeof(*loop));
		read_foreach(arena, node, loop);
		ret->foreach_loop = loop;
	}
}

static bool has_secret(const struct xml_node *node)
{
	if (protect_is_secret(node))
		return true;
	for (const struct xml_node *c = node ? node->first : NULL; c; c = c->next) {
		if (has_secret(c))
			return true;
	}
	return false;
}

void part_connection(struct arena *arena, const struct xml_node *node, struct dtsx_connection *ret)
{
	const char *ref = xml_dts_prop(node, "refId"), *string;

	ret->node = node;
	ret->object_data = part_object_data(node);
	ret->name = part_text(node, "ObjectName");
	ret->id = part_text(node, "DTSID");
	ret->ref_id = ref ? ref : arena_printf(arena, "Package.ConnectionManagers[%s]", ret->name);
	ret->description = part_text(node, "Description");
	ret->creation_name = part_text(node, "CreationName");
	ret->delay_validation = dtsx_bool(xml_dts_prop(node, "DelayValidation"), false);
	string = xml_dts_prop(ret->object_data, "ConnectionString");
	if (!string)
		string = xml_attr(ret->object_data, NULL, "ConnectionString");
	ret->connection_string = string ? string : "";
	ret->unreadable = has_secret(node);
	part_expressions(arena, node, &ret->expressions, &ret->expression_count);
}

static void read_param(const struct xml_node *node, struct dtsx_param *ret)
{
	const struct xml_node *p = xml_child(node, XML_NS_DTS, "Property");

	ret->name = part_text(node, "ObjectName");
	ret->id = part_text(node, "DTSID");
	ret->description = part_text(node, "Description");
	ret->data_type = (int)dtsx_int(xml_dts_prop(node, "DataType"), DTSX_VT_BSTR);
	ret->required = dtsx_bool(xml_dts_prop(node, "Required"), false);
	ret->sensitive = dtsx_bool(xml_dts_prop(node, "Sensitive"), false);
	for (; p; p = part_next(p)) {
		const char *name = xml_attr(p, NULL, "Name");
		if (!name || strcmp(name, "ParameterValue") != 0)
			continue;
		ret->unreadable = protect_is_secret(p);
		ret->value = ret->unreadable || !holds_value(ret->data_type) ? NULL : xml_text(p);
		ret->sensitive |= ret->unreadable;
	}
}

static void read_lists(struct arena *arena, const struct xml_node *root, struct dtsx *ret)
{
	const struct xml_node *i;

	ret->params = arena_array(arena, part_count(root, "PackageParameters", "PackageParameter"),
	    sizeof(*ret->params));
	for (i = part_first(root, "PackageParameters", "PackageParameter"); i; i = part_next(i))
		read_param(i, &ret->params[ret->param_count++]);
	ret->connections = arena_array(arena, part_count(root, "ConnectionManagers", "ConnectionManager"),
	    sizeof(*ret->connections));
	for (i = part_first(root, "ConnectionManagers", "ConnectionManager"); i; i = part_next(i))
		part_connection(arena, i, &ret->connections[ret->connection_count++]);
	ret->log_providers = arena_array(arena, part_count(root, "LogProviders", "LogProvider"),
	    sizeof(*ret->log_providers));
	for (i = part_first(root, "LogProviders", "LogProvider"); i; i = part_next(i)) {
		struct dtsx_log_provider *p = &ret->log_providers[ret->log_provider_count++];
		p->name = part_text(i, "ObjectName");
		p->id = part_text(i, "DTSID");
		p->creation_name = part_text(i, "CreationName");
		p->config_string = part_text(i, "ConfigString");
		p->node = i;
		part_expressions(arena, i, &p->expressions, &p->expression_count);
	}
	ret->configurations = arena_array(arena, part_count(root, "Configurations", "Configuration"),
	    sizeof(*ret->configurations));
	for (i = part_first(root, "Configurations", "Configuration"); i; i = part_next(i)) {
		struct dtsx_configuration *c = &ret->configurations[ret->configuration_count++];
		c->name = part_text(i, "ObjectName");
		c->id = part_text(i, "DTSID");
		c->type = (int)dtsx_int(xml_dts_prop(i, "ConfigurationType"), 2);
		c->string = part_text(i, "ConfigurationString");
		c->variable = part_text(i, "ConfigurationVariable");
	}
}

void part_package(struct arena *arena, const struct xml_node *root, struct dtsx *ret)
{
	ret->protection_level = (int)dtsx_int(xml_dts_prop(root, "ProtectionLevel"), 1);
	ret->max_concurrent = (int)dtsx_int(xml_dts_prop(root, "MaxConcurrentExecutables"), -1);
	ret->version_guid = part_text(root, "VersionGUID");
	ret->creation_date = part_text(root, "CreationDate");
	ret->creator_name = part_text(root, "CreatorName");
	ret->creator_computer = part_text(root, "CreatorComputerName");
	ret->version_major = (int)dtsx_int(xml_dts_prop(root, "VersionMajor"), 1);
	ret->version_minor = (int)dtsx_int(xml_dts_prop(root, "VersionMinor"), 0);
	ret->version_build = (int)dtsx_int(xml_dts_prop(root, "VersionBuild"), 0);
	ret->enable_config = dtsx_bool(xml_dts_prop(root, "EnableConfig"), false);
	read_lists(arena, root, ret);
}

void part_blank_secrets(struct xml_node *node, void (*warn)(void *ctx, const struct xml_node *node), void *ctx)
{
	if (protect_is_secret(node)) {
		warn(ctx, node);
		node->text = "";
		node->text_len = 0;
		return;
	}
	for (struct xml_node *c = node->first; c; c = c->next)
		part_blank_secrets(c, warn, ctx);
}
