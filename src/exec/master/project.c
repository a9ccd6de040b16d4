/* SPDX-License-Identifier: MIT */
/*
 * Projects travel once per version and worker, one at a time on a connection,
 * in chunks as the transport takes them. The bytes are read from the catalog
 * once and shared by all links that send them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "exec/master/master_private.h"

#define UNSENT_MAX ((size_t)1024 * 1024) /* in the transport, before the next chunk is made */

struct project_bytes {
	char hash[65];
	struct buf data;
	int users;
};

bool project_held(const struct link *link, const char *hash)
{
	for (size_t i = 0; i < link->projects.len; i++) {
		if (strcmp(link->projects.items[i], hash) == 0)
			return true;
	}
	return false;
}

void project_mark(struct link *link, const char *hash, bool held)
{
	if (held && !project_held(link, hash)) {
		vec_push(&link->projects, xstrdup(hash));
		return;
	}
	for (size_t i = 0; !held && i < link->projects.len; i++) {
		if (strcmp(link->projects.items[i], hash) == 0) {
			free(link->projects.items[i]);
			link->projects.items[i] = link->projects.items[--link->projects.len];
			return;
		}
	}
}

static void bytes_release(struct master *master, struct project_bytes *bytes)
{
	if (--bytes->users > 0)
		return;
	for (size_t i = 0; i < master->projects.len; i++) {
		if (master->projects.items[i] == bytes)
			master->projects.items[i] = master->projects.items[--master->projects.len];
	}
	buf_wipe(&bytes->data);
	free(bytes);
}

/* The bytes of a project; NULL (and err) when the catalog cannot give them. */
static struct project_bytes *bytes_get(struct master *master, const char *hash, struct err *err)
{
	for (size_t i = 0; i < master->projects.len; i++) {
		if (strcmp(master->projects.items[i]->hash, hash) == 0) {
			master->projects.items[i]->users++;
			return master->projects.items[i];
		}
	}
	struct project_bytes *bytes = xcalloc(1, sizeof(*bytes));
	buf_init(&bytes->data);
	bytes->users = 1;
	snprintf(bytes->hash, sizeof(bytes->hash), "%s", hash);
	if (queue_project(master->options.catalog, hash, &bytes->data, err) < 0) {
		buf_wipe(&bytes->data);
		free(bytes);
		return NULL;
	}
	vec_push(&master->projects, bytes);
	return bytes;
}

/* The catalog has no such project any more, or cannot decrypt it: that is the result of all that wait for it. */
static bool project_missing(struct link *link, const char *hash, const struct err *err)
{
	bool ok = true;

	if (err->code == ERR_IO || err->code == ERR_BUSY)
		return master_catalog_failed(link->master, err);
	log_project(LOG_LEVEL_ERROR, link, hash, "a project cannot be read from the catalog: %s", err->primary);
	for (size_t i = link->flights.len; ok && i-- > 0;) {
		struct flight *flight = link->flights.items[i];
		if (flight->state == FLIGHT_WAITING && strcmp(flight->project, hash) == 0)
			ok = flight_end(link, flight, QUEUE_FAILED, 5, clock_wall(), err->primary);
	}
	return ok;
}

/* The oldest project that something waits for. */
static const char *next_wanted(const struct link *link)
{
	for (size_t i = 0; i < link->flights.len; i++) {
		if (link->flights.items[i]->state == FLIGHT_WAITING && link->flights.items[i]->project[0])
			return link->flights.items[i]->project;
	}
	return NULL;
}

bool project_begin(struct link *link)
{
	const char *hash;
	struct err err;

	while (!link->putting && link->state == LINK_UP && (hash = next_wanted(link))) {
		char copy[65];
		snprintf(copy, sizeof(copy), "%s", hash);
		err_clear(&err);
		link->bytes = bytes_get(link->master, copy, &err);
		if (link->bytes) {
			link->putting = xstrdup(copy);
			link->put_offset = 0;
			link_will_send(link);
		} else if (!project_missing(link, copy, &err)) {
			return false;
		}
	}
	return true;
}

void project_pump(struct link *link)
{
	while (link->putting && link->state == LINK_UP && link->put_offset < link->bytes->data.len &&
	    link->out.len + link->transport->ops->unsent(link->transport) < UNSENT_MAX) {
		const struct buf *data = &link->bytes->data;
		size_t n = data->len - link->put_offset;
		json_t *head = frame_head(MESSAGE_PUT);
		if (n > FRAME_CHUNK)
			n = FRAME_CHUNK;
		json_object_set_new(head, "project", json_string(link->putting));
		json_object_set_new(head, "offset", json_integer((json_int_t)link->put_offset));
		json_object_set_new(head, "total", json_integer((json_int_t)data->len));
		link_send(link, head, data->data + link->put_offset, n);
		link->put_offset += n;
	}
}

void project_end(struct link *link)
{
	if (link->bytes)
		bytes_release(link->master, link->bytes);
	link->bytes = NULL;
	free(link->putting);
	link->putting = NULL;
	if (link->state == LINK_UP && link->transport)
		return;
	for (size_t i = 0; i < link->projects.len; i++)
		free(link->projects.items[i]);
	link->projects.len = 0;
}
