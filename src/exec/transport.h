/* SPDX-License-Identifier: MIT */
/*
 * A byte stream to a worker agent, whatever carries it: transport_ssh (one
 * SSH session, one channel) or transport_local (a child on a socket pair).
 * The master and the probe see only this.
 */
#ifndef SO_EXEC_TRANSPORT_H
#define SO_EXEC_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/err.h"

/* Where an agent is and how to start it. Borrowed during open only. */
struct transport_target {
	const char *host;
	int port;
	const char *user;      /* "" = our own name */
	const char *identity;  /* private key file, "" = ssh-agent only */
	const char *host_keys; /* accepted keys, one "type base64" a line */
	const char *program;   /* scaleout-worker; "" = found (ssh), needed (local) */
	const char *spool;     /* "" = default */
	const char *runtime;   /* local only: a program instead of the runtime built into the agent, or NULL */
	int timeout_ms;        /* until it is up */
	bool key_only;         /* ssh: stop once the host key is known, see transport_ssh_host_key */
};

/*
 * What a transport tells its owner, on the loop's thread. Until close:
 * up once, data any number of times after it, down at most once and last.
 */
struct transport_handler {
	void *ctx;
	void (*up)(void *ctx);
	void (*data)(void *ctx, const char *bytes, size_t len);
	/* err says why; ERR_TRUST: the host key is not one of the accepted. detail has the last words of the other side. */
	void (*down)(void *ctx, const struct err *err);
};

struct transport {
	const struct transport_ops *ops;
};

struct transport_ops {
	const char *name;
	/* Begin to connect; never NULL: what goes wrong is told by down, later. */
	struct transport *(*open)(uv_loop_t *loop, const struct transport_target *target,
	    const struct transport_handler *handler);
	/* Queue bytes (copied). Dropped when it is not up. */
	void (*send)(struct transport *t, const void *bytes, size_t len);
	/* Bytes queued and not yet taken by the system. */
	size_t (*unsent)(const struct transport *t);
	/* End it: no handler is called any more, the memory goes when the loop has turned. May be called from a handler. */
	void (*close)(struct transport *t);
};

extern const struct transport_ops transport_local;
extern const struct transport_ops transport_ssh;

/* Host key of a transport_ssh opened with key_only, once it is down: a line "type base64" and its fingerprint; NULL when none was seen. Borrowed. */
const char *transport_ssh_host_key(const struct transport *t, const char **ret_fingerprint);

#endif
