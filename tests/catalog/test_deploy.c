/* SPDX-License-Identifier: MIT */
/* Deployment through T-SQL: what comes in, what comes back, what stays, and what a bad archive leaves behind. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "package/project.h"
#include "tests/catalog/client_fixture.h"

static struct catalog *c;
static struct tsql_client *client;
static char *path;
static struct err err;

static void setup(void)
{
	c = fixture_catalog(&path);
	client = t_connect(path, NULL);
}

static void teardown(void)
{
	tsql_client_close(client);
	catalog_close(c);
	free(path);
}

static int64_t deploy_version(int version)
{
	struct buf archive = BUF_INIT;
	int64_t operation = 0;

	t_project("project1", version, &archive);
	fixture_ok(t_deploy(client, "folder1", "project1", archive.data, archive.len, &operation, &err), &err);
	buf_release(&archive);
	return operation;
}

START_TEST(a_project_its_packages_and_parameters_appear)
{
	t_deploy_project1(client);
	t_is(client, "project1", "SELECT name FROM SSISDB.catalog.projects");
	t_is(client, "3", "SELECT count(*) FROM SSISDB.catalog.packages");
	t_is(client, "0", "SELECT entry_point FROM SSISDB.catalog.packages WHERE name = 'CHILD.dtsx'");
	t_is(client, "5", "SELECT count(*) FROM SSISDB.catalog.object_parameters");
	t_is(client, "Hello", "SELECT design_default_value FROM SSISDB.catalog.object_parameters"
			      " WHERE parameter_name = 'Greeting'");
	t_is(client, "7", "SELECT status FROM SSISDB.catalog.operations WHERE operation_type = 101");
	t_is(client, "project1", "SELECT object_name FROM SSISDB.catalog.operations");
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.object_versions");
}
END_TEST

START_TEST(a_project_gives_back_the_same_bytes)
{
	struct tsql_rowset rows = { 0 };
	struct buf archive = BUF_INIT;
	int64_t operation;

	t_run(client, "EXEC SSISDB.catalog.create_folder N'folder1'");
	t_project("project1", 1, &archive);
	fixture_ok(t_deploy(client, "folder1", "project1", archive.data, archive.len, &operation, &err), &err);
	fixture_ok(tsql_client_query(client, "EXEC SSISDB.catalog.get_project 'folder1', 'project1'", NULL, 0,
		       10, &rows, &err),
	    &err);
	ck_assert_uint_eq(rows.row_count, 1);
	ck_assert_uint_eq(rows.cells[0].s.len, archive.len);
	ck_assert_mem_eq(rows.cells[0].s.data, archive.data, archive.len);
	tsql_rowset_release(&rows);
	buf_release(&archive);
	t_fails(client, 27109, "EXEC SSISDB.catalog.get_project 'folder1', 'x'");
}
END_TEST

START_TEST(a_redeployment_keeps_ids_and_server_values_of_what_stays)
{
	int64_t project, package;

	t_deploy_project1(client);
	project = t_int(client, "SELECT project_id FROM SSISDB.catalog.projects");
	package = t_int(client, "SELECT package_id FROM SSISDB.catalog.packages WHERE name = 'package1.dtsx'");
	t_run(client, "EXEC SSISDB.catalog.set_object_parameter_value 20, 'folder1', 'project1', 'Greeting',"
		      " N'kept'; EXEC SSISDB.catalog.set_object_parameter_value 20, 'folder1', 'project1',"
		      " 'Count', 9");
	deploy_version(2);
	ck_assert_int_eq(t_int(client, "SELECT project_id FROM SSISDB.catalog.projects"), project);
	ck_assert_int_eq(t_int(client, "SELECT package_id FROM SSISDB.catalog.packages"
				       " WHERE name = 'package1.dtsx'"),
	    package);
	t_is(client, "2", "SELECT count(*) FROM SSISDB.catalog.packages");
	t_is(client, "kept", "SELECT default_value FROM SSISDB.catalog.object_parameters"
			     " WHERE parameter_name = 'Greeting'");
	t_is(client, "Welcome", "SELECT design_default_value FROM SSISDB.catalog.object_parameters"
				" WHERE parameter_name = 'Greeting'");
	t_is(client, "0", "SELECT value_set FROM SSISDB.catalog.object_parameters"
			  " WHERE parameter_name = 'Count'"); /* another type now */
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.object_parameters"
			  " WHERE parameter_name = 'Secret'");
	t_is(client, "2", "SELECT count(*) FROM SSISDB.catalog.object_versions");
}
END_TEST

