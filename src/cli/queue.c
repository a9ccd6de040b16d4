/* SPDX-License-Identifier: MIT */
/* scaleout queue ...: what waits, pause and resume, the wishes of one execution; and worker drain. */
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/queue.h"
#include "cli/table.h"

static const struct cli_option no_options[] = { { 0 } };

/* One batch with at most one text; says done unless rows are wanted as JSON. */
static int run_batch(struct cli *cli, const char *sql, struct tsql_param *params, size_t count, const char *done)
{
	struct tsql_client *client = cli_connect(cli);
	struct err err;
	int status = CLI_FAILED;

	if (client && tsql_client_run(client, sql, params, count, NULL, &err) < 0) {
		cli_fail(&err);
	} else if (client) {
		status = CLI_OK;
		if (!cli->json)
			puts(done);
	}
	tsql_client_close(client);
	return status;
}

/* --- list --- */

static const char state_sql[] = "SELECT is_paused, reason, changed_by, CONVERT(nvarchar(19), changed_time, 120) AS changed"
				" FROM [SSISDB].[scaleout].[queue_state]";
static const char list_sql[] =
    "SELECT TOP (@max) execution_id AS [Execution], priority AS [Priority], folder_name AS [Folder], "
    "project_name AS [Project], package_name AS [Package], attempt AS [Try], "
    "CONVERT(nvarchar(19), queued_time, 120) AS [Since], waits_for AS [Waits For], tags AS [Tags] "
    "FROM [SSISDB].[scaleout].[queue] ORDER BY execution_id";

int cli_print_paused(struct tsql_client *client)
{
	struct tsql_rowset rows;
	struct err err;

	if (tsql_client_query(client, state_sql, NULL, 0, 1, &rows, &err) < 0)
		return cli_fail(&err);
	if (rows.row_count && cli_cell_int(&rows, 0, "is_paused", 0)) {
		char *reason = cli_cell(&rows, 0, "reason"), *by = cli_cell(&rows, 0, "changed_by");
		char *changed = cli_cell(&rows, 0, "changed");
		cli_print_colored(stdout, CLI_WARNING, "PAUSED");
		fputs("   by ", stdout);
		cli_print_text(stdout, by, strlen(by));
		printf(" at %s%s", changed, *reason ? ": " : "");
		cli_print_text(stdout, reason, strlen(reason));
		puts("\n         go on with: scaleout queue resume");
		free(reason);
		free(by);
		free(changed);
	}
	tsql_rowset_release(&rows);
	return CLI_OK;
}

static int list_run(struct cli *cli, const struct cli_args *args)
{
	long max = 100;

	if (cli_need_words(args, 0, 0) != CLI_OK || !cli_opt_int(args, "max", 1, 1000000, &max))
		return CLI_USAGE;
	struct tsql_client *client = cli_connect(cli);
	if (!client)
		return CLI_FAILED;
	struct tsql_param param = cli_param_int("@max", max);
	int status = cli->json ? CLI_OK : cli_print_paused(client);
	if (status == CLI_OK)
		status = cli_query_print(cli, client, list_sql, &param, 1);
	cli_release_params(&param, 1);
	tsql_client_close(client);
	return status;
}

static const struct cli_option list_options[] = {
	{ "max", 'n', "N", "at most so many, the oldest first (default 100)" },
	{ 0 },
};

const struct cli_command cli_queue_list_command = {
	.name = "queue list",
	.arguments = "[--max N]",
	.summary = "show what waits for a worker, and for what",
	.options = list_options,
	.run = list_run,
};

/* --- pause and resume --- */

static int pause_run(struct cli *cli, const struct cli_args *args)
{
	if (cli_need_words(args, 0, 0) != CLI_OK)
		return CLI_USAGE;
	const char *reason = cli_opt(args, "reason");
	struct tsql_param param = cli_param_text("@reason", reason ? reason : "");
	int status = run_batch(cli, "EXEC [SSISDB].[scaleout].[pause_queue] @reason = @reason", &param, 1,
	    "the queue is paused: nothing new is started, what runs goes on");
	cli_release_params(&param, 1);
	return status;
}

static const struct cli_option pause_options[] = {
	{ "reason", 0, "TEXT", "shown to everyone who asks why nothing starts" },
	{ 0 },
};

const struct cli_command cli_queue_pause_command = {
	.name = "queue pause",
	.arguments = "[--reason TEXT]",
	.summary = "start nothing new until it is resumed",
	.options = pause_options,
	.run = pause_run,
};

static int resume_run(struct cli *cli, const struct cli_args *args)
{
	if (cli_need_words(args, 0, 0) != CLI_OK)
		return CLI_USAGE;
	return run_batch(cli, "EXEC [SSISDB].[scaleout].[resume_queue]", NULL, 0, "the queue goes on");
}

const struct cli_command cli_queue_resume_command = {
	.name = "queue resume",
	.arguments = "",
	.summary = "start what waits again",
	.options = no_options,
	.run = resume_run,
};

/* --- the wishes of an execution --- */

const struct cli_wish cli_wishes[] = {
	{ "priority", "Priority" },
	{ "time-limit", "TimeLimit" },
	{ "retry-delay", "RetryDelay" },
	{ "tags", "Tags" },
	{ 0 },
};

