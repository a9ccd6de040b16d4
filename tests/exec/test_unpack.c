/* SPDX-License-Identifier: MIT */
/* Projects being unpacked: the agent goes on meanwhile, and whatever dies or has no room, no half project gets a name. */
#include <dirent.h>
#include <sha2.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "tests/exec/client.h"

static char *dir, *gate, *slow, slow_hash[SHA256_DIGEST_STRING_LENGTH];

/* slow is a project that is unpacked by half until the file gate is there. */
static void set_up(void)
{
	dir = test_tmpdir();
	gate = path_join(dir, "gate");
	slow = xasprintf("SLOW %s", gate);
	SHA256Data((const uint8_t *)slow, strlen(slow), slow_hash);
}

static void tear_down(void)
{
	free(slow);
	free(gate);
	free(dir);
}

static void open_gate(void)
{
	ck_assert_int_eq(file_write_atomic(gate, "", 0, 0600, false, NULL), 0);
}

/* The process that unpacks for an agent; waits for it. */
static pid_t unpacker_of(pid_t agent)
{
	char *path = xasprintf("/proc/%d/task/%d/children", (int)agent, (int)agent);
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;
	pid_t found = 0;

	while (!found && clock_mono_ms() < deadline) {
		char *children = slurp(path);
		for (char *at = children, *end; *at && !found; at = end) {
			pid_t pid = (pid_t)strtol(at, &end, 10);
			if (end == at)
				break;
			char *comm_path = xasprintf("/proc/%d/comm", (int)pid), *comm = slurp(comm_path);
			if (strcmp(comm, "scaleout-unpack\n") == 0)
				found = pid;
			free(comm_path);
			free(comm);
		}
		free(children);
		usleep(1000);
	}
	free(path);
	ck_assert_msg(found > 0, "nobody unpacks");
	return found;
}

static char *projects_of(const char *spool)
{
	return xasprintf("%s/" CATALOG_ID "/" WORKER_ID "/projects", spool);
}

/* Waits until there is a name in a folder that ends like this, or (there = false) none. */
static void wait_name(const char *folder, const char *end, bool there)
{
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;
	bool found = !there;

	while (found != there) {
		DIR *d = opendir(folder);
		struct dirent *entry;
		ck_assert_msg(d && clock_mono_ms() < deadline, "*%s in %s: %d", end, folder, found);
		found = false;
		while ((entry = readdir(d))) {
			size_t len = strlen(entry->d_name), n = strlen(end);
			found = found || (len >= n && strcmp(entry->d_name + len - n, end) == 0);
		}
		closedir(d);
		usleep(1000);
	}
}

static void expect_about(struct client *c, enum message type, const char *hash)
{
	struct frame frame = client_expect(c, type);

	ck_assert_str_eq(frame_text(&frame, "project", ""), hash);
	frame_release(&frame);
}

static void expect_refused(struct client *c, const char *hash, const char *words)
{
	struct frame frame = client_expect(c, MESSAGE_REFUSED);
	const char *reason = frame_text(&frame, "reason", "");

	ck_assert_str_eq(frame_text(&frame, "project", ""), hash);
	ck_assert_msg(strstr(reason, words), "%s", reason);
	frame_release(&frame);
}

/* The process runs, and half of its work is done. */
static pid_t begin_slow(struct client *c)
{
	char *projects = projects_of(c->spool);

	client_put_project(c, slow_hash, slow);
	pid_t pid = unpacker_of(c->pid);
	wait_name(projects, ".tmp", true);
	free(projects);
	return pid;
}

