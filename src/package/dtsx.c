/* SPDX-License-Identifier: MIT */
/*
 * The tree of executables. It is built in one walk over the XML; precedence
 * constraints are resolved afterwards, when every executable has its refId and
 * GUID in the index.
 */
#include "package/dtsx.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "package/dtsx_parts.h"
#include "package/protect.h"

#define FORMAT_NEWEST 8
#define WARNINGS_MAX 1000
/* Resolving constraints looks through siblings in odd files; this bounds the work. */
#define EXECUTABLES_MAX 20000
#define ISOLATION_SERIALIZABLE 1048576

struct dtsx_index {
	struct dtsx_executable **walk;   /* by their index */
	struct dtsx_executable **by_ref; /* sorted by ref_id */
	struct dtsx_executable **by_id;  /* sorted by GUID, case-blind */
};

struct loader {
	struct dtsx *dtsx;
	struct arena *arena;
	const char *what;
	struct err *err;
	VEC(struct dtsx_executable *) walk;
	VEC(const char *) warnings;
};

static const char *prop_or_null(const struct dtsx_executable *e, const char *name)
{
	return dtsx_prop(e, name, NULL);
}

static void read_common(struct dtsx_executable *e)
{
	e->description = dtsx_prop(e, "Description", "");
	e->disabled = dtsx_bool(prop_or_null(e, "Disabled"), false);
	e->disable_event_handlers = dtsx_bool(prop_or_null(e, "DisableEventHandlers"), false);
	e->delay_validation = dtsx_bool(prop_or_null(e, "DelayValidation"), false);
	e->fail_package_on_failure = dtsx_bool(prop_or_null(e, "FailPackageOnFailure"), false);
	e->fail_parent_on_failure = dtsx_bool(prop_or_null(e, "FailParentOnFailure"), false);
	e->max_error_count = (int)dtsx_int(prop_or_null(e, "MaxErrorCount"), 1);
	e->force_execution_result = (int)dtsx_int(prop_or_null(e, "ForceExecutionResult"), -1);
	e->transaction_option = (int)dtsx_int(prop_or_null(e, "TransactionOption"), 1);
	e->isolation_level = (int)dtsx_int(prop_or_null(e, "ISOLevel"), ISOLATION_SERIALIZABLE);
	e->locale_id = (int)dtsx_int(prop_or_null(e, "LocaleID"), -1);
	e->exec_value_variable = dtsx_prop(e, "ExecValueVariable", "");
}

/* Scripts leave the package's name out; its file name is what people know it by. */
static const char *package_name(struct loader *l)
{
	size_t len = strlen(l->what);

	if (len > 5 && utf8_casecmp(l->what + len - 5, ".dtsx") == 0)
		len -= 5;
	return arena_strndup(l->arena, l->what, len);
}

/* The file's refId, or the one a newer designer would have written. */
static const char *ref_of(struct loader *l, const struct dtsx_executable *e)
{
	const char *ref = prop_or_null(e, "refId");

	if (ref && *ref)
		return ref;
	if (!e->parent)
		return "Package";
	if (e->kind == DTSX_EVENT_HANDLER)
		return arena_printf(l->arena, "%s.EventHandlers[%s]", e->parent->ref_id, e->event_name);
	return arena_printf(l->arena, "%s\\%s", e->parent->ref_id, e->name);
}

static struct dtsx_executable *read_executable(struct loader *l, const struct xml_node *node,
    struct dtsx_executable *parent, bool handler);

/* In formats 2/3 an element with IDREF stands for a task elsewhere. */
static bool is_reference(const struct xml_node *node)
{
	return xml_attr(node, NULL, "IDREF");
}

static void read_children(struct loader *l, const struct xml_node *node, struct dtsx_executable *e)
{
	const struct xml_node *c;

	e->children = arena_array(l->arena, part_count(node, "Executables", "Executable"), sizeof(*e->children));
	for (c = part_first(node, "Executables", "Executable"); c; c = part_next(c)) {
		if (!is_reference(c))
			e->children[e->child_count++] = read_executable(l, c, e, false);
	}
	e->handlers = arena_array(l->arena, part_count(node, "EventHandlers", "EventHandler"),
	    sizeof(*e->handlers));
	for (c = part_first(node, "EventHandlers", "EventHandler"); c; c = part_next(c))
		e->handlers[e->handler_count++] = read_executable(l, c, e, true);
}

