/* SPDX-License-Identifier: MIT */
/* Control groups by a folder that looks like a delegated one: the kernel's own are rarely to be had in tests. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "exec/worker/cgroup.h"
#include "exec/worker/runner.h"
#include "tests/harness.h"

static char dir[] = "/tmp/scaleout-cgroup.XXXXXX";
static char base[512];
static struct err err;

static void put(const char *folder, const char *name, const char *text)
{
	char *path = path_join(folder, name);

	ck_assert_int_eq(file_write_atomic(path, text, strlen(text), 0600, false, &err), 0);
	free(path);
}

static const char *get(const char *folder, const char *name)
{
	static struct buf text = BUF_INIT;
	char *path = path_join(folder, name);

	buf_clear(&text);
	ck_assert_int_eq(file_read(path, 4096, &text, &err), 0);
	free(path);
	return text.data;
}

static int lines_in(const char *folder, const char *name)
{
	const char *text = access(folder, F_OK) == 0 ? get(folder, name) : "";
	int count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

/* The folder below dir that stands for our own group. */
static void setup(void)
{
	struct buf own = BUF_INIT;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(file_read("/proc/self/cgroup", 4096, &own, &err), 0);
	const char *path = strstr(own.data, "0::");
	size_t len = path ? strcspn(path + 3, "\n") : 0;
	snprintf(base, sizeof(base), "%s%.*s", dir, (int)(len > 1 ? len : 0), path ? path + 3 : "");
	ck_assert_int_eq(dir_make(base, 0700, &err), 0);
	buf_release(&own);
	setenv("SCALEOUT_SYSTEMD_RUN", "/bin/false", 1);
}

static void teardown(void)
{
	unsetenv("SCALEOUT_SYSTEMD_RUN");
	dir_remove(dir, NULL);
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
}

START_TEST(a_delegated_group_is_used)
{
	struct cgroup cgroup = { .wanted = true };

	put(base, "cgroup.procs", "");
	put(base, "cgroup.subtree_control", "cpu io memory pids\n");
	/* Root may write into every group; to an account its own group was given. */
	if (geteuid() == 0 && setxattr(base, "trusted.delegate", "1", 1, 0) < 0) {
		fprintf(stderr, "skipped: a folder here cannot be marked as delegated: %s\n", strerror(errno));
		return;
	}
	setenv("SCALEOUT_SYSTEMD_RUN", "/bin/true", 1); /* a scope could be had, too */
	cgroup_probe(&cgroup, dir);
	ck_assert_int_eq(cgroup.how, CGROUP_DIRECT);
	ck_assert_str_eq(cgroup.base, base);
	ck_assert_str_eq(cgroup_how_name(cgroup.how), "control group");
}
END_TEST

START_TEST(a_group_that_the_service_manager_keeps_is_not)
{
	struct cgroup cgroup = { .wanted = true };

	if (geteuid() != 0)
		return; /* an account cannot write there */
	put(base, "cgroup.procs", "");
	put(base, "cgroup.subtree_control", "cpu io memory pids\n");
	setenv("SCALEOUT_SYSTEMD_RUN", "/bin/true", 1);
	cgroup_probe(&cgroup, dir);
	ck_assert_int_eq(cgroup.how, CGROUP_SCOPE);
}
END_TEST

START_TEST(a_group_without_the_controllers_is_not)
{
	struct cgroup cgroup = { .wanted = true, .memory_max_mb = 5, .cpu_max_percent = 5 };

	put(base, "cgroup.procs", "");
	put(base, "cgroup.controllers", "pids\n");
	cgroup_probe(&cgroup, dir);
	ck_assert_int_eq(cgroup.how, CGROUP_NONE);
	ck_assert_str_ne(cgroup.why, "");
}
END_TEST

