/* SPDX-License-Identifier: MIT */
/*
 * The new catalog is written into the old one's file by SQLite's backup, in
 * one transaction, and not renamed over it: somebody who opened the file just
 * before and waits for its lock would go on with the old one under the name of
 * the new, and with the new one's WAL. The key changes as in rekey.c: PATH.key.new
 * is there before the commit, and gets its name after it.
 */
#include "catalog/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "catalog/alone.h"
#include "catalog/secrets.h"
#include "catalog/store.h"

#define PAGES_AT_ONCE 64

struct replacement {
	const char *path;
	char *folder, *kept, *key, *kept_key, *next_key;
	const struct replace_watch *watch;
	sqlite3 *db;
	int lock;
};

static void tell(const struct replacement *r, enum replace_step step)
{
	if (r->watch && r->watch->at)
		r->watch->at(r->watch->ctx, step);
}

int replace_check(const char *path, struct err *err)
{
	char *kept = xasprintf("%s" REPLACE_KEPT, path);
	int r = 0;

	if (file_exists(kept)) {
		r = err_set(err, ERR_EXISTS, "%s exists already", kept);
		err_hint(err, "it is the catalog that an earlier restore replaced: move it and its key away, or delete both");
	}
	free(kept);
	return r;
}

/* Copy all pages in one transaction of the destination. half (may be NULL) is told once, in the middle. */
static int copy_pages(sqlite3 *to, sqlite3 *from, const struct replacement *half, const char *what, struct err *err)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
	int rc = sqlite3_errcode(to);

	if (backup) {
		while ((rc = sqlite3_backup_step(backup, PAGES_AT_ONCE)) == SQLITE_OK)
			if (half)
				tell(half, REPLACE_HALF);
		sqlite3_backup_finish(backup);
	}
	return rc == SQLITE_DONE ? 0 : store_db_fail(to, what, err);
}

/* --- a catalog that SQLite reads --- */

