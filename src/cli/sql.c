/* SPDX-License-Identifier: MIT */
/*
 * scaleout sql: T-SQL from a file, the command line or a prompt, with the
 * switches of sqlcmd that people type most (spec/agent.md §3.1).
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/sqlcmd.h"
#include "tsql/split.h"

#define SCRIPT_MAX ((size_t)64 * 1024 * 1024)

struct sql_run {
	struct cli *cli;
	const struct cli_args *args;
	struct tsql_client *client;
	struct sqlcmd_format format;
	bool stop_on_error;
	int status;
};

/* Ctrl-C ends the batch, not the program; the handler needs to find the client. */
static struct tsql_client *volatile interrupted_client;

static void on_interrupt(int signal_number)
{
	(void)signal_number;
	if (interrupted_client)
		tsql_client_cancel(interrupted_client);
}

/* Returns false when no further batch shall run. */
static bool run_batch(struct sql_run *run, const char *text, int times)
{
	struct sqlcmd_result result;
	struct err err;

	for (int i = 0; i < times; i++) {
		interrupted_client = run->client;
		int r = sqlcmd_run(run->client, text, &run->format, &result, &err);
		interrupted_client = NULL;
		if (r == -ERR_CANCELLED)
			fputs("cancelled\n", stderr);
		if (run->stop_on_error && result.worst_severity > 10) {
			run->status = CLI_FAILED;
			return false;
		}
	}
	return true;
}

/* Run the batches of a whole script. */
static bool run_script(struct sql_run *run, const char *text, size_t len)
{
	struct tsql_batches batches;
	bool go_on = true;

	tsql_split_batches(text, len, &batches);
	for (size_t i = 0; go_on && i < batches.len; i++) {
		char *one = xstrndup(batches.items[i].text, batches.items[i].len);
		go_on = run_batch(run, one, batches.items[i].count);
		free(one);
	}
	tsql_batches_release(&batches);
	return go_on;
}

static bool run_file(struct sql_run *run, const char *path)
{
	struct buf text = BUF_INIT;
	struct err err;
	bool go_on = false;

	if (file_read(strcmp(path, "-") ? path : "/dev/stdin", SCRIPT_MAX, &text, &err) < 0) {
		run->status = cli_fail(&err);
	} else {
		size_t bom = text.len >= 3 && !memcmp(text.data, "\xEF\xBB\xBF", 3) ? 3 : 0;
		go_on = run_script(run, text.data + bom, text.len - bom);
	}
	buf_release(&text);
	return go_on;
}

static bool is_word(const char *line, const char *word)
{
	size_t len = strcspn(line, " \t\r\n");

	if (line[0] == ':') {
		line++;
		len--;
	}
	return !utf8_ncasecmp(line, len, word, strlen(word));
}

/* Lines until GO, then the batch; exit and quit leave, reset drops what was typed. */
static void run_prompt(struct sql_run *run, FILE *in, bool prompt)
{
	struct buf text = BUF_INIT;
	char *line = NULL;
	size_t cap = 0;
	int number = 1;

	for (;;) {
		if (prompt) {
			printf("%d> ", number);
			fflush(stdout);
		}
		ssize_t len = getline(&line, &cap, in);
		if (len < 0)
			break;
		if (is_word(line, "exit") || is_word(line, "quit"))
			break;
		if (is_word(line, "reset")) {
			buf_clear(&text);
			number = 1;
			continue;
		}
		buf_add(&text, line, (size_t)len);
		number++;
		struct tsql_batches batches;
		tsql_split_batches(text.data, text.len, &batches);
		bool complete = batches.len && batches.items[batches.len - 1].terminated;
		tsql_batches_release(&batches);
		if (!complete)
			continue;
		if (!run_script(run, text.data, text.len))
			break;
		buf_clear(&text);
		number = 1;
	}
	/* A piped script need not end with GO. */
	if (!prompt && text.len && run->status == CLI_OK)
		run_script(run, text.data, text.len);
	else if (prompt)
		putchar('\n');
	free(line);
	buf_release(&text);
}

