/* SPDX-License-Identifier: MIT */
/* The worker side of the promise, against the real agent and supervisor as processes. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "tests/exec/client.h"

static char *dir;
static char *effects;
static VEC(char *) kept; /* strings of this case */

static char *keep(char *text)
{
	vec_push(&kept, text);
	return text;
}

static void release_all(void)
{
	for (size_t i = 0; i < kept.len; i++)
		free(kept.items[i]);
	vec_release(&kept);
}

static void make_dir(void)
{
	dir = keep(test_tmpdir());
	effects = keep(path_join(dir, "effects"));
}

static void make_dir_for_program(void)
{
	make_dir();
	client_runs_program = true;
}

/* A file of /proc as text, NULs as blanks; caller frees. */
static char *proc_text(pid_t pid, const char *name)
{
	char *path = keep(xasprintf("/proc/%d/%s", (int)pid, name));
	char *text = xcalloc(1, 65536);
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : fd_read_full(fd, text, 65535);

	for (ssize_t i = 0; i < n; i++) {
		if (!text[i])
			text[i] = ' ';
	}
	if (fd >= 0)
		close(fd);
	return text;
}

/* The first child of a process whose arguments hold a word, or 0. */
static pid_t child_with(pid_t parent, const char *word)
{
	char *children = keep(proc_text(parent, keep(xasprintf("task/%d/children", (int)parent))));

	for (char *at = children, *end; *at; at = end) {
		pid_t pid = (pid_t)strtol(at, &end, 10);
		if (end == at)
			break;
		if (strstr(keep(proc_text(pid, "cmdline")), word))
			return pid;
	}
	return 0;
}

static const char *exit_step(int code)
{
	return keep(xasprintf("exit %d", code));
}

/* "effect FILE WORD" and "wait FILE" steps over files of this case. */
static const char *effect(const char *word)
{
	return keep(xasprintf("effect %s %s", effects, word));
}

static char *gate(const char *name)
{
	return keep(path_join(dir, name));
}

static const char *until(const char *name)
{
	return keep(xasprintf("wait %s", gate(name)));
}

static void open_gate(const char *name)
{
	ck_assert_int_eq(file_write_atomic(gate(name), "", 0, 0600, false, NULL), 0);
}

static int count(const char *text, const char *word)
{
	int n = 0;

	for (const char *at = text; (at = strstr(at, word)); at += strlen(word))
		n++;
	return n;
}

static void assert_effects(const char *expected)
{
	char *text = keep(slurp(effects));

	ck_assert_str_eq(text, expected);
}

static void wait_gone(pid_t pid)
{
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;

	while (kill(pid, 0) == 0) {
		ck_assert_msg(clock_mono_ms() < deadline, "process %d is still there", (int)pid);
		usleep(2000);
	}
}

static pid_t supervisor_pid(const struct client *c, const char *key)
{
	char *path = keep(task_path(c, key, "started"));

	wait_for_file(path);
	char *text = keep(slurp(path));
	json_t *started = json_loads(text, 0, NULL);
	pid_t pid = (pid_t)json_integer_value(json_object_get(started, "pid"));
	ck_assert_int_gt(pid, 1);
	json_decref(started);
	return pid;
}

START_TEST(a_task_runs_and_reports_its_start_events_and_result)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, effect("start"), "events 3", effect("end"), "exit 0", NULL);
	struct frame started = client_expect(&c, MESSAGE_STARTED);
	ck_assert_str_eq(frame_key(&started), "7-1");
	ck_assert_int_gt(frame_int(&started, "memory_kb", 0), 0);
	struct frame result = client_result(&c, TASK_EXITED);
	ck_assert_int_eq(frame_int(&result, "exit", -1), 0);
	ck_assert_int_eq(frame_int(&result, "events", -1), 3);
	ck_assert_int_eq(count(c.events.data, "\n"), 3);
	assert_effects("7-1 start\n7-1 end\n");
	frame_release(&started);
	frame_release(&result);
	ck_assert_int_eq(client_close(&c), 0);
}
END_TEST

START_TEST(done_forgets_the_task_and_leaves_nothing)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, "exit 1", NULL);
	struct frame result = client_result(&c, TASK_EXITED);
	ck_assert_int_eq(frame_int(&result, "exit", -1), 1);
	frame_release(&result);
	client_ask(&c, MESSAGE_DONE, "7-1");
	struct frame gone = client_expect(&c, MESSAGE_GONE);
	frame_release(&gone);
	char *path = keep(task_path(&c, "7-1", ""));
	ck_assert(!file_exists(path));
	char *trash = keep(xasprintf("%s/" CATALOG_ID "/" WORKER_ID "/trash", dir));
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;
	while (rmdir(trash) < 0) {
		ck_assert_msg(clock_mono_ms() < deadline, "the trash is not emptied");
		usleep(2000);
	}
	client_close(&c);
}
END_TEST

