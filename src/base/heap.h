/* SPDX-License-Identifier: MIT */
/*
 * A binary heap whose members know their place, so that any of them can be
 * moved or taken out in O(log n). The heap owns nothing: a member is a struct
 * heap_node inside the caller's struct (heap_entry finds the struct again).
 */
#ifndef SO_BASE_HEAP_H
#define SO_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialised = in no heap. */
struct heap_node {
	size_t place; /* 1-based; 0 = in no heap */
};

struct heap {
	struct heap_node **items;
	size_t len, cap;
	/* Whether a comes out before b; a strict order. */
	bool (*before)(const struct heap_node *a, const struct heap_node *b);
};

/* Put a node in, or to its new place after its key has changed. */
void heap_put(struct heap *heap, struct heap_node *node);
/* Take a node out; nothing when it is not in. */
void heap_drop(struct heap *heap, struct heap_node *node);
/* The first, or NULL. */
struct heap_node *heap_top(const struct heap *heap);
void heap_release(struct heap *heap);

/* The struct of this type whose member is the node. */
#define heap_entry(node, type, member) ((type *)((char *)(node) - offsetof(type, member)))
/* The same for a borrowed, constant node. */
#define heap_const_entry(node, type, member) ((const type *)((const char *)(node) - offsetof(type, member)))

#endif
