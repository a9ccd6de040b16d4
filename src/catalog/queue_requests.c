/* SPDX-License-Identifier: MIT */
/* What is wanted of tries that are under way besides a stop: an end to validations that take too long, dumps. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/events.h"
#include "catalog/operation.h"
#include "catalog/queue_impl.h"
#include "package/event.h"

enum { Q_LATE, Q_STOP, Q_DUMPS, Q_DUMP_FETCHED, Q_COUNT };
static const char *const sql[] = {
	[Q_LATE] = "SELECT t.execution_id, t.attempt FROM execution_try t INDEXED BY execution_try_open"
		   " JOIN operation o ON o.operation_id = t.execution_id WHERE t.end_time IS NULL"
		   " AND t.start_time < ?1 AND o.status = 2 AND o.operation_type IN (300, 301) LIMIT 1",
	[Q_DUMPS] = "SELECT d.execution_id, t.attempt, d.state FROM dump_request d JOIN execution_try t"
		    " ON t.execution_id = d.execution_id AND t.end_time IS NULL AND t.start_time IS NOT NULL"
		    " WHERE d.state < 2",
	[Q_DUMP_FETCHED] = "UPDATE dump_request SET state = 2 WHERE execution_id = ?1",
	[Q_STOP] = "UPDATE operation SET status = 8 WHERE operation_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_QUEUE_REQUESTS, sql);

/* 1 = there is one. */
static int find_late(struct catalog *c, int64_t started_before, int64_t *ret_id, int *ret_attempt,
    struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_LATE, BINDS(b_int(started_before)));
	int r = store_step(c, q, err);

	if (r != 1)
		return r;
	*ret_id = sqlite3_column_int64(q, 0);
	*ret_attempt = sqlite3_column_int(q, 1);
	store_reset(q);
	return 1;
}

static int end_late(struct catalog *c, int64_t id, int attempt, int64_t seconds, struct err *err)
{
	char *text = xasprintf("The validation is ended: it took longer than the %lld seconds that the catalog"
			       " property VALIDATION_TIMEOUT allows.",
	    (long long)seconds);
	struct store_tx tx;
	int r = queue_begin_fenced(c, &tx, err);

	if (r == 0)
		r = store_run(c, &set, Q_STOP, BINDS(b_int(id)), err);
	if (r == 0)
		r = events_note(c, id, attempt, EVENT_ERROR, text, err);
	free(text);
	return store_end(c, &tx, r, err);
}

int queue_end_late_validations(struct catalog *c, bool *ret_any, struct err *err)
{
	int64_t seconds = property_int(c, "VALIDATION_TIMEOUT", 300), id = 0;
	int attempt = 0, r = 0;

	*ret_any = false;
	if (seconds <= 0)
		return 0;
	while ((r = find_late(c, clock_wall() - seconds * TICKS_PER_SECOND, &id, &attempt, err)) == 1) {
		r = end_late(c, id, attempt, seconds, err);
		if (r < 0)
			return r;
		*ret_any = true;
	}
	return r;
}

int queue_dump_requests(struct catalog *c, struct queue_dump_requests *ret, struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_DUMPS, NO_BINDS);
	VEC(struct queue_dump_request) requests = { 0 };
	int r;

	while ((r = store_step(c, q, err)) == 1) {
		struct queue_dump_request one = { sqlite3_column_int64(q, 0), sqlite3_column_int(q, 1),
			sqlite3_column_int(q, 2) == 1 };

		vec_push(&requests, one);
	}
	*ret = (struct queue_dump_requests){ requests.items, requests.len };
	if (r < 0)
		queue_dump_requests_release(ret);
	return r;
}

void queue_dump_requests_release(struct queue_dump_requests *requests)
{
	free(requests->items);
	*requests = (struct queue_dump_requests){ 0 };
}

int queue_dump_fetched(struct catalog *c, int64_t execution_id, struct err *err)
{
	struct store_tx tx;
	int r = queue_begin_fenced(c, &tx, err);

	if (r == 0)
		r = store_run(c, &set, Q_DUMP_FETCHED, BINDS(b_int(execution_id)), err);
	return store_end(c, &tx, r, err);
}
