/* SPDX-License-Identifier: MIT */
/*
 * One SSH session with one channel that runs the agent; with
 * transport_ssh_auth.c the only user of libssh2.
 *
 * Theory of operation. The session is a row of states, one function each; a
 * function returns NEXT (go on at once), WAIT (the socket must become ready)
 * or FAIL. libssh2 1.10 keeps state per call, which gives the rules obeyed here:
 *  - a call that said EAGAIN is repeated with the same arguments, and while a
 *    packet is half sent nothing else may be called: `pending` names the call
 *    that owns the session (reads too: they may send a window adjustment);
 *  - after any readiness everything is read until EAGAIN, because packets that
 *    are already decrypted raise no new event; a sweep each second backs it up;
 *  - libssh2's own timeouts and keepalive are not used: the deadline until the
 *    channel is up is ours, after that the owner's PING watches.
 * The host key is compared before anything that identifies us is sent.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "exec/transport_ssh_private.h"

#define SWEEP_MS 1000
#define TIMEOUT_DEFAULT_MS 20000
#define USER_TIMEOUT_MS 20000 /* unacknowledged data for so long: the connection is dead */
#define WRITE_BYTES ((size_t)30000) /* a packet of libssh2 takes 32,500 */
#define LAST_WORDS 1024

static void ssh_step(struct ssh *ssh);

/* --- ending --- */

static void free_now(struct ssh *ssh)
{
	free(ssh->host);
	free(ssh->user);
	free(ssh->identity);
	free(ssh->host_keys);
	free(ssh->command);
	free(ssh->agent_only);
	free(ssh->seen_key);
	buf_wipe(&ssh->queue);
	buf_wipe(&ssh->sending);
	buf_release(&ssh->words);
	free(ssh);
}

static void on_closed(uv_handle_t *handle)
{
	struct ssh *ssh = handle->data;

	if (--ssh->open_handles == 0)
		free_now(ssh);
}

static void on_poll_closed(uv_handle_t *handle)
{
	on_closed(handle);
	free(handle);
}

static void drop_socket(struct ssh *ssh)
{
	if (ssh->poll) {
		uv_poll_stop(ssh->poll);
		uv_close((uv_handle_t *)ssh->poll, on_poll_closed);
		ssh->poll = NULL;
	}
	if (ssh->fd >= 0)
		close(ssh->fd);
	ssh->fd = -1;
}

/* Drop session and socket. The socket is shut first, so that libssh2's farewells fail at once instead of waiting. */
static void drop_connection(struct ssh *ssh)
{
	if (ssh->fd >= 0)
		shutdown(ssh->fd, SHUT_RDWR);
	if (ssh->agent) {
		libssh2_agent_disconnect(ssh->agent);
		libssh2_agent_free(ssh->agent);
		ssh->agent = NULL;
	}
	for (int i = 0; ssh->session && i < 100; i++) {
		if (libssh2_session_free(ssh->session) != LIBSSH2_ERROR_EAGAIN)
			ssh->session = NULL;
	}
	ssh->session = NULL;
	ssh->channel = NULL;
	drop_socket(ssh);
	if (ssh->addresses)
		uv_freeaddrinfo(ssh->addresses);
	ssh->addresses = ssh->address = NULL;
}

static void tell_down(struct ssh *ssh)
{
	if (ssh->told || ssh->closing)
		return;
	ssh->told = true;
	ssh->state = STATE_DOWN;
	uv_timer_stop(&ssh->deadline);
	uv_timer_stop(&ssh->sweep);
	if (ssh->words.len && !ssh->err.detail[0])
		err_detail(&ssh->err, "%s", ssh->words.data);
	drop_connection(ssh);
	ssh->handler.down(ssh->handler.ctx, &ssh->err);
}

enum step ssh_fail(struct ssh *ssh, enum err_code code, const char *what)
{
	char *message = NULL;

	err_set(&ssh->err, code, "%s:%d: %s", ssh->host, ssh->port, what);
	if (ssh->session && libssh2_session_last_error(ssh->session, &message, NULL, 0) && message && *message)
		err_detail(&ssh->err, "%s", message);
	return FAIL;
}

/* --- connecting --- */

static void set_options(int fd)
{
	int on = 1, timeout = USER_TIMEOUT_MS;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof(timeout));
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct ssh *ssh = poll->data;

	(void)status, (void)events; /* an error shows in the next call */
	ssh_step(ssh);
}

