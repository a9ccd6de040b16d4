/* SPDX-License-Identifier: MIT */
/*
 * One walk over /proc. A process may end, and its id be given to another,
 * between the look and the signal: the pidfd is opened first, what /proc says
 * is checked after, and the signal goes through the pidfd.
 */
#include "exec/worker/straggler.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

#define ENVIRON_MAX ((size_t)2 * 1024 * 1024)

/* Read a whole /proc file, up to max bytes; NULL when it cannot be. */
static char *proc_read(int proc_pid, const char *name, size_t max, size_t *ret_len)
{
	struct buf text = BUF_INIT;
	int fd = openat(proc_pid, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	for (;;) {
		buf_reserve(&text, 4096);
		ssize_t n = read(fd, text.data + text.len, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || text.len >= max)
			break;
		text.len += (size_t)n;
		text.data[text.len] = '\0';
	}
	close(fd);
	*ret_len = text.len;
	return text.cap ? buf_detach(&text) : NULL;
}

static bool has_cookie(int proc_pid, const char *assignment)
{
	size_t len, want = strlen(assignment) + 1;
	bool found = false;
	char *text = proc_read(proc_pid, "environ", ENVIRON_MAX, &len);

	for (size_t at = 0; text && at + want <= len + 1 && !found;) {
		size_t n = strlen(text + at) + 1;
		found = n == want && memcmp(text + at, assignment, want) == 0;
		at += n;
	}
	free(text);
	return found;
}

/* Parent's id: the second field after the name in parentheses. */
static pid_t parent_of(int proc_pid)
{
	size_t len;
	int parent = -1;
	char *text = proc_read(proc_pid, "stat", 4096, &len);
	const char *name_end = text ? strrchr(text, ')') : NULL;

	if (!name_end || sscanf(name_end + 1, " %*c %d", &parent) != 1)
		parent = -1;
	free(text);
	return parent;
}

static bool signal_if_ours(int proc, const char *name, const char *assignment, int with_children,
    int signal_number)
{
	pid_t pid = (pid_t)strtol(name, NULL, 10);
	struct stat st;
	bool ours = false;

	if (pid <= 1 || pid == getpid())
		return false;
	int handle = pidfd_open(pid, 0);
	if (handle < 0)
		return false;
	int dir = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0 && fstat(dir, &st) == 0 && st.st_uid == geteuid())
		ours = has_cookie(dir, assignment) || (with_children && parent_of(dir) == getpid());
	if (ours)
		pidfd_send_signal(handle, signal_number, NULL, 0);
	if (dir >= 0)
		close(dir);
	close(handle);
	return ours;
}

int straggler_signal(const char *cookie, int with_children, int signal_number)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int found = 0;

	if (!dir)
		return 0;
	char *assignment = xasprintf(STRAGGLER_COOKIE "=%s", cookie);
	while ((entry = readdir(dir))) {
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    signal_if_ours(dirfd(dir), entry->d_name, assignment, with_children, signal_number))
			found++;
	}
	free(assignment);
	closedir(dir);
	return found;
}
