/* SPDX-License-Identifier: MIT */
/*
 * Changing something with one batch: ask, run it, say what came of it, and
 * keep what undoes it. One action runs at a time.
 */
#ifndef SO_TUI_ACTION_H
#define SO_TUI_ACTION_H

#include "base/buf.h"
#include "tui/jobs.h"

struct app;

/* Texts are borrowed for the call; params and undo_params are moved in. */
struct action {
	const char *title;    /* of the question and of an error: "Disable Worker" */
	const char *question; /* names the object; NULL = it was asked already */
	const char *button;   /* what does it */
	const char *batch;
	struct job_params params;
	const char *done;      /* said afterwards */
	const char *undo;      /* what the undo does, "enable worker w1 again"; NULL = there is none */
	const char *undo_batch;
	struct job_params undo_params;
	/* May look at the rows that came back, and change the text said (done) and the undo. NULL = none. */
	void (*took)(struct app *app, const struct job_result *result);
};

/* The action that runs, and the one that would undo the last. In struct app. */
struct app_action {
	struct job_slot slot;
	char *title, *done;
	char *undo, *undo_batch;          /* of the last action, NULL = nothing to undo */
	struct job_params undo_params;
	char *next_undo, *next_undo_batch; /* of the action that runs */
	struct job_params next_undo_params;
	void (*took)(struct app *app, const struct job_result *result);
};

/* Ask where there is a question, then run it. */
void action_run(struct app *app, struct action *action);
/* From took: say this instead. */
void action_say(struct app *app, const char *text);
/* Ask, then undo the last action. */
void action_undo(struct app *app);
void action_release(struct app *app);

#endif