static void watch(struct ssh *ssh, int mask)
{
	if (ssh->poll && mask != ssh->poll_mask)
		uv_poll_start(ssh->poll, mask, on_poll);
	ssh->poll_mask = mask;
}

/* Begin to connect to the next address that lets us begin; false when none is left. */
static bool try_address(struct ssh *ssh)
{
	for (; ssh->address; ssh->address = ssh->address->ai_next) {
		ssh->fd = socket(ssh->address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (ssh->fd < 0)
			continue;
		set_options(ssh->fd);
		if (connect(ssh->fd, ssh->address->ai_addr, ssh->address->ai_addrlen) < 0 &&
		    errno != EINPROGRESS) {
			err_set_errno(&ssh->err, errno, "%s:%d: cannot connect", ssh->host, ssh->port);
			drop_socket(ssh);
			continue;
		}
		ssh->poll = xmalloc(sizeof(*ssh->poll));
		uv_poll_init_socket(ssh->loop, ssh->poll, ssh->fd);
		ssh->poll->data = ssh;
		ssh->poll_mask = 0;
		ssh->open_handles++;
		watch(ssh, UV_WRITABLE);
		return true;
	}
	return false;
}

static void on_resolved(uv_getaddrinfo_t *lookup, int status, struct addrinfo *addresses)
{
	struct ssh *ssh = lookup->data;

	ssh->looking_up = false;
	if (ssh->closing || ssh->told) {
		if (addresses)
			uv_freeaddrinfo(addresses);
	} else if (status < 0) {
		err_set(&ssh->err, ERR_NETWORK, "the name %s cannot be resolved", ssh->host);
		err_detail(&ssh->err, "%s", uv_strerror(status));
		tell_down(ssh);
	} else {
		ssh->addresses = ssh->address = addresses;
		ssh->state = STATE_CONNECT;
		if (!try_address(ssh))
			tell_down(ssh);
	}
	if (--ssh->open_handles == 0)
		free_now(ssh);
}

static enum step step_connect(struct ssh *ssh)
{
	int code = 0;
	socklen_t size = sizeof(code);

	getsockopt(ssh->fd, SOL_SOCKET, SO_ERROR, &code, &size);
	if (code == 0) {
		ssh->session = libssh2_session_init_ex(NULL, NULL, NULL, ssh);
		if (!ssh->session)
			return ssh_fail(ssh, ERR_INTERNAL, "no SSH session");
		libssh2_session_set_blocking(ssh->session, 0);
		char *methods = hostkey_methods(ssh->host_keys);
		if (!methods)
			return ssh_fail(ssh, ERR_TRUST, "none of the accepted host keys is of a usable type");
		libssh2_session_method_pref(ssh->session, LIBSSH2_METHOD_HOSTKEY, methods);
		free(methods);
		ssh->state = STATE_HANDSHAKE;
		return NEXT;
	}
	err_set_errno(&ssh->err, code, "%s:%d: cannot connect", ssh->host, ssh->port);
	drop_socket(ssh);
	ssh->address = ssh->address->ai_next;
	return try_address(ssh) ? WAIT : FAIL;
}

static enum step step_handshake(struct ssh *ssh)
{
	int r = libssh2_session_handshake(ssh->session, ssh->fd);

	if (r == LIBSSH2_ERROR_EAGAIN)
		return WAIT;
	if (r == 0) {
		ssh->state = STATE_HOSTKEY;
		return NEXT;
	}
	if ((r == LIBSSH2_ERROR_KEX_FAILURE || r == LIBSSH2_ERROR_METHOD_NONE) && *ssh->host_keys) {
		ssh_fail(ssh, ERR_NETWORK, "no SSH server answers properly, or it has no host key of the accepted type");
		err_hint(&ssh->err, "if the machine was set up anew, accept its new key with \"scaleout worker trust\"");
		return FAIL;
	}
	return ssh_fail(ssh, ERR_NETWORK, "no SSH server answers properly");
}

static enum step key_changed(struct ssh *ssh)
{
	char *accepted = hostkey_fingerprints(ssh->host_keys);

	err_set(&ssh->err, ERR_TRUST, "%s:%d: the host key is not the accepted one", ssh->host, ssh->port);
	err_detail(&ssh->err, "the machine shows %s; accepted: %s", ssh->fingerprint, accepted);
	err_hint(&ssh->err, "somebody may be in between; if the machine was set up anew, accept its new key "
			    "with \"scaleout worker trust NAME --accept-host-key %s\"", ssh->fingerprint);
	free(accepted);
	return FAIL;
}

static enum step step_hostkey(struct ssh *ssh)
{
	size_t len = 0;
	int type = 0;
	const char *blob = libssh2_session_hostkey(ssh->session, &len, &type);

	if (!blob)
		return ssh_fail(ssh, ERR_TRUST, "the machine shows no host key");
	hostkey_fingerprint(blob, len, ssh->fingerprint);
	ssh->seen_key = hostkey_line(blob, len);
	if (ssh->key_only)
		return FAIL;
	if (!hostkey_accepted(ssh->host_keys, blob, len))
		return key_changed(ssh);
	ssh->state = STATE_AGENT;
	return NEXT;
}

/* --- the channel --- */

static enum step step_open(struct ssh *ssh)
{
	ssh->channel = libssh2_channel_open_session(ssh->session);
	if (ssh->channel) {
		ssh->state = STATE_EXEC;
		return NEXT;
	}
	if (libssh2_session_last_errno(ssh->session) == LIBSSH2_ERROR_EAGAIN)
		return WAIT;
	return ssh_fail(ssh, ERR_NETWORK, "the machine opens no session");
}

static enum step step_exec(struct ssh *ssh)
{
	int r = libssh2_channel_exec(ssh->channel, ssh->command);

	if (r == LIBSSH2_ERROR_EAGAIN)
		return WAIT;
	if (r < 0)
		return ssh_fail(ssh, ERR_NETWORK, "the machine starts no program");
	ssh->state = STATE_UP;
	uv_timer_stop(&ssh->deadline);
	ssh->handler.up(ssh->handler.ctx);
	return NEXT;
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
	return 0;
}

static void keep_words(struct ssh *ssh, size_t len)
{
	buf_add(&ssh->words, ssh->data, len);
	if (ssh->words.len > LAST_WORDS)
		buf_consume(&ssh->words, ssh->words.len - LAST_WORDS);
}

/* Read one stream until EAGAIN or its end; negative on a broken session, else the bytes that came. */
static ssize_t pump_read(struct ssh *ssh, enum pending call)
{
	int stream = call == PENDING_READ ? 0 : SSH_EXTENDED_DATA_STDERR;
	ssize_t total = 0;

	for (;;) {
		ssize_t n = libssh2_channel_read_ex(ssh->channel, stream, ssh->data, sizeof(ssh->data));
		ssh->pending = owner_after(ssh, n, call);
		if (n <= 0)
			return n < 0 && n != LIBSSH2_ERROR_EAGAIN ? n : total;
		total += n;
		if (call == PENDING_READ_WORDS)
			keep_words(ssh, (size_t)n);
		else
			ssh->handler.data(ssh->handler.ctx, ssh->data, (size_t)n);
		if (ssh->closing)
			return 0;
	}
}

/* The agent's end of the channel is closed: say why as well as we can. */
static enum step agent_ended(struct ssh *ssh)
{
	ssh_fail(ssh, ERR_NETWORK, "the worker program has ended");
	ssh->err.detail[0] = '\0';
	/* The exit status may still be on its way; the shell's words (dash's, bash's) are here by now. */
	if (libssh2_channel_get_exit_status(ssh->channel) == 127 || strstr(ssh->words.data, "not found") ||
	    strstr(ssh->words.data, "No such file"))
		err_hint(&ssh->err, "scaleout-worker was not found on that machine: install it, or give its path "
				    "when the worker is registered");
	return FAIL;
}

static enum step step_up(struct ssh *ssh)
{
	ssize_t r = 0, got = 0;

	do {
		if (ssh->pending == PENDING_NONE || ssh->pending == PENDING_WRITE)
			r = pump_write(ssh);
		got = 0;
		if (r >= 0 && (ssh->pending == PENDING_NONE || ssh->pending == PENDING_READ))
			got = r = pump_read(ssh, PENDING_READ);
		if (!ssh->closing && r >= 0 && (ssh->pending == PENDING_NONE || ssh->pending == PENDING_READ_WORDS))
			r = pump_read(ssh, PENDING_READ_WORDS);
		if (ssh->closing)
			return WAIT;
		if (r < 0)
			return ssh_fail(ssh, ERR_NETWORK, "the connection was lost");
		/* What was read may have widened the window, and the owner may have queued answers. */
	} while (got > 0 && ssh->pending == PENDING_NONE && (ssh->queue.len || ssh->sent < ssh->sending.len));
	if (libssh2_channel_eof(ssh->channel))
		return agent_ended(ssh);
	return WAIT;
}

static enum step (*const steps[STATE_COUNT])(struct ssh *ssh) = {
	[STATE_CONNECT] = step_connect,
	[STATE_HANDSHAKE] = step_handshake,
	[STATE_HOSTKEY] = step_hostkey,
	[STATE_AGENT] = ssh_step_agent,
	[STATE_IDENTITY] = ssh_step_identity,
	[STATE_OPEN] = step_open,
	[STATE_EXEC] = step_exec,
	[STATE_UP] = step_up,
};

/* Which readiness to wait for: always input, output too where the library has something to send. */
static int wanted_mask(const struct ssh *ssh)
{
	int mask = UV_READABLE;

	if (!ssh->session)
		return UV_WRITABLE;
	if (libssh2_session_block_directions(ssh->session) & LIBSSH2_SESSION_BLOCK_OUTBOUND)
		mask |= UV_WRITABLE;
	return mask;
}

static void ssh_step(struct ssh *ssh)
{
	enum step step = NEXT;
	int on = 1;

	while (step == NEXT && !ssh->closing && !ssh->told && steps[ssh->state]) {
		/* Until the channel is up each round trip would wait for a delayed acknowledgement (40 ms). */
		if (ssh->state < STATE_UP)
			setsockopt(ssh->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
		step = steps[ssh->state](ssh);
	}
	if (ssh->closing || ssh->told)
		return;
	if (step == FAIL)
		tell_down(ssh);
	else
		watch(ssh, wanted_mask(ssh));
}

static void on_sweep(uv_timer_t *timer)
{
	struct ssh *ssh = timer->data;

	if (ssh->state == STATE_UP)
		ssh_step(ssh);
}

static void on_deadline(uv_timer_t *timer)
{
	static const char *const doing[STATE_COUNT] = {
		[STATE_RESOLVE] = "looking up the name", [STATE_CONNECT] = "connecting",
		[STATE_HANDSHAKE] = "agreeing on keys", [STATE_HOSTKEY] = "looking at the host key",
		[STATE_AGENT] = "logging in", [STATE_IDENTITY] = "logging in", [STATE_OPEN] = "opening a session",
		[STATE_EXEC] = "starting the worker program", [STATE_UP] = "", [STATE_DOWN] = "",
	};
	struct ssh *ssh = timer->data;

	err_set(&ssh->err, ERR_TIMEOUT, "%s:%d: no answer while %s", ssh->host, ssh->port, doing[ssh->state]);
	tell_down(ssh);
}

/* --- opening --- */

/* Characters that mean nothing to any shell, so that no quoting is needed. */
static bool plain_path(const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+-@,:";
	const char *rest = strncmp(path, "~/", 2) == 0 ? path + 2 : path;

	return *rest && *rest != '-' && strspn(rest, plain) == strlen(rest);
}

/* The command for the remote shell: constant words and checked paths, no data. NULL when a path is not plain. */
static char *make_command(const struct transport_target *target, const char *user)
{
	const char *root = strcmp(user, "root") == 0 ? " --allow-root" : "";

	if ((*target->program && !plain_path(target->program)) || (*target->spool && !plain_path(target->spool)))
		return NULL;
	char *arguments = *target->spool ? xasprintf("serve --spool %s%s", target->spool, root) :
					   xasprintf("serve%s", root);
	char *command = *target->program ?
	    xasprintf("exec %s %s", target->program, arguments) :
	    xasprintf("exec /bin/sh -c 'PATH=\"$PATH:/usr/local/bin:/opt/scaleout/bin:$HOME/.local/bin\"; "
		      "export PATH; exec scaleout-worker %s'", arguments);
	free(arguments);
	return command;
}

static char *own_name(void)
{
	char space[4096];
	struct passwd entry, *found = NULL;

	if (getpwuid_r(geteuid(), &entry, space, sizeof(space), &found) == 0 && found)
		return xstrdup(found->pw_name);
	return xstrdup("root");
}

/* What cannot even begin is told by down like the rest, once open has returned. */
static void on_start(uv_timer_t *timer)
{
	struct ssh *ssh = timer->data;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	char port[16];

	uv_timer_start(&ssh->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
	if (!ssh->command)
		err_set(&ssh->err, ERR_INVALID, "the path of the worker program or its spool holds characters "
						"that are not allowed");
	if (ssh->err.code != ERR_NONE) {
		tell_down(ssh);
		return;
	}
	snprintf(port, sizeof(port), "%d", ssh->port);
	int r = uv_getaddrinfo(ssh->loop, &ssh->lookup, on_resolved, ssh->host, port, &hints);
	if (r == 0) {
		ssh->looking_up = true;
		ssh->open_handles++;
		return;
	}
	err_set(&ssh->err, ERR_NETWORK, "the name %s cannot be resolved", ssh->host);
	tell_down(ssh);
}

static struct transport *ssh_open(uv_loop_t *loop, const struct transport_target *target,
    const struct transport_handler *handler)
{
	struct ssh *ssh = xcalloc(1, sizeof(*ssh));

	ssh->base.ops = &transport_ssh;
	ssh->handler = *handler;
	ssh->loop = loop;
	ssh->host = xstrdup(target->host);
	ssh->port = target->port ? target->port : 22;
	ssh->user = target->user && *target->user ? xstrdup(target->user) : own_name();
	ssh->identity = xstrdup(target->identity ? target->identity : "");
	ssh->host_keys = xstrdup(target->host_keys ? target->host_keys : "");
	ssh->key_only = target->key_only;
	ssh->command = make_command(target, ssh->user);
	ssh->fd = -1;
	buf_init(&ssh->queue);
	buf_init(&ssh->sending);
	buf_init(&ssh->words);
	if (libssh2_init(0) != 0)
		err_set(&ssh->err, ERR_INTERNAL, "libssh2 cannot be initialised");
	else if (!ssh->key_only && !*ssh->host_keys)
		err_set(&ssh->err, ERR_TRUST, "%s:%d: no host key has been accepted for this machine", ssh->host,
		    ssh->port);
	uv_timer_init(loop, &ssh->deadline);
	uv_timer_init(loop, &ssh->sweep);
	ssh->deadline.data = ssh->sweep.data = ssh->lookup.data = ssh;
	ssh->open_handles = 2;
	uv_timer_start(&ssh->deadline, on_deadline,
	    (uint64_t)(target->timeout_ms > 0 ? target->timeout_ms : TIMEOUT_DEFAULT_MS), 0);
	uv_timer_start(&ssh->sweep, on_start, 0, 0);
	return &ssh->base;
}

static void ssh_send(struct transport *t, const void *bytes, size_t len)
{
	struct ssh *ssh = (struct ssh *)t;

	if (ssh->state != STATE_UP || ssh->closing || ssh->told)
		return;
	buf_add(&ssh->queue, bytes, len);
	/* Written by the loop as soon as it polls: a callback of ours may be under way right now. */
	watch(ssh, UV_READABLE | UV_WRITABLE);
}

static size_t ssh_unsent(const struct transport *t)
{
	const struct ssh *ssh = (const struct ssh *)t;

	return ssh->queue.len + ssh->sending.len - ssh->sent;
}

static void ssh_close(struct transport *t)
{
	struct ssh *ssh = (struct ssh *)t;

	if (ssh->closing)
		return;
	ssh->closing = true;
	if (ssh->looking_up)
		uv_cancel((uv_req_t *)&ssh->lookup);
	uv_timer_stop(&ssh->deadline);
	uv_timer_stop(&ssh->sweep);
	drop_connection(ssh);
	uv_close((uv_handle_t *)&ssh->deadline, on_closed);
	uv_close((uv_handle_t *)&ssh->sweep, on_closed);
}

const char *transport_ssh_host_key(const struct transport *t, const char **ret_fingerprint)
{
	const struct ssh *ssh = (const struct ssh *)t;

	*ret_fingerprint = ssh->fingerprint;
	return ssh->seen_key;
}

const struct transport_ops transport_ssh = {
	.name = "ssh",
	.open = ssh_open,
	.send = ssh_send,
	.unsent = ssh_unsent,
	.close = ssh_close,
};
