/* SPDX-License-Identifier: MIT */
/*
 * Printing batches' results as sqlcmd prints them (spec/agent.md §3): a header
 * line, a line of dashes, rows in columns as wide as their types need, a blank
 * line and "(n rows affected)"; errors as "Msg n, Level n, State n, ...".
 */
#ifndef SO_CLI_SQLCMD_PRINT_H
#define SO_CLI_SQLCMD_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "tsql/client.h"

enum sqlcmd_controls { /* -k: what becomes of control characters in values */
	SQLCMD_CONTROLS_KEEP,
	SQLCMD_CONTROLS_REPLACE, /* each by a blank */
	SQLCMD_CONTROLS_SQUEEZE, /* each run of them by one blank */
};

struct sqlcmd_format {
	FILE *out;             /* rows, counts, PRINT */
	FILE *errors;          /* errors (severity 11 and up); may be out */
	bool all_to_errors;    /* -r1: PRINT and information go there too */
	bool terminal;         /* out is a terminal: nothing in a value may drive it */
	const char *separator; /* -s, default one blank; borrowed */
	const char *server;    /* for "Server ..." in messages; borrowed */
	int header_every;      /* -h: 0 once, n every n rows, -1 never */
	bool trim;             /* -W */
	int screen_width;      /* -w; 0 = do not wrap */
	int variable_width;    /* -y: most characters of a max type; 0 = no limit, and no headers */
	int fixed_width;       /* -Y: most characters of char(n), varchar(n) and the like; 0 = no limit */
	int lowest_severity;   /* -m; -1 = all, with their numbers */
	enum sqlcmd_controls controls;
	bool json; /* rows as one JSON object per line */
	/* Optional: text was printed that need not wait for more rows (a message, the end of a rowset). */
	void (*settled)(void *ctx);
	void *ctx;
};

/* What the first column of the last row was, for EXIT(query). */
enum sqlcmd_cell { SQLCMD_CELL_NONE, SQLCMD_CELL_NUMBER, SQLCMD_CELL_OTHER };

struct sqlcmd_result {
	int worst_severity; /* highest severity of a message, 0 = none */
	int exit_number;    /* number of a message with state 127, which ends sqlcmd; else 0 */
	bool exit_asked;    /* there was one */
	enum sqlcmd_cell cell;
	int cell_value;
};

/*
 * Run one batch and print everything. Returns what tsql_client_run returned;
 * a failure that brought no message is in err and not printed.
 */
int sqlcmd_print_run(struct tsql_client *client, const char *batch, const struct sqlcmd_format *format,
    struct sqlcmd_result *ret_result, struct err *err);

#endif
