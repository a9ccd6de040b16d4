/* SPDX-License-Identifier: MIT */
/* The execution queue: the life cycle with retries, stops and losses, fencing, and event batches that repeat. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "package/event.h"
#include "tests/catalog/fixture.h"

static struct catalog *c;
static char *path;
static struct err err;
static struct uuid w1, w2;
static int64_t epoch;

static void setup(void)
{
	c = fixture_catalog(&path);
	w1 = fixture_worker(c, "w1");
	w2 = fixture_worker(c, "w2");
	fixture_ok(queue_take_epoch(c, &epoch, &err), &err);
}

static void teardown(void)
{
	catalog_close(c);
	free(path);
}

static int64_t status_of(int64_t id)
{
	char *sql = xasprintf("SELECT status FROM operation WHERE operation_id = %lld", (long long)id);
	int64_t status = fixture_int(c, sql);

	free(sql);
	return status;
}

static int64_t execution_int(int64_t id, const char *column)
{
	char *sql = xasprintf("SELECT %s FROM execution WHERE execution_id = %lld", column,
	    (long long)id);
	int64_t value = fixture_int(c, sql);

	free(sql);
	return value;
}

static void assign(int64_t id, int attempt, const struct uuid *worker)
{
	fixture_ok(queue_assign(c, id, attempt, worker, epoch, &err), &err);
}

static void start(int64_t id, int attempt)
{
	struct queue_started s = { .time = clock_wall(), .process_id = 4711, .machine_name = "m1",
		.cpu_count = 4, .memory_total_kb = 1000, .memory_free_kb = 500 };

	fixture_ok(queue_started(c, id, attempt, &s, &err), &err);
}

static bool end(int64_t id, int attempt, enum queue_outcome outcome)
{
	bool final = false;

	fixture_ok(queue_end(c, id, attempt, outcome, outcome == QUEUE_SUCCEEDED ? 0 : 1,
		       clock_wall(), "", &final, &err),
	    &err);
	return final;
}

static size_t pending_count(void)
{
	struct queue_items items = fixture_queue(c, NULL);
	size_t count = items.len;

	queue_items_release(&items);
	return count;
}

/* Lines of messages from..to. */
static void lines(struct buf *out, int64_t from, int64_t to)
{
	for (int64_t seq = from; seq <= to; seq++) {
		char text[32];
		struct event e = { .seq = seq, .kind = EVENT_KIND_MESSAGE, .time = clock_wall(),
			.type = EVENT_INFORMATION, .source_type = EVENT_SOURCE_PACKAGE,
			.message = text, .event_name = "OnInformation",
			.package_name = "package1.dtsx", .source_name = "package1",
			.package_path = "\\Package", .execution_path = "\\Package" };

		snprintf(text, sizeof(text), "message %lld", (long long)seq);
		event_encode(&e, out);
	}
}

static int send(int64_t id, int attempt, int64_t from, int64_t to, int64_t *ret_seq)
{
	struct buf b = BUF_INIT;
	int r;

	lines(&b, from, to);
	r = queue_events(c, id, attempt, from, b.data, b.len, ret_seq, &err);
	buf_release(&b);
	return r;
}

START_TEST(a_pending_execution_is_assigned_started_and_succeeds)
{
	int64_t id = fixture_pending(c, 0);
	struct queue_lane lane;
	struct queue_items items = fixture_queue(c, &lane);

	ck_assert_uint_eq(items.len, 1);
	ck_assert_int_eq(items.items[0].execution_id, id);
	ck_assert_int_eq(items.items[0].attempt, 1);
	ck_assert(lane.any_worker && !lane.local && lane.priority == 0);
	ck_assert(!items.items[0].retries_left);
	queue_items_release(&items);
	assign(id, 1, &w1);
	ck_assert_uint_eq(pending_count(), 0);
	ck_assert_int_eq(status_of(id), 5);
	start(id, 1);
	ck_assert_int_eq(status_of(id), 2);
	ck_assert_int_eq(execution_int(id, "executed_count"), 1);
	ck_assert(end(id, 1, QUEUE_SUCCEEDED));
	ck_assert_int_eq(status_of(id), 7);
}
END_TEST

