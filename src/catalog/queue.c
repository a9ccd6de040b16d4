/* SPDX-License-Identifier: MIT */
/*
 * The execution queue as the master sees it.
 *
 * An execution waits for a worker exactly when execution.queued is 1: pending
 * (5) without an open try. queue_assign clears it and opens a try in the same
 * transaction, so nobody can take an execution twice; queue_end sets it again
 * for a further try. Every function that writes looks at the epoch inside its
 * transaction, so a master that was replaced cannot write another row.
 */
#include "catalog/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/operation.h"
#include "catalog/queue_impl.h"

enum {
	Q_EPOCH,
	Q_EPOCH_RAISE,
	Q_DATA_VERSION,
	Q_LANES_TIDY,
	Q_LANES,
	Q_PENDING,
	Q_NEXT_TIME,
	Q_PAUSED,
	Q_COUNTS,
	Q_TAKE,
	Q_TRY_OPEN,
	Q_OPEN_TRIES,
	Q_OPEN_TRIES_OF,
	Q_ANY_STOPPING,
	Q_STOP_WAITING,
	Q_STOP_WAITING_QUEUE,
	Q_STOPPING,
	Q_MASTER,
	Q_COUNT
};

/* The open tries are few among millions: where nothing else narrows them, their own index is named. */
#define OPEN_FIRST "execution_try t INDEXED BY execution_try_open"
#define TRIES(from) \
	"SELECT t.execution_id, t.attempt, t.worker_id, t.epoch, t.start_time, o.status," \
	" t.attempt <= e.retry_count, t.committed_seq, q.folder_id, q.time_limit_s, t.spool_lost FROM " from \
	" JOIN operation o ON o.operation_id = t.execution_id" \
	" JOIN execution e ON e.execution_id = t.execution_id" \
	" LEFT JOIN execution_request q ON q.execution_id = t.execution_id WHERE t.end_time IS NULL"

static const char *const sql[] = {
	[Q_EPOCH] = "SELECT epoch FROM meta",
	[Q_EPOCH_RAISE] = "UPDATE meta SET epoch = epoch + 1",
	[Q_DATA_VERSION] = "PRAGMA data_version",
	[Q_LANES_TIDY] = "DELETE FROM queue_lane WHERE lane_id NOT IN"
			 " (SELECT lane_id FROM execution_request WHERE lane_id IS NOT NULL)",
	/* From lane to lane, without a look at what waits in each. */
	[Q_LANES] = "WITH RECURSIVE waits (id) AS (SELECT min(lane_id) FROM execution_request"
		    " WHERE lane_id IS NOT NULL UNION ALL SELECT (SELECT min(r.lane_id) FROM execution_request r"
		    " WHERE r.lane_id > waits.id) FROM waits WHERE waits.id IS NOT NULL)"
		    " SELECT l.lane_id, l.folder_id, l.priority, l.scale_out, l.any_worker, l.tags, l.workers"
		    " FROM waits JOIN queue_lane l ON l.lane_id = waits.id",
	[Q_PENDING] = "SELECT e.execution_id, e.next_attempt,"
		      " (SELECT t.worker_id FROM execution_try t WHERE t.execution_id = e.execution_id"
		      "  AND t.attempt = e.next_attempt - 1), e.next_attempt <= e.retry_count, r.time_limit_s"
		      " FROM execution_request r JOIN execution e ON e.execution_id = r.execution_id"
		      " WHERE r.lane_id = ?1 AND r.execution_id > ?2 AND e.not_before <= ?3"
		      " ORDER BY r.execution_id LIMIT ?4",
	[Q_NEXT_TIME] = "SELECT min(not_before) FROM execution WHERE queued = 1 AND not_before > 0"
			" AND not_before > ?1",
	[Q_COUNTS] = "SELECT status, executions FROM status_count",
	[Q_PAUSED] = "SELECT paused FROM queue_state",
	/* A worker that is being drained, or a queue that was paused, gets nothing from the moment that was said. */
	[Q_TAKE] = "UPDATE execution SET queued = 0, worker_agent_id = ?3"
		   " WHERE execution_id = ?1 AND queued = 1 AND next_attempt = ?2"
		   " AND NOT (SELECT paused FROM queue_state)"
		   " AND (?3 IS NULL OR (SELECT enabled FROM worker WHERE worker_id = ?3))",
	[Q_TRY_OPEN] = "INSERT INTO execution_try (execution_id, attempt, worker_id, worker_name,"
		       " epoch, assigned_time) VALUES (?1, ?2, ?3,"
		       " coalesce((SELECT name FROM worker WHERE worker_id = ?3), '(local)'), ?4, ?5)",
	[Q_OPEN_TRIES] = TRIES(OPEN_FIRST) " ORDER BY t.execution_id",
	[Q_OPEN_TRIES_OF] = TRIES(OPEN_FIRST) " AND t.worker_id = ?1 ORDER BY t.execution_id",
#define NOT_TRIED \
	"NOT EXISTS (SELECT 1 FROM execution_try t WHERE t.execution_id = operation_id" \
	" AND t.end_time IS NULL)"
	[Q_ANY_STOPPING] = "SELECT 1 FROM operation WHERE status = 8 LIMIT 1",
	[Q_STOP_WAITING_QUEUE] = "UPDATE execution SET queued = 0 WHERE execution_id IN"
				 " (SELECT operation_id FROM operation WHERE status = 8"
				 " AND operation_type <> 202 AND " NOT_TRIED ")",
	[Q_STOP_WAITING] = "UPDATE operation SET status = 3, end_time = ?1"
			   " WHERE status = 8 AND operation_type <> 202 AND " NOT_TRIED,
	[Q_STOPPING] = TRIES("execution_try t") " AND o.status = 8 ORDER BY t.execution_id",
	[Q_MASTER] = "INSERT INTO master_property VALUES (?1, ?2)"
		     " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
};
static const struct stmt_set set = STMT_SET(STMT_QUEUE, sql);

