/* SPDX-License-Identifier: MIT */
/*
 * Putting another catalog in the place of one that is there, and keeping that
 * one as PATH.before-restore (with .key), so that it can be had back by
 * renaming both.
 */
#ifndef SO_CATALOG_REPLACE_H
#define SO_CATALOG_REPLACE_H

#include "base/err.h"

#define REPLACE_KEPT ".before-restore"

enum replace_step { REPLACE_ALONE, REPLACE_KEPT_OLD, REPLACE_KEY_WRITTEN, REPLACE_HALF, REPLACE_COMMITTED, REPLACE_SWITCHED };

/* Told what has been done; for tests. */
struct replace_watch {
	void (*at)(void *ctx, enum replace_step step);
	void *ctx;
};

/* ERR_EXISTS while a catalog that an earlier call kept is still there. */
int replace_check(const char *path, struct err *err);

/*
 * Make path hold what the file copy holds, with this key. ERR_BUSY while a
 * master or anybody else has it open. A failure, or death at any moment, leaves the old
 * catalog or the new one, either with its key. A catalog that SQLite cannot
 * read is renamed with all its files instead. watch may be NULL.
 */
int replace_catalog(const char *path, const char *copy, const unsigned char *key,
    const struct replace_watch *watch, struct err *err);

#endif
