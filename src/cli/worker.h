/* SPDX-License-Identifier: MIT */
/* What the worker commands share: rows of registered workers, and the way to a machine. */
#ifndef SO_CLI_WORKER_H
#define SO_CLI_WORKER_H

#include "cli/args.h"
#include "cli/remote.h"

/* --- worker.c --- */

/* A worker's row by name or id, as a one-row rowset; ERR_NOT_FOUND. */
int worker_find(struct tsql_client *client, const char *name, struct tsql_rowset *ret, struct err *err);
/* Run a batch whose only parameter is @id. */
int worker_call(struct tsql_client *client, const char *sql, const char *id, struct err *err);
/* EXEC scaleout.set_worker. */
int worker_set(struct tsql_client *client, const char *id, const char *property, const char *value,
    struct err *err);

typedef int worker_visit(struct cli *cli, struct tsql_client *client, const struct cli_args *args,
    const struct tsql_rowset *rows, const void *ctx);
/* Look up every worker named on the command line (with --all: every one there is) and do something with its row. Returns an exit status. */
int worker_each(struct cli *cli, const struct cli_args *args, worker_visit *visit, const void *ctx);

/* --- worker_reach.c --- */

/* The way to a machine. The strings of machine lie in it. */
struct reach {
	struct cli_machine machine;
	char *name;        /* of the worker */
	char *hops;        /* "a,b": hops whose keys are not accepted yet */
	char *config_file; /* NULL = the user's */
	bool config_read;  /* what was not given comes from ssh_config */
	VEC(char *) known_hosts;
	char *fingerprint; /* of the accepted key, once there is one */
	VEC(char *) owned;
};

/* Options that say how a machine is reached; add and trust use them. */
#define REACH_KEY_OPTIONS \
	{ "accept-host-key", 0, NULL, "accept the host keys that are shown without asking" }, \
	{ "fingerprint", 0, "SHA256:...", "accept only this host key (repeat for jump hosts)" }, \
	{ "ssh-config", 'F', "FILE", "read FILE instead of ~/.ssh/config; none: read nothing" }, \
	{ "passphrase", 0, "FILE", "passphrase of the identity: first line of FILE, - = standard input" }

/* From "[user@]host[:port]", the options and ssh_config. Says what is wrong; returns an exit status. */
int reach_from_args(struct cli *cli, const struct cli_args *args, const char *place, struct reach *ret);
/* From a worker's row. */
void reach_from_row(const struct tsql_rowset *rows, struct reach *ret);
/* Fetch the keys of all hops and of the machine, and have each accepted. Returns an exit status. */
int reach_accept_keys(struct cli *cli, const struct cli_args *args, struct reach *reach);
/* Ask for the passphrase of an encrypted identity, where one is needed and can be had. Returns an exit status. */
int reach_unlock(struct cli *cli, const struct cli_args *args, struct reach *reach);
void reach_release(struct reach *reach);

/* "copying ... 45 %" on a terminal; ctx is a struct progress_line. */
struct progress_line {
	const char *what;
	bool shown;
};
void progress_tell(void *ctx, size_t sent, size_t total);
void progress_end(struct progress_line *line);

#endif