START_TEST(restoring_a_version_brings_it_back_with_default_values)
{
	int64_t first;

	t_deploy_project1(client);
	first = t_int(client, "SELECT object_version_lsn FROM SSISDB.catalog.projects");
	t_fails(client, 27155, "EXEC SSISDB.catalog.restore_project 'folder1', 'project1', %lld",
	    (long long)first);
	deploy_version(2);
	t_run(client, "EXEC SSISDB.catalog.set_object_parameter_value 20, 'folder1', 'project1', 'Greeting',"
		      " N'changed'");
	t_fails(client, 27179, "EXEC SSISDB.catalog.restore_project 'folder1', 'project1', 99999");
	t_run(client, "EXEC SSISDB.catalog.restore_project 'folder1', 'project1', %lld", (long long)first);
	ck_assert_int_eq(t_int(client, "SELECT object_version_lsn FROM SSISDB.catalog.projects"), first);
	t_is(client, "3", "SELECT count(*) FROM SSISDB.catalog.packages");
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.object_parameters WHERE value_set = 1");
	t_is(client, "7", "SELECT status FROM SSISDB.catalog.operations WHERE operation_type = 106");
}
END_TEST

/* All rows of the objects, to see that nothing changed. */
static char *snapshot(void)
{
	return fixture_text(c,
	    "SELECT (SELECT group_concat(name || version_lsn || last_deployed_time) FROM project) || '|' ||"
	    " (SELECT group_concat(name) FROM package) || '|' ||"
	    " (SELECT group_concat(name || coalesce(design_value, '')) FROM parameter) || '|' ||"
	    " (SELECT count(*) FROM project_version) || '|' || (SELECT count(*) FROM project_content)");
}

static void refuse(const void *data, size_t len, const char *project)
{
	char *before = snapshot(), *after;
	int64_t operation = 0;

	ck_assert_int_eq(t_deploy(client, "folder1", project, data, len, &operation, &err), -ERR_SQL);
	ck_assert_int_eq(err.sql_number, 27203);
	after = snapshot();
	ck_assert_str_eq(after, before);
	ck_assert_int_gt(operation, 0);
	t_is(client, "4", "SELECT status FROM SSISDB.catalog.operations WHERE operation_id = %lld",
	    (long long)operation);
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.operation_messages WHERE operation_id = %lld"
			  " AND message_type = 120", (long long)operation);
	free(before);
	free(after);
}

START_TEST(a_deployment_leaves_a_message_and_a_row_for_each_package)
{
	t_deploy_project1(client);
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.operation_messages WHERE operation_id = 1"
			  " AND message_type = 70 AND message LIKE '%%project1%%3 packages%%'");
	t_is(client, "3", "SELECT count(*) FROM SSISDB.catalog.extended_operation_info WHERE operation_id = 1"
			  " AND object_type = 30 AND status = 7 AND end_time >= start_time");
}
END_TEST

START_TEST(a_bad_archive_changes_nothing_but_the_record_of_its_failure)
{
	struct buf archive = BUF_INIT;

	t_deploy_project1(client);
	t_project("project1", 2, &archive);
	refuse("", 0, "project1");
	refuse("not a zip archive", 17, "project1");
	refuse(archive.data, archive.len - 30, "project1");
	refuse(archive.data, archive.len / 2, "project1");
	refuse(archive.data, archive.len, "othername");
	archive.data[archive.len / 3] ^= 0x55;
	refuse(archive.data, archive.len, "project1");
	buf_release(&archive);
}
END_TEST

START_TEST(deployment_checks_names_and_places)
{
	struct buf archive = BUF_INIT;
	int64_t operation;

	t_project("project1", 1, &archive);
	ck_assert_int_eq(t_deploy(client, "nowhere", "project1", archive.data, archive.len, &operation, &err),
	    -ERR_SQL);
	ck_assert_int_eq(err.sql_number, 27104);
	t_run(client, "EXEC SSISDB.catalog.create_folder N'folder1'");
	ck_assert_int_eq(t_deploy(client, "folder1", "a|b", archive.data, archive.len, &operation, &err),
	    -ERR_SQL);
	ck_assert_int_eq(err.sql_number, 27145);
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.operations");
	buf_release(&archive);
}
END_TEST

START_TEST(projects_are_moved_and_deleted)
{
	t_deploy_project1(client);
	t_run(client, "EXEC SSISDB.catalog.create_folder N'folder2'");
	t_fails(client, 27115, "EXEC SSISDB.catalog.move_project 'folder1', 'project1', 'x'");
	t_run(client, "EXEC SSISDB.catalog.move_project 'folder1', 'project1', 'folder2'");
	t_is(client, "folder2", "SELECT f.name FROM SSISDB.catalog.projects p JOIN SSISDB.catalog.folders f"
				" ON f.folder_id = p.folder_id");
	t_fails(client, 27196, "EXEC SSISDB.catalog.delete_folder 'folder2'");
	t_run(client, "EXEC SSISDB.catalog.delete_project 'folder2', 'project1'");
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.packages");
	t_run(client, "EXEC SSISDB.catalog.delete_folder 'folder2'");
}
END_TEST

