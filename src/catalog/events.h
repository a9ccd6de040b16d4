/* SPDX-License-Identifier: MIT */
/* Event records (package/event.h) and messages of our own become rows. All inside the caller's transaction. */
#ifndef SO_CATALOG_EVENTS_H
#define SO_CATALOG_EVENTS_H

#include <stdint.h>

#include "base/err.h"

struct catalog;
struct event;

/*
 * Store one record of a try. *last_message_id is the message that context
 * records belong to (0 = none yet); it is updated by message records.
 */
int events_store(struct catalog *c, int64_t execution_id, int attempt, const struct event *event,
    int64_t *last_message_id, struct err *err);

/* A message of the catalog's procedures or the master: type of spec/catalog.md §3.4, source of §3.5. No run-time detail. */
int events_message(struct catalog *c, int64_t operation_id, int message_type, int source_type,
    const char *text, struct err *err);
/* A message about an execution, shown among its event messages: named by its package and the source "Scale Out". */
int events_note(struct catalog *c, int64_t execution_id, int attempt, int message_type,
    const char *text, struct err *err);

/* Forget the cached keys of source rows (a rollback may have undone them). */
void events_forget(struct catalog *c);

#endif
