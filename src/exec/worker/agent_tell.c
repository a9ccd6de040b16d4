/* SPDX-License-Identifier: MIT */
/*
 * What the agent tells about a task: STARTED, EVENTS, RESULT, each made from
 * the task's files. Events are carried as bytes; only line ends are counted.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "exec/worker/agent_private.h"

#define LINE_MAX_BYTES ((size_t)1024 * 1024) /* package/event.h EVENT_LINE_MAX */
#define BATCH_BYTES ((size_t)256 * 1024)

bool agent_add_started(struct agent *agent, const struct task *task, json_t *object)
{
	char *text = task_file_read(task->dir, "started", 256);
	json_t *started = text && strchr(text, '\n') ? json_loads(text, 0, NULL) : NULL;

	free(text);
	if (!started)
		return false;
	json_object_set(object, "time", json_object_get(started, "time"));
	json_object_set(object, "pid", json_object_get(started, "pid"));
	facts_add(agent_facts(agent), object);
	json_decref(started);
	return true;
}

void agent_tell_started(struct agent *agent, struct task *task)
{
	json_t *head = frame_head(MESSAGE_STARTED);

	json_object_set_new(head, "key", json_string(task->key));
	if (agent_add_started(agent, task, head)) {
		agent_send(agent, head, NULL, 0);
		task->started_sent = true;
	} else {
		json_decref(head);
	}
}

static size_t count_lines(const char *data, size_t len)
{
	size_t lines = 0;

	for (const char *at = data, *end = data + len; (at = memchr(at, '\n', (size_t)(end - at))); at++)
		lines++;
	return lines;
}

/* Read the next whole lines into data; bytes read, 0 at the end. Grows the buffer for one long line. */
static size_t read_lines(struct task *task, struct buf *data)
{
	for (size_t want = BATCH_BYTES;; want = LINE_MAX_BYTES) {
		buf_clear(data);
		buf_reserve(data, want);
		ssize_t n = pread(task->events, data->data, want, task->offset);
		const char *end = n > 0 ? memrchr(data->data, '\n', (size_t)n) : NULL;
		if (end)
			return (size_t)(end - data->data) + 1;
		if (n < (ssize_t)want || want == LINE_MAX_BYTES)
			return 0;
	}
}

static bool window_open(const struct agent *agent, const struct task *task)
{
	return task->sent_count < TASK_BATCHES && task->sent_bytes < TASK_WINDOW &&
	    agent->out.len - agent->out_pos < AGENT_OUT_HIGH;
}

bool agent_tell_events(struct agent *agent, struct task *task)
{
	struct buf data = BUF_INIT;
	bool drained = false;

	if (task->events < 0)
		task->events = openat(task->dir, "events", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (task->events < 0)
		return errno == ENOENT; /* a power cut has taken even the log's name */
	while (window_open(agent, task)) {
		size_t len = read_lines(task, &data);
		if (len == 0) {
			drained = true;
			break;
		}
		int64_t to = task->next_seq + (int64_t)count_lines(data.data, len) - 1;
		json_t *head = frame_head(MESSAGE_EVENTS);
		json_object_set_new(head, "key", json_string(task->key));
		json_object_set_new(head, "from", json_integer(task->next_seq));
		json_object_set_new(head, "to", json_integer(to));
		agent_send(agent, head, data.data, len);
		task->sent[task->sent_count].to = to;
		task->sent[task->sent_count++].bytes = len;
		task->sent_bytes += len;
		task->offset += (off_t)len;
		task->next_seq = to + 1;
	}
	buf_release(&data);
	return drained;
}

/* Dumps of a task as {name, size}; at most 64. */
static json_t *list_dumps(const struct task *task)
{
	json_t *list = json_array();
	int fd = openat(task->dir, "dump", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct stat st;

	while (dir && json_array_size(list) < 64 && (entry = readdir(dir))) {
		json_t *name = json_string(entry->d_name); /* NULL when not UTF-8: not offered */
		if (name && fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			json_array_append_new(list, json_pack("{s:O, s:I}", "name", name, "size",
			    (json_int_t)st.st_size));
		json_decref(name);
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return list;
}

void agent_tell_dumps(struct agent *agent, const struct task *task)
{
	json_t *head = frame_head(MESSAGE_DUMPS);

	json_object_set_new(head, "key", json_string(task->key));
	json_object_set_new(head, "dumps", list_dumps(task));
	agent_send(agent, head, NULL, 0);
}

void agent_tell_result(struct agent *agent, struct task *task)
{
	const char *why;
	json_t *head = task_result_read(task->dir, task->key, &why);

	if (!head)
		head = json_pack("{s:s, s:s, s:I}", "outcome", task_outcome_name(TASK_LOST), "reason", why, "time",
		    (json_int_t)clock_wall());
	json_object_set_new(head, "t", json_string(message_name(MESSAGE_RESULT)));
	json_object_set_new(head, "key", json_string(task->key));
	json_object_set_new(head, "events", json_integer(task->next_seq - 1));
	json_object_set_new(head, "dumps", list_dumps(task));
	agent_send(agent, head, NULL, 0);
	task->result_sent = true;
}

off_t agent_find_line(int fd, int64_t seq)
{
	char *data = xmalloc(BATCH_BYTES);
	off_t offset = 0, found = -1;
	int64_t line = 1;

	while (found < 0) {
		ssize_t n = pread(fd, data, BATCH_BYTES, offset);
		if (line == seq)
			found = offset;
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n && found < 0; i++) {
			if (data[i] == '\n' && ++line == seq)
				found = offset + i + 1;
		}
		offset += n;
	}
	free(data);
	return found;
}
