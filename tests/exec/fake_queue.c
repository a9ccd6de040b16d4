/* SPDX-License-Identifier: MIT */
/* The queue in memory. It follows the header's words, not the real implementation's. */
#include "catalog/maintenance.h"
#include "tests/exec/fake_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/exec/client.h"

struct catalog *fake_catalog_new(const char *dir, int count)
{
	struct catalog *c = xcalloc(1, sizeof(*c));

	c->worker_count = count;
	c->slots = 4;
	for (int i = 0; i < count; i++) {
		c->worker_ids[i].bytes[0] = (unsigned char)i;
		snprintf(c->spools[i], sizeof(c->spools[i]), "%s/spool%d", dir, i);
	}
	return c;
}

struct fake_execution *fake_execution(struct catalog *c, int retries, const char *steps)
{
	struct fake_execution *e = &c->now.executions[c->now.execution_count++];

	*e = (struct fake_execution){ .id = c->now.execution_count, .status = 5, .retries = retries,
		.attempt = 1, .queued = true, .only_worker = -1, .last_worker = -1 };
	snprintf(e->steps, sizeof(e->steps), "%s", steps);
	c->changed = true;
	return e;
}

void fake_stop(struct catalog *c, int64_t id)
{
	c->now.executions[id - 1].status = 8;
	c->changed = true;
}

static struct fake_execution *find(struct catalog *c, int64_t id)
{
	return id >= 1 && id <= c->now.execution_count ? &c->now.executions[id - 1] : NULL;
}

static struct fake_try *find_try(struct catalog *c, int64_t id, int attempt, struct err *err)
{
	struct fake_execution *e = find(c, id);
	struct fake_try *try = e && attempt >= 1 && attempt <= FAKE_TRIES ? &e->tries[attempt] : NULL;

	if (!try || (!try->open && !try->ended)) {
		err_set(err, ERR_NOT_FOUND, "no such try");
		return NULL;
	}
	return try;
}

static int worker_index(const struct catalog *c, const struct uuid *id)
{
	for (int i = 0; i < c->worker_count; i++) {
		if (memcmp(&c->worker_ids[i], id, sizeof(*id)) == 0)
			return i;
	}
	return -1;
}

int queue_take_epoch(struct catalog *c, int64_t *ret_epoch, struct err *err)
{
	(void)err;
	*ret_epoch = c->our_epoch = ++c->now.epoch;
	return 0;
}

bool queue_changed(struct catalog *c)
{
	bool changed = c->changed;

	c->changed = false;
	return changed;
}

int queue_batch_begin(struct catalog *c, struct err *err)
{
	if (c->our_epoch < c->now.epoch)
		return err_set(err, ERR_DENIED, "another master has taken over");
	c->before = c->now;
	c->in_batch = true;
	return 0;
}

int queue_batch_commit(struct catalog *c, struct err *err)
{
	c->in_batch = false;
	if (c->fail_commits > 0 || c->disk_full) {
		c->fail_commits -= c->fail_commits > 0;
		c->now = c->before;
		return err_set(err, ERR_IO, "the disk is full");
	}
	c->commits++;
	return 0;
}

void queue_batch_rollback(struct catalog *c)
{
	if (c->in_batch)
		c->now = c->before;
	c->in_batch = false;
}

int queue_workers(struct catalog *c, struct queue_workers *ret, struct err *err)
{
	(void)err;
	ret->len = (size_t)c->worker_count;
	ret->items = xcalloc(ret->len, sizeof(*ret->items));
	for (int i = 0; i < c->worker_count; i++) {
		ret->items[i] = (struct queue_worker){ .id = c->worker_ids[i], .name = xasprintf("w%d", i),
			.host = xstrdup(""), .user = xstrdup(""), .identity = xstrdup(""),
			.host_keys = xstrdup(""), .program = xstrdup(c->programs[i]),
			.spool = xstrdup(c->spools[i]), .jump_hosts = xstrdup(""), .tags = xstrdup(""), .flags = c->disabled[i] ? 0 : QUEUE_WORKER_ENABLED,
			.slots = c->slots };
	}
	return 0;
}