int cli_set_wishes(struct tsql_client *client, const struct cli_args *args, int64_t execution_id, struct err *err)
{
	int r = 0;

	for (const struct cli_wish *wish = cli_wishes; r == 0 && wish->option; wish++) {
		if (!cli_opt(args, wish->option))
			continue;
		struct tsql_param params[] = { cli_param_int("@id", execution_id), cli_param_text("@name", wish->property),
			cli_param_text("@value", cli_opt(args, wish->option)) };
		r = tsql_client_run(client, "EXEC [SSISDB].[scaleout].[set_execution] @id, @name, @value", params, 3,
		    NULL, err);
		cli_release_params(params, 3);
	}
	return r;
}

static int set_run(struct cli *cli, const struct cli_args *args)
{
	struct err err;
	int status = CLI_OK;

	if (cli_need_words(args, 1, 1000) != CLI_OK)
		return CLI_USAGE;
	if (!args->given.len)
		return cli_usage(args, "nothing is to be set");
	struct tsql_client *client = cli_connect(cli);
	if (!client)
		return CLI_FAILED;
	for (size_t i = 0; i < args->words.len; i++) {
		char *end;
		long long id = strtoll(args->words.items[i], &end, 10);
		if (*end || id < 1)
			status = cli_usage(args, "'%s' is no execution's number", args->words.items[i]);
		else if (cli_set_wishes(client, args, id, &err) < 0)
			status = cli_fail(&err);
	}
	tsql_client_close(client);
	return status;
}

static const struct cli_option set_options[] = {
	CLI_WISH_OPTIONS,
	{ 0 },
};

const struct cli_command cli_queue_set_command = {
	.name = "queue set",
	.arguments = "EXECUTION... [--priority N] [--time-limit SECONDS] [--retry-delay SECONDS] [--tags WORDS]",
	.summary = "change what waiting executions ask for",
	.options = set_options,
	.run = set_run,
};

/* --- drain --- */

static int drain_one(struct cli *cli, struct tsql_client *client, const char *name, long timeout_ms)
{
	struct tsql_param params[] = { cli_param_text("@name", name), cli_param_int("@timeout", timeout_ms) };
	struct tsql_rowset rows;
	struct err err;
	int status = CLI_FAILED;

	int r = tsql_client_query(client,
	    "DECLARE @id uniqueidentifier = (SELECT WorkerAgentId FROM [SSISDB].[scaleout].[workers] WHERE DisplayName = @name"
	    " OR CONVERT(nvarchar(36), WorkerAgentId) = @name), @running int = -1; "
	    "IF @id IS NOT NULL EXEC [SSISDB].[scaleout].[drain_worker] @id, @timeout, @running OUTPUT; "
	    "SELECT @running AS running",
	    params, 2, 1, &rows, &err);
	cli_release_params(params, 2);
	if (r < 0)
		return cli_fail(&err);
	long long running = cli_cell_int(&rows, 0, "running", -1);
	tsql_rowset_release(&rows);
	if (running < 0) {
		err_set(&err, ERR_NOT_FOUND, "there is no worker '%s'", name);
		err_hint(&err, "list them with: scaleout worker list");
		return cli_fail(&err);
	}
	if (running > 0 && timeout_ms > 0) {
		err_set(&err, ERR_TIMEOUT, "worker %s still has %lld executions", name, running);
		err_hint(&err, "it gets nothing new; wait on with: scaleout worker drain %s --wait", name);
		return cli_fail(&err);
	}
	status = CLI_OK;
	if (!cli->json && running)
		printf("worker %s gets nothing new; %lld executions run on\n", name, running);
	else if (!cli->json)
		printf("worker %s is drained: nothing is left there\n", name);
	return status;
}

static int drain_run(struct cli *cli, const struct cli_args *args)
{
	long timeout = 0;
	int status = CLI_OK;

	if (cli_need_words(args, 1, 1000) != CLI_OK || !cli_opt_int(args, "timeout", 1, 2000000, &timeout))
		return CLI_USAGE;
	struct tsql_client *client = cli_connect(cli);
	if (!client)
		return CLI_FAILED;
	/* All of them get nothing new before the first is waited for. */
	bool wait = cli_flag(args, "wait") || timeout;
	for (size_t i = 0; i < args->words.len && (!wait || args->words.len > 1); i++) {
		if (drain_one(cli, client, args->words.items[i], 0) != CLI_OK)
			status = CLI_FAILED;
	}
	for (size_t i = 0; wait && status == CLI_OK && i < args->words.len; i++) {
		if (drain_one(cli, client, args->words.items[i], timeout ? timeout * 1000 : -1) != CLI_OK)
			status = CLI_FAILED;
	}
	tsql_client_close(client);
	return status;
}

static const struct cli_option drain_options[] = {
	{ "wait", 'w', NULL, "wait until nothing is left there" },
	{ "timeout", 0, "SECONDS", "wait no longer than this for each; exit status 1 when something is left" },
	{ 0 },
};

const struct cli_command cli_worker_drain_command = {
	.name = "worker drain",
	.arguments = "NAME... [--wait] [--timeout SECONDS]",
	.summary = "give workers no new work before maintenance, and wait until they are idle",
	.details = "The worker is disabled; what runs there runs on. When all is done:\n"
	           "scaleout worker enable NAME",
	.options = drain_options,
	.run = drain_run,
};
