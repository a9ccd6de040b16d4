/* SPDX-License-Identifier: MIT */
/*
 * The console: object tree, Execute in Scale Out, All Executions, messages.
 * It sees the catalog only as T-SQL clients (ARCHITECTURE.md §1).
 */
#ifndef SO_TUI_CONSOLE_H
#define SO_TUI_CONSOLE_H

#include <stdbool.h>

#include "tsql/client.h"

/* The master of the catalog, where it is on this machine. NULL functions = not known, not possible. */
struct console_master {
	bool (*runs)(void *ctx);                    /* at once; never waits */
	int (*start)(void *ctx, struct err *err);   /* begin to start one; does not wait for it */
	void *ctx;
};

struct console_options {
	struct tsql_connector connector; /* how to open connections; each thread opens its own */
	bool ascii;        /* --ascii: no line drawing beyond ASCII */
	bool no_mouse;     /* --no-mouse */
	bool read_only;    /* --readonly: no action that changes anything */
	bool slow;         /* --slow: fewest bytes (marker cursor, no live ticks) */
	int color;         /* -1 auto (NO_COLOR, TERM), 0 never, 1 always */
	const char *script; /* --script FILE: keys and :save-display for tests; NULL = none */
	struct console_master master;
	const char *state_path; /* file that remembers columns and orders; NULL = nothing is remembered */
	const char *open;   /* first screen: "tree" (default), "executions" */
};

/* Append the keys of every screen, from the table that the console itself goes by. */
void console_keys(struct buf *ret);

/* Run until the user leaves. Returns 0, or negative with err (also when there is no usable terminal). */
int console_run(const struct console_options *options, struct err *err);

#endif
