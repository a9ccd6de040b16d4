/* SPDX-License-Identifier: MIT */
/*
 * The agent's protocol (draft-miller-ssh-agent): a length, a type, a body;
 * one question at a time. The answers come from a local program, and are
 * bounded all the same.
 */
#include "exec/ssh_agent.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "exec/ssh_wire.h"

#define ANSWER_MAX ((size_t)256 * 1024)
#define KEYS_MAX 64
#define READ_BYTES 4096

enum { AGENT_LIST = 11, AGENT_KEYS = 12, AGENT_SIGN = 13, AGENT_SIGNATURE = 14 };

struct key {
	unsigned char *blob;
	size_t len;
};

struct ssh_agent {
	uv_pipe_t pipe;
	uv_connect_t connect;
	void (*changed)(void *ctx);
	void *ctx;
	bool busy, failed, closing;
	struct buf in;
	VEC(struct key) keys;
	unsigned char *signature;
	size_t signature_len;
	char data[READ_BYTES];
};

struct question {
	uv_write_t request;
	struct ssh_agent *agent;
	struct buf bytes;
};

static void on_closed(uv_handle_t *handle)
{
	struct ssh_agent *agent = handle->data;

	for (size_t i = 0; i < agent->keys.len; i++)
		free(agent->keys.items[i].blob);
	vec_release(&agent->keys);
	free(agent->signature);
	buf_release(&agent->in);
	free(agent);
}

static void settle(struct ssh_agent *agent, bool failed)
{
	agent->failed |= failed;
	if (!agent->busy)
		return;
	agent->busy = false;
	if (!agent->closing)
		agent->changed(agent->ctx);
}

static void on_written(uv_write_t *request, int status)
{
	struct question *question = (struct question *)request;

	if (status < 0)
		settle(question->agent, true);
	buf_release(&question->bytes);
	free(question);
}

static void put_number(struct buf *out, uint32_t value)
{
	const unsigned char bytes[] = { (unsigned char)(value >> 24), (unsigned char)(value >> 16),
		(unsigned char)(value >> 8), (unsigned char)value };

	buf_add(out, bytes, sizeof(bytes));
}

static void put_string(struct buf *out, const void *data, size_t len)
{
	put_number(out, (uint32_t)len);
	buf_add(out, data, len);
}

/* False when it cannot be asked any more. */
static bool ask(struct ssh_agent *agent, const struct buf *body)
{
	struct question *question;

	if (agent->failed)
		return false;
	question = xcalloc(1, sizeof(*question));
	question->agent = agent;
	buf_init(&question->bytes);
	put_string(&question->bytes, body->data, body->len);
	uv_buf_t all = uv_buf_init(question->bytes.data, (unsigned)question->bytes.len);
	if (uv_write(&question->request, (uv_stream_t *)&agent->pipe, &all, 1, on_written) < 0) {
		agent->failed = true;
		on_written(&question->request, 0);
		return false;
	}
	agent->busy = true;
	return true;
}

static bool take_keys(struct ssh_agent *agent, struct ssh_wire *body)
{
	const unsigned char *blob, *comment;
	size_t len, comment_len;
	uint32_t count;

	if (!ssh_wire_number(body, &count))
		return false;
	for (uint32_t i = 0; i < count && i < KEYS_MAX; i++) {
		if (!ssh_wire_string(body, &blob, &len) || !ssh_wire_string(body, &comment, &comment_len))
			return false;
		struct key key = { xmemdup(blob, len), len };
		vec_push(&agent->keys, key);
	}
	return true;
}

/* string { string type, string blob } */
static bool take_signature(struct ssh_agent *agent, struct ssh_wire *body)
{
	const unsigned char *all, *type, *blob;
	size_t len, type_len;

	if (!ssh_wire_string(body, &all, &len))
		return false;
	struct ssh_wire inner = { all, len };
	if (!ssh_wire_string(&inner, &type, &type_len) || !ssh_wire_string(&inner, &blob, &len))
		return false;
	agent->signature = xmemdup(blob, len);
	agent->signature_len = len;
	return true;
}

