/* SPDX-License-Identifier: MIT */
/*
 * The way to a machine: options, ssh_config, jump hosts, host keys and the
 * passphrase of a key. A host key is shown and must be accepted before
 * anything else is said to a machine (ARCHITECTURE.md §6: strict host keys);
 * a key that the user's known_hosts already has counts as accepted.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/secret.h"
#include "cli/worker.h"

#define HOPS_MAX 8
#define PASSPHRASE_TRIES 3

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* Keep a string until reach_release. */
static const char *own(struct reach *reach, char *text)
{
	vec_push(&reach->owned, text);
	return text;
}

static void reach_init(struct reach *reach)
{
	*reach = (struct reach){ .machine = { .host = "", .port = 0, .user = "", .identity = "", .host_keys = "",
		.jump_hosts = "", .program = "", .spool = "" }, .hops = xstrdup("") };
}

void reach_release(struct reach *reach)
{
	if (reach->machine.passphrase)
		mem_wipe((char *)reach->machine.passphrase, strlen(reach->machine.passphrase));
	for (size_t i = 0; i < reach->owned.len; i++)
		free(reach->owned.items[i]);
	for (size_t i = 0; i < reach->known_hosts.len; i++)
		free(reach->known_hosts.items[i]);
	vec_release(&reach->owned);
	vec_release(&reach->known_hosts);
	free(reach->name);
	free(reach->hops);
	free(reach->config_file);
	free(reach->fingerprint);
	*reach = (struct reach){ 0 };
}

/* --- ssh_config --- */

static const char *config_file(const struct cli_args *args)
{
	const char *given = cli_opt(args, "ssh-config");

	return given ? given : getenv("SCALEOUT_SSH_CONFIG");
}

/* What ssh_config says about a name; NULL after saying why. */
static json_t *read_config(struct cli *cli, const struct cli_args *args, const char *name)
{
	char *text = NULL;
	struct err err;

	if (cli->remote->read_config(config_file(args), name, &text, &err) < 0) {
		cli_fail(&err);
		return NULL;
	}
	json_t *config = json_loads(text, 0, NULL);
	fputs(or_empty(json_string_value(json_object_get(config, "notes"))), stderr);
	free(text);
	return config;
}

static const char *config_text(const json_t *config, const char *name)
{
	return or_empty(json_string_value(json_object_get(config, name)));
}

static void take_known_hosts(struct reach *reach, const json_t *config)
{
	json_t *file;
	size_t i;

	json_array_foreach(json_object_get(config, "known_hosts"), i, file)
		vec_push(&reach->known_hosts, xstrdup(json_string_value(file)));
}

/* What was said on the command line comes before what ssh_config says. */
static int take_options(struct cli *cli, const struct cli_args *args, const char *user, const char *alias, int place_port,
    struct reach *ret)
{
	long port = place_port, memory = 0, cpu = 0;
	json_t *config = read_config(cli, args, alias);

	if (!config)
		return CLI_FAILED;
	if (!cli_opt_int(args, "port", 1, 65535, &port) || !cli_opt_int(args, "memory-max", 1, 1 << 26, &memory) ||
	    !cli_opt_int(args, "cpu-max", 1, 409600, &cpu)) {
		json_decref(config);
		return CLI_USAGE;
	}
	const char *identity = cli_opt(args, "identity") ? cli_opt(args, "identity") : config_text(config, "identity");
	struct cli_machine *m = &ret->machine;
	int config_port = (int)json_integer_value(json_object_get(config, "port"));
	m->host = own(ret, xstrdup(config_text(config, "host")));
	m->port = port ? (int)port : config_port ? config_port : 22;
	m->user = own(ret, xstrdup(cli_opt(args, "user") ? cli_opt(args, "user") :
			*user			 ? user :
						   config_text(config, "user")));
	m->identity = own(ret, *identity ? path_absolute(identity) : xstrdup(""));
	m->program = own(ret, xstrdup(or_empty(cli_opt(args, "program"))));
	m->spool = own(ret, xstrdup(or_empty(cli_opt(args, "spool"))));
	m->allow_root = cli_flag(args, "allow-root");
	m->cgroup = cli_flag(args, "cgroup") || memory || cpu;
	m->memory_max_mb = (int)memory;
	m->cpu_max_percent = (int)cpu;
	free(ret->hops);
	ret->hops = xstrdup(cli_opt(args, "jump") ? cli_opt(args, "jump") : config_text(config, "jump"));
	take_known_hosts(ret, config);
	json_decref(config);
	return CLI_OK;
}

