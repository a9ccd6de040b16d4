/* SPDX-License-Identifier: MIT */
/*
 * scaleout sql: T-SQL from files, the command line or a prompt, with the
 * switches of sqlcmd (spec/agent.md §3.1). This file reads the switches and
 * says in which order things run; the work is in sqlcmd_*.c and sql_*.c.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/sql_host.h"
#include "cli/sql_prompt.h"
#include "cli/sql_signals.h"

struct sql_run {
	struct cli *cli;
	const struct cli_args *args;
	struct sqlcmd_vars *vars;
	struct sql_host host;
	struct sqlcmd_script script;
};

/* Switches that are nothing but the setting of a variable. */
static const struct {
	const char *option, *variable;
} settings[] = {
	{ "headers", "SQLCMDHEADERS" },
	{ "separator", "SQLCMDCOLSEP" },
	{ "width", "SQLCMDCOLWIDTH" },
	{ "max-width", "SQLCMDMAXVARTYPEWIDTH" },
	{ "fixed-width", "SQLCMDMAXFIXEDTYPEWIDTH" },
	{ "severity", "SQLCMDERRORLEVEL" },
	{ "query-timeout", "SQLCMDSTATTIMEOUT" },
	{ "login-timeout", "SQLCMDLOGINTIMEOUT" },
};

/* Pairs that exclude one another. */
static const char *const exclusive[][2] = {
	{ "input", "query" },
	{ "input", "first-query" },
	{ "query", "first-query" },
	{ "trim", "max-width" },
	{ "trim", "fixed-width" },
};

static bool read_settings(struct sql_run *run)
{
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const char *value = cli_opt(run->args, settings[i].option);
		if (value && sqlcmd_vars_set(run->vars, settings[i].variable, value, &err) < 0) {
			cli_usage(run->args, "--%s: %s", settings[i].option, err.primary);
			return false;
		}
	}
	if (cli_opt(run->args, "workstation"))
		sqlcmd_vars_force(run->vars, "SQLCMDWORKSTATION", cli_opt(run->args, "workstation"));
	return true;
}

static bool read_variables(struct sql_run *run)
{
	struct err err;

	for (size_t i = 0; i < run->args->given.len; i++) {
		const struct cli_given *given = &run->args->given.items[i];
		if (strcmp(given->option->name, "variable"))
			continue;
		const char *equals = strchr(given->value, '=');
		if (!equals) {
			cli_usage(run->args, "--variable needs NAME=VALUE, not '%s'", given->value);
			return false;
		}
		char *name = xstrndup(given->value, (size_t)(equals - given->value));
		bool good = sqlcmd_vars_set(run->vars, name, equals + 1, &err) == 0;
		free(name);
		if (!good) {
			cli_usage(run->args, "--variable: %s", err.primary);
			return false;
		}
	}
	return true;
}

/* A digit after a switch: "" when there is none. Returns -1 after saying that it is another. */
static int attached_digit(const struct sql_run *run, const char *option, const char *allowed)
{
	const char *value = cli_opt(run->args, option);

	if (!value || !*value)
		return 0;
	if (value[1] || !strchr(allowed, value[0])) {
		cli_usage(run->args, "--%s: '%s' is none of its values", option, value);
		return -1;
	}
	return value[0] - '0';
}

#define NO_LOGIN "logins are the accounts of the operating system"
#define NO_NETWORK "a catalog is a file and there is no network in between; name it with --catalog"

/* -f N, or i:N,o:N in either order: is every N the code page of UTF-8? */
static bool is_utf8(const char *pages)
{
	static const char *const sides[] = { "i:", "o:" };

	for (const char *at = pages;; at++) {
		for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
			if (!strncmp(at, sides[i], 2)) {
				at += 2;
				break;
			}
		}
		if (strncmp(at, "65001", 5))
			return false;
		at += 5;
		if (*at != ',')
			return !*at;
	}
}

/* What a connection over a network would need. The values are not repeated. */
static bool read_connection(struct sql_run *run)
{
	const struct cli_args *args = run->args;
	const char *server = cli_opt(args, "server"), *pages = cli_opt(args, "code-page");
	const char *intent = cli_opt(args, "application-intent");
	long packet = 4096;
	char text[16];

	if (!cli_opt_int(args, "packet-size", 512, 32767, &packet))
		return false;
	snprintf(text, sizeof(text), "%ld", packet);
	sqlcmd_vars_force(run->vars, "SQLCMDPACKETSIZE", text);
	if (server && !sql_host_is_here(&run->host, server))
		cli_usage(args, "-S is refused: " NO_NETWORK);
	else if (pages && !is_utf8(pages))
		cli_usage(args, "-f is refused: files are UTF-8 (65001), or UTF-16 with its mark");
	else if (intent && utf8_casecmp(intent, "ReadOnly"))
		cli_usage(args, "-K takes ReadOnly only");
	else
		return true;
	return false;
}

