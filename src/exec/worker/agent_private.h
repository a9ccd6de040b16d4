/* SPDX-License-Identifier: MIT */
/*
 * What the files of the agent share: agent.c (loop, requests), agent_task.c (tasks),
 * agent_tell.c (what is told of them), agent_project.c (projects), agent_unpack.c (unpacking them).
 */
#ifndef SO_EXEC_WORKER_AGENT_PRIVATE_H
#define SO_EXEC_WORKER_AGENT_PRIVATE_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/mem.h"
#include "exec/protocol.h"
#include "exec/worker/agent.h"
#include "exec/worker/facts.h"
#include "exec/worker/fork_server.h"
#include "exec/worker/spool.h"

#define AGENT_OUT_HIGH ((size_t)2 * 1024 * 1024) /* no more events are read while this much waits to be sent */
#define TASK_WINDOW ((size_t)1024 * 1024)        /* bytes of events sent and not acknowledged, per task */
#define TASK_BATCHES 16

struct unpacker;

struct task {
	char key[TASK_KEY_SIZE];
	int dir;             /* its folder */
	int watch;           /* inotify watch, or -1 */
	pid_t supervisor;    /* our child, 0 when there is none */
	int64_t given_ms;    /* when the supervisor got it */
	int64_t settled_ms;  /* when a settling supervisor was forked last */
	bool tailing;        /* the master wants events and the result */
	bool dirty;          /* look at it in this turn */
	bool started_sent, result_sent;
	int events;          /* event log while tailing, or -1 */
	off_t offset;        /* of the next line to send */
	int64_t next_seq;    /* its sequence number */
	struct {
		int64_t to;
		size_t bytes;
	} sent[TASK_BATCHES]; /* sent and not acknowledged, oldest first */
	size_t sent_count, sent_bytes;
};

struct agent {
	const struct agent_options *options;
	struct frame_reader in;
	struct buf out;
	size_t out_pos; /* bytes of out that were written */
	bool greeted, ended;
	struct spool spool;
	struct facts facts;
	int64_t facts_ms;
	struct fork_server server;
	int inotify, signals;
	VEC(struct task *) tasks;
	int64_t dirty_ms;   /* since when a task is dirty, 0 = none is */
	int64_t sweep_ms;   /* when every task was looked at last */
	bool trash;         /* something waits to be deleted */
	bool spare;         /* supervisors without a task wait */
	char *incoming;     /* hash of the project that arrives, or NULL */
	int incoming_fd;
	VEC(struct unpacker *) unpackers; /* projects being unpacked */
};

/* Queue a frame; takes the head. */
void agent_send(struct agent *agent, json_t *head, const void *blob, size_t blob_len);
void agent_send_refused(struct agent *agent, const char *member, const char *value, const struct err *why);
/* Facts, with memory figures at most a second old. */
const struct facts *agent_facts(struct agent *agent);

/* --- agent_task.c --- */
struct task *agent_task_find(struct agent *agent, const char *key);
/* Take over every task in the spool. */
void agent_tasks_adopt(struct agent *agent);
void agent_tasks_free(struct agent *agent);
/* Requests about tasks. */
void agent_on_start(struct agent *agent, const struct frame *frame);
void agent_on_list(struct agent *agent, const struct frame *frame);
void agent_on_tail(struct agent *agent, const struct frame *frame);
void agent_on_ack(struct agent *agent, const struct frame *frame);
void agent_on_done(struct agent *agent, const struct frame *frame);
void agent_on_cancel(struct agent *agent, const struct frame *frame);
void agent_on_fetch(struct agent *agent, const struct frame *frame);
void agent_on_dump(struct agent *agent, const struct frame *frame);
void agent_on_dumps(struct agent *agent, const struct frame *frame);
/* Something in the folder of this watch has changed. */
void agent_task_changed(struct agent *agent, int watch, const char *name);
/* A supervisor has ended, or has ended its task. */
void agent_supervisor_ended(struct agent *agent, pid_t pid);
/* Look at dirty tasks (all: at every task). */
void agent_tasks_pump(struct agent *agent, bool all);
int agent_tasks_running(const struct agent *agent);

/* The spool was deleted: end what still runs and tell all tasks as lost. False while something is left to end. */
bool agent_tasks_give_up(struct agent *agent);

/* --- agent_tell.c --- */
/* Members of STARTED from the task's file; false when it is not (wholly) there. */
bool agent_add_started(struct agent *agent, const struct task *task, json_t *object);
void agent_tell_started(struct agent *agent, struct task *task);
/* Send new event lines as the window allows; true when all that is there has been sent. */
bool agent_tell_events(struct agent *agent, struct task *task);
void agent_tell_result(struct agent *agent, struct task *task);
void agent_tell_dumps(struct agent *agent, const struct task *task);
/* Offset of the line with a sequence number (they are numbered from 1 without gaps), or -1. */
off_t agent_find_line(int fd, int64_t seq);

/* --- agent_project.c --- */
bool agent_project_held(const struct agent *agent, const char *hash);
/* Array of the hashes held. */
json_t *agent_project_list(const struct agent *agent);
/* Absolute folder of a project; caller frees. */
char *agent_project_path(const struct agent *agent, const char *hash);
/* The folder of all projects, to be closed; NULL when it cannot be read. */
DIR *agent_projects_open(const struct agent *agent);
void agent_on_put(struct agent *agent, const struct frame *frame);

/* --- agent_unpack.c --- */
/* Begin to unpack an archive of len bytes; HAVE or REFUSED is said when that has ended. archive stays the caller's. */
int agent_unpack_begin(struct agent *agent, const char *hash, int archive, size_t len, struct err *err);
/* A child of ours has ended; false when it was none of these. */
bool agent_unpack_ended(struct agent *agent, pid_t pid, int status);
/* Throw away what an agent before us left half unpacked. */
void agent_unpack_adopt(struct agent *agent);
void agent_unpack_free(struct agent *agent);

#endif
