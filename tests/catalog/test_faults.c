/* SPDX-License-Identifier: MIT */
/*
 * When the disk fails: each write and sync of starting and deploying fails
 * once, in turn, for a moment or for good. What was reported as done is there
 * afterwards, everything is whole, and the error says what to look at. Then
 * files that are not what they should be.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "catalog/schema.h"
#include "catalog/secrets.h"
#include "catalog/store.h"
#include "tests/catalog/client_fixture.h"
#include "tests/catalog/fault_vfs.h"

#define STEPS_MAX 400

static char *path;
static struct err err;

static void setup(void)
{
	struct catalog *c = fixture_catalog(&path);
	struct tsql_client *client = t_connect(path, NULL);

	t_deploy_project1(client);
	tsql_client_close(client);
	catalog_close(c);
}

static void teardown(void)
{
	free(path);
}

static bool says(const char *word)
{
	return strstr(err.primary, word) || strstr(err.detail, word) || strstr(err.hint, word);
}

static struct buf slurp(const char *name)
{
	struct buf data = BUF_INIT;

	fixture_ok(file_read(name, (size_t)64 << 20, &data, &err), &err);
	return data;
}

static void write_file(const char *name, const void *data, size_t len)
{
	int fd = open(name, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);

	ck_assert(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	close(fd);
}

/* --- nothing half done --- */

/* Each text is a count of what must not be. */
static const char *const wrongs[] = {
	"SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
	"SELECT count(*) FROM pragma_foreign_key_check",
	/* executions are whole */
	"SELECT count(*) FROM operation o LEFT JOIN execution e ON e.execution_id = o.operation_id"
	" WHERE o.operation_type = 200 AND e.execution_id IS NULL",
	"SELECT count(*) FROM execution e WHERE (SELECT count(*) FROM execution_value v"
	" WHERE v.execution_id = e.execution_id) <> 11",
	"SELECT count(*) FROM operation o JOIN execution e ON e.execution_id = o.operation_id"
	" WHERE e.queued <> (o.status = 5)",
	"SELECT count(*) FROM status_count s WHERE s.executions <> (SELECT count(*) FROM operation o"
	" WHERE o.operation_type = 200 AND o.status = s.status)",
	/* projects are whole, and what succeeded is there */
	"SELECT count(*) FROM project p WHERE NOT EXISTS (SELECT 1 FROM project_version v"
	" JOIN project_content c USING (hash) WHERE v.version_lsn = p.version_lsn)",
	"SELECT count(*) FROM project p WHERE (SELECT count(*) FROM package k WHERE k.project_id = p.project_id)"
	" NOT IN (2, 3)",
	"SELECT (SELECT count(*) FROM operation WHERE operation_type = 101 AND status = 7)"
	" <> (SELECT count(*) FROM project_version)",
};

