/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation. Whoever holds the task's lock decides about the task;
 * everything else is a look at files. The order of the steps is the promise:
 * lock, look at result / started / cancel, write `started` (durably), look at
 * cancel again, start the runtime, wait, end what it left behind, write the
 * result. Killed at any point, the next supervisor can tell from the files
 * what happened, and never starts the runtime a second time.
 *
 * The supervisor is a sub-reaper: every orphan of the task becomes its child,
 * so "no children left" means that nothing of the task runs any more.
 *
 * A supervisor may be given another task when one has ended, because making a
 * process costs as much as all else it does. Not after anything unusual: then
 * nothing that the task said or left is in a process of another one.
 */
#include "exec/worker/supervisor_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "exec/worker/straggler.h"

#define LOCK_WAIT_MS 2000
#define LOCK_PAUSE_MS 1
#define LEFTOVER_GRACE_MS 1000 /* TERM to KILL for what outlives the runtime */
#define KILL_PATIENCE_MS 10000 /* then a process that KILL cannot end is left and named */
#define LOOK_MS 5000 /* how long it sleeps at most: its folder may have been deleted */
#define KILL_AGAIN_MS 50
#define SCOPE_MS 20   /* between looks for a scope that is being made */
#define OUTPUT_TAIL 1024
#define EXIT_DROPPED 128        /* added to the runtime's code: its last records are not in the event log */

/* Write the result, which lets go of the lock. */
static void supervisor_end(struct supervisor *s, enum task_outcome outcome, int exit_code,
    int signal_number, const char *reason)
{
	struct task_result result = { .key = s->job->key, .outcome = outcome, .exit_code = exit_code,
		.signal = signal_number, .time = clock_steady_now(&s->job->clock), .reason = reason };

	/* Without a result the task stays "started, lock free", which reads as lost: still true. */
	task_result_write(s->task, s->lock, &result, &s->unsynced, NULL);
	s->lock = -1;
}

/*
 * Take the lock; false when another supervisor works on the task. The lock of
 * a folder that was used before may be held for a moment by its last
 * supervisor, and the agent's probe holds it for microseconds: both pass.
 */
static bool take_lock(struct supervisor *s)
{
	struct timespec pause = { .tv_nsec = LOCK_PAUSE_MS * 1000000L };
	struct task_status status;

	/* A power cut may have left nothing but the name of the folder: that must be settled, too. */
	s->lock = openat(s->task, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	for (int waited = 0; s->lock >= 0 && waited < LOCK_WAIT_MS; waited += LOCK_PAUSE_MS) {
		if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno != EWOULDBLOCK)
			return false;
		task_status_read(s->task, &status);
		if (status.started || status.ended)
			return false;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* Written before the fork: from here on the task counts as started. */
static int write_started(struct supervisor *s)
{
	char text[160];

	snprintf(text, sizeof(text), "{\"time\":%" PRId64 ",\"pid\":%d,\"boot\":\"%.40s\",\"epoch\":%" PRId64 "}\n",
	    clock_steady_now(&s->job->clock), (int)getpid(), s->job->boot_id, s->spool->epoch);
	return task_mark_started(s->spool, s->task, text);
}

/* Collect ended children; true while any is left. */
static bool reap(struct supervisor *s)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, WNOHANG);
		if (pid == 0)
			return true;
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return false;
		if (pid == s->pid) {
			s->exited = true;
			s->status = status;
		}
	}
}

/* Begin to end the task: TERM to its group now, KILL when the grace is over. */
static void begin_end(struct supervisor *s, enum task_outcome wanted)
{
	s->wanted = wanted;
	kill(-s->pid, SIGTERM);
	s->deadline_ms = clock_mono_ms() + s->job->grace_ms;
}

/* The runtime has ended but left processes: the same for them, with a short grace. */
static void begin_leftovers(struct supervisor *s)
{
	int64_t deadline = clock_mono_ms() + LEFTOVER_GRACE_MS;

	s->leftovers = true;
	straggler_signal(s->cookie, 1, SIGTERM);
	if (!s->deadline_ms || s->deadline_ms > deadline)
		s->deadline_ms = deadline;
}

