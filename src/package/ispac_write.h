/* SPDX-License-Identifier: MIT */
/* Writing an .ispac into memory. The same parts give the same bytes. */
#ifndef SO_PACKAGE_ISPAC_WRITE_H
#define SO_PACKAGE_ISPAC_WRITE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct ispac_writer;

int ispac_writer_new(struct ispac_writer **ret, struct err *err);
/* Add a part; name is plain, not percent-encoded. */
int ispac_writer_add(struct ispac_writer *writer, const char *name, const void *data, size_t len,
    struct err *err);
/* End and free (NULL is a no-op). When r is 0 the archive is put into ret, else it is dropped. Returns r or the failure. */
int ispac_writer_finish(struct ispac_writer *writer, int r, struct buf *ret, struct err *err);

#endif
