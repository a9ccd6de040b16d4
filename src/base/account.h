/* SPDX-License-Identifier: MIT */
/*
 * The account this process runs under, as programs on worker machines see it.
 * Looked up in /etc/passwd and, for an account that is kept elsewhere (LDAP,
 * SSSD), in the environment that sshd or systemd made from it; not through the
 * system's name service, which a statically linked program cannot load.
 */
#ifndef SO_BASE_ACCOUNT_H
#define SO_BASE_ACCOUNT_H

struct account {
	const char *name; /* the number as text when nobody knows the name */
	const char *home; /* absolute; "/" when nobody knows it */
};

/* The effective user's; read once per process, never NULL. Any thread. */
const struct account *account_self(void);

#endif
