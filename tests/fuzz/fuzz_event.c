/* SPDX-License-Identifier: MIT */
/* Bytes as an event record and as a task specification: what is accepted says the same after another trip. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "package/event.h"
#include "package/taskspec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_event(const char *text, size_t size)
{
	struct event event, again;
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct err err = { 0 };

	if (event_decode(text, size, &event, &err) < 0) {
		assert(err.primary[0]);
		return;
	}
	event_encode(&event, &once);
	assert(once.len <= EVENT_LINE_MAX && memchr(once.data, '\n', once.len) == once.data + once.len - 1);
	assert(event_decode(once.data, once.len, &again, NULL) == 0);
	event_encode(&again, &twice);
	assert(strcmp(once.data, twice.data) == 0);
	event_release(&event);
	event_release(&again);
	buf_release(&once);
	buf_release(&twice);
}

static void check_taskspec(const char *text, size_t size)
{
	struct taskspec spec, again;
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct err err = { 0 };

	if (taskspec_decode(text, size, &spec, &err) < 0) {
		assert(err.primary[0]);
		return;
	}
	taskspec_encode(&spec, &once);
	assert(taskspec_decode(once.data, once.len, &again, NULL) == 0);
	taskspec_encode(&again, &twice);
	assert(strcmp(once.data, twice.data) == 0);
	taskspec_release(&spec);
	taskspec_release(&again);
	buf_release(&once);
	buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_event((const char *)data, size);
	check_taskspec((const char *)data, size);
	return 0;
}
