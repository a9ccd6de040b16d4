/* SPDX-License-Identifier: MIT */
/*
 * The ZIP container, read from memory with minizip. All names and sizes of the
 * directory are checked before the first part is unpacked, so a hostile
 * archive is refused before anyone has seen a byte of it.
 */
#include "package/project.h"

#include <minizip/unzip.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

#define MIB ((uint64_t)1024 * 1024)
#define ARCHIVE_MAX (256 * MIB)
#define PARTS_MAX 10000
#define PART_MAX (128 * MIB)
#define TOTAL_MAX (1024 * MIB)
/* Packing ratio that is believed for parts larger than RATIO_FREE. */
#define RATIO_MAX 1000
#define RATIO_FREE (16 * MIB)
#define RAW_NAME_MAX 1000
#define NAME_BYTES_MAX 255
#define FLAG_ENCRYPTED 1u

/* The archive as a read-only file for minizip. */
struct memory {
	const char *data;
	uint64_t len, pos;
	int failed; /* something was read past the end; minizip takes a plain end of file for success */
};

static void *mem_open(void *opaque, const void *name, int mode)
{
	(void)name;
	return mode & ZLIB_FILEFUNC_MODE_WRITE ? NULL : opaque;
}

static uLong mem_read(void *opaque, void *stream, void *out, uLong size)
{
	struct memory *m = stream;
	uint64_t left = m->len - m->pos;
	uLong n = size < left ? size : (uLong)left;

	(void)opaque;
	memcpy(out, m->data + m->pos, n);
	m->pos += n;
	if (n < size)
		m->failed = 1;
	return n;
}

static ZPOS64_T mem_tell(void *opaque, void *stream)
{
	(void)opaque;
	return ((struct memory *)stream)->pos;
}

static long mem_seek(void *opaque, void *stream, ZPOS64_T offset, int origin)
{
	struct memory *m = stream;
	uint64_t base = origin == ZLIB_FILEFUNC_SEEK_CUR ? m->pos
	    : origin == ZLIB_FILEFUNC_SEEK_END           ? m->len
							 : 0;

	(void)opaque;
	if (offset > m->len - base)
		return -1;
	m->pos = base + offset;
	return 0;
}

static int mem_close(void *opaque, void *stream)
{
	(void)opaque, (void)stream;
	return 0;
}

static int mem_error(void *opaque, void *stream)
{
	(void)opaque;
	return ((struct memory *)stream)->failed;
}

static unzFile archive_open(struct memory *memory)
{
	zlib_filefunc64_def functions = {
		.zopen64_file = mem_open,
		.zread_file = mem_read,
		.ztell64_file = mem_tell,
		.zseek64_file = mem_seek,
		.zclose_file = mem_close,
		.zerror_file = mem_error,
		.opaque = memory,
	};

	return unzOpen2_64("", &functions);
}

/* Part names are URIs: "Package%20(1).dtsx". A "%" that starts no escape stays. *ret_len tells NULs inside. */
static char *name_decode(const char *raw, size_t len, size_t *ret_len)
{
	char *name = xmalloc(len + 1), *out = name;

	for (size_t i = 0; i < len; i++) {
		if (raw[i] == '%' && i + 2 < len && hex_digit(raw[i + 1]) >= 0 && hex_digit(raw[i + 2]) >= 0) {
			*out++ = (char)(hex_digit(raw[i + 1]) * 16 + hex_digit(raw[i + 2]));
			i += 2;
		} else {
			*out++ = raw[i];
		}
	}
	*out = '\0';
	*ret_len = (size_t)(out - name);
	return name;
}

/* What is wrong with a decoded name, or NULL. */
static const char *name_fault(const char *name, size_t len)
{
	if (!len)
		return "is empty";
	if (len > NAME_BYTES_MAX)
		return "is longer than 255 bytes";
	if (!utf8_valid(name, len))
		return "is not UTF-8";
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "is not a file name";
	for (size_t i = 0; i < len; i++) {
		if (name[i] == '/' || name[i] == '\\')
			return "holds a folder; parts lie in the root";
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7F)
			return "holds a control character";
	}
	return NULL;
}

/* A foreign name in an error text: control and non-ASCII bytes become "?". */
static char *printable(const char *raw)
{
	char *text = xstrndup(raw, 60);

	for (char *p = text; *p; p++) {
		if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7F)
			*p = '?';
	}
	return text;
}

struct part {
	char *name;
	uint64_t size, packed;
};

struct directory {
	VEC(struct part) parts; /* in the order of the archive */
	uint64_t total;
};

static void directory_release(struct directory *dir)
{
	for (size_t i = 0; i < dir->parts.len; i++)
		free(dir->parts.items[i].name);
	vec_release(&dir->parts);
}

static int check_name(const char *raw, size_t raw_len, char **ret, struct err *err)
{
	size_t len;
	char *name = name_decode(raw, raw_len, &len);
	const char *fault = name_fault(name, len);

	if (!fault) {
		*ret = name;
		return 0;
	}
	char *shown = printable(raw);
	int r = err_set(err, ERR_INVALID, "archive part name \"%s\" %s", shown, fault);
	free(shown);
	free(name);
	return r;
}

static int check_info(const char *name, const unz_file_info64 *info, struct err *err)
{
	if (info->flag & FLAG_ENCRYPTED)
		return err_set(err, ERR_UNSUPPORTED, "%s: the archive part is encrypted", name);
	if (info->compression_method != 0 && info->compression_method != Z_DEFLATED)
		return err_set(err, ERR_UNSUPPORTED, "%s: packed with method %lu, only deflate is known",
		    name, info->compression_method);
	if (info->uncompressed_size > PART_MAX)
		return err_set(err, ERR_LIMIT, "%s: larger than 128 MiB unpacked", name);
	if (info->uncompressed_size > RATIO_FREE
	    && info->uncompressed_size / RATIO_MAX > info->compressed_size)
		return err_set(err, ERR_LIMIT, "%s: unpacks to more than %d times its size", name, RATIO_MAX);
	return 0;
}

