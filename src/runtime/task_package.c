/* SPDX-License-Identifier: MIT */
/*
 * The Execute Package task (spec/package.md §3.7). The child is loaded when the
 * task is validated and becomes a unit tree below the task: its events and
 * errors, its view of the parent's variables and its result then need nothing
 * of their own. Each execution begins with a fresh tree.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "runtime/engine.h"

/* A package that runs itself would never end, and one that does so twice would fill the memory before. */
#define DEPTH_MAX 16
#define CHILDREN_MAX 500

struct package_task {
	bool use_reference, out_of_process;
	char *name, *connection;
	char *loaded; /* file that child is from */
	struct package *child;
};

#define TASK(member) offsetof(struct package_task, member)

static const struct property properties[] = {
	{ "Connection", "Connection", PROP_TEXT, TASK(connection), "", NULL, 0 },
	{ "ExecuteOutOfProcess", "ExecuteOutOfProcess", PROP_BOOL, TASK(out_of_process), "False", NULL, 0 },
	{ "PackageName", "PackageName", PROP_TEXT, TASK(name), "", NULL, 0 },
	{ "UseProjectReference", "UseProjectReference", PROP_BOOL, TASK(use_reference), "False", NULL, 0 },
};

static void forget(struct run *run, const struct package *child)
{
	for (size_t i = 0; i < run->children.len; i++) {
		if (run->children.items[i] == child) {
			run->children.items[i] = run->children.items[--run->children.len];
			return;
		}
	}
}

static void drop_child(struct unit *unit)
{
	struct package_task *task = unit->task;

	for (size_t i = 0; i < unit->child_count; i++)
		unit_free(unit->children[i]);
	unit->child_count = 0;
	if (task->child) {
		forget(unit->run, task->child);
		package_release(task->child);
		free(task->child);
	}
	free(task->loaded);
	task->child = NULL;
	task->loaded = NULL;
}

/* A tree of the child with its design values. */
static void renew_tree(struct unit *unit)
{
	struct package_task *task = unit->task;

	if (unit->child_count)
		unit_free(unit->children[0]);
	unit->child_count = 0;
	task->child->root = unit_new(task->child, task->child->dtsx->package, unit);
	unit->children[unit->child_count++] = task->child->root;
}

/* The file to load; ret_folder is the project's for a reference. */
static int find_file(struct unit *unit, const char **ret_folder, struct buf *ret, struct fault *fault)
{
	const struct package_task *task = unit->task;
	struct connection *connection;
	struct buf text = BUF_INIT;
	int r;

	*ret_folder = NULL;
	if (task->use_reference) {
		*ret_folder = unit->run->options->project_dir;
		buf_adds(ret, task->name);
		if (!*ret_folder)
			return fault_set(fault, DTS_PACKAGE_LOAD_FAILED,
			    "The child package \"%s\" is referenced through the project, but this package was not started "
			    "from a project.",
			    task->name);
		return *task->name ? 0 : fault_set(fault, DTS_PACKAGE_LOAD_FAILED, "No child package is named.");
	}
	connection = connection_find(unit->package, task->connection);
	if (!connection)
		return fault_set(fault, DTS_CONNECTION_NOT_FOUND, "The connection manager \"%s\" was not found.",
		    task->connection);
	if (utf8_casecmp(connection->def->creation_name, "FILE"))
		return fault_set(fault, DTS_PACKAGE_LOAD_FAILED,
		    "Child packages come from the project or from files; connection manager \"%s\" is of type \"%s\".",
		    connection->def->name, connection->def->creation_name);
	r = connection_string(unit->package, connection, &text, fault);
	if (!r)
		path_map(text.data, ret);
	buf_release(&text);
	return r;
}

/* The child sees the project's values as the parent does, whoever set them. */
static void inherit_project(struct unit *unit, struct package *child)
{
	struct package *parent = unit->package;

	for (size_t i = 0; i < child->param_count; i++) {
		struct var *mine = &child->params[i], *theirs;
		if (strcmp(mine->space, "$Project"))
			continue;
		theirs = package_param(parent, "$Project", mine->name);
		if (!theirs)
			continue;
		var_clear(mine);
		value_copy(&theirs->value, &mine->value);
		mine->sensitive = theirs->sensitive;
	}
	for (size_t i = 0; i < child->connection_count; i++) {
		struct connection *mine = &child->connections[i];
		for (size_t j = 0; mine->def->from_project && j < parent->connection_count; j++) {
			const struct connection *theirs = &parent->connections[j];
			if (theirs->def->from_project && !utf8_casecmp(theirs->def->id, mine->def->id))
				connection_copy(mine, theirs);
		}
	}
}

