/* SPDX-License-Identifier: MIT */
/*
 * Opening and making catalogs, and the small layer over SQLite that the rest
 * of the room writes its statements on. Transactions take the write lock at
 * their beginning (BEGIN IMMEDIATE): a transaction that reads first and then
 * has to give up because another one wrote in between does not exist here.
 */
#include "catalog/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "catalog/dictionary.h"
#include "catalog/events.h"
#include "catalog/rekey.h"
#include "catalog/schema.h"
#include "catalog/secrets.h"
#include "tsql/sqlite_ext.h"

#define CHECKPOINT_PAGES 1000 /* in the log; then they are brought into the catalog */
#define SETTLE_MS 50          /* a commit that finds an older one unsettled syncs for both */
/* How long a write waits for another connection's: SQLite's own 10 s, in steps that do not grow. */
#define BUSY_STEP_US 2000
#define BUSY_STEPS 5000

enum { Q_META, Q_BEGIN, Q_COMMIT, Q_SAVEPOINT, Q_RELEASE, Q_COUNT };
static const char *const sql[] = {
	[Q_META] = "SELECT catalog_id FROM meta",
	[Q_BEGIN] = "BEGIN IMMEDIATE",
	[Q_COMMIT] = "COMMIT",
	[Q_SAVEPOINT] = "SAVEPOINT store",
	[Q_RELEASE] = "RELEASE store",
};
static const struct stmt_set set = STMT_SET(STMT_STORE, sql);

char *catalog_default_path(void)
{
	const char *env = getenv("SCALEOUT_CATALOG");
	char *home, *path;

	if (env && *env)
		return path_absolute(env);
	home = path_data_home();
	path = path_join(home, "SSISDB.db");
	free(home);
	return path;
}

const char *catalog_path(const struct catalog *catalog)
{
	return catalog->path;
}

const struct uuid *catalog_id(const struct catalog *catalog)
{
	return &catalog->id;
}

struct sqlite3 *catalog_db(struct catalog *catalog)
{
	return catalog->db;
}

/* --- statements --- */

/* What a failure of the file means and what to do; the first row that fits. text NULL = as SQLite says it. */
static const struct {
	int sqlite;
	enum err_code code;
	const char *text, *hint;
} failures[] = {
	{ SQLITE_BUSY, ERR_BUSY, "the catalog is locked by another program",
	    "try again; fuser or lsof on the file tells which program" },
	{ SQLITE_LOCKED, ERR_BUSY, "the catalog is locked by another program", "try again" },
	{ SQLITE_INTERRUPT, ERR_CANCELLED, "cancelled", NULL },
	{ SQLITE_FULL, ERR_IO, "the disk is full", "make room and try again; what was committed is kept" },
	{ SQLITE_IOERR, ERR_IO, NULL,
	    "the system's log may say what is wrong with the disk; what was committed is kept" },
	{ SQLITE_CANTOPEN, ERR_IO, NULL,
	    "the file, its -wal and -shm files and their folder must be writable for this account" },
	{ SQLITE_READONLY, ERR_IO, "the catalog is read-only",
	    "look at the permissions of the file and its folder, and at how the disk is mounted (findmnt, dmesg)" },
	{ SQLITE_PERM, ERR_DENIED, NULL, "look at the permissions of the file and its folder" },
	{ SQLITE_AUTH, ERR_DENIED, NULL, NULL },
	{ SQLITE_CORRUPT, ERR_CORRUPT, NULL, "bring it back from a backup with: scaleout restore --force" },
	{ SQLITE_NOTADB, ERR_CORRUPT, NULL, "bring it back from a backup with: scaleout restore --force" },
	{ SQLITE_CONSTRAINT, ERR_INVALID, NULL, NULL },
	{ SQLITE_TOOBIG, ERR_LIMIT, NULL, NULL },
	{ SQLITE_ERROR, ERR_INTERNAL, NULL, NULL },
	{ SQLITE_MISUSE, ERR_INTERNAL, NULL, NULL },
};

/* SQLite says "disk I/O error" or "unable to open" of a file system that became read-only, too. */
static int failure_of(sqlite3 *db, const char *path)
{
	int rc = sqlite3_errcode(db) & 0xff;
	struct statvfs fs;

	if (rc != SQLITE_IOERR && rc != SQLITE_CANTOPEN)
		return rc;
	if (sqlite3_system_errno(db) == EROFS || (statvfs(path, &fs) == 0 && fs.f_flag & ST_RDONLY))
		return SQLITE_READONLY;
	return rc;
}

