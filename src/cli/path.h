/* SPDX-License-Identifier: MIT */
/* \SSISDB\folder\project\package.dtsx as people write it. */
#ifndef SO_CLI_PATH_H
#define SO_CLI_PATH_H

#include <stdbool.h>

struct cli_path {
	char *folder, *project;
	char *package; /* NULL for a project */
};

/*
 * Slashes are accepted as well, and the catalog's name may be left out. A path
 * of three names is a package's unless it begins with SSISDB. False when it is
 * neither. Release with cli_path_release.
 */
bool cli_path_parse(const char *text, struct cli_path *ret);
void cli_path_release(struct cli_path *path);

#endif
