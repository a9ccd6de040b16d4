/* SPDX-License-Identifier: MIT */
/*
 * What a durable start costs on a worker (doc/protocol.md): COUNT tasks by one
 * agent, WIDTH at once, START to DONE, against the same runtime started by
 * posix_spawn. Processor time of the agent, its supervisors and the runtime,
 * by rusage; prints figures and the ratio bare / durable.
 *
 *   start COUNT WIDTH WORKER RUNTIME SPOOL-FOLDER PROJECT.ispac fast|durable|late
 *
 * late: durable, and results are taken so late that each has to be brought to
 * the worker's disk; durable takes them at once, as a master in reach does.
 *
 * RUNTIME must do with no arguments' meaning at all: a script of sh that is
 * true gives R_start of spec/dispatch.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "exec/protocol.h"

#define LATE_MS 150 /* more than SUPERVISOR_REST_MS */

extern char **environ;

static double children_cpu_ms(void)
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000.0 +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000.0;
}

static void bare(long count, long width, const char *runtime)
{
	char *argv[] = { (char *)runtime, NULL };
	long running = 0;

	for (long started = 0; started < count || running;) {
		pid_t pid;
		if (started < count && running < width) {
			if (posix_spawn(&pid, runtime, NULL, NULL, argv, environ) != 0)
				exit(1);
			started++;
			running++;
		} else if (wait(NULL) > 0) {
			running--;
		}
	}
}

static void send_frame(int fd, json_t *head, const void *blob, size_t len)
{
	struct buf out = BUF_INIT;

	if (frame_write(&out, head, blob, len, NULL) < 0 || fd_write_full(fd, out.data, out.len) < 0)
		exit(1);
	buf_release(&out);
}

static void send_start(int fd, long number, const char *hash)
{
	char key[TASK_KEY_SIZE];

	task_key_format(number, 1, key);
	send_frame(fd, json_pack("{s:s, s:s, s:s}", "t", "start", "key", key, "project", hash), "{}", 2);
}

static void put_project(int fd, const char *path, char hash[65])
{
	struct buf data = BUF_INIT;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (file_read(path, FRAME_CHUNK, &data, NULL) < 0 ||
	    EVP_Digest(data.data, data.len, digest, &n, EVP_sha256(), NULL) != 1)
		exit(1);
	for (unsigned i = 0; i < 32; i++)
		snprintf(hash + 2 * i, 3, "%02x", digest[i]);
	send_frame(fd, json_pack("{s:s, s:s, s:i, s:i}", "t", "put", "project", hash, "offset", 0, "total",
			   (int)data.len), data.data, data.len);
	buf_release(&data);
}

static pid_t start_agent(char **argv, int *ret_fd)
{
	char *agent[] = { argv[3], (char *)"serve", (char *)"--allow-root", (char *)"--spool", argv[5],
		(char *)"--runtime", argv[4], NULL };
	posix_spawn_file_actions_t actions;
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		exit(1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pair[1], 0);
	posix_spawn_file_actions_adddup2(&actions, pair[1], 1);
	if (posix_spawn(&pid, argv[3], &actions, NULL, agent, environ) != 0)
		exit(1);
	close(pair[1]);
	*ret_fd = pair[0];
	return pid;
}

/* Unpacking goes on beside the agent: a task is not taken before it has ended. */
static void wait_for_project(int fd)
{
	struct frame_reader in = FRAME_READER_INIT;
	struct frame frame;
	bool held = false;
	char data[65536];

	while (!held) {
		ssize_t n = read(fd, data, sizeof(data));
		if (n <= 0)
			exit(1);
		frame_reader_feed(&in, data, (size_t)n);
		while (frame_reader_next(&in, &frame, NULL) > 0) {
			held = held || frame.type == MESSAGE_HAVE;
			frame_release(&frame);
		}
	}
	frame_reader_release(&in);
}

/* Results that were told and not taken, oldest first. */
struct untaken {
	char key[TASK_KEY_SIZE];
	int64_t due_ms;
};

