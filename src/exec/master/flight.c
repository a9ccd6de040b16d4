/* SPDX-License-Identifier: MIT */
/*
 * One try under way: START, its events, its result. Every function may be
 * called again for the same thing without harm, because connections break and
 * everything is said again after LIST.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "exec/master/master_private.h"
#include "package/event.h"

#define UNREADABLE_MAX 3    /* events that do not follow each other: then the try is given up */
#define REFUSED_REST_MS 1000      /* a worker that refused gets no new work for so long, doubled with each refusal */
#define REFUSED_REST_MAX_MS 15000
#define EXIT_NOT_LOADED 5
/* The runtime's own code under --task for the result Completion (doc/protocol.md §6). */
#define EXIT_COMPLETION 100

struct flight *flight_new(struct link *link, int64_t execution_id, int attempt, int64_t folder_id)
{
	struct flight *flight = xcalloc(1, sizeof(*flight));

	flight->execution_id = execution_id;
	flight->attempt = attempt;
	flight->folder_id = folder_id;
	flight->dump_fd = -1;
	task_key_format(execution_id, attempt, flight->key);
	vec_push(&link->flights, flight);
	return flight;
}

struct flight *flight_find(const struct link *link, const char *key)
{
	for (size_t i = 0; key && i < link->flights.len; i++) {
		if (strcmp(link->flights.items[i]->key, key) == 0)
			return link->flights.items[i];
	}
	return NULL;
}

void flight_free(struct link *link, struct flight *flight)
{
	scheduler_folder_runs(link->master->scheduler, flight->folder_id, -1);
	json_decref(flight->result);
	if (flight->dump_fd >= 0)
		close(flight->dump_fd);
	free(flight->dump_trouble);
	free(flight);
}

static void flight_remove(struct link *link, struct flight *flight)
{
	for (size_t i = 0; i < link->flights.len; i++) {
		if (link->flights.items[i] == flight) {
			link->flights.items[i] = link->flights.items[--link->flights.len];
			break;
		}
	}
	flight_free(link, flight);
	if (link->master->left)
		link->master->look = true;
}

/*
 * A queue function failed. About this try only (its execution was cleaned up
 * meanwhile): forget it, and ask the worker to end it. Else the catalog failed.
 */
static bool queue_failed(struct link *link, struct flight *flight, const struct err *err)
{
	if (err->code != ERR_NOT_FOUND)
		return master_catalog_failed(link->master, err);
	log_try(LOG_LEVEL_WARNING, link, flight->key, "worker %s: task %s is dropped: %s", link->worker.name, flight->key,
	    err->primary);
	if (link->state == LINK_UP)
		link_send_key(link, MESSAGE_CANCEL, flight->key);
	flight_remove(link, flight);
	return true;
}

/* What ended well is in the catalog alone: at thousands a minute nobody would find the rest. */
static void log_end(const struct link *link, const struct flight *flight, enum queue_outcome outcome, bool final,
    const char *reason)
{
	static const struct {
		const char *text; /* NULL: not told */
		enum log_level level;
	} ends[] = { [QUEUE_FAILED] = { "failed", LOG_LEVEL_INFO }, [QUEUE_STOPPED] = { "was stopped", LOG_LEVEL_INFO },
		[QUEUE_LOST] = { "ended unexpectedly", LOG_LEVEL_WARNING },
		[QUEUE_NOT_STARTED] = { "was not started", LOG_LEVEL_WARNING } };

	if (ends[outcome].text)
		log_try(ends[outcome].level, link, flight->key, "execution %" PRId64 ", try %d on worker %s %s%s%s%s",
		    flight->execution_id, flight->attempt, link->worker.name, ends[outcome].text, *reason ? ": " : "", reason,
		    final ? "" : " (it is tried again)");
}

bool flight_end(struct link *link, struct flight *flight, enum queue_outcome outcome, int exit_code,
    int64_t time, const char *reason)
{
	struct master *master = link->master;
	struct err err = { 0 };
	bool final = true;

	if (!master_writing(master))
		return false;
	int r = queue_end(master->options.catalog, flight->execution_id, flight->attempt, outcome, exit_code,
	    time, reason, &final, &err);
	if (r == -ERR_INVALID && outcome == QUEUE_NOT_STARTED)
		r = queue_end(master->options.catalog, flight->execution_id, flight->attempt, QUEUE_LOST,
		    exit_code, time, reason, &final, &err);
	if (r < 0)
		return queue_failed(link, flight, &err);
	master->count_ended++;
	master->count_retried += !final && outcome != QUEUE_NOT_STARTED;
	master->count_lost += outcome == QUEUE_LOST;
	if (!final)
		master->look = true;
	log_end(link, flight, outcome, final, reason);
	flight_remove(link, flight);
	return true;
}

