/* SPDX-License-Identifier: MIT */
/* Memory that is given out in pieces and freed at once; for trees that live and die together. */
#ifndef SO_BASE_ARENA_H
#define SO_BASE_ARENA_H

#include <stddef.h>

struct arena_chunk;
struct arena {
	struct arena_chunk *chunks; /* newest first */
	size_t used, cap;           /* of the newest */
};

/* Zeroed memory for any type; never NULL. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_array(struct arena *arena, size_t count, size_t size);
/* Copies, NUL-terminated. */
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Move all memory of from into arena; from is empty afterwards. */
void arena_merge(struct arena *arena, struct arena *from);
void arena_release(struct arena *arena);

#endif
