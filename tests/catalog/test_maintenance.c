/* SPDX-License-Identifier: MIT */
/* Clean-up, startup, taps, and waiting for a synchronized execution. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/maintenance.h"
#include "package/event.h"
#include "tests/catalog/client_fixture.h"

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

static int64_t create(const char *more)
{
	return t_int(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			     " 'package1.dtsx', @execution_id=@id OUT; %s SELECT @id", more);
}

/* Run an execution to its end, with everything that a run leaves. */
static void run_through(int64_t id, int64_t epoch)
{
	static const struct uuid local;
	struct queue_started s = { .time = clock_wall() };
	struct buf b = BUF_INIT;
	struct event events[] = {
		{ .seq = 1, .kind = EVENT_KIND_MESSAGE, .type = EVENT_ERROR, .message = "m" },
		{ .seq = 2, .kind = EVENT_KIND_CONTEXT, .property_name = "p" },
		{ .seq = 3, .kind = EVENT_KIND_EXECUTABLE, .source_name = "T", .package_path = "\\Package" },
		{ .seq = 4, .kind = EVENT_KIND_STATISTICS, .executable_path = "\\Package" },
		{ .seq = 5, .kind = EVENT_KIND_PHASE, .phase = "Validate" },
		{ .seq = 6, .kind = EVENT_KIND_DATA, .rows_sent = 5 },
	};
	int64_t seq;
	bool final;

	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		event_encode(&events[i], &b);
	fixture_ok(queue_assign(c, id, 1, &local, epoch, &err), &err);
	fixture_ok(queue_started(c, id, 1, &s, &err), &err);
	fixture_ok(queue_events(c, id, 1, 1, b.data, b.len, &seq, &err), &err);
	fixture_ok(queue_end(c, id, 1, QUEUE_FAILED, 1, clock_wall(), "", &final, &err), &err);
	ck_assert(final);
	buf_release(&b);
}

#define START "EXEC SSISDB.catalog.start_execution @id;"

START_TEST(old_operations_go_with_all_that_belongs_to_them)
{
	static const char *const tables[] = { "operation", "execution", "execution_value", "execution_try",
		"message", "message_context", "executable", "executable_statistics", "component_phase",
		"data_statistics", "data_tap", "property_override" };
	int64_t epoch;
	bool more;

	fixture_ok(queue_take_epoch(c, &epoch, &err), &err);
	run_through(create("EXEC SSISDB.catalog.add_data_tap @id, '\\Package\\D', 'Paths[a.b]', 'f.csv';"
			   "EXEC SSISDB.catalog.set_execution_property_override_value @id,"
			   " '\\Package.Properties[X]', 'y', 0;" START),
	    epoch);
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		char *sql = xasprintf("SELECT count(*) FROM %s", tables[i]);

		ck_assert_msg(fixture_int(c, sql) > 0, "%s", tables[i]);
		free(sql);
	}
	fixture_ok(maintenance_operations(c, clock_wall(), 100, &more, &err), &err);
	ck_assert(!more);
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		char *sql = xasprintf("SELECT count(*) FROM %s", tables[i]);

		ck_assert_msg(fixture_int(c, sql) == 0, "%s", tables[i]);
		free(sql);
	}
	ck_assert_int_eq(fixture_int(c, "SELECT sum(executions) FROM status_count"), 0);
}
END_TEST

START_TEST(clean_up_takes_small_batches_and_leaves_what_is_active_or_young)
{
	int64_t young;
	bool more;

	create(START);
	for (int i = 0; i < 5; i++)
		create("");
	fixture_exec(c, "UPDATE operation SET created_time = 1");
	young = create("");
	fixture_ok(maintenance_operations(c, 2, 4, &more, &err), &err);
	ck_assert(more);
	fixture_ok(maintenance_operations(c, 2, 4, &more, &err), &err);
	ck_assert(!more);
	t_is(client, "2", "SELECT count(*) FROM SSISDB.catalog.executions");
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.executions WHERE execution_id = %lld",
	    (long long)young);
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.executions WHERE status = 5");
}
END_TEST

START_TEST(an_operation_with_very_many_messages_goes_in_parts)
{
	bool more = true;
	int turns = 0;

	create("");
	fixture_exec(c, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
			" INSERT INTO message (operation_id, message_time, message_type, source_type, message)"
			" SELECT (SELECT max(operation_id) FROM operation), 1, 70, 20, 'm' FROM n");
	fixture_exec(c, "UPDATE operation SET created_time = 1");
	while (more) {
		int64_t before = fixture_int(c, "SELECT count(*) FROM message");

		fixture_ok(maintenance_operations(c, 2, 10, &more, &err), &err);
		ck_assert_int_le(before - fixture_int(c, "SELECT count(*) FROM message"), 250);
		turns++;
	}
	ck_assert_int_ge(turns, 4);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM message"), 0);
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.executions");
}
END_TEST

START_TEST(the_properties_rule_the_clean_up)
{
	bool more;

	create("");
	fixture_exec(c, "UPDATE operation SET created_time = 1");
	t_run(client, "EXEC SSISDB.catalog.configure_catalog 'OPERATION_CLEANUP_ENABLED', 'FALSE'");
	fixture_ok(maintenance_run(c, 100, &more, &err), &err);
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.executions");
	t_run(client, "EXEC SSISDB.catalog.configure_catalog 'OPERATION_CLEANUP_ENABLED', 'TRUE'");
	fixture_ok(maintenance_run(c, 100, &more, &err), &err);
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.executions");
}
END_TEST

