/* SPDX-License-Identifier: MIT */
/* scaleout init: make a catalog; scaleout console: open the console; scaleout master start|stop. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"

#define START_MS 10000
#define STOP_MS 15000

static const struct cli_option no_options[] = { { 0 } };

static int init_run(struct cli *cli, const struct cli_args *args)
{
	struct err err;

	if (cli_need_words(args, 0, 0) != CLI_OK)
		return CLI_USAGE;
	if (cli->create_catalog(cli->catalog_path, &err) < 0) {
		if (err.code == ERR_EXISTS && cli_flag(args, "if-missing"))
			return CLI_OK;
		return cli_fail(&err);
	}
	if (!cli_flag(args, "quiet"))
		printf("made the catalog %s\nits key is %s.key: keep a copy of both, one is useless without the other\n",
		    cli->catalog_path, cli->catalog_path);
	return CLI_OK;
}

static const struct cli_option init_options[] = {
	{ "if-missing", 0, NULL, "succeed quietly when the catalog is there already" },
	{ "quiet", 'q', NULL, "say nothing on success" },
	{ 0 },
};

const struct cli_command cli_init_command = {
	.name = "init",
	.arguments = "[--if-missing] [--quiet]",
	.summary = "make an empty catalog and its key",
	.options = init_options,
	.run = init_run,
};

static int console_run_command(struct cli *cli, const struct cli_args *args)
{
	const char *when = cli_opt(args, "color");

	if (cli_need_words(args, 0, 0) != CLI_OK)
		return CLI_USAGE;
	if (when && strcmp(when, "always") && strcmp(when, "never") && strcmp(when, "auto"))
		return cli_usage(args, "--color needs always, never or auto, not '%s'", when);
	return cli->console(cli, args);
}

static const struct cli_option console_options[] = {
	{ "ascii", 0, NULL, "draw with plain ASCII only" },
	{ "readonly", 0, NULL, "offer nothing that changes the catalog" },
	{ "slow", 0, NULL, "send as few bytes as possible (slow lines)" },
	{ "no-mouse", 0, NULL, "leave the mouse to the terminal" },
	{ "color", 0, "WHEN", "always, never or auto (default; NO_COLOR is respected)" },
	{ "open", 0, "SCREEN", "first screen: tree (default) or executions" },
	{ "keys", 0, NULL, "print the keys of every screen and leave" },
	{ "script", 0, "FILE", "read keys from a file and save screens (for tests)" },
	{ 0 },
};

const struct cli_command cli_console_command = {
	.name = "console",
	.arguments = "[--ascii] [--readonly] [--slow] [--no-mouse] [--color WHEN] [--open SCREEN] [--keys]",
	.summary = "open the console (the default without a command)",
	.details = "The console shows the catalog as a tree and the executions as a live list.\n"
	           "F1 or ? shows the keys of the screen you are in, F10 or q leaves it. 1 to 5 go to the tree, All\n"
	           "Executions, Active Operations, Workers and the Queue from anywhere.\n\n"
	           "A paused queue and a master that does not run are said in a line of their own on every screen: P pauses\n"
	           "and resumes the queue, C-g starts a master. What waits says for what: i changes its priority, time\n"
	           "limit, retry delay or tags. On a worker e enables, d disables and D drains it. p shows the properties\n"
	           "of a node of the tree, where Enter changes, Ins adds and Del removes. Everything that changes something\n"
	           "asks first, and u undoes the last change where that is possible.\n\n"
	           "All Executions sorts by ID, created, start and end time, whatever the number of executions: other\n"
	           "columns have no index, filter by them instead (/folder:Sales status:failed). E writes the filtered\n"
	           "list to a .csv or .json file. Columns and order are remembered in\n"
	           "$XDG_STATE_HOME/scaleout/console (~/.local/state/scaleout/console).",
	.options = console_options,
	.run = console_run_command,
};

/* "the master (process 7) WHAT", or as JSON {"pid": 7, FLAG: done}. */
static void print_master(const struct cli *cli, const char *what, int pid, const char *flag, bool done)
{
	if (cli->json)
		printf("{\"pid\": %d, \"%s\": %s}\n", pid, flag, done ? "true" : "false");
	else if (pid > 0)
		printf("the master (process %d) %s\n", pid, what);
	else
		printf("the master %s\n", what);
}

static int status_pid(const char *status)
{
	json_t *json = json_loads(status, 0, NULL);
	int pid = (int)json_integer_value(json_object_get(json, "pid"));

	json_decref(json);
	return pid;
}

static int master_start_run(struct cli *cli, const struct cli_args *args)
{
	char *status = NULL;
	struct err err;

	if (cli_need_words(args, 0, 0) != CLI_OK)
		return CLI_USAGE;
	bool there = cli->master_status(cli->catalog_path, &status, NULL) == 0;
	int r = there ? 0 : cli->ensure_master(cli->catalog_path, START_MS, &err);
	if (r == 0 && !there)
		r = cli->master_status(cli->catalog_path, &status, &err);
	if (r == 0)
		print_master(cli, there ? "runs already" : "has been started", status_pid(status), "started", !there);
	free(status);
	return r < 0 ? cli_fail(&err) : CLI_OK;
}

const struct cli_command cli_master_start_command = {
	.name = "master start",
	.arguments = "",
	.summary = "see that a master runs for this catalog",
	.details = "Waits until it answers, 10 seconds at most; one that runs already is fine.",
	.options = no_options,
	.run = master_start_run,
};

static int master_stop_run(struct cli *cli, const struct cli_args *args)
{
	struct err err;
	int pid = 0;

	if (cli_need_words(args, 0, 0) != CLI_OK)
		return CLI_USAGE;
	if (cli->stop_master(cli->catalog_path, STOP_MS, &pid, &err) < 0)
		return cli_fail(&err);
	if (pid == 0 && !cli->json)
		puts("no master runs for this catalog");
	else
		print_master(cli, "has ended", pid, "ended", pid != 0);
	return CLI_OK;
}

const struct cli_command cli_master_stop_command = {
	.name = "master stop",
	.arguments = "",
	.summary = "end the master of this catalog; executions on workers run on",
	.details = "Waits until it has gone, and for one that is just being started until it can be told; 15 seconds at most.\n"
	           "That none runs is no error.",
	.options = no_options,
	.run = master_stop_run,
};
