/* SPDX-License-Identifier: MIT */
/*
 * The command line: sub-commands of scaleout, one row of a table and one file
 * each. The row gives usage, --help, shell completion and the test that
 * compares them with the man page.
 *
 * The room sees the catalog as a T-SQL client. What needs other rooms (making
 * a catalog file, talking to the master, SSH) comes in as the functions of
 * struct cli, which main_scaleout.c fills.
 */
#ifndef SO_CLI_COMMAND_H
#define SO_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "tsql/client.h"

enum cli_exit { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

struct cli_args;   /* args.h */
struct cli_remote; /* remote.h */

struct cli {
	const char *catalog_path;
	struct tsql_connector connector;
	/* Make a new catalog file. */
	int (*create_catalog)(const char *path, struct err *err);
	/* Copy catalog and key into one file; make both from it again; a new key (number of values encrypted again). */
	int (*backup_catalog)(const char *path, const char *file, const char *passphrase, struct err *err);
	int (*restore_catalog)(const char *file, const char *path, const char *passphrase, bool force,
	    struct err *err);
	int (*rekey_catalog)(const char *path, int64_t *ret_count, struct err *err);
	/* See that a master runs for this catalog; starts one when none answers. */
	int (*ensure_master)(const char *path, int wait_ms, struct err *err);
	/* One JSON object about the running master (caller frees), or ERR_NOT_FOUND. */
	int (*master_status)(const char *path, char **ret_json, struct err *err);
	/* End the master and wait until it has gone; executions run on. Its process, -1 not known, 0 none ran. */
	int (*stop_master)(const char *path, int wait_ms, int *ret_pid, struct err *err);
	/* Conversations with machines over SSH. */
	const struct cli_remote *remote;
	/* Read scaleout.conf (NULL = the one that counts): its path, and all settings as text; caller frees both. */
	int (*read_conf)(const char *file, char **ret_path, char **ret_text, struct err *err);
	/* The interactive console, with the options of its row; returns an exit status. */
	int (*console)(struct cli *cli, const struct cli_args *args);
	bool json; /* --json: rows as one JSON array */
};

/*
 * One option. Rows end with a NULL name. argument NULL = a flag. "[N]" = the
 * value may be left out and is never a word of its own (-r1); "NAME=VALUE..." =
 * the words after it that begin no option are further values.
 */
struct cli_option {
	const char *name; /* long name without dashes */
	char letter;      /* short form or 0 */
	const char *argument;
	const char *text;
};

struct cli_command {
	const char *name;      /* "worker add" is two words */
	const char *arguments; /* usage after the name: "FILE FOLDER" */
	const char *summary;   /* one line, lower case, no full stop */
	const char *details;   /* paragraphs for --help, or NULL */
	const struct cli_option *options;
	const struct cli_option *refused; /* known, but not taken: text is the reason; or NULL */
	int (*run)(struct cli *cli, const struct cli_args *args); /* returns enum cli_exit */
};

/* All commands, ended by a row with a NULL name. */
extern const struct cli_command *const cli_commands[];
/* Options every command takes. */
extern const struct cli_option cli_global_options[];

/* Print the manual page of a command as mdoc (how the pages of man/ are made). */
void cli_print_mdoc(const struct cli_command *command);

/* Find the command and run it. Returns the exit status. */
int cli_main(struct cli *cli, int argc, char **argv);

#endif
