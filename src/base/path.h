/* SPDX-License-Identifier: MIT */
/* Paths as packages and scripts write them. */
#ifndef SO_BASE_PATH_H
#define SO_BASE_PATH_H

#include "base/buf.h"

/* A path as packages write it, for this machine: drives, shares and backslashes mapped. */
void path_map(const char *path, struct buf *out);

#endif