static int directory_add(struct directory *dir, unzFile zip, struct err *err)
{
	unz_file_info64 info;
	char raw[RAW_NAME_MAX + 1];
	struct part part = { 0 };

	if (unzGetCurrentFileInfo64(zip, &info, raw, sizeof(raw), NULL, 0, NULL, 0) != UNZ_OK)
		return err_set(err, ERR_INVALID, "the archive directory is damaged");
	if (info.size_filename > RAW_NAME_MAX)
		return err_set(err, ERR_LIMIT, "an archive part name is longer than %d bytes", RAW_NAME_MAX);
	raw[info.size_filename] = '\0';
	int r = check_name(raw, info.size_filename, &part.name, err);
	if (r < 0)
		return r;
	part.size = info.uncompressed_size;
	part.packed = info.compressed_size;
	vec_push(&dir->parts, part);
	r = check_info(part.name, &info, err);
	if (r < 0)
		return r;
	dir->total += part.size;
	if (dir->total > TOTAL_MAX)
		return err_set(err, ERR_LIMIT, "the archive unpacks to more than 1 GiB");
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return utf8_casecmp(*(const char *const *)a, *(const char *const *)b);
}

static int check_duplicates(const struct directory *dir, struct err *err)
{
	size_t count = dir->parts.len;
	const char **names = xmalloc((count + 1) * sizeof(*names));
	int r = 0;

	for (size_t i = 0; i < count; i++)
		names[i] = dir->parts.items[i].name;
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 1; i < count && r == 0; i++) {
		if (utf8_casecmp(names[i - 1], names[i]) == 0)
			r = err_set(err, ERR_INVALID, "%s: the archive holds this part twice", names[i]);
	}
	free(names);
	return r;
}

static int directory_read(struct directory *dir, unzFile zip, struct err *err)
{
	unz_global_info64 global;

	if (unzGetGlobalInfo64(zip, &global) != UNZ_OK)
		return err_set(err, ERR_INVALID, "the archive directory is damaged");
	if (global.number_entry > PARTS_MAX)
		return err_set(err, ERR_LIMIT, "the archive holds more than %d parts", PARTS_MAX);
	int state = global.number_entry ? unzGoToFirstFile(zip) : UNZ_END_OF_LIST_OF_FILE;
	for (; state == UNZ_OK; state = unzGoToNextFile(zip)) {
		int r = directory_add(dir, zip, err);
		if (r < 0)
			return r;
	}
	if (state != UNZ_END_OF_LIST_OF_FILE)
		return err_set(err, ERR_INVALID, "the archive directory is damaged");
	return check_duplicates(dir, err);
}

/* Unpack the current part into bytes (room for part->size + 1). */
static int part_read(unzFile zip, const struct part *part, char *bytes, struct err *err)
{
	uint64_t got = 0;
	int n = 0;

	if (unzOpenCurrentFile(zip) != UNZ_OK)
		return err_set(err, ERR_INVALID, "%s: the archive is damaged at this part", part->name);
	while (got < part->size && (n = unzReadCurrentFile(zip, bytes + got, (unsigned)(part->size - got))) > 0)
		got += (uint64_t)n;
	if (unzCloseCurrentFile(zip) == UNZ_CRCERROR)
		return err_set(err, ERR_INVALID, "%s: the checksum of this archive part is wrong", part->name);
	if (got < part->size)
		return err_set(err, ERR_INVALID, "%s: the archive is damaged inside this part", part->name);
	bytes[got] = '\0';
	return 0;
}

typedef int part_fn(void *ctx, const char *name, const char *bytes, size_t size, struct err *err);

static int each_part(unzFile zip, const struct directory *dir, part_fn *part, void *ctx, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < dir->parts.len && r >= 0; i++) {
		const struct part *p = &dir->parts.items[i];
		if ((i ? unzGoToNextFile(zip) : unzGoToFirstFile(zip)) != UNZ_OK)
			return err_set(err, ERR_INVALID, "the archive directory is damaged");
		char *bytes = xmalloc(p->size + 1);
		r = part_read(zip, p, bytes, err);
		if (r == 0)
			r = part(ctx, p->name, bytes, p->size, err);
		free(bytes);
	}
	return r < 0 ? r : 0;
}

int ispac_each(const void *data, size_t len, part_fn *part, void *ctx, struct err *err)
{
	struct memory memory = { .data = data, .len = len };
	struct directory dir = { 0 };

	if (len > ARCHIVE_MAX)
		return err_set(err, ERR_LIMIT, "the archive is larger than 256 MiB");
	unzFile zip = archive_open(&memory);
	if (!zip) {
		int r = err_set(err, ERR_INVALID, "not a project file: it is no ZIP archive, or it is cut off");
		err_hint(err, "deploy the .ispac that building the project made");
		return r;
	}
	int r = directory_read(&dir, zip, err);
	if (r == 0)
		r = each_part(zip, &dir, part, ctx, err);
	unzClose(zip);
	directory_release(&dir);
	return r;
}

static int unpack_part(void *ctx, const char *name, const char *bytes, size_t size, struct err *err)
{
	char *path = path_join(ctx, name);
	int r = file_write_atomic(path, bytes, size, 0600, false, err);

	free(path);
	return r;
}

int ispac_unpack(const void *data, size_t len, const char *folder, struct err *err)
{
	char *copy = xstrdup(folder);
	int r = ispac_each(data, len, unpack_part, copy, err);

	free(copy);
	return r;
}