static void take_answer(struct ssh_agent *agent, const unsigned char *body, size_t len)
{
	struct ssh_wire rest = { body + 1, len ? len - 1 : 0 };
	bool good = true;

	if (len && body[0] == AGENT_KEYS)
		good = take_keys(agent, &rest);
	else if (len && body[0] == AGENT_SIGNATURE)
		good = take_signature(agent, &rest);
	/* Anything else is a refusal: no keys, or no signature. */
	settle(agent, !good);
}

static void give_space(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	struct ssh_agent *agent = handle->data;

	(void)suggested;
	*ret = uv_buf_init(agent->data, sizeof(agent->data));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *space)
{
	struct ssh_agent *agent = stream->data;
	uint32_t len;

	if (agent->closing || n == 0)
		return;
	if (n < 0) {
		uv_read_stop(stream);
		settle(agent, true);
		return;
	}
	buf_add(&agent->in, space->base, (size_t)n);
	struct ssh_wire wire = { (unsigned char *)agent->in.data, agent->in.len };
	if (!ssh_wire_number(&wire, &len))
		return;
	if (len == 0 || len > ANSWER_MAX || !agent->busy) {
		uv_read_stop(stream);
		settle(agent, true);
		return;
	}
	if (wire.left < len)
		return;
	unsigned char *body = xmemdup(wire.at, len);
	buf_clear(&agent->in);
	take_answer(agent, body, len);
	free(body);
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct ssh_agent *agent = connect->data;
	struct buf body = BUF_INIT;

	if (agent->closing)
		return;
	if (status < 0 || uv_read_start((uv_stream_t *)&agent->pipe, give_space, on_read) < 0) {
		settle(agent, true);
		return;
	}
	buf_addc(&body, AGENT_LIST);
	if (!ask(agent, &body))
		settle(agent, true);
	buf_release(&body);
}

struct ssh_agent *ssh_agent_open(uv_loop_t *loop, const char *path, void (*changed)(void *ctx), void *ctx)
{
	struct ssh_agent *agent = xcalloc(1, sizeof(*agent));

	agent->changed = changed;
	agent->ctx = ctx;
	agent->busy = true;
	buf_init(&agent->in);
	uv_pipe_init(loop, &agent->pipe, 0);
	agent->pipe.data = agent->connect.data = agent;
	uv_pipe_connect(&agent->connect, &agent->pipe, path, on_connected);
	return agent;
}

void ssh_agent_close(struct ssh_agent *agent)
{
	if (!agent || agent->closing)
		return;
	agent->closing = true;
	uv_close((uv_handle_t *)&agent->pipe, on_closed);
}

bool ssh_agent_busy(const struct ssh_agent *agent)
{
	return agent->busy;
}

bool ssh_agent_failed(const struct ssh_agent *agent)
{
	return agent->failed;
}

const unsigned char *ssh_agent_key(const struct ssh_agent *agent, size_t index, size_t *ret_len)
{
	if (index >= agent->keys.len)
		return NULL;
	*ret_len = agent->keys.items[index].len;
	return agent->keys.items[index].blob;
}

void ssh_agent_sign(struct ssh_agent *agent, size_t key, const void *data, size_t len)
{
	struct buf body = BUF_INIT;

	free(agent->signature);
	agent->signature = NULL;
	buf_addc(&body, AGENT_SIGN);
	put_string(&body, agent->keys.items[key].blob, agent->keys.items[key].len);
	put_string(&body, data, len);
	put_number(&body, 0);
	ask(agent, &body); /* not busy and without a signature: refused */
	buf_release(&body);
}

const unsigned char *ssh_agent_signature(const struct ssh_agent *agent, size_t *ret_len)
{
	*ret_len = agent->signature_len;
	return agent->signature;
}
