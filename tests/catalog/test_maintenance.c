/* SPDX-License-Identifier: MIT */
/* Clean-up, startup, taps, and waiting for a synchronized execution. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/maintenance.h"
#include "catalog/session.h"
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

/* Batches of one kind until its round is over; returns how many there were. */
static int clean(enum maintenance_kind kind, int max)
{
	struct session by = { .catalog = c, .login = session_process_login() };
	struct maintenance_round round = { 0 };
	bool more = true;
	int turns = 0;

	for (; more; turns++)
		fixture_ok(maintenance_batch(&by, kind, &round, max, &more, &err), &err);
	ck_assert_int_eq(round.operation, 0);
	free(by.login);
	return turns;
}

#define CLEAN_UPS "FROM SSISDB.catalog.operations WHERE operation_type "
#define MESSAGE_OF "SELECT m.message FROM SSISDB.catalog.operation_messages m JOIN SSISDB.catalog.operations o" \
	" ON o.operation_id = m.operation_id WHERE o.operation_type = "

START_TEST(the_properties_rule_the_clean_up)
{
	struct maintenance m = { 0 };
	bool more;

	create("");
	create("");
	fixture_exec(c, "UPDATE operation SET created_time = 1 WHERE operation_type = 200");
	t_run(client, "EXEC SSISDB.catalog.configure_catalog 'OPERATION_CLEANUP_ENABLED', 'FALSE'");
	fixture_ok(maintenance_run(c, &m, 100, &more, &err), &err);
	t_run(client, "EXEC SSISDB.internal.cleanup_server_retention_window");
	t_is(client, "2", "SELECT count(*) FROM SSISDB.catalog.executions");
	t_run(client, "EXEC SSISDB.catalog.configure_catalog 'OPERATION_CLEANUP_ENABLED', 'TRUE'");
	t_run(client, "EXEC SSISDB.catalog.configure_catalog 'RETENTION_WINDOW', '-1'");
	fixture_ok(maintenance_run(c, &m, 100, &more, &err), &err);
	t_is(client, "2", "SELECT count(*) FROM SSISDB.catalog.executions");
	t_is(client, "0", "SELECT count(*) " CLEAN_UPS "IN (2, 3)");
	t_run(client, "EXEC SSISDB.catalog.configure_catalog 'RETENTION_WINDOW', '30'");
	fixture_exec(c, "UPDATE operation SET created_time = (SELECT max(created_time) FROM operation)"
			" - 28 * 864000000000 WHERE operation_id = (SELECT max(execution_id) FROM execution)");
	fixture_ok(maintenance_run(c, &m, 100, &more, &err), &err);
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.executions");
}
END_TEST

START_TEST(a_round_that_removes_something_is_an_operation_that_tells_what)
{
	for (int i = 0; i < 5; i++)
		create("");
	fixture_exec(c, "UPDATE operation SET created_time = 1 WHERE operation_type = 200");
	ck_assert_int_eq(clean(MAINTENANCE_OPERATIONS, 2), 3);
	t_is(client, "1", "SELECT count(*) " CLEAN_UPS "= 2 AND status = 7 AND object_id IS NULL AND object_name IS NULL"
			  " AND end_time IS NOT NULL AND caller_name = SUSER_SNAME()");
	t_is(client, "5 operations older than 365 days (RETENTION_WINDOW) were removed, with all that belonged to them.",
	    MESSAGE_OF "2");
	clean(MAINTENANCE_OPERATIONS, 2); /* nothing to do: no further operation */
	t_is(client, "1", "SELECT count(*) " CLEAN_UPS "= 2");
	t_run(client, "EXEC SSISDB.internal.cleanup_server_retention_window"); /* but who asks gets one */
	t_is(client, "2", "SELECT count(*) " CLEAN_UPS "= 2");
	t_run(client, "EXEC SSISDB.internal.cleanup_server_project_version");
	t_is(client, "1", "SELECT count(*) " CLEAN_UPS "= 3 AND status = 7");
}
END_TEST

