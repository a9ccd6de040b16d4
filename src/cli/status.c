/* SPDX-License-Identifier: MIT */
/* scaleout status: the master, the queue and the workers at one glance. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"

static const char counts_sql[] =
    "SELECT CASE status WHEN 1 THEN N'created' WHEN 2 THEN N'running' WHEN 3 THEN N'canceled' "
    "WHEN 4 THEN N'failed' WHEN 5 THEN N'pending' WHEN 6 THEN N'ended unexpectedly' "
    "WHEN 7 THEN N'succeeded' WHEN 8 THEN N'stopping' WHEN 9 THEN N'completed' END AS [Status], "
    "executions AS [Executions] FROM [SSISDB].[scaleout].[execution_counts] "
    "WHERE executions > 0 ORDER BY status";
static const char workers_sql[] =
    "SELECT DisplayName AS [Worker], State AS [State], "
    "Running AS [Running], Slots AS [Slots], LastError AS [Last Error] "
    "FROM [SSISDB].[scaleout].[workers] ORDER BY DisplayName";

static int print_json(struct tsql_client *client, const char *master, struct err *err)
{
	static const char *const sections[][2] = { { "executions", counts_sql }, { "workers", workers_sql } };
	json_t *all = json_object();
	json_t *running = master ? json_loads(master, 0, NULL) : NULL;
	int r = 0;

	json_object_set_new(all, "master", running ? running : json_null());
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(sections); i++) {
		struct tsql_rowset rows;
		r = tsql_client_query(client, sections[i][1], NULL, 0, 100000, &rows, err);
		if (r < 0)
			break;
		char *text = cli_rows_json(&rows);
		json_object_set_new(all, sections[i][0], json_loads(text, 0, NULL));
		free(text);
		tsql_rowset_release(&rows);
	}
	char *text = json_dumps(all, JSON_INDENT(2));
	if (r == 0 && text)
		puts(text);
	free(text);
	json_decref(all);
	return r;
}

static int status_run(struct cli *cli, const struct cli_args *args)
{
	char *master = NULL;
	struct err err;
	int exit_status = CLI_FAILED;

	if (cli_need_words(args, 0, 0) != CLI_OK)
		return CLI_USAGE;
	struct tsql_client *client = cli_connect(cli);
	if (!client)
		return CLI_FAILED;
	if (cli->master_status(cli->catalog_path, &master, &err) < 0 && err.code != ERR_NOT_FOUND) {
		cli_fail(&err);
		goto out;
	}
	if (cli->json) {
		exit_status = print_json(client, master, &err) < 0 ? cli_fail(&err) : CLI_OK;
		goto out;
	}
	printf("catalog  %s\n", cli->catalog_path);
	json_t *json = master ? json_loads(master, 0, NULL) : NULL;
	if (json)
		printf("master   running, process %lld, epoch %lld\n",
		    (long long)json_integer_value(json_object_get(json, "pid")),
		    (long long)json_integer_value(json_object_get(json, "epoch")));
	else
		puts("master   not running (it is started when an execution is)");
	json_decref(json);
	putchar('\n');
	exit_status = cli_query_print(cli, client, counts_sql, NULL, 0);
	putchar('\n');
	if (exit_status == CLI_OK)
		exit_status = cli_query_print(cli, client, workers_sql, NULL, 0);
out:
	free(master);
	tsql_client_close(client);
	return exit_status;
}

static const struct cli_option no_options[] = { { 0 } };

const struct cli_command cli_status_command = {
	.name = "status",
	.arguments = "",
	.summary = "show the master, the queue and the workers",
	.options = no_options,
	.run = status_run,
};
