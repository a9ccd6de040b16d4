/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation: the UI thread appends jobs to a lane's queue; the lane
 * thread takes one, runs it on its own client, and appends it to the list of
 * finished jobs. One mutex guards queues, the finished list and which job runs
 * where. A job is known to the UI by its number only: a slot holds the number
 * it waits for, and the finished job is delivered when the slot still holds
 * it. Cancelling a running job is tsql_client_cancel under the mutex, so it
 * cannot hit the lane's next job.
 */
#include "tui/jobs.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tui/text.h"

#define HOLD_MS 2000

struct job {
	struct job *next;
	uint64_t number;
	struct job_slot *slot; /* touched by the UI thread only */
	char *batch;
	struct job_params params;
	size_t max_rows;
	bool have_columns; /* the first rowset has begun */
	bool ended;        /* the first rowset is over */
	bool cancelled;
	job_done_fn *done;
	void *ctx;
	struct job_result result;
};

struct lane {
	struct jobs *jobs;
	pthread_t thread;
	struct tsql_client *client; /* lane thread; read under the mutex to cancel */
	struct job *queue, **queue_end;
	struct job *running;
};

struct jobs {
	struct tsql_connector connector;
	int wake_fd;
	pthread_mutex_t mutex;
	pthread_cond_t work;
	struct lane lanes[JOB_LANE_COUNT];
	struct job *finished, **finished_end;
	uint64_t last_number;
	size_t waiting; /* slots that wait; UI thread only */
	size_t awaited; /* of them, those that keys are held for; and until when */
	int64_t hold_until_ms;
	bool quit;
};

void job_params_add(struct job_params *params, const char *name, struct tsql_value value)
{
	struct tsql_param param = { .name = xstrdup(name), .value = value };

	param.decl.type = value.type;
	param.decl.length = tsql_type_is_text(value.type) ? TSQL_MAX : value.length;
	param.decl.precision = value.precision;
	param.decl.scale = value.scale;
	vec_push(params, param);
}

void job_params_bigint(struct job_params *params, const char *name, int64_t value)
{
	job_params_add(params, name, tsql_bigint(value));
}

void job_params_text(struct job_params *params, const char *name, const char *text)
{
	job_params_add(params, name, tsql_nvarchar(text));
}

void job_params_release(struct job_params *params)
{
	for (size_t i = 0; i < params->len; i++) {
		free((char *)params->items[i].name);
		tsql_value_release(&params->items[i].value);
	}
	vec_release(params);
}

static void job_free(struct job *job)
{
	if (!job)
		return;
	free(job->batch);
	job_params_release(&job->params);
	tsql_rowset_release(&job->result.rows);
	free(job);
}

/* --- lane thread --- */

static int on_columns(void *ctx, const struct tsql_column *columns, size_t count)
{
	struct job *job = ctx;
	struct tsql_rowset *rows = &job->result.rows;

	if (job->have_columns) {
		job->ended = true;
		return 0;
	}
	job->have_columns = true;
	rows->columns = xcalloc(count, sizeof(*rows->columns));
	rows->column_count = count;
	for (size_t i = 0; i < count; i++) {
		rows->columns[i] = columns[i];
		rows->columns[i].name = xstrdup(columns[i].name);
	}
	return 0;
}

static int on_row(void *ctx, const struct tsql_value *values, size_t count)
{
	struct job *job = ctx;
	struct tsql_rowset *rows = &job->result.rows;

	if (job->ended || count != rows->column_count)
		return 0;
	if (rows->row_count >= job->max_rows) {
		job->result.truncated = true;
		return 0;
	}
	/* Grow by doubling: sizes are powers of two, so no capacity is kept. */
	if ((rows->row_count & (rows->row_count - 1)) == 0) {
		size_t room = rows->row_count ? rows->row_count * 2 : 1;

		rows->cells = xreallocarray(rows->cells, room * count, sizeof(*rows->cells));
	}
	for (size_t i = 0; i < count; i++)
		rows->cells[rows->row_count * count + i] = tsql_value_copy(&values[i]);
	rows->row_count++;
	return 0;
}