bool flight_note(struct link *link, const struct flight *flight, int type, char *text)
{
	struct err err = { 0 };
	bool ok = master_writing(link->master);

	log_try(type == EVENT_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, link, flight->key, "execution %" PRId64 ": %s",
	    flight->execution_id, text);
	if (ok && queue_note(link->master->options.catalog, flight->execution_id, type, text, &err) < 0 &&
	    err.code != ERR_NOT_FOUND)
		ok = master_catalog_failed(link->master, &err);
	free(text);
	return ok;
}

/* --- starting and stopping --- */

static void send_start(struct link *link, struct flight *flight, const char *hash, const struct buf *spec)
{
	const struct master_options *options = &link->master->options;
	json_t *head = frame_head(MESSAGE_START);

	json_object_set_new(head, "key", json_string(flight->key));
	json_object_set_new(head, "project", json_string(hash));
	json_object_set_new(head, "stamp", json_integer(link->stamp));
	json_object_set_new(head, "time", json_integer(clock_wall()));
	json_object_set_new(head, "grace_ms", json_integer(options->grace_ms));
	if (flight->time_limit_s)
		json_object_set_new(head, "limit_ms", json_integer((json_int_t)flight->time_limit_s * 1000));
	if (flight->retries_left)
		json_object_set_new(head, "lease_ms", json_integer(options->lease_ms));
	link_send(link, head, spec->data, spec->len);
	flight->project[0] = '\0';
	if (flight->state == FLIGHT_WAITING)
		flight->state = FLIGHT_SENT;
	link->master->count_started++;
}

bool flight_start(struct link *link, struct flight *flight)
{
	struct buf spec = BUF_INIT;
	struct err err = { 0 };
	char hash[65] = "";
	bool ok = true;

	if (link->state != LINK_UP)
		return true;
	int r = queue_task(link->master->options.catalog, flight->execution_id, flight->attempt, &spec, hash, &err);
	if (r == -ERR_IO || r == -ERR_BUSY || r == -ERR_NOT_FOUND) {
		ok = queue_failed(link, flight, &err);
	} else if (r < 0) {
		/* The task itself cannot be made (a value that cannot be decrypted, say): that is its result. */
		ok = flight_end(link, flight, QUEUE_FAILED, EXIT_NOT_LOADED, clock_wall(), err.primary);
	} else if (project_held(link, hash)) {
		send_start(link, flight, hash, &spec);
	} else {
		snprintf(flight->project, sizeof(flight->project), "%s", hash);
		ok = project_begin(link);
	}
	buf_wipe(&spec);
	return ok;
}

/*
 * The worker has lost the spool in which it was started. Nobody can say how it
 * went: it is lost. Where another try would follow, not before its lease is
 * over, because it may still run in a folder that was moved away.
 */
bool flight_stranded(struct link *link, struct flight *flight)
{
	const int64_t since = link->spool_lost_ms ? link->spool_lost_ms : link->master->started_ms;

	flight->state = FLIGHT_STRANDED;
	if (flight->retries_left && !flight->stopping && !link_lease_over(link, since))
		return true;
	return flight_end(link, flight, QUEUE_LOST, -1, clock_wall(), "the worker has lost its spool");
}

bool flight_cancel(struct link *link, struct flight *flight)
{
	flight->stopping = true;
	if (flight->state == FLIGHT_STRANDED)
		return flight_stranded(link, flight);
	if (flight->state == FLIGHT_WAITING)
		return flight_end(link, flight, QUEUE_STOPPED, 0, clock_wall(), "");
	if (link->state == LINK_UP && !flight->cancel_sent) {
		link_send_key(link, MESSAGE_CANCEL, flight->key);
		flight->cancel_sent = true;
	}
	return true;
}

static void send_tail(struct link *link, const char *key, int64_t from)
{
	json_t *head = frame_head(MESSAGE_TAIL);

	json_object_set_new(head, "key", json_string(key));
	json_object_set_new(head, "from", json_integer(from));
	link_send(link, head, NULL, 0);
}

/* --- after LIST --- */

