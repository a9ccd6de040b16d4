/* SPDX-License-Identifier: MIT */
/* scaleout backup, restore, rekey: commands on the catalog file itself. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/secret.h"

/* The passphrase that both directions need. */
static int read_passphrase(const struct cli_args *args, struct buf *ret)
{
	if (!cli_opt(args, "passphrase-file"))
		return cli_usage(args, "--passphrase-file is needed: the backup holds the catalog's key");
	return cli_read_secret(args, "passphrase-file", ret);
}

#define PASSPHRASE_OPTION \
	{ "passphrase-file", 0, "FILE", "file whose first line is the passphrase; - = standard input" }

static int backup_run(struct cli *cli, const struct cli_args *args)
{
	struct buf passphrase = BUF_INIT;
	struct err err;
	int status = cli_need_words(args, 1, 1);

	if (status == CLI_OK)
		status = read_passphrase(args, &passphrase);
	if (status == CLI_OK &&
	    cli->backup_catalog(cli->catalog_path, args->words.items[0], passphrase.data, &err) < 0)
		status = cli_fail(&err);
	buf_wipe(&passphrase);
	return status;
}

static const struct cli_option backup_options[] = { PASSPHRASE_OPTION, { 0 } };

const struct cli_command cli_backup_command = {
	.name = "backup",
	.arguments = "--passphrase-file FILE BACKUP",
	.summary = "copy the catalog and its key into one file, while executions run",
	.details = "The copy is of one moment. The key inside is wrapped by the passphrase: without it the\n"
	           "sensitive values and the project files in the backup cannot be read, by nobody.\n"
	           "Everything else in it (names, messages, plain values) can: keep the file private.",
	.options = backup_options,
	.run = backup_run,
};

static int restore_run(struct cli *cli, const struct cli_args *args)
{
	const char *to = cli_opt(args, "to") ? cli_opt(args, "to") : cli->catalog_path;
	struct buf passphrase = BUF_INIT;
	bool replaces = file_exists(to);
	struct err err;
	int status = cli_need_words(args, 1, 1);

	if (status == CLI_OK)
		status = read_passphrase(args, &passphrase);
	if (status == CLI_OK &&
	    cli->restore_catalog(args->words.items[0], to, passphrase.data, cli_flag(args, "force"), &err) < 0)
		status = cli_fail(&err);
	if (status == CLI_OK && !cli->json)
		printf("restored the catalog %s and its key%s%s%s\n", to, replaces ? "; the one it replaces is " : "",
		    replaces ? to : "", replaces ? ".before-restore" : "");
	buf_wipe(&passphrase);
	return status;
}

static const struct cli_option restore_options[] = {
	PASSPHRASE_OPTION,
	{ "to", 0, "PATH", "the new catalog file (default: the one that --catalog names)" },
	{ "force", 'f', NULL, "replace the catalog that is there, and keep it as PATH.before-restore" },
	{ 0 },
};

const struct cli_command cli_restore_command = {
	.name = "restore",
	.arguments = "--passphrase-file FILE [--to PATH] [--force] BACKUP",
	.summary = "make a catalog and its key from a backup",
	.details = "The whole file is verified before anything is made. A catalog that is there is replaced\n"
	           "with --force only: end its master and close all consoles first. It is kept, with its key,\n"
	           "as PATH.before-restore; to have it back, rename PATH.before-restore to PATH and\n"
	           "PATH.before-restore.key to PATH.key. A crash in the middle leaves the old one or the new.\n"
	           "A restored catalog has the identity of the one it was copied from: run a master for\n"
	           "one of them only.",
	.options = restore_options,
	.run = restore_run,
};

static int rekey_run(struct cli *cli, const struct cli_args *args)
{
	int64_t count = 0;
	struct err err;

	if (cli_need_words(args, 0, 0) != CLI_OK)
		return CLI_USAGE;
	if (cli->rekey_catalog(cli->catalog_path, &count, &err) < 0)
		return cli_fail(&err);
	if (cli->json)
		printf("{\"values\": %lld}\n", (long long)count);
	else
		printf("the catalog has a new key; %lld value%s encrypted again\n", (long long)count,
		    count == 1 ? " was" : "s were");
	return CLI_OK;
}

static const struct cli_option rekey_options[] = { { 0 } };

const struct cli_command cli_rekey_command = {
	.name = "rekey",
	.arguments = "",
	.summary = "give the catalog a new key and encrypt every secret again",
	.details = "Needs the catalog alone: end the master (scaleout master stop) and close all consoles\n"
	           "first; it refuses otherwise. A crash in the middle leaves a catalog that opens, with\n"
	           "the old key or the new one. Backups made before hold the old key.",
	.options = rekey_options,
	.run = rekey_run,
};
