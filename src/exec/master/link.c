/* SPDX-License-Identifier: MIT */
/*
 * One worker's connection: its life, what is sent, losing it with patience,
 * PING, and what happens while the worker is out of reach (link_talk.c
 * connects and hears). Losing a connection costs nothing: the next one begins
 * with LIST.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/uuid.h"
#include "exec/master/master_private.h"
#include "package/event.h"

#define RETRY_MS 500
#define RETRY_MAX_MS 60000
#define DENIED_MS 15000         /* a key that is refused: no storm that locks us out */
#define DENIED_MAX_MS 300000
#define UNREACHABLE_NOTE_MS 10000
#define SEEN_CHANGED_MS 1000

/* --- the worker's row --- */

static void worker_copy(struct queue_worker *to, const struct queue_worker *from)
{
	*to = *from;
	to->name = xstrdup(from->name);
	to->host = xstrdup(from->host);
	to->user = xstrdup(from->user);
	to->identity = xstrdup(from->identity);
	to->host_keys = xstrdup(from->host_keys);
	to->program = xstrdup(from->program);
	to->spool = xstrdup(from->spool);
	to->tags = xstrdup(from->tags);
	to->jump_hosts = xstrdup(from->jump_hosts);
}

static void worker_free(struct queue_worker *worker)
{
	free(worker->name);
	free(worker->host);
	free(worker->user);
	free(worker->identity);
	free(worker->host_keys);
	free(worker->program);
	free(worker->spool);
	free(worker->tags);
	free(worker->jump_hosts);
}

struct link *link_new(struct master *master, const struct queue_worker *worker, bool local)
{
	struct link *link = xcalloc(1, sizeof(*link));

	link->master = master;
	worker_copy(&link->worker, worker);
	link->local = local;
	link->cpu_percent = -1;
	link->memory_free_kb = -1;
	buf_init(&link->out);
	link->in = (struct frame_reader)FRAME_READER_INIT;
	link->down_ms = clock_mono_ms();
	link->down_wall = clock_wall();
	if (worker->flags & QUEUE_WORKER_BLOCKED)
		link->state = LINK_BLOCKED;
	return link;
}

static void free_flights(struct link *link)
{
	for (size_t i = 0; i < link->flights.len; i++)
		flight_free(link, link->flights.items[i]);
	link->flights.len = 0;
}

static void forget_sending(struct link *link)
{
	struct master *master = link->master;

	for (size_t i = 0; link->will_send && i < master->sending.len; i++) {
		if (master->sending.items[i] == link) {
			master->sending.items[i] = master->sending.items[--master->sending.len];
			link->will_send = false;
		}
	}
}

void link_free(struct link *link)
{
	if (link->transport)
		link->transport->ops->close(link->transport);
	forget_sending(link);
	project_end(link);
	vec_release(&link->projects);
	free_flights(link);
	vec_release(&link->flights);
	vec_release(&link->listed);
	frame_reader_release(&link->in);
	buf_wipe(&link->out);
	worker_free(&link->worker);
	free(link);
}

/* What a connection depends on. */
static bool same_place(const struct queue_worker *a, const struct queue_worker *b)
{
	const unsigned flags = QUEUE_WORKER_ALLOW_ROOT | QUEUE_WORKER_CGROUP;

	return (a->flags & flags) == (b->flags & flags) && a->memory_max_mb == b->memory_max_mb &&
	    a->cpu_max_percent == b->cpu_max_percent && strcmp(a->jump_hosts, b->jump_hosts) == 0 &&
	    strcmp(a->host, b->host) == 0 && a->port == b->port && strcmp(a->user, b->user) == 0 &&
	    strcmp(a->identity, b->identity) == 0 && strcmp(a->host_keys, b->host_keys) == 0 &&
	    strcmp(a->program, b->program) == 0 && strcmp(a->spool, b->spool) == 0;
}

