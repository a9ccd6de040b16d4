/* SPDX-License-Identifier: MIT */
/* What users ask of the queue: priorities, tags, limits, delays, pause, drain; and who may. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tests/catalog/client_fixture.h"

/* An account that every system has; only its name matters. */
#define ALICE "daemon"
#define SET "EXEC SSISDB.scaleout.set_execution %lld, "

static struct catalog *c;
static struct tsql_client *admin, *alice;
static char *path;
static struct err err;
static int64_t epoch;
static struct uuid w1;

static void setup(void)
{
	c = fixture_catalog(&path);
	admin = t_connect(path, NULL);
	t_deploy_project1(admin);
	t_run(admin, "CREATE LOGIN [" ALICE "] FROM WINDOWS; CREATE USER [" ALICE "] FOR LOGIN [" ALICE "];"
		     "ALTER ROLE ssis_cluster_executor ADD MEMBER [" ALICE "];"
		     "DECLARE @p int = DATABASE_PRINCIPAL_ID(N'" ALICE "'), @f bigint ="
		     " (SELECT folder_id FROM SSISDB.catalog.folders), @j bigint = (SELECT project_id FROM SSISDB.catalog.projects);"
		     "EXEC SSISDB.catalog.grant_permission 1, @f, @p, 1; EXEC SSISDB.catalog.grant_permission 2, @j, @p, 1;"
		     "EXEC SSISDB.catalog.grant_permission 2, @j, @p, 3");
	alice = t_connect(path, ALICE);
	w1 = fixture_worker(c, "w1");
	fixture_ok(queue_take_epoch(c, &epoch, &err), &err);
}

static void teardown(void)
{
	tsql_client_close(alice);
	tsql_client_close(admin);
	catalog_close(c);
	free(path);
}

static long long create(struct tsql_client *client)
{
	return t_int(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
			     " 'package1.dtsx', @runinscaleout = 1, @execution_id = @id OUT; SELECT @id");
}

static void start(struct tsql_client *client, long long id, int retries)
{
	t_run(client, "EXEC SSISDB.catalog.start_execution %lld, %d", id, retries);
}

static int assign(long long id, int attempt)
{
	return queue_assign(c, id, attempt, &w1, epoch, &err);
}

START_TEST(wishes_reach_the_lane_and_the_item)
{
	long long id = create(alice);
	struct queue_lane lane;

	t_run(alice, SET "N'priority', N'-5'", id);
	t_run(alice, SET "N'Tags', N' Oracle;gpu , GPU'", id);
	t_run(alice, SET "N'TimeLimit', N'90'", id);
	start(alice, id, 0);
	struct queue_items items = fixture_queue(c, &lane);
	ck_assert_uint_eq(items.len, 1);
	ck_assert_int_eq(items.items[0].time_limit_s, 90);
	ck_assert_int_eq(lane.priority, -5);
	ck_assert_str_eq(lane.tags, "gpu,oracle");
	ck_assert_int_eq(lane.folder_id, fixture_int(c, "SELECT folder_id FROM folder"));
	queue_items_release(&items);
	t_is(alice, "-5|gpu,oracle|90|a free slot of a worker with its tags",
	    "SELECT CONCAT(priority, '|', tags, '|', time_limit_s, '|',"
	    " REPLACE(waits_for, 'an allowed worker that is enabled and online',"
	    " 'a free slot of a worker with its tags')) FROM SSISDB.scaleout.queue");
}
END_TEST

START_TEST(a_priority_may_change_while_the_execution_waits_and_moves_it_to_another_lane)
{
	long long a = create(alice), b = create(alice);
	struct queue_lanes lanes;

	start(alice, a, 0);
	start(alice, b, 0);
	t_run(admin, SET "N'Priority', N'7'", b);
	fixture_ok(queue_lanes(c, &lanes, &err), &err);
	ck_assert_uint_eq(lanes.len, 2);
	ck_assert_int_eq(lanes.items[0].priority + lanes.items[1].priority, 7);
	queue_lanes_release(&lanes);
	fixture_ok(assign(b, 1), &err);
	fixture_ok(queue_lanes(c, &lanes, &err), &err);
	ck_assert_uint_eq(lanes.len, 1);
	queue_lanes_release(&lanes);
	t_fails(admin, 27101, SET "N'Priority', N'101'", a);
	t_fails(admin, 27101, SET "N'Colour', N'1'", a);
	t_fails(admin, 27101, SET "N'TimeLimit', N'soon'", a);
}
END_TEST

