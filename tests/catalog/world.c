/* SPDX-License-Identifier: MIT */
/*
 * A catalog in which every procedure can be called and every view has rows, for tests that take
 * their calls from tables. Keys of objects are large numbers set apart, so that an id in a message
 * can be nothing else.
 */
#include "tests/catalog/world.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static struct world_name names[] = {
	{ "F", "N'folder1'", "N'nofolder'", 'F' },
	{ "G", "N'folder2'", "N'nofolder2'", 'G' },
	{ "H", "N'folder3'", "N'nofolder3'", 'F' },
	{ "P", "N'project1'", "N'noproject'", 'P' },
	{ "Q", "N'project2'", "N'noproject2'", 'P' },
	{ "K", "N'package1.dtsx'", "N'nopackage'", 'P' },
	{ "E", "N'env1'", "N'noenv'", 'E' },
	{ "V", "N'var1'", "N'novar'", 'E' },
	{ "FID", "510001", "9900001", 'F' },
	{ "PID", "520001", "9900002", 'P' },
	{ "EID", "530001", "9900003", 'E' },
	{ "REF", "550001", "9900004", 'P' },
	{ "X", "540003", "9900005", 'O' },
	{ "Y", "540004", "9900006", 'O' },
	{ "S", "540005", "9900007", 'O' },
	{ "R", "540006", "9900008", 'O' },
	{ "T", "560001", "9900009", 'O' },
	{ "LSN", "1", "9900010", 'P' },
	{ "L", "N'level1'", "N'nolevel'", 'L' },
	{ "W", "'AAAAAAAA-2222-3333-4444-555555555555'", "'BBBBBBBB-2222-3333-4444-555555555555'",
	    'W' },
	{ "STREAM", NULL, NULL, '-' },
	{ "FRESH", NULL, NULL, '-' },
	{ "PACKAGE", "0x00", "0x00", '-' },
};

const struct world_name *world_name(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i].word) == len && strncmp(names[i].word, word, len) == 0)
			return &names[i];
	ck_abort_msg("nothing is called {%.*s}", (int)len, word);
	return NULL;
}

char *world_fill(const char *call, const char *missing)
{
	struct buf b = BUF_INIT;

	for (size_t len; *call; call += len + 1) {
		const struct world_name *name;

		len = strcspn(call, "{");
		buf_add(&b, call, len);
		call += len;
		if (!*call)
			break;
		len = strcspn(++call, "}");
		name = world_name(call, len);
		buf_adds(&b, strchr(missing, name->kind) ? name->missing : name->there);
	}
	return buf_detach(&b);
}

static void to_hex(const struct buf *bytes, struct buf *ret)
{
	buf_adds(ret, "0x");
	for (size_t i = 0; i < bytes->len; i++)
		buf_addf(ret, "%02X", (unsigned char)bytes->data[i]);
}

/* A project as a literal; its name in braces stands for it. */
static void make_stream(const char *project, const char *word)
{
	struct buf archive = BUF_INIT, text = BUF_INIT;

	t_project(project, 1, &archive);
	to_hex(&archive, &text);
	buf_release(&archive);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i].word, word) == 0)
			names[i].there = names[i].missing = buf_detach(&text);
}

/* Everything that the calls name, and for each view a row of an operation. */
static const char make_objects[] =
    "USE SSISDB; EXEC catalog.create_folder N'folder1'; EXEC catalog.create_folder N'folder2';"
    " EXEC catalog.create_folder N'folder3';"
    " CREATE LOGIN [" WORLD_USER "] FROM WINDOWS; CREATE USER [" WORLD_USER
    "] FOR LOGIN [" WORLD_USER "]; CREATE ROLE crew;"
    " ALTER ROLE crew ADD MEMBER [" WORLD_USER
    "]; CREATE ROLE others; DECLARE @p int = DATABASE_PRINCIPAL_ID(N'others');"
    " EXEC catalog.grant_permission 1, 510003, @p, 1;"
    " EXEC catalog.create_environment N'folder1', N'env1';"
    " EXEC catalog.create_environment_variable N'folder1', N'env1', N'var1', N'Int32', 0, 1, N'';"
    " EXEC catalog.create_customized_logging_level N'level1', N'', 1, 1";