START_TEST(a_folder_that_is_used_again_holds_nothing_of_the_task_before)
{
	struct client c;
	char key[TASK_KEY_SIZE];

	client_open(&c, dir, 1, 1);
	for (int i = 1; i <= 60; i++) {
		task_key_format(i, 1, key);
		/* Every third leaves something unusual behind: a file, a dump. */
		const char *extra = i % 3 ? "say hello" : i % 2 ? "dump core.txt" : "effect left_behind x";
		client_start_task(&c, key, 0, 1000, "events 2", extra, exit_step(i % 2), NULL);
		struct frame result = client_result(&c, TASK_EXITED);
		ck_assert_str_eq(frame_key(&result), key);
		ck_assert_int_eq(frame_int(&result, "exit", -1), i % 2);
		ck_assert_int_eq(frame_int(&result, "events", -1), 2);
		ck_assert_uint_eq(json_array_size(json_object_get(result.head, "dumps")), i % 3 == 0 && i % 2);
		frame_release(&result);
		ck_assert(!file_exists(keep(task_path(&c, key, "work/left_behind"))) || i % 6 == 0);
		client_ask(&c, MESSAGE_DONE, key);
	}
	ck_assert_int_eq(count(c.events.data, "\n"), 120);
	client_close(&c);
}
END_TEST

START_TEST(start_may_be_repeated_and_starts_once)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	for (int i = 0; i < 20; i++)
		client_start_task(&c, "7-1", 0, 1000, effect("start"), "events 1", "exit 0", NULL);
	struct frame result = client_result(&c, TASK_EXITED);
	frame_release(&result);
	client_start_task(&c, "7-1", 0, 1000, effect("again"), "exit 0", NULL);
	client_ask(&c, MESSAGE_PING, "7-1");
	struct frame pong = client_expect(&c, MESSAGE_PONG);
	frame_release(&pong);
	assert_effects("7-1 start\n");
	client_close(&c);
}
END_TEST

START_TEST(many_agents_racing_for_the_same_keys_start_each_once)
{
	enum { AGENTS = 8, KEYS = 6 };
	struct client c[AGENTS];
	char *text;

	/* Each agent raises the fence; the ones before it must not claim. All try all keys. */
	for (int i = 0; i < AGENTS; i++)
		client_open(&c[i], dir, 1, i + 1);
	for (int k = 1; k <= KEYS; k++) {
		char key[TASK_KEY_SIZE];
		task_key_format(k, 1, key);
		for (int i = 0; i < AGENTS; i++)
			client_start_task(&c[i], key, 0, 1000, effect("start"), "exit 0", NULL);
	}
	for (int k = 0; k < KEYS; k++) {
		struct frame result = client_result(&c[AGENTS - 1], TASK_EXITED);
		frame_release(&result);
	}
	text = keep(slurp(effects));
	ck_assert_int_eq(count(text, "start"), KEYS);
	for (int i = 0; i < AGENTS; i++)
		client_kill(&c[i]);
}
END_TEST

START_TEST(a_lower_epoch_is_refused_and_an_older_session_cannot_claim)
{
	struct client old, new, stale;

	client_open(&old, dir, 5, 1);
	client_open(&new, dir, 6, 1);
	client_start_task(&old, "9-1", 0, 1000, effect("start"), "exit 0", NULL);
	struct frame refused = client_expect(&old, MESSAGE_REFUSED);
	ck_assert_str_eq(frame_key(&refused), "9-1");
	frame_release(&refused);
	client_start(&stale, dir);
	json_t *head = json_pack("{s:s, s:i, s:s, s:s, s:i, s:i}", "t", "hello", "v", PROTOCOL_VERSION,
	    "catalog", CATALOG_ID, "worker", WORKER_ID, "epoch", 5, "session", 99);
	client_send(&stale, head, NULL, 0);
	struct frame error = client_expect(&stale, MESSAGE_ERROR);
	ck_assert(frame_bool(&error, "fatal", false));
	ck_assert_ptr_nonnull(strstr(frame_text(&error, "reason", ""), "stale epoch"));
	frame_release(&error);
	ck_assert(!file_exists(effects));
	client_close(&stale);
	client_close(&new);
	client_close(&old);
}
END_TEST

