/* SPDX-License-Identifier: MIT */
/* Which worker gets an execution: a pure function, so that it can be tested with any number of invented workers. */
#ifndef SO_EXEC_MASTER_SCHEDULER_H
#define SO_EXEC_MASTER_SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/uuid.h"
#include "catalog/queue.h"

#define SCHEDULER_NONE ((size_t)-1)

struct scheduler_worker {
	struct uuid id;
	bool ready; /* enabled, online, not blocked, not resting after a refusal */
	bool local; /* the built-in worker of Server mode */
	int slots, used;
};

/*
 * The worker to give an execution to, or SCHEDULER_NONE: ready, allowed, with
 * a free slot; for a retry another one than before where there is one; of
 * those the one with the largest free share, then with the most free slots,
 * then the first.
 */
size_t scheduler_choose(const struct queue_item *item, const struct scheduler_worker *workers, size_t count);

/* Free slots of all ready workers. */
size_t scheduler_free_slots(const struct scheduler_worker *workers, size_t count);

#endif
