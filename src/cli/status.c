/* SPDX-License-Identifier: MIT */
/* scaleout status: the master, the queue and the workers at one glance, once or again and again. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/queue.h"
#include "cli/table.h"

static const char counts_sql[] =
    "SELECT CASE status WHEN 1 THEN N'created' WHEN 2 THEN N'running' WHEN 3 THEN N'canceled' "
    "WHEN 4 THEN N'failed' WHEN 5 THEN N'pending' WHEN 6 THEN N'ended unexpectedly' "
    "WHEN 7 THEN N'succeeded' WHEN 8 THEN N'stopping' WHEN 9 THEN N'completed' END AS [Status], "
    "executions AS [Executions] FROM [SSISDB].[scaleout].[execution_counts] "
    "WHERE executions > 0 ORDER BY status";
static const char workers_sql[] =
    "SELECT DisplayName AS [Worker], State AS [State], Running AS [Running], Slots AS [Slots], "
    "CpuPercent AS [CPU %], MemoryFreeKb / 1024 AS [Free MB], Version AS [Version], Tags AS [Tags] "
    "FROM [SSISDB].[scaleout].[workers] ORDER BY DisplayName";
static const char queue_sql[] =
    "SELECT waits_for AS [Waits For], COUNT(*) AS [Executions], MIN(CONVERT(nvarchar(19), queued_time, 120)) AS [Oldest] "
    "FROM [SSISDB].[scaleout].[queue] GROUP BY waits_for ORDER BY waits_for";
static const char state_sql[] =
    "SELECT is_paused, reason, changed_by, CONVERT(nvarchar(19), changed_time, 120) AS changed_time "
    "FROM [SSISDB].[scaleout].[queue_state]";
static const char priorities_sql[] =
    "SELECT priority AS [Priority], COUNT(*) AS [Executions] FROM [SSISDB].[scaleout].[queue] "
    "GROUP BY priority ORDER BY priority DESC";
static const char errors_sql[] =
    "SELECT DisplayName, CASE WHEN IsBlocked = 1 THEN BlockReason ELSE LastError END AS Error "
    "FROM [SSISDB].[scaleout].[workers] WHERE State NOT IN (N'online', N'disabled') ORDER BY DisplayName";
/* For scripts: the names that the table has, and the rest. */
static const char workers_json_sql[] =
    "SELECT DisplayName AS [Worker], State AS [State], Running AS [Running], Slots AS [Slots], "
    "CpuPercent AS [CPU %], MemoryFreeKb / 1024 AS [Free MB], LastError AS [Last Error], Version AS [Version], "
    "Tags AS [Tags], IsEnabled AS [Enabled], IsOnline AS [Online], IsBlocked AS [Blocked], BlockReason AS [Block Reason], "
    "CONVERT(nvarchar(19), LastOnlineTime, 120) AS [Last Online] "
    "FROM [SSISDB].[scaleout].[workers] ORDER BY DisplayName";

