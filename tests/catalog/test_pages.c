/* SPDX-License-Identifier: MIT */
/*
 * The plans of all pages of pages.h, as SQLite makes them for what the T-SQL
 * room really asks: no page reads a table of executions or messages from end
 * to end, and none sorts. bench/catalog measures the same pages.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "catalog/events.h"
#include "package/event.h"
#include "tests/catalog/client_fixture.h"
#include "tests/catalog/pages.h"
#include "tsql/server.h"

#define USER "nobody" /* an account that every system has */

static struct catalog *c;
static char *path;

static void setup(void)
{
	struct tsql_client *admin;

	c = fixture_catalog(&path);
	admin = t_connect(path, NULL);
	t_run(admin, "CREATE LOGIN [" USER "] FROM WINDOWS; CREATE USER [" USER "] FOR LOGIN [" USER "]");
	tsql_client_close(admin);
}

static void teardown(void)
{
	catalog_close(c);
	free(path);
}

static void explain(sqlite3 *db, const char *sql, struct buf *out)
{
	char *text = xasprintf("EXPLAIN QUERY PLAN %s", sql);
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(db, text, -1, &stmt, NULL) != SQLITE_OK)
		ck_abort_msg("%s: %s", text, sqlite3_errmsg(db));
	while (sqlite3_step(stmt) == SQLITE_ROW)
		buf_addf(out, "%s\n", (const char *)sqlite3_column_text(stmt, 3));
	sqlite3_finalize(stmt);
	free(text);
}

/* The plan of the statement that the batch made of a new connection keeps prepared. */
static void plan_of(struct tsql_client *client, const char *batch, struct buf *out)
{
	struct tsql_param key = { "@key", { .type = TSQL_BIGINT }, tsql_bigint(1), false };
	sqlite3 *db = tsql_session_db((struct tsql_session *)client);
	struct err err = { 0 };
	char *sql = NULL;

	fixture_ok(tsql_client_run(client, batch, &key, 1, NULL, &err), &err);
	for (sqlite3_stmt *stmt = NULL; (stmt = sqlite3_next_stmt(db, stmt));)
		if (strstr(sqlite3_sql(stmt), "\"SSISDB."))
			sql = xstrdup(sqlite3_sql(stmt));
	ck_assert_msg(sql != NULL, "no statement for %s", batch);
	explain(db, sql, out);
	free(sql);
}

/* A step of the plan that walks over a large table. */
static bool walks(const char *plan)
{
	static const char *const tables[] = { "SCAN o", "SCAN e", "SCAN m", "SCAN operation", "SCAN execution", "SCAN message" };

	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		size_t len = strlen(tables[i]);
		for (const char *at = plan; (at = strstr(at, tables[i])); at += len)
			if (at[len] == '\n' || at[len] == ' ')
				return true;
	}
	return false;
}

static void check_pages(const char *login, bool walks_lists)
{
	for (size_t i = 0; i < catalog_page_count; i++) {
		const struct page *page = &catalog_pages[i];
		struct tsql_client *client = t_connect(path, login);
		struct buf plan = BUF_INIT;

		plan_of(client, page->batch, &plan);
		ck_assert_msg(!strstr(plan.data, "USE TEMP B-TREE FOR"), "%s sorts:\n%s", page->name, plan.data);
		ck_assert_msg(!walks(plan.data) || (page->key == KEY_WHOLE && walks_lists), "%s reads a whole table:\n%s",
		    page->name, plan.data);
		buf_release(&plan);
		tsql_client_close(client);
	}
}

START_TEST(no_page_of_an_administrator_sorts_or_reads_all)
{
	check_pages(NULL, true);
}
END_TEST

START_TEST(no_page_of_a_plain_user_sorts_or_reads_all)
{
	check_pages(USER, false);
}
END_TEST

static void store_events(const char *event, const char *package, int count)
{
	struct event e = { .kind = EVENT_KIND_MESSAGE, .type = EVENT_INFORMATION, .message = "text", .package_name = package,
		.event_name = event, .source_name = "Task", .package_path = "\\Package" };
	int64_t last = 0;
	struct err err = { 0 };

	while (count-- > 0)
		fixture_ok(events_store(c, 1, 1, &e, &last, &err), &err);
}

static void check_count(struct tsql_client *client, const char *where, const char *expected)
{
	char *batch = xasprintf("SELECT count(*) FROM SSISDB.catalog.event_messages WHERE %s", where), *found;

	found = t_text(client, "%s", batch);
	ck_assert_str_eq(found, expected);
	free(found);
	free(batch);
}

START_TEST(messages_of_an_event_or_package_are_all_found)
{
	struct tsql_client *client = t_connect(path, NULL);

	fixture_exec(c, "INSERT INTO operation (operation_type, created_time, status) VALUES (200, 0, 2), (200, 0, 2)");
	store_events("OnPreExecute", "a.dtsx", 3);
	store_events("OnError", "b.dtsx", 2);
	store_events("OnPreExecute", "b.dtsx", 4);
	check_count(client, "operation_id = 1 AND event_name = N'onerror'", "2");
	check_count(client, "operation_id = 1 AND event_name = N'OnPreExecute'", "7");
	check_count(client, "N'b.dtsx' = package_name AND operation_id = 1", "6");
	check_count(client, "operation_id = 1 AND event_name = N'OnPreExecute' AND package_name = N'b.dtsx'", "4");
	check_count(client, "operation_id = 1 AND event_name = N'OnWarning'", "0");
	check_count(client, "operation_id = 2 AND event_name = N'OnError'", "0");
	check_count(client, "operation_id = 1 AND (event_name = N'OnError' OR event_name = N'OnPreExecute')", "9");
	tsql_client_close(client);
}
END_TEST

START_TEST(a_page_of_one_event_begins_where_the_event_does)
{
	struct tsql_client *client = t_connect(path, NULL);
	struct buf plan = BUF_INIT;

	plan_of(client, "SELECT TOP (50) * FROM SSISDB.catalog.event_messages WHERE operation_id = @key AND event_name = N'OnError'"
			" ORDER BY event_message_id", &plan);
	ck_assert_msg(strstr(plan.data, "(operation_id=? AND rowid>?)"), "%s", plan.data);
	buf_release(&plan);
	tsql_client_close(client);
}
END_TEST

static Suite *pages_suite(void)
{
	Suite *s = suite_create("catalog pages");
	TCase *t = tcase_create("pages");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, no_page_of_an_administrator_sorts_or_reads_all);
	tcase_add_test(t, no_page_of_a_plain_user_sorts_or_reads_all);
	tcase_add_test(t, messages_of_an_event_or_package_are_all_found);
	tcase_add_test(t, a_page_of_one_event_begins_where_the_event_does);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(pages_suite)
