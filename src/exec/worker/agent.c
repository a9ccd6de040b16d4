/* SPDX-License-Identifier: MIT */
/*
 * The agent's loop: one thread, one poll. It reads requests, tells what is
 * new about tasks, and owns nothing that matters: killed at any moment, the
 * next agent finds everything in the spool.
 */
#include "exec/worker/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "exec/worker/agent_private.h"
#include "exec/worker/cgroup.h"

#define GATHER_MS 3     /* events of running tasks gather this long before they are sent */
#define SWEEP_MS 1000   /* backs up inotify and finds dead supervisors of adopted tasks */
#define TRASH_IDLE_MS 20 /* deleting waits for a quiet moment */
#define TRASH_STEP 16
#define READ_BYTES ((size_t)64 * 1024)

void agent_send(struct agent *agent, json_t *head, const void *blob, size_t blob_len)
{
	struct err err = { 0 };

	/* Only a bug makes a frame too long: the master must not wait for an answer that never comes. */
	if (frame_write(&agent->out, head, blob, blob_len, &err) < 0)
		agent->ended = true;
}

void agent_send_refused(struct agent *agent, const char *member, const char *value, const struct err *why)
{
	json_t *head = frame_head(MESSAGE_REFUSED);
	char *reason = why->detail[0] ? xasprintf("%s: %s", why->primary, why->detail) :
					xstrdup(why->primary);

	json_object_set_new(head, member, json_string(value));
	json_object_set_new(head, "code", json_string(err_code_name(why->code)));
	json_object_set_new(head, "reason", json_string(reason));
	agent_send(agent, head, NULL, 0);
	free(reason);
}

static void send_error(struct agent *agent, const struct err *why, bool fatal)
{
	json_t *head = frame_head(MESSAGE_ERROR);
	char *reason = why->detail[0] ? xasprintf("%s: %s", why->primary, why->detail) :
					xstrdup(why->primary);

	json_object_set_new(head, "code", json_string(err_code_name(why->code)));
	json_object_set_new(head, "reason", json_string(reason));
	json_object_set_new(head, "fatal", json_boolean(fatal));
	agent_send(agent, head, NULL, 0);
	free(reason);
	agent->ended = agent->ended || fatal;
}

const struct facts *agent_facts(struct agent *agent)
{
	int64_t now = clock_mono_ms();

	if (now - agent->facts_ms > 1000) {
		facts_refresh(&agent->facts);
		agent->facts_ms = now;
	}
	return &agent->facts;
}

/* What packages run in, or null when that program cannot be run. */
static json_t *runtime_name(const char *program)
{
	if (!program)
		return json_string("built in");
	return access(program, X_OK) == 0 ? json_string(program) : json_null();
}

/* Our HELLO. Before a spool is open (a probe) its members are left out. */
static void send_hello(struct agent *agent)
{
	const struct facts *facts = agent_facts(agent);
	json_t *head = frame_head(MESSAGE_HELLO);
	struct statvfs disk;

	facts_add(facts, head);
	json_object_set_new(head, "v", json_integer(PROTOCOL_VERSION));
	json_object_set_new(head, "version", json_string(agent->options->version));
	json_object_set_new(head, "user", json_string(facts->user));
	json_object_set_new(head, "uid", json_integer((json_int_t)geteuid()));
	json_object_set_new(head, "os", json_string(facts->os));
	json_object_set_new(head, "boot", json_string(facts->boot));
	if (agent->options->cgroup && agent->options->cgroup->wanted)
		json_object_set_new(head, "cgroup", json_pack("{s:s, s:s}", "how",
		    cgroup_how_name(agent->options->cgroup->how), "why", agent->options->cgroup->why));
	json_object_set_new(head, "runtime", runtime_name(agent->options->runtime));
	json_object_set_new(head, "stamp", json_integer(spool_clock_ms()));
	json_object_set_new(head, "time", json_integer(clock_wall()));
	if (agent->greeted) {
		json_object_set_new(head, "spool", json_string(agent->spool.id));
		json_object_set_new(head, "spool_path", json_string(agent->spool.path));
		json_object_set_new(head, "projects", agent_project_list(agent));
		if (fstatvfs(agent->spool.dir, &disk) == 0)
			json_object_set_new(head, "disk_free_kb",
			    json_integer((json_int_t)(disk.f_bavail * disk.f_frsize / 1024)));
	}
	agent_send(agent, head, NULL, 0);
}

static int open_spool(struct agent *agent, const struct frame *frame, struct err *err)
{
	const char *catalog_text = frame_text(frame, "catalog", ""), *worker_text = frame_text(frame, "worker", "");
	int64_t epoch = frame_int(frame, "epoch", 0), session = frame_int(frame, "session", 0);
	struct uuid catalog, worker;

	if (!uuid_parse(catalog_text, strlen(catalog_text), &catalog) ||
	    !uuid_parse(worker_text, strlen(worker_text), &worker) || epoch < 1 || session < 1)
		return err_set(err, ERR_INVALID, "HELLO is incomplete");
	int r = spool_open(agent->options->spool, &catalog, &worker, &agent->spool, err);
	if (r < 0)
		return r;
	agent->spool.durable = frame_bool(frame, "durable", true);
	return spool_raise_fence(&agent->spool, epoch, session, err);
}