/* KILL everything, again and again: a process may fork while we look. False when even that does not help. */
static bool kill_all(struct supervisor *s)
{
	int64_t now = clock_mono_ms();

	if (!s->give_up_ms)
		s->give_up_ms = now + KILL_PATIENCE_MS;
	if (s->how != CGROUP_NONE) {
		char *folder = cgroup_folder(s->job->cgroup, s->group, s->pid);
		if (folder)
			cgroup_kill(folder);
		free(folder);
	}
	if (!s->exited)
		kill(-s->pid, SIGKILL);
	straggler_signal(s->cookie, 1, SIGKILL);
	s->deadline_ms = now + KILL_AGAIN_MS;
	return now < s->give_up_ms || !s->exited;
}

/*
 * A scope is there only after systemd-run has made it, and goes with its last process: its news are read as they
 * come. A task that lost a part of itself is not to go on.
 */
static void watch_memory(struct supervisor *s)
{
	if (s->how == CGROUP_NONE || !s->job->cgroup->memory_max_mb || s->out_of_memory)
		return;
	char *folder = cgroup_folder(s->job->cgroup, s->group, s->pid);
	if (s->memory < 0 && folder)
		s->memory = cgroup_memory_open(folder);
	s->out_of_memory = cgroup_out_of_memory(s->memory);
	if (s->out_of_memory && folder)
		cgroup_kill(folder);
	free(folder);
}

/* When the lease ends, in milliseconds from now; -1 when there is none. */
static int64_t lease_left(const struct supervisor *s)
{
	if (!s->job->lease_ms || s->wanted != TASK_EXITED)
		return -1;
	int64_t contact = spool_contact_read(s->spool->contact);
	if (contact < s->job->stamp)
		contact = s->job->stamp;
	int64_t left = contact + s->job->lease_ms - spool_clock_ms();
	return left > 0 ? left : 0;
}

/* When the time limit is over, likewise. */
static int64_t limit_left(const struct supervisor *s)
{
	if (!s->limit_ms || s->wanted != TASK_EXITED || s->exited)
		return -1;
	int64_t left = s->limit_ms - clock_mono_ms();
	return left > 0 ? left : 0;
}

/* Look at what might want the task ended. */
static void check_wishes(struct supervisor *s)
{
	struct stat st;

	if (s->wanted != TASK_EXITED || s->exited)
		return;
	if (task_dump_wanted(s->task))
		kill(s->pid, SIGUSR1);
	if (faccessat(s->task, "cancel", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		begin_end(s, TASK_CANCELLED);
	else if (lease_left(s) == 0)
		begin_end(s, TASK_LEASE);
	else if (limit_left(s) == 0)
		begin_end(s, TASK_LIMIT);
	else if (fstat(s->task, &st) == 0 && st.st_nlink == 0)
		begin_end(s, TASK_LOST); /* nobody can ever learn how it ends */
}

/* Sleep until something happens or the next deadline. */
static void wait_turn(struct supervisor *s)
{
	struct pollfd fds[] = { { .fd = s->signals, .events = POLLIN }, { .fd = s->ctl, .events = POLLIN },
		{ .fd = s->out_of_memory ? -1 : s->memory, .events = POLLPRI } };
	struct signalfd_siginfo info;
	char drain[64];
	int64_t ends[] = { lease_left(s), limit_left(s) };
	int64_t wait = s->deadline_ms ? s->deadline_ms - clock_mono_ms() : -1;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		if (ends[i] >= 0 && (wait < 0 || ends[i] < wait))
			wait = ends[i];
	}
	if (wait < 0 || wait > LOOK_MS)
		wait = LOOK_MS;
	if (wait > SCOPE_MS && s->how == CGROUP_SCOPE && s->memory < 0 && s->job->cgroup->memory_max_mb && !s->exited)
		wait = SCOPE_MS;
	poll(fds, ARRAY_LEN(fds), (int)wait + 1);
	while (read(s->ctl, drain, sizeof(drain)) > 0)
		;
	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		/* Somebody ends us (a shutdown): the task ends in good order, as crashed. */
		if (info.ssi_signo == SIGTERM && s->wanted == TASK_EXITED && !s->exited)
			begin_end(s, TASK_CRASHED);
	}
}

/* Wait for the runtime and all it left behind; whether it ended by itself and left nothing. */
static bool watch_runtime(struct supervisor *s)
{
	while (reap(s)) {
		watch_memory(s);
		check_wishes(s);
		if (s->exited && !s->leftovers)
			begin_leftovers(s);
		wait_turn(s);
		if (s->deadline_ms && clock_mono_ms() >= s->deadline_ms && !kill_all(s))
			return false; /* what even KILL cannot end (a dead disk) is not waited for */
	}
	return s->wanted == TASK_EXITED && !s->leftovers;
}

