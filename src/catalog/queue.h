/* SPDX-License-Identifier: MIT */
/*
 * The execution queue: what the master reads and writes. Every function is one
 * transaction unless it is between queue_batch_begin and queue_batch_commit
 * (one fsync for a whole turn of the event loop).
 *
 * Life cycle (ARCHITECTURE.md §5): created 1 -> pending 5 -> running 2 ->
 * 7 / 4 / 9 / 3 / 6, stopping 8 on the way to 3; a retry goes 2 -> 5 -> 2.
 * A try is a row of its own: assigned (its worker and the master's epoch
 * committed before START is sent) -> started -> ended.
 */
#ifndef SO_CATALOG_QUEUE_H
#define SO_CATALOG_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/uuid.h"
#include "catalog/catalog.h"

/*
 * Take mastership: raises and returns the epoch. Lower epochs can write
 * nothing through this header afterwards (ERR_DENIED); a handle that never
 * took one counts as epoch 0. Clean-up is in maintenance.h.
 */
int queue_take_epoch(struct catalog *catalog, int64_t *ret_epoch, struct err *err);

/* True when another connection has changed the catalog since the last call (PRAGMA data_version). */
bool queue_changed(struct catalog *catalog);

int queue_batch_begin(struct catalog *catalog, struct err *err);
int queue_batch_commit(struct catalog *catalog, struct err *err);
void queue_batch_rollback(struct catalog *catalog);

/* --- workers --- */

enum queue_worker_flags {
	QUEUE_WORKER_ENABLED = 1,
	QUEUE_WORKER_BLOCKED = 2, /* its host key changed; block_reason says more */
	QUEUE_WORKER_ALLOW_ROOT = 4,
	QUEUE_WORKER_CGROUP = 8 /* each task in a control group of its own */
};

struct queue_worker {
	struct uuid id;
	char *name;      /* DisplayName */
	char *host;      /* "" for a worker without SSH (tests) */
	int port;        /* 22 by default */
	char *user;      /* "" = the master's own user */
	char *identity;  /* path of a private key file, or "" for the agent only */
	char *host_keys; /* accepted keys, one OpenSSH line "type base64" each, LF between */
	char *program;   /* path of scaleout-worker on the machine, or "" = found by PATH and the usual places */
	unsigned flags;
	int slots;       /* executions at once, 1-1000 */
	char *tags;      /* words, as the administrator wrote them */
	char *spool;     /* spool folder on the machine, or "" = the default */
	char *jump_hosts; /* hops on the way, first one first: lines "[user@]host:port type base64[ identity]" */
	int memory_max_mb, cpu_max_percent; /* of a task's control group; 0 = no limit */
};
struct queue_workers {
	struct queue_worker *items;
	size_t len;
};
/* All registered workers, and (first) the built-in local worker of Server mode with the zero id, name "(local)". */
int queue_workers(struct catalog *catalog, struct queue_workers *ret, struct err *err);
void queue_workers_release(struct queue_workers *workers);

/* What HELLO said about a worker: kept in worker_agents (MachineName, UserAccount, LastOnlineTime ...). NULL text = unchanged. */
struct queue_worker_state {
	bool online;
	const char *machine_name, *user_account, *version, *os, *error; /* error: why it is offline, "" = none */
	int cpu_count;
	int64_t memory_kb;
	int running; /* tasks */
	bool load_known;
	int cpu_percent;        /* how busy its processors are; with load_known */
	int64_t memory_free_kb; /* available there; with load_known */
	const char *held_back;  /* "CPU" or "memory": the limit of the master that keeps work from it; NULL = none */
};
int queue_worker_seen(struct catalog *catalog, const struct uuid *id,
    const struct queue_worker_state *state, struct err *err);
/*
 * The id of the spool that a worker has now. When it had another one, its open
 * tries are marked: what is not found there proves nothing about them.
 */
