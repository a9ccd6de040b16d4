/* SPDX-License-Identifier: MIT */
/* Pause and resume, priorities, limits and tags; see queue_actions.h. */
#include "tui/screens/queue_actions.h"

#include <stdlib.h>
#include <string.h>

#include "tui/app.h"

#define PAUSE "EXEC [SSISDB].[scaleout].[pause_queue] @reason=@reason"
#define RESUME "EXEC [SSISDB].[scaleout].[resume_queue]"

/* --- pause and resume --- */

/* The label of the line said what Enter does, so no further question. */
static void reason_typed(struct screen *screen, const char *text)
{
	struct action action = { .title = "Pause Queue", .batch = PAUSE,
		.done = "the queue is paused: nothing new is started, what runs goes on",
		.undo = "resume the queue", .undo_batch = RESUME };

	if (!text)
		return;
	job_params_text(&action.params, "@reason", text);
	action_run(screen->app, &action);
}

void queue_switch(struct app *app)
{
	struct action action = { .title = "Resume Queue", .button = "Resume", .batch = RESUME,
		.done = "the queue goes on", .undo = "pause the queue again", .undo_batch = PAUSE };
	char *question;

	if (!app->health.paused) {
		if (dlg_confirm(&app->dialogs, "Pause Queue", "Pause the queue of this catalog?\nNothing new is started on "
			"any worker until it is resumed; what runs goes on.", "Pause"))
			app_ask(app, app_subject(app), "Paused because (Esc: do not pause): ", "", false, reason_typed);
		app->dirty = true;
		return;
	}
	question = xasprintf("Resume the queue of this catalog?\nIt was paused by %s%s%s. %lld executions wait.",
	    app->health.by, *app->health.reason ? ": " : "", app->health.reason, (long long)app->health.waiting);
	action.question = question;
	job_params_text(&action.undo_params, "@reason", app->health.reason);
	action_run(app, &action);
	free(question);
}

/* --- what waiting executions ask for --- */

static const struct wish_kind {
	const char *property, *column, *label, *hint;
} kinds[] = {
	{ "Priority", "priority", "Priority", "-100 to 100, usual 0" },
	{ "TimeLimit", "time_limit_s", "Time limit", "seconds of each try, 0 = none" },
	{ "RetryDelay", "retry_delay_s", "Retry delay", "seconds before a further try, 0 = a moment" },
	{ "Tags", "tags", "Tags", "words that its worker must have; empty = none" },
};

static void forget(struct app_wish *wish)
{
	for (size_t i = 0; wish->before && i < wish->ids.len; i++)
		tsql_value_release(&wish->before[i]);
	free(wish->before);
	wish->before = NULL;
	free(wish->what);
	wish->what = NULL;
	wish->ids.len = 0;
}

void wish_release(struct app *app)
{
	jobs_cancel(app->jobs, &app->wish.slot);
	forget(&app->wish);
	vec_release(&app->wish.ids);
}

/* One call per execution; with each its own value (@v0 ...) or all the same (@v). */
static void add_calls(const struct app_wish *wish, bool own_values, struct buf *ret, struct job_params *params)
{
	job_params_text(params, "@name", kinds[wish->kind].property);
	for (size_t i = 0; i < wish->ids.len; i++) {
		char id[24], value[24] = "@v";

		snprintf(id, sizeof(id), "@k%zu", i);
		if (own_values)
			snprintf(value, sizeof(value), "@v%zu", i);
		buf_addf(ret, "EXEC [SSISDB].[scaleout].[set_execution] @execution_id=%s, @property_name=@name, "
			      "@property_value=%s\n", id, value);
		job_params_bigint(params, id, wish->ids.items[i]);
		if (own_values)
			job_params_add(params, value, tsql_value_copy(&wish->before[i]));
	}
}

