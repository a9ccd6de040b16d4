/* SPDX-License-Identifier: MIT */
/* Queries on their own threads: results come back, replaced ones do not, cancelling reaches the server. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tests/harness.h"
#include "tui/jobs.h"

#define WAIT_MS 60000

/* A server whose batch "wait" lasts until it is cancelled; others return their text as the only cell. */
struct server {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	int connections, cancelled, waiting;
	bool refuse;
};

struct test_client {
	struct tsql_client client;
	struct server *server;
	bool cancel;
};

static int wait_for_cancel(struct test_client *client, struct err *err)
{
	struct server *server = client->server;

	pthread_mutex_lock(&server->mutex);
	server->waiting++;
	pthread_cond_broadcast(&server->changed);
	while (!client->cancel)
		pthread_cond_wait(&server->changed, &server->mutex);
	client->cancel = false;
	server->waiting--;
	pthread_mutex_unlock(&server->mutex);
	return err_set(err, ERR_CANCELLED, "cancelled");
}

static int run(struct tsql_client *client, const char *batch, struct tsql_param *params, size_t count,
    const struct tsql_sink *sink, struct err *err)
{
	struct tsql_column column = { .name = "text" };
	struct tsql_value value = tsql_nvarchar(batch);

	(void)params;
	(void)count;
	if (strcmp(batch, "wait") == 0) {
		tsql_value_release(&value);
		return wait_for_cancel((struct test_client *)client, err);
	}
	sink->columns(sink->ctx, &column, 1);
	for (int i = 0; i < 5; i++)
		sink->row(sink->ctx, &value, 1);
	/* A second rowset is not kept. */
	sink->columns(sink->ctx, &column, 1);
	sink->row(sink->ctx, &value, 1);
	tsql_value_release(&value);
	return 0;
}

static void cancel(struct tsql_client *client)
{
	struct test_client *c = (struct test_client *)client;

	pthread_mutex_lock(&c->server->mutex);
	if (c->server->waiting > 0) {
		c->cancel = true;
		c->server->cancelled++;
	}
	pthread_cond_broadcast(&c->server->changed);
	pthread_mutex_unlock(&c->server->mutex);
}

static void close_client(struct tsql_client *client)
{
	free(client);
}

static const struct tsql_client_ops ops = { .run = run, .cancel = cancel, .close = close_client };

static int connect_server(void *ctx, struct tsql_client **ret, struct err *err)
{
	struct server *server = ctx;
	struct test_client *client;

	if (server->refuse)
		return err_set(err, ERR_DENIED, "refused");
	client = xcalloc(1, sizeof(*client));
	client->client.ops = &ops;
	client->server = server;
	server->connections++;
	*ret = &client->client;
	return 0;
}

struct fixture {
	struct server server;
	struct jobs *jobs;
	int wake[2];
	int calls;
	char text[32];
	size_t rows;
	bool truncated;
	int r;
};

static void setup_fixture(struct fixture *f)
{
	struct tsql_connector connector = { .connect = connect_server, .ctx = &f->server };

	*f = (struct fixture){ 0 };
	pthread_mutex_init(&f->server.mutex, NULL);
	pthread_cond_init(&f->server.changed, NULL);
	ck_assert_int_eq(pipe2(f->wake, O_NONBLOCK | O_CLOEXEC), 0);
	f->jobs = jobs_new(&connector, f->wake[1]);
}

static void release_fixture(struct fixture *f)
{
	jobs_free(f->jobs);
	close(f->wake[0]);
	close(f->wake[1]);
	pthread_cond_destroy(&f->server.changed);
	pthread_mutex_destroy(&f->server.mutex);
}

static void done(void *ctx, const struct job_result *result)
{
	struct fixture *f = ctx;
	char *text = result->rows.row_count ? cell_text(&result->rows, 0, "text") : xstrdup("");

	f->calls++;
	f->r = result->r;
	f->rows = result->rows.row_count;
	f->truncated = result->truncated;
	snprintf(f->text, sizeof(f->text), "%s", text);
	free(text);
}

/* Deliver until nothing is waited for. */
static void settle(struct fixture *f)
{
	int64_t deadline = clock_mono_ms() + WAIT_MS;

	while (!jobs_idle(f->jobs)) {
		struct pollfd fd = { .fd = f->wake[0], .events = POLLIN };
		char byte;

		ck_assert_int_lt(clock_mono_ms(), deadline);
		poll(&fd, 1, 100);
		while (read(f->wake[0], &byte, 1) == 1)
			continue;
		jobs_deliver(f->jobs);
	}
}

static void wait_until_waiting(struct fixture *f)
{
	pthread_mutex_lock(&f->server.mutex);
	while (f->server.waiting == 0)
		pthread_cond_wait(&f->server.changed, &f->server.mutex);
	pthread_mutex_unlock(&f->server.mutex);
}

START_TEST(a_result_comes_back_with_its_first_rowset)
{
	struct fixture f;
	struct job_slot slot = { 0 };

	setup_fixture(&f);
	jobs_submit(f.jobs, JOB_FRONT, &slot, "one", NULL, 10, done, &f);
	ck_assert(job_slot_busy(&slot));
	settle(&f);
	ck_assert_int_eq(f.calls, 1);
	ck_assert_str_eq(f.text, "one");
	ck_assert_uint_eq(f.rows, 5);
	ck_assert(!f.truncated);
	ck_assert(!job_slot_busy(&slot));
	release_fixture(&f);
}
END_TEST

