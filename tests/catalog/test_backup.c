/* SPDX-License-Identifier: MIT */
/* Backup, restore and a new key: copies under load, damage, wrong passphrases, and death at every step. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "catalog/backup.h"
#include "catalog/rekey.h"
#include "catalog/secrets.h"
#include "tests/catalog/client_fixture.h"

#define PASS "correct horse"

static char *path, *file, *target;
static struct err err;

/* One sealed value in every column that can hold one. */
static void fill(void)
{
	struct tsql_client *client = t_connect(path, NULL);

	t_deploy_project1(client);
	t_run(client, "EXEC SSISDB.catalog.set_object_parameter_value 20, 'folder1', 'project1', 'Secret', N'server canary'");
	t_run(client, "EXEC SSISDB.catalog.create_environment 'folder1', 'env1';"
		      "EXEC SSISDB.catalog.create_environment_variable 'folder1', 'env1', 'V', 'String', 1, N'variable canary', ''");
	t_run(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1', 'package1.dtsx',"
		      " @execution_id = @id OUT;"
		      "EXEC SSISDB.catalog.set_execution_parameter_value @id, 20, 'Secret', N'execution canary';"
		      "EXEC SSISDB.catalog.set_execution_property_override_value @id, '\\Package.Properties[X]', N'override canary', 1");
	tsql_client_close(client);
}

static void setup(void)
{
	struct catalog *c = fixture_catalog(&path);
	char *folder = path_dirname(path);

	catalog_close(c);
	fill();
	file = path_join(folder, "backup");
	target = path_join(folder, "new/SSISDB.db");
	free(folder);
}

static void teardown(void)
{
	free(path);
	free(file);
	free(target);
}

/* Every sealed value of the catalog opens: the task with all values, the project, the server values. */
static void all_opens(const char *catalog)
{
	struct catalog *c = NULL;
	struct buf task = BUF_INIT, project = BUF_INIT;
	char hash[65];

	fixture_ok(catalog_open(catalog, &c, &err), &err);
	fixture_ok(queue_task(c, fixture_int(c, "SELECT min(execution_id) FROM execution"), 1, &task, hash, &err), &err);
	ck_assert_ptr_nonnull(strstr(task.data, "execution canary"));
	ck_assert_ptr_nonnull(strstr(task.data, "override canary"));
	fixture_ok(queue_project(c, hash, &project, &err), &err);
	ck_assert_uint_gt(project.len, 0);
	catalog_close(c);
	buf_release(&task);
	buf_release(&project);

	struct tsql_client *client = t_connect(catalog, NULL);
	t_run(client, "DECLARE @r bigint; EXEC SSISDB.catalog.create_environment_reference 'folder1', 'project1', 'env1', 'R',"
		      " @reference_id = @r OUT; DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1',"
		      " 'project1', 'package1.dtsx', @reference_id = @r, @execution_id = @id OUT;"
		      "EXEC SSISDB.catalog.delete_environment_reference @r");
	tsql_client_close(client);
}

static void same_key(const char *a, const char *b, bool same)
{
	unsigned char one[32], two[32];
	char *x = secrets_path(a), *y = secrets_path(b);

	fixture_ok(secrets_read(x, one, &err), &err);
	fixture_ok(secrets_read(y, two, &err), &err);
	ck_assert_int_eq(memcmp(one, two, 32) == 0, same);
	free(x);
	free(y);
}