START_TEST(the_end_of_the_agent_does_not_disturb_a_task_and_a_new_agent_adopts_it)
{
	struct client c;
	json_t *tasks;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, effect("start"), "events 5", until("go"), "events 4",
	    effect("end"), "exit 0", NULL);
	struct frame events = client_expect(&c, MESSAGE_EVENTS);
	frame_release(&events);
	client_kill(&c);
	client_start(&c, dir);
	client_hello(&c, 1, 2, &tasks);
	ck_assert_uint_eq(json_array_size(tasks), 1);
	json_t *entry = json_array_get(tasks, 0);
	ck_assert_str_eq(json_string_value(json_object_get(entry, "state")), "running");
	json_decref(tasks);
	json_t *tail = frame_head(MESSAGE_TAIL);
	json_object_set_new(tail, "key", json_string("7-1"));
	json_object_set_new(tail, "from", json_integer(4));
	client_send(&c, tail, NULL, 0);
	open_gate("go");
	struct frame result = client_result(&c, TASK_EXITED);
	ck_assert_int_eq(frame_int(&result, "events", -1), 9);
	ck_assert_int_eq(count(c.events.data, "\n"), 6);
	ck_assert_ptr_nonnull(strstr(c.events.data, "\"event 4\""));
	ck_assert_ptr_null(strstr(c.events.data, "\"event 3\""));
	assert_effects("7-1 start\n7-1 end\n");
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(a_task_that_ended_while_no_agent_was_there_is_reported_by_the_next)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, until("go"), "events 2", "exit 1", NULL);
	supervisor_pid(&c, "7-1");
	char *path = keep(task_path(&c, "7-1", "result"));
	client_kill(&c);
	open_gate("go");
	wait_for_file(path);
	client_start(&c, dir);
	client_hello(&c, 1, 2, NULL);
	client_ask(&c, MESSAGE_TAIL, "7-1");
	struct frame result = client_result(&c, TASK_EXITED);
	ck_assert_int_eq(frame_int(&result, "exit", -1), 1);
	ck_assert_int_eq(count(c.events.data, "\n"), 2);
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(a_killed_supervisor_means_lost_and_its_task_is_ended_and_never_run_again)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, effect("start"), keep(xasprintf("daemon %s", gate("pid"))),
	    until("never"), NULL);
	wait_for_file(gate("pid"));
	pid_t daemon = (pid_t)strtol(keep(slurp(gate("pid"))), NULL, 10);
	ck_assert_int_eq(kill(supervisor_pid(&c, "7-1"), SIGKILL), 0);
	struct frame result = client_result(&c, TASK_LOST);
	ck_assert_ptr_nonnull(strstr(frame_text(&result, "reason", ""), "killed"));
	frame_release(&result);
	wait_gone(daemon);
	client_start_task(&c, "7-1", 0, 1000, effect("again"), "exit 0", NULL);
	client_ask(&c, MESSAGE_PING, "7-1");
	struct frame pong = client_expect(&c, MESSAGE_PONG);
	frame_release(&pong);
	assert_effects("7-1 start\n");
	client_close(&c);
}
END_TEST

START_TEST(a_supervisor_killed_while_no_agent_was_there_is_found_lost_by_the_next)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, effect("start"), until("never"), NULL);
	pid_t supervisor = supervisor_pid(&c, "7-1");
	wait_for_file(effects);
	client_kill(&c);
	kill(supervisor, SIGKILL);
	wait_gone(supervisor);
	client_start(&c, dir);
	client_hello(&c, 1, 2, NULL);
	client_ask(&c, MESSAGE_TAIL, "7-1");
	struct frame result = client_result(&c, TASK_LOST);
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(a_killed_fork_server_is_replaced_and_ends_nothing)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, effect("start"), until("go"), effect("end"), NULL);
	wait_for_file(effects);
	pid_t server = child_with(c.pid, "fork-server");
	ck_assert_int_gt(server, 0);
	kill(server, SIGKILL);
	wait_gone(server);
	client_start_task(&c, "8-1", 0, 1000, "exit 0", NULL);
	struct frame result = client_result(&c, TASK_EXITED);
	ck_assert_str_eq(frame_key(&result), "8-1");
	frame_release(&result);
	ck_assert_int_ne(child_with(c.pid, "fork-server"), 0);
	open_gate("go");
	result = client_result(&c, TASK_EXITED);
	ck_assert_str_eq(frame_key(&result), "7-1");
	frame_release(&result);
	assert_effects("7-1 start\n7-1 end\n");
	client_close(&c);
}
END_TEST

START_TEST(the_fork_server_ends_with_its_agent)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, "exit 0", NULL);
	struct frame result = client_result(&c, TASK_EXITED);
	frame_release(&result);
	pid_t server = child_with(c.pid, "fork-server");
	ck_assert_int_gt(server, 0);
	client_kill(&c);
	wait_gone(server);
}
END_TEST