START_TEST(pending_executions_come_oldest_first_and_in_pages)
{
	int64_t first = fixture_pending(c, 0);
	int64_t second = fixture_pending(c, 0);
	struct queue_lane lane;
	struct queue_items items = fixture_queue(c, &lane);

	ck_assert_uint_eq(items.len, 2);
	queue_items_release(&items);
	fixture_ok(queue_pending(c, lane.lane_id, 0, INT64_MAX, 1, &items, &err), &err);
	ck_assert_uint_eq(items.len, 1);
	ck_assert_int_eq(items.items[0].execution_id, first);
	queue_items_release(&items);
	fixture_ok(queue_pending(c, lane.lane_id, first, INT64_MAX, 10, &items, &err), &err);
	ck_assert_uint_eq(items.len, 1);
	ck_assert_int_eq(items.items[0].execution_id, second);
	queue_items_release(&items);
}
END_TEST

START_TEST(listed_workers_are_given_with_the_lane)
{
	int64_t id = fixture_pending(c, 0);
	struct queue_items items;
	struct queue_lane lane;
	char text[UUID_TEXT_LEN + 1];
	char *sql;

	uuid_format(&w2, true, text);
	sql = xasprintf("INSERT INTO execution_worker VALUES (%lld, '%s');"
			"UPDATE execution SET any_worker = 0, queued = 1",
	    (long long)id, text);
	fixture_exec(c, sql);
	free(sql);
	items = fixture_queue(c, &lane);
	ck_assert(!lane.any_worker);
	ck_assert_str_eq(lane.workers, text);
	queue_items_release(&items);
}
END_TEST

START_TEST(nobody_can_take_an_execution_twice)
{
	int64_t id = fixture_pending(c, 0);

	assign(id, 1, &w1);
	ck_assert_int_eq(queue_assign(c, id, 1, &w2, epoch, &err), -ERR_BUSY);
	ck_assert_int_eq(queue_assign(c, id, 2, &w2, epoch, &err), -ERR_BUSY);
}
END_TEST

START_TEST(a_failed_try_goes_back_to_pending_while_tries_are_left)
{
	int64_t id = fixture_pending(c, 1);
	struct queue_items items;

	assign(id, 1, &w1);
	start(id, 1);
	ck_assert(!end(id, 1, QUEUE_FAILED));
	ck_assert_int_eq(status_of(id), 5);
	items = fixture_queue(c, NULL);
	ck_assert_uint_eq(items.len, 1);
	ck_assert_int_eq(items.items[0].attempt, 2);
	ck_assert(!items.items[0].retries_left);
	ck_assert_int_gt(execution_int(id, "not_before"), 0);
	ck_assert_mem_eq(&items.items[0].last_worker, &w1, sizeof(w1));
	queue_items_release(&items);
	assign(id, 2, &w2);
	start(id, 2);
	ck_assert_int_eq(status_of(id), 2);
	ck_assert(end(id, 2, QUEUE_FAILED));
	ck_assert_int_eq(status_of(id), 4);
	ck_assert_int_eq(execution_int(id, "executed_count"), 2);
}
END_TEST

START_TEST(a_lost_try_without_retries_ends_unexpectedly_and_says_so)
{
	int64_t id = fixture_pending(c, 0);

	assign(id, 1, &w1);
	start(id, 1);
	ck_assert(end(id, 1, QUEUE_LOST));
	ck_assert_int_eq(status_of(id), 6);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM message WHERE message_type = 120 AND"
					" source_type = 20 AND message LIKE '%w1%unexpectedly%'"),
	    1);
}
END_TEST

START_TEST(a_try_that_never_started_waits_again_under_its_number)
{
	int64_t id = fixture_pending(c, 0);

	assign(id, 1, &w1);
	ck_assert(!end(id, 1, QUEUE_NOT_STARTED));
	ck_assert_uint_eq(pending_count(), 1);
	ck_assert(!end(id, 1, QUEUE_NOT_STARTED)); /* repeated */
	assign(id, 1, &w2);
	start(id, 1);
	ck_assert_int_eq(execution_int(id, "executed_count"), 1);
}
END_TEST