START_TEST(a_round_that_fails_or_is_given_up_says_so)
{
	struct session by = { .catalog = c, .login = session_process_login() };
	struct maintenance_round round = { 0 };
	bool more;

	for (int i = 0; i < 5; i++)
		create("");
	fixture_exec(c, "UPDATE operation SET created_time = 1 WHERE operation_type = 200");
	fixture_ok(maintenance_batch(&by, MAINTENANCE_OPERATIONS, &round, 2, &more, &err), &err);
	ck_assert(more);
	t_is(client, "2", "SELECT status " CLEAN_UPS "= 2");
	fixture_exec(c, "CREATE TRIGGER full BEFORE DELETE ON operation BEGIN SELECT RAISE(ABORT, 'no'); END");
	ck_assert_int_lt(maintenance_batch(&by, MAINTENANCE_OPERATIONS, &round, 2, &more, &err), 0);
	ck_assert(!more && round.operation == 0);
	t_is(client, "4", "SELECT status " CLEAN_UPS "= 2");
	fixture_exec(c, "DROP TRIGGER full");
	t_is(client, "3", "SELECT count(*) FROM SSISDB.catalog.executions");
	fixture_ok(maintenance_batch(&by, MAINTENANCE_OPERATIONS, &round, 2, &more, &err), &err);
	fixture_ok(maintenance_abandon(&by, MAINTENANCE_OPERATIONS, &round, &err), &err);
	t_is(client, "3", "SELECT TOP 1 status " CLEAN_UPS "= 2 ORDER BY operation_id DESC");
	free(by.login);
}
END_TEST

#define MANY "10000"

/* Rows that one batch of 50 operations may write: what it deletes, its temporary keys, its operation. */
#define ROWS_OF_A_BATCH 3000

/* Of this thread: what others do on the machine is none of it. */
static int64_t cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

START_TEST(no_batch_of_many_rows_keeps_writers_out_for_long)
{
	struct session by = { .catalog = c, .login = session_process_login() };
	struct maintenance_round round = { 0 };
	int64_t began, longest = 0, all;
	struct catalog *other;
	bool more = true;
	int turns = 0;

	create(START);
	create(START);
	fixture_exec(c, "UPDATE operation SET status = 2, created_time = 1 WHERE operation_id ="
			" (SELECT max(execution_id) FROM execution)");
	fixture_exec(c, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " MANY ")"
			" INSERT INTO operation (operation_type, created_time, status, caller_name)"
			" SELECT 101, i, 7, 'someone' FROM n;"
			"INSERT INTO message (operation_id, message_time, message_type, source_type, message)"
			" SELECT operation_id, 1, 70, 20, 'm' FROM operation CROSS JOIN (VALUES (1), (2), (3))");
	fixture_ok(catalog_open(path, &other, &err), &err);
	sqlite3_busy_timeout(catalog_db(other), 0); /* a writer that does not wait */
	began = cpu_us();
	while (more) {
		int64_t rows = sqlite3_total_changes64(c->db), begin = cpu_us(), took;

		fixture_ok(maintenance_batch(&by, MAINTENANCE_OPERATIONS, &round, 50, &more, &err), &err);
		took = cpu_us() - begin;
		longest = took > longest ? took : longest;
		ck_assert_int_le(sqlite3_total_changes64(c->db) - rows, ROWS_OF_A_BATCH);
		fixture_exec(other, "UPDATE execution_value SET value_set = 1");
		turns++;
	}
	all = cpu_us() - began;
	ck_assert_int_ge(turns, 200);
	ck_assert_msg(longest < all / 4, "one batch took %lld of %lld us", (long long)longest, (long long)all);
	catalog_close(other);
	t_is(client, "2", "SELECT count(*) FROM SSISDB.catalog.executions");
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.executions WHERE status = 2");
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM operation WHERE caller_name = 'someone'"), 0);
	free(by.login);
}
END_TEST

static void redeploy(int times)
{
	struct buf archive = BUF_INIT;
	int64_t operation;

	for (int i = 0; i < times; i++) {
		buf_clear(&archive);
		t_project("project1", 2 - i % 2, &archive);
		fixture_ok(t_deploy(client, "folder1", "project1", archive.data, archive.len, &operation, &err),
		    &err);
	}
	buf_release(&archive);
}

