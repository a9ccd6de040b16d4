/* SPDX-License-Identifier: MIT */
/*
 * An agent as our own child, on a socket pair: Server mode's built-in worker,
 * and what tests dispatch to. The same bytes flow as over SSH.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "exec/transport.h"
#include "exec/worker/title.h"

#define READ_BYTES ((size_t)64 * 1024)
#define LAST_WORDS 1024

struct local {
	struct transport base;
	struct transport_handler handler;
	uv_loop_t *loop;
	uv_pipe_t stream, errors;
	uv_process_t process;
	uv_idle_t starter; /* tells up or down after open has returned */
	bool spawned, closing, told;
	int open_handles;
	struct err err;
	struct buf words; /* stderr of the agent */
	size_t unsent;
	char data[READ_BYTES];
};

struct write {
	uv_write_t request;
	struct local *local;
	size_t len;
	char bytes[];
};

static void on_closed(uv_handle_t *handle)
{
	struct local *local = handle->data;

	if (--local->open_handles > 0)
		return;
	buf_release(&local->words);
	free(local);
}

static void tell_down(struct local *local)
{
	if (local->told || local->closing)
		return;
	local->told = true;
	if (local->words.len)
		err_detail(&local->err, "%s", local->words.data);
	local->handler.down(local->handler.ctx, &local->err);
}

static void give_space(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	struct local *local = handle->data;

	(void)suggested;
	*ret = uv_buf_init(local->data, sizeof(local->data));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *space)
{
	struct local *local = stream->data;

	if (local->closing || n == 0)
		return;
	if (n > 0) {
		local->handler.data(local->handler.ctx, space->base, (size_t)n);
		return;
	}
	uv_read_stop(stream);
	if (local->err.code == ERR_NONE)
		err_set(&local->err, ERR_NETWORK, "the local worker program has ended");
	tell_down(local);
}

static void on_words(uv_stream_t *stream, ssize_t n, const uv_buf_t *space)
{
	struct local *local = stream->data;

	if (n < 0) {
		uv_read_stop(stream);
		return;
	}
	buf_add(&local->words, space->base, (size_t)n);
	if (local->words.len > LAST_WORDS)
		buf_consume(&local->words, local->words.len - LAST_WORDS);
}

static void on_exit_of_agent(uv_process_t *process, int64_t status, int signal_number)
{
	(void)status, (void)signal_number; /* the end of its stream tells */
	uv_close((uv_handle_t *)process, on_closed);
}

static int spawn_agent(struct local *local, const struct transport_target *target, int child_fd)
{
	const char *argv[12] = { target->program, "serve" };
	char room[TITLE_ROOM + 1];
	const char *spool = target->spool ? target->spool : "";
	int n = 2;
	uv_stdio_container_t stdio[3] = {
		{ .flags = UV_INHERIT_FD, .data.fd = child_fd },
		{ .flags = UV_INHERIT_FD, .data.fd = child_fd },
		{ .flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE),
		    .data.stream = (uv_stream_t *)&local->errors },
	};
	uv_process_options_t options = { .exit_cb = on_exit_of_agent, .file = target->program,
		.args = (char **)argv, .stdio = stdio, .stdio_count = 3 };

	/* Server mode runs packages as the master's own account, root too if that is who started it. */
	if (geteuid() == 0)
		argv[n++] = "--allow-root";
	if (*spool) {
		argv[n++] = "--spool";
		argv[n++] = spool;
	}
	if (target->runtime) {
		argv[n++] = "--runtime";
		argv[n++] = target->runtime;
	}
	argv[n++] = TITLE_ROOM_OPTION;
	argv[n++] = title_padding(room);
	return uv_spawn(local->loop, &local->process, &options);
}

static void on_start(uv_idle_t *starter)
{
	struct local *local = starter->data;

	uv_idle_stop(starter);
	if (local->err.code != ERR_NONE)
		tell_down(local);
	else
		local->handler.up(local->handler.ctx);
}

static void start(struct local *local, const struct transport_target *target)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		err_set_errno(&local->err, errno, "cannot make a socket pair");
		return;
	}
	int r = spawn_agent(local, target, pair[1]);
	local->spawned = r == 0;
	close(pair[1]);
	uv_pipe_open(&local->stream, pair[0]);
	if (r < 0) {
		err_set(&local->err, ERR_IO, "cannot start %s", target->program);
		err_detail(&local->err, "%s", uv_strerror(r));
		return;
	}
	uv_read_start((uv_stream_t *)&local->stream, give_space, on_read);
	uv_read_start((uv_stream_t *)&local->errors, give_space, on_words);
}

static struct transport *local_open(uv_loop_t *loop, const struct transport_target *target,
    const struct transport_handler *handler)
{
	struct local *local = xcalloc(1, sizeof(*local));

	local->base.ops = &transport_local;
	local->handler = *handler;
	local->loop = loop;
	buf_init(&local->words);
	uv_pipe_init(loop, &local->stream, 0);
	uv_pipe_init(loop, &local->errors, 0);
	uv_idle_init(loop, &local->starter);
	local->stream.data = local->errors.data = local->starter.data = local->process.data = local;
	local->open_handles = 3;
	start(local, target);
	/* uv_spawn makes its handle even when it fails. */
	local->process.data = local;
	if (uv_handle_get_type((uv_handle_t *)&local->process) == UV_PROCESS)
		local->open_handles++;
	uv_idle_start(&local->starter, on_start);
	return &local->base;
}

static void on_written(uv_write_t *request, int status)
{
	struct write *write = (struct write *)request;

	(void)status; /* a broken stream also ends the reading side, which tells */
	write->local->unsent -= write->len;
	mem_wipe(write->bytes, write->len); /* a START's specification may hold secrets */
	free(write);
}

static void local_send(struct transport *t, const void *bytes, size_t len)
{
	struct local *local = (struct local *)t;
	uv_buf_t all = uv_buf_init((char *)bytes, (unsigned)len);

	if (local->closing || local->told || !local->spawned)
		return;
	int done = local->unsent ? 0 : uv_try_write((uv_stream_t *)&local->stream, &all, 1);
	size_t used = done > 0 ? (size_t)done : 0;
	if (used == len)
		return;
	struct write *write = xmalloc(sizeof(*write) + len - used);
	memcpy(write->bytes, (const char *)bytes + used, len - used);
	write->local = local;
	write->len = len - used;
	uv_buf_t rest = uv_buf_init(write->bytes, (unsigned)write->len);
	if (uv_write(&write->request, (uv_stream_t *)&local->stream, &rest, 1, on_written) < 0)
		free(write);
	else
		local->unsent += write->len;
}

static size_t local_unsent(const struct transport *t)
{
	return ((const struct local *)t)->unsent;
}

static void local_close(struct transport *t)
{
	struct local *local = (struct local *)t;

	if (local->closing)
		return;
	local->closing = true;
	/* The closed stream is the agent's end of file; it leaves by itself. */
	uv_close((uv_handle_t *)&local->stream, on_closed);
	uv_close((uv_handle_t *)&local->errors, on_closed);
	uv_close((uv_handle_t *)&local->starter, on_closed);
	/* The process handle stays until the agent has gone, so that it is reaped. */
	if (!local->spawned && uv_handle_get_type((uv_handle_t *)&local->process) == UV_PROCESS)
		uv_close((uv_handle_t *)&local->process, on_closed);
}

const struct transport_ops transport_local = {
	.name = "local",
	.open = local_open,
	.send = local_send,
	.unsent = local_unsent,
	.close = local_close,
};
