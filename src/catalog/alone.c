/* SPDX-License-Identifier: MIT */
/*
 * In WAL mode every connection holds a shared lock for as long as it lives, so
 * leaving WAL mode succeeds only when there is no other, and a rollback
 * journal with an exclusive lock keeps everybody out until the end.
 */
#include "catalog/alone.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"
#include "catalog/store.h"

#define WAIT_MS 1000

int alone_lock_master(const char *path, int *ret_fd, struct err *err)
{
	char *name = xasprintf("%s.lock", path);
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int r = 0;

	if (fd < 0) {
		r = err_set_errno(err, errno, "%s", name);
	} else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		r = err_set(err, ERR_BUSY, "the master of this catalog is running");
		err_hint(err, "end it with: scaleout master stop");
		close(fd);
	} else {
		*ret_fd = fd;
	}
	free(name);
	return r;
}

int alone_begin(struct sqlite3 *db, const char *path, struct err *err)
{
	int r;

	sqlite3_busy_timeout(db, WAIT_MS);
	if (sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = EXTRA;"
			     "PRAGMA secure_delete = ON; BEGIN EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	r = store_db_fail(db, path, err);
	if (r == -ERR_BUSY) {
		err_set(err, ERR_BUSY, "somebody else has the catalog open");
		err_hint(err, "close every console and session on it, then try again");
	}
	return r;
}
