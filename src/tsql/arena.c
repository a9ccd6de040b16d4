/* SPDX-License-Identifier: MIT */
/* Blocks of growing size in a list; a piece larger than a block gets its own. */
#include "tsql/arena.h"

#include <stdalign.h>
#include <string.h>

#include "base/mem.h"

#define FIRST_BLOCK 4096

struct arena_block {
	struct arena_block *next;
	size_t size;
	alignas(max_align_t) char data[];
};

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t need = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
	struct arena_block *b = arena->blocks;
	void *p;

	if (!b || b->size - arena->used < need) {
		size_t block = b ? b->size * 2 : FIRST_BLOCK;
		if (block > 1024 * 1024)
			block = 1024 * 1024;
		if (block < need)
			block = need;
		b = xmalloc(sizeof(*b) + block);
		b->size = block;
		b->next = arena->blocks;
		arena->blocks = b;
		arena->used = 0;
	}
	p = b->data + arena->used;
	arena->used += need;
	return memset(p, 0, size);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (len)
		memcpy(copy, text, len);
	return copy;
}

void arena_release(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *next = arena->blocks->next;
		free(arena->blocks);
		arena->blocks = next;
	}
	arena->used = 0;
}
