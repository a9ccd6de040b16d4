/* SPDX-License-Identifier: MIT */
/* Programs of one build stay together: what lies beside us comes before anything on PATH. */
#include "exec/program.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static char *if_runnable(char *path)
{
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static char *find_on_path(const char *name)
{
	const char *at = getenv("PATH");

	while (at && *at) {
		const char *end = strchrnul(at, ':');
		char *found = *at == '/' ? if_runnable(xasprintf("%.*s/%s", (int)(end - at), at, name)) : NULL;
		if (found)
			return found;
		at = *end ? end + 1 : end;
	}
	return NULL;
}

char *program_find(const char *name)
{
	char self[PATH_MAX];
	char *found = NULL;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n > 0) {
		self[n] = '\0';
		char *folder = path_dirname(self);
		found = if_runnable(path_join(folder, name));
		free(folder);
	}
	if (!found)
		found = if_runnable(path_join(SO_LIBEXECDIR, name));
	return found ? found : find_on_path(name);
}
