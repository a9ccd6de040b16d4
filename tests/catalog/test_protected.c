/* SPDX-License-Identifier: MIT */
/* Projects protected by a password: deployed, restored, and what leaves the catalog for a worker. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "package/dtsx.h"
#include "package/protect.h"
#include "package/taskspec.h"
#include "package/unlock.h"
#include "tests/catalog/client_fixture.h"
#include "tests/package/protect_vectors.h"
#include "tests/package/zipper.h"

#define DTS_NS "xmlns:DTS='www.microsoft.com/SqlServer/Dts'"

static char *path;
static struct tsql_client *client;
static struct buf archive;
static struct err err;

#define PROP(name, value) "<SSIS:Property SSIS:Name='" name "'>" value "</SSIS:Property>"
#define PARAM(name, value) \
	"<SSIS:Parameter SSIS:Name='" name "'><SSIS:Properties>" PROP("Sensitive", "1") value PROP("DataType", "18") \
	"</SSIS:Properties></SSIS:Parameter>"
#define META(name, params) \
	"<SSIS:PackageMetaData SSIS:Name='" name "'><SSIS:Properties>" PROP("ID", "{11111111-2222-3333-4444-555555555555}") \
	PROP("VersionGUID", "{66666666-2222-3333-4444-555555555555}") PROP("ProtectionLevel", "2") \
	"</SSIS:Properties><SSIS:Parameters>" params "</SSIS:Parameters></SSIS:PackageMetaData>"

static void make_archive(void)
{
	struct zipper z = ZIPPER_INIT;

	zipper_adds(&z, "package1.dtsx", "<DTS:Executable " DTS_NS " DTS:ProtectionLevel='2' DTS:ObjectName='package1'>"
		"<DTS:PackageParameters><DTS:PackageParameter DTS:ObjectName='P' DTS:DataType='8' DTS:Sensitive='True'>"
		"<DTS:Property DTS:Name='ParameterValue'>" PARAM_AES "</DTS:Property></DTS:PackageParameter>"
		"</DTS:PackageParameters></DTS:Executable>");
	zipper_adds(&z, "hidden%20one.dtsx", WHOLE_3DES);
	zipper_adds(&z, "plain.dtsx", "<DTS:Executable " DTS_NS "  DTS:ObjectName='plain'  />");
	zipper_adds(&z, "db.conmgr", "<DTS:ConnectionManager " DTS_NS " DTS:ObjectName='db' DTS:CreationName='OLEDB'>"
		"<DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString='Data Source=s'>"
		"<DTS:Password DTS:Name='Password' Sensitive='1'>conmgr canary</DTS:Password>"
		"</DTS:ConnectionManager></DTS:ObjectData></DTS:ConnectionManager>");
	zipper_adds(&z, "@Project.manifest", "<SSIS:Project SSIS:ProtectionLevel='EncryptSensitiveWithPassword' " SSIS_NS
		"><SSIS:Properties>" PROP("ID", "{405169a5-1b8d-43e8-824a-511023416c91}") PROP("Name", "project1")
		PROP("FormatVersion", "1") "</SSIS:Properties><SSIS:Packages>"
		"<SSIS:Package SSIS:Name='package1.dtsx'/><SSIS:Package SSIS:Name='hidden one.dtsx'/>"
		"<SSIS:Package SSIS:Name='plain.dtsx'/></SSIS:Packages><SSIS:ConnectionManagers>"
		"<SSIS:ConnectionManager SSIS:Name='db.conmgr'/></SSIS:ConnectionManagers><SSIS:DeploymentInfo>"
		"<SSIS:ProjectConnectionParameters/><SSIS:PackageInfo>" META("package1.dtsx", PARAM("P", ""))
		META("hidden one.dtsx", "") META("plain.dtsx", "") "</SSIS:PackageInfo></SSIS:DeploymentInfo></SSIS:Project>");
	zipper_adds(&z, "Project.params", "<SSIS:Parameters " SSIS_NS ">" PARAM("Secret", VALUE_AES) PARAM("Old", VALUE_3DES)
		"</SSIS:Parameters>");
	zipper_finish(&z, &archive);
}

static void setup(void)
{
	struct catalog *c = fixture_catalog(&path);

	protect_use_libcrypto();
	catalog_close(c);
	client = t_connect(path, NULL);
	t_run(client, "EXEC SSISDB.catalog.create_folder N'folder1'");
	buf_init(&archive);
	make_archive();
}

static void teardown(void)
{
	tsql_client_close(client);
	buf_release(&archive);
	free(path);
}

static int deploy(const char *password)
{
	struct tsql_param params[] = {
		{ "@stream", { .type = TSQL_VARBINARY, .length = TSQL_MAX }, tsql_varbinary(archive.data, archive.len), false },
		{ "@password", { .type = TSQL_NVARCHAR, .length = TSQL_MAX }, tsql_nvarchar(password), false },
	};
	int r = tsql_client_run(client, "EXEC [SSISDB].[scaleout].[deploy_project] @folder_name=N'folder1',"
		" @project_name=N'project1', @project_stream=@stream, @password=@password", params, 2, NULL, &err);

	for (size_t i = 0; i < ARRAY_LEN(params); i++)
		tsql_value_release(&params[i].value);
	return r;
}

static int no_secret(void *ctx, const char *name, const char *bytes, size_t size, struct err *e)
{
	static const char *const secrets[] = { "top secret", "pw1", "conmgr canary", "EncryptedData", "Salt" };

	(void)ctx, (void)e;
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
		ck_assert_msg(!memmem(bytes, size, secrets[i], strlen(secrets[i])), "%s holds %s", name, secrets[i]);
	if (strcmp(name, "hidden one.dtsx") == 0)
		ck_assert(memmem(bytes, size, "Hidden", 6));
	if (strcmp(name, "plain.dtsx") == 0)
		ck_assert(memmem(bytes, size, "  DTS:ObjectName='plain'  />", 27)); /* byte by byte */
	++*(int *)ctx;
	return 0;
}

