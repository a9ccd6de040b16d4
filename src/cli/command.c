/* SPDX-License-Identifier: MIT */
/*
 * The table of sub-commands and everything that is read from it: finding a
 * command, reading its options, usage, --help and shell completion.
 */
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"

const struct cli_option cli_global_options[] = {
	{ "catalog", 0, "PATH", "the catalog file (default: $SCALEOUT_CATALOG, else SSISDB.db in the data folder)" },
	{ "json", 0, NULL, "print rows as JSON" },
	{ "help", 'h', NULL, "show this help and leave" },
	{ 0 },
};

static int complete_run(struct cli *cli, const struct cli_args *args);
static const struct cli_option no_options[] = { { 0 } };
static const struct cli_command complete_command = {
	.name = "completion",
	.arguments = "",
	.summary = "print a completion script for bash",
	.details = "Use it with:  eval \"$(scaleout completion)\"",
	.options = no_options,
	.run = complete_run,
};

const struct cli_command *const cli_commands[] = {
	&cli_console_command,
	&cli_init_command,
	&cli_deploy_command,
	&cli_run_command,
	&cli_validate_command,
	&cli_executions_command,
	&cli_messages_command,
	&cli_stop_command,
	&cli_dumps_command,
	&cli_status_command,
	&cli_sql_command,
	&cli_queue_list_command,
	&cli_queue_set_command,
	&cli_queue_pause_command,
	&cli_queue_resume_command,
	&cli_worker_add_command,
	&cli_worker_list_command,
	&cli_worker_upgrade_command,
	&cli_worker_check_command,
	&cli_worker_trust_command,
	&cli_worker_enable_command,
	&cli_worker_disable_command,
	&cli_worker_drain_command,
	&cli_worker_remove_command,
	&cli_master_start_command,
	&cli_master_stop_command,
	&cli_conf_command,
	&cli_backup_command,
	&cli_restore_command,
	&cli_rekey_command,
	&complete_command,
	NULL,
};

static const struct cli_option *find_in(const struct cli_option *options, const char *name, size_t len,
    char letter)
{
	for (const struct cli_option *o = options; o && o->name; o++) {
		if (letter ? o->letter == letter : strlen(o->name) == len && !strncmp(o->name, name, len))
			return o;
	}
	return NULL;
}

/* [N]: the value may be left out. */
static bool is_optional(const struct cli_option *o)
{
	size_t len = o->argument ? strlen(o->argument) : 0;

	return len && o->argument[0] == '[' && o->argument[len - 1] == ']';
}

/* own: letters of these rows hide the same letters of options. */
static void print_options(const struct cli_option *options, const struct cli_option *own)
{
	for (const struct cli_option *o = options; o && o->name; o++) {
		char left[64];
		char letter[8] = "    ";
		if (o->letter && !find_in(own, NULL, 0, o->letter))
			snprintf(letter, sizeof(letter), "-%c, ", o->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name, o->argument && !is_optional(o) ? " " : "",
		    o->argument ? o->argument : "");
		printf("  %-34s %s\n", left, o->text);
	}
}

static void print_command_help(const struct cli_command *command)
{
	printf("usage: scaleout %s %s\n\n%s\n", command->name, command->arguments, command->summary);
	if (command->details)
		printf("\n%s\n", command->details);
	if (command->options && command->options[0].name) {
		puts("\noptions:");
		print_options(command->options, NULL);
	}
	puts("\noptions of every command:");
	print_options(cli_global_options, command->options);
	if (command->refused) {
		puts("\nrefused:");
		print_options(command->refused, NULL);
	}
}

static void print_help(FILE *out)
{
	fputs("usage: scaleout [COMMAND [ARGUMENTS]]\n\n"
	      "Runs SSIS packages on many machines. Without a command the console opens.\n\ncommands:\n",
	    out);
	for (const struct cli_command *const *c = cli_commands; *c; c++)
		fprintf(out, "  %-16s %s\n", (*c)->name, (*c)->summary);
	fputs("\n'scaleout COMMAND --help' tells more; 'man scaleout' tells all.\n", out);
}