/* Take what is due; returns how many milliseconds until the next one is, -1 = there is none. */
static int take_due(int fd, const struct untaken *all, long *taken, long ended)
{
	for (; *taken < ended; ++*taken) {
		int64_t left = all[*taken].due_ms - clock_mono_ms();
		if (left > 0)
			return (int)left;
		send_frame(fd, json_pack("{s:s, s:s}", "t", "done", "key", all[*taken].key), NULL, 0);
	}
	return -1;
}

/* Answer what the agent says until all tasks have ended and all results are taken, each hold_ms after it was told. */
static void durable(int fd, long count, long width, const char *hash, int hold_ms)
{
	struct frame_reader in = FRAME_READER_INIT;
	struct untaken *results = xcalloc((size_t)count, sizeof(*results));
	long started = 0, ended = 0, taken = 0;
	struct frame frame;
	char data[65536];

	while (taken < count) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		while (started < count && started - ended < width)
			send_start(fd, ++started, hash);
		int left = take_due(fd, results, &taken, ended);
		if (taken == count || poll(&wait, 1, left) == 0)
			continue;
		ssize_t n = read(fd, data, sizeof(data));
		if (n <= 0)
			exit(1);
		frame_reader_feed(&in, data, (size_t)n);
		while (frame_reader_next(&in, &frame, NULL) > 0) {
			if (frame.type == MESSAGE_RESULT) {
				snprintf(results[ended].key, TASK_KEY_SIZE, "%s", frame_key(&frame));
				results[ended++].due_ms = clock_mono_ms() + hold_ms;
			} else if (frame.type == MESSAGE_REFUSED || frame.type == MESSAGE_ERROR) {
				fprintf(stderr, "start: %s\n", frame_text(&frame, "reason", "refused"));
				exit(1);
			}
			frame_release(&frame);
		}
	}
	frame_reader_release(&in);
	free(results);
}

int main(int argc, char **argv)
{
	char hash[65] = "";
	int fd;

	if (argc != 8) {
		fputs("usage: start COUNT WIDTH WORKER RUNTIME SPOOL-FOLDER PROJECT.ispac fast|durable|late\n", stderr);
		return 2;
	}
	long count = strtol(argv[1], NULL, 10), width = strtol(argv[2], NULL, 10);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	double before = children_cpu_ms();
	bare(count, width, argv[4]);
	double bare_ms = children_cpu_ms() - before;
	before = children_cpu_ms();
	int64_t began = clock_mono_us();
	pid_t agent = start_agent(argv, &fd);
	send_frame(fd, json_pack("{s:s, s:i, s:s, s:s, s:i, s:i, s:b}", "t", "hello", "v", PROTOCOL_VERSION, "catalog",
			   "11111111-2222-4333-8444-555555555555", "worker",
			   "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "epoch", 1, "session",
			   (int)(clock_wall() / TICKS_PER_SECOND % 1000000000), "durable", strcmp(argv[7], "fast") != 0),
	    NULL, 0);
	put_project(fd, argv[6], hash);
	wait_for_project(fd);
	durable(fd, count, width, hash, strcmp(argv[7], "late") == 0 ? LATE_MS : 0);
	double wall_ms = (double)(clock_mono_us() - began) / 1000.0;
	close(fd);
	waitpid(agent, NULL, 0);
	/* Free supervisors end after the agent; what they and their packages used is counted when they are reaped. */
	while (wait(NULL) > 0)
		;
	double durable_ms = children_cpu_ms() - before;
	printf("figure start_%s_cpu_ms %.3f ms\nfigure start_bare_cpu_ms %.3f ms\n", argv[7],
	    durable_ms / (double)count, bare_ms / (double)count);
	printf("figure start_%s_per_second %.0f 1/s\nratio start_%s_vs_bare %.2f\n", argv[7],
	    (double)count * 1000.0 / wall_ms, argv[7], bare_ms / durable_ms);
	return 0;
}
