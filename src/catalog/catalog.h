/* SPDX-License-Identifier: MIT */
/*
 * SSISDB: the catalog file, its key, and connections that speak T-SQL to it.
 *
 * One SQLite file in WAL mode. A struct catalog is one connection to it: one
 * thread at a time. Everything users do goes through the T-SQL client that
 * catalog_connect returns; the master's own work goes through queue.h.
 *
 * Files beside PATH: PATH-wal, PATH-shm (SQLite), PATH.key (0600, the catalog
 * key), PATH.lock (held by the master), PATH.sock (the master's nudge socket).
 */
#ifndef SO_CATALOG_CATALOG_H
#define SO_CATALOG_CATALOG_H

#include "base/err.h"
#include "base/uuid.h"
#include "tsql/client.h"

struct catalog;
struct sqlite3;

/* $SCALEOUT_CATALOG, else $XDG_DATA_HOME/scaleout/SSISDB.db. Caller frees. */
char *catalog_default_path(void);

/* Make a new catalog and its key; ERR_EXISTS when the file is there. Folders are made 0700. */
int catalog_create(const char *path, struct err *err);

/*
 * Open an existing catalog. Migrates an older schema in one transaction;
 * refuses a newer one (ERR_UNSUPPORTED, naming both versions). Missing file:
 * ERR_NOT_FOUND with the hint "scaleout init".
 */
int catalog_open(const char *path, struct catalog **ret, struct err *err);
void catalog_close(struct catalog *catalog);
const char *catalog_path(const struct catalog *catalog);
/* Identity of the catalog; names the spool on workers. */
const struct uuid *catalog_id(const struct catalog *catalog);
struct sqlite3 *catalog_db(struct catalog *catalog);

/* Each may be NULL. */
struct catalog_hooks {
	/* A commit gave the master work: an execution was started or asked to stop, a worker changed. */
	void (*work_ready)(void *ctx);
	/* A session that has given it some is about to wait: time to see that it was heard. Must be quick. */
	void (*work_awaited)(void *ctx);
	void *ctx;
};

/*
 * Open a T-SQL client on its own connection. login NULL = the operating
 * system's user; the owner of the file and root are sysadmin
 * (ARCHITECTURE.md, catalog). Only a sysadmin caller may name another login.
 */
int catalog_connect(const char *path, const char *login, const struct catalog_hooks *hooks,
    struct tsql_client **ret, struct err *err);

#endif
