/* SPDX-License-Identifier: MIT */
/* Short conversations over a transport of their own loop, for the command line. */
#include "exec/probe.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "exec/protocol.h"

#define ANSWER_MS 20000
#define OUTPUT_MAX ((size_t)1024 * 1024)
#define PROGRESS_MS 100

struct probe {
	uv_loop_t loop;
	uv_timer_t deadline, ticker;
	struct transport *transport;
	const struct probe_script *script; /* NULL: a HELLO */
	struct frame_reader in;
	struct buf out;    /* stdout of a command */
	size_t total;      /* bytes to send */
	char *hello;       /* JSON of the answer */
	int exit_status;
	struct err err;
	bool over;
	enum transport_stage stage;
};

static void probe_end(struct probe *probe)
{
	probe->over = true;
	uv_stop(&probe->loop);
}

/* --- a HELLO --- */

static void send_hello(struct probe *probe)
{
	struct buf out = BUF_INIT;
	json_t *head = frame_head(MESSAGE_HELLO);

	json_object_set_new(head, "v", json_integer(PROTOCOL_VERSION));
	frame_write(&out, head, NULL, 0, NULL);
	probe->transport->ops->send(probe->transport, out.data, out.len);
	buf_release(&out);
}

static void on_frame_data(void *ctx, const char *bytes, size_t len)
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

static void on_hello_up(void *ctx)
{
	struct probe *probe = ctx;

	probe->stage = STAGE_PROGRAM;
	send_hello(probe);
}

/* --- a command --- */

static void on_command_up(void *ctx)
{
	struct probe *probe = ctx;
	const struct probe_script *script = probe->script;

	probe->stage = STAGE_PROGRAM;
	if (!script)
		return;
	probe->total = strlen(script->text) + script->input_len;
	probe->transport->ops->send(probe->transport, script->text, strlen(script->text));
	if (script->input_len)
		probe->transport->ops->send(probe->transport, script->input, script->input_len);
}

static void on_command_data(void *ctx, const char *bytes, size_t len)
{
	struct probe *probe = ctx;

	buf_add(&probe->out, bytes, len); /* refused past its limit, which is told at the end */
}

static void on_tick(uv_timer_t *timer)
{
	struct probe *probe = timer->data;

	if (probe->total && probe->script->progress)
		probe->script->progress(probe->script->ctx,
		    probe->total - probe->transport->ops->unsent(probe->transport), probe->total);
}

/* --- both --- */

static void on_down(void *ctx, const struct err *err)
{
	struct probe *probe = ctx;

	probe->err = *err;
	probe_end(probe);
}

static void on_deadline(uv_timer_t *timer)
{
	struct probe *probe = timer->data;

	err_set(&probe->err, ERR_TIMEOUT, probe->stage < STAGE_PROGRAM ? "the machine does not answer" :
									  "the program there does not answer");
	probe_end(probe);
}

static enum transport_stage stage_of(const struct transport *t, enum transport_stage now)
{
	enum transport_stage reached = transport_ssh_stage(t);

	return now > reached ? now : reached;
}

/* Run until over; the transport is left open for a last question. */
static void probe_loop(struct probe *probe, const struct transport_target *target, int timeout_ms,
    const struct transport_handler *handler)
{
	uv_loop_init(&probe->loop);
	uv_timer_init(&probe->loop, &probe->deadline);
	uv_timer_init(&probe->loop, &probe->ticker);
	probe->deadline.data = probe->ticker.data = probe;
	buf_init(&probe->out);
	buf_set_limit(&probe->out, OUTPUT_MAX);
	uv_timer_start(&probe->deadline, on_deadline, (uint64_t)timeout_ms, 0);
	uv_timer_start(&probe->ticker, on_tick, PROGRESS_MS, PROGRESS_MS);
	probe->transport = transport_ssh.open(&probe->loop, target, handler);
	while (!probe->over)
		uv_run(&probe->loop, UV_RUN_DEFAULT);
	probe->stage = stage_of(probe->transport, probe->stage);
}

static void probe_release(struct probe *probe)
{
	probe->transport->ops->close(probe->transport);
	uv_close((uv_handle_t *)&probe->deadline, NULL);
	uv_close((uv_handle_t *)&probe->ticker, NULL);
	uv_run(&probe->loop, UV_RUN_DEFAULT);
	uv_loop_close(&probe->loop);
	frame_reader_release(&probe->in);
	buf_release(&probe->out);
	free(probe->hello);
}

/* Hand out how it ended: 0 when good. */
static int probe_result(const struct probe *probe, bool good, enum transport_stage *ret_stage, struct err *err)
{
	if (ret_stage)
		*ret_stage = good ? STAGE_DONE : probe->stage;
	if (good)
		return 0;
	if (err)
		*err = probe->err;
	return -(int)probe->err.code;
}

