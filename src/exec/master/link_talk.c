/* SPDX-License-Identifier: MIT */
/*
 * Connecting to a worker, a few at a time per sshd, the greeting, and what the
 * worker says: a row of answers, one function each. A function returns false
 * when the link was reset meanwhile.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/uuid.h"
#include "exec/master/master_private.h"

#define PROJECTS_LISTED_MAX 1000
#define CONNECTING_MAX 4        /* logins at once per machine: sshd's MaxStartups */

/* --- greeting --- */

static void connect_next(const struct link *done);

static void on_up(void *ctx)
{
	struct link *link = ctx;
	struct master *master = link->master;
	json_t *head = frame_head(MESSAGE_HELLO);
	char catalog[UUID_TEXT_LEN + 1], worker[UUID_TEXT_LEN + 1];

	uuid_format(&master->options.catalog_id, false, catalog);
	uuid_format(&link->worker.id, false, worker);
	link->session = ++master->session;
	json_object_set_new(head, "v", json_integer(PROTOCOL_VERSION));
	json_object_set_new(head, "catalog", json_string(catalog));
	json_object_set_new(head, "worker", json_string(worker));
	json_object_set_new(head, "epoch", json_integer(master->epoch));
	json_object_set_new(head, "session", json_integer(link->session));
	json_object_set_new(head, "master", json_string(master->host));
	json_object_set_new(head, "durable", json_boolean(!master->options.fast));
	link_send(link, head, NULL, 0);
	link->state = LINK_GREETING;
	link->heard_ms = link->pinged_ms = clock_mono_ms();
	link->listed.len = 0;
	connect_next(link);
}

/* How busy the machine is, as HELLO and PONG tell; of a worker that does not say nothing is assumed. */
static void take_load(struct link *link, const struct frame *frame)
{
	int64_t cpu = frame_int(frame, "cpu", -1), memory = frame_int(frame, "memory_free_kb", -1);

	link->cpu_percent = cpu < 0 || cpu > 100 ? -1 : (int)cpu;
	link->memory_free_kb = memory < 0 ? -1 : memory;
	/* It may take work that it could not take before. */
	if (link->master->left)
		link->master->look = true;
}

/* Limits that were asked for and cannot be had are told, once a connection. */
static void take_group(const struct link *link, const struct frame *frame)
{
	const json_t *group = json_object_get(frame->head, "cgroup");
	const char *how = json_string_value(json_object_get(group, "how"));
	const char *why = json_string_value(json_object_get(group, "why"));

	if (group && (!how || !*how))
		log_worker(LOG_LEVEL_WARNING, link, ERR_UNSUPPORTED, "worker %s: tasks run without control groups and limits: %s", link->worker.name, why ? why : "");
}

/* What ran in the spool that the worker had before, perhaps for an earlier master, is not to be found in this one. */
static bool take_spool(struct link *link, const struct frame *frame)
{
	const char *spool = frame_text(frame, "spool", "");
	struct err err = { 0 };
	bool replaced = false;

	if (!master_writing(link->master))
		return false;
	if (queue_worker_spool(link->master->options.catalog, &link->worker.id, spool, &replaced, &err) < 0)
		return master_catalog_failed(link->master, &err);
	if (!replaced)
		return true;
	link->spool_lost_ms = clock_mono_ms();
	log_worker(LOG_LEVEL_WARNING, link, ERR_CORRUPT, "worker %s: its spool is another one than before; what ran there is lost",
	    link->worker.name);
	return true;
}

