/* SPDX-License-Identifier: MIT */
/*
 * Sub-commands of scaleout. One row of the table in command.c per command,
 * one file each; the same row gives --help, completion and the man page test.
 */
#ifndef SO_CLI_COMMAND_H
#define SO_CLI_COMMAND_H

#include <stdbool.h>

#include "base/err.h"
#include "tsql/client.h"

enum cli_exit { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/* What main_scaleout.c gives every command: rooms that the CLI room may not see itself. */
struct cli {
	const char *catalog_path;
	struct tsql_connector connector;
	int (*create_catalog)(const char *path, struct err *err);
	/* See that a master runs for this catalog, starting one when wait_ms allows; 0 when one answers. */
	int (*ensure_master)(const char *path, int wait_ms, struct err *err);
	/* One line of JSON about the running master, or ERR_NOT_FOUND when none runs. */
	int (*master_status)(const char *path, char **ret_json, struct err *err);
	/* Ask the master to end (executions run on). */
	int (*stop_master)(const char *path, int wait_ms, struct err *err);
	/* Fetch a machine's host key over SSH: "type base64" and its SHA256 fingerprint; caller frees both. */
	int (*host_key)(const char *host, int port, int timeout_ms, char **ret_key, char **ret_fingerprint,
	    struct err *err);
	/* Connect to a machine, start the worker program, say HELLO; returns its JSON answer. NULL identity = agent. */
	int (*probe_worker)(const char *host, int port, const char *user, const char *identity,
	    const char *host_keys, const char *program, const char *spool, int timeout_ms, char **ret_json,
	    struct err *err);
	int (*console)(int argc, char **argv, struct cli *cli);
	bool json; /* --json */
};

struct cli_command {
	const char *name;      /* "worker add" is two words */
	const char *arguments; /* usage line after the name */
	const char *summary;   /* one line */
	const char *help;      /* option table, one "  -x, --long ARG  text" per line */
	int (*run)(struct cli *cli, int argc, char **argv); /* argv[0] is the command; returns enum cli_exit */
};

/* All commands, ended by a row with a NULL name. */
extern const struct cli_command cli_commands[];

/* Find the command and run it; handles --help, --version, --catalog, --json. Returns the exit status. */
int cli_main(struct cli *cli, int argc, char **argv);

#endif