static void run_job(struct lane *lane, struct job *job)
{
	struct tsql_sink sink = { .ctx = job, .columns = on_columns, .row = on_row };
	struct job_result *result = &job->result;

	if (!lane->client) {
		struct tsql_client *client = NULL;

		result->r = lane->jobs->connector.connect(lane->jobs->connector.ctx, &client, &result->err);
		if (result->r < 0)
			return;
		pthread_mutex_lock(&lane->jobs->mutex);
		lane->client = client;
		pthread_mutex_unlock(&lane->jobs->mutex);
	}
	result->r = tsql_client_run(lane->client, job->batch, job->params.items, job->params.len, &sink,
	    &result->err);
}

static void *lane_main(void *arg)
{
	struct lane *lane = arg;
	struct jobs *jobs = lane->jobs;

	pthread_mutex_lock(&jobs->mutex);
	while (!jobs->quit) {
		struct job *job = lane->queue;

		if (!job) {
			pthread_cond_wait(&jobs->work, &jobs->mutex);
			continue;
		}
		lane->queue = job->next;
		if (!lane->queue)
			lane->queue_end = &lane->queue;
		job->next = NULL;
		lane->running = job;
		if (lane->client)
			tsql_client_rearm(lane->client);
		bool wanted = !job->cancelled;
		pthread_mutex_unlock(&jobs->mutex);
		if (wanted)
			run_job(lane, job);
		pthread_mutex_lock(&jobs->mutex);
		lane->running = NULL;
		*jobs->finished_end = job;
		jobs->finished_end = &job->next;
		if (write(jobs->wake_fd, "j", 1) < 0) {
			/* The pipe is full: the UI is about to wake up anyway. */
		}
	}
	pthread_mutex_unlock(&jobs->mutex);
	tsql_client_close(lane->client);
	return NULL;
}

/* --- UI thread --- */

struct jobs *jobs_new(const struct tsql_connector *connector, int wake_fd)
{
	struct jobs *jobs = xcalloc(1, sizeof(*jobs));

	jobs->connector = *connector;
	jobs->wake_fd = wake_fd;
	jobs->finished_end = &jobs->finished;
	pthread_mutex_init(&jobs->mutex, NULL);
	pthread_cond_init(&jobs->work, NULL);
	for (int i = 0; i < JOB_LANE_COUNT; i++) {
		struct lane *lane = &jobs->lanes[i];

		lane->jobs = jobs;
		lane->queue_end = &lane->queue;
		if (pthread_create(&lane->thread, NULL, lane_main, lane) != 0)
			abort();
	}
	return jobs;
}

static void free_list(struct job *job)
{
	while (job) {
		struct job *next = job->next;

		job_free(job);
		job = next;
	}
}

void jobs_free(struct jobs *jobs)
{
	if (!jobs)
		return;
	pthread_mutex_lock(&jobs->mutex);
	jobs->quit = true;
	for (int i = 0; i < JOB_LANE_COUNT; i++) {
		if (jobs->lanes[i].running && jobs->lanes[i].client)
			tsql_client_cancel(jobs->lanes[i].client);
	}
	pthread_cond_broadcast(&jobs->work);
	pthread_mutex_unlock(&jobs->mutex);
	for (int i = 0; i < JOB_LANE_COUNT; i++) {
		pthread_join(jobs->lanes[i].thread, NULL);
		free_list(jobs->lanes[i].queue);
	}
	free_list(jobs->finished);
	pthread_cond_destroy(&jobs->work);
	pthread_mutex_destroy(&jobs->mutex);
	free(jobs);
}

/* Find the job of a slot wherever it is; call with the mutex held. */
static void forget(struct jobs *jobs, const struct job_slot *slot)
{
	for (int i = 0; i < JOB_LANE_COUNT; i++) {
		struct lane *lane = &jobs->lanes[i];

		if (lane->running && lane->running->number == slot->job) {
			lane->running->cancelled = true;
			if (lane->client)
				tsql_client_cancel(lane->client);
		}
		for (struct job *job = lane->queue; job; job = job->next) {
			if (job->number == slot->job)
				job->cancelled = true;
		}
	}
	for (struct job *job = jobs->finished; job; job = job->next) {
		if (job->number == slot->job)
			job->cancelled = true;
	}
}

bool jobs_hold_keys(const struct jobs *jobs)
{
	return jobs->awaited && clock_mono_ms() < jobs->hold_until_ms;
}

/* The slot waits for nothing any more. */
static void slot_done(struct jobs *jobs, struct job_slot *slot)
{
	jobs->waiting--;
	jobs->awaited -= slot->awaited;
	*slot = (struct job_slot){ 0 };
}