START_TEST(the_limits_are_set_before_the_task_is_in_the_group)
{
	struct cgroup cgroup = { .wanted = true, .how = CGROUP_DIRECT, .memory_max_mb = 3, .cpu_max_percent = 150 };
	char *group = path_join(base, "task");

	snprintf(cgroup.base, sizeof(cgroup.base), "%s", base);
	/* The kernel makes these files with the folder. */
	ck_assert_int_eq(dir_make(group, 0700, &err), 0);
	put(group, "memory.max", "");
	put(group, "cpu.max", "");
	ck_assert_int_ne(cgroup_enter(&cgroup, "task"), 0);
	put(group, "cgroup.procs", "");
	ck_assert_int_eq(cgroup_enter(&cgroup, "task"), 0);
	ck_assert_str_eq(get(group, "memory.max"), "3145728\n");
	ck_assert_str_eq(get(group, "cpu.max"), "150000 100000\n");
	ck_assert_str_eq(get(group, "cgroup.procs"), "0\n");
	free(group);
}
END_TEST

START_TEST(the_agent_itself_leaves_the_group_that_hands_down)
{
	struct cgroup cgroup = { .wanted = true, .how = CGROUP_DIRECT };
	char *leaf = path_join(base, "scaleout-worker");

	snprintf(cgroup.base, sizeof(cgroup.base), "%s", base);
	ck_assert_int_eq(dir_make(leaf, 0700, &err), 0);
	put(leaf, "cgroup.procs", "");
	cgroup_leave(&cgroup);
	ck_assert_str_eq(get(leaf, "cgroup.procs"), "0\n");
	free(leaf);
}
END_TEST

START_TEST(a_folder_where_nothing_is_handed_down_is_made_to)
{
	struct cgroup cgroup = { .wanted = true };

	put(base, "cgroup.procs", "");
	put(base, "cgroup.subtree_control", "");
	cgroup_probe(&cgroup, dir);
	ck_assert_int_eq(cgroup.how, CGROUP_DIRECT);
	ck_assert_str_eq(cgroup.base, base);
	ck_assert_str_eq(cgroup.why, "");
	/* A kernel would take "+memory"; a file only has what was written into it last. */
	cgroup.memory_max_mb = 5;
	cgroup_probe(&cgroup, dir);
	ck_assert_int_eq(cgroup.how, CGROUP_DIRECT);
	ck_assert_str_eq(get(base, "cgroup.subtree_control"), "+memory\n");
}
END_TEST

START_TEST(why_there_is_none_names_what_is_missing)
{
	struct cgroup cgroup = { .wanted = true, .cpu_max_percent = 50 };

	put(dir, "cgroup.controllers", "hugetlb\n");
	cgroup_probe(&cgroup, dir);
	ck_assert_int_eq(cgroup.how, CGROUP_NONE);
	ck_assert_ptr_nonnull(strstr(cgroup.why, "has no cpu controller"));
	put(dir, "cgroup.controllers", "cpu memory\n");
	cgroup_probe(&cgroup, dir);
	ck_assert_ptr_nonnull(strstr(cgroup.why, "is delegated to this account"));
	cgroup_probe(&cgroup, "");
	ck_assert_ptr_nonnull(strstr(cgroup.why, "no cgroup2 file system is mounted"));
}
END_TEST

static bool ran_out(const char *folder)
{
	int memory = cgroup_memory_open(folder);
	bool out = cgroup_out_of_memory(memory);

	if (memory >= 0)
		close(memory);
	return out;
}

START_TEST(a_task_without_memory_is_told_by_its_group)
{
	put(base, "memory.events", "low 0\nhigh 0\nmax 17\noom 2\noom_kill 0\noom_group_kill 0\n");
	ck_assert(!ran_out(base));
	put(base, "memory.events", "low 0\nhigh 0\nmax 17\noom 2\noom_kill 1\noom_group_kill 1\n");
	ck_assert(ran_out(base));
	ck_assert(!ran_out("/nowhere"));
}
END_TEST

/* Mount points where the kernel's own groups may be; NULL when we may make none. */
static const char *real_root(void)
{
	static const char *const folders[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		char *path = path_join(folders[i], "cgroup.controllers");
		bool there = access(path, R_OK) == 0 && access(folders[i], W_OK) == 0;
		free(path);
		if (there)
			return folders[i];
	}
	return NULL;
}

