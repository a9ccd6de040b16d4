/* SPDX-License-Identifier: MIT */
/*
 * A file system that becomes read-only under a program and writable again, as a
 * network share does: preloaded into it, makes every write below
 * $FAULT_READONLY_FOLDER fail with EROFS while the file $FAULT_READONLY_SWITCH is there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at);
int ftruncate64(int fd, off64_t len);
int open64(const char *path, int flags, ...);

static bool below(const char *path)
{
	const char *folder = getenv("FAULT_READONLY_FOLDER");

	return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static bool refused(const char *path)
{
	const char *name = getenv("FAULT_READONLY_SWITCH");
	int before = errno;
	bool on = name && below(path) && access(name, F_OK) == 0;

	errno = on ? EROFS : before;
	return on;
}

static bool refused_fd(int fd)
{
	char name[64], path[4096];
	int before = errno;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(name, path, sizeof(path) - 1);
	errno = before;
	if (n < 0)
		return false;
	path[n] = '\0';
	return refused(path);
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t len)
{
	REAL(write);
	return refused_fd(fd) ? -1 : real(fd, data, len);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	REAL(pwrite);
	return refused_fd(fd) ? -1 : real(fd, data, len, at);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	REAL(pwrite64);
	return refused_fd(fd) ? -1 : real(fd, data, len, at);
}

int ftruncate(int fd, off_t len)
{
	REAL(ftruncate);
	return refused_fd(fd) ? -1 : real(fd, len);
}

int ftruncate64(int fd, off64_t len)
{
	REAL(ftruncate64);
	return refused_fd(fd) ? -1 : real(fd, len);
}

int unlink(const char *path)
{
	REAL(unlink);
	return refused(path) ? -1 : real(path);
}

int open(const char *path, int flags, ...)
{
	REAL(open);
	va_list args;

	va_start(args, flags);
	int mode = va_arg(args, int); /* nothing sensible when none was given; then nobody looks at it */
	va_end(args);
	return (flags & (O_WRONLY | O_RDWR | O_CREAT)) && refused(path) ? -1 : real(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	REAL(open64);
	va_list args;

	va_start(args, flags);
	int mode = va_arg(args, int);
	va_end(args);
	return (flags & (O_WRONLY | O_RDWR | O_CREAT)) && refused(path) ? -1 : real(path, flags, mode);
}
