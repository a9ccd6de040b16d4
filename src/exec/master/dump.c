/* SPDX-License-Identifier: MIT */
/*
 * Dumps: files that a task left in its dump folder come to
 * PATH.dumps/EXECUTION-TRY/ beside the catalog, before the try's end is
 * committed; only then may the worker forget it. What cannot be stored here is
 * given up, with a warning in the execution's report: a dump never holds back
 * a result, and half a dump is not kept.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "exec/master/master_private.h"
#include "package/event.h"

#define DUMP_MAX ((int64_t)256 * 1024 * 1024) /* of one file; the rest is left */

static char *dump_folder(const struct link *link, const struct flight *flight)
{
	return xasprintf("%s.dumps/%s", link->master->options.path, flight->key);
}

/* Name of the dump that is next, if it is one that we can store under that name. */
static const char *dump_name(const struct flight *flight)
{
	json_t *dump = json_array_get(json_object_get(flight->result, "dumps"), flight->dump_index);
	const char *name = json_string_value(json_object_get(dump, "name"));

	return name && *name && *name != '.' && strlen(name) < 200 && !strchr(name, '/') ? name : NULL;
}

/* The first trouble is remembered; the report gets one warning. */
static void dump_warn(const struct link *link, struct flight *flight, const char *name, const char *what)
{
	char *folder = dump_folder(link, flight);

	if (!flight->dump_trouble)
		flight->dump_trouble = xasprintf("The dump %s in %s on the master: %s", name, folder, what);
	free(folder);
}

/* It cannot be stored: what there is of it goes. */
static void dump_lose(const struct link *link, struct flight *flight, const char *name, const char *why)
{
	char *folder = dump_folder(link, flight);
	char *path = path_join(folder, name), *what = xasprintf("it could not be stored: %s", why);

	unlink(path);
	dump_warn(link, flight, name, what);
	free(what);
	free(path);
	free(folder);
}

static bool dump_open(const struct link *link, struct flight *flight, const char *name)
{
	char *folder = dump_folder(link, flight);
	char *path = path_join(folder, name);
	struct err err = { 0 };

	flight->dump_fd = dir_make(folder, 0700, &err) < 0 ?
	    -1 :
	    open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (flight->dump_fd < 0)
		dump_lose(link, flight, name, !err.code ? strerror(errno) : *err.detail ? err.detail : err.primary);
	free(folder);
	free(path);
	return flight->dump_fd >= 0;
}

/* Ask for the next piece; false when there is nothing more to ask for. */
static bool dump_ask(struct link *link, struct flight *flight)
{
	json_t *dumps = json_object_get(flight->result, "dumps");

	for (; flight->dump_index < json_array_size(dumps); flight->dump_index++) {
		const char *name = dump_name(flight);
		if (!name || (flight->dump_fd < 0 && !dump_open(link, flight, name)))
			continue;
		json_t *head = frame_head(MESSAGE_FETCH);
		json_object_set_new(head, "key", json_string(flight->key));
		json_object_set_new(head, "name", json_string(name));
		json_object_set_new(head, "offset", json_integer(flight->dump_offset));
		link_send(link, head, NULL, 0);
		return true;
	}
	return false;
}

bool dump_begin(struct link *link, struct flight *flight)
{
	flight->dump_index = 0;
	flight->dump_stored = 0;
	flight->dump_offset = 0;
	if (flight->dump_fd >= 0)
		close(flight->dump_fd);
	flight->dump_fd = -1;
	return dump_ask(link, flight);
}

bool dump_tell(struct link *link, struct flight *flight)
{
	char *text = flight->dump_trouble;

	flight->dump_trouble = NULL;
	return !text || flight_note(link, flight, EVENT_WARNING, text);
}

/* The files of a running package are here: whoever asked for them is told. */
static bool running_dump_done(struct link *link, struct flight *flight)
{
	struct err err = { 0 };

	flight->dump_fetching = flight->dump_asked = false;
	json_decref(flight->result);
	flight->result = NULL;
	if (queue_dump_fetched(link->master->options.catalog, flight->execution_id, &err) < 0 && err.code != ERR_NOT_FOUND)
		return master_catalog_failed(link->master, &err);
	return true;
}

