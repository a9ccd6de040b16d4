/* SPDX-License-Identifier: MIT */
/*
 * Reading: queries through views against the same queries written by hand for
 * SQLite, and pages of a large catalog as an administrator and as users with
 * rights on one folder (catalog_pages.c).
 *
 * The catalog is filled with plain SQL into the real schema: N executions,
 * nine messages each, and one execution with N messages of its own. One user
 * started every fourth execution, another one in a thousand and none lately:
 * the second is the hard case, since a page in time order has to find them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "bench/catalog.h"
#include "catalog/catalog.h"
#include "tests/catalog/pages.h"

#define OFTEN "daemon"
#define RARELY "nobody"
#define PAGES 100

/* ?1 = N, ?2 = time of the first execution. */
static const char *const fill[] = {
	"PRAGMA foreign_keys = OFF",
	"PRAGMA synchronous = OFF",
	"PRAGMA cache_size = -500000",
	"BEGIN",
	"INSERT INTO folder (name, created_time) VALUES ('Folder0', 0), ('Folder1', 0), ('Folder2', 0), ('Folder3', 0)",
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
	" INSERT INTO operation (operation_id, operation_type, created_time, object_type, object_id, status,"
	"  start_time, end_time, caller_name, server_name, machine_name, folder_name, project_name, package_name)"
	" SELECT i, 200, ?2 + i * 30000000, 20, i % 40,"
	"  CASE WHEN i > ?1 - 20 THEN 2 WHEN i % 17 = 3 THEN 4 WHEN i % 230 = 5 THEN 3 ELSE 7 END,"
	"  ?2 + i * 30000000 + 10000000, CASE WHEN i > ?1 - 20 THEN NULL ELSE ?2 + i * 30000000 + 10000000 *"
	"  (2 + i % 300) END, CASE WHEN i % 997 = 1 AND i < ?1 * 9 / 10 THEN '" RARELY "'"
	"  WHEN i % 4 = 0 THEN '" OFTEN "' ELSE 'operator' || (i % 5) END, 'master', 'worker' || (i % 8),"
	"  'Folder' || (i % 4), 'Project' || (i % 40), 'Package' || (i % 400) || '.dtsx' FROM n",
	"UPDATE operation SET executed_as_name = caller_name WHERE operation_id <= ?1 AND ?2",
	"INSERT INTO execution (execution_id, project_lsn, project_hash, scale_out, executed_count)"
	" SELECT operation_id, 1, '', 1, 1 FROM operation WHERE operation_id <= ?1 AND ?2",
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)"
	" INSERT INTO source (source_id, package_path, name, event_name, package_name, guid, subcomponent_name)"
	" SELECT i, '\\Package\\Task' || i, 'Task' || i, 'OnInformation', 'Package1.dtsx',"
	"  '{11111111-2222-3333-4444-555555555555}', '' FROM n WHERE ?1 AND ?2",
	"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 * 9 - 1)"
	" INSERT INTO message (operation_id, attempt, message_time, message_type, source_type, message, source_id)"
	" SELECT 1 + i / 9, 1, ?2 + i * 3000000, CASE WHEN i % 153 = 0 THEN 120 ELSE 70 END, 40,"
	"  'Package1: Information: step ' || i || ' of this execution is complete', 1 + i % 50 FROM n",
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
	" INSERT INTO message (operation_id, attempt, message_time, message_type, source_type, message, source_id)"
	" SELECT ?1 - 30, 1, ?2 + i * 10000, CASE WHEN i % 1000 = 0 THEN 120 ELSE 70 END, 40,"
	"  'Package1: Information: row ' || i || ' of this execution was handled', 1 + i % 50 FROM n",
	"INSERT OR IGNORE INTO operation_event SELECT m.operation_id, s.event_id, m.message_id FROM message m"
	" CROSS JOIN source s ON s.source_id = m.source_id WHERE ?1 AND ?2 ORDER BY m.message_id",
	"COMMIT",
	"PRAGMA wal_checkpoint(TRUNCATE)",
};

