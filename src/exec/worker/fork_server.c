/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation. Agent and server talk over a socket pair of packets: a
 * request is one struct request with the strings behind it and descriptors
 * beside it, the answer is the supervisor's process id or -errno. Both ends
 * are the same program file (/proc/self/exe), so the layout needs no version.
 *
 * The server makes the supervisor with CLONE_PARENT: it becomes the agent's
 * child, as if the agent had forked it, and outlives both.
 *
 * A process that does not exec keeps the arguments and environment that ps and
 * /proc/PID/environ show. Both are data at the top of its stack, which
 * title_set() overwrites in the package's process, so that it is seen as
 * "scaleout-dtexec --task ..." and found by its cookie like every other process
 * of the task.
 */
#include "exec/worker/fork_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "exec/worker/cgroup.h"
#include "exec/worker/straggler.h"
#include "exec/worker/title.h"

#define SERVER_FD 3
#define ANSWER_MS 10000     /* a server that is silent for so long is given up */
#define REQUEST_MAX 16384
#define REQUEST_FDS 3
#define REQUEST_STRINGS 6

struct request {
	int64_t epoch, lease_ms, stamp, limit_ms, grace_ms;
	struct clock_steady clock;
	bool durable, has_spec;
	struct cgroup cgroup;
	/* Behind it REQUEST_STRINGS strings, each ended by a NUL. */
};

/* --- the agent's side --- */

/* Ours of a pair of sockets, or -errno; theirs becomes the server's. */
static int socket_pair(int *theirs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	*theirs = pair[1];
	return pair[0];
}

/* Start the server as a program, where the agent holds too much already to be copied. */
static int server_start(struct fork_server *server)
{
	char room[TITLE_ROOM + 1], cookie[TITLE_COOKIE];
	char *argv[] = { (char *)"scaleout-worker", (char *)FORK_SERVER_COMMAND, (char *)TITLE_ROOM_OPTION,
		title_padding(room), NULL };
	VEC(char *) env = { 0 };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int theirs = -1, ours = socket_pair(&theirs);

	if (ours < 0)
		return -ours;
	snprintf(cookie, sizeof(cookie), "%-*s", TITLE_COOKIE - 1, STRAGGLER_COOKIE "=");
	vec_push(&env, cookie);
	for (char **at = environ; *at; at++)
		vec_push(&env, *at);
	vec_push(&env, NULL);
	posix_spawn_file_actions_init(&actions);
	for (int i = 0; i < SERVER_FD; i++)
		posix_spawn_file_actions_addopen(&actions, i, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&actions, theirs, SERVER_FD);
	posix_spawn_file_actions_addclosefrom_np(&actions, SERVER_FD + 1);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attributes, &none);
	int code = posix_spawn(&server->pid, "/proc/self/exe", &actions, &attributes, argv, env.items);
	vec_release(&env);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	close(theirs);
	if (code) {
		close(ours);
		server->pid = 0;
		return code;
	}
	server->socket = ours;
	return 0;
}

void fork_server_stop(struct fork_server *server)
{
	if (server->socket >= 0)
		close(server->socket);
	server->socket = -1;
	server->pid = 0;
}

static void add_string(char *packet, size_t *len, const char *text)
{
	size_t size = strlen(text) + 1;

	if (*len + size <= REQUEST_MAX)
		memcpy(packet + *len, text, size);
	*len += size;
}

