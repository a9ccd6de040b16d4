/* SPDX-License-Identifier: MIT */
/*
 * A task's folder: filling it for a claim, reading its state, marking its
 * start and its end in the order that makes every moment of a crash readable.
 */
#include "exec/worker/task_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "exec/worker/spool.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define OPEN_NEW (O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)

/* Make one file of the task being staged, with some text. */
static int stage_file(int stage, const char *name, const char *text, struct err *err)
{
	int fd = openat(stage, name, OPEN_NEW, 0600);

	if (fd < 0)
		return err_set_errno(err, errno, "cannot make the task's %s", name);
	int r = 0;
	if (text && fd_write_full(fd, text, strlen(text)) < 0)
		r = err_set_errno(err, errno, "cannot write the task's %s", name);
	close(fd);
	return r;
}

/* Blocks for the result are set aside now, so that a full disk cannot lose it. */
static int stage_result(int stage, struct err *err)
{
	int fd = openat(stage, "result.tmp", OPEN_NEW, 0600);

	if (fd < 0)
		return err_set_errno(err, errno, "cannot reserve the task's result");
	int code = posix_fallocate(fd, 0, RESULT_RESERVED);
	close(fd);
	return code ? err_set_errno(err, code, "cannot reserve the task's result") : 0;
}

int task_folder_fill(int stage, const char *job, struct err *err)
{
	static const char *const files[] = { "lock", "events", "out", "started.tmp" };
	static const char *const folders[] = { "work", "dump" };

	int r = stage_file(stage, "job", job, err);
	if (r == 0)
		r = stage_result(stage, err);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(files); i++)
		r = stage_file(stage, files[i], NULL, err);
	if (r == 0 && mkfifoat(stage, "ctl", 0600) < 0)
		r = err_set_errno(err, errno, "cannot make the task's ctl");
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(folders); i++) {
		if (mkdirat(stage, folders[i], 0700) < 0)
			r = err_set_errno(err, errno, "cannot make the task's %s", folders[i]);
	}
	return r;
}

/*
 * Replace a file's text in place: cutting it to nothing first would free its
 * block and make ext4 flush it at close. Cut only where the text before was longer.
 */
static int overwrite(int fd, const char *text)
{
	off_t len = (off_t)strlen(text);
	struct stat st;

	if (fd_write_full(fd, text, (size_t)len) < 0 || fstat(fd, &st) < 0)
		return -1;
	return st.st_size > len ? ftruncate(fd, len) : 0;
}