static void fill_catalog(const char *path, int64_t count)
{
	sqlite3 *db = bench_sqlite(path);
	struct tsql_client *client;
	int64_t began = clock_mono_us();

	for (size_t i = 0; i < ARRAY_LEN(fill); i++) {
		sqlite3_stmt *stmt = bench_prepare(db, fill[i]);
		int rc;

		if (sqlite3_bind_parameter_count(stmt) > 0) {
			sqlite3_bind_int64(stmt, 1, count);
			sqlite3_bind_int64(stmt, 2, clock_wall() - count * 30000000);
		}
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
			continue;
		if (rc != SQLITE_DONE)
			bench_die("%s: %s", fill[i], sqlite3_errmsg(db));
		sqlite3_finalize(stmt);
	}
	sqlite3_close(db);
	client = bench_connect(path, NULL);
	bench_run(client, "CREATE LOGIN [" OFTEN "] FROM WINDOWS; CREATE USER [" OFTEN "] FOR LOGIN [" OFTEN "];"
			  "CREATE LOGIN [" RARELY "] FROM WINDOWS; CREATE USER [" RARELY "] FOR LOGIN [" RARELY "]");
	bench_run(client, "DECLARE @often int = DATABASE_PRINCIPAL_ID(N'" OFTEN "'),"
			  " @rarely int = DATABASE_PRINCIPAL_ID(N'" RARELY "');"
			  "EXEC SSISDB.catalog.grant_permission 1, 1, @often, 1;"
			  "EXEC SSISDB.catalog.grant_permission 1, 1, @often, 101;"
			  "EXEC SSISDB.catalog.grant_permission 1, 1, @rarely, 1;"
			  "EXEC SSISDB.catalog.grant_permission 1, 1, @rarely, 101");
	tsql_client_close(client);
	bench_figure("catalog_large_fill", (double)(clock_mono_us() - began) / 1e6, "s");
}

/* --- running a query once, all its cells read --- */

static int take_row(void *ctx, const struct tsql_value *values, size_t count)
{
	struct bench_cells *cells = ctx;

	cells->rows++;
	for (size_t i = 0; i < count; i++)
		if (!values[i].null)
			cells->bytes += tsql_type_is_text(values[i].type) ? (int64_t)values[i].s.len : 1;
	return 0;
}

double bench_query(struct tsql_client *client, const char *batch, int64_t key, struct bench_cells *ret)
{
	struct tsql_param param = { "@key", { .type = TSQL_BIGINT }, tsql_bigint(key), false };
	struct tsql_sink sink = { .ctx = ret, .row = take_row };
	int64_t began = clock_mono_us();
	struct err err;

	*ret = (struct bench_cells){ 0 };
	if (tsql_client_run(client, batch, &param, 1, &sink, &err) < 0)
		bench_die("%s: %s", batch, err.primary);
	return (double)(clock_mono_us() - began) / 1000;
}

static double query_direct(sqlite3_stmt *stmt, int64_t key, struct bench_cells *ret)
{
	int64_t began = clock_mono_us();

	*ret = (struct bench_cells){ 0 };
	sqlite3_bind_int64(stmt, 1, key);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		ret->rows++;
		for (int i = 0; i < sqlite3_column_count(stmt); i++) {
			if (sqlite3_column_type(stmt, i) == SQLITE_TEXT)
				ret->bytes += (int64_t)strlen((const char *)sqlite3_column_text(stmt, i));
			else if (sqlite3_column_type(stmt, i) == SQLITE_INTEGER)
				ret->bytes += sqlite3_column_int64(stmt, i) ? 1 : 1;
		}
	}
	sqlite3_reset(stmt);
	return (double)(clock_mono_us() - began) / 1000;
}

/* --- views against direct queries --- */

#define EXECUTION_COLUMNS \
	"o.operation_id, o.folder_name, o.project_name, o.package_name, o.status, o.start_time, o.end_time," \
	" o.caller_name, o.machine_name, e.executed_count"

