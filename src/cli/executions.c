/* SPDX-License-Identifier: MIT */
/* scaleout executions, messages, stop: the reports and the brake, for scripts. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/watch.h"

static bool parse_id(const char *text, int64_t *ret)
{
	char *end;
	long long value = strtoll(text, &end, 10);

	if (!*text || *end || value <= 0)
		return false;
	*ret = value;
	return true;
}

/* Columns of All Executions (spec/console.md §4.5) and what people asked to have beside them. */
static const char executions_sql[] =
    "SELECT TOP (@limit) e.execution_id AS [ID], "
    "CASE e.status WHEN 1 THEN N'created' WHEN 2 THEN N'running' WHEN 3 THEN N'canceled' "
    "WHEN 4 THEN N'failed' WHEN 5 THEN N'pending' WHEN 6 THEN N'ended unexpectedly' "
    "WHEN 7 THEN N'succeeded' WHEN 8 THEN N'stopping' WHEN 9 THEN N'completed' END AS [Status], "
    "e.folder_name AS [Folder Name], e.project_name AS [Project Name], e.package_name AS [Package Name], "
    "CONVERT(nvarchar(19), e.start_time, 120) AS [Start Time], "
    "CONVERT(nvarchar(19), e.end_time, 120) AS [End Time], "
    "CONVERT(decimal(18, 3), DATEDIFF(millisecond, e.start_time, "
    "COALESCE(e.end_time, SYSDATETIMEOFFSET())) / 1000.0) AS [Duration (s)], "
    "e.executed_count AS [Runs], w.DisplayName AS [Worker] "
    "FROM [SSISDB].[catalog].[executions] e "
    "LEFT JOIN [SSISDB].[catalog].[worker_agents] w ON w.WorkerAgentId = e.worker_agent_id "
    "WHERE e.execution_id < @before";

static const struct {
	const char *option, *param, *sql;
} filters[] = {
	{ "folder", "@folder", " AND e.folder_name = @folder" },
	{ "project", "@project", " AND e.project_name = @project" },
	{ "package", "@package", " AND e.package_name = @package" },
};

static int executions_run(struct cli *cli, const struct cli_args *args)
{
	struct tsql_param params[8];
	struct buf sql = BUF_INIT;
	size_t count = 0;
	long limit = 50;
	int64_t before = INT64_MAX;
	int exit_status = CLI_FAILED;

	if (cli_need_words(args, 0, 0) != CLI_OK || !cli_opt_int(args, "limit", 1, 100000, &limit))
		return CLI_USAGE;
	if (cli_opt(args, "before") && !parse_id(cli_opt(args, "before"), &before))
		return cli_usage(args, "--before needs an execution id");
	int wanted = cli_opt(args, "status") ? cli_status_number(cli_opt(args, "status")) : 0;
	if (wanted < 0)
		return cli_usage(args, "'%s' is not a status; created, running, canceled, failed, pending, "
		                       "'ended unexpectedly', succeeded, stopping, completed are",
		    cli_opt(args, "status"));
	buf_adds(&sql, executions_sql);
	params[count++] = cli_param_int("@limit", limit);
	params[count++] = cli_param_int("@before", before);
	if (wanted) {
		params[count++] = cli_param_int("@status", wanted);
		buf_adds(&sql, " AND e.status = @status");
	}
	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		if (!cli_opt(args, filters[i].option))
			continue;
		params[count++] = cli_param_text(filters[i].param, cli_opt(args, filters[i].option));
		buf_adds(&sql, filters[i].sql);
	}
	buf_adds(&sql, " ORDER BY e.execution_id DESC");
	struct tsql_client *client = cli_connect(cli);
	if (client)
		exit_status = cli_query_print(cli, client, sql.data, params, count);
	tsql_client_close(client);
	cli_release_params(params, count);
	buf_release(&sql);
	return exit_status;
}

static const struct cli_option executions_options[] = {
	{ "status", 's', "STATUS", "only these: a word (failed, running ...) or its number" },
	{ "folder", 0, "NAME", "only of this folder" },
	{ "project", 0, "NAME", "only of this project" },
	{ "package", 0, "NAME", "only of this package (name.dtsx)" },
	{ "limit", 'n', "N", "at most so many rows, newest first (default 50)" },
	{ "before", 0, "ID", "only older ones: the next page" },
	{ 0 },
};

const struct cli_command cli_executions_command = {
	.name = "executions",
	.arguments = "[--status STATUS] [--folder NAME] [--limit N]",
	.summary = "list executions, newest first (the All Executions report)",
	.options = executions_options,
	.run = executions_run,
};

static const char messages_sql[] =
    "SELECT TOP (@limit) event_message_id AS [ID], CONVERT(nvarchar(23), message_time, 121) AS [Time], "
    "event_name AS [Event], message_source_name AS [Source], execution_path AS [Path], message AS [Message] "
    "FROM [SSISDB].[catalog].[event_messages] WHERE operation_id = @id AND event_message_id > @after";

