/* SPDX-License-Identifier: MIT */
/* scaleout worker list, enable, disable, remove; and the rows that all worker commands look up. */
#include "cli/worker.h"

#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"

static const char list_sql[] =
    "SELECT DisplayName AS [Name], State AS [State], Running AS [Running], Slots AS [Slots], "
    "Version AS [Version], CONVERT(nvarchar(19), LastOnlineTime, 120) AS [Last Online], "
    "Host AS [Host], Port AS [Port], UserAccount AS [Account], WorkerAgentId AS [Id] "
    "FROM [SSISDB].[scaleout].[workers] ORDER BY DisplayName";

/* For scripts: the same names, and all the rest. */
static const char list_json_sql[] =
    "SELECT DisplayName AS [Name], State AS [State], Running AS [Running], Slots AS [Slots], "
    "Version AS [Version], CONVERT(nvarchar(19), LastOnlineTime, 120) AS [Last Online], "
    "Host AS [Host], Port AS [Port], UserAccount AS [Account], WorkerAgentId AS [Id], "
    "IsEnabled AS [Enabled], IsOnline AS [Online], IsBlocked AS [Blocked], BlockReason AS [Block Reason], "
    "LastError AS [Last Error], Description AS [Description], Tags AS [Tags], UserName AS [User], "
    "Fingerprints AS [Fingerprints], ProgramPath AS [Program], SpoolPath AS [Spool], AllowRoot AS [Allow Root], "
    "UseCgroup AS [Control Groups], MemoryMaxMb AS [Memory Max MB], CpuMaxPercent AS [CPU Max %], "
    "OperatingSystem AS [Operating System], CpuCount AS [CPUs], MemoryKb AS [Memory KB], CpuPercent AS [CPU %], "
    "MemoryFreeKb AS [Memory Free KB] "
    "FROM [SSISDB].[scaleout].[workers] ORDER BY DisplayName";

static int list_run(struct cli *cli, const struct cli_args *args)
{
	if (cli_need_words(args, 0, 0) != CLI_OK)
		return CLI_USAGE;
	struct tsql_client *client = cli_connect(cli);
	if (!client)
		return CLI_FAILED;
	int status = cli_query_print(cli, client, cli->json ? list_json_sql : list_sql, NULL, 0);
	tsql_client_close(client);
	return status;
}

static const struct cli_option no_options[] = { { 0 } };

const struct cli_command cli_worker_list_command = {
	.name = "worker list",
	.arguments = "",
	.summary = "list the workers",
	.options = no_options,
	.run = list_run,
};

/* --- rows --- */

static const char find_sql[] =
    "SELECT WorkerAgentId, DisplayName, Host, Port, UserName, IdentityFile, HostKeys, ProgramPath, SpoolPath, "
    "IsEnabled, IsOnline, IsBlocked, BlockReason, LastError, JumpHosts, AllowRoot, UseCgroup, MemoryMaxMb, "
    "CpuMaxPercent, CONVERT(nvarchar(19), LastOnlineTime, 120) AS LastOnline FROM [SSISDB].[scaleout].[workers] "
    "WHERE DisplayName = @name OR CONVERT(nvarchar(36), WorkerAgentId) = @name";

int worker_find(struct tsql_client *client, const char *name, struct tsql_rowset *ret, struct err *err)
{
	struct tsql_param param = cli_param_text("@name", name);
	int r = tsql_client_query(client, find_sql, &param, 1, 10, ret, err);

	tsql_value_release(&param.value);
	if (r == 0 && !ret->row_count) {
		tsql_rowset_release(ret);
		r = err_set(err, ERR_NOT_FOUND, "there is no worker '%s'", name);
		err_hint(err, "list them with: scaleout worker list");
	}
	return r;
}

int worker_call(struct tsql_client *client, const char *sql, const char *id, struct err *err)
{
	struct tsql_param param = cli_param_text("@id", id);
	int r = tsql_client_run(client, sql, &param, 1, NULL, err);

	tsql_value_release(&param.value);
	return r;
}

