/* SPDX-License-Identifier: MIT */
/*
 * The task's event log: records are numbered here and written in batches, at
 * the latest after 100 ms or before the loop waits, each batch by one write,
 * so a reader of the file never sees half a line for long.
 */
#include <errno.h>

#include "base/clock.h"
#include "base/file.h"
#include "runtime/engine.h"

#define BATCH_BYTES ((size_t)64 * 1024)
#define BATCH_MS 100

void event_log_init(struct event_log *log, int fd)
{
	*log = (struct event_log){ .fd = fd, .flushed_ms = clock_mono_ms() };
	buf_init(&log->pending);
}

void event_log_flush(struct event_log *log)
{
	if (log->pending.len && log->fd >= 0 && !log->error &&
	    fd_write_full(log->fd, log->pending.data, log->pending.len))
		log->error = errno;
	buf_clear(&log->pending);
	log->flushed_ms = clock_mono_ms();
}

void event_log_add(struct event_log *log, struct event *event)
{
	if (log->fd < 0)
		return;
	event->seq = ++log->seq;
	event_encode(event, &log->pending);
	if (log->pending.len >= BATCH_BYTES || clock_mono_ms() - log->flushed_ms >= BATCH_MS)
		event_log_flush(log);
}

void event_log_release(struct event_log *log)
{
	event_log_flush(log);
	buf_release(&log->pending);
}