static struct listed *find_listed(const struct link *link, const char *key)
{
	for (size_t i = 0; i < link->listed.len; i++) {
		if (strcmp(link->listed.items[i].key, key) == 0)
			return &link->listed.items[i];
	}
	return NULL;
}

static bool reconcile_flight(struct link *link, struct flight *flight)
{
	const struct listed *listed = find_listed(link, flight->key);

	/* Not listed is a proof (doc/protocol.md §5): it has not started and will not, unless we say START. */
	if (!listed && flight->spool_lost)
		return flight_stranded(link, flight);
	if (!listed && flight->state >= FLIGHT_STARTED)
		return flight_end(link, flight, QUEUE_LOST, -1, clock_wall(), "the worker has lost its spool");
	if (!listed && flight->stopping)
		return flight_end(link, flight, QUEUE_STOPPED, 0, clock_wall(), "");
	if (!listed) {
		flight->state = FLIGHT_WAITING;
		return flight_start(link, flight);
	}
	if (listed->state == TASK_CLAIMED && !flight->stopping)
		return flight_start(link, flight);
	send_tail(link, flight->key, flight->committed_seq + 1);
	return !flight->stopping || flight_cancel(link, flight);
}

/* A key that no open try has: its try has ended already (then it is to be forgotten), or it is an orphan. */
static bool reconcile_stranger(struct link *link, const struct listed *listed)
{
	struct err err = { 0 };
	int64_t execution_id, seq;
	int attempt;

	task_key_parse(listed->key, &execution_id, &attempt);
	int r = queue_committed_seq(link->master->options.catalog, execution_id, attempt, &seq, &err);
	if (r == -ERR_NOT_FOUND) {
		link->orphans++;
		log_try(LOG_LEVEL_WARNING, link, listed->key, "worker %s: task %s is not in the catalog; it is left alone",
		    link->worker.name, listed->key);
		return true;
	}
	if (r < 0)
		return master_catalog_failed(link->master, &err);
	link_send_key(link, listed->state == TASK_ENDED ? MESSAGE_DONE : MESSAGE_CANCEL, listed->key);
	return true;
}

bool flights_reconcile(struct link *link)
{
	bool ok = link_load_flights(link);

	link->orphans = 0;
	for (size_t i = 0; ok && i < link->listed.len; i++) {
		if (!flight_find(link, link->listed.items[i].key))
			ok = reconcile_stranger(link, &link->listed.items[i]);
	}
	/* From the end: a flight may be removed, and the last one takes its place. */
	for (size_t i = link->flights.len; ok && i-- > 0;)
		ok = reconcile_flight(link, link->flights.items[i]);
	if (ok)
		link->listed.len = 0;
	return ok;
}

/* --- what the worker says --- */

bool flight_on_started(struct link *link, const struct frame *frame)
{
	struct flight *flight = flight_find(link, frame_key(frame));
	struct queue_started started = { .time = frame_int(frame, "time", 0),
		.process_id = (int)frame_int(frame, "pid", 0),
		.machine_name = frame_text(frame, "machine", link->machine),
		.cpu_count = (int)frame_int(frame, "cpus", 0),
		.memory_total_kb = frame_int(frame, "memory_kb", 0),
		.memory_free_kb = frame_int(frame, "memory_free_kb", 0),
		.swap_total_kb = frame_int(frame, "swap_kb", 0),
		.swap_free_kb = frame_int(frame, "swap_free_kb", 0) };
	struct err err = { 0 };

	if (!flight || flight->state >= FLIGHT_STARTED)
		return true;
	if (started.time <= 0)
		started.time = clock_wall();
	if (!master_writing(link->master))
		return false;
	if (queue_started(link->master->options.catalog, flight->execution_id, flight->attempt, &started, &err) < 0)
		return queue_failed(link, flight, &err);
	flight->state = FLIGHT_STARTED;
	link->refusals = 0;
	return true;
}

static void send_ack(struct link *link, const char *key, int64_t seq)
{
	json_t *head = frame_head(MESSAGE_ACK);

	json_object_set_new(head, "key", json_string(key));
	json_object_set_new(head, "seq", json_integer(seq));
	link_send(link, head, NULL, 0);
}

/* A full disk mostly: asked less and less often, until something has started there. */
static void refused(struct link *link)
{
	int64_t rest = (int64_t)REFUSED_REST_MS << (link->refusals < 4 ? link->refusals : 4);

	link->refusals++;
	link->rest_until_ms = clock_mono_ms() + (rest < REFUSED_REST_MAX_MS ? rest : REFUSED_REST_MAX_MS);
}

