/* SPDX-License-Identifier: MIT */
/*
 * The fork server's own side, and the supervisors that it makes: each takes one
 * task after the other and brings the result of the last one to the disk when
 * nobody has taken it (fork_server.c has the theory of operation).
 */
#include "exec/worker/fork_server_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/account.h"
#include "base/clock.h"
#include "base/mem.h"
#include "exec/worker/fork_server.h"
#include "exec/worker/title.h"

struct received {
	struct spool spool;
	struct supervisor_job job;
	struct cgroup cgroup;
	char packet[REQUEST_MAX];
	struct supervisor_rest rest; /* of the task, when it has ended */
	int64_t finish_ms;           /* when that is due, 0 = there is none */
};

static bool take_strings(struct received *r, size_t len)
{
	const char **into[REQUEST_STRINGS] = { NULL, NULL, &r->job.key, &r->job.runtime, &r->job.project_dir,
		&r->job.boot_id };
	const char *at = r->packet + sizeof(struct request), *end = r->packet + len;

	for (int i = 0; i < REQUEST_STRINGS; i++) {
		const char *nul = at < end ? memchr(at, '\0', (size_t)(end - at)) : NULL;
		if (!nul)
			return false;
		if (i == 0)
			r->spool.path = (char *)at;
		else if (i == 1)
			snprintf(r->spool.id, sizeof(r->spool.id), "%s", at);
		else
			*into[i] = at;
		at = nul + 1;
	}
	if (!*r->job.runtime)
		r->job.runtime = NULL;
	return true;
}

static bool take_request(struct received *r, size_t len, const int *fds, int count)
{
	struct request request;

	if (len < sizeof(request))
		return false;
	memcpy(&request, r->packet, sizeof(request));
	if (count != (request.has_spec ? 3 : 2))
		return false;
	r->spool = (struct spool){ .tasks = fds[0], .contact = fds[1], .epoch = request.epoch,
		.durable = request.durable };
	r->job = (struct supervisor_job){ .lease_ms = request.lease_ms, .stamp = request.stamp,
		.limit_ms = request.limit_ms, .grace_ms = request.grace_ms, .clock = request.clock, .spec_fd = request.has_spec ? fds[2] : -1 };
	r->cgroup = request.cgroup;
	r->job.cgroup = &r->cgroup;
	return take_strings(r, len);
}

/* One packet with its descriptors; its length, 0 at the end. */
static ssize_t receive(struct received *r, int *fds, int *ret_count)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(REQUEST_FDS * sizeof(int))];
	} control;
	struct iovec part = { r->packet, sizeof(r->packet) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space,
		.msg_controllen = sizeof(control.space) };
	ssize_t n;

	do {
		n = recvmsg(SERVER_FD, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	*ret_count = 0;
	struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (head && head->cmsg_type == SCM_RIGHTS) {
		*ret_count = (int)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(fds, CMSG_DATA(head), (size_t)*ret_count * sizeof(int));
	}
	return n;
}

/* Be done with the last task. */
static void finish_last(struct received *r)
{
	if (!r->finish_ms)
		return;
	supervisor_finish(&r->spool, &r->job, &r->rest);
	close(r->spool.tasks);
	close(r->spool.contact);
	r->finish_ms = 0;
}

/* Wait for the agent's next packet; false when somebody asks us to end first. */
static bool wait_for_task(int signals, struct received *r)
{
	struct pollfd fds[] = { { .fd = SERVER_FD, .events = POLLIN }, { .fd = signals, .events = POLLIN } };
	struct signalfd_siginfo info;

	for (;;) {
		int64_t left = r->finish_ms ? r->finish_ms - clock_mono_ms() : -1;
		int n = r->finish_ms && left <= 0 ? 0 : poll(fds, ARRAY_LEN(fds), (int)left);
		if (n == 0)
			finish_last(r);
		if (n > 0 && fds[0].revents)
			return true;
		while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
			if (info.ssi_signo == SIGTERM)
				return false;
		}
	}
}

/* Be a supervisor, for one task after the other. */
static _Noreturn void be_supervisor(int socket, int (*run_task)(int argc, char **argv))
{
	static struct received r;
	char *title[] = { (char *)"scaleout-task", NULL };
	int fds[REQUEST_FDS], count, signals;
	const pid_t self = getpid();
	bool again = true;

	if (dup2(socket, SERVER_FD) < 0 || close_range(REPORT_FD + 1, ~0u, 0) < 0)
		_exit(1);
	title_set(title[0], title, NULL);
	signals = supervisor_prepare();
	while (again && wait_for_task(signals, &r)) {
		finish_last(&r);
		ssize_t n = receive(&r, fds, &count);
		if (n <= 0 || !take_request(&r, (size_t)n, fds, count))
			break;
		r.job.run_task = run_task;
		again = supervisor_run(signals, &r.spool, &r.job, &r.rest);
		r.finish_ms = clock_mono_ms() + SUPERVISOR_REST_MS;
		again = again && write(REPORT_FD, &self, sizeof(self)) == (ssize_t)sizeof(self);
	}
	finish_last(&r);
	_exit(0);
}

/* Answer requests until the agent is gone; returns the exit status. */
static int answer_requests(int (*run_task)(int argc, char **argv))
{
	static struct received r;
	char *title[] = { (char *)"scaleout-worker", (char *)FORK_SERVER_COMMAND, NULL };
	int fds[REQUEST_FDS], count;
	ssize_t n;

	title_set(title[0], title, NULL);
	/* What supervisors and packages would read, each for itself: the account, the time zone. */
	account_self();
	clock_local_offset_min(clock_wall());
	while ((n = receive(&r, fds, &count)) > 0) {
		pid_t pid = -EINVAL;
		if (count == 1) {
			/* What fork() does besides (handlers, thread lists) a process with one thread and none of them can do without. */
			pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
			if (pid == 0)
				be_supervisor(fds[0], run_task);
			pid = pid < 0 ? -errno : pid;
		}
		for (int i = 0; i < count; i++)
			close(fds[i]);
		if (send(SERVER_FD, &pid, sizeof(pid), MSG_NOSIGNAL) < 0)
			break;
	}
	return n < 0;
}

int fork_server_main(int argc, char **argv, int (*run_task)(int argc, char **argv))
{
	title_find(argc, argv);
	return answer_requests(run_task);
}

void fork_server_be(const struct their_ends *theirs, int (*run_task)(int argc, char **argv))
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(theirs->socket, SERVER_FD) < 0 || dup2(theirs->reports, REPORT_FD) < 0)
		_exit(127);
	for (int i = 0; i < SERVER_FD; i++) {
		if (dup2(null, i) < 0)
			_exit(127);
	}
	if (close_range(REPORT_FD + 1, ~0u, 0) < 0)
		_exit(127);
	_exit(answer_requests(run_task));
}