/* A task of package1 has every secret, its project none. */
static void task_has_all(void)
{
	int64_t id = t_int(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
				   " 'package1.dtsx', @execution_id=@id OUT; SELECT @id");
	struct buf task = BUF_INIT, project = BUF_INIT;
	struct project *read = NULL;
	struct catalog *c = NULL;
	char hash[65];
	int parts = 0;

	fixture_ok(catalog_open(path, &c, &err), &err);
	fixture_ok(queue_task(c, id, 1, &task, hash, &err), &err);
	ck_assert_ptr_nonnull(strstr(task.data, "top secret"));
	ck_assert_ptr_nonnull(strstr(task.data, "pw1"));
	ck_assert_ptr_nonnull(strstr(task.data, "CM.db.Password"));
	ck_assert_ptr_nonnull(strstr(task.data, "conmgr canary"));
	fixture_ok(queue_project(c, hash, &project, &err), &err);
	fixture_ok(ispac_each(project.data, project.len, no_secret, &parts, &err), &err);
	ck_assert_int_eq(parts, 6);
	fixture_ok(project_read(project.data, project.len, NULL, &read, &err), &err);
	ck_assert_str_eq(read->protection_level, "DontSaveSensitive");
	ck_assert_uint_eq(read->warning_count, 0);
	for (size_t i = 0; i < read->package_count; i++)
		ck_assert(!read->packages[i].encrypted);
	project_free(read);
	catalog_close(c);
	buf_wipe(&task);
	buf_release(&project);
}

START_TEST(secrets_go_with_the_task_and_not_with_the_project)
{
	fixture_ok(deploy(PASSWORD), &err);
	task_has_all();
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.operation_messages WHERE message_type = 110");
	/* They are as invisible as any sensitive value. */
	t_is(client, "NULL", "SELECT design_default_value FROM SSISDB.catalog.object_parameters WHERE parameter_name = 'Secret'");
	t_is(client, "NULL", "SELECT design_default_value FROM SSISDB.catalog.object_parameters WHERE parameter_name = 'CM.db.Password'");
	ck_assert(!fixture_file_has(path, "top secret"));
	char *wal = xasprintf("%s-wal", path);
	ck_assert(!fixture_file_has(wal, "top secret") && !fixture_file_has(wal, PASSWORD) && !fixture_file_has(wal, "canary"));
	free(wal);
}
END_TEST

