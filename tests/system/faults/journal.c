/* SPDX-License-Identifier: MIT */
/*
 * What journal.h says. An operation and its line in the journal are one step
 * under a record lock, which belongs to a process and not to a descriptor:
 * the agent's forks inherit descriptors and close them all.
 */
#include "tests/system/faults/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTENT_MAX 65536

#define DECLARE(type, name, ...) \
	type __real_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

DECLARE(int, open, const char *path, int flags, ...);
DECLARE(int, openat, int dir, const char *name, int flags, ...);
DECLARE(int, mkdir, const char *path, mode_t mode);
DECLARE(int, mkdirat, int dir, const char *name, mode_t mode);
DECLARE(int, mkfifoat, int dir, const char *name, mode_t mode);
DECLARE(int, mkostemp, char *path, int flags);
DECLARE(int, posix_fallocate, int fd, off_t offset, off_t len);
DECLARE(int, ftruncate, int fd, off_t len);
DECLARE(ssize_t, pwrite, int fd, const void *data, size_t len, off_t offset);
DECLARE(ssize_t, write, int fd, const void *data, size_t len);
DECLARE(int, rename, const char *from, const char *to);
DECLARE(int, renameat, int from_dir, const char *from, int to_dir, const char *to);
DECLARE(int, rmdir, const char *path);
DECLARE(int, unlink, const char *path);
DECLARE(int, unlinkat, int dir, const char *name, int flags);
DECLARE(int, fsync, int fd);
DECLARE(int, fdatasync, int fd);
DECLARE(int, syncfs, int fd);

/* A name in a folder, and the journal that it belongs to. */
struct place {
	char journal[4096]; /* "" = not of a spool */
	unsigned long parent;
	char name[256];
	int lock;
};

static void find_journal(const char *path, char *ret)
{
	const char *inside = strstr(path, JOURNAL_INSIDE), *effects = strstr(path, ".effects");

	*ret = '\0';
	if (inside)
		snprintf(ret, 4096, "%.*s.journal", (int)(inside - path), path);
	else if (effects)
		snprintf(ret, 4096, "%.*s.journal", (int)(effects - path), path);
}

static void path_of_fd(int fd, char *ret)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, ret, 4095);
	ret[n > 0 ? n : 0] = '\0';
}

/* Hold the journal; false when there is none. */
static int hold(const char *journal)
{
	struct flock lock = { .l_type = F_WRLCK };
	int fd = *journal ? __real_open(journal, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;

	if (fd >= 0)
		fcntl(fd, F_SETLKW, &lock);
	return fd;
}

static void note(int journal, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void note(int journal, const char *fmt, ...)
{
	char line[512];
	va_list args;

	if (journal < 0)
		return;
	va_start(args, fmt);
	int n = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (__real_write(journal, line, (size_t)n) != n)
		abort();
}

/* Release it; keeps errno. */
static void leave(int journal)
{
	int saved = errno;

	if (journal >= 0)
		close(journal);
	errno = saved;
}

/* dir and name, or a path. */
static struct place place_at(int dir, const char *name)
{
	struct place place = { .lock = -1 };
	char folder[4096];
	struct stat st;
	const char *slash = strrchr(name, '/');

	if (*name == '/')
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - name), name);
	else
		path_of_fd(dir, folder);
	find_journal(folder, place.journal);
	if (stat(folder, &st) == 0)
		place.parent = st.st_ino;
	snprintf(place.name, sizeof(place.name), "%s", slash && *name == '/' ? slash + 1 : name);
	place.lock = hold(place.journal);
	return place;
}

