/* SPDX-License-Identifier: MIT */
/* Catalogs for tests. Rows are made with plain SQL here, so that the queue is tested without the procedures. */
#include "tests/catalog/fixture.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

void fixture_ok(int r, const struct err *err)
{
	if (r != 0)
		ck_abort_msg("code %d: %s (%s)", r, err->primary, err->detail);
}

bool fixture_file_has(const char *name, const char *needle)
{
	struct buf b = BUF_INIT;
	struct err err;
	bool found;

	fixture_ok(file_read(name, (size_t)64 << 20, &b, &err), &err);
	found = memmem(b.data, b.len, needle, strlen(needle)) != NULL;
	buf_release(&b);
	return found;
}

struct catalog *fixture_catalog(char **ret_path)
{
	char *folder = test_tmpdir();
	char *path = path_join(folder, "SSISDB.db");
	struct catalog *c = NULL;
	struct err err = { 0 };

	fixture_ok(catalog_create(path, &err), &err);
	fixture_ok(catalog_open(path, &c, &err), &err);
	*ret_path = path;
	free(folder);
	return c;
}

void fixture_exec(struct catalog *c, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(catalog_db(c), sql, NULL, NULL, &message) != SQLITE_OK)
		ck_abort_msg("%s: %s", sql, message);
}

static sqlite3_stmt *first_row(struct catalog *c, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(catalog_db(c), sql, -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		ck_abort_msg("%s: %s", sql, sqlite3_errmsg(catalog_db(c)));
	return stmt;
}

int64_t fixture_int(struct catalog *c, const char *sql)
{
	sqlite3_stmt *stmt = first_row(c, sql);
	int64_t value = sqlite3_column_int64(stmt, 0);

	sqlite3_finalize(stmt);
	return value;
}

char *fixture_text(struct catalog *c, const char *sql)
{
	sqlite3_stmt *stmt = first_row(c, sql);
	const char *text = (const char *)sqlite3_column_text(stmt, 0);
	char *copy = xstrdup(text ? text : "");

	sqlite3_finalize(stmt);
	return copy;
}

int64_t fixture_pending(struct catalog *c, int retry_count)
{
	char *sql;
	int64_t id;

	fixture_exec(c, "INSERT INTO operation (operation_type, created_time, object_type, status,"
			" caller_name, folder_name, project_name, package_name) VALUES"
			" (200, now_ticks(), 20, 5, 'tester', 'folder1', 'project1', 'package1.dtsx')");
	id = sqlite3_last_insert_rowid(catalog_db(c));
	sql = xasprintf("INSERT INTO execution (execution_id, project_lsn, project_hash, scale_out,"
			" retry_count, queued) VALUES (%lld, 1, 'abc', 1, %d, 1)",
	    (long long)id, retry_count);
	fixture_exec(c, sql);
	free(sql);
	return id;
}

struct uuid fixture_worker(struct catalog *c, const char *name)
{
	struct uuid id;
	char text[UUID_TEXT_LEN + 1];
	char *sql;

	uuid_new(&id);
	uuid_format(&id, true, text);
	sql = xasprintf("INSERT INTO worker (worker_id, name, host, enabled, created_time)"
			" VALUES ('%s', '%s', 'localhost', 1, now_ticks())",
	    text, name);
	fixture_exec(c, sql);
	free(sql);
	return id;
}

struct queue_items fixture_queue(struct catalog *c, struct queue_lane *ret_lane)
{
	VEC(struct queue_item) all = { 0 };
	struct queue_lanes lanes;
	struct queue_items items;
	struct err err = { 0 };

	fixture_ok(queue_lanes(c, &lanes, &err), &err);
	for (size_t i = 0; i < lanes.len; i++) {
		fixture_ok(queue_pending(c, lanes.items[i].lane_id, 0, INT64_MAX, 1000, &items, &err), &err);
		for (size_t n = 0; n < items.len; n++)
			vec_push(&all, items.items[n]);
		queue_items_release(&items);
	}
	if (ret_lane && lanes.len) {
		static char tags[256], workers[512];
		*ret_lane = lanes.items[0];
		snprintf(tags, sizeof(tags), "%s", lanes.items[0].tags);
		snprintf(workers, sizeof(workers), "%s", lanes.items[0].workers);
		ret_lane->tags = tags; /* until the next call */
		ret_lane->workers = workers;
	}
	queue_lanes_release(&lanes);
	return (struct queue_items){ all.items, all.len };
}