START_TEST(repeating_started_and_end_changes_nothing)
{
	int64_t id = fixture_pending(c, 3);

	assign(id, 1, &w1);
	start(id, 1);
	start(id, 1);
	ck_assert_int_eq(execution_int(id, "executed_count"), 1);
	ck_assert(end(id, 1, QUEUE_SUCCEEDED));
	ck_assert(end(id, 1, QUEUE_LOST));
	start(id, 1);
	ck_assert_int_eq(status_of(id), 7);
	ck_assert_int_eq(execution_int(id, "executed_count"), 1);
}
END_TEST

START_TEST(a_stop_is_returned_for_cancelling_and_ends_without_further_tries)
{
	int64_t id = fixture_pending(c, 5);
	struct queue_tries tries;

	assign(id, 1, &w1);
	start(id, 1);
	fixture_exec(c, "UPDATE operation SET status = 8");
	fixture_ok(queue_stopping(c, &tries, &err), &err);
	ck_assert_uint_eq(tries.len, 1);
	ck_assert_int_eq(tries.items[0].execution_id, id);
	ck_assert(tries.items[0].stopping && tries.items[0].started && !tries.items[0].retries_left);
	queue_tries_release(&tries);
	ck_assert(end(id, 1, QUEUE_STOPPED));
	ck_assert_int_eq(status_of(id), 3);
	ck_assert_uint_eq(pending_count(), 0);
}
END_TEST

START_TEST(a_stop_of_a_waiting_execution_ends_it_at_once)
{
	int64_t id = fixture_pending(c, 0);
	struct queue_tries tries;

	fixture_exec(c, "UPDATE operation SET status = 8");
	fixture_ok(queue_stopping(c, &tries, &err), &err);
	ck_assert_uint_eq(tries.len, 0);
	queue_tries_release(&tries);
	ck_assert_int_eq(status_of(id), 3);
	ck_assert_uint_eq(pending_count(), 0);
}
END_TEST

START_TEST(a_stop_wins_over_a_retry)
{
	int64_t id = fixture_pending(c, 5);

	assign(id, 1, &w1);
	start(id, 1);
	fixture_exec(c, "UPDATE operation SET status = 8");
	ck_assert(end(id, 1, QUEUE_FAILED));
	ck_assert_int_eq(status_of(id), 4);
	ck_assert_uint_eq(pending_count(), 0);
}
END_TEST

START_TEST(an_older_master_can_write_nothing)
{
	int64_t id = fixture_pending(c, 0);
	struct queue_started s = { .time = clock_wall() };
	struct catalog *other = NULL;
	struct queue_tries tries;
	int64_t newer, seq;
	bool final;

	assign(id, 1, &w1);
	fixture_ok(catalog_open(path, &other, &err), &err);
	fixture_ok(queue_take_epoch(other, &newer, &err), &err);
	ck_assert_int_gt(newer, epoch);
	ck_assert_int_eq(queue_started(c, id, 1, &s, &err), -ERR_DENIED);
	ck_assert_int_eq(send(id, 1, 1, 1, &seq), -ERR_DENIED);
	ck_assert_int_eq(queue_end(c, id, 1, QUEUE_FAILED, 1, 1, "", &final, &err), -ERR_DENIED);
	ck_assert_int_eq(queue_note(c, id, EVENT_WARNING, "x", &err), -ERR_DENIED);
	ck_assert_int_eq(queue_stopping(c, &tries, &err), -ERR_DENIED);
	ck_assert_int_eq(queue_batch_begin(c, &err), -ERR_DENIED);
	ck_assert_int_eq(queue_worker_block(c, &w1, "x", &err), -ERR_DENIED);
	ck_assert_int_eq(queue_master_beat(c, "m", 1, &err), -ERR_DENIED);
	fixture_ok(queue_started(other, id, 1, &s, &err), &err);
	catalog_close(other);
}
END_TEST

START_TEST(an_assignment_under_a_stale_epoch_is_refused)
{
	int64_t id = fixture_pending(c, 0);

	ck_assert_int_eq(queue_assign(c, id, 1, &w1, epoch - 1, &err), -ERR_DENIED);
	ck_assert_uint_eq(pending_count(), 1);
}
END_TEST