static int send_request(int socket, const struct spool *spool, const struct supervisor_job *job)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(REQUEST_FDS * sizeof(int))];
	} control;
	int fds[REQUEST_FDS] = { spool->tasks, spool->contact, job->spec_fd };
	size_t count = job->spec_fd >= 0 ? 3 : 2, len = sizeof(struct request);
	char packet[REQUEST_MAX];
	struct request request = { .epoch = spool->epoch, .lease_ms = job->lease_ms, .stamp = job->stamp,
		.limit_ms = job->limit_ms, .grace_ms = job->grace_ms, .clock = job->clock, .durable = spool->durable, .has_spec = job->spec_fd >= 0 };
	const char *strings[REQUEST_STRINGS] = { spool->path, spool->id, job->key, job->runtime ? job->runtime : "",
		job->project_dir, job->boot_id };

	if (job->cgroup)
		request.cgroup = *job->cgroup;
	memcpy(packet, &request, sizeof(request));
	for (int i = 0; i < REQUEST_STRINGS; i++)
		add_string(packet, &len, strings[i]);
	if (len > REQUEST_MAX)
		return ENAMETOOLONG;
	struct iovec part = { packet, len };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	memset(&control, 0, sizeof(control));
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(head), fds, count * sizeof(int));
	return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? errno : 0;
}

/* The supervisor's id, or -errno. */
static pid_t read_answer(int socket)
{
	struct pollfd wait = { .fd = socket, .events = POLLIN };
	pid_t answer;
	ssize_t n;

	do {
		n = poll(&wait, 1, ANSWER_MS);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return -ETIMEDOUT;
	n = recv(socket, &answer, sizeof(answer), 0);
	return n == (ssize_t)sizeof(answer) ? answer : -EPIPE;
}

pid_t fork_server_supervise(struct fork_server *server, const struct spool *spool,
    const struct supervisor_job *job)
{
	pid_t answer = 0;

	/* The second try is for a server that somebody killed since the last start. */
	for (int attempt = 0; attempt < 2; attempt++) {
		int code = server->socket < 0 ? server_start(server) : 0;
		if (code == 0)
			code = send_request(server->socket, spool, job);
		answer = code ? -code : read_answer(server->socket);
		if (answer > 0)
			return answer;
		fork_server_stop(server);
		if (answer != -EPIPE && answer != -ECONNRESET)
			break;
	}
	errno = -answer;
	return -1;
}

/* --- the server --- */

struct received {
	struct spool spool;
	struct supervisor_job job;
	struct cgroup cgroup;
	char packet[REQUEST_MAX];
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

/* Answer requests until the agent is gone; returns the exit status. */
static int answer_requests(int (*run_task)(int argc, char **argv))
{
	static struct received r;
	char *title[] = { (char *)"scaleout-worker", (char *)FORK_SERVER_COMMAND, NULL };
	int fds[REQUEST_FDS], count;
	ssize_t n;

	title_set(title[0], title, NULL);
	while ((n = receive(&r, fds, &count)) > 0) {
		pid_t pid = -EINVAL;
		if (take_request(&r, (size_t)n, fds, count)) {
			r.job.run_task = run_task;
			/* What fork() does besides (handlers, thread lists) a process with one thread and none of them can do without. */
			pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
			if (pid == 0)
				supervisor_main(&r.spool, &r.job);
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

/* Between fork and the first request: nothing of the agent's stays open. */
static _Noreturn void be_server(int theirs, int (*run_task)(int argc, char **argv))
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(theirs, SERVER_FD) < 0)
		_exit(127);
	for (int i = 0; i < SERVER_FD; i++) {
		if (dup2(null, i) < 0)
			_exit(127);
	}
	if (close_range(SERVER_FD + 1, ~0u, 0) < 0)
		_exit(127);
	_exit(answer_requests(run_task));
}

void fork_server_early(struct fork_server *server, int argc, char **argv, int (*run_task)(int argc, char **argv))
{
	int theirs = -1, ours;

	if (!title_find(argc, argv) || (ours = socket_pair(&theirs)) < 0)
		return;
	/* Below 4 it would be in the way of what the server's own descriptors become. */
	int high = fcntl(theirs, F_DUPFD_CLOEXEC, SERVER_FD + 1);
	close(theirs);
	pid_t pid = high < 0 ? -1 : fork();
	if (pid == 0)
		be_server(high, run_task);
	if (high >= 0)
		close(high);
	if (pid < 0) {
		close(ours);
		return;
	}
	server->pid = pid;
	server->socket = ours;
}
