/* SPDX-License-Identifier: MIT */
/* Places in the catalog, written with backslashes or slashes. */
#include "cli/path.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

bool cli_path_parse(const char *text, struct cli_path *ret)
{
	char *copy = xstrdup(text), *parts[5] = { 0 };
	size_t count = 0;

	for (char *at = copy; *at && count < 5;) {
		size_t len = strcspn(at, "\\/");
		if (len)
			parts[count++] = at;
		at += len;
		if (*at)
			*at++ = '\0';
	}
	size_t first = count >= 3 && !utf8_casecmp(parts[0], "SSISDB") ? 1 : 0;
	bool good = count - first == 2 || count - first == 3;
	if (good)
		*ret = (struct cli_path){ xstrdup(parts[first]), xstrdup(parts[first + 1]),
			count - first == 3 ? xstrdup(parts[first + 2]) : NULL };
	free(copy);
	return good;
}

void cli_path_release(struct cli_path *path)
{
	free(path->folder);
	free(path->project);
	free(path->package);
}
