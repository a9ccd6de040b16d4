/* SPDX-License-Identifier: MIT */
/* Project files: a table of sealed contents keyed by SHA-256, shared by all versions with the same bytes. */
#include "catalog/content.h"

#include <stdlib.h>

#include "base/mem.h"
#include "catalog/secrets.h"
#include "catalog/store.h"

enum { Q_EXISTS, Q_PUT, Q_GET, Q_COUNT };
static const char *const sql[] = {
	[Q_EXISTS] = "SELECT 1 FROM project_content WHERE hash = ?1",
	[Q_PUT] = "INSERT INTO project_content VALUES (?1, ?2, ?3)",
	[Q_GET] = "SELECT sealed FROM project_content WHERE hash = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_CONTENT, sql);

int content_put(struct catalog *c, const void *data, size_t len, char ret_hash[65], struct err *err)
{
	struct buf sealed = BUF_INIT;
	char *place = NULL;
	int64_t one;
	int r = secrets_hash(data, len, ret_hash, err);

	if (r == 0)
		r = store_int(c, &set, Q_EXISTS, BINDS(b_text(ret_hash)), &one, err);
	if (r != 0)
		return r < 0 ? r : 0;
	place = xasprintf("project_content.sealed:%s", ret_hash);
	r = secrets_seal(c, place, data, len, &sealed, err);
	if (r == 0)
		r = store_run(c, &set, Q_PUT,
		    BINDS(b_text(ret_hash), b_int((int64_t)len), b_buf(&sealed)), err);
	buf_release(&sealed);
	free(place);
	return r;
}

int content_get(struct catalog *c, const char *hash, struct buf *ret, struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_GET, BINDS(b_text(hash)));
	char *place;
	int r = store_step(c, q, err);

	if (r == 0)
		return err_set(err, ERR_NOT_FOUND, "no project file %s", hash);
	if (r < 0)
		return r;
	place = xasprintf("project_content.sealed:%s", hash);
	r = secrets_open(c, place, sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0),
	    ret, err);
	store_reset(q);
	free(place);
	return r;
}
