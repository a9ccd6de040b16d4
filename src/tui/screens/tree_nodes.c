/* SPDX-License-Identifier: MIT */
/* The kinds of nodes of Object Explorer, and how they come from the rows of the catalog. */
#include "tui/screens/tree_nodes.h"

#include <stdlib.h>

#include "base/mem.h"
#include "tui/jobs.h"
#include "tui/keymap.h"

#define ALL CMD_SHOW_EXECUTIONS

const struct node_type node_types[NODE_KIND_COUNT] = {
	[NODE_CATALOGS] = { .commands = { CMD_PROPERTIES, CMD_REFRESH } },
	[NODE_SSISDB] = { .child = NODE_FOLDER, .owner = NODE_SSISDB,
	    .sql = "SELECT folder_id, name, created_by_name, created_time "
		"FROM [SSISDB].[catalog].[folders] ORDER BY name",
	    .commands = { CMD_EXECUTE_SCALE_OUT, CMD_CREATE_FOLDER, ALL, CMD_GO_OPERATIONS, CMD_GO_WORKERS,
		CMD_GO_QUEUE, CMD_PROPERTIES, CMD_REFRESH } },
	[NODE_FOLDER] = { .id_column = "folder_id", .name_column = "name",
	    .properties = { { "folder_id", "Identifier" }, { "created_by_name", "Created by" }, { "created_time", "Created" } },
	    .commands = { ALL, CMD_PROPERTIES, CMD_REFRESH } },
	[NODE_PROJECTS] = { .child = NODE_PROJECT, .owner = NODE_FOLDER,
	    .sql = "SELECT project_id, name, description, created_time "
		"FROM [SSISDB].[catalog].[projects] WHERE folder_id = @id ORDER BY name",
	    .commands = { ALL, CMD_PROPERTIES, CMD_REFRESH } },
	[NODE_PROJECT] = { .id_column = "project_id", .name_column = "name",
	    .properties = { { "project_id", "Identifier" }, { "description", "Description" },
		{ "created_time", "Created" } },
	    .commands = { CMD_EXECUTE_SCALE_OUT, CMD_VALIDATE, ALL, CMD_PROPERTIES, CMD_REFRESH } },
	[NODE_PACKAGES] = { .child = NODE_PACKAGE, .owner = NODE_PROJECT,
	    .sql = "SELECT package_id, name, description, package_guid, entry_point, version_major, "
		"version_minor, version_build, version_comments, package_format_version "
		"FROM [SSISDB].[catalog].[packages] WHERE project_id = @id ORDER BY name",
	    .commands = { CMD_EXECUTE_SCALE_OUT, ALL, CMD_PROPERTIES, CMD_REFRESH } },
	[NODE_PACKAGE] = { .id_column = "package_id", .name_column = "name", .leaf = true,
	    .properties = { { "package_id", "Identifier" }, { "entry_point", "Entry point" },
		{ "description", "Description" }, { "version_major", "Version major" },
		{ "version_minor", "Version minor" }, { "version_build", "Version build" },
		{ "version_comments", "Comments" }, { "package_format_version", "Format" },
		{ "package_guid", "GUID" } },
	    .commands = { CMD_EXECUTE, CMD_EXECUTE_SCALE_OUT, CMD_VALIDATE, ALL, CMD_PROPERTIES, CMD_REFRESH } },
	[NODE_ENVIRONMENTS] = { .child = NODE_ENVIRONMENT, .owner = NODE_FOLDER,
	    .sql = "SELECT environment_id, name, created_by_name, created_time "
		"FROM [SSISDB].[catalog].[environments] WHERE folder_id = @id ORDER BY name",
	    .commands = { CMD_CREATE_ENVIRONMENT, CMD_PROPERTIES, CMD_REFRESH } },
	[NODE_ENVIRONMENT] = { .id_column = "environment_id", .name_column = "name", .leaf = true,
	    .properties = { { "environment_id", "Identifier" }, { "created_by_name", "Created by" }, { "created_time", "Created" } },
	    .commands = { CMD_PROPERTIES, CMD_REFRESH } },
	[NODE_SCALE_OUT] = { .commands = { CMD_GO_WORKERS, CMD_GO_QUEUE, CMD_QUEUE_SWITCH, CMD_MASTER_START,
		CMD_PROPERTIES, CMD_REFRESH } },
	[NODE_MASTER] = { .leaf = true, .commands = { CMD_MASTER_START, CMD_QUEUE_SWITCH, CMD_PROPERTIES, CMD_REFRESH } },
	[NODE_QUEUE] = { .leaf = true, .commands = { CMD_GO_QUEUE, CMD_QUEUE_SWITCH, CMD_PROPERTIES, CMD_REFRESH } },
	[NODE_WORKERS] = { .child = NODE_WORKER, .owner = NODE_WORKERS,
	    .sql = "SELECT WorkerAgentId, DisplayName, Description, Tags, Host, Port, UserName, Slots, IsEnabled, "
		"IsOnline, IsBlocked, BlockReason, MachineName, UserAccount, Version, OperatingSystem, CpuCount, "
		"Running, LastOnlineTime, LastError, State FROM [SSISDB].[scaleout].[workers] ORDER BY DisplayName",
	    .commands = { CMD_GO_WORKERS, CMD_PROPERTIES, CMD_REFRESH } },
	[NODE_WORKER] = { .key_column = "WorkerAgentId", .name_column = "DisplayName",
	    .flag_column = "IsEnabled", .leaf = true,
	    .properties = { { "State", "State" }, { "MachineName", "Machine" },
		{ "UserAccount", "Runs under" }, { "Running", "Running" }, { "Slots", "Slots" },
		{ "OperatingSystem", "System" }, { "CpuCount", "Processors" }, { "Version", "Version" },
		{ "Tags", "Tags" }, { "LastOnlineTime", "Last online" }, { "WorkerAgentId", "Identifier" },
		{ "BlockReason", "Blocked" }, { "LastError", "Last error" } },
	    .commands = { CMD_ENABLE, CMD_DISABLE, CMD_DRAIN, CMD_GO_WORKERS, CMD_PROPERTIES, CMD_REFRESH } },
};

