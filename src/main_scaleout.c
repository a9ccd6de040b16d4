/* SPDX-License-Identifier: MIT */
/*
 * scaleout: the console and the command line. This file only wires: the
 * command line gets a catalog connector and the few calls that other rooms
 * offer, the console gets the connector.
 */
#include <locale.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "catalog/backup.h"
#include "catalog/catalog.h"
#include "catalog/rekey.h"
#include "cli/args.h"
#include "cli/command.h"
#include "cli/remote.h"
#include "exec/control.h"
#include "exec/settings.h"
#include "package/protect.h"
#include "main_remote.h"
#include "tui/console.h"

struct program {
	struct cli cli;
	char *default_path;
	char host[256];
	char login[256];
	pthread_mutex_t nudging;
	struct exec_nudger nudger;
};

/* An execution was started or a stop asked for: wake the master, or start one. */
static void on_work_ready(void *ctx)
{
	struct program *program = ctx;

	pthread_mutex_lock(&program->nudging); /* the console has several connections to the catalog */
	bool listens = exec_master_nudge(&program->nudger, program->cli.catalog_path);
	pthread_mutex_unlock(&program->nudging);
	/* One that is coming reads the queue when it is up. */
	if (!listens)
		exec_master_ensure(program->cli.catalog_path, NULL, 0, NULL);
}

/* A master that was killed before it read that there is work leaves nobody who knows. */
static void on_work_awaited(void *ctx)
{
	struct program *program = ctx;

	pthread_mutex_lock(&program->nudging);
	bool lost = exec_nudger_lost(&program->nudger);
	pthread_mutex_unlock(&program->nudging);
	if (lost)
		exec_master_ensure(program->cli.catalog_path, NULL, 0, NULL);
}

static int connect_catalog(void *ctx, struct tsql_client **ret, struct err *err)
{
	struct program *program = ctx;
	struct catalog_hooks hooks = { on_work_ready, on_work_awaited, program };

	return catalog_connect(program->cli.catalog_path, NULL, &hooks, ret, err);
}

static int rekey_catalog(const char *path, int64_t *ret_count, struct err *err)
{
	return catalog_rekey(path, NULL, NULL, ret_count, err);
}

static int ensure_master(const char *path, int wait_ms, struct err *err)
{
	return exec_master_ensure(path, NULL, wait_ms, err);
}

/* The settings as the master would have them, without its command line. */
static int read_conf(const char *file, char **ret_path, char **ret_text, struct err *err)
{
	struct settings settings;
	struct buf text = BUF_INIT;
	bool named;
	char *path = settings_path(file, &named);

	settings_init(&settings);
	int r = settings_environment(&settings, err);
	if (r == 0)
		r = settings_file(&settings, path, named, err);
	if (r == 0) {
		settings_print(&settings, &text);
		*ret_text = buf_detach(&text);
		*ret_path = path;
		path = NULL;
	}
	free(path);
	settings_release(&settings);
	return r;
}

static bool master_runs(void *ctx)
{
	return exec_master_listens(((struct program *)ctx)->cli.catalog_path);
}

static int start_master(void *ctx, struct err *err)
{
	return exec_master_ensure(((struct program *)ctx)->cli.catalog_path, NULL, 0, err);
}

static int run_console(struct cli *cli, const struct cli_args *args)
{
	const char *when = cli_opt(args, "color");
	char *state = path_state_home();
	struct console_options options = {
		.connector = cli->connector,
		.ascii = cli_flag(args, "ascii"),
		.no_mouse = cli_flag(args, "no-mouse"),
		.read_only = cli_flag(args, "readonly"),
		.slow = cli_flag(args, "slow"),
		.color = !when || !strcmp(when, "auto") ? -1 : !strcmp(when, "always"),
		.script = cli_opt(args, "script"),
		.open = cli_opt(args, "open"),
		.state_path = path_join(state, "console"),
		.master = { master_runs, start_master, cli->connector.ctx },
	};
	struct err err;

	if (cli_flag(args, "keys")) {
		struct buf keys = BUF_INIT;

		console_keys(&keys);
		fputs(keys.data, stdout);
		buf_release(&keys);
		free((char *)options.state_path);
		free(state);
		return CLI_OK;
	}
	int status = console_run(&options, &err) < 0 ? cli_fail(&err) : CLI_OK;
	free((char *)options.state_path);
	free(state);
	return status;
}

int main(int argc, char **argv)
{
	struct program program = { .nudging = PTHREAD_MUTEX_INITIALIZER, .nudger = EXEC_NUDGER_INIT };
	struct passwd *entry = getpwuid(geteuid());

	setlocale(LC_CTYPE, "");
	protect_use_libcrypto();
	gethostname(program.host, sizeof(program.host) - 1);
	snprintf(program.login, sizeof(program.login), "%s", entry ? entry->pw_name : "?");
	program.default_path = catalog_default_path();
	program.cli = (struct cli){
		.catalog_path = program.default_path,
		.connector = { connect_catalog, &program, program.host, program.login },
		.create_catalog = catalog_create,
		.backup_catalog = catalog_backup,
		.restore_catalog = catalog_restore,
		.rekey_catalog = rekey_catalog,
		.ensure_master = ensure_master,
		.master_status = exec_master_status,
		.stop_master = exec_master_stop,
		.remote = &main_remote,
		.read_conf = read_conf,
		.console = run_console,
	};
	int status = cli_main(&program.cli, argc, argv);
	if (exec_nudger_close(&program.nudger))
		exec_master_ensure(program.cli.catalog_path, NULL, 0, NULL);
	free(program.default_path);
	return status;
}
