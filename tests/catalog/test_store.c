/* SPDX-License-Identifier: MIT */
/* The catalog file: its schema is explained, versions are checked, secrets do not appear in its bytes. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "catalog/cell.h"
#include "catalog/content.h"
#include "catalog/schema.h"
#include "catalog/secrets.h"
#include "tests/catalog/fixture.h"

static struct catalog *c;
static char *path;
static struct err err;

static void setup(void)
{
	c = fixture_catalog(&path);
}

static void teardown(void)
{
	catalog_close(c);
	free(path);
}

START_TEST(every_table_and_column_has_a_comment)
{
	sqlite3_stmt *stmt;

	sqlite3_prepare_v2(catalog_db(c), "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
					  " AND name NOT LIKE 'sqlite_%'", -1, &stmt, NULL);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(stmt, 1);

		for (; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
			size_t len = strcspn(line, "\n");
			bool constraint = strncmp(line, "  UNIQUE", 8) == 0 ||
			    strncmp(line, "  PRIMARY", 9) == 0 || line[0] == ')';

			if (!constraint && !memmem(line, len, " -- ", 4) && !memmem(line, len, " /* ", 4))
				ck_abort_msg("table %s: no comment on: %.*s",
				    (const char *)sqlite3_column_text(stmt, 0), (int)len, line);
		}
	}
	sqlite3_finalize(stmt);
}
END_TEST

START_TEST(a_second_catalog_is_never_made_over_the_first)
{
	ck_assert_int_eq(catalog_create(path, &err), -ERR_EXISTS);
}
END_TEST

START_TEST(a_missing_catalog_names_the_remedy)
{
	struct catalog *other;

	ck_assert_int_eq(catalog_open("/nonexistent/SSISDB.db", &other, &err), -ERR_NOT_FOUND);
	ck_assert(strstr(err.hint, "scaleout init"));
}
END_TEST

START_TEST(a_newer_schema_is_refused_naming_both_versions)
{
	struct catalog *other;
	char expected[64];

	fixture_exec(c, "PRAGMA user_version = 9999");
	ck_assert_int_eq(catalog_open(path, &other, &err), -ERR_UNSUPPORTED);
	snprintf(expected, sizeof(expected), "up to %d", schema_version());
	ck_assert(strstr(err.primary, "9999") && strstr(err.primary, expected));
}
END_TEST

START_TEST(a_foreign_database_is_refused_unchanged)
{
	char *folder = test_tmpdir();
	char *foreign = path_join(folder, "other.db");
	char *key = xasprintf("%s.key", foreign);
	struct catalog *other;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(foreign, &db), SQLITE_OK);
	sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL);
	sqlite3_close(db);
	ck_assert_int_eq(catalog_open(foreign, &other, &err), -ERR_INVALID);
	free(key);
	free(foreign);
	free(folder);
}
END_TEST

START_TEST(the_key_file_must_be_private)
{
	char *key = xasprintf("%s.key", path);
	struct catalog *other;
	struct stat st;

	ck_assert_int_eq(stat(key, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(chmod(key, 0640), 0);
	ck_assert_int_eq(catalog_open(path, &other, &err), -ERR_DENIED);
	ck_assert_int_eq(unlink(key), 0);
	ck_assert_int_eq(catalog_open(path, &other, &err), -ERR_IO);
	free(key);
}
END_TEST

START_TEST(a_sealed_value_opens_only_in_its_place_and_unchanged)
{
	struct buf sealed = BUF_INIT, plain = BUF_INIT;

	fixture_ok(secrets_seal(c, "t.c:1", "canary", 6, &sealed, &err), &err);
	ck_assert(!memmem(sealed.data, sealed.len, "canary", 6));
	fixture_ok(secrets_open(c, "t.c:1", sealed.data, sealed.len, &plain, &err), &err);
	ck_assert_str_eq(plain.data, "canary");
	buf_clear(&plain);
	ck_assert_int_eq(secrets_open(c, "t.c:2", sealed.data, sealed.len, &plain, &err), -ERR_CORRUPT);
	sealed.data[14] ^= 1;
	ck_assert_int_eq(secrets_open(c, "t.c:1", sealed.data, sealed.len, &plain, &err), -ERR_CORRUPT);
	ck_assert_int_eq(secrets_open(c, "t.c:1", sealed.data, 5, &plain, &err), -ERR_CORRUPT);
	ck_assert_uint_eq(plain.len, 0);
	buf_release(&sealed);
	buf_release(&plain);
}
END_TEST

START_TEST(a_project_file_comes_back_and_its_bytes_are_not_in_the_catalog)
{
	static const char bytes[] = "PK canary-in-a-project-file \0 and more";
	char *wal = xasprintf("%s-wal", path);
	struct buf back = BUF_INIT;
	char hash[65], again[65];

	fixture_ok(content_put(c, bytes, sizeof(bytes), hash, &err), &err);
	fixture_ok(content_put(c, bytes, sizeof(bytes), again, &err), &err);
	ck_assert_str_eq(hash, again);
	fixture_ok(queue_project(c, hash, &back, &err), &err);
	ck_assert_uint_eq(back.len, sizeof(bytes));
	ck_assert_mem_eq(back.data, bytes, sizeof(bytes));
	ck_assert(!fixture_file_has(path, "canary-in-a-project-file"));
	ck_assert(!fixture_file_has(wal, "canary-in-a-project-file"));
	fixture_exec(c, "CREATE TABLE probe (x); INSERT INTO probe VALUES ('canary-not-sealed')");
	ck_assert(fixture_file_has(wal, "canary-not-sealed")); /* the search itself works */
	buf_release(&back);
	free(wal);
}
END_TEST