static struct dtsx_executable *read_executable(struct loader *l, const struct xml_node *node,
    struct dtsx_executable *parent, bool handler)
{
	struct dtsx_executable *e = arena_alloc(l->arena, sizeof(*e));

	e->node = node;
	e->line = node->line;
	e->parent = parent;
	e->index = (int)l->walk.len;
	vec_push(&l->walk, e);
	part_props(l->arena, node, e);
	e->name = dtsx_prop(e, "ObjectName", "");
	e->id = dtsx_prop(e, "DTSID", "");
	e->creation_name = dtsx_prop(e, "CreationName", "");
	if (!*e->creation_name)
		e->creation_name = dtsx_prop(e, "ExecutableType", "");
	e->event_name = handler ? dtsx_prop(e, "EventName", e->creation_name) : "";
	e->kind = handler ? DTSX_EVENT_HANDLER : parent ? dtsx_kind_of(e->creation_name) : DTSX_PACKAGE;
	if (!*e->name && (handler || !parent))
		e->name = handler ? e->event_name : package_name(l);
	e->ref_id = ref_of(l, e);
	e->object_data = part_object_data(node);
	read_common(e);
	part_expressions(l->arena, node, &e->expressions, &e->expression_count);
	part_variables(l->arena, node, e);
	part_logging(l->arena, node, &e->logging);
	part_loops(l->arena, node, e);
	read_children(l, node, e);
	return e;
}

/* The index. */

static int compare_refs(const void *a, const void *b)
{
	const struct dtsx_executable *const *x = a, *const *y = b;

	return strcmp((*x)->ref_id, (*y)->ref_id);
}

static int compare_ids(const void *a, const void *b)
{
	const struct dtsx_executable *const *x = a, *const *y = b;

	return utf8_casecmp((*x)->id, (*y)->id);
}

static struct dtsx_executable **sorted_copy(struct loader *l, int (*compare)(const void *, const void *))
{
	struct dtsx_executable **copy = arena_array(l->arena, l->walk.len, sizeof(*copy));

	memcpy(copy, l->walk.items, l->walk.len * sizeof(*copy));
	qsort(copy, l->walk.len, sizeof(*copy), compare);
	return copy;
}

static void build_index(struct loader *l)
{
	struct dtsx_index *index = arena_alloc(l->arena, sizeof(*index));

	index->walk = arena_array(l->arena, l->walk.len, sizeof(*index->walk));
	memcpy(index->walk, l->walk.items, l->walk.len * sizeof(*index->walk));
	index->by_ref = sorted_copy(l, compare_refs);
	index->by_id = sorted_copy(l, compare_ids);
	l->dtsx->index = index;
	l->dtsx->executable_count = l->walk.len;
}

static struct dtsx_executable *index_find(const struct dtsx *dtsx, struct dtsx_executable **sorted,
    const char *ref, int (*compare)(const void *, const void *))
{
	struct dtsx_executable key = { .ref_id = ref, .id = ref }, *keyp = &key;
	struct dtsx_executable **found = bsearch(&keyp, sorted, dtsx->executable_count, sizeof(keyp), compare);

	return found ? *found : NULL;
}

struct dtsx_executable *dtsx_find(const struct dtsx *dtsx, const char *ref)
{
	const struct dtsx_index *index = dtsx->index;
	struct dtsx_executable *e = *ref == '{' ? index_find(dtsx, index->by_id, ref, compare_ids) : NULL;

	/* As written first: a refId may itself begin with a brace or a backslash. */
	if (!e)
		e = index_find(dtsx, index->by_ref, ref, compare_refs);
	if (!e && *ref == '\\')
		e = index_find(dtsx, index->by_ref, ref + 1, compare_refs);
	return e;
}

struct dtsx_executable *dtsx_walk(const struct dtsx *dtsx, const struct dtsx_executable *executable)
{
	size_t next = executable ? (size_t)executable->index + 1 : 0;

	return next < dtsx->executable_count ? dtsx->index->walk[next] : NULL;
}

/* Precedence constraints. */

static const char *constraint_end(const struct xml_node *node, bool from)
{
	const char *ref = xml_dts_prop(node, from ? "From" : "To");

	if (ref)
		return ref;
	for (const struct xml_node *e = xml_child(node, XML_NS_DTS, "Executable"); e; e = part_next(e)) {
		if (dtsx_bool(xml_attr(e, NULL, "IsFrom"), false) == from && is_reference(e))
			return xml_attr(e, NULL, "IDREF");
	}
	return "";
}