int task_folder_rejob(int task_fd, const char *job, struct err *err)
{
	int fd = openat(task_fd, "job", O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	int r = 0;

	if (fd < 0 || overwrite(fd, job) < 0)
		r = err_set_errno(err, errno, "cannot write the task's job");
	if (fd >= 0)
		close(fd);
	return r;
}

static bool file_there(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

void task_status_of_ours(int task_fd, struct task_status *ret)
{
	ret->locked = true;
	ret->ended = file_there(task_fd, "result");
	ret->started = file_there(task_fd, "started");
	ret->cancel = file_there(task_fd, "cancel");
}

void task_status_read(int task_fd, struct task_status *ret)
{
	/* The lock first: what a supervisor does after letting go cannot be missed. */
	int lock = openat(task_fd, "lock", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool locked = lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;

	if (lock >= 0)
		close(lock);
	task_status_of_ours(task_fd, ret);
	ret->locked = locked;
}

int task_mark_started(const struct spool *spool, int task_fd, const char *text)
{
	/* Only the name must last: what the file says is for people. Its blocks may be missing on a full disk. */
	int fd = openat(task_fd, "started.tmp", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	int r = overwrite(fd, text);
	close(fd);
	if (r == 0)
		r = renameat(task_fd, "started.tmp", task_fd, "started");
	/* The claim of another boot counts as started, so that the claim's name is all that must be on the disk. */
	if (r == 0 && spool->durable && fsync(spool->tasks) < 0) {
		renameat(task_fd, "started", task_fd, "started.tmp");
		r = -1;
	}
	return r;
}

char *task_file_read(int task_fd, const char *name, size_t max)
{
	int fd = openat(task_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return NULL;
	char *text = xmalloc(max + 1);
	ssize_t n = fd_read_full(fd, text, max);
	close(fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

void task_wake(int task_fd)
{
	int fd = openat(task_fd, "ctl", O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	/* A full pipe wakes just as well. */
	ssize_t n = write(fd, "c", 1);
	(void)n;
	close(fd);
}

int task_cancel(const struct spool *spool, int task_fd, struct err *err)
{
	int fd = openat(task_fd, "cancel", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set_errno(err, errno, "cannot note the stop of a task");
	close(fd);
	if (spool->durable)
		fsync(task_fd);
	task_wake(task_fd);
	return 0;
}

int task_want_dump(int task_fd, struct err *err)
{
	int fd = openat(task_fd, "dump-wanted", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set_errno(err, errno, "cannot note that a dump is wanted");
	close(fd);
	task_wake(task_fd);
	return 0;
}

bool task_dump_wanted(int task_fd)
{
	return unlinkat(task_fd, "dump-wanted", 0) == 0;
}

/* The result as one JSON line that fits the reserved block, whatever the reason's length. */
static char *result_text(const struct task_result *result, int64_t event_bytes)
{
	size_t reason_len = strlen(result->reason);

	if (reason_len > RESULT_RESERVED / 2)
		reason_len = utf8_prefix_utf16(result->reason, RESULT_RESERVED / 2, RESULT_RESERVED / 2);
	for (;; reason_len /= 2) {
		json_t *reason = json_stringn(result->reason, reason_len);
		json_t *object = json_pack("{s:s, s:I, s:s, s:i, s:i, s:I, s:o}", "task", result->key, "event_bytes",
		    (json_int_t)event_bytes, "outcome", task_outcome_name(result->outcome), "exit", result->exit_code, "signal",
		    result->signal, "time", (json_int_t)result->time, "reason",
		    reason ? reason : json_string(""));
		char *text = json_dumps(object, JSON_COMPACT);
		json_decref(object);
		if (strlen(text) < RESULT_RESERVED)
			return text;
		free(text);
	}
}

int task_result_write(int task_fd, int lock_fd, const struct task_result *result, struct task_unsynced *ret,
    struct err *err)
{
	int r = 0;
	struct stat st = { 0 };
	int events = openat(task_fd, "events", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char *text = result_text(result, events >= 0 && fstat(events, &st) == 0 ? (int64_t)st.st_size : 0);
	char block[RESULT_RESERVED];
	int fd = openat(task_fd, "result.tmp", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	/* The whole block, blanks behind the text: the file keeps its size and its block from task to task. */
	memset(block, ' ', sizeof(block));
	block[sizeof(block) - 1] = '\n';
	memcpy(block, text, strlen(text));
	if (fd < 0 || pwrite(fd, block, sizeof(block), 0) != (ssize_t)sizeof(block) ||
	    renameat(task_fd, "result.tmp", task_fd, "result") < 0)
		r = err_set_errno(err, errno, "cannot write a task's result");
	close(lock_fd);
	free(text);
	*ret = (struct task_unsynced){ events, fd };
	return r;
}

/* Cut off by a power failure before it is on the disk, the task reads as lost: less, but not wrong. */
int task_result_sync(const struct task_unsynced *files)
{
	if (files->events >= 0 && fdatasync(files->events) < 0)
		return -1;
	return files->result >= 0 ? fsync(files->result) : 0;
}

void task_unsynced_close(struct task_unsynced *files)
{
	if (files->events >= 0)
		close(files->events);
	if (files->result >= 0)
		close(files->result);
	*files = (struct task_unsynced)TASK_UNSYNCED_NONE;
}

json_t *task_result_read(int task_fd, const char *key, const char **ret_why)
{
	char *text = task_file_read(task_fd, "result", RESULT_RESERVED);
	/* To the end of its one line: to read the blanks behind costs more than all else. */
	json_t *result = text ? json_loads(text, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
	const char *owner = json_string_value(json_object_get(result, "task"));
	struct stat st = { 0 };

	free(text);
	*ret_why = NULL;
	if (!json_is_object(result) || (owner && strcmp(owner, key) != 0))
		*ret_why = "the task's result was not on the disk when the machine was cut off";
	else if (fstatat(task_fd, "events", &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (json_int_t)st.st_size < json_integer_value(json_object_get(result, "event_bytes")))
		*ret_why = "the task's messages were not on the disk when the machine was cut off";
	if (*ret_why) {
		json_decref(result);
		return NULL;
	}
	return result;
}

/* Whether a folder of the task is empty. Two of them per task: opendir would cost twice as many calls. */
static bool folder_empty(int task_fd, const char *name)
{
	_Alignas(struct dirent64) char entries[2048];
	int fd = openat(task_fd, name, OPEN_DIR), count = 0;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && count < 3 && (n = getdents64(fd, entries, sizeof(entries))) > 0) {
		for (ssize_t at = 0; at < n; at += ((struct dirent64 *)(void *)(entries + at))->d_reclen)
			count++;
	}
	if (fd >= 0)
		close(fd);
	return n == 0 && count == 2;
}

/* Give a file of the task its size again; mostly it has it. False unless it is a plain file that only we can know. */
static bool file_reset(int task_fd, const char *name, off_t size)
{
	struct stat st;

	if (fstatat(task_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1)
		return false;
	if (st.st_size == size || (size && st.st_size > size))
		return true;
	int fd = openat(task_fd, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool ok = fd >= 0 && (size ? posix_fallocate(fd, 0, size) : ftruncate(fd, 0)) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

bool task_folder_reset(int task_fd)
{
	return !file_there(task_fd, "cancel") && !file_there(task_fd, "dump-wanted") && folder_empty(task_fd, "work") && folder_empty(task_fd, "dump") &&
	    renameat(task_fd, "result", task_fd, "result.tmp") == 0 &&
	    renameat(task_fd, "started", task_fd, "started.tmp") == 0 && file_reset(task_fd, "events", 0) &&
	    file_reset(task_fd, "out", 0) && file_reset(task_fd, "lock", 0) &&
	    file_reset(task_fd, "result.tmp", RESULT_RESERVED);
}
