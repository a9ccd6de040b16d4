/* SPDX-License-Identifier: MIT */
/*
 * Pools: the workers that satisfy one kind of wish. Each keeps a tournament
 * tree over its members, so the best one is known at any moment and a change
 * of one worker costs a walk to the root. Shares are compared as fractions,
 * crosswise, so that no rounding decides.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "exec/master/scheduler_private.h"

const char *scheduler_held_back(const struct scheduler_rules *rules, int cpu_percent, int64_t memory_kb)
{
	if (cpu_percent >= 0 && cpu_percent > rules->max_cpu_percent)
		return "CPU";
	if (memory_kb >= 0 && memory_kb < rules->min_memory_kb)
		return "memory";
	return NULL;
}

bool worker_open(const struct scheduler *s, const struct worker *worker)
{
	const struct scheduler_worker *w = &worker->facts;

	return w->ready && w->used < w->slots &&
	    (w->local || !scheduler_held_back(&s->rules, w->cpu_percent, w->memory_kb));
}

/* --- who is in --- */

/* Whether a word is in a list of words; blanks, commas and semicolons stand between. */
static bool has_word(const char *list, const char *word, size_t len)
{
	static const char between[] = " ,;\t\r\n";

	for (const char *at = list + strspn(list, between); *at; at += strspn(at, between)) {
		size_t here = strcspn(at, between);
		if (here == len && strncasecmp(at, word, len) == 0)
			return true;
		at += here;
	}
	return false;
}

static bool has_tags(const char *tags, const char *wanted)
{
	while (*wanted) {
		size_t len = strcspn(wanted, ",");
		if (len && !has_word(tags, wanted, len))
			return false;
		wanted += len + (wanted[len] == ',');
	}
	return true;
}

static bool listed(const char *workers, const struct uuid *id)
{
	char text[UUID_TEXT_LEN + 1];

	uuid_format(id, true, text);
	return has_word(workers, text, UUID_TEXT_LEN);
}

static bool allowed(const struct pool *pool, const struct scheduler_worker *worker)
{
	if (pool->local || worker->local)
		return pool->local && worker->local;
	return (pool->any_worker || listed(pool->workers, &worker->id)) && has_tags(worker->tags, pool->tags);
}

/* --- the tree --- */

/* The better one of two places; POOL_NONE loses to everyone. */
static uint32_t better(const struct scheduler *s, const struct pool *pool, uint32_t a, uint32_t b)
{
	if (a == POOL_NONE || b == POOL_NONE)
		return a == POOL_NONE ? b : a;
	const struct scheduler_worker *x = &s->workers.items[pool->members[a]].facts;
	const struct scheduler_worker *y = &s->workers.items[pool->members[b]].facts;
	long long x_free = x->slots - x->used, y_free = y->slots - y->used;
	if (x_free * y->slots != y_free * x->slots)
		return x_free * y->slots > y_free * x->slots ? a : b;
	if (x_free != y_free)
		return x_free > y_free ? a : b;
	return a < b ? a : b;
}

static void set_leaf(const struct scheduler *s, struct pool *pool, size_t place)
{
	bool open = worker_open(s, &s->workers.items[pool->members[place]]);

	pool->tree[pool->leaves + place] = open ? (uint32_t)place : POOL_NONE;
}

void pool_member_changed(const struct scheduler *s, struct pool *pool, size_t place)
{
	set_leaf(s, pool, place);
	for (size_t i = (pool->leaves + place) / 2; i >= 1; i /= 2)
		pool->tree[i] = better(s, pool, pool->tree[2 * i], pool->tree[2 * i + 1]);
}

void pool_fill(struct scheduler *s, struct pool *pool)
{
	VEC(uint32_t) members = { 0 };

	for (size_t i = 0; i < s->workers.len; i++) {
		struct worker *worker = &s->workers.items[i];
		if (!allowed(pool, &worker->facts))
			continue;
		struct membership membership = { pool, members.len };
		vec_push(&worker->pools, membership);
		vec_push(&members, (uint32_t)i);
	}
	free(pool->members);
	free(pool->tree);
	pool->members = members.items;
	pool->count = members.len;
	for (pool->leaves = 1; pool->leaves < pool->count;)
		pool->leaves *= 2;
	pool->tree = xreallocarray(NULL, 2 * pool->leaves, sizeof(*pool->tree));
	for (size_t i = 0; i < 2 * pool->leaves; i++)
		pool->tree[i] = POOL_NONE;
	for (size_t i = 0; i < pool->count; i++)
		set_leaf(s, pool, i);
	for (size_t i = pool->leaves; i-- > 1;)
		pool->tree[i] = better(s, pool, pool->tree[2 * i], pool->tree[2 * i + 1]);
}

/* The best of all but one place: the winners of the matches on its way to the root. */
static uint32_t best_but(const struct scheduler *s, const struct pool *pool, uint32_t place)
{
	uint32_t best = POOL_NONE;

	for (size_t i = pool->leaves + place; i > 1; i /= 2)
		best = better(s, pool, best, pool->tree[i ^ 1]);
	return best;
}

uint32_t pool_best(const struct scheduler *s, const struct pool *pool, const struct uuid *avoid)
{
	uint32_t best = pool->tree[1];

	if (best == POOL_NONE)
		return POOL_NONE;
	if (memcmp(&s->workers.items[pool->members[best]].facts.id, avoid, sizeof(*avoid)) == 0) {
		uint32_t other = best_but(s, pool, best);
		if (other != POOL_NONE)
			best = other;
	}
	return pool->members[best];
}

/* --- life --- */

struct pool *pool_get(struct scheduler *s, const struct scheduler_lane *lane)
{
	char *key = xasprintf("%d/%d/%s/%s", lane->local, lane->any_worker, lane->tags, lane->workers);
	struct pool *pool = NULL;

	for (size_t i = 0; i < s->pools.len && !pool; i++) {
		if (strcmp(s->pools.items[i]->key, key) == 0)
			pool = s->pools.items[i];
	}
	if (pool) {
		free(key);
	} else {
		pool = xcalloc(1, sizeof(*pool));
		pool->key = key;
		pool->local = lane->local;
		pool->any_worker = lane->any_worker;
		pool->tags = xstrdup(lane->tags);
		pool->workers = xstrdup(lane->workers);
		vec_push(&s->pools, pool);
		pool_fill(s, pool);
	}
	pool->lanes++;
	return pool;
}

void pool_free(struct pool *pool)
{
	free(pool->key);
	free(pool->tags);
	free(pool->workers);
	free(pool->members);
	free(pool->tree);
	heap_release(&pool->by_share);
	heap_release(&pool->by_age);
	free(pool);
}

static void leave(struct worker *worker, const struct pool *pool)
{
	for (size_t i = 0; i < worker->pools.len; i++) {
		if (worker->pools.items[i].pool == pool) {
			worker->pools.items[i] = worker->pools.items[--worker->pools.len];
			return;
		}
	}
}

void pool_put(struct scheduler *s, struct pool *pool)
{
	if (--pool->lanes)
		return;
	heap_drop(&s->by_share, &pool->top_share);
	heap_drop(&s->by_age, &pool->top_age);
	for (size_t i = 0; i < pool->count; i++)
		leave(&s->workers.items[pool->members[i]], pool);
	for (size_t i = 0; i < s->pools.len; i++) {
		if (s->pools.items[i] == pool)
			s->pools.items[i] = s->pools.items[--s->pools.len];
	}
	pool_free(pool);
}