int queue_worker_spool(struct catalog *catalog, const struct uuid *id, const char *spool_id, bool *ret_replaced,
    struct err *err);
/* Block a worker because its host key changed: both fingerprints go into the reason. */
int queue_worker_block(struct catalog *catalog, const struct uuid *id, const char *reason,
    struct err *err);

/* --- dispatching --- */

/*
 * A lane: what one folder asks for at one priority of the same workers. Its
 * number means the same for as long as something waits in it and a master lives.
 */
struct queue_lane {
	int64_t lane_id, folder_id; /* folder_id 0 = the folder has gone */
	int priority;               /* higher ones first; 0 = usual */
	bool local;                 /* Server mode: only the built-in worker */
	bool any_worker;
	char *tags;                 /* words a worker must have, lower case, comma between; "" = none */
	char *workers;              /* ids of the allowed workers when !any_worker, comma between */
};
struct queue_lanes {
	struct queue_lane *items;
	size_t len;
};
/* The lanes in which something waits; costs by their number, not by the length of the queue. */
int queue_lanes(struct catalog *catalog, struct queue_lanes *ret, struct err *err);
void queue_lanes_release(struct queue_lanes *lanes);

struct queue_item {
	int64_t execution_id;
	int attempt;             /* the try to start: 1, 2, ... */
	struct uuid last_worker; /* of the try before; zero for the first */
	bool retries_left;       /* further tries may follow this one: a lease applies (doc/protocol.md §5) */
	int time_limit_s;        /* of this try, 0 = none */
};
struct queue_items {
	struct queue_item *items;
	size_t len;
};
/*
 * What waits in a lane and may start at that time (ticks), oldest first, at
 * most max, with ids above after_id (0 = from the start).
 */
int queue_pending(struct catalog *catalog, int64_t lane_id, int64_t after_id, int64_t now, size_t max,
    struct queue_items *ret, struct err *err);
void queue_items_release(struct queue_items *items);
/* When the next of those that may not start before a later time may, in ticks; 0 = there are none. */
int queue_next_time(struct catalog *catalog, int64_t now, int64_t *ret, struct err *err);
/* How many executions are in each status, 1 to 9; costs nothing at any size. */
int queue_counts(struct catalog *catalog, int64_t ret[10], struct err *err);
/* Whether somebody has paused the queue: nothing new is to be given out. */
int queue_paused(struct catalog *catalog, bool *ret, struct err *err);

/*
 * Commit before act: open the try and give it to a worker. ERR_BUSY when the
 * execution is no longer pending (stopped, taken), the queue is paused or the
 * worker is disabled; ERR_DENIED when the epoch is stale.
 */
int queue_assign(struct catalog *catalog, int64_t execution_id, int attempt,
    const struct uuid *worker, int64_t epoch, struct err *err);
/* The task as JSON (package/taskspec.h) with secrets decrypted; wipe the buffer after use. */
int queue_task(struct catalog *catalog, int64_t execution_id, int attempt, struct buf *ret,
    char ret_project_hash[65], struct err *err);
/* The bytes of a project version by its hash (decrypted). */
int queue_project(struct catalog *catalog, const char *project_hash, struct buf *ret,
    struct err *err);

/* The worker has started the try: status 2, start_time, process id, machine facts. Repeating it changes nothing. */
struct queue_started {
	int64_t time; /* ticks, worker's clock */
	int process_id;
	const char *machine_name;
	int cpu_count;
	int64_t memory_total_kb, memory_free_kb, swap_total_kb, swap_free_kb;
};
int queue_started(struct catalog *catalog, int64_t execution_id, int attempt,
    const struct queue_started *started, struct err *err);

/*
 * Store event-log bytes of a try: whole lines of package/event.h, the first
 * with sequence number from_seq. Lines at or below the committed number are
 * skipped (so repeating is harmless); a gap is ERR_INVALID and stores nothing.
 * Sets the number to acknowledge.
 */
