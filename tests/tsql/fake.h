/* SPDX-License-Identifier: MIT */
/*
 * A small fake catalog for the tests of the language: a SQLite database in
 * memory with executions and folders, views over them, and procedures shaped
 * like SSISDB's. It knows nothing that a real room would not register.
 */
#ifndef SO_TESTS_TSQL_FAKE_H
#define SO_TESTS_TSQL_FAKE_H

#include "tsql/server.h"

struct sqlite3;

/* Open a session on a new fake database, current database SSISDB. Close with tsql_client_close. */
struct tsql_client *fake_open(void);
/* Its connection, to look underneath. */
struct sqlite3 *fake_db(struct tsql_client *client);
/*
 * Run a batch and write what comes back as text: column names joined by |,
 * rows the same way, "(n rows)", messages as "Msg n, Level l, State s, Line x:
 * text", PRINT as its text. Appends to out; returns tsql_client_run's result.
 */
int fake_run(struct tsql_client *client, const char *batch, struct buf *out);

#endif
