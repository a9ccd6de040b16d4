/* SPDX-License-Identifier: MIT */
/*
 * The master's turns: look at the queue, give executions to workers, commit,
 * send. See master_private.h for the rule of a turn. What is remembered here
 * is a copy of the catalog's truth and can be dropped at any moment.
 */
#include "exec/master/master.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "exec/master/master_private.h"

#define TICK_MS 100
#define REST_TICK_MS 500 /* of links at rest: pings of many go, and are answered, together */
#define LATE_MS 500           /* between two looks for validations that take too long */
#define WORKERS_MS 50         /* least time between two readings of the workers' rows */
#define DRAIN_MS 2000
#define PROBE_MS 250      /* after a failure of the catalog; doubled with each probe that fails */
#define PROBE_MAX_MS 1000
#define PROBE_BYTES (1 << 20) /* more than what one turn writes, mostly */
#define REST_FLIGHTS 64   /* open tries from which on turns are spaced */
#define REST_MAX_US 3000

static void set_defaults(struct master_options *o)
{
	struct {
		int *value;
		int otherwise;
	} defaults[] = { { &o->poll_ms, 30 }, { &o->ping_ms, 5000 }, { &o->watchdog_ms, 20000 },
		{ &o->lease_ms, 600000 }, { &o->margin_ms, 30000 }, { &o->grace_ms, 10000 },
		{ &o->upkeep_ms, 600000 }, { &o->patience_ms, 60000 }, { &o->max_cpu_percent, 100 },
		{ &o->min_memory_mb, 100 }, { &o->heartbeat_ms, 30000 },
		{ &o->worker_heartbeat_ms, 60000 } };

	for (size_t i = 0; i < ARRAY_LEN(defaults); i++) {
		if (*defaults[i].value == 0)
			*defaults[i].value = defaults[i].otherwise;
	}
}

/* --- the turn's transaction --- */

bool master_resting(const struct master *master)
{
	return master->resting;
}

static int beat(struct master *master, struct err *err)
{
	return queue_master_beat(master->options.catalog, master->host, (int)getpid(), err);
}

static void master_end(struct master *master, const struct err *err)
{
	if (master->ended)
		return;
	master->ended = true;
	master->options.ended(master->options.ctx, err);
}

/* The catalog takes no writes: nothing is done until a probe says otherwise. */
static void rest(struct master *master, const struct err *why)
{
	int64_t pause = (int64_t)PROBE_MS << (master->catalog_failures < 4 ? master->catalog_failures : 4);

	master->catalog_failures++;
	master->resting = true;
	master->trouble = *why;
	master->probe_ms = clock_mono_ms() + (pause < PROBE_MAX_MS ? pause : PROBE_MAX_MS);
}

/*
 * Whether a file beside the catalog could be written. After a failed turn the
 * catalog's own log has room for a small write, which would say nothing about the next turn.
 */
static int try_scratch(const struct master *master, struct err *err)
{
	char *folder = path_dirname(master->options.path), *bytes = xcalloc(1, PROBE_BYTES);
	int fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	int r = 0;

	/* A file system that has no files without a name says nothing; then the catalog itself is asked. */
	if (fd < 0 && errno != EOPNOTSUPP && errno != EISDIR)
		r = err_set_errno(err, errno, "nothing can be written in %s", folder);
	if (fd >= 0 && fd_write_full(fd, bytes, PROBE_BYTES) < 0)
		r = err_set_errno(err, errno, "nothing can be written in %s", folder);
	if (fd >= 0)
		close(fd);
	free(bytes);
	free(folder);
	return r;
}

/* Whether the catalog takes writes again; asked less and less often, but at least every PROBE_MAX_MS. */
static void probe_catalog(struct master *master, int64_t now)
{
	struct err err = { 0 };

	if (now < master->probe_ms)
		return;
	int r = try_scratch(master, &err);
	if (r == 0)
		r = beat(master, &err);
	if (r == -ERR_DENIED) {
		log_catalog(LOG_LEVEL_ERROR, err.code, "catalog: %s", err.primary);
		master_end(master, &err);
	} else if (r < 0) {
		rest(master, &err);
	} else {
		log_catalog(LOG_LEVEL_INFO, ERR_NONE, "the catalog takes writes again");
		err_clear(&master->trouble);
		master->resting = false;
		master->look = true;
		master->beat_ms = now;
		links_release(master);
	}
}