/* --- mastership and transactions --- */

int queue_take_epoch(struct catalog *c, int64_t *ret_epoch, struct err *err)
{
	struct store_tx tx;
	int64_t epoch = 0;
	int r = store_begin(c, &tx, err);

	if (r == 0)
		r = store_run(c, &set, Q_EPOCH_RAISE, NO_BINDS, err);
	if (r == 0)
		r = store_run(c, &set, Q_LANES_TIDY, NO_BINDS, err);
	if (r == 0)
		r = store_int(c, &set, Q_EPOCH, NO_BINDS, &epoch, err);
	r = store_end(c, &tx, r < 0 ? r : 0, err);
	if (r < 0)
		return r;
	*ret_epoch = c->epoch = epoch;
	return 0;
}

bool queue_changed(struct catalog *c)
{
	int64_t version = 0;
	struct err err;
	bool changed;

	if (store_int(c, &set, Q_DATA_VERSION, NO_BINDS, &version, &err) < 0)
		return true; /* let the caller look, and meet the error there */
	changed = version != c->data_version;
	c->data_version = version;
	return changed;
}

int queue_check_epoch(struct catalog *c, int64_t ours, struct err *err)
{
	int64_t epoch = 0;
	int r = store_int(c, &set, Q_EPOCH, NO_BINDS, &epoch, err);

	if (r < 0)
		return r;
	if (ours < epoch)
		return err_set(err, ERR_DENIED,
		    "another master has taken over (epoch %lld, ours is %lld)", (long long)epoch,
		    (long long)ours);
	return 0;
}

int queue_begin_fenced(struct catalog *c, struct store_tx *tx, struct err *err)
{
	int r = store_begin(c, tx, err);

	if (r == 0)
		r = queue_check_epoch(c, c->epoch, err);
	return r;
}

int queue_batch_begin(struct catalog *c, struct err *err)
{
	struct store_tx tx;
	int r;

	if (!sqlite3_get_autocommit(c->db))
		return err_set(err, ERR_INTERNAL, "a batch is open already");
	r = queue_begin_fenced(c, &tx, err);
	return r < 0 ? store_end(c, &tx, r, err) : 0;
}

int queue_batch_commit(struct catalog *c, struct err *err)
{
	struct store_tx tx = { .outer = true, .open = true };

	return store_end(c, &tx, 0, err);
}