START_TEST(versions_beyond_the_number_to_keep_go_but_never_a_needed_one)
{
	struct buf archive = BUF_INIT;
	int64_t operation, first = t_int(client, "SELECT object_version_lsn FROM SSISDB.catalog.projects");

	create(""); /* bound to the first version */
	for (int i = 0; i < 4; i++) {
		buf_clear(&archive);
		t_project("project1", 2 - i % 2, &archive);
		fixture_ok(t_deploy(client, "folder1", "project1", archive.data, archive.len, &operation, &err),
		    &err);
	}
	buf_release(&archive);
	fixture_ok(maintenance_versions(c, 2, &err), &err);
	t_is(client, "3", "SELECT count(*) FROM SSISDB.catalog.object_versions");
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.object_versions WHERE object_version_lsn = %lld",
	    (long long)first);
	t_run(client, "EXEC SSISDB.catalog.delete_project 'folder1', 'project1'");
	fixture_exec(c, "UPDATE operation SET status = 7");
	fixture_ok(maintenance_versions(c, 2, &err), &err);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM project_content"), 0);
}
END_TEST

START_TEST(the_log_is_not_cleaned_while_something_runs)
{
	create(START);
	t_fails(client, 27139, "EXEC SSISDB.catalog.cleanup_server_log");
	fixture_exec(c, "UPDATE operation SET status = 7; UPDATE execution SET queued = 0");
	t_run(client, "EXEC [SSISDB].[internal].[cleanup_server_log]");
	t_is(client, "0", "SELECT count(*) FROM SSISDB.catalog.operations");
	t_fails(client, 27101, "EXEC SSISDB.catalog.cleanup_server_execution_keys 3");
	t_run(client, "EXEC SSISDB.catalog.cleanup_server_execution_keys 1, 100");
}
END_TEST

START_TEST(startup_marks_the_operations_of_vanished_processes)
{
	fixture_exec(c, "UPDATE operation SET status = 2, process_id = 999999999, end_time = NULL");
	create(START);
	t_run(client, "EXEC SSISDB.catalog.startup");
	t_is(client, "6", "SELECT status FROM SSISDB.catalog.operations WHERE operation_type = 101");
	t_is(client, "5", "SELECT status FROM SSISDB.catalog.operations WHERE operation_type = 200");
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.operations WHERE operation_type = 1");
}
END_TEST

START_TEST(taps_are_kept_until_the_start)
{
	int64_t id = create("");

	t_run(client, "EXEC SSISDB.catalog.add_data_tap %lld, '\\Package\\D', 'Paths[a.b]', 'f.csv', 10",
	    (long long)id);
	t_fails(client, 27213, "EXEC SSISDB.catalog.add_data_tap %lld, '\\Package\\D', 'Paths[a.b]', 'g.csv'",
	    (long long)id);
	t_fails(client, 27216, "EXEC SSISDB.catalog.add_data_tap %lld, '\\Package\\D', 'Paths[c.d]', 'g.csv', -1",
	    (long long)id);
	t_run(client, "EXEC SSISDB.catalog.add_data_tap_by_guid %lld,"
		      " '{11111111-2222-3333-4444-555555555555}', 'Paths[a.b]', 'h.csv'", (long long)id);
	t_is(client, "2", "SELECT count(*) FROM SSISDB.catalog.execution_data_taps");
	t_run(client, "EXEC SSISDB.catalog.remove_data_tap 1");
	t_fails(client, 27215, "EXEC SSISDB.catalog.remove_data_tap 1");
	t_run(client, "EXEC SSISDB.catalog.start_execution %lld", (long long)id);
	t_fails(client, 27212, "EXEC SSISDB.catalog.remove_data_tap 2");
}
END_TEST

/* --- SYNCHRONIZED --- */

static void *start_synchronized(void *result)
{
	struct tsql_client *own = t_connect(path, NULL);
	struct err own_err;

	*(int *)result = tsql_client_run(own,
	    "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1', 'package1.dtsx',"
	    " @execution_id=@id OUT; EXEC SSISDB.catalog.set_execution_parameter_value @id, 50,"
	    " 'SYNCHRONIZED', 1; " START,
	    NULL, 0, NULL, &own_err);
	tsql_client_close(own);
	return NULL;
}

START_TEST(a_synchronized_start_returns_when_the_execution_has_ended)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	struct queue_items items = { 0 };
	int64_t epoch;
	pthread_t thread;
	int result = 1;

	fixture_ok(queue_take_epoch(c, &epoch, &err), &err);
	ck_assert_int_eq(pthread_create(&thread, NULL, start_synchronized, &result), 0);
	while (items.len == 0) { /* the case's own timeout is the deadline */
		nanosleep(&pause, NULL);
		items = fixture_queue(c, NULL);
	}
	ck_assert_int_eq(result, 1);
	run_through(items.items[0].execution_id, epoch);
	queue_items_release(&items);
	pthread_join(thread, NULL);
	ck_assert_int_eq(result, 0);
}
END_TEST

static Suite *maintenance_suite(void)
{
	Suite *s = suite_create("catalog maintenance");
	TCase *t = tcase_create("maintenance");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, old_operations_go_with_all_that_belongs_to_them);
	tcase_add_test(t, clean_up_takes_small_batches_and_leaves_what_is_active_or_young);
	tcase_add_test(t, an_operation_with_very_many_messages_goes_in_parts);
	tcase_add_test(t, the_properties_rule_the_clean_up);
	tcase_add_test(t, versions_beyond_the_number_to_keep_go_but_never_a_needed_one);
	tcase_add_test(t, the_log_is_not_cleaned_while_something_runs);
	tcase_add_test(t, startup_marks_the_operations_of_vanished_processes);
	tcase_add_test(t, taps_are_kept_until_the_start);
	tcase_add_test(t, a_synchronized_start_returns_when_the_execution_has_ended);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(maintenance_suite)
