/* SPDX-License-Identifier: MIT */
/*
 * Stands in for the package room in fake_worker: "unpacks" an archive as one file; "BAD" at its beginning is refused,
 * "SLOW PATH" waits for the file PATH with half of the work done.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "package/project.h"

#define WAIT_TURNS 4000 /* twenty seconds */

int ispac_unpack(const void *data, size_t len, const char *folder, struct err *err)
{
	struct timespec pause = { .tv_nsec = 5000000 };

	if (len >= 3 && memcmp(data, "BAD", 3) == 0)
		return err_set(err, ERR_INVALID, "not an archive");
	char *path = path_join(folder, "half");
	if (len > 5 && memcmp(data, "SLOW ", 5) == 0) {
		char *until = xstrndup((const char *)data + 5, len - 5);
		file_write_atomic(path, "half", 4, 0600, false, err);
		for (int i = 0; i < WAIT_TURNS && access(until, F_OK) < 0; i++)
			nanosleep(&pause, NULL);
		free(until);
	}
	free(path);
	path = path_join(folder, "archive");
	int r = file_write_atomic(path, data, len, 0600, false, err);
	free(path);
	return r;
}
