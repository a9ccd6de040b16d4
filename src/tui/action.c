/* SPDX-License-Identifier: MIT */
/* Ask, change, say so, and be able to undo it; see action.h. */
#include "tui/action.h"

#include <stdlib.h>

#include "tui/app.h"

static void set_text(char **place, const char *text)
{
	free(*place);
	*place = xstrdup_or_null(text);
}

static void move_params(struct job_params *to, struct job_params *from)
{
	job_params_release(to);
	*to = *from;
	*from = (struct job_params){ 0 };
}

/* What would undo the action that has just ended becomes what "undo" does. */
static void take_over_undo(struct app_action *a)
{
	free(a->undo);
	free(a->undo_batch);
	a->undo = a->next_undo;
	a->undo_batch = a->next_undo_batch;
	a->next_undo = a->next_undo_batch = NULL;
	move_params(&a->undo_params, &a->next_undo_params);
}

static void ran(void *ctx, const struct job_result *result)
{
	struct app *app = ctx;
	struct app_action *a = &app->action;
	struct screen *subject = app_subject(app);

	if (result->r < 0) {
		app_alert_err(app, a->title, &result->err);
	} else {
		if (a->took)
			a->took(app, result);
		take_over_undo(a);
		app_toast(app, a->undo ? "%s (u undoes it)" : "%s", a->done);
	}
	health_refresh(app);
	subject = app_subject(app);
	if (subject && subject->ops->refresh)
		subject->ops->refresh(subject);
}

void action_run(struct app *app, struct action *action)
{
	struct app_action *a = &app->action;

	app->dirty = true;
	if (job_slot_busy(&a->slot)) {
		app_toast(app, "%s is still being done", a->title);
	} else if (!action->question || dlg_confirm(&app->dialogs, action->title, action->question, action->button)) {
		set_text(&a->title, action->title);
		set_text(&a->done, action->done);
		set_text(&a->next_undo, action->undo);
		set_text(&a->next_undo_batch, action->undo_batch);
		move_params(&a->next_undo_params, &action->undo_params);
		a->took = action->took;
		jobs_submit(app->jobs, JOB_FRONT, &a->slot, action->batch, &action->params, 1000, ran, app);
	}
	job_params_release(&action->params);
	job_params_release(&action->undo_params);
}

void action_say(struct app *app, const char *text)
{
	set_text(&app->action.done, text);
}

void action_undo(struct app *app)
{
	struct app_action *a = &app->action;
	struct action undo = { .title = "Undo", .button = "Undo" };
	char *question, *done, *batch;

	if (!a->undo) {
		app_toast(app, "nothing to undo");
		return;
	}
	question = xasprintf("Undo: %s?", a->undo);
	done = xasprintf("undone: %s", a->undo);
	batch = xstrdup(a->undo_batch);
	undo.question = question;
	undo.done = done;
	undo.batch = batch;
	for (size_t i = 0; i < a->undo_params.len; i++)
		job_params_add(&undo.params, a->undo_params.items[i].name,
		    tsql_value_copy(&a->undo_params.items[i].value));
	action_run(app, &undo);
	free(question);
	free(done);
	free(batch);
}

void action_release(struct app *app)
{
	struct app_action *a = &app->action;

	jobs_cancel(app->jobs, &a->slot);
	free(a->title);
	free(a->done);
	free(a->undo);
	free(a->undo_batch);
	free(a->next_undo);
	free(a->next_undo_batch);
	job_params_release(&a->undo_params);
	job_params_release(&a->next_undo_params);
}
