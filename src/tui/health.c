/* SPDX-License-Identifier: MIT */
/* The alerts of every screen; see health.h. */
#include "tui/health.h"

#include <stdlib.h>

#include "base/clock.h"
#include "tui/app.h"

#define LOOK_MS 2000
#define LOOK_SLOW_MS 30000
/* A master writes its sign of life every 30 s (setting heartbeat); two may be missing where it cannot be asked. */
#define MASTER_SILENCE (75 * TICKS_PER_SECOND)

static const char look_sql[] =
    "SELECT is_paused, reason, changed_by, changed_time, "
    "(SELECT TRY_CONVERT(datetimeoffset, property_value) FROM [SSISDB].[catalog].[master_properties] "
    "WHERE property_name = N'LAST_ONLINE_TIME') AS master_seen, "
    "(SELECT executions FROM [SSISDB].[scaleout].[execution_counts] WHERE status = 5) AS waiting, "
    "(SELECT executions FROM [SSISDB].[scaleout].[execution_counts] WHERE status = 2) AS running "
    "FROM [SSISDB].[scaleout].[queue_state]";

static bool master_runs(const struct app *app)
{
	const struct console_master *master = &app->options.master;

	if (master->runs)
		return master->runs(master->ctx);
	return app->health.master_seen == 0 || clock_wall() - app->health.master_seen < MASTER_SILENCE;
}

static void looked(void *ctx, const struct job_result *result)
{
	struct app *app = ctx;
	struct health *h = &app->health;

	/* Failures are shown by the screens, which read the same catalog. */
	if (result->r < 0 || result->rows.row_count == 0)
		return;
	free(h->reason);
	free(h->by);
	h->paused = cell_int(&result->rows, 0, "is_paused", 0) != 0;
	h->reason = cell_text(&result->rows, 0, "reason");
	h->by = cell_text(&result->rows, 0, "changed_by");
	h->since = cell_int(&result->rows, 0, "changed_time", 0);
	h->master_seen = cell_int(&result->rows, 0, "master_seen", 0);
	h->waiting = cell_int(&result->rows, 0, "waiting", 0);
	h->running = cell_int(&result->rows, 0, "running", 0);
	h->master_runs = master_runs(app);
	h->known = true;
}

int64_t health_tick(struct app *app, int64_t now_ms)
{
	struct health *h = &app->health;

	if (now_ms < h->due_ms || job_slot_busy(&h->slot))
		return h->due_ms > now_ms ? h->due_ms : 0;
	jobs_submit(app->jobs, JOB_BACK, &h->slot, look_sql, NULL, 1, looked, app);
	h->due_ms = now_ms + (app->options.slow ? LOOK_SLOW_MS : LOOK_MS);
	return h->due_ms;
}

void health_refresh(struct app *app)
{
	app->health.due_ms = 0;
}

void health_release(struct app *app)
{
	jobs_cancel(app->jobs, &app->health.slot);
	free(app->health.reason);
	free(app->health.by);
}

/* "12 min", "3 h 05 min": nothing that changes more often than once a minute. */
static void add_age(int64_t since, struct buf *ret)
{
	int64_t minutes = (clock_wall() - since) / TICKS_PER_SECOND / 60;

	if (minutes < 1)
		buf_adds(ret, "just now");
	else if (minutes < 60)
		buf_addf(ret, "for %lld min", (long long)minutes);
	else if (minutes < 48 * 60)
		buf_addf(ret, "for %lld h %02lld min", (long long)(minutes / 60), (long long)(minutes % 60));
	else
		buf_addf(ret, "for %lld days", (long long)(minutes / 60 / 24));
}

static bool paused_line(const struct app *app, struct buf *ret, enum role *ret_role)
{
	const struct health *h = &app->health;

	if (!h->paused)
		return false;
	buf_adds(ret, " QUEUE PAUSED ");
	add_age(h->since, ret);
	if (*h->by)
		buf_addf(ret, " by %s", h->by);
	if (*h->reason)
		buf_addf(ret, ": %s", h->reason);
	buf_addf(ret, " (%lld waiting; P resumes)", (long long)h->waiting);
	*ret_role = ROLE_ALERT;
	return true;
}

static bool master_line(const struct app *app, struct buf *ret, enum role *ret_role)
{
	const struct health *h = &app->health;
	char seen[24];

	/* A catalog that never had one gets one with its first execution. */
	if (h->master_runs || (h->master_seen == 0 && h->waiting + h->running == 0))
		return false;
	buf_adds(ret, " NO MASTER RUNS: nothing is started");
	if (h->waiting || h->running)
		buf_addf(ret, " (%lld waiting, %lld running)", (long long)h->waiting, (long long)h->running);
	buf_adds(ret, "; C-g starts one");
	if (h->master_seen) {
		clock_format_local(h->master_seen, seen, sizeof(seen));
		buf_addf(ret, "; last seen %s", seen);
	}
	*ret_role = ROLE_ALERT;
	return true;
}

bool health_line(const struct app *app, int number, struct buf *ret, enum role *ret_role)
{
	bool (*const lines[HEALTH_LINES])(const struct app *, struct buf *, enum role *) = { master_line, paused_line };

	return app->health.known && lines[number](app, ret, ret_role);
}
