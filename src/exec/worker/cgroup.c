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
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "exec/worker/runner.h"

#define PROBE_MS 5000
#define LEAF "scaleout-worker" /* where supervisors stay */

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

/* A folder where groups with limits can be made: ours to write, with the controllers handed down. */
static bool delegated(const char *folder)
{
	char *procs = path_join(folder, "cgroup.procs");
	bool good = access(folder, W_OK) == 0 && access(procs, W_OK) == 0 &&
	    file_has_word(folder, "cgroup.subtree_control", "memory") &&
	    file_has_word(folder, "cgroup.subtree_control", "cpu");

	free(procs);
	return good;
}

/* Our own group, or the one above it: with processes in it, a group hands no controllers down. */
static bool probe_direct(struct cgroup *cgroup, const char *root)
{
	struct buf text = BUF_INIT;
	bool good = false;

	if (file_read("/proc/self/cgroup", 65536, &text, NULL) == 0) {
		const char *line = strncmp(text.data, "0::", 3) == 0 ? text.data : strstr(text.data, "\n0::");
		const char *path = line ? strstr(line, "::") + 2 : "";
		size_t len = strcspn(path, "\n");
		for (int up = 0; line && up < 2 && !good; up++) {
			snprintf(cgroup->base, sizeof(cgroup->base), "%s%.*s", root, (int)len, len > 1 ? path : "");
			good = delegated(cgroup->base);
			while (len && path[len - 1] != '/')
				len--;
			len -= len > 0;
		}
	}
	buf_release(&text);
	return good;
}

int cgroup_enter(const struct cgroup *cgroup, const char *name)
{
	char *folder = path_join(cgroup->base, name), text[64];
	int code = mkdir(folder, 0700) < 0 && errno != EEXIST ? errno : 0;

	if (code == 0 && cgroup->memory_max_mb) {
		snprintf(text, sizeof(text), "%lld\n", (long long)cgroup->memory_max_mb * 1024 * 1024);
		code = put(folder, "memory.max", text) ? 0 : errno;
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

void cgroup_remove(const struct cgroup *cgroup, const char *name)
{
	char *folder = path_join(cgroup->base, name);

	put(folder, "cgroup.kill", "1\n");
	rmdir(folder);
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
		snprintf(cgroup->why, sizeof(cgroup->why), "there is no systemd-run, and no control group is delegated");
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
	snprintf(cgroup->why, sizeof(cgroup->why), "systemd-run makes no scope: %.180s",
	    r < 0 ? "it does not end" : result.output);
	cgroup->why[strcspn(cgroup->why, "\n")] = '\0';
	return false;
}

void cgroup_probe(struct cgroup *cgroup, const char *root)
{
	cgroup->why[0] = '\0';
	cgroup->how = probe_direct(cgroup, root) ? CGROUP_DIRECT :
	    probe_scope(cgroup)			 ? CGROUP_SCOPE :
						   CGROUP_NONE;
}
