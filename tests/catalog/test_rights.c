/* SPDX-License-Identifier: MIT */
/* Who may see and do what: roles, grants on folders and objects, denials, and that errors tell nothing of hidden things. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/catalog/client_fixture.h"

/* Accounts that every system has; only their names matter. */
#define ALICE "daemon"
#define BOB "nobody"

static struct catalog *c;
static struct tsql_client *admin, *alice, *bob;
static char *path;
static struct err err;

static void setup(void)
{
	c = fixture_catalog(&path);
	admin = t_connect(path, NULL);
	t_deploy_project1(admin);
	t_run(admin, "CREATE LOGIN [" ALICE "] FROM WINDOWS; CREATE USER [" ALICE "] FOR LOGIN [" ALICE "];"
		     "CREATE LOGIN [" BOB "] FROM WINDOWS; CREATE USER [" BOB "] FOR LOGIN [" BOB "]");
	alice = t_connect(path, ALICE);
	bob = t_connect(path, BOB);
}

static void teardown(void)
{
	tsql_client_close(alice);
	tsql_client_close(bob);
	tsql_client_close(admin);
	catalog_close(c);
	free(path);
}

static int64_t id_of(const char *view, const char *key)
{
	return t_int(admin, "SELECT %s FROM SSISDB.catalog.%s", key, view);
}

static void permit(const char *verb, int type, int64_t id, const char *user, int permission)
{
	t_run(admin, "DECLARE @p int = DATABASE_PRINCIPAL_ID(N'%s'); EXEC SSISDB.catalog.%s_permission %d, %lld,"
		     " @p, %d", user, verb, type, (long long)id, permission);
}

static void grant_on_project(const char *user, int permission)
{
	permit("grant", 2, id_of("projects", "project_id"), user, permission);
}

static int64_t run_by(struct tsql_client *client, const char *more)
{
	return t_int(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			     " 'package1.dtsx'%s, @execution_id=@id OUT; SELECT @id", more);
}

