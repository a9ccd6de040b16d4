/* SPDX-License-Identifier: MIT */
/* minizip over a growing buffer, which it may seek in to fill in sizes. */
#include "package/ispac_write.h"

#include <minizip/zip.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* As in reading (ispac.c). */
#define ARCHIVE_MAX ((size_t)256 * 1024 * 1024)

struct ispac_writer {
	zipFile zip;
	struct buf bytes;
	size_t pos;
};

static void *mem_open(void *opaque, const void *name, int mode)
{
	(void)name, (void)mode;
	return opaque;
}

static uLong mem_read(void *opaque, void *stream, void *out, uLong size)
{
	(void)opaque, (void)stream, (void)out, (void)size;
	return 0;
}

static uLong mem_write(void *opaque, void *stream, const void *data, uLong size)
{
	struct ispac_writer *w = stream;
	size_t over = w->bytes.len - w->pos < size ? w->bytes.len - w->pos : size;

	(void)opaque;
	if (over)
		memcpy(w->bytes.data + w->pos, data, over);
	buf_add(&w->bytes, (const char *)data + over, size - over);
	w->pos += size;
	return w->bytes.overflow ? 0 : size;
}

static ZPOS64_T mem_tell(void *opaque, void *stream)
{
	(void)opaque;
	return ((struct ispac_writer *)stream)->pos;
}

static long mem_seek(void *opaque, void *stream, ZPOS64_T offset, int origin)
{
	struct ispac_writer *w = stream;
	uint64_t base = origin == ZLIB_FILEFUNC_SEEK_CUR ? w->pos
	    : origin == ZLIB_FILEFUNC_SEEK_END           ? w->bytes.len
							 : 0;

	(void)opaque;
	if (offset > w->bytes.len - base)
		return -1;
	w->pos = base + offset;
	return 0;
}

static int mem_none(void *opaque, void *stream)
{
	(void)opaque, (void)stream;
	return 0;
}

int ispac_writer_new(struct ispac_writer **ret, struct err *err)
{
	struct ispac_writer *w = xcalloc(1, sizeof(*w));
	zlib_filefunc64_def functions = { mem_open, mem_read, mem_write, mem_tell, mem_seek, mem_none,
		mem_none, w };

	buf_init(&w->bytes);
	buf_set_limit(&w->bytes, ARCHIVE_MAX);
	w->zip = zipOpen2_64("", APPEND_STATUS_CREATE, NULL, &functions);
	if (!w->zip) {
		free(w);
		return err_set(err, ERR_INTERNAL, "cannot begin an archive");
	}
	*ret = w;
	return 0;
}

/* Part names are URIs. The list of content types has brackets in its name by its standard. */
static char *name_encode(const char *name)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~()@[]";
	struct buf out = BUF_INIT;

	for (; *name; name++) {
		if (strchr(plain, *name))
			buf_addc(&out, *name);
		else
			buf_addf(&out, "%%%02X", (unsigned)(unsigned char)*name);
	}
	return buf_detach(&out);
}

int ispac_writer_add(struct ispac_writer *w, const char *name, const void *data, size_t len,
    struct err *err)
{
	static const zip_fileinfo no_date;
	char *encoded = name_encode(name);
	int r = 0;

	if (len > ARCHIVE_MAX ||
	    zipOpenNewFileInZip64(w->zip, encoded, &no_date, NULL, 0, NULL, 0, NULL, Z_DEFLATED,
		Z_DEFAULT_COMPRESSION, 0) != ZIP_OK ||
	    zipWriteInFileInZip(w->zip, data, (unsigned)len) != ZIP_OK ||
	    zipCloseFileInZip(w->zip) != ZIP_OK)
		r = err_set(err, ERR_LIMIT, "%s does not fit into an archive", name);
	free(encoded);
	return r;
}

int ispac_writer_finish(struct ispac_writer *w, int r, struct buf *ret, struct err *err)
{
	if (!w)
		return r;
	if (zipClose(w->zip, NULL) != ZIP_OK && r == 0)
		r = err_set(err, ERR_LIMIT, "the project does not fit into an archive");
	if (r == 0) {
		*ret = w->bytes;
		ret->limit = 0;
	} else {
		buf_release(&w->bytes);
	}
	free(w);
	return r;
}
