/* SPDX-License-Identifier: MIT */
/* A session's state and its two caches: parsed batches and prepared statements. Inside the room only. */
#ifndef SO_TSQL_SESSION_H
#define SO_TSQL_SESSION_H

#include <stdatomic.h>

#include "tsql/ast.h"
#include "tsql/server.h"

struct sqlite3_stmt;

/* Statements and batches that are kept, most recently used first. */
#define SESSION_STATEMENTS 128
#define SESSION_BATCHES 64
/* Longer batches are not kept: they are unlikely to come again and hold memory. */
#define SESSION_BATCH_TEXT_MAX (64 * 1024)

struct cached_statement;
struct table;
struct cached_batch;
struct cursor;

/* A name ("c") or a variable ("@c") and the cursor it means. */
struct cursor_ref {
	char *name;
	int frame; /* of the batch that it belongs to; 0 = the session's (GLOBAL) */
	struct cursor *cursor;
};

struct tsql_session {
	struct tsql_client client; /* first, so that a client is its session */
	struct sqlite3 *db;
	const struct tsql_catalog *catalog;
	const char *database; /* the current one: a name from databases */
	char *login;
	void *app;
	void (*close_app)(void *app);
	VEC(const char *) databases; /* every name that the catalog's rows have, and master */
	struct cached_statement *statements;
	size_t statement_count;
	struct cached_batch *batches;
	size_t batch_count;
	atomic_bool cancel;
	VEC(struct table *) tables; /* temporary tables and table variables */
	int64_t table_serial, table_epoch; /* for names; rises with every change of the list */
	int frames;                        /* batches run so far, to tell table variables apart */
	VEC(struct cursor_ref) cursors; /* names and variables */
	int fetch_status;                  /* @@FETCH_STATUS */
	int64_t cursor_rows;               /* @@CURSOR_ROWS: of the cursor opened last */
	int64_t identity;                  /* @@IDENTITY */
	bool nocount;
	bool xact_abort;
	int trancount;   /* @@TRANCOUNT */
	bool doomed;     /* the transaction can only be rolled back: XACT_STATE() = -1 */
	char *tran_name; /* of the outermost transaction, or NULL */
	int impersonations; /* EXECUTE AS in force */
	int64_t rowcount; /* @@ROWCOUNT */
	int last_error;   /* @@ERROR */
};

/* A prepared statement for this text, reset and unbound; give it back with session_done. */
int session_prepare(struct tsql_session *session, const char *sql, struct sqlite3_stmt **ret, struct err *err);
void session_done(struct tsql_session *session, struct sqlite3_stmt *stmt);
/* The parsed batch, from the cache when the same text ran with the same parameters. Give it back with session_batch_done. */
int session_batch(struct tsql_session *session, const char *text, const struct tsql_param *params, size_t param_count,
    struct batch **ret, struct err *err);
void session_batch_done(struct tsql_session *session, struct batch *batch);
/* A cursor keeps the batch of its query, also when that leaves the cache. */
void session_batch_hold(struct batch *batch);
void session_batch_unhold(struct batch *batch);
/* The session's spelling of a database name, or NULL when there is no such database. */
const char *session_find_database(struct tsql_session *session, const char *name);

#endif
