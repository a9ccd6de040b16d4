/* SPDX-License-Identifier: MIT */
/*
 * Writing: create_execution, two values and start_execution through T-SQL
 * against the rows they leave, inserted by hand into a second catalog; and
 * deploying a project of many packages.
 *
 * Each EXEC commits by itself, so the hand-written side commits four times
 * too; both sides are also measured inside one transaction. What the disk can
 * do at all is told by a file that is written and synchronized in between.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "bench/catalog.h"
#include "tests/package/zipper.h"

#define ROUNDS 5
#define TURNS 20 /* of the two sides when starting executions */
#define COMMITS 4 /* of a batch */
#define SYNCS 20 /* a turn */
#define START_TARGET 1000.0 /* batches/s, where the disk allows it */
#define START_RATIO 3.0

/* --- projects from the samples --- */

static void add_sample(struct zipper *z, const struct bench *bench, const char *name, const char *as)
{
	char *path = path_join(bench->samples, name);
	struct buf text = BUF_INIT;
	struct err err;

	if (file_read(path, 1 << 20, &text, &err) < 0)
		bench_die("%s (--samples names the folder)", err.primary);
	zipper_add(z, as, text.data, text.len, NULL);
	buf_release(&text);
	free(path);
}

static void flaky_project(const struct bench *bench, struct buf *out)
{
	static const char *const names[] = { "@Project.manifest", "Project.params", "Flaky.dtsx",
		"DoNothing.dtsx", "Sleep.dtsx" };
	struct zipper z = ZIPPER_INIT;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = path_join("Flaky", names[i]);

		add_sample(&z, bench, path, names[i]);
		free(path);
	}
	zipper_finish(&z, out);
}

static void add_property(struct buf *b, const char *name, const char *value)
{
	buf_addf(b, "<SSIS:Property SSIS:Name=\"%s\">%s</SSIS:Property>", name, value);
}

/* DoNothing.dtsx many times under other names. */
static void large_project(const struct bench *bench, struct buf *out)
{
	struct buf list = BUF_INIT, info = BUF_INIT, manifest = BUF_INIT;
	struct zipper z = ZIPPER_INIT;

	for (int64_t i = 1; i <= bench->packages; i++) {
		char name[64];

		snprintf(name, sizeof(name), "DoNothing%lld.dtsx", (long long)i);
		add_sample(&z, bench, "Flaky/DoNothing.dtsx", name);
		buf_addf(&list, "<SSIS:Package SSIS:Name=\"%s\" SSIS:EntryPoint=\"1\"/>", name);
		buf_addf(&info, "<SSIS:PackageMetaData SSIS:Name=\"%s\"><SSIS:Properties>", name);
		add_property(&info, "ID", "{582B6309-B5D5-4D97-9EDD-84717F356ED0}");
		add_property(&info, "VersionGUID", "{37C77E79-5F95-474C-80D5-4A37C79AF857}");
		add_property(&info, "PackageFormatVersion", "8");
		buf_adds(&info, "</SSIS:Properties><SSIS:Parameters/></SSIS:PackageMetaData>");
	}
	buf_adds(&manifest, "<SSIS:Project SSIS:ProtectionLevel=\"DontSaveSensitive\""
			    " xmlns:SSIS=\"www.microsoft.com/SqlServer/SSIS\"><SSIS:Properties>");
	add_property(&manifest, "ID", "{02bf0cdd-e3dc-4494-84ad-66329d498bbf}");
	add_property(&manifest, "Name", "Large");
	add_property(&manifest, "FormatVersion", "1");
	buf_addf(&manifest, "</SSIS:Properties><SSIS:Packages>%s</SSIS:Packages><SSIS:ConnectionManagers/>"
			    "<SSIS:DeploymentInfo><SSIS:ProjectConnectionParameters/><SSIS:PackageInfo>%s"
			    "</SSIS:PackageInfo></SSIS:DeploymentInfo></SSIS:Project>", list.data, info.data);
	zipper_adds(&z, "@Project.manifest", manifest.data);
	add_sample(&z, bench, "Flaky/Project.params", "Project.params");
	zipper_finish(&z, out);
	buf_release(&list);
	buf_release(&info);
	buf_release(&manifest);
}

