/* SPDX-License-Identifier: MIT */
/* The kinds of nodes of Object Explorer: one row of node_types each; how nodes come from rows. UI thread. */
#ifndef SO_TUI_TREE_NODES_H
#define SO_TUI_TREE_NODES_H

#include <stdbool.h>

#include "tsql/client.h"
#include "tui/tree.h"

#define COMMANDS_MAX 10
#define PROPERTIES_MAX 14

/* A property that comes with the row of the tree. */
struct property_column {
	const char *column, *label;
};

/* One kind of node: how it is read, what it shows, what can be done with it. */
struct node_type {
	/* How its children are read; NULL sql = it has only virtual ones. Gets @id of the owner. */
	enum node_kind child;
	enum node_kind owner; /* whose id is the parameter */
	const char *sql;
	/* As a child: its key and name columns and properties. */
	const char *id_column, *key_column, *name_column, *flag_column;
	struct property_column properties[PROPERTIES_MAX];
	/* Context menu. */
	int commands[COMMANDS_MAX];
	bool leaf;
};

extern const struct node_type node_types[NODE_KIND_COUNT];

/* Append a node that is no row of the catalog. */
struct node *node_add_virtual(struct node *parent, enum node_kind kind, const char *name);
/* The children that its query has read; the state of those that were there before stays. */
void node_take_children(struct node *node, const struct tsql_rowset *rows);
/* The first node from here on that is shown open but not read yet, or NULL. */
struct node *node_unread(struct node *node);
/* What was read below it is read again when it is shown. */
void node_mark_stale(struct node *node);

#endif
