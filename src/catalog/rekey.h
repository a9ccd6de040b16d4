/* SPDX-License-Identifier: MIT */
/*
 * Which key belongs to a catalog file, and a change of it.
 *
 * A change must survive a crash at any moment. The new key lies beside the old
 * one (PATH.key.new) before the transaction that encrypts everything again is
 * committed, and takes its name after it. Whoever opens a catalog whose key
 * does not fit tries the new one, and finishes the switch when that fits.
 */
#ifndef SO_CATALOG_REKEY_H
#define SO_CATALOG_REKEY_H

#include <stdint.h>

#include "base/err.h"

struct catalog;

/* Read the key of a handle and see that it is this file's; ERR_CORRUPT when it is not. */
int rekey_open_key(struct catalog *c, struct err *err);

enum rekey_step { REKEY_WRITTEN, REKEY_ENCRYPTED, REKEY_COMMITTED, REKEY_SWITCHED };

/*
 * A new key: every sealed value is encrypted again in one transaction.
 * ERR_BUSY, and nothing is changed, while the master or anybody else has the
 * catalog open. at (may be NULL) is told what has been done. Sets the number
 * of values.
 */
int catalog_rekey(const char *path, void (*at)(void *ctx, enum rekey_step step), void *ctx,
    int64_t *ret_count, struct err *err);

#endif