static void on_hello(struct agent *agent, const struct frame *frame)
{
	struct err err = { 0 };
	int r = 0;

	if (frame_int(frame, "v", 0) != PROTOCOL_VERSION) {
		err_set(&err, ERR_UNSUPPORTED, "protocol version %" PRId64 " is not spoken here",
		    frame_int(frame, "v", 0));
		err_detail(&err, "scaleout-worker %s speaks version %d", agent->options->version,
		    PROTOCOL_VERSION);
		send_error(agent, &err, true);
		return;
	}
	if (agent->greeted) {
		err_set(&err, ERR_INVALID, "HELLO was said before");
		send_error(agent, &err, true);
		return;
	}
	if (frame_text(frame, "catalog", NULL)) {
		r = open_spool(agent, frame, &err);
		agent->greeted = r == 0;
	}
	if (r < 0) {
		send_error(agent, &err, true);
		return;
	}
	send_hello(agent);
	if (!agent->greeted)
		return;
	agent->trash = true;
	agent_unpack_adopt(agent);
	agent_tasks_adopt(agent);
	agent_on_list(agent, frame);
}

static void on_ping(struct agent *agent, const struct frame *frame)
{
	const struct facts *facts = agent_facts(agent);
	json_t *head = frame_head(MESSAGE_PONG);

	if (agent->greeted)
		spool_contact_write(&agent->spool, frame_int(frame, "stamp", 0));
	json_object_set_new(head, "stamp", json_integer(spool_clock_ms()));
	json_object_set_new(head, "memory_free_kb", json_integer(facts->memory_free_kb));
	if (facts->cpu_percent >= 0)
		json_object_set_new(head, "cpu", json_integer(facts->cpu_percent));
	json_object_set_new(head, "load", json_integer(facts->load));
	json_object_set_new(head, "running", json_integer(agent_tasks_running(agent)));
	agent_send(agent, head, NULL, 0);
}

/* One row per request. Those that need a spool are refused before HELLO has opened one. */
static const struct {
	void (*handle)(struct agent *agent, const struct frame *frame);
	bool needs_spool;
} requests[MESSAGE_COUNT] = {
	[MESSAGE_HELLO] = { on_hello, false },
	[MESSAGE_PING] = { on_ping, false },
	[MESSAGE_START] = { agent_on_start, true },
	[MESSAGE_PUT] = { agent_on_put, true },
	[MESSAGE_LIST] = { agent_on_list, true },
	[MESSAGE_TAIL] = { agent_on_tail, true },
	[MESSAGE_ACK] = { agent_on_ack, true },
	[MESSAGE_DONE] = { agent_on_done, true },
	[MESSAGE_CANCEL] = { agent_on_cancel, true },
	[MESSAGE_FETCH] = { agent_on_fetch, true },
	[MESSAGE_DUMP] = { agent_on_dump, true },
	[MESSAGE_DUMPS] = { agent_on_dumps, true },
};

static void dispatch(struct agent *agent, const struct frame *frame)
{
	struct err err = { 0 };

	if (frame->type == MESSAGE_UNKNOWN || !requests[frame->type].handle) {
		err_set(&err, ERR_UNSUPPORTED, "the message \"%.40s\" is not known here",
		    frame_text(frame, "t", ""));
		send_error(agent, &err, false);
	} else if (requests[frame->type].needs_spool && !agent->greeted) {
		err_set(&err, ERR_INVALID, "%s before HELLO", message_name(frame->type));
		send_error(agent, &err, true);
	} else {
		requests[frame->type].handle(agent, frame);
	}
}

/* Read what is there; false at end of file. */
static bool read_requests(struct agent *agent)
{
	char *data = xmalloc(READ_BYTES);
	struct frame frame;
	struct err err = { 0 };
	ssize_t n = read(agent->options->in_fd, data, READ_BYTES);
	int r = 0;

	if (n > 0)
		frame_reader_feed(&agent->in, data, (size_t)n);
	free(data);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		return false;
	while (!agent->ended && (r = frame_reader_next(&agent->in, &frame, &err)) > 0) {
		dispatch(agent, &frame);
		frame_release(&frame);
	}
	if (r < 0)
		send_error(agent, &err, true);
	return true;
}

/* Write what can be written; false when nobody reads any more. */
static bool write_answers(struct agent *agent)
{
	while (agent->out_pos < agent->out.len) {
		ssize_t n = write(agent->options->out_fd, agent->out.data + agent->out_pos,
		    agent->out.len - agent->out_pos);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		agent->out_pos += (size_t)n;
	}
	buf_clear(&agent->out);
	agent->out_pos = 0;
	return true;
}