/* Run a task to its end; its supervisor. */
static pid_t run_to_end(struct client *c, const char *key)
{
	client_start_task(c, key, 0, 1000, effect("start"), "exit 0", NULL);
	struct frame result = client_result(c, TASK_EXITED);
	ck_assert_str_eq(frame_key(&result), key);
	frame_release(&result);
	return supervisor_pid(c, key);
}

START_TEST(a_supervisor_takes_one_task_after_the_other)
{
	struct client c;
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;
	int i = 2;

	client_open(&c, dir, 1, 1);
	pid_t first = run_to_end(&c, "1-1");
	/* It becomes free some moment after its result is told. */
	while (run_to_end(&c, keep(xasprintf("%d-1", i++))) != first)
		ck_assert_msg(clock_mono_ms() < deadline, "none of %d tasks was given to the first supervisor", i);
	client_close(&c);
}
END_TEST

START_TEST(a_supervisor_without_a_task_is_let_go)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	pid_t supervisor = run_to_end(&c, "7-1");
	wait_gone(supervisor);
	ck_assert_int_eq(kill(c.pid, 0), 0);
	supervisor = run_to_end(&c, "8-1");
	client_kill(&c);
	wait_gone(supervisor);
}
END_TEST

START_TEST(a_supervisor_whose_task_was_stopped_takes_no_other)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, effect("start"), until("never"), NULL);
	wait_for_file(effects);
	pid_t supervisor = supervisor_pid(&c, "7-1");
	client_ask(&c, MESSAGE_CANCEL, "7-1");
	struct frame result = client_result(&c, TASK_CANCELLED);
	frame_release(&result);
	for (int i = 8; i < 28; i++)
		ck_assert_int_ne(run_to_end(&c, keep(xasprintf("%d-1", i))), supervisor);
	client_close(&c);
}
END_TEST

START_TEST(a_killed_free_supervisor_takes_no_task_with_it)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	for (int i = 7; i < 17; i++) {
		pid_t supervisor = run_to_end(&c, keep(xasprintf("%d-1", i)));
		kill(supervisor, SIGKILL);
		wait_gone(supervisor);
	}
	client_close(&c);
}
END_TEST

static bool holds_a_task(pid_t supervisor)
{
	DIR *folder = opendir(keep(xasprintf("/proc/%d/fd", (int)supervisor)));
	char target[4096];
	bool found = false;

	ck_assert_ptr_nonnull(folder);
	for (struct dirent *entry; !found && (entry = readdir(folder));) {
		ssize_t n = readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		found = strstr(target, "/tasks/");
	}
	closedir(folder);
	return found;
}

/* It is free when it has let go of everything of its task. */
static void wait_free(pid_t supervisor)
{
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;

	while (holds_a_task(supervisor)) {
		ck_assert_msg(clock_mono_ms() < deadline, "supervisor %d keeps its task open", (int)supervisor);
		usleep(2000);
	}
}

START_TEST(a_stopped_free_supervisor_is_given_up)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	pid_t supervisor = run_to_end(&c, "7-1");
	wait_free(supervisor);
	kill(supervisor, SIGSTOP);
	client_start_task(&c, "8-1", 0, 1000, effect("start"), "exit 0", NULL);
	struct frame result = client_result(&c, TASK_REFUSED);
	ck_assert_str_eq(frame_key(&result), "8-1");
	frame_release(&result);
	wait_gone(supervisor);
	run_to_end(&c, "9-1");
	assert_effects("7-1 start\n9-1 start\n");
	client_close(&c);
}
END_TEST