START_TEST(a_restored_version_has_its_secrets_again)
{
	int64_t first;

	fixture_ok(deploy(PASSWORD), &err);
	first = t_int(client, "SELECT object_version_lsn FROM SSISDB.catalog.projects");
	fixture_ok(deploy(PASSWORD), &err);
	t_run(client, "EXEC SSISDB.catalog.restore_project 'folder1', 'project1', %lld", (long long)first);
	task_has_all();
}
END_TEST

/* The task of a package that may call package1 has what was taken out of that one's file. */
START_TEST(the_secrets_of_children_go_with_the_task)
{
	struct taskspec spec = { 0 };
	struct buf task = BUF_INIT;
	struct catalog *c = NULL;
	char hash[65];
	int found = 0;

	fixture_ok(deploy(PASSWORD), &err);
	int64_t id = t_int(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1', 'plain.dtsx',"
				   " @execution_id=@id OUT; SELECT @id");
	fixture_ok(catalog_open(path, &c, &err), &err);
	fixture_ok(queue_task(c, id, 1, &task, hash, &err), &err);
	fixture_ok(taskspec_decode(task.data, task.len, &spec, &err), &err);
	for (size_t i = 0; i < spec.value_count; i++) {
		const struct taskspec_value *v = &spec.values[i];
		if (!v->package)
			continue;
		ck_assert_str_ne(v->package, "plain.dtsx");
		ck_assert(v->sensitive && v->value_set);
		found += !strcmp(v->package, "package1.dtsx") && !strcmp(v->name, "P");
	}
	ck_assert_int_eq(found, 1);
	taskspec_release(&spec);
	buf_wipe(&task);
	catalog_close(c);
}
END_TEST

START_TEST(single_packages_leave_the_secrets_of_the_others)
{
	fixture_ok(deploy(PASSWORD), &err);
	t_run(client, "USE SSISDB; DECLARE @t catalog.Package_Table_Type;"
		      "INSERT @t VALUES (N'plain.dtsx', CAST('<DTS:Executable xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\""
		      " DTS:DTSID=\"{11111111-2222-3333-4444-555555555555}\" DTS:VersionGUID=\"{66666666-2222-3333-4444-555555555555}\""
		      "  DTS:ObjectName=''plain''  />' AS varbinary(max)));"
		      "EXEC catalog.deploy_packages N'folder1', N'project1', @t");
	t_is(client, "2", "SELECT count(*) FROM SSISDB.catalog.object_versions");
	task_has_all();
	/* A package that comes without its secret has none. */
	t_run(client, "DECLARE @t catalog.Package_Table_Type;"
		      "INSERT @t VALUES (N'package1.dtsx', CAST('<DTS:Executable xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\""
		      " DTS:ObjectName=\"package1\"/>' AS varbinary(max)));"
		      "EXEC catalog.deploy_packages N'folder1', N'project1', @t");
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.object_parameters WHERE parameter_name = 'P'");
}
END_TEST

START_TEST(a_wrong_password_is_refused_and_changes_nothing)
{
	ck_assert_int_lt(deploy("wrong"), 0);
	ck_assert_ptr_nonnull(strstr(err.primary, "password is wrong"));
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.projects");
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.object_versions");
	fixture_ok(deploy(PASSWORD), &err);
	ck_assert_int_lt(deploy("wrong"), 0);
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.object_versions");
	task_has_all();
}
END_TEST

START_TEST(without_the_password_the_values_are_left_out_with_warnings)
{
	int64_t operation;

	fixture_ok(t_deploy(client, "folder1", "project1", archive.data, archive.len, &operation, &err), &err);
	t_is(client, "2", "SELECT count(*) FROM SSISDB.catalog.operation_messages WHERE message_type = 110");
}
END_TEST

