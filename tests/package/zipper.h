/* SPDX-License-Identifier: MIT */
/* Makes ZIP archives in memory, honest ones and ones that lie. */
#ifndef SO_TESTS_PACKAGE_ZIPPER_H
#define SO_TESTS_PACKAGE_ZIPPER_H

#include <stdint.h>

#include "base/buf.h"

/* What an entry says instead of the truth; 0 keeps the truth. */
struct zip_lie {
	uint16_t flags, method;
	uint32_t crc, size, packed_size;
	uint64_t zip64_size; /* puts a ZIP64 field with this size beside size 0xFFFFFFFF */
};

struct zipper {
	struct buf body, directory;
	unsigned count;
};
#define ZIPPER_INIT { BUF_INIT, BUF_INIT, 0 }

/* Add a deflated part; lie may be NULL. */
void zipper_add(struct zipper *z, const char *name, const void *data, size_t len, const struct zip_lie *lie);
void zipper_adds(struct zipper *z, const char *name, const char *text);
/* Append the finished archive to out; the zipper is empty afterwards. */
void zipper_finish(struct zipper *z, struct buf *out);

#endif
