/* SPDX-License-Identifier: MIT */
/* The File System task (spec/package.md §3.5): one row per operation; the work is in file_ops.c. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "runtime/engine.h"
#include "runtime/file_ops.h"

struct file_system_task {
	int operation;
	char *source, *destination, *attributes;
	bool source_is_variable, destination_is_variable, overwrite;
};

enum operation {
	COPY_FILE,
	MOVE_FILE,
	DELETE_FILE,
	RENAME_FILE,
	SET_ATTRIBUTES,
	CREATE_DIRECTORY,
	COPY_DIRECTORY,
	MOVE_DIRECTORY,
	DELETE_DIRECTORY,
	DELETE_DIRECTORY_CONTENT,
	OPERATION_COUNT
};

/* In the order of the numbers. */
static const char *const operation_names[] = { "CopyFile", "MoveFile", "DeleteFile", "RenameFile",
	"SetAttributes", "CreateDirectory", "CopyDirectory", "MoveDirectory", "DeleteDirectory",
	"DeleteDirectoryContent", NULL };
_Static_assert(ARRAY_LEN(operation_names) == OPERATION_COUNT + 1, "one name per operation");

#define TASK(member) offsetof(struct file_system_task, member)

static const struct property properties[] = {
	{ "Attributes", "TaskFileAttributes", PROP_TEXT, TASK(attributes), "Normal", NULL, 0 },
	{ "Destination", "TaskDestinationPath", PROP_TEXT, TASK(destination), "", NULL, 0 },
	{ "IsDestinationPathVariable", "TaskIsDestinationVariable", PROP_BOOL, TASK(destination_is_variable),
	    "False", NULL, 0 },
	{ "IsSourcePathVariable", "TaskIsSourceVariable", PROP_BOOL, TASK(source_is_variable), "False", NULL,
	    0 },
	{ "Operation", "TaskOperationType", PROP_ENUM, TASK(operation), "CopyFile", operation_names, 0 },
	{ "OverwriteDestinationFile", "TaskOverwriteDestFile", PROP_BOOL, TASK(overwrite), "False", NULL, 0 },
	{ "Source", "TaskSourcePath", PROP_TEXT, TASK(source), "", NULL, 0 },
};

static bool needs_destination(int operation)
{
	return operation == COPY_FILE || operation == MOVE_FILE || operation == RENAME_FILE ||
	    operation == COPY_DIRECTORY || operation == MOVE_DIRECTORY;
}

/* The text behind a path property: a variable's value, or a FILE manager's connection string. */
static int path_text(struct unit *unit, const char *ref, bool is_variable, struct buf *out,
    struct fault *fault)
{
	struct connection *connection;
	struct value value;

	if (is_variable) {
		if (var_read_qualified(unit, ref, &value, fault))
			return -1;
		value_text(&value, out);
		value_release(&value);
		if (!out->len)
			return fault_set(fault, DTS_FS_VARIABLE_EMPTY,
			    "The variable \"%s\" is used as source or destination and is empty.", ref);
		return 0;
	}
	connection = connection_find(unit->package, ref);
	if (!connection)
		return fault_set(fault, DTS_CONNECTION_NOT_FOUND, "The connection manager \"%s\" was not found.",
		    ref);
	if (utf8_casecmp(connection->def->creation_name, "FILE"))
		return fault_set(fault, DTS_FS_CONNECTION_NOT_FILE,
		    "The connection manager \"%s\" is of type \"%s\", not FILE.", connection->def->name,
		    connection->def->creation_name);
	return connection_string(unit->package, connection, out, fault);
}

/* A path of this machine. */
static int resolve(struct unit *unit, bool destination, struct buf *out, struct fault *fault)
{
	const struct file_system_task *task = unit->task;
	const char *ref = destination ? task->destination : task->source;
	struct buf text = BUF_INIT;
	int r;

	if (!*ref)
		return fault_set(fault, destination ? DTS_FS_DESTINATION_NOT_SET : DTS_FS_SOURCE_NOT_SET,
		    "The %s of operation \"%s\" is not set.", destination ? "destination" : "source",
		    operation_names[task->operation]);
	r = path_text(unit, ref, destination ? task->destination_is_variable : task->source_is_variable,
	    &text, fault);
	if (!r && !text.len)
		r = fault_set(fault, DTS_FS_PATH_NOT_VALID, "The %s of operation \"%s\" is empty.",
		    destination ? "destination" : "source", operation_names[task->operation]);
	if (!r)
		path_map(text.data, out);
	buf_release(&text);
	return r;
}

#define HIDDEN "********"

