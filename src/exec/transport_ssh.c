/* SPDX-License-Identifier: MIT */
/*
 * One SSH session with one channel; the files transport_ssh*.c are the only
 * users of libssh2.
 *
 * Theory of operation. The session is a row of states, one function each; a
 * function returns NEXT (go on at once), WAIT (the socket must become ready),
 * PAUSE (ssh-agent must answer) or FAIL. libssh2 1.10 keeps state per call,
 * which gives the rules obeyed here:
 *  - a call that said EAGAIN is repeated with the same arguments, and while a
 *    packet is half sent nothing else may be called: `pending` names the call
 *    that owns the session (reads too: they may send a window adjustment);
 *  - after any readiness everything is read until EAGAIN, because packets that
 *    are already decrypted raise no new event; a sweep every few seconds backs it up;
 *  - libssh2's own timeouts and keepalive are not used: the deadline until the
 *    channel is up is ours, after that the owner watches.
 * The host key is compared before anything that identifies us is sent.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "exec/jump.h"
#include "exec/transport_ssh_private.h"

#define SWEEP_MS 10000 /* longer than the owner is silent (pings every 5 s), so that it costs idle sessions nothing */
#define TIMEOUT_DEFAULT_MS 20000

/* --- ending --- */

static void free_now(struct ssh *ssh)
{
	char *const texts[] = { ssh->host, ssh->user, ssh->identity, ssh->host_keys, ssh->jump_hosts, ssh->command,
		ssh->forward_host, ssh->place, ssh->methods, ssh->agent_only, ssh->seen_key, ssh->passphrase };

	if (ssh->passphrase)
		mem_wipe(ssh->passphrase, strlen(ssh->passphrase));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		free(texts[i]);
	identity_release(&ssh->key);
	buf_release(&ssh->greeting);
	buf_wipe(&ssh->queue);
	buf_wipe(&ssh->sending);
	buf_release(&ssh->words);
	free(ssh);
}

void ssh_unref(struct ssh *ssh)
{
	if (--ssh->open_handles == 0)
		free_now(ssh);
}

static void on_closed(uv_handle_t *handle)
{
	ssh_unref(handle->data);
}

void ssh_on_poll_closed(uv_handle_t *handle)
{
	ssh_unref(handle->data);
	free(handle);
}

/* Drop session and socket. The socket is shut first, so that libssh2's farewells fail at once instead of waiting. */
static void drop_connection(struct ssh *ssh)
{
	if (ssh->fd >= 0)
		shutdown(ssh->fd, SHUT_RDWR);
	ssh_agent_close(ssh->agent);
	ssh->agent = NULL;
	for (int i = 0; ssh->session && i < 100; i++) {
		if (libssh2_session_free(ssh->session) != LIBSSH2_ERROR_EAGAIN)
			ssh->session = NULL;
	}
	ssh->session = NULL;
	ssh->channel = NULL;
	ssh_drop_socket(ssh);
	ssh_jump_close(ssh);
	if (ssh->addresses)
		uv_freeaddrinfo(ssh->addresses);
	ssh->addresses = ssh->address = NULL;
}

void ssh_tell_down(struct ssh *ssh)
{
	if (ssh->told || ssh->closing)
		return;
	ssh->told = true;
	ssh->reached = ssh->state;
	ssh->state = STATE_DOWN;
	uv_timer_stop(&ssh->deadline);
	uv_timer_stop(&ssh->sweep);
	if (ssh->err.code && ssh->words.len && !ssh->err.detail[0])
		err_detail(&ssh->err, "%s", ssh->words.data);
	drop_connection(ssh);
	ssh->handler.down(ssh->handler.ctx, &ssh->err);
}

enum step ssh_fail(struct ssh *ssh, enum err_code code, const char *what)
{
	char *message = NULL;

	err_set(&ssh->err, code, "%s: %s", ssh->place, what);
	if (ssh->session && libssh2_session_last_error(ssh->session, &message, NULL, 0) && message && *message)
		err_detail(&ssh->err, "%s", message);
	return FAIL;
}

/* --- the states --- */

static enum step (*const steps[STATE_COUNT])(struct ssh *ssh) = {
	[STATE_CONNECT] = ssh_step_connect,
	[STATE_HANDSHAKE] = ssh_step_handshake,
	[STATE_HOSTKEY] = ssh_step_hostkey,
	[STATE_AGENT] = ssh_step_agent,
	[STATE_IDENTITY] = ssh_step_identity,
	[STATE_OPEN] = ssh_step_open,
	[STATE_EXEC] = ssh_step_exec,
	[STATE_UP] = ssh_step_up,
	[STATE_ENDING] = ssh_step_ending,
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

void ssh_step(struct ssh *ssh)
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
		ssh_tell_down(ssh);
	else
		ssh_watch(ssh, step == PAUSE ? 0 : wanted_mask(ssh));
}

static void on_sweep(uv_timer_t *timer)
{
	struct ssh *ssh = timer->data;

	if (ssh->state == STATE_UP || ssh->state == STATE_ENDING)
		ssh_step(ssh);
}

