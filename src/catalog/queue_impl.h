/* SPDX-License-Identifier: MIT */
/* What the files behind queue.h share. */
#ifndef SO_CATALOG_QUEUE_IMPL_H
#define SO_CATALOG_QUEUE_IMPL_H

#include "catalog/queue.h"
#include "catalog/store.h"

/* ERR_DENIED when the stored epoch is higher than ours. */
int queue_check_epoch(struct catalog *c, int64_t ours, struct err *err);
/* Every writer begins here: a transaction in which the epoch was looked at. Ends with store_end, also when this failed. */
int queue_begin_fenced(struct catalog *c, struct store_tx *tx, struct err *err);

#endif
