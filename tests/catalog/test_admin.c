/* SPDX-License-Identifier: MIT */
/* Folders, environments, properties, logging levels and workers through T-SQL: what works and which number refuses. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/catalog/client_fixture.h"

static struct catalog *c;
static struct tsql_client *client;
static char *path;

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

START_TEST(folders_are_made_renamed_described_and_deleted)
{
	t_is(client, "1", "DECLARE @id bigint; EXEC SSISDB.catalog.create_folder @folder_name=N'Sales',"
			  " @folder_id=@id OUTPUT; SELECT @id");
	t_fails(client, 27190, "EXEC SSISDB.catalog.create_folder N'SALES'");
	t_fails(client, 27189, "EXEC SSISDB.catalog.create_folder N''");
	t_fails(client, 27199, "EXEC SSISDB.catalog.create_folder N'a<b'");
	t_fails(client, 27199, "EXEC SSISDB.catalog.create_folder N'@a'");
	t_fails(client, 27199, "EXEC SSISDB.catalog.create_folder N' a'");
	t_run(client, "EXEC SSISDB.catalog.rename_folder 'sales', 'Sales'"); /* only the case changes */
	t_run(client, "EXEC SSISDB.catalog.set_folder_description 'Sales', N'all of it'");
	t_is(client, "all of it", "SELECT description FROM SSISDB.catalog.folders WHERE name = 'SALES'");
	t_fails(client, 27104, "EXEC SSISDB.catalog.rename_folder 'x', 'y'");
	t_run(client, "EXEC SSISDB.catalog.delete_folder 'Sales'");
	t_fails(client, 27104, "EXEC SSISDB.catalog.delete_folder 'Sales'");
}
END_TEST

START_TEST(variables_keep_their_types_and_secrets)
{
	static const struct {
		const char *type, *value, *shown;
	} rows[] = {
		{ "Boolean", "CAST(1 AS bit)", "1" },
		{ "Byte", "CAST(200 AS tinyint)", "200" },
		{ "DateTime", "CAST('2024-02-29 12:30:00' AS datetime)", "2024-02-29 12:30:00.0000000" },
		{ "Decimal", "CAST(12.5 AS decimal(10,2))", "12.50" },
		{ "Double", "CAST(0.5 AS float)", "0.5" },
		{ "Int16", "CAST(-5 AS smallint)", "-5" },
		{ "Int32", "42", "42" },
		{ "Int64", "CAST(5000000000 AS bigint)", "5000000000" },
		{ "Single", "CAST(0.25 AS real)", "0.25" },
		{ "String", "N'text'", "text" },
		{ "UInt32", "7", "7" },
		{ "UInt64", "CAST(8 AS bigint)", "8" },
	};

	t_run(client, "EXEC SSISDB.catalog.create_folder 'f'; EXEC SSISDB.catalog.create_environment 'f', 'e'");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		t_run(client, "DECLARE @v sql_variant = %s; EXEC SSISDB.catalog.create_environment_variable 'f',"
			      " 'e', 'v%zu', '%s', 0, @v, N''", rows[i].value, i, rows[i].type);
		t_is(client, rows[i].shown, "SELECT value FROM SSISDB.catalog.environment_variables"
					    " WHERE name = 'v%zu'", i);
	}
	t_fails(client, 27159, "EXEC SSISDB.catalog.create_environment_variable 'f', 'e', 'x', 'Object', 0, 1, N''");
	t_fails(client, 27147, "EXEC SSISDB.catalog.create_environment_variable 'f', 'e', 'x', 'Int32', 0, N'1', N''");
	t_fails(client, 27180, "EXEC SSISDB.catalog.create_environment_variable 'f', 'e', '1x', 'Int32', 0, 1, N''");
	t_fails(client, 27173, "EXEC SSISDB.catalog.create_environment_variable 'f', 'e', 'V6', 'Int32', 0, 1, N''");
	t_fails(client, 27183, "EXEC SSISDB.catalog.set_environment_variable_value 'f', 'e', 'x', 1");
	t_run(client, "EXEC SSISDB.catalog.set_environment_variable_protection 'f', 'e', 'v9', 1");
	t_is(client, "NULL", "SELECT value FROM SSISDB.catalog.environment_variables WHERE name = 'v9'");
	t_run(client, "EXEC SSISDB.catalog.set_environment_variable_protection 'f', 'e', 'v9', @is_sensitive=0");
	t_is(client, "text", "SELECT value FROM SSISDB.catalog.environment_variables WHERE name = 'v9'");
}
END_TEST

