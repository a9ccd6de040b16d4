/* SPDX-License-Identifier: MIT */
/* Waiting for executions and validations with progress, and their messages. */
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

/* The same without the errors and for any operation; sets its last status. CLI_OK when it is over, however it ended. */
int cli_wait(struct cli *cli, struct tsql_client *client, int64_t operation_id, long timeout_s,
    int64_t *ret_status);

/* All messages of an operation, a line each or a JSON array. Returns their number, or -1 after saying why. */
long cli_print_messages(struct cli *cli, struct tsql_client *client, int64_t operation_id);

/* Print the errors of an execution (OnError messages), at most max lines. */
void cli_print_errors(struct tsql_client *client, int64_t execution_id, FILE *out, int max);

#endif
