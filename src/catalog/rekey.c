/* SPDX-License-Identifier: MIT */
/*
 * The catalog's key: found, checked and changed. Changing it needs the file
 * alone (alone.h): nobody can be left with the old key in memory that way.
 */
#include "catalog/rekey.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "catalog/alone.h"
#include "catalog/content.h"
#include "catalog/secrets.h"
#include "catalog/store.h"

#define CHECK_PLACE "key_check"
#define CHECK_TEXT "scaleout"

enum { Q_CHECK, Q_CHECK_ADD, Q_CHECK_SET, Q_SMALLEST };
static const char *const check_sql[] = {
	[Q_CHECK] = "SELECT sealed FROM key_check",
	[Q_CHECK_ADD] = "INSERT OR IGNORE INTO key_check VALUES (1, ?1)",
	[Q_CHECK_SET] = "INSERT OR REPLACE INTO key_check VALUES (1, ?1)",
	[Q_SMALLEST] = "SELECT hash FROM project_content ORDER BY size LIMIT 1",
};
static const struct stmt_set check_set = STMT_SET(STMT_REKEY_CHECK, check_sql);

/* Two rows per column of sealed values: the next one after a row, with its place (places.h), and its replacement. */
#define COLUMN(table, column, place) \
	"SELECT rowid, " place ", " column " FROM " table " WHERE rowid > ?1 AND " column \
	" IS NOT NULL ORDER BY rowid LIMIT 1", \
	"UPDATE " table " SET " column " = ?2 WHERE rowid = ?1"
static const char *const column_sql[] = {
	COLUMN("project_content", "sealed", "'project_content.sealed:' || hash"),
	COLUMN("parameter", "design_sealed", "'parameter.design:' || parameter_id"),
	COLUMN("parameter", "default_sealed", "'parameter.default:' || parameter_id"),
	COLUMN("environment_variable", "sealed", "'environment_variable:' || variable_id"),
	COLUMN("execution_value", "sealed",
	    "'execution_value:' || execution_id || ':' || object_type || ':' || name"),
	COLUMN("version_secret", "sealed", "'version_secret:' || version_lsn || ':' || package || ':' || name"),
	COLUMN("validation_value", "sealed", "'validation_value:' || validation_id || ':' || package || ':' || name"),
	COLUMN("property_override", "sealed", "'property_override:' || property_id"),
};
static const struct stmt_set column_set = STMT_SET(STMT_REKEY, column_sql);

static char *next_key_path(const struct catalog *c)
{
	return xasprintf("%s.key.new", c->path);
}

/* --- whose key is it --- */

static int write_check(struct catalog *c, struct err *err)
{
	struct buf sealed = BUF_INIT;
	int r = secrets_seal(c, CHECK_PLACE, CHECK_TEXT, strlen(CHECK_TEXT), &sealed, err);

	if (r == 0)
		r = store_run(c, &check_set, Q_CHECK_ADD, BINDS(b_buf(&sealed)), err);
	buf_release(&sealed);
	return r;
}

/* A file from before there was a check: its smallest content stands in. */
static int first_check(struct catalog *c, struct err *err)
{
	struct buf content = BUF_INIT;
	char *hash = NULL;
	int r = store_text(c, &check_set, Q_SMALLEST, NO_BINDS, &hash, err);

	if (r == 1)
		r = content_get(c, hash, &content, err);
	if (r == 0)
		r = write_check(c, err);
	buf_wipe(&content);
	free(hash);
	return r;
}

/* Whether the key in the handle opens this file. */
static int check_key(struct catalog *c, struct err *err)
{
	sqlite3_stmt *q = store_query(c, &check_set, Q_CHECK, NO_BINDS);
	struct buf text = BUF_INIT;
	int r = store_step(c, q, err);

	if (r == 0)
		return first_check(c, err);
	if (r < 0)
		return r;
	r = secrets_open(c, CHECK_PLACE, sqlite3_column_blob(q, 0),
	    (size_t)sqlite3_column_bytes(q, 0), &text, err);
	store_reset(q);
	buf_release(&text);
	if (r == -ERR_CORRUPT) {
		err_set(err, ERR_CORRUPT, "%s.key is not the key of this catalog", c->path);
		err_hint(err, "put its own key file back, or restore both from a backup");
	}
	return r;
}

/* A change of the key was committed, but its file has not got its name. */
static int finish_switch(struct catalog *c)
{
	char *next = next_key_path(c), *path = secrets_path(c->path);
	char *folder = path_dirname(path);
	int r = secrets_read(next, c->key, NULL);

	if (r == 0)
		r = check_key(c, NULL);
	if (r == 0 && rename(next, path) < 0 && errno != ENOENT)
		r = -ERR_IO;
	if (r == 0)
		dir_sync(folder);
	free(folder);
	free(path);
	free(next);
	return r;
}