/* Events that do not follow what is committed: asked for again, and given up after a few times. */
static void events_unreadable(struct link *link, struct flight *flight, const struct err *err)
{
	log_try(LOG_LEVEL_WARNING, link, flight->key, "worker %s: events of task %s: %s", link->worker.name, flight->key,
	    err->primary);
	if (++flight->unreadable < UNREADABLE_MAX)
		send_tail(link, flight->key, flight->committed_seq + 1);
	else
		link_send_key(link, MESSAGE_CANCEL, flight->key);
}

bool flight_on_events(struct link *link, const struct frame *frame)
{
	struct flight *flight = flight_find(link, frame_key(frame));
	struct err err = { 0 };
	int64_t committed = 0;

	if (!flight)
		return true;
	if (flight->unreadable >= UNREADABLE_MAX) {
		send_ack(link, flight->key, frame_int(frame, "to", 0));
		return true;
	}
	if (!master_writing(link->master))
		return false;
	int r = queue_events(link->master->options.catalog, flight->execution_id, flight->attempt,
	    frame_int(frame, "from", 0), frame->blob ? frame->blob : "", frame->blob_len, &committed, &err);
	if (r == -ERR_INVALID) {
		events_unreadable(link, flight, &err);
		return true;
	}
	if (r < 0)
		return queue_failed(link, flight, &err);
	flight->committed_seq = committed;
	if (flight->dump_asked)
		link->master->look = true; /* it may be there */
	send_ack(link, flight->key, committed);
	return true;
}

/* What each outcome is for the catalog. */
static enum queue_outcome outcome_of(const struct flight *flight)
{
	json_t *exit_code = json_object_get(flight->result, "exit");

	switch (task_outcome_parse(json_string_value(json_object_get(flight->result, "outcome")))) {
	case TASK_EXITED:
		if (!json_is_integer(exit_code))
			return QUEUE_FAILED;
		return json_integer_value(exit_code) == 0		 ? QUEUE_SUCCEEDED
		    : json_integer_value(exit_code) == EXIT_COMPLETION ? QUEUE_COMPLETED
								       : QUEUE_FAILED;
	case TASK_LIMIT:
		return QUEUE_FAILED;
	case TASK_CANCELLED:
		return QUEUE_STOPPED;
	case TASK_REFUSED:
		return flight->stopping ? QUEUE_STOPPED : QUEUE_NOT_STARTED;
	default:
		return QUEUE_LOST;
	}
}

/* When the try ended. A later agent that found it lost says its own machine's time, which may be any. */
static int64_t end_time(const struct flight *flight)
{
	enum task_outcome outcome =
	    task_outcome_parse(json_string_value(json_object_get(flight->result, "outcome")));
	int64_t time = (int64_t)json_integer_value(json_object_get(flight->result, "time"));

	return time > 0 && outcome != TASK_LOST && outcome != TASK_REFUSED ? time : clock_wall();
}

bool flight_finish(struct link *link, struct flight *flight)
{
	enum queue_outcome outcome = outcome_of(flight);
	const char *reason = json_string_value(json_object_get(flight->result, "reason"));
	int exit_code = (int)json_integer_value(json_object_get(flight->result, "exit"));
	char key[TASK_KEY_SIZE];

	memcpy(key, flight->key, sizeof(key));
	if (!dump_tell(link, flight)) /* of dumps none of which could be asked for */
		return false;
	if (flight->unreadable >= UNREADABLE_MAX) {
		outcome = QUEUE_LOST;
		reason = "its messages do not follow each other; the worker's event log is damaged";
	}
	if (outcome == QUEUE_NOT_STARTED) {
		refused(link);
		if (!flight_note(link, flight, EVENT_WARNING, xasprintf("Worker %s did not start try %d: %s",
						      link->worker.name, flight->attempt, reason ? reason : "")))
			return false;
	}
	/* A try that ended well has a reason only when something of it is missing. */
	if ((outcome == QUEUE_SUCCEEDED || outcome == QUEUE_COMPLETED) && reason && *reason &&
	    !flight_note(link, flight, EVENT_WARNING, xasprintf("Worker %s: %s", link->worker.name, reason)))
		return false;
	/* The reason is borrowed from the result, which goes with the flight. */
	char *copy = xstrdup(reason ? reason : "");
	bool ok = flight_end(link, flight, outcome, exit_code, end_time(flight), copy);
	free(copy);
	if (ok)
		link_send_key(link, MESSAGE_DONE, key);
	return ok;
}