void queue_workers_release(struct queue_workers *workers)
{
	for (size_t i = 0; i < workers->len; i++) {
		struct queue_worker *w = &workers->items[i];
		char *texts[] = { w->name, w->host, w->user, w->identity, w->host_keys, w->program, w->spool, w->jump_hosts, w->tags };
		for (size_t t = 0; t < ARRAY_LEN(texts); t++)
			free(texts[t]);
	}
	free(workers->items);
}

int queue_worker_seen(struct catalog *c, const struct uuid *id, const struct queue_worker_state *state,
    struct err *err)
{
	(void)err;
	int i = worker_index(c, id);
	if (i >= 0)
		c->online[i] = state->online;
	return 0;
}

int queue_worker_spool(struct catalog *c, const struct uuid *id, const char *spool_id, bool *ret_replaced,
    struct err *err)
{
	int w = worker_index(c, id);

	(void)err;
	*ret_replaced = *c->now.spool_ids[w] && strcmp(c->now.spool_ids[w], spool_id) != 0;
	snprintf(c->now.spool_ids[w], sizeof(c->now.spool_ids[w]), "%s", spool_id);
	for (int i = 0; *ret_replaced && i < c->now.execution_count; i++) {
		struct fake_execution *e = &c->now.executions[i];
		struct fake_try *try = &e->tries[e->attempt];
		try->spool_lost = try->open && try->worker == w;
	}
	return 0;
}

int queue_worker_block(struct catalog *c, const struct uuid *id, const char *reason, struct err *err)
{
	(void)c, (void)id, (void)reason, (void)err;
	return 0;
}

/* Lane numbers: 1 = the built-in worker, 2 = any worker, 3 + n = only worker n; the folder is the fake's. */
static int64_t lane_of(const struct fake_execution *e)
{
	return e->local ? 1 : e->only_worker < 0 ? 2 : 3 + e->only_worker;
}

static bool waits_in(const struct fake_execution *e, int64_t lane_id)
{
	return e->queued && e->status == 5 && lane_of(e) == lane_id;
}

int queue_lanes(struct catalog *c, struct queue_lanes *ret, struct err *err)
{
	VEC(struct queue_lane) lanes = { 0 };
	char id[UUID_TEXT_LEN + 1];

	(void)err;
	for (int64_t n = 1; n < 3 + FAKE_WORKERS; n++) {
		bool waits = false;
		for (int i = 0; i < c->now.execution_count; i++)
			waits |= waits_in(&c->now.executions[i], n);
		if (!waits)
			continue;
		struct queue_lane lane = { .lane_id = n, .local = n == 1, .any_worker = n < 3, .tags = xstrdup("") };
		uuid_format(&c->worker_ids[n < 3 ? 0 : n - 3], true, id);
		lane.workers = xstrdup(n < 3 ? "" : id);
		vec_push(&lanes, lane);
	}
	*ret = (struct queue_lanes){ lanes.items, lanes.len };
	return 0;
}

void queue_lanes_release(struct queue_lanes *lanes)
{
	for (size_t i = 0; i < lanes->len; i++) {
		free(lanes->items[i].tags);
		free(lanes->items[i].workers);
	}
	free(lanes->items);
}

int queue_pending(struct catalog *c, int64_t lane_id, int64_t after_id, int64_t now, size_t max,
    struct queue_items *ret, struct err *err)
{
	VEC(struct queue_item) items = { 0 };

	(void)err, (void)now;
	for (int i = 0; i < c->now.execution_count && items.len < max; i++) {
		struct fake_execution *e = &c->now.executions[i];
		if (!waits_in(e, lane_id) || e->id <= after_id)
			continue;
		struct queue_item item = { .execution_id = e->id, .attempt = e->attempt,
			.retries_left = e->attempt <= e->retries, .time_limit_s = e->time_limit_s };
		if (e->last_worker >= 0)
			item.last_worker = c->worker_ids[e->last_worker];
		vec_push(&items, item);
	}
	*ret = (struct queue_items){ items.items, items.len };
	return 0;
}

void queue_items_release(struct queue_items *items)
{
	free(items->items);
}

int queue_next_time(struct catalog *c, int64_t now, int64_t *ret, struct err *err)
{
	(void)c, (void)now, (void)err;
	*ret = 0;
	return 0;
}