START_TEST(ps_shows_a_task_under_the_name_of_the_runtime)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, effect("start"), until("never"), NULL);
	wait_for_file(effects);
	pid_t task = child_with(supervisor_pid(&c, "7-1"), "scaleout-dtexec --task --project-dir ");
	ck_assert_int_gt(task, 0);
	ck_assert_ptr_nonnull(strstr(keep(proc_text(task, "environ")), "/7-1 "));
	client_ask(&c, MESSAGE_CANCEL, "7-1");
	struct frame result = client_result(&c, TASK_CANCELLED);
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(another_boot_id_is_named_as_the_reason_of_a_loss)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, until("never"), NULL);
	pid_t supervisor = supervisor_pid(&c, "7-1");
	char *path = keep(task_path(&c, "7-1", "started"));
	client_kill(&c);
	kill(supervisor, SIGKILL);
	wait_gone(supervisor);
	const char *other = "{\"time\":1,\"pid\":2,\"boot\":\"another\"}\n";
	ck_assert_int_eq(file_write_atomic(path, other, strlen(other), 0600, false, NULL), 0);
	client_start(&c, dir);
	client_hello(&c, 1, 2, NULL);
	client_ask(&c, MESSAGE_TAIL, "7-1");
	struct frame result = client_result(&c, TASK_LOST);
	ck_assert_ptr_nonnull(strstr(frame_text(&result, "reason", ""), "restarted"));
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(a_claim_of_another_boot_counts_as_started)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	char *task = keep(task_path(&c, "7-1", ""));
	ck_assert_int_eq(dir_make(task, 0700, NULL), 0);
	static const char *const files[] = { "lock", "events", "result.tmp", "job" };
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		ck_assert_int_eq(file_write_atomic(keep(task_path(&c, "7-1", files[i])), "{}", 2, 0600, false, NULL), 0);
	client_start_task(&c, "7-1", 0, 1000, effect("start"), "exit 0", NULL);
	struct frame result = client_result(&c, TASK_LOST);
	ck_assert_ptr_nonnull(strstr(frame_text(&result, "reason", ""), "restarted"));
	ck_assert(!file_exists(effects));
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(a_deleted_spool_ends_its_tasks_as_lost)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, keep(xasprintf("daemon %s", gate("pid"))), until("never"), NULL);
	wait_for_file(gate("pid"));
	pid_t daemon = (pid_t)strtol(keep(slurp(gate("pid"))), NULL, 10);
	ck_assert_int_eq(dir_remove(keep(path_join(dir, CATALOG_ID)), NULL), 0);
	struct frame result = client_result(&c, TASK_LOST);
	frame_release(&result);
	struct frame error = client_expect(&c, MESSAGE_ERROR);
	ck_assert(frame_bool(&error, "fatal", false));
	ck_assert_ptr_nonnull(strstr(frame_text(&error, "reason", ""), "deleted"));
	frame_release(&error);
	wait_gone(daemon);
	client_close(&c);
}
END_TEST

START_TEST(cancel_ends_a_task_by_term)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	/* KILL would come after we have given up waiting. */
	client_start_task(&c, "7-1", 0, 10 * DEADLINE_MS, effect("start"), until("never"), NULL);
	wait_for_file(effects);
	client_ask(&c, MESSAGE_CANCEL, "7-1");
	struct frame result = client_result(&c, TASK_CANCELLED);
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(cancel_reaches_a_daemon_that_ignores_term_and_left_the_group)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 200, "ignore_term", keep(xasprintf("daemon %s", gate("pid"))),
	    until("never"), NULL);
	wait_for_file(gate("pid"));
	pid_t daemon = (pid_t)strtol(keep(slurp(gate("pid"))), NULL, 10);
	client_ask(&c, MESSAGE_CANCEL, "7-1");
	struct frame result = client_result(&c, TASK_CANCELLED);
	ck_assert_int_eq(kill(daemon, 0), -1);
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(cancel_before_the_start_means_no_start)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	/* The latch looks at the file, whoever made it: claim by hand what START would find. */
	char *task = keep(task_path(&c, "7-1", ""));
	ck_assert_int_eq(dir_make(task, 0700, NULL), 0);
	static const char *const files[] = { "lock", "events", "cancel", "result.tmp" };
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		ck_assert_int_eq(file_write_atomic(keep(task_path(&c, "7-1", files[i])), "", 0, 0600, false, NULL), 0);
	char *boot = keep(slurp("/proc/sys/kernel/random/boot_id"));
	ck_assert_int_eq(file_write_atomic(keep(task_path(&c, "7-1", "job")), boot, strlen(boot), 0600, false, NULL), 0);
	client_start_task(&c, "7-1", 0, 1000, effect("start"), "exit 0", NULL);
	struct frame result = client_result(&c, TASK_CANCELLED);
	ck_assert(!file_exists(effects));
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(what_outlives_the_runtime_is_ended_before_the_result)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, keep(xasprintf("daemon %s", gate("pid"))), "exit 0", NULL);
	struct frame result = client_result(&c, TASK_EXITED);
	pid_t daemon = (pid_t)strtol(keep(slurp(gate("pid"))), NULL, 10);
	ck_assert_int_eq(kill(daemon, 0), -1);
	ck_assert_int_eq(frame_int(&result, "exit", -1), 0);
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(a_runtime_killed_by_a_signal_has_crashed_and_its_last_words_are_kept)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, "say out of cheese", "raise 9", NULL);
	struct frame result = client_result(&c, TASK_CRASHED);
	ck_assert_int_eq(frame_int(&result, "signal", 0), SIGKILL);
	ck_assert_ptr_nonnull(strstr(frame_text(&result, "reason", ""), "out of cheese"));
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(a_lease_that_is_not_renewed_ends_the_task_and_old_stamps_renew_nothing)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 700, 1000, effect("start"), until("never"), NULL);
	struct frame started = client_expect(&c, MESSAGE_STARTED);
	frame_release(&started);
	for (int i = 0; i < 3; i++) {
		json_t *ping = frame_head(MESSAGE_PING);
		json_object_set_new(ping, "stamp", json_integer(1));
		client_send(&c, ping, NULL, 0);
	}
	struct frame result = client_result(&c, TASK_LEASE);
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(a_lease_is_renewed_by_returned_stamps_even_of_another_agent)
{
	struct client c;
	int64_t stamp = 0;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 3000, 1000, until("go"), "exit 0", NULL);
	supervisor_pid(&c, "7-1");
	client_kill(&c);
	client_start(&c, dir);
	client_hello(&c, 1, 2, NULL);
	client_ask(&c, MESSAGE_TAIL, "7-1");
	for (int64_t end = clock_mono_ms() + 4000; clock_mono_ms() < end; usleep(100000)) {
		json_t *ping = frame_head(MESSAGE_PING);
		json_object_set_new(ping, "stamp", json_integer(stamp));
		client_send(&c, ping, NULL, 0);
		struct frame pong = client_expect(&c, MESSAGE_PONG);
		stamp = frame_int(&pong, "stamp", 0);
		frame_release(&pong);
	}
	open_gate("go");
	struct frame result = client_result(&c, TASK_EXITED);
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(the_environment_is_made_from_scratch_and_no_descriptor_leaks)
{
	struct client c;

	setenv("SECRET_OF_THE_AGENT", "leaked", 1);
	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, keep(xasprintf("environ %s", gate("env"))),
	    keep(xasprintf("surroundings %s", gate("here"))), "exit 0", NULL);
	struct frame result = client_result(&c, TASK_EXITED);
	char *env = keep(slurp(gate("env"))), *here = keep(slurp(gate("here")));
	ck_assert_ptr_null(strstr(env, "SECRET_OF_THE_AGENT"));
	ck_assert_ptr_nonnull(strstr(env, "SCALEOUT_KEY="));
	ck_assert_ptr_nonnull(strstr(env, "/7-1\n"));
	ck_assert_ptr_nonnull(strstr(env, "HOME="));
	ck_assert_msg(strstr(here, "/tasks/7-1/work 0 1 2 3 4 leader=1\n") != NULL, "got %s", here);
	frame_release(&result);
	client_close(&c);
}
END_TEST

