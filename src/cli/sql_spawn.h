/* SPDX-License-Identifier: MIT */
/* Starting the user's pager or editor without a shell. */
#ifndef SO_CLI_SQL_SPAWN_H
#define SO_CLI_SQL_SPAWN_H

#include <sys/types.h>

/*
 * Start command, a program (looked up in PATH) and its arguments cut at
 * blanks, with one more argument unless that is NULL. input becomes its
 * standard input unless -1. Returns its process id, or -1 with errno.
 */
pid_t sql_spawn(const char *command, const char *argument, int input);
/* Wait for its end. Returns its exit status, or -1 when it did not end by itself. */
int sql_spawn_wait(pid_t pid);

#endif