static const char make_executions[] =
    "DECLARE @id bigint;"
    " EXEC catalog.create_environment_reference N'folder1', N'project1', N'env1', 'R';"
    " EXEC catalog.create_execution N'folder1', N'project1', N'package1.dtsx', @execution_id = @id "
    "OUT;"
    " EXEC catalog.create_execution N'folder1', N'project1', N'package1.dtsx', 550001, "
    "@execution_id = @id OUT;"
    " EXEC catalog.create_execution N'folder1', N'project1', N'package1.dtsx', @runinscaleout = 1,"
    " @useanyworker = 0, @execution_id = @id OUT;"
    " EXEC catalog.create_execution N'folder1', N'project1', N'package1.dtsx', @execution_id = @id "
    "OUT;"
    " EXEC catalog.start_execution @id;"
    " EXEC catalog.set_execution_property_override_value 540003, N'\\Package.Properties[Name]', "
    "N'x', 0";
static const char make_rows[] =
    "INSERT INTO data_tap VALUES (560001, 540003, '\\Package\\Task', 'Paths[a]', NULL, NULL, "
    "'a.csv');"
    "INSERT INTO source VALUES (1, '\\Package', 'Package', 'OnError', 'package1.dtsx', '', '', NULL);"
    "INSERT INTO operation_event VALUES (540003, 1, 900);"
    "INSERT INTO message VALUES (900, 540003, 1, now_ticks(), 120, 40, 'text', NULL, 1, NULL, 1, 1);"
    "INSERT INTO message_context VALUES (1, 900, 1, '\\Package', 60, 'Package', NULL, 'Name', NULL);"
    "INSERT INTO extended_info VALUES (900, 540003, 'package1.dtsx', 30, NULL, 2, NULL, NULL);"
    "INSERT INTO executable VALUES (1, 540003, 1);"
    "INSERT INTO executable_statistics VALUES (1, 540003, 1, '\\Package', NULL, NULL, 1, 0, NULL);"
    "INSERT INTO component_phase VALUES (1, 540003, 1, 'Validate', NULL, NULL, '\\Package');"
    "INSERT INTO data_statistics VALUES (1, 540003, 1, 'Paths[a]', 'a', 'b', 'c', 1, NULL, "
    "'\\Package');"
    "INSERT INTO operation (operation_id, operation_type, created_time, status, caller_name) VALUES"
    " (540007, 301, now_ticks(), 4, 'root');"
    "INSERT INTO validation VALUES (540007, 'D', 'F', 1, 0, NULL, NULL);"
    "INSERT INTO master_property VALUES ('MACHINE_NAME', 'host') ON CONFLICT DO NOTHING;"
    "INSERT INTO worker (worker_id, name, host, enabled, created_time) VALUES"
    " ('AAAAAAAA-2222-3333-4444-555555555555', 'w', 'localhost', 1, now_ticks());"
    "UPDATE operation SET caller_name = 'root'";

static void deploy(struct tsql_client *admin, const char *name, int version)
{
	struct buf archive = BUF_INIT;
	struct err err;
	int64_t operation;

	t_project(name, version, &archive);
	fixture_ok(
	    t_deploy(admin, "folder1", name, archive.data, archive.len, &operation, &err), &err);
	buf_release(&archive);
}

static bool streams_made;

struct catalog *world_open(char **ret_path, struct tsql_client **ret_admin)
{
	struct catalog *c = fixture_catalog(ret_path);
	struct tsql_client *admin = t_connect(*ret_path, NULL);

	if (!streams_made) { /* the same for every world of a process */
		make_stream("project1", "STREAM");
		make_stream("fresh", "FRESH");
		streams_made = true;
	}
	fixture_exec(c,
	    "INSERT INTO sqlite_sequence VALUES ('folder', 510000), ('project', 520000),"
	    " ('environment', 530000), ('environment_reference', 550000)");
	t_run(admin, "%s", make_objects);
	deploy(admin, "project1", 1);
	deploy(admin, "project1", 1);
	deploy(admin, "project2", 2);
	fixture_exec(c, "UPDATE sqlite_sequence SET seq = 540002 WHERE name = 'operation'");
	t_run(admin, "%s", make_executions);
	fixture_exec(c, make_rows);
	*ret_admin = admin;
	return c;
}
