/* SPDX-License-Identifier: MIT */
/* Running a short program of the machine and hearing what it says. */
#ifndef SO_EXEC_WORKER_RUNNER_H
#define SO_EXEC_WORKER_RUNNER_H

#include <stdint.h>

#include "base/err.h"

struct runner_result {
	int status;        /* exit status, 128 + signal when it was killed */
	int64_t took_ms;
	char output[1024]; /* the beginning of stdout and stderr together */
};

/*
 * Run argv (argv[0] is its path) in a folder (NULL = here), without standard
 * input, and wait at most timeout_ms; then it and its session are killed and
 * ERR_TIMEOUT returned. ERR_NOT_FOUND when it cannot be started.
 */
int runner_run(char **argv, const char *folder, int timeout_ms, struct runner_result *ret, struct err *err);

#endif