static void value_typed(struct screen *screen, const char *text)
{
	struct app *app = screen->app;
	struct app_wish *wish = &app->wish;
	struct action action = { .title = kinds[wish->kind].label };
	struct buf batch = BUF_INIT, undo_batch = BUF_INIT;
	char *done, *undo;

	if (!text)
		return;
	add_calls(wish, false, &batch, &action.params);
	job_params_text(&action.params, "@v", text);
	add_calls(wish, true, &undo_batch, &action.undo_params);
	done = xasprintf("%s of %s is now %s", action.title, wish->what, *text ? text : "empty");
	undo = xasprintf("%s of %s back to %s", action.title, wish->what,
	    wish->ids.len > 1 ? "what they were" : *wish->before[0].s.data ? wish->before[0].s.data : "empty");
	action.batch = batch.data;
	action.done = done;
	action.undo = undo;
	action.undo_batch = undo_batch.data;
	action_run(app, &action);
	free(done);
	free(undo);
	buf_release(&batch);
	buf_release(&undo_batch);
}

/* The kinds with what they are now, where all have the same. */
static char *kind_line(const struct wish_kind *kind, const struct tsql_rowset *rows)
{
	struct buf line = BUF_INIT;
	char *first = cell_text(rows, 0, kind->column);

	for (size_t i = 1; i < rows->row_count; i++) {
		char *other = cell_text(rows, i, kind->column);
		bool differs = strcmp(first, other) != 0;

		free(other);
		if (!differs)
			continue;
		free(first);
		first = xstrdup("(different ones)");
		break;
	}
	buf_addf(&line, "%-12s %s", kind->label, *first ? first : "-");
	free(first);
	return buf_detach(&line);
}

static void ask_value(struct app *app, const struct tsql_rowset *rows)
{
	const struct wish_kind *kind = &kinds[app->wish.kind];
	char *now = rows->row_count == 1 ? cell_text(rows, 0, kind->column) : xstrdup("");
	char *label = xasprintf("%s of %s (%s): ", kind->label, app->wish.what, kind->hint);

	app_ask(app, app_subject(app), label, now, false, value_typed);
	free(now);
	free(label);
}

static void wishes_read(void *ctx, const struct job_result *result)
{
	struct app *app = ctx;
	struct app_wish *wish = &app->wish;
	const char *lines[ARRAY_LEN(kinds)];
	int chosen;

	if (result->r < 0 || result->rows.row_count == 0) {
		if (result->r < 0)
			app_alert_err(app, "Queue", &result->err);
		else
			app_toast(app, "%s: nothing of it waits any more", wish->what);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		lines[i] = kind_line(&kinds[i], &result->rows);
	chosen = dlg_pick(&app->dialogs, wish->what, lines, ARRAY_LEN(kinds), 0);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		free((char *)lines[i]);
	app->dirty = true;
	if (chosen < 0)
		return;
	wish->kind = (size_t)chosen;
	/* Only those that still wait are changed. */
	wish->ids.len = 0;
	wish->before = xcalloc(result->rows.row_count, sizeof(*wish->before));
	for (size_t i = 0; i < result->rows.row_count; i++) {
		char *text = cell_text(&result->rows, i, kinds[chosen].column);

		vec_push(&wish->ids, cell_int(&result->rows, i, "execution_id", 0));
		wish->before[i] = tsql_nvarchar(text);
		free(text);
	}
	ask_value(app, &result->rows);
}

void wish_begin(struct screen *screen, const int64_t *ids, size_t count, const char *what)
{
	struct app_wish *wish = &screen->app->wish;
	struct job_params params = { 0 };
	struct buf batch = BUF_INIT;

	if (count > WISH_IDS_MAX) {
		app_toast(screen->app, "at most %d executions at once", WISH_IDS_MAX);
		return;
	}
	jobs_cancel(screen->app->jobs, &wish->slot);
	forget(wish);
	wish->what = xstrdup(what);
	buf_adds(&batch, "SELECT execution_id, priority, time_limit_s, retry_delay_s, tags "
			 "FROM [SSISDB].[scaleout].[queue] WHERE execution_id IN (");
	for (size_t i = 0; i < count; i++) {
		char name[24];

		snprintf(name, sizeof(name), "@k%zu", i);
		buf_addf(&batch, "%s%s", i ? ", " : "", name);
		job_params_bigint(&params, name, ids[i]);
	}
	buf_adds(&batch, ") ORDER BY execution_id");
	jobs_submit(screen->app->jobs, JOB_AWAITED, &wish->slot, batch.data, &params, WISH_IDS_MAX, wishes_read,
	    screen->app);
	buf_release(&batch);
}
