/* SPDX-License-Identifier: MIT */
/* Having a catalog file for oneself: what changes its key or the whole file needs. */
#ifndef SO_CATALOG_ALONE_H
#define SO_CATALOG_ALONE_H

#include "base/err.h"

struct sqlite3;

/* Take the master's lock; it is held until the descriptor is closed. ERR_BUSY when a master runs. */
int alone_lock_master(const char *path, int *ret_fd, struct err *err);

/*
 * Begin a transaction that nobody else can look into, until the handle is
 * closed; what its WAL held is in the file then. ERR_BUSY while anybody else
 * has the catalog open. path is for messages.
 */
int alone_begin(struct sqlite3 *db, const char *path, struct err *err);

#endif
