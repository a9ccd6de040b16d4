/* SPDX-License-Identifier: MIT */
/* posix_spawnp with the signals of a fresh program. */
#include "cli/sql_spawn.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

struct words {
	char **items;
	size_t len, cap;
};

static void cut_words(char *text, struct words *ret)
{
	for (char *at = text; *(at += strspn(at, " \t"));) {
		vec_push(ret, at);
		at += strcspn(at, " \t");
		if (*at)
			*at++ = '\0';
	}
}

pid_t sql_spawn(const char *command, const char *argument, int input)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	char *text = xstrdup(command), *last = xstrdup_or_null(argument);
	struct words words = { 0 };
	sigset_t defaults, none;
	pid_t pid = -1;
	int r = EINVAL;

	cut_words(text, &words);
	if (last)
		vec_push(&words, last);
	vec_push(&words, NULL);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	if (input >= 0)
		posix_spawn_file_actions_adddup2(&files, input, 0);
	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGINT);
	sigaddset(&defaults, SIGPIPE);
	sigaddset(&defaults, SIGALRM);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	if (words.items[0] && words.items[0] != last)
		r = posix_spawnp(&pid, words.items[0], &files, &attributes, words.items, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	vec_release(&words);
	free(text);
	free(last);
	errno = r;
	return r ? -1 : pid;
}

int sql_spawn_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
