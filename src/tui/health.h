/* SPDX-License-Identifier: MIT */
/*
 * What must not be overlooked on any screen: a paused queue and a master that
 * does not run. Looked at every few seconds on the back lane; the frame shows it.
 */
#ifndef SO_TUI_HEALTH_H
#define SO_TUI_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "tui/jobs.h"
#include "tui/theme.h"

struct app;

struct health {
	struct job_slot slot;
	int64_t due_ms, shown_minute;
	bool known;       /* something has been read */
	bool paused;
	char *reason, *by; /* clean; who paused it and why */
	int64_t since;    /* ticks: when it was paused or resumed last; 0 = never */
	bool master_runs;
	int64_t master_seen; /* ticks: its last sign of life; 0 = there has never been one */
	int64_t waiting, running; /* executions */
};

void health_release(struct app *app);
/* Look again when it is time to. Returns when that is. */
int64_t health_tick(struct app *app, int64_t now_ms);
/* Look again at the next turn. */
void health_refresh(struct app *app);

#define HEALTH_LINES 2
/* The line with this number, 0 to HEALTH_LINES-1: appended to ret with its role; false when there is nothing to say. */
bool health_line(const struct app *app, int number, struct buf *ret, enum role *ret_role);

#endif
