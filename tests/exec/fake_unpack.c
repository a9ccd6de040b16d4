/* SPDX-License-Identifier: MIT */
/* Stands in for the package room in fake_worker: "unpacks" an archive as one file; "BAD" at its beginning is refused. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "package/project.h"

int ispac_unpack(const void *data, size_t len, const char *folder, struct err *err)
{
	if (len >= 3 && memcmp(data, "BAD", 3) == 0)
		return err_set(err, ERR_INVALID, "not an archive");
	char *path = path_join(folder, "archive");
	int r = file_write_atomic(path, data, len, 0600, false, err);
	free(path);
	return r;
}
