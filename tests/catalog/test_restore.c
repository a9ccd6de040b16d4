/* SPDX-License-Identifier: MIT */
/* Restoring over a catalog that is there: what refuses, what is kept, and death and full disks at every step. */
#include <fcntl.h>
#include <signal.h>
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
#include "catalog/replace.h"
#include "catalog/secrets.h"
#include "tests/catalog/client_fixture.h"

#define PASS "correct horse"

static char *path, *kept, *file;
static struct err err;

/* The catalog "then", its backup, and what became of it, "now": with more in it, and another key. */
static void setup(void)
{
	struct catalog *c = fixture_catalog(&path);
	struct tsql_client *client;
	int64_t count;

	catalog_close(c);
	client = t_connect(path, NULL);
	t_deploy_project1(client);
	t_run(client, "EXEC SSISDB.catalog.create_folder 'then'; EXEC SSISDB.catalog.create_environment 'then', 'e';"
		      "EXEC SSISDB.catalog.create_environment_variable 'then', 'e', 'V', 'String', 1, N'secret then', ''");
	tsql_client_close(client);
	kept = xasprintf("%s" REPLACE_KEPT, path);
	file = xasprintf("%s.backup", path);
	fixture_ok(catalog_backup(path, file, PASS, &err), &err);
	client = t_connect(path, NULL);
	t_run(client, "EXEC SSISDB.catalog.rename_folder 'then', 'now';"
		      "EXEC SSISDB.catalog.set_environment_variable_value 'now', 'e', 'V', N'secret now'");
	tsql_client_close(client);
	fixture_ok(catalog_rekey(path, NULL, NULL, &count, &err), &err);
}

static void teardown(void)
{
	free(path);
	free(kept);
	free(file);
}

/* Which of the two a catalog is; its secrets open. Caller frees. */
static char *which(const char *catalog)
{
	struct tsql_client *client = t_connect(catalog, NULL);
	char *name = t_text(client, "SELECT name FROM SSISDB.catalog.folders WHERE name <> 'folder1'");
	char *secret = xasprintf("secret %s", name);

	t_run(client, "EXEC SSISDB.catalog.set_environment_variable_protection '%s', 'e', 'V', 0", name);
	t_is(client, secret, "SELECT value FROM SSISDB.catalog.environment_variables");
	t_run(client, "EXEC SSISDB.catalog.set_environment_variable_protection '%s', 'e', 'V', 1", name);
	tsql_client_close(client);
	free(secret);
	return name;
}

static void is(const char *catalog, const char *expected)
{
	char *name = which(catalog);

	ck_assert_str_eq(name, expected);
	free(name);
}

/* Files beside the catalog that are neither it nor the backup. */
static void nothing_beside(void)
{
	static const char *const endings[] = { "-journal", ".key.new", REPLACE_KEPT, REPLACE_KEPT ".key", REPLACE_KEPT ".part" };

	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		char *name = xasprintf("%s%s", path, endings[i]);

		ck_assert_msg(!file_exists(name), "%s is there", name);
		free(name);
	}
}

static void drop_kept(void)
{
	char *key = secrets_path(kept);

	unlink(kept);
	unlink(key);
	free(key);
}

START_TEST(without_force_the_error_names_the_file_and_the_way)
{
	ck_assert_int_eq(catalog_restore(file, path, PASS, false, &err), -ERR_EXISTS);
	ck_assert_ptr_nonnull(strstr(err.primary, path));
	ck_assert_ptr_nonnull(strstr(err.hint, "--force"));
	ck_assert_ptr_nonnull(strstr(err.hint, kept));
	is(path, "now");
	nothing_beside();
}
END_TEST

