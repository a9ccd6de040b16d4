/* SPDX-License-Identifier: MIT */
/*
 * What the files of the SSH transport share, one file a concern:
 * transport_ssh.c (states, opening, ending), transport_ssh_connect.c (socket,
 * jump hosts), transport_ssh_hostkey.c (handshake, host key),
 * transport_ssh_auth.c (logging in), transport_ssh_channel.c (the program and
 * its bytes), transport_ssh_command.c (the command line).
 */
#ifndef SO_EXEC_TRANSPORT_SSH_PRIVATE_H
#define SO_EXEC_TRANSPORT_SSH_PRIVATE_H

#include <libssh2.h>

#include "base/buf.h"
#include "exec/hostkey.h"
#include "exec/identity.h"
#include "exec/ssh_agent.h"
#include "exec/transport.h"

#define SSH_READ_BYTES ((size_t)64 * 1024)

/* What a state's function wants: go on at once, wait for the socket, wait for ssh-agent, or end (ssh->err says why). */
enum step { NEXT, WAIT, PAUSE, FAIL };

enum state {
	STATE_RESOLVE, /* the name is being looked up, or the hop before is being reached; a callback goes on */
	STATE_CONNECT,
	STATE_HANDSHAKE,
	STATE_HOSTKEY,
	STATE_AGENT,
	STATE_IDENTITY,
	STATE_OPEN,
	STATE_EXEC,
	STATE_UP,
	STATE_ENDING, /* a command has closed its output; its exit status is on the way */
	STATE_DOWN,
	STATE_COUNT
};

/* The call that said EAGAIN with a packet half sent, and must be repeated before any other. */
enum pending { PENDING_NONE, PENDING_WRITE, PENDING_READ, PENDING_READ_WORDS };

/* The way over the hop before: its channel on one side, the other end of our socket pair on the other. */
struct jump {
	struct transport *hop;
	struct ssh *ssh;
	int fd; /* -1 until the hop is up */
	uv_poll_t *poll;
	int poll_mask;
	struct buf in; /* from the hop, not yet taken by the socket */
};

struct ssh {
	struct transport base;
	struct transport_handler handler;
	uv_loop_t *loop;
	enum state state, reached; /* reached: when it went down */
	enum transport_purpose purpose;
	bool closing, told;
	int open_handles;
	char *host, *user, *identity, *passphrase, *host_keys, *jump_hosts, *command, *forward_host;
	char *place; /* "host:port" for messages */
	int port, forward_port, timeout_ms;
	struct err err;

	uv_getaddrinfo_t lookup;
	bool looking_up;
	struct addrinfo *addresses, *address; /* all; the one being tried */
	struct jump jump;
	int fd;
	uv_poll_t *poll; /* one per address tried; frees itself */
	int poll_mask;
	uv_timer_t deadline, sweep;

	LIBSSH2_SESSION *session;
	LIBSSH2_CHANNEL *channel;
	struct buf greeting; /* the server's first bytes, until the keys are agreed on */
	char *methods;       /* names of host key types */
	struct ssh_agent *agent;
	size_t agent_key;    /* the one that is tried */
	int agent_tried;
	bool agent_signing;
	struct identity key; /* the identity file, once it was looked at */
	bool key_read, key_failed;
	char *agent_only;    /* base64 of the identity's public key: no other key of the agent is tried */
	enum pending pending;
	struct buf queue;    /* to send */
	struct buf sending;  /* being sent: its bytes must not move */
	size_t sent;
	struct buf words;    /* stderr of the channel */
	int exit_status;
	char *seen_key;      /* "type base64" */
	char fingerprint[FINGERPRINT_SIZE];
};

/* Fill ssh->err, with the library's words as detail; returns FAIL. */
enum step ssh_fail(struct ssh *ssh, enum err_code code, const char *what);
/* Go on with the state. */
void ssh_step(struct ssh *ssh);
/* Tell the owner that it is over (ssh->err says why), and drop the connection. */
void ssh_tell_down(struct ssh *ssh);
/* One of open_handles has gone: the last one frees. */
void ssh_unref(struct ssh *ssh);
/* Close callback of a poll handle, whose data is the struct ssh: frees the handle itself and does ssh_unref. */
void ssh_on_poll_closed(uv_handle_t *handle);

/* --- transport_ssh_connect.c --- */
/* Look up the name, or reach the hop before. What fails is told. */
void ssh_connect_begin(struct ssh *ssh);
enum step ssh_step_connect(struct ssh *ssh);
/* Poll the socket for these events, 0 = for none. */
void ssh_watch(struct ssh *ssh, int mask);
void ssh_drop_socket(struct ssh *ssh);
/* Close the hop before, if there is one. */
void ssh_jump_close(struct ssh *ssh);

/* --- transport_ssh_hostkey.c --- */
/* Make the session, with only good algorithms. */
enum step ssh_session_begin(struct ssh *ssh);
enum step ssh_step_handshake(struct ssh *ssh);
enum step ssh_step_hostkey(struct ssh *ssh);

/* --- transport_ssh_auth.c --- */
/* States of logging in: keys of ssh-agent first, then the identity file. */
enum step ssh_step_agent(struct ssh *ssh);
enum step ssh_step_identity(struct ssh *ssh);

/* --- transport_ssh_channel.c --- */
enum step ssh_step_open(struct ssh *ssh);
enum step ssh_step_exec(struct ssh *ssh);
enum step ssh_step_up(struct ssh *ssh);
enum step ssh_step_ending(struct ssh *ssh);

/* --- transport_ssh_command.c --- */
/* The command for the remote shell: constant words, numbers and checked paths, no data. NULL when a path is not plain. Caller frees. */
char *ssh_command_make(const struct transport_target *target);

#endif
