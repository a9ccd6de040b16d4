/* SPDX-License-Identifier: MIT */
/*
 * One try under way: its START, its stop, its end, and what becomes of it after
 * LIST; what the worker says of it is in flight_talk.c. Every function may be
 * called again for the same thing without harm, because connections break and
 * everything is said again.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "exec/master/master_private.h"
#include "package/event.h"

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

bool flight_queue_failed(struct link *link, struct flight *flight, const struct err *err)
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
		return flight_queue_failed(link, flight, &err);
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
		ok = flight_queue_failed(link, flight, &err);
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

void flight_tail(struct link *link, const char *key, int64_t from)
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
	flight_tail(link, flight->key, flight->committed_seq + 1);
	return !flight->stopping || flight_cancel(link, flight);
}

bool flight_stranger(struct link *link, const struct listed *listed)
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
			ok = flight_stranger(link, &link->listed.items[i]);
	}
	/* From the end: a flight may be removed, and the last one takes its place. */
	for (size_t i = link->flights.len; ok && i-- > 0;)
		ok = reconcile_flight(link, link->flights.items[i]);
	if (ok)
		link->listed.len = 0;
	return ok;
}
