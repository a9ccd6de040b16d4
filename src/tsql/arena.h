/* SPDX-License-Identifier: MIT */
/* A bump allocator: a syntax tree is made of many small pieces that die together. */
#ifndef SO_TSQL_ARENA_H
#define SO_TSQL_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
	struct arena_block *blocks;
	size_t used; /* bytes handed out from the newest block */
};

/* Zero-initialised is empty. Memory is zeroed and aligned for any object. */
void *arena_alloc(struct arena *arena, size_t size);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
void arena_release(struct arena *arena);

#endif