static int print_json(struct tsql_client *client, const char *master, struct err *err)
{
	static const char *const sections[][2] = { { "executions", counts_sql }, { "queue", queue_sql },
		{ "queue_priorities", priorities_sql }, { "queue_state", state_sql }, { "workers", workers_json_sql } };
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

static long long number(const json_t *json, const char *name)
{
	return (long long)json_integer_value(json_object_get(json, name));
}

static void print_master(const char *text)
{
	json_t *json = text ? json_loads(text, 0, NULL) : NULL;
	const char *catalog = json_string_value(json_object_get(json, "catalog_state"));

	if (!json) {
		puts("master   not running (it is started when an execution is)");
		return;
	}
	printf("master   running, process %lld, epoch %lld, since %lld s\n", number(json, "pid"), number(json, "epoch"),
	    number(json, "uptime_s"));
	printf("workers  %lld of %lld online, %lld slots\n", number(json, "workers_online"), number(json, "workers"),
	    number(json, "slots_online"));
	printf("running  %lld; in the last minute %lld started, %lld ended\n", number(json, "running"),
	    number(json, "started_last_minute"), number(json, "ended_last_minute"));
	if (number(json, "orphans"))
		printf("orphans  %lld tasks on workers are not in this catalog; the log names them\n",
		    number(json, "orphans"));
	if (catalog && strcmp(catalog, "fails") == 0) {
		const char *why = json_string_value(json_object_get(json, "catalog_error"));
		cli_print_colored(stdout, CLI_BAD, "TROUBLE");
		fputs("  the catalog takes no writes: ", stdout);
		cli_print_text(stdout, why ? why : "", why ? strlen(why) : 0);
		puts("\n         nothing is started meanwhile; what runs, runs on; work goes on as soon as it does");
	}
	json_decref(json);
}

/* Why workers are not there, in full: in a column it would be cut off. */
static int print_errors(struct tsql_client *client)
{
	struct tsql_rowset rows;
	struct err err;
	bool any = false;

	if (tsql_client_query(client, errors_sql, NULL, 0, 100000, &rows, &err) < 0)
		return cli_fail(&err);
	for (size_t i = 0; i < rows.row_count; i++) {
		char *name = cli_cell(&rows, i, "DisplayName"), *error = cli_cell(&rows, i, "Error");
		if (*error) {
			fputs(any ? "" : "\n", stdout);
			cli_print_colored(stdout, CLI_BAD, name);
			fputs(": ", stdout);
			cli_print_wrapped(error, strlen(name) + 2, 2);
			any = true;
		}
		free(name);
		free(error);
	}
	if (any)
		puts("what to do: scaleout worker check NAME");
	tsql_rowset_release(&rows);
	return CLI_OK;
}

static int show(struct cli *cli, struct tsql_client *client)
{
	static const char *const tables[] = { counts_sql, queue_sql, workers_sql };
	char *master = NULL;
	struct err err;
	int status;

	if (cli->master_status(cli->catalog_path, &master, &err) < 0 && err.code != ERR_NOT_FOUND)
		return cli_fail(&err);
	if (cli->json) {
		status = print_json(client, master, &err) < 0 ? cli_fail(&err) : CLI_OK;
		free(master);
		return status;
	}
	printf("catalog  %s\n", cli->catalog_path);
	print_master(master);
	free(master);
	status = cli_print_paused(client);
	for (size_t i = 0; status == CLI_OK && i < ARRAY_LEN(tables); i++) {
		putchar('\n');
		status = cli_query_print(cli, client, tables[i], NULL, 0);
	}
	return status == CLI_OK ? print_errors(client) : status;
}

static int status_run(struct cli *cli, const struct cli_args *args)
{
	struct timespec pause = { .tv_sec = 2 };
	long seconds = 2, count = 0;

	if (cli_need_words(args, 0, 0) != CLI_OK || !cli_opt_int(args, "interval", 1, 3600, &seconds) ||
	    !cli_opt_int(args, "count", 1, 1000000000, &count))
		return CLI_USAGE;
	struct tsql_client *client = cli_connect(cli);
	if (!client)
		return CLI_FAILED;
	bool watch = cli_flag(args, "watch") || cli_opt(args, "interval") || count;
	bool terminal = watch && isatty(1) && !cli->json;
	int status = CLI_OK;
	pause.tv_sec = seconds;
	for (long turn = 1;; turn++) {
		if (terminal)
			printf("\033[H\033[2J");
		status = show(cli, client);
		fflush(stdout);
		if (status != CLI_OK || !watch || turn == count || ferror(stdout))
			break;
		nanosleep(&pause, NULL);
	}
	tsql_client_close(client);
	return status;
}

static const struct cli_option status_options[] = {
	{ "watch", 'w', NULL, "show it again and again until interrupted" },
	{ "interval", 'n', "SECONDS", "time between two looks (default 2); implies --watch" },
	{ "count", 0, "N", "end after N looks; implies --watch" },
	{ 0 },
};

const struct cli_command cli_status_command = {
	.name = "status",
	.arguments = "[--watch] [--interval SECONDS] [--count N]",
	.summary = "show the master, the queue and the workers",
	.options = status_options,
	.run = status_run,
};
