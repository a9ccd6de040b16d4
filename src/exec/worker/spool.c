/* SPDX-License-Identifier: MIT */
/*
 * The spool on disk. Two rules make it safe against any number of agents,
 * supervisors and crashes: a claim is one rename made under the shared fence
 * lock, and raising the fence takes that lock exclusively, so that whoever
 * raised it knows every claim that will ever be made below it.
 */
#include "exec/worker/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define OPEN_NEW (O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)
#define CONTACT_DIGITS 19

/* Open (making it when missing) one of our folders; it must be a folder of ours that nobody else may enter. */
static int folder_open(int parent, const char *name, int *ret, struct err *err)
{
	struct stat st;

	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return err_set_errno(err, errno, "cannot make the spool folder %s", name);
	int fd = openat(parent, name, OPEN_DIR);
	if (fd < 0)
		return err_set_errno(err, errno, "cannot open the spool folder %s", name);
	if (fstat(fd, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 077)) {
		close(fd);
		err_set(err, ERR_DENIED, "the spool folder %s is not ours alone", name);
		err_hint(err, "it must belong to the worker's account and have mode 0700");
		return -ERR_DENIED;
	}
	*ret = fd;
	return 0;
}

/* Base folder, catalog and worker, each opened from the one above. */
static int spool_descend(const char *base, const struct uuid *catalog, const struct uuid *worker,
    struct spool *spool, struct err *err)
{
	char catalog_text[UUID_TEXT_LEN + 1], worker_text[UUID_TEXT_LEN + 1];
	int base_fd = -1, catalog_fd = -1;

	uuid_format(catalog, false, catalog_text);
	uuid_format(worker, false, worker_text);
	char *root = base ? path_absolute(base) : path_state_home();
	spool->path = xasprintf("%s/%s/%s", root, catalog_text, worker_text);
	int r = dir_make(root, 0700, err);
	if (r < 0)
		goto out;
	base_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (base_fd < 0) {
		r = err_set_errno(err, errno, "cannot open the spool folder %s", root);
		goto out;
	}
	r = folder_open(base_fd, catalog_text, &catalog_fd, err);
	if (r == 0)
		r = folder_open(catalog_fd, worker_text, &spool->dir, err);
out:
	if (base_fd >= 0)
		close(base_fd);
	if (catalog_fd >= 0)
		close(catalog_fd);
	free(root);
	return r;
}

static int lasting_file(const struct spool *spool, const char *name, int *ret, struct err *err)
{
	*ret = openat(spool->dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (*ret < 0)
		return err_set_errno(err, errno, "cannot open %s/%s", spool->path, name);
	return 0;
}

/* The spool's own identity, made once: a master that sees another one knows that the spool was lost. */
static int spool_identity(struct spool *spool, struct err *err)
{
	char *text = task_file_read(spool->dir, "id", UUID_TEXT_LEN);
	struct uuid id;
	int r = 0;

	if (!text || !uuid_parse(text, strlen(text), &id)) {
		uuid_new(&id);
		uuid_format(&id, false, spool->id);
		char *path = path_join(spool->path, "id");
		r = file_write_atomic(path, spool->id, UUID_TEXT_LEN, 0600, true, err);
		free(path);
	} else {
		uuid_format(&id, false, spool->id);
	}
	free(text);
	return r;
}

int spool_open(const char *base, const struct uuid *catalog, const struct uuid *worker,
    struct spool *ret, struct err *err)
{
	struct spool spool = { .dir = -1, .tasks = -1, .staging = -1, .trash = -1, .projects = -1,
		.fence_lock = -1, .contact = -1, .durable = true };
	struct {
		const char *name;
		int *fd;
	} folders[] = { { "tasks", &spool.tasks }, { "staging", &spool.staging },
		{ "trash", &spool.trash }, { "projects", &spool.projects } };

	int r = spool_descend(base, catalog, worker, &spool, err);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(folders); i++)
		r = folder_open(spool.dir, folders[i].name, folders[i].fd, err);
	if (r == 0)
		r = lasting_file(&spool, "fence.lock", &spool.fence_lock, err);
	if (r == 0)
		r = lasting_file(&spool, "contact", &spool.contact, err);
	if (r == 0)
		r = spool_identity(&spool, err);
	if (r < 0) {
		spool_release(&spool);
		return r;
	}
	*ret = spool;
	return 0;
}

