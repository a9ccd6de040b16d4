/* SPDX-License-Identifier: MIT */
/* What is done to the queue from any screen: pause and resume, and what waiting executions ask for. */
#ifndef SO_TUI_QUEUE_ACTIONS_H
#define SO_TUI_QUEUE_ACTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "tui/jobs.h"

struct app;
struct screen;

/* Pause it (asks for the reason), or resume it when it is paused. */
void queue_switch(struct app *app);

enum { WISH_IDS_MAX = 500 };
/* Waiting executions whose priority, time limit, retry delay or tags are being changed. In struct app. */
struct app_wish {
	struct job_slot slot;
	VEC(int64_t) ids;
	char *what;   /* "execution 42 (p.dtsx)" */
	size_t kind;  /* which of the four */
	struct tsql_value *before; /* of each, in the order of ids; values are texts */
};
/* Read what they ask for now, let the user choose one of the four and type it. what names them. */
void wish_begin(struct screen *screen, const int64_t *ids, size_t count, const char *what);
void wish_release(struct app *app);

#endif
