/* SPDX-License-Identifier: MIT */
/*
 * The object tree as data: nodes with stable identities, lazily filled
 * children, and the array of rows that are visible now. No curses, no SQL.
 */
#ifndef SO_TUI_TREE_H
#define SO_TUI_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

enum node_kind {
	NODE_CATALOGS,
	NODE_SSISDB,
	NODE_FOLDER,
	NODE_PROJECTS,
	NODE_PROJECT,
	NODE_PACKAGES,
	NODE_PACKAGE,
	NODE_ENVIRONMENTS,
	NODE_ENVIRONMENT,
	NODE_SCALE_OUT,
	NODE_MASTER,
	NODE_QUEUE,
	NODE_WORKERS,
	NODE_WORKER,
	NODE_KIND_COUNT
};

struct node_property {
	char *label, *value; /* clean text */
};

struct node {
	enum node_kind kind;
	int64_t id;       /* key in the catalog; 0 for virtual nodes */
	char *key;        /* key when it is no number (a worker's GUID), else "" */
	char *name;       /* as the catalog has it (for T-SQL) */
	char *label;      /* clean, for the screen */
	struct node *parent;
	VEC(struct node *) children;
	VEC(struct node_property) properties;
	bool leaf;
	bool flag;        /* of a worker: it is enabled */
	bool expanded;
	bool loaded;      /* children have been read */
	bool stale;       /* read again, but show what is there meanwhile */
	bool virtual_node; /* made by the tree, not by a query */
};

struct tree {
	struct node *root; /* not shown */
	VEC(struct node *) visible;
	char *filter; /* clean text, "" = none */
};

void tree_init(struct tree *tree);
void tree_release(struct tree *tree);

/* A new node, not yet in the tree. */
struct node *node_new(enum node_kind kind, int64_t id, const char *key, const char *name, bool leaf);
void node_free(struct node *node);
/* value is made clean here. Empty values are kept out. */
void node_property(struct node *node, const char *label, const char *value);
void node_add(struct node *parent, struct node *child);
/*
 * Replace the children that came from the catalog by newer ones (moved in):
 * a child with the same kind, id and key keeps its place in memory, its
 * expansion and its own children. Virtual children stay.
 */
void node_replace_children(struct node *parent, struct node **children, size_t count);
/* Nearest ancestor-or-self of that kind, or NULL. */
struct node *node_up(struct node *node, enum node_kind kind);
int node_depth(const struct node *node);

/* Recompute the visible rows. While a filter is set: the loaded nodes that match, and their ancestors. */
void tree_update(struct tree *tree);
void tree_set_filter(struct tree *tree, const char *filter);
/* Row of a node, or the number of rows when it is not visible. */
size_t tree_row(const struct tree *tree, const struct node *node);
/* Last child of its parent among the visible rows (for the lines)? */
bool node_is_last(const struct node *node);

#endif