START_TEST(while_a_project_is_unpacked_the_agent_answers_and_runs_tasks)
{
	struct client c;

	client_open(&c, dir, 1, 1);
	begin_slow(&c);
	client_send(&c, frame_head(MESSAGE_PING), NULL, 0);
	struct frame pong = client_expect(&c, MESSAGE_PONG);
	frame_release(&pong);
	client_start_task(&c, "7-1", 0, 1000, "exit 0", NULL);
	struct frame result = client_result(&c, TASK_EXITED);
	ck_assert_str_eq(frame_key(&result), "7-1");
	frame_release(&result);
	ck_assert(!file_exists(gate));
	open_gate();
	expect_about(&c, MESSAGE_HAVE, slow_hash);
	client_close(&c);
}
END_TEST

START_TEST(an_unpacking_that_is_killed_is_refused_and_may_be_repeated)
{
	struct client c;
	char *projects = projects_of(dir);

	client_open(&c, dir, 1, 1);
	kill(begin_slow(&c), SIGKILL);
	expect_refused(&c, slow_hash, "ended by signal 9");
	wait_name(projects, slow_hash, false);
	wait_name(projects, ".tmp", false);
	open_gate();
	client_put_project(&c, slow_hash, slow);
	expect_about(&c, MESSAGE_HAVE, slow_hash);
	wait_name(projects, slow_hash, true);
	client_close(&c);
	free(projects);
}
END_TEST

START_TEST(an_unpacking_ends_with_its_agent_and_the_next_one_begins_anew)
{
	struct client c;
	char *projects = projects_of(dir);

	client_open(&c, dir, 1, 1);
	pid_t pid = begin_slow(&c);
	client_kill(&c);
	for (int64_t deadline = clock_mono_ms() + DEADLINE_MS; kill(pid, 0) == 0; usleep(5000))
		ck_assert_int_lt(clock_mono_ms(), deadline);
	wait_name(projects, ".tmp", true);
	client_start(&c, dir);
	client_hello(&c, 1, 2, NULL);
	wait_name(projects, ".tmp", false);
	wait_name(projects, slow_hash, false);
	open_gate();
	client_put_project(&c, slow_hash, slow);
	expect_about(&c, MESSAGE_HAVE, slow_hash);
	client_close(&c);
	free(projects);
}
END_TEST

START_TEST(a_project_that_finds_no_room_is_refused_and_taken_when_there_is_some)
{
	struct client c;
	char *small = path_join(dir, "small"), *projects = projects_of(small);
	char *bytes = xcalloc(1, 700 * 1024 + 1), hash[SHA256_DIGEST_STRING_LENGTH];

	if (geteuid() != 0)
		test_skip("mounting a small tmpfs needs root");
	ck_assert_int_eq(mkdir(small, 0700), 0);
	if (mount("none", small, "tmpfs", 0, "size=1m,mode=0700") < 0)
		test_skip("tmpfs cannot be mounted here");
	/* The archive fits, and what is in it does not. */
	memset(bytes, 'x', 700 * 1024);
	SHA256Data((const uint8_t *)bytes, strlen(bytes), hash);
	client_open(&c, small, 1, 1);
	client_put_project(&c, hash, bytes);
	expect_refused(&c, hash, "No space left");
	wait_name(projects, ".tmp", false);
	ck_assert_int_eq(mount("none", small, "tmpfs", MS_REMOUNT, "size=4m"), 0);
	client_put_project(&c, hash, bytes);
	expect_about(&c, MESSAGE_HAVE, hash);
	client_close(&c);
	umount2(small, MNT_DETACH);
	free(bytes);
	free(projects);
	free(small);
}
END_TEST

static Suite *unpack_suite(void)
{
	Suite *s = suite_create("exec unpack");
	TCase *t = tcase_create("unpack");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, while_a_project_is_unpacked_the_agent_answers_and_runs_tasks);
	tcase_add_test(t, an_unpacking_that_is_killed_is_refused_and_may_be_repeated);
	tcase_add_test(t, an_unpacking_ends_with_its_agent_and_the_next_one_begins_anew);
	tcase_add_test(t, a_project_that_finds_no_room_is_refused_and_taken_when_there_is_some);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(unpack_suite)