/* Whether any file below a folder holds the text. */
static bool tree_holds(const char *path, const char *text)
{
	struct stat st;
	bool found = false;

	if (lstat(path, &st) < 0)
		return false;
	if (S_ISREG(st.st_mode)) {
		char *data = keep(slurp(path));
		found = strstr(data, text) != NULL;
	} else if (S_ISDIR(st.st_mode)) {
		DIR *d = opendir(path);
		struct dirent *entry;
		while (!found && d && (entry = readdir(d))) {
			if (entry->d_name[0] == '.' && (!entry->d_name[1] || entry->d_name[1] == '.'))
				continue;
			char *sub = keep(path_join(path, entry->d_name));
			found = tree_holds(sub, text);
		}
		if (d)
			closedir(d);
	}
	return found;
}

START_TEST(the_specification_never_reaches_the_disk)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, until("go"), "say canary-4711-canary", "exit 0", NULL);
	supervisor_pid(&c, "7-1");
	ck_assert(tree_holds(dir, PROJECT_HASH));
	ck_assert(!tree_holds(dir, "canary-4711-canary"));
	open_gate("go");
	struct frame result = client_result(&c, TASK_EXITED);
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(a_missing_project_is_asked_for_and_a_damaged_one_refused)
{
	struct client c;

	client_start(&c, dir);
	client_hello(&c, 1, 1, NULL);
	client_start_task(&c, "7-1", 0, 1000, "exit 0", NULL);
	struct frame need = client_expect(&c, MESSAGE_NEED);
	ck_assert_str_eq(frame_text(&need, "project", ""), PROJECT_HASH);
	frame_release(&need);
	client_put_project(&c, PROJECT_HASH, "project two");
	struct frame refused = client_expect(&c, MESSAGE_REFUSED);
	ck_assert_str_eq(frame_text(&refused, "project", ""), PROJECT_HASH);
	frame_release(&refused);
	client_start_task(&c, "7-1", 0, 1000, "exit 0", NULL);
	need = client_expect(&c, MESSAGE_NEED);
	frame_release(&need);
	client_close(&c);
}
END_TEST

