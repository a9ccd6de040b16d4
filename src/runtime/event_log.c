/* SPDX-License-Identifier: MIT */
/*
 * The task's event log: records are numbered here and written in batches, at
 * the latest after 100 ms or before the loop waits, each batch by one write,
 * so a reader of the file never sees half a line for long. What a full disk
 * does not take is dropped whole, its numbers are given again, and the first
 * record that fits afterwards says how many are missing.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "runtime/engine.h"

#define BATCH_BYTES ((size_t)64 * 1024)
#define BATCH_MS 100

void event_log_init(struct event_log *log, int fd)
{
	*log = (struct event_log){ .fd = fd, .flushed_ms = clock_mono_ms() };
	buf_init(&log->pending);
}

static int64_t file_size(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (int64_t)st.st_size : -1;
}

/* Whole lines of the batch that got into the file; what follows them there is cut off, for a reader takes whole lines at once. */
static int64_t keep_whole_lines(const struct event_log *log, int64_t size_before)
{
	int64_t size = file_size(log->fd), lines = 0;
	size_t end = 0;

	if (size_before < 0 || size <= size_before)
		return 0;
	for (size_t i = 0; i < (size_t)(size - size_before) && i < log->pending.len; i++) {
		if (log->pending.data[i] == '\n') {
			lines++;
			end = i + 1;
		}
	}
	return ftruncate(log->fd, (off_t)(size_before + (int64_t)end)) < 0 ? 0 : lines;
}

void event_log_flush(struct event_log *log)
{
	int64_t before = log->pending.len ? file_size(log->fd) : 0;

	if (log->pending.len && log->fd >= 0) {
		if (fd_write_full(log->fd, log->pending.data, log->pending.len) == 0) {
			log->dropped = 0;
			log->written = log->seq;
		} else {
			log->error = errno;
			int64_t kept = keep_whole_lines(log, before);
			/* A record that told of earlier ones is none of the package's own. */
			if (kept && log->told)
				log->dropped = 0;
			log->dropped += log->seq - log->written - kept - (log->told && !kept);
			log->written += kept;
			log->seq = log->written;
		}
		log->told = false;
	}
	buf_clear(&log->pending);
	log->flushed_ms = clock_mono_ms();
}

/* The first record after those that were dropped. */
static void tell_dropped(struct event_log *log, int64_t time)
{
	char *text = xasprintf("%lld records of this package could not be kept: %s", (long long)log->dropped,
	    strerror(log->error));
	struct event event = { .kind = EVENT_KIND_MESSAGE, .time = time, .type = EVENT_WARNING,
		.source_type = EVENT_SOURCE_PROCESS, .message = text, .event_name = "OnWarning",
		.thread_id = getpid(), .seq = ++log->seq };

	event_encode(&event, &log->pending);
	log->told = true;
	free(text);
}

void event_log_add(struct event_log *log, struct event *event)
{
	if (log->fd < 0)
		return;
	if (log->dropped && !log->pending.len)
		tell_dropped(log, event->time);
	event->seq = ++log->seq;
	log->last_time = event->time ? event->time : log->last_time;
	event_encode(event, &log->pending);
	if (log->pending.len >= BATCH_BYTES || clock_mono_ms() - log->flushed_ms >= BATCH_MS)
		event_log_flush(log);
}

void event_log_release(struct event_log *log)
{
	event_log_flush(log);
	if (log->dropped) {
		tell_dropped(log, log->last_time);
		event_log_flush(log);
	}
	buf_release(&log->pending);
}
