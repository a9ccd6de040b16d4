/* SPDX-License-Identifier: MIT */
/*
 * Which way works is tried, not guessed: a session over SSH usually lies in a
 * group that root owns, so only the user's service manager can make one; in a
 * service with Delegate=yes (or a container) we may make them ourselves.
 */
#include "exec/worker/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "exec/worker/runner.h"

#define PROBE_MS 5000
#define LEAF "scaleout-worker" /* where supervisors stay */
#define LEVELS_MAX 32
#define REMOVE_TRIES 500

extern char **environ;

const char *cgroup_how_name(enum cgroup_how how)
{
	static const char *const names[] = { "", "control group", "systemd scope" };

	return names[how];
}

static bool put(const char *folder, const char *file, const char *text)
{
	char *path = path_join(folder, file);
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	free(path);
	return good;
}

static bool file_has_word(const char *folder, const char *file, const char *word)
{
	struct buf text = BUF_INIT;
	char *path = path_join(folder, file);
	bool found = file_read(path, 65536, &text, NULL) == 0 && strstr(text.data, word);

	free(path);
	buf_release(&text);
	return found;
}

/* --- a delegated group --- */

/* What the limits need; without limits a group is still of use, to end a task as a whole. */
static size_t needed_controllers(const struct cgroup *cgroup, const char *ret[2])
{
	size_t count = 0;

	if (cgroup->memory_max_mb)
		ret[count++] = "memory";
	if (cgroup->cpu_max_percent)
		ret[count++] = "cpu";
	return count;
}

static bool writable(const char *folder)
{
	char *procs = path_join(folder, "cgroup.procs");
	bool good = access(folder, W_OK) == 0 && access(procs, W_OK) == 0;

	free(procs);
	return good;
}

/*
 * Whether a folder was given away: to an account as its owner, to root, who may write everywhere, by the service
 * manager's mark. In a group that the manager keeps, limits go when it looks at its tree again.
 */
static bool given(const char *folder)
{
	static const char *const marks[] = { "user.delegate", "trusted.delegate" };
	char value[2] = "";
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (getxattr(folder, marks[i], value, sizeof(value)) == 1 && *value == '1')
			return true;
	return geteuid() != 0 && stat(folder, &st) == 0 && st.st_uid == geteuid();
}

/* A folder where groups with limits can be made: ours to write, with the controllers handed down. */
static bool delegated(const struct cgroup *cgroup, const char *folder)
{
	(void)cgroup; /* whatever the limits: then no other way is looked for */
	return writable(folder) && given(folder) && file_has_word(folder, "cgroup.subtree_control", "memory") &&
	    file_has_word(folder, "cgroup.subtree_control", "cpu");
}

/* The same, where we hand down what is needed ourselves. The kernel refuses that to a group with processes in it. */
static bool can_delegate(const struct cgroup *cgroup, const char *folder)
{
	const char *names[2];
	size_t count = needed_controllers(cgroup, names);
	bool good = writable(folder);

	for (size_t i = 0; good && i < count; i++) {
		char text[16];
		snprintf(text, sizeof(text), "+%s\n", names[i]);
		good = file_has_word(folder, "cgroup.subtree_control", names[i]) ||
		    (put(folder, "cgroup.subtree_control", text) &&
			file_has_word(folder, "cgroup.subtree_control", names[i]));
	}
	return good;
}

/* The first of our own group and those above it (at most that many) that is good becomes the base. */
static bool find_base(struct cgroup *cgroup, int levels, bool (*good)(const struct cgroup *cgroup, const char *folder))
{
	struct buf text = BUF_INIT;
	bool found = false;

	if (file_read("/proc/self/cgroup", 65536, &text, NULL) == 0) {
		const char *line = strncmp(text.data, "0::", 3) == 0 ? text.data : strstr(text.data, "\n0::");
		const char *path = line ? strstr(line, "::") + 2 : "";
		size_t len = strcspn(path, "\n");
		for (int up = 0; line && up < levels && !found; up++) {
			snprintf(cgroup->base, sizeof(cgroup->base), "%s%.*s", cgroup->root, (int)len, len > 1 ? path : "");
			found = good(cgroup, cgroup->base);
			if (len <= 1)
				break;
			while (len && path[len - 1] != '/')
				len--;
			len -= len > 0;
		}
	}
	buf_release(&text);
	return found;
}