static void read_changes(struct agent *agent)
{
	char space[16 * 1024] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n;

	while ((n = read(agent->inotify, space, sizeof(space))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *event = (const struct inotify_event *)(space + at);
			if (event->mask & IN_Q_OVERFLOW)
				agent->sweep_ms = 0;
			else
				agent_task_changed(agent, event->wd, event->len ? event->name : "");
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
}

static void reap_supervisors(struct agent *agent)
{
	struct signalfd_siginfo info;
	int status = 0;
	pid_t pid;

	while (read(agent->signals, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		fork_server_ended(&agent->server, pid);
		if (!agent_unpack_ended(agent, pid, status))
			agent_supervisor_ended(agent, pid);
	}
}

static void read_reports(struct agent *agent)
{
	pid_t pid;

	while ((pid = fork_server_next_free(&agent->server)) > 0) {
		agent->spare = true;
		agent_supervisor_ended(agent, pid);
	}
}

/* Milliseconds that poll may sleep. */
static int sleep_ms(const struct agent *agent, int64_t now)
{
	int64_t wait = -1;

	if (agent->trash)
		wait = TRASH_IDLE_MS;
	if ((agent->tasks.len || agent->spare) && wait < 0)
		wait = SWEEP_MS;
	if (agent->dirty_ms)
		wait = agent->dirty_ms + GATHER_MS - now;
	return wait > SWEEP_MS ? SWEEP_MS : wait < -1 ? 0 : (int)wait;
}

/* False when the spool was deleted, or a newer agent works in it: then this one ends. */
static bool still_ours(struct agent *agent)
{
	struct err err = { 0 };

	if (spool_deleted(&agent->spool)) {
		if (!agent_tasks_give_up(agent))
			return false;
		err_set(&err, ERR_CORRUPT, "the spool %s was deleted", agent->spool.path);
	} else if (spool_superseded(&agent->spool)) {
		err_set(&err, ERR_DENIED, "another session has taken over this worker");
	} else {
		return true;
	}
	send_error(agent, &err, true);
	return false;
}

/* Work that is due by time. A newer agent with a higher fence makes this one end. */
static void do_timed_work(struct agent *agent, bool idle)
{
	int64_t now = clock_mono_ms();
	bool sweep = agent->greeted && now - agent->sweep_ms >= SWEEP_MS;

	if (sweep) {
		agent->sweep_ms = now;
		if (!still_ours(agent))
			return;
	}
	if (agent->spare)
		agent->spare = fork_server_trim(&agent->server, now);
	if (sweep || (agent->dirty_ms && now - agent->dirty_ms >= GATHER_MS))
		agent_tasks_pump(agent, sweep);
	if (idle && agent->trash)
		agent->trash = spool_trash_empty(&agent->spool, TRASH_STEP);
}

static int agent_open(struct agent *agent, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	agent->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	agent->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	fd_set_nonblock(agent->options->in_fd, true);
	fd_set_nonblock(agent->options->out_fd, true);
	facts_read(&agent->facts);
	agent->facts_ms = clock_mono_ms();
	return agent->signals < 0 ? err_set_errno(err, errno, "cannot watch for signals") : 0;
}

static void agent_close(struct agent *agent)
{
	agent_tasks_free(agent);
	agent_unpack_free(agent);
	fork_server_stop(&agent->server);
	if (agent->greeted || agent->spool.path)
		spool_release(&agent->spool);
	if (agent->inotify >= 0)
		close(agent->inotify);
	if (agent->signals >= 0)
		close(agent->signals);
	if (agent->incoming_fd >= 0)
		close(agent->incoming_fd);
	free(agent->incoming);
	frame_reader_release(&agent->in);
	buf_release(&agent->out);
}

int agent_serve(const struct agent_options *options, struct err *err)
{
	struct agent agent = { .options = options, .in = FRAME_READER_INIT, .out = BUF_INIT,
		.inotify = -1, .signals = -1, .incoming_fd = -1, .server = options->server };
	bool connected = true;

	int r = agent_open(&agent, err);
	while (r == 0 && connected && !agent.ended) {
		struct pollfd fds[] = {
			{ .fd = options->in_fd, .events = POLLIN },
			{ .fd = agent.out.len ? options->out_fd : -1, .events = POLLOUT },
			{ .fd = agent.inotify, .events = POLLIN },
			{ .fd = agent.signals, .events = POLLIN },
			{ .fd = agent.server.reports, .events = POLLIN },
		};
		int ready = poll(fds, ARRAY_LEN(fds), sleep_ms(&agent, clock_mono_ms()));
		if (ready < 0 && errno != EINTR)
			break;
		if (fds[2].revents)
			read_changes(&agent);
		if (fds[3].revents)
			reap_supervisors(&agent);
		if (fds[4].revents)
			read_reports(&agent);
		if (fds[0].revents)
			connected = read_requests(&agent);
		do_timed_work(&agent, ready == 0);
		connected = write_answers(&agent) && connected;
	}
	if (agent.ended)
		r = err_set(err, ERR_CANCELLED, "the conversation was ended");
	agent_close(&agent);
	return r;
}