static const struct {
	const char *name, *view, *direct;
} pairs[] = {
	{ "executions_page",
	    "SELECT TOP (" PAGE_ROWS ") execution_id, folder_name, project_name, package_name, status, start_time,"
	    " end_time, caller_name, machine_name, executed_count FROM SSISDB.catalog.executions"
	    " WHERE execution_id < @key ORDER BY execution_id DESC",
	    "SELECT " EXECUTION_COLUMNS " FROM operation o JOIN execution e ON e.execution_id = o.operation_id"
	    " WHERE o.operation_type = 200 AND o.operation_id < ?1 ORDER BY o.operation_id DESC LIMIT " PAGE_ROWS },
	{ "executions_by_project",
	    "SELECT project_name, status, count(*) FROM SSISDB.catalog.executions"
	    " WHERE execution_id > @key - 10000 AND execution_id <= @key GROUP BY project_name, status",
	    "SELECT o.project_name, o.status, count(*) FROM operation o JOIN execution e"
	    " ON e.execution_id = o.operation_id WHERE o.operation_type = 200 AND o.operation_id > ?1 - 10000"
	    " AND o.operation_id <= ?1 GROUP BY o.project_name, o.status" },
	{ "messages_page",
	    "SELECT TOP (" PAGE_ROWS ") event_message_id, message_time, message_type, message, package_name,"
	    " event_name, message_source_name, execution_path FROM SSISDB.catalog.event_messages"
	    " WHERE operation_id = @key ORDER BY event_message_id",
	    "SELECT m.message_id, m.message_time, m.message_type, m.message, s.package_name, s.event_name, s.name,"
	    " coalesce(m.execution_path, s.package_path) FROM message m JOIN source s USING (source_id)"
	    " WHERE m.operation_id = ?1 ORDER BY m.message_id LIMIT " PAGE_ROWS },
	{ "messages_export",
	    "SELECT TOP (20000) event_message_id, message_time, message_type, message, package_name"
	    " FROM SSISDB.catalog.event_messages WHERE operation_id = @key ORDER BY event_message_id",
	    "SELECT m.message_id, m.message_time, m.message_type, m.message, s.package_name"
	    " FROM message m JOIN source s USING (source_id) WHERE m.operation_id = ?1 ORDER BY m.message_id"
	    " LIMIT 20000" },
};

int64_t bench_spread(const struct bench *bench, size_t i, size_t count)
{
	return 1 + (bench->executions - 40) * (int64_t)(i + 1) / (int64_t)count;
}

static void compare_view(const struct bench *bench, const char *path, size_t pair)
{
	struct tsql_client *client = bench_connect(path, NULL);
	sqlite3 *db = bench_sqlite(path);
	sqlite3_stmt *stmt = bench_prepare(db, pairs[pair].direct);
	bool big = strcmp(pairs[pair].name, "messages_export") == 0;
	size_t count = big || strcmp(pairs[pair].name, "executions_by_project") == 0 ? 20 : PAGES;
	double *ours = xcalloc(count, sizeof(*ours)), *theirs = xcalloc(count, sizeof(*theirs));
	struct bench_cells a, b;
	char *name;

	for (size_t i = 0; i < 2 * count; i++) { /* the first half warms both caches */
		int64_t key = big ? BENCH_BIG(bench) : bench_spread(bench, i % count, count);

		ours[i % count] = bench_query(client, pairs[pair].view, key, &a);
		theirs[i % count] = query_direct(stmt, key, &b);
		if (a.rows != b.rows)
			bench_die("%s: %lld rows through the view, %lld without", pairs[pair].name,
			    (long long)a.rows, (long long)b.rows);
	}
	double mine = bench_quantile(ours, count, 0.5), hand = bench_quantile(theirs, count, 0.5);
	name = xasprintf("catalog_view_%s", pairs[pair].name);
	bench_figure(name, mine, "ms");
	free(name);
	name = xasprintf("catalog_view_%s_vs_direct", pairs[pair].name);
	bench_ratio(name, mine / hand);
	free(name);
	free(ours);
	free(theirs);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	tsql_client_close(client);
}

void bench_read(const struct bench *bench)
{
	char *path = bench->large ? xstrdup(bench->large) : path_join(bench->dir, "large.db");
	struct err err;

	if (!file_exists(path)) {
		if (catalog_create(path, &err) < 0)
			bench_die("%s", err.primary);
		fill_catalog(path, bench->executions);
	}
	bench_figure("catalog_large_executions", (double)bench->executions, "executions");
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		compare_view(bench, path, i);
	bench_pages(bench, path, NULL, "admin");
	bench_pages(bench, path, OFTEN, "often");
	bench_pages(bench, path, RARELY, "rarely");
	if (bench->large)
		free(path);
	else
		bench_catalog_remove(path);
}