/* The end of the runtime's stdout and stderr, for a reason's text. */
static char *output_tail(const struct supervisor *s)
{
	char *text = xcalloc(1, OUTPUT_TAIL + 1);
	int fd = openat(s->task, "out", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);

	if (size > 0) {
		off_t from = size > OUTPUT_TAIL ? size - OUTPUT_TAIL : 0;
		ssize_t n = pread(fd, text, OUTPUT_TAIL, from);
		while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' '))
			n--;
		text[n > 0 ? n : 0] = '\0';
	}
	if (fd >= 0)
		close(fd);
	return text;
}

/* systemd-run itself failed, so that nothing of the package has run: it says so before the runtime could write an event. */
static bool scope_refused(const struct supervisor *s, int code, const char *tail)
{
	struct stat events;

	return s->how == CGROUP_SCOPE && code == 1 && strncmp(tail, "Failed to ", 10) == 0 &&
	    fstatat(s->task, "events", &events, AT_SYMLINK_NOFOLLOW) == 0 && events.st_size == 0;
}

/*
 * The task was ended for its memory. A scope may have gone before it could be
 * asked: there a KILL that nobody sent is the only sign.
 * Returns what to say, NULL when it was not so; caller frees.
 */
static char *memory_reason(const struct supervisor *s, int sig)
{
	int limit = s->how == CGROUP_NONE ? 0 : s->job->cgroup->memory_max_mb;
	char *reason = NULL;

	if (s->out_of_memory || (limit && cgroup_out_of_memory(s->memory)))
		reason = xasprintf("ended because it needed more memory than the %d MiB that the worker gives a task", limit);
	else if (limit && s->how == CGROUP_SCOPE && sig == SIGKILL && s->wanted == TASK_EXITED)
		reason = xasprintf("scaleout-dtexec was killed, most likely because it needed more memory than the %d MiB that "
				   "the worker gives a task (the journal of the machine tells: %s.scope)", limit, s->group);
	return reason;
}

static void report_end(struct supervisor *s)
{
	int status = WIFEXITED(s->status) ? WEXITSTATUS(s->status) : -1;
	bool dropped = status >= EXIT_DROPPED;
	int code = dropped ? status - EXIT_DROPPED : status;
	int sig = WIFSIGNALED(s->status) ? WTERMSIG(s->status) : 0;
	enum task_outcome outcome = TASK_EXITED;

	if (s->how == CGROUP_DIRECT)
		cgroup_remove(s->job->cgroup, s->group);
	s->plain = s->plain && (status == 0 || (status == 1 && s->how == CGROUP_NONE));
	if (s->plain) {
		supervisor_end(s, outcome, code, 0, "");
		return;
	}
	char *output = output_tail(s);
	bool refused = scope_refused(s, status, output);
	const char *tail = !refused && (code == 0 || code == 1) ? "" : output;
	const char *between = *tail ? ": " : "";
	char *reason = NULL, *memory = memory_reason(s, sig);

	if (refused) {
		outcome = TASK_REFUSED;
		code = -1;
		reason = xasprintf("no control group for the task: %s", tail);
	} else if (s->wanted == TASK_CANCELLED && code != 0) {
		/* A task that succeeded before the TERM reached it keeps its success. */
		outcome = TASK_CANCELLED;
	} else if (s->wanted == TASK_LEASE && code != 0) {
		outcome = TASK_LEASE;
		reason = xasprintf("ended because the master was out of reach for %" PRId64 " seconds",
		    s->job->lease_ms / 1000);
	} else if (s->wanted == TASK_LIMIT && code != 0) {
		outcome = TASK_LIMIT;
		reason = xasprintf("ended because its time limit of %" PRId64 " seconds was over",
		    s->job->limit_ms / 1000);
	} else if (memory && code != 0) {
		outcome = TASK_CRASHED;
		reason = xstrdup(memory);
	} else if (sig) {
		outcome = TASK_CRASHED;
		reason = xasprintf("scaleout-dtexec was killed by signal %d (%s)%s%s", sig, strsignal(sig),
		    between, tail);
	} else if (code == 3) {
		outcome = TASK_CRASHED;
		reason = xasprintf("scaleout-dtexec was asked to end, but not by a stop%s%s", between, tail);
	} else {
		reason = *tail ? xasprintf("scaleout-dtexec ended with code %d: %s", code, tail) :
		    dropped    ? xstrdup("the disk of the worker was full: the last messages of the package were not kept") :
				 NULL;
	}
	supervisor_end(s, outcome, code, sig, reason ? reason : "");
	free(reason);
	free(memory);
	free(output);
}