static int resolve_end(struct loader *l, const struct xml_node *node, const struct dtsx_executable *container,
    bool from, struct dtsx_executable **ret)
{
	const char *ref = constraint_end(node, from);
	struct dtsx_executable *e = dtsx_find(l->dtsx, ref);

	/* A copied container may hold the GUIDs of its original once more: look among the children themselves. */
	for (size_t i = 0; (!e || e->parent != container) && i < container->child_count; i++) {
		struct dtsx_executable *child = container->children[i];
		if (utf8_casecmp(child->id, ref) == 0 || strcmp(child->ref_id, ref) == 0)
			e = child;
	}
	if (!e || e->parent != container)
		return err_set(l->err, ERR_INVALID,
		    "%s: line %d: precedence constraint %.100s refers to %.200s, which is not in its container",
		    l->what, node->line, part_text(node, "ObjectName"), *ref ? ref : "nothing");
	*ret = e;
	return 0;
}

static int read_constraint(struct loader *l, const struct xml_node *node,
    const struct dtsx_executable *container, struct dtsx_constraint *ret)
{
	int r = resolve_end(l, node, container, true, &ret->from);

	if (r == 0)
		r = resolve_end(l, node, container, false, &ret->to);
	ret->name = part_text(node, "ObjectName");
	ret->id = part_text(node, "DTSID");
	ret->expression = part_text(node, "Expression");
	ret->logical_and = dtsx_bool(xml_dts_prop(node, "LogicalAnd"), false);
	int64_t value = dtsx_int(xml_dts_prop(node, "Value"), DTSX_SUCCESS);
	int64_t op = dtsx_int(xml_dts_prop(node, "EvalOp"), DTSX_EVAL_CONSTRAINT);
	if (r == 0 && (value < DTSX_SUCCESS || value > DTSX_COMPLETION || op < DTSX_EVAL_EXPRESSION
			  || op > DTSX_EVAL_EXPRESSION_OR_CONSTRAINT))
		r = err_set(l->err, ERR_INVALID, "%s: line %d: precedence constraint %.100s has an unknown value",
		    l->what, node->line, ret->name);
	ret->value = (enum dtsx_result)value;
	ret->eval_op = (enum dtsx_eval_op)op;
	return r;
}

static int read_constraints(struct loader *l, struct dtsx_executable *e)
{
	const struct xml_node *c = part_first(e->node, "PrecedenceConstraints", "PrecedenceConstraint");

	e->constraints = arena_array(l->arena,
	    part_count(e->node, "PrecedenceConstraints", "PrecedenceConstraint"), sizeof(*e->constraints));
	for (; c; c = part_next(c)) {
		int r = read_constraint(l, c, e, &e->constraints[e->constraint_count]);
		if (r < 0)
			return r;
		e->constraint_count++;
	}
	return 0;
}

/* Loading. */

static void warn_secret(void *ctx, const struct xml_node *node)
{
	struct loader *l = ctx;
	const char *name = xml_attr(node, NULL, "Name");

	if (l->warnings.len < WARNINGS_MAX)
		vec_push(&l->warnings, arena_printf(l->arena, "%s: line %d: the value of %s is encrypted and was left out",
					   l->what, node->line, name ? name : node->name));
}

static int check_root(struct loader *l, const struct xml_node *root)
{
	if (xml_is(root, XML_NS_XMLENC, "EncryptedData")) {
		err_set(l->err, ERR_DENIED, "%s: the whole package is encrypted", l->what);
		err_hint(l->err, "give the password of the package, or save it with another protection level");
		return -ERR_DENIED;
	}
	if (!xml_is(root, XML_NS_DTS, "Executable"))
		return err_set(l->err, ERR_INVALID, "%s: the top element is %.60s instead of DTS:Executable",
		    l->what, root->name);
	int64_t format = dtsx_int(xml_dts_prop(root, "PackageFormatVersion"), FORMAT_NEWEST);
	if (format < 2 || format > FORMAT_NEWEST)
		return err_set(l->err, ERR_UNSUPPORTED, "%s: package format %lld is not known, only 2 to %d",
		    l->what, (long long)format, FORMAT_NEWEST);
	l->dtsx->format_version = (int)format;
	return 0;
}

