/* SPDX-License-Identifier: MIT */
/*
 * Memory that cannot fail.
 *
 * Out of memory aborts the program: the catalog is transactional and the
 * worker's spool is crash-safe, so stopping is always sound. Every buffer fed
 * from outside has its own ceiling (see buf.h), so hostile input cannot reach
 * this abort.
 */
#ifndef SO_BASE_MEM_H
#define SO_BASE_MEM_H

#include <stddef.h>

/* Like malloc, calloc, realloc, strdup, strndup; never return NULL. Caller frees with free(). */
void *xmalloc(size_t size) __attribute__((malloc, alloc_size(1)));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, alloc_size(1, 2)));
void *xrealloc(void *ptr, size_t size) __attribute__((alloc_size(2)));
void *xreallocarray(void *ptr, size_t count, size_t size) __attribute__((alloc_size(2, 3)));
char *xstrdup(const char *text) __attribute__((malloc, nonnull));
char *xstrndup(const char *text, size_t len) __attribute__((malloc, nonnull));
void *xmemdup(const void *data, size_t len) __attribute__((malloc));

/* strdup that maps NULL to NULL. */
char *xstrdup_or_null(const char *text);

/* Format into a new string; caller frees. */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Overwrite a secret in a way the compiler may not drop. NULL is allowed. */
void mem_wipe(void *data, size_t len);

/*
 * A growing array: VEC(type) declares the fields, the macros work on any
 * struct that has them. Zero-initialised is empty. vec_push copies VALUE in;
 * vec_release frees the array but not what its elements point to.
 */
#define VEC(type) \
	struct { \
		type *items; \
		size_t len, cap; \
	}
#define vec_push(v, value) \
	do { \
		if ((v)->len == (v)->cap) { \
			(v)->cap = (v)->cap ? (v)->cap * 2 : 8; \
			(v)->items = xreallocarray((v)->items, (v)->cap, sizeof(*(v)->items)); \
		} \
		(v)->items[(v)->len++] = (value); \
	} while (0)
#define vec_release(v) \
	do { \
		free((v)->items); \
		(v)->items = NULL; \
		(v)->len = (v)->cap = 0; \
	} while (0)

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