/* Why no group of our own can be made, after no scope could: the kernel's side of it. */
static void say_why(struct cgroup *cgroup)
{
	const char *names[2], *missing = NULL;
	size_t count = needed_controllers(cgroup, names), len = strlen(cgroup->why);

	for (size_t i = 0; i < count && !missing; i++)
		if (!file_has_word(cgroup->root, "cgroup.controllers", names[i]))
			missing = names[i];
	if (!*cgroup->root)
		snprintf(cgroup->why + len, sizeof(cgroup->why) - len, "; no cgroup2 file system is mounted");
	else if (missing)
		snprintf(cgroup->why + len, sizeof(cgroup->why) - len,
		    "; %.64s has no %s controller (control groups version 1?)", cgroup->root, missing);
	else
		snprintf(cgroup->why + len, sizeof(cgroup->why) - len, "; no group of %.64s is delegated to this account",
		    cgroup->root);
}

int cgroup_enter(const struct cgroup *cgroup, const char *name)
{
	char *folder = path_join(cgroup->base, name), text[64];
	int code = mkdir(folder, 0700) < 0 && errno != EEXIST ? errno : 0;

	if (code == 0 && cgroup->memory_max_mb) {
		snprintf(text, sizeof(text), "%lld\n", (long long)cgroup->memory_max_mb * 1024 * 1024);
		code = put(folder, "memory.max", text) ? 0 : errno;
		put(folder, "memory.oom.group", "1\n"); /* a task that lost a part of itself is not to go on */
	}
	if (code == 0 && cgroup->cpu_max_percent) {
		snprintf(text, sizeof(text), "%lld 100000\n", (long long)cgroup->cpu_max_percent * 1000);
		code = put(folder, "cpu.max", text) ? 0 : errno;
	}
	if (code == 0)
		code = put(folder, "cgroup.procs", "0\n") ? 0 : errno;
	free(folder);
	return code;
}

void cgroup_leave(const struct cgroup *cgroup)
{
	char *leaf = path_join(cgroup->base, LEAF);

	if (mkdir(leaf, 0700) == 0 || errno == EEXIST)
		put(leaf, "cgroup.procs", "0\n");
	free(leaf);
}

char *cgroup_folder(const struct cgroup *cgroup, const char *name, pid_t pid)
{
	struct buf text = BUF_INIT;
	char *folder = NULL, file[48], *unit = xasprintf("/%s.scope", name);

	snprintf(file, sizeof(file), "/proc/%d/cgroup", (int)pid);
	if (cgroup->how == CGROUP_DIRECT) {
		folder = path_join(cgroup->base, name);
	} else if (cgroup->how == CGROUP_SCOPE && *cgroup->root && file_read(file, 65536, &text, NULL) == 0) {
		char *line = strncmp(text.data, "0::", 3) == 0 ? text.data : strstr(text.data, "\n0::");
		char *path = line ? strstr(line, "::") + 2 : NULL;
		if (path) {
			path[strcspn(path, "\n")] = '\0';
			size_t len = strlen(path), tail = strlen(unit);
			if (len >= tail && strcmp(path + len - tail, unit) == 0)
				folder = xasprintf("%s%s", cgroup->root, path);
		}
	}
	free(unit);
	buf_release(&text);
	return folder;
}

bool cgroup_kill(const char *folder)
{
	return put(folder, "cgroup.kill", "1\n");
}

int cgroup_memory_open(const char *folder)
{
	char *path = path_join(folder, "memory.events");
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	free(path);
	return fd;
}

bool cgroup_out_of_memory(int memory)
{
	char text[1024];
	ssize_t n = memory < 0 ? -1 : pread(memory, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return false;
	text[n] = '\0';
	const char *at = strstr(text, "oom_kill ");
	return at && strtol(at + strlen("oom_kill "), NULL, 10) > 0;
}

void cgroup_remove(const struct cgroup *cgroup, const char *name)
{
	struct timespec pause = { .tv_nsec = 2000000 };
	char *folder = path_join(cgroup->base, name);

	cgroup_kill(folder);
	/* What is killed has not gone yet. */
	for (int i = 0; rmdir(folder) < 0 && errno == EBUSY && i < REMOVE_TRIES; i++)
		nanosleep(&pause, NULL);
	free(folder);
}

/* --- a scope --- */

static char *find_on_path(const char *name)
{
	static const char *const folders[] = { "/usr/bin", "/bin", "/usr/local/bin" };
	const char *path = getenv("SCALEOUT_SYSTEMD_RUN"); /* for tests */

	if (path)
		return xstrdup(path);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		char *found = path_join(folders[i], name);
		if (access(found, X_OK) == 0)
			return found;
		free(found);
	}
	return NULL;
}

