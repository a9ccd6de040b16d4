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

/* What the channel of a transport_ssh is for. */
enum transport_purpose {
	TRANSPORT_SERVE,   /* the agent: "PROGRAM serve" */
	TRANSPORT_CHECK,   /* "PROGRAM check --json": ends by itself */
	TRANSPORT_COMMAND, /* target.command: ends by itself */
	TRANSPORT_FORWARD, /* a TCP connection from that machine to target.forward_host (what a jump host is for) */
	TRANSPORT_KEY,     /* nothing: stop once the host key is known, see transport_ssh_host_key */
	TRANSPORT_PURPOSE_COUNT
};

/* How far a connection over SSH got. */
enum transport_stage {
	STAGE_RESOLVE, /* the name, or reaching the jump host */
	STAGE_CONNECT,
	STAGE_HANDSHAKE,
	STAGE_HOST_KEY,
	STAGE_LOGIN,
	STAGE_PROGRAM, /* logged in */
	STAGE_DONE     /* and the program answered */
};

/*
 * Where an agent is and how to start it. Borrowed during open only. A text
 * that is NULL counts as "".
 */
struct transport_target {
	const char *host;
	int port;               /* 0 = 22 */
	const char *user;       /* "" = our own name */
	const char *identity;   /* private key file, "" = ssh-agent only */
	const char *passphrase; /* of an encrypted identity, NULL = none is known */
	const char *host_keys;  /* accepted keys, one "type base64" a line */
	const char *jump_hosts; /* hops on the way, first one first, as jump_hop_next reads them */
	const char *program;    /* scaleout-worker; "" = found (ssh), needed (local) */
	const char *spool;      /* "" = default */
	const char *runtime;    /* local only: a program instead of the runtime built into the agent, or NULL */
	int timeout_ms;         /* until it is up; 0 = 20 s */
	bool allow_root;        /* the agent may serve as root */
	bool cgroup;            /* each task in a control group of its own */
	int memory_max_mb, cpu_max_percent; /* of that group; 0 = no limit */
	/* ssh only */
	enum transport_purpose purpose;
	const char *command;    /* constant text of ours, never made from data */
	const char *forward_host;
	int forward_port;
};

/*
 * What a transport tells its owner, on the loop's thread. Until close:
 * up once, data any number of times after it, down at most once and last.
 */
struct transport_handler {
	void *ctx;
	void (*up)(void *ctx);
	void (*data)(void *ctx, const char *bytes, size_t len);
	/*
	 * err says why; ERR_NONE: what ends by itself has ended; ERR_TRUST: a host key on the way is not one of
	 * the accepted. detail has the last words of the other side.
	 */
	void (*down)(void *ctx, const struct err *err);
	/* ssh only, may be NULL: what was queued has been sent. */
	void (*drained)(void *ctx);
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

/* The host key that a transport_ssh has seen: a line "type base64" and its fingerprint; NULL when none. Borrowed. */
const char *transport_ssh_host_key(const struct transport *t, const char **ret_fingerprint);

/* Once a transport_ssh is down: exit status of its command (-1 unknown), and the end of its stderr. Borrowed. */
int transport_ssh_exit(const struct transport *t, const char **ret_words);

/* How far it got, or had got when it went down. */
enum transport_stage transport_ssh_stage(const struct transport *t);

#endif