static bool on_hello(struct link *link, const struct frame *frame)
{
	struct queue_worker_state state = { .online = true,
		.machine_name = frame_text(frame, "machine", ""),
		.user_account = frame_text(frame, "user", ""),
		.version = frame_text(frame, "version", ""),
		.os = frame_text(frame, "os", ""),
		.error = "",
		.cpu_count = (int)frame_int(frame, "cpus", 0),
		.memory_kb = frame_int(frame, "memory_kb", 0),
		.running = (int)link->flights.len };
	struct err err = { 0 };
	json_t *hash;
	size_t i;

	if (link->state != LINK_GREETING || frame_int(frame, "v", 0) != PROTOCOL_VERSION) {
		err_set(&err, ERR_UNSUPPORTED, "the worker speaks another protocol version");
		link_lost(link, &err);
		return false;
	}
	take_group(link, frame);
	link->state = LINK_LISTING;
	snprintf(link->machine, sizeof(link->machine), "%s", state.machine_name);
	json_array_foreach(json_object_get(frame->head, "projects"), i, hash) {
		if (i < PROJECTS_LISTED_MAX && project_hash_valid(json_string_value(hash)))
			project_mark(link, json_string_value(hash), true);
	}
	if (!frame_text(frame, "runtime", NULL)) {
		err_set(&err, ERR_NOT_FOUND, "the runtime that the worker on %s was told to use is not there", link->machine);
		link_lost(link, &err);
		return false;
	}
	take_load(link, frame);
	link_add_load(link, &state);
	if (master_resting(link->master))
		return true;
	if (!take_spool(link, frame))
		return false;
	if (link->local)
		return true;
	if (!master_writing(link->master))
		return false;
	if (queue_worker_seen(link->master->options.catalog, &link->worker.id, &state, &err) < 0)
		return master_catalog_failed(link->master, &err);
	return true;
}

static void take_stamp(struct link *link, const struct frame *frame)
{
	int64_t stamp = frame_int(frame, "stamp", 0);

	/* Only readings of the running system count; after its reboot the clock begins anew. */
	if (stamp > 0) {
		link->stamp = stamp;
		link->stamp_ms = clock_mono_ms();
	}
}

static bool on_tasks(struct link *link, const struct frame *frame)
{
	json_t *entry;
	size_t i;

	take_stamp(link, frame);
	if (link->state != LINK_LISTING || master_resting(link->master))
		return true;
	json_array_foreach(json_object_get(frame->head, "tasks"), i, entry) {
		struct listed listed = { .state = task_state_parse(
					     json_string_value(json_object_get(entry, "state"))) };
		const char *key = json_string_value(json_object_get(entry, "key"));
		if (!key || !task_key_parse(key, NULL, NULL))
			continue;
		snprintf(listed.key, sizeof(listed.key), "%s", key);
		vec_push(&link->listed, listed);
	}
	if (frame_bool(frame, "more", false))
		return true;
	link->state = LINK_UP;
	link->failures = 0;
	err_clear(&link->err);
	log_worker(LOG_LEVEL_INFO, link, ERR_NONE, "worker %s is online (%s, %zu tasks)", link->worker.name, link->machine,
	    link->listed.len);
	link->master->look = true;
	return flights_reconcile(link);
}

static bool on_pong(struct link *link, const struct frame *frame)
{
	take_stamp(link, frame);
	take_load(link, frame);
	return true;
}

static bool on_error(struct link *link, const struct frame *frame)
{
	struct err err = { 0 };

	err_set(&err, ERR_NETWORK, "%s", frame_text(frame, "reason", "the worker reported an error"));
	if (!frame_bool(frame, "fatal", false)) {
		log_try(LOG_LEVEL_WARNING, link, frame_text(frame, "key", NULL), "worker %s: %s (task %s)", link->worker.name,
		    err.primary, frame_text(frame, "key", "none"));
		return true;
	}
	link_lost(link, &err);
	return false;
}

static bool on_gone(struct link *link, const struct frame *frame)
{
	(void)link, (void)frame;
	return true;
}

/* One row per message of the worker. */
static bool (*const answers[MESSAGE_COUNT])(struct link *link, const struct frame *frame) = {
	[MESSAGE_HELLO] = on_hello,
	[MESSAGE_TASKS] = on_tasks,
	[MESSAGE_STARTED] = flight_on_started,
	[MESSAGE_EVENTS] = flight_on_events,
	[MESSAGE_RESULT] = flight_on_result,
	[MESSAGE_REFUSED] = flight_on_refused,
	[MESSAGE_NEED] = flight_on_need,
	[MESSAGE_HAVE] = flight_on_have,
	[MESSAGE_FILE] = dump_on_file,
	[MESSAGE_DUMPS] = dump_on_list,
	[MESSAGE_PONG] = on_pong,
	[MESSAGE_ERROR] = on_error,
	[MESSAGE_GONE] = on_gone,
};