void link_update(struct link *link, const struct queue_worker *worker)
{
	bool moved = !same_place(&link->worker, worker);
	bool blocked = worker->flags & QUEUE_WORKER_BLOCKED;
	struct err why = { 0 };

	if (moved || (link->state == LINK_BLOCKED && !blocked)) {
		err_set(&why, ERR_NETWORK, "the worker's settings were changed");
		if (link->state == LINK_BLOCKED && !blocked)
			link->state = LINK_RESTING;
		link_reset(link, &why);
		link->failures = 0;
		link->retry_ms = 0;
	}
	worker_free(&link->worker);
	worker_copy(&link->worker, worker);
	if (blocked && link->state != LINK_BLOCKED) {
		err_set(&why, ERR_TRUST, "the worker is blocked");
		link_reset(link, &why);
		link->state = LINK_BLOCKED;
	}
	link->master->look = true;
}

bool link_ready(const struct link *link, int64_t now_ms)
{
	return link->state == LINK_UP && (link->worker.flags & QUEUE_WORKER_ENABLED) && !link->gone &&
	    link->rest_until_ms <= now_ms;
}

/* The limit that its load is beyond, or NULL. */
static const char *held_back(const struct link *link)
{
	struct scheduler_rules rules = dispatch_rules_of(&link->master->options);

	return scheduler_held_back(&rules, link->cpu_percent, link->memory_free_kb);
}

void link_add_load(const struct link *link, struct queue_worker_state *state)
{
	state->load_known = link->cpu_percent >= 0 && link->memory_free_kb >= 0;
	state->cpu_percent = link->cpu_percent;
	state->memory_free_kb = link->memory_free_kb;
	state->held_back = held_back(link);
}

/* Tell the catalog whether the worker is there; the local one is no row. */
bool link_worker_seen(struct link *link)
{
	struct queue_worker_state state = { .online = link->state == LINK_UP,
		.error = link->state == LINK_UP ? "" : link->err.code ? link->err.primary : NULL,
		.running = (int)link->flights.len };
	struct err err = { 0 };

	if (link->local || link->gone)
		return true;
	if (!master_writing(link->master))
		return false;
	link_add_load(link, &state);
	link->seen_ms = clock_mono_ms();
	link->seen_running = state.running;
	link->seen_held_back = state.held_back != NULL;
	if (queue_worker_seen(link->master->options.catalog, &link->worker.id, &state, &err) < 0)
		return master_catalog_failed(link->master, &err);
	return true;
}

/* --- sending --- */

void link_send(struct link *link, json_t *head, const void *blob, size_t len)
{
	struct err err = { 0 };

	if (frame_write(&link->out, head, blob, len, &err) < 0)
		log_worker(LOG_LEVEL_ERROR, link, err.code, "worker %s: %s", link->worker.name, err.primary);
	link_will_send(link);
}

void link_will_send(struct link *link)
{
	if (link->will_send)
		return;
	link->will_send = true;
	vec_push(&link->master->sending, link);
}

void link_send_key(struct link *link, enum message type, const char *key)
{
	json_t *head = frame_head(type);

	json_object_set_new(head, "key", json_string(key));
	link_send(link, head, NULL, 0);
}

static void flush(struct link *link)
{
	project_pump(link);
	if (!link->out.len)
		return;
	if (link->transport && link->state >= LINK_GREETING && link->state <= LINK_UP)
		link->transport->ops->send(link->transport, link->out.data, link->out.len);
	/* START's specification may hold secrets. */
	mem_wipe(link->out.data, link->out.len);
	buf_clear(&link->out);
}

void links_flush(struct master *master)
{
	size_t kept = 0;

	for (size_t i = 0; i < master->sending.len; i++) {
		struct link *link = master->sending.items[i];
		flush(link);
		link->will_send = link->putting != NULL; /* the rest of a project follows as the transport takes it */
		if (link->will_send)
			master->sending.items[kept++] = link;
	}
	master->sending.len = kept;
}

/* --- losing it --- */