START_TEST(environments_move_and_their_names_are_theirs_in_a_folder)
{
	t_run(client, "EXEC SSISDB.catalog.create_folder 'f'; EXEC SSISDB.catalog.create_folder 'g';"
		      "EXEC SSISDB.catalog.create_environment 'f', 'e', N'words';"
		      "EXEC SSISDB.catalog.create_environment 'g', 'e'");
	t_fails(client, 27157, "EXEC SSISDB.catalog.create_environment 'f', 'E'");
	t_fails(client, 27142, "EXEC SSISDB.catalog.create_environment 'f', 'a|b'");
	t_fails(client, 27157, "EXEC SSISDB.catalog.move_environment 'f', 'e', 'g'");
	t_run(client, "EXEC SSISDB.catalog.rename_environment 'g', 'e', 'h';"
		      "EXEC SSISDB.catalog.move_environment 'f', 'e', 'g';"
		      "EXEC SSISDB.catalog.set_environment_property 'g', 'e', 'Description', N'new'");
	t_fails(client, 27101, "EXEC SSISDB.catalog.set_environment_property 'g', 'e', 'Colour', N'red'");
	t_is(client, "new", "SELECT description FROM SSISDB.catalog.environments WHERE name = 'e'");
	t_fails(client, 27182, "EXEC SSISDB.catalog.delete_environment 'f', 'e'");
	t_run(client, "EXEC SSISDB.catalog.delete_environment 'g', 'e'");
}
END_TEST

START_TEST(references_are_checked_when_made)
{
	t_deploy_project1(client);
	t_run(client, "EXEC SSISDB.catalog.create_environment 'folder1', 'e'");
	t_run(client, "EXEC SSISDB.catalog.create_environment_reference 'folder1', 'project1', 'e', 'R'");
	t_fails(client, 27204, "EXEC SSISDB.catalog.create_environment_reference 'folder1', 'project1', 'E', 'r'");
	t_fails(client, 27100, "EXEC SSISDB.catalog.create_environment_reference 'folder1', 'project1', 'e', 'A'");
	t_fails(client, 27101, "EXEC SSISDB.catalog.create_environment_reference 'folder1', 'project1', 'e', 'X'");
	t_run(client, "EXEC SSISDB.catalog.set_environment_reference_type 1, 'A', 'folder1'");
	t_is(client, "folder1", "SELECT environment_folder_name FROM SSISDB.catalog.environment_references");
	t_run(client, "EXEC SSISDB.catalog.set_environment_reference_type 1, 'R', 'ignored'");
	t_is(client, "NULL", "SELECT environment_folder_name FROM SSISDB.catalog.environment_references");
	t_fails(client, 27114, "EXEC SSISDB.catalog.delete_environment_reference 99");
	t_run(client, "EXEC SSISDB.catalog.delete_environment_reference 1");
}
END_TEST

START_TEST(properties_take_only_their_values)
{
	t_run(client, "EXEC SSISDB.catalog.configure_catalog N'retention_window', N'30'");
	t_is(client, "30", "SELECT property_value FROM SSISDB.catalog.catalog_properties"
			   " WHERE property_name = 'RETENTION_WINDOW'");
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.operations WHERE operation_type = 1000");
	t_fails(client, 27163, "EXEC SSISDB.catalog.configure_catalog 'RETENTION_WINDOW', '0'");
	t_fails(client, 27163, "EXEC SSISDB.catalog.configure_catalog 'DEFAULT_EXECUTION_MODE', 'maybe'");
	t_fails(client, 27163, "EXEC SSISDB.catalog.configure_catalog 'SCHEMA_VERSION', '1'");
	t_fails(client, 27156, "EXEC SSISDB.catalog.configure_catalog 'COLOUR', 'red'");
	t_fails(client, 27241, "EXEC SSISDB.catalog.configure_catalog 'SERVER_LOGGING_LEVEL', '100'");
	t_run(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_customized_logging_level 'mine', N'', 1,"
		      " 33024, @id OUT; EXEC SSISDB.catalog.configure_catalog"
		      " 'SERVER_CUSTOMIZED_LOGGING_LEVEL', 'mine';"
		      "EXEC SSISDB.catalog.configure_catalog 'SERVER_LOGGING_LEVEL', '100'");
	fixture_exec(c, "INSERT INTO operation (operation_type, created_time, status) VALUES (200, 1, 2)");
	t_fails(client, 27139, "EXEC SSISDB.catalog.configure_catalog 'RETENTION_WINDOW', '5'");
}
END_TEST