static void on_deadline(uv_timer_t *timer)
{
	static const char *const doing[STATE_COUNT] = {
		[STATE_RESOLVE] = "looking up the name", [STATE_CONNECT] = "connecting",
		[STATE_HANDSHAKE] = "agreeing on keys", [STATE_HOSTKEY] = "looking at the host key",
		[STATE_AGENT] = "logging in", [STATE_IDENTITY] = "logging in", [STATE_OPEN] = "opening a session",
		[STATE_EXEC] = "starting the program", [STATE_UP] = "", [STATE_ENDING] = "", [STATE_DOWN] = "",
	};
	struct ssh *ssh = timer->data;

	if (ssh->agent && ssh_agent_busy(ssh->agent)) {
		err_set(&ssh->err, ERR_TIMEOUT, "%s: ssh-agent does not answer", ssh->place);
		err_hint(&ssh->err, "see what \"ssh-add -l\" says where the master runs (SSH_AUTH_SOCK=%s)",
		    getenv("SSH_AUTH_SOCK") ? getenv("SSH_AUTH_SOCK") : "");
	} else {
		err_set(&ssh->err, ERR_TIMEOUT, "%s: no answer while %s", ssh->place,
		    ssh->jump.hop && ssh->state == STATE_RESOLVE ? "reaching its jump host" : doing[ssh->state]);
	}
	ssh_tell_down(ssh);
}

/* --- opening --- */

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

	uv_timer_start(&ssh->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
	if (!ssh->command)
		err_set(&ssh->err, ERR_INVALID, "the path of the worker program or its spool holds characters "
						"that are not allowed");
	if (ssh->err.code != ERR_NONE)
		ssh_tell_down(ssh);
	else
		ssh_connect_begin(ssh);
}

static char *copy(const char *text)
{
	return xstrdup(text ? text : "");
}

static void copy_target(struct ssh *ssh, const struct transport_target *target)
{
	ssh->purpose = target->purpose;
	ssh->host = copy(target->host);
	ssh->port = target->port ? target->port : 22;
	ssh->place = place_format(ssh->host, ssh->port);
	ssh->user = target->user && *target->user ? xstrdup(target->user) : own_name();
	ssh->identity = copy(target->identity);
	ssh->passphrase = xstrdup_or_null(target->passphrase);
	ssh->host_keys = copy(target->host_keys);
	ssh->jump_hosts = copy(target->jump_hosts);
	ssh->forward_host = copy(target->forward_host);
	ssh->forward_port = target->forward_port;
	ssh->timeout_ms = target->timeout_ms > 0 ? target->timeout_ms : TIMEOUT_DEFAULT_MS;
	ssh->command = ssh_command_make(target);
}

static struct transport *ssh_open(uv_loop_t *loop, const struct transport_target *target,
    const struct transport_handler *handler)
{
	struct ssh *ssh = xcalloc(1, sizeof(*ssh));

	ssh->base.ops = &transport_ssh;
	ssh->handler = *handler;
	ssh->loop = loop;
	ssh->fd = ssh->jump.fd = ssh->exit_status = -1;
	copy_target(ssh, target);
	buf_init(&ssh->greeting);
	buf_init(&ssh->jump.in);
	buf_init(&ssh->queue);
	buf_init(&ssh->sending);
	buf_init(&ssh->words);
	if (libssh2_init(0) != 0)
		err_set(&ssh->err, ERR_INTERNAL, "libssh2 cannot be initialised");
	else if (ssh->purpose != TRANSPORT_KEY && !*ssh->host_keys)
		err_set(&ssh->err, ERR_TRUST, "%s: no host key has been accepted for this machine", ssh->place);
	uv_timer_init(loop, &ssh->deadline);
	uv_timer_init(loop, &ssh->sweep);
	ssh->deadline.data = ssh->sweep.data = ssh->lookup.data = ssh;
	ssh->open_handles = 2;
	uv_timer_start(&ssh->deadline, on_deadline, (uint64_t)ssh->timeout_ms, 0);
	uv_timer_start(&ssh->sweep, on_start, 0, 0);
	return &ssh->base;
}

static void ssh_send(struct transport *t, const void *bytes, size_t len)
{
	struct ssh *ssh = (struct ssh *)t;

	if (ssh->state != STATE_UP || ssh->closing || ssh->told)
		return;
	buf_add(&ssh->queue, bytes, len);
	/* Written when the loop has turned: a callback of ours may be under way right now. */
	uv_timer_start(&ssh->sweep, on_sweep, 0, SWEEP_MS);
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

int transport_ssh_exit(const struct transport *t, const char **ret_words)
{
	const struct ssh *ssh = (const struct ssh *)t;

	*ret_words = ssh->words.data;
	return ssh->exit_status;
}

enum transport_stage transport_ssh_stage(const struct transport *t)
{
	static const enum transport_stage stages[STATE_COUNT] = {
		[STATE_RESOLVE] = STAGE_RESOLVE, [STATE_CONNECT] = STAGE_CONNECT,
		[STATE_HANDSHAKE] = STAGE_HANDSHAKE, [STATE_HOSTKEY] = STAGE_HOST_KEY,
		[STATE_AGENT] = STAGE_LOGIN, [STATE_IDENTITY] = STAGE_LOGIN, [STATE_OPEN] = STAGE_PROGRAM,
		[STATE_EXEC] = STAGE_PROGRAM, [STATE_UP] = STAGE_PROGRAM, [STATE_ENDING] = STAGE_PROGRAM,
		[STATE_DOWN] = STAGE_PROGRAM };
	const struct ssh *ssh = (const struct ssh *)t;

	return stages[ssh->told ? ssh->reached : ssh->state];
}

const struct transport_ops transport_ssh = {
	.name = "ssh",
	.open = ssh_open,
	.send = ssh_send,
	.unsent = ssh_unsent,
	.close = ssh_close,
};
