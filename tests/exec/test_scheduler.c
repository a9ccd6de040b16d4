/* SPDX-License-Identifier: MIT */
/* Who gets which worker, over a handful of invented ones. Properties over many are in test_scheduler_load.c. */
#include <string.h>

#include "base/mem.h"
#include "exec/master/scheduler.h"
#include "tests/harness.h"

static struct scheduler *s;
static struct scheduler_worker workers[50];
static size_t worker_count;
static const struct scheduler_rules rules = { .patience_ms = 1000, .max_cpu_percent = 70,
	.min_memory_kb = 1024 };

static void setup(void)
{
	worker_count = 0;
	s = scheduler_new(&rules);
}

static void teardown(void)
{
	scheduler_free(s);
}

static struct scheduler_worker *worker(int slots, int used)
{
	workers[worker_count] = (struct scheduler_worker){ .id.bytes = { (unsigned char)(worker_count + 1) },
		.ready = true, .slots = slots, .used = used, .cpu_percent = -1, .memory_kb = -1, .tags = "" };
	return &workers[worker_count++];
}

static void tell(void)
{
	scheduler_set_workers(s, workers, worker_count);
}

static struct scheduler_lane lane(int64_t id, int64_t folder)
{
	return (struct scheduler_lane){ .lane_id = id, .folder_id = folder, .any_worker = true, .tags = "",
		.workers = "" };
}

/* One waiting execution in a lane. */
static void wait_in(struct scheduler_lane in, int64_t execution_id)
{
	struct scheduler_item item = { .execution_id = execution_id };

	scheduler_set_lane(s, &in, &item, 1, 0);
}

/* The worker's number of the next pick, -1 = none; the execution must be the one expected. */
static int next_is(int64_t execution_id, int64_t now_ms)
{
	struct scheduler_pick pick;

	if (!scheduler_next(s, now_ms, &pick))
		return -1;
	ck_assert_int_eq(pick.item.execution_id, execution_id);
	return (int)pick.worker;
}

START_TEST(the_largest_free_share_wins)
{
	worker(10, 5), worker(4, 1), worker(2, 1);
	tell();
	wait_in(lane(1, 1), 7);
	ck_assert_int_eq(next_is(7, 0), 1);
}
END_TEST

START_TEST(of_equal_shares_the_most_free_slots_win_then_the_first)
{
	worker(2, 0), worker(8, 0), worker(8, 0);
	tell();
	wait_in(lane(1, 1), 7);
	ck_assert_int_eq(next_is(7, 0), 1);
}
END_TEST

START_TEST(full_and_unready_workers_get_nothing)
{
	worker(2, 2), worker(8, 0)->ready = false, worker(2, 3);
	tell();
	wait_in(lane(1, 1), 7);
	ck_assert_int_eq(next_is(7, 0), -1);
	ck_assert_uint_eq(scheduler_free_slots(s), 0);
	workers[1].ready = true;
	tell();
	ck_assert_uint_eq(scheduler_free_slots(s), 8);
	ck_assert_int_eq(next_is(7, 0), 1);
}
END_TEST

START_TEST(only_listed_workers_are_chosen_even_when_others_are_idle)
{
	struct scheduler_lane listed = lane(1, 1);

	listed.any_worker = false;
	listed.workers = "02000000-0000-0000-0000-000000000000,0A000000-0000-0000-0000-000000000000";
	worker(8, 0), worker(2, 1), worker(8, 0);
	tell();
	wait_in(listed, 7);
	ck_assert_int_eq(next_is(7, 0), 1);
	wait_in(listed, 8);
	ck_assert_int_eq(next_is(8, 0), -1);
	scheduler_drop_lane(s, 1);
	listed.lane_id = 2;
	listed.workers = "";
	wait_in(listed, 9);
	ck_assert_int_eq(next_is(9, 0), -1);
}
END_TEST

