/* SPDX-License-Identifier: MIT */
/*
 * What the console remembers between two runs: names and values, one a line
 * ("executions.columns = id,status"), in a file. Lines it does not know
 * (comments, names of another version) stay as they are.
 */
#ifndef SO_TUI_STATE_H
#define SO_TUI_STATE_H

#include "base/err.h"
#include "base/mem.h"

struct state {
	char *path;        /* NULL = nothing is remembered */
	VEC(char *) lines; /* without their ends */
};

/* Read it; a file that is not there or cannot be read is an empty one. path is copied, NULL = none. */
void state_load(struct state *state, const char *path);
void state_release(struct state *state);
/* The value of a name, borrowed until the next change; NULL when there is none. */
const char *state_get(const struct state *state, const char *name);
/* Change it and write the file anew, atomically. Nothing is written when it is the same. */
int state_set(struct state *state, const char *name, const char *value, struct err *err);

#endif
