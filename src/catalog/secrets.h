/* SPDX-License-Identifier: MIT */
/*
 * The catalog key and what is encrypted with it: AES-256-GCM, a random nonce
 * per value, and additional data that names table, column and row, so that a
 * sealed value copied to another row does not open there.
 */
#ifndef SO_CATALOG_SECRETS_H
#define SO_CATALOG_SECRETS_H

#include "base/buf.h"
#include "base/err.h"

struct catalog;

/* Make CATALOG_PATH.key (0600) with a new key; never overwrites one. */
int secrets_create(const char *catalog_path, struct err *err);
/* CATALOG_PATH.key; caller frees. */
char *secrets_path(const char *catalog_path);
/* Write a key file (0600, synced); never overwrites one (ERR_EXISTS). */
int secrets_write(const char *path, const unsigned char *key, struct err *err);
/* Read one into key[CATALOG_KEY_LEN]. Refuses a file that others may read or that belongs to somebody else. */
int secrets_read(const char *path, unsigned char *key, struct err *err);
/* Delete the key file of a catalog that was never finished. */
void secrets_remove(const char *catalog_path);

/* Append the sealed form of data to ret. place is "table.column:key". */
int secrets_seal(const struct catalog *c, const char *place, const void *data, size_t len,
    struct buf *ret, struct err *err);
/* Append the opened form; ERR_CORRUPT when the value was changed, moved or sealed with another key. Wipe ret after use. */
int secrets_open(const struct catalog *c, const char *place, const void *sealed, size_t len,
    struct buf *ret, struct err *err);

/* SHA-256 as 64 lower-case hex digits and NUL. */
int secrets_hash(const void *data, size_t len, char ret[65], struct err *err);

#endif
