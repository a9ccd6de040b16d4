/* SPDX-License-Identifier: MIT */
/*
 * scaleout worker add: everything from the first contact to a worker that can
 * take work. What fails is told with its cause and remedy, and nothing is
 * registered then; what was copied stays and is found the next time.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/commands.h"
#include "cli/worker.h"

struct add {
	struct cli *cli;
	const struct cli_args *args;
	struct reach reach;
	long slots;
	char *survey, *program, *checked, *hello, *id;
	bool copied, enabled;
};

static void add_release(struct add *add)
{
	reach_release(&add->reach);
	free(add->survey);
	free(add->program);
	free(add->checked);
	free(add->hello);
	free(add->id);
}

/* --- the machine --- */

static int add_program(struct add *add, struct err *err)
{
	struct progress_line line = { .what = "copying scaleout-worker and scaleout-dtexec", .shown = false };
	struct cli_machine *machine = &add->reach.machine;
	const struct cli_remote *remote = add->cli->remote;
	enum cli_stage stage;
	int r = remote->survey(machine, &add->survey, &stage, err);

	if (r < 0 || *machine->program)
		return r;
	r = remote->install(machine, add->survey, true, progress_tell, &line, &add->program, &add->copied, err);
	progress_end(&line);
	if (r == 0)
		machine->program = add->program;
	return r;
}

/* What the worker program found on its machine: the self-test must have passed. */
static int judge_check(const char *text, struct err *err)
{
	json_t *json = json_loads(text, 0, NULL);
	const json_t *runtime = json_object_get(json, "runtime"), *spool = json_object_get(json, "spool");
	int r = 0;

	if (!json_is_true(json_object_get(spool, "ok"))) {
		r = err_set(err, ERR_IO, "the spool folder cannot be used");
		err_detail(err, "%s", json_string_value(json_object_get(spool, "error")));
		err_hint(err, "give another folder of the machine with --spool");
	} else if (!json_is_true(json_object_get(runtime, "ok"))) {
		r = err_set(err, ERR_IO, "the self-test package did not run");
		err_detail(err, "%s", json_string_value(json_object_get(runtime, "error")));
		err_hint(err, "run \"scaleout-worker check\" on the machine to see more");
	}
	json_decref(json);
	return r;
}

static int add_look(struct add *add, struct err *err)
{
	const struct cli_remote *remote = add->cli->remote;
	enum cli_stage stage;
	int r = add_program(add, err);

	if (r == 0)
		r = remote->check(&add->reach.machine, &add->checked, err);
	if (r == 0)
		r = judge_check(add->checked, err);
	if (r == 0)
		r = remote->hello(&add->reach.machine, &add->hello, &stage, err);
	return r;
}

/* --- the catalog --- */

static int add_register(struct tsql_client *client, struct add *add, struct err *err)
{
	const struct cli_machine *m = &add->reach.machine;
	const char *description = cli_opt(add->args, "description");
	struct tsql_param params[] = {
		cli_param_text("@name", add->reach.name),
		cli_param_text("@host", m->host),
		cli_param_int("@port", m->port),
		cli_param_text("@user", m->user),
		cli_param_text("@identity", m->identity),
		cli_param_text("@keys", m->host_keys),
		cli_param_text("@program", m->program),
		cli_param_text("@spool", m->spool),
		cli_param_int("@slots", add->slots),
		cli_param_text("@description", description ? description : ""),
		cli_param_text("@jump", m->jump_hosts),
		cli_param_int("@root", m->allow_root),
		cli_param_int("@cgroup", m->cgroup),
		cli_param_int("@memory", m->memory_max_mb),
		cli_param_int("@cpu", m->cpu_max_percent),
		{ .name = "@id", .decl = { .type = TSQL_UNIQUEIDENTIFIER },
		    .value = tsql_null(TSQL_UNIQUEIDENTIFIER), .out = true },
	};
	const size_t id = ARRAY_LEN(params) - 1;
	int r = tsql_client_run(client,
	    "EXEC [SSISDB].[scaleout].[add_worker] @name = @name, @host = @host, @port = @port, @user = @user, "
	    "@identity_file = @identity, @host_keys = @keys, @program = @program, @spool = @spool, "
	    "@slots = @slots, @description = @description, @jump_hosts = @jump, @allow_root = @root, "
	    "@use_cgroup = @cgroup, @memory_max_mb = @memory, @cpu_max_percent = @cpu, @worker_agent_id = @id OUTPUT",
	    params, ARRAY_LEN(params), NULL, err);

	if (r == 0) {
		struct buf text = BUF_INIT;
		tsql_value_format(&params[id].value, &text);
		add->id = buf_detach(&text);
	}
	cli_release_params(params, ARRAY_LEN(params));
	return r;
}

