/* SPDX-License-Identifier: MIT */
/* Wires cli/remote.h to src/exec: the two rooms do not know each other. */
#include "main_remote.h"

#include <jansson.h>
#include <stdlib.h>

#include "cli/remote.h"
#include "exec/identity.h"
#include "exec/install.h"
#include "exec/jump.h"
#include "exec/known_hosts.h"
#include "exec/probe.h"
#include "exec/ssh_config.h"

#define CONNECT_MS 15000

_Static_assert((int)CLI_STAGE_DONE == (int)STAGE_DONE && (int)CLI_STAGE_LOGIN == (int)STAGE_LOGIN, "the same stages");
_Static_assert((int)CLI_KNOWN_REVOKED == (int)KNOWN_HOST_REVOKED, "the same answers");

static struct transport_target target_of(const struct cli_machine *machine)
{
	return (struct transport_target){ .host = machine->host, .port = machine->port, .user = machine->user,
		.identity = machine->identity, .passphrase = machine->passphrase, .host_keys = machine->host_keys,
		.jump_hosts = machine->jump_hosts, .program = machine->program, .spool = machine->spool,
		.timeout_ms = CONNECT_MS, .allow_root = machine->allow_root, .cgroup = machine->cgroup,
		.memory_max_mb = machine->memory_max_mb, .cpu_max_percent = machine->cpu_max_percent };
}

static int read_config(const char *file, const char *name, char **ret_json, struct err *err)
{
	struct ssh_config config;
	int r = ssh_config_read(file, name, &config, err);

	if (r == 0) {
		json_t *known = json_array();
		for (size_t i = 0; i < config.known_hosts.len; i++)
			json_array_append_new(known, json_string(config.known_hosts.items[i]));
		json_t *object = json_pack("{s:s, s:i, s:s, s:s, s:s, s:o, s:s}", "host", config.host, "port", config.port,
		    "user", config.user, "identity", config.identity, "jump", config.jump, "known_hosts", known, "notes",
		    config.notes.data);
		*ret_json = object ? json_dumps(object, JSON_COMPACT) : NULL;
		json_decref(object);
		if (!*ret_json)
			r = err_set(err, ERR_INVALID, "the ssh_config entry for %s is not UTF-8", name);
	}
	ssh_config_release(&config);
	return r;
}

static enum cli_known known_key(const char *file, const char *host, int port, const char *key, int *ret_line)
{
	return (enum cli_known)known_hosts_check(file, host, port, key, ret_line);
}

static int look_at_identity(const char *path, bool *ret_encrypted, struct err *err)
{
	struct identity identity;
	int r = identity_read(path, &identity, err);

	*ret_encrypted = identity.encrypted;
	identity_release(&identity);
	return r;
}

static int host_key(const struct cli_machine *machine, char **ret_key, char **ret_fingerprint,
    enum cli_stage *ret_stage, struct err *err)
{
	struct transport_target target = target_of(machine);
	enum transport_stage stage = STAGE_RESOLVE;
	int r = probe_host_key(&target, ret_key, ret_fingerprint, &stage, err);

	*ret_stage = (enum cli_stage)stage;
	return r;
}

static int survey(const struct cli_machine *machine, char **ret_json, enum cli_stage *ret_stage, struct err *err)
{
	struct transport_target target = target_of(machine);
	enum transport_stage stage = STAGE_RESOLVE;
	int r = install_survey(&target, ret_json, &stage, err);

	*ret_stage = (enum cli_stage)stage;
	return r;
}

static int install(const struct cli_machine *machine, const char *survey_json, bool prefer_found,
    void (*tell)(void *ctx, size_t sent, size_t total), void *ctx, char **ret_program, bool *ret_copied, struct err *err)
{
	struct transport_target target = target_of(machine);
	struct install_progress progress = { tell, ctx };

	return install_agent(&target, survey_json, prefer_found, &progress, ret_program, ret_copied, err);
}

static int retire(const struct cli_machine *machine, const char *old_program, char **ret_text, struct err *err)
{
	struct transport_target target = target_of(machine);

	return install_retire(&target, old_program, ret_text, err);
}

static int check(const struct cli_machine *machine, char **ret_json, struct err *err)
{
	struct transport_target target = target_of(machine);

	return probe_check(&target, ret_json, err);
}

static int hello(const struct cli_machine *machine, char **ret_json, enum cli_stage *ret_stage, struct err *err)
{
	struct transport_target target = target_of(machine);
	enum transport_stage stage = STAGE_RESOLVE;
	int r = probe_hello(&target, ret_json, &stage, err);

	*ret_stage = (enum cli_stage)stage;
	return r;
}

const struct cli_remote main_remote = {
	.parse_place = place_parse,
	.read_config = read_config,
	.known_key = known_key,
	.look_at_identity = look_at_identity,
	.unlock_identity = identity_unlock,
	.identity_in_agent = identity_in_agent,
	.host_key = host_key,
	.survey = survey,
	.install = install,
	.retire = retire,
	.check = check,
	.hello = hello,
};