char **cgroup_scope_argv(const struct cgroup *cgroup, const char *name)
{
	VEC(char *) argv = { 0 };

	vec_push(&argv, xstrdup(cgroup->systemd_run));
	if (geteuid() != 0)
		vec_push(&argv, xstrdup("--user"));
	vec_push(&argv, xstrdup("--scope"));
	vec_push(&argv, xstrdup("--quiet"));
	vec_push(&argv, xstrdup("--collect"));
	vec_push(&argv, xasprintf("--unit=%s", name));
	if (cgroup->memory_max_mb)
		vec_push(&argv, xasprintf("--property=MemoryMax=%dM", cgroup->memory_max_mb));
	if (cgroup->cpu_max_percent)
		vec_push(&argv, xasprintf("--property=CPUQuota=%d%%", cgroup->cpu_max_percent));
	vec_push(&argv, xstrdup("--"));
	vec_push(&argv, NULL);
	return argv.items;
}

/* The user's manager is found by its folder, which a session without PAM is not told. */
static void find_runtime_folder(void)
{
	char text[64];

	snprintf(text, sizeof(text), "/run/user/%u", (unsigned)geteuid());
	if (!getenv("XDG_RUNTIME_DIR") && access(text, W_OK) == 0)
		setenv("XDG_RUNTIME_DIR", text, 1);
}

static bool probe_scope(struct cgroup *cgroup)
{
	char *path = find_on_path("systemd-run"), name[64];
	struct runner_result result;

	if (!path) {
		snprintf(cgroup->why, sizeof(cgroup->why), "there is no systemd-run");
		return false;
	}
	snprintf(cgroup->systemd_run, sizeof(cgroup->systemd_run), "%s", path);
	free(path);
	find_runtime_folder();
	snprintf(name, sizeof(name), "scaleout-probe-%d", (int)getpid());
	char **argv = cgroup_scope_argv(cgroup, name);
	VEC(char *) all = { 0 };
	for (char **word = argv; *word; word++)
		vec_push(&all, *word);
	vec_push(&all, xstrdup("true"));
	vec_push(&all, NULL);
	int r = runner_run(all.items, NULL, PROBE_MS, &result, NULL);
	for (size_t i = 0; i < all.len; i++)
		free(all.items[i]);
	vec_release(&all);
	free(argv);
	if (r == 0 && result.status == 0)
		return true;
	snprintf(cgroup->why, sizeof(cgroup->why), "systemd-run makes no scope: %.200s",
	    r < 0	      ? "it does not end" :
		*result.output ? result.output :
				 "it fails and does not say why");
	cgroup->why[strcspn(cgroup->why, "\n")] = '\0';
	return false;
}

/* Where cgroup2 is mounted: alone, or beside the groups of version 1. */
static void find_root(struct cgroup *cgroup, const char *given)
{
	static const char *const folders[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	const char *root = given ? given : getenv("SCALEOUT_CGROUP_ROOT"); /* for tests */

	for (size_t i = 0; !root && i < ARRAY_LEN(folders); i++) {
		char *path = path_join(folders[i], "cgroup.controllers");
		if (access(path, R_OK) == 0)
			root = folders[i];
		free(path);
	}
	snprintf(cgroup->root, sizeof(cgroup->root), "%s", root ? root : "");
}

/*
 * A group that was delegated to us; else the service manager, which alone may
 * change its tree; and where there is none, a group of our own making.
 */
void cgroup_probe(struct cgroup *cgroup, const char *root)
{
	cgroup->why[0] = '\0';
	cgroup->how = CGROUP_NONE;
	find_root(cgroup, root);
	if (*cgroup->root && find_base(cgroup, 2, delegated)) {
		cgroup->how = CGROUP_DIRECT;
	} else if (probe_scope(cgroup)) {
		cgroup->how = CGROUP_SCOPE;
	} else if (*cgroup->root && find_base(cgroup, LEVELS_MAX, can_delegate)) {
		cgroup->how = CGROUP_DIRECT;
		cgroup->why[0] = '\0';
	} else {
		say_why(cgroup);
	}
}
