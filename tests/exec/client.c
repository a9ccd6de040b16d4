/* SPDX-License-Identifier: MIT */
/* The blocking test master: every wait has a deadline, every surprise fails the case. */
#include "tests/exec/client.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

bool client_runs_program;

void client_start(struct client *c, const char *spool)
{
	int pair[2];

	*c = (struct client){ .in = FRAME_READER_INIT, .events = BUF_INIT, .spool = xstrdup(spool) };
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	c->pid = fork();
	ck_assert_int_ge(c->pid, 0);
	if (c->pid == 0) {
		dup2(pair[1], 0);
		dup2(pair[1], 1);
		execl(SO_BUILD_DIR "/fake_worker", "scaleout-worker", "serve", "--allow-root", "--spool", spool,
		    client_runs_program ? "--runtime" : (char *)NULL, SO_BUILD_DIR "/fake_dtexec", (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	c->fd = pair[0];
}

void client_send(struct client *c, json_t *head, const void *blob, size_t len)
{
	struct buf out = BUF_INIT;

	ck_assert_int_eq(frame_write(&out, head, blob, len, NULL), 0);
	ck_assert_int_eq(fd_write_full(c->fd, out.data, out.len), 0);
	buf_release(&out);
}

struct frame client_expect(struct client *c, enum message type)
{
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;
	char data[65536];
	struct frame frame;

	for (;;) {
		struct err err = { 0 };
		int r = frame_reader_next(&c->in, &frame, &err);
		ck_assert_msg(r >= 0, "%s", err.primary);
		if (r > 0 && frame.type == MESSAGE_EVENTS)
			buf_add(&c->events, frame.blob, frame.blob_len);
		if (r > 0 && frame.type == type)
			return frame;
		if (r > 0) {
			frame_release(&frame);
			continue;
		}
		struct pollfd fd = { .fd = c->fd, .events = POLLIN };
		int64_t left = deadline - clock_mono_ms();
		ck_assert_msg(left > 0 && poll(&fd, 1, (int)left) == 1, "no %s within the deadline",
		    message_name(type));
		ssize_t n = read(c->fd, data, sizeof(data));
		ck_assert_msg(n > 0, "the agent hung up instead of sending %s", message_name(type));
		frame_reader_feed(&c->in, data, (size_t)n);
	}
}

void client_hello(struct client *c, int64_t epoch, int64_t session, json_t **ret_tasks)
{
	json_t *head = frame_head(MESSAGE_HELLO);

	json_object_set_new(head, "v", json_integer(PROTOCOL_VERSION));
	json_object_set_new(head, "catalog", json_string(CATALOG_ID));
	json_object_set_new(head, "worker", json_string(WORKER_ID));
	json_object_set_new(head, "epoch", json_integer(epoch));
	json_object_set_new(head, "session", json_integer(session));
	client_send(c, head, NULL, 0);
	struct frame frame = client_expect(c, MESSAGE_TASKS);
	if (ret_tasks)
		*ret_tasks = json_incref(json_object_get(frame.head, "tasks"));
	frame_release(&frame);
}

void client_put_project(struct client *c, const char *hash, const char *bytes)
{
	size_t half = strlen(bytes) / 2, total = strlen(bytes);

	for (size_t at = 0; at < total; at += at ? total : half) {
		json_t *head = frame_head(MESSAGE_PUT);
		json_object_set_new(head, "project", json_string(hash));
		json_object_set_new(head, "offset", json_integer((json_int_t)at));
		json_object_set_new(head, "total", json_integer((json_int_t)total));
		client_send(c, head, bytes + at, at ? total - at : half);
	}
}

void client_open(struct client *c, const char *spool, int64_t epoch, int64_t session)
{
	client_start(c, spool);
	client_hello(c, epoch, session, NULL);
	client_put_project(c, PROJECT_HASH, PROJECT_BYTES);
	struct frame frame = client_expect(c, MESSAGE_HAVE);
	frame_release(&frame);
}

void client_start_task(struct client *c, const char *key, int64_t lease_ms, int64_t grace_ms, ...)
{
	json_t *head = frame_head(MESSAGE_START), *steps = json_array();
	va_list args;

	va_start(args, grace_ms);
	for (const char *step = va_arg(args, const char *); step; step = va_arg(args, const char *))
		json_array_append_new(steps, json_string(step));
	va_end(args);
	json_object_set_new(head, "key", json_string(key));
	json_object_set_new(head, "project", json_string(PROJECT_HASH));
	json_object_set_new(head, "grace_ms", json_integer(grace_ms));
	if (lease_ms) {
		struct timespec now;
		clock_gettime(CLOCK_BOOTTIME, &now);
		json_object_set_new(head, "lease_ms", json_integer(lease_ms));
		json_object_set_new(head, "stamp", json_integer(now.tv_sec * 1000 + now.tv_nsec / 1000000));
	}
	json_t *spec = json_pack("{s:o}", "steps", steps);
	char *text = json_dumps(spec, 0);
	client_send(c, head, text, strlen(text));
	free(text);
	json_decref(spec);
}

void client_ask(struct client *c, enum message type, const char *key)
{
	json_t *head = frame_head(type);

	json_object_set_new(head, "key", json_string(key));
	client_send(c, head, NULL, 0);
}

struct frame client_result(struct client *c, enum task_outcome outcome)
{
	struct frame frame = client_expect(c, MESSAGE_RESULT);

	ck_assert_msg(task_outcome_parse(frame_text(&frame, "outcome", "")) == outcome,
	    "expected outcome %s, got %s (exit %d, reason: %s)", task_outcome_name(outcome),
	    frame_text(&frame, "outcome", "none"), (int)frame_int(&frame, "exit", -9),
	    frame_text(&frame, "reason", ""));
	return frame;
}

int client_close(struct client *c)
{
	int status = 0;

	close(c->fd);
	waitpid(c->pid, &status, 0);
	frame_reader_release(&c->in);
	buf_release(&c->events);
	free(c->spool);
	c->spool = NULL;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void client_kill(struct client *c)
{
	kill(c->pid, SIGKILL);
	client_close(c);
}

void wait_for_file(const char *path)
{
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;

	while (access(path, F_OK) < 0) {
		ck_assert_msg(clock_mono_ms() < deadline, "%s did not appear", path);
		usleep(2000);
	}
}

char *slurp(const char *path)
{
	struct buf text = BUF_INIT;

	file_read(path, 1 << 22, &text, NULL);
	return text.cap ? buf_detach(&text) : xstrdup("");
}

char *task_path(const struct client *c, const char *key, const char *name)
{
	return xasprintf("%s/" CATALOG_ID "/" WORKER_ID "/tasks/%s/%s", c->spool, key, name);
}
