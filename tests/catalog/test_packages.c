/* SPDX-License-Identifier: MIT */
/* deploy_packages: single packages into a project, and the table type and variable that carry them. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "package/project.h"
#include "tests/catalog/client_fixture.h"
#include "tests/package/protect_vectors.h"

static struct catalog *c;
static struct tsql_client *client;
static char *path;
static struct err err;

static void setup(void)
{
	c = fixture_catalog(&path);
	client = t_connect(path, NULL);
	t_deploy_project1(client);
}

static void teardown(void)
{
	tsql_client_close(client);
	catalog_close(c);
	free(path);
}

#define DTS(name, inside) \
	"<DTS:Executable xmlns:DTS=''www.microsoft.com/SqlServer/Dts'' DTS:refId=''Package'' DTS:CreationName=''Microsoft.Package''" \
	" DTS:DTSID=''{0F7D20AF-646C-4ACB-AE8B-0EF723820001}'' DTS:ExecutableType=''Microsoft.Package'' DTS:ObjectName=''" name "''" \
	" DTS:VersionBuild=''7'' DTS:VersionGUID=''{1F7D20AF-646C-4ACB-AE8B-0EF723820001}'' DTS:Description=''a &lt; b''>" \
	"<DTS:Property DTS:Name=''PackageFormatVersion''>8</DTS:Property>" inside "</DTS:Executable>"
#define PARAM(name, type, value) \
	"<DTS:PackageParameters><DTS:PackageParameter DTS:ObjectName=''" name "'' DTS:DTSID=''{2F7D20AF-646C-4ACB-AE8B-0EF723820001}''" \
	" DTS:DataType=''" type "''><DTS:Property DTS:Name=''ParameterValue'' DTS:DataType=''" type "''>" value \
	"</DTS:Property></DTS:PackageParameter></DTS:PackageParameters>"
#define CONNECTION \
	"<DTS:ConnectionManagers><DTS:ConnectionManager DTS:refId=''Package.ConnectionManagers[db]'' DTS:CreationName=''OLEDB''" \
	" DTS:DTSID=''{3F7D20AF-646C-4ACB-AE8B-0EF723820001}'' DTS:ObjectName=''db''><DTS:ObjectData><DTS:ConnectionManager" \
	" DTS:ConnectionString=''Data Source=s;Password=in clear;''/></DTS:ObjectData></DTS:ConnectionManager></DTS:ConnectionManagers>"
#define TABLE "DECLARE @t AS [catalog].[Package_Table_Type]; "
#define ADD(name, text) "INSERT INTO @t VALUES (N'" name "', CAST('" text "' AS varbinary(max))); "
#define DEPLOY "DECLARE @o bigint; EXEC [catalog].[deploy_packages] N'folder1', N'project1', @t, @operation_id = @o OUTPUT; "

START_TEST(packages_are_replaced_and_added_and_the_others_stay)
{
	int64_t operation;

	t_run(client, "EXEC SSISDB.catalog.set_object_parameter_value 30, N'folder1', N'project1', N'Needed', 5, N'package2.dtsx'");
	operation = t_int(client, TABLE
	    ADD("package1.dtsx", DTS("package1", CONNECTION PARAM("Who", "8", "you")))
	    ADD("new one.dtsx", DTS("new one", PARAM("Flag", "11", "-1"))) DEPLOY "SELECT @o");
	t_is(client, "101 7 project1", "SELECT CONCAT(operation_type, ' ', status, ' ', object_name)"
	     " FROM SSISDB.catalog.operations WHERE operation_id = %lld", (long long)operation);
	t_is(client, "child.dtsx=0 new one.dtsx=1 package1.dtsx=1 package2.dtsx=1",
	    "SELECT STRING_AGG(CONCAT(name, '=', CAST(entry_point AS int)), ' ') FROM (SELECT TOP 10 name, entry_point"
	    " FROM SSISDB.catalog.packages ORDER BY name) p");
	t_is(client, "you", "SELECT design_default_value FROM SSISDB.catalog.object_parameters WHERE parameter_name = 'Who'");
	t_is(client, "1", "SELECT design_default_value FROM SSISDB.catalog.object_parameters WHERE parameter_name = 'Flag'");
	t_is(client, "Data Source=s;", "SELECT design_default_value FROM SSISDB.catalog.object_parameters"
	     " WHERE parameter_name = 'CM.db.ConnectionString'");
	t_is(client, "s", "SELECT design_default_value FROM SSISDB.catalog.object_parameters WHERE parameter_name = 'CM.db.ServerName'");
	t_is(client, "1", "SELECT sensitive FROM SSISDB.catalog.object_parameters WHERE parameter_name = 'CM.db.Password'");
	t_is(client, "5", "SELECT default_value FROM SSISDB.catalog.object_parameters WHERE parameter_name = 'Needed'");
	t_is(client, "7 a < b", "SELECT CONCAT(version_build, ' ', description) FROM SSISDB.catalog.packages WHERE name = 'new one.dtsx'");
	t_is(client, "2", "SELECT count(*) FROM SSISDB.catalog.object_versions");
	/* The version before is still there, and comes back whole. */
	t_run(client, "DECLARE @v bigint = (SELECT MIN(object_version_lsn) FROM SSISDB.catalog.object_versions);"
		      "EXEC SSISDB.catalog.restore_project 'folder1', 'project1', @v");
	t_is(client, "3", "SELECT count(*) FROM SSISDB.catalog.packages");
}
END_TEST

