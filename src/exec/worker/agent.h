/* SPDX-License-Identifier: MIT */
/*
 * The worker agent: "scaleout-worker serve". Speaks doc/protocol.md on two
 * descriptors until the master closes them; the tasks run on.
 */
#ifndef SO_EXEC_WORKER_AGENT_H
#define SO_EXEC_WORKER_AGENT_H

#include <stddef.h>

#include "base/err.h"
#include "exec/worker/fork_server.h"

struct cgroup; /* cgroup.h */

struct agent_options {
	int in_fd, out_fd;
	const char *spool;   /* folder above the catalogs' spools, or NULL = the default */
	const char *runtime; /* program to run packages with, or NULL: the fork server's own */
	const char *version;
	struct fork_server server; /* started early, or FORK_SERVER_INIT; agent_serve owns it */
	const struct cgroup *cgroup; /* probed when wanted; NULL = not wanted */
	/* Write all parts of a project archive as files into an empty folder. */
	int (*unpack)(const void *data, size_t len, const char *folder, struct err *err);
};

/* Serve until end of file: 0, or negative after a fatal error, which the master was told too. */
int agent_serve(const struct agent_options *options, struct err *err);

#endif