static bool read_flags(struct sql_run *run)
{
	const struct cli_args *args = run->args;
	struct sqlcmd_script *s = &run->script;
	int controls = attached_digit(run, "strip-controls", "12");
	int messages = attached_digit(run, "errors-to-stderr", "01");
	int system_ends = attached_digit(run, "no-commands", "1");
	int statistics = attached_digit(run, "statistics", "1");
	long level = 0;

	if (controls < 0 || messages < 0 || system_ends < 0 || statistics < 0 ||
	    !cli_opt_int(args, "error-level", -1, 25, &level) || !read_connection(run))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(exclusive); i++) {
		if (cli_flag(args, exclusive[i][0]) && cli_flag(args, exclusive[i][1])) {
			cli_usage(args, "--%s and --%s exclude one another", exclusive[i][0], exclusive[i][1]);
			return false;
		}
	}
	s->stop_on_error = cli_flag(args, "stop-on-error");
	s->severity_level = level > 0 ? (int)level : 0;
	s->echo = cli_flag(args, "echo");
	s->keep_references = cli_flag(args, "no-variables");
	s->no_system = cli_flag(args, "no-commands");
	s->no_system_ends = system_ends == 1;
	if (cli_flag(args, "statistics"))
		s->statistics = statistics == 1 ? SQLCMD_STATISTICS_COLONS : SQLCMD_STATISTICS_TEXT;
	run->host.unicode = cli_flag(args, "unicode-output");
	if (cli_opt(args, "batch-end") && *cli_opt(args, "batch-end"))
		s->terminator = cli_opt(args, "batch-end");
	run->host.format.trim = cli_flag(args, "trim");
	run->host.format.json = run->cli->json;
	run->host.format.server = run->cli->connector.server_name;
	if (cli_flag(args, "strip-controls"))
		run->host.format.controls = controls == 2 ? SQLCMD_CONTROLS_SQUEEZE : SQLCMD_CONTROLS_REPLACE;
	if (cli_flag(args, "errors-to-stderr") && !cli_flag(args, "output")) {
		run->host.files[SQLCMD_STREAM_ERRORS] = stderr;
		run->host.format.all_to_errors = messages == 1;
	}
	return true;
}

static int use_database(struct sql_run *run, const char *name, struct err *err)
{
	struct buf sql = BUF_INIT;

	buf_adds(&sql, "USE ");
	tsql_quote_name(name, &sql);
	int r = tsql_client_run(run->host.client, sql.data, NULL, 0, NULL, err);
	buf_release(&sql);
	return r;
}

/* --- input --- */

static void run_query(struct sql_run *run, const char *text)
{
	if (sqlcmd_script_text(&run->script, text, strlen(text)))
		sqlcmd_script_end(&run->script);
}

struct sql_inputs {
	char **items;
	size_t len, cap;
};

/* Names of all -i, cut at commas; each must be there before any runs. */
static bool list_inputs(struct sql_run *run, struct sql_inputs *ret)
{
	for (size_t i = 0; i < run->args->given.len; i++) {
		const struct cli_given *given = &run->args->given.items[i];
		if (strcmp(given->option->name, "input"))
			continue;
		for (const char *at = given->value; *at; at += *at == ',') {
			size_t len = file_exists(at) ? strlen(at) : strcspn(at, ",");
			vec_push(ret, xstrndup(at, len));
			at += len;
		}
	}
	for (size_t i = 0; i < ret->len; i++) {
		if (strcmp(ret->items[i], "-") && !file_exists(ret->items[i])) {
			fprintf(stderr, "Sqlcmd: '%s': Invalid filename.\n", ret->items[i]);
			return false;
		}
	}
	return true;
}

static void run_inputs(struct sql_run *run)
{
	struct sql_inputs inputs = { 0 };
	struct err err;

	if (!list_inputs(run, &inputs))
		run->script.status = CLI_FAILED;
	for (size_t i = 0; i < inputs.len && !run->script.done && run->script.status != CLI_FAILED; i++) {
		if (sqlcmd_script_file(&run->script, inputs.items[i], &err) < 0)
			run->script.status = cli_fail(&err);
		else
			sqlcmd_script_end(&run->script);
	}
	for (size_t i = 0; i < inputs.len; i++)
		free(inputs.items[i]);
	vec_release(&inputs);
}

static void run_pipe(struct sql_run *run)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	while (!run->script.done && (len = getline(&line, &cap, stdin)) >= 0)
		sqlcmd_script_line(&run->script, line, (size_t)len);
	sqlcmd_script_end(&run->script);
	free(line);
}