START_TEST(logging_levels_have_a_life)
{
	t_run(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_customized_logging_level 'a', N'x', 1, 2,"
		      " @id OUT");
	t_fails(client, 27235, "DECLARE @id bigint; EXEC SSISDB.catalog.create_customized_logging_level 'A', N'x',"
			       " 1, 2, @id OUT");
	t_fails(client, 27233, "DECLARE @id bigint; EXEC SSISDB.catalog.create_customized_logging_level '', N'x',"
			       " 1, 2, @id OUT");
	t_fails(client, 27240, "DECLARE @id bigint; EXEC SSISDB.catalog.create_customized_logging_level 'b', N'x',"
			       " -1, 2, @id OUT");
	t_run(client, "EXEC SSISDB.catalog.rename_customized_logging_level 'a', 'b';"
		      "EXEC SSISDB.catalog.set_customized_logging_level_value 'b', 'EVENTS', 256;"
		      "EXEC SSISDB.catalog.set_customized_logging_level_description 'b', N'errors'");
	t_is(client, "256", "SELECT events_value FROM SSISDB.catalog.customized_logging_levels");
	t_fails(client, 27101, "EXEC SSISDB.catalog.set_customized_logging_level_value 'b', 'X', 1");
	t_run(client, "EXEC SSISDB.catalog.delete_customized_logging_level 'b'");
	t_fails(client, 27237, "EXEC SSISDB.catalog.delete_customized_logging_level 'b'");
}
END_TEST

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

