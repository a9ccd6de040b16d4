/* SPDX-License-Identifier: MIT */
/* Views: complete and in order, and pages by key come from indexes without sorting. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "catalog/errors.h"
#include "catalog/registry.h"
#include "catalog/session.h"
#include "tests/catalog/client_fixture.h"

static struct catalog *c;
static struct tsql_client *client;
static char *path;

static struct session session = { .login = (char[]){ "root" }, .owner = (char[]){ "root" } };

static void setup(void)
{
	struct err err = { 0 };

	c = fixture_catalog(&path);
	client = t_connect(path, NULL);
	session.catalog = c;
	fixture_ok(session_register(&session, &err), &err);
}

static void teardown(void)
{
	tsql_client_close(client);
	catalog_close(c);
	free(path);
}

START_TEST(every_view_can_be_read_with_all_its_columns)
{
	for (const struct tsql_view *const *v = catalog_registry()->views; *v; v++) {
		struct tsql_rowset rows = { 0 };
		size_t shown = 0, at = 0;
		struct err err = { 0 };
		char *sql = xasprintf("SELECT * FROM SSISDB.[%s].[%s]%s", (*v)->schema, (*v)->name,
		    (*v)->param_count == 1 ? "(1)" : "");

		fixture_ok(tsql_client_query(client, sql, NULL, 0, 1000, &rows, &err), &err);
		for (size_t i = 0; i < (*v)->column_count; i++)
			shown += !(*v)->columns[i].alias_of;
		ck_assert_msg(rows.column_count == shown, "%s: %zu columns", (*v)->name, rows.column_count);
		for (size_t i = 0; i < (*v)->column_count; i++) {
			ck_assert_msg((*v)->columns[i].comment, "%s: no comment", (*v)->columns[i].name);
			if (!(*v)->columns[i].alias_of)
				ck_assert_str_eq(rows.columns[at++].name, (*v)->columns[i].name);
		}
		tsql_rowset_release(&rows);
		free(sql);
	}
}
END_TEST

static void check_columns(const struct tsql_view *view, int declared)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(catalog_db(c), view->sql, -1, &stmt, NULL) != SQLITE_OK)
		ck_abort_msg("%s: %s", view->name, sqlite3_errmsg(catalog_db(c)));
	ck_assert_msg(sqlite3_column_count(stmt) == declared, "%s: %d columns", view->name,
	    sqlite3_column_count(stmt));
	sqlite3_finalize(stmt);
}

/* The SELECT of a view must give as many columns as it declares. */
START_TEST(the_sql_of_every_view_gives_the_declared_columns)
{
	for (const struct tsql_view *const *v = catalog_registry()->views; *v; v++) {
		int declared = 0;

		for (size_t i = 0; i < (*v)->column_count; i++)
			declared += !(*v)->columns[i].alias_of;
		check_columns(*v, declared);
	}
}
END_TEST

START_TEST(the_executions_view_has_the_documented_34_columns)
{
	static const char *const names[] = { "execution_id", "folder_name", "project_name", "package_name",
		"reference_id", "reference_type", "environment_folder_name", "environment_name", "project_lsn",
		"executed_as_sid", "executed_as_name", "use32bitruntime", "operation_type", "created_time",
		"object_type", "object_id", "status", "start_time", "end_time", "caller_sid", "caller_name",
		"process_id", "stopped_by_sid", "stopped_by_name", "dump_id", "server_name", "machine_name",
		"worker_agent_id", "total_physical_memory_kb", "available_physical_memory_kb",
		"total_page_file_kb", "available_page_file_kb", "cpu_count", "executed_count" };

	for (const struct tsql_view *const *v = catalog_registry()->views; *v; v++) {
		if (strcmp((*v)->name, "executions") != 0)
			continue;
		ck_assert_uint_eq((*v)->column_count, ARRAY_LEN(names));
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			ck_assert_str_eq((*v)->columns[i].name, names[i]);
	}
}
END_TEST

