/* SPDX-License-Identifier: MIT */
/* The master with an invented catalog and real agents over socket pairs. The effects file is the witness. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "exec/master/log_fields.h"
#include "exec/master/master.h"
#include "exec/master/master_private.h"
#include "tests/exec/client.h"
#include "tests/exec/fake_queue.h"

static char *dir, *effects;
static struct catalog *catalog;
static uv_loop_t loop;
static struct master_options options;
static struct master *master;
static bool ended;
static struct err end_err;
static VEC(char *) kept;

static char *keep(char *text)
{
	vec_push(&kept, text);
	return text;
}

static void on_ended(void *ctx, const struct err *err)
{
	(void)ctx;
	ended = true;
	if (err)
		end_err = *err;
}

static void start_master(void)
{
	ended = false;
	uv_loop_init(&loop);
	ck_assert_int_eq(master_new(&options, &master, NULL), 0);
}

static void stop_master(void)
{
	master_stop(master);
	ck_assert(ended);
	master_free(master);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
}

static void setup(void)
{
	dir = keep(test_tmpdir());
	effects = keep(path_join(dir, "effects"));
	signal(SIGPIPE, SIG_IGN);
	log_open(open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_LEVEL_ERROR, "test");
	catalog = fake_catalog_new(dir, 3);
	options = (struct master_options){ .loop = &loop, .catalog = catalog, .path = keep(path_join(dir, "c.db")),
		.worker_program = SO_BUILD_DIR "/fake_worker", .runtime = SO_BUILD_DIR "/fake_dtexec",
		.poll_ms = 5, .ended = on_ended };
	uuid_parse(CATALOG_ID, UUID_TEXT_LEN, &options.catalog_id);
}

static void teardown(void)
{
	free(catalog);
	for (size_t i = 0; i < kept.len; i++)
		free(kept.items[i]);
	vec_release(&kept);
}

/* Turn the loop until a condition holds. */
#define until(condition) \
	do { \
		int64_t deadline_ms = clock_mono_ms() + DEADLINE_MS; \
		while (!(condition)) { \
			uv_run(&loop, UV_RUN_ONCE); \
			ck_assert_msg(clock_mono_ms() < deadline_ms, "did not happen: " #condition); \
		} \
	} while (0)

static const char *steps(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static const char *steps(const char *fmt, ...)
{
	char text[1024];
	struct buf out = BUF_INIT;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	buf_addc(&out, '[');
	for (char *at = text, *end; at; at = end) {
		end = strchr(at, ';');
		if (end)
			*end++ = '\0';
		buf_addf(&out, "%s\"%s\"", out.len > 1 ? "," : "", at);
	}
	buf_addc(&out, ']');
	return keep(buf_detach(&out));
}

static int effect_count(const char *line)
{
	char *text = slurp(effects);
	int n = 0;

	for (const char *at = text; (at = strstr(at, line)); at += strlen(line))
		n++;
	free(text);
	return n;
}

static bool is_final(const struct fake_execution *e)
{
	return e->status == 3 || e->status == 4 || e->status == 6 || e->status == 7;
}

static void open_gate(const char *name)
{
	ck_assert_int_eq(file_write_atomic(keep(path_join(dir, name)), "", 0, 0600, false, NULL), 0);
}

/* Folders that are left in the tasks/ of all spools. */
static int tasks_left(void)
{
	int left = 0;

	for (int i = 0; i < catalog->worker_count; i++) {
		char id[UUID_TEXT_LEN + 1];
		uuid_format(&catalog->worker_ids[i], false, id);
		char *path = xasprintf("%s/" CATALOG_ID "/%s/tasks", catalog->spools[i], id);
		DIR *d = opendir(path);
		struct dirent *entry;
		while (d && (entry = readdir(d)))
			left += entry->d_name[0] != '.';
		if (d)
			closedir(d);
		free(path);
	}
	return left;
}

/* Processes of ours that run the given program, by /proc. */
static pid_t child_named(const char *name)
{
	char path[64], comm[64];
	pid_t found = 0;
	DIR *d = opendir("/proc");
	struct dirent *entry;

	while (d && !found && (entry = readdir(d))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		int parent = 0;
		if (pid <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		char *text = slurp(path);
		if (sscanf(text, "%*d (%63[^)]) %*c %d", comm, &parent) == 2 && parent == getpid() &&
		    strcmp(comm, name) == 0)
			found = pid;
		free(text);
	}
	if (d)
		closedir(d);
	return found;
}

START_TEST(an_execution_runs_once_with_all_its_events_and_leaves_nothing)
{
	start_master();
	struct fake_execution *e = fake_execution(catalog, 0, steps("effect %s start;events 7;exit 0", effects));
	until(is_final(e));
	ck_assert_int_eq(e->status, 7);
	ck_assert_int_eq(e->tries[1].committed_seq, 7);
	ck_assert_int_eq(e->starts, 1);
	ck_assert_int_eq(effect_count("1-1 start\n"), 1);
	until(tasks_left() == 0);
	stop_master();
}
END_TEST

START_TEST(server_mode_runs_on_the_built_in_worker)
{
	start_master();
	struct fake_execution *e = fake_execution(catalog, 0, steps("events 1;exit 0"));
	e->local = true;
	until(is_final(e));
	ck_assert_int_eq(e->status, 7);
	ck_assert_int_eq(e->tries[1].worker, 0);
	stop_master();
}
END_TEST

START_TEST(a_failed_try_is_followed_by_another_on_another_worker)
{
	start_master();
	until(catalog->online[1] && catalog->online[2]);
	struct fake_execution *e =
	    fake_execution(catalog, 2, steps("effect %s start;events 2;exit 1", effects));
	until(is_final(e));
	ck_assert_int_eq(e->status, 4);
	ck_assert_int_eq(e->starts, 3);
	for (int i = 1; i <= 3; i++)
		ck_assert_int_eq(e->tries[i].committed_seq, 2);
	ck_assert_int_ne(e->tries[1].worker, e->tries[2].worker);
	ck_assert_int_eq(effect_count(" start\n"), 3);
	stop_master();
}
END_TEST

START_TEST(a_stop_ends_a_running_execution_and_no_try_follows)
{
	start_master();
	struct fake_execution *e = fake_execution(catalog, 3, steps("effect %s start;wait %s/never", effects, dir));
	until(effect_count("start") == 1);
	fake_stop(catalog, e->id);
	until(is_final(e));
	ck_assert_int_eq(e->status, 3);
	ck_assert_int_eq(effect_count("start"), 1);
	stop_master();
}
END_TEST

START_TEST(a_try_that_runs_longer_than_its_limit_has_failed_and_is_repeated)
{
	start_master();
	struct fake_execution *e = fake_execution(catalog, 1, steps("effect %s start;wait %s/never", effects, dir));
	e->time_limit_s = 1;
	until(is_final(e));
	ck_assert_int_eq(e->status, 4);
	ck_assert_int_eq(effect_count("start"), 2);
	for (int i = 1; i <= 2; i++)
		ck_assert_str_eq(e->tries[i].reason, "ended because its time limit of 1 seconds was over");
	stop_master();
}
END_TEST

START_TEST(after_a_full_disk_work_goes_on_as_soon_as_there_is_room)
{
	int64_t began, ordinary;

	start_master();
	until(catalog->online[1] && catalog->online[2]);
	began = clock_mono_ms();
	struct fake_execution *e = fake_execution(catalog, 0, steps("exit 0"));
	until(is_final(e));
	ordinary = clock_mono_ms() - began;
	catalog->disk_full = true;
	e = fake_execution(catalog, 0, steps("effect %s start;exit 0", effects));
	began = clock_mono_ms();
	until(clock_mono_ms() - began > 4000);
	ck_assert_int_eq(e->status, 5);
	catalog->disk_full = false;
	began = clock_mono_ms();
	until(is_final(e));
	/* A second until it is tried again, and then what an execution takes here and now. */
	ck_assert_msg(clock_mono_ms() - began < 1400 + 10 * ordinary, "%lld ms; one without a fault takes %lld ms",
	    (long long)(clock_mono_ms() - began), (long long)ordinary);
	ck_assert_int_eq(effect_count("start"), 1);
	stop_master();
}
END_TEST

START_TEST(a_paused_queue_gives_out_nothing_until_it_is_resumed)
{
	catalog->paused = true;
	start_master();
	struct fake_execution *e = fake_execution(catalog, 0, steps("effect %s start;exit 0", effects));
	until(catalog->online[1] && catalog->online[2] && !catalog->changed);
	for (int i = 0; i < 20; i++)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_int_eq(e->status, 5);
	catalog->paused = false;
	catalog->changed = true;
	until(is_final(e));
	ck_assert_int_eq(e->status, 7);
	stop_master();
}
END_TEST

START_TEST(an_execution_stopped_while_it_waits_never_starts)
{
	catalog->disabled[1] = catalog->disabled[2] = true;
	start_master();
	struct fake_execution *e = fake_execution(catalog, 0, steps("effect %s start;exit 0", effects));
	until(catalog->online[1] && catalog->online[2]);
	fake_stop(catalog, e->id);
	until(is_final(e));
	ck_assert_int_eq(e->status, 3);
	ck_assert_int_eq(effect_count("start"), 0);
	stop_master();
}
END_TEST

START_TEST(a_disabled_worker_gets_nothing_until_it_is_enabled)
{
	catalog->disabled[1] = catalog->disabled[2] = true;
	start_master();
	struct fake_execution *e = fake_execution(catalog, 0, steps("exit 0"));
	until(catalog->online[1] && catalog->online[2]);
	ck_assert_int_eq(e->status, 5);
	catalog->disabled[2] = false;
	catalog->changed = true;
	until(is_final(e));
	ck_assert_int_eq(e->tries[1].worker, 2);
	stop_master();
}
END_TEST

START_TEST(slots_are_not_exceeded_and_all_executions_end)
{
	catalog->slots = 2;
	start_master();
	for (int i = 0; i < 40; i++)
		fake_execution(catalog, 0, steps("effect %s start;events 3;exit 0", effects));
	for (int done = 0; done < 40;) {
		int open[FAKE_WORKERS] = { 0 };
		uv_run(&loop, UV_RUN_ONCE);
		done = 0;
		for (int i = 0; i < 40; i++) {
			struct fake_execution *e = &catalog->now.executions[i];
			done += is_final(e);
			if (e->tries[1].open)
				open[e->tries[1].worker]++;
		}
		ck_assert_int_le(open[1], 2);
		ck_assert_int_le(open[2], 2);
	}
	for (int i = 0; i < 40; i++) {
		ck_assert_int_eq(catalog->now.executions[i].status, 7);
		ck_assert_int_eq(catalog->now.executions[i].tries[1].committed_seq, 3);
	}
	ck_assert_int_eq(effect_count("start"), 40);
	stop_master();
}
END_TEST

START_TEST(a_new_master_takes_over_what_runs_and_what_has_ended_meanwhile)
{
	start_master();
	struct fake_execution *a = fake_execution(catalog, 0,
	    steps("effect %s start;events 3;wait %s/a;events 2;exit 0", effects, dir));
	struct fake_execution *b = fake_execution(catalog, 0,
	    steps("effect %s start;events 1;wait %s/b;events 1;exit 1", effects, dir));
	until(a->tries[1].committed_seq == 3 && b->tries[1].committed_seq == 1);
	stop_master();
	open_gate("b");
	start_master();
	until(is_final(b));
	open_gate("a");
	until(is_final(a));
	ck_assert_int_eq(a->status, 7);
	ck_assert_int_eq(b->status, 4);
	ck_assert_int_eq(a->tries[1].committed_seq, 5);
	ck_assert_int_eq(b->tries[1].committed_seq, 2);
	ck_assert_int_eq(effect_count("1-1 start\n"), 1);
	ck_assert_int_eq(effect_count("2-1 start\n"), 1);
	until(tasks_left() == 0);
	stop_master();
}
END_TEST

START_TEST(killing_the_agents_again_and_again_disturbs_nothing)
{
	int kills = 0;

	start_master();
	for (int i = 0; i < 24; i++)
		fake_execution(catalog, 0, steps("effect %s start;events 10;wait %s/go;events 10;effect %s end;exit 0",
					       effects, dir, effects));
	int64_t deadline = clock_mono_ms() + DEADLINE_MS, next = 0;
	for (int done = 0; done < 24;) {
		uv_run(&loop, UV_RUN_ONCE);
		pid_t agent;
		if (kills < 12 && clock_mono_ms() > next && (agent = child_named("fake_worker")) > 0) {
			kill(agent, SIGKILL);
			kills++;
			next = clock_mono_ms() + 40;
			if (kills == 6)
				open_gate("go");
		}
		done = 0;
		for (int i = 0; i < 24; i++)
			done += is_final(&catalog->now.executions[i]);
		ck_assert_msg(clock_mono_ms() < deadline, "only %d of 24 have ended", done);
	}
	for (int i = 0; i < 24; i++) {
		struct fake_execution *e = &catalog->now.executions[i];
		ck_assert_int_eq(e->status, 7);
		ck_assert_int_eq(e->tries[1].committed_seq, 20);
	}
	ck_assert_int_ge(kills, 6);
	ck_assert_int_eq(effect_count("start"), 24);
	ck_assert_int_eq(effect_count("end"), 24);
	until(tasks_left() == 0);
	stop_master();
}
END_TEST

START_TEST(a_catalog_whose_commits_fail_now_and_then_loses_and_doubles_nothing)
{
	start_master();
	for (int i = 0; i < 12; i++)
		fake_execution(catalog, 0, steps("effect %s start;events 5;exit 0", effects));
	catalog->fail_commits = 1;
	int64_t deadline = clock_mono_ms() + 2 * DEADLINE_MS;
	int failures = 1;
	for (int done = 0; done < 12;) {
		uv_run(&loop, UV_RUN_ONCE);
		if (failures < 3 && catalog->commits == failures * 3) {
			catalog->fail_commits = 1;
			failures++;
		}
		done = 0;
		for (int i = 0; i < 12; i++)
			done += is_final(&catalog->now.executions[i]);
		ck_assert_msg(clock_mono_ms() < deadline, "only %d of 12 have ended", done);
	}
	for (int i = 0; i < 12; i++) {
		struct fake_execution *e = &catalog->now.executions[i];
		ck_assert_int_eq(e->status, 7);
		ck_assert_int_eq(e->tries[1].committed_seq, 5);
	}
	ck_assert_int_eq(failures, 3);
	ck_assert_int_eq(effect_count("start"), 12);
	until(tasks_left() == 0);
	stop_master();
}
END_TEST

START_TEST(a_killed_supervisor_is_a_lost_try_and_the_next_one_follows)
{
	start_master();
	struct fake_execution *e = fake_execution(catalog, 1,
	    steps("effect %s start;events 1;wait %s/go;exit 0", effects, dir));
	until(e->tries[1].started && e->tries[1].committed_seq == 1);
	char id[UUID_TEXT_LEN + 1];
	int w = e->tries[1].worker;
	uuid_format(&catalog->worker_ids[w], false, id);
	char *text = keep(slurp(keep(xasprintf("%s/" CATALOG_ID "/%s/tasks/1-1/started", catalog->spools[w], id))));
	json_t *started = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(started);
	kill((pid_t)json_integer_value(json_object_get(started, "pid")), SIGKILL);
	json_decref(started);
	until(e->tries[1].ended);
	ck_assert_int_eq(e->tries[1].outcome, QUEUE_LOST);
	open_gate("go");
	until(is_final(e));
	ck_assert_int_eq(e->status, 7);
	ck_assert_int_eq(effect_count("1-1 start\n"), 1);
	ck_assert_int_eq(effect_count("1-2 start\n"), 1);
	stop_master();
}
END_TEST

START_TEST(a_worker_that_refuses_rests_and_another_takes_the_execution)
{
	/* w1's spool cannot hold tasks: its folder is a file. */
	char id[UUID_TEXT_LEN + 1];
	uuid_format(&catalog->worker_ids[1], false, id);
	start_master();
	until(catalog->online[1] && catalog->online[2]);
	char *staging = keep(xasprintf("%s/" CATALOG_ID "/%s/staging", catalog->spools[1], id));
	ck_assert_int_eq(rmdir(staging), 0);
	for (int i = 0; i < 4; i++)
		fake_execution(catalog, 0, steps("effect %s start;exit 0", effects));
	for (int i = 0; i < 4; i++) {
		until(is_final(&catalog->now.executions[i]));
		ck_assert_int_eq(catalog->now.executions[i].status, 7);
		ck_assert_int_eq(catalog->now.executions[i].tries[1].worker, 2);
	}
	ck_assert_int_eq(effect_count("start"), 4);
	stop_master();
}
END_TEST

START_TEST(a_try_on_a_worker_out_of_reach_is_lost_only_after_its_lease)
{
	options.lease_ms = 1500;
	options.margin_ms = 1500; /* so much a PING may be late before the time below seems too short */
	options.grace_ms = 200;
	options.ping_ms = 100;
	start_master();
	struct fake_execution *e = fake_execution(catalog, 1,
	    steps("effect %s start;wait %s/go;effect %s end;exit 0", effects, dir, effects));
	e->only_worker = 1;
	until(e->tries[1].started);
	/* Its program is replaced by one that never answers, and the agent is killed. */
	snprintf(catalog->programs[1], sizeof(catalog->programs[1]), "/bin/false");
	catalog->changed = true;
	int64_t before = clock_mono_ms();
	until(e->tries[1].ended);
	ck_assert_int_eq(e->tries[1].outcome, QUEUE_LOST);
	ck_assert_int_ge(clock_mono_ms() - before, options.lease_ms);
	catalog->programs[1][0] = '\0';
	catalog->changed = true;
	open_gate("go");
	until(is_final(e));
	ck_assert_int_eq(e->status, 7);
	ck_assert_int_eq(effect_count("1-1 start\n"), 1);
	ck_assert_int_eq(effect_count("1-1 end\n"), 0);
	ck_assert_int_eq(effect_count("1-2 end\n"), 1);
	until(tasks_left() == 0);
	stop_master();
}
END_TEST

START_TEST(a_stop_of_a_try_out_of_reach_is_carried_out_when_the_worker_is_back)
{
	start_master();
	struct fake_execution *e = fake_execution(catalog, 0, steps("effect %s start;wait %s/never", effects, dir));
	e->only_worker = 1;
	until(e->tries[1].started);
	snprintf(catalog->programs[1], sizeof(catalog->programs[1]), "/bin/false");
	catalog->changed = true;
	until(!catalog->online[1]);
	fake_stop(catalog, e->id);
	until(e->status == 8);
	int64_t then = clock_mono_ms() + 300;
	until(clock_mono_ms() > then);
	ck_assert_int_eq(e->status, 8);
	catalog->programs[1][0] = '\0';
	catalog->changed = true;
	until(is_final(e));
	ck_assert_int_eq(e->status, 3);
	stop_master();
}
END_TEST

START_TEST(dumps_are_fetched_before_the_end_is_committed)
{
	start_master();
	struct fake_execution *e = fake_execution(catalog, 0, steps("dump state.txt;dump more.txt;exit 1"));
	until(is_final(e));
	ck_assert_int_eq(e->status, 4);
	char *text = slurp(keep(xasprintf("%s/state.txt", e->dump)));
	ck_assert_str_eq(text, "state of the package\n");
	free(text);
	ck_assert(file_exists(keep(xasprintf("%s/more.txt", e->dump))));
	stop_master();
}
END_TEST

START_TEST(events_that_cannot_follow_end_the_try_instead_of_circling)
{
	start_master();
	catalog->fail_events = 1000000;
	struct fake_execution *e = fake_execution(catalog, 0, steps("events 3;exit 0"));
	until(is_final(e));
	ck_assert_int_eq(e->status, 6);
	ck_assert_ptr_nonnull(strstr(e->tries[1].reason, "do not follow"));
	stop_master();
}
END_TEST

START_TEST(a_stale_master_ends_when_another_has_taken_over)
{
	start_master();
	until(catalog->online[1]);
	catalog->now.epoch++;
	fake_execution(catalog, 0, steps("effect %s start;exit 0", effects));
	until(ended);
	ck_assert_int_eq(end_err.code, ERR_DENIED);
	ck_assert_int_eq(effect_count("start"), 0);
	master_free(master);
	uv_loop_close(&loop);
}
END_TEST

START_TEST(old_operations_go_in_small_batches_while_executions_run)
{
	options.upkeep_ms = 20;
	catalog->old_operations = 100;
	start_master();
	struct fake_execution *e = fake_execution(catalog, 0, steps("effect %s start;wait %s/gate;exit 0", effects, dir));
	until(effect_count("1-1 start\n") == 1 && catalog->old_operations == 0);
	ck_assert(!is_final(e));
	ck_assert_int_gt(catalog->batches, 3);
	/* And the next round comes by itself. */
	catalog->old_operations = 10;
	until(catalog->old_operations == 0);
	open_gate("gate");
	until(is_final(e));
	ck_assert_int_eq(e->status, 7);
	stop_master();
}
END_TEST

START_TEST(an_unknown_task_on_a_worker_is_left_alone_and_counted)
{
	char id[UUID_TEXT_LEN + 1];
	uuid_format(&catalog->worker_ids[1], false, id);
	char *task = keep(xasprintf("%s/" CATALOG_ID "/%s/tasks/999-1", catalog->spools[1], id));
	ck_assert_int_eq(dir_make(task, 0700, NULL), 0);
	ck_assert_int_eq(file_write_atomic(keep(path_join(task, "result")), "{}", 2, 0600, false, NULL), 0);
	start_master();
	until(catalog->online[1]);
	until(strstr(keep(master_status(master)), "\"orphans\":1"));
	/* The built-in worker and the other one have none; what is told once is not taken back. */
	int64_t then = clock_mono_ms() + 200;
	until(clock_mono_ms() > then);
	ck_assert_ptr_nonnull(strstr(keep(master_status(master)), "\"orphans\":1"));
	ck_assert(file_exists(task));
	stop_master();
}
END_TEST

START_TEST(entries_of_the_log_name_what_they_are_about)
{
	char *path = keep(path_join(dir, "log")), *text;
	struct link far = { .worker = { .name = keep(xstrdup("w1")) } }, near = { .worker = far.worker, .local = true };
	static const char *const expected[] = {
		"] error: a project [project=ab12 worker=w1 worker_id=00112233-4455-6677-8899-AABBCCDDEEFF]\n",
		"] error: a try [execution_id=7 try=2 worker=w1 worker_id=00112233-4455-6677-8899-AABBCCDDEEFF]\n",
		"] error: a key that is none [worker=w1]\n",
		"] error: no key [worker=w1]\n",
		"] error: a worker [worker=w1 error=network]\n",
		"] error: the catalog\n",
		"] error: the catalog fails [error=busy]\n",
		"] error: a setting [setting=ping]\n",
	};

	ck_assert(uuid_parse("00112233-4455-6677-8899-aabbccddeeff", UUID_TEXT_LEN, &far.worker.id));
	ck_assert_int_eq(log_open_file(path, 100000, 2, LOG_LEVEL_INFO, "test", NULL), 0);
	log_project(LOG_LEVEL_ERROR, &far, "ab12", "a project");
	log_try(LOG_LEVEL_ERROR, &far, "7-2", "a try");
	log_try(LOG_LEVEL_ERROR, &near, "seven", "a key that is none");
	log_try(LOG_LEVEL_ERROR, &near, NULL, "no key");
	log_worker(LOG_LEVEL_ERROR, &near, ERR_NETWORK, "a worker");
	log_catalog(LOG_LEVEL_ERROR, ERR_NONE, "the catalog");
	log_catalog(LOG_LEVEL_ERROR, ERR_BUSY, "the catalog fails");
	log_setting(LOG_LEVEL_ERROR, "ping", "a setting");
	text = keep(slurp(path));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		ck_assert_msg(strstr(text, expected[i]) != NULL, "no %s in:\n%s", expected[i], text);
}
END_TEST

static Suite *make_suite(void)
{
	const TTest *const tests[] = {
		an_execution_runs_once_with_all_its_events_and_leaves_nothing,
		server_mode_runs_on_the_built_in_worker,
		a_failed_try_is_followed_by_another_on_another_worker,
		a_stop_ends_a_running_execution_and_no_try_follows,
		a_try_that_runs_longer_than_its_limit_has_failed_and_is_repeated,
		after_a_full_disk_work_goes_on_as_soon_as_there_is_room,
		a_paused_queue_gives_out_nothing_until_it_is_resumed,
		an_execution_stopped_while_it_waits_never_starts,
		a_disabled_worker_gets_nothing_until_it_is_enabled,
		slots_are_not_exceeded_and_all_executions_end,
		a_new_master_takes_over_what_runs_and_what_has_ended_meanwhile,
		killing_the_agents_again_and_again_disturbs_nothing,
		a_catalog_whose_commits_fail_now_and_then_loses_and_doubles_nothing,
		a_killed_supervisor_is_a_lost_try_and_the_next_one_follows,
		a_worker_that_refuses_rests_and_another_takes_the_execution,
		a_try_on_a_worker_out_of_reach_is_lost_only_after_its_lease,
		a_stop_of_a_try_out_of_reach_is_carried_out_when_the_worker_is_back,
		dumps_are_fetched_before_the_end_is_committed,
		events_that_cannot_follow_end_the_try_instead_of_circling,
		a_stale_master_ends_when_another_has_taken_over,
		old_operations_go_in_small_batches_while_executions_run,
		an_unknown_task_on_a_worker_is_left_alone_and_counted,
		entries_of_the_log_name_what_they_are_about,
	};
	Suite *suite = suite_create("exec_master");
	TCase *tcase = tcase_create("master");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 90);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return suite;
}

TEST_MAIN(make_suite)