int queue_events(struct catalog *catalog, int64_t execution_id, int attempt, int64_t from_seq,
    const char *lines, size_t len, int64_t *ret_committed_seq, struct err *err);
/* Last committed sequence number of a try, 0 = none. */
int queue_committed_seq(struct catalog *catalog, int64_t execution_id, int attempt,
    int64_t *ret_seq, struct err *err);
/* A message of our own (message_source_type 20): "worker w1 unreachable since ...". */
int queue_note(struct catalog *catalog, int64_t execution_id, int message_type, const char *text,
    struct err *err);

enum queue_outcome {
	QUEUE_SUCCEEDED,  /* exit 0 */
	QUEUE_COMPLETED,  /* the package's result was Completion */
	QUEUE_FAILED,     /* exit 1, or could not load (4, 5, 6) */
	QUEUE_STOPPED,    /* cancelled by a stop */
	QUEUE_LOST,       /* started, ended without a result (killed, rebooted) */
	QUEUE_NOT_STARTED /* proved never started: goes back to pending under the same try number */
};
/*
 * End a try. Failed and lost tries go back to pending (5) with the next
 * attempt number while tries are left and no stop was asked; else the final
 * status. Repeating it changes nothing. Sets whether the execution is over.
 */
int queue_end(struct catalog *catalog, int64_t execution_id, int attempt,
    enum queue_outcome outcome, int exit_code, int64_t end_time, const char *reason,
    bool *ret_final, struct err *err);

/* Dump or other file that a try left on its worker, fetched to the master. */
int queue_dump(struct catalog *catalog, int64_t execution_id, int attempt, const char *path,
    struct err *err);

/* --- what is under way --- */

struct queue_try {
	int64_t execution_id;
	int attempt;
	struct uuid worker;
	int64_t epoch;
	bool started;        /* queue_started was committed */
	bool stopping;       /* status 8: a stop is wanted */
	bool spool_lost;     /* it was given to a spool that its worker no longer has */
	bool retries_left;   /* a lease applies (DESIGN §6) */
	int64_t folder_id;   /* whose share of the slots it takes */
	int time_limit_s;    /* 0 = none */
	int64_t committed_seq;
	int64_t start_time;  /* ticks, 0 = not started */
};
struct queue_tries {
	struct queue_try *items;
	size_t len;
};
/* All open tries (assigned or started, not ended), of one worker or (NULL) of all. */
int queue_open_tries(struct catalog *catalog, const struct uuid *worker, struct queue_tries *ret,
    struct err *err);
void queue_tries_release(struct queue_tries *tries);
/* Executions in status 8: those without an open try are ended as stopped (3) here; the others are returned to be cancelled. */
int queue_stopping(struct catalog *catalog, struct queue_tries *ret, struct err *err);

/*
 * Validations that run longer than VALIDATION_TIMEOUT get a message that says
 * so and are stopping (8) from now on. *ret_any: look at queue_stopping.
 */
int queue_end_late_validations(struct catalog *catalog, bool *ret_any, struct err *err);

/* Dumps of running executions that were asked for (create_execution_dump). */
struct queue_dump_request {
	int64_t execution_id;
	int attempt; /* that is under way */
	bool written; /* on the worker: to be fetched; else the worker is to be told */
};
struct queue_dump_requests {
	struct queue_dump_request *items;
	size_t len;
};
int queue_dump_requests(struct catalog *catalog, struct queue_dump_requests *ret, struct err *err);
void queue_dump_requests_release(struct queue_dump_requests *requests);
/* The files are here: who asked is told (queue_dump is called besides). */
int queue_dump_fetched(struct catalog *catalog, int64_t execution_id, struct err *err);

/* Record that the master is alive (LAST_ONLINE_TIME and the other master_properties). */
int queue_master_beat(struct catalog *catalog, const char *machine_name, int process_id,
    struct err *err);

#endif