START_TEST(the_dictionary_tells_what_is_there)
{
	t_is(client, "SSISDB", "SELECT name FROM sys.databases WHERE database_id = DB_ID('SSISDB')");
	t_is(client, "SSISDB", "SELECT name FROM master.sys.databases WHERE name LIKE 'SSIS%%'");
	t_is(client, "V", "SELECT type FROM sys.all_objects WHERE object_id = OBJECT_ID('SSISDB.catalog.folders')");
	t_is(client, "catalog", "SELECT SCHEMA_NAME(o.schema_id) FROM sys.views o WHERE o.name = 'folders'");
	t_is(client, "catalog", "SELECT s.name FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id WHERE o.name = 'create_folder'");
	t_is(client, "nvarchar", "SELECT t.name FROM sys.columns c JOIN sys.types t ON t.user_type_id = c.user_type_id"
				 " WHERE c.object_id = OBJECT_ID('catalog.folders') AND c.name = 'name'");
	t_is(client, "256", "SELECT max_length FROM sys.all_columns WHERE object_id = OBJECT_ID('catalog.folders') AND name = 'name'");
	t_is(client, "0", "SELECT count(*) FROM sys.tables");
	t_is(client, "@folder_name", "SELECT name FROM sys.parameters WHERE object_id = OBJECT_ID('catalog.create_folder') AND parameter_id = 1");
	t_is(client, "1033", "SELECT DISTINCT language_id FROM sys.messages");
	t_is(client, "VIEW", "SELECT TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'catalog' AND TABLE_NAME = 'folders'");
	t_is(client, "128", "SELECT CHARACTER_MAXIMUM_LENGTH FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'folders' AND COLUMN_NAME = 'name'");
	t_is(client, "bigint", "SELECT DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'catalog' AND TABLE_NAME = 'folders' AND ORDINAL_POSITION = 1");
	t_is(client, "PROCEDURE", "SELECT ROUTINE_TYPE FROM INFORMATION_SCHEMA.ROUTINES WHERE ROUTINE_NAME = 'create_folder'");
	t_is(client, "INOUT", "SELECT PARAMETER_MODE FROM INFORMATION_SCHEMA.PARAMETERS WHERE SPECIFIC_NAME = 'create_folder' AND PARAMETER_NAME = '@folder_id'");
	t_is(client, "NULL", "SELECT OBJECT_DEFINITION(OBJECT_ID('catalog.folders'))");
}
END_TEST

START_TEST(the_servers_procedures_tell_what_is_there)
{
	t_is(client, "1", "DECLARE @t TABLE (q sysname, o sysname, n sysname, t varchar(32), r varchar(254));"
			  " INSERT @t EXEC sp_tables 'folders', 'catalog'; SELECT count(*) FROM @t WHERE n = 'folders' AND t = 'VIEW'");
	t_is(client, "nvarchar", "DECLARE @t TABLE (q sysname, o sysname, n sysname, c sysname, t sysname, p int, l int, s int, u int, i int);"
				 " INSERT @t EXEC sp_columns @table_name = 'folders', @column_name = 'name'; SELECT t FROM @t");
	t_is(client, "2", "DECLARE @t TABLE (n sysname, s int, r varchar(254)); INSERT @t EXEC sp_databases; SELECT count(*) FROM @t");
	t_fails(client, 50000, "EXEC sp_helptext 'catalog.folders'");
	t_fails(client, 8145, "EXEC sp_columns @nosuch = 1");
	t_fails(client, 2812, "EXEC catalog.sp_columns 'x'");
}
END_TEST

START_TEST(folders_have_their_documented_key_as_second_name)
{
	t_run(client, "EXEC SSISDB.catalog.create_folder 'f'");
	t_is(client, "1", "SELECT id FROM SSISDB.catalog.folders");
	t_is(client, "1", "SELECT folder_id FROM SSISDB.catalog.folders");
}
END_TEST

/* A query over a view, put together as the T-SQL room does it. */
static char *wrap(const struct tsql_view *view, const char *tail)
{
	struct buf b = BUF_INIT;
	const char *comma = "";

	buf_adds(&b, "EXPLAIN QUERY PLAN WITH v(");
	for (size_t i = 0; i < view->column_count; i++) {
		if (view->columns[i].alias_of)
			continue;
		buf_addf(&b, "%s%s", comma, view->columns[i].name);
		comma = ", ";
	}
	buf_addf(&b, ") AS NOT MATERIALIZED (%s) SELECT * FROM v %s", view->sql, tail);
	return buf_detach(&b);
}