static void deploy(struct tsql_client *client, const char *name, const struct buf *archive)
{
	struct tsql_param params[] = {
		{ "@name", { .type = TSQL_NVARCHAR, .length = 128 }, tsql_nvarchar(name), false },
		{ "@stream", { .type = TSQL_VARBINARY, .length = TSQL_MAX },
		    tsql_varbinary(archive->data, archive->len), false },
	};
	struct err err;

	if (tsql_client_run(client, "EXEC SSISDB.catalog.deploy_project N'Bench', @name, @stream", params,
		ARRAY_LEN(params), NULL, &err) < 0)
		bench_die("deploy %s: %s", name, err.primary);
	for (size_t i = 0; i < ARRAY_LEN(params); i++)
		tsql_value_release(&params[i].value);
}

void bench_deploy(const struct bench *bench)
{
	char *path = bench_catalog(bench, "deploy.db");
	struct tsql_client *client = bench_connect(path, NULL);
	struct buf archive = BUF_INIT;
	double seconds[ROUNDS];

	large_project(bench, &archive);
	bench_run(client, "EXEC SSISDB.catalog.create_folder N'Bench'");
	for (size_t i = 0; i < ARRAY_LEN(seconds); i++) {
		int64_t began = clock_mono_us();

		deploy(client, "Large", &archive);
		seconds[i] = (double)(clock_mono_us() - began) / 1e6;
		if (i == 0)
			bench_figure("catalog_deploy_first", seconds[0], "s");
	}
	bench_figure("catalog_deploy_packages", (double)bench->packages, "packages");
	bench_figure("catalog_deploy_p50", bench_quantile(seconds, ARRAY_LEN(seconds), 0.5), "s");
	buf_release(&archive);
	tsql_client_close(client);
	bench_catalog_remove(path);
}

/* --- starting executions --- */

static const char *const start_batch[] = {
	"DECLARE @id bigint;"
	"EXEC SSISDB.catalog.create_execution @folder_name=N'Bench', @project_name=N'Flaky',"
	" @package_name=N'Sleep.dtsx', @execution_id=@id OUTPUT;"
	"EXEC SSISDB.catalog.set_execution_parameter_value @id, 50, N'LOGGING_LEVEL', 2;"
	"EXEC SSISDB.catalog.set_execution_parameter_value @id, 30, N'Seconds', @seconds;"
	"EXEC SSISDB.catalog.start_execution @id",

	"DECLARE @id bigint; BEGIN TRANSACTION;"
	"EXEC SSISDB.catalog.create_execution @folder_name=N'Bench', @project_name=N'Flaky',"
	" @package_name=N'Sleep.dtsx', @execution_id=@id OUTPUT;"
	"EXEC SSISDB.catalog.set_execution_parameter_value @id, 50, N'LOGGING_LEVEL', 2;"
	"EXEC SSISDB.catalog.set_execution_parameter_value @id, 30, N'Seconds', @seconds;"
	"EXEC SSISDB.catalog.start_execution @id; COMMIT",
};

/* Seconds for count batches. */
static double start_through_tsql(struct tsql_client *client, int64_t count, bool together)
{
	int64_t began = clock_mono_us();

	for (int64_t i = 0; i < count; i++) {
		struct tsql_param seconds = { "@seconds", { .type = TSQL_INT }, tsql_int((int32_t)i), false };
		struct err err;

		if (tsql_client_run(client, start_batch[together], &seconds, 1, NULL, &err) < 0)
			bench_die("start: %s", err.primary);
	}
	return (double)(clock_mono_us() - began) / 1e6;
}