START_TEST(overlapping_event_batches_store_each_message_once)
{
	int64_t id = fixture_pending(c, 0), seq = 0;

	assign(id, 1, &w1);
	fixture_ok(send(id, 1, 1, 5, &seq), &err);
	ck_assert_int_eq(seq, 5);
	fixture_ok(send(id, 1, 1, 5, &seq), &err);
	fixture_ok(send(id, 1, 3, 9, &seq), &err);
	ck_assert_int_eq(seq, 9);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM message"), 9);
	ck_assert_int_eq(fixture_int(c, "SELECT count(DISTINCT message) FROM message"), 9);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM source"), 1);
	fixture_ok(queue_committed_seq(c, id, 1, &seq, &err), &err);
	ck_assert_int_eq(seq, 9);
}
END_TEST

START_TEST(a_gap_between_batches_or_inside_one_stores_nothing)
{
	int64_t id = fixture_pending(c, 0), seq = 0;
	struct buf b = BUF_INIT;

	assign(id, 1, &w1);
	fixture_ok(send(id, 1, 1, 2, &seq), &err);
	ck_assert_int_eq(send(id, 1, 4, 6, &seq), -ERR_INVALID);
	lines(&b, 3, 3);
	lines(&b, 5, 5);
	ck_assert_int_eq(queue_events(c, id, 1, 3, b.data, b.len, &seq, &err), -ERR_INVALID);
	buf_clear(&b);
	lines(&b, 3, 4);
	ck_assert_int_eq(queue_events(c, id, 1, 3, b.data, b.len - 1, &seq, &err), -ERR_INVALID);
	buf_release(&b);
	ck_assert_int_eq(seq, 2);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM message"), 2);
	fixture_ok(queue_committed_seq(c, id, 1, &seq, &err), &err);
	ck_assert_int_eq(seq, 2);
}
END_TEST

START_TEST(an_unreadable_line_becomes_a_warning_and_holds_up_nothing)
{
	int64_t id = fixture_pending(c, 0), seq = 0;
	struct buf b = BUF_INIT;

	assign(id, 1, &w1);
	lines(&b, 1, 1);
	buf_adds(&b, "{\"s\":2,\x01 garbage\n");
	lines(&b, 3, 3);
	fixture_ok(queue_events(c, id, 1, 1, b.data, b.len, &seq, &err), &err);
	ck_assert_int_eq(seq, 3);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM message WHERE message_type = 110"), 1);
	buf_release(&b);
}
END_TEST

START_TEST(executables_statistics_and_contexts_are_linked)
{
	int64_t id = fixture_pending(c, 1), seq = 0;
	struct buf b = BUF_INIT;
	struct event x = { .seq = 1, .kind = EVENT_KIND_EXECUTABLE, .time = 1,
		.package_name = "package1.dtsx", .source_name = "Task", .source_id = "{1}",
		.package_path = "\\Package\\Task" };
	struct event t = { .seq = 2, .kind = EVENT_KIND_STATISTICS, .package_name = "package1.dtsx",
		.executable_path = "\\Package\\Task", .execution_path = "\\Package\\Task",
		.start_time = 10, .end_time = 20, .duration_ms = 1, .property_value = "int:5" };
	struct event m = { .seq = 3, .kind = EVENT_KIND_MESSAGE, .time = 1, .type = EVENT_ERROR,
		.message = "boom", .event_name = "OnError" };
	struct event k = { .seq = 4, .kind = EVENT_KIND_CONTEXT, .depth = 1, .context_type = 10,
		.property_name = "p", .property_value = "v" };

	assign(id, 1, &w1);
	event_encode(&x, &b);
	event_encode(&t, &b);
	event_encode(&m, &b);
	fixture_ok(queue_events(c, id, 1, 1, b.data, b.len, &seq, &err), &err);
	buf_clear(&b);
	event_encode(&k, &b); /* its message came in the batch before */
	fixture_ok(queue_events(c, id, 1, 4, b.data, b.len, &seq, &err), &err);
	buf_release(&b);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM executable_statistics s JOIN executable x"
					" USING (executable_id) JOIN source USING (source_id)"
					" WHERE name = 'Task' AND s.value = 'int:5'"),
	    1);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM message_context JOIN message"
					" USING (message_id) WHERE message = 'boom'"),
	    1);
}
END_TEST