START_TEST(a_customized_level_must_be_there_when_it_is_named_and_at_the_start)
{
	long long id;

	t_deploy_project1(client);
	t_run(client, "EXEC SSISDB.catalog.create_customized_logging_level 'mine', N'', 1, 256");
	id = t_int(client, "DECLARE @i bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			   " 'package1.dtsx', @execution_id = @i OUT; SELECT @i");
	t_fails(client, 27237, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 50,"
			       " 'CUSTOMIZED_LOGGING_LEVEL', N'yours'", id);
	t_run(client, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 50, 'LOGGING_LEVEL', 100", id);
	t_fails(client, 27217, "EXEC SSISDB.catalog.start_execution %lld", id);
	t_run(client, "EXEC SSISDB.catalog.set_execution_parameter_value %lld, 50,"
		      " 'CUSTOMIZED_LOGGING_LEVEL', N'MINE'; EXEC SSISDB.catalog.delete_customized_logging_level"
		      " 'mine'", id);
	t_fails(client, 27217, "EXEC SSISDB.catalog.start_execution %lld", id);
	t_run(client, "EXEC SSISDB.catalog.create_customized_logging_level 'mine', N'', 1, 256;"
		      " EXEC SSISDB.catalog.start_execution %lld", id);
}
END_TEST

START_TEST(workers_are_registered_changed_and_removed)
{
	char *id;

	t_run(client, "EXEC SSISDB.scaleout.add_worker @name=N'w1', @host=N'host.example', @port=2222,"
		      " @host_keys=N'# a comment\n" KEY " someone@example\n', @slots=3");
	id = t_text(client, "SELECT WorkerAgentId FROM SSISDB.catalog.worker_agents");
	t_is(client, "0", "SELECT IsEnabled FROM SSISDB.catalog.worker_agents");
	t_is(client, KEY, "SELECT HostKeys FROM SSISDB.scaleout.workers");
	t_is(client, "1", "SELECT count(*) FROM SSISDB.scaleout.workers WHERE Fingerprints LIKE 'SHA256:%%'");
	t_fails(client, 27107, "EXEC SSISDB.scaleout.add_worker 'W1', 'h'");
	t_fails(client, 27101, "EXEC SSISDB.scaleout.add_worker 'w2', '-oProxyCommand=x'");
	t_fails(client, 27101, "EXEC SSISDB.scaleout.add_worker 'w2', 'h', 99999");
	t_fails(client, 27101, "EXEC SSISDB.scaleout.add_worker 'w2', 'h', @host_keys='ssh-ed25519 AAAA'");
	t_run(client, "EXEC SSISDB.scaleout.set_worker '%s', 'Slots', '7';"
		      "EXEC SSISDB.catalog.set_worker_agent_property '%s', 'Tags', N'fast';"
		      "EXEC SSISDB.catalog.enable_worker_agent '%s'", id, id, id);
	t_is(client, "7", "SELECT Slots FROM SSISDB.scaleout.workers WHERE IsEnabled = 1 AND Tags = 'fast'");
	t_fails(client, 27101, "EXEC SSISDB.catalog.set_worker_agent_property '%s', 'Slots', N'1'", id);
	t_run(client, "EXEC SSISDB.scaleout.set_worker '%s', 'JumpHosts', N'me@gate:22 " KEY " /home/me/a key';"
		      "EXEC SSISDB.scaleout.set_worker '%s', 'AllowRoot', N'1';"
		      "EXEC SSISDB.scaleout.set_worker '%s', 'MemoryMaxMb', N'512'", id, id, id);
	t_fails(client, 27101, "EXEC SSISDB.scaleout.set_worker '%s', 'JumpHosts', N'gate " KEY "'", id);
	t_fails(client, 27101, "EXEC SSISDB.scaleout.set_worker '%s', 'JumpHosts', N'-oX:22 " KEY "'", id);
	t_fails(client, 27101, "EXEC SSISDB.scaleout.set_worker '%s', 'JumpHosts', N'gate:22 ssh-ed25519 AAAA'", id);
	t_fails(client, 27101, "EXEC SSISDB.scaleout.set_worker '%s', 'AllowRoot', N'2'", id);
	t_is(client, "1,0,512", "SELECT CONCAT(AllowRoot, ',', UseCgroup, ',', MemoryMaxMb) FROM SSISDB.scaleout.workers"
				 " WHERE WorkerAgentId = '%s'", id);
	fixture_exec(c, "UPDATE worker SET blocked = 1, block_reason = 'changed'");
	t_run(client, "EXEC SSISDB.scaleout.set_worker '%s', 'HostKeys', N'" KEY "'", id);
	t_is(client, "0", "SELECT IsBlocked FROM SSISDB.scaleout.workers");
	t_run(client, "EXEC SSISDB.scaleout.remove_worker '%s'", id);
	t_fails(client, 27243, "EXEC SSISDB.scaleout.remove_worker '%s'", id);
	free(id);
}
END_TEST

START_TEST(missing_arguments_are_named)
{
	t_fails(client, 27100, "EXEC SSISDB.catalog.get_project NULL, 'x'");
	t_fails(client, 201, "EXEC SSISDB.catalog.get_project 'x'");
}
END_TEST

static Suite *admin_suite(void)
{
	Suite *s = suite_create("catalog administration");
	TCase *t = tcase_create("administration");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, folders_are_made_renamed_described_and_deleted);
	tcase_add_test(t, variables_keep_their_types_and_secrets);
	tcase_add_test(t, environments_move_and_their_names_are_theirs_in_a_folder);
	tcase_add_test(t, references_are_checked_when_made);
	tcase_add_test(t, properties_take_only_their_values);
	tcase_add_test(t, logging_levels_have_a_life);
	tcase_add_test(t, a_customized_level_must_be_there_when_it_is_named_and_at_the_start);
	tcase_add_test(t, workers_are_registered_changed_and_removed);
	tcase_add_test(t, missing_arguments_are_named);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(admin_suite)
