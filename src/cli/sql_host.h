/* SPDX-License-Identifier: MIT */
/* What scaleout sql is made of: the real host of a script (files, streams, client, pager, editor). */
#ifndef SO_CLI_SQL_HOST_H
#define SO_CLI_SQL_HOST_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/sqlcmd_script.h"
#include "tsql/client.h"

struct sql_pager;
struct cli;

struct sql_host {
	struct sqlcmd_host host; /* for the script; ctx is this struct */
	struct tsql_client *client;
	struct sqlcmd_vars *vars;     /* borrowed */
	struct sqlcmd_format format;
	FILE *files[SQLCMD_STREAM_COUNT]; /* of :out and -o, :error, :perftrace; NULL = as it is at the start */
	struct cli *cli; /* for :connect; borrowed */
	bool unicode;    /* -u: files are UTF-16 */
	struct sql_pager *pager;      /* NULL = none */
	bool interactive;
};

/* Streams as they are at the start; client is borrowed. Release with sql_host_release. */
void sql_host_init(struct sql_host *h, struct tsql_client *client, struct sqlcmd_vars *vars);
/* Is this a name of the machine we are on ([tcp:]host[,port], ".", "(local)")? */
bool sql_host_is_here(const struct sql_host *h, const char *server);
/* Returns 0, or a negative code when output could not be written. */
int sql_host_release(struct sql_host *h, struct err *err);
/* Long results go through a pager while they go to the terminal. */
void sql_host_use_pager(struct sql_host *h);

#endif
