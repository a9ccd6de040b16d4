/* SPDX-License-Identifier: MIT */
/*
 * What SELECT becomes in SQLite: pages must be read through indexes, and values
 * must be compared in the column's type. The statement is fetched from the
 * connection, where the session keeps it prepared.
 */
#include <sqlite3.h>
#include <string.h>

#include "base/mem.h"
#include "tests/harness.h"
#include "tests/tsql/fake.h"

static struct tsql_client *client;

static void setup(void)
{
	client = fake_open();
}

static void teardown(void)
{
	tsql_client_close(client);
}

/* SQLite's plan of the statement that reads `table`, one line per step. */
static void plan_of(const char *batch, const char *table, struct buf *ret)
{
	struct buf ignored = BUF_INIT, sql = BUF_INIT;
	sqlite3_stmt *explain, *s = NULL;

	fake_run(client, batch, &ignored);
	ck_assert_msg(strstr(ignored.data, "Msg") == NULL, "%s", ignored.data);
	do
		s = sqlite3_next_stmt(fake_db(client), s); /* the newest comes first */
	while (s && !strstr(sqlite3_sql(s), table));
	ck_assert(s != NULL);
	buf_addf(&sql, "EXPLAIN QUERY PLAN %s", sqlite3_sql(s));
	ck_assert_int_eq(sqlite3_prepare_v2(fake_db(client), sql.data, -1, &explain, NULL), SQLITE_OK);
	while (sqlite3_step(explain) == SQLITE_ROW)
		buf_addf(ret, "%s\n", (const char *)sqlite3_column_text(explain, 3));
	sqlite3_finalize(explain);
	buf_release(&ignored);
	buf_release(&sql);
}

static void check_plan(const char *batch, const char *table, const char *has, const char *lacks)
{
	struct buf plan = BUF_INIT;

	plan_of(batch, table, &plan);
	ck_assert_msg(strstr(plan.data, has) != NULL, "%s\nexpected a step '%s' in\n%s", batch, has, plan.data);
	if (lacks)
		ck_assert_msg(strstr(plan.data, lacks) == NULL, "%s\nexpected no step '%s' in\n%s", batch, lacks, plan.data);
	buf_release(&plan);
}

START_TEST(a_keyset_page_walks_the_key)
{
	check_plan("DECLARE @last bigint = 3; SELECT TOP (50) execution_id, folder_name, UPPER(package_name) FROM catalog.executions "
		   "WHERE execution_id < @last ORDER BY execution_id DESC",
	    "FROM execution", "SEARCH execution USING INTEGER PRIMARY KEY (rowid<?)", "TEMP B-TREE");
}
END_TEST

START_TEST(a_filter_and_a_page_use_the_index_on_both)
{
	check_plan("SELECT TOP 50 * FROM catalog.executions WHERE status = '4' AND execution_id < 100 ORDER BY execution_id DESC",
	    "FROM execution", "USING INDEX execution_status (status=? AND execution_id<?)", "TEMP B-TREE");
}
END_TEST

START_TEST(a_page_of_several_values_merges_their_indexes)
{
	check_plan("SELECT TOP 50 * FROM catalog.executions e WHERE e.status IN (4, 7) AND execution_id < 100 ORDER BY execution_id DESC",
	    "FROM execution", "MERGE (UNION ALL)", "TEMP B-TREE");
	check_plan("SELECT folder_name FROM catalog.executions WHERE status IN (4, 7, 2) ORDER BY execution_id OFFSET 0 ROWS FETCH NEXT 5 ROWS ONLY",
	    "FROM execution", "USING INDEX execution_status (status=?)", "TEMP B-TREE");
}
END_TEST

static void check_rows(const char *batch, const char *expected)
{
	struct buf got = BUF_INIT;

	fake_run(client, batch, &got);
	ck_assert_msg(strcmp(got.data, expected) == 0, "%s\nexpected\n%s\ngot\n%s", batch, expected, got.data);
	buf_release(&got);
}

