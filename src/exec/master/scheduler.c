/* SPDX-License-Identifier: MIT */
/*
 * Who is next. Every lane with something in it stands in two heaps of its
 * pool, by share (priority, the folder's running executions, age) and by how
 * long it has got nothing; every pool that has such a lane and a free worker
 * stands in two heaps of the scheduler by its first lanes. A pick looks at the
 * tops, and a change moves a few nodes.
 */
#include "exec/master/scheduler.h"

#include <stdlib.h>
#include <string.h>

#include "exec/master/scheduler_private.h"

/* --- orders --- */

static int64_t lane_head(const struct lane *lane)
{
	return lane->items.items[lane->first].execution_id;
}

static bool lane_empty(const struct lane *lane)
{
	return lane->first == lane->items.len;
}

static bool lane_before(const struct lane *a, const struct lane *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	if (a->folder->running != b->folder->running)
		return a->folder->running < b->folder->running;
	return lane_head(a) < lane_head(b);
}

static bool lane_older(const struct lane *a, const struct lane *b)
{
	if (a->head_since != b->head_since)
		return a->head_since < b->head_since;
	return lane_head(a) < lane_head(b);
}

static struct lane *share_lane(const struct heap_node *node)
{
	return heap_entry(node, struct lane, by_share);
}

static struct lane *age_lane(const struct heap_node *node)
{
	return heap_entry(node, struct lane, by_age);
}

static bool by_share(const struct heap_node *a, const struct heap_node *b)
{
	return lane_before(share_lane(a), share_lane(b));
}

static bool by_age(const struct heap_node *a, const struct heap_node *b)
{
	return lane_older(age_lane(a), age_lane(b));
}

static bool by_top_share(const struct heap_node *a, const struct heap_node *b)
{
	return by_share(heap_top(&heap_entry(a, struct pool, top_share)->by_share),
	    heap_top(&heap_entry(b, struct pool, top_share)->by_share));
}

static bool by_top_age(const struct heap_node *a, const struct heap_node *b)
{
	return by_age(heap_top(&heap_entry(a, struct pool, top_age)->by_age),
	    heap_top(&heap_entry(b, struct pool, top_age)->by_age));
}

/* --- keeping the heaps true --- */

/*
 * The pools' heaps compare the tops of the lanes' heaps, so a pool is out of
 * them while its lanes move: a heap must never look at a key in motion.
 */
static void pool_hide(struct scheduler *s, struct pool *pool)
{
	heap_drop(&s->by_share, &pool->top_share);
	heap_drop(&s->by_age, &pool->top_age);
}

void pool_changed(struct scheduler *s, struct pool *pool)
{
	if (!pool->by_share.len || pool->tree[1] == POOL_NONE) {
		pool_hide(s, pool);
		return;
	}
	heap_put(&s->by_share, &pool->top_share);
	heap_put(&s->by_age, &pool->top_age);
}

static void lane_hide(struct scheduler *s, struct lane *lane)
{
	pool_hide(s, lane->pool);
	heap_drop(&lane->pool->by_share, &lane->by_share);
	heap_drop(&lane->pool->by_age, &lane->by_age);
}

static void lane_show(struct scheduler *s, struct lane *lane)
{
	if (!lane_empty(lane)) {
		heap_put(&lane->pool->by_share, &lane->by_share);
		heap_put(&lane->pool->by_age, &lane->by_age);
	}
	pool_changed(s, lane->pool);
}

/* --- folders --- */

