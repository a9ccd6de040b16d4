/* SPDX-License-Identifier: MIT */
/* Windows paths, with drives and backslashes, on Linux (spec/package.md §7). */
#include "base/path.h"

#include <ctype.h>

/* "C:" or "C:\..." */
static bool has_drive(const char *path)
{
	return isalpha((unsigned char)path[0]) && path[1] == ':' && (path[2] == '\\' || path[2] == '/' || !path[2]);
}

void path_map(const char *path, struct buf *out)
{
	bool share = path[0] == '\\' && path[1] == '\\';

	if (path[0] == '/') { /* already ours: backslashes are part of names */
		buf_adds(out, path);
		return;
	}
	if (has_drive(path)) {
		buf_addf(out, "/mnt/%c", tolower((unsigned char)path[0]));
		path += 2;
	} else if (share) {
		buf_adds(out, "/mnt");
		path++;
	}
	for (; *path; path++)
		buf_addc(out, *path == '\\' ? '/' : *path);
}