START_TEST(a_batch_is_one_commit_and_a_rollback_undoes_it_whole)
{
	int64_t id = fixture_pending(c, 0), seq = 0;

	assign(id, 1, &w1);
	fixture_ok(queue_batch_begin(c, &err), &err);
	start(id, 1);
	fixture_ok(send(id, 1, 1, 3, &seq), &err);
	queue_batch_rollback(c);
	ck_assert_int_eq(status_of(id), 5);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM message"), 0);
	fixture_ok(queue_batch_begin(c, &err), &err);
	fixture_ok(send(id, 1, 1, 3, &seq), &err);
	fixture_ok(queue_batch_commit(c, &err), &err);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM message JOIN source USING (source_id)"), 3);
}
END_TEST

START_TEST(a_failed_call_inside_a_batch_undoes_only_itself)
{
	int64_t id = fixture_pending(c, 0), seq = 0;

	assign(id, 1, &w1);
	fixture_ok(queue_batch_begin(c, &err), &err);
	fixture_ok(send(id, 1, 1, 3, &seq), &err);
	ck_assert_int_eq(send(id, 1, 9, 9, &seq), -ERR_INVALID);
	fixture_ok(queue_batch_commit(c, &err), &err);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM message"), 3);
}
END_TEST

START_TEST(open_tries_are_found_by_worker)
{
	int64_t a = fixture_pending(c, 1), b = fixture_pending(c, 0);
	struct queue_tries tries;

	assign(a, 1, &w1);
	assign(b, 1, &w2);
	fixture_ok(queue_open_tries(c, NULL, &tries, &err), &err);
	ck_assert_uint_eq(tries.len, 2);
	queue_tries_release(&tries);
	fixture_ok(queue_open_tries(c, &w1, &tries, &err), &err);
	ck_assert_uint_eq(tries.len, 1);
	ck_assert_int_eq(tries.items[0].execution_id, a);
	ck_assert(!tries.items[0].started && tries.items[0].retries_left);
	ck_assert_int_eq(tries.items[0].epoch, epoch);
	queue_tries_release(&tries);
}
END_TEST

START_TEST(another_spool_marks_the_open_tries_of_its_worker)
{
	int64_t a = fixture_pending(c, 1), b = fixture_pending(c, 0), d = fixture_pending(c, 0);
	struct queue_tries tries;
	bool replaced = true;

	fixture_ok(queue_worker_spool(c, &w1, "one", &replaced, &err), &err);
	ck_assert(!replaced);
	assign(a, 1, &w1);
	assign(b, 1, &w2);
	fixture_ok(queue_worker_spool(c, &w1, "one", &replaced, &err), &err);
	ck_assert(!replaced);
	fixture_ok(queue_worker_spool(c, &w1, "two", &replaced, &err), &err);
	ck_assert(replaced);
	assign(d, 1, &w1);
	fixture_ok(queue_open_tries(c, NULL, &tries, &err), &err);
	ck_assert_uint_eq(tries.len, 3);
	for (size_t i = 0; i < tries.len; i++)
		ck_assert_int_eq(tries.items[i].spool_lost, tries.items[i].execution_id == a);
	queue_tries_release(&tries);
}
END_TEST

START_TEST(counters_follow_the_states)
{
	int64_t id = fixture_pending(c, 0);

	ck_assert_int_eq(fixture_int(c, "SELECT executions FROM status_count WHERE status = 5"), 1);
	assign(id, 1, &w1);
	start(id, 1);
	ck_assert_int_eq(fixture_int(c, "SELECT executions FROM status_count WHERE status = 5"), 0);
	ck_assert_int_eq(fixture_int(c, "SELECT executions FROM status_count WHERE status = 2"), 1);
	end(id, 1, QUEUE_SUCCEEDED);
	ck_assert_int_eq(fixture_int(c, "SELECT executions FROM status_count WHERE status = 7"), 1);
	ck_assert_int_eq(fixture_int(c, "SELECT sum(executions) FROM status_count"), 1);
}
END_TEST

