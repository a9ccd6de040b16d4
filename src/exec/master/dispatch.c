/* SPDX-License-Identifier: MIT */
/*
 * From the catalog's queue to workers: tells the scheduler who is free and
 * what waits, lane by lane, and opens the tries it picks. Of a lane only the
 * first few are read, and more when these are gone; so a look costs by the
 * number of lanes and of free slots, not by the length of the queue.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "exec/master/master_private.h"

#define PAGE_MIN 4      /* of a lane */
#define PAGE_MAX 256
#define PICKS_MAX 1000  /* of one look; the next turn goes on */

/* The lanes of one look. */
struct look {
	struct queue_lanes lanes;
	bool *done;          /* nothing is left in it */
	size_t page;
	int64_t now, now_ms; /* ticks; monotonic */
};

struct scheduler_rules dispatch_rules_of(const struct master_options *o)
{
	return (struct scheduler_rules){ .patience_ms = o->patience_ms, .max_cpu_percent = o->max_cpu_percent,
		.min_memory_kb = o->min_memory_mb < 0 ? 0 : (int64_t)o->min_memory_mb * 1024 };
}

void dispatch_init(struct master *master)
{
	struct scheduler_rules rules = dispatch_rules_of(&master->options);

	master->scheduler = scheduler_new(&rules);
}

void dispatch_rules(struct master *master)
{
	struct scheduler_rules rules = dispatch_rules_of(&master->options);

	scheduler_set_rules(master->scheduler, &rules);
}

static void tell_workers(struct master *master)
{
	struct scheduler_worker *table = xcalloc(master->links.len + 1, sizeof(*table));
	int64_t now = clock_mono_ms();

	for (size_t i = 0; i < master->links.len; i++) {
		const struct link *link = master->links.items[i];
		table[i] = (struct scheduler_worker){ .id = link->worker.id, .ready = link_ready(link, now),
			.local = link->local, .slots = link->worker.slots, .used = (int)link->flights.len,
			.cpu_percent = link->cpu_percent, .memory_kb = link->memory_free_kb,
			.tags = link->worker.tags };
	}
	scheduler_set_workers(master->scheduler, table, master->links.len);
	free(table);
}

/* Read what waits in a lane behind an id; false when the catalog failed. */
static bool read_lane(struct master *master, struct look *look, size_t number, int64_t after)
{
	const struct queue_lane *l = &look->lanes.items[number];
	struct scheduler_lane lane = { .lane_id = l->lane_id, .folder_id = l->folder_id, .priority = l->priority,
		.local = l->local, .any_worker = l->any_worker, .tags = l->tags, .workers = l->workers };
	VEC(struct scheduler_item) items = { 0 };
	struct queue_items rows = { 0 };
	struct err err = { 0 };

	if (scheduler_lane_open(master->scheduler, &lane)) {
		if (queue_pending(master->options.catalog, l->lane_id, after, look->now, look->page, &rows, &err) < 0)
			return master_catalog_failed(master, &err);
		look->done[number] = rows.len < look->page;
	}
	for (size_t i = 0; i < rows.len; i++) {
		struct scheduler_item item = { .execution_id = rows.items[i].execution_id,
			.attempt = rows.items[i].attempt, .retries_left = rows.items[i].retries_left,
			.time_limit_s = rows.items[i].time_limit_s, .last_worker = rows.items[i].last_worker };
		vec_push(&items, item);
	}
	queue_items_release(&rows);
	if (items.len || !look->done[number])
		scheduler_set_lane(master->scheduler, &lane, items.items, items.len, look->now_ms);
	else
		scheduler_drop_lane(master->scheduler, l->lane_id);
	vec_release(&items);
	return true;
}

static bool read_lanes(struct master *master, struct look *look)
{
	struct err err = { 0 };
	bool ok = true;

	if (queue_lanes(master->options.catalog, &look->lanes, &err) < 0 ||
	    queue_next_time(master->options.catalog, look->now, &master->not_before, &err) < 0)
		return master_catalog_failed(master, &err);
	look->done = xcalloc(look->lanes.len + 1, sizeof(*look->done));
	look->page = look->lanes.len ? 2 * scheduler_free_slots(master->scheduler) / look->lanes.len : 0;
	if (look->page < PAGE_MIN)
		look->page = PAGE_MIN;
	if (look->page > PAGE_MAX)
		look->page = PAGE_MAX;
	scheduler_lanes_begin(master->scheduler);
	for (size_t i = 0; ok && i < look->lanes.len; i++)
		ok = read_lane(master, look, i, 0);
	scheduler_lanes_end(master->scheduler);
	return ok;
}

/* Lanes come by rising number. */
static size_t lane_number(const struct look *look, int64_t lane_id)
{
	size_t low = 0, high = look->lanes.len;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;
		if (look->lanes.items[middle].lane_id <= lane_id)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Commit before act: the try is opened in this turn's transaction, START goes out after it. */
static bool assign(struct master *master, const struct scheduler_pick *pick)
{
	struct link *link = master->links.items[pick->worker];
	struct err err = { 0 };
	int r = 0;

	bool writing = master_writing(master);
	if (writing)
		r = queue_assign(master->options.catalog, pick->item.execution_id, pick->item.attempt,
		    &link->worker.id, master->epoch, &err);
	if (!writing || r < 0) {
		scheduler_undo(master->scheduler, pick);
		return writing && (r == -ERR_BUSY || master_catalog_failed(master, &err));
	}
	struct flight *flight = flight_new(link, pick->item.execution_id, pick->item.attempt, pick->folder_id);
	flight->retries_left = pick->item.retries_left;
	flight->time_limit_s = pick->item.time_limit_s;
	return flight_start(link, flight);
}

/* After a pick that was the last one known of its lane: read on. */
static bool refill(struct master *master, struct look *look, const struct scheduler_pick *pick)
{
	size_t number = lane_number(look, pick->lane_id);

	if (!look->done[number])
		return read_lane(master, look, number, pick->item.execution_id);
	scheduler_drop_lane(master->scheduler, pick->lane_id);
	return true;
}

static void start_picks(struct master *master, struct look *look)
{
	struct scheduler_pick pick;
	bool ok = true;
	int picks = 0;

	while (ok && picks < PICKS_MAX && scheduler_next(master->scheduler, look->now_ms, &pick)) {
		picks++;
		master->count_overdue += pick.overdue;
		ok = assign(master, &pick) && (!pick.lane_is_empty || refill(master, look, &pick));
	}
	if (ok && picks == PICKS_MAX)
		master->look = true;
}

void dispatch(struct master *master)
{
	struct look look = { .now = clock_wall(), .now_ms = clock_mono_ms() };
	struct err err = { 0 };

	if (queue_paused(master->options.catalog, &master->paused, &err) < 0) {
		master_catalog_failed(master, &err);
		return;
	}
	/* A slot that gets free is looked at only when something may wait for it. */
	master->left = !master->paused;
	master->not_before = 0;
	tell_workers(master);
	if (master->paused || !scheduler_free_slots(master->scheduler))
		return;
	if (read_lanes(master, &look)) {
		start_picks(master, &look);
		master->left = scheduler_waiting(master->scheduler);
	}
	free(look.done);
	queue_lanes_release(&look.lanes);
}