static void note_made(const struct place *place, int dir, const char *name, char type)
{
	struct stat st;

	if (place->lock >= 0 && fstatat(*name == '/' ? AT_FDCWD : dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		note(place->lock, "C %lu %s %lu %c\n", place->parent, place->name, st.st_ino, type);
}

/* The whole content of a file now. */
static void note_content(int journal, int fd)
{
	static char content[CONTENT_MAX], line[2 * CONTENT_MAX + 64];
	char link[64];
	struct stat st;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (journal < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	int copy = __real_open(link, O_RDONLY | O_CLOEXEC);
	ssize_t n = copy < 0 ? 0 : read(copy, content, CONTENT_MAX);
	int at = snprintf(line, sizeof(line), "W %lu ", st.st_ino);
	for (ssize_t i = 0; i < n; i++)
		at += snprintf(line + at, 3, "%02x", (unsigned char)content[i]);
	line[at++] = '\n';
	if (copy >= 0)
		close(copy);
	if (__real_write(journal, line, (size_t)at) != at)
		abort();
}

static int hold_of_fd(int fd, char *path)
{
	char journal[4096];

	path_of_fd(fd, path);
	find_journal(path, journal);
	return hold(journal);
}

/* --- names --- */

int __wrap_openat(int dir, const char *name, int flags, ...)
{
	va_list args;
	struct stat st;

	va_start(args, flags);
	mode_t mode = flags & O_CREAT ? (mode_t)va_arg(args, int) : 0;
	va_end(args);
	if (strcmp(name, "/proc/sys/kernel/random/boot_id") == 0 && getenv(JOURNAL_BOOT))
		name = getenv(JOURNAL_BOOT);
	if (!(flags & O_CREAT))
		return __real_openat(dir, name, flags);
	struct place place = place_at(dir, name);
	int there = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	int fd = __real_openat(dir, name, flags, mode);
	if (fd >= 0 && !there)
		note_made(&place, dir, name, 'f');
	leave(place.lock);
	return fd;
}

int __wrap_open(const char *path, int flags, ...)
{
	va_list args;

	va_start(args, flags);
	mode_t mode = flags & O_CREAT ? (mode_t)va_arg(args, int) : 0;
	va_end(args);
	return __wrap_openat(AT_FDCWD, path, flags, mode);
}

int __wrap_mkdirat(int dir, const char *name, mode_t mode)
{
	struct place place = place_at(dir, name);
	int r = __real_mkdirat(dir, name, mode);

	if (r == 0)
		note_made(&place, dir, name, 'd');
	leave(place.lock);
	return r;
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	return __wrap_mkdirat(AT_FDCWD, path, mode);
}

int __wrap_mkfifoat(int dir, const char *name, mode_t mode)
{
	struct place place = place_at(dir, name);
	int r = __real_mkfifoat(dir, name, mode);

	if (r == 0)
		note_made(&place, dir, name, 'p');
	leave(place.lock);
	return r;
}

int __wrap_mkostemp(char *path, int flags)
{
	struct place place = place_at(AT_FDCWD, path);
	int fd = __real_mkostemp(path, flags);

	snprintf(place.name, sizeof(place.name), "%s", strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
	if (fd >= 0)
		note_made(&place, AT_FDCWD, path, 'f');
	leave(place.lock);
	return fd;
}

int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	struct place source = place_at(from_dir, from), target;

	/* One lock for both: a process' second descriptor would drop it. */
	char journal[4096];
	memcpy(journal, source.journal, sizeof(journal));
	leave(source.lock);
	target = place_at(to_dir, to);
	int r = __real_renameat(from_dir, from, to_dir, to);
	if (r == 0 && *journal)
		note(target.lock, "R %lu %s %lu %s\n", source.parent, source.name, target.parent, target.name);
	leave(target.lock);
	return r;
}

int __wrap_rename(const char *from, const char *to)
{
	return __wrap_renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int __wrap_unlinkat(int dir, const char *name, int flags)
{
	struct place place = place_at(dir, name);
	int r = __real_unlinkat(dir, name, flags);

	if (r == 0)
		note(place.lock, "U %lu %s\n", place.parent, place.name);
	leave(place.lock);
	return r;
}

int __wrap_unlink(const char *path)
{
	return __wrap_unlinkat(AT_FDCWD, path, 0);
}

int __wrap_rmdir(const char *path)
{
	return __wrap_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

/* --- contents --- */

int __wrap_posix_fallocate(int fd, off_t offset, off_t len)
{
	char path[4096];
	int journal = hold_of_fd(fd, path), r = __real_posix_fallocate(fd, offset, len);

	note_content(journal, fd);
	leave(journal);
	return r;
}

int __wrap_ftruncate(int fd, off_t len)
{
	char path[4096];
	int journal = hold_of_fd(fd, path), r = __real_ftruncate(fd, len);

	note_content(journal, fd);
	leave(journal);
	return r;
}

ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset)
{
	char path[4096];
	int journal = hold_of_fd(fd, path);
	ssize_t r = __real_pwrite(fd, data, len, offset);

	note_content(journal, fd);
	leave(journal);
	return r;
}

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	char path[4096];
	int journal = hold_of_fd(fd, path);
	ssize_t r = __real_write(fd, data, len);

	if (r > 0 && strstr(path, ".effects"))
		note(journal, "E %.*s%s", (int)len, (const char *)data, ((const char *)data)[len - 1] == '\n' ? "" : "\n");
	else
		note_content(journal, fd);
	leave(journal);
	return r;
}

/* --- syncs --- */

static int note_sync(int fd, int (*sync)(int))
{
	char path[4096];
	struct stat st;
	int journal = hold_of_fd(fd, path), r = sync(fd);

	if (r == 0 && journal >= 0 && fstat(fd, &st) == 0)
		note(journal, "S %lu\n", st.st_ino);
	leave(journal);
	return r;
}

int __wrap_fsync(int fd)
{
	return note_sync(fd, __real_fsync);
}

int __wrap_fdatasync(int fd)
{
	return note_sync(fd, __real_fdatasync);
}

int __wrap_syncfs(int fd)
{
	char path[4096];
	int journal = hold_of_fd(fd, path), r = __real_syncfs(fd);

	note(journal, "A\n");
	leave(journal);
	return r;
}
