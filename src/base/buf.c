/* SPDX-License-Identifier: MIT */
/* Growable string; growth is by half so that long appends stay linear. */
#include "base/buf.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

char buf_empty[1];

void buf_init(struct buf *b)
{
	*b = (struct buf)BUF_INIT;
}

void buf_release(struct buf *b)
{
	size_t limit = b->limit;

	if (b->cap)
		free(b->data);
	buf_init(b);
	b->limit = limit;
}

void buf_wipe(struct buf *b)
{
	if (b->cap)
		mem_wipe(b->data, b->cap);
	buf_release(b);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->overflow = false;
	if (b->cap)
		b->data[0] = '\0';
}

void buf_set_limit(struct buf *b, size_t limit)
{
	b->limit = limit;
}

char *buf_detach(struct buf *b)
{
	char *text = b->cap ? b->data : xstrdup("");

	buf_init(b);
	return text;
}

bool buf_reserve(struct buf *b, size_t extra)
{
	if (extra > SIZE_MAX / 2 - b->len || (b->limit && b->len + extra > b->limit)) {
		b->overflow = true;
		return false;
	}
	size_t need = b->len + extra + 1;
	if (need <= b->cap)
		return true;
	size_t cap = b->cap + b->cap / 2;
	if (cap < need)
		cap = need < 32 ? 32 : need;
	char *data = xrealloc(b->cap ? b->data : NULL, cap);
	data[b->len] = '\0';
	b->data = data;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (!len || !buf_reserve(b, len))
		return;
	memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_vaddf(struct buf *b, const char *fmt, va_list args)
{
	va_list copy;
	size_t room = b->cap > b->len ? b->cap - b->len : 0;

	/* Mostly there is room for it: formatting a second time costs as much again. */
	va_copy(copy, args);
	int n = vsnprintf(room ? b->data + b->len : NULL, room, fmt, copy);
	va_end(copy);
	if (n > 0 && (size_t)n >= room) {
		if (room)
			b->data[b->len] = '\0';
		if (!buf_reserve(b, (size_t)n))
			return;
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, args);
	} else if (n > 0 && b->limit && b->len + (size_t)n > b->limit) {
		b->data[b->len] = '\0';
		b->overflow = true;
		return;
	}
	if (n > 0)
		b->len += (size_t)n;
}

void buf_addi(struct buf *b, int64_t value)
{
	char digits[24], *at = digits + sizeof(digits);
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (value < 0)
		*--at = '-';
	buf_add(b, at, (size_t)(digits + sizeof(digits) - at));
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	buf_vaddf(b, fmt, args);
	va_end(args);
}

void buf_consume(struct buf *b, size_t n)
{
	assert(n <= b->len);
	if (!n)
		return;
	memmove(b->data, b->data + n, b->len - n);
	buf_truncate(b, b->len - n);
}

void buf_truncate(struct buf *b, size_t len)
{
	assert(len <= b->len);
	b->len = len;
	if (b->cap)
		b->data[len] = '\0';
}
