/* SPDX-License-Identifier: MIT */
/* Choosing a worker, over invented workers. */
#include <string.h>

#include "base/mem.h"
#include "exec/master/scheduler.h"
#include "tests/harness.h"

static struct scheduler_worker worker(int id, int slots, int used)
{
	return (struct scheduler_worker){ .id.bytes = { (unsigned char)id }, .ready = true, .slots = slots,
		.used = used };
}

START_TEST(the_largest_free_share_wins)
{
	struct scheduler_worker workers[] = { worker(1, 10, 5), worker(2, 4, 1), worker(3, 2, 1) };
	struct queue_item item = { .any_worker = true };

	ck_assert_uint_eq(scheduler_choose(&item, workers, 3), 1);
}
END_TEST

START_TEST(of_equal_shares_the_most_free_slots_win_then_the_first)
{
	struct scheduler_worker workers[] = { worker(1, 2, 0), worker(2, 8, 0), worker(3, 8, 0) };
	struct queue_item item = { .any_worker = true };

	ck_assert_uint_eq(scheduler_choose(&item, workers, 3), 1);
}
END_TEST

START_TEST(full_and_unready_workers_get_nothing)
{
	struct scheduler_worker workers[] = { worker(1, 2, 2), worker(2, 8, 0), worker(3, 2, 3) };
	struct queue_item item = { .any_worker = true };

	workers[1].ready = false;
	ck_assert_uint_eq(scheduler_choose(&item, workers, 3), SCHEDULER_NONE);
	ck_assert_uint_eq(scheduler_free_slots(workers, 3), 0);
}
END_TEST

START_TEST(only_listed_workers_are_chosen_even_when_others_are_idle)
{
	struct scheduler_worker workers[] = { worker(1, 8, 0), worker(2, 2, 1), worker(3, 8, 0) };
	struct uuid listed[] = { workers[1].id };
	struct queue_item item = { .workers = listed, .worker_count = 1 };

	ck_assert_uint_eq(scheduler_choose(&item, workers, 3), 1);
	workers[1].used = 2;
	ck_assert_uint_eq(scheduler_choose(&item, workers, 3), SCHEDULER_NONE);
	item.worker_count = 0;
	ck_assert_uint_eq(scheduler_choose(&item, workers, 3), SCHEDULER_NONE);
}
END_TEST

START_TEST(a_retry_prefers_another_worker_but_takes_the_same_when_alone)
{
	struct scheduler_worker workers[] = { worker(1, 8, 0), worker(2, 8, 7) };
	struct queue_item item = { .any_worker = true, .last_worker = workers[0].id };

	ck_assert_uint_eq(scheduler_choose(&item, workers, 2), 1);
	workers[1].used = 8;
	ck_assert_uint_eq(scheduler_choose(&item, workers, 2), 0);
}
END_TEST

START_TEST(server_mode_and_scale_out_never_mix)
{
	struct scheduler_worker workers[] = { worker(0, 8, 0), worker(1, 8, 0) };
	struct queue_item local = { .local = true }, any = { .any_worker = true };

	workers[0].local = true;
	ck_assert_uint_eq(scheduler_choose(&local, workers, 2), 0);
	ck_assert_uint_eq(scheduler_choose(&any, workers, 2), 1);
	workers[0].ready = false;
	ck_assert_uint_eq(scheduler_choose(&local, workers, 2), SCHEDULER_NONE);
}
END_TEST

START_TEST(slots_fill_evenly_and_never_overflow)
{
	struct scheduler_worker workers[50];
	struct queue_item item = { .any_worker = true };
	int given = 0;

	for (int i = 0; i < 50; i++)
		workers[i] = worker(i + 1, 1 + i % 7, 0);
	for (size_t chosen; (chosen = scheduler_choose(&item, workers, 50)) != SCHEDULER_NONE; given++) {
		ck_assert_int_lt(workers[chosen].used, workers[chosen].slots);
		workers[chosen].used++;
	}
	for (int i = 0; i < 50; i++)
		given -= workers[i].slots;
	ck_assert_int_eq(given, 0);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("exec_scheduler");
	TCase *tcase = tcase_create("scheduler");

	tcase_add_test(tcase, the_largest_free_share_wins);
	tcase_add_test(tcase, of_equal_shares_the_most_free_slots_win_then_the_first);
	tcase_add_test(tcase, full_and_unready_workers_get_nothing);
	tcase_add_test(tcase, only_listed_workers_are_chosen_even_when_others_are_idle);
	tcase_add_test(tcase, a_retry_prefers_another_worker_but_takes_the_same_when_alone);
	tcase_add_test(tcase, server_mode_and_scale_out_never_mix);
	tcase_add_test(tcase, slots_fill_evenly_and_never_overflow);
	suite_add_tcase(suite, tcase);
	return suite;
}

TEST_MAIN(make_suite)