int store_db_fail(sqlite3 *db, const char *path, struct err *err)
{
	int rc = failure_of(db, path);
	enum err_code code = ERR_IO;
	const char *text = NULL, *hint = NULL;

	for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
		if (failures[i].sqlite != rc)
			continue;
		code = failures[i].code;
		text = failures[i].text;
		hint = failures[i].hint;
		break;
	}
	if (code == ERR_CANCELLED)
		return err_set(err, code, "%s", text);
	err_set(err, code, "%s: %s", path, text ? text : sqlite3_errmsg(db));
	if (text)
		err_detail(err, "%s", sqlite3_errmsg(db));
	if (hint)
		err_hint(err, "%s", hint);
	return -(int)code;
}

int store_fail(struct catalog *c, struct err *err)
{
	return store_db_fail(c->db, c->path, err);
}

static int bind_one(sqlite3_stmt *q, int index, const struct bind *bind)
{
	char text[UUID_TEXT_LEN + 1];

	switch (bind->kind) {
	case BIND_INT:
		return sqlite3_bind_int64(q, index, bind->i);
	case BIND_TEXT:
		return sqlite3_bind_text(q, index, bind->p, -1, SQLITE_STATIC);
	case BIND_BLOB:
		return sqlite3_bind_blob64(q, index, bind->p, bind->len, SQLITE_STATIC);
	case BIND_UUID:
		uuid_format(bind->p, true, text);
		return sqlite3_bind_text(q, index, text, UUID_TEXT_LEN, SQLITE_TRANSIENT);
	case BIND_VALUE:
		return tsql_value_bind(q, index, bind->p);
	case BIND_NULL:
	case BIND_END:
		break;
	}
	return sqlite3_bind_null(q, index);
}

sqlite3_stmt *store_query(struct catalog *c, const struct stmt_set *stmts, size_t index,
    const struct bind *binds)
{
	sqlite3_stmt **slot;

	if (!c->stmts[stmts->slot])
		c->stmts[stmts->slot] = xcalloc(stmts->count, sizeof(sqlite3_stmt *));
	slot = &c->stmts[stmts->slot][index];
	if (!*slot &&
	    sqlite3_prepare_v3(c->db, stmts->sql[index], -1, SQLITE_PREPARE_PERSISTENT, slot, NULL) !=
		SQLITE_OK)
		return NULL;
	sqlite3_reset(*slot);
	for (int i = 0; binds[i].kind != BIND_END; i++)
		bind_one(*slot, i + 1, &binds[i]);
	return *slot;
}

int store_step(struct catalog *c, sqlite3_stmt *q, struct err *err)
{
	int rc;

	if (!q)
		return store_fail(c, err);
	rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		return 1;
	store_reset(q); /* only then SQLite tells why a commit's hook failed */
	return rc == SQLITE_DONE ? 0 : store_fail(c, err);
}

void store_reset(sqlite3_stmt *q)
{
	if (!q)
		return;
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
}

int store_run(struct catalog *c, const struct stmt_set *stmts, size_t index,
    const struct bind *binds, struct err *err)
{
	sqlite3_stmt *q = store_query(c, stmts, index, binds);
	int r;

	do
		r = store_step(c, q, err);
	while (r == 1);
	return r;
}

int store_int(struct catalog *c, const struct stmt_set *stmts, size_t index,
    const struct bind *binds, int64_t *ret, struct err *err)
{
	sqlite3_stmt *q = store_query(c, stmts, index, binds);
	int r = store_step(c, q, err);

	if (r == 1) {
		*ret = sqlite3_column_int64(q, 0);
		store_reset(q);
	}
	return r;
}

int store_text(struct catalog *c, const struct stmt_set *stmts, size_t index,
    const struct bind *binds, char **ret, struct err *err)
{
	sqlite3_stmt *q = store_query(c, stmts, index, binds);
	int r = store_step(c, q, err);

	if (r == 1) {
		*ret = col_dup(q, 0);
		store_reset(q);
	}
	return r;
}

int64_t store_changes(struct catalog *c)
{
	return sqlite3_changes64(c->db);
}

int64_t store_last_id(struct catalog *c)
{
	return sqlite3_last_insert_rowid(c->db);
}

const char *col_text(sqlite3_stmt *q, int column)
{
	return (const char *)sqlite3_column_text(q, column);
}

char *col_dup(sqlite3_stmt *q, int column)
{
	const char *text = col_text(q, column);

	return xstrdup(text ? text : "");
}

struct uuid col_uuid(sqlite3_stmt *q, int column)
{
	const char *text = col_text(q, column);
	struct uuid id = { { 0 } };

