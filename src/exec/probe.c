/* SPDX-License-Identifier: MIT */
/* Short conversations over a transport of their own loop, for the command line. */
#include "exec/probe.h"

#include <stdlib.h>

#include "base/mem.h"
#include "exec/protocol.h"
#include "exec/transport.h"

struct probe {
	uv_loop_t loop;
	uv_timer_t deadline;
	struct transport *transport;
	struct frame_reader in;
	char *hello; /* JSON of the answer */
	struct err err;
	bool over;
};

static void probe_end(struct probe *probe)
{
	probe->over = true;
	uv_stop(&probe->loop);
}

static void on_up(void *ctx)
{
	struct probe *probe = ctx;
	struct buf out = BUF_INIT;
	json_t *head = frame_head(MESSAGE_HELLO);

	json_object_set_new(head, "v", json_integer(PROTOCOL_VERSION));
	frame_write(&out, head, NULL, 0, NULL);
	probe->transport->ops->send(probe->transport, out.data, out.len);
	buf_release(&out);
}

static void on_data(void *ctx, const char *bytes, size_t len)
{
	struct probe *probe = ctx;
	struct frame frame;
	int r = 0;

	frame_reader_feed(&probe->in, bytes, len);
	while (!probe->over && (r = frame_reader_next(&probe->in, &frame, &probe->err)) > 0) {
		if (frame.type == MESSAGE_HELLO)
			probe->hello = json_dumps(frame.head, JSON_COMPACT);
		else
			err_set(&probe->err, ERR_INVALID, "%s",
			    frame_text(&frame, "reason", "the worker program gave an unexpected answer"));
		frame_release(&frame);
		probe_end(probe);
	}
	if (r < 0) {
		err_hint(&probe->err, "the login shell of that account must print nothing when a command is run");
		probe_end(probe);
	}
}

static void on_down(void *ctx, const struct err *err)
{
	struct probe *probe = ctx;

	probe->err = *err;
	probe_end(probe);
}

static void on_deadline(uv_timer_t *timer)
{
	struct probe *probe = timer->data;

	err_set(&probe->err, ERR_TIMEOUT, "the worker program does not answer");
	probe_end(probe);
}

/* Run until over; the transport is left open for a last question. */
static void probe_run(struct probe *probe, const struct transport_target *target)
{
	struct transport_handler handler = { .ctx = probe, .up = on_up, .data = on_data, .down = on_down };

	uv_loop_init(&probe->loop);
	uv_timer_init(&probe->loop, &probe->deadline);
	probe->deadline.data = probe;
	uv_timer_start(&probe->deadline, on_deadline, (uint64_t)target->timeout_ms, 0);
	probe->transport = transport_ssh.open(&probe->loop, target, &handler);
	while (!probe->over)
		uv_run(&probe->loop, UV_RUN_DEFAULT);
}

static void probe_release(struct probe *probe)
{
	probe->transport->ops->close(probe->transport);
	uv_close((uv_handle_t *)&probe->deadline, NULL);
	uv_run(&probe->loop, UV_RUN_DEFAULT);
	uv_loop_close(&probe->loop);
	frame_reader_release(&probe->in);
	free(probe->hello);
}

int exec_host_key(const char *host, int port, int timeout_ms, char **ret_key, char **ret_fingerprint,
    struct err *err)
{
	struct transport_target target = { .host = host, .port = port, .user = "", .identity = "",
		.host_keys = "", .program = "", .spool = "", .timeout_ms = timeout_ms, .key_only = true };
	struct probe probe = { .in = FRAME_READER_INIT };
	const char *fingerprint;
	int r = 0;

	probe_run(&probe, &target);
	const char *key = transport_ssh_host_key(probe.transport, &fingerprint);
	if (key) {
		*ret_key = xstrdup(key);
		*ret_fingerprint = xstrdup(fingerprint);
	} else {
		if (err)
			*err = probe.err;
		r = -(int)probe.err.code;
	}
	probe_release(&probe);
	return r;
}

int exec_probe_worker(const char *host, int port, const char *user, const char *identity,
    const char *host_keys, const char *program, const char *spool, int timeout_ms, char **ret_json,
    struct err *err)
{
	struct transport_target target = { .host = host, .port = port, .user = user ? user : "",
		.identity = identity ? identity : "", .host_keys = host_keys ? host_keys : "",
		.program = program ? program : "", .spool = spool ? spool : "", .timeout_ms = timeout_ms };
	struct probe probe = { .in = FRAME_READER_INIT };
	int r = 0;

	probe_run(&probe, &target);
	if (probe.hello) {
		*ret_json = probe.hello;
		probe.hello = NULL;
	} else {
		if (err)
			*err = probe.err;
		r = -(int)probe.err.code;
	}
	probe_release(&probe);
	return r;
}
