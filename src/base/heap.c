/* SPDX-License-Identifier: MIT */
/* A binary heap of nodes that know their place. */
#include "base/heap.h"

#include <stdlib.h>

#include "base/mem.h"

static void set(struct heap *heap, size_t place, struct heap_node *node)
{
	heap->items[place - 1] = node;
	node->place = place;
}

/* Towards the top while it comes before its parent. */
static void rise(struct heap *heap, struct heap_node *node)
{
	size_t place = node->place;

	for (; place > 1; place /= 2) {
		struct heap_node *parent = heap->items[place / 2 - 1];
		if (!heap->before(node, parent))
			break;
		set(heap, place, parent);
	}
	set(heap, place, node);
}

static void sink(struct heap *heap, struct heap_node *node)
{
	size_t place = node->place;

	for (;;) {
		size_t child = place * 2;
		if (child > heap->len)
			break;
		if (child < heap->len && heap->before(heap->items[child], heap->items[child - 1]))
			child++;
		if (!heap->before(heap->items[child - 1], node))
			break;
		set(heap, place, heap->items[child - 1]);
		place = child;
	}
	set(heap, place, node);
}

void heap_put(struct heap *heap, struct heap_node *node)
{
	if (!node->place) {
		vec_push(heap, node);
		node->place = heap->len;
	}
	rise(heap, node);
	sink(heap, node);
}

void heap_drop(struct heap *heap, struct heap_node *node)
{
	size_t place = node->place;

	if (!place)
		return;
	struct heap_node *last = heap->items[--heap->len];
	node->place = 0;
	if (last == node)
		return;
	set(heap, place, last);
	rise(heap, last);
	sink(heap, last);
}

struct heap_node *heap_top(const struct heap *heap)
{
	return heap->len ? heap->items[0] : NULL;
}

void heap_release(struct heap *heap)
{
	vec_release(heap);
}
