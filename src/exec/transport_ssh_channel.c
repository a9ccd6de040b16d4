/* SPDX-License-Identifier: MIT */
/*
 * The one channel: opening it, starting the program, and its bytes. libssh2
 * 1.10 keeps state per call, hence `pending` (transport_ssh.c tells the rules).
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "exec/transport_ssh_private.h"

#define WRITE_BYTES ((size_t)30000) /* a packet of libssh2 takes 32,500 */
#define LAST_WORDS 1024

/* The words that differ by what the channel is for. */
static const struct {
	const char *refused, *ended;
} texts[TRANSPORT_PURPOSE_COUNT] = {
	[TRANSPORT_SERVE] = { "the machine opens no session", "the worker program has ended" },
	[TRANSPORT_CHECK] = { "the machine opens no session", "the worker program has ended" },
	[TRANSPORT_COMMAND] = { "the machine opens no session", "the command has ended" },
	[TRANSPORT_FORWARD] = { "the jump host makes no connection to the next machine",
	    "the jump host's connection to the next machine has ended" },
	[TRANSPORT_KEY] = { "", "" },
};

static enum step channel_up(struct ssh *ssh)
{
	ssh->state = STATE_UP;
	uv_timer_stop(&ssh->deadline);
	ssh->handler.up(ssh->handler.ctx);
	return NEXT;
}

enum step ssh_step_open(struct ssh *ssh)
{
	bool forward = ssh->purpose == TRANSPORT_FORWARD;

	ssh->channel = forward ?
	    libssh2_channel_direct_tcpip_ex(ssh->session, ssh->forward_host, ssh->forward_port, "127.0.0.1", 0) :
	    libssh2_channel_open_session(ssh->session);
	if (!ssh->channel) {
		if (libssh2_session_last_errno(ssh->session) == LIBSSH2_ERROR_EAGAIN)
			return WAIT;
		ssh_fail(ssh, ERR_NETWORK, texts[ssh->purpose].refused);
		if (forward)
			err_hint(&ssh->err, "%s must be reachable from there on port %d, and AllowTcpForwarding be on",
			    ssh->forward_host, ssh->forward_port);
		return FAIL;
	}
	if (forward)
		return channel_up(ssh);
	ssh->state = STATE_EXEC;
	return NEXT;
}

enum step ssh_step_exec(struct ssh *ssh)
{
	int r = libssh2_channel_exec(ssh->channel, ssh->command);

	if (r == LIBSSH2_ERROR_EAGAIN)
		return WAIT;
	return r < 0 ? ssh_fail(ssh, ERR_NETWORK, "the machine starts no program") : channel_up(ssh);
}

/* After a call: does it own the session until it is repeated? */
static enum pending owner_after(const struct ssh *ssh, ssize_t result, enum pending call)
{
	return result == LIBSSH2_ERROR_EAGAIN &&
		(libssh2_session_block_directions(ssh->session) & LIBSSH2_SESSION_BLOCK_OUTBOUND) ?
	    call :
	    PENDING_NONE;
}

/* Send what is queued; negative on a broken session. */
static ssize_t pump_write(struct ssh *ssh)
{
	ssize_t n = 0;
	bool some = ssh->queue.len || ssh->sent < ssh->sending.len;

	while (ssh->queue.len || ssh->sent < ssh->sending.len) {
		if (ssh->sent == ssh->sending.len) {
			struct buf empty = ssh->sending;
			mem_wipe(empty.data, empty.len); /* a START's specification may hold secrets */
			buf_clear(&empty);
			ssh->sending = ssh->queue;
			ssh->queue = empty;
			ssh->sent = 0;
		}
		size_t left = ssh->sending.len - ssh->sent;
		n = libssh2_channel_write(ssh->channel, ssh->sending.data + ssh->sent,
		    left < WRITE_BYTES ? left : WRITE_BYTES);
		ssh->pending = owner_after(ssh, n, PENDING_WRITE);
		if (n <= 0)
			return n == LIBSSH2_ERROR_EAGAIN ? 0 : n;
		ssh->sent += (size_t)n;
	}
	if (some && ssh->handler.drained)
		ssh->handler.drained(ssh->handler.ctx);
	return 0;
}

