/* SPDX-License-Identifier: MIT */
/*
 * A stream to the terminal that holds a result back until it is known whether
 * it fits the screen; a longer one goes through $PAGER.
 */
#ifndef SO_CLI_SQL_PAGER_H
#define SO_CLI_SQL_PAGER_H

#include <stdbool.h>
#include <stdio.h>

struct sql_pager;

/* Around the terminal's stream (borrowed). command: words of the pager, NULL = $PAGER, else less. */
struct sql_pager *sql_pager_new(FILE *terminal, const char *command);
void sql_pager_free(struct sql_pager *pager);
/* Where to print. Writing fails once the user has left the pager. */
FILE *sql_pager_stream(struct sql_pager *pager);
/* What is held back fits and need not wait for more. */
void sql_pager_settle(struct sql_pager *pager);
/* A batch has ended: show all, wait for the pager to be left. Returns true when it was left early. */
bool sql_pager_finish(struct sql_pager *pager);

#endif
