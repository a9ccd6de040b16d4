/* SPDX-License-Identifier: MIT */
/*
 * Frames: a length, a small JSON header, and after a NUL byte raw bytes that
 * nobody here looks into. Names of messages, outcomes and states are tables.
 */
#include "exec/protocol.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define LENGTH_BYTES 4

static const char *const message_names[] = {
	[MESSAGE_HELLO] = "hello",
	[MESSAGE_START] = "start",
	[MESSAGE_PUT] = "put",
	[MESSAGE_LIST] = "list",
	[MESSAGE_TAIL] = "tail",
	[MESSAGE_ACK] = "ack",
	[MESSAGE_DONE] = "done",
	[MESSAGE_CANCEL] = "cancel",
	[MESSAGE_FETCH] = "fetch",
	[MESSAGE_DUMP] = "dump",
	[MESSAGE_DUMPS] = "dumps",
	[MESSAGE_PING] = "ping",
	[MESSAGE_TASKS] = "tasks",
	[MESSAGE_STARTED] = "started",
	[MESSAGE_EVENTS] = "events",
	[MESSAGE_RESULT] = "result",
	[MESSAGE_REFUSED] = "refused",
	[MESSAGE_NEED] = "need",
	[MESSAGE_HAVE] = "have",
	[MESSAGE_GONE] = "gone",
	[MESSAGE_FILE] = "file",
	[MESSAGE_PONG] = "pong",
	[MESSAGE_ERROR] = "error",
};
_Static_assert(ARRAY_LEN(message_names) == MESSAGE_COUNT, "a name for every message");

static const char *const outcome_names[] = {
	[TASK_EXITED] = "exited",
	[TASK_CANCELLED] = "cancelled",
	[TASK_CRASHED] = "crashed",
	[TASK_LEASE] = "lease",
	[TASK_LIMIT] = "limit",
	[TASK_LOST] = "lost",
	[TASK_REFUSED] = "refused",
};
_Static_assert(ARRAY_LEN(outcome_names) == TASK_OUTCOME_COUNT, "a name for every outcome");

static const char *const state_names[] = {
	[TASK_CLAIMED] = "claimed",
	[TASK_RUNNING] = "running",
	[TASK_ENDED] = "ended",
};
_Static_assert(ARRAY_LEN(state_names) == TASK_STATE_COUNT, "a name for every state");

static int name_index(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; name && i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return (int)i;
	}
	return -1;
}

static const char *name_at(const char *const *names, size_t count, int index)
{
	return index >= 0 && (size_t)index < count ? names[index] : "unknown";
}

const char *message_name(enum message message)
{
	return name_at(message_names, MESSAGE_COUNT, (int)message);
}

const char *task_outcome_name(enum task_outcome outcome)
{
	return name_at(outcome_names, TASK_OUTCOME_COUNT, (int)outcome);
}

enum task_outcome task_outcome_parse(const char *name)
{
	return (enum task_outcome)name_index(outcome_names, TASK_OUTCOME_COUNT, name);
}

const char *task_state_name(enum task_state state)
{
	return name_at(state_names, TASK_STATE_COUNT, (int)state);
}

enum task_state task_state_parse(const char *name)
{
	return (enum task_state)name_index(state_names, TASK_STATE_COUNT, name);
}

void task_key_format(int64_t execution_id, int attempt, char key[TASK_KEY_SIZE])
{
	snprintf(key, TASK_KEY_SIZE, "%" PRId64 "-%d", execution_id, attempt);
}

/* A positive decimal number of at most max_digits, without leading zero; returns the digits used, 0 when malformed. */
static size_t positive_number(const char *text, size_t max_digits, int64_t *ret)
{
	int64_t value = 0;
	size_t n = 0;

	if (text[0] == '0')
		return 0;
	for (; text[n] >= '0' && text[n] <= '9'; n++) {
		int digit = text[n] - '0';
		if (n == max_digits || value > (INT64_MAX - digit) / 10)
			return 0;
		value = value * 10 + digit;
	}
	*ret = value;
	return n;
}

bool task_key_parse(const char *key, int64_t *ret_execution_id, int *ret_attempt)
{
	int64_t execution_id = 0, attempt = 0;

	size_t n = positive_number(key, 19, &execution_id);
	if (n == 0 || key[n] != '-')
		return false;
	size_t m = positive_number(key + n + 1, 6, &attempt);
	if (m == 0 || key[n + 1 + m])
		return false;
	if (ret_execution_id)
		*ret_execution_id = execution_id;
	if (ret_attempt)
		*ret_attempt = (int)attempt;
	return true;
}

bool project_hash_valid(const char *hash)
{
	return hash && strlen(hash) == 64 && strspn(hash, "0123456789abcdef") == 64;
}

void frame_release(struct frame *frame)
{
	json_decref(frame->head);
	*frame = (struct frame){ .type = MESSAGE_UNKNOWN };
}

