/* SPDX-License-Identifier: MIT */
/* scaleout conf: is scaleout.conf right, and what does it come to? */
#include <stdlib.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/commands.h"

static int conf_run(struct cli *cli, const struct cli_args *args)
{
	char *path = NULL, *text = NULL;
	struct err err;
	int status = CLI_OK;

	if (cli_need_words(args, 0, 1) != CLI_OK)
		return CLI_USAGE;
	const char *file = args->words.len ? args->words.items[0] : NULL;
	if (cli->read_conf(file, &path, &text, &err) < 0)
		status = cli_fail(&err);
	else if (cli_flag(args, "print") || !cli_flag(args, "check"))
		fputs(text, stdout);
	else
		printf("%s %s\n", path, access(path, F_OK) == 0 ? "is right" : "is not there: all settings have their defaults");
	free(path);
	free(text);
	return status;
}

static const struct cli_option conf_options[] = {
	{ "check", 0, NULL, "only say whether the file can be used; exit status 1 when not" },
	{ "print", 0, NULL, "print all settings as a file, each with its meaning and where it comes from (the default)" },
	{ 0 },
};

const struct cli_command cli_conf_command = {
	.name = "conf",
	.arguments = "[FILE] [--check | --print]",
	.summary = "check and print the settings of the master",
	.details = "Without FILE it is the one the master would read: $SCALEOUT_CONF, else\n"
	           "~/.config/scaleout/scaleout.conf, else /etc/scaleout/scaleout.conf.\n"
	           "What the settings mean is in scaleout.conf(5).",
	.options = conf_options,
	.run = conf_run,
};
