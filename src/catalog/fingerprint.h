/* SPDX-License-Identifier: MIT */
/* Host keys as people register and compare them: OpenSSH lines "type base64". */
#ifndef SO_CATALOG_FINGERPRINT_H
#define SO_CATALOG_FINGERPRINT_H

#include "base/buf.h"
#include "base/err.h"

struct sqlite3;

/* Check the lines of a HostKeys value (comments and blank lines are dropped) and append them in plain form. */
int host_keys_parse(const char *text, struct buf *ret, struct err *err);
/* Append "SHA256:..." of each line, LF between. */
void host_keys_fingerprints(const char *text, struct buf *ret);
/* Register so_fingerprints(text) for the views. */
int host_keys_register(struct sqlite3 *db);

#endif