void jobs_cancel(struct jobs *jobs, struct job_slot *slot)
{
	if (!slot->job)
		return;
	pthread_mutex_lock(&jobs->mutex);
	forget(jobs, slot);
	pthread_mutex_unlock(&jobs->mutex);
	slot_done(jobs, slot);
}

void jobs_interrupt(struct jobs *jobs)
{
	pthread_mutex_lock(&jobs->mutex);
	for (int i = 0; i < JOB_LANE_COUNT; i++) {
		if (jobs->lanes[i].running && jobs->lanes[i].client)
			tsql_client_cancel(jobs->lanes[i].client);
	}
	pthread_mutex_unlock(&jobs->mutex);
}

void jobs_submit(struct jobs *jobs, enum job_lane lane, struct job_slot *slot, const char *batch,
    struct job_params *params, size_t max_rows, job_done_fn *done, void *ctx)
{
	struct job *job = xcalloc(1, sizeof(*job));

	jobs_cancel(jobs, slot);
	job->number = slot->job = ++jobs->last_number;
	slot->awaited = lane == JOB_AWAITED;
	if (slot->awaited) {
		lane = JOB_FRONT;
		if (jobs->awaited++ == 0)
			jobs->hold_until_ms = clock_mono_ms() + HOLD_MS;
	}
	job->slot = slot;
	job->batch = xstrdup(batch);
	if (params) {
		job->params = *params;
		*params = (struct job_params){ 0 };
	}
	job->max_rows = max_rows;
	job->done = done;
	job->ctx = ctx;
	jobs->waiting++;
	pthread_mutex_lock(&jobs->mutex);
	*jobs->lanes[lane].queue_end = job;
	jobs->lanes[lane].queue_end = &job->next;
	pthread_cond_broadcast(&jobs->work);
	pthread_mutex_unlock(&jobs->mutex);
}

int jobs_deliver(struct jobs *jobs)
{
	int delivered = 0;

	for (;;) {
		pthread_mutex_lock(&jobs->mutex);
		struct job *job = jobs->finished;
		if (job) {
			jobs->finished = job->next;
			if (!jobs->finished)
				jobs->finished_end = &jobs->finished;
		}
		pthread_mutex_unlock(&jobs->mutex);
		if (!job)
			return delivered;
		/* A cancelled job's slot may be gone: do not touch it. */
		if (!job->cancelled) {
			slot_done(jobs, job->slot);
			job->done(job->ctx, &job->result);
			delivered++;
		}
		job_free(job);
	}
}

bool jobs_idle(const struct jobs *jobs)
{
	return jobs->waiting == 0;
}

int64_t cell_int(const struct tsql_rowset *rows, size_t row, const char *column, int64_t missing)
{
	const struct tsql_value *value = tsql_rowset_get(rows, row, column);

	if (!value || value->null || tsql_type_is_text(value->type) || value->type == TSQL_UNKNOWN)
		return missing;
	return value->i;
}

bool cell_is_null(const struct tsql_rowset *rows, size_t row, const char *column)
{
	const struct tsql_value *value = tsql_rowset_get(rows, row, column);

	return !value || value->null;
}

/* As people read it: bits in words, moments in local time to the second. */
static void format_cell(const struct tsql_value *value, struct buf *ret)
{
	char time[24];

	if (value->type == TSQL_BIT) {
		buf_adds(ret, value->i ? "True" : "False");
	} else if (value->type == TSQL_DATETIMEOFFSET) {
		clock_format_local(value->i, time, sizeof(time));
		buf_adds(ret, time);
	} else {
		tsql_value_format(value, ret);
	}
}

char *cell_raw(const struct tsql_rowset *rows, size_t row, const char *column)
{
	const struct tsql_value *value = tsql_rowset_get(rows, row, column);
	struct buf text = BUF_INIT;

	if (value && !value->null)
		tsql_value_format(value, &text);
	return buf_detach(&text);
}

char *cell_text(const struct tsql_rowset *rows, size_t row, const char *column)
{
	const struct tsql_value *value = tsql_rowset_get(rows, row, column);
	struct buf text = BUF_INIT, clean = BUF_INIT;

	if (value && !value->null) {
		format_cell(value, &text);
		text_clean(text.data, text.len, &clean);
	}
	buf_release(&text);
	return buf_detach(&clean);
}