static void check_whole(int step)
{
	struct catalog *c = NULL;

	fixture_ok(catalog_open(path, &c, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(wrongs); i++)
		ck_assert_msg(fixture_int(c, wrongs[i]) == 0, "after failure %d: %s", step, wrongs[i]);
	catalog_close(c);
}

static int64_t count(const char *sql)
{
	struct catalog *c = NULL;
	int64_t n;

	fixture_ok(catalog_open(path, &c, &err), &err);
	n = fixture_int(c, sql);
	catalog_close(c);
	return n;
}

/* --- starting --- */

/* Create, set, set, start; returns how many of the four were reported as done. */
static int start_steps(struct tsql_client *client)
{
	static const char *const batches[] = {
		"EXEC SSISDB.catalog.create_execution N'folder1', N'project1', N'package1.dtsx', @execution_id=@id OUTPUT",
		"EXEC SSISDB.catalog.set_execution_parameter_value @id, 50, N'LOGGING_LEVEL', 2",
		"EXEC SSISDB.catalog.set_execution_parameter_value @id, 20, N'Greeting', N'Good day'",
		"EXEC SSISDB.catalog.start_execution @id",
	};
	struct tsql_param id = { "@id", { .type = TSQL_BIGINT }, tsql_null(TSQL_BIGINT), true };

	for (size_t i = 0; i < ARRAY_LEN(batches); i++) {
		if (tsql_client_run(client, batches[i], &id, 1, NULL, &err) < 0)
			return (int)i;
	}
	return (int)ARRAY_LEN(batches);
}

static void check_clear_error(int code)
{
	ck_assert_msg(err.code == ERR_SQL && says("SSISDB.db"), "the error does not name the file: %s (%s)",
	    err.primary, err.detail);
	if (code == SQLITE_FULL)
		ck_assert_msg(says("full"), "%s (%s)", err.primary, err.detail);
}

/* Fail the n-th change until none is left to fail. */
static void fail_starting(int code, bool lasting)
{
	int64_t created = 0;
	int n;

	for (n = 1; n < STEPS_MAX; n++) {
		struct tsql_client *client = t_connect(path, NULL);
		int64_t before = count("SELECT count(*) FROM execution"), after;
		int done;

		fault_vfs_fail(n, code, lasting);
		done = start_steps(client);
		if (done < 4)
			check_clear_error(code);
		if (lasting) /* the program dies with the disk */
			tsql_client_close(client);
		bool failed = fault_vfs_heal();
		if (!lasting) {
			/* The same connection works again. */
			ck_assert_msg(start_steps(client) == 4, "after failure %d: %s", n, err.primary);
			tsql_client_close(client);
			before++;
		}
		after = count("SELECT count(*) FROM execution");
		/* What was reported is there; what failed while it was being committed may be. */
		ck_assert_msg(after == before + 1 || (after == before && done == 0),
		    "after failure %d: %d calls done, %lld executions instead of %lld", n, done, (long long)after,
		    (long long)before);
		check_whole(n);
		created += after - before;
		if (!failed)
			break;
	}
	ck_assert_msg(n < STEPS_MAX && n > 4, "%d changes", n);
	ck_assert_int_gt(created, 0);
}

START_TEST(a_start_survives_a_write_that_fails_once)
{
	fault_vfs_install();
	fail_starting(SQLITE_IOERR_WRITE, false);
}
END_TEST

START_TEST(a_start_survives_a_disk_that_fails_for_good)
{
	fault_vfs_install();
	fail_starting(SQLITE_IOERR_WRITE, true);
}
END_TEST

START_TEST(a_start_survives_a_disk_that_fills_up)
{
	fault_vfs_install();
	fail_starting(SQLITE_FULL, true);
}
END_TEST

/* --- deploying --- */

static int deploy(struct tsql_client *client, const char *name)
{
	struct buf archive = BUF_INIT;
	int64_t operation;
	int r;

	t_project(name, 1, &archive);
	r = t_deploy(client, "folder1", name, archive.data, archive.len, &operation, &err);
	buf_release(&archive);
	return r;
}

static void fail_deploying(int code, bool lasting)
{
	int n;

	for (n = 1; n < STEPS_MAX; n++) {
		struct tsql_client *client = t_connect(path, NULL);
		char *name = xasprintf("P%d", n);
		char *exists = xasprintf("SELECT count(*) FROM project WHERE name = '%s'", name);
		int r;

		fault_vfs_fail(n, code, lasting);
		r = deploy(client, name);
		if (r < 0)
			check_clear_error(code);
		if (lasting)
			tsql_client_close(client);
		bool failed = fault_vfs_heal();
		if (!lasting) {
			/* A failure that passed is recorded. */
			ck_assert_msg(r == 0 || deploy(client, name) == 0, "after failure %d: %s", n, err.primary);
			tsql_client_close(client);
			ck_assert_int_eq(count("SELECT count(*) FROM operation WHERE operation_type = 101"
					       " AND status NOT IN (4, 7)"), 0);
		}
		if (r == 0 || !lasting)
			ck_assert_int_eq(count(exists), 1);
		check_whole(n);
		free(exists);
		free(name);
		if (!failed)
			break;
	}
	ck_assert_msg(n < STEPS_MAX && n > 4, "%d changes", n);
}

START_TEST(a_deployment_survives_a_write_that_fails_once)
{
	fault_vfs_install();
	fail_deploying(SQLITE_IOERR_WRITE, false);
}
END_TEST

START_TEST(a_deployment_survives_a_disk_that_fills_up)
{
	fault_vfs_install();
	fail_deploying(SQLITE_FULL, true);
}
END_TEST

/* --- when commits are on the disk --- */

struct log_watch {
	struct catalog *other;
	int syncs, fail, rows, syncs_at_row;
	bool free_when_synced;
};

static bool on_sync(void *ctx)
{
	struct log_watch *w = ctx;

	w->syncs++;
	if (w->fail > 0 && w->fail--)
		return false;
	/* With no patience: a lock that is held is told at once. */
	sqlite3_busy_handler(w->other->db, NULL, NULL);
	w->free_when_synced = sqlite3_exec(w->other->db, "BEGIN IMMEDIATE; COMMIT", NULL, NULL, NULL) == SQLITE_OK;
	return true;
}

static int on_row(void *ctx, const struct tsql_value *values, size_t count)
{
	struct log_watch *w = ctx;

	(void)values, (void)count;
	if (w->rows++ == 0)
		w->syncs_at_row = w->syncs;
	return 0;
}

static struct tsql_client *watched(struct log_watch *w)
{
	fault_vfs_install();
	fixture_ok(catalog_open(path, &w->other, &err), &err);
	/* The first write begins the log, whose head is synced for itself. */
	fixture_exec(w->other, "UPDATE folder SET description = 'first'");
	return t_connect(path, NULL);
}

static int watched_run(struct log_watch *w, struct tsql_client *client, const char *batch)
{
	struct tsql_sink sink = { .ctx = w, .row = on_row };
	int r;

	fault_vfs_watch_log(on_sync, w);
	r = tsql_client_run(client, batch, NULL, 0, &sink, &err);
	fault_vfs_watch_log(NULL, NULL);
	return r;
}

static void unwatch(struct log_watch *w, struct tsql_client *client)
{
	tsql_client_close(client);
	catalog_close(w->other);
}

START_TEST(commits_are_synced_before_the_client_hears_of_them_while_others_may_write)
{
	struct log_watch w = { 0 };
	struct tsql_client *client = watched(&w);

	fixture_ok(watched_run(&w, client, "SET NOCOUNT ON EXEC SSISDB.catalog.create_folder N'A' EXEC SSISDB.catalog.create_folder N'B'"
					   " SELECT 1 EXEC SSISDB.catalog.create_folder N'C'"), &err);
	ck_assert_int_eq(w.rows, 1);
	ck_assert_int_eq(w.syncs_at_row, 1);
	ck_assert_int_eq(w.syncs, 2);
	ck_assert(w.free_when_synced);
	fixture_ok(watched_run(&w, client, "SELECT name FROM SSISDB.catalog.folders"), &err);
	ck_assert_int_eq(w.syncs, 2); /* nothing to sync */
	unwatch(&w, client);
}
END_TEST

START_TEST(commits_of_a_batch_that_runs_on_are_synced_before_a_pause_and_after_a_while)
{
	struct log_watch w = { 0 };
	struct tsql_client *client = watched(&w);

	fixture_ok(watched_run(&w, client, "EXEC SSISDB.catalog.create_folder N'A' WAITFOR DELAY '00:00:00.001'"), &err);
	ck_assert_int_eq(w.syncs, 1);
	/* The second commit finds the first one old, the third is young when the batch ends. */
	fixture_ok(watched_run(&w, client, "SET NOCOUNT ON EXEC SSISDB.catalog.set_folder_description N'A', N'1'"
					   " DECLARE @end datetime2 = DATEADD(millisecond, 100, SYSDATETIME()), @n int"
					   " WHILE SYSDATETIME() < @end SET @n = 1"
					   " EXEC SSISDB.catalog.set_folder_description N'A', N'2'"
					   " EXEC SSISDB.catalog.set_folder_description N'A', N'3'"), &err);
	ck_assert_int_eq(w.syncs, 1 + 2);
	unwatch(&w, client);
}
END_TEST

/* Whether a folder is in the catalog's own file, whatever its log says. */
static bool in_catalog_file(const char *name)
{
	char *folder = test_tmpdir(), *copy = path_join(folder, "copy.db");
	char *sql = xasprintf("SELECT count(*) FROM folder WHERE name = '%s' COLLATE BINARY", name);
	struct buf bytes = slurp(path);
	sqlite3_stmt *q = NULL;
	sqlite3 *db = NULL;

	write_file(copy, bytes.data, bytes.len);
	ck_assert(sqlite3_open(copy, &db) == SQLITE_OK && sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK);
	ck_assert(sqlite3_step(q) == SQLITE_ROW);
	bool there = sqlite3_column_int(q, 0) == 1;
	sqlite3_finalize(q);
	sqlite3_close(db);
	buf_release(&bytes);
	free(sql);
	free(copy);
	free(folder);
	return there;
}

START_TEST(what_a_failed_sync_leaves_in_doubt_is_brought_into_the_catalog)
{
	struct log_watch w = { .fail = 1 };
	struct tsql_client *client = watched(&w);

	fixture_ok(watched_run(&w, client, "EXEC SSISDB.catalog.create_folder N'Once'"), &err);
	ck_assert(in_catalog_file("Once"));
	unwatch(&w, client);
}
END_TEST

START_TEST(a_log_in_doubt_is_not_trusted_until_all_of_it_is_in_the_catalog)
{
	struct log_watch w = { .fail = 2 }; /* the sync before the row, and that of the checkpoint */
	struct tsql_client *client = watched(&w);

	ck_assert_int_lt(watched_run(&w, client, "EXEC SSISDB.catalog.create_folder N'Lost' SELECT 1"), 0);
	check_clear_error(SQLITE_IOERR);
	ck_assert_int_eq(err.sql_number, 823);
	ck_assert_int_eq(w.rows, 0);
	ck_assert(!in_catalog_file("Lost"));
	/* The next sync would say that all is well. */
	fixture_ok(watched_run(&w, client, "EXEC SSISDB.catalog.create_folder N'Next'"), &err);
	ck_assert(in_catalog_file("Next") && in_catalog_file("Lost"));
	unwatch(&w, client);
}
END_TEST

/* --- a real full disk --- */

/* A file system of 2 MiB in folder; false when this account may not mount. */
static bool small_disk(const char *folder)
{
	return geteuid() == 0 && mount("scaleout-test", folder, "tmpfs", MS_NOSUID | MS_NODEV, "size=2m") == 0;
}

START_TEST(a_catalog_on_a_full_disk_says_so_and_goes_on_when_there_is_room)
{
	char *folder = test_tmpdir(), *ballast = path_join(folder, "ballast");
	char block[4096] = { 0 };
	struct tsql_client *client;
	int fd;

	if (!small_disk(folder))
		test_skip("a small file system cannot be mounted");
	free(path);
	path = path_join(folder, "SSISDB.db");
	fixture_ok(catalog_create(path, &err), &err);
	client = t_connect(path, NULL);
	t_deploy_project1(client);
	fd = open(ballast, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	ck_assert(fd >= 0);
	while (write(fd, block, sizeof(block)) > 0)
		continue;
	close(fd);
	for (int i = 0; i < 500 && start_steps(client) == 4; i++)
		continue;
	check_clear_error(SQLITE_FULL);
	ck_assert_int_eq(unlink(ballast), 0);
	ck_assert_msg(start_steps(client) == 4, "%s", err.primary);
	tsql_client_close(client);
	check_whole(0);
	ck_assert_int_eq(umount2(folder, MNT_DETACH), 0);
	free(ballast);
	free(folder);
}
END_TEST

/* --- read-only, locked --- */

START_TEST(a_read_only_catalog_can_be_read_and_refuses_changes)
{
	struct tsql_client *client;
	struct catalog *other = NULL;

	fault_vfs_install();
	fixture_ok(catalog_open(path, &other, &err), &err); /* keeps the log there for readers */
	fixture_exec(other, "UPDATE folder SET description = 'here'");
	fault_vfs_read_only(true);
	client = t_connect(path, NULL);
	t_is(client, "here", "SELECT description FROM SSISDB.catalog.folders");
	ck_assert_int_eq(start_steps(client), 0);
	ck_assert_msg(says("SSISDB.db") && says("read-only"), "%s (%s)", err.primary, err.detail);
	tsql_client_close(client);
	fault_vfs_read_only(false);
	catalog_close(other);
	check_whole(0);
}
END_TEST

START_TEST(a_catalog_locked_by_another_program_gives_up_with_a_remedy)
{
	struct tsql_client *client = t_connect(path, NULL);
	struct catalog *other = NULL;

	fixture_ok(catalog_open(path, &other, &err), &err);
	fixture_exec(other, "BEGIN IMMEDIATE");
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.folders"); /* readers do not wait */
	ck_assert_int_eq(start_steps(client), 0);
	ck_assert_int_eq(err.sql_number, 1222);
	ck_assert_msg(says("SSISDB.db") && says("again"), "%s (%s)", err.primary, err.detail);
	fixture_exec(other, "ROLLBACK");
	ck_assert_int_eq(start_steps(client), 4);
	catalog_close(other);
	tsql_client_close(client);
}
END_TEST

/* --- files that are not what they should be --- */

/* Opening fails with one of two codes, names the file, has a remedy, and leaves the bytes alone. */
static void refused(int code, int other_code)
{
	struct buf before = slurp(path), after;
	struct catalog *c = NULL;
	int r;

	err_clear(&err);
	r = catalog_open(path, &c, &err);
	ck_assert_msg(r == -code || r == -other_code, "opened with %d: %s", r, r < 0 ? err.primary : "");
	ck_assert_msg(says("SSISDB.db"), "the file is not named: %s (%s)", err.primary, err.detail);
	ck_assert_msg(err.hint[0], "no remedy: %s", err.primary);
	after = slurp(path);
	ck_assert(after.len == before.len && memcmp(after.data, before.data, before.len) == 0);
	buf_release(&before);
	buf_release(&after);
}

START_TEST(an_empty_file_is_not_taken_for_a_new_catalog)
{
	write_file(path, "", 0);
	refused(ERR_CORRUPT, ERR_CORRUPT);
}
END_TEST

START_TEST(garbage_is_refused)
{
	static const char text[] = "this is a letter, not a database\n";
	struct buf noise = BUF_INIT;

	for (int i = 0; i < 1000; i++)
		buf_adds(&noise, text);
	write_file(path, noise.data, noise.len);
	refused(ERR_CORRUPT, ERR_CORRUPT);
	buf_release(&noise);
}
END_TEST

START_TEST(a_file_cut_anywhere_is_refused_or_fails_at_the_missing_part)
{
	struct buf whole = slurp(path);

	for (size_t len = 100; len < whole.len; len += whole.len / 23) {
		struct tsql_client *client = NULL;

		write_file(path, whole.data, len);
		err_clear(&err);
		if (catalog_connect(path, NULL, NULL, &client, &err) == 0) {
			int done = start_steps(client);

			tsql_client_close(client);
			ck_assert_msg(done == 0, "%zu of %zu bytes are taken for a catalog", len, whole.len);
		}
		ck_assert_msg(says("SSISDB.db"), "cut at %zu: %s (%s)", len, err.primary, err.detail);
	}
	buf_release(&whole);
}
END_TEST

START_TEST(a_newer_catalog_is_refused_naming_both_versions)
{
	struct catalog *c = NULL;
	char mine[32];

	fixture_ok(catalog_open(path, &c, &err), &err);
	fixture_exec(c, "PRAGMA user_version = 9999");
	catalog_close(c);
	refused(ERR_UNSUPPORTED, ERR_UNSUPPORTED);
	snprintf(mine, sizeof(mine), "%d", schema_version());
	ck_assert(says("9999") && says(mine));
}
END_TEST

START_TEST(a_catalog_without_its_key_is_refused)
{
	char *key = xasprintf("%s.key", path);

	ck_assert_int_eq(unlink(key), 0);
	refused(ERR_NOT_FOUND, ERR_IO);
	ck_assert(says(".key"));
	free(key);
}
END_TEST

START_TEST(the_key_of_another_catalog_is_refused)
{
	char *folder = test_tmpdir(), *other = path_join(folder, "other.db");
	char *key = xasprintf("%s.key", path), *other_key = xasprintf("%s.key", other);
	struct buf bytes;

	fixture_ok(catalog_create(other, &err), &err);
	bytes = slurp(other_key);
	write_file(key, bytes.data, bytes.len);
	refused(ERR_DENIED, ERR_CORRUPT);
	ck_assert(says(".key"));
	buf_release(&bytes);
	free(key);
	free(other_key);
	free(other);
	free(folder);
}
END_TEST

START_TEST(a_damaged_key_is_refused)
{
	char *key = xasprintf("%s.key", path);

	write_file(key, "scaleout catalog key 1\nshort", 28);
	refused(ERR_CORRUPT, ERR_CORRUPT);
	ck_assert(says(".key"));
	free(key);
}
END_TEST

START_TEST(a_key_that_others_may_read_is_refused)
{
	char *key = xasprintf("%s.key", path);

	ck_assert_int_eq(chmod(key, 0644), 0);
	refused(ERR_DENIED, ERR_DENIED);
	ck_assert(says(".key") && says("chmod 600"));
	ck_assert_int_eq(chmod(key, 0600), 0);
	check_whole(0);
	free(key);
}
END_TEST

static Suite *faults_suite(void)
{
	Suite *s = suite_create("catalog faults");
	TCase *t = tcase_create("faults");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, a_start_survives_a_write_that_fails_once);
	tcase_add_test(t, a_start_survives_a_disk_that_fails_for_good);
	tcase_add_test(t, a_start_survives_a_disk_that_fills_up);
	tcase_add_test(t, a_deployment_survives_a_write_that_fails_once);
	tcase_add_test(t, a_deployment_survives_a_disk_that_fills_up);
	tcase_add_test(t, commits_are_synced_before_the_client_hears_of_them_while_others_may_write);
	tcase_add_test(t, commits_of_a_batch_that_runs_on_are_synced_before_a_pause_and_after_a_while);
	tcase_add_test(t, what_a_failed_sync_leaves_in_doubt_is_brought_into_the_catalog);
	tcase_add_test(t, a_log_in_doubt_is_not_trusted_until_all_of_it_is_in_the_catalog);
	tcase_add_test(t, a_catalog_on_a_full_disk_says_so_and_goes_on_when_there_is_room);
	tcase_add_test(t, a_read_only_catalog_can_be_read_and_refuses_changes);
	tcase_add_test(t, a_catalog_locked_by_another_program_gives_up_with_a_remedy);
	tcase_add_test(t, an_empty_file_is_not_taken_for_a_new_catalog);
	tcase_add_test(t, garbage_is_refused);
	tcase_add_test(t, a_file_cut_anywhere_is_refused_or_fails_at_the_missing_part);
	tcase_add_test(t, a_newer_catalog_is_refused_naming_both_versions);
	tcase_add_test(t, a_catalog_without_its_key_is_refused);
	tcase_add_test(t, the_key_of_another_catalog_is_refused);
	tcase_add_test(t, a_damaged_key_is_refused);
	tcase_add_test(t, a_key_that_others_may_read_is_refused);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(faults_suite)
