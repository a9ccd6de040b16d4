/* SPDX-License-Identifier: MIT */
/* What the two files of the SSH transport share: transport_ssh.c (the session) and transport_ssh_auth.c (logging in). */
#ifndef SO_EXEC_TRANSPORT_SSH_PRIVATE_H
#define SO_EXEC_TRANSPORT_SSH_PRIVATE_H

#include <libssh2.h>

#include "base/buf.h"
#include "exec/hostkey.h"
#include "exec/transport.h"

#define SSH_READ_BYTES ((size_t)64 * 1024)

/* What a state's function wants: go on at once, wait for the socket, or give up (ssh->err says why). */
enum step { NEXT, WAIT, FAIL };

enum state {
	STATE_RESOLVE, /* the name is being looked up; no function: the callback goes on */
	STATE_CONNECT,
	STATE_HANDSHAKE,
	STATE_HOSTKEY,
	STATE_AGENT,
	STATE_IDENTITY,
	STATE_OPEN,
	STATE_EXEC,
	STATE_UP,
	STATE_DOWN,
	STATE_COUNT
};

/* The call that said EAGAIN with a packet half sent, and must be repeated before any other. */
enum pending { PENDING_NONE, PENDING_WRITE, PENDING_READ, PENDING_READ_WORDS };

struct ssh {
	struct transport base;
	struct transport_handler handler;
	uv_loop_t *loop;
	enum state state;
	bool closing, told, key_only;
	int open_handles;
	char *host, *user, *identity, *host_keys, *command;
	int port;
	struct err err;

	uv_getaddrinfo_t lookup;
	bool looking_up;
	struct addrinfo *addresses, *address; /* all; the one being tried */
	int fd;
	uv_poll_t *poll; /* one per address tried; frees itself */
	int poll_mask;
	uv_timer_t deadline, sweep;

	LIBSSH2_SESSION *session;
	LIBSSH2_CHANNEL *channel;
	LIBSSH2_AGENT *agent;
	struct libssh2_agent_publickey *agent_key;
	int agent_tried;
	char *agent_only; /* base64 of the identity's public key: no other key of the agent is tried */
	enum pending pending;
	struct buf queue;   /* to send */
	struct buf sending; /* being sent: its bytes must not move */
	size_t sent;
	struct buf words;   /* stderr of the channel */
	char *seen_key;     /* "type base64" */
	char fingerprint[FINGERPRINT_SIZE];
	char data[SSH_READ_BYTES];
};

/* Fill ssh->err, with the library's words as detail; returns FAIL. */
enum step ssh_fail(struct ssh *ssh, enum err_code code, const char *what);

/* States of logging in: keys of ssh-agent first, then the identity file. */
enum step ssh_step_agent(struct ssh *ssh);
enum step ssh_step_identity(struct ssh *ssh);

#endif