bool master_catalog_failed(struct master *master, const struct err *err)
{
	log_catalog(LOG_LEVEL_ERROR, err->code, "catalog: %s%s%s", err->primary, err->detail[0] ? ": " : "", err->detail);
	if (master->writing)
		queue_batch_rollback(master->options.catalog);
	master->writing = false;
	master->look = true;
	if (err->code == ERR_DENIED) {
		master_end(master, err);
		return false;
	}
	/* What was gathered in this turn was never committed: nothing of it may go out. */
	master->count_catalog_failures++;
	master->reload = true;
	rest(master, err);
	for (size_t i = 0; i < master->links.len; i++) {
		buf_wipe(&master->links.items[i]->out);
		link_reset(master->links.items[i], err);
	}
	return false;
}

bool master_writing(struct master *master)
{
	struct err err = { 0 };

	if (master->writing)
		return true;
	if (master->ended || master_resting(master))
		return false;
	master->turn_began_us = clock_mono_us();
	if (queue_batch_begin(master->options.catalog, &err) < 0)
		return master_catalog_failed(master, &err);
	master->writing = true;
	return true;
}

/* --- workers --- */

static struct link *find_link(const struct master *master, const struct uuid *id)
{
	for (size_t i = 0; i < master->links.len; i++) {
		if (memcmp(&master->links.items[i]->worker.id, id, sizeof(*id)) == 0)
			return master->links.items[i];
	}
	return NULL;
}

/* Rows that have gone: their links end once no try is open there. */
static void drop_gone_links(struct master *master)
{
	for (size_t i = master->links.len; i-- > 0;) {
		struct link *link = master->links.items[i];
		if (!link->gone || link->flights.len)
			continue;
		link_free(link);
		master->links.items[i] = master->links.items[--master->links.len];
	}
}

static bool read_workers(struct master *master)
{
	struct queue_workers workers;
	struct err err = { 0 };

	master->workers_ms = clock_mono_ms();
	if (queue_workers(master->options.catalog, &workers, &err) < 0)
		return master_catalog_failed(master, &err);
	for (size_t i = 0; i < master->links.len; i++)
		master->links.items[i]->gone = true;
	if (workers.len && master->options.local_slots)
		workers.items[0].slots = master->options.local_slots;
	for (size_t i = 0; i < workers.len; i++) {
		struct link *link = find_link(master, &workers.items[i].id);
		if (link) {
			link->gone = false;
			link_update(link, &workers.items[i]);
		} else {
			link = link_new(master, &workers.items[i], i == 0);
			vec_push(&master->links, link);
			if (!link_load_flights(link) || !link_worker_seen(link)) {
				queue_workers_release(&workers);
				return false;
			}
			link_tick(link, clock_mono_ms());
		}
	}
	queue_workers_release(&workers);
	drop_gone_links(master);
	master->workers_changed = false;
	return true;
}

/* --- looking at the queue --- */

/* Stops that are wanted: tell the workers, and end what was never sent. */
static bool look_at_stops(struct master *master)
{
	struct queue_tries tries;
	struct err err = { 0 };
	bool ok = true;

	if (!master_writing(master))
		return false;
	if (queue_stopping(master->options.catalog, &tries, &err) < 0)
		return master_catalog_failed(master, &err);
	for (size_t i = 0; ok && i < tries.len; i++) {
		struct link *link = find_link(master, &tries.items[i].worker);
		char key[TASK_KEY_SIZE];
		task_key_format(tries.items[i].execution_id, tries.items[i].attempt, key);
		struct flight *flight = link ? flight_find(link, key) : NULL;
		if (flight)
			ok = flight_cancel(link, flight);
	}
	queue_tries_release(&tries);
	return ok;
}

