/* SPDX-License-Identifier: MIT */
/*
 * The handle behind struct catalog, for this room's own files: statements in
 * tables, bound values, transactions.
 *
 * Every file keeps its SQL in an enum-indexed table and names it by a struct
 * stmt_set; the prepared statements live in the handle. No SQL is built from
 * data.
 */
#ifndef SO_CATALOG_STORE_H
#define SO_CATALOG_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/uuid.h"
#include "catalog/catalog.h"
#include "tsql/value.h"

/* One slot per file that has statements. */
enum stmt_slot {
	STMT_STORE,
	STMT_QUEUE,
	STMT_QUEUE_RUN,
	STMT_QUEUE_REQUESTS,
	STMT_QUEUE_WORKERS,
	STMT_QUEUE_TASK,
	STMT_EVENTS,
	STMT_CONTENT,
	STMT_RIGHTS,
	STMT_PRINCIPALS,
	STMT_LOOKUP,
	STMT_SETTINGS,
	STMT_DEPLOY,
	STMT_DEPLOY_OPERATION,
	STMT_FOLDERS,
	STMT_PROJECTS,
	STMT_ENVIRONMENTS,
	STMT_REFERENCES,
	STMT_PARAMETERS,
	STMT_BINDING,
	STMT_EXECUTIONS,
	STMT_START,
	STMT_DUMPS,
	STMT_OPERATIONS,
	STMT_PERMISSIONS,
	STMT_ADMIN,
	STMT_TAPS,
	STMT_VALIDATIONS,
	STMT_SCALEOUT,
	STMT_QUEUE_PROCS,
	STMT_MAINTENANCE,
	STMT_VERSIONS,
	STMT_REPAIR,
	STMT_MAINTENANCE_PROCS,
	STMT_REKEY,
	STMT_REKEY_CHECK,
	STMT_VISIBILITY,
	STMT_SLOT_COUNT
};

struct stmt_set {
	enum stmt_slot slot;
	size_t count;
	const char *const *sql;
};
#define STMT_SET(slot_, table) { .slot = (slot_), .count = ARRAY_LEN(table), .sql = (table) }

#define CATALOG_KEY_LEN 32

struct source_cache; /* events.c */

struct catalog {
	sqlite3 *db;
	char *path;
	struct uuid id;
	unsigned char key[CATALOG_KEY_LEN];
	sqlite3_stmt **stmts[STMT_SLOT_COUNT];
	int64_t epoch;        /* of queue_take_epoch on this handle; 0 = never taken */
	int64_t data_version; /* for queue_changed; -1 = not looked yet */
	struct source_cache *sources;
	bool log_unsure;      /* a sync of the log has failed: what is in it may be lost */
	bool settles_later;   /* commits are brought to the disk by store_settle, whoever owns the handle sees to it */
	int64_t unsettled_ms; /* the first commit that is not there yet; monotonic, 0 = none */
	void (*committed)(void *ctx); /* after each commit that wrote; NULL = nobody asks */
	void *committed_ctx;
};

/* --- values for ?1, ?2, ... in order --- */

enum bind_kind { BIND_END, BIND_NULL, BIND_INT, BIND_TEXT, BIND_BLOB, BIND_UUID, BIND_VALUE };
struct bind {
	enum bind_kind kind;
	int64_t i;
	const void *p;
	size_t len;
};
#define BINDS(...) ((const struct bind[]){ __VA_ARGS__, { .kind = BIND_END } })
#define NO_BINDS ((const struct bind[]){ { .kind = BIND_END } })

static inline struct bind b_null(void)
{
	return (struct bind){ .kind = BIND_NULL };
}
static inline struct bind b_int(int64_t i)
{
	return (struct bind){ .kind = BIND_INT, .i = i };
}
/* An id where 0 means none. */
static inline struct bind b_id(int64_t i)
{
	return i ? b_int(i) : b_null();
}
/* NULL gives NULL. Borrowed until the statement is reset. */
static inline struct bind b_text(const char *text)
{
	return (struct bind){ .kind = text ? BIND_TEXT : BIND_NULL, .p = text };
}
static inline struct bind b_blob(const void *data, size_t len)
{
	return (struct bind){ .kind = data ? BIND_BLOB : BIND_NULL, .p = data, .len = len };
}
static inline struct bind b_buf(const struct buf *buf)
{
	return b_blob(buf->data, buf->len);
}
static inline struct bind b_uuid(const struct uuid *id)
{
	return (struct bind){ .kind = id ? BIND_UUID : BIND_NULL, .p = id };
}
/* In the storage form of tsql/value.h. */
static inline struct bind b_value(const struct tsql_value *value)
{
	return (struct bind){ .kind = BIND_VALUE, .p = value };
}

/* --- statements --- */

/*
 * The prepared statement, reset and bound; never fails (a statement that could
 * not be prepared gives NULL, which store_step reports).
 */
sqlite3_stmt *store_query(struct catalog *c, const struct stmt_set *set, size_t index,
    const struct bind *binds);
/* 1 = a row is there, 0 = no more (and reset), negative = failed (and reset). */
int store_step(struct catalog *c, sqlite3_stmt *q, struct err *err);
/* Give a statement back before its last row. NULL is a no-op. */
void store_reset(sqlite3_stmt *q);
/* Run to the end; rows are ignored. Returns 0 or negative. */
int store_run(struct catalog *c, const struct stmt_set *set, size_t index, const struct bind *binds,
    struct err *err);
/* First column of the first row. 1 = found, 0 = no row (ret unchanged), negative = failed. */
int store_int(struct catalog *c, const struct stmt_set *set, size_t index, const struct bind *binds,
    int64_t *ret, struct err *err);
/* The same as text, NULL value = ""; caller frees. */
int store_text(struct catalog *c, const struct stmt_set *set, size_t index,
    const struct bind *binds, char **ret, struct err *err);
/* Rows changed by the last statement; key of the last insert. */
int64_t store_changes(struct catalog *c);
int64_t store_last_id(struct catalog *c);
/* What SQLite said last, as an error. Returns the negative code. */
int store_fail(struct catalog *c, struct err *err);
/* The same without a handle. */
int store_db_fail(sqlite3 *db, const char *path, struct err *err);

/* Columns of the current row: text is borrowed until the next step; dup is owned, "" for NULL. */
const char *col_text(sqlite3_stmt *q, int column);
char *col_dup(sqlite3_stmt *q, int column);
/* The zero GUID for NULL. */
struct uuid col_uuid(sqlite3_stmt *q, int column);
bool col_null(sqlite3_stmt *q, int column);

/* --- transactions --- */

/*
 * Begin: takes the write lock at once when no transaction is open, else a
 * savepoint inside it. store_end commits when r is not negative, else rolls
 * back (and forgets what was cached), and returns r or the failure.
 */
struct store_tx {
	bool outer;
	bool open;
};
int store_begin(struct catalog *c, struct store_tx *tx, struct err *err);
int store_end(struct catalog *c, struct store_tx *tx, int r, struct err *err);

/*
 * Bring to the disk what was committed, where that waits (settles_later): to be
 * called before anybody is told of it. Returns SQLITE_OK or a code of SQLite's: it may not
 * survive a power cut; the handle says so again until everything is safe.
 */
int store_settle(struct catalog *c);

#endif
