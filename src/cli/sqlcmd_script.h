/* SPDX-License-Identifier: MIT */
/*
 * sqlcmd's input: lines are gathered into a batch until GO; lines that are
 * commands (:setvar, :r, EXIT ...) are carried out at once; $(names) are
 * replaced when the batch is run (spec/agent.md §3.2).
 *
 * This layer knows no client, file or terminal: what it asks for goes through
 * struct sqlcmd_host, so it can be tested and fuzzed alone.
 */
#ifndef SO_CLI_SQLCMD_SCRIPT_H
#define SO_CLI_SQLCMD_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/sqlcmd_print.h"
#include "cli/sqlcmd_vars.h"
#include "tsql/split.h"

/* Most bytes of one batch, and of one input file. */
#define SQLCMD_SCRIPT_MAX ((size_t)64 * 1024 * 1024)
/* Most files that may be open in one another by :r. */
#define SQLCMD_DEPTH_MAX 16

enum sqlcmd_stream { SQLCMD_STREAM_OUT, SQLCMD_STREAM_ERRORS, SQLCMD_STREAM_TRACE, SQLCMD_STREAM_COUNT };

enum sqlcmd_statistics { /* -p: the time of each batch */
	SQLCMD_STATISTICS_NONE,
	SQLCMD_STATISTICS_TEXT,
	SQLCMD_STATISTICS_COLONS, /* numbers only, with colons between */
};

struct sqlcmd_host {
	void *ctx;
	/*
	 * Run and print one batch. Server errors are in result. -ERR_CANCELLED
	 * when the user pressed Ctrl-C; another negative code (but -ERR_SQL) when
	 * it could not run, told in err.
	 */
	int (*run)(void *ctx, const char *batch, struct sqlcmd_result *result, struct err *err);
	/* Append a file, as UTF-8. */
	int (*read)(void *ctx, const char *path, struct buf *ret, struct err *err);
	/* :out, :error and :perftrace: "stdout", "stderr" or a file that is made empty. */
	int (*redirect)(void *ctx, enum sqlcmd_stream stream, const char *target, struct err *err);
	/* ED: let the user change the text. */
	int (*edit)(void *ctx, struct buf *text, struct err *err);
	/* :connect: leave the session and begin another one on that server. */
	int (*connect)(void *ctx, const char *server, struct err *err);
	/* Text for one of the streams. */
	void (*print)(void *ctx, enum sqlcmd_stream stream, const char *text);
};

struct sqlcmd_script {
	const struct sqlcmd_host *host;
	struct sqlcmd_vars *vars;    /* borrowed */
	const char *terminator;      /* -c; "GO" */
	bool stop_on_error;          /* -b, :on error exit */
	int severity_level;          /* -V; 0 = not given */
	bool echo;                   /* -e */
	bool keep_references;        /* -x */
	bool no_system;              /* -X: no ED, no !! */
	bool no_system_ends;         /* -X1: they end the script */
	enum sqlcmd_statistics statistics; /* -p */
	int64_t (*clock_us)(void);   /* for statistics; a monotonic clock */
	bool interactive;            /* Ctrl-C ends the batch, not the script */
	bool done;                   /* no line is read any more */
	int status;                  /* exit status so far */
	int line;                    /* lines read, all files together */
	int depth;                   /* of :r */
	struct buf batch, last;      /* gathered, and the one run last (for ED) */
	struct tsql_scan scan;       /* at the end of batch */
};

/* Members from terminator to interactive are set by the caller afterwards. Release with sqlcmd_script_release. */
void sqlcmd_script_init(struct sqlcmd_script *script, const struct sqlcmd_host *host, struct sqlcmd_vars *vars);
void sqlcmd_script_release(struct sqlcmd_script *script);

/* One line, with or without its line end. Returns !done. */
bool sqlcmd_script_line(struct sqlcmd_script *script, const char *line, size_t len);
/* All lines of a text, or of a file (:r, -i). Returns !done. */
bool sqlcmd_script_text(struct sqlcmd_script *script, const char *text, size_t len);
int sqlcmd_script_file(struct sqlcmd_script *script, const char *path, struct err *err);
/* Run what was not followed by GO. Returns !done. */
bool sqlcmd_script_end(struct sqlcmd_script *script);
/* Number of the line the next one will be in its batch (the prompt), from 1. */
int sqlcmd_script_batch_line(const struct sqlcmd_script *script);

/* --- for sqlcmd_commands.c --- */

/* Run the gathered batch so often and forget it. */
void sqlcmd_script_run(struct sqlcmd_script *script, int times, struct sqlcmd_result *ret_result);
/* Forget what was gathered. */
void sqlcmd_script_reset(struct sqlcmd_script *script);
/* Say an error of sqlcmd itself; -b makes it the last. */
void sqlcmd_script_complain(struct sqlcmd_script *script, const struct err *err);
/* $(names) of a command's argument; complains and returns false when one is unknown. */
bool sqlcmd_script_expand(struct sqlcmd_script *script, const char *text, struct buf *ret);
/*
 * The line as a command: true when it was one and has been carried out (or
 * refused with a message).
 */
bool sqlcmd_command(struct sqlcmd_script *script, const char *line, size_t len);

#endif
