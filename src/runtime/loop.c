/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: a queue of containers to look at, descriptors and deadlines
 * to wait for. SIGTERM, SIGINT and SIGHUP are let in only while it waits or
 * looks for them (ppoll), so a stop request cannot slip between look and wait.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "runtime/engine.h"

/* How often work that never waits looks for a stop request. */
#define CANCEL_CHECK_MS 20

void loop_init(struct run *run)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (run->options->dump)
		sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &run->old_mask);
	if (run->options->dump) /* the supervisor has it blocked from the start */
		sigdelset(&run->old_mask, SIGUSR1);
}

void loop_release(struct run *run)
{
	sigprocmask(SIG_SETMASK, &run->old_mask, NULL);
	vec_release(&run->watches);
	vec_release(&run->active);
	vec_release(&run->queue);
}

void loop_queue(struct unit *container)
{
	if (container->queued)
		return;
	container->queued = true;
	vec_push(&container->run->queue, container);
}

static struct unit *dequeue(struct run *run)
{
	struct unit *unit;

	if (run->queue_head == run->queue.len) {
		run->queue_head = run->queue.len = 0;
		return NULL;
	}
	unit = run->queue.items[run->queue_head++];
	if (unit)
		unit->queued = false;
	return unit;
}

void loop_watch(struct unit *unit, int fd, short events)
{
	struct watch watch = { fd, events, unit };

	vec_push(&unit->run->watches, watch);
}

void loop_unwatch(struct run *run, int fd)
{
	for (size_t i = 0; i < run->watches.len; i++) {
		if (run->watches.items[i].fd == fd) {
			run->watches.items[i] = run->watches.items[--run->watches.len];
			return;
		}
	}
}

/* Tell everything that waits to stop. Each leaf ends through its own callbacks. */
static void cancel_all(struct run *run)
{
	VEC(struct unit *) leaves = { 0 };

	run->cancelling = true;
	for (size_t i = 0; i < run->active.len; i++)
		vec_push(&leaves, run->active.items[i]);
	for (size_t i = 0; i < leaves.len; i++) {
		event_raise(leaves.items[i], EVENT_QUERY_CANCEL, NULL, 0, "Cancel was requested.");
		if (leaves.items[i]->ops->cancel && leaves.items[i]->state == UNIT_RUNNING)
			leaves.items[i]->ops->cancel(leaves.items[i]);
	}
	vec_release(&leaves);
}

static bool stop_requested(const struct run *run)
{
	return run->options->cancel && *run->options->cancel;
}

bool loop_cancelled(struct run *run)
{
	int64_t now = clock_mono_ms();

	if (run->cancelling)
		return true;
	if (now - run->cancel_checked_ms >= CANCEL_CHECK_MS) {
		struct timespec zero = { 0, 0 };
		run->cancel_checked_ms = now;
		ppoll(NULL, 0, &zero, &run->old_mask);
	}
	dump_on_request(run);
	if (stop_requested(run))
		cancel_all(run);
	return run->cancelling;
}

/* Milliseconds until the next deadline, -1 for none. */
static int64_t next_timeout(const struct run *run)
{
	int64_t best = -1, now = clock_mono_ms();

	for (size_t i = 0; i < run->active.len; i++) {
		int64_t deadline = run->active.items[i]->deadline_ms;
		int64_t left = deadline > now ? deadline - now : 0;
		if (deadline && (best < 0 || left < best))
			best = left;
	}
	return best;
}

static void fire_timers(struct run *run)
{
	int64_t now = clock_mono_ms();

	for (size_t i = 0; i < run->active.len; i++) {
		struct unit *unit = run->active.items[i];
		if (unit->deadline_ms && unit->deadline_ms <= now) {
			unit->deadline_ms = 0;
			unit->ops->timer(unit);
			return; /* the list may have changed; the rest comes in the next round */
		}
	}
}

/* One watch that is still there, by what it was when the poll began. */
static bool still_watched(const struct run *run, const struct watch *watch)
{
	for (size_t i = 0; i < run->watches.len; i++) {
		if (run->watches.items[i].fd == watch->fd && run->watches.items[i].unit == watch->unit)
			return true;
	}
	return false;
}

static void wait_for_something(struct run *run)
{
	size_t count = run->watches.len;
	struct pollfd *fds = xcalloc(count + 1, sizeof(*fds));
	struct watch *watches = xcalloc(count + 1, sizeof(*watches));
	int64_t ms = next_timeout(run);
	struct timespec timeout = { ms / 1000, ms % 1000 * 1000000 };

	assert(count || ms >= 0); /* else nobody would ever wake us */
	for (size_t i = 0; i < count; i++) {
		watches[i] = run->watches.items[i];
		fds[i] = (struct pollfd){ .fd = watches[i].fd, .events = watches[i].events };
	}
	event_log_flush(&run->log);
	int n = stop_requested(run) && !run->cancelling
	    ? 0
	    : ppoll(fds, count, ms >= 0 ? &timeout : NULL, &run->old_mask);
	for (size_t i = 0; n > 0 && i < count; i++) {
		if (fds[i].revents && still_watched(run, &watches[i]))
			watches[i].unit->ops->ready(watches[i].unit, fds[i].fd, fds[i].revents);
	}
	free(fds);
	free(watches);
	dump_on_request(run);
	if (stop_requested(run) && !run->cancelling)
		cancel_all(run);
	fire_timers(run);
}

void loop_until(struct run *run, struct unit *unit)
{
	while (unit->state != UNIT_DONE) {
		struct unit *next = dequeue(run);
		if (next) {
			if (next->state == UNIT_RUNNING)
				next->ops->pump(next);
			loop_cancelled(run);
		} else if (run->queue.len == 0) {
			wait_for_something(run);
		}
	}
}
