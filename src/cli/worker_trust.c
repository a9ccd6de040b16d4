/* SPDX-License-Identifier: MIT */
/* scaleout worker trust: accept the host keys that a worker's machine and its jump hosts show now. */
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/worker.h"

static int store_keys(struct tsql_client *client, const struct cli_args *args, const struct tsql_rowset *rows,
    const struct reach *reach, struct err *err)
{
	char *id = cli_cell(rows, 0, "WorkerAgentId"), *old = cli_cell(rows, 0, "HostKeys");
	/* --add keeps the old keys, for a machine whose key is being rotated. */
	char *keys = cli_flag(args, "add") ? xasprintf("%s\n%s", old, reach->machine.host_keys) :
					     xstrdup(reach->machine.host_keys);
	int r = worker_set(client, id, "JumpHosts", reach->machine.jump_hosts, err);

	if (r == 0)
		r = worker_set(client, id, "HostKeys", keys, err); /* this also unblocks */
	free(keys);
	free(old);
	free(id);
	return r;
}

static int trust_worker(struct cli *cli, struct tsql_client *client, const struct cli_args *args,
    const struct tsql_rowset *rows, const void *ctx)
{
	struct reach reach;
	struct err err;

	(void)ctx;
	reach_from_row(rows, &reach);
	int status = reach_unlock(cli, args, &reach); /* a jump host is logged in to */
	if (status == CLI_OK)
		status = reach_accept_keys(cli, args, &reach);
	if (status == CLI_OK && store_keys(client, args, rows, &reach, &err) < 0)
		status = cli_fail(&err);
	if (status == CLI_OK && !cli->json)
		printf("the host key of worker %s is accepted\n", reach.name);
	reach_release(&reach);
	return status;
}

static int trust_run(struct cli *cli, const struct cli_args *args)
{
	if (cli_need_words(args, 1, 1) != CLI_OK)
		return CLI_USAGE;
	return worker_each(cli, args, trust_worker, NULL);
}

static const struct cli_option trust_options[] = {
	REACH_KEY_OPTIONS,
	{ "add", 0, NULL, "keep the keys accepted before as well" },
	{ 0 },
};

const struct cli_command cli_worker_trust_command = {
	.name = "worker trust",
	.arguments = "NAME [--fingerprint SHA256:...] [--add]",
	.summary = "accept the host key that a worker's machine shows now",
	.details = "A worker whose host key changed is blocked: nothing is sent to it, because somebody may be in\n"
	           "between. When the change is known to be right, this accepts the new key and unblocks it.\n"
	           "The keys of its jump hosts are shown and accepted too.",
	.options = trust_options,
	.run = trust_run,
};
