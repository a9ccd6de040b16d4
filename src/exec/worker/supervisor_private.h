/* SPDX-License-Identifier: MIT */
/* A supervisor's state, for its two files: the life of a task (supervisor.c), and its processes' beginning (supervisor_start.c). */
#ifndef SO_EXEC_WORKER_SUPERVISOR_PRIVATE_H
#define SO_EXEC_WORKER_SUPERVISOR_PRIVATE_H

#include "exec/worker/cgroup.h"
#include "exec/worker/supervisor.h"

struct supervisor {
	struct spool *spool;
	struct task_unsynced unsynced; /* the result, when it is written */
	const struct supervisor_job *job;
	char *cookie;
	int task, lock, ctl, signals; /* descriptors */
	int spec;                     /* the specification, until the runtime has it; then -1 */
	pid_t pid;                    /* of the runtime, its session and group */
	bool exited;
	int status;                   /* wait status of the runtime */
	enum task_outcome wanted;     /* why it is being ended, or TASK_EXITED */
	bool leftovers;               /* the runtime has ended, what it left is being ended */
	int64_t deadline_ms;          /* monotonic; when KILL is due, 0 = none */
	int64_t limit_ms;             /* monotonic; when its time limit is over, 0 = none */
	int64_t give_up_ms;           /* monotonic; when KILL has proved useless, 0 = not begun */
	enum cgroup_how how;          /* where the task was put */
	char group[80];               /* name of its control group */
	int memory;                   /* tells of the group's memory, -1 = not open */
	bool out_of_memory;           /* the kernel has ended a process of the task for its memory */
	bool plain;                   /* the runtime ended by itself, as a runtime does, and left nothing */
};

/* Start the runtime, whose process id is s->pid then, and close the specification; returns 0 or an errno. */
int supervisor_start_runtime(struct supervisor *s);

#endif