static int keep_copy(const struct replacement *r, struct err *err)
{
	char *part = xasprintf("%s.part", r->kept);
	sqlite3 *db = NULL;
	int result, fd;

	unlink(part);
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	if (fd < 0)
		result = err_set_errno(err, errno, "%s", part);
	else if (sqlite3_open_v2(part, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		result = store_db_fail(db, part, err);
	else
		result = copy_pages(db, r->db, NULL, part, err);
	sqlite3_close(db);
	if (result == 0 && rename(part, r->kept) < 0)
		result = err_set_errno(err, errno, "%s", r->kept);
	unlink(part);
	free(part);
	return result;
}

/* The key of the old catalog; there may be none, which can be why it is replaced. */
static int keep_key(const struct replacement *r, struct err *err)
{
	unlink(r->kept_key);
	if (link(r->key, r->kept_key) < 0 && errno != ENOENT)
		return err_set_errno(err, errno, "%s", r->kept_key);
	return 0;
}

static int sync_folder(const struct replacement *r, struct err *err)
{
	return dir_sync(r->folder) < 0 ? err_set_errno(err, errno, "%s", r->folder) : 0;
}

static int keep_old(const struct replacement *r, struct err *err)
{
	int result = keep_key(r, err);

	if (result == 0)
		result = keep_copy(r, err);
	if (result == 0)
		result = sync_folder(r, err);
	return result;
}

static int write_next_key(const struct replacement *r, const unsigned char *key, struct err *err)
{
	int result;

	unlink(r->next_key);
	result = secrets_write(r->next_key, key, err);
	return result == 0 ? sync_folder(r, err) : result;
}

static int overwrite(const struct replacement *r, const char *copy, struct err *err)
{
	sqlite3 *from = NULL;
	int result;

	if (sqlite3_open_v2(copy, &from, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		result = store_db_fail(from, copy, err);
	else
		result = copy_pages(r->db, from, r, r->path, err);
	sqlite3_close(from);
	return result;
}

static int replace_sound(const struct replacement *r, const char *copy, const unsigned char *key, struct err *err)
{
	int result;

	tell(r, REPLACE_ALONE);
	result = keep_old(r, err);
	if (result == 0) {
		tell(r, REPLACE_KEPT_OLD);
		result = write_next_key(r, key, err);
	}
	if (result == 0) {
		tell(r, REPLACE_KEY_WRITTEN);
		result = overwrite(r, copy, err);
	}
	if (result < 0) {
		unlink(r->next_key);
		unlink(r->kept);
		unlink(r->kept_key);
		return result;
	}
	tell(r, REPLACE_COMMITTED);
	/* Should this fail, the next one who opens the catalog does it. */
	if (rename(r->next_key, r->key) == 0)
		dir_sync(r->folder);
	tell(r, REPLACE_SWITCHED);
	return 0;
}

/* --- one that it does not --- */

/* The files beside it first: a WAL must never stand beside a database that it is not of. */
static int move_aside(const struct replacement *r, struct err *err)
{
	static const char *const endings[] = { "-wal", "-journal", "-shm", "", ".key" };
	int result = 0;

	for (size_t i = 0; i < ARRAY_LEN(endings) && result == 0; i++) {
		char *from = xasprintf("%s%s", r->path, endings[i]);
		char *to = xasprintf("%s" REPLACE_KEPT "%s", r->path, endings[i]);

		if (rename(from, to) < 0 && errno != ENOENT)
			result = err_set_errno(err, errno, "%s", to);
		free(from);
		free(to);
	}
	unlink(r->next_key);
	return result;
}

static int replace_damaged(const struct replacement *r, const char *copy, const unsigned char *key, struct err *err)
{
	int result = move_aside(r, err);

	if (result == 0)
		result = secrets_write(r->key, key, err);
	if (result == 0 && rename(copy, r->path) < 0)
		result = err_set_errno(err, errno, "%s", r->path);
	return result == 0 ? sync_folder(r, err) : result;
}

/* --- either --- */

/* What is no database is not given to SQLite, which might tidy up beside it. */
static bool is_database(const char *path)
{
	static const char magic[] = "SQLite format 3";
	char head[sizeof(magic)] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? fd_read_full(fd, head, sizeof(head)) : -1;

	if (fd >= 0)
		close(fd);
	return got == 0 || (got == (ssize_t)sizeof(head) && memcmp(head, magic, sizeof(magic)) == 0);
}

/* Alone with the file until its handle is closed. ERR_CORRUPT when SQLite cannot read it; ERR_NOT_FOUND without one. */
static int take(struct replacement *r, struct err *err)
{
	int result = alone_lock_master(r->path, &r->lock, err);

	if (result < 0)
		return result;
	if (!file_exists(r->path))
		return -ERR_NOT_FOUND;
	if (!is_database(r->path))
		return -ERR_CORRUPT;
	if (sqlite3_open_v2(r->path, &r->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return store_db_fail(r->db, r->path, err);
	sqlite3_extended_result_codes(r->db, 1);
	result = alone_begin(r->db, r->path, err);
	/* The lock stays: a copy is made from outside a transaction. */
	if (result == 0 && sqlite3_exec(r->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		result = store_db_fail(r->db, r->path, err);
	return result;
}

int replace_catalog(const char *path, const char *copy, const unsigned char *key,
    const struct replace_watch *watch, struct err *err)
{
	struct replacement r = { .path = path, .watch = watch, .lock = -1 };
	int result = replace_check(path, err);

	r.folder = path_dirname(path);
	r.kept = xasprintf("%s" REPLACE_KEPT, path);
	r.key = secrets_path(path);
	r.kept_key = secrets_path(r.kept);
	r.next_key = xasprintf("%s.new", r.key);
	if (result == 0)
		result = take(&r, err);
	else
		goto out;
	if (result == 0) {
		result = replace_sound(&r, copy, key, err);
	} else if (result == -ERR_CORRUPT || result == -ERR_NOT_FOUND) {
		sqlite3_close(r.db);
		r.db = NULL;
		err_clear(err);
		result = replace_damaged(&r, copy, key, err);
	}
out:
	sqlite3_close(r.db);
	if (r.lock >= 0)
		close(r.lock);
	free(r.folder);
	free(r.kept);
	free(r.key);
	free(r.kept_key);
	free(r.next_key);
	return result;
}
