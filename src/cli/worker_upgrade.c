/* SPDX-License-Identifier: MIT */
/*
 * scaleout worker upgrade: the new version goes beside the old one, the
 * worker's row is switched to it, and the old one is deleted when nothing runs
 * from it. The master notices the row and starts the new agent; the tasks'
 * supervisors are processes of their own and run on.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/worker.h"

static int install(struct cli *cli, struct reach *reach, char **ret_program, bool *ret_copied, struct err *err)
{
	struct progress_line line = { .what = reach->name, .shown = false };
	char *survey = NULL;
	enum cli_stage stage;
	int r = cli->remote->survey(&reach->machine, &survey, &stage, err);

	/* A program that was registered by its path or found on PATH is replaced by a copy of ours too. */
	if (r == 0)
		r = cli->remote->install(&reach->machine, survey, !*reach->machine.program, progress_tell, &line,
		    ret_program, ret_copied, err);
	progress_end(&line);
	free(survey);
	return r;
}

/* The copy must answer as an agent before the row is switched to it. */
static int try_agent(struct cli *cli, const struct reach *reach, const char *program, struct err *err)
{
	struct cli_machine machine = reach->machine;
	enum cli_stage stage;
	char *hello = NULL;

	machine.program = program;
	int r = cli->remote->hello(&machine, &hello, &stage, err);
	free(hello);
	return r;
}

/* --- back to an older version --- */

/* Of dotted numbers: whether a is newer than b. What follows the numbers ("+" and a build's hash) does not count. */
static bool newer(const char *a, const char *b)
{
	for (;;) {
		char *end_a, *end_b;
		unsigned long x = strtoul(a, &end_a, 10), y = strtoul(b, &end_b, 10);
		if (x != y || *end_a != '.' || *end_b != '.')
			return x > y || (x == y && *end_a == '.' && *end_b != '.');
		a = end_a + 1;
		b = end_b + 1;
	}
}

/* The version of the program that the worker has now: its folder tells, else it is asked. "" when it does not answer. */
static char *present_version(struct cli *cli, const struct reach *reach)
{
	static const char base[] = "~/.local/lib/scaleout/";
	const char *program = reach->machine.program;
	enum cli_stage stage;
	char *hello = NULL, *version = NULL;

	if (strncmp(program, base, sizeof(base) - 1) == 0)
		return xstrndup(program + sizeof(base) - 1, strcspn(program + sizeof(base) - 1, "/"));
	if (cli->remote->hello(&reach->machine, &hello, &stage, NULL) == 0) {
		json_t *json = json_loads(hello, 0, NULL);
		version = xstrdup_or_null(json_string_value(json_object_get(json, "version")));
		json_decref(json);
	}
	free(hello);
	return version ? version : xstrdup("");
}

/* An old scaleout somewhere must not take a whole pool back unasked. */
static int refuse_older(struct cli *cli, const struct cli_args *args, const struct reach *reach, struct err *err)
{
	char *version = cli_flag(args, "downgrade") ? xstrdup("") : present_version(cli, reach);
	int r = 0;

	if (newer(version, SO_VERSION)) {
		r = err_set(err, ERR_EXISTS, "it has version %s, which is newer than this one, " SO_VERSION, version);
		err_hint(err, "upgrade with the scaleout of version %s, or go back with --downgrade; what runs there goes on",
		    version);
	}
	free(version);
	return r;
}

static void print_outcome(const struct cli *cli, const struct reach *reach, const char *program, bool copied,
    char *retired)
{
	const char *how = copied ? "upgraded to" : strcmp(program, reach->machine.program) ? "switched to" : "already has";

	if (cli->json) {
		json_t *object = json_pack("{s:s, s:s, s:s, s:b, s:s}", "name", reach->name, "program", program, "before",
		    reach->machine.program, "copied", copied, "old", retired ? retired : "");
		char *text = json_dumps(object, JSON_COMPACT);
		puts(text ? text : "{}");
		free(text);
		json_decref(object);
		return;
	}
	printf("worker %s %s %s\n", reach->name, how, *program ? program : "scaleout-worker " SO_VERSION " on its PATH");
	char *rest = NULL;
	for (char *line = retired ? strtok_r(retired, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest)) {
		char version[128] = "";
		int running = 0;
		if (sscanf(line, "kept %127s %d", version, &running) == 2)
			printf("  %s is kept while %d processes run from it; upgrade again later to delete it\n", version, running);
		else if (sscanf(line, "deleted %127s", version) == 1)
			printf("  %s was deleted\n", version);
	}
}

static int upgrade_worker(struct cli *cli, struct tsql_client *client, const struct cli_args *args,
    const struct tsql_rowset *rows, const void *ctx)
{
	char *id = cli_cell(rows, 0, "WorkerAgentId"), *program = NULL, *retired = NULL;
	struct reach reach;
	struct err err;
	bool copied = false;

	(void)ctx;
	reach_from_row(rows, &reach);
	int status = reach_unlock(cli, args, &reach);
	if (status != CLI_OK)
		goto out;
	int r = refuse_older(cli, args, &reach, &err);
	if (r == 0)
		r = install(cli, &reach, &program, &copied, &err);
	bool moved = r == 0 && strcmp(program, reach.machine.program) != 0;
	if (moved)
		r = try_agent(cli, &reach, program, &err);
	if (moved && r == 0)
		r = worker_set(client, id, "ProgramPath", program, &err);
	if (r == 0)
		r = cli->remote->retire(&reach.machine, moved ? reach.machine.program : "", &retired, &err);
	if (r == 0)
		print_outcome(cli, &reach, program, copied, retired);
	if (r < 0) {
		err_prefix(&err, "worker %s", reach.name);
		status = cli_fail(&err);
	}
out:
	reach_release(&reach);
	free(retired);
	free(program);
	free(id);
	return status;
}

static int upgrade_run(struct cli *cli, const struct cli_args *args)
{
	if (!cli_flag(args, "all") && cli_need_words(args, 1, 1000) != CLI_OK)
		return CLI_USAGE;
	return worker_each(cli, args, upgrade_worker, NULL);
}

static const struct cli_option upgrade_options[] = {
	{ "all", 0, NULL, "every registered worker" },
	{ "downgrade", 0, NULL, "go back to this version where a worker has a newer one" },
	{ "passphrase", 0, "FILE", "passphrase of the identity: first line of FILE, - = standard input" },
	{ 0 },
};

const struct cli_command cli_worker_upgrade_command = {
	.name = "worker upgrade",
	.arguments = "NAME... | --all",
	.summary = "bring this version of the worker program to workers",
	.details = "Copies scaleout-worker and scaleout-dtexec of this version beside the old ones\n"
	           "(~/.local/lib/scaleout/VERSION/), lets the new program answer once, and switches the worker to it.\n"
	           "What runs goes on undisturbed with the old version, which is deleted when nothing runs from it.\n"
	           "A worker that has a newer version is left alone unless --downgrade is given.",
	.options = upgrade_options,
	.run = upgrade_run,
};
