/* SPDX-License-Identifier: MIT */
/* Ctrl-C and the query time-out, which both stop the running batch. */
#ifndef SO_CLI_SQL_SIGNALS_H
#define SO_CLI_SQL_SIGNALS_H

#include <stdbool.h>

#include "tsql/client.h"

enum sql_stop { SQL_STOP_NONE, SQL_STOP_INTERRUPT, SQL_STOP_TIMEOUT };

/* From now on Ctrl-C does not end the program (a prompt is there to go back to). */
void sql_signals_keep_alive(void);
/* While a batch of client runs; timeout_s 0 = none. */
void sql_signals_watch(struct tsql_client *client, int timeout_s);
/* The batch has ended: what stopped it, if anything. */
enum sql_stop sql_signals_unwatch(void);
/* Was Ctrl-C pressed since the last call? */
bool sql_signals_interrupted(void);

#endif