int rekey_open_key(struct catalog *c, struct err *err)
{
	char *path = secrets_path(c->path);
	int r = secrets_read(path, c->key, err);

	if (r == 0)
		r = check_key(c, err);
	if ((r == -ERR_CORRUPT || (r < 0 && !file_exists(path))) && finish_switch(c) == 0) {
		err_clear(err);
		r = 0;
	}
	free(path);
	return r;
}

/* --- a new key --- */

static int exec(struct catalog *c, const char *text, struct err *err)
{
	return sqlite3_exec(c->db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_fail(c, err);
}

/* Encrypt one column again. next holds the new key. */
static int reseal_column(struct catalog *c, const struct catalog *next, size_t index,
    int64_t *count, struct err *err)
{
	struct buf plain = BUF_INIT, sealed = BUF_INIT;
	sqlite3_stmt *q;
	int64_t row = 0;
	int r;

	while ((r = store_step(c, q = store_query(c, &column_set, index, BINDS(b_int(row))), err)) == 1) {
		row = sqlite3_column_int64(q, 0);
		r = secrets_open(c, col_text(q, 1), sqlite3_column_blob(q, 2),
		    (size_t)sqlite3_column_bytes(q, 2), &plain, err);
		if (r == 0)
			r = secrets_seal(next, col_text(q, 1), plain.data, plain.len, &sealed, err);
		store_reset(q);
		if (r == 0)
			r = store_run(c, &column_set, index + 1, BINDS(b_int(row), b_buf(&sealed)), err);
		mem_wipe(plain.data, plain.len);
		buf_clear(&plain);
		buf_clear(&sealed);
		if (r < 0)
			break;
		++*count;
	}
	buf_wipe(&plain);
	buf_release(&sealed);
	return r;
}

static int reseal(struct catalog *c, struct catalog *next, int64_t *count, struct err *err)
{
	struct buf sealed = BUF_INIT;
	int r = 0;

	for (size_t i = 0; i < column_set.count && r == 0; i += 2)
		r = reseal_column(c, next, i, count, err);
	if (r == 0)
		r = secrets_seal(next, CHECK_PLACE, CHECK_TEXT, strlen(CHECK_TEXT), &sealed, err);
	if (r == 0)
		r = store_run(c, &check_set, Q_CHECK_SET, BINDS(b_buf(&sealed)), err);
	buf_release(&sealed);
	return r;
}

struct teller {
	void (*at)(void *ctx, enum rekey_step step);
	void *ctx;
};

static void tell(const struct teller *teller, enum rekey_step step)
{
	if (teller->at)
		teller->at(teller->ctx, step);
}

/* Alone with the file, inside the transaction. */
static int change(struct catalog *c, struct catalog *next, const struct teller *teller,
    int64_t *count, struct err *err)
{
	char *next_path = next_key_path(c), *path = secrets_path(c->path);
	char *folder = path_dirname(path);
	int r;

	random_bytes(next->key, sizeof(next->key));
	unlink(next_path); /* of a change that was never committed: the key in use fits */
	r = secrets_write(next_path, next->key, err);
	if (r == 0 && dir_sync(folder) < 0)
		r = err_set_errno(err, errno, "%s", folder);
	if (r < 0)
		goto out;
	tell(teller, REKEY_WRITTEN);
	r = reseal(c, next, count, err);
	if (r < 0)
		goto out;
	tell(teller, REKEY_ENCRYPTED);
	r = exec(c, "COMMIT", err);
	if (r < 0)
		goto out;
	tell(teller, REKEY_COMMITTED);
	/* Should this fail, the next one who opens the catalog does it. */
	if (rename(next_path, path) == 0)
		dir_sync(folder);
	tell(teller, REKEY_SWITCHED);
out:
	if (r < 0 && !sqlite3_get_autocommit(c->db))
		sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
	free(folder);
	free(path);
	free(next_path);
	return r;
}

int catalog_rekey(const char *path, void (*at)(void *ctx, enum rekey_step step), void *ctx,
    int64_t *ret_count, struct err *err)
{
	struct teller teller = { at, ctx };
	struct catalog *c = NULL, next = { 0 };
	int64_t count = 0;
	int lock = -1;
	int r = catalog_open(path, &c, err);

	if (r == 0)
		r = alone_lock_master(c->path, &lock, err);
	if (r == 0)
		r = alone_begin(c->db, c->path, err);
	if (r == 0)
		r = change(c, &next, &teller, &count, err);
	mem_wipe(next.key, sizeof(next.key));
	catalog_close(c);
	if (lock >= 0)
		close(lock);
	if (r == 0)
		*ret_count = count;
	return r;
}
