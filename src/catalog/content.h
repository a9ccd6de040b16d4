/* SPDX-License-Identifier: MIT */
/* Project files inside the catalog: encrypted, each content once, found by its hash. */
#ifndef SO_CATALOG_CONTENT_H
#define SO_CATALOG_CONTENT_H

#include "base/buf.h"
#include "base/err.h"

struct catalog;

/* Keep a file (a no-op when it is there already). Sets its hash. */
int content_put(struct catalog *c, const void *data, size_t len, char ret_hash[65], struct err *err);
/* Append the file to ret; ERR_NOT_FOUND when there is none with that hash. */
int content_get(struct catalog *c, const char *hash, struct buf *ret, struct err *err);

#endif