START_TEST(get_project_gives_a_whole_project_afterwards)
{
	struct tsql_rowset rows = { 0 };
	struct project *project = NULL;
	const struct tsql_value *stream;
	char hash[65];
	struct buf task = BUF_INIT, file = BUF_INIT;
	int64_t id;

	t_run(client, TABLE ADD("new.dtsx", DTS("new", "")) DEPLOY);
	fixture_ok(tsql_client_query(client, "EXEC SSISDB.catalog.get_project 'folder1', 'project1'", NULL, 0, 2, &rows, &err), &err);
	stream = tsql_rowset_get(&rows, 0, "project_stream");
	fixture_ok(project_read(stream->s.data, stream->s.len, NULL, &project, &err), &err);
	ck_assert_uint_eq(project->package_count, 4);
	ck_assert_uint_eq(project->warning_count, 0);
	ck_assert_str_eq(project->name, "project1");
	/* What goes to the workers is the same file. */
	id = t_int(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1', 'new.dtsx',"
			   " @execution_id = @id OUT; SELECT @id");
	fixture_ok(queue_task(c, id, 1, &task, hash, &err), &err);
	fixture_ok(queue_project(c, hash, &file, &err), &err);
	ck_assert(file.len == stream->s.len && memcmp(file.data, stream->s.data, file.len) == 0);
	/* And it can be deployed. */
	int64_t operation;
	fixture_ok(t_deploy(client, "folder1", "project1", file.data, file.len, &operation, &err), &err);
	project_free(project);
	tsql_rowset_release(&rows);
	buf_release(&task);
	buf_release(&file);
}
END_TEST

START_TEST(packages_come_from_files)
{
	char *dir = test_tmpdir(), *file = path_join(dir, "x.dtsx");
	static const char text[] = "<DTS:Executable xmlns:DTS='www.microsoft.com/SqlServer/Dts' DTS:CreationName='Microsoft.Package'"
				   " DTS:DTSID='{0F7D20AF-646C-4ACB-AE8B-0EF723820001}' DTS:ObjectName='x'/>";

	ck_assert_int_eq(file_write_atomic(file, text, strlen(text), 0600, false, &err), 0);
	t_run(client, TABLE "INSERT INTO @t (name, package_data) SELECT N'x.dtsx', b.BulkColumn FROM"
			    " OPENROWSET(BULK N'%s', SINGLE_BLOB) AS b; " DEPLOY, file);
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.packages WHERE name = 'x.dtsx'");
	free(file);
	free(dir);
}
END_TEST

