/* SPDX-License-Identifier: MIT */
/*
 * Workers as the master sees them: the registered machines, what HELLO said
 * about them, and the built-in local worker of Server mode, which is not a
 * row and never appears in worker_agents.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/queue_impl.h"

#define LOCAL_SLOTS 10

enum { Q_WORKERS, Q_SEEN, Q_LOAD, Q_BLOCK, Q_SPOOL, Q_SPOOL_SET, Q_SPOOL_LOST, Q_COUNT };
static const char *const sql[] = {
	[Q_WORKERS] = "SELECT worker_id, name, host, port, user_name, identity, host_keys, program,"
		      " enabled, blocked, slots, spool, ifnull(s.jump_hosts, ''), s.allow_root, s.cgroup, s.memory_max_mb,"
		      " s.cpu_max, tags FROM worker LEFT JOIN worker_setting s USING (worker_id) ORDER BY created_time, worker_id",
	[Q_SEEN] = "UPDATE worker SET online = ?2, machine_name = coalesce(?3, machine_name),"
		   " user_account = coalesce(?4, user_account), version = coalesce(?5, version),"
		   " os = coalesce(?6, os), last_error = coalesce(?7, last_error),"
		   " cpu_count = CASE WHEN ?8 > 0 THEN ?8 ELSE cpu_count END,"
		   " memory_kb = CASE WHEN ?9 > 0 THEN ?9 ELSE memory_kb END, running = ?10,"
		   " last_online_time = CASE WHEN ?2 THEN ?11 ELSE last_online_time END"
		   " WHERE worker_id = ?1",
	[Q_LOAD] = "INSERT INTO worker_load SELECT worker_id, ?2, ?3, ?4, ?5 FROM worker WHERE worker_id = ?1"
		   " ON CONFLICT (worker_id) DO UPDATE SET cpu_percent = excluded.cpu_percent,"
		   " memory_free_kb = excluded.memory_free_kb, reported_time = excluded.reported_time,"
		   " held_back = excluded.held_back",
	[Q_SPOOL] = "SELECT spool_id FROM worker_spool WHERE worker_id = ?1",
	[Q_SPOOL_SET] = "INSERT INTO worker_spool VALUES (?1, ?2) ON CONFLICT (worker_id) DO UPDATE SET spool_id = excluded.spool_id",
	[Q_SPOOL_LOST] = "UPDATE execution_try SET spool_lost = 1 WHERE worker_id = ?1 AND end_time IS NULL",
	[Q_BLOCK] = "UPDATE worker SET blocked = 1, block_reason = ?2, online = 0 WHERE worker_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_QUEUE_WORKERS, sql);

static struct queue_worker local_worker(void)
{
	return (struct queue_worker){ .name = xstrdup("(local)"),
		.host = xstrdup(""),
		.user = xstrdup(""),
		.identity = xstrdup(""),
		.host_keys = xstrdup(""),
		.program = xstrdup(""),
		.spool = xstrdup(""),
		.jump_hosts = xstrdup(""),
		.tags = xstrdup(""),
		.flags = QUEUE_WORKER_ENABLED,
		.slots = LOCAL_SLOTS };
}

int queue_workers(struct catalog *c, struct queue_workers *ret, struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_WORKERS, NO_BINDS);
	VEC(struct queue_worker) workers = { 0 };
	int r;

	vec_push(&workers, local_worker());
	while ((r = store_step(c, q, err)) == 1) {
		struct queue_worker w = { .id = col_uuid(q, 0),
			.name = col_dup(q, 1),
			.host = col_dup(q, 2),
			.port = sqlite3_column_int(q, 3),
			.user = col_dup(q, 4),
			.identity = col_dup(q, 5),
			.host_keys = col_dup(q, 6),
			.program = col_dup(q, 7),
			.flags = (sqlite3_column_int(q, 8) ? QUEUE_WORKER_ENABLED : 0u) |
			    (sqlite3_column_int(q, 9) ? QUEUE_WORKER_BLOCKED : 0u) |
			    (sqlite3_column_int(q, 13) ? QUEUE_WORKER_ALLOW_ROOT : 0u) |
			    (sqlite3_column_int(q, 14) ? QUEUE_WORKER_CGROUP : 0u),
			.slots = sqlite3_column_int(q, 10),
			.spool = col_dup(q, 11),
			.jump_hosts = col_dup(q, 12),
			.memory_max_mb = sqlite3_column_int(q, 15),
			.cpu_max_percent = sqlite3_column_int(q, 16),
			.tags = col_dup(q, 17) };

		vec_push(&workers, w);
	}
	*ret = (struct queue_workers){ workers.items, workers.len };
	if (r < 0)
		queue_workers_release(ret);
	return r;
}

void queue_workers_release(struct queue_workers *workers)
{
	for (size_t i = 0; i < workers->len; i++) {
		struct queue_worker *w = &workers->items[i];

		free(w->name);
		free(w->host);
		free(w->user);
		free(w->identity);
		free(w->host_keys);
		free(w->program);
		free(w->spool);
		free(w->jump_hosts);
		free(w->tags);
	}
	free(workers->items);
	*workers = (struct queue_workers){ 0 };
}

/* Run a statement about one worker, fenced. An unknown worker is no error: it was removed meanwhile. */
static int update_worker(struct catalog *c, size_t index, const struct bind *binds, struct err *err)
{
	struct store_tx tx;
	int r = queue_begin_fenced(c, &tx, err);

	if (r == 0)
		r = store_run(c, &set, index, binds, err);
	return store_end(c, &tx, r, err);
}

int queue_worker_seen(struct catalog *c, const struct uuid *id,
    const struct queue_worker_state *state, struct err *err)
{
	int r = update_worker(c, Q_SEEN,
	    BINDS(b_uuid(id), b_int(state->online), b_text(state->machine_name),
		b_text(state->user_account), b_text(state->version), b_text(state->os),
		b_text(state->error), b_int(state->cpu_count), b_int(state->memory_kb),
		b_int(state->running), b_int(clock_wall())),
	    err);

	if (r == 0 && state->load_known)
		r = update_worker(c, Q_LOAD,
		    BINDS(b_uuid(id), b_int(state->cpu_percent), b_int(state->memory_free_kb),
			b_int(clock_wall()), b_text(state->held_back)),
		    err);
	return r;
}

int queue_worker_spool(struct catalog *c, const struct uuid *id, const char *spool_id, bool *ret_replaced,
    struct err *err)
{
	struct store_tx tx;
	char *before = NULL;
	int r = queue_begin_fenced(c, &tx, err);

	if (r == 0)
		r = store_text(c, &set, Q_SPOOL, BINDS(b_uuid(id)), &before, err);
	bool same = r == 1 && strcmp(before, spool_id) == 0, replaced = r == 1 && !same;
	if (r >= 0)
		r = same ? 0 : store_run(c, &set, Q_SPOOL_SET, BINDS(b_uuid(id), b_text(spool_id)), err);
	if (r == 0 && replaced)
		r = store_run(c, &set, Q_SPOOL_LOST, BINDS(b_uuid(id)), err);
	free(before);
	r = store_end(c, &tx, r, err);
	if (r == 0)
		*ret_replaced = replaced;
	return r;
}

int queue_worker_block(struct catalog *c, const struct uuid *id, const char *reason,
    struct err *err)
{
	return update_worker(c, Q_BLOCK, BINDS(b_uuid(id), b_text(reason)), err);
}
