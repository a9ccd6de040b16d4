/* SPDX-License-Identifier: MIT */
/*
 * The part of ssh_config(5) that says how to reach a machine: Host (patterns,
 * negation), HostName, Port, User, IdentityFile, IdentitiesOnly, ProxyJump,
 * UserKnownHostsFile, Include. Match blocks (other than "Match all") are left
 * out, ProxyCommand is not used; notes say so where it matters.
 */
#ifndef SO_EXEC_SSH_CONFIG_H
#define SO_EXEC_SSH_CONFIG_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

struct ssh_config {
	char *host;     /* HostName, else the name asked for */
	int port;       /* 0 = not said */
	char *user;     /* "" = not said */
	char *identity; /* first IdentityFile that exists, "" = none */
	char *jump;     /* ProxyJump as written, "" = none */
	VEC(char *) known_hosts; /* files */
	struct buf notes;        /* what was left out, a line each */
};

/*
 * What the file says about a machine. file NULL: ~/.ssh/config, which need not
 * exist; "none": nothing is read. The first value found counts, as in ssh.
 * Release in every case.
 */
int ssh_config_read(const char *file, const char *name, struct ssh_config *ret, struct err *err);
void ssh_config_release(struct ssh_config *config);

#endif