static int add_store(struct tsql_client *client, struct add *add, struct err *err)
{
	int r = add_register(client, add, err);

	if (r < 0 || !cli_flag(add->args, "enable"))
		return r;
	r = worker_call(client, "EXEC [SSISDB].[catalog].[enable_worker_agent] @WorkerAgentId = @id", add->id, err);
	add->enabled = r == 0;
	return r;
}

/* --- telling --- */

static void print_fact(const char *name, const json_t *value, const char *unit, json_int_t divisor)
{
	if (json_is_string(value) && *json_string_value(value)) {
		printf("  %-12s", name);
		cli_print_text(stdout, json_string_value(value), json_string_length(value));
		putchar('\n');
	} else if (json_is_integer(value)) {
		printf("  %-12s%lld%s\n", name, (long long)(json_integer_value(value) / divisor), unit);
	}
}

static void print_facts(const struct add *add)
{
	static const struct {
		const char *member, *name, *unit;
		json_int_t divisor;
	} facts[] = { { "machine", "machine", "", 1 }, { "user", "account", "", 1 },
		{ "privileges", "privileges", "", 1 }, { "os", "system", "", 1 }, { "cpus", "CPUs", "", 1 },
		{ "memory_kb", "memory", " MiB", 1024 }, { "version", "version", "", 1 } };
	json_t *checked = json_loads(add->checked, 0, NULL);

	for (size_t i = 0; i < ARRAY_LEN(facts); i++)
		print_fact(facts[i].name, json_object_get(checked, facts[i].member), facts[i].unit, facts[i].divisor);
	print_fact("program", json_object_get(json_object_get(checked, "runtime"), "path"), "", 1);
	print_fact("self-test", json_object_get(json_object_get(checked, "runtime"), "ms"), " ms", 1);
	print_fact("tasks in a", json_object_get(json_object_get(checked, "cgroup"), "how"), "", 1);
	json_decref(checked);
}

/* What was asked for and cannot be had: said now rather than found out when a package has taken all memory. */
static void warn_of_cgroup(const struct add *add)
{
	json_t *checked = json_loads(add->checked, 0, NULL);
	const json_t *cgroup = json_object_get(checked, "cgroup");
	const char *how = json_string_value(json_object_get(cgroup, "how")), *why = json_string_value(json_object_get(cgroup, "why"));

	if (add->reach.machine.cgroup && how && !*how)
		fprintf(stderr, "warning: no control groups can be made there, so tasks will run without%s: %s\n"
				"hint: have the machine's administrator run \"loginctl enable-linger ACCOUNT\" (systemd), or delegate a "
				"control group to the account; then: scaleout worker check %s\n",
		    add->reach.machine.memory_max_mb || add->reach.machine.cpu_max_percent ? " their limits" : " them",
		    why ? why : "", add->reach.name);
	json_decref(checked);
}

static void print_json(const struct add *add)
{
	const struct cli_machine *m = &add->reach.machine;
	json_t *all = json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:b, s:b}", "name", add->reach.name,
	    "worker_agent_id", add->id, "host", m->host, "port", m->port, "user", m->user, "fingerprint",
	    add->reach.fingerprint, "jump_hosts", m->jump_hosts, "program", m->program, "copied", add->copied, "enabled",
	    add->enabled);

	json_object_set_new(all, "machine", json_loads(add->checked, 0, NULL));
	char *text = json_dumps(all, JSON_INDENT(2));
	puts(text ? text : "{}");
	free(text);
	json_decref(all);
}