START_TEST(names_compare_without_case_in_indexes)
{
	fixture_exec(c, "INSERT INTO folder (name, created_time) VALUES ('Folder1', 1)");
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM folder WHERE name = 'FOLDER1'"), 1);
	ck_assert_int_ne(sqlite3_exec(catalog_db(c), "INSERT INTO folder (name, created_time)"
						     " VALUES ('fOLDER1', 1)", NULL, NULL, NULL),
	    SQLITE_OK);
}
END_TEST

START_TEST(an_older_catalog_gets_what_a_new_one_has)
{
	static const char schema[] = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master"
				     " WHERE sql IS NOT NULL ORDER BY type, name)";
	char *fresh = fixture_text(c, schema), *migrated;

	fixture_exec(c, "DROP INDEX operation_caller_start; DROP INDEX operation_caller_status;"
			"DROP INDEX operation_caller_project; DROP TABLE version_secret;"
			"DROP TABLE validation_value; DROP TABLE performance_counter; DROP TABLE dump_request;"
			"DROP TABLE worker_setting;"
			"DROP TRIGGER execution_queued; DROP TRIGGER execution_queued_insert;"
			"DROP TRIGGER execution_unqueued; DROP TABLE execution_request;"
			"DROP TABLE queue_lane; DROP TABLE queue_state; DROP TABLE worker_load;"
			"DROP INDEX execution_delayed;"
			"DROP INDEX operation_end; DROP INDEX operation_object; DROP INDEX operation_project_name;"
			"DROP INDEX operation_caller_created; DROP INDEX operation_caller_end;"
			"DROP INDEX operation_caller_object; DROP INDEX operation_caller_folder;"
			"DROP INDEX operation_caller_package; DROP INDEX message_operation_time;"
			"DROP INDEX message_operation_type; DROP TABLE operation_event;"
			"DROP TRIGGER source_event_id; DROP INDEX source_event; ALTER TABLE source DROP COLUMN event_id;"
			"DROP INDEX operation_executed_as; DROP INDEX operation_caller_executed_as;"
			"ALTER TABLE operation DROP COLUMN executed_as_name;"
			"DROP TABLE worker_spool; ALTER TABLE execution_try DROP COLUMN spool_lost;"
			"ALTER TABLE execution ADD COLUMN executed_as_name TEXT;"
			"CREATE INDEX message_error ON message (operation_id) WHERE message_type = 120;"
			"PRAGMA user_version = 2");
	catalog_close(c);
	fixture_ok(catalog_open(path, &c, &err), &err);
	migrated = fixture_text(c, schema);
	ck_assert_str_eq(migrated, fresh);
	ck_assert_int_eq(fixture_int(c, "PRAGMA user_version"), schema_version());
	free(fresh);
	free(migrated);
}
END_TEST

static Suite *store_suite(void)
{
	Suite *s = suite_create("catalog store");
	TCase *t = tcase_create("store");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, every_table_and_column_has_a_comment);
	tcase_add_test(t, an_older_catalog_gets_what_a_new_one_has);
	tcase_add_test(t, a_second_catalog_is_never_made_over_the_first);
	tcase_add_test(t, a_missing_catalog_names_the_remedy);
	tcase_add_test(t, a_newer_schema_is_refused_naming_both_versions);
	tcase_add_test(t, a_foreign_database_is_refused_unchanged);
	tcase_add_test(t, the_key_file_must_be_private);
	tcase_add_test(t, a_sealed_value_opens_only_in_its_place_and_unchanged);
	tcase_add_test(t, a_project_file_comes_back_and_its_bytes_are_not_in_the_catalog);
	tcase_add_test(t, names_compare_without_case_in_indexes);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(store_suite)