/* Match one or two words of argv; sets how many were used. */
static const struct cli_command *find_command(int argc, char **argv, int *ret_used)
{
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		const char *name = (*c)->name;
		const char *blank = strchr(name, ' ');
		size_t first = blank ? (size_t)(blank - name) : strlen(name);
		if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], name, first))
			continue;
		if (!blank || (argc > 1 && !strcmp(argv[1], blank + 1))) {
			*ret_used = blank ? 2 : 1;
			return *c;
		}
	}
	return NULL;
}

static bool is_group(const char *word)
{
	size_t len = strlen(word);

	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		if (!strncmp((*c)->name, word, len) && (*c)->name[len] == ' ')
			return true;
	}
	return false;
}

static const struct cli_option *find_option(const struct cli_command *command, const char *name,
    size_t len, char letter)
{
	if (letter == '?')
		return len == 1 ? find_in(cli_global_options, "help", 4, '\0') : NULL;
	const struct cli_option *o = find_in(command->options, name, len, letter);
	return o ? o : find_in(cli_global_options, name, len, letter);
}

/* Read one option at argv[i]; returns the words used, or -1 after saying what is wrong. */
static int read_option(struct cli_args *args, int argc, char **argv, int i)
{
	const char *word = argv[i];
	bool is_long = word[1] == '-';
	const char *name = word + (is_long ? 2 : 1);
	const char *equals = is_long ? strchr(name, '=') : NULL;
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct cli_option *option =
	    find_option(args->command, name, len, is_long ? '\0' : name[0]);
	const char *joined = is_long ? (equals ? equals + 1 : NULL) : (name[1] ? name + 1 : NULL);

	if (!option) {
		const struct cli_option *refused =
		    find_in(args->command->refused, name, len, is_long ? '\0' : name[0]);
		if (refused) /* without its value, which may be a password */
			cli_usage(args, "%.*s is refused: %s", is_long ? (int)len + 2 : 2, word, refused->text);
		else
			cli_usage(args, "there is no option %s", word);
		return -1;
	}
	if (is_optional(option)) {
		vec_push(&args->given, ((struct cli_given){ option, joined }));
		return 1;
	}
	if (!option->argument) {
		if (joined) {
			cli_usage(args, "--%s takes no value", option->name);
			return -1;
		}
		vec_push(&args->given, ((struct cli_given){ option, NULL }));
		return 1;
	}
	if (!joined && i + 1 >= argc) {
		cli_usage(args, "--%s needs %s", option->name, option->argument);
		return -1;
	}
	vec_push(&args->given, ((struct cli_given){ option, joined ? joined : argv[i + 1] }));
	int used = joined ? 1 : 2;
	while (strstr(option->argument, "=VALUE...") && i + used < argc && argv[i + used][0] != '-')
		vec_push(&args->given, ((struct cli_given){ option, argv[i + used++] }));
	return used;
}

static bool read_args(struct cli_args *args, int argc, char **argv)
{
	bool options_end = false;

	for (int i = 0; i < argc;) {
		if (!options_end && !strcmp(argv[i], "--")) {
			options_end = true;
			i++;
		} else if (!options_end && argv[i][0] == '-' && argv[i][1]) {
			int used = read_option(args, argc, argv, i);
			if (used < 0)
				return false;
			i += used;
		} else {
			vec_push(&args->words, argv[i]);
			i++;
		}
	}
	return true;
}

static int run_command(struct cli *cli, const struct cli_command *command, int argc, char **argv)
{
	struct cli_args args = { .command = command };
	int status = CLI_USAGE;

	if (read_args(&args, argc, argv)) {
		if (cli_flag(&args, "help")) {
			print_command_help(command);
			status = CLI_OK;
		} else {
			if (cli_opt(&args, "catalog"))
				cli->catalog_path = cli_opt(&args, "catalog");
			cli->json = cli_flag(&args, "json");
			status = command->run(cli, &args);
		}
	}
	vec_release(&args.given);
	vec_release(&args.words);
	return status;
}