int reach_from_args(struct cli *cli, const struct cli_args *args, const char *place, struct reach *ret)
{
	const char *where = cli_opt(args, "host") ? cli_opt(args, "host") : place;
	char *user = NULL, *host = NULL, *none = NULL;
	struct err err;
	int port = 0, ignored, status;

	reach_init(ret);
	if (cli->remote->parse_place(where, &user, &host, &port, &err) < 0)
		return cli_fail(&err);
	/* "worker add me@machine:22" is called machine; with --host the word is the name. */
	if (cli_opt(args, "host"))
		ret->name = xstrdup(place);
	else if (cli->remote->parse_place(place, &none, &ret->name, &ignored, &err) < 0)
		ret->name = xstrdup(place);
	status = take_options(cli, args, user, host, port, ret);
	free(none);
	free(user);
	free(host);
	return status;
}

void reach_from_row(const struct tsql_rowset *rows, struct reach *ret)
{
	struct cli_machine *m = &ret->machine;

	reach_init(ret);
	ret->name = cli_cell(rows, 0, "DisplayName");
	m->host = own(ret, cli_cell(rows, 0, "Host"));
	m->port = (int)cli_cell_int(rows, 0, "Port", 22);
	m->user = own(ret, cli_cell(rows, 0, "UserName"));
	m->identity = own(ret, cli_cell(rows, 0, "IdentityFile"));
	m->host_keys = own(ret, cli_cell(rows, 0, "HostKeys"));
	m->jump_hosts = own(ret, cli_cell(rows, 0, "JumpHosts"));
	m->program = own(ret, cli_cell(rows, 0, "ProgramPath"));
	m->spool = own(ret, cli_cell(rows, 0, "SpoolPath"));
	m->allow_root = cli_cell_int(rows, 0, "AllowRoot", 0);
	m->cgroup = cli_cell_int(rows, 0, "UseCgroup", 0);
	m->memory_max_mb = (int)cli_cell_int(rows, 0, "MemoryMaxMb", 0);
	m->cpu_max_percent = (int)cli_cell_int(rows, 0, "CpuMaxPercent", 0);
}

/* --- host keys --- */

enum verdict { VERDICT_ASK, VERDICT_YES, VERDICT_NO };

/* What --fingerprint says; VERDICT_ASK when it was not given. */
static enum verdict pinned(const struct cli_args *args, const char *fingerprint, struct err *err)
{
	enum verdict verdict = VERDICT_ASK;

	for (size_t i = 0; i < args->given.len; i++) {
		if (strcmp(args->given.items[i].option->name, "fingerprint") != 0)
			continue;
		if (strcmp(args->given.items[i].value, fingerprint) == 0)
			return VERDICT_YES;
		verdict = VERDICT_NO;
	}
	if (verdict == VERDICT_NO) {
		err_set(err, ERR_TRUST, "the host key is not the one given");
		err_detail(err, "the machine shows %s, --fingerprint says %s", fingerprint, cli_opt(args, "fingerprint"));
		err_hint(err, "find out which is right before going on: ssh-keygen -lf "
			      "/etc/ssh/ssh_host_ed25519_key.pub on the machine itself");
	}
	return verdict;
}

/* What the known_hosts files say. */
static enum verdict known(struct cli *cli, const struct reach *reach, const char *host, int port, const char *key,
    const char *fingerprint, struct err *err)
{
	for (size_t i = 0; i < reach->known_hosts.len; i++) {
		const char *file = reach->known_hosts.items[i];
		int line = 0;
		enum cli_known says = cli->remote->known_key(file, host, port, key, &line);
		if (says == CLI_KNOWN_SAME) {
			fprintf(stderr, "The host key of %s port %d is known from %s:%d: %s\n", host, port, file, line,
			    fingerprint);
			return VERDICT_YES;
		}
		if (says == CLI_KNOWN_NOT)
			continue;
		err_set(err, ERR_TRUST, "%s:%d %s", file, line,
		    says == CLI_KNOWN_REVOKED ? "has this host key as revoked" : "has another host key for this machine");
		err_detail(err, "the machine shows %s", fingerprint);
		err_hint(err, "somebody may be in between; if the key is right, say it with --fingerprint %s", fingerprint);
		return VERDICT_NO;
	}
	return VERDICT_ASK;
}

