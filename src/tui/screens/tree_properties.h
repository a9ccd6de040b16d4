/* SPDX-License-Identifier: MIT */
/* The pane beside the tree: the properties of the current node. UI thread. */
#ifndef SO_TUI_TREE_PROPERTIES_H
#define SO_TUI_TREE_PROPERTIES_H

struct details;
struct node;
struct view;

/* What came with the tree's row, then what was read of the node itself. */
void tree_draw_properties(const struct node *node, const struct details *details, const struct view *view);

#endif