/* --catalog may also stand before the command. */
static int skip_global(struct cli *cli, int argc, char **argv)
{
	int i = 1;

	while (i < argc) {
		if (!strcmp(argv[i], "--catalog") && i + 1 < argc) {
			cli->catalog_path = argv[i + 1];
			i += 2;
		} else if (!strncmp(argv[i], "--catalog=", 10)) {
			cli->catalog_path = argv[i] + 10;
			i++;
		} else {
			break;
		}
	}
	return i;
}

/* The name with dashes for blanks, as the page is called: worker-add. */
static int print_mdoc(const char *name)
{
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		size_t i = 0;
		const char *own = (*c)->name;
		while (own[i] && (own[i] == name[i] || (own[i] == ' ' && name[i] == '-')))
			i++;
		if (!own[i] && !name[i]) {
			cli_print_mdoc(*c);
			return CLI_OK;
		}
	}
	return CLI_USAGE;
}

int cli_main(struct cli *cli, int argc, char **argv)
{
	int at = skip_global(cli, argc, argv);
	int used = 0;

	if (at >= argc)
		return run_command(cli, &cli_console_command, 0, argv);
	if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h") || !strcmp(argv[at], "help")) {
		print_help(stdout);
		return CLI_OK;
	}
	if (!strcmp(argv[at], "--version")) {
		puts("scaleout " SO_VERSION);
		return CLI_OK;
	}
	if (!strcmp(argv[at], "--mdoc") && at + 1 < argc)
		return print_mdoc(argv[at + 1]);
	if (argv[at][0] == '-')
		return run_command(cli, &cli_console_command, argc - at, argv + at);
	const struct cli_command *command = find_command(argc - at, argv + at, &used);
	if (command)
		return run_command(cli, command, argc - at - used, argv + at + used);
	if (is_group(argv[at])) {
		fprintf(stderr, "usage:\n");
		size_t len = strlen(argv[at]);
		for (const struct cli_command *const *c = cli_commands; *c; c++) {
			if (!strncmp((*c)->name, argv[at], len) && (*c)->name[len] == ' ')
				fprintf(stderr, "  scaleout %s %s\n", (*c)->name, (*c)->arguments);
		}
		return CLI_USAGE;
	}
	fprintf(stderr, "scaleout: there is no command '%s'\ntry: scaleout --help\n", argv[at]);
	return CLI_USAGE;
}

static int complete_run(struct cli *cli, const struct cli_args *args)
{
	(void)cli;
	(void)args;
	puts("_scaleout() {\n"
	     "\tlocal word=${COMP_WORDS[COMP_CWORD]} first=${COMP_WORDS[1]} second=${COMP_WORDS[2]}\n"
	     "\tlocal words=\n"
	     "\tcase \"$first $second\" in");
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		printf("\t'%s'*) words='", (*c)->name);
		for (const struct cli_option *o = (*c)->options; o && o->name; o++)
			printf("--%s ", o->name);
		for (const struct cli_option *o = cli_global_options; o->name; o++)
			printf("--%s ", o->name);
		puts("' ;;");
	}
	puts("\tesac\n\tif [ \"$COMP_CWORD\" = 1 ]; then words='");
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		const char *blank = strchr((*c)->name, ' ');
		printf(" %.*s", (int)(blank ? blank - (*c)->name : (long)strlen((*c)->name)), (*c)->name);
	}
	puts("'; fi\n\tif [ \"$COMP_CWORD\" = 2 ]; then case $first in");
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		const char *blank = strchr((*c)->name, ' ');
		if (blank)
			printf("\t%.*s) words=\"$words %s\" ;;&\n", (int)(blank - (*c)->name), (*c)->name, blank + 1);
	}
	puts("\tesac; fi\n"
	     "\tif [[ $word == -* || \"$COMP_CWORD\" -le 2 ]]; then\n"
	     "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	     "\tfi\n"
	     "\t[ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$word\"))\n"
	     "}\ncomplete -F _scaleout scaleout");
	return CLI_OK;
}