const char *frame_text(const struct frame *frame, const char *name, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(frame->head, name));

	return text ? text : otherwise;
}

int64_t frame_int(const struct frame *frame, const char *name, int64_t otherwise)
{
	json_t *value = json_object_get(frame->head, name);

	return json_is_integer(value) ? (int64_t)json_integer_value(value) : otherwise;
}

bool frame_bool(const struct frame *frame, const char *name, bool otherwise)
{
	json_t *value = json_object_get(frame->head, name);

	return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

const char *frame_key(const struct frame *frame)
{
	const char *key = frame_text(frame, "key", NULL);

	return key && task_key_parse(key, NULL, NULL) ? key : NULL;
}

json_t *frame_head(enum message type)
{
	json_t *head = json_object();

	json_object_set_new(head, "t", json_string(message_name(type)));
	return head;
}

int frame_write(struct buf *out, json_t *head, const void *blob, size_t blob_len, struct err *err)
{
	size_t start = out->len;
	unsigned char length[LENGTH_BYTES] = { 0 };
	size_t size = json_dumpb(head, NULL, 0, JSON_COMPACT);
	size_t total = size + (blob ? 1 + blob_len : 0);

	if (size == 0 || size > FRAME_HEADER_MAX || blob_len > FRAME_MAX || total > FRAME_MAX) {
		json_decref(head);
		return err_set(err, size ? ERR_LIMIT : ERR_INTERNAL,
		    "a protocol message is too long (%zu bytes)", total);
	}
	for (int i = 0; i < LENGTH_BYTES; i++)
		length[i] = (unsigned char)(total >> (8 * (LENGTH_BYTES - 1 - i)));
	buf_add(out, length, sizeof(length));
	if (buf_reserve(out, size)) {
		json_dumpb(head, out->data + out->len, size, JSON_COMPACT);
		out->len += size;
		out->data[out->len] = '\0';
	}
	if (blob) {
		buf_addc(out, '\0');
		buf_add(out, blob, blob_len);
	}
	json_decref(head);
	if (out->overflow) {
		buf_truncate(out, start);
		return err_set(err, ERR_LIMIT, "the output buffer is full");
	}
	return 0;
}

void frame_reader_release(struct frame_reader *reader)
{
	buf_release(&reader->in);
	reader->pos = 0;
}

void frame_reader_feed(struct frame_reader *reader, const void *data, size_t len)
{
	buf_consume(&reader->in, reader->pos);
	reader->pos = 0;
	buf_add(&reader->in, data, len);
}

/* Jansson recurses while it parses, so depth is bounded before it sees the text. */
static bool shallow(const char *text, size_t len)
{
	bool quoted = false;
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			if (++depth > FRAME_DEPTH_MAX)
				return false;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return true;
}

static int header_parse(const char *text, size_t len, struct frame *frame, struct err *err)
{
	json_error_t error;

	if (len > FRAME_HEADER_MAX)
		return err_set(err, ERR_LIMIT, "protocol header of %zu bytes refused", len);
	if (!shallow(text, len))
		return err_set(err, ERR_LIMIT, "protocol header is nested too deep");
	frame->head = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(frame->head)) {
		frame_release(frame);
		err_set(err, ERR_INVALID, "protocol header is not a JSON object");
		err_detail(err, "%s", error.text);
		return -ERR_INVALID;
	}
	const char *type = frame_text(frame, "t", NULL);
	if (!type) {
		frame_release(frame);
		return err_set(err, ERR_INVALID, "protocol header has no message name");
	}
	frame->type = (enum message)name_index(message_names, MESSAGE_COUNT, type);
	return 0;
}

int frame_reader_next(struct frame_reader *reader, struct frame *ret, struct err *err)
{
	struct frame frame = { .type = MESSAGE_UNKNOWN };
	size_t length = 0;

	const char *text = reader->in.data + reader->pos;
	size_t have = reader->in.len - reader->pos;
	if (have < LENGTH_BYTES)
		return 0;
	for (int i = 0; i < LENGTH_BYTES; i++)
		length = length << 8 | (unsigned char)text[i];
	if (length < 2 || length > FRAME_MAX) {
		err_set(err, ERR_INVALID, "the peer does not speak the worker protocol");
		err_detail(err, "frame length %zu, first bytes \"%.60s\"", length, text);
		return -ERR_INVALID;
	}
	if (have - LENGTH_BYTES < length)
		return 0;
	text += LENGTH_BYTES;
	const char *nul = memchr(text, '\0', length);
	size_t head_len = nul ? (size_t)(nul - text) : length;
	int r = header_parse(text, head_len, &frame, err);
	if (r < 0)
		return r;
	if (nul) {
		frame.blob = nul + 1;
		frame.blob_len = length - head_len - 1;
	}
	reader->pos += LENGTH_BYTES + length;
	*ret = frame;
	return 1;
}