/* With only the claim known to be on the disk, a claim of another boot may have been started. */
static bool claimed_before_boot(const struct supervisor *s)
{
	char *job = task_file_read(s->task, "job", 4096);
	bool same = job && strstr(job, s->job->boot_id);

	free(job);
	return !same;
}

/* A supervisor before us died after `started`: end what may still run, and say so. */
static void settle_lost(struct supervisor *s)
{
	struct timespec pause = { .tv_nsec = 20000000 };
	bool rebooted = false;
	int64_t give_up = clock_mono_ms() + KILL_PATIENCE_MS;

	while (straggler_signal(s->cookie, 0, SIGKILL) && clock_mono_ms() < give_up)
		nanosleep(&pause, NULL);
	char *started = task_file_read(s->task, "started", 256);
	if (claimed_before_boot(s) || (started && !strstr(started, s->job->boot_id)))
		rebooted = true;
	supervisor_end(s, TASK_LOST, -1, 0, rebooted ? "the worker machine was restarted" :
	    "the task's supervisor was killed");
}

/* The latch: whether the runtime may be started. What must be settled instead is. */
static bool pass_latch(struct supervisor *s)
{
	struct task_status status;

	if (!take_lock(s))
		return false;
	task_status_of_ours(s->task, &status);
	/* The name is looked at after the files: a folder that was emptied meanwhile is no longer this task's. */
	if (status.ended || !spool_task_is(s->spool, s->job->key, s->task))
		return false;
	if (status.started || claimed_before_boot(s)) {
		settle_lost(s);
	} else if (status.cancel) {
		supervisor_end(s, TASK_CANCELLED, -1, 0, "");
	} else if (s->spec < 0) {
		supervisor_end(s, TASK_REFUSED, -1, 0, "the supervisor died before it started the task");
	} else if (write_started(s) < 0) {
		char *reason = xasprintf("cannot note the start: %s", strerror(errno));
		supervisor_end(s, TASK_REFUSED, -1, 0, reason);
		free(reason);
	} else if (faccessat(s->task, "cancel", F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		supervisor_end(s, TASK_CANCELLED, -1, 0, "");
	} else {
		return true;
	}
	return false;
}

/* Run what passed the latch, to its result. */
static void run_task(struct supervisor *s)
{
	int code = supervisor_start_runtime(s);

	if (code) {
		char *reason = xasprintf("cannot start %s: %s", s->job->runtime ? s->job->runtime : "the package", strerror(code));
		supervisor_end(s, TASK_REFUSED, -1, 0, reason);
		free(reason);
		return;
	}
	if (s->job->limit_ms)
		s->limit_ms = clock_mono_ms() + s->job->limit_ms;
	s->plain = watch_runtime(s);
	report_end(s);
}

bool supervisor_run(int signals, struct spool *spool, const struct supervisor_job *job, struct supervisor_rest *ret)
{
	struct supervisor s = { .spool = spool, .job = job, .task = spool_task_open(spool, job->key), .lock = -1,
		.ctl = -1, .signals = signals, .spec = job->spec_fd, .wanted = TASK_EXITED, .memory = -1,
		.unsynced = TASK_UNSYNCED_NONE, .cookie = xasprintf("%s/%s", spool->id, job->key) };

	if (s.task >= 0 && pass_latch(&s)) {
		s.ctl = openat(s.task, "ctl", O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
		run_task(&s);
	}
	int fds[] = { s.lock, s.ctl, s.memory, s.spec };
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	free(s.cookie);
	*ret = (struct supervisor_rest){ s.task, s.unsynced };
	return s.plain;
}

void supervisor_finish(struct spool *spool, const struct supervisor_job *job, struct supervisor_rest *rest)
{
	if (spool->durable && rest->files.result >= 0 && spool_task_is(spool, job->key, rest->task))
		task_result_sync(&rest->files);
	task_unsynced_close(&rest->files);
	if (rest->task >= 0)
		close(rest->task);
	rest->task = -1;
}
