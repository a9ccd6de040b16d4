/* SPDX-License-Identifier: MIT */
/* Finding and starting programs, for tasks that run some. */
#ifndef SO_RUNTIME_SPAWN_H
#define SO_RUNTIME_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * Path of a program as a package names it: with a folder it stands for itself
 * (from directory, or the current folder), a bare name is looked for in
 * directory and then in PATH. Windows forms are mapped. False when it is not there.
 */
bool spawn_find(const char *program, const char *directory, struct buf *ret);

struct spawn {
	const char *program;   /* path */
	const char *arguments; /* one line, split by the Windows rules */
	const char *folder;    /* "" = the current one */
	int in, out, err;      /* descriptors for the streams; out and err -1 = ours */
	const sigset_t *mask;  /* signals that stay blocked */
};
/* Start it, never through a shell. Returns 0 or an errno value. */
int program_spawn(const struct spawn *how, pid_t *ret);

#endif
