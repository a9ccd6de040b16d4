/* SPDX-License-Identifier: MIT */
/* Core files as the kernel writes them (elf(5)). Apart from the rest, because <elf.h> takes many short names. */
#ifndef SO_RUNTIME_CORE_FILE_H
#define SO_RUNTIME_CORE_FILE_H

#include <stdbool.h>

/* Whether every segment of a core lies in its file. */
bool core_file_complete(const char *path);

#endif
