/* SPDX-License-Identifier: MIT */
/*
 * Tasks as the agent sees them: it claims, forks supervisors, watches the
 * task folders with inotify (a slow sweep backs it up), and sends what is new.
 * What is true stands in the files; struct task only remembers what the
 * master has been told.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "exec/worker/agent_private.h"
#include "exec/worker/straggler.h"

#define GRACE_DEFAULT_MS 10000
#define GRACE_MAX_MS (3600 * 1000)
#define SETTLE_AGAIN_MS 1000
#define LOCK_PATIENCE_MS 10000 /* for a supervisor to take the lock of the task that it was given */

struct task *agent_task_find(struct agent *agent, const char *key)
{
	for (size_t i = agent->tasks.len; i-- > 0;) {
		if (strcmp(agent->tasks.items[i]->key, key) == 0)
			return agent->tasks.items[i];
	}
	return NULL;
}

static void task_free(struct agent *agent, struct task *task)
{
	if (task->watch >= 0)
		inotify_rm_watch(agent->inotify, task->watch);
	if (task->dir >= 0)
		close(task->dir);
	if (task->events >= 0)
		close(task->events);
	free(task);
}

static void task_remove(struct agent *agent, struct task *task)
{
	for (size_t i = 0; i < agent->tasks.len; i++) {
		if (agent->tasks.items[i] == task) {
			agent->tasks.items[i] = agent->tasks.items[--agent->tasks.len];
			break;
		}
	}
	task_free(agent, task);
}

/* Begin to look after a task that is in the spool; NULL when it has gone. */
static struct task *task_add(struct agent *agent, const char *key)
{
	int dir = spool_task_open(&agent->spool, key);

	if (dir < 0)
		return NULL;
	struct task *task = xcalloc(1, sizeof(*task));
	snprintf(task->key, sizeof(task->key), "%s", key);
	task->dir = dir;
	task->events = -1;
	task->next_seq = 1;
	char *path = xasprintf("%s/tasks/%s", agent->spool.path, key);
	/* Without a watch (a limit of the machine) the sweep finds what is new. */
	task->watch = inotify_add_watch(agent->inotify, path,
	    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW);
	free(path);
	vec_push(&agent->tasks, task);
	return task;
}

static void task_dirty(struct agent *agent, struct task *task)
{
	task->dirty = true;
	if (!agent->dirty_ms)
		agent->dirty_ms = clock_mono_ms();
}

