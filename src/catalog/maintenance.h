/* SPDX-License-Identifier: MIT */
/*
 * Keeping the catalog small (spec/catalog.md §9.1, §9.2): operations older than
 * the retention window, versions beyond the number to keep. Small batches,
 * each its own transaction, so that executions are never held up. A round that
 * removes something is an operation of type 2 or 3 that says in a message what.
 */
#ifndef SO_CATALOG_MAINTENANCE_H
#define SO_CATALOG_MAINTENANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct catalog;
struct session;

/*
 * Delete one batch: at most max operations that ended (or were never started)
 * and were created before the tick, with all that belongs to them; of an
 * operation with very many messages only a part of these. *ret_more: call
 * again. Nothing that is pending, running or stopping is touched.
 */
int maintenance_operations(struct catalog *c, int64_t created_before, int max, bool *ret_more,
    struct err *err);

enum maintenance_kind { MAINTENANCE_OPERATIONS, MAINTENANCE_VERSIONS, MAINTENANCE_KIND_COUNT };

/* A kind's batches from the first to the last. Zero-initialised before the first, and again by the last. */
struct maintenance_round {
	int64_t operation; /* its row; 0 = not there yet */
	int64_t removed;   /* operations or versions so far */
	bool collected;    /* which versions may go is known */
	bool requested;    /* set by the caller: an operation even when nothing is removed */
};

/* The catalog property that switches a kind on. */
const char *maintenance_switch(enum maintenance_kind kind);
bool maintenance_enabled(struct catalog *c, enum maintenance_kind kind);
/*
 * One batch of a round, in by's name: at most max operations, or versions with
 * their files. Nothing while its switch is off. After a failure the
 * round is over and its operation failed. *ret_more: call again.
 */
int maintenance_batch(struct session *by, enum maintenance_kind kind, struct maintenance_round *round, int max,
    bool *ret_more, struct err *err);
/* End a round that is given up before its last batch; a no-op otherwise. */
int maintenance_abandon(struct session *by, enum maintenance_kind kind, struct maintenance_round *round,
    struct err *err);

/* An operation that the process doing it has left behind. */
struct maintenance_orphan {
	int64_t id;
	int type, status;
};
/*
 * End the operations of this machine's vanished processes (§9.3): deployments,
 * restorations, clean-up; executions and validations are the master's. Each is
 * told to found (which may be NULL) after it was marked.
 */
int maintenance_repair(struct session *by, void (*found)(void *ctx, const struct maintenance_orphan *orphan),
    void *ctx, struct err *err);

/* What the master keeps between two batches. Zero-initialised. */
struct maintenance {
	struct maintenance_round rounds[MAINTENANCE_KIND_COUNT];
	bool repaired;
};
/*
 * What the maintenance job does, in the name of this process: first the repair,
 * then a batch of the kind whose turn it is. *ret_more: there is more to do,
 * call again soon.
 */
int maintenance_run(struct catalog *c, struct maintenance *m, int max, bool *ret_more, struct err *err);

#endif
