/* SPDX-License-Identifier: MIT */
/*
 * One-off conversations with a machine over SSH, for the command line.
 * Blocking; each call runs its own loop and leaves nothing behind. The
 * target's purpose and command are set here.
 */
#ifndef SO_EXEC_PROBE_H
#define SO_EXEC_PROBE_H

#include "base/err.h"
#include "exec/transport.h"

/*
 * The host key a machine shows (ed25519 preferred, then ECDSA): an OpenSSH
 * line "type base64" and its fingerprint "SHA256:...". Nothing is sent that
 * identifies us to it (a jump host is logged in to). Caller frees both.
 * ret_stage may be NULL.
 */
int probe_host_key(const struct transport_target *target, char **ret_key, char **ret_fingerprint,
    enum transport_stage *ret_stage, struct err *err);

/*
 * Log in, start "PROGRAM serve" and return its HELLO as JSON text
 * (doc/protocol.md §4); caller frees. Opens no spool. No accepted key:
 * ERR_TRUST. ret_stage may be NULL.
 */
int probe_hello(const struct transport_target *target, char **ret_json, enum transport_stage *ret_stage,
    struct err *err);

/* "PROGRAM check --json": what it printed from the first brace on; caller frees. */
int probe_check(const struct transport_target *target, char **ret_json, struct err *err);

/* A program to run over there: our constant script, which then reads input. */
struct probe_script {
	const char *text;  /* for /bin/sh; never made from data */
	const void *input;
	size_t input_len;
	int timeout_ms;
	/* Called now and then with the bytes of script and input that are sent; may be NULL. */
	void (*progress)(void *ctx, size_t sent, size_t total);
	void *ctx;
};

/*
 * Log in and run a script. *ret_output gets its stdout from the line
 * PROBE_BEGIN on, which a script prints first; *ret_noise what came before it
 * (a login shell that prints). Caller frees both, also on failure (then they
 * may be NULL). A non-zero exit status is ERR_IO with stderr as detail.
 */
#define PROBE_BEGIN "scaleout-begin\n"
int probe_run(const struct transport_target *target, const struct probe_script *script, char **ret_output,
    char **ret_noise, enum transport_stage *ret_stage, struct err *err);

#endif