enum { H_BEGIN, H_COMMIT, H_OPERATION, H_EXECUTION, H_VALUE, H_SET, H_PENDING, H_QUEUE, H_COUNT };
static const char *const by_hand[] = {
	[H_BEGIN] = "BEGIN IMMEDIATE",
	[H_COMMIT] = "COMMIT",
	[H_OPERATION] = "INSERT INTO operation (operation_type, created_time, object_type, object_id, status,"
			" caller_sid, caller_name, server_name, folder_name, project_name, package_name,"
			" executed_as_name) VALUES (200, ?1, 20, 1, 1, x'01020000000000160100000000000000', 'root',"
			" 'host', 'Bench', 'Flaky', 'Sleep.dtsx', 'root')",
	[H_EXECUTION] = "INSERT INTO execution (execution_id, project_lsn, project_hash, scale_out)"
			" VALUES (?1, 1, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 0)",
	[H_VALUE] = "INSERT INTO execution_value (execution_id, object_type, name, data_type, value, sensitive,"
		    " required, value_set) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0)",
	[H_SET] = "UPDATE execution_value SET value = ?4, value_set = 1, runtime_override = 1"
		  " WHERE execution_id = ?1 AND object_type = ?2 AND name = ?3",
	[H_PENDING] = "UPDATE operation SET status = 5 WHERE operation_id = ?1",
	[H_QUEUE] = "UPDATE execution SET queued = 1,"
		    " executed_as_sid = x'01020000000000160100000000000000' WHERE execution_id = ?1",
};
static const struct {
	int object_type;
	const char *name, *data_type, *value;
} values[] = {
	{ 30, "Seconds", "Int32", "int:60" },
	{ 50, "CALLER_INFO", "String", NULL },
	{ 50, "CUSTOMIZED_LOGGING_LEVEL", "String", NULL },
	{ 50, "DUMP_EVENT_CODE", "String", "nvarchar(4000):0" },
	{ 50, "DUMP_ON_ERROR", "Boolean", "bit:0" },
	{ 50, "DUMP_ON_EVENT", "Boolean", "bit:0" },
	{ 50, "LOGGING_LEVEL", "Int32", "int:1" },
	{ 50, "SYNCHRONIZED", "Boolean", "bit:0" },
};

static void step(sqlite3_stmt *stmt)
{
	if (sqlite3_step(stmt) != SQLITE_DONE)
		bench_die("%s: %s", sqlite3_sql(stmt), sqlite3_errmsg(sqlite3_db_handle(stmt)));
	sqlite3_reset(stmt);
}

static void step_id(sqlite3_stmt *stmt, int64_t id)
{
	sqlite3_bind_int64(stmt, 1, id);
	step(stmt);
}

static void commit_between(sqlite3_stmt **q, bool together)
{
	if (together)
		return;
	step(q[H_COMMIT]);
	step(q[H_BEGIN]);
}

static void set_by_hand(sqlite3_stmt **q, int64_t id, int type, const char *name, const char *value)
{
	sqlite3_bind_int64(q[H_SET], 1, id);
	sqlite3_bind_int(q[H_SET], 2, type);
	sqlite3_bind_text(q[H_SET], 3, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(q[H_SET], 4, value, -1, SQLITE_TRANSIENT);
	step(q[H_SET]);
}

static void start_one_by_hand(sqlite3 *db, sqlite3_stmt **q, int64_t number, bool together)
{
	char text[32];
	int64_t id;

	step(q[H_BEGIN]);
	step_id(q[H_OPERATION], clock_wall());
	id = sqlite3_last_insert_rowid(db);
	step_id(q[H_EXECUTION], id);
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		sqlite3_bind_int64(q[H_VALUE], 1, id);
		sqlite3_bind_int(q[H_VALUE], 2, values[i].object_type);
		sqlite3_bind_text(q[H_VALUE], 3, values[i].name, -1, SQLITE_STATIC);
		sqlite3_bind_text(q[H_VALUE], 4, values[i].data_type, -1, SQLITE_STATIC);
		sqlite3_bind_text(q[H_VALUE], 5, values[i].value, -1, SQLITE_STATIC);
		step(q[H_VALUE]);
	}
	commit_between(q, together);
	set_by_hand(q, id, 50, "LOGGING_LEVEL", "int:2");
	commit_between(q, together);
	snprintf(text, sizeof(text), "int:%lld", (long long)number);
	set_by_hand(q, id, 30, "Seconds", text);
	commit_between(q, together);
	step_id(q[H_PENDING], id);
	step_id(q[H_QUEUE], id);
	step(q[H_COMMIT]);
}