/* Get the key that a place shows and have it accepted. */
static int accept_key(struct cli *cli, const struct cli_args *args, const struct reach *reach,
    const struct cli_machine *machine, char **ret_key, char **ret_fingerprint)
{
	char *key = NULL, *fingerprint = NULL;
	enum cli_stage stage;
	struct err err;

	if (cli->remote->host_key(machine, &key, &fingerprint, &stage, &err) < 0)
		return cli_fail(&err);
	enum verdict verdict = pinned(args, fingerprint, &err);
	if (verdict == VERDICT_ASK)
		verdict = known(cli, reach, machine->host, machine->port, key, fingerprint, &err);
	if (verdict == VERDICT_ASK) {
		fprintf(stderr, "The host key of %s port %d is %.*s %s\n", machine->host, machine->port,
		    (int)strcspn(key, " "), key, fingerprint);
		verdict = cli_flag(args, "accept-host-key") || cli_confirm("Is it the right machine?") ? VERDICT_YES :
													 VERDICT_NO;
		if (verdict == VERDICT_NO) {
			err_set(&err, ERR_TRUST, "the host key was not accepted");
			err_hint(&err, "without a terminal give it with --fingerprint %s", fingerprint);
		}
	}
	if (verdict == VERDICT_NO) {
		err_prefix(&err, "%s port %d", machine->host, machine->port);
		free(key);
		free(fingerprint);
		return cli_fail(&err);
	}
	*ret_key = key;
	*ret_fingerprint = fingerprint;
	return CLI_OK;
}

/* The identity file that a registered worker's hop has; "" when none. Caller frees. */
static char *old_identity(const char *lines, const char *place)
{
	size_t len = strlen(place);

	for (const char *at = lines; *at;) {
		size_t end = strcspn(at, "\n"), blanks = 0, i = 0;
		while (i < end && (blanks += at[i] == ' ') < 3)
			i++;
		if (strncmp(at, place, len) == 0 && at[len] == ' ' && i < end)
			return xstrndup(at + i + 1, end - i - 1);
		at += end + (at[end] == '\n');
	}
	return xstrdup("");
}

/* Accept the key of one hop and add its line to the hops before it. before: the lines of a registered worker. */
static int add_hop(struct cli *cli, const struct cli_args *args, struct reach *reach, const char *place,
    const char *before)
{
	char *user = NULL, *alias = NULL, *key = NULL, *fingerprint = NULL, *identity = NULL;
	struct err err;
	int port = 0, status = CLI_FAILED;
	json_t *config = NULL;

	if (cli->remote->parse_place(place, &user, &alias, &port, &err) < 0)
		return cli_fail(&err);
	config = read_config(cli, args, alias);
	if (!config)
		goto out;
	int config_port = (int)json_integer_value(json_object_get(config, "port"));
	const char *host = config_text(config, "host");
	identity = *config_text(config, "identity") ? xstrdup(config_text(config, "identity")) : old_identity(before, place);
	const char *login = *user ? user : config_text(config, "user");
	struct cli_machine hop = reach->machine;
	hop.host = host;
	hop.port = port ? port : config_port ? config_port : 22;
	status = accept_key(cli, args, reach, &hop, &key, &fingerprint);
	if (status == CLI_OK) {
		bool six = strchr(host, ':') != NULL;
		/* A login that is not said is the user's own there as here, not the worker's account. */
		reach->machine.jump_hosts = own(reach, xasprintf("%s%s%s%s%s%s%s:%d %s%s%s", reach->machine.jump_hosts,
		    *reach->machine.jump_hosts ? "\n" : "", login, *login ? "@" : "", six ? "[" : "", host, six ? "]" : "",
		    hop.port, key, *identity ? " " : "", identity));
	}
out:
	free(key);
	free(fingerprint);
	free(identity);
	json_decref(config);
	free(user);
	free(alias);
	return status;
}