static int load_child(struct unit *unit, const char *folder, const char *file, struct fault *fault)
{
	struct package_task *task = unit->task;
	struct err err;

	drop_child(unit);
	if (unit->package->depth >= DEPTH_MAX || unit->run->children.len >= CHILDREN_MAX)
		return fault_set(fault, DTS_PACKAGE_LOAD_FAILED,
		    "Packages call each other more than %d deep, or more than %d times; \"%s\" is not loaded.",
		    DEPTH_MAX, CHILDREN_MAX, file);
	task->child = xcalloc(1, sizeof(*task->child));
	vec_push(&unit->run->children, task->child);
	task->child->run = unit->run;
	task->child->depth = unit->package->depth + 1;
	if (package_load(task->child, folder, file, &err)) {
		drop_child(unit);
		return fault_set(fault, DTS_PACKAGE_LOAD_FAILED, "The child package \"%s\" cannot be loaded: %s%s%s.",
		    file, err.primary, *err.detail ? ": " : "", err.detail);
	}
	task->loaded = xstrdup(file);
	if (folder)
		inherit_project(unit, task->child);
	unit->children = xreallocarray(unit->children, 2, sizeof(*unit->children));
	renew_tree(unit);
	run_write_executables(task->child);
	if (folder && package_apply_own_values(task->child))
		return fault_set(fault, DTS_PACKAGE_LOAD_FAILED, "The child package \"%s\" cannot be given its values.",
		    file);
	return 0;
}

/* One ParameterAssignment: a variable or parameter of the parent to a parameter of the child. */
static int assign(struct unit *unit, const struct xml_node *node, struct fault *fault)
{
	struct package_task *task = unit->task;
	const struct xml_node *name = xml_child(node, NULL, "ParameterName");
	const struct xml_node *bound = xml_child(node, NULL, "BindedVariableOrParameterName");
	struct var *param;
	struct value value;
	int r;

	if (!name || !bound)
		return 0;
	param = package_param(task->child, "$Package", xml_text(name));
	if (!param)
		return fault_set(fault, DTS_VARIABLE_NOT_FOUND, "The child package \"%s\" has no parameter \"%s\".",
		    task->child->name, xml_text(name));
	if (var_read_qualified(unit, xml_text(bound), &value, fault))
		return -1;
	param->sensitive |= var_is_sensitive(unit, xml_text(bound));
	r = package_set_param(task->child, param, &value, fault);
	value_release(&value);
	return r;
}

static int assign_all(struct unit *unit, struct fault *fault)
{
	const struct xml_node *node = xml_child(unit->def->object_data, NULL, "ParameterAssignment");

	for (; node; node = xml_next(node, NULL, "ParameterAssignment")) {
		if (assign(unit, node, fault))
			return -1;
	}
	return 0;
}

static int check_required(struct unit *unit, struct fault *fault)
{
	const struct package *child = ((struct package_task *)unit->task)->child;

	for (size_t i = 0; i < child->param_count; i++) {
		const struct var *param = &child->params[i];
		if (param->required && param->value.null)
			return fault_set(fault, DTS_INVALID_VARIABLE_VALUE,
			    "The required parameter \"%s::%s\" of child package \"%s\" has no value.", param->space,
			    param->name, child->name);
	}
	return 0;
}

static int validate(struct unit *unit)
{
	struct package_task *task = unit->task;
	struct buf file = BUF_INIT;
	struct fault fault;
	const char *folder;
	int r = find_file(unit, &folder, &file, &fault);

	if (!r && (!task->loaded || strcmp(task->loaded, file.data)))
		r = load_child(unit, folder, file.data, &fault);
	if (!r)
		r = assign_all(unit, &fault);
	if (!r)
		r = check_required(unit, &fault);
	if (r)
		unit_fault(unit, &fault);
	buf_release(&file);
	return r;
}

static void start(struct unit *unit)
{
	struct fault fault;

	renew_tree(unit);
	if (assign_all(unit, &fault)) {
		unit_fault(unit, &fault);
		unit_finish(unit, UNIT_FAILURE);
	} else {
		children_begin(unit);
	}
}

static void pump(struct unit *unit)
{
	if (children_pump(unit) && unit->state == UNIT_RUNNING)
		unit_finish(unit, unit->children[0]->state == UNIT_DONE ? unit->children[0]->result
									: UNIT_CANCELLED);
}

static void release(struct unit *unit)
{
	unit->child_count = 0; /* freed already */
	drop_child(unit);
}

const struct unit_ops package_task_ops = {
	.kind = DTSX_EXECUTE_PACKAGE,
	.container = true,
	.properties = properties,
	.property_count = ARRAY_LEN(properties),
	.task_size = sizeof(struct package_task),
	.validate = validate,
	.start = start,
	.pump = pump,
	.release = release,
};
