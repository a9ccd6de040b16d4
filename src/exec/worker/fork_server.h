/* SPDX-License-Identifier: MIT */
/*
 * The fork server: a small process beside the agent from which supervisors,
 * and through them packages, are forked (doc/protocol.md §8). Starting a
 * program costs more than running a small package: loading, linking and, in a
 * virtual machine, some fifty trapped CPUID instructions. The fork server pays
 * that once per agent. It never holds a task's secrets, because it only passes
 * descriptors on; so nothing of one task is in the memory of another.
 *
 * It is a copy of the agent from before it has read anything; or, when somebody
 * killed that one, this program again, started with FORK_SERVER_COMMAND. It ends
 * when the agent does.
 */
#ifndef SO_EXEC_WORKER_FORK_SERVER_H
#define SO_EXEC_WORKER_FORK_SERVER_H

#include <sys/types.h>

#include "exec/worker/spool.h"
#include "exec/worker/supervisor.h"

#define FORK_SERVER_COMMAND "fork-server"

struct fork_server {
	pid_t pid;  /* 0 when none runs */
	int socket; /* ours of the pair, -1 when none runs */
};
#define FORK_SERVER_INIT { 0, -1 }

/*
 * Fork the server off, first thing in main(): before anything was opened or
 * read, with one thread. Does nothing where the stack has no room for a cookie
 * or the system refuses: the first start makes one then. argc, argv: main()'s.
 */
void fork_server_early(struct fork_server *server, int argc, char **argv,
    int (*run_task)(int argc, char **argv));

/*
 * Start a supervisor for a claimed task as a child of the calling process;
 * starts the server first where none runs (any more). Takes no ownership.
 * Returns its process id, or -1 with errno. After a failure a supervisor may
 * nevertheless run: the task's lock tells. One thread only.
 */
pid_t fork_server_supervise(struct fork_server *server, const struct spool *spool,
    const struct supervisor_job *job);

/*
 * Close the connection: the server ends (or has ended, and was waited for), what
 * it started runs on, and the next start makes a new one.
 */
void fork_server_stop(struct fork_server *server);

/*
 * Be the fork server: main() of FORK_SERVER_COMMAND. Returns the exit status.
 * run_task: what a package runs in when a job names no program, with the
 * arguments of scaleout-dtexec --task; its return value is the exit status.
 */
int fork_server_main(int argc, char **argv, int (*run_task)(int argc, char **argv));

#endif