int worker_set(struct tsql_client *client, const char *id, const char *property, const char *value,
    struct err *err)
{
	struct tsql_param params[] = { cli_param_text("@id", id), cli_param_text("@property", property),
		cli_param_text("@value", value) };
	int r = tsql_client_run(client,
	    "EXEC [SSISDB].[scaleout].[set_worker] @WorkerAgentId = @id, @property_name = @property, "
	    "@property_value = @value",
	    params, ARRAY_LEN(params), NULL, err);

	cli_release_params(params, ARRAY_LEN(params));
	return r;
}

static int visit_name(struct cli *cli, struct tsql_client *client, const struct cli_args *args, const char *name,
    worker_visit *visit, const void *ctx)
{
	struct tsql_rowset rows;
	struct err err;

	if (worker_find(client, name, &rows, &err) < 0)
		return cli_fail(&err);
	int status = visit(cli, client, args, &rows, ctx);
	tsql_rowset_release(&rows);
	return status;
}

int worker_each(struct cli *cli, const struct cli_args *args, worker_visit *visit, const void *ctx)
{
	struct tsql_client *client = cli_connect(cli);
	struct tsql_rowset all;
	struct err err;
	int status = client ? CLI_OK : CLI_FAILED;

	for (size_t i = 0; client && i < args->words.len; i++)
		if (visit_name(cli, client, args, args->words.items[i], visit, ctx) != CLI_OK)
			status = CLI_FAILED;
	if (client && cli_flag(args, "all")) {
		if (tsql_client_query(client, "SELECT DisplayName FROM [SSISDB].[scaleout].[workers] ORDER BY DisplayName",
			NULL, 0, 100000, &all, &err) < 0) {
			status = cli_fail(&err);
		} else {
			for (size_t i = 0; i < all.row_count; i++) {
				char *name = cli_cell(&all, i, "DisplayName");
				if (visit_name(cli, client, args, name, visit, ctx) != CLI_OK)
					status = CLI_FAILED;
				free(name);
			}
			tsql_rowset_release(&all);
		}
	}
	tsql_client_close(client);
	return status;
}

/* --- enable, disable and remove differ in one statement and one word --- */

struct change {
	const char *sql, *done;
};

static int change_worker(struct cli *cli, struct tsql_client *client, const struct cli_args *args,
    const struct tsql_rowset *rows, const void *ctx)
{
	const struct change *change = ctx;
	char *id = cli_cell(rows, 0, "WorkerAgentId"), *name = cli_cell(rows, 0, "DisplayName");
	struct err err;
	int status = CLI_OK;

	(void)args;
	if (worker_call(client, change->sql, id, &err) < 0)
		status = cli_fail(&err);
	else if (!cli->json)
		printf("%s worker %s\n", change->done, name);
	free(name);
	free(id);
	return status;
}

static int change_run(struct cli *cli, const struct cli_args *args, const char *sql, const char *done)
{
	struct change change = { sql, done };

	if (cli_need_words(args, 1, 1000) != CLI_OK)
		return CLI_USAGE;
	return worker_each(cli, args, change_worker, &change);
}

static int enable_run(struct cli *cli, const struct cli_args *args)
{
	return change_run(cli, args, "EXEC [SSISDB].[catalog].[enable_worker_agent] @WorkerAgentId = @id", "enabled");
}

static int disable_run(struct cli *cli, const struct cli_args *args)
{
	return change_run(cli, args, "EXEC [SSISDB].[catalog].[disable_worker_agent] @WorkerAgentId = @id", "disabled");
}

static int remove_run(struct cli *cli, const struct cli_args *args)
{
	return change_run(cli, args, "EXEC [SSISDB].[scaleout].[remove_worker] @WorkerAgentId = @id", "removed");
}

const struct cli_command cli_worker_enable_command = {
	.name = "worker enable",
	.arguments = "NAME...",
	.summary = "let workers take work",
	.options = no_options,
	.run = enable_run,
};

const struct cli_command cli_worker_disable_command = {
	.name = "worker disable",
	.arguments = "NAME...",
	.summary = "give workers no new work; what runs there runs on",
	.options = no_options,
	.run = disable_run,
};

const struct cli_command cli_worker_remove_command = {
	.name = "worker remove",
	.arguments = "NAME...",
	.summary = "forget workers (refused while something runs there)",
	.options = no_options,
	.run = remove_run,
};