static void on_data(void *ctx, const char *bytes, size_t len)
{
	struct link *link = ctx;
	struct transport *transport = link->transport;
	struct frame frame;
	struct err err = { 0 };
	bool ok = true;
	int r = 0;

	link->heard_ms = clock_mono_ms();
	frame_reader_feed(&link->in, bytes, len);
	/* A handler may reset the link: then its transport is another one and the reader is empty. */
	while (ok && link->transport == transport && (r = frame_reader_next(&link->in, &frame, &err)) > 0) {
		if (frame.type != MESSAGE_UNKNOWN && answers[frame.type])
			ok = answers[frame.type](link, &frame);
		frame_release(&frame);
	}
	if (r < 0 && link->transport == transport) {
		err_hint(&err, "the login shell of the worker's account must print nothing when a command is run");
		link_lost(link, &err);
	}
}

static void on_down(void *ctx, const struct err *err)
{
	link_lost(ctx, err);
}

/* --- connecting --- */

/* Whether the first sshd on the way is the same: the first jump host's, else the machine's own. */
static bool same_machine(const struct link *a, const struct link *b)
{
	size_t hop = strcspn(a->worker.jump_hosts, " ");

	if (hop || *b->worker.jump_hosts)
		return strcspn(b->worker.jump_hosts, " ") == hop &&
		    strncmp(a->worker.jump_hosts, b->worker.jump_hosts, hop) == 0;
	return a->worker.port == b->worker.port && strcmp(a->worker.host, b->worker.host) == 0;
}

/* Logins under way on the same machine. */
static int connecting_there(const struct link *link)
{
	int count = 0;

	for (size_t i = 0; i < link->master->links.len; i++) {
		const struct link *other = link->master->links.items[i];
		count += other->state == LINK_CONNECTING && same_machine(other, link);
	}
	return count;
}

bool link_connect_due(const struct link *link, int64_t now_ms)
{
	return link->state == LINK_RESTING && now_ms >= link->retry_ms && (!link->gone || link->flights.len) &&
	    connecting_there(link) < CONNECTING_MAX;
}

void link_connect(struct link *link)
{
	const struct queue_worker *w = &link->worker;
	struct transport_handler handler = { .ctx = link, .up = on_up, .data = on_data, .down = on_down };
	struct transport_target target = { .host = w->host, .port = w->port, .user = w->user,
		.identity = w->identity, .host_keys = w->host_keys, .jump_hosts = w->jump_hosts,
		.program = w->program, .spool = w->spool, .allow_root = w->flags & QUEUE_WORKER_ALLOW_ROOT,
		.cgroup = w->flags & QUEUE_WORKER_CGROUP, .memory_max_mb = w->memory_max_mb,
		.cpu_max_percent = w->cpu_max_percent };
	const struct transport_ops *ops = *w->host ? &transport_ssh : &transport_local;

	if (ops == &transport_local) {
		if (!*w->program)
			target.program = link->master->options.worker_program;
		target.runtime = link->master->options.runtime;
	}
	link->state = LINK_CONNECTING;
	link->heard_ms = clock_mono_ms();
	link->transport = ops->open(link->master->options.loop, &target, &handler);
}

/* A login has succeeded: the next worker on that machine need not wait for a tick. */
static void connect_next(const struct link *done)
{
	int64_t now_ms = clock_mono_ms();

	for (size_t i = 0; i < done->master->links.len; i++) {
		struct link *link = done->master->links.items[i];
		if (link->state == LINK_RESTING && same_machine(link, done) && link_connect_due(link, now_ms)) {
			link_connect(link);
			return;
		}
	}
}
