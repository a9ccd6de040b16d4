/* SPDX-License-Identifier: MIT */
/* The ZIP writer of the tests. */
#include "tests/package/zipper.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"

#define LOCAL_MAGIC 0x04034b50
#define ENTRY_MAGIC 0x02014b50
#define END_MAGIC 0x06054b50

static void add16(struct buf *b, unsigned v)
{
	buf_addc(b, (char)(v & 0xFF));
	buf_addc(b, (char)(v >> 8 & 0xFF));
}

static void add32(struct buf *b, uint32_t v)
{
	add16(b, v & 0xFFFF);
	add16(b, v >> 16);
}

/* What a local header and a directory entry share: version ... name length. */
static void add_common(struct buf *b, const struct zip_lie *say, size_t name_len, size_t extra_len)
{
	add16(b, 20);
	add16(b, say->flags);
	add16(b, say->method);
	add32(b, 0);
	add32(b, say->crc);
	add32(b, say->packed_size);
	add32(b, say->size);
	add16(b, (unsigned)name_len);
	add16(b, (unsigned)extra_len);
}

static void deflate_into(const void *data, size_t len, struct buf *out)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)len };

	deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
	buf_reserve(out, deflateBound(&z, len));
	z.next_out = (Bytef *)out->data;
	z.avail_out = (uInt)(out->cap - 1);
	deflate(&z, Z_FINISH);
	out->len = z.total_out;
	deflateEnd(&z);
}

void zipper_add(struct zipper *z, const char *name, const void *data, size_t len, const struct zip_lie *lie)
{
	struct zip_lie say = lie ? *lie : (struct zip_lie){ 0 };
	struct buf packed = BUF_INIT;
	uint32_t offset = (uint32_t)z->body.len;
	size_t extra = say.zip64_size ? 12 : 0;

	deflate_into(data, len, &packed);
	say.method = say.method ? say.method : Z_DEFLATED;
	say.crc = say.crc ? say.crc : (uint32_t)crc32(0, data, (uInt)len);
	say.size = say.zip64_size ? UINT32_MAX : say.size ? say.size : (uint32_t)len;
	say.packed_size = say.packed_size ? say.packed_size : (uint32_t)packed.len;
	add32(&z->body, LOCAL_MAGIC);
	add_common(&z->body, &say, strlen(name), 0);
	buf_adds(&z->body, name);
	buf_add(&z->body, packed.data, packed.len);
	add32(&z->directory, ENTRY_MAGIC);
	add16(&z->directory, 20);
	add_common(&z->directory, &say, strlen(name), extra);
	add16(&z->directory, 0); /* comment */
	add16(&z->directory, 0); /* disk */
	add16(&z->directory, 0);
	add32(&z->directory, 0);
	add32(&z->directory, offset);
	buf_adds(&z->directory, name);
	if (extra) {
		add16(&z->directory, 1);
		add16(&z->directory, 8);
		add32(&z->directory, (uint32_t)say.zip64_size);
		add32(&z->directory, (uint32_t)(say.zip64_size >> 32));
	}
	z->count++;
	buf_release(&packed);
}

void zipper_adds(struct zipper *z, const char *name, const char *text)
{
	zipper_add(z, name, text, strlen(text), NULL);
}

void zipper_finish(struct zipper *z, struct buf *out)
{
	buf_add(out, z->body.data, z->body.len);
	buf_add(out, z->directory.data, z->directory.len);
	add32(out, END_MAGIC);
	add32(out, 0);
	add16(out, z->count);
	add16(out, z->count);
	add32(out, (uint32_t)z->directory.len);
	add32(out, (uint32_t)z->body.len);
	add16(out, 0);
	buf_release(&z->body);
	buf_release(&z->directory);
	z->count = 0;
}