/* The end of a task whose try is over already: it may be forgotten. Orphans are left alone. */
static bool result_of_stranger(struct link *link, const char *key)
{
	struct listed listed = { .state = TASK_ENDED };

	if (!key)
		return true;
	snprintf(listed.key, sizeof(listed.key), "%s", key);
	return reconcile_stranger(link, &listed);
}

bool flight_on_result(struct link *link, const struct frame *frame)
{
	struct flight *flight = flight_find(link, frame_key(frame));
	struct err err = { 0 };

	if (!flight)
		return result_of_stranger(link, frame_key(frame));
	if (flight->state == FLIGHT_FETCHING)
		return true;
	if (flight->unreadable < UNREADABLE_MAX && flight->committed_seq < frame_int(frame, "events", 0)) {
		err_set(&err, ERR_INVALID, "the result came before event %" PRId64, flight->committed_seq + 1);
		events_unreadable(link, flight, &err);
		return true;
	}
	json_decref(flight->result);
	flight->result = json_incref(frame->head);
	flight->dump_fetching = false;
	if (dump_begin(link, flight)) {
		flight->state = FLIGHT_FETCHING;
		return true;
	}
	return flight_finish(link, flight);
}

/* A project that the worker could not take: nothing that waits for it was started. */
static bool project_refused(struct link *link, const struct frame *frame, const char *hash)
{
	const char *reason = frame_text(frame, "reason", "refused");
	bool damaged = strcmp(frame_text(frame, "code", ""), err_code_name(ERR_INVALID)) == 0;
	bool ok = true;

	project_end(link);
	log_project(LOG_LEVEL_WARNING, link, hash, "worker %s did not take a project: %s", link->worker.name, reason);
	refused(link);
	for (size_t i = link->flights.len; ok && i-- > 0;) {
		struct flight *flight = link->flights.items[i];
		if (flight->state != FLIGHT_WAITING || strcmp(flight->project, hash) != 0)
			continue;
		ok = flight_note(link, flight, EVENT_WARNING,
		    xasprintf("Worker %s did not take the project: %s", link->worker.name, reason));
		/* Damage comes with the project to every worker; no room is this worker's trouble only. */
		ok = ok && flight_end(link, flight, damaged ? QUEUE_FAILED : QUEUE_NOT_STARTED,
			      damaged ? EXIT_NOT_LOADED : 0, clock_wall(), damaged ? reason : "");
	}
	return ok && project_begin(link);
}

bool flight_on_refused(struct link *link, const struct frame *frame)
{
	struct flight *flight = flight_find(link, frame_key(frame));
	const char *hash = frame_text(frame, "project", NULL);
	const char *reason = frame_text(frame, "reason", "refused");

	if (hash && project_hash_valid(hash))
		return project_refused(link, frame, hash);
	if (!flight || flight->state != FLIGHT_SENT)
		return true;
	refused(link);
	if (!flight_note(link, flight, EVENT_WARNING, xasprintf("Worker %s did not start try %d: %s", link->worker.name,
					      flight->attempt, reason)))
		return false;
	return flight_end(link, flight, flight->stopping ? QUEUE_STOPPED : QUEUE_NOT_STARTED, 0, clock_wall(), "");
}

bool flight_on_need(struct link *link, const struct frame *frame)
{
	struct flight *flight = flight_find(link, frame_key(frame));
	const char *hash = frame_text(frame, "project", "");

	if (!flight || flight->state != FLIGHT_SENT || !project_hash_valid(hash))
		return true;
	project_mark(link, hash, false);
	flight->state = FLIGHT_WAITING;
	if (flight->stopping)
		return flight_cancel(link, flight);
	return flight_start(link, flight);
}

bool flight_on_have(struct link *link, const struct frame *frame)
{
	const char *hash = frame_text(frame, "project", "");
	bool ok = true;

	if (!project_hash_valid(hash))
		return true;
	project_mark(link, hash, true);
	project_end(link);
	for (size_t i = link->flights.len; ok && i-- > 0;) {
		struct flight *flight = link->flights.items[i];
		if (flight->state == FLIGHT_WAITING && strcmp(flight->project, hash) == 0)
			ok = flight_start(link, flight);
	}
	return ok && project_begin(link);
}
