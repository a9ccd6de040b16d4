/* SPDX-License-Identifier: MIT */
/*
 * Keeping the catalog small (spec/catalog.md §9.1, §9.2): operations older than
 * the retention window, versions beyond the number to keep. Small batches,
 * each its own transaction, so that executions are never held up.
 */
#ifndef SO_CATALOG_MAINTENANCE_H
#define SO_CATALOG_MAINTENANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct catalog;

/*
 * Delete one batch: at most max operations that ended (or were never started)
 * and were created before the tick, with all that belongs to them; of an
 * operation with very many messages only a part of these. *ret_more: call
 * again. Nothing that is pending, running or stopping is touched.
 */
int maintenance_operations(struct catalog *c, int64_t created_before, int max, bool *ret_more,
    struct err *err);

/* Delete versions beyond the keep newest of each project (never the current one), those of deleted projects that nothing refers to, and unused files. */
int maintenance_versions(struct catalog *c, int keep, struct err *err);

/*
 * What the maintenance job does, by the catalog properties: clean-up of
 * operations (at most max) and of versions where they are switched on.
 * *ret_more: there is more to do, call again soon.
 */
int maintenance_run(struct catalog *c, int max, bool *ret_more, struct err *err);

#endif