/* --- the two shared projects (spec/package.md 1.6) --- */

/* Add a file of the shared folder under its own name; false when it is absent. */
static bool add_shared(struct zipper *z, const char *folder, const char *name)
{
	const char *shared = test_shared_packages();
	char *whole = shared ? xasprintf("%s/%s/%s", shared, folder, name) : NULL;
	struct buf bytes = BUF_INIT;
	bool there = whole && file_exists(whole);

	if (there) {
		fixture_ok(file_read(whole, 1 << 24, &bytes, &err), &err);
		zipper_add(z, name, bytes.data, bytes.len, NULL);
	}
	buf_release(&bytes);
	free(whole);
	return there;
}

static int loads(void *ctx, const char *name, const char *bytes, size_t size, struct err *e)
{
	struct dtsx *d = NULL;

	(void)ctx;
	ck_assert_msg(!memmem(bytes, size, "EncryptedData", 13) && !memmem(bytes, size, "Salt=", 5), "%s", name);
	if (!strstr(name, ".dtsx"))
		return 0;
	fixture_ok(dtsx_load(bytes, size, name, NULL, &d, e), e);
	/* A package without anything locked goes over as it is. */
	if (strcmp(name, "Package1.dtsx") != 0)
		ck_assert_int_eq(d->protection_level, 0);
	for (size_t i = 0; i < d->connection_count; i++)
		ck_assert(!d->connections[i].unreadable);
	dtsx_free(d);
	return 0;
}

static void unlocks(struct zipper *z, const char *password, size_t least)
{
	struct project_unlocked out;

	buf_clear(&archive);
	zipper_finish(z, &archive);
	ck_assert_int_eq(project_unlock(archive.data, archive.len, "wrong", &out, &err), -ERR_DENIED);
	fixture_ok(project_unlock(archive.data, archive.len, password, &out, &err), &err);
	ck_assert_uint_ge(out.secret_count, least);
	for (size_t i = 0; i < out.secret_count; i++)
		ck_assert(*out.secrets[i].name);
	ck_assert_msg(out.warning_count == 0, "%s", out.warning_count ? out.warnings[0] : "");
	fixture_ok(ispac_each(out.file.data, out.file.len, loads, NULL, &err), &err);
	project_unlocked_release(&out);
}

START_TEST(the_shared_3des_project_unlocks)
{
	static const char folder[] = "ssis-build/example/SampleSSISProject/SampleSSISProject";
	struct zipper z = ZIPPER_INIT;

	if (!add_shared(&z, folder, "Package 221.dtsx"))
		test_skip("the shared 3DES project is absent");
	add_shared(&z, folder, "Package1.dtsx");
	add_shared(&z, folder, "FTP Connection Manager.conmgr");
	add_shared(&z, folder, "db-01 msdb.conmgr");
	add_shared(&z, folder, "Project.params");
	unlocks(&z, "ssis123", 3);
}
END_TEST

START_TEST(the_shared_aes_project_unlocks)
{
	struct zipper z = ZIPPER_INIT;

	if (!add_shared(&z, "data-engineering-ssis-etl/src/SSIS", "Package.dtsx"))
		test_skip("the shared AES project is absent");
	unlocks(&z, "password", 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("catalog_protected");
	TCase *tc = tcase_create("protected");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_secrets_of_children_go_with_the_task);
	tcase_add_test(tc, single_packages_leave_the_secrets_of_the_others);
	tcase_add_test(tc, secrets_go_with_the_task_and_not_with_the_project);
	tcase_add_test(tc, a_restored_version_has_its_secrets_again);
	tcase_add_test(tc, a_wrong_password_is_refused_and_changes_nothing);
	tcase_add_test(tc, without_the_password_the_values_are_left_out_with_warnings);
	tcase_add_test(tc, the_shared_3des_project_unlocks);
	tcase_add_test(tc, the_shared_aes_project_unlocks);
	suite_add_tcase(s, tc);
	return s;
}

TEST_MAIN(suite)
