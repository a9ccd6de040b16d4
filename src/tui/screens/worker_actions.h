/* SPDX-License-Identifier: MIT */
/* What an administrator does with a worker, from the list of workers and from the tree. Each asks, names it, and can be undone. */
#ifndef SO_TUI_WORKER_ACTIONS_H
#define SO_TUI_WORKER_ACTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct app;

struct worker_ref {
	const char *id;   /* GUID */
	const char *name; /* clean */
	int64_t running;  /* executions it has now, as far as is known */
	bool enabled;
};

void worker_enable(struct app *app, const struct worker_ref *worker);
void worker_disable(struct app *app, const struct worker_ref *worker);
/* As disable, and says what still runs there; the undo enables it again. */
void worker_drain(struct app *app, const struct worker_ref *worker);

#endif