/* Each against the same rows without TOP, which are not merged. */
START_TEST(merged_values_give_the_rows_of_the_list)
{
	static const char *const tails[] = {
		"WHERE status IN (7, 4) ORDER BY execution_id",
		"WHERE status IN (7, 4, 7, 4) ORDER BY execution_id DESC",
		"WHERE status IN (4, 99) AND folder_name IS NOT NULL ORDER BY execution_id",
		"WHERE execution_id > 0 AND (status IN (7) OR status IN (4, 2)) ORDER BY execution_id",
		"WHERE NOT status IN (4, 2) ORDER BY execution_id",
		"WHERE status IN (7, NULL, 4) ORDER BY execution_id",
		"WHERE status IN (7, 4) ORDER BY start_time, execution_id DESC",
		"WHERE status IN (7, 4) ORDER BY 2, 1",
		"WHERE status IN (7, 4) ORDER BY p DESC, execution_id",
		"WHERE status IN (7, 4) AND execution_id IN (SELECT x.execution_id FROM (SELECT TOP 9 execution_id FROM"
		" catalog.executions WHERE status IN (7, 4) ORDER BY execution_id) x) ORDER BY execution_id",
	};

	for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
		struct buf whole = BUF_INIT, sql = BUF_INIT;
		buf_addf(&sql, "SELECT execution_id, package_name AS p, status FROM catalog.executions %s", tails[i]);
		fake_run(client, sql.data, &whole);
		buf_clear(&sql);
		buf_addf(&sql, "SELECT TOP (100) execution_id, package_name AS p, status FROM catalog.executions %s", tails[i]);
		check_rows(sql.data, whole.data);
		buf_release(&whole);
		buf_release(&sql);
	}
}
END_TEST

START_TEST(names_are_found_through_the_case_blind_index)
{
	check_plan("SELECT * FROM catalog.folders WHERE name = N'FOLDER1'", "FROM folder", "SEARCH folder USING INDEX sqlite_autoindex_folder_1 (name=?)", NULL);
	check_plan("SELECT * FROM catalog.executions e WHERE e.folder_name IN ('folder1', 'x')", "FROM execution", "USING INDEX execution_folder", "SCAN");
}
END_TEST

START_TEST(joined_views_use_each_others_keys)
{
	check_plan("SELECT f.name, e.execution_id FROM catalog.executions e INNER JOIN catalog.folders f ON f.name = e.folder_name WHERE e.execution_id = 2",
	    "FROM execution", "SEARCH folder USING COVERING INDEX sqlite_autoindex_folder_1 (name=?)", "SCAN");
	check_plan("SELECT e.execution_id FROM catalog.folders f LEFT JOIN catalog.executions e ON e.folder_name = f.name WHERE f.folder_id = 1",
	    "FROM execution", "USING COVERING INDEX execution_folder", "SCAN");
}
END_TEST

START_TEST(a_view_named_twice_is_not_copied)
{
	check_plan("SELECT a.execution_id FROM catalog.executions a JOIN catalog.executions b ON b.execution_id = a.execution_id + 0 WHERE a.execution_id = 1",
	    "FROM execution", "SEARCH", "MATERIALIZE");
}
END_TEST

START_TEST(a_cte_lets_the_condition_through)
{
	check_plan("WITH e AS (SELECT execution_id id, status FROM catalog.executions) SELECT TOP 10 id FROM e WHERE id < 3 ORDER BY id DESC",
	    "FROM execution", "(rowid<?)", "TEMP B-TREE");
}
END_TEST

START_TEST(a_table_function_binds_its_argument)
{
	check_plan("SELECT * FROM catalog.dm_execution_performance_counters(2)", "FROM execution", "(rowid=?)", NULL);
}
END_TEST

START_TEST(a_statement_is_prepared_once)
{
	struct buf ignored = BUF_INIT;
	sqlite3_stmt *s = NULL;
	int n = 0;

	for (int i = 0; i < 20; i++) {
		char batch[200];
		snprintf(batch, sizeof(batch), "SELECT name FROM catalog.folders WHERE folder_id = %d", i);
		fake_run(client, batch, &ignored);
	}
	while ((s = sqlite3_next_stmt(fake_db(client), s)) != NULL)
		n += strstr(sqlite3_sql(s), "FROM folder") != NULL;
	ck_assert_int_eq(n, 1);
	buf_release(&ignored);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("tsql_select");
	TCase *t = tcase_create("select");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_keyset_page_walks_the_key);
	tcase_add_test(t, a_filter_and_a_page_use_the_index_on_both);
	tcase_add_test(t, names_are_found_through_the_case_blind_index);
	tcase_add_test(t, a_page_of_several_values_merges_their_indexes);
	tcase_add_test(t, merged_values_give_the_rows_of_the_list);
	tcase_add_test(t, joined_views_use_each_others_keys);
	tcase_add_test(t, a_view_named_twice_is_not_copied);
	tcase_add_test(t, a_cte_lets_the_condition_through);
	tcase_add_test(t, a_table_function_binds_its_argument);
	tcase_add_test(t, a_statement_is_prepared_once);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(suite)