static int64_t retry_delay(const struct link *link)
{
	bool denied = link->err.code == ERR_DENIED;
	int64_t delay = denied ? DENIED_MS : RETRY_MS, most = denied ? DENIED_MAX_MS : RETRY_MAX_MS;
	uint32_t random;

	for (int i = 1; i < link->failures && delay < most; i++)
		delay *= 2;
	if (delay > most)
		delay = most;
	/* Full jitter, so that workers that were lost together do not come back together. */
	random_bytes(&random, sizeof(random));
	return delay / 2 + random % (delay / 2 + 1);
}

void link_reset(struct link *link, const struct err *why)
{
	bool was_up = link->state == LINK_UP;

	if (link->transport)
		link->transport->ops->close(link->transport);
	link->transport = NULL;
	project_end(link);
	frame_reader_release(&link->in);
	buf_wipe(&link->out);
	link->listed.len = 0;
	link->err = *why;
	if (link->state != LINK_BLOCKED)
		link->state = LINK_RESTING;
	if (was_up) {
		link->failures = 0;
		link->down_ms = clock_mono_ms();
		link->down_wall = clock_wall();
		if (why->code)
			log_worker(LOG_LEVEL_WARNING, link, why->code, "worker %s: %s %s", link->worker.name, why->primary,
			    why->detail);
	}
	/* What was underway may have been half done: memory is made anew from the catalog and LIST. */
	for (size_t i = 0; i < link->flights.len; i++) {
		struct flight *flight = link->flights.items[i];
		flight->cancel_sent = false;
		if (flight->state == FLIGHT_FETCHING)
			flight->state = FLIGHT_STARTED;
	}
	link->failures++;
	link->retry_ms = clock_mono_ms() + retry_delay(link);
	/* A connection that worked until now is tried again at once. */
	if (was_up)
		link->retry_ms = clock_mono_ms() + 20;
}

void links_release(struct master *master)
{
	struct err none = { 0 };

	for (size_t i = 0; i < master->links.len; i++) {
		struct link *link = master->links.items[i];
		if (link->state == LINK_LISTING)
			link_reset(link, &none);
		if (link->state == LINK_RESTING && link->err.code == ERR_NONE)
			link->retry_ms = 0;
	}
}

/* The connection ended or cannot be made. */
void link_lost(struct link *link, const struct err *why)
{
	struct err err = { 0 };
	bool was_up = link->state == LINK_UP, changed = strcmp(link->err.primary, why->primary) != 0;

	link_reset(link, why);
	if (why->code == ERR_TRUST && !link->local) {
		char *reason = xasprintf("%s (%s). %s", why->primary, why->detail, why->hint);
		log_worker(LOG_LEVEL_ERROR, link, why->code, "worker %s is blocked: %s", link->worker.name, reason);
		if (master_writing(link->master) && queue_worker_block(link->master->options.catalog,
			&link->worker.id, reason, &err) < 0)
			master_catalog_failed(link->master, &err);
		free(reason);
		link->state = LINK_BLOCKED;
		link->worker.flags |= QUEUE_WORKER_BLOCKED;
	}
	if (was_up || changed) {
		if (!was_up)
			log_worker(LOG_LEVEL_WARNING, link, why->code, "worker %s: %s %s", link->worker.name, why->primary,
			    why->detail);
		link_worker_seen(link);
	}
}

/* --- what was under way --- */

bool link_load_flights(struct link *link)
{
	struct queue_tries tries;
	struct err err = { 0 };

	if (queue_open_tries(link->master->options.catalog, &link->worker.id, &tries, &err) < 0)
		return master_catalog_failed(link->master, &err);
	free_flights(link);
	for (size_t i = 0; i < tries.len; i++) {
		const struct queue_try *try = &tries.items[i];
		struct flight *flight = flight_new(link, try->execution_id, try->attempt, try->folder_id);
		scheduler_folder_runs(link->master->scheduler, try->folder_id, 1);
		flight->time_limit_s = try->time_limit_s;
		flight->state = try->started ? FLIGHT_STARTED : FLIGHT_SENT;
		flight->stopping = try->stopping;
		flight->retries_left = try->retries_left;
		flight->spool_lost = try->spool_lost;
		flight->committed_seq = try->committed_seq;
	}
	queue_tries_release(&tries);
	return true;
}

/* --- while it is out of reach --- */