static void run_prompt(struct sql_run *run)
{
	char *folder = path_state_home();
	char *history = path_join(folder, "sql_history");
	struct sql_prompt *prompt = sql_prompt_new(run->host.client, history);
	const char *line = NULL;
	char text[32];

	free(history);
	free(folder);
	if (!prompt) {
		run_pipe(run);
		return;
	}
	sql_signals_keep_alive();
	run->script.interactive = true;
	while (!run->script.done) {
		sql_prompt_use(prompt, run->host.client);
		snprintf(text, sizeof(text), "%d> ", sqlcmd_script_batch_line(&run->script));
		enum sql_read what = sql_prompt_read(prompt, text, &line);
		if (what == SQL_READ_END)
			break;
		if (what == SQL_READ_LINE)
			sqlcmd_script_line(&run->script, line, strlen(line));
		if (!run->script.batch.len)
			sql_prompt_batch_done(prompt);
	}
	sql_prompt_free(prompt);
}

/* $SQLCMDINI: a script that is run first. */
static void run_startup(struct sql_run *run)
{
	const char *path = sqlcmd_vars_get(run->vars, "SQLCMDINI");
	struct err err;

	if (!path || !*path)
		return;
	if (sqlcmd_script_file(&run->script, path, &err) < 0) {
		fprintf(stderr, "Sqlcmd: Error: The environment variable: 'SQLCMDINI' has invalid value: '%s'.\n", path);
		run->script.status = CLI_FAILED;
		run->script.done = true;
	} else {
		sqlcmd_script_end(&run->script);
	}
}

static void run_all(struct sql_run *run)
{
	const char *query = cli_opt(run->args, "query"), *first = cli_opt(run->args, "first-query");

	run_startup(run);
	if (run->script.done)
		return;
	if (query) {
		run_query(run, query);
	} else if (cli_flag(run->args, "input")) {
		run_inputs(run);
	} else {
		if (first)
			run_query(run, first);
		if (!run->script.done && isatty(0) && isatty(1))
			run_prompt(run);
		else if (!run->script.done)
			run_pipe(run);
	}
}

/* Everything after the switches are read; the client is open. */
static int run_connected(struct sql_run *run)
{
	const struct cli_args *args = run->args;
	const char *output = cli_opt(args, "output"), *database = cli_opt(args, "database");
	const char *preset = sqlcmd_vars_get(run->vars, "SQLCMDDBNAME");
	struct err err;

	if (!database && *preset)
		database = preset; /* of the environment */

	err_clear(&err);
	if (database && use_database(run, database, &err) < 0)
		return cli_fail(&err);
	sqlcmd_vars_force(run->vars, "SQLCMDSERVER", run->cli->connector.server_name);
	sqlcmd_vars_force(run->vars, "SQLCMDUSER", run->cli->connector.login_name);
	sqlcmd_vars_force(run->vars, "SQLCMDDBNAME", database ? database : "SSISDB");
	if (output && run->host.host.redirect(&run->host, SQLCMD_STREAM_OUT, output, &err) < 0)
		return cli_fail(&err);
	if (!cli_flag(args, "no-pager") && !run->cli->json)
		sql_host_use_pager(&run->host);
	run_all(run);
	return run->script.status;
}

static int sql_run(struct cli *cli, const struct cli_args *args)
{
	struct sql_run run = { .cli = cli, .args = args };
	struct err err;
	int status = CLI_USAGE;

	run.vars = sqlcmd_vars_new(!cli_flag(args, "no-commands"));
	sql_host_init(&run.host, NULL, run.vars);
	run.host.cli = cli;
	sqlcmd_script_init(&run.script, &run.host.host, run.vars);
	if (cli_need_words(args, 0, 0) == CLI_OK && read_settings(&run) && read_variables(&run) && read_flags(&run)) {
		run.host.client = cli_connect(cli);
		status = run.host.client ? run_connected(&run) : CLI_FAILED;
		tsql_client_close(run.host.client);
	}
	if (sql_host_release(&run.host, &err) < 0 && status == CLI_OK)
		status = cli_fail(&err);
	sqlcmd_script_release(&run.script);
	sqlcmd_vars_free(run.vars);
	return status;
}

