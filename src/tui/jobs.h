/* SPDX-License-Identifier: MIT */
/*
 * Queries off the UI thread.
 *
 * Each lane is a thread with its own connection, opened at its first job. A
 * job is one batch with parameters; its result is immutable and comes back to
 * the UI thread, which is woken by one byte in a pipe and calls jobs_deliver.
 *
 * A screen keeps one job_slot per kind of query. Submitting to a slot replaces
 * what it was waiting for: the older job is cancelled and its result, should
 * it still arrive, is dropped. A slot must be cancelled before it is freed.
 */
#ifndef SO_TUI_JOBS_H
#define SO_TUI_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "tsql/client.h"

enum job_lane {
	JOB_FRONT, /* what the user waits for */
	JOB_BACK,  /* counters, refreshes */
	JOB_SCAN,  /* filters, which may have to look at every row */
	JOB_LANE_COUNT,
	/*
	 * JOB_FRONT, and what is typed until the rows are here is meant for what they bring (a dialog, a screen's first rows): it is
	 * to be left unread while jobs_hold_keys says so, two seconds at most, so that a slow catalog does not take the keyboard.
	 */
	JOB_AWAITED
};

/* Parameters of a batch; owns names and values. */
struct job_params {
	struct tsql_param *items;
	size_t len, cap;
};
void job_params_add(struct job_params *params, const char *name, struct tsql_value value);
void job_params_bigint(struct job_params *params, const char *name, int64_t value);
void job_params_text(struct job_params *params, const char *name, const char *text);
void job_params_release(struct job_params *params);

/* What came back; belongs to the jobs and lives during the callback. */
struct job_result {
	int r;                   /* as tsql_client_run */
	struct err err;
	struct tsql_rowset rows; /* the first rowset that had columns; may be empty */
	bool truncated;          /* more than max_rows rows came */
};

struct job_slot {
	uint64_t job; /* 0 = waits for nothing */
	bool awaited; /* keys are held for it */
};

struct jobs;
/* wake_fd gets one byte per finished job; borrowed, non-blocking. */
struct jobs *jobs_new(const struct tsql_connector *connector, int wake_fd);
/* Cancels what runs and joins the threads. */
void jobs_free(struct jobs *jobs);

typedef void job_done_fn(void *ctx, const struct job_result *result);
/* Run a batch (copied) in a lane; params are moved in (may be NULL). done runs on the UI thread, or never. */
void jobs_submit(struct jobs *jobs, enum job_lane lane, struct job_slot *slot, const char *batch,
    struct job_params *params, size_t max_rows, job_done_fn *done, void *ctx);
/* Whether rows are awaited (JOB_AWAITED), and not for too long. */
bool jobs_hold_keys(const struct jobs *jobs);
/* Forget and cancel what the slot waits for. */
void jobs_cancel(struct jobs *jobs, struct job_slot *slot);
/* Ask the server to stop what runs now; the callbacks then get ERR_CANCELLED. */
void jobs_interrupt(struct jobs *jobs);
static inline bool job_slot_busy(const struct job_slot *slot)
{
	return slot->job != 0;
}
/* Call the callbacks of everything that has finished; returns how many. UI thread. */
int jobs_deliver(struct jobs *jobs);
/* True when no slot waits for anything. */
bool jobs_idle(const struct jobs *jobs);

/* Cells of a result by column name; a NULL or missing cell gives the default, "" or 0. */
int64_t cell_int(const struct tsql_rowset *rows, size_t row, const char *column, int64_t missing);
/* Text form made clean for the screen; caller frees. */
char *cell_text(const struct tsql_rowset *rows, size_t row, const char *column);
/* Text form as the catalog has it, for names that go back into T-SQL; caller frees. */
char *cell_raw(const struct tsql_rowset *rows, size_t row, const char *column);
bool cell_is_null(const struct tsql_rowset *rows, size_t row, const char *column);

#endif
