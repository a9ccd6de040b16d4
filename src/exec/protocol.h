/* SPDX-License-Identifier: MIT */
/*
 * The worker protocol's frames and names (doc/protocol.md): used by the master,
 * the worker agent and the probe. Everything read here is foreign: lengths,
 * nesting and types are checked before anything is believed.
 */
#ifndef SO_EXEC_PROTOCOL_H
#define SO_EXEC_PROTOCOL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define PROTOCOL_VERSION 1
#define FRAME_MAX ((size_t)4 * 1024 * 1024) /* after the length */
#define FRAME_HEADER_MAX ((size_t)256 * 1024)
#define FRAME_DEPTH_MAX 16
#define FRAME_CHUNK ((size_t)256 * 1024)    /* bytes of a project or dump in one frame */
#define FRAME_TASKS_MAX 500                 /* tasks in one TASKS frame */

enum message {
	MESSAGE_UNKNOWN = -1,
	MESSAGE_HELLO,
	MESSAGE_START,
	MESSAGE_PUT,
	MESSAGE_LIST,
	MESSAGE_TAIL,
	MESSAGE_ACK,
	MESSAGE_DONE,
	MESSAGE_CANCEL,
	MESSAGE_FETCH,
	MESSAGE_DUMP,
	MESSAGE_DUMPS,
	MESSAGE_PING,
	MESSAGE_TASKS,
	MESSAGE_STARTED,
	MESSAGE_EVENTS,
	MESSAGE_RESULT,
	MESSAGE_REFUSED,
	MESSAGE_NEED,
	MESSAGE_HAVE,
	MESSAGE_GONE,
	MESSAGE_FILE,
	MESSAGE_PONG,
	MESSAGE_ERROR,
	MESSAGE_COUNT
};
const char *message_name(enum message message);

/* How a task ended (doc/protocol.md §6). */
enum task_outcome {
	TASK_OUTCOME_UNKNOWN = -1,
	TASK_EXITED,
	TASK_CANCELLED,
	TASK_CRASHED,
	TASK_LEASE,
	TASK_LIMIT,
	TASK_LOST,
	TASK_REFUSED,
	TASK_OUTCOME_COUNT
};
const char *task_outcome_name(enum task_outcome outcome);
enum task_outcome task_outcome_parse(const char *name);

/* State of a task in a TASKS answer. */
enum task_state { TASK_STATE_UNKNOWN = -1, TASK_CLAIMED, TASK_RUNNING, TASK_ENDED, TASK_STATE_COUNT };
const char *task_state_name(enum task_state state);
enum task_state task_state_parse(const char *name);

/* "EXECUTION-TRY": the name of a task everywhere. */
#define TASK_KEY_SIZE 28
void task_key_format(int64_t execution_id, int attempt, char key[TASK_KEY_SIZE]);
/* False when malformed; outputs may be NULL. */
bool task_key_parse(const char *key, int64_t *ret_execution_id, int *ret_attempt);
/* 64 lower-case hex digits. */
bool project_hash_valid(const char *hash);

/* A frame that has been read. blob points into the reader and lives until it is fed or released. */
struct frame {
	enum message type;
	json_t *head; /* object; owned */
	const char *blob;
	size_t blob_len;
};
void frame_release(struct frame *frame);

/* Members by name; the default when absent or of another type. Text is borrowed from the frame. */
const char *frame_text(const struct frame *frame, const char *name, const char *otherwise);
int64_t frame_int(const struct frame *frame, const char *name, int64_t otherwise);
bool frame_bool(const struct frame *frame, const char *name, bool otherwise);
/* The "key" member when it is a well-formed task key, else NULL. */
const char *frame_key(const struct frame *frame);

/* A new header with its "t" member. */
json_t *frame_head(enum message type);
/*
 * Append one frame to out; takes the head. ERR_LIMIT (nothing appended) when
 * the header or the whole is too long.
 */
int frame_write(struct buf *out, json_t *head, const void *blob, size_t blob_len, struct err *err);

/* Bytes in, frames out. */
struct frame_reader {
	struct buf in;
	size_t pos; /* bytes of in that were given out as frames */
};
#define FRAME_READER_INIT { .in = BUF_INIT }
void frame_reader_release(struct frame_reader *reader);
void frame_reader_feed(struct frame_reader *reader, const void *data, size_t len);
/*
 * The next whole frame: 1 and *ret (frame_release it), 0 when more bytes are
 * needed, negative when the peer broke the rules: the connection must end.
 */
int frame_reader_next(struct frame_reader *reader, struct frame *ret, struct err *err);

#endif