/* After a failure of the catalog, what was in memory may never have been committed. */
static bool reload_flights(struct master *master)
{
	for (size_t i = 0; i < master->links.len; i++) {
		if (!link_load_flights(master->links.items[i]))
			return false;
	}
	master->reload = false;
	return true;
}

static void look(struct master *master)
{
	int64_t now = clock_mono_ms();

	if (master->stopping || master->ended || master_resting(master))
		return;
	if (master->reload && !reload_flights(master))
		return;
	master->look = false;
	if (master->workers_changed && now - master->workers_ms >= WORKERS_MS && !read_workers(master))
		return;
	if (!look_at_stops(master) || !dumps_look(master))
		return;
	dispatch(master);
}

/* --- turns --- */

/*
 * With so much under way that nobody waits for a turn, the master rests as long as the turn took: the next one is
 * larger then, and what each costs by itself, a commit and a packet for each worker, is paid less often.
 */
static void rest_after_turn(const struct master *master)
{
	int64_t rest_us = clock_mono_us() - master->turn_began_us;
	size_t open = 0;

	for (size_t i = 0; i < master->links.len && open < REST_FLIGHTS; i++)
		open += master->links.items[i]->flights.len;
	if (open < REST_FLIGHTS)
		return;
	if (rest_us > REST_MAX_US)
		rest_us = REST_MAX_US;
	const struct timespec rest = { .tv_nsec = (long)rest_us * 1000 };
	nanosleep(&rest, NULL);
}

/* End of a turn: commit, then let the frames go. Also before the loop sleeps, so that nothing waits. */
static void turn_end(struct master *master)
{
	struct err err = { 0 };

	if (master->ended)
		return;
	if (master->look)
		look(master);
	bool wrote = master->writing;
	if (wrote) {
		master->writing = false;
		if (queue_batch_commit(master->options.catalog, &err) < 0) {
			master_catalog_failed(master, &err);
			return;
		}
		master->catalog_failures = 0;
	}
	links_flush(master);
	if (wrote)
		rest_after_turn(master);
}

static void on_prepare(uv_prepare_t *handle)
{
	turn_end(handle->data);
}

static void on_check(uv_check_t *handle)
{
	turn_end(handle->data);
}

static void on_poll(uv_timer_t *timer)
{
	struct master *master = timer->data;

	if (master->stopping || master->ended)
		return;
	if (queue_changed(master->options.catalog)) {
		master->look = true;
		master->workers_changed = true;
	}
	if (master->workers_changed && clock_mono_ms() - master->workers_ms >= WORKERS_MS)
		master->look = true;
	if (master->not_before && clock_wall() >= master->not_before)
		master->look = true;
}

/* Validations have a time limit; they run on the built-in worker. */
static void look_at_validations(struct master *master, int64_t now)
{
	struct err err = { 0 };
	bool any = false;

	if (now - master->late_ms < LATE_MS || !master->links.len || !master->links.items[0]->flights.len ||
	    master->ended)
		return;
	master->late_ms = now;
	if (queue_end_late_validations(master->options.catalog, &any, &err) < 0)
		master_catalog_failed(master, &err);
	else if (any)
		master->look = true;
}

static void tick_links(struct master *master, int64_t now)
{
	int64_t ping_ms = master->options.ping_ms;
	bool all = now - master->rested_ms >= (ping_ms < 10 * REST_TICK_MS ? ping_ms / 10 : REST_TICK_MS);

	if (all)
		master->rested_ms = now;
	for (size_t i = 0; i < master->links.len && !master->ended; i++) {
		if (all || !link_at_rest(master->links.items[i]))
			link_tick(master->links.items[i], now);
	}
}

static void on_tick(uv_timer_t *timer)
{
	struct master *master = timer->data;
	int64_t now = clock_mono_ms();
	struct err err = { 0 };

	if (master->stopping || master->ended)
		return;
	count_minute(master, now);
	if (master_resting(master))
		probe_catalog(master, now);
	/* Connections are kept while the catalog rests: leases live on them. */
	tick_links(master, now);
	if (master_resting(master) || master->reload)
		return;
	drop_gone_links(master);
	look_at_validations(master, now);
	if (now - master->beat_ms < master->options.heartbeat_ms || !master_writing(master))
		return;
	master->beat_ms = now;
	if (beat(master, &err) < 0)
		master_catalog_failed(master, &err);
}