START_TEST(with_force_the_old_one_is_kept_and_can_be_had_back)
{
	char *key = secrets_path(path), *kept_key = secrets_path(kept);
	struct stat st;

	fixture_ok(catalog_restore(file, path, PASS, true, &err), &err);
	is(path, "then");
	is(kept, "now");
	ck_assert_int_eq(stat(kept, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(stat(kept_key, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(rename(kept, path), 0);
	ck_assert_int_eq(rename(kept_key, key), 0);
	is(path, "now");
	nothing_beside();
	free(key);
	free(kept_key);
}
END_TEST

START_TEST(a_kept_catalog_is_never_replaced)
{
	fixture_ok(catalog_restore(file, path, PASS, true, &err), &err);
	ck_assert_int_eq(catalog_restore(file, path, PASS, true, &err), -ERR_EXISTS);
	ck_assert_ptr_nonnull(strstr(err.primary, kept));
	ck_assert_ptr_nonnull(strstr(err.hint, "move it"));
	is(kept, "now");
}
END_TEST

START_TEST(nobody_else_may_have_the_catalog_open)
{
	char *lock = xasprintf("%s.lock", path);
	struct catalog *c = NULL;
	int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	ck_assert_int_eq(catalog_restore(file, path, PASS, true, &err), -ERR_BUSY);
	ck_assert_ptr_nonnull(strstr(err.primary, "master"));
	close(fd);
	fixture_ok(catalog_open(path, &c, &err), &err);
	ck_assert_int_eq(catalog_restore(file, path, PASS, true, &err), -ERR_BUSY);
	ck_assert_ptr_nonnull(strstr(err.hint, "console"));
	catalog_close(c);
	is(path, "now");
	nothing_beside();
	free(lock);
}
END_TEST

START_TEST(a_wrong_passphrase_changes_nothing)
{
	ck_assert_int_eq(catalog_restore(file, path, "wrong", true, &err), -ERR_DENIED);
	is(path, "now");
	nothing_beside();
}
END_TEST

/* Junk over the first bytes, or of a page in the middle: nobody can open it. */
START_TEST(a_damaged_catalog_is_moved_away_with_all_its_files)
{
	char *wal = xasprintf("%s-wal", path), *kept_wal = xasprintf("%s-wal", kept);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_eq(pwrite(fd, "not a database at all", 21, 0), 21);
	close(fd);
	fd = open(wal, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_eq(write(fd, "its wal", 7), 7);
	close(fd);
	fixture_ok(catalog_restore(file, path, PASS, true, &err), &err);
	is(path, "then");
	ck_assert(fixture_file_has(kept, "not a database at all"));
	ck_assert(fixture_file_has(kept_wal, "its wal"));
	free(wal);
	free(kept_wal);
}
END_TEST

START_TEST(a_catalog_whose_key_is_lost_is_replaced)
{
	char *key = secrets_path(path);

	ck_assert_int_eq(unlink(key), 0);
	fixture_ok(catalog_restore(file, path, PASS, true, &err), &err);
	is(path, "then");
	ck_assert(file_exists(kept));
	free(key);
}
END_TEST

/* --- faults --- */

/* A verified copy with its key, as restore makes it. */
static char *unpack(unsigned char *ret_key)
{
	char *copy = xasprintf("%s.copy", path), *key = secrets_path(copy);

	fixture_ok(catalog_restore(file, copy, PASS, false, &err), &err);
	fixture_ok(secrets_read(key, ret_key, &err), &err);
	unlink(key);
	free(key);
	return copy;
}

static void die_at(void *ctx, enum replace_step step)
{
	if (step == *(enum replace_step *)ctx)
		raise(SIGKILL);
}

static void die_in_replacing(const char *copy, const unsigned char *key, enum replace_step step)
{
	struct replace_watch watch = { die_at, &step };
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		replace_catalog(path, copy, key, &watch, NULL);
		_exit(1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "step %d: status %d", (int)step, status);
}

static void copy_file(const char *from, const char *to)
{
	struct buf bytes = BUF_INIT;

	fixture_ok(file_read(from, 1 << 26, &bytes, &err), &err);
	fixture_ok(file_write_atomic(to, bytes.data, bytes.len, 0600, false, &err), &err);
	buf_release(&bytes);
}

/* own: the old catalog's key, saved: its copy elsewhere. Without the old key the new catalog must come all the same. */
static void die_and_look(const char *copy, const unsigned char *key, enum replace_step step, bool lost_key)
{
	char *own = secrets_path(path), *saved = xasprintf("%s.saved", own), *kept_key = secrets_path(kept);

	copy_file(own, saved);
	if (lost_key)
		unlink(own);
	die_in_replacing(copy, key, step);
	if (lost_key && step < REPLACE_COMMITTED)
		copy_file(saved, own);
	is(path, step < REPLACE_COMMITTED ? "now" : "then");
	if (step >= REPLACE_KEPT_OLD) {
		if (lost_key)
			copy_file(saved, kept_key);
		is(kept, "now");
	}
	unlink(saved);
	free(saved);
	free(own);
	free(kept_key);
}

START_TEST(death_at_any_step_leaves_the_old_one_or_the_new_one)
{
	unsigned char key[32];
	char *copy = unpack(key), *own = secrets_path(path);
	char *now = xasprintf("%s.now", path), *now_key = secrets_path(now);

	copy_file(path, now);
	copy_file(own, now_key);
	for (int lost_key = 0; lost_key < 2; lost_key++)
		for (enum replace_step step = REPLACE_ALONE; step <= REPLACE_SWITCHED; step++) {
			die_and_look(copy, key, step, lost_key);
			drop_kept();
			/* And it can be done again. */
			fixture_ok(replace_catalog(path, copy, key, NULL, &err), &err);
			is(path, "then");
			drop_kept();
			copy_file(now, path);
			copy_file(now_key, own);
		}
	free(now);
	free(now_key);
	free(copy);
	free(own);
}
END_TEST

START_TEST(where_there_is_no_room_the_old_one_stays_as_it_was)
{
	struct rlimit none = { 0, RLIM_INFINITY }, all;
	struct stat st;
	int refused = 0;

	ck_assert_int_eq(stat(path, &st), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &all);
	/* No file may grow beyond a part of the catalog; the last of them lets all through. */
	for (int part = 0; part <= 8; part++) {
		int r;

		none.rlim_cur = part == 8 ? all.rlim_cur : (rlim_t)(st.st_size / 8 * part + 1000);
		none.rlim_max = all.rlim_max;
		setrlimit(RLIMIT_FSIZE, &none);
		r = catalog_restore(file, path, PASS, true, &err);
		setrlimit(RLIMIT_FSIZE, &all);
		refused += r < 0;
		is(path, r < 0 ? "now" : "then");
		if (r < 0)
			nothing_beside();
	}
	ck_assert_int_eq(refused, 8);
	is(kept, "now");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("catalog_restore");
	TCase *tc = tcase_create("restore");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, without_force_the_error_names_the_file_and_the_way);
	tcase_add_test(tc, with_force_the_old_one_is_kept_and_can_be_had_back);
	tcase_add_test(tc, a_kept_catalog_is_never_replaced);
	tcase_add_test(tc, nobody_else_may_have_the_catalog_open);
	tcase_add_test(tc, a_wrong_passphrase_changes_nothing);
	tcase_add_test(tc, a_damaged_catalog_is_moved_away_with_all_its_files);
	tcase_add_test(tc, a_catalog_whose_key_is_lost_is_replaced);
	tcase_add_test(tc, death_at_any_step_leaves_the_old_one_or_the_new_one);
	tcase_add_test(tc, where_there_is_no_room_the_old_one_stays_as_it_was);
	suite_add_tcase(s, tc);
	return s;
}

TEST_MAIN(suite)
