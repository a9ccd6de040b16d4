/* SPDX-License-Identifier: MIT */
/* A child in a session of its own, its output through a pipe, its end through the pipe's. */
#include "exec/worker/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

extern char **environ;

static int start(char **argv, const char *folder, int out, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, out, 2);
	if (folder)
		posix_spawn_file_actions_addchdir_np(&actions, folder);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
	int code = posix_spawn(ret_pid, argv[0], &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return code;
}

/* Read until the pipe ends; false when the time is over first. */
static bool listen_to(int fd, int64_t deadline_ms, struct runner_result *ret)
{
	char bytes[1024];
	size_t used = 0;

	for (;;) {
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
		int64_t left = deadline_ms - clock_mono_ms();
		if (left <= 0)
			return false;
		if (poll(&poll_fd, 1, (int)left) <= 0)
			continue;
		ssize_t n = read(fd, bytes, sizeof(bytes));
		if (n <= 0)
			return true;
		size_t room = sizeof(ret->output) - 1 - used;
		size_t take = (size_t)n < room ? (size_t)n : room;
		memcpy(ret->output + used, bytes, take);
		used += take;
		ret->output[used] = '\0';
	}
}

int runner_run(char **argv, const char *folder, int timeout_ms, struct runner_result *ret, struct err *err)
{
	int64_t begin = clock_mono_ms();
	int pipe_fd[2], status = 0;
	pid_t pid;

	*ret = (struct runner_result){ 0 };
	if (pipe2(pipe_fd, O_CLOEXEC) < 0)
		return err_set_errno(err, errno, "cannot make a pipe");
	int code = start(argv, folder, pipe_fd[1], &pid);
	close(pipe_fd[1]);
	if (code) {
		close(pipe_fd[0]);
		err_set(err, ERR_NOT_FOUND, "cannot start %s", argv[0]);
		err_detail(err, "%s", strerror(code));
		return -ERR_NOT_FOUND;
	}
	bool ended = listen_to(pipe_fd[0], begin + timeout_ms, ret);
	if (!ended)
		kill(-pid, SIGKILL);
	close(pipe_fd[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	ret->took_ms = clock_mono_ms() - begin;
	ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return ended ? 0 : err_set(err, ERR_TIMEOUT, "%s did not end within %d seconds", argv[0], timeout_ms / 1000);
}
