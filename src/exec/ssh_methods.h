/* SPDX-License-Identifier: MIT */
/*
 * The algorithms we agree to, and an explanation when a machine offers none of
 * them: a connection never falls back to what is weak.
 */
#ifndef SO_EXEC_SSH_METHODS_H
#define SO_EXEC_SSH_METHODS_H

#include <stdbool.h>
#include <stddef.h>

/* One kind of algorithm: libssh2's LIBSSH2_METHOD_ number and the accepted names, best first and comma between. */
struct ssh_method {
	int number;
	const char *what, *names;
};
/* All but host keys, whose names depend on what is known of the machine. Ended by NULL names. */
extern const struct ssh_method ssh_methods[];

/*
 * The first bytes a server sent (its banner and its KEXINIT): what it lacks of
 * what we accept, in words; NULL when it lacks nothing or the bytes do not
 * tell. host_keys: names accepted as host keys. Caller frees.
 */
char *ssh_methods_missing(const void *bytes, size_t len, const char *host_keys);

#endif
