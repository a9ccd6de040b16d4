/* SPDX-License-Identifier: MIT */
/* Validate a project or package (spec/console.md §3.5): choose the environment, start, follow the messages to the result. */
#ifndef SO_TUI_VALIDATE_H
#define SO_TUI_VALIDATE_H

#include "tui/jobs.h"

struct app;
struct node;

/* What is being validated; in struct app. */
struct app_validate {
	struct job_slot slot;
	char *folder, *project, *package; /* as the catalog has them; package NULL = the whole project */
};
/* node: a project or a package. */
void validate_begin(struct app *app, struct node *node);
void validate_release(struct app *app);

#endif