START_TEST(more_events_than_the_window_flow_as_they_are_acknowledged)
{
	struct client c;
	int64_t seen = 0;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, "events 30000", "exit 0", NULL);
	while (seen < 30000) {
		struct frame events = client_expect(&c, MESSAGE_EVENTS);
		ck_assert_int_eq(frame_int(&events, "from", 0), seen + 1);
		seen = frame_int(&events, "to", 0);
		frame_release(&events);
		json_t *ack = frame_head(MESSAGE_ACK);
		json_object_set_new(ack, "key", json_string("7-1"));
		json_object_set_new(ack, "seq", json_integer(seen));
		client_send(&c, ack, NULL, 0);
	}
	struct frame result = client_result(&c, TASK_EXITED);
	ck_assert_int_eq(frame_int(&result, "events", 0), 30000);
	ck_assert_int_eq(count(c.events.data, "\n"), 30000);
	frame_release(&result);
	client_close(&c);
}
END_TEST

START_TEST(dumps_are_listed_and_fetched_and_other_files_are_not)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, "dump state.txt", "exit 1", NULL);
	struct frame result = client_result(&c, TASK_EXITED);
	json_t *dumps = json_object_get(result.head, "dumps");
	ck_assert_uint_eq(json_array_size(dumps), 1);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(dumps, 0), "name")), "state.txt");
	frame_release(&result);
	json_t *fetch = json_pack("{s:s, s:s, s:s, s:i}", "t", "fetch", "key", "7-1", "name", "../job", "offset", 0);
	client_send(&c, fetch, NULL, 0);
	fetch = json_pack("{s:s, s:s, s:s, s:i}", "t", "fetch", "key", "7-1", "name", "state.txt", "offset", 0);
	client_send(&c, fetch, NULL, 0);
	struct frame file = client_expect(&c, MESSAGE_FILE);
	ck_assert_str_eq(frame_text(&file, "name", ""), "state.txt");
	ck_assert_mem_eq(file.blob, "state of the package\n", file.blob_len);
	frame_release(&file);
	client_close(&c);
}
END_TEST

START_TEST(a_full_disk_refuses_the_start_and_cannot_lose_a_result)
{
	struct client c;
	char *mount_point = gate("small");

	if (geteuid() != 0)
		test_skip("mounting a small tmpfs needs root");
	ck_assert_int_eq(mkdir(mount_point, 0700), 0);
	if (mount("none", mount_point, "tmpfs", 0, "size=256k,mode=0700") < 0)
		test_skip("tmpfs cannot be mounted here");
	client_open(&c, mount_point, 1, 1);
	client_start_task(&c, "7-1", 0, 1000, until("go"), "exit 1", NULL);
	supervisor_pid(&c, "7-1");
	/* Fill the disk to the last block. */
	char *filler = keep(path_join(mount_point, "filler"));
	FILE *file = fopen(filler, "w");
	while (file && fputc('x', file) != EOF && fflush(file) == 0)
		;
	if (file)
		fclose(file);
	client_start_task(&c, "8-1", 0, 1000, effect("start"), "exit 0", NULL);
	struct frame refused = client_expect(&c, MESSAGE_REFUSED);
	ck_assert_str_eq(frame_key(&refused), "8-1");
	frame_release(&refused);
	open_gate("go");
	struct frame result = client_result(&c, TASK_EXITED);
	ck_assert_str_eq(frame_key(&result), "7-1");
	ck_assert_int_eq(frame_int(&result, "exit", -1), 1);
	frame_release(&result);
	ck_assert(!file_exists(effects));
	client_close(&c);
	umount2(mount_point, MNT_DETACH);
}
END_TEST

START_TEST(a_spool_that_others_may_enter_is_refused)
{
	struct client c;

	ck_assert_int_eq(mkdir(keep(xasprintf("%s/" CATALOG_ID, dir)), 0755), 0);
	client_start(&c, dir);
	json_t *head = json_pack("{s:s, s:i, s:s, s:s, s:i, s:i}", "t", "hello", "v", PROTOCOL_VERSION,
	    "catalog", CATALOG_ID, "worker", WORKER_ID, "epoch", 1, "session", 1);
	client_send(&c, head, NULL, 0);
	struct frame error = client_expect(&c, MESSAGE_ERROR);
	ck_assert(frame_bool(&error, "fatal", false));
	frame_release(&error);
	client_close(&c);
}
END_TEST