void spool_release(struct spool *spool)
{
	int *fds[] = { &spool->dir, &spool->tasks, &spool->staging, &spool->trash, &spool->projects,
		&spool->fence_lock, &spool->contact };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
	while (spool->pooled)
		free(spool->pool[--spool->pooled]);
	free(spool->path);
	spool->path = NULL;
}

/* The fence on disk; (0, 0) when there is none. False when it cannot be read, which counts as superseded. */
static bool fence_read(const struct spool *spool, int64_t *ret_epoch, int64_t *ret_session)
{
	char *text = task_file_read(spool->dir, "fence", 64);

	*ret_epoch = *ret_session = 0;
	if (!text)
		return errno == ENOENT;
	bool ok = sscanf(text, "%" SCNd64 " %" SCNd64, ret_epoch, ret_session) == 2;
	free(text);
	return ok;
}

static int fence_compare(int64_t epoch_a, int64_t session_a, int64_t epoch_b, int64_t session_b)
{
	if (epoch_a != epoch_b)
		return epoch_a < epoch_b ? -1 : 1;
	return session_a < session_b ? -1 : session_a > session_b;
}

/* What an agent before us staged or kept: nobody knows what state it is in. */
static void discard_staging(struct spool *spool)
{
	int fd = openat(spool->staging, ".", OPEN_DIR);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			renameat(spool->staging, entry->d_name, spool->trash, entry->d_name);
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

int spool_raise_fence(struct spool *spool, int64_t epoch, int64_t session, struct err *err)
{
	int64_t old_epoch, old_session;
	int r;

	if (flock(spool->fence_lock, LOCK_EX) < 0)
		return err_set_errno(err, errno, "cannot lock %s/fence.lock", spool->path);
	if (!fence_read(spool, &old_epoch, &old_session)) {
		r = err_set(err, ERR_CORRUPT, "cannot read %s/fence", spool->path);
	} else if (fence_compare(epoch, session, old_epoch, old_session) <= 0) {
		r = err_set(err, ERR_DENIED, "stale epoch");
		err_detail(err, "this worker follows epoch %" PRId64 " session %" PRId64
		    "; refused epoch %" PRId64 " session %" PRId64, old_epoch, old_session, epoch, session);
	} else {
		char text[64];
		char *path = path_join(spool->path, "fence");
		int n = snprintf(text, sizeof(text), "%" PRId64 " %" PRId64 "\n", epoch, session);
		r = file_write_atomic(path, text, (size_t)n, 0600, true, err);
		free(path);
		spool->epoch = epoch;
		spool->session = session;
	}
	/* Agents below the fence can claim nothing any more: what they have staged is of no use. */
	if (r == 0)
		discard_staging(spool);
	flock(spool->fence_lock, LOCK_UN);
	return r;
}

bool spool_superseded(const struct spool *spool)
{
	int64_t epoch, session;

	return !fence_read(spool, &epoch, &session) ||
	    fence_compare(spool->epoch, spool->session, epoch, session) != 0;
}

int64_t spool_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t spool_contact_read(int contact_fd)
{
	char text[CONTACT_DIGITS + 1] = { 0 };

	if (pread(contact_fd, text, CONTACT_DIGITS, 0) != CONTACT_DIGITS)
		return 0;
	return strtoll(text, NULL, 10);
}

void spool_contact_write(struct spool *spool, int64_t stamp)
{
	char text[CONTACT_DIGITS + 1];
	int64_t now = spool_clock_ms();

	/* A stamp from before a reboot, or invented, must not stretch a lease. */
	if (stamp <= 0 || stamp > now || stamp <= spool_contact_read(spool->contact))
		return;
	snprintf(text, sizeof(text), "%0*" PRId64, CONTACT_DIGITS, stamp);
	if (pwrite(spool->contact, text, CONTACT_DIGITS, 0) < 0)
		return; /* the lease just runs on from the stamp before */
}

/* "KEY.NONCE"; caller frees. */
static char *unique_name(const char *key)
{
	uint64_t nonce;

	random_bytes(&nonce, sizeof(nonce));
	return xasprintf("%s.%016" PRIx64, key, nonce);
}

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

static int stage_fill(int stage, const char *job, struct err *err)
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

/* The rename that is the claim, under the fence. */
static int claim_publish(struct spool *spool, const char *stage_name, const char *key, struct err *err)
{
	int r = 0;

	if (flock(spool->fence_lock, LOCK_SH) < 0)
		return err_set_errno(err, errno, "cannot lock %s/fence.lock", spool->path);
	if (spool_superseded(spool))
		r = err_set(err, ERR_DENIED, "another master has taken over this worker");
	else if (renameat(spool->staging, stage_name, spool->tasks, key) < 0)
		r = errno == ENOTEMPTY || errno == EEXIST ?
		    err_set(err, ERR_EXISTS, "task %s was claimed before", key) :
		    err_set_errno(err, errno, "cannot claim task %s", key);
	flock(spool->fence_lock, LOCK_UN);
	return r;
}

static void spool_remove(const char *parent_path, const char *name)
{
	char *path = xasprintf("%s/%s", parent_path, name);

	dir_remove(path, NULL);
	free(path);
}

/* Replace a file's text in place: cutting it to nothing first would free its block and make ext4 flush it at close. */
static int overwrite(int fd, const char *text)
{
	return fd_write_full(fd, text, strlen(text)) < 0 || ftruncate(fd, (off_t)strlen(text)) < 0 ? -1 : 0;
}

/* A folder from the pool needs its job only. */
static int stage_reuse(const struct spool *spool, const char *name, const char *job, struct err *err)
{
	int stage = openat(spool->staging, name, OPEN_DIR);
	int fd = stage < 0 ? -1 : openat(stage, "job", O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	int r = 0;

	if (fd < 0 || overwrite(fd, job) < 0)
		r = err_set_errno(err, errno, "cannot write the task's job");
	if (fd >= 0)
		close(fd);
	if (stage >= 0)
		close(stage);
	return r;
}

static int stage_new(const struct spool *spool, const char *name, const char *job, struct err *err)
{
	if (mkdirat(spool->staging, name, 0700) < 0)
		return err_set_errno(err, errno, "cannot make a folder for a task");
	int stage = openat(spool->staging, name, OPEN_DIR);
	int r = stage < 0 ? err_set_errno(err, errno, "cannot open a task's folder") : stage_fill(stage, job, err);
	if (stage >= 0)
		close(stage);
	return r;
}

int spool_claim(struct spool *spool, const char *key, const char *job, struct err *err)
{
	struct stat st;
	int r;

	if (fstatat(spool->tasks, key, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(err, ERR_EXISTS, "task %s was claimed before", key);
	char *name = spool->pooled ? spool->pool[--spool->pooled] : NULL;
	if (name) {
		r = stage_reuse(spool, name, job, err);
	} else {
		name = unique_name(key);
		r = stage_new(spool, name, job, err);
	}
	if (r == 0)
		r = claim_publish(spool, name, key, err);
	if (r < 0) {
		char *path = path_join(spool->path, "staging");
		spool_remove(path, name);
		free(path);
	}
	free(name);
	return r;
}

int spool_task_open(const struct spool *spool, const char *key)
{
	return openat(spool->tasks, key, OPEN_DIR);
}

bool spool_task_is(const struct spool *spool, const char *key, int task_fd)
{
	struct stat named, held;

	return fstatat(spool->tasks, key, &named, AT_SYMLINK_NOFOLLOW) == 0 && fstat(task_fd, &held) == 0 &&
	    named.st_ino == held.st_ino && named.st_dev == held.st_dev;
}

static bool file_there(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

void task_status_read(int task_fd, struct task_status *ret)
{
	/* The lock first: what a supervisor does after letting go cannot be missed. */
	int lock = openat(task_fd, "lock", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	ret->locked = lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	if (lock >= 0)
		close(lock);
	ret->ended = file_there(task_fd, "result");
	ret->started = file_there(task_fd, "started");
	ret->cancel = file_there(task_fd, "cancel");
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

/* The result as one JSON line that fits the reserved block, whatever the reason's length. */
static char *result_text(const struct task_result *result)
{
	size_t reason_len = strlen(result->reason);

	if (reason_len > RESULT_RESERVED / 2)
		reason_len = utf8_prefix_utf16(result->reason, RESULT_RESERVED / 2, RESULT_RESERVED / 2);
	for (;; reason_len /= 2) {
		json_t *reason = json_stringn(result->reason, reason_len);
		json_t *object = json_pack("{s:s, s:i, s:i, s:I, s:o}", "outcome",
		    task_outcome_name(result->outcome), "exit", result->exit_code, "signal",
		    result->signal, "time", (json_int_t)result->time, "reason",
		    reason ? reason : json_string(""));
		char *text = json_dumps(object, JSON_COMPACT);
		json_decref(object);
		if (strlen(text) < RESULT_RESERVED)
			return text;
		free(text);
	}
}

int task_result_write(const struct spool *spool, int task_fd, int lock_fd,
    const struct task_result *result, struct err *err)
{
	int r = 0;
	char *text = result_text(result);
	size_t len = strlen(text);
	int fd = openat(task_fd, "result.tmp", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || pwrite(fd, text, len, 0) != (ssize_t)len || ftruncate(fd, (off_t)len) < 0 ||
	    renameat(task_fd, "result.tmp", task_fd, "result") < 0)
		r = err_set_errno(err, errno, "cannot write a task's result");
	close(lock_fd);
	/* Cut off by a power failure before it is on the disk, the task reads as lost: less, but not wrong. */
	if (r == 0 && spool->durable && fsync(fd) < 0)
		r = err_set_errno(err, errno, "cannot write a task's result");
	if (fd >= 0)
		close(fd);
	free(text);
	return r;
}

/* Whether a folder of the task is empty. */
static bool folder_empty(int task_fd, const char *name)
{
	int fd = openat(task_fd, name, OPEN_DIR);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int entries = 0;

	while (dir && entries < 3 && readdir(dir))
		entries++;
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return entries == 2;
}

/* Cut a file of the task to nothing; false unless it is a plain file that only we can know. */
static bool file_reset(int task_fd, const char *name, off_t size)
{
	struct stat st;
	int fd = openat(task_fd, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool ok = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1;

	if (ok && st.st_size != 0 && size == 0)
		ok = ftruncate(fd, 0) == 0;
	if (ok && size)
		ok = posix_fallocate(fd, 0, size) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Make a task's folder as it was when it was claimed; false when it holds anything unusual. */
static bool folder_reset(int task_fd)
{
	return !file_there(task_fd, "cancel") && folder_empty(task_fd, "work") && folder_empty(task_fd, "dump") &&
	    renameat(task_fd, "result", task_fd, "result.tmp") == 0 &&
	    renameat(task_fd, "started", task_fd, "started.tmp") == 0 && file_reset(task_fd, "events", 0) &&
	    file_reset(task_fd, "out", 0) && file_reset(task_fd, "lock", 0) &&
	    file_reset(task_fd, "result.tmp", RESULT_RESERVED);
}

bool spool_forget(struct spool *spool, const char *key, int task_fd)
{
	char *name = unique_name("free");

	/* Out of sight first: from here on no supervisor of the key can believe in it (spool_task_is). */
	if (renameat(spool->tasks, key, spool->staging, name) < 0) {
		free(name);
		return false;
	}
	if (spool->pooled < SPOOL_POOL && task_fd >= 0 && folder_reset(task_fd)) {
		spool->pool[spool->pooled++] = name;
		return false;
	}
	renameat(spool->staging, name, spool->trash, name);
	free(name);
	return true;
}

bool spool_trash_empty(struct spool *spool, int max)
{
	int fd = openat(spool->trash, ".", OPEN_DIR);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char *path = path_join(spool->path, "trash");
	struct dirent *entry;
	int done = 0;

	while (dir && done < max && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		spool_remove(path, entry->d_name);
		done++;
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	free(path);
	return done == max;
}