/* Probe for what cgroup asks, and a name for a group; false after saying why there can be none. */
static bool real_group(struct cgroup *cgroup, char *name, size_t size)
{
	const char *root = real_root();

	if (root)
		cgroup_probe(cgroup, root);
	snprintf(name, size, "scaleout-test-%d", (int)getpid());
	if (root && cgroup->how == CGROUP_DIRECT)
		return true;
	fprintf(stderr, "skipped: a real control group with %d MiB: %s\n", cgroup->memory_max_mb,
	    root ? cgroup->why : "none may be made here");
	return false;
}

/* A child in a real group of this name, which sleeps until it is killed. */
static pid_t sleeper_in(const struct cgroup *cgroup, const char *name)
{
	int ready[2];
	char byte;

	ck_assert_int_eq(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		if (cgroup_enter(cgroup, name) != 0 || write(ready[1], "", 1) != 1)
			_exit(9);
		for (;;)
			pause();
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

START_TEST(the_group_of_a_scope_is_found_by_its_process)
{
	struct cgroup cgroup = { .wanted = true };
	char name[64], scope[80], *folder, *expected;

	if (!real_group(&cgroup, name, sizeof(name)))
		return;
	snprintf(scope, sizeof(scope), "%s.scope", name);
	pid_t pid = sleeper_in(&cgroup, scope);
	expected = path_join(cgroup.base, scope);
	cgroup.how = CGROUP_SCOPE;
	folder = cgroup_folder(&cgroup, name, pid);
	ck_assert_ptr_nonnull(folder);
	ck_assert_str_eq(folder, expected);
	ck_assert_ptr_null(cgroup_folder(&cgroup, name, getpid()));
	ck_assert_ptr_null(cgroup_folder(&cgroup, "another", pid));
	cgroup.root[0] = '\0';
	ck_assert_ptr_null(cgroup_folder(&cgroup, name, pid));
	/* It is not empty yet, and goes all the same. */
	cgroup_remove(&cgroup, scope);
	ck_assert_int_ne(access(expected, F_OK), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	free(folder);
	free(expected);
}
END_TEST

/* In a group inside another one, of which only the outer one is delegated, according to the folder made here. */
static void probe_inside(const struct cgroup *outer, const char *name, struct cgroup *ret)
{
	char *inner = xasprintf("%s/inner", name), *root = xasprintf("%s/%s", dir, name);

	if (cgroup_enter(outer, name) != 0 || cgroup_enter(outer, inner) != 0)
		_exit(9);
	if (dir_make(root, 0700, NULL) < 0)
		_exit(8);
	put(root, "cgroup.procs", "");
	put(root, "cgroup.subtree_control", "cpu memory\n");
	*ret = (struct cgroup){ .wanted = true };
	cgroup_probe(ret, dir);
	_exit(ret->how == CGROUP_DIRECT && strcmp(ret->base, root) == 0 ? 0 : 1);
}

START_TEST(a_group_above_our_own_may_be_the_delegated_one)
{
	struct cgroup cgroup = { .wanted = true }, found;
	char name[64], *inner;
	int status = -1;

	if (!real_group(&cgroup, name, sizeof(name)))
		return;
	/* Names that are like those of the file system root, as seen by this process. */
	if (strcmp(cgroup.base, cgroup.root) != 0 && cgroup.base[strlen(cgroup.root)] != '\0')
		test_skip("our own group is not the uppermost one: %s", cgroup.base);
	pid_t pid = fork();
	if (pid == 0)
		probe_inside(&cgroup, name, &found);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	inner = xasprintf("%s/inner", name);
	cgroup_remove(&cgroup, inner);
	cgroup_remove(&cgroup, name);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	free(inner);
}
END_TEST

/* Be in a group, leave it again, and start a child that forks and ignores TERM in it. */
START_TEST(a_real_group_is_killed_as_a_whole)
{
	struct cgroup cgroup = { .wanted = true };
	char name[64];
	int status = 0;

	if (!real_group(&cgroup, name, sizeof(name)))
		return;
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGTERM, SIG_IGN);
		if (cgroup_enter(&cgroup, name) != 0)
			_exit(9);
		if (fork() == 0 && fork() == 0)
			setsid();
		for (;;)
			pause();
	}
	char *folder = cgroup_folder(&cgroup, name, pid);
	ck_assert_ptr_nonnull(folder);
	for (int i = 0; i < 5000 && lines_in(folder, "cgroup.procs") < 3; i++)
		usleep(1000);
	ck_assert_int_eq(lines_in(folder, "cgroup.procs"), 3);
	ck_assert(cgroup_kill(folder));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	cgroup_remove(&cgroup, name);
	ck_assert_int_ne(access(folder, F_OK), 0);
	free(folder);
}
END_TEST

START_TEST(a_real_group_ends_what_needs_too_much_memory)
{
	struct cgroup cgroup = { .wanted = true, .memory_max_mb = 16 };
	char name[64];
	int status = 0;

	if (!real_group(&cgroup, name, sizeof(name)))
		return;
	pid_t pid = fork();
	if (pid == 0) {
		if (cgroup_enter(&cgroup, name) != 0)
			_exit(9);
		for (int i = 0; i < 256; i++)
			memset(malloc(1 << 20), i + 1, 1 << 20);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	char *folder = cgroup_folder(&cgroup, name, pid);
	ck_assert(ran_out(folder));
	cgroup_remove(&cgroup, name);
	ck_assert_int_ne(access(folder, F_OK), 0);
	free(folder);
}
END_TEST

START_TEST(a_scope_has_the_name_and_only_the_limits_that_are_set)
{
	struct cgroup cgroup = { .memory_max_mb = 5 };
	struct buf all = BUF_INIT;

	snprintf(cgroup.systemd_run, sizeof(cgroup.systemd_run), "/x/systemd-run");
	char **argv = cgroup_scope_argv(&cgroup, "scaleout-a-1-1");
	for (char **word = argv; *word; word++) {
		buf_addf(&all, "%s ", *word);
		free(*word);
	}
	free(argv);
	ck_assert_ptr_nonnull(strstr(all.data, "/x/systemd-run "));
	ck_assert_ptr_nonnull(strstr(all.data, "--scope --quiet --collect --unit=scaleout-a-1-1 --property=MemoryMax=5M -- "));
	ck_assert_ptr_null(strstr(all.data, "CPUQuota"));
	ck_assert((strstr(all.data, "--user") != NULL) == (geteuid() != 0));
	buf_release(&all);
}
END_TEST

START_TEST(a_program_that_does_not_end_is_ended)
{
	char *argv[] = { (char *)"/bin/sh", (char *)"-c", (char *)"echo begun; exec sleep 60", NULL };
	struct runner_result result;

	/* Long enough for the shell to have said something on a busy machine. */
	ck_assert_int_eq(runner_run(argv, NULL, 2000, &result, &err), -ERR_TIMEOUT);
	ck_assert_str_eq(result.output, "begun\n");
	ck_assert_int_eq(result.status, 128 + 9);
	char *missing[] = { (char *)"/nowhere/x", NULL };
	ck_assert_int_eq(runner_run(missing, NULL, 300, &result, &err), -ERR_NOT_FOUND);
}
END_TEST

static Suite *cgroup_suite(void)
{
	Suite *s = suite_create("cgroup");
	TCase *t = tcase_create("cgroup");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_delegated_group_is_used);
	tcase_add_test(t, a_group_that_the_service_manager_keeps_is_not);
	tcase_add_test(t, a_group_without_the_controllers_is_not);
	tcase_add_test(t, the_limits_are_set_before_the_task_is_in_the_group);
	tcase_add_test(t, the_agent_itself_leaves_the_group_that_hands_down);
	tcase_add_test(t, the_group_of_a_scope_is_found_by_its_process);
	tcase_add_test(t, a_group_above_our_own_may_be_the_delegated_one);
	tcase_add_test(t, a_folder_where_nothing_is_handed_down_is_made_to);
	tcase_add_test(t, why_there_is_none_names_what_is_missing);
	tcase_add_test(t, a_task_without_memory_is_told_by_its_group);
	tcase_add_test(t, a_real_group_is_killed_as_a_whole);
	tcase_add_test(t, a_real_group_ends_what_needs_too_much_memory);
	tcase_add_test(t, a_scope_has_the_name_and_only_the_limits_that_are_set);
	tcase_add_test(t, a_program_that_does_not_end_is_ended);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(cgroup_suite)
