/* SPDX-License-Identifier: MIT */
/* All Executions, inside: the screen (executions.c), what it reads (executions_live.c), its rows (execution_rows.h). UI thread. */
#ifndef SO_TUI_EXECUTIONS_H
#define SO_TUI_EXECUTIONS_H

#include "tui/app.h"
#include "tui/paging.h"
#include "tui/screens/execution_rows.h"

#define EXECUTIONS_ORDERS 8

extern const struct page_source executions_source;
/* The first is the list's own, in which it is live. */
extern const struct page_order executions_orders[EXECUTIONS_ORDERS];

/* The screen. Its files share it. */
struct executions {
	struct screen screen;
	struct paging list;
	struct job_slot newer, live;
	VEC(int64_t) marks;
	int64_t count[10]; /* by status */
	bool counted, paused, follow;
	int64_t live_due, new_rows;
	int64_t now; /* until which running executions are shown; moves on with the live updates only */
};

static inline struct executions *executions_of(struct screen *screen)
{
	return (struct executions *)screen;
}

/* Where a row stands in an order: the value of its column. */
int64_t executions_order_value(const void *execution, const struct page_order *order);
/* A page has been read. */
void executions_arrived(struct screen *screen, enum pager_fetch want, int64_t first, int64_t last);
/* Read the counters, and again the shown rows that can still change. Returns how many those are. */
size_t executions_read_live(struct executions *s);
/* Live updates that are due; when the next ones are. */
int64_t executions_tick(struct screen *screen, int64_t now);

#endif
