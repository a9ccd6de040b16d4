/* SPDX-License-Identifier: MIT */
/* SSH host keys as text: lines "type base64", SHA256 fingerprints, comparison. */
#ifndef SO_EXEC_HOSTKEY_H
#define SO_EXEC_HOSTKEY_H

#include <stdbool.h>
#include <stddef.h>

#define FINGERPRINT_SIZE 52 /* "SHA256:" and 43 characters */

/* "type base64" of a key blob; NULL when it is not one. Caller frees. */
char *hostkey_line(const void *blob, size_t len);
/* "SHA256:...", as ssh-keygen -l prints it. */
void hostkey_fingerprint(const void *blob, size_t len, char text[FINGERPRINT_SIZE]);
/* Whether one of the lines is this key. */
bool hostkey_accepted(const char *lines, const void *blob, size_t len);
/* Fingerprints of all lines, ", " between; caller frees. */
char *hostkey_fingerprints(const char *lines);
/* Whether keys of that type are used at all, by hosts and to log in (RSA as the library signs it is SHA-1 and refused). */
bool hostkey_type_good(const char *type);
/*
 * The algorithms to offer, best first and comma between: those of the lines,
 * or (no lines) all that are good enough. NULL when no line has a usable type.
 * Caller frees.
 */
char *hostkey_methods(const char *lines);

#endif
