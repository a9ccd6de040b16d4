/* SPDX-License-Identifier: MIT */
/* Choosing a worker. Shares are compared as fractions, crosswise, so that no rounding decides. */
#include "exec/master/scheduler.h"

#include <string.h>

static bool same_id(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool allowed(const struct queue_item *item, const struct scheduler_worker *worker)
{
	if (item->local || worker->local)
		return item->local && worker->local;
	for (size_t i = 0; !item->any_worker && i < item->worker_count; i++) {
		if (same_id(&item->workers[i], &worker->id))
			return true;
	}
	return item->any_worker;
}

/* Whether a is the better choice. */
static bool better(const struct scheduler_worker *a, const struct scheduler_worker *b,
    const struct uuid *avoid)
{
	bool a_before = same_id(&a->id, avoid), b_before = same_id(&b->id, avoid);
	long long a_free = a->slots - a->used, b_free = b->slots - b->used;

	if (a_before != b_before)
		return b_before;
	if (a_free * b->slots != b_free * a->slots)
		return a_free * b->slots > b_free * a->slots;
	return a_free > b_free;
}

size_t scheduler_choose(const struct queue_item *item, const struct scheduler_worker *workers, size_t count)
{
	size_t best = SCHEDULER_NONE;

	for (size_t i = 0; i < count; i++) {
		const struct scheduler_worker *worker = &workers[i];
		if (worker->ready && worker->used < worker->slots && allowed(item, worker) &&
		    (best == SCHEDULER_NONE || better(worker, &workers[best], &item->last_worker)))
			best = i;
	}
	return best;
}

size_t scheduler_free_slots(const struct scheduler_worker *workers, size_t count)
{
	size_t slots = 0;

	for (size_t i = 0; i < count; i++) {
		if (workers[i].ready && workers[i].used < workers[i].slots)
			slots += (size_t)(workers[i].slots - workers[i].used);
	}
	return slots;
}