/* All files are here. */
static bool dumps_done(struct link *link, struct flight *flight)
{
	char *folder = dump_folder(link, flight);
	struct err err = { 0 };
	bool ok = master_writing(link->master);

	bool lost = flight->dump_trouble != NULL;
	ok = ok && dump_tell(link, flight);
	if (ok && (flight->dump_stored || !lost) && queue_dump(link->master->options.catalog, flight->execution_id, flight->attempt, folder, &err) < 0 &&
	    err.code != ERR_NOT_FOUND)
		ok = master_catalog_failed(link->master, &err);
	free(folder);
	if (ok && flight->dump_fetching)
		return running_dump_done(link, flight);
	return ok && flight_finish(link, flight);
}

bool dump_on_file(struct link *link, const struct frame *frame)
{
	struct flight *flight = flight_find(link, frame_key(frame));
	const char *name;

	if (!flight || (flight->state != FLIGHT_FETCHING && !flight->dump_fetching) || flight->dump_fd < 0 || !(name = dump_name(flight)) ||
	    strcmp(name, frame_text(frame, "name", "")) != 0 ||
	    frame_int(frame, "offset", -1) != flight->dump_offset)
		return true;
	errno = ENOSPC; /* of a write that ends early */
	bool stored = frame->blob_len == 0 ||
	    pwrite(flight->dump_fd, frame->blob, frame->blob_len, flight->dump_offset) == (ssize_t)frame->blob_len;
	if (!stored)
		dump_lose(link, flight, name, strerror(errno));
	flight->dump_offset += (int64_t)frame->blob_len;
	bool complete = stored && (frame->blob_len == 0 || flight->dump_offset >= frame_int(frame, "size", 0));
	bool large = stored && !complete && flight->dump_offset >= DUMP_MAX;
	if (large)
		dump_warn(link, flight, name, "only its first 256 MiB were stored");
	flight->dump_stored += complete || large;
	if (!stored || complete || large) {
		close(flight->dump_fd);
		flight->dump_fd = -1;
		flight->dump_offset = 0;
		flight->dump_index++;
	}
	return dump_ask(link, flight) || dumps_done(link, flight);
}

bool dump_on_list(struct link *link, const struct frame *frame)
{
	struct flight *flight = flight_find(link, frame_key(frame));

	if (!flight || flight->state != FLIGHT_STARTED || !flight->dump_fetching)
		return true;
	json_decref(flight->result);
	flight->result = json_incref(frame->head);
	return dump_begin(link, flight) || dumps_done(link, flight);
}

/* The flight of a running try, on whatever worker it is. */
static struct flight *find_running(const struct master *master, const char *key, struct link **ret_link)
{
	for (size_t i = 0; i < master->links.len; i++) {
		struct flight *flight = flight_find(master->links.items[i], key);
		*ret_link = master->links.items[i];
		if (flight)
			return flight->state == FLIGHT_STARTED && (*ret_link)->state == LINK_UP ? flight : NULL;
	}
	return NULL;
}

bool dumps_look(struct master *master)
{
	struct queue_dump_requests requests;
	struct err err = { 0 };

	if (queue_dump_requests(master->options.catalog, &requests, &err) < 0)
		return master_catalog_failed(master, &err);
	for (size_t i = 0; i < requests.len; i++) {
		const struct queue_dump_request *request = &requests.items[i];
		char key[TASK_KEY_SIZE];
		struct link *link;

		task_key_format(request->execution_id, request->attempt, key);
		struct flight *flight = find_running(master, key, &link);
		if (!flight)
			continue; /* looked for again when its worker is back */
		if (request->written && !flight->dump_fetching) {
			flight->dump_fetching = true;
			link_send_key(link, MESSAGE_DUMPS, key);
		} else if (!request->written && !flight->dump_asked) {
			flight->dump_asked = true;
			link_send_key(link, MESSAGE_DUMP, key);
		}
	}
	queue_dump_requests_release(&requests);
	return true;
}