START_TEST(a_stranger_sees_nothing_and_learns_nothing)
{
	static const char *const views[] = { "catalog_properties", "folders", "projects", "packages",
		"object_parameters", "object_versions", "operations", "executions", "worker_agents" };

	run_by(admin, "");
	for (size_t i = 0; i < ARRAY_LEN(views); i++)
		ck_assert_msg(t_rows(bob, "SELECT * FROM SSISDB.catalog.%s", views[i]) == 0, "%s", views[i]);
	t_fails(bob, 27104, "EXEC SSISDB.catalog.get_project 'folder1', 'project1'");
	t_fails(bob, 27104, "EXEC SSISDB.catalog.get_project 'folder1', 'missing'");
	t_fails(bob, 27104, "EXEC SSISDB.catalog.get_project 'missing', 'project1'");
	t_fails(bob, 27104, "DECLARE @i bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			    " 'package1.dtsx', @execution_id=@i OUT");
	t_fails(bob, 27103, "EXEC SSISDB.catalog.start_execution 3");
	t_fails(bob, 27105, "EXEC SSISDB.catalog.stop_operation 3");
}
END_TEST

START_TEST(administration_is_for_administrators)
{
	t_fails(bob, 27188, "EXEC SSISDB.catalog.create_folder 'x'");
	t_fails(bob, 27188, "EXEC SSISDB.catalog.delete_folder 'folder1'");
	t_fails(bob, 27188, "EXEC SSISDB.catalog.rename_folder 'folder1', 'x'");
	t_fails(bob, 27188, "EXEC SSISDB.catalog.set_folder_description 'folder1', 'x'");
	t_fails(bob, 27219, "EXEC SSISDB.catalog.configure_catalog 'RETENTION_WINDOW', '5'");
	t_fails(bob, 27219, "EXEC SSISDB.scaleout.add_worker 'w', 'h'");
	t_fails(bob, 27219, "EXEC SSISDB.catalog.enable_worker_agent '11111111-1111-1111-1111-111111111111'");
	t_fails(bob, 15247, "CREATE LOGIN [games] FROM WINDOWS");
	t_fails(bob, 15247, "ALTER ROLE ssis_admin ADD MEMBER [" BOB "]");
	t_run(admin, "ALTER ROLE ssis_admin ADD MEMBER [" BOB "]");
	t_run(bob, "EXEC SSISDB.catalog.create_folder 'x'; EXEC SSISDB.catalog.configure_catalog"
		   " 'RETENTION_WINDOW', '5'");
	t_is(bob, "1", "SELECT IS_MEMBER('ssis_admin')");
	t_is(bob, "0", "SELECT IS_SRVROLEMEMBER('sysadmin')");
	t_run(admin, "EXEC sp_droprolemember 'ssis_admin', '" BOB "'");
	t_fails(bob, 27188, "EXEC SSISDB.catalog.create_folder 'y'");
}
END_TEST

START_TEST(read_shows_and_execute_runs)
{
	grant_on_project(ALICE, 1);
	t_is(alice, "1", "SELECT count(*) FROM SSISDB.catalog.projects");
	t_is(alice, "3", "SELECT count(*) FROM SSISDB.catalog.packages");
	t_is(alice, "0", "SELECT count(*) FROM SSISDB.catalog.folders");
	t_fails(alice, 27178, "DECLARE @i bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			      " 'package1.dtsx', @execution_id=@i OUT");
	t_fails(alice, 27109, "EXEC SSISDB.catalog.delete_project 'folder1', 'project1'");
	grant_on_project(ALICE, 3);
	t_run(alice, "EXEC SSISDB.catalog.start_execution %lld", (long long)run_by(alice, ""));
	t_is(alice, "1", "SELECT count(*) FROM SSISDB.catalog.executions");
	ck_assert_uint_eq(t_rows(bob, "SELECT 1 FROM SSISDB.catalog.executions"), 0);
}
END_TEST

START_TEST(scale_out_needs_its_role_and_nothing_else)
{
	grant_on_project(ALICE, 1);
	grant_on_project(ALICE, 3);
	t_fails(alice, 27140, "DECLARE @i bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			      " 'package1.dtsx', @runinscaleout=1, @execution_id=@i OUT");
	t_run(admin, "EXEC sp_addrolemember 'ssis_cluster_executor', '" BOB "'");
	t_run(bob, "EXEC SSISDB.catalog.start_execution %lld",
	    (long long)run_by(bob, ", @runinscaleout=True"));
	fixture_worker(c, "w1");
	t_is(bob, "1", "SELECT count(*) FROM SSISDB.catalog.worker_agents");
	t_is(alice, "0", "SELECT count(*) FROM SSISDB.catalog.worker_agents");
}
END_TEST

START_TEST(another_users_execution_is_hidden_and_untouchable)
{
	int64_t id = run_by(admin, "");

	t_fails(alice, 27103, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 20, 'Count', 1",
	    (long long)id);
	permit("grant", 4, id, ALICE, 1);
	t_is(alice, "1", "SELECT count(*) FROM SSISDB.catalog.executions");
	t_fails(alice, 27103, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 20, 'Count', 1",
	    (long long)id);
	permit("grant", 4, id, ALICE, 2);
	t_run(alice, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 20, 'Count', 1", (long long)id);
	permit("deny", 4, id, ALICE, 1);
	t_is(alice, "0", "SELECT count(*) FROM SSISDB.catalog.executions");
}
END_TEST

START_TEST(permissions_on_a_folder_reach_what_lies_in_it_and_a_denial_wins)
{
	int64_t folder = id_of("folders", "folder_id");

	permit("grant", 1, folder, ALICE, 101);
	t_is(alice, "1", "SELECT count(*) FROM SSISDB.catalog.projects");
	permit("grant", 1, folder, ALICE, 103);
	run_by(alice, "");
	permit("deny", 2, id_of("projects", "project_id"), ALICE, 1);
	t_is(alice, "0", "SELECT count(*) FROM SSISDB.catalog.projects");
	t_fails(alice, 27104, "EXEC SSISDB.catalog.get_project 'folder1', 'project1'");
	permit("revoke", 2, id_of("projects", "project_id"), ALICE, 1);
	t_is(alice, "1", "SELECT count(*) FROM SSISDB.catalog.projects");
}
END_TEST

START_TEST(public_and_roles_pass_permissions_on)
{
	t_run(admin, "CREATE ROLE readers; ALTER ROLE readers ADD MEMBER [" ALICE "]");
	permit("grant", 2, id_of("projects", "project_id"), "readers", 1);
	t_is(alice, "1", "SELECT count(*) FROM SSISDB.catalog.projects");
	t_is(bob, "0", "SELECT count(*) FROM SSISDB.catalog.projects");
	permit("grant", 2, id_of("projects", "project_id"), "public", 1);
	t_is(bob, "1", "SELECT count(*) FROM SSISDB.catalog.projects");
	t_run(admin, "DROP ROLE readers");
}
END_TEST

START_TEST(a_log_reader_reads_everything_and_changes_nothing)
{
	int64_t id = run_by(admin, "");

	t_run(admin, "ALTER ROLE ssis_logreader ADD MEMBER [" BOB "]");
	t_is(bob, "1", "SELECT count(*) FROM SSISDB.catalog.executions");
	t_is(bob, "1", "SELECT count(*) FROM SSISDB.catalog.projects");
	t_is(bob, "0", "SELECT count(*) FROM SSISDB.catalog.folders");
	t_is(bob, "0", "SELECT count(*) FROM SSISDB.catalog.object_parameters");
	t_fails(bob, 27103, "EXEC SSISDB.catalog.start_execution %lld", (long long)id);
}
END_TEST

START_TEST(deployment_needs_create_rights_in_the_folder_or_modify_on_the_project)
{
	struct buf archive = BUF_INIT;
	int64_t operation, folder = id_of("folders", "folder_id");

	permit("grant", 1, folder, ALICE, 1);
	t_project("project2", 1, &archive);
	ck_assert_int_eq(t_deploy(alice, "folder1", "project2", archive.data, archive.len, &operation, &err),
	    -ERR_SQL);
	ck_assert_int_eq(err.sql_number, 27206);
	ck_assert_int_eq(t_deploy(bob, "folder1", "project2", archive.data, archive.len, &operation, &err),
	    -ERR_SQL);
	ck_assert_int_eq(err.sql_number, 27104);
	permit("grant", 1, folder, ALICE, 100);
	fixture_ok(t_deploy(alice, "folder1", "project2", archive.data, archive.len, &operation, &err), &err);
	t_is(alice, "project2", "SELECT name FROM SSISDB.catalog.projects"); /* the deployer's own rights */
	fixture_ok(t_deploy(alice, "folder1", "project2", archive.data, archive.len, &operation, &err), &err);
	buf_clear(&archive);
	t_project("project1", 1, &archive);
	ck_assert_int_eq(t_deploy(alice, "folder1", "project1", archive.data, archive.len, &operation, &err),
	    -ERR_SQL);
	ck_assert_int_eq(err.sql_number, 27181);
	buf_release(&archive);
}
END_TEST

START_TEST(managing_permissions_needs_the_permission_for_it)
{
	int64_t project = id_of("projects", "project_id");

	t_fails(alice, 27197, "EXEC SSISDB.catalog.grant_permission 2, %lld, 0, 1", (long long)project);
	grant_on_project(ALICE, 1);
	t_fails(alice, 27192, "EXEC SSISDB.catalog.grant_permission 2, %lld, 0, 1", (long long)project);
	grant_on_project(ALICE, 4);
	t_run(alice, "EXEC SSISDB.catalog.grant_permission 2, %lld, 0, 1", (long long)project);
	t_is(alice, "2", "SELECT count(*) FROM SSISDB.catalog.effective_object_permissions"
			 " WHERE object_type = 2 AND object_id = %lld", (long long)project);
	t_fails(admin, 27191, "EXEC SSISDB.catalog.grant_permission 2, %lld, 0, 101", (long long)project);
	t_fails(admin, 27101, "EXEC SSISDB.catalog.grant_permission 9, %lld, 0, 1", (long long)project);
	t_fails(admin, 27197, "EXEC SSISDB.catalog.grant_permission 2, %lld, 4711, 1", (long long)project);
	t_fails(admin, 27226, "DROP USER [" ALICE "]");
}
END_TEST

START_TEST(execute_as_takes_rights_away_until_revert)
{
	t_run(admin, "EXECUTE AS LOGIN = '" BOB "'");
	t_is(admin, BOB, "SELECT SUSER_SNAME()");
	t_is(admin, "0", "SELECT count(*) FROM SSISDB.catalog.folders");
	t_run(admin, "REVERT");
	t_is(admin, "1", "SELECT count(*) FROM SSISDB.catalog.folders");
	t_is(admin, "dbo", "SELECT USER_NAME()");
}
END_TEST

START_TEST(execute_as_nests_and_revert_goes_back_one_step)
{
	t_run(admin, "ALTER SERVER ROLE sysadmin ADD MEMBER [daemon]");
	t_run(admin, "REVERT");
	t_run(admin, "EXECUTE AS LOGIN = 'daemon'; EXECUTE AS LOGIN = '" BOB "'");
	t_is(admin, BOB, "SELECT SUSER_SNAME()");
	t_fails(admin, 15247, "EXECUTE AS LOGIN = 'daemon'");
	t_run(admin, "REVERT");
	t_is(admin, "daemon", "SELECT SUSER_SNAME()");
	t_is(admin, BOB, "EXEC ('REVERT; EXECUTE AS LOGIN = ''" BOB "''; SELECT SUSER_SNAME()')");
	t_is(admin, "daemon", "SELECT SUSER_SNAME()");
	t_run(admin, "REVERT");
	t_is(admin, "dbo", "SELECT USER_NAME()");
}
END_TEST

START_TEST(counters_show_what_the_caller_may_see)
{
	run_by(admin, "");
	t_is(admin, "1", "SELECT executions FROM SSISDB.scaleout.execution_counts WHERE status = 1");
	t_is(alice, "0", "SELECT executions FROM SSISDB.scaleout.execution_counts WHERE status = 1");
}
END_TEST

START_TEST(names_of_executions_are_those_the_caller_may_see)
{
	static const char names[] = "SELECT count(*) FROM SSISDB.scaleout.execution_names";
	int64_t admins;

	grant_on_project(ALICE, 1);
	grant_on_project(ALICE, 3);
	t_is(admin, "0", "%s", names);
	admins = run_by(admin, "");
	t_is(admin, "3", "%s", names);
	t_is(alice, "0", "%s", names);
	t_is(bob, "0", "%s", names);
	run_by(alice, "");
	t_is(alice, "3", "%s", names);
	t_is(alice, "package1.dtsx", "SELECT name FROM SSISDB.scaleout.execution_names WHERE column_name = 'package_name'");
	t_is(admin, "3", "%s", names);
	permit("grant", 4, admins, BOB, 1);
	t_is(bob, "folder1", "SELECT name FROM SSISDB.scaleout.execution_names WHERE column_name = 'folder_name'");
	permit("deny", 4, admins, BOB, 1);
	t_is(bob, "0", "%s", names);
}
END_TEST

/* What a plain user sees is read by other SQL than with permissions on operations: both follow every change at once. */
START_TEST(the_operations_seen_follow_grants_roles_and_denials_at_once)
{
	static const char all[] = "SELECT execution_id FROM SSISDB.catalog.executions ORDER BY execution_id";
	int64_t hers, admins;

	grant_on_project(ALICE, 1);
	grant_on_project(ALICE, 3);
	hers = run_by(alice, "");
	admins = run_by(admin, "");
	ck_assert_uint_eq(t_rows(alice, all), 1);
	ck_assert_int_eq(t_int(alice, all), hers);
	permit("grant", 4, admins, ALICE, 1);
	ck_assert_uint_eq(t_rows(alice, all), 2);
	permit("deny", 4, hers, ALICE, 1);
	ck_assert_uint_eq(t_rows(alice, all), 1);
	ck_assert_int_eq(t_int(alice, all), admins);
	permit("revoke", 4, hers, ALICE, 1);
	permit("revoke", 4, admins, ALICE, 1);
	ck_assert_uint_eq(t_rows(alice, all), 1);
	t_run(admin, "ALTER ROLE ssis_logreader ADD MEMBER [" ALICE "]");
	ck_assert_uint_eq(t_rows(alice, all), 2);
	t_run(admin, "ALTER ROLE ssis_logreader DROP MEMBER [" ALICE "]");
	ck_assert_uint_eq(t_rows(alice, all), 1);
}
END_TEST

static Suite *rights_suite(void)
{
	Suite *s = suite_create("catalog rights");
	TCase *t = tcase_create("rights");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, a_stranger_sees_nothing_and_learns_nothing);
	tcase_add_test(t, the_operations_seen_follow_grants_roles_and_denials_at_once);
	tcase_add_test(t, administration_is_for_administrators);
	tcase_add_test(t, read_shows_and_execute_runs);
	tcase_add_test(t, scale_out_needs_its_role_and_nothing_else);
	tcase_add_test(t, another_users_execution_is_hidden_and_untouchable);
	tcase_add_test(t, permissions_on_a_folder_reach_what_lies_in_it_and_a_denial_wins);
	tcase_add_test(t, public_and_roles_pass_permissions_on);
	tcase_add_test(t, a_log_reader_reads_everything_and_changes_nothing);
	tcase_add_test(t, deployment_needs_create_rights_in_the_folder_or_modify_on_the_project);
	tcase_add_test(t, managing_permissions_needs_the_permission_for_it);
	tcase_add_test(t, execute_as_takes_rights_away_until_revert);
	tcase_add_test(t, execute_as_nests_and_revert_goes_back_one_step);
	tcase_add_test(t, counters_show_what_the_caller_may_see);
	tcase_add_test(t, names_of_executions_are_those_the_caller_may_see);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(rights_suite)
