/* SPDX-License-Identifier: MIT */
/*
 * The client interface: run T-SQL batches and read what comes back.
 *
 * The console, the command line, Agent jobs and tests all speak to the
 * catalog through this and nothing else (ARCHITECTURE.md §1). A client is an
 * ops struct, so the same console can later speak to another server.
 *
 * Threads: a client belongs to one thread at a time; only
 * tsql_client_cancel may be called from another thread.
 */
#ifndef SO_TSQL_CLIENT_H
#define SO_TSQL_CLIENT_H

#include "tsql/value.h"

struct tsql_column {
	const char *name; /* "" when it has none */
	struct tsql_decl decl;
};

struct tsql_message {
	int number;   /* 0 for PRINT */
	int severity; /* 0-10 information, 11 and up an error */
	int state;
	int line;              /* 1-based line in the batch */
	const char *procedure; /* NULL outside a procedure */
	const char *text;
};

/*
 * Receives what a batch produces, in order. Any slot may be NULL. All
 * pointers are borrowed for the call. A non-zero return cancels the batch.
 */
struct tsql_sink {
	void *ctx;
	int (*columns)(void *ctx, const struct tsql_column *columns, size_t count); /* a rowset begins */
	int (*row)(void *ctx, const struct tsql_value *values, size_t count);
	int (*done)(void *ctx, int64_t rows); /* a statement ended; rows affected or returned, -1 = no count */
	int (*message)(void *ctx, const struct tsql_message *message); /* PRINT, information, error */
};

/* A batch parameter: @name is declared with this type before the batch runs. */
struct tsql_param {
	const char *name; /* with the @ */
	struct tsql_decl decl;
	struct tsql_value value; /* in; replaced by the variable's last value when out is true */
	bool out;
};

struct tsql_client;
struct tsql_client_ops {
	int (*run)(struct tsql_client *client, const char *batch, struct tsql_param *params,
	    size_t param_count, const struct tsql_sink *sink, struct err *err);
	void (*cancel)(struct tsql_client *client);
	void (*rearm)(struct tsql_client *client); /* optional */
	void (*close)(struct tsql_client *client);
};
struct tsql_client {
	const struct tsql_client_ops *ops;
};

/* How a program opens more connections to the same server (one per thread). */
struct tsql_connector {
	int (*connect)(void *ctx, struct tsql_client **ret, struct err *err);
	void *ctx;
	const char *server_name; /* for title bars; borrowed */
	const char *login_name;
};

/*
 * Run one batch (no GO inside). Returns 0 when it ran without an error of
 * severity 11 or more. Otherwise -ERR_SQL with the first such error in err
 * (every one of them has also gone to sink->message), or another code when it
 * could not run at all. -ERR_CANCELLED after tsql_client_cancel.
 */
int tsql_client_run(struct tsql_client *client, const char *batch, struct tsql_param *params,
    size_t param_count, const struct tsql_sink *sink, struct err *err);
/*
 * Stop the batch that runs now, or the next one when none does: a cancel in the
 * instant before a batch begins is kept. The one call allowed from other
 * threads, and from signal handlers.
 */
void tsql_client_cancel(struct tsql_client *client);
/*
 * Forget a cancel that came after the end of the batch it was meant for. Whoever
 * cancels calls this before making a batch known to the thread or handler that
 * may cancel it.
 */
void tsql_client_rearm(struct tsql_client *client);
/* NULL is a no-op. */
void tsql_client_close(struct tsql_client *client);

/* A whole rowset in memory. */
struct tsql_rowset {
	struct tsql_column *columns; /* names owned */
	size_t column_count;
	struct tsql_value *cells; /* row_count * column_count, row by row */
	size_t row_count;
};

/*
 * Run a batch and keep its first rowset; at most max_rows rows (then
 * -ERR_LIMIT). ret is released with tsql_rowset_release.
 */
int tsql_client_query(struct tsql_client *client, const char *batch, struct tsql_param *params,
    size_t param_count, size_t max_rows, struct tsql_rowset *ret, struct err *err);
void tsql_rowset_release(struct tsql_rowset *rowset);
/* Cell by row and column name (case-blind); NULL when there is no such column. */
const struct tsql_value *tsql_rowset_get(const struct tsql_rowset *rowset, size_t row,
    const char *column);

#endif