	if (text)
		uuid_parse(text, strlen(text), &id);
	return id;
}

bool col_null(sqlite3_stmt *q, int column)
{
	return sqlite3_column_type(q, column) == SQLITE_NULL;
}

/* --- transactions --- */

static int exec(struct catalog *c, const char *text, struct err *err)
{
	return sqlite3_exec(c->db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_fail(c, err);
}

int store_begin(struct catalog *c, struct store_tx *tx, struct err *err)
{
	int r;

	tx->outer = sqlite3_get_autocommit(c->db);
	r = store_run(c, &set, tx->outer ? Q_BEGIN : Q_SAVEPOINT, NO_BINDS, err);
	tx->open = r == 0;
	return r;
}

int store_end(struct catalog *c, struct store_tx *tx, int r, struct err *err)
{
	if (!tx->open)
		return r;
	tx->open = false;
	if (r >= 0) {
		int commit = store_run(c, &set, tx->outer ? Q_COMMIT : Q_RELEASE, NO_BINDS, err);

		if (commit == 0)
			return r;
		r = commit;
	}
	events_forget(c);
	if (sqlite3_get_autocommit(c->db))
		return r; /* SQLite has rolled back already: disk full, I/O error */
	if (tx->outer)
		sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
	else
		sqlite3_exec(c->db, "ROLLBACK TO store; RELEASE store", NULL, NULL, NULL);
	return r;
}

/* --- making and opening --- */

static void now_ticks(sqlite3_context *ctx, int count, sqlite3_value **args)
{
	(void)count, (void)args;
	sqlite3_result_int64(ctx, clock_wall());
}

static void new_guid(sqlite3_context *ctx, int count, sqlite3_value **args)
{
	char text[UUID_TEXT_LEN + 1];
	struct uuid id;

	(void)count, (void)args;
	uuid_new(&id);
	uuid_format(&id, true, text);
	sqlite3_result_text(ctx, text, UUID_TEXT_LEN, SQLITE_TRANSIENT);
}

static int register_functions(struct catalog *c, struct err *err)
{
	int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS;

	if (tsql_register_sqlite(c->db) < 0 || dictionary_register(c->db) < 0 ||
	    sqlite3_create_function(c->db, "now_ticks", 0, flags, NULL, now_ticks, NULL, NULL) !=
		SQLITE_OK ||
	    sqlite3_create_function(c->db, "new_guid", 0, flags, NULL, new_guid, NULL, NULL) !=
		SQLITE_OK)
		return store_fail(c, err);
	return 0;
}

/*
 * Called while another connection writes, count times before. A write takes a
 * fraction of a millisecond, a turn of the master a few: with SQLite's own steps
 * (1, 2, 5, 10 up to 100 ms) the master sleeps most of the time while a script
 * starts one execution after the other.
 */
static int wait_for_writer(void *ctx, int count)
{
	const struct timespec step = { .tv_nsec = BUSY_STEP_US * 1000L };

	(void)ctx;
	if (count >= BUSY_STEPS)
		return 0;
	nanosleep(&step, NULL);
	return 1;
}

/*
 * Bring the log to the disk. After a sync that failed the kernel takes what was not written for
 * written, and no later sync says anything else; then only the catalog itself can be trusted, once all is in it.
 */
static int sync_log(struct catalog *c)
{
	sqlite3_file *log = NULL;
	int in_log, in_catalog, rc;

	c->unsettled_ms = 0;
	rc = sqlite3_file_control(c->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	if (rc == SQLITE_OK && log && log->pMethods)
		rc = c->log_unsure ? SQLITE_IOERR_FSYNC : log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
	if (rc == SQLITE_OK)
		return rc;
	c->log_unsure = true;
	if (sqlite3_wal_checkpoint_v2(c->db, "main", SQLITE_CHECKPOINT_PASSIVE, &in_log, &in_catalog) == SQLITE_OK &&
	    in_catalog == in_log)
		c->log_unsure = false;
	return c->log_unsure ? rc : SQLITE_OK;
}

int store_settle(struct catalog *c)
{
	return c->unsettled_ms || c->log_unsure ? sync_log(c) : SQLITE_OK;
}

/*
 * Called after each commit, when the lock on the catalog has gone. Syncing here is synchronous = FULL
 * without anybody else waiting for this disk. The log is synced as a whole: who acts on what another
 * has committed, and commits first (the master does), has made both durable. An error is the commit's own.
 */
static int after_commit(void *app, sqlite3 *db, const char *name, int pages)
{
	struct catalog *c = app;
	int64_t now = clock_mono_ms();

	if (!c->unsettled_ms)
		c->unsettled_ms = now;
	if (!c->settles_later || now - c->unsettled_ms >= SETTLE_MS) {
		int rc = sync_log(c);
		if (rc != SQLITE_OK)
			return rc;
	}
	if (pages >= CHECKPOINT_PAGES)
		sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (c->committed)
		c->committed(c->committed_ctx);
	return SQLITE_OK;
}

static int open_db(struct catalog *c, struct err *err)
{
	static const char setup[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
				    "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
				    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32000;"
				    "PRAGMA journal_size_limit = 67108864;";
	int r;

	if (sqlite3_open_v2(c->path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK)
		return store_fail(c, err);
	sqlite3_extended_result_codes(c->db, 1);
	sqlite3_busy_handler(c->db, wait_for_writer, NULL);
	r = exec(c, setup, err);
	sqlite3_wal_hook(c->db, after_commit, c);
	if (r == 0)
		r = register_functions(c, err);
	if (r == 0)
		r = schema_migrate(c->db, err);
	return r;
}

static int read_identity(struct catalog *c, struct err *err)
{
	char *text = NULL;
	int r = store_text(c, &set, Q_META, NO_BINDS, &text, err);

	if (r == 0 || (r == 1 && !uuid_parse(text, strlen(text), &c->id)))
		r = err_set(err, ERR_CORRUPT, "the catalog has no identity");
	free(text);
	return r < 0 ? r : 0;
}

/* Nobody asks how much memory SQLite uses; counting it takes a mutex at every allocation. */
static void configure_sqlite(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int open_handle(const char *path, struct catalog **ret, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct catalog *c = xcalloc(1, sizeof(*c));
	int r;

	pthread_once(&once, configure_sqlite);

	c->path = path_absolute(path);
	c->data_version = -1;
	r = open_db(c, err);
	if (r == 0)
		r = read_identity(c, err);
	if (r == 0)
		r = rekey_open_key(c, err);
	if (r < 0) {
		if (err && !strstr(err->primary, c->path))
			err_prefix(err, "%s", path);
		catalog_close(c);
		return r;
	}
	*ret = c;
	return 0;
}

/* Of a catalog that was made and never closed everything may still be in its log. */
static bool has_log(const char *path)
{
	char *log = xasprintf("%s-wal", path);
	struct stat st;
	bool has = stat(log, &st) == 0 && st.st_size > 0;

	free(log);
	return has;
}

int catalog_open(const char *path, struct catalog **ret, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			return err_set_errno(err, errno, "%s", path);
		err_set(err, ERR_NOT_FOUND, "there is no catalog at %s", path);
		err_hint(err, "make one with: scaleout init");
		return -ERR_NOT_FOUND;
	}
	if (st.st_size == 0 && !has_log(path)) {
		err_set(err, ERR_CORRUPT, "%s is empty: not a catalog", path);
		err_hint(err, "bring it back from a backup with: scaleout restore --force; or remove it and run: scaleout init");
		return -ERR_CORRUPT;
	}
	return open_handle(path, ret, err);
}

void catalog_close(struct catalog *c)
{
	if (!c)
		return;
	events_forget(c);
	for (size_t slot = 0; slot < STMT_SLOT_COUNT; slot++)
		free(c->stmts[slot]);
	for (sqlite3_stmt *q; c->db && (q = sqlite3_next_stmt(c->db, NULL));)
		sqlite3_finalize(q);
	sqlite3_close(c->db);
	mem_wipe(c->key, sizeof(c->key));
	free(c->path);
	free(c);
}

/* Take the name, so that nobody else makes the same catalog, and none is ever overwritten. */
static int claim_file(const char *path, struct err *err)
{
	char *folder = path_dirname(path);
	int r = dir_make(folder, 0700, err);
	int fd;

	free(folder);
	if (r < 0)
		return r;
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? err_set(err, ERR_EXISTS, "%s exists already", path)
				       : err_set_errno(err, errno, "%s", path);
	close(fd);
	return 0;
}

int catalog_create(const char *path, struct err *err)
{
	char *absolute = path_absolute(path);
	struct catalog *c = NULL;
	int r = claim_file(absolute, err);

	if (r < 0)
		goto out;
	r = secrets_create(absolute, err);
	if (r == 0) {
		r = open_handle(absolute, &c, err);
		if (r < 0)
			secrets_remove(absolute);
	}
	if (r < 0)
		unlink(absolute);
	catalog_close(c);
out:
	free(absolute);
	return r;
}