int queue_counts(struct catalog *c, int64_t ret[10], struct err *err)
{
	(void)err;
	memset(ret, 0, 10 * sizeof(*ret));
	for (int i = 0; i < c->now.execution_count; i++)
		ret[c->now.executions[i].status]++;
	return 0;
}

int queue_paused(struct catalog *c, bool *ret, struct err *err)
{
	(void)err;
	*ret = c->paused;
	return 0;
}

int queue_assign(struct catalog *c, int64_t id, int attempt, const struct uuid *worker, int64_t epoch,
    struct err *err)
{
	struct fake_execution *e = find(c, id);

	if (!e || !e->queued || e->attempt != attempt || e->status != 5)
		return err_set(err, ERR_BUSY, "no longer pending");
	e->queued = false;
	e->last_worker = worker_index(c, worker);
	e->tries[attempt] = (struct fake_try){ .open = true, .worker = e->last_worker, .epoch = epoch };
	return 0;
}

int queue_task(struct catalog *c, int64_t id, int attempt, struct buf *ret, char ret_hash[65], struct err *err)
{
	(void)attempt;
	struct fake_execution *e = find(c, id);
	if (!e)
		return err_set(err, ERR_NOT_FOUND, "no such execution");
	buf_addf(ret, "{\"steps\":%s}", e->steps);
	snprintf(ret_hash, 65, "%s", PROJECT_HASH);
	return 0;
}

int queue_project(struct catalog *c, const char *hash, struct buf *ret, struct err *err)
{
	(void)c;
	if (strcmp(hash, PROJECT_HASH) != 0)
		return err_set(err, ERR_NOT_FOUND, "no such project");
	buf_adds(ret, PROJECT_BYTES);
	return 0;
}

int queue_started(struct catalog *c, int64_t id, int attempt, const struct queue_started *started,
    struct err *err)
{
	(void)started;
	struct fake_try *try = find_try(c, id, attempt, err);
	if (!try)
		return -ERR_NOT_FOUND;
	if (try->started || try->ended)
		return 0;
	try->started = true;
	find(c, id)->starts++;
	if (find(c, id)->status == 5)
		find(c, id)->status = 2;
	return 0;
}

int queue_events(struct catalog *c, int64_t id, int attempt, int64_t from_seq, const char *lines, size_t len,
    int64_t *ret_committed_seq, struct err *err)
{
	struct fake_try *try = find_try(c, id, attempt, err);

	if (!try)
		return -ERR_NOT_FOUND;
	if (c->fail_events > 0) {
		c->fail_events--;
		return err_set(err, ERR_INVALID, "a gap, says the test");
	}
	if (from_seq > try->committed_seq + 1)
		return err_set(err, ERR_INVALID, "a gap");
	int64_t seq = from_seq;
	for (const char *at = lines, *end = lines + len; at < end; seq++) {
		long long number = 0;
		if (sscanf(at, "{\"s\":%lld", &number) != 1 || number != seq)
			return err_set(err, ERR_INVALID, "event %lld where %lld should be", number, (long long)seq);
		if (seq > try->committed_seq)
			try->committed_seq = seq;
		at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
	}
	*ret_committed_seq = try->committed_seq;
	return 0;
}

int queue_committed_seq(struct catalog *c, int64_t id, int attempt, int64_t *ret_seq, struct err *err)
{
	struct fake_try *try = find_try(c, id, attempt, err);

	if (!try)
		return -ERR_NOT_FOUND;
	*ret_seq = try->committed_seq;
	return 0;
}

int queue_note(struct catalog *c, int64_t id, int type, const char *text, struct err *err)
{
	(void)type, (void)err;
	struct fake_execution *e = find(c, id);
	e->notes++;
	snprintf(e->last_note, sizeof(e->last_note), "%s", text);
	return 0;
}