START_TEST(versions_beyond_the_number_to_keep_go_but_never_a_needed_one)
{
	int64_t first = t_int(client, "SELECT object_version_lsn FROM SSISDB.catalog.projects");

	create(""); /* bound to the first version */
	redeploy(4);
	t_run(client, "EXEC SSISDB.catalog.configure_catalog 'MAX_PROJECT_VERSIONS', '2'");
	t_run(client, "EXEC SSISDB.catalog.configure_catalog 'VERSION_CLEANUP_ENABLED', 'FALSE'");
	clean(MAINTENANCE_VERSIONS, 1);
	t_is(client, "5", "SELECT count(*) FROM SSISDB.catalog.object_versions");
	t_run(client, "EXEC SSISDB.catalog.configure_catalog 'VERSION_CLEANUP_ENABLED', 'TRUE'");
	clean(MAINTENANCE_VERSIONS, 1);
	t_is(client, "3", "SELECT count(*) FROM SSISDB.catalog.object_versions");
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.object_versions WHERE object_version_lsn = %lld",
	    (long long)first);
	t_is(client, "2 versions were removed: of deleted projects, and beyond the 2 newest of each project"
		     " (MAX_PROJECT_VERSIONS).", MESSAGE_OF "3");
	t_run(client, "EXEC SSISDB.catalog.delete_project 'folder1', 'project1'");
	fixture_exec(c, "UPDATE operation SET status = 7");
	clean(MAINTENANCE_VERSIONS, 100);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM project_content"), 0);
}
END_TEST

START_TEST(what_becomes_needed_between_two_batches_of_versions_stays)
{
	struct session by = { .catalog = c, .login = session_process_login() };
	struct maintenance_round round = { 0 };
	int64_t second;
	bool more;

	redeploy(4);
	second = fixture_int(c, "SELECT version_lsn FROM project_version ORDER BY version_lsn LIMIT 1 OFFSET 1");
	t_run(client, "EXEC SSISDB.catalog.configure_catalog 'MAX_PROJECT_VERSIONS', '1'");
	fixture_ok(maintenance_batch(&by, MAINTENANCE_VERSIONS, &round, 1, &more, &err), &err);
	ck_assert(more);
	t_is(client, "4", "SELECT count(*) FROM SSISDB.catalog.object_versions");
	t_run(client, "EXEC SSISDB.catalog.restore_project 'folder1', 'project1', %lld", (long long)second);
	while (more)
		fixture_ok(maintenance_batch(&by, MAINTENANCE_VERSIONS, &round, 1, &more, &err), &err);
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.object_versions WHERE object_version_lsn = %lld",
	    (long long)second);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM project_version v WHERE NOT EXISTS"
					" (SELECT 1 FROM project_content f WHERE f.hash = v.hash)"), 0);
	free(by.login);
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

START_TEST(the_master_marks_what_a_crash_left_behind_once_it_runs)
{
	struct maintenance m = { 0 };
	bool more;

	fixture_exec(c, "UPDATE operation SET status = 2, process_id = 999999999, end_time = NULL, machine_name = 'elsewhere'");
	fixture_ok(maintenance_run(c, &m, 100, &more, &err), &err);
	t_is(client, "2", "SELECT status FROM SSISDB.catalog.operations WHERE operation_type = 101");
	fixture_exec(c, "UPDATE operation SET machine_name = NULL");
	m.repaired = false;
	fixture_ok(maintenance_run(c, &m, 100, &more, &err), &err);
	t_is(client, "6", "SELECT status FROM SSISDB.catalog.operations WHERE operation_type = 101");
	t_is(client, "The process that did this operation has vanished.",
	    "SELECT TOP 1 message FROM SSISDB.catalog.operation_messages WHERE message_type = 110");
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
	tcase_add_test(t, a_round_that_removes_something_is_an_operation_that_tells_what);
	tcase_add_test(t, a_round_that_fails_or_is_given_up_says_so);
	tcase_add_test(t, no_batch_of_many_rows_keeps_writers_out_for_long);
	tcase_add_test(t, what_becomes_needed_between_two_batches_of_versions_stays);
	tcase_add_test(t, versions_beyond_the_number_to_keep_go_but_never_a_needed_one);
	tcase_add_test(t, the_log_is_not_cleaned_while_something_runs);
	tcase_add_test(t, startup_marks_the_operations_of_vanished_processes);
	tcase_add_test(t, the_master_marks_what_a_crash_left_behind_once_it_runs);
	tcase_add_test(t, taps_are_kept_until_the_start);
	tcase_add_test(t, a_synchronized_start_returns_when_the_execution_has_ended);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(maintenance_suite)
