/* SPDX-License-Identifier: MIT */
/*
 * The bare limit that dispatch is compared with: run a command COUNT times by
 * posix_spawn, at most WIDTH at once, and print the wall time in ms.
 *
 *   spawn COUNT WIDTH PROGRAM [ARGUMENT...]
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/clock.h"

extern char **environ;

int main(int argc, char **argv)
{
	if (argc < 4) {
		fputs("usage: spawn COUNT WIDTH PROGRAM [ARGUMENT...]\n", stderr);
		return 2;
	}
	long count = strtol(argv[1], NULL, 10), width = strtol(argv[2], NULL, 10);
	long started = 0, running = 0, failed = 0;
	posix_spawn_file_actions_t quiet;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	int64_t began = clock_mono_us();
	while (started < count || running) {
		if (started < count && running < width) {
			pid_t pid;
			int code = posix_spawn(&pid, argv[3], &quiet, NULL, argv + 3, environ);
			if (code) {
				fprintf(stderr, "spawn: cannot start %s: error %d\n", argv[3], code);
				return 1;
			}
			started++;
			running++;
			continue;
		}
		int status;
		if (waitpid(-1, &status, 0) < 0 && errno != EINTR)
			return 1;
		running--;
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			failed++;
	}
	printf("%.3f\n", (double)(clock_mono_us() - began) / 1000.0);
	if (failed)
		fprintf(stderr, "spawn: %ld of %ld failed\n", failed, count);
	return failed ? 1 : 0;
}