static int accept_hops(struct cli *cli, const struct cli_args *args, struct reach *reach)
{
	int status = CLI_OK, count = 0;
	const char *before = reach->machine.jump_hosts;

	reach->machine.jump_hosts = own(reach, xstrdup(""));
	for (const char *at = reach->hops; *at && status == CLI_OK;) {
		size_t len = strcspn(at, ",");
		char *place = xstrndup(at, len);
		status = ++count > HOPS_MAX ? cli_usage(args, "more than %d jump hosts", HOPS_MAX) :
					      add_hop(cli, args, reach, place, before);
		free(place);
		at += len + (at[len] == ',');
	}
	return status;
}

/* The places of a worker's hops, for accepting their keys anew: "user@host:port,..." */
static char *hop_places(const char *lines)
{
	struct buf out = BUF_INIT;

	for (const char *at = lines; *at;) {
		buf_addf(&out, "%s%.*s", out.len ? "," : "", (int)strcspn(at, " \n"), at);
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	return buf_detach(&out);
}

int reach_accept_keys(struct cli *cli, const struct cli_args *args, struct reach *reach)
{
	char *key = NULL;

	if (!*reach->hops && *reach->machine.jump_hosts) {
		free(reach->hops);
		reach->hops = hop_places(reach->machine.jump_hosts);
	}
	int status = accept_hops(cli, args, reach);
	if (status == CLI_OK)
		status = accept_key(cli, args, reach, &reach->machine, &key, &reach->fingerprint);
	if (status == CLI_OK)
		reach->machine.host_keys = own(reach, key);
	return status;
}

/* --- the passphrase --- */

/* Ask on the terminal until the passphrase is right, PASSPHRASE_TRIES times at most. Without a terminal (or an answer) logging in says what to do. */
static int ask_passphrase(struct cli *cli, const char *identity, struct buf *ret)
{
	char *prompt = xasprintf("Passphrase of %s: ", identity);
	struct err err = { 0 };
	int status = CLI_OK;

	for (int i = 0; i < PASSPHRASE_TRIES; i++) {
		buf_wipe(ret);
		err_clear(&err);
		if (!cli_ask_secret(prompt, ret) || cli->remote->unlock_identity(identity, ret->data, &err) == 0)
			break;
		if (i + 1 < PASSPHRASE_TRIES)
			fputs("It does not open it; please try again.\n", stderr);
	}
	if (err.code)
		status = cli_fail(&err);
	free(prompt);
	return status;
}

/* From where the options say; what a file says is tried at once, too. */
static int get_passphrase(struct cli *cli, const struct cli_args *args, const char *identity, struct buf *ret)
{
	struct err err;

	if (!cli_opt(args, "passphrase"))
		return cli->remote->identity_in_agent(identity) ? CLI_OK : ask_passphrase(cli, identity, ret);
	int status = cli_read_secret(args, "passphrase", ret);
	if (status == CLI_OK && cli->remote->unlock_identity(identity, ret->data, &err) < 0)
		status = cli_fail(&err);
	return status;
}

int reach_unlock(struct cli *cli, const struct cli_args *args, struct reach *reach)
{
	const char *identity = reach->machine.identity;
	struct buf secret = BUF_INIT;
	bool encrypted = false;
	struct err err;

	if (!*identity)
		return CLI_OK;
	if (cli->remote->look_at_identity(identity, &encrypted, &err) < 0)
		return cli_fail(&err);
	if (!encrypted)
		return CLI_OK;
	int status = get_passphrase(cli, args, identity, &secret);
	if (status == CLI_OK && secret.len)
		reach->machine.passphrase = own(reach, xstrndup(secret.data, secret.len));
	buf_wipe(&secret);
	if (reach->machine.passphrase)
		fprintf(stderr, "%s is encrypted: the master can only use it from ssh-agent (ssh-add %s before it starts)\n",
		    identity, identity);
	return status;
}

/* --- progress --- */

void progress_tell(void *ctx, size_t sent, size_t total)
{
	struct progress_line *line = ctx;

	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r%s %3zu %%", line->what, total ? sent * 100 / total : 0);
	line->shown = true;
}

void progress_end(struct progress_line *line)
{
	if (line->shown)
		fputs("\r\033[K", stderr);
	line->shown = false;
}