static bool use_database(struct sql_run *run, const char *name)
{
	struct buf sql = BUF_INIT;
	struct err err;

	buf_adds(&sql, "USE ");
	tsql_quote_name(name, &sql);
	bool good = tsql_client_run(run->client, sql.data, NULL, 0, NULL, &err) == 0;
	if (!good)
		run->status = cli_fail(&err);
	buf_release(&sql);
	return good;
}

static bool read_format(struct sql_run *run)
{
	long headers = 0, width = 80, severity = 0;

	if (!cli_opt_int(run->args, "headers", -1, 1000000, &headers) ||
	    !cli_opt_int(run->args, "width", 0, 65535, &width) ||
	    !cli_opt_int(run->args, "severity", -1, 25, &severity))
		return false;
	const char *separator = cli_opt(run->args, "separator");
	run->format = (struct sqlcmd_format){
		.out = stdout,
		.separator = separator ? separator : " ",
		.server = run->cli->connector.server_name,
		.header_every = (int)headers,
		.trim = cli_flag(run->args, "trim"),
		.screen_width = (int)width,
		.variable_width = 256,
		.lowest_severity = (int)severity,
		.json = run->cli->json,
	};
	run->stop_on_error = cli_flag(run->args, "stop-on-error");
	return true;
}

static void run_all(struct sql_run *run)
{
	bool any = false;

	if (cli_opt(run->args, "database") && !use_database(run, cli_opt(run->args, "database")))
		return;
	for (size_t i = 0; i < run->args->given.len; i++) {
		const struct cli_given *given = &run->args->given.items[i];
		if (!strcmp(given->option->name, "input")) {
			any = true;
			if (!run_file(run, given->value))
				return;
		} else if (!strcmp(given->option->name, "query")) {
			any = true;
			if (!run_batch(run, given->value, 1))
				return;
		}
	}
	if (!any)
		run_prompt(run, stdin, isatty(0));
}

static int sql_run(struct cli *cli, const struct cli_args *args)
{
	struct sql_run run = { .cli = cli, .args = args };
	struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = SA_RESTART };
	const char *output = cli_opt(args, "output");

	if (cli_need_words(args, 0, 0) != CLI_OK || !read_format(&run))
		return CLI_USAGE;
	if (output) {
		run.format.out = fopen(output, "we");
		if (!run.format.out) {
			struct err err;
			err_set(&err, ERR_IO, "cannot write %s", output);
			return cli_fail(&err);
		}
	}
	run.client = cli_connect(cli);
	if (run.client) {
		sigaction(SIGINT, &action, NULL);
		run_all(&run);
		signal(SIGINT, SIG_DFL);
		tsql_client_close(run.client);
	} else {
		run.status = CLI_FAILED;
	}
	if (output && fclose(run.format.out))
		run.status = CLI_FAILED;
	return run.status;
}

static const struct cli_option sql_options[] = {
	{ "input", 'i', "FILE", "run this script (repeatable; - = standard input)" },
	{ "query", 'Q', "TEXT", "run this batch and leave" },
	{ "database", 'd', "NAME", "start in this database (default SSISDB)" },
	{ "stop-on-error", 'b', NULL, "stop at the first error; exit status 1" },
	{ "headers", 'h', "N", "rows between headings; -1 = none" },
	{ "separator", 's', "TEXT", "between columns (default one blank)" },
	{ "trim", 'W', NULL, "no blanks to fill the columns" },
	{ "width", 'w', "N", "break lines at so many columns (default 80, 0 = never)" },
	{ "severity", 'm', "N", "show errors from this severity" },
	{ "output", 'o', "FILE", "write there instead of to standard output" },
	{ 0 },
};

const struct cli_command cli_sql_command = {
	.name = "sql",
	.arguments = "[-i FILE | -Q TEXT] [-b] [-h N] [-s TEXT] [-W]",
	.summary = "run T-SQL batches, as sqlcmd does",
	.details = "Batches end with a line GO; GO n runs one n times. Without -i and -Q they are read from the\n"
	           "prompt; there, exit leaves and reset drops what was typed. Ctrl-C stops the running batch.",
	.options = sql_options,
	.run = sql_run,
};