/* Whether the path was given as a secret. */
static bool is_hidden(const struct unit *unit, bool destination)
{
	const struct file_system_task *task = unit->task;
	const struct connection *c;

	if (destination ? task->destination_is_variable : task->source_is_variable)
		return false;
	c = connection_find(unit->package, destination ? task->destination : task->source);
	return c && c->secret_string;
}

/* Take a secret path out of what is said about it. */
static void hide(struct fault *fault, const char *path)
{
	struct buf text = BUF_INIT;
	const char *at = fault->text, *found;

	for (; *path && (found = strstr(at, path)); at = found + strlen(path)) {
		buf_add(&text, at, (size_t)(found - at));
		buf_adds(&text, HIDDEN);
	}
	buf_adds(&text, at);
	snprintf(fault->text, sizeof(fault->text), "%s", text.data);
	buf_wipe(&text);
}

static int validate(struct unit *unit)
{
	const struct file_system_task *task = unit->task;
	int r = 0;

	for (int destination = 0; destination <= needs_destination(task->operation); destination++) {
		struct buf path = BUF_INIT;
		struct fault fault;
		if (resolve(unit, destination, &path, &fault)) {
			unit_fault(unit, &fault);
			r = -1;
		}
		buf_release(&path);
	}
	return r;
}

static bool keep_going(void *ctx)
{
	struct run *run = ctx;

	event_log_flush(&run->log);
	return !loop_cancelled(run);
}

static int set_attributes(struct unit *unit, const char *path, struct fault *fault)
{
	const struct file_system_task *task = unit->task;
	bool ignored;

	if (file_ops_set_attributes(path, task->attributes, &ignored, fault))
		return -1;
	if (ignored)
		unit_warning(unit, DTS_W_GENERIC,
		    "Of the attributes \"%s\" only ReadOnly and Normal have a meaning here.", task->attributes);
	return 0;
}

static int work(struct unit *unit, const char *from, const char *to, struct fault *fault)
{
	const struct file_system_task *task = unit->task;
	struct file_ops ops = { task->overwrite, keep_going, unit->run };

	switch ((enum operation)task->operation) {
	case COPY_FILE:
		return file_ops_copy(&ops, from, to, fault);
	case MOVE_FILE:
		return file_ops_move(&ops, from, to, fault);
	case DELETE_FILE:
		return file_ops_delete(from, fault);
	case RENAME_FILE:
		return file_ops_rename(&ops, from, to, fault);
	case SET_ATTRIBUTES:
		return set_attributes(unit, from, fault);
	case CREATE_DIRECTORY:
		return file_ops_make_folder(&ops, from, fault);
	case COPY_DIRECTORY:
		return file_ops_copy_folder(&ops, from, to, fault);
	case MOVE_DIRECTORY:
		return file_ops_move_folder(&ops, from, to, fault);
	case DELETE_DIRECTORY:
	case DELETE_DIRECTORY_CONTENT:
		return file_ops_delete_folder(from, task->operation == DELETE_DIRECTORY_CONTENT, fault);
	case OPERATION_COUNT:
		break;
	}
	return fault_set(fault, DTS_ERROR_WITH_MESSAGE, "Unknown operation %d.", task->operation);
}

static void start(struct unit *unit)
{
	const struct file_system_task *task = unit->task;
	struct buf from = BUF_INIT, to = BUF_INIT;
	struct fault fault = { 0 };
	enum unit_result result = UNIT_SUCCESS;
	int r = resolve(unit, false, &from, &fault);

	if (!r && needs_destination(task->operation))
		r = resolve(unit, true, &to, &fault);
	if (!r) {
		bool hide_from = is_hidden(unit, false), hide_to = to.len && is_hidden(unit, true);
		unit_custom(unit, "FileSystemOperation", "%s: \"%s\"%s%s%s.", operation_names[task->operation],
		    hide_from ? HIDDEN : from.data, to.len ? " to \"" : "", hide_to ? HIDDEN : to.data,
		    to.len ? "\"" : "");
		event_log_flush(&unit->run->log);
		r = work(unit, from.data, to.data, &fault);
		if (r && hide_from)
			hide(&fault, from.data);
		if (r && hide_to)
			hide(&fault, to.data);
	}
	if (r && fault.code == 0) {
		result = UNIT_CANCELLED;
	} else if (r) {
		unit_fault(unit, &fault);
		result = UNIT_FAILURE;
	}
	buf_release(&from);
	buf_release(&to);
	unit_finish(unit, result);
}

const struct unit_ops file_system_ops = {
	.kind = DTSX_FILE_SYSTEM,
	.properties = properties,
	.property_count = ARRAY_LEN(properties),
	.task_size = sizeof(struct file_system_task),
	.validate = validate,
	.start = start,
};
