/* SPDX-License-Identifier: MIT */
/*
 * A stream over a stream: what stdio hands over may end in the middle of a
 * character, so up to three bytes wait for the next piece.
 */
#include "cli/sql_unicode.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

struct unicode {
	FILE *file;
	char rest[4]; /* the beginning of a character */
	size_t len;
};

/* Bytes of the character that begins with this one. */
static size_t character_len(unsigned char first)
{
	return first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
}

static void put_unit(FILE *file, uint32_t unit)
{
	putc((int)(unit & 0xFF), file);
	putc((int)(unit >> 8), file);
}

static void put_character(struct unicode *u)
{
	size_t used;
	uint32_t code = utf8_decode(u->rest, u->len, &used);

	if (code >= 0x10000) {
		put_unit(u->file, 0xD800 + ((code - 0x10000) >> 10));
		code = 0xDC00 + ((code - 0x10000) & 0x3FF);
	}
	put_unit(u->file, code);
	u->len -= used;
	memmove(u->rest, u->rest + used, u->len);
}

static ssize_t write_text(void *cookie, const char *text, size_t size)
{
	struct unicode *u = cookie;

	for (size_t i = 0; i < size; i++) {
		u->rest[u->len++] = text[i];
		while (u->len && u->len >= character_len((unsigned char)u->rest[0]))
			put_character(u);
	}
	return fflush(u->file) ? 0 : (ssize_t)size;
}

static int close_text(void *cookie)
{
	struct unicode *u = cookie;

	while (u->len)
		put_character(u);
	int r = fclose(u->file);
	free(u);
	return r;
}

FILE *sql_unicode_open(const char *path)
{
	static const cookie_io_functions_t functions = { .write = write_text, .close = close_text };
	FILE *file = fopen(path, "we");

	if (!file)
		return NULL;
	struct unicode *u = xcalloc(1, sizeof(*u));
	u->file = file;
	put_unit(file, 0xFEFF);
	FILE *stream = fopencookie(u, "w", functions);
	if (!stream)
		close_text(u);
	return stream;
}
