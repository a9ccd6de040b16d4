/* SPDX-License-Identifier: MIT */
/*
 * The worker's spool (doc/protocol.md §7): the folders, the fence against a
 * stale master, the claim of a task by one rename, and the state of a task as
 * its lock and files tell it. Everything goes through descriptors opened
 * without following links.
 */
#ifndef SO_EXEC_WORKER_SPOOL_H
#define SO_EXEC_WORKER_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "exec/protocol.h"
#include "exec/worker/task_folder.h"

#define SPOOL_POOL 64        /* emptied task folders kept for the next claims */

struct spool {
	char *path; /* absolute */
	int dir, tasks, staging, trash, projects; /* descriptors of the folders */
	int fence_lock, contact;
	int fence;              /* the file of the fence we raised, held open: another one has another inode */
	int64_t epoch, session; /* what it says */
	bool durable;           /* fsync claims, starts and results */
	char id[UUID_TEXT_LEN + 1];
	char *pool[SPOOL_POOL]; /* names in staging/ of emptied folders, made by this process only */
	int pooled;
};

/*
 * Open (making what is missing) the spool under base (NULL: path_state_home())
 * of a catalog and a worker. ERR_DENIED when a folder is not ours alone.
 */
int spool_open(const char *base, const struct uuid *catalog, const struct uuid *worker,
    struct spool *ret, struct err *err);
void spool_release(struct spool *spool);

/* Raise the fence to (epoch, session). ERR_DENIED when a higher or equal one is there. */
int spool_raise_fence(struct spool *spool, int64_t epoch, int64_t session, struct err *err);
/* Whether a higher fence than ours has been raised. */
bool spool_superseded(const struct spool *spool);

/* Whether somebody has deleted the spool under us. */
bool spool_deleted(const struct spool *spool);

/* The stamp (milliseconds of the boot-time clock) that the master returned last; it only rises. */
int64_t spool_clock_ms(void);
void spool_contact_write(struct spool *spool, int64_t stamp);
int64_t spool_contact_read(int contact_fd);

/*
 * Claim a key: publish a folder with job, the reserved result and the rest in
 * one rename. 0 claimed; ERR_EXISTS: claimed before; ERR_DENIED: superseded
 * by another master; ERR_IO: no room or no right, and nothing is left behind.
 */
int spool_claim(struct spool *spool, const char *key, const char *job, struct err *err);

/* Open a task's folder; -1 with errno. */
int spool_task_open(const struct spool *spool, const char *key);
/* Whether a folder is (still) that of the key: it may have been emptied and given to another. */
bool spool_task_is(const struct spool *spool, const char *key, int task_fd);

/*
 * Move an ended task away from tasks/. task_fd is its folder: where nothing
 * unusual is in it, it is emptied and kept for a later claim, because making and
 * deleting ten inodes per task costs more than running it. Else it goes to
 * the trash (true), which spool_trash_empty deletes.
 */
bool spool_forget(struct spool *spool, const char *key, int task_fd);
/* Delete at most max things from trash and stale staging folders; true when more is left. */
bool spool_trash_empty(struct spool *spool, int max);

#endif
