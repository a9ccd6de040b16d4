/* SPDX-License-Identifier: MIT */
/* Stopping operations: ask once, then one call after the other, so that one that fails does not keep the rest from stopping. */
#include "tui/screens/screens.h"

#include "tui/app.h"

static void stop_next(struct app *app); /* it and stopped call each other */

static void report(struct app *app)
{
	struct app_stop *stop = &app->stop;
	size_t count = stop->ids.len;

	if (stop->failed == 0)
		app_toast(app, count == 1 ? "stop asked for" : "stop asked for %zu operations", count);
	else if (count == 1)
		app_alert_err(app, "Stop", &stop->err);
	else
		app_toast(app, "%zu of %zu could not be stopped: %s", stop->failed, count, stop->err.primary);
	stop->ids.len = 0;
	if (app_subject(app)->ops->refresh)
		app_subject(app)->ops->refresh(app_subject(app));
}

static void stopped(void *ctx, const struct job_result *result)
{
	struct app *app = ctx;

	if (result->r < 0 && app->stop.failed++ == 0)
		app->stop.err = result->err;
	stop_next(app);
}

static void stop_next(struct app *app)
{
	struct app_stop *stop = &app->stop;
	struct job_params params = { 0 };

	if (stop->next == stop->ids.len) {
		report(app);
		return;
	}
	job_params_bigint(&params, "@id", stop->ids.items[stop->next++]);
	jobs_submit(app->jobs, JOB_FRONT, &stop->slot,
	    "EXEC [SSISDB].[catalog].[stop_operation] @operation_id=@id", &params, 1, stopped, app);
}

void stop_operations(struct screen *screen, const int64_t *ids, int count, const char *what)
{
	struct app *app = screen->app;
	struct app_stop *stop = &app->stop;
	char *question = xasprintf("Stop %s?", what);
	bool yes;

	if (job_slot_busy(&stop->slot)) {
		app_toast(app, "still stopping the ones before");
		free(question);
		return;
	}
	yes = dlg_confirm(&app->dialogs, "Stop", question, "Stop");
	free(question);
	app->dirty = true;
	if (!yes)
		return;
	stop->ids.len = stop->next = stop->failed = 0;
	for (int i = 0; i < count; i++)
		vec_push(&stop->ids, ids[i]);
	stop_next(app);
}