START_TEST(what_is_no_package_is_refused_and_changes_nothing)
{
	t_fails(client, 27231, TABLE ADD("bad/name.dtsx", DTS("x", "")) DEPLOY);
	t_fails(client, 27231, TABLE ADD("noext", DTS("x", "")) DEPLOY);
	t_fails(client, 27231, TABLE ADD("x.dtsx", DTS("x", "")) ADD("X.dtsx", DTS("x", "")) DEPLOY);
	t_fails(client, 27231, TABLE ADD("x.dtsx", "no xml") DEPLOY);
	t_fails(client, 27231, TABLE ADD("x.dtsx", "<Other/>") DEPLOY);
	t_fails(client, 27102, TABLE DEPLOY);
	t_fails(client, 27100, TABLE "INSERT INTO @t VALUES (NULL, 0x00);" DEPLOY);
	t_fails(client, 27109, TABLE "EXEC catalog.deploy_packages N'folder1', N'x', @t");
	t_fails(client, 27104, TABLE "EXEC catalog.deploy_packages N'x', N'project1', @t");
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.object_versions");
	t_is(client, "3", "SELECT count(*) FROM SSISDB.catalog.packages");
	t_is(client, "5", "SELECT count(*) FROM SSISDB.catalog.operations WHERE status = 4");
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.operation_messages WHERE message LIKE '%%given twice%%'");
}
END_TEST

/* A package of protection level EncryptAllWithPassword, as it lies in a file. */
START_TEST(a_package_that_is_encrypted_as_a_whole_is_refused)
{
	struct tsql_param param = { "@data", { .type = TSQL_VARBINARY, .length = TSQL_MAX },
		tsql_varbinary(WHOLE_3DES, strlen(WHOLE_3DES)), false };

	ck_assert_int_lt(tsql_client_run(client, TABLE "INSERT INTO @t VALUES (N'x.dtsx', @data);" DEPLOY, &param, 1, NULL, &err), 0);
	ck_assert_int_eq(err.sql_number, 27231);
	tsql_value_release(&param.value);
}
END_TEST

START_TEST(a_table_variable_goes_only_where_its_type_is_wanted)
{
	t_fails(client, 2715, "DECLARE @t AS catalog.No_Such_Type; SELECT 1");
	t_fails(client, 206, "DECLARE @t TABLE (name nvarchar(260), package_data varbinary(max));" DEPLOY);
	t_fails(client, 206, TABLE "EXEC catalog.create_folder @t");
	t_fails(client, 206, "EXEC catalog.deploy_packages N'folder1', N'project1', N'text'");
	t_fails(client, 201, "EXEC catalog.deploy_packages N'folder1', N'project1'");
	t_fails(client, 179, TABLE "EXEC catalog.deploy_packages N'folder1', N'project1', @t OUTPUT");
	t_fails(client, 40517, "CREATE TYPE catalog.T AS TABLE (a int)");
	/* It is an ordinary table variable besides. */
	t_is(client, "2", TABLE "INSERT @t VALUES (N'a', 0x01), (N'b', 0x02); UPDATE @t SET name = N'c' WHERE name = N'a';"
			  "DELETE @t WHERE name = N'x'; SELECT count(*) FROM @t WHERE name IN (N'b', N'c')");
	t_is(client, "Package_Table_Type catalog", "SELECT CONCAT(t.name, ' ', s.name) FROM sys.table_types t"
	     " JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE is_user_defined = 1");
	t_is(client, "Package_Table_Type", "SELECT p.type_name FROM sys.parameters p WHERE p.name = '@packages_table'");
}
END_TEST

static Suite *packages_suite(void)
{
	Suite *s = suite_create("catalog packages");
	TCase *t = tcase_create("packages");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, packages_are_replaced_and_added_and_the_others_stay);
	tcase_add_test(t, get_project_gives_a_whole_project_afterwards);
	tcase_add_test(t, packages_come_from_files);
	tcase_add_test(t, what_is_no_package_is_refused_and_changes_nothing);
	tcase_add_test(t, a_package_that_is_encrypted_as_a_whole_is_refused);
	tcase_add_test(t, a_table_variable_goes_only_where_its_type_is_wanted);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(packages_suite)
