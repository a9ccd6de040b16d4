/* SPDX-License-Identifier: MIT */
/*
 * One-off conversations with a machine over SSH, for the command line: fetch
 * its host key, and start the worker program once to hear what it says.
 * Blocking; each call runs its own loop and leaves nothing behind.
 */
#ifndef SO_EXEC_PROBE_H
#define SO_EXEC_PROBE_H

#include "base/err.h"

/*
 * The host key a machine shows (ed25519 preferred, then ECDSA): an OpenSSH
 * line "type base64" and its fingerprint "SHA256:...". Nothing is sent that
 * identifies us. Caller frees both.
 */
int exec_host_key(const char *host, int port, int timeout_ms, char **ret_key, char **ret_fingerprint,
    struct err *err);

/*
 * Log in, start "PROGRAM serve" and return its HELLO as JSON text
 * (doc/protocol.md §4); caller frees. Opens no spool. user "" or NULL = own
 * name; identity "" or NULL = ssh-agent only; host_keys as in struct
 * queue_worker (none accepted: ERR_TRUST with the fingerprint); program ""
 * or NULL = scaleout-worker found on the machine; spool "" or NULL = default.
 */
int exec_probe_worker(const char *host, int port, const char *user, const char *identity,
    const char *host_keys, const char *program, const char *spool, int timeout_ms, char **ret_json,
    struct err *err);

#endif