/* Its plan, one step a line. */
static char *plan(const char *view, const char *tail)
{
	const struct tsql_view *const *v = catalog_registry()->views;
	struct buf text = BUF_INIT;
	sqlite3_stmt *stmt = NULL;
	char *sql;

	while (strcmp((*v)->name, view) != 0)
		v++;
	sql = wrap(*v, tail);
	if (sqlite3_prepare_v2(catalog_db(c), sql, -1, &stmt, NULL) != SQLITE_OK)
		ck_abort_msg("%s: %s", sql, sqlite3_errmsg(catalog_db(c)));
	while (sqlite3_step(stmt) == SQLITE_ROW)
		buf_addf(&text, "%s\n", (const char *)sqlite3_column_text(stmt, 3));
	sqlite3_finalize(stmt);
	free(sql);
	return buf_detach(&text);
}

static void paged_by(const char *view, const char *tail, const char *index)
{
	char *text = plan(view, tail);

	ck_assert_msg(!strstr(text, "TEMP B-TREE FOR ORDER BY"), "%s %s sorts:\n%s", view, tail, text);
	ck_assert_msg(strstr(text, index) != NULL, "%s %s does not use %s:\n%s", view, tail, index, text);
	free(text);
}

START_TEST(pages_by_key_need_no_sorting)
{
	paged_by("executions", "WHERE execution_id < 900000 ORDER BY execution_id DESC LIMIT 100",
	    "INTEGER PRIMARY KEY (rowid<?)");
	paged_by("executions", "WHERE status = 4 AND execution_id < 9 ORDER BY execution_id DESC LIMIT 100",
	    "operation_status");
	paged_by("executions", "WHERE start_time < 9 ORDER BY start_time DESC LIMIT 100", "operation_start");
	paged_by("executions", "WHERE folder_name = 'a' ORDER BY execution_id DESC LIMIT 100", "operation_folder");
	paged_by("executions", "WHERE project_name = 'a' AND folder_name = 'b' ORDER BY execution_id LIMIT 100",
	    "operation_project");
	paged_by("executions", "WHERE package_name = 'a' ORDER BY execution_id LIMIT 100", "operation_package");
	paged_by("operations", "ORDER BY operation_id DESC LIMIT 100", "SCAN o");
	paged_by("operation_messages", "WHERE operation_id = 5 AND operation_message_id > 7"
				       " ORDER BY operation_message_id LIMIT 100", "message_operation");
	paged_by("event_messages", "WHERE operation_id = 5 AND event_message_id > 7"
				   " ORDER BY event_message_id LIMIT 100", "message_operation");
	paged_by("event_messages", "WHERE operation_id = 5 AND message_type = 120"
				   " ORDER BY event_message_id LIMIT 1", "message_operation_type");
	paged_by("execution_parameter_values", "WHERE execution_id = 5", "(execution_id=?)");
	paged_by("executable_statistics", "WHERE execution_id = 5 ORDER BY statistics_id",
	    "executable_statistics_execution");
	paged_by("execution_errors", "WHERE execution_id = 5", "message_operation_type");
}
END_TEST

START_TEST(the_table_of_errors_is_in_order)
{
	size_t count;
	const struct catalog_error *errors = catalog_errors(&count);

	for (size_t i = 0; i < count; i++) {
		ck_assert_ptr_eq(catalog_error_find(errors[i].number), &errors[i]);
		ck_assert(errors[i].severity == 16 || errors[i].severity == 10);
	}
	ck_assert_ptr_null(catalog_error_find(27134));
}
END_TEST

static Suite *views_suite(void)
{
	Suite *s = suite_create("catalog views");
	TCase *t = tcase_create("views");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, every_view_can_be_read_with_all_its_columns);
	tcase_add_test(t, the_sql_of_every_view_gives_the_declared_columns);
	tcase_add_test(t, the_executions_view_has_the_documented_34_columns);
	tcase_add_test(t, the_dictionary_tells_what_is_there);
	tcase_add_test(t, the_servers_procedures_tell_what_is_there);
	tcase_add_test(t, folders_have_their_documented_key_as_second_name);
	tcase_add_test(t, pages_by_key_need_no_sorting);
	tcase_add_test(t, the_table_of_errors_is_in_order);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(views_suite)
