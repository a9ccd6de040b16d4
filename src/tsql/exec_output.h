/* SPDX-License-Identifier: MIT */
/* The OUTPUT clause of INSERT, UPDATE, DELETE and MERGE. Inside the room only. */
#ifndef SO_TSQL_EXEC_OUTPUT_H
#define SO_TSQL_EXEC_OUTPUT_H

#include "tsql/exec.h"

struct table;

/* Where the rows are while the statement runs: NULL without the clause. */
struct output_run {
	struct table *inserted, *deleted, *action;
	bool open;
};

/* Make the tables; o may be NULL, then all of these do nothing. */
int output_begin(struct exec *exec, const struct output *o, const struct table *target, struct output_run *run);
/* Keep a row of the target; to is NULL when the clause does not ask for it. */
int output_keep(struct exec *exec, const struct table *to, const struct table *from, int64_t rowid);
/* Of MERGE: note what was done to a row that was kept, and the side that it does not have as NULLs. */
int output_keep_action(struct exec *exec, const struct output_run *run, enum stmt_kind change);
/* Show the rows or insert them; r is how the change went. Undoes the change when it fails. Always drops the tables. */
int output_end(struct exec *exec, const struct output *o, struct output_run *run, int r);

#endif