int queue_end(struct catalog *c, int64_t id, int attempt, enum queue_outcome outcome, int exit_code,
    int64_t end_time, const char *reason, bool *ret_final, struct err *err)
{
	static const int status[] = { 7, 9, 4, 3, 6, 5 };
	struct fake_execution *e = find(c, id);
	struct fake_try *try = find_try(c, id, attempt, err);

	(void)end_time;
	if (!try)
		return outcome == QUEUE_NOT_STARTED ? 0 : -ERR_NOT_FOUND;
	if (try->ended) {
		*ret_final = e->status != 5 && e->status != 2;
		return 0;
	}
	if (outcome == QUEUE_NOT_STARTED) {
		if (try->started)
			return err_set(err, ERR_INVALID, "has started");
		*try = (struct fake_try){ 0 };
		e->queued = e->status != 8;
		e->status = e->status == 8 ? 3 : 5;
		*ret_final = e->status == 3;
		return 0;
	}
	try->open = false;
	try->ended = true;
	try->outcome = outcome;
	try->exit_code = exit_code;
	snprintf(try->reason, sizeof(try->reason), "%s", reason);
	bool again = (outcome == QUEUE_FAILED || outcome == QUEUE_LOST) && e->status != 8 && attempt <= e->retries;
	e->status = again ? 5 : status[outcome];
	e->queued = again;
	e->attempt += again;
	*ret_final = !again;
	return 0;
}

int queue_dump_requests(struct catalog *c, struct queue_dump_requests *ret, struct err *err)
{
	(void)c, (void)err;
	*ret = (struct queue_dump_requests){ 0 };
	return 0;
}

void queue_dump_requests_release(struct queue_dump_requests *requests)
{
	free(requests->items);
}

int queue_dump_fetched(struct catalog *c, int64_t execution_id, struct err *err)
{
	(void)c, (void)execution_id, (void)err;
	return 0;
}

int queue_end_late_validations(struct catalog *c, bool *ret_any, struct err *err)
{
	(void)c, (void)err;
	*ret_any = false;
	return 0;
}

int queue_dump(struct catalog *c, int64_t id, int attempt, const char *path, struct err *err)
{
	(void)attempt, (void)err;
	snprintf(find(c, id)->dump, sizeof(find(c, id)->dump), "%s", path);
	return 0;
}

static int tries_where(struct catalog *c, const struct uuid *worker, bool stopping, struct queue_tries *ret)
{
	VEC(struct queue_try) tries = { 0 };

	for (int i = 0; i < c->now.execution_count; i++) {
		struct fake_execution *e = &c->now.executions[i];
		const struct fake_try *try = &e->tries[e->attempt];
		if (!try->open || (stopping && e->status != 8) ||
		    (worker && worker_index(c, worker) != try->worker))
			continue;
		struct queue_try item = { .execution_id = e->id, .attempt = e->attempt,
			.worker = c->worker_ids[try->worker], .epoch = try->epoch, .started = try->started,
			.stopping = e->status == 8, .retries_left = e->attempt <= e->retries && e->status != 8,
			.time_limit_s = e->time_limit_s, .spool_lost = try->spool_lost, .committed_seq = try->committed_seq };
		vec_push(&tries, item);
	}
	*ret = (struct queue_tries){ tries.items, tries.len };
	return 0;
}

int queue_open_tries(struct catalog *c, const struct uuid *worker, struct queue_tries *ret, struct err *err)
{
	(void)err;
	return tries_where(c, worker, false, ret);
}

void queue_tries_release(struct queue_tries *tries)
{
	free(tries->items);
}

int queue_stopping(struct catalog *c, struct queue_tries *ret, struct err *err)
{
	(void)err;
	for (int i = 0; i < c->now.execution_count; i++) {
		struct fake_execution *e = &c->now.executions[i];
		if (e->status == 8 && !e->tries[e->attempt].open) {
			e->status = 3;
			e->queued = false;
		}
	}
	return tries_where(c, NULL, true, ret);
}

int queue_master_beat(struct catalog *c, const char *machine_name, int process_id, struct err *err)
{
	(void)machine_name, (void)process_id;
	if (c->disk_full)
		return err_set(err, ERR_IO, "the disk is full");
	return 0;
}

int maintenance_run(struct catalog *c, struct maintenance *m, int max, bool *ret_more, struct err *err)
{
	(void)m, (void)err;
	c->batches++;
	c->old_operations -= max < c->old_operations ? max : c->old_operations;
	*ret_more = c->old_operations > 0;
	return 0;
}
