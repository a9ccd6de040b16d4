/* SPDX-License-Identifier: MIT */
/*
 * Printing batches' results as sqlcmd prints them (spec/agent.md §3): a header
 * line, a line of dashes, rows in columns as wide as their types need, a blank
 * line and "(n rows affected)"; errors as "Msg n, Level n, State n, ...".
 */
#ifndef SO_CLI_SQLCMD_H
#define SO_CLI_SQLCMD_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "tsql/client.h"

struct sqlcmd_format {
	FILE *out;
	const char *separator; /* -s, default one blank */
	const char *server;    /* for "Server ..." in messages */
	int header_every;      /* -h: 0 once, n every n rows, -1 never */
	bool trim;             /* -W */
	int screen_width;      /* -w; 0 = do not wrap */
	int variable_width;    /* -y: most characters of a max type, 0 = no limit */
	int lowest_severity;   /* -m */
	bool json;             /* rows as one JSON object per line */
};

struct sqlcmd_result {
	int worst_severity; /* highest severity of a message, 0 = none */
	int last_number;    /* its number */
};

/* Run one batch and print everything. Returns what tsql_client_run returned. */
int sqlcmd_run(struct tsql_client *client, const char *batch, const struct sqlcmd_format *format,
    struct sqlcmd_result *ret_result, struct err *err);

#endif