START_TEST(a_backup_restores_everything_with_its_key)
{
	char *key = secrets_path(target);
	struct stat st;

	fixture_ok(catalog_backup(path, file, PASS, &err), &err);
	ck_assert_int_eq(stat(file, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert(!fixture_file_has(file, "canary"));
	fixture_ok(catalog_restore(file, target, PASS, false, &err), &err);
	ck_assert_int_eq(stat(key, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(stat(target, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	same_key(path, target, true);
	all_opens(target);
	free(key);
}
END_TEST

START_TEST(nothing_is_overwritten)
{
	fixture_ok(catalog_backup(path, file, PASS, &err), &err);
	ck_assert_int_eq(catalog_backup(path, file, PASS, &err), -ERR_EXISTS);
	ck_assert_int_eq(catalog_restore(file, path, PASS, false, &err), -ERR_EXISTS);
	fixture_ok(catalog_restore(file, target, PASS, false, &err), &err);
	ck_assert_int_eq(unlink(target), 0);
	ck_assert_int_eq(catalog_restore(file, target, PASS, false, &err), -ERR_EXISTS);
	ck_assert_ptr_nonnull(strstr(err.primary, ".key"));
	all_opens(path);
}
END_TEST

/* Files in the target's folder. */
static void nothing_left(void)
{
	char *folder = path_dirname(target);

	ck_assert_msg(rmdir(folder) == 0 || !file_exists(folder), "something was left in %s", folder);
	free(folder);
}

START_TEST(a_wrong_passphrase_leaves_nothing)
{
	fixture_ok(catalog_backup(path, file, PASS, &err), &err);
	ck_assert_int_eq(catalog_restore(file, target, "Correct horse", false, &err), -ERR_DENIED);
	nothing_left();
}
END_TEST

static void flip(off_t at)
{
	int fd = open(file, O_RDWR | O_CLOEXEC);
	unsigned char byte = 0;

	ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

START_TEST(a_changed_or_cut_backup_is_refused)
{
	static const struct {
		off_t at; /* negative: from the end */
		enum err_code code;
	} cases[] = { { 0, ERR_INVALID }, { 18, ERR_DENIED }, { 20, ERR_DENIED }, { 42, ERR_CORRUPT },
		{ 45, ERR_DENIED }, { 60, ERR_DENIED }, { 90, ERR_DENIED }, { 103 + 5000, ERR_CORRUPT }, { -1, ERR_CORRUPT },
		{ -40, ERR_CORRUPT } };
	struct stat st;

	fixture_ok(catalog_backup(path, file, PASS, &err), &err);
	ck_assert_int_eq(stat(file, &st), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		off_t at = cases[i].at < 0 ? st.st_size + cases[i].at : cases[i].at;

		flip(at);
		int r = catalog_restore(file, target, PASS, false, &err);
		ck_assert_msg(r == -(int)cases[i].code, "byte %lld: %d %s", (long long)at, r, err.primary);
		nothing_left();
		flip(at);
	}
	ck_assert_int_eq(truncate(file, st.st_size - 1), 0);
	ck_assert_int_eq(catalog_restore(file, target, PASS, false, &err), -ERR_CORRUPT);
	ck_assert_int_eq(truncate(file, 50), 0);
	ck_assert_int_eq(catalog_restore(file, target, PASS, false, &err), -ERR_INVALID);
	nothing_left();
}
END_TEST

static atomic_bool enough;
static atomic_int written;

/* Pairs of rows that must never be seen apart. */
static void *writer(void *unused)
{
	struct catalog *c = NULL;

	(void)unused;
	fixture_ok(catalog_open(path, &c, NULL), &err);
	while (!enough) {
		fixture_exec(c, "BEGIN IMMEDIATE; INSERT INTO operation_pair DEFAULT VALUES;"
				"INSERT INTO operation_pair DEFAULT VALUES; COMMIT");
		written++;
	}
	catalog_close(c);
	return NULL;
}

START_TEST(a_backup_under_load_is_of_one_moment_and_holds_up_nobody)
{
	struct catalog *c = NULL;
	pthread_t thread;

	fixture_ok(catalog_open(path, &c, &err), &err);
	fixture_exec(c, "CREATE TABLE operation_pair (id INTEGER PRIMARY KEY -- a test's\n)");
	catalog_close(c);
	enough = false;
	ck_assert_int_eq(pthread_create(&thread, NULL, writer, NULL), 0);
	while (written < 5)
		usleep(1000);
	int before = written;
	fixture_ok(catalog_backup(path, file, PASS, &err), &err);
	ck_assert_int_gt(written, before);
	enough = true;
	pthread_join(thread, NULL);
	fixture_ok(catalog_restore(file, target, PASS, false, &err), &err);
	fixture_ok(catalog_open(target, &c, &err), &err);
	ck_assert_int_gt(fixture_int(c, "SELECT count(*) FROM operation_pair"), 0);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) % 2 FROM operation_pair"), 0);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
	catalog_close(c);
}
END_TEST

/* Beside the catalog's own. */
static int files_in(const char *folder)
{
	DIR *dir = opendir(folder);
	int count = 0;

	ck_assert_ptr_nonnull(dir);
	for (struct dirent *entry; (entry = readdir(dir));)
		count += entry->d_name[0] != '.' && !strstr(entry->d_name, "SSISDB.db");
	closedir(dir);
	return count;
}

START_TEST(where_there_is_no_room_no_half_backup_stays)
{
	char *folder = path_dirname(file);
	struct rlimit limit, all;
	struct stat st;
	int r;

	fixture_ok(catalog_backup(path, file, PASS, &err), &err);
	ck_assert_int_eq(stat(file, &st), 0);
	ck_assert_int_eq(unlink(file), 0);
	getrlimit(RLIMIT_FSIZE, &all);
	signal(SIGXFSZ, SIG_IGN); /* a write beyond the limit fails as on a full disk */
	for (int part = 0; part < 8; part++) { /* the disk is full in the head, amid the rows, before the last byte */
		limit = (struct rlimit){ part == 0 ? 50 : (rlim_t)(st.st_size * part / 7 - 1), all.rlim_max };
		setrlimit(RLIMIT_FSIZE, &limit);
		r = catalog_backup(path, file, PASS, &err);
		setrlimit(RLIMIT_FSIZE, &all);
		ck_assert_int_lt(r, 0);
		ck_assert(!file_exists(file));
		ck_assert_int_eq(files_in(folder), 0);
		ck_assert_int_lt(catalog_restore(file, target, PASS, false, &err), 0);
		nothing_left();
	}
	signal(SIGXFSZ, SIG_DFL);
	all_opens(path);
	free(folder);
}
END_TEST

START_TEST(a_new_key_opens_everything_and_the_old_one_nothing)
{
	char *key = secrets_path(path), *old = xasprintf("%s.old", key);
	unsigned char bytes[32];
	struct catalog *c = NULL;
	int64_t count = 0;

	fixture_ok(secrets_read(key, bytes, &err), &err);
	fixture_ok(secrets_write(old, bytes, &err), &err);
	fixture_ok(catalog_rekey(path, NULL, NULL, &count, &err), &err);
	/* The project, one server value, one variable, one execution value, one override. */
	ck_assert_int_eq(count, 5);
	all_opens(path);
	ck_assert_int_eq(rename(old, key), 0);
	ck_assert_int_eq(catalog_open(path, &c, &err), -ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(err.primary, "not the key"));
	free(old);
	free(key);
}
END_TEST

START_TEST(no_column_of_sealed_values_is_forgotten)
{
	struct catalog *c = NULL;

	/* A new sealed column must be added to rekey.c, and here. */
	fixture_ok(catalog_open(path, &c, &err), &err);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM sqlite_master m, pragma_table_info(m.name) t"
					" WHERE m.type = 'table' AND t.name LIKE '%sealed%'"), 9);
	catalog_close(c);
}
END_TEST

START_TEST(a_new_key_is_refused_while_anybody_has_the_catalog_open)
{
	char *lock = xasprintf("%s.lock", path);
	struct catalog *c = NULL;
	int64_t count;
	int fd;

	fixture_ok(catalog_open(path, &c, &err), &err);
	ck_assert_int_eq(catalog_rekey(path, NULL, NULL, &count, &err), -ERR_BUSY);
	catalog_close(c);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	ck_assert_int_eq(catalog_rekey(path, NULL, NULL, &count, &err), -ERR_BUSY);
	ck_assert_ptr_nonnull(strstr(err.primary, "master"));
	close(fd);
	all_opens(path);
	fixture_ok(catalog_rekey(path, NULL, NULL, &count, &err), &err);
	free(lock);
}
END_TEST

static void die_at(void *ctx, enum rekey_step step)
{
	if (step == *(enum rekey_step *)ctx)
		raise(SIGKILL);
}

START_TEST(death_at_any_step_leaves_a_catalog_that_opens)
{
	for (enum rekey_step step = REKEY_WRITTEN; step <= REKEY_SWITCHED; step++) {
		int64_t count;
		int status = 0;
		pid_t child = fork();

		if (child == 0) {
			catalog_rekey(path, die_at, &step, &count, NULL);
			_exit(1);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "step %d: status %d", (int)step, status);
		all_opens(path);
		fixture_ok(catalog_rekey(path, NULL, NULL, &count, &err), &err);
		all_opens(path);
	}
}
END_TEST

START_TEST(a_foreign_key_is_refused)
{
	char *key = secrets_path(path);
	struct catalog *c = NULL;

	ck_assert_int_eq(unlink(key), 0);
	fixture_ok(secrets_create(path, &err), &err);
	ck_assert_int_eq(catalog_open(path, &c, &err), -ERR_CORRUPT);
	free(key);
}
END_TEST

START_TEST(a_file_from_before_the_check_gets_one_by_its_own_key_only)
{
	struct catalog *c = NULL;
	char *key = secrets_path(path), *kept = xasprintf("%s.kept", key);

	fixture_ok(catalog_open(path, &c, &err), &err);
	fixture_exec(c, "DELETE FROM key_check");
	catalog_close(c);
	ck_assert_int_eq(rename(key, kept), 0);
	fixture_ok(secrets_create(path, &err), &err);
	ck_assert_int_eq(catalog_open(path, &c, &err), -ERR_CORRUPT);
	ck_assert_int_eq(rename(kept, key), 0);
	all_opens(path);
	fixture_ok(catalog_open(path, &c, &err), &err);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM key_check"), 1);
	catalog_close(c);
	free(kept);
	free(key);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("catalog_backup");
	TCase *tc = tcase_create("backup");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_backup_restores_everything_with_its_key);
	tcase_add_test(tc, nothing_is_overwritten);
	tcase_add_test(tc, a_wrong_passphrase_leaves_nothing);
	tcase_add_test(tc, a_changed_or_cut_backup_is_refused);
	tcase_add_test(tc, a_backup_under_load_is_of_one_moment_and_holds_up_nobody);
	tcase_add_test(tc, where_there_is_no_room_no_half_backup_stays);
	tcase_add_test(tc, a_new_key_opens_everything_and_the_old_one_nothing);
	tcase_add_test(tc, no_column_of_sealed_values_is_forgotten);
	tcase_add_test(tc, a_new_key_is_refused_while_anybody_has_the_catalog_open);
	tcase_add_test(tc, death_at_any_step_leaves_a_catalog_that_opens);
	tcase_add_test(tc, a_foreign_key_is_refused);
	tcase_add_test(tc, a_file_from_before_the_check_gets_one_by_its_own_key_only);
	suite_add_tcase(s, tc);
	return s;
}

TEST_MAIN(suite)
