/* SPDX-License-Identifier: MIT */
/* What commands share about the queue: what an execution may ask of it ("run", "queue set"), and that it is paused. */
#ifndef SO_CLI_QUEUE_H
#define SO_CLI_QUEUE_H

#include "cli/args.h"

struct cli_wish {
	const char *option;
	const char *property; /* of [scaleout].[set_execution] */
};
/* All of them, ended by a row without an option. */
extern const struct cli_wish cli_wishes[];

#define CLI_WISH_OPTIONS \
	{ "priority", 0, "N", "-100 to 100, higher ones first (usual 0; above 0 for administrators)" }, \
	{ "time-limit", 0, "SECONDS", "end a try that runs longer; it has failed" }, \
	{ "retry-delay", 0, "SECONDS", "wait so long before a further try" }, \
	{ "tags", 0, "WORDS", "words that the worker must have among its tags" }

/* Set those that were given. */
int cli_set_wishes(struct tsql_client *client, const struct cli_args *args, int64_t execution_id, struct err *err);

/* Say who paused the queue, when and why, where it is paused. Returns an exit status. */
int cli_print_paused(struct tsql_client *client);

#endif