void master_reconfigure(struct master *master, const struct master_options *options)
{
	struct master_options *o = &master->options, before = *o;

	*o = *options;
	o->loop = before.loop;
	o->catalog = before.catalog;
	o->path = before.path;
	o->catalog_id = before.catalog_id;
	o->worker_program = before.worker_program;
	o->runtime = before.runtime;
	o->fast = before.fast;
	o->ended = before.ended;
	o->ctx = before.ctx;
	set_defaults(o);
	dispatch_rules(master);
	uv_timer_start(&master->poll, on_poll, 0, (uint64_t)o->poll_ms);
	upkeep_again(master);
	master->workers_changed = master->look = true;
}

void master_nudge(struct master *master)
{
	master->look = true;
	/* What was committed just now is seen by this look: the poll need not find it again. */
	if (queue_changed(master->options.catalog))
		master->workers_changed = true;
}

/* --- life --- */

static void start_handles(struct master *master)
{
	uv_loop_t *loop = master->options.loop;

	uv_timer_init(loop, &master->poll);
	uv_timer_init(loop, &master->tick);
	uv_prepare_init(loop, &master->prepare);
	uv_check_init(loop, &master->check);
	master->poll.data = master->tick.data = master->prepare.data = master->check.data = master;
	uv_timer_start(&master->poll, on_poll, (uint64_t)master->options.poll_ms,
	    (uint64_t)master->options.poll_ms);
	uv_timer_start(&master->tick, on_tick, 0, TICK_MS);
	uv_prepare_start(&master->prepare, on_prepare);
	uv_check_start(&master->check, on_check);
	upkeep_start(master);
}

int master_new(const struct master_options *options, struct master **ret, struct err *err)
{
	struct master *master = xcalloc(1, sizeof(*master));

	master->options = *options;
	set_defaults(&master->options);
	if (gethostname(master->host, sizeof(master->host) - 1) < 0)
		snprintf(master->host, sizeof(master->host), "localhost");
	int r = queue_take_epoch(options->catalog, &master->epoch, err);
	if (r < 0) {
		free(master);
		return r;
	}
	master->started_ms = clock_mono_ms();
	dispatch_init(master);
	master->workers_ms = -WORKERS_MS;
	master->beat_ms = -master->options.heartbeat_ms;
	master->workers_changed = master->look = true;
	start_handles(master);
	*ret = master;
	return 0;
}

void master_stop(struct master *master)
{
	struct err none = { 0 };

	if (master->stopping)
		return;
	master->stopping = true;
	/* Workers are not online without a master to be connected with. */
	for (size_t i = 0; i < master->links.len; i++) {
		link_reset(master->links.items[i], &none);
		link_worker_seen(master->links.items[i]);
	}
	turn_end(master);
	master_end(master, NULL);
}

static void on_patience_over(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

/* Let transports and handles end; an agent of ours that does not is not waited for longer. */
static void drain_loop(uv_loop_t *loop)
{
	uv_timer_t patience;

	uv_timer_init(loop, &patience);
	uv_timer_start(&patience, on_patience_over, DRAIN_MS, 0);
	uv_unref((uv_handle_t *)&patience);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&patience, NULL);
	uv_run(loop, UV_RUN_NOWAIT);
}

void master_free(struct master *master)
{
	if (!master)
		return;
	if (master->writing)
		queue_batch_rollback(master->options.catalog);
	for (size_t i = 0; i < master->links.len; i++)
		link_free(master->links.items[i]);
	vec_release(&master->links);
	vec_release(&master->sending);
	scheduler_free(master->scheduler);
	uv_close((uv_handle_t *)&master->poll, NULL);
	uv_close((uv_handle_t *)&master->tick, NULL);
	uv_close((uv_handle_t *)&master->upkeep, NULL);
	uv_close((uv_handle_t *)&master->prepare, NULL);
	uv_close((uv_handle_t *)&master->check, NULL);
	drain_loop(master->options.loop);
	vec_release(&master->projects);
	free(master);
}