static bool note_unreachable(struct link *link, struct flight *flight)
{
	struct err err = { 0 };
	char since[32];

	clock_format_local(link->down_wall, since, sizeof(since));
	char *text = xasprintf("Worker %s is unreachable since %s. The package may still be running there.",
	    link->worker.name, since);
	bool ok = master_writing(link->master);
	if (ok && queue_note(link->master->options.catalog, flight->execution_id, EVENT_WARNING, text, &err) < 0)
		ok = master_catalog_failed(link->master, &err);
	free(text);
	flight->noted = true;
	return ok;
}

bool link_lease_over(const struct link *link, int64_t contact_ms)
{
	const struct master_options *options = &link->master->options;

	return clock_mono_ms() - contact_ms > (int64_t)options->lease_ms + options->margin_ms + options->grace_ms;
}

static void tick_unreachable(struct link *link, int64_t now_ms)
{
	/* The lease was at most as fresh as the last stamp we got (of this master: as its start). */
	bool lost = link_lease_over(link, link->stamp_ms ? link->stamp_ms : link->master->started_ms), ok = true;

	for (size_t i = link->flights.len; ok && i-- > 0;) {
		struct flight *flight = link->flights.items[i];
		if (flight->state == FLIGHT_WAITING)
			ok = flight_end(link, flight, QUEUE_NOT_STARTED, 0, clock_wall(), "");
		else if (flight->retries_left && lost)
			ok = flight_end(link, flight, QUEUE_LOST, -1, clock_wall(),
			    "the worker was out of reach until the lease had ended");
		else if (!flight->noted && now_ms - link->down_ms > UNREACHABLE_NOTE_MS)
			ok = note_unreachable(link, flight);
	}
}

static void tick_connected(struct link *link, int64_t now_ms)
{
	const struct master_options *options = &link->master->options;
	struct err err = { 0 };

	if (now_ms - link->heard_ms > options->watchdog_ms) {
		err_set(&err, ERR_TIMEOUT, "the worker does not answer");
		link_lost(link, &err);
	} else if (link->state >= LINK_LISTING && now_ms - link->pinged_ms >= options->ping_ms) {
		json_t *ping = frame_head(MESSAGE_PING);
		json_object_set_new(ping, "stamp", json_integer(link->stamp));
		link_send(link, ping, NULL, 0);
		link->pinged_ms = now_ms;
	}
}

static void tick_stranded(struct link *link)
{
	bool ok = true;

	for (size_t i = link->flights.len; ok && i-- > 0;) {
		if (link->flights.items[i]->state == FLIGHT_STRANDED)
			ok = flight_stranded(link, link->flights.items[i]);
	}
}

/* The catalog's picture of a worker that is online: when it was there last, how much runs, whether it may get work. */
static void tick_seen(struct link *link, int64_t now_ms)
{
	bool changed = link->seen_running != (int)link->flights.len || link->seen_held_back != (held_back(link) != NULL);
	int64_t since = now_ms - link->seen_ms;

	if (since >= link->master->options.worker_heartbeat_ms || (since >= SEEN_CHANGED_MS && changed))
		link_worker_seen(link);
}

bool link_at_rest(const struct link *link)
{
	return link->state == LINK_UP && link->flights.len == 0 && link->seen_running == 0 && link->rest_until_ms == 0;
}

void link_tick(struct link *link, int64_t now_ms)
{
	if (link_connect_due(link, now_ms))
		link_connect(link);
	else if (link->state >= LINK_GREETING && link->state <= LINK_UP)
		tick_connected(link, now_ms);
	if (link->state == LINK_UP)
		tick_seen(link, now_ms);
	if (link->state == LINK_UP)
		tick_stranded(link);
	/* What waits for a worker that refused is given out again without anything else happening. */
	if (link->rest_until_ms && now_ms >= link->rest_until_ms) {
		link->rest_until_ms = 0;
		link->master->look = true;
	}
	if (link->state != LINK_UP && link->flights.len && !link->master->resting && !link->master->reload)
		tick_unreachable(link, now_ms);
}
