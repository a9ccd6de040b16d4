/* SPDX-License-Identifier: MIT */
/* Waiting for executions with progress: used by run --wait. */
#ifndef SO_CLI_WATCH_H
#define SO_CLI_WATCH_H

#include <stdint.h>

#include "cli/args.h"

/*
 * Wait until the execution is over, printing every change of state (on a
 * terminal one rewritten line, else lines). Returns CLI_OK when it succeeded or
 * completed (status 7, 9), else CLI_FAILED after printing its errors to stderr.
 * timeout_s 0 = no limit.
 */
int cli_watch(struct cli *cli, struct tsql_client *client, int64_t execution_id, long timeout_s);

/* Print the errors of an execution (OnError messages), at most max lines. */
void cli_print_errors(struct tsql_client *client, int64_t execution_id, FILE *out, int max);

#endif
