/* SPDX-License-Identifier: MIT */
/*
 * Values that a document protects with a password (levels 2 and 3,
 * spec/package.md §1.6).
 *
 * The ciphers need libcrypto, which scaleout-dtexec must not load: they live
 * in libpackage_protect.a. A program that links it calls
 * protect_use_libcrypto() once at its start; in all others values stay
 * encrypted, and a password given anyway is an error. User-key protection
 * (DPAPI) can never be opened here.
 */
#ifndef SO_PACKAGE_PROTECT_H
#define SO_PACKAGE_PROTECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "package/xml.h"

enum protect_cipher { PROTECT_3DES, PROTECT_AES256 };

/* One encrypted value, as bytes. */
struct protect_secret {
	enum protect_cipher cipher;
	const unsigned char *salt, *iv, *data;
	size_t salt_len, iv_len, data_len;
};

/* Decrypt into plain (padding removed). Returns 0 or -ERR_DENIED (bad padding), -ERR_INVALID (impossible sizes). */
typedef int protect_fn(const struct protect_secret *secret, const char *password, struct buf *plain,
    struct err *err);

/* Set the decryption for the whole process; called at start, before threads. */
void protect_set(protect_fn *decrypt);
/* In libpackage_protect.a: protect_set() with libcrypto's ciphers. */
void protect_use_libcrypto(void);

/* True for an element whose content is encrypted by whatever scheme. */
bool protect_is_secret(const struct xml_node *node);
/*
 * Decrypt every password-protected element of a document in place. Without
 * password nothing happens. A wrong password gives -ERR_DENIED.
 */
int protect_open(struct xml_doc *doc, const char *password, const char *what, struct err *err);

#endif