void agent_tasks_adopt(struct agent *agent)
{
	int fd = openat(agent->spool.tasks, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (task_key_parse(entry->d_name, NULL, NULL) && !agent_task_find(agent, entry->d_name))
			task_add(agent, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

void agent_tasks_free(struct agent *agent)
{
	for (size_t i = 0; i < agent->tasks.len; i++)
		task_free(agent, agent->tasks.items[i]);
	vec_release(&agent->tasks);
}

int agent_tasks_running(const struct agent *agent)
{
	int running = 0;

	for (size_t i = 0; i < agent->tasks.len; i++)
		running += !agent->tasks.items[i]->result_sent;
	return running;
}

/* --- starting --- */

/* What a claim writes down: everything START said but the specification. */
static char *job_text(const struct agent *agent, const struct frame *frame)
{
	static const char *const members[] = { "key", "project", "lease_ms", "grace_ms", "limit_ms",
		"stamp" };
	json_t *job = json_object();

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		json_t *value = json_object_get(frame->head, members[i]);
		if (value)
			json_object_set(job, members[i], value);
	}
	json_object_set_new(job, "boot", json_string(agent->facts.boot));
	char *text = json_dumps(job, JSON_COMPACT);
	json_decref(job);
	return text;
}

/* The specification lives in memory only, behind a descriptor that the runtime inherits. */
static int spec_memfd(const struct frame *frame)
{
	int fd = memfd_create("taskspec", MFD_CLOEXEC);

	if (fd >= 0 && frame->blob_len && fd_write_full(fd, frame->blob, frame->blob_len) < 0) {
		close(fd);
		return -1;
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static void supervise(struct agent *agent, struct task *task, const struct supervisor_job *job)
{
	pid_t pid = fork_server_supervise(&agent->server, &agent->spool, job);

	if (pid > 0) {
		task->supervisor = pid;
		task->given_ms = clock_mono_ms();
	}
	task_dirty(agent, task);
}

/* A supervisor that only settles what a dead one left: lost, cancelled, or never started. */
static void settle(struct agent *agent, struct task *task)
{
	struct supervisor_job job = { .key = task->key, .project_dir = "",
		.boot_id = agent->facts.boot, .spec_fd = -1, .grace_ms = GRACE_DEFAULT_MS,
		.clock = clock_steady_from(0) };
	int64_t now = clock_mono_ms();

	/* Where even the result cannot be written, the sweep tries again, but not in a tight loop. */
	if (task->settled_ms && now - task->settled_ms < SETTLE_AGAIN_MS)
		return;
	task->settled_ms = now;
	supervise(agent, task, &job);
}

static int start_supervisor(struct agent *agent, struct task *task, const struct frame *frame,
    const char *project, struct err *err)
{
	struct supervisor_job job = { .key = task->key, .runtime = agent->options->runtime,
		.boot_id = agent->facts.boot, .spec_fd = spec_memfd(frame),
		.lease_ms = clamp(frame_int(frame, "lease_ms", 0), 0, INT64_C(7) * 86400 * 1000),
		.stamp = spool_contact_read(agent->spool.contact),
		.limit_ms = clamp(frame_int(frame, "limit_ms", 0), 0, INT64_C(366) * 86400 * 1000),
		.clock = clock_steady_from(frame_int(frame, "time", 0)),
		.grace_ms = clamp(frame_int(frame, "grace_ms", GRACE_DEFAULT_MS), 0, GRACE_MAX_MS),
		.cgroup = agent->options->cgroup };

	if (job.spec_fd < 0)
		return err_set_errno(err, errno, "cannot hold the task's specification");
	char *project_dir = agent_project_path(agent, project);
	job.project_dir = project_dir;
	supervise(agent, task, &job);
	free(project_dir);
	close(job.spec_fd);
	return 0;
}

static int start_checks(const char *key, const char *project, struct err *err)
{
	if (!key || !project_hash_valid(project))
		return err_set(err, ERR_INVALID, "START without a key or project");
	return 0;
}

void agent_on_start(struct agent *agent, const struct frame *frame)
{
	const char *key = frame_key(frame), *project = frame_text(frame, "project", "");
	struct err err = { 0 };
	struct task_status status;

	spool_contact_write(&agent->spool, frame_int(frame, "stamp", 0));
	int r = start_checks(key, project, &err);
	if (r == 0 && !agent_project_held(agent, project)) {
		json_t *head = frame_head(MESSAGE_NEED);
		json_object_set_new(head, "key", json_string(key));
		json_object_set_new(head, "project", json_string(project));
		agent_send(agent, head, NULL, 0);
		return;
	}
	if (r == 0) {
		char *job = job_text(agent, frame);
		r = spool_claim(&agent->spool, key, job, &err);
		free(job);
	}
	if (r < 0 && r != -ERR_EXISTS) {
		agent_send_refused(agent, "key", key ? key : "", &err);
		return;
	}
	struct task *task = agent_task_find(agent, key);
	if (!task)
		task = task_add(agent, key);
	if (!task)
		return; /* forgotten between claim and look: the next LIST tells */
	task->tailing = true;
	/* A fresh claim always gets its supervisor; for an older one the files tell whether it still needs one. */
	bool wanted = r == 0;
	if (!wanted) {
		task_status_read(task->dir, &status);
		wanted = !status.locked && !status.started && !status.ended;
	}
	if (wanted && start_supervisor(agent, task, frame, project, &err) < 0)
		settle(agent, task);
	task_dirty(agent, task);
}

/* --- looking --- */

/*
 * A supervisor that has not even taken the lock does not run: somebody has stopped it, or the kernel cannot. Killed,
 * it leaves a task that was not started, which another worker may take.
 */
static void give_up_supervisor(const struct task *task)
{
	struct task_status status;

	if (clock_mono_ms() - task->given_ms < LOCK_PATIENCE_MS)
		return;
	task_status_read(task->dir, &status);
	if (!status.locked && !status.started && !status.ended)
		kill(task->supervisor, SIGKILL);
}

/* Send what is new. The result is looked for before the last drain, so that no event can come after it. */
static void task_pump(struct agent *agent, struct task *task)
{
	struct task_status status;

	task->dirty = false;
	if (!task->tailing || task->result_sent)
		return;
	if (!task->started_sent)
		agent_tell_started(agent, task);
	bool ended = faccessat(task->dir, "result", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	if (agent_tell_events(agent, task) && ended) {
		agent_tell_result(agent, task);
	} else if (!ended && task->supervisor && !task->started_sent) {
		give_up_supervisor(task);
	} else if (!ended && !task->supervisor) {
		/* Nobody's child: the lock tells whether its supervisor lives. */
		task_status_read(task->dir, &status);
		if (!status.locked && !status.ended)
			settle(agent, task);
	}
}

bool agent_tasks_give_up(struct agent *agent)
{
	bool clear = true;

	for (size_t i = 0; i < agent->tasks.len; i++) {
		char *cookie = xasprintf("%s/%s", agent->spool.id, agent->tasks.items[i]->key);
		clear = straggler_signal(cookie, 0, SIGKILL) == 0 && clear;
		free(cookie);
	}
	for (size_t i = 0; clear && i < agent->tasks.len; i++) {
		if (!agent->tasks.items[i]->result_sent)
			agent_tell_result(agent, agent->tasks.items[i]);
	}
	return clear;
}

void agent_tasks_pump(struct agent *agent, bool all)
{
	agent->dirty_ms = 0;
	for (size_t i = 0; i < agent->tasks.len; i++) {
		if (all || agent->tasks.items[i]->dirty)
			task_pump(agent, agent->tasks.items[i]);
	}
}

void agent_task_changed(struct agent *agent, int watch, const char *name)
{
	for (size_t i = agent->tasks.len; i-- > 0;) {
		struct task *task = agent->tasks.items[i];
		if (task->watch != watch)
			continue;
		task_dirty(agent, task);
		/* The end is told at once; everything else may gather for a moment. */
		if (strcmp(name, "result") == 0)
			agent->dirty_ms = 1;
		return;
	}
}

void agent_supervisor_ended(struct agent *agent, pid_t pid)
{
	for (size_t i = 0; i < agent->tasks.len; i++) {
		struct task *task = agent->tasks.items[i];
		if (task->supervisor != pid)
			continue;
		task->supervisor = 0;
		if (!task->result_sent)
			task_dirty(agent, task);
		return;
	}
}

/* --- requests about known tasks --- */

static json_t *task_entry(struct agent *agent, const struct task *task)
{
	struct task_status status;
	json_t *entry = json_object();

	task_status_read(task->dir, &status);
	enum task_state state = status.ended ? TASK_ENDED :
	    status.locked || status.started || status.cancel || task->supervisor ? TASK_RUNNING :
										    TASK_CLAIMED;
	json_object_set_new(entry, "key", json_string(task->key));
	json_object_set_new(entry, "state", json_string(task_state_name(state)));
	agent_add_started(agent, task, entry);
	return entry;
}

void agent_on_list(struct agent *agent, const struct frame *frame)
{
	size_t i = 0;

	(void)frame;
	do {
		json_t *head = frame_head(MESSAGE_TASKS), *list = json_array();
		size_t end = i + FRAME_TASKS_MAX < agent->tasks.len ? i + FRAME_TASKS_MAX : agent->tasks.len;
		for (; i < end; i++)
			json_array_append_new(list, task_entry(agent, agent->tasks.items[i]));
		json_object_set_new(head, "tasks", list);
		json_object_set_new(head, "more", json_boolean(i < agent->tasks.len));
		json_object_set_new(head, "stamp", json_integer(spool_clock_ms()));
		agent_send(agent, head, NULL, 0);
	} while (i < agent->tasks.len);
}

static void send_task_error(struct agent *agent, const char *key, const struct err *err)
{
	json_t *head = frame_head(MESSAGE_ERROR);

	json_object_set_new(head, "code", json_string(err_code_name(err->code)));
	json_object_set_new(head, "reason", json_string(err->primary));
	json_object_set_new(head, "key", json_string(key));
	agent_send(agent, head, NULL, 0);
}

/* The task a request names; sends ERROR and returns NULL when there is none. */
static struct task *requested_task(struct agent *agent, const struct frame *frame)
{
	const char *key = frame_key(frame);
	struct task *task = key ? agent_task_find(agent, key) : NULL;

	if (!task) {
		struct err err = { 0 };
		err_set(&err, ERR_NOT_FOUND, "no such task");
		send_task_error(agent, key ? key : "", &err);
	}
	return task;
}

void agent_on_tail(struct agent *agent, const struct frame *frame)
{
	struct task *task = requested_task(agent, frame);
	int64_t from = frame_int(frame, "from", 1);

	if (!task)
		return;
	if (task->events < 0)
		task->events = openat(task->dir, "events", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 1) {
		struct err err = { 0 };
		err_set(&err, ERR_INVALID, "events are numbered from 1");
		send_task_error(agent, task->key, &err);
		return;
	}
	/* After a power cut the log may be shorter than what the master has: there is nothing more to tell but the result. */
	off_t offset = task->events < 0 ? -1 : agent_find_line(task->events, from);
	task->offset = offset >= 0 ? offset : task->events < 0 ? 0 : lseek(task->events, 0, SEEK_END);
	task->next_seq = from;
	task->sent_count = 0;
	task->sent_bytes = 0;
	task->started_sent = task->result_sent = false;
	task->tailing = true;
	task_dirty(agent, task);
}

void agent_on_ack(struct agent *agent, const struct frame *frame)
{
	const char *key = frame_key(frame);
	struct task *task = key ? agent_task_find(agent, key) : NULL;
	int64_t seq = frame_int(frame, "seq", 0);
	size_t done = 0;

	if (!task)
		return;
	while (done < task->sent_count && task->sent[done].to <= seq)
		task->sent_bytes -= task->sent[done++].bytes;
	task->sent_count -= done;
	memmove(task->sent, task->sent + done, task->sent_count * sizeof(task->sent[0]));
	if (done && !task->result_sent)
		task_dirty(agent, task);
}

void agent_on_done(struct agent *agent, const struct frame *frame)
{
	const char *key = frame_key(frame);
	struct task *task = key ? agent_task_find(agent, key) : NULL;
	struct err err = { 0 };

	if (!key)
		return;
	if (task && faccessat(task->dir, "result", F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		err_set(&err, ERR_BUSY, "task %s has not ended", key);
		agent_send_refused(agent, "key", key, &err);
		return;
	}
	if (spool_superseded(&agent->spool))
		return;
	if (spool_forget(&agent->spool, key, task ? task->dir : -1))
		agent->trash = true;
	fork_server_taken(&agent->server, key);
	if (task)
		task_remove(agent, task);
	json_t *head = frame_head(MESSAGE_GONE);
	json_object_set_new(head, "key", json_string(key));
	agent_send(agent, head, NULL, 0);
}

void agent_on_cancel(struct agent *agent, const struct frame *frame)
{
	struct task *task = requested_task(agent, frame);
	struct err err = { 0 };

	if (!task)
		return;
	if (task_cancel(&agent->spool, task->dir, &err) < 0)
		send_task_error(agent, task->key, &err);
	task->tailing = true;
	task_dirty(agent, task);
}

void agent_on_dump(struct agent *agent, const struct frame *frame)
{
	struct task *task = requested_task(agent, frame);
	struct err err = { 0 };

	if (task && task_want_dump(task->dir, &err) < 0)
		send_task_error(agent, task->key, &err);
}

void agent_on_dumps(struct agent *agent, const struct frame *frame)
{
	struct task *task = requested_task(agent, frame);

	if (task)
		agent_tell_dumps(agent, task);
}

void agent_on_fetch(struct agent *agent, const struct frame *frame)
{
	struct task *task = requested_task(agent, frame);
	const char *name = frame_text(frame, "name", "");
	int64_t offset = frame_int(frame, "offset", 0);
	char *data = xmalloc(FRAME_CHUNK);
	struct stat st = { 0 };
	ssize_t n = 0;

	if (!task || !*name || strchr(name, '/') || strcmp(name, "..") == 0 || strcmp(name, ".") == 0) {
		free(data);
		return;
	}
	int dir = openat(task->dir, "dump", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int fd = dir < 0 ? -1 : openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && offset >= 0)
		n = pread(fd, data, FRAME_CHUNK, offset);
	json_t *head = frame_head(MESSAGE_FILE);
	json_object_set_new(head, "key", json_string(task->key));
	json_object_set_new(head, "name", json_string(name));
	json_object_set_new(head, "offset", json_integer(offset));
	json_object_set_new(head, "size", json_integer((json_int_t)st.st_size));
	agent_send(agent, head, data, n > 0 ? (size_t)n : 0);
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	free(data);
}