/* Print the messages after *last; moves *last. Returns the number printed, or -1 after saying why. */
static long print_page(struct cli *cli, struct tsql_client *client, const char *sql, int64_t id,
    int64_t *last, long limit)
{
	struct tsql_param params[] = { cli_param_int("@id", id), cli_param_int("@after", *last),
		cli_param_int("@limit", limit) };
	struct tsql_rowset rows;
	struct err err;

	if (tsql_client_query(client, sql, params, 3, 1000000, &rows, &err) < 0) {
		cli_fail(&err);
		return -1;
	}
	for (size_t i = 0; i < rows.row_count; i++) {
		*last = cli_cell_int(&rows, i, "ID", *last);
		if (cli->json)
			continue;
		char *time = cli_cell(&rows, i, "Time");
		char *event = cli_cell(&rows, i, "Event");
		char *message = cli_cell(&rows, i, "Message");
		printf("%s %-16s ", time, event);
		cli_print_text(stdout, message, strlen(message));
		putchar('\n');
		free(time);
		free(event);
		free(message);
	}
	if (cli->json)
		cli_print_rows(cli, &rows);
	fflush(stdout);
	long count = (long)rows.row_count;
	tsql_rowset_release(&rows);
	return count;
}

long cli_print_messages(struct cli *cli, struct tsql_client *client, int64_t operation_id)
{
	struct buf sql = BUF_INIT;
	int64_t last = 0;

	buf_addf(&sql, "%s ORDER BY event_message_id", messages_sql);
	long count = print_page(cli, client, sql.data, operation_id, &last, 100000);
	buf_release(&sql);
	return count;
}

static int64_t status_of(struct tsql_client *client, int64_t id)
{
	struct tsql_param param = cli_param_int("@id", id);
	struct tsql_rowset rows;
	int64_t status = -1;

	if (tsql_client_query(client, "SELECT status FROM [SSISDB].[catalog].[operations] WHERE operation_id = @id",
	        &param, 1, 2, &rows, NULL) == 0) {
		if (rows.row_count)
			status = cli_cell_int(&rows, 0, "status", -1);
		tsql_rowset_release(&rows);
	}
	return status;
}

static int messages_run(struct cli *cli, const struct cli_args *args)
{
	struct buf sql = BUF_INIT;
	int64_t id, last = 0;
	long limit = 100000, count;
	int exit_status = CLI_FAILED;
	struct err err;

	if (cli_need_words(args, 1, 1) != CLI_OK || !cli_opt_int(args, "limit", 1, 1000000, &limit))
		return CLI_USAGE;
	if (!parse_id(args->words.items[0], &id))
		return cli_usage(args, "'%s' is not an execution id", args->words.items[0]);
	bool follow = cli_flag(args, "follow") && !cli->json;
	struct tsql_client *client = cli_connect(cli);
	if (!client)
		return CLI_FAILED;
	buf_adds(&sql, messages_sql);
	if (cli_flag(args, "errors"))
		buf_adds(&sql, " AND message_type = 120");
	else if (cli_flag(args, "warnings"))
		buf_adds(&sql, " AND message_type IN (110, 120)");
	buf_adds(&sql, " ORDER BY event_message_id");
	int64_t status = status_of(client, id);
	if (status < 0) {
		err_set(&err, ERR_NOT_FOUND, "there is no execution %lld, or you may not see it", (long long)id);
		cli_fail(&err);
		goto out;
	}
	do {
		count = print_page(cli, client, sql.data, id, &last, limit);
		if (follow && count == 0) {
			if (cli_status_is_final(status))
				break;
			status = status_of(client, id);
			nanosleep(&(struct timespec){ 0, 200000000 }, NULL);
		}
	} while (follow && count >= 0);
	exit_status = count < 0 ? CLI_FAILED : CLI_OK;
out:
	tsql_client_close(client);
	buf_release(&sql);
	return exit_status;
}

static const struct cli_option messages_options[] = {
	{ "errors", 'e', NULL, "errors only" },
	{ "warnings", 'w', NULL, "errors and warnings only" },
	{ "follow", 'f', NULL, "go on until the execution ends" },
	{ "limit", 'n', "N", "at most so many rows" },
	{ 0 },
};

const struct cli_command cli_messages_command = {
	.name = "messages",
	.arguments = "ID [--errors] [--follow]",
	.summary = "print the messages of an execution",
	.options = messages_options,
	.run = messages_run,
};

static int stop_run(struct cli *cli, const struct cli_args *args)
{
	int exit_status = CLI_OK;
	struct err err;

	if (cli_need_words(args, 1, 1000) != CLI_OK)
		return CLI_USAGE;
	struct tsql_client *client = cli_connect(cli);
	if (!client)
		return CLI_FAILED;
	for (size_t i = 0; i < args->words.len; i++) {
		int64_t id;
		if (!parse_id(args->words.items[i], &id)) {
			exit_status = cli_usage(args, "'%s' is not an execution id", args->words.items[i]);
			break;
		}
		struct tsql_param param = cli_param_int("@id", id);
		if (tsql_client_run(client, "EXEC [SSISDB].[catalog].[stop_operation] @operation_id = @id", &param,
		        1, NULL, &err) < 0)
			exit_status = cli_fail(&err);
		else if (cli_flag(args, "wait"))
			cli_watch(cli, client, id, 0);
		else if (!cli->json)
			printf("stopping %lld\n", (long long)id);
	}
	tsql_client_close(client);
	return exit_status;
}

static const struct cli_option stop_options[] = {
	{ "wait", 'w', NULL, "wait until it has ended" },
	{ 0 },
};

const struct cli_command cli_stop_command = {
	.name = "stop",
	.arguments = "ID... [--wait]",
	.summary = "stop running executions",
	.options = stop_options,
	.run = stop_run,
};
