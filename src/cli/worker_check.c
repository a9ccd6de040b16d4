/* SPDX-License-Identifier: MIT */
/*
 * scaleout worker check: holds each conversation with the machine once, as far
 * as the one before allows, and lets the table of tests judge. Few
 * connections: sshd counts those that do not log in against us.
 */
#include "cli/worker_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/table.h"

#define TEXT_COLUMN 40
#define REMEDY_COLUMN 6 /* on a terminal: commands to copy have room there */

static const char *const result_names[] = { "ok", "warning", "failed", "skipped" };
_Static_assert(ARRAY_LEN(result_names) == CHECK_RESULT_COUNT, "a name for each result");

static char *property(struct tsql_client *client, const char *name)
{
	struct tsql_param param = cli_param_text("@name", name);
	struct tsql_rowset rows;
	char *value = NULL;

	if (tsql_client_query(client, "SELECT property_value FROM [SSISDB].[catalog].[catalog_properties] "
				      "WHERE property_name = @name", &param, 1, 1, &rows, NULL) == 0) {
		if (rows.row_count)
			value = cli_cell(&rows, 0, "property_value");
		tsql_rowset_release(&rows);
	}
	tsql_value_release(&param.value);
	return value;
}

/* Parse and free. */
static json_t *take_json(char *text)
{
	json_t *json = text ? json_loads(text, 0, NULL) : NULL;

	free(text);
	return json;
}

static void look_here(struct check_facts *f)
{
	char *text = NULL;
	const char *identity = f->reach->machine.identity;

	if (f->cli->master_status(f->cli->catalog_path, &text, NULL) == 0)
		f->master = take_json(text);
	f->scale_out = property(f->client, "IS_SCALEOUT_ENABLED");
	f->logging = property(f->client, "SERVER_LOGGING_LEVEL");
	if (*identity)
		f->cli->remote->look_at_identity(identity, &f->encrypted, &f->identity);
}

static void look_there(struct check_facts *f)
{
	const struct cli_remote *remote = f->cli->remote;
	const struct cli_machine *machine = &f->reach->machine;
	char *text = NULL;
	enum cli_stage stage;

	if (remote->host_key(machine, &f->key, &f->fingerprint, &f->key_stage, &f->key_err) < 0 ||
	    !strstr(machine->host_keys, f->key))
		return;
	if (remote->survey(machine, &text, &f->survey_stage, &f->survey_err) < 0)
		return;
	f->survey = take_json(text);
	f->checked_from = clock_wall();
	text = NULL;
	if (remote->check(machine, &text, &f->checked_err) == 0)
		f->checked = take_json(text);
	f->checked_to = clock_wall();
	text = NULL;
	if (remote->hello(machine, &text, &stage, &f->hello_err) == 0)
		f->hello = take_json(text);
}

static void facts_release(struct check_facts *f)
{
	json_decref(f->survey);
	json_decref(f->checked);
	json_decref(f->hello);
	json_decref(f->master);
	free(f->key);
	free(f->fingerprint);
	free(f->scale_out);
	free(f->logging);
}

/* All workers' results, for --json. */
struct report {
	json_t *all;
};

static void print_said(enum check_result result, const struct check_test *test, const struct check_said *said)
{
	static const struct {
		const char *text;
		enum cli_color color;
	} marks[] = { { "ok   ", CLI_GOOD }, { "WARN ", CLI_WARNING }, { "FAIL ", CLI_BAD }, { "-    ", CLI_PLAIN } };

	cli_print_colored(stdout, marks[result].color, marks[result].text);
	printf(" %-33s ", test->name);
	cli_print_wrapped(said->text, TEXT_COLUMN, TEXT_COLUMN);
	if (said->remedy[0] && (result == CHECK_WARNING || result == CHECK_FAILED)) {
		size_t indent = cli_terminal_columns(stdout) ? REMEDY_COLUMN : TEXT_COLUMN;
		printf("%*s", (int)indent, "");
		cli_print_wrapped(said->remedy, indent, indent);
	}
}

static void add_json(json_t *all, const char *worker, enum check_result result, const struct check_test *test,
    const struct check_said *said)
{
	json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "worker", worker, "test", test->name,
	    "result", result_names[result], "text", said->text, "remedy",
	    result == CHECK_WARNING || result == CHECK_FAILED ? said->remedy : "", "covers", test->covers));
}

static int run_tests(const struct check_facts *f, const struct report *report)
{
	int status = CLI_OK;

	for (const struct check_test *test = worker_checks; test->name; test++) {
		struct check_said said = { "", "" };
		enum check_result result = test->run(f, &said);
		if (result == CHECK_FAILED)
			status = CLI_FAILED;
		if (f->cli->json)
			add_json(report->all, f->reach->name, result, test, &said);
		else
			print_said(result, test, &said);
	}
	return status;
}

static int check_worker(struct cli *cli, struct tsql_client *client, const struct cli_args *args,
    const struct tsql_rowset *rows, const void *ctx)
{
	struct reach reach;
	struct check_facts facts = { .cli = cli, .client = client, .row = rows, .reach = &reach };

	reach_from_row(rows, &reach);
	if (!cli->json && (args->words.len > 1 || cli_flag(args, "all")))
		printf("%s:\n", reach.name);
	look_here(&facts);
	int status = facts.identity.code ? CLI_OK : reach_unlock(cli, args, &reach);
	if (status == CLI_OK) {
		look_there(&facts);
		status = run_tests(&facts, ctx);
	}
	facts_release(&facts);
	reach_release(&reach);
	return status;
}

static int check_run(struct cli *cli, const struct cli_args *args)
{
	struct report report;

	if (!cli_flag(args, "all") && cli_need_words(args, 1, 1000) != CLI_OK)
		return CLI_USAGE;
	report.all = json_array();
	int status = worker_each(cli, args, check_worker, &report);
	if (cli->json) {
		char *text = json_dumps(report.all, JSON_INDENT(2));
		puts(text);
		free(text);
	}
	json_decref(report.all);
	return status;
}

static const struct cli_option check_options[] = {
	{ "all", 0, NULL, "every registered worker" },
	{ "passphrase", 0, "FILE", "passphrase of the identity: first line of FILE, - = standard input" },
	{ 0 },
};

const struct cli_command cli_worker_check_command = {
	.name = "worker check",
	.arguments = "NAME... | --all",
	.summary = "test the way to workers step by step",
	.details = "Prints one line a test, and for each that does not pass the cause and what to do. The exit status\n"
	           "is 1 when a test fails (a warning is no failure). doc/troubleshooting.md says which test answers\n"
	           "which row of the product's troubleshooting list.",
	.options = check_options,
	.run = check_run,
};
