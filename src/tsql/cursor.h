/* SPDX-License-Identifier: MIT */
/*
 * Cursors. A cursor runs its query when it is opened and keeps the rows, so
 * that no read transaction stays open between two FETCHes. Names and cursor
 * variables refer to cursors; the last reference that goes frees one.
 */
#ifndef SO_TSQL_CURSOR_H
#define SO_TSQL_CURSOR_H

#include "tsql/exec.h"

/* DECLARE c CURSOR, SET @c = ..., OPEN, FETCH, CLOSE, DEALLOCATE. */
int exec_cursor(struct exec *exec, struct stmt *s);
/* Let go of a batch's own cursors when it ends. */
void cursor_end_frame(struct tsql_session *session, int frame);
/* Let go of all (the session closes). */
void cursor_free_all(struct tsql_session *session);
/* What CURSOR_STATUS says: 1 with rows, 0 without, -1 closed, -2 nothing assigned, -3 no such cursor. */
int cursor_status(struct exec *exec, const char *kind, const char *name);

#endif