static int load_tree(struct loader *l, struct xml_doc *doc)
{
	int r = check_root(l, doc->root);

	if (r < 0)
		return r;
	l->dtsx->package = read_executable(l, doc->root, NULL, false);
	if (l->walk.len > EXECUTABLES_MAX)
		return err_set(l->err, ERR_LIMIT, "%s: more than %d tasks and containers", l->what,
		    EXECUTABLES_MAX);
	part_package(l->arena, doc->root, l->dtsx);
	build_index(l);
	for (size_t i = 0; i < l->walk.len && r == 0; i++)
		r = read_constraints(l, l->walk.items[i]);
	part_blank_secrets(doc->root, warn_secret, l);
	l->dtsx->warning_count = l->warnings.len;
	l->dtsx->warnings = arena_array(l->arena, l->warnings.len, sizeof(char *));
	if (l->warnings.len)
		memcpy(l->dtsx->warnings, l->warnings.items, l->warnings.len * sizeof(char *));
	return r;
}

static int open_document(const char *data, size_t len, const char *name, const char *password,
    struct xml_doc **ret, struct err *err)
{
	struct xml_doc *doc = NULL;
	int r = xml_parse(data, len, name, &doc, err);

	if (r == 0)
		r = protect_open(doc, password, name, err);
	if (r < 0)
		xml_free(doc);
	else
		*ret = doc;
	return r;
}

int dtsx_load(const char *data, size_t len, const char *name, const char *password,
    struct dtsx **ret, struct err *err)
{
	struct loader l = { .what = name, .err = err };
	struct xml_doc *doc = NULL;
	int r = open_document(data, len, name, password, &doc, err);

	if (r < 0)
		return r;
	l.dtsx = xcalloc(1, sizeof(*l.dtsx));
	l.dtsx->doc = doc;
	l.arena = doc->arena;
	r = load_tree(&l, doc);
	vec_release(&l.walk);
	vec_release(&l.warnings);
	if (r < 0)
		dtsx_free(l.dtsx);
	else
		*ret = l.dtsx;
	return r;
}

void dtsx_free(struct dtsx *dtsx)
{
	if (!dtsx)
		return;
	xml_free(dtsx->doc);
	free(dtsx);
}

static void ignore_secret(void *ctx, const struct xml_node *node)
{
	(void)ctx, (void)node;
}

int dtsx_conmgr_load(const char *data, size_t len, const char *name, const char *password,
    struct dtsx_conmgr **ret, struct err *err)
{
	struct xml_doc *doc = NULL;
	int r = open_document(data, len, name, password, &doc, err);

	if (r < 0)
		return r;
	if (xml_is(doc->root, XML_NS_XMLENC, "EncryptedData"))
		r = err_set(err, ERR_DENIED, "%s: the connection manager is encrypted", name);
	else if (!xml_is(doc->root, XML_NS_DTS, "ConnectionManager"))
		r = err_set(err, ERR_INVALID, "%s: the top element is %.60s instead of DTS:ConnectionManager",
		    name, doc->root->name);
	if (r < 0) {
		xml_free(doc);
		return r;
	}
	struct dtsx_conmgr *conmgr = xcalloc(1, sizeof(*conmgr));
	conmgr->doc = doc;
	part_connection(doc->arena, doc->root, &conmgr->connection);
	part_blank_secrets(doc->root, ignore_secret, NULL);
	conmgr->connection.from_project = true;
	*ret = conmgr;
	return 0;
}

void dtsx_conmgr_free(struct dtsx_conmgr *conmgr)
{
	if (!conmgr)
		return;
	xml_free(conmgr->doc);
	free(conmgr);
}

const char *dtsx_prop(const struct dtsx_executable *executable, const char *name, const char *fallback)
{
	for (size_t i = 0; i < executable->prop_count; i++) {
		if (strcmp(executable->props[i].name, name) == 0)
			return executable->props[i].value;
	}
	return fallback;
}

const struct dtsx_connection *dtsx_find_connection(const struct dtsx *dtsx, const char *ref)
{
	for (size_t i = 0; i < dtsx->connection_count; i++) {
		if (*ref && utf8_casecmp(dtsx->connections[i].id, ref) == 0)
			return &dtsx->connections[i];
	}
	for (size_t i = 0; i < dtsx->connection_count; i++) {
		if (*ref && strcmp(dtsx->connections[i].name, ref) == 0)
			return &dtsx->connections[i];
	}
	return NULL;
}
