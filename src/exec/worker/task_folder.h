/* SPDX-License-Identifier: MIT */
/*
 * One task's folder in the spool (doc/protocol.md §7): its state as the lock
 * and the files tell it, its marks, its result. A folder is named by a
 * descriptor, so that what is done to it is done to that folder.
 */
#ifndef SO_EXEC_WORKER_TASK_FOLDER_H
#define SO_EXEC_WORKER_TASK_FOLDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "exec/protocol.h"

#define RESULT_RESERVED 4096 /* bytes set aside for the result at the claim */

struct spool;

/* Fill a new folder with what a claim needs: job's text, the reserved result and the rest. */
int task_folder_fill(int task_fd, const char *job, struct err *err);
/* Give an emptied folder another job. */
int task_folder_rejob(int task_fd, const char *job, struct err *err);
/* Make an ended task's folder as it was when it was claimed; false when it holds anything unusual. */
bool task_folder_reset(int task_fd);

/* What the files and the lock of a task say. */
struct task_status {
	bool locked, started, cancel, ended;
};
void task_status_read(int task_fd, struct task_status *ret);
/* The same for who holds the lock: ret->locked is true. */
void task_status_of_ours(int task_fd, struct task_status *ret);

/* Mark a task as started, durably where wanted: text becomes its file "started". 0 or -1 with errno. */
int task_mark_started(const struct spool *spool, int task_fd, const char *text);

/* Small text files of a task. Read returns a new string or NULL when absent. */
char *task_file_read(int task_fd, const char *name, size_t max);
/* Ask for a stop, durably, and wake the supervisor. */
int task_cancel(const struct spool *spool, int task_fd, struct err *err);
/* Ask for a dump of the running package: the supervisor signals the runtime. Not durable: the master asks again. */
int task_want_dump(int task_fd, struct err *err);
/* Whether one was asked for; forgets it. */
bool task_dump_wanted(int task_fd);
/* Wake the supervisor of a task to look at its cancel file; harmless when there is none. */
void task_wake(int task_fd);

/* What a supervisor knows at the end. */
struct task_result {
	const char *key; /* of the task: a folder is used again, and a power cut may bring back what it held before */
	enum task_outcome outcome;
	int exit_code, signal;
	int64_t time; /* ticks */
	const char *reason; /* "" = none; cut to fit the reserved block */
};

/* The result, read and held against the task's key and its event log; NULL (with the cause) when it cannot be true. */
json_t *task_result_read(int task_fd, const char *key, const char **ret_why);
/* A published result and the events before it, held open because they may not be on the disk; -1 = none. */
struct task_unsynced {
	int events, result;
};
#define TASK_UNSYNCED_NONE { -1, -1 }

/*
 * Fill the reserved block and publish it, then let go of the lock (lock_fd is
 * closed): the folder may be given to another task as soon as its result is
 * known. Nothing waits for the disk yet; ret is for task_result_sync or
 * task_unsynced_close.
 */
int task_result_write(int task_fd, int lock_fd, const struct task_result *result, struct task_unsynced *ret,
    struct err *err);
/* Bring a result to the disk, its events first. 0 or -1 with errno. */
int task_result_sync(const struct task_unsynced *files);
void task_unsynced_close(struct task_unsynced *files);

#endif
