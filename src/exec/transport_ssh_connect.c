/* SPDX-License-Identifier: MIT */
/*
 * The way to the machine: its addresses one after the other, or a channel of
 * the hop before. A hop is a transport like any other, whose channel is a TCP
 * connection from there; its bytes go through a socket pair, so that libssh2
 * sees a socket in either case, and hops nest to any depth.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "exec/jump.h"
#include "exec/transport_ssh_private.h"

#define USER_TIMEOUT_MS 20000 /* unacknowledged data for so long: the connection is dead */
#define HOP_UNSENT_MAX ((size_t)256 * 1024) /* no more is taken from the socket while the hop has this much to send */

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

void ssh_watch(struct ssh *ssh, int mask)
{
	if (ssh->poll && mask != ssh->poll_mask) {
		if (mask)
			uv_poll_start(ssh->poll, mask, on_poll);
		else
			uv_poll_stop(ssh->poll);
	}
	ssh->poll_mask = mask;
}

static void take_socket(struct ssh *ssh, int fd, int mask)
{
	ssh->fd = fd;
	ssh->poll = xmalloc(sizeof(*ssh->poll));
	uv_poll_init_socket(ssh->loop, ssh->poll, fd);
	ssh->poll->data = ssh;
	ssh->poll_mask = 0;
	ssh->open_handles++;
	ssh_watch(ssh, mask);
}

void ssh_drop_socket(struct ssh *ssh)
{
	if (ssh->poll) {
		uv_poll_stop(ssh->poll);
		uv_close((uv_handle_t *)ssh->poll, ssh_on_poll_closed);
		ssh->poll = NULL;
	}
	if (ssh->fd >= 0)
		close(ssh->fd);
	ssh->fd = -1;
}

/* Begin to connect to the next address that lets us begin; false when none is left. */
static bool try_address(struct ssh *ssh)
{
	for (; ssh->address; ssh->address = ssh->address->ai_next) {
		int fd = socket(ssh->address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		set_options(fd);
		if (connect(fd, ssh->address->ai_addr, ssh->address->ai_addrlen) < 0 && errno != EINPROGRESS) {
			err_set_errno(&ssh->err, errno, "%s: cannot connect", ssh->place);
			close(fd);
			continue;
		}
		take_socket(ssh, fd, UV_WRITABLE);
		return true;
	}
	return false;
}

static void name_unknown(struct ssh *ssh, int status)
{
	err_set(&ssh->err, ERR_NETWORK, "the name %s cannot be resolved", ssh->host);
	err_detail(&ssh->err, "%s", uv_strerror(status));
	ssh_tell_down(ssh);
}

static void on_resolved(uv_getaddrinfo_t *lookup, int status, struct addrinfo *addresses)
{
	struct ssh *ssh = lookup->data;

	ssh->looking_up = false;
	if (ssh->closing || ssh->told) {
		if (addresses)
			uv_freeaddrinfo(addresses);
	} else if (status < 0) {
		name_unknown(ssh, status);
	} else {
		ssh->addresses = ssh->address = addresses;
		ssh->state = STATE_CONNECT;
		if (!try_address(ssh))
			ssh_tell_down(ssh);
	}
	ssh_unref(ssh);
}

enum step ssh_step_connect(struct ssh *ssh)
{
	int code = 0;
	socklen_t size = sizeof(code);

	getsockopt(ssh->fd, SOL_SOCKET, SO_ERROR, &code, &size);
	if (code == 0)
		return ssh_session_begin(ssh);
	err_set_errno(&ssh->err, code, "%s: cannot connect", ssh->place);
	ssh_drop_socket(ssh);
	if (!ssh->address) /* a socket pair */
		return FAIL;
	ssh->address = ssh->address->ai_next;
	return try_address(ssh) ? WAIT : FAIL;
}

/* --- the hop before --- */

static void jump_watch(struct jump *jump);

/* Give the socket what came from the hop. */
static void jump_write(struct jump *jump)
{
	ssize_t n = 1;

	while (jump->in.len && n > 0) {
		n = send(jump->fd, jump->in.data, jump->in.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			buf_consume(&jump->in, (size_t)n);
	}
}

/* Give the hop what the session wrote. */
static void jump_read(struct jump *jump)
{
	char bytes[16384];
	ssize_t n = 1;

	while (n > 0 && jump->hop->ops->unsent(jump->hop) < HOP_UNSENT_MAX) {
		n = recv(jump->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n > 0)
			jump->hop->ops->send(jump->hop, bytes, (size_t)n);
	}
}

static void on_jump_poll(uv_poll_t *poll, int status, int events)
{
	struct jump *jump = poll->data;

	(void)status, (void)events;
	jump_write(jump);
	jump_read(jump);
	jump_watch(jump);
}

static void jump_watch(struct jump *jump)
{
	int mask = (jump->in.len ? UV_WRITABLE : 0) |
	    (jump->hop->ops->unsent(jump->hop) < HOP_UNSENT_MAX ? UV_READABLE : 0);

	if (!jump->poll || mask == jump->poll_mask)
		return;
	if (mask)
		uv_poll_start(jump->poll, mask, on_jump_poll);
	else
		uv_poll_stop(jump->poll);
	jump->poll_mask = mask;
}

static void on_hop_up(void *ctx)
{
	struct jump *jump = ctx;
	struct ssh *ssh = jump->ssh;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) < 0) {
		err_set_errno(&ssh->err, errno, "%s: cannot make a socket pair", ssh->place);
		ssh_tell_down(ssh);
		return;
	}
	jump->fd = pair[1];
	jump->poll = xmalloc(sizeof(*jump->poll));
	uv_poll_init_socket(ssh->loop, jump->poll, jump->fd);
	jump->poll->data = jump;
	ssh->open_handles++;
	jump_watch(jump);
	ssh->state = STATE_CONNECT;
	take_socket(ssh, pair[0], UV_WRITABLE);
}

