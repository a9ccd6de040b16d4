/* SPDX-License-Identifier: MIT */
/*
 * scaleout worker ...: register machines and look after them. A machine's host
 * key is shown and must be accepted before anything else is said to it
 * (ARCHITECTURE.md §6: strict host keys).
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "cli/args.h"
#include "cli/commands.h"

#define CONNECT_TIMEOUT_MS 15000

/* Get the machine's key and have it accepted. Returns an exit status; *ret_key on CLI_OK. */
static int accept_host_key(struct cli *cli, const struct cli_args *args, const char *host, long port,
    char **ret_key)
{
	const char *accepted = cli_opt(args, "accept-host-key");
	char *key = NULL, *fingerprint = NULL;
	struct err err;
	int status = CLI_FAILED;

	if (cli->host_key(host, (int)port, CONNECT_TIMEOUT_MS, &key, &fingerprint, &err) < 0)
		return cli_fail(&err);
	if (accepted) {
		if (strcmp(accepted, fingerprint)) {
			err_set(&err, ERR_TRUST, "the host key of %s is not the one given", host);
			err_detail(&err, "the machine shows %s, --accept-host-key says %s", fingerprint, accepted);
			err_hint(&err, "find out which is right before going on: ssh-keygen -lf "
			               "/etc/ssh/ssh_host_ed25519_key.pub on the machine itself");
			cli_fail(&err);
			goto out;
		}
	} else {
		fprintf(stderr, "The host key of %s port %ld is %.*s %s\n", host, port,
		    (int)strcspn(key, " "), key, fingerprint);
		if (!cli_confirm("Is it the right machine?")) {
			err_set(&err, ERR_TRUST, "the host key of %s was not accepted", host);
			err_hint(&err, "without a terminal give it with --accept-host-key %s", fingerprint);
			cli_fail(&err);
			goto out;
		}
	}
	*ret_key = key;
	key = NULL;
	status = CLI_OK;
out:
	free(key);
	free(fingerprint);
	return status;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static int register_worker(struct tsql_client *client, const struct cli_machine *machine, const char *name,
    const char *description, long slots, char **ret_id, struct err *err)
{
	struct tsql_param params[] = {
		cli_param_text("@name", name),
		cli_param_text("@host", machine->host),
		cli_param_int("@port", machine->port),
		cli_param_text("@user", machine->user),
		cli_param_text("@identity", machine->identity),
		cli_param_text("@keys", machine->host_keys),
		cli_param_text("@program", machine->program),
		cli_param_text("@spool", machine->spool),
		cli_param_int("@slots", slots),
		cli_param_text("@description", description),
		{ .name = "@id", .decl = { .type = TSQL_UNIQUEIDENTIFIER },
		    .value = tsql_null(TSQL_UNIQUEIDENTIFIER), .out = true },
	};
	int r = tsql_client_run(client,
	    "EXEC [SSISDB].[scaleout].[add_worker] @name = @name, @host = @host, @port = @port, @user = @user, "
	    "@identity_file = @identity, @host_keys = @keys, @program = @program, @spool = @spool, "
	    "@slots = @slots, @description = @description, @worker_agent_id = @id OUTPUT",
	    params, ARRAY_LEN(params), NULL, err);

	if (r == 0) {
		struct buf text = BUF_INIT;
		tsql_value_format(&params[10].value, &text);
		*ret_id = buf_detach(&text);
	}
	cli_release_params(params, ARRAY_LEN(params));
	return r;
}

static int call_with_id(struct tsql_client *client, const char *sql, const char *id, struct err *err)
{
	struct tsql_param param = cli_param_text("@id", id);
	int r = tsql_client_run(client, sql, &param, 1, NULL, err);

	tsql_value_release(&param.value);
	return r;
}

static void print_hello(const char *hello)
{
	json_t *json = json_loads(hello, 0, NULL);

	for (const char *const *key = (const char *const[]){ "machine", "user", "os", "version", NULL };
	     json && *key; key++) {
		const char *value = json_string_value(json_object_get(json, *key));
		if (value) {
			printf("  %-8s ", *key);
			cli_print_text(stdout, value, strlen(value));
			putchar('\n');
		}
	}
	json_decref(json);
}

static int add_run(struct cli *cli, const struct cli_args *args)
{
	struct err err;
	long port = 22, slots = 10;
	char *key = NULL, *hello = NULL, *id = NULL, *identity = NULL;
	struct tsql_client *client = NULL;
	int status = CLI_FAILED;

	if (cli_need_words(args, 1, 1) != CLI_OK || !cli_opt_int(args, "port", 1, 65535, &port) ||
	    !cli_opt_int(args, "slots", 1, 1000, &slots))
		return CLI_USAGE;
	const char *name = args->words.items[0];
	const char *host = cli_opt(args, "host") ? cli_opt(args, "host") : name;
	client = cli_connect(cli);
	if (!client)
		return CLI_FAILED;
	status = accept_host_key(cli, args, host, port, &key);
	if (status != CLI_OK)
		goto out;
	identity = cli_opt(args, "identity") ? path_absolute(cli_opt(args, "identity")) : xstrdup("");
	struct cli_machine machine = { .host = host, .port = (int)port, .user = or_empty(cli_opt(args, "user")),
		.identity = identity, .host_keys = key, .program = or_empty(cli_opt(args, "program")),
		.spool = or_empty(cli_opt(args, "spool")), .timeout_ms = CONNECT_TIMEOUT_MS };
	status = CLI_FAILED;
	if (cli->probe_worker(&machine, &hello, &err) < 0 ||
	    register_worker(client, &machine, name, or_empty(cli_opt(args, "description")), slots, &id, &err) < 0) {
		cli_fail(&err);
		goto out;
	}
	if (cli_flag(args, "enable") &&
	    call_with_id(client, "EXEC [SSISDB].[catalog].[enable_worker_agent] @WorkerAgentId = @id", id, &err) < 0) {
		cli_fail(&err);
		goto out;
	}
	status = CLI_OK;
	if (cli->json) {
		printf("{\"name\": \"%s\", \"worker_agent_id\": \"%s\"}\n", name, id);
		goto out;
	}
	printf("registered worker %s, id %s\n", name, id);
	print_hello(hello);
	if (!cli_flag(args, "enable"))
		printf("it is disabled; to let it work: scaleout worker enable %s\n", name);
out:
	free(id);
	free(hello);
	free(key);
	free(identity);
	tsql_client_close(client);
	return status;
}

static const struct cli_option add_options[] = {
	{ "host", 'H', "HOST", "name or address (default: the worker's name)" },
	{ "port", 'p', "N", "SSH port (default 22)" },
	{ "user", 'u', "USER", "account on the machine (default: yours); packages run under it" },
	{ "identity", 'i', "FILE", "private key, ed25519 or ECDSA (default: ssh-agent)" },
	{ "accept-host-key", 0, "SHA256:...", "accept this host key without asking" },
	{ "program", 0, "PATH", "scaleout-worker on the machine (default: found there)" },
	{ "spool", 0, "FOLDER", "spool folder on the machine (default: ~/.local/state/scaleout)" },
	{ "slots", 0, "N", "executions at the same time (default 10)" },
	{ "description", 0, "TEXT", "a note for the lists" },
	{ "enable", 0, NULL, "let it take work at once" },
	{ 0 },
};

const struct cli_command cli_worker_add_command = {
	.name = "worker add",
	.arguments = "NAME --host HOST [--port N] [--user U] [--identity FILE] [--accept-host-key SHA256:...]",
	.summary = "register a machine as a worker",
	.details = "Shows the machine's host key and asks whether it is right, logs in, starts the worker\n"
	           "program there and registers the machine, disabled unless --enable is given.",
	.options = add_options,
	.run = add_run,
};

static const char list_sql[] =
    "SELECT DisplayName AS [Name], State AS [State], "
    "Host AS [Host], Port AS [Port], UserAccount AS [Account], Running AS [Running], Slots AS [Slots], "
    "CONVERT(nvarchar(19), LastOnlineTime, 120) AS [Last Online], WorkerAgentId AS [Id] "
    "FROM [SSISDB].[scaleout].[workers] ORDER BY DisplayName";

static int list_run(struct cli *cli, const struct cli_args *args)
{
	if (cli_need_words(args, 0, 0) != CLI_OK)
		return CLI_USAGE;
	struct tsql_client *client = cli_connect(cli);
	if (!client)
		return CLI_FAILED;
	int status = cli_query_print(cli, client, list_sql, NULL, 0);
	tsql_client_close(client);
	return status;
}

static const struct cli_option no_options[] = { { 0 } };

const struct cli_command cli_worker_list_command = {
	.name = "worker list",
	.arguments = "",
	.summary = "list the workers",
	.options = no_options,
	.run = list_run,
};

static int find_worker(struct tsql_client *client, const char *name, struct tsql_rowset *ret, struct err *err)
{
	struct tsql_param param = cli_param_text("@name", name);
	int r = tsql_client_query(client,
	    "SELECT WorkerAgentId, DisplayName, Host, Port, UserName, IdentityFile, HostKeys, ProgramPath, SpoolPath, "
	    "IsEnabled, IsBlocked, BlockReason FROM [SSISDB].[scaleout].[workers] "
	    "WHERE DisplayName = @name OR CONVERT(nvarchar(36), WorkerAgentId) = @name",
	    &param, 1, 10, ret, err);

	tsql_value_release(&param.value);
	if (r == 0 && !ret->row_count) {
		tsql_rowset_release(ret);
		r = err_set(err, ERR_NOT_FOUND, "there is no worker '%s'", name);
		err_hint(err, "list them with: scaleout worker list");
	}
	return r;
}

/* Look up every worker named on the command line and do something with its row (a one-row rowset). */
static int each_worker(struct cli *cli, const struct cli_args *args,
    int (*visit)(struct cli *cli, struct tsql_client *client, const struct cli_args *args,
        const struct tsql_rowset *rows, const void *ctx),
    const void *ctx)
{
	struct tsql_client *client = cli_connect(cli);
	int status = client ? CLI_OK : CLI_FAILED;
	struct err err;

	for (size_t i = 0; client && i < args->words.len; i++) {
		struct tsql_rowset rows;
		if (find_worker(client, args->words.items[i], &rows, &err) < 0) {
			status = cli_fail(&err);
			continue;
		}
		if (visit(cli, client, args, &rows, ctx) != CLI_OK)
			status = CLI_FAILED;
		tsql_rowset_release(&rows);
	}
	tsql_client_close(client);
	return status;
}

/* enable, disable and remove differ in one statement and one word. */
struct change {
	const char *sql, *done;
};

static int change_worker(struct cli *cli, struct tsql_client *client, const struct cli_args *args,
    const struct tsql_rowset *rows, const void *ctx)
{
	const struct change *change = ctx;
	char *id = cli_cell(rows, 0, "WorkerAgentId"), *name = cli_cell(rows, 0, "DisplayName");
	struct err err;
	int status = CLI_OK;

	(void)args;
	if (call_with_id(client, change->sql, id, &err) < 0)
		status = cli_fail(&err);
	else if (!cli->json)
		printf("%s worker %s\n", change->done, name);
	free(name);
	free(id);
	return status;
}

static int change_run(struct cli *cli, const struct cli_args *args, const char *sql, const char *done)
{
	struct change change = { sql, done };

	if (cli_need_words(args, 1, 1000) != CLI_OK)
		return CLI_USAGE;
	return each_worker(cli, args, change_worker, &change);
}

static int enable_run(struct cli *cli, const struct cli_args *args)
{
	return change_run(cli, args, "EXEC [SSISDB].[catalog].[enable_worker_agent] @WorkerAgentId = @id", "enabled");
}

static int disable_run(struct cli *cli, const struct cli_args *args)
{
	return change_run(cli, args, "EXEC [SSISDB].[catalog].[disable_worker_agent] @WorkerAgentId = @id", "disabled");
}

static int remove_run(struct cli *cli, const struct cli_args *args)
{
	return change_run(cli, args, "EXEC [SSISDB].[scaleout].[remove_worker] @WorkerAgentId = @id", "removed");
}

const struct cli_command cli_worker_enable_command = {
	.name = "worker enable",
	.arguments = "NAME...",
	.summary = "let workers take work",
	.options = no_options,
	.run = enable_run,
};

const struct cli_command cli_worker_disable_command = {
	.name = "worker disable",
	.arguments = "NAME...",
	.summary = "give workers no new work; what runs there runs on",
	.options = no_options,
	.run = disable_run,
};

const struct cli_command cli_worker_remove_command = {
	.name = "worker remove",
	.arguments = "NAME...",
	.summary = "forget workers (refused while something runs there)",
	.options = no_options,
	.run = remove_run,
};

static void print_check(const char *what, bool good, const char *text)
{
	printf("%-4s  %-18s %s\n", good ? "ok" : "FAIL", what, text);
}

/* Name and port, host key, login and program: each line says cause and remedy. */
static int check_worker(struct cli *cli, struct tsql_client *client, const struct cli_args *args,
    const struct tsql_rowset *rows, const void *ctx)
{
	char *host = cli_cell(rows, 0, "Host"), *user = cli_cell(rows, 0, "UserName");
	char *identity = cli_cell(rows, 0, "IdentityFile"), *keys = cli_cell(rows, 0, "HostKeys");
	char *program = cli_cell(rows, 0, "ProgramPath"), *spool = cli_cell(rows, 0, "SpoolPath");
	char *name = cli_cell(rows, 0, "DisplayName");
	int port = (int)cli_cell_int(rows, 0, "Port", 22);
	char *key = NULL, *fingerprint = NULL, *hello = NULL;
	struct cli_machine machine = { host, port, user, identity, keys, program, spool, CONNECT_TIMEOUT_MS };
	struct err err;
	int status = CLI_FAILED;

	(void)client;
	(void)ctx;
	if (args->words.len > 1)
		printf("%s:\n", name);
	if (cli->host_key(host, port, CONNECT_TIMEOUT_MS, &key, &fingerprint, &err) < 0) {
		print_check("reachable", false, err.primary);
		cli_fail(&err);
		goto out;
	}
	print_check("reachable", true, host);
	if (!strstr(keys, key)) {
		print_check("host key", false, fingerprint);
		fprintf(stderr, "  the machine shows another key than the one accepted for %s; if that is right:\n"
		                "  scaleout worker trust %s\n",
		    name, name);
		goto out;
	}
	print_check("host key", true, fingerprint);
	if (cli->probe_worker(&machine, &hello, &err) < 0) {
		print_check("login and program", false, err.primary);
		cli_fail(&err);
		goto out;
	}
	print_check("login and program", true, "");
	print_hello(hello);
	print_check("enabled", cli_cell_int(rows, 0, "IsEnabled", 0) != 0,
	    cli_cell_int(rows, 0, "IsEnabled", 0) ? "" : "let it work with: scaleout worker enable");
	status = CLI_OK;
out:
	free(key);
	free(fingerprint);
	free(hello);
	free(host);
	free(user);
	free(identity);
	free(keys);
	free(program);
	free(spool);
	free(name);
	return status;
}

static int check_run(struct cli *cli, const struct cli_args *args)
{
	if (cli_need_words(args, 1, 1000) != CLI_OK)
		return CLI_USAGE;
	return each_worker(cli, args, check_worker, NULL);
}

/* Accept the key that the machine shows now: fetch, ask, store; storing it also unblocks the worker. */
static int trust_worker(struct cli *cli, struct tsql_client *client, const struct cli_args *args,
    const struct tsql_rowset *rows, const void *ctx)
{
	(void)ctx;
	char *id = cli_cell(rows, 0, "WorkerAgentId"), *host = cli_cell(rows, 0, "Host");
	char *old = cli_cell(rows, 0, "HostKeys"), *name = cli_cell(rows, 0, "DisplayName"), *key = NULL;
	struct err err;
	int status = accept_host_key(cli, args, host, (long)cli_cell_int(rows, 0, "Port", 22), &key);

	if (status == CLI_OK) {
		/* --add keeps the old keys, for a machine whose key is being rotated. */
		char *keys = cli_flag(args, "add") ? xasprintf("%s\n%s", old, key) : xstrdup(key);
		struct tsql_param params[] = { cli_param_text("@id", id), cli_param_text("@keys", keys) };
		if (tsql_client_run(client,
		        "EXEC [SSISDB].[scaleout].[set_worker] @WorkerAgentId = @id, "
		        "@property_name = N'HostKeys', @property_value = @keys",
		        params, ARRAY_LEN(params), NULL, &err) < 0)
			status = cli_fail(&err);
		else if (!cli->json)
			printf("the host key of worker %s is accepted\n", name);
		cli_release_params(params, ARRAY_LEN(params));
		free(keys);
	}
	free(key);
	free(old);
	free(name);
	free(host);
	free(id);
	return status;
}

static int trust_run(struct cli *cli, const struct cli_args *args)
{
	if (cli_need_words(args, 1, 1) != CLI_OK)
		return CLI_USAGE;
	return each_worker(cli, args, trust_worker, NULL);
}

static const struct cli_option trust_options[] = {
	{ "accept-host-key", 0, "SHA256:...", "accept this host key without asking" },
	{ "add", 0, NULL, "keep the keys accepted before as well" },
	{ 0 },
};

const struct cli_command cli_worker_trust_command = {
	.name = "worker trust",
	.arguments = "NAME [--accept-host-key SHA256:...] [--add]",
	.summary = "accept the host key that a worker's machine shows now",
	.details = "A worker whose host key changed is blocked: nothing is sent to it, because somebody may be in\n"
	           "between. When the change is known to be right, this accepts the new key and unblocks it.",
	.options = trust_options,
	.run = trust_run,
};

const struct cli_command cli_worker_check_command = {
	.name = "worker check",
	.arguments = "NAME...",
	.summary = "test the way to workers step by step",
	.options = no_options,
	.run = check_run,
};
