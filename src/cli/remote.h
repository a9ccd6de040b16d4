/* SPDX-License-Identifier: MIT */
/*
 * What the command line needs of machines over SSH. The room src/exec does it;
 * src/main_remote.c wires it. Functions return 0 or a negative code with err
 * filled; texts they hand out are the caller's to free.
 */
#ifndef SO_CLI_REMOTE_H
#define SO_CLI_REMOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* How to reach a machine that is or may become a worker. Strings are borrowed; "" = default. */
struct cli_machine {
	const char *host;
	int port;
	const char *user, *identity;
	const char *passphrase; /* of the identity, or NULL */
	const char *host_keys;  /* accepted keys, "type base64" lines */
	const char *jump_hosts; /* hops, as scaleout.workers has them */
	const char *program, *spool;
	bool allow_root, cgroup;
	int memory_max_mb, cpu_max_percent;
};

/* How far a connection got. */
enum cli_stage { CLI_STAGE_RESOLVE, CLI_STAGE_CONNECT, CLI_STAGE_HANDSHAKE, CLI_STAGE_HOST_KEY, CLI_STAGE_LOGIN,
	CLI_STAGE_PROGRAM, CLI_STAGE_DONE };

/* What known_hosts files say about a key. */
enum cli_known { CLI_KNOWN_NOT, CLI_KNOWN_SAME, CLI_KNOWN_OTHER, CLI_KNOWN_REVOKED };

struct cli_remote {
	/* "[user@]host[:port]" into its parts ("" and 0 when absent). */
	int (*parse_place)(const char *text, char **ret_user, char **ret_host, int *ret_port, struct err *err);
	/* What an ssh_config file (NULL = ~/.ssh/config, "none") says about a name: JSON with host, port (0), user, identity, jump, known_hosts (array), notes. */
	int (*read_config)(const char *file, const char *name, char **ret_json, struct err *err);
	/* Look a key up in one known_hosts file. */
	enum cli_known (*known_key)(const char *file, const char *host, int port, const char *key, int *ret_line);
	/* Whether a private key file can be used, and whether it is encrypted. */
	int (*look_at_identity)(const char *path, bool *ret_encrypted, struct err *err);
	/* Try a passphrase on it; ERR_DENIED when it does not open it. */
	int (*unlock_identity)(const char *path, const char *passphrase, struct err *err);
	/* Whether ssh-agent holds it. */
	bool (*identity_in_agent)(const char *path);
	/* The key a machine shows: "type base64" and its SHA256 fingerprint. */
	int (*host_key)(const struct cli_machine *machine, char **ret_key, char **ret_fingerprint,
	    enum cli_stage *ret_stage, struct err *err);
	/* Log in and look at what is there: the JSON of exec/install.h. */
	int (*survey)(const struct cli_machine *machine, char **ret_json, enum cli_stage *ret_stage, struct err *err);
	/* See that our version is there; tell is called while bytes are sent. */
	int (*install)(const struct cli_machine *machine, const char *survey, bool prefer_found,
	    void (*tell)(void *ctx, size_t sent, size_t total), void *ctx, char **ret_program, bool *ret_copied,
	    struct err *err);
	/* Mark the version of a program as replaced and delete replaced ones that nothing runs from. */
	int (*retire)(const struct cli_machine *machine, const char *old_program, char **ret_text, struct err *err);
	/* What "scaleout-worker check --json" says. */
	int (*check)(const struct cli_machine *machine, char **ret_json, struct err *err);
	/* Start the agent and hear its HELLO as JSON. */
	int (*hello)(const struct cli_machine *machine, char **ret_json, enum cli_stage *ret_stage, struct err *err);
};

#endif