START_TEST(workers_are_listed_after_the_local_one_and_remember_hello)
{
	struct queue_worker_state state = { .online = true, .machine_name = "m", .user_account = "u",
		.version = "1", .os = "Linux", .error = "", .cpu_count = 2, .memory_kb = 7 };
	struct queue_workers workers;

	fixture_ok(queue_worker_seen(c, &w1, &state, &err), &err);
	fixture_ok(queue_worker_block(c, &w2, "changed", &err), &err);
	fixture_ok(queue_workers(c, &workers, &err), &err);
	ck_assert_uint_eq(workers.len, 3);
	ck_assert_str_eq(workers.items[0].name, "(local)");
	ck_assert_str_eq(workers.items[1].name, "w1");
	ck_assert_uint_eq(workers.items[2].flags, QUEUE_WORKER_ENABLED | QUEUE_WORKER_BLOCKED);
	queue_workers_release(&workers);
	ck_assert_int_eq(fixture_int(c, "SELECT count(*) FROM worker WHERE online AND machine_name = 'm'"
					" AND last_online_time > 0"),
	    1);
}
END_TEST

START_TEST(changes_of_others_are_noticed_once)
{
	struct catalog *other = NULL;

	ck_assert(queue_changed(c));
	ck_assert(!queue_changed(c));
	fixture_ok(catalog_open(path, &other, &err), &err);
	fixture_pending(other, 0);
	ck_assert(queue_changed(c));
	ck_assert(!queue_changed(c));
	catalog_close(other);
}
END_TEST

START_TEST(a_dump_is_recorded)
{
	int64_t id = fixture_pending(c, 0);

	assign(id, 1, &w1);
	ck_assert_int_eq(queue_dump(c, id, 2, "/x", &err), -ERR_NOT_FOUND);
	fixture_ok(queue_dump(c, id, 1, "/x", &err), &err);
	ck_assert_int_eq(execution_int(id, "dump_id IS NOT NULL"), 1);
}
END_TEST

static Suite *queue_suite(void)
{
	Suite *s = suite_create("catalog queue");
	TCase *t = tcase_create("queue");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_pending_execution_is_assigned_started_and_succeeds);
	tcase_add_test(t, pending_executions_come_oldest_first_and_in_pages);
	tcase_add_test(t, listed_workers_are_given_with_the_lane);
	tcase_add_test(t, nobody_can_take_an_execution_twice);
	tcase_add_test(t, a_failed_try_goes_back_to_pending_while_tries_are_left);
	tcase_add_test(t, a_lost_try_without_retries_ends_unexpectedly_and_says_so);
	tcase_add_test(t, a_try_that_never_started_waits_again_under_its_number);
	tcase_add_test(t, repeating_started_and_end_changes_nothing);
	tcase_add_test(t, a_stop_is_returned_for_cancelling_and_ends_without_further_tries);
	tcase_add_test(t, a_stop_of_a_waiting_execution_ends_it_at_once);
	tcase_add_test(t, a_stop_wins_over_a_retry);
	tcase_add_test(t, an_older_master_can_write_nothing);
	tcase_add_test(t, an_assignment_under_a_stale_epoch_is_refused);
	tcase_add_test(t, overlapping_event_batches_store_each_message_once);
	tcase_add_test(t, a_gap_between_batches_or_inside_one_stores_nothing);
	tcase_add_test(t, an_unreadable_line_becomes_a_warning_and_holds_up_nothing);
	tcase_add_test(t, executables_statistics_and_contexts_are_linked);
	tcase_add_test(t, a_batch_is_one_commit_and_a_rollback_undoes_it_whole);
	tcase_add_test(t, a_failed_call_inside_a_batch_undoes_only_itself);
	tcase_add_test(t, open_tries_are_found_by_worker);
	tcase_add_test(t, another_spool_marks_the_open_tries_of_its_worker);
	tcase_add_test(t, counters_follow_the_states);
	tcase_add_test(t, workers_are_listed_after_the_local_one_and_remember_hello);
	tcase_add_test(t, changes_of_others_are_noticed_once);
	tcase_add_test(t, a_dump_is_recorded);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(queue_suite)
