/* SPDX-License-Identifier: MIT */
/* Programs: where they are, and starting one in a process group of its own. */
#include "runtime/spawn.h"

#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "runtime/engine.h"

static bool is_program(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* folder/name when that is a program. */
static bool try_folder(const char *folder, size_t len, const char *name, struct buf *ret)
{
	buf_clear(ret);
	buf_add(ret, len ? folder : ".", len ? len : 1);
	buf_addf(ret, "/%s", name);
	return is_program(ret->data);
}

bool spawn_find(const char *program, const char *directory, struct buf *ret)
{
	struct buf name = BUF_INIT, folder = BUF_INIT;
	const char *path = getenv("PATH");
	bool found = false;

	path_map(program, &name);
	path_map(directory, &folder);
	if (name.data[0] == '/') {
		buf_clear(ret);
		buf_adds(ret, name.data);
		found = is_program(ret->data);
		goto out;
	}
	if (folder.len || strchr(name.data, '/'))
		found = try_folder(folder.data, folder.len, name.data, ret);
	for (; !found && path && !strchr(name.data, '/'); path = *path ? path + 1 : NULL) {
		size_t len = strcspn(path, ":");
		found = try_folder(path, len, name.data, ret);
		path += len;
	}
out:
	buf_release(&name);
	buf_release(&folder);
	return found;
}

/* The arguments as a NULL-ended list that points into words. Caller frees the list. */
static char **make_argv(const char *program, const char *arguments, struct buf *words)
{
	size_t count = command_split(arguments, words);
	char **argv = xcalloc(count + 2, sizeof(*argv)), *at = words->data;

	argv[0] = (char *)(uintptr_t)program;
	for (size_t i = 0; i < count; i++, at += strlen(at) + 1)
		argv[i + 1] = at;
	return argv;
}

int program_spawn(const struct spawn *how, pid_t *ret)
{
	extern char **environ;
	struct buf words = BUF_INIT;
	char **argv = make_argv(how->program, how->arguments, &words);
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t defaults;
	int r;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_adddup2(&actions, how->in, 0);
	if (how->out >= 0)
		posix_spawn_file_actions_adddup2(&actions, how->out, 1);
	if (how->err >= 0)
		posix_spawn_file_actions_adddup2(&actions, how->err, 2);
	if (*how->folder)
		posix_spawn_file_actions_addchdir_np(&actions, how->folder);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	sigaddset(&defaults, SIGTERM);
	sigaddset(&defaults, SIGINT);
	sigaddset(&defaults, SIGHUP);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setsigmask(&attr, how->mask);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	r = posix_spawn(ret, how->program, &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	free(argv);
	buf_release(&words);
	return r;
}
