/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation. Agent and server talk over a socket pair of packets: a
 * request is a descriptor, the supervisor's end of another such pair, and the
 * answer the supervisor's process id or -errno. Over its own pair a supervisor
 * gets its tasks, one by one: a struct request with the strings behind it and
 * descriptors beside it. When it is free again it writes its process id into a
 * pipe that all of them share. All ends are the same program file
 * (/proc/self/exe), so the layout needs no version.
 *
 * The server makes the supervisor with CLONE_PARENT: it becomes the agent's
 * child, as if the agent had forked it, and outlives both. A task is only given
 * to a supervisor that said it was free, and only the agent lets one go (by
 * closing its pair), so no task is given to one that is leaving.
 *
 * A process that does not exec keeps the arguments and environment that ps and
 * /proc/PID/environ show. Both are data at the top of its stack, which
 * title_set() overwrites in the package's process, so that it is seen as
 * "scaleout-dtexec --task ..." and found by its cookie like every other process
 * of the task.
 */
#include "exec/worker/fork_server_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "exec/worker/fork_server.h"
#include "exec/worker/straggler.h"
#include "exec/worker/title.h"

#define KEEP_MS 2000 /* how long a free supervisor waits for another task */
#define ANSWER_MS 10000     /* a server that is silent for so long is given up */

/* Ours of a pair of sockets, or -errno; theirs goes to another process. */
static int socket_pair(int *theirs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	*theirs = pair[1];
	return pair[0];
}

/* A descriptor above those that the server's become, or -1; the old one is closed. */
static int move_up(int fd)
{
	int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, REPORT_FD + 1);

	if (fd >= 0)
		close(fd);
	return high;
}

static void their_ends_close(const struct their_ends *ends)
{
	if (ends->socket >= 0)
		close(ends->socket);
	if (ends->reports >= 0)
		close(ends->reports);
}

/* Our ends go into server. 0 or an errno. */
static int connect_server(struct fork_server *server, struct their_ends *ret)
{
	struct their_ends theirs = { -1, -1 };
	int pair[2], socket = socket_pair(&theirs.socket);

	if (socket < 0)
		return -socket;
	if (pipe2(pair, O_CLOEXEC) < 0) {
		close(socket);
		close(theirs.socket);
		return errno;
	}
	theirs.socket = move_up(theirs.socket);
	theirs.reports = move_up(pair[1]);
	server->socket = socket;
	server->reports = pair[0];
	fd_set_nonblock(server->reports, true);
	if (theirs.socket < 0 || theirs.reports < 0) {
		their_ends_close(&theirs);
		fork_server_stop(server);
		return EMFILE;
	}
	*ret = theirs;
	return 0;
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
	struct their_ends theirs;
	int code = connect_server(server, &theirs);

	if (code)
		return code;
	snprintf(cookie, sizeof(cookie), "%-*s", TITLE_COOKIE - 1, STRAGGLER_COOKIE "=");
	vec_push(&env, cookie);
	for (char **at = environ; *at; at++)
		vec_push(&env, *at);
	vec_push(&env, NULL);
	posix_spawn_file_actions_init(&actions);
	for (int i = 0; i < SERVER_FD; i++)
		posix_spawn_file_actions_addopen(&actions, i, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&actions, theirs.socket, SERVER_FD);
	posix_spawn_file_actions_adddup2(&actions, theirs.reports, REPORT_FD);
	posix_spawn_file_actions_addclosefrom_np(&actions, REPORT_FD + 1);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attributes, &none);
	code = posix_spawn(&server->pid, "/proc/self/exe", &actions, &attributes, argv, env.items);
	vec_release(&env);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	their_ends_close(&theirs);
	if (code)
		fork_server_stop(server);
	return code;
}

/* Forget a supervisor; without a task it ends when it sees that. */
static void pool_remove(struct fork_server *server, size_t at)
{
	close(server->pool.items[at].socket);
	server->pool.items[at] = server->pool.items[--server->pool.len];
}

void fork_server_stop(struct fork_server *server)
{
	int *fds[] = { &server->socket, &server->reports };

	while (server->pool.len)
		pool_remove(server, 0);
	vec_release(&server->pool);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
	server->pid = 0;
}

void fork_server_ended(struct fork_server *server, pid_t pid)
{
	if (pid == server->pid)
		fork_server_stop(server);
	for (size_t i = 0; i < server->pool.len; i++) {
		if (server->pool.items[i].pid == pid) {
			pool_remove(server, i);
			return;
		}
	}
}

pid_t fork_server_next_free(struct fork_server *server)
{
	pid_t pid;

	while (server->reports >= 0 && read(server->reports, &pid, sizeof(pid)) == (ssize_t)sizeof(pid)) {
		for (size_t i = 0; i < server->pool.len; i++) {
			struct pooled_supervisor *one = &server->pool.items[i];
			if (one->pid != pid || !one->busy)
				continue;
			one->busy = false;
			one->since_ms = clock_mono_ms();
			return pid;
		}
	}
	return 0;
}