START_TEST(rows_beyond_the_limit_are_left_out_and_noted)
{
	struct fixture f;
	struct job_slot slot = { 0 };

	setup_fixture(&f);
	jobs_submit(f.jobs, JOB_FRONT, &slot, "one", NULL, 3, done, &f);
	settle(&f);
	ck_assert_uint_eq(f.rows, 3);
	ck_assert(f.truncated);
	release_fixture(&f);
}
END_TEST

START_TEST(a_newer_question_replaces_the_older_one)
{
	struct fixture f;
	struct job_slot slot = { 0 };

	setup_fixture(&f);
	jobs_submit(f.jobs, JOB_FRONT, &slot, "wait", NULL, 10, done, &f);
	wait_until_waiting(&f);
	jobs_submit(f.jobs, JOB_FRONT, &slot, "two", NULL, 10, done, &f);
	settle(&f);
	ck_assert_int_eq(f.calls, 1);
	ck_assert_str_eq(f.text, "two");
	ck_assert_int_eq(f.server.cancelled, 1);
	release_fixture(&f);
}
END_TEST

START_TEST(a_cancelled_slot_may_go_away)
{
	struct fixture f;
	struct job_slot *slot = xcalloc(1, sizeof(*slot)), other = { 0 };

	setup_fixture(&f);
	jobs_submit(f.jobs, JOB_FRONT, slot, "one", NULL, 10, done, &f);
	jobs_cancel(f.jobs, slot);
	free(slot);
	jobs_submit(f.jobs, JOB_FRONT, &other, "two", NULL, 10, done, &f);
	settle(&f);
	ck_assert_int_eq(f.calls, 1);
	ck_assert_str_eq(f.text, "two");
	release_fixture(&f);
}
END_TEST

START_TEST(a_slow_lane_does_not_hold_up_another)
{
	struct fixture f;
	struct job_slot slow = { 0 }, quick = { 0 };

	setup_fixture(&f);
	jobs_submit(f.jobs, JOB_SCAN, &slow, "wait", NULL, 10, done, &f);
	wait_until_waiting(&f);
	jobs_submit(f.jobs, JOB_FRONT, &quick, "quick", NULL, 10, done, &f);
	while (job_slot_busy(&quick)) {
		poll(&(struct pollfd){ .fd = f.wake[0], .events = POLLIN }, 1, 100);
		jobs_deliver(f.jobs);
	}
	ck_assert_str_eq(f.text, "quick");
	ck_assert(job_slot_busy(&slow));
	jobs_cancel(f.jobs, &slow);
	release_fixture(&f);
}
END_TEST

START_TEST(an_interrupted_query_says_so)
{
	struct fixture f;
	struct job_slot slot = { 0 };

	setup_fixture(&f);
	jobs_submit(f.jobs, JOB_FRONT, &slot, "wait", NULL, 10, done, &f);
	wait_until_waiting(&f);
	jobs_interrupt(f.jobs);
	settle(&f);
	ck_assert_int_eq(f.calls, 1);
	ck_assert_int_eq(f.r, -ERR_CANCELLED);
	release_fixture(&f);
}
END_TEST

START_TEST(leaving_does_not_wait_for_a_running_query)
{
	struct fixture f;
	struct job_slot slot = { 0 };

	setup_fixture(&f);
	jobs_submit(f.jobs, JOB_FRONT, &slot, "wait", NULL, 10, done, &f);
	wait_until_waiting(&f);
	release_fixture(&f);
	ck_assert_int_eq(f.calls, 0);
}
END_TEST

START_TEST(a_refused_connection_is_the_result_and_is_tried_again)
{
	struct fixture f;
	struct job_slot slot = { 0 };

	setup_fixture(&f);
	f.server.refuse = true;
	jobs_submit(f.jobs, JOB_FRONT, &slot, "one", NULL, 10, done, &f);
	settle(&f);
	ck_assert_int_eq(f.r, -ERR_DENIED);
	f.server.refuse = false;
	jobs_submit(f.jobs, JOB_FRONT, &slot, "one", NULL, 10, done, &f);
	settle(&f);
	ck_assert_int_eq(f.r, 0);
	ck_assert_int_eq(f.server.connections, 1);
	release_fixture(&f);
}
END_TEST

static Suite *jobs_suite(void)
{
	Suite *s = suite_create("jobs");
	TCase *t = tcase_create("jobs");

	tcase_set_timeout(t, 30);
	tcase_add_test(t, a_result_comes_back_with_its_first_rowset);
	tcase_add_test(t, rows_beyond_the_limit_are_left_out_and_noted);
	tcase_add_test(t, a_newer_question_replaces_the_older_one);
	tcase_add_test(t, a_cancelled_slot_may_go_away);
	tcase_add_test(t, a_slow_lane_does_not_hold_up_another);
	tcase_add_test(t, an_interrupted_query_says_so);
	tcase_add_test(t, leaving_does_not_wait_for_a_running_query);
	tcase_add_test(t, a_refused_connection_is_the_result_and_is_tried_again);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(jobs_suite)
