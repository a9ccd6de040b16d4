/* SPDX-License-Identifier: MIT */
/* What scaleout sql is made of: the real host of a script (files, streams, client, pager, editor). */
#ifndef SO_CLI_SQL_HOST_H
#define SO_CLI_SQL_HOST_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/sqlcmd_script.h"
#include "tsql/client.h"

struct sql_pager;

struct sql_host {
	struct sqlcmd_host host; /* for the script; ctx is this struct */
	struct tsql_client *client;
	struct sqlcmd_vars *vars;     /* borrowed */
	struct sqlcmd_format format;
	FILE *out_file, *errors_file; /* opened by :out, -o, :error; NULL = a standard stream */
	struct sql_pager *pager;      /* NULL = none */
	bool interactive;
};

/* Streams as they are at the start; client is borrowed. Release with sql_host_release. */
void sql_host_init(struct sql_host *h, struct tsql_client *client, struct sqlcmd_vars *vars);
/* Returns 0, or a negative code when output could not be written. */
int sql_host_release(struct sql_host *h, struct err *err);
/* Long results go through a pager while they go to the terminal. */
void sql_host_use_pager(struct sql_host *h);

#endif
