/* SPDX-License-Identifier: MIT */
/*
 * What the scheduler's two files share. Pools (scheduler_pool.c): the workers
 * that satisfy one kind of wish, with a tournament tree that knows the best of
 * them. Lanes and folders (scheduler.c): who is next.
 */
#ifndef SO_EXEC_MASTER_SCHEDULER_PRIVATE_H
#define SO_EXEC_MASTER_SCHEDULER_PRIVATE_H

#include "base/heap.h"
#include "base/mem.h"
#include "exec/master/scheduler.h"

#define POOL_NONE UINT32_MAX

struct pool;

struct folder {
	int64_t id;
	int running;
	VEC(struct lane *) lanes;
};

struct lane {
	int64_t id;
	int priority;
	struct folder *folder;
	struct pool *pool;
	struct heap_node by_share, by_age; /* in the pool's heaps while it holds anything */
	int64_t head_since;                /* monotonic: since when it has got nothing */
	bool named;                        /* between scheduler_lanes_begin and _end */
	VEC(struct scheduler_item) items;
	size_t first;                      /* of the items that are left */
};

struct pool {
	char *key;        /* the wish, as text */
	bool local, any_worker;
	char *tags, *workers;
	size_t lanes;     /* that use it; without one it goes */
	uint32_t *members; /* numbers of workers, rising */
	size_t count, leaves;
	uint32_t *tree;   /* [1] = place in members of the best, POOL_NONE = nobody; leaves at the end */
	struct heap by_share, by_age;           /* its lanes */
	struct heap_node top_share, top_age;    /* in the scheduler's heaps while a worker is free and a lane waits */
};

/* Where a worker is a member. */
struct membership {
	struct pool *pool;
	size_t place;
};

struct worker {
	struct scheduler_worker facts; /* tags are our own copy */
	int passed;                    /* executions since the last overdue one */
	VEC(struct membership) pools;
};

struct scheduler {
	struct scheduler_rules rules;
	VEC(struct worker) workers;
	VEC(struct pool *) pools;
	VEC(struct lane *) lanes;     /* by id */
	VEC(struct folder *) folders; /* by id */
	struct heap by_share, by_age; /* pools that have a lane and a free worker */
};

/* --- scheduler_pool.c --- */
bool worker_open(const struct scheduler *s, const struct worker *worker);
/* The pool of a lane's wish, made when there is none yet. */
struct pool *pool_get(struct scheduler *s, const struct scheduler_lane *lane);
/* A lane less uses it. */
void pool_put(struct scheduler *s, struct pool *pool);
void pool_free(struct pool *pool);
/* Who is in it, from the workers of now. */
void pool_fill(struct scheduler *s, struct pool *pool);
/* A member's readiness or slots have changed. */
void pool_member_changed(const struct scheduler *s, struct pool *pool, size_t place);
/* Number of the best worker with a free slot, another than avoid where there is one; POOL_NONE when there is none. */
uint32_t pool_best(const struct scheduler *s, const struct pool *pool, const struct uuid *avoid);

/* --- scheduler.c --- */
/* A pool's best worker or first lane may be others now. */
void pool_changed(struct scheduler *s, struct pool *pool);

#endif