/* --- the projects of other people --- */

static void deploy_file(const char *file, int *count)
{
	struct buf archive = BUF_INIT;
	struct project *project = NULL;
	int64_t operation, packages;

	fixture_ok(file_read(file, (size_t)256 << 20, &archive, &err), &err);
	if (project_read(archive.data, archive.len, NULL, &project, &err) < 0)
		ck_abort_msg("%s: %s", file, err.primary);
	if (t_deploy(client, "shared", project->name, archive.data, archive.len, &operation, &err) != 0)
		ck_abort_msg("%s: %s", file, err.primary);
	packages = t_int(client, "SELECT count(*) FROM SSISDB.catalog.packages k JOIN SSISDB.catalog.projects p"
				 " ON p.project_id = k.project_id JOIN SSISDB.catalog.operations o"
				 " ON o.object_id = p.project_id WHERE o.operation_id = %lld",
	    (long long)operation);
	ck_assert_msg(packages == (int64_t)project->package_count, "%s: %d packages", file, (int)packages);
	project_free(project);
	buf_release(&archive);
	++*count;
}

static void deploy_tree(const char *folder, int *count)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir))) {
		char *name = path_join(folder, entry->d_name);
		size_t len = strlen(name);
		struct stat st;

		if (entry->d_name[0] != '.' && stat(name, &st) == 0) {
			if (S_ISDIR(st.st_mode))
				deploy_tree(name, count);
			else if (len > 6 && strcmp(name + len - 6, ".ispac") == 0)
				deploy_file(name, count);
		}
		free(name);
	}
	closedir(dir);
}

START_TEST(every_shared_project_deploys)
{
	const char *folder = test_shared_packages();
	int count = 0;

	if (!folder)
		test_skip("the shared packages are not here");
	t_run(client, "EXEC SSISDB.catalog.create_folder N'shared'");
	deploy_tree(folder, &count);
	ck_assert_int_gt(count, 0);
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.operations WHERE status <> 7");
}
END_TEST

START_TEST(a_project_deploys_from_a_file_of_the_server)
{
	struct buf archive = BUF_INIT;
	char *folder = test_tmpdir(), *file = path_join(folder, "p.ispac");

	t_project("project1", 1, &archive);
	fixture_ok(file_write_atomic(file, archive.data, archive.len, 0600, false, &err), &err);
	t_run(client, "EXEC SSISDB.catalog.create_folder N'folder1'");
	t_run(client,
	    "DECLARE @p varbinary(max) = (SELECT * FROM OPENROWSET(BULK '%s', SINGLE_BLOB) AS x), @id bigint;"
	    "EXEC SSISDB.catalog.deploy_project 'folder1', 'project1', @p, @id OUTPUT",
	    file);
	t_is(client, "3", "SELECT count(*) FROM SSISDB.catalog.packages");
	t_fails(client, 4860, "SELECT * FROM OPENROWSET(BULK '%s', SINGLE_BLOB) AS x", folder);
	t_run(client, "CREATE LOGIN daemon FROM WINDOWS; CREATE USER daemon FOR LOGIN daemon");
	t_fails(client, 4834, "EXECUTE AS LOGIN = 'daemon'; SELECT * FROM OPENROWSET(BULK '%s', SINGLE_BLOB) AS x", file);
	unlink(file);
	free(file);
	free(folder);
	buf_release(&archive);
}
END_TEST

static Suite *deploy_suite(void)
{
	Suite *s = suite_create("catalog deploy");
	TCase *t = tcase_create("deploy");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, a_project_its_packages_and_parameters_appear);
	tcase_add_test(t, a_project_gives_back_the_same_bytes);
	tcase_add_test(t, a_redeployment_keeps_ids_and_server_values_of_what_stays);
	tcase_add_test(t, restoring_a_version_brings_it_back_with_default_values);
	tcase_add_test(t, a_deployment_leaves_a_message_and_a_row_for_each_package);
	tcase_add_test(t, a_bad_archive_changes_nothing_but_the_record_of_its_failure);
	tcase_add_test(t, deployment_checks_names_and_places);
	tcase_add_test(t, projects_are_moved_and_deleted);
	tcase_add_test(t, a_project_deploys_from_a_file_of_the_server);
	tcase_add_test(t, every_shared_project_deploys);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(deploy_suite)
