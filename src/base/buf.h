/* SPDX-License-Identifier: MIT */
/*
 * The one growable string.
 *
 * Never NULL, always NUL-terminated, may hold NUL bytes. Start with BUF_INIT.
 * A buffer that is fed from outside gets a ceiling with buf_set_limit: an
 * append past it is refused whole and sets .overflow, to be looked at once at
 * the end.
 */
#ifndef SO_BASE_BUF_H
#define SO_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data;    /* never NULL */
	size_t len;    /* bytes used, without the terminator */
	size_t cap;    /* bytes allocated; 0 while data is the shared empty string */
	size_t limit;  /* most bytes len may reach; 0 = no limit */
	bool overflow; /* an append was refused because of limit */
};

extern char buf_empty[1];
#define BUF_INIT { .data = buf_empty }

void buf_init(struct buf *b);
/* Free the contents; the buffer is empty and usable again. */
void buf_release(struct buf *b);
/* As buf_release, but the bytes are overwritten first (secrets). */
void buf_wipe(struct buf *b);
/* len = 0, memory kept. */
void buf_clear(struct buf *b);
void buf_set_limit(struct buf *b, size_t limit);
/* Take the string out; caller frees. The buffer is empty afterwards. */
char *buf_detach(struct buf *b);

/* Make room for extra more bytes. Returns false (and sets overflow) past the limit. */
bool buf_reserve(struct buf *b, size_t extra);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *text);
void buf_addc(struct buf *b, char c);
/* A decimal number. */
void buf_addi(struct buf *b, int64_t value);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));
/* Drop bytes from the front or cut to a length. */
void buf_consume(struct buf *b, size_t n);
void buf_truncate(struct buf *b, size_t len);

#endif