static double start_by_hand(sqlite3 *db, int64_t count, bool together)
{
	sqlite3_stmt *q[H_COUNT];
	int64_t began;

	for (size_t i = 0; i < H_COUNT; i++)
		q[i] = bench_prepare(db, by_hand[i]);
	began = clock_mono_us();
	for (int64_t i = 0; i < count; i++)
		start_one_by_hand(db, q, i, together);
	double seconds = (double)(clock_mono_us() - began) / 1e6;
	for (size_t i = 0; i < H_COUNT; i++)
		sqlite3_finalize(q[i]);
	return seconds;
}

/* Synchronized writes a second: a page of the log and its frame, appended, as a small commit does. */
static double sync_rate(int file)
{
	static const char page[4096 + 24];
	int64_t began = clock_mono_us();

	for (size_t i = 0; i < SYNCS; i++)
		if (write(file, page, sizeof(page)) != sizeof(page) || fdatasync(file) < 0)
			bench_die("cannot write beside the catalogs");
	return SYNCS * 1e6 / (double)(clock_mono_us() - began + 1);
}

static void judge(const char *suffix, double rate, double ratio, double syncs)
{
	double allowed = syncs / COMMITS;

	printf("start%s %.0f batches/s  target %.0f/s (the disk allows %.0f)  %s\n", suffix, rate, START_TARGET, allowed,
	    rate >= START_TARGET ? "PASS" : allowed < START_TARGET ? "DISK" : "MISS");
	printf("start%s %.2f times SQLite  target %.0f  %s\n", suffix, ratio, START_RATIO, ratio <= START_RATIO ? "PASS" : "MISS");
}

/* The two sides take short turns, so that whatever else the machine does strikes both; the middle turn counts. */
static void compare_starts(const struct bench *bench, struct tsql_client *client, sqlite3 *db,
    bool together, const char *suffix)
{
	double ours[TURNS], theirs[TURNS], ratios[TURNS], syncs[TURNS];
	int64_t count = bench->batches / TURNS;
	char *name = path_join(bench->dir, "sync");
	int file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (file < 0)
		bench_die("%s cannot be written", name);
	unlink(name);
	free(name);

	for (size_t i = 0; i < TURNS; i++) {
		ours[i] = start_through_tsql(client, count, together);
		theirs[i] = start_by_hand(db, count, together);
		ratios[i] = ours[i] / theirs[i];
		syncs[i] = sync_rate(file);
	}
	close(file);
	name = xasprintf("catalog_start%s", suffix);
	bench_figure(name, (double)count / bench_quantile(ours, TURNS, 0.5), "batches/s");
	free(name);
	name = xasprintf("sqlite_start%s", suffix);
	bench_figure(name, (double)count / bench_quantile(theirs, TURNS, 0.5), "batches/s");
	free(name);
	name = xasprintf("catalog_start%s_vs_sqlite", suffix);
	bench_ratio(name, bench_quantile(ratios, TURNS, 0.5));
	free(name);
	if (!together)
		bench_figure("disk_syncs", bench_quantile(syncs, TURNS, 0.5), "syncs/s");
	judge(suffix, (double)count / bench_quantile(ours, TURNS, 0.5), bench_quantile(ratios, TURNS, 0.5),
	    bench_quantile(syncs, TURNS, 0.5) * (together ? COMMITS : 1));
}

void bench_start(const struct bench *bench)
{
	char *ours = bench_catalog(bench, "start.db"), *theirs = bench_catalog(bench, "by_hand.db");
	struct tsql_client *client = bench_connect(ours, NULL);
	sqlite3 *db = bench_sqlite(theirs);
	struct buf archive = BUF_INIT;

	flaky_project(bench, &archive);
	bench_run(client, "EXEC SSISDB.catalog.create_folder N'Bench'");
	deploy(client, "Flaky", &archive);
	compare_starts(bench, client, db, false, "");
	compare_starts(bench, client, db, true, "_in_transaction");
	buf_release(&archive);
	tsql_client_close(client);
	sqlite3_close(db);
	bench_catalog_remove(ours);
	bench_catalog_remove(theirs);
}
