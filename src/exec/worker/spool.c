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

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
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
		.fence_lock = -1, .contact = -1, .fence = -1, .durable = true };
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
		&spool->fence_lock, &spool->contact, &spool->fence };

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

/* Whether a name in a folder is that of an open file. */
static bool same_inode(int dir, const char *name, int fd)
{
	struct stat named, held;

	return fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &held) == 0 &&
	    named.st_ino == held.st_ino && named.st_dev == held.st_dev;
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
		if (r == 0 && (spool->fence = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)) < 0)
			r = err_set_errno(err, errno, "cannot open %s", path);
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
	return !same_inode(spool->dir, "fence", spool->fence);
}

bool spool_deleted(const struct spool *spool)
{
	struct stat st;

	return fstat(spool->tasks, &st) == 0 && st.st_nlink == 0;
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
	int64_t stamp = strtoll(text, NULL, 10);
	/* A reading of before a reboot may be far ahead of the clock, which has begun anew: no lease may live on it. */
	return stamp <= spool_clock_ms() ? stamp : 0;
}

void spool_contact_write(struct spool *spool, int64_t stamp)
{
	char text[CONTACT_DIGITS + 1];
	int64_t now = spool_clock_ms();

	/* Nor may one of before a reboot, or an invented one, that comes over the wire. */
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

/* A folder in staging/ with the job in it, new or from the pool. */
static int stage(const struct spool *spool, const char *name, bool pooled, const char *job, struct err *err)
{
	if (!pooled && mkdirat(spool->staging, name, 0700) < 0)
		return err_set_errno(err, errno, "cannot make a folder for a task");
	int fd = openat(spool->staging, name, OPEN_DIR);
	if (fd < 0)
		return err_set_errno(err, errno, "cannot open a task's folder");
	int r = pooled ? task_folder_rejob(fd, job, err) : task_folder_fill(fd, job, err);
	close(fd);
	return r;
}

int spool_claim(struct spool *spool, const char *key, const char *job, struct err *err)
{
	struct stat st;

	if (fstatat(spool->tasks, key, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(err, ERR_EXISTS, "task %s was claimed before", key);
	bool pooled = spool->pooled > 0;
	char *name = pooled ? spool->pool[--spool->pooled] : unique_name(key);
	int r = stage(spool, name, pooled, job, err);
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
	return same_inode(spool->tasks, key, task_fd);
}

bool spool_forget(struct spool *spool, const char *key, int task_fd)
{
	char *name = unique_name("free");

	/* Out of sight first: from here on no supervisor of the key can believe in it (spool_task_is). */
	if (renameat(spool->tasks, key, spool->staging, name) < 0) {
		free(name);
		return false;
	}
	if (spool->pooled < SPOOL_POOL && task_fd >= 0 && task_folder_reset(task_fd)) {
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
