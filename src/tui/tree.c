/* SPDX-License-Identifier: MIT */
/* The tree model; see tree.h. */
#include "tui/tree.h"

#include <stdlib.h>
#include <string.h>

#include "tui/text.h"

static char *clean_copy(const char *text)
{
	struct buf clean = BUF_INIT;

	text_clean(text, strlen(text), &clean);
	return buf_detach(&clean);
}

struct node *node_new(enum node_kind kind, int64_t id, const char *key, const char *name, bool leaf)
{
	struct node *node = xcalloc(1, sizeof(*node));

	node->kind = kind;
	node->id = id;
	node->key = xstrdup(key);
	node->name = xstrdup(name);
	node->label = clean_copy(name);
	node->leaf = leaf;
	return node;
}

static void free_properties(struct node *node)
{
	for (size_t i = 0; i < node->properties.len; i++) {
		free(node->properties.items[i].label);
		free(node->properties.items[i].value);
	}
	vec_release(&node->properties);
}

void node_free(struct node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->children.len; i++)
		node_free(node->children.items[i]);
	vec_release(&node->children);
	free_properties(node);
	free(node->key);
	free(node->name);
	free(node->label);
	free(node);
}

void node_property(struct node *node, const char *label, const char *value)
{
	struct node_property property;

	if (!value || !*value)
		return;
	property = (struct node_property){ xstrdup(label), clean_copy(value) };
	vec_push(&node->properties, property);
}

void node_add(struct node *parent, struct node *child)
{
	child->parent = parent;
	vec_push(&parent->children, child);
}

void tree_init(struct tree *tree)
{
	*tree = (struct tree){ .filter = xstrdup("") };
	tree->root = node_new(NODE_CATALOGS, 0, "", "", false);
	tree->root->expanded = tree->root->loaded = true;
}

void tree_release(struct tree *tree)
{
	node_free(tree->root);
	vec_release(&tree->visible);
	free(tree->filter);
}

static struct node *take_child(struct node *parent, const struct node *like)
{
	for (size_t i = 0; i < parent->children.len; i++) {
		struct node *child = parent->children.items[i];

		if (child && child->kind == like->kind && child->id == like->id &&
		    strcmp(child->key, like->key) == 0) {
			parent->children.items[i] = NULL;
			return child;
		}
	}
	return NULL;
}

/* The old node takes over what the new one knows, and stays. */
static void refresh_node(struct node *node, struct node *newer)
{
	char *name = node->name, *label = node->label;

	free_properties(node);
	node->properties.items = newer->properties.items;
	node->properties.len = newer->properties.len;
	node->properties.cap = newer->properties.cap;
	memset(&newer->properties, 0, sizeof(newer->properties));
	node->name = newer->name;
	node->flag = newer->flag;
	node->label = newer->label;
	newer->name = name;
	newer->label = label;
	node_free(newer);
}

void node_replace_children(struct node *parent, struct node **children, size_t count)
{
	struct node all = { 0 };

	for (size_t i = 0; i < parent->children.len; i++) {
		struct node *child = parent->children.items[i];

		if (child->virtual_node) {
			vec_push(&all.children, child);
			parent->children.items[i] = NULL;
		}
	}
	for (size_t i = 0; i < count; i++) {
		struct node *old = take_child(parent, children[i]);

		if (old)
			refresh_node(old, children[i]);
		else
			old = children[i];
		old->parent = parent;
		vec_push(&all.children, old);
	}
	for (size_t i = 0; i < parent->children.len; i++)
		node_free(parent->children.items[i]);
	free(parent->children.items);
	parent->children.items = all.children.items;
	parent->children.len = all.children.len;
	parent->children.cap = all.children.cap;
	parent->loaded = true;
	parent->stale = false;
}

struct node *node_up(struct node *node, enum node_kind kind)
{
	while (node && node->kind != kind)
		node = node->parent;
	return node;
}

int node_depth(const struct node *node)
{
	int depth = -1;

	for (; node->parent; node = node->parent)
		depth++;
	return depth;
}

bool node_is_last(const struct node *node)
{
	const struct node *parent = node->parent;

	return !parent || parent->children.items[parent->children.len - 1] == node;
}

static bool matches(const struct node *node, const char *filter)
{
	if (text_contains(node->label, filter))
		return true;
	for (size_t i = 0; i < node->children.len; i++) {
		if (matches(node->children.items[i], filter))
			return true;
	}
	return false;
}

static void add_visible(struct tree *tree, struct node *node)
{
	bool filtered = *tree->filter != '\0';

	for (size_t i = 0; i < node->children.len; i++) {
		struct node *child = node->children.items[i];

		if (filtered && !matches(child, tree->filter))
			continue;
		vec_push(&tree->visible, child);
		if (filtered || child->expanded)
			add_visible(tree, child);
	}
}

void tree_update(struct tree *tree)
{
	tree->visible.len = 0;
	add_visible(tree, tree->root);
}

void tree_set_filter(struct tree *tree, const char *filter)
{
	free(tree->filter);
	tree->filter = xstrdup(filter);
	tree_update(tree);
}

size_t tree_row(const struct tree *tree, const struct node *node)
{
	size_t i = 0;

	while (i < tree->visible.len && tree->visible.items[i] != node)
		i++;
	return i;
}