START_TEST(a_worker_needs_every_tag_whatever_its_case_and_order)
{
	struct scheduler_lane tagged = lane(1, 1);

	tagged.tags = "gpu,oracle";
	worker(8, 0)->tags = "gpu", worker(8, 0)->tags = "Oracle; GPU fast", worker(8, 0)->tags = "oracles,gpu";
	tell();
	wait_in(tagged, 7);
	ck_assert_int_eq(next_is(7, 0), 1);
	workers[2].tags = "oracle,gpu";
	workers[1].tags = "";
	tell();
	wait_in(tagged, 8);
	ck_assert_int_eq(next_is(8, 0), 2);
}
END_TEST

START_TEST(a_busy_worker_or_one_short_of_memory_gets_nothing_and_an_unknown_load_is_no_reason)
{
	worker(8, 0)->cpu_percent = 71, worker(8, 0)->memory_kb = 1023, worker(8, 7);
	tell();
	wait_in(lane(1, 1), 7);
	ck_assert_int_eq(next_is(7, 0), 2);
	wait_in(lane(1, 1), 8);
	ck_assert_int_eq(next_is(8, 0), -1);
	workers[0].cpu_percent = 70;
	workers[2].used = 8;
	tell();
	ck_assert_int_eq(next_is(8, 0), 0);
	workers[0].cpu_percent = 99;
	tell();
	wait_in(lane(1, 1), 9);
	ck_assert_int_eq(next_is(9, 0), -1);
	scheduler_set_rules(s, &(struct scheduler_rules){ .patience_ms = 1000, .max_cpu_percent = 100 });
	ck_assert_int_eq(next_is(9, 0), 0);
}
END_TEST

START_TEST(a_retry_prefers_another_worker_but_takes_the_same_when_alone)
{
	struct scheduler_item again = { .execution_id = 7, .attempt = 2, .last_worker.bytes = { 1 } };
	struct scheduler_lane any = lane(1, 1);

	worker(8, 0), worker(8, 7);
	tell();
	scheduler_set_lane(s, &any, &again, 1, 0);
	ck_assert_int_eq(next_is(7, 0), 1);
	scheduler_set_lane(s, &any, &again, 1, 0);
	ck_assert_int_eq(next_is(7, 0), 0);
}
END_TEST

START_TEST(server_mode_and_scale_out_never_mix)
{
	struct scheduler_lane local = lane(1, 1);

	local.local = true;
	worker(8, 0)->local = true, worker(8, 0);
	tell();
	wait_in(local, 7);
	ck_assert_int_eq(next_is(7, 0), 0);
	wait_in(lane(2, 1), 8);
	ck_assert_int_eq(next_is(8, 0), 1);
	workers[0].ready = false;
	tell();
	wait_in(local, 9);
	ck_assert_int_eq(next_is(9, 0), -1);
}
END_TEST

START_TEST(slots_fill_evenly_and_never_overflow)
{
	struct scheduler_item items[400];
	struct scheduler_lane any = lane(1, 1);
	struct scheduler_pick pick;
	int given = 0, used[50] = { 0 };

	for (int i = 0; i < 50; i++)
		worker(1 + i % 7, 0);
	tell();
	for (int i = 0; i < 400; i++)
		items[i] = (struct scheduler_item){ .execution_id = i + 1 };
	scheduler_set_lane(s, &any, items, 400, 0);
	for (; scheduler_next(s, 0, &pick); given++) {
		ck_assert_int_lt(used[pick.worker], workers[pick.worker].slots);
		used[pick.worker]++;
	}
	for (int i = 0; i < 50; i++)
		given -= workers[i].slots;
	ck_assert_int_eq(given, 0);
}
END_TEST

START_TEST(the_higher_priority_goes_first_whatever_its_age)
{
	struct scheduler_lane urgent = lane(2, 2);

	urgent.priority = 1;
	worker(1, 0);
	tell();
	wait_in(lane(1, 1), 1);
	wait_in(urgent, 2);
	ck_assert_int_eq(next_is(2, 0), 0);
}
END_TEST

