/* SPDX-License-Identifier: MIT */
/*
 * The supervisor: one small process per running task, made by the fork server,
 * which outlives the agent (doc/protocol.md §8).
 */
#ifndef SO_EXEC_WORKER_SUPERVISOR_H
#define SO_EXEC_WORKER_SUPERVISOR_H

#include <stdint.h>

#include "base/clock.h"
#include "exec/worker/spool.h"

struct cgroup; /* cgroup.h */

struct supervisor_job {
	const char *key;
	const char *runtime;      /* program to run packages with, or NULL: run_task */
	int (*run_task)(int argc, char **argv); /* scaleout-dtexec --task without a program of its own */
	const char *project_dir;  /* absolute */
	const char *boot_id;
	int spec_fd;              /* the specification, at its beginning; -1: only settle what was left */
	int64_t lease_ms, stamp;  /* 0 = no lease; stamp: contact known at the start */
	int64_t limit_ms;         /* how long the task may run, 0 = as it likes */
	int64_t grace_ms;         /* between TERM and KILL */
	struct clock_steady clock; /* the master's wall clock, which all times of the try show */
	const struct cgroup *cgroup; /* where the task is to be put; NULL = nowhere */
};

/*
 * What is left of a task: its result may not be on the disk. That is needed for a power cut before the master has
 * committed it, and mostly that takes the master less than writing takes the disk.
 */
struct supervisor_rest {
	int task; /* its folder, -1 = nothing is left */
	struct task_unsynced files;
};
#define SUPERVISOR_REST_NONE { -1, TASK_UNSYNCED_NONE }
#define SUPERVISOR_REST_MS 100 /* a master with much to do takes some tens to commit a result */

/*
 * Become a supervisor: a session, signals, sub-reaper. Once per process, which
 * has one thread and holds no descriptors but what it needs. Returns the
 * descriptor that supervisor_run wants: readable when a child has ended or
 * somebody asks us to end (SIGTERM); -1 with errno.
 */
int supervisor_prepare(void);

/*
 * Be the supervisor of a claimed task: take the latch, run it or settle what a
 * dead supervisor left, write the result, which ret tells of. Closes job->spec_fd as soon as the
 * runtime has it. Returns whether the process may take another task: the package ran and ended by itself, and
 * nothing that it said was read; else the process is to end.
 */
bool supervisor_run(int signals, struct spool *spool, const struct supervisor_job *job, struct supervisor_rest *ret);

/*
 * After supervisor_run, with the same spool and job, SUPERVISOR_REST_MS later or when the process is to do
 * anything else: brings the result to the disk, where it must last and the master has not taken it since.
 */
void supervisor_finish(struct spool *spool, const struct supervisor_job *job, struct supervisor_rest *rest);

#endif