int probe_host_key(const struct transport_target *target, char **ret_key, char **ret_fingerprint,
    enum transport_stage *ret_stage, struct err *err)
{
	struct transport_target copy = *target;
	struct probe probe = { .in = FRAME_READER_INIT };
	struct transport_handler handler = { .ctx = &probe, .down = on_down };
	const char *fingerprint;

	copy.purpose = TRANSPORT_KEY;
	copy.host_keys = "";
	probe_loop(&probe, &copy, ANSWER_MS + copy.timeout_ms, &handler);
	const char *key = transport_ssh_host_key(probe.transport, &fingerprint);
	if (key) {
		*ret_key = xstrdup(key);
		*ret_fingerprint = xstrdup(fingerprint);
	}
	int r = probe_result(&probe, key != NULL, ret_stage, err);
	probe_release(&probe);
	return r;
}

int probe_hello(const struct transport_target *target, char **ret_json, enum transport_stage *ret_stage,
    struct err *err)
{
	struct transport_target copy = *target;
	struct probe probe = { .in = FRAME_READER_INIT };
	struct transport_handler handler = { .ctx = &probe, .up = on_hello_up, .data = on_frame_data,
		.down = on_down };

	copy.purpose = TRANSPORT_SERVE;
	probe_loop(&probe, &copy, copy.timeout_ms ? copy.timeout_ms : ANSWER_MS, &handler);
	int r = probe_result(&probe, probe.hello != NULL, ret_stage, err);
	if (r == 0) {
		*ret_json = probe.hello;
		probe.hello = NULL;
	}
	probe_release(&probe);
	return r;
}

/* Run a command to its end. Negative when it cannot be run, or ended badly. */
static int run_command(struct probe *probe, const struct transport_target *target, int timeout_ms,
    enum transport_stage *ret_stage, struct err *err)
{
	struct transport_handler handler = { .ctx = probe, .up = on_command_up, .data = on_command_data,
		.down = on_down };
	const char *words;

	probe_loop(probe, target, timeout_ms, &handler);
	probe->exit_status = transport_ssh_exit(probe->transport, &words);
	if (probe->err.code == ERR_NONE && probe->exit_status != 0) {
		err_set(&probe->err, ERR_IO, "%s on that machine ended with status %d",
		    target->purpose == TRANSPORT_CHECK ? "the worker program" : "the script", probe->exit_status);
		err_detail(&probe->err, "%s", words);
	} else if (probe->err.code == ERR_NONE && probe->out.overflow) {
		err_set(&probe->err, ERR_LIMIT, "the machine answers too much");
	}
	return probe_result(probe, probe->err.code == ERR_NONE, ret_stage, err);
}

int probe_check(const struct transport_target *target, char **ret_json, struct err *err)
{
	struct transport_target copy = *target;
	struct probe probe = { .in = FRAME_READER_INIT };

	copy.purpose = TRANSPORT_CHECK;
	int r = run_command(&probe, &copy, ANSWER_MS * 3, NULL, err);
	/* A status other than 0 says that something is missing; the JSON says what. */
	const char *brace = strchr(probe.out.data, '{');
	if (brace && (r == 0 || probe.exit_status == 1)) {
		*ret_json = xstrdup(brace);
		r = 0;
	} else if (r == 0) {
		r = err_set(err, ERR_INVALID, "the worker program there says nothing");
	}
	probe_release(&probe);
	return r;
}

int probe_run(const struct transport_target *target, const struct probe_script *script, char **ret_output,
    char **ret_noise, enum transport_stage *ret_stage, struct err *err)
{
	struct transport_target copy = *target;
	struct probe probe = { .in = FRAME_READER_INIT, .script = script };
	/* A byte at a time, so that the script gets all that follows it; its length is a constant of the program. */
	char *command = xasprintf("exec /bin/sh -c 'eval \"$(dd bs=1 count=%zu 2>/dev/null)\"'", strlen(script->text));

	copy.purpose = TRANSPORT_COMMAND;
	copy.command = command;
	int r = run_command(&probe, &copy, script->timeout_ms, ret_stage, err);
	char *begin = strstr(probe.out.data, PROBE_BEGIN);
	*ret_noise = xstrndup(probe.out.data, begin ? (size_t)(begin - probe.out.data) : probe.out.len);
	*ret_output = begin ? xstrdup(begin + strlen(PROBE_BEGIN)) : NULL;
	if (r == 0 && !begin) {
		r = err_set(err, ERR_INVALID, "the machine does not run /bin/sh as it should");
		err_detail(err, "%.500s", probe.out.data);
	}
	free(command);
	probe_release(&probe);
	return r;
}