static struct folder *folder_get(struct scheduler *s, int64_t id)
{
	size_t low = 0, high = s->folders.len;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (s->folders.items[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < s->folders.len && s->folders.items[low]->id == id)
		return s->folders.items[low];
	struct folder *folder = xcalloc(1, sizeof(*folder));
	folder->id = id;
	vec_push(&s->folders, NULL);
	memmove(&s->folders.items[low + 1], &s->folders.items[low],
	    (s->folders.len - 1 - low) * sizeof(*s->folders.items));
	s->folders.items[low] = folder;
	return folder;
}

/* All its lanes get another place by share; those by age do not move. */
static void folder_change(struct scheduler *s, struct folder *folder, int change)
{
	for (size_t i = 0; i < folder->lanes.len; i++) {
		struct lane *lane = folder->lanes.items[i];
		if (lane_empty(lane))
			continue;
		heap_drop(&s->by_share, &lane->pool->top_share);
		heap_drop(&lane->pool->by_share, &lane->by_share);
	}
	folder->running += change;
	for (size_t i = 0; i < folder->lanes.len; i++) {
		struct lane *lane = folder->lanes.items[i];
		if (lane_empty(lane))
			continue;
		heap_drop(&s->by_share, &lane->pool->top_share);
		heap_put(&lane->pool->by_share, &lane->by_share);
		if (lane->pool->tree[1] != POOL_NONE)
			heap_put(&s->by_share, &lane->pool->top_share);
	}
}

void scheduler_folder_runs(struct scheduler *s, int64_t folder_id, int change)
{
	folder_change(s, folder_get(s, folder_id), change);
}

/* --- workers --- */

static void worker_changed(struct scheduler *s, struct worker *worker)
{
	for (size_t i = 0; i < worker->pools.len; i++) {
		struct pool *pool = worker->pools.items[i].pool;
		pool_member_changed(s, pool, worker->pools.items[i].place);
		pool_changed(s, pool);
	}
}

static bool same_worker(const struct scheduler_worker *a, const struct scheduler_worker *b)
{
	return memcmp(&a->id, &b->id, sizeof(a->id)) == 0 && a->local == b->local && strcmp(a->tags, b->tags) == 0;
}

static void free_workers(struct scheduler *s)
{
	for (size_t i = 0; i < s->workers.len; i++) {
		free((char *)s->workers.items[i].facts.tags);
		vec_release(&s->workers.items[i].pools);
	}
	s->workers.len = 0;
}

/* Other workers: who is in which pool is found anew. */
static void replace_workers(struct scheduler *s, const struct scheduler_worker *workers, size_t count)
{
	free_workers(s);
	for (size_t i = 0; i < count; i++) {
		struct worker worker = { .facts = workers[i] };
		worker.facts.tags = xstrdup(workers[i].tags);
		vec_push(&s->workers, worker);
	}
	for (size_t i = 0; i < s->pools.len; i++) {
		pool_fill(s, s->pools.items[i]);
		pool_changed(s, s->pools.items[i]);
	}
}

void scheduler_set_workers(struct scheduler *s, const struct scheduler_worker *workers, size_t count)
{
	bool same = count == s->workers.len;

	for (size_t i = 0; same && i < count; i++)
		same = same_worker(&s->workers.items[i].facts, &workers[i]);
	if (!same) {
		replace_workers(s, workers, count);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct worker *worker = &s->workers.items[i];
		const char *tags = worker->facts.tags;
		bool was_open = worker_open(s, worker);
		bool counts = worker->facts.slots != workers[i].slots || worker->facts.used != workers[i].used;
		worker->facts = workers[i];
		worker->facts.tags = tags;
		if (counts || was_open != worker_open(s, worker))
			worker_changed(s, worker);
	}
}

void scheduler_set_used(struct scheduler *s, size_t worker, int used)
{
	s->workers.items[worker].facts.used = used;
	worker_changed(s, &s->workers.items[worker]);
}

size_t scheduler_free_slots(const struct scheduler *s)
{
	size_t slots = 0;

	for (size_t i = 0; i < s->workers.len; i++) {
		const struct worker *worker = &s->workers.items[i];
		if (worker_open(s, worker))
			slots += (size_t)(worker->facts.slots - worker->facts.used);
	}
	return slots;
}

/* --- lanes --- */

/* Where the lane is, or would be. */
static size_t lane_place(const struct scheduler *s, int64_t id)
{
	size_t low = 0, high = s->lanes.len;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (s->lanes.items[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct lane *lane_find(const struct scheduler *s, int64_t id)
{
	size_t place = lane_place(s, id);

	return place < s->lanes.len && s->lanes.items[place]->id == id ? s->lanes.items[place] : NULL;
}

static struct lane *lane_add(struct scheduler *s, const struct scheduler_lane *facts)
{
	size_t place = lane_place(s, facts->lane_id);
	struct lane *lane = xcalloc(1, sizeof(*lane));

	lane->id = facts->lane_id;
	lane->priority = facts->priority;
	lane->folder = folder_get(s, facts->folder_id);
	lane->pool = pool_get(s, facts);
	if (!lane->pool->by_share.before) {
		lane->pool->by_share.before = by_share;
		lane->pool->by_age.before = by_age;
	}
	vec_push(&lane->folder->lanes, lane);
	vec_push(&s->lanes, NULL);
	memmove(&s->lanes.items[place + 1], &s->lanes.items[place],
	    (s->lanes.len - 1 - place) * sizeof(*s->lanes.items));
	s->lanes.items[place] = lane;
	return lane;
}

static void lane_free(struct scheduler *s, struct lane *lane)
{
	struct folder *folder = lane->folder;

	lane_hide(s, lane);
	pool_changed(s, lane->pool);
	for (size_t i = 0; i < folder->lanes.len; i++) {
		if (folder->lanes.items[i] == lane)
			folder->lanes.items[i] = folder->lanes.items[--folder->lanes.len];
	}
	pool_put(s, lane->pool);
	vec_release(&lane->items);
	free(lane);
}

void scheduler_lanes_begin(struct scheduler *s)
{
	for (size_t i = 0; i < s->lanes.len; i++)
		s->lanes.items[i]->named = false;
}

void scheduler_lanes_end(struct scheduler *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->lanes.len; i++) {
		if (s->lanes.items[i]->named)
			s->lanes.items[kept++] = s->lanes.items[i];
		else
			lane_free(s, s->lanes.items[i]);
	}
	s->lanes.len = kept;
}

void scheduler_set_lane(struct scheduler *s, const struct scheduler_lane *facts,
    const struct scheduler_item *items, size_t count, int64_t now_ms)
{
	struct lane *lane = lane_find(s, facts->lane_id);

	if (!lane) {
		lane = lane_add(s, facts);
		lane->head_since = now_ms;
	}
	lane_hide(s, lane);
	lane->named = true;
	lane->items.len = lane->first = 0;
	for (size_t i = 0; i < count; i++)
		vec_push(&lane->items, items[i]);
	lane_show(s, lane);
}

void scheduler_push(struct scheduler *s, int64_t lane_id, const struct scheduler_item *item, int64_t now_ms)
{
	struct lane *lane = lane_find(s, lane_id);
	size_t at;

	if (!lane)
		return;
	lane_hide(s, lane);
	if (lane_empty(lane)) {
		lane->items.len = lane->first = 0;
		lane->head_since = now_ms;
	}
	vec_push(&lane->items, *item);
	/* A retry goes back to its place, which is near the front. */
	for (at = lane->items.len - 1; at > lane->first && lane->items.items[at - 1].execution_id > item->execution_id; at--)
		lane->items.items[at] = lane->items.items[at - 1];
	lane->items.items[at] = *item;
	lane_show(s, lane);
}

bool scheduler_waiting(const struct scheduler *s)
{
	return s->lanes.len > 0;
}

bool scheduler_lane_open(const struct scheduler *s, const struct scheduler_lane *facts)
{
	const struct lane *lane = lane_find(s, facts->lane_id);

	return !lane || lane->pool->tree[1] != POOL_NONE;
}

void scheduler_drop_lane(struct scheduler *s, int64_t lane_id)
{
	size_t place = lane_place(s, lane_id);

	if (!lane_find(s, lane_id))
		return;
	lane_free(s, s->lanes.items[place]);
	s->lanes.len--;
	memmove(&s->lanes.items[place], &s->lanes.items[place + 1],
	    (s->lanes.len - place) * sizeof(*s->lanes.items));
}

/* --- picking --- */

static bool overdue(const struct scheduler *s, const struct lane *lane, int64_t now_ms)
{
	return now_ms - lane->head_since >= s->rules.patience_ms;
}

/* The lane that has waited longest of those that may run on this worker. */
static struct lane *oldest_for(const struct worker *worker)
{
	struct lane *oldest = NULL;

	for (size_t i = 0; i < worker->pools.len; i++) {
		const struct heap_node *top = heap_top(&worker->pools.items[i].pool->by_age);
		if (top && (!oldest || lane_older(age_lane(top), oldest)))
			oldest = age_lane(top);
	}
	return oldest;
}

/* Take the first execution of a lane for a worker. */
static void take(struct scheduler *s, struct lane *lane, uint32_t number, int64_t now_ms, struct scheduler_pick *ret)
{
	struct worker *worker = &s->workers.items[number];

	*ret = (struct scheduler_pick){ .item = lane->items.items[lane->first], .lane_id = lane->id,
		.folder_id = lane->folder->id, .worker = number };
	lane_hide(s, lane);
	lane->first++;
	lane->head_since = now_ms;
	ret->lane_is_empty = lane_empty(lane);
	lane_show(s, lane);
	folder_change(s, lane->folder, 1);
	worker->facts.used++;
	worker_changed(s, worker);
}

bool scheduler_next(struct scheduler *s, int64_t now_ms, struct scheduler_pick *ret)
{
	const struct heap_node *first = heap_top(&s->by_share), *eldest = heap_top(&s->by_age);

	if (!first)
		return false;
	struct lane *lane = share_lane(heap_top(&heap_entry(first, struct pool, top_share)->by_share));
	const struct lane *waits = age_lane(heap_top(&heap_entry(eldest, struct pool, top_age)->by_age));
	uint32_t number = pool_best(s, lane->pool, &lane->items.items[lane->first].last_worker);
	struct worker *worker = &s->workers.items[number];
	bool turn = overdue(s, waits, now_ms) && worker->passed >= SCHEDULER_TURNS - 1;

	if (turn) {
		struct lane *oldest = oldest_for(worker);
		turn = overdue(s, oldest, now_ms);
		lane = turn ? oldest : lane;
	}
	worker->passed = turn ? 0 : worker->passed < SCHEDULER_TURNS ? worker->passed + 1 : SCHEDULER_TURNS;
	take(s, lane, number, now_ms, ret);
	ret->overdue = turn;
	return true;
}

void scheduler_undo(struct scheduler *s, const struct scheduler_pick *pick)
{
	scheduler_folder_runs(s, pick->folder_id, -1);
	scheduler_set_used(s, pick->worker, s->workers.items[pick->worker].facts.used - 1);
}

/* --- life --- */

struct scheduler *scheduler_new(const struct scheduler_rules *rules)
{
	struct scheduler *s = xcalloc(1, sizeof(*s));

	s->rules = *rules;
	s->by_share.before = by_top_share;
	s->by_age.before = by_top_age;
	return s;
}

void scheduler_set_rules(struct scheduler *s, const struct scheduler_rules *rules)
{
	s->rules = *rules;
	for (size_t i = 0; i < s->workers.len; i++)
		worker_changed(s, &s->workers.items[i]);
}

void scheduler_free(struct scheduler *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->lanes.len; i++) {
		vec_release(&s->lanes.items[i]->items);
		free(s->lanes.items[i]);
	}
	for (size_t i = 0; i < s->folders.len; i++) {
		vec_release(&s->folders.items[i]->lanes);
		free(s->folders.items[i]);
	}
	for (size_t i = 0; i < s->pools.len; i++)
		pool_free(s->pools.items[i]);
	free_workers(s);
	vec_release(&s->workers);
	vec_release(&s->lanes);
	vec_release(&s->folders);
	vec_release(&s->pools);
	heap_release(&s->by_share);
	heap_release(&s->by_age);
	free(s);
}