START_TEST(the_folder_that_runs_the_least_goes_first_and_the_oldest_first_within_it)
{
	struct scheduler_item first[] = { { .execution_id = 1 }, { .execution_id = 2 }, { .execution_id = 5 } };
	struct scheduler_lane long_queue = lane(1, 1), listed = lane(3, 1);

	listed.any_worker = false;
	listed.workers = "01000000-0000-0000-0000-000000000000";
	worker(10, 0);
	tell();
	scheduler_set_lane(s, &long_queue, first, 3, 0);
	wait_in(listed, 4);
	wait_in(lane(2, 2), 9);
	ck_assert_int_eq(next_is(1, 0), 0);
	ck_assert_int_eq(next_is(9, 0), 0);
	ck_assert_int_eq(next_is(2, 0), 0);
	ck_assert_int_eq(next_is(4, 0), 0);
	ck_assert_int_eq(next_is(5, 0), 0);
	scheduler_folder_runs(s, 1, -4);
	wait_in(lane(1, 1), 20);
	wait_in(lane(2, 2), 10);
	ck_assert_int_eq(next_is(20, 0), 0);
}
END_TEST

START_TEST(an_overdue_lane_gets_one_of_four_turns)
{
	struct scheduler_lane urgent = lane(2, 2);
	struct scheduler_item items[8];

	urgent.priority = 5;
	worker(100, 0);
	tell();
	for (int i = 0; i < 8; i++)
		items[i] = (struct scheduler_item){ .execution_id = 10 + i };
	wait_in(lane(1, 1), 100);
	scheduler_set_lane(s, &urgent, items, 8, 0);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(next_is(10 + i, 999), 0);
	ck_assert_int_eq(next_is(100, 1000), 0);
	ck_assert_int_eq(next_is(15, 1000), 0);
}
END_TEST

START_TEST(an_undone_pick_gives_slot_and_share_back)
{
	struct scheduler_pick pick;

	worker(1, 0);
	tell();
	wait_in(lane(1, 1), 1);
	ck_assert(scheduler_next(s, 0, &pick));
	wait_in(lane(2, 2), 2);
	ck_assert_int_eq(next_is(2, 0), -1);
	scheduler_undo(s, &pick);
	wait_in(lane(1, 1), 1);
	ck_assert_int_eq(next_is(1, 0), 0);
}
END_TEST

START_TEST(a_lane_that_is_not_named_any_more_has_nothing)
{
	worker(8, 0);
	tell();
	wait_in(lane(1, 1), 1);
	wait_in(lane(2, 2), 2);
	scheduler_lanes_begin(s);
	wait_in(lane(2, 2), 2);
	scheduler_lanes_end(s);
	ck_assert_int_eq(next_is(2, 0), 0);
	ck_assert_int_eq(next_is(0, 0), -1);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("exec_scheduler");
	TCase *tcase = tcase_create("scheduler");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_largest_free_share_wins);
	tcase_add_test(tcase, of_equal_shares_the_most_free_slots_win_then_the_first);
	tcase_add_test(tcase, full_and_unready_workers_get_nothing);
	tcase_add_test(tcase, only_listed_workers_are_chosen_even_when_others_are_idle);
	tcase_add_test(tcase, a_worker_needs_every_tag_whatever_its_case_and_order);
	tcase_add_test(tcase, a_busy_worker_or_one_short_of_memory_gets_nothing_and_an_unknown_load_is_no_reason);
	tcase_add_test(tcase, a_retry_prefers_another_worker_but_takes_the_same_when_alone);
	tcase_add_test(tcase, server_mode_and_scale_out_never_mix);
	tcase_add_test(tcase, slots_fill_evenly_and_never_overflow);
	tcase_add_test(tcase, the_higher_priority_goes_first_whatever_its_age);
	tcase_add_test(tcase, the_folder_that_runs_the_least_goes_first_and_the_oldest_first_within_it);
	tcase_add_test(tcase, an_overdue_lane_gets_one_of_four_turns);
	tcase_add_test(tcase, an_undone_pick_gives_slot_and_share_back);
	tcase_add_test(tcase, a_lane_that_is_not_named_any_more_has_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}

TEST_MAIN(make_suite)