static const struct cli_option sql_options[] = {
	{ "input", 'i', "FILE[,FILE]", "run these scripts in order (repeatable; - = standard input)" },
	{ "query", 'Q', "TEXT", "run this batch and leave" },
	{ "first-query", 'q', "TEXT", "run this batch, then read more" },
	{ "output", 'o', "FILE", "write there instead of to standard output" },
	{ "unicode-output", 'u', NULL, "write files (-o, :out, :error) in UTF-16" },
	{ "database", 'd', "NAME", "start in this database (default SSISDB)" },
	{ "variable", 'v', "NAME=VALUE...", "set scripting variables, used as $(NAME)" },
	{ "no-variables", 'x', NULL, "leave $(NAME) as it is" },
	{ "stop-on-error", 'b', NULL, "stop at the first error; exit status 1" },
	{ "error-level", 'V', "N", "errors of this severity and more set the exit status to it" },
	{ "severity", 'm', "N", "show messages from this severity; -1 = all, with their numbers" },
	{ "errors-to-stderr", 'r', "[0|1]", "errors to standard error; 1 = all messages, PRINT too" },
	{ "headers", 'h', "N", "rows between headings; 0 = one heading, -1 = none" },
	{ "separator", 's', "TEXT", "between columns (default one blank)" },
	{ "trim", 'W', NULL, "no blanks to fill the columns" },
	{ "width", 'w', "N", "break lines between columns at so many characters (9 to 65535, default 80; 0 = never)" },
	{ "max-width", 'y', "N", "most characters of varchar(max) and the like (default 256; 0 = all, without headings)" },
	{ "fixed-width", 'Y', "N", "most characters of char(n), varchar(n) and the like (default 0 = all)" },
	{ "strip-controls", 'k', "[1|2]", "control characters in values become blanks; 2 = one for several" },
	{ "query-timeout", 't', "SECONDS", "stop a batch after so long (default 0 = never)" },
	{ "statistics", 'p', "[1]", "print how long each batch took; 1 = numbers with colons between" },
	{ "echo", 'e', NULL, "print each batch before it runs" },
	{ "batch-end", 'c', "WORD", "ends a batch instead of GO" },
	{ "no-commands", 'X', "[1]", "no ED, no start-up script, no environment variables; 1 = ED ends the script" },
	{ "no-pager", 0, NULL, "print long results on a terminal without $PAGER" },
	{ "trusted", 'E', NULL, "log in as the account of the operating system; that is always so" },
	{ "quoted-identifiers", 'I', NULL, "double quotes enclose names; that is always so" },
	{ "workstation", 'H', "NAME", "value of $(SQLCMDWORKSTATION)" },
	{ "login-timeout", 'l', "SECONDS", "value of $(SQLCMDLOGINTIMEOUT); nothing is logged in to" },
	{ "server", 'S', "NAME", "this machine (., (local), localhost, its name); another is refused, a catalog is chosen with --catalog" },
	{ "packet-size", 'a', "N", "value of $(SQLCMDPACKETSIZE) (512 to 32767); there are no packets" },
	{ "code-page", 'f', "N", "65001 (UTF-8), as it always is; another is refused" },
	{ "application-intent", 'K', "ReadOnly", "taken, without effect, as -C" },
	{ "multi-subnet", 'M', NULL, "taken, without effect, as -C" },
	{ "trust-certificate", 'C', NULL, "taken, without effect: a catalog is a file and there is no network in between" },
	{ "encrypt", 'N', "[s|m|o]", "taken, without effect, as -C" },
	{ 0 },
};

static const struct cli_option sql_refused[] = {
	{ "user", 'U', "NAME", NO_LOGIN },
	{ "password", 'P', "TEXT", NO_LOGIN },
	{ "change-password", 'z', "TEXT", NO_LOGIN },
	{ "change-password-exit", 'Z', "TEXT", NO_LOGIN },
	{ "active-directory", 'G', NULL, NO_LOGIN },
	{ "column-encryption", 'g', NULL, "sensitive values never leave the catalog" },
	{ "list-servers", 'L', NULL, NO_NETWORK },
	{ "dedicated-connection", 'A', NULL, NO_NETWORK },
	{ "regional", 'R', NULL, "output does not depend on the locale" },
	{ "raw-errors", 'j', NULL, "there is no driver whose texts could be shown" },
	{ 0 },
};

const struct cli_command cli_sql_command = {
	.name = "sql",
	.arguments = "[-i FILE | -Q TEXT | -q TEXT] [-v NAME=VALUE...] [-b] [-h N] [-s TEXT] [-W]",
	.summary = "run T-SQL batches, as sqlcmd does",
	.details = "Batches end with a line GO; GO n runs one n times. Lines that begin with a colon are commands: :help\n"
	           "lists them. $(NAME) is replaced by a variable's value, in strings too: by :setvar, else by --variable,\n"
	           "else by the environment.\n\n"
	           "Without -i and -Q batches are read from standard input. On a terminal there is a prompt with a history\n"
	           "(the file sql_history in the state folder, without batches that may hold a secret), Tab completes names,\n"
	           "Ctrl-C stops the running batch or clears the line, and results longer than the screen go through $PAGER\n"
	           "(default less).\n\n"
	           "The exit status is 1 after an error with --stop-on-error, the severity with --error-level, the value of\n"
	           "EXIT(query), or the number of an error raised with state 127. The shell sees its low 8 bits: -100 (an\n"
	           "error came first) as 156, -101 (no row) as 155, -102 (not a number) as 154.",
	.options = sql_options,
	.refused = sql_refused,
	.run = sql_run,
};
