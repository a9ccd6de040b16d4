/* SPDX-License-Identifier: MIT */
/* Between dtsx.c (the tree) and dtsx_parts.c (what hangs from its nodes). */
#ifndef SO_PACKAGE_DTSX_PARTS_H
#define SO_PACKAGE_DTSX_PARTS_H

#include "base/arena.h"
#include "package/dtsx.h"

/*
 * Elements of a collection: children of node's child "plural" (formats 6/8),
 * else children of node itself (2/3). Stop at NULL.
 */
const struct xml_node *part_first(const struct xml_node *node, const char *plural, const char *singular);
const struct xml_node *part_next(const struct xml_node *item);
size_t part_count(const struct xml_node *node, const char *plural, const char *singular);

/* Property of any generation as text, "" when absent. */
const char *part_text(const struct xml_node *node, const char *name);
/* First element inside DTS:ObjectData, or NULL. */
const struct xml_node *part_object_data(const struct xml_node *node);

void part_props(struct arena *arena, const struct xml_node *node, struct dtsx_executable *ret);
void part_expressions(struct arena *arena, const struct xml_node *node,
    const struct dtsx_expression **ret, size_t *ret_count);
void part_variables(struct arena *arena, const struct xml_node *node, struct dtsx_executable *ret);
void part_logging(struct arena *arena, const struct xml_node *node, struct dtsx_logging *ret);
void part_loops(struct arena *arena, const struct xml_node *node, struct dtsx_executable *ret);
void part_connection(struct arena *arena, const struct xml_node *node, struct dtsx_connection *ret);
void part_package(struct arena *arena, const struct xml_node *root, struct dtsx *ret);
/* Empty every value that is still encrypted and count them; the lines go to warn. */
void part_blank_secrets(struct xml_node *root, void (*warn)(void *ctx, const struct xml_node *node), void *ctx);

#endif
