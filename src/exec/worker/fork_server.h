/* SPDX-License-Identifier: MIT */
/*
 * The fork server: a small process beside the agent from which supervisors,
 * and through them packages, are forked (doc/protocol.md §8). Starting a
 * program costs more than running a small package: loading, linking and, in a
 * virtual machine, some fifty trapped CPUID instructions. The fork server pays
 * that once per agent. Neither it nor a supervisor reads a task's secrets: they
 * only pass descriptors on; so nothing of one task is in the memory of another.
 *
 * A supervisor whose task has ended says so and waits for another one. The agent
 * keeps those for a moment: under load no supervisor is forked at all.
 *
 * The server is a copy of the agent from before it has read anything; or, when
 * somebody killed that one, this program again, started with FORK_SERVER_COMMAND.
 * It and the supervisors without a task end when the agent does.
 */
#ifndef SO_EXEC_WORKER_FORK_SERVER_H
#define SO_EXEC_WORKER_FORK_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/mem.h"
#include "exec/worker/spool.h"
#include "exec/worker/supervisor.h"

#define FORK_SERVER_COMMAND "fork-server"

struct pooled_supervisor {
	pid_t pid;
	int socket;          /* where it gets its tasks; closed, it ends */
	bool busy;           /* it has a task */
	bool owes;           /* the result of its last one may have to be brought to the disk */
	int64_t since_ms;    /* monotonic; when it had its last one */
	char key[TASK_KEY_SIZE]; /* of that */
};

struct fork_server {
	pid_t pid;   /* 0 when none runs */
	int socket;  /* ours of the pair, -1 when none runs */
	int reports; /* readable when a supervisor has become free: fork_server_next_free; -1 when none runs */
	VEC(struct pooled_supervisor) pool;
};
#define FORK_SERVER_INIT { .socket = -1, .reports = -1 }

/*
 * Fork the server off, first thing in main(): before anything was opened or
 * read, with one thread. Does nothing where the stack has no room for a cookie
 * or the system refuses: the first start makes one then. argc, argv: main()'s.
 */
void fork_server_early(struct fork_server *server, int argc, char **argv,
    int (*run_task)(int argc, char **argv));

/*
 * Give a claimed task to a supervisor, which is a child of the calling process:
 * to a free one that owes nothing, or to a new one; starts the server first where none runs (any
 * more). Takes no ownership. Returns its process id, or -1 with errno. After a
 * failure a supervisor may nevertheless run: the task's lock tells. One thread only.
 */
pid_t fork_server_supervise(struct fork_server *server, const struct spool *spool,
    const struct supervisor_job *job);

/* The next supervisor whose task has ended and that waits for another one; 0 when there is no news. */
pid_t fork_server_next_free(struct fork_server *server);

/* The master has taken the result of a task: whoever supervised it has nothing left to do about it. */
void fork_server_taken(struct fork_server *server, const char *key);

/* A child of ours has ended: forget it if it was the server or a supervisor. */
void fork_server_ended(struct fork_server *server, pid_t pid);

/* Let supervisors go that were free for a while; returns whether free ones are left. */
bool fork_server_trim(struct fork_server *server, int64_t now_ms);

/*
 * Close the connections: the server and free supervisors end, busy ones end
 * after their task, and the next start makes a new server.
 */
void fork_server_stop(struct fork_server *server);

/*
 * Be the fork server: main() of FORK_SERVER_COMMAND. Returns the exit status.
 * run_task: what a package runs in when a job names no program, with the
 * arguments of scaleout-dtexec --task; its return value is the exit status.
 */
int fork_server_main(int argc, char **argv, int (*run_task)(int argc, char **argv));

#endif