void fork_server_taken(struct fork_server *server, const char *key)
{
	for (size_t i = 0; i < server->pool.len; i++) {
		struct pooled_supervisor *one = &server->pool.items[i];
		if (strcmp(one->key, key) == 0)
			one->owes = false;
	}
}

bool fork_server_trim(struct fork_server *server, int64_t now_ms)
{
	bool left = false;

	for (size_t i = server->pool.len; i-- > 0;) {
		const struct pooled_supervisor *one = &server->pool.items[i];
		if (one->busy)
			continue;
		if (now_ms - one->since_ms >= KEEP_MS)
			pool_remove(server, i);
		else
			left = true;
	}
	return left;
}

static void add_string(char *packet, size_t *len, const char *text)
{
	size_t size = strlen(text) + 1;

	if (*len + size <= REQUEST_MAX)
		memcpy(packet + *len, text, size);
	*len += size;
}

/* Send one packet with descriptors; 0 or an errno. */
static int send_packet(int socket, const void *packet, size_t len, const int *fds, size_t count)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(REQUEST_FDS * sizeof(int))];
	} control;
	struct iovec part = { (void *)(uintptr_t)packet, len };
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

static int send_task(int socket, const struct spool *spool, const struct supervisor_job *job)
{
	int fds[REQUEST_FDS] = { spool->tasks, spool->contact, job->spec_fd };
	size_t len = sizeof(struct request);
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
	return len > REQUEST_MAX ? ENAMETOOLONG : send_packet(socket, packet, len, fds, request.has_spec ? 3 : 2);
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

/* Let the server make a supervisor; it goes to the end of the pool. 0 or an errno. */
static int make_supervisor(struct fork_server *server)
{
	int theirs = -1, ours = socket_pair(&theirs);

	if (ours < 0)
		return -ours;
	int code = send_packet(server->socket, "", 1, &theirs, 1);
	pid_t pid = code ? -code : read_answer(server->socket);
	close(theirs);
	if (pid <= 0) {
		close(ours);
		return -pid;
	}
	struct pooled_supervisor one = { .pid = pid, .socket = ours };
	vec_push(&server->pool, one);
	return 0;
}

/* Whether it can take a task at once: one that has to bring a result to the disk first is left to do so. */
static bool ready(const struct pooled_supervisor *one, int64_t now_ms)
{
	return !one->busy && (!one->owes || now_ms - one->since_ms > SUPERVISOR_REST_MS);
}

/*
 * Give the task to the one that had work last of those that are ready: it is awake, and the others may go. Its id,
 * 0 when there is none, or -errno.
 */
static pid_t give_to_free(struct fork_server *server, const struct spool *spool, const struct supervisor_job *job)
{
	struct pooled_supervisor *best = NULL;
	int64_t now = clock_mono_ms();

	for (size_t i = 0; i < server->pool.len; i++) {
		struct pooled_supervisor *one = &server->pool.items[i];
		if (ready(one, now) && (!best || one->since_ms > best->since_ms))
			best = one;
	}
	if (!best)
		return 0;
	int code = send_task(best->socket, spool, job);
	if (code == 0) {
		best->busy = true;
		best->owes = spool->durable;
		snprintf(best->key, sizeof(best->key), "%s", job->key);
	} else if (code == EPIPE || code == ECONNRESET) {
		pool_remove(server, (size_t)(best - server->pool.items)); /* somebody killed it */
	}
	return code ? -code : best->pid;
}

pid_t fork_server_supervise(struct fork_server *server, const struct spool *spool,
    const struct supervisor_job *job)
{
	pid_t pid;
	int code = 0;

	do {
		pid = give_to_free(server, spool, job);
	} while (pid == -EPIPE || pid == -ECONNRESET);
	/* The second try is for a server that somebody killed since the last start. */
	for (int attempt = 0; pid == 0 && attempt < 2; attempt++) {
		code = server->socket < 0 ? server_start(server) : 0;
		if (code == 0)
			code = make_supervisor(server);
		if (code == 0)
			pid = give_to_free(server, spool, job);
		else
			fork_server_stop(server);
		if (code && code != EPIPE && code != ECONNRESET)
			break;
	}
	if (pid > 0)
		return pid;
	errno = pid < 0 ? -pid : code ? code : EPIPE;
	return -1;
}

void fork_server_early(struct fork_server *server, int argc, char **argv, int (*run_task)(int argc, char **argv))
{
	struct their_ends theirs;

	if (!title_find(argc, argv) || connect_server(server, &theirs) != 0)
		return;
	server->pid = fork();
	if (server->pid == 0)
		fork_server_be(&theirs, run_task);
	their_ends_close(&theirs);
	if (server->pid < 0)
		fork_server_stop(server);
}
