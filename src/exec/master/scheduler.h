/* SPDX-License-Identifier: MIT */
/*
 * Which waiting execution goes to which worker next: a pure data structure
 * without clock, catalog or network, so that it can be tested with any number
 * of invented workers.
 *
 * Executions wait in lanes (catalog/queue.h): a lane holds what one folder
 * asks for at one priority of the same workers, oldest first. A pick is
 *  - of the lanes that some worker has a free slot for, the highest priority;
 *  - of these, a lane of the folder that runs the fewest executions now;
 *  - of these, the lane whose first execution is the oldest;
 *  - on the allowed worker with the largest free share of its slots (then the
 *    most free slots, then the first); for a retry another than before, where
 *    one has a free slot.
 * So that nothing starves: a lane that has got nothing for patience_ms is
 * overdue, and of SCHEDULER_TURNS executions that a worker gets, one is of
 * the lane that waits longest of the overdue ones which may run there.
 *
 * Cost: O(log workers + log lanes) per pick, and per change of a worker that
 * times the kinds of wishes (pools) the worker is in.
 */
#ifndef SO_EXEC_MASTER_SCHEDULER_H
#define SO_EXEC_MASTER_SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

#define SCHEDULER_TURNS 4

struct scheduler;

struct scheduler_rules {
	int64_t patience_ms;    /* a lane without a start for so long is overdue */
	int max_cpu_percent;    /* a worker busier than this gets nothing (TaskRequestMaxCPU); 100 = never mind */
	int64_t min_memory_kb;  /* one with less memory available gets nothing (TaskRequestMinMemory) */
};

/* The limit that keeps new work from a worker of this load: "CPU", "memory" or NULL. */
const char *scheduler_held_back(const struct scheduler_rules *rules, int cpu_percent, int64_t memory_kb);

struct scheduler_worker {
	struct uuid id;
	bool ready;        /* enabled, online, not blocked, not resting after a refusal */
	bool local;        /* the built-in worker of Server mode */
	int slots, used;
	int cpu_percent;   /* as it reported last; -1 = unknown, which is no reason to refuse */
	int64_t memory_kb; /* the same, available */
	const char *tags;  /* words; borrowed, copied */
};

struct scheduler_lane {
	int64_t lane_id, folder_id;
	int priority;
	bool local;          /* Server mode: only the built-in worker */
	bool any_worker;
	const char *tags;    /* words a worker must have; "" = none; borrowed, copied */
	const char *workers; /* ids, comma between, when !any_worker; borrowed, copied */
};

struct scheduler_item {
	int64_t execution_id;
	int attempt;
	bool retries_left;
	int time_limit_s;
	struct uuid last_worker; /* of the try before; zero for the first */
};

struct scheduler_pick {
	struct scheduler_item item;
	int64_t lane_id, folder_id;
	size_t worker;     /* its number */
	bool overdue;      /* it was its lane's turn because it had waited so long */
	bool lane_is_empty; /* that was the last one known of its lane */
};

struct scheduler *scheduler_new(const struct scheduler_rules *rules);
void scheduler_free(struct scheduler *s);
void scheduler_set_rules(struct scheduler *s, const struct scheduler_rules *rules);

/*
 * All workers; their numbers are their places in the table. Cheap when only
 * readiness, slots or load differ from the last call; other ids or tags
 * make everything anew.
 */
void scheduler_set_workers(struct scheduler *s, const struct scheduler_worker *workers, size_t count);
/* The number of used slots of one worker. */
void scheduler_set_used(struct scheduler *s, size_t worker, int used);
/* An execution of a folder has begun (1) or ended (-1) to take up a slot. */
void scheduler_folder_runs(struct scheduler *s, int64_t folder_id, int change);

/*
 * Begin to tell what waits: until scheduler_lanes_end, every lane that has
 * something is named; one that is not named has nothing.
 */
void scheduler_lanes_begin(struct scheduler *s);
void scheduler_lanes_end(struct scheduler *s);
/*
 * What waits in a lane instead of what was known: items in order of their
 * ids; none when something waits but need not be known now. now_ms: monotonic.
 */
void scheduler_set_lane(struct scheduler *s, const struct scheduler_lane *lane,
    const struct scheduler_item *items, size_t count, int64_t now_ms);
/* One more for a lane that is known. */
void scheduler_push(struct scheduler *s, int64_t lane_id, const struct scheduler_item *item, int64_t now_ms);

/* Whether any lane is known: something waits, though it may not be able to start. */
bool scheduler_waiting(const struct scheduler *s);
/* Nothing waits in a lane any more. */
void scheduler_drop_lane(struct scheduler *s, int64_t lane_id);

/* Whether any allowed worker has a free slot for something of this lane; what it holds does not matter. */
bool scheduler_lane_open(const struct scheduler *s, const struct scheduler_lane *lane);
/* Free slots of all workers that may get work. */
size_t scheduler_free_slots(const struct scheduler *s);

/* The next pick; false when nothing can start. The slot is taken and the folder's share raised. */
bool scheduler_next(struct scheduler *s, int64_t now_ms, struct scheduler_pick *ret);
/* A pick that came to nothing (the execution had been stopped): its slot is free again. */
void scheduler_undo(struct scheduler *s, const struct scheduler_pick *pick);

#endif
