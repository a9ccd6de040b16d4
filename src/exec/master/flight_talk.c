/* SPDX-License-Identifier: MIT */
/*
 * What a worker says of the tries under way: STARTED, EVENTS, RESULT, REFUSED,
 * NEED and HAVE. Any of it may come again after a broken connection; what the
 * catalog has committed decides (queue.h), not what was heard.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "exec/master/master_private.h"
#include "package/event.h"

#define UNREADABLE_MAX 3    /* events that do not follow each other: then the try is given up */
#define REFUSED_REST_MS 1000      /* a worker that refused gets no new work for so long, doubled with each refusal */
#define REFUSED_REST_MAX_MS 15000
/* The runtime's own code under --task for the result Completion (doc/protocol.md §6). */
#define EXIT_COMPLETION 100

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
		return flight_queue_failed(link, flight, &err);
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
		flight_tail(link, flight->key, flight->committed_seq + 1);
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
		return flight_queue_failed(link, flight, &err);
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
	return flight_stranger(link, &listed);
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