static void on_hop_data(void *ctx, const char *bytes, size_t len)
{
	struct jump *jump = ctx;

	buf_add(&jump->in, bytes, len);
	jump_write(jump);
	jump_watch(jump);
}

static void on_hop_drained(void *ctx)
{
	struct jump *jump = ctx;

	jump_read(jump);
	jump_watch(jump);
}

static void on_hop_down(void *ctx, const struct err *err)
{
	struct jump *jump = ctx;
	struct ssh *ssh = jump->ssh;

	ssh->err = *err;
	err_prefix(&ssh->err, "jump host");
	ssh_tell_down(ssh);
}

void ssh_jump_close(struct ssh *ssh)
{
	struct jump *jump = &ssh->jump;

	if (jump->poll) {
		uv_poll_stop(jump->poll);
		uv_close((uv_handle_t *)jump->poll, ssh_on_poll_closed);
		/* The closed handle's data is what counts handles. */
		jump->poll->data = ssh;
		jump->poll = NULL;
		close(jump->fd);
	}
	if (jump->hop)
		jump->hop->ops->close(jump->hop);
	jump->hop = NULL;
	buf_release(&jump->in);
}

static void jump_begin(struct ssh *ssh)
{
	struct transport_handler handler = { &ssh->jump, on_hop_up, on_hop_data, on_hop_down, on_hop_drained };
	struct jump_hop hop;
	char *before;

	if (!jump_hop_last(ssh->jump_hosts, &hop, &before)) {
		err_set(&ssh->err, ERR_INVALID, "%s: its jump hosts are not well-formed", ssh->place);
		ssh_tell_down(ssh);
		return;
	}
	struct transport_target target = { .host = hop.host, .port = hop.port, .user = hop.user,
		.identity = *hop.identity ? hop.identity : ssh->identity,
		.passphrase = *hop.identity ? NULL : ssh->passphrase, .host_keys = hop.host_key,
		.jump_hosts = before, .timeout_ms = ssh->timeout_ms, .purpose = TRANSPORT_FORWARD,
		.forward_host = ssh->host, .forward_port = ssh->port };
	ssh->jump.ssh = ssh;
	ssh->jump.hop = transport_ssh.open(ssh->loop, &target, &handler);
	free(before);
	jump_hop_release(&hop);
}

void ssh_connect_begin(struct ssh *ssh)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	char port[16];

	if (*ssh->jump_hosts) {
		jump_begin(ssh);
		return;
	}
	snprintf(port, sizeof(port), "%d", ssh->port);
	int r = uv_getaddrinfo(ssh->loop, &ssh->lookup, on_resolved, ssh->host, port, &hints);
	if (r < 0) {
		name_unknown(ssh, r);
		return;
	}
	ssh->looking_up = true;
	ssh->open_handles++;
}