START_TEST(garbage_and_another_version_end_the_agent_with_an_error)
{
	struct client c;

	client_start(&c, dir);
	ck_assert_int_eq(fd_write_full(c.fd, "GET / HTTP/1.1\r\n\r\n", 18), 0);
	struct frame error = client_expect(&c, MESSAGE_ERROR);
	ck_assert(frame_bool(&error, "fatal", false));
	frame_release(&error);
	client_close(&c);
	client_start(&c, dir);
	client_send(&c, json_pack("{s:s, s:i}", "t", "hello", "v", 99), NULL, 0);
	error = client_expect(&c, MESSAGE_ERROR);
	ck_assert_ptr_nonnull(strstr(frame_text(&error, "reason", ""), "99"));
	frame_release(&error);
	client_close(&c);
}
END_TEST

START_TEST(a_probe_hears_facts_without_opening_a_spool)
{
	struct client c;

	client_start(&c, dir);
	client_send(&c, json_pack("{s:s, s:i}", "t", "hello", "v", PROTOCOL_VERSION), NULL, 0);
	struct frame hello = client_expect(&c, MESSAGE_HELLO);
	ck_assert_int_gt(frame_int(&hello, "cpus", 0), 0);
	ck_assert_ptr_nonnull(frame_text(&hello, "user", NULL));
	frame_release(&hello);
	client_close(&c);
	char *spool = keep(path_join(dir, CATALOG_ID));
	ck_assert(!file_exists(spool));
}
END_TEST

static Suite *make_suite(void)
{
	const TTest *const tests[] = {
		a_task_runs_and_reports_its_start_events_and_result,
		done_forgets_the_task_and_leaves_nothing,
		a_folder_that_is_used_again_holds_nothing_of_the_task_before,
		start_may_be_repeated_and_starts_once,
		many_agents_racing_for_the_same_keys_start_each_once,
		a_killed_fork_server_is_replaced_and_ends_nothing,
		the_fork_server_ends_with_its_agent,
		a_supervisor_takes_one_task_after_the_other,
		a_supervisor_without_a_task_is_let_go,
		a_supervisor_whose_task_was_stopped_takes_no_other,
		a_killed_free_supervisor_takes_no_task_with_it,
		a_stopped_free_supervisor_is_given_up,
		ps_shows_a_task_under_the_name_of_the_runtime,
		a_lower_epoch_is_refused_and_an_older_session_cannot_claim,
		the_end_of_the_agent_does_not_disturb_a_task_and_a_new_agent_adopts_it,
		a_task_that_ended_while_no_agent_was_there_is_reported_by_the_next,
		a_killed_supervisor_means_lost_and_its_task_is_ended_and_never_run_again,
		a_supervisor_killed_while_no_agent_was_there_is_found_lost_by_the_next,
		another_boot_id_is_named_as_the_reason_of_a_loss,
		a_claim_of_another_boot_counts_as_started,
		a_deleted_spool_ends_its_tasks_as_lost,
		cancel_ends_a_task_by_term,
		cancel_reaches_a_daemon_that_ignores_term_and_left_the_group,
		cancel_before_the_start_means_no_start,
		what_outlives_the_runtime_is_ended_before_the_result,
		a_runtime_killed_by_a_signal_has_crashed_and_its_last_words_are_kept,
		a_lease_that_is_not_renewed_ends_the_task_and_old_stamps_renew_nothing,
		a_lease_is_renewed_by_returned_stamps_even_of_another_agent,
		the_environment_is_made_from_scratch_and_no_descriptor_leaks,
		the_specification_never_reaches_the_disk,
		a_missing_project_is_asked_for_and_a_damaged_one_refused,
		more_events_than_the_window_flow_as_they_are_acknowledged,
		dumps_are_listed_and_fetched_and_other_files_are_not,
		a_full_disk_refuses_the_start_and_cannot_lose_a_result,
		a_spool_that_others_may_enter_is_refused,
		garbage_and_another_version_end_the_agent_with_an_error,
		a_probe_hears_facts_without_opening_a_spool,
	};
	Suite *suite = suite_create("exec_worker");
	static const struct {
		const char *name;
		SFun set_up;
	} runtimes[] = { { "built in", make_dir }, { "program", make_dir_for_program } };

	for (size_t i = 0; i < ARRAY_LEN(runtimes); i++) {
		TCase *tcase = tcase_create(runtimes[i].name);
		tcase_add_checked_fixture(tcase, runtimes[i].set_up, release_all);
		tcase_set_timeout(tcase, 60);
		for (size_t j = 0; j < ARRAY_LEN(tests); j++)
			tcase_add_test(tcase, tests[j]);
		suite_add_tcase(suite, tcase);
	}
	return suite;
}

TEST_MAIN(make_suite)