START_TEST(only_administrators_raise_a_priority_or_touch_what_is_not_theirs)
{
	long long own = create(alice), other = create(admin);

	t_fails(alice, 27219, SET "N'Priority', N'1'", own);
	t_run(alice, SET "N'Priority', N'0'", own);
	t_fails(alice, 27103, SET "N'Priority', N'-1'", other);
	t_fails(alice, 27219, "EXEC SSISDB.scaleout.pause_queue");
	t_fails(alice, 27219, "EXEC SSISDB.scaleout.resume_queue");
	t_fails(alice, 27219, "DECLARE @w uniqueidentifier = (SELECT WorkerAgentId FROM SSISDB.scaleout.workers);"
			      " EXEC SSISDB.scaleout.drain_worker @w, 0");
}
END_TEST

START_TEST(an_execution_that_runs_or_has_ended_takes_no_wishes)
{
	long long id = create(admin);
	struct queue_started s = { .time = clock_wall(), .machine_name = "m1" };

	start(admin, id, 0);
	fixture_ok(assign(id, 1), &err);
	fixture_ok(queue_started(c, id, 1, &s, &err), &err);
	t_fails(admin, 27121, SET "N'Priority', N'1'", id);
}
END_TEST

START_TEST(server_mode_takes_limits_but_no_tags)
{
	long long id = t_int(admin, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'folder1', 'project1',"
				    " 'package1.dtsx', @runinscaleout = 0, @execution_id = @id OUT; SELECT @id");

	t_run(admin, SET "N'TimeLimit', N'5'", id);
	t_fails(admin, 27101, SET "N'Tags', N'gpu'", id);
}
END_TEST

START_TEST(from_the_moment_the_queue_is_paused_nothing_is_given_out)
{
	long long id = create(alice);

	start(alice, id, 0);
	t_run(admin, "EXEC SSISDB.scaleout.pause_queue N'new disks'");
	t_is(alice, "new disks", "SELECT reason FROM SSISDB.scaleout.queue_state WHERE is_paused = 1");
	t_is(alice, "the queue is paused", "SELECT waits_for FROM SSISDB.scaleout.queue");
	ck_assert_int_eq(assign(id, 1), -ERR_BUSY);
	t_run(admin, "EXEC SSISDB.scaleout.resume_queue");
	t_is(alice, "0", "SELECT is_paused FROM SSISDB.scaleout.queue_state");
	fixture_ok(assign(id, 1), &err);
}
END_TEST

START_TEST(who_waits_for_busy_workers_is_told_so)
{
	struct queue_worker_state state = { .online = true, .error = "", .load_known = true, .cpu_percent = 97,
		.memory_free_kb = 4096, .held_back = "CPU" };
	static const char waits_for[] = "SELECT waits_for FROM SSISDB.scaleout.queue";

	start(alice, create(alice), 0);
	t_is(alice, "an allowed worker that is enabled and online", waits_for);
	fixture_ok(queue_worker_seen(c, &w1, &state, &err), &err);
	t_is(alice, "a worker with CPU and memory to spare", waits_for);
	t_is(alice, "CPU", "SELECT HeldBackBy FROM SSISDB.scaleout.workers");
	state.held_back = NULL;
	fixture_ok(queue_worker_seen(c, &w1, &state, &err), &err);
	t_is(alice, "a free slot", waits_for);
	t_is(alice, "1", "SELECT COUNT(*) FROM SSISDB.scaleout.workers WHERE HeldBackBy IS NULL AND CpuPercent = 97");
}
END_TEST

static void *drain(void *result)
{
	struct tsql_client *own = t_connect(path, NULL);

	*(int64_t *)result = t_int(own, "DECLARE @w uniqueidentifier = (SELECT WorkerAgentId FROM SSISDB.scaleout.workers),"
					" @left int, @r int; EXEC @r = SSISDB.scaleout.drain_worker @w, @running = @left OUT;"
					" SELECT @r * 100 + @left");
	tsql_client_close(own);
	return NULL;
}