static void keep_words(struct ssh *ssh, const char *data, size_t len)
{
	buf_add(&ssh->words, data, len);
	if (ssh->words.len > LAST_WORDS)
		buf_consume(&ssh->words, ssh->words.len - LAST_WORDS);
}

/* Read one stream until EAGAIN or its end; negative on a broken session, else the bytes that came. */
static ssize_t pump_read(struct ssh *ssh, enum pending call)
{
	/* One for all sessions: what is read is handed on at once. */
	static _Thread_local char data[SSH_READ_BYTES];
	int stream = call == PENDING_READ ? 0 : SSH_EXTENDED_DATA_STDERR;
	ssize_t total = 0;

	for (;;) {
		ssize_t n = libssh2_channel_read_ex(ssh->channel, stream, data, sizeof(data));
		ssh->pending = owner_after(ssh, n, call);
		if (n <= 0)
			return n < 0 && n != LIBSSH2_ERROR_EAGAIN ? n : total;
		total += n;
		if (call == PENDING_READ_WORDS)
			keep_words(ssh, data, (size_t)n);
		else
			ssh->handler.data(ssh->handler.ctx, data, (size_t)n);
		if (ssh->closing)
			return 0;
	}
}

/* The other end of the channel is closed: say why as well as we can. */
static enum step channel_ended(struct ssh *ssh)
{
	if (ssh->purpose == TRANSPORT_COMMAND || ssh->purpose == TRANSPORT_CHECK) {
		ssh->state = STATE_ENDING;
		return NEXT;
	}
	ssh_fail(ssh, ERR_NETWORK, texts[ssh->purpose].ended);
	ssh->err.detail[0] = '\0';
	/* The exit status may still be on its way; the shell's words (dash's, bash's) are here by now. */
	if (ssh->purpose == TRANSPORT_SERVE &&
	    (libssh2_channel_get_exit_status(ssh->channel) == 127 || strstr(ssh->words.data, "not found") ||
		strstr(ssh->words.data, "No such file")))
		err_hint(&ssh->err, "scaleout-worker was not found on that machine: install it with \"scaleout worker "
				    "upgrade\", or give its path (property ProgramPath)");
	return FAIL;
}

enum step ssh_step_ending(struct ssh *ssh)
{
	if (libssh2_channel_wait_closed(ssh->channel) == LIBSSH2_ERROR_EAGAIN)
		return WAIT;
	ssh->exit_status = libssh2_channel_get_exit_status(ssh->channel);
	err_clear(&ssh->err);
	return FAIL; /* down without an error */
}

enum step ssh_step_up(struct ssh *ssh)
{
	ssize_t r = 0, got = 0;

	do {
		if (ssh->pending == PENDING_NONE || ssh->pending == PENDING_WRITE)
			r = pump_write(ssh);
		got = 0;
		if (r >= 0 && (ssh->pending == PENDING_NONE || ssh->pending == PENDING_READ))
			got = r = pump_read(ssh, PENDING_READ);
		/* Everything that came is with the library by now: words need no look at the socket unless there are some. */
		if (!ssh->closing && r >= 0 && (ssh->pending == PENDING_READ_WORDS ||
			(ssh->pending == PENDING_NONE && libssh2_poll_channel_read(ssh->channel, 1))))
			r = pump_read(ssh, PENDING_READ_WORDS);
		if (ssh->closing)
			return WAIT;
		if (r < 0)
			return ssh_fail(ssh, ERR_NETWORK, "the connection was lost");
		/* What was read may have widened the window, and the owner may have queued answers. */
	} while (got > 0 && ssh->pending == PENDING_NONE && (ssh->queue.len || ssh->sent < ssh->sending.len));
	if (libssh2_channel_eof(ssh->channel))
		return channel_ended(ssh);
	return WAIT;
}
