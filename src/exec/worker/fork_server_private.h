/* SPDX-License-Identifier: MIT */
/* What the two sides of the fork server say to each other: the agent's (fork_server.c) and its own (fork_server_process.c). */
#ifndef SO_EXEC_WORKER_FORK_SERVER_PRIVATE_H
#define SO_EXEC_WORKER_FORK_SERVER_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "exec/worker/cgroup.h"

#define SERVER_FD 3  /* of the server: its requests; of a supervisor: its tasks */
#define REPORT_FD 4  /* the shared pipe */
#define REQUEST_MAX 16384
#define REQUEST_FDS 3
#define REQUEST_STRINGS 6

struct request {
	int64_t epoch, lease_ms, stamp, limit_ms, grace_ms;
	struct clock_steady clock;
	bool durable, has_spec;
	struct cgroup cgroup;
	/* Behind it REQUEST_STRINGS strings, each ended by a NUL. */
};

/* The ends that a new server gets of what connects it with the agent. */
struct their_ends {
	int socket, reports;
};

/* Be the server, in a fresh copy of the agent of which nothing stays open. */
_Noreturn void fork_server_be(const struct their_ends *theirs, int (*run_task)(int argc, char **argv));

#endif