struct node *node_add_virtual(struct node *parent, enum node_kind kind, const char *name)
{
	struct node *node = node_new(kind, 0, "", name, node_types[kind].leaf);

	node->virtual_node = true;
	node->loaded = !node_types[kind].sql;
	node_add(parent, node);
	return node;
}

static void add_fixed_children(struct node *node)
{
	if (node->kind == NODE_FOLDER) {
		node_add_virtual(node, NODE_PROJECTS, "Projects");
		node_add_virtual(node, NODE_ENVIRONMENTS, "Environments");
		node->loaded = true;
	} else if (node->kind == NODE_PROJECT) {
		node_add_virtual(node, NODE_PACKAGES, "Packages");
		node->loaded = true;
	}
}

static struct node *make_node(const struct tsql_rowset *rows, size_t row, enum node_kind kind)
{
	const struct node_type *type = &node_types[kind];
	const struct tsql_value *name = tsql_rowset_get(rows, row, type->name_column);
	char *key = type->key_column ? cell_text(rows, row, type->key_column) : xstrdup("");
	struct buf text = BUF_INIT;
	struct node *node;

	if (name && !name->null)
		tsql_value_format(name, &text);
	node = node_new(kind, type->id_column ? cell_int(rows, row, type->id_column, 0) : 0, key, text.data,
	    type->leaf);
	node->flag = type->flag_column && cell_int(rows, row, type->flag_column, 0) != 0;
	for (size_t i = 0; i < PROPERTIES_MAX && type->properties[i].column; i++) {
		char *value = cell_text(rows, row, type->properties[i].column);

		node_property(node, type->properties[i].label, value);
		free(value);
	}
	add_fixed_children(node);
	free(key);
	buf_release(&text);
	return node;
}

void node_take_children(struct node *node, const struct tsql_rowset *rows)
{
	VEC(struct node *) children = { 0 };

	for (size_t i = 0; i < rows->row_count; i++) {
		struct node *child = make_node(rows, i, node_types[node->kind].child);

		vec_push(&children, child);
	}
	node_replace_children(node, children.items, children.len);
	vec_release(&children);
}

struct node *node_unread(struct node *node)
{
	if ((!node->loaded || node->stale) && node_types[node->kind].sql &&
	    node->expanded && node->parent)
		return node;
	for (size_t i = 0; i < node->children.len && node->expanded; i++) {
		struct node *found = node_unread(node->children.items[i]);

		if (found)
			return found;
	}
	return NULL;
}

void node_mark_stale(struct node *node)
{
	if (node->loaded && node_types[node->kind].sql)
		node->stale = true;
	for (size_t i = 0; i < node->children.len; i++)
		node_mark_stale(node->children.items[i]);
}