void queue_batch_rollback(struct catalog *c)
{
	struct store_tx tx = { .outer = true, .open = !sqlite3_get_autocommit(c->db) };

	store_end(c, &tx, -ERR_CANCELLED, NULL);
}

/* --- dispatching --- */

int queue_lanes(struct catalog *c, struct queue_lanes *ret, struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_LANES, NO_BINDS);
	VEC(struct queue_lane) lanes = { 0 };
	int r;

	while ((r = store_step(c, q, err)) == 1) {
		struct queue_lane lane = { .lane_id = sqlite3_column_int64(q, 0),
			.folder_id = sqlite3_column_int64(q, 1),
			.priority = sqlite3_column_int(q, 2),
			.local = !sqlite3_column_int(q, 3),
			.any_worker = sqlite3_column_int(q, 4),
			.tags = col_dup(q, 5),
			.workers = col_dup(q, 6) };

		vec_push(&lanes, lane);
	}
	*ret = (struct queue_lanes){ lanes.items, lanes.len };
	if (r < 0)
		queue_lanes_release(ret);
	return r;
}

void queue_lanes_release(struct queue_lanes *lanes)
{
	for (size_t i = 0; i < lanes->len; i++) {
		free(lanes->items[i].tags);
		free(lanes->items[i].workers);
	}
	free(lanes->items);
	*lanes = (struct queue_lanes){ 0 };
}

int queue_pending(struct catalog *c, int64_t lane_id, int64_t after_id, int64_t now, size_t max,
    struct queue_items *ret, struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_PENDING,
	    BINDS(b_int(lane_id), b_int(after_id), b_int(now),
		b_int(max > INT32_MAX ? INT32_MAX : (int64_t)max)));
	VEC(struct queue_item) items = { 0 };
	int r;

	while ((r = store_step(c, q, err)) == 1) {
		struct queue_item item = { .execution_id = sqlite3_column_int64(q, 0),
			.attempt = sqlite3_column_int(q, 1),
			.last_worker = col_uuid(q, 2),
			.retries_left = sqlite3_column_int(q, 3),
			.time_limit_s = sqlite3_column_int(q, 4) };

		vec_push(&items, item);
	}
	*ret = (struct queue_items){ items.items, items.len };
	if (r < 0)
		queue_items_release(ret);
	return r;
}

void queue_items_release(struct queue_items *items)
{
	free(items->items);
	*items = (struct queue_items){ 0 };
}

int queue_next_time(struct catalog *c, int64_t now, int64_t *ret, struct err *err)
{
	int64_t next = 0;
	int r = store_int(c, &set, Q_NEXT_TIME, BINDS(b_int(now)), &next, err);

	if (r >= 0)
		*ret = next;
	return r < 0 ? r : 0;
}

int queue_counts(struct catalog *c, int64_t ret[10], struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_COUNTS, NO_BINDS);
	int r;

	memset(ret, 0, 10 * sizeof(*ret));
	while ((r = store_step(c, q, err)) == 1) {
		int status = sqlite3_column_int(q, 0);
		if (status > 0 && status < 10)
			ret[status] = sqlite3_column_int64(q, 1);
	}
	return r;
}

int queue_paused(struct catalog *c, bool *ret, struct err *err)
{
	int64_t paused = 0;
	int r = store_int(c, &set, Q_PAUSED, NO_BINDS, &paused, err);

	if (r >= 0)
		*ret = paused != 0;
	return r < 0 ? r : 0;
}

static bool uuid_is_zero(const struct uuid *id)
{
	static const struct uuid zero;

	return memcmp(id, &zero, sizeof(zero)) == 0;
}