START_TEST(a_drain_gives_the_worker_nothing_more_and_returns_when_nothing_is_left_there)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	long long running = create(admin), waiting = create(admin);
	pthread_t thread;
	int64_t result = -1;
	bool final;

	start(admin, running, 0);
	start(admin, waiting, 0);
	fixture_ok(assign(running, 1), &err);
	t_is(admin, "1", "DECLARE @w uniqueidentifier = (SELECT WorkerAgentId FROM SSISDB.scaleout.workers), @left int;"
			 " EXEC SSISDB.scaleout.drain_worker @w, 0, @left OUT; SELECT @left");
	t_is(admin, "draining", "SELECT State FROM SSISDB.scaleout.workers");
	ck_assert_int_eq(assign(waiting, 1), -ERR_BUSY);
	ck_assert_int_eq(pthread_create(&thread, NULL, drain, &result), 0);
	nanosleep(&pause, NULL);
	ck_assert_int_eq(result, -1);
	fixture_ok(queue_end(c, running, 1, QUEUE_SUCCEEDED, 0, clock_wall(), "", &final, &err), &err);
	pthread_join(thread, NULL);
	ck_assert_int_eq(result, 0);
	t_is(admin, "disabled", "SELECT State FROM SSISDB.scaleout.workers");
}
END_TEST

START_TEST(a_retry_waits_for_the_delay_that_was_asked_for)
{
	long long id = create(admin);
	struct queue_lane lane;
	struct queue_items items;
	int64_t next = 0, before = clock_wall();
	bool final;

	t_run(admin, SET "N'RetryDelay', N'600'", id);
	start(admin, id, 1);
	fixture_ok(assign(id, 1), &err);
	fixture_ok(queue_end(c, id, 1, QUEUE_FAILED, 1, clock_wall(), "", &final, &err), &err);
	ck_assert(!final);
	fixture_ok(queue_next_time(c, before, &next, &err), &err);
	ck_assert_int_ge(next, before + 600 * TICKS_PER_SECOND);
	items = fixture_queue(c, &lane);
	ck_assert_uint_eq(items.len, 1);
	ck_assert_mem_eq(&items.items[0].last_worker, &w1, sizeof(w1));
	queue_items_release(&items);
	fixture_ok(queue_pending(c, lane.lane_id, 0, clock_wall(), 10, &items, &err), &err);
	ck_assert_uint_eq(items.len, 0);
	queue_items_release(&items);
	t_is(admin, "its time", "SELECT waits_for FROM SSISDB.scaleout.queue");
}
END_TEST

/* Ends a first try in every way that is repeated, after or before a stop was asked for. */
START_TEST(no_retry_follows_a_stop)
{
	static const enum queue_outcome ends[] = { QUEUE_FAILED, QUEUE_LOST, QUEUE_STOPPED, QUEUE_NOT_STARTED };
	long long id;
	bool final;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		id = create(admin);
		start(admin, id, 5);
		fixture_ok(assign(id, 1), &err);
		t_run(admin, "EXEC SSISDB.catalog.stop_operation %lld", id);
		fixture_ok(queue_end(c, id, 1, ends[i], 1, clock_wall(), "", &final, &err), &err);
		ck_assert(final);
	}
	/* Between two tries it ends at once. */
	id = create(admin);
	start(admin, id, 5);
	fixture_ok(assign(id, 1), &err);
	fixture_ok(queue_end(c, id, 1, QUEUE_FAILED, 1, clock_wall(), "", &final, &err), &err);
	t_run(admin, "EXEC SSISDB.catalog.stop_operation %lld", id);
	t_is(admin, "3", "SELECT status FROM SSISDB.catalog.executions WHERE execution_id = %lld", id);
	ck_assert_int_eq(assign(id, 2), -ERR_BUSY);
	t_is(admin, "0", "SELECT count(*) FROM SSISDB.scaleout.queue");
	t_is(admin, "0", "SELECT count(*) FROM SSISDB.scaleout.execution_tries WHERE attempt > 1");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("catalog_requests");
	TCase *tcase = tcase_create("requests");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, wishes_reach_the_lane_and_the_item);
	tcase_add_test(tcase, a_priority_may_change_while_the_execution_waits_and_moves_it_to_another_lane);
	tcase_add_test(tcase, only_administrators_raise_a_priority_or_touch_what_is_not_theirs);
	tcase_add_test(tcase, an_execution_that_runs_or_has_ended_takes_no_wishes);
	tcase_add_test(tcase, server_mode_takes_limits_but_no_tags);
	tcase_add_test(tcase, from_the_moment_the_queue_is_paused_nothing_is_given_out);
	tcase_add_test(tcase, a_drain_gives_the_worker_nothing_more_and_returns_when_nothing_is_left_there);
	tcase_add_test(tcase, who_waits_for_busy_workers_is_told_so);
	tcase_add_test(tcase, a_retry_waits_for_the_delay_that_was_asked_for);
	tcase_add_test(tcase, no_retry_follows_a_stop);
	suite_add_tcase(suite, tcase);
	return suite;
}

TEST_MAIN(make_suite)
