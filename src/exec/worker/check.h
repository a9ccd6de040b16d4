/* SPDX-License-Identifier: MIT */
/*
 * "scaleout-worker check": what this machine and account are and can do, as
 * one JSON object (doc/protocol.md §9).
 */
#ifndef SO_EXEC_WORKER_CHECK_H
#define SO_EXEC_WORKER_CHECK_H

#include <jansson.h>

#include "exec/worker/cgroup.h"

struct check_options {
	const char *spool;   /* NULL = the default */
	const char *runtime; /* program to try, NULL = there is none */
	bool built_in;       /* packages are run without that program */
	const char *version;
	const struct cgroup *cgroup; /* probed */
	bool allow_root;
};

/* A new object. *ret_good: nothing that a worker needs is missing. */
json_t *check_machine(const struct check_options *options, bool *ret_good);

#endif
