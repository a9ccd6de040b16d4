/* SPDX-License-Identifier: MIT */
/*
 * A list of chunks, each twice as large as the one before up to 1 MiB; pieces
 * larger than a quarter of that get a chunk of their own, behind the newest.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CHUNK_MIN ((size_t)16 * 1024)
#define CHUNK_MAX ((size_t)1024 * 1024)
#define ALIGN sizeof(max_align_t)

struct arena_chunk {
	struct arena_chunk *next;
	max_align_t data[];
};

static struct arena_chunk *chunk_new(size_t size)
{
	return xmalloc(sizeof(struct arena_chunk) + size);
}

static void *alloc_large(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk = chunk_new(size);

	if (arena->chunks) {
		chunk->next = arena->chunks->next;
		arena->chunks->next = chunk;
	} else {
		chunk->next = NULL;
		arena->chunks = chunk;
		arena->used = arena->cap = size;
	}
	return chunk->data;
}

static void *alloc_raw(struct arena *arena, size_t size)
{
	if (size > (size_t)-1 - ALIGN)
		abort();
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (size > arena->cap - arena->used) {
		if (size > CHUNK_MAX / 4)
			return alloc_large(arena, size);
		size_t cap = arena->cap < CHUNK_MIN / 2 ? CHUNK_MIN : arena->cap * 2;
		if (cap > CHUNK_MAX)
			cap = CHUNK_MAX;
		if (cap < size)
			cap = size;
		struct arena_chunk *chunk = chunk_new(cap);
		chunk->next = arena->chunks;
		arena->chunks = chunk;
		arena->cap = cap;
		arena->used = 0;
	}
	void *piece = (char *)arena->chunks->data + arena->used;
	arena->used += size;
	return piece;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(alloc_raw(arena, size), 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		abort();
	return arena_alloc(arena, total ? total : 1);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = alloc_raw(arena, len + 1);

	if (len)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0)
		abort();
	char *text = alloc_raw(arena, (size_t)len + 1);
	va_start(args, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, args);
	va_end(args);
	return text;
}

void arena_merge(struct arena *arena, struct arena *from)
{
	if (!from->chunks)
		return;
	if (!arena->chunks) {
		*arena = *from;
	} else {
		struct arena_chunk *last = arena->chunks;
		while (last->next)
			last = last->next;
		last->next = from->chunks;
	}
	*from = (struct arena){ 0 };
}

void arena_release(struct arena *arena)
{
	struct arena_chunk *next;

	for (struct arena_chunk *c = arena->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	*arena = (struct arena){ 0 };
}
