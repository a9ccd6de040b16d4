/* SPDX-License-Identifier: MIT */
/* What OpenSSH's known_hosts files say about a machine's key (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
#ifndef SO_EXEC_KNOWN_HOSTS_H
#define SO_EXEC_KNOWN_HOSTS_H

enum known_host {
	KNOWN_HOST_UNKNOWN, /* no line for it, or only with keys of other types */
	KNOWN_HOST_SAME,
	KNOWN_HOST_OTHER,   /* another key of the same type */
	KNOWN_HOST_REVOKED
};

/*
 * Look a key ("type base64") up in one file; an unreadable file knows nobody.
 * Names may be hashed, patterns and [host]:port; @cert-authority lines are
 * passed over. *ret_line is the number of the line that decided, if any.
 */
enum known_host known_hosts_check(const char *path, const char *host, int port, const char *key, int *ret_line);

#endif