int queue_assign(struct catalog *c, int64_t execution_id, int attempt, const struct uuid *worker,
    int64_t epoch, struct err *err)
{
	struct store_tx tx;
	int r = queue_begin_fenced(c, &tx, err);

	if (r == 0)
		r = queue_check_epoch(c, epoch, err);
	if (r == 0)
		r = store_run(c, &set, Q_TAKE,
		    BINDS(b_int(execution_id), b_int(attempt),
			b_uuid(uuid_is_zero(worker) ? NULL : worker)),
		    err);
	if (r == 0 && store_changes(c) == 0)
		r = err_set(err, ERR_BUSY, "execution %lld is no longer waiting for try %d",
		    (long long)execution_id, attempt);
	if (r == 0)
		r = store_run(c, &set, Q_TRY_OPEN,
		    BINDS(b_int(execution_id), b_int(attempt), b_uuid(worker), b_int(epoch),
			b_int(clock_wall())),
		    err);
	return store_end(c, &tx, r, err);
}

/* --- what is under way --- */

static int read_tries(struct catalog *c, sqlite3_stmt *q, struct queue_tries *ret, struct err *err)
{
	VEC(struct queue_try) tries = { 0 };
	int r;

	while ((r = store_step(c, q, err)) == 1) {
		bool stopping = sqlite3_column_int(q, 5) == STATUS_STOPPING;
		struct queue_try t = { .execution_id = sqlite3_column_int64(q, 0),
			.attempt = sqlite3_column_int(q, 1),
			.worker = col_uuid(q, 2),
			.epoch = sqlite3_column_int64(q, 3),
			.started = !col_null(q, 4),
			.start_time = sqlite3_column_int64(q, 4),
			.stopping = stopping,
			.retries_left = sqlite3_column_int(q, 6) && !stopping,
			.committed_seq = sqlite3_column_int64(q, 7),
			.folder_id = sqlite3_column_int64(q, 8),
			.time_limit_s = sqlite3_column_int(q, 9),
			.spool_lost = sqlite3_column_int(q, 10) };

		vec_push(&tries, t);
	}
	*ret = (struct queue_tries){ tries.items, tries.len };
	if (r < 0)
		queue_tries_release(ret);
	return r;
}

int queue_open_tries(struct catalog *c, const struct uuid *worker, struct queue_tries *ret,
    struct err *err)
{
	return read_tries(c,
	    worker ? store_query(c, &set, Q_OPEN_TRIES_OF, BINDS(b_uuid(worker)))
		   : store_query(c, &set, Q_OPEN_TRIES, NO_BINDS),
	    ret, err);
}

void queue_tries_release(struct queue_tries *tries)
{
	free(tries->items);
	*tries = (struct queue_tries){ 0 };
}

int queue_stopping(struct catalog *c, struct queue_tries *ret, struct err *err)
{
	struct queue_tries tries = { 0 };
	struct store_tx tx;
	int64_t one;
	int r = queue_check_epoch(c, c->epoch, err);

	*ret = tries;
	if (r == 0)
		r = store_int(c, &set, Q_ANY_STOPPING, NO_BINDS, &one, err);
	if (r <= 0)
		return r; /* mostly: no write lock for nothing */
	r = queue_begin_fenced(c, &tx, err);
	if (r == 0)
		r = store_run(c, &set, Q_STOP_WAITING_QUEUE, NO_BINDS, err);
	if (r == 0)
		r = store_run(c, &set, Q_STOP_WAITING, BINDS(b_int(clock_wall())), err);
	if (r == 0)
		r = read_tries(c, store_query(c, &set, Q_STOPPING, NO_BINDS), &tries, err);
	r = store_end(c, &tx, r, err);
	if (r < 0)
		queue_tries_release(&tries);
	*ret = tries;
	return r;
}

int queue_master_beat(struct catalog *c, const char *machine_name, int process_id, struct err *err)
{
	char now[32], process[16];
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "LAST_ONLINE_TIME", now },
		{ "MACHINE_NAME", machine_name },
		{ "PROCESS_ID", process },
	};
	struct store_tx tx;
	int r = queue_begin_fenced(c, &tx, err);

	clock_format_utc(clock_wall(), now, sizeof(now));
	snprintf(process, sizeof(process), "%d", process_id);
	for (size_t i = 0; i < ARRAY_LEN(rows) && r == 0; i++)
		r = store_run(c, &set, Q_MASTER, BINDS(b_text(rows[i].name), b_text(rows[i].value)),
		    err);
	return store_end(c, &tx, r, err);
}