static void print_all(const struct add *add)
{
	if (add->cli->json) {
		print_json(add);
		return;
	}
	printf("registered worker %s, id %s\n", add->reach.name, add->id);
	print_facts(add);
	if (add->copied)
		printf("scaleout-worker and scaleout-dtexec were copied to %s\n", add->reach.machine.program);
	if (!add->enabled)
		printf("it is disabled; to let it work: scaleout worker enable %s\n", add->reach.name);
}

static int add_run(struct cli *cli, const struct cli_args *args)
{
	struct add add = { .cli = cli, .args = args, .slots = 10 };
	struct tsql_client *client = NULL;
	struct err err;

	if (cli_need_words(args, 1, 1) != CLI_OK || !cli_opt_int(args, "slots", 1, 1000, &add.slots))
		return CLI_USAGE;
	int status = reach_from_args(cli, args, args->words.items[0], &add.reach);
	/* A catalog that cannot be written to is told before a machine is touched. */
	if (status == CLI_OK && !(client = cli_connect(cli)))
		status = CLI_FAILED;
	if (status == CLI_OK)
		status = reach_unlock(cli, args, &add.reach);
	if (status == CLI_OK)
		status = reach_accept_keys(cli, args, &add.reach);
	if (status == CLI_OK && (add_look(&add, &err) < 0 || add_store(client, &add, &err) < 0))
		status = cli_fail(&err);
	if (status == CLI_OK) {
		warn_of_cgroup(&add);
		print_all(&add);
	}
	if (client)
		tsql_client_close(client);
	add_release(&add);
	return status;
}

static const struct cli_option add_options[] = {
	{ "host", 'H', "HOST", "[user@]host[:port], or an entry of ssh_config (default: the word given)" },
	{ "port", 'p', "N", "SSH port (default 22)" },
	{ "user", 'u', "USER", "account on the machine (default: yours); packages run under it" },
	{ "identity", 'i', "FILE", "private key, ed25519 or ECDSA (default: ssh-agent)" },
	{ "jump", 'J', "HOST,HOST", "go through these machines ([user@]host[:port]), the first one first" },
	REACH_KEY_OPTIONS,
	{ "program", 0, "PATH", "scaleout-worker on the machine; nothing is copied then" },
	{ "spool", 0, "FOLDER", "spool folder on the machine (default: ~/.local/state/scaleout)" },
	{ "slots", 0, "N", "executions at the same time (default 10)" },
	{ "allow-root", 0, NULL, "let the worker serve although its account is root" },
	{ "cgroup", 0, NULL, "put each task into a control group of its own" },
	{ "memory-max", 0, "MIB", "memory of a task's control group" },
	{ "cpu-max", 0, "PERCENT", "CPU of a task's control group, in percent of one CPU" },
	{ "description", 0, "TEXT", "a note for the lists" },
	{ "enable", 0, NULL, "let it take work at once" },
	{ 0 },
};

const struct cli_command cli_worker_add_command = {
	.name = "worker add",
	.arguments = "[USER@]HOST[:PORT] | NAME --host HOST [--fingerprint SHA256:...] [--enable] ...",
	.summary = "register a machine as a worker",
	.details = "Connects as ssh would (~/.ssh/config is read), shows the machine's host key and asks whether it is\n"
	           "right, logs in and looks at what is there. When the machine has no scaleout-worker of this version,\n"
	           "it and scaleout-dtexec are copied to ~/.local/lib/scaleout/VERSION/ of the account. Then a self-test\n"
	           "package is run there, and the machine is registered, disabled unless --enable is given.\n"
	           "A host key that your known_hosts already has, or that --fingerprint names, is accepted without asking.",
	.options = add_options,
	.run = add_run,
};
