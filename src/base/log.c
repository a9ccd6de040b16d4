/* SPDX-License-Identifier: MIT */
/* The log is process-wide state by nature; it is the one mutable global of this room. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

static struct {
	int fd;
	enum log_level level;
	const char *program;
	bool journal;            /* fd is a socket of the journal */
	char *path;              /* of a file that is rotated, or NULL */
	size_t size, max_bytes;
	int keep;
} log_state = { .fd = 2, .level = LOG_LEVEL_INFO, .program = "scaleout" };

static const char *const level_names[] = { "error", "warning", "info", "debug" };
_Static_assert(sizeof(level_names) / sizeof(level_names[0]) == LOG_LEVEL_COUNT, "one name per level");
static const int priorities[] = { 3, 4, 6, 7 }; /* syslog's */
_Static_assert(sizeof(priorities) / sizeof(priorities[0]) == LOG_LEVEL_COUNT, "one priority per level");

void log_open(int fd, enum log_level level, const char *program)
{
	if (log_state.path || log_state.journal)
		close(log_state.fd);
	free(log_state.path);
	log_state.path = NULL;
	log_state.journal = false;
	log_state.fd = fd;
	log_state.level = level;
	log_state.program = program;
}

/* --- a file --- */

/* Open the file and connect standard error with it. */
static int open_file(void)
{
	struct stat st;
	int fd = open(log_state.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	if (fd == STDERR_FILENO) /* it was closed: keep both apart */
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	else
		dup2(fd, STDERR_FILENO);
	log_state.fd = fd;
	log_state.size = fstat(fd, &st) == 0 ? (size_t)st.st_size : 0;
	return 0;
}

/* PATH becomes PATH.1 and so on. When that fails, the file goes on to grow rather than entries to be lost. */
static void rotate(void)
{
	int old = log_state.fd;

	for (int i = log_state.keep; i > 0; i--) {
		char *to = xasprintf("%s.%d", log_state.path, i);
		char *from = i > 1 ? xasprintf("%s.%d", log_state.path, i - 1) : xstrdup(log_state.path);
		rename(from, to);
		free(from);
		free(to);
	}
	if (open_file() == 0)
		close(old);
	else
		log_state.size = 0;
}

int log_open_file(const char *path, size_t max_bytes, int keep, enum log_level level, const char *program,
    struct err *err)
{
	log_open(STDERR_FILENO, level, program);
	log_state.path = xstrdup(path);
	log_state.max_bytes = max_bytes;
	log_state.keep = keep;
	if (open_file() < 0) {
		int code = errno;
		free(log_state.path);
		log_state.path = NULL;
		return err_set_errno(err, code, "cannot open the log %s", path);
	}
	if (log_state.size > max_bytes)
		rotate();
	return 0;
}

/* --- the journal --- */

int log_stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &st) == 0 &&
	    st.st_dev == device && st.st_ino == inode;
}

int log_open_journal(const char *socket_path, enum log_level level, const char *program, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = socket_path ? socket_path : JOURNAL_SOCKET;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		if (fd >= 0)
			close(fd);
		return err_set(err, ERR_NOT_FOUND, "the journal does not listen at %s", path);
	}
	log_open(fd, level, program);
	log_state.journal = true;
	return 0;
}

static void write_journal(enum log_level level, const char *text, const char *name, const char *value)
{
	struct buf entry = BUF_INIT;

	buf_addf(&entry, "MESSAGE=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=%s\n", text, priorities[level], log_state.program);
	if (name)
		buf_addf(&entry, "%s=%s\n", name, value);
	/* A journal that is being restarted takes it from standard error, where the service manager reads on. */
	if (send(log_state.fd, entry.data, entry.len, MSG_NOSIGNAL) < 0)
		dprintf(STDERR_FILENO, "%s\n", text);
	buf_release(&entry);
}

/* --- entries --- */

static void escape(const char *text, struct buf *out)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p >= 0x20 && *p != 0x7F)
			buf_addc(out, (char)*p);
		else
			buf_addf(out, "\\x%02x", *p);
	}
}

__attribute__((format(printf, 4, 0)))
static void write_entry(enum log_level level, const char *name, const char *value, const char *fmt, va_list args)
{
	struct buf text = BUF_INIT, line = BUF_INIT, safe_value = BUF_INIT;
	char raw[4096], stamp[32];

	vsnprintf(raw, sizeof(raw), fmt, args);
	escape(raw, &text);
	if (log_state.journal) {
		escape(value ? value : "", &safe_value);
		write_journal(level, text.data, name, safe_value.data);
	} else {
		clock_format_utc(clock_wall(), stamp, sizeof(stamp));
		buf_addf(&line, "%s %s[%d] %s: %s\n", stamp, log_state.program, (int)getpid(), level_names[level],
		    text.data);
		fd_write_full(log_state.fd, line.data, line.len);
		log_state.size += line.len;
		if (log_state.path && log_state.size > log_state.max_bytes)
			rotate();
	}
	buf_release(&text);
	buf_release(&line);
	buf_release(&safe_value);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	va_list args;

	if (level > log_state.level)
		return;
	va_start(args, fmt);
	write_entry(level, NULL, NULL, fmt, args);
	va_end(args);
}

void log_about(enum log_level level, const char *name, const char *value, const char *fmt, ...)
{
	va_list args;

	if (level > log_state.level)
		return;
	va_start(args, fmt);
	write_entry(level, name, value, fmt, args);
	va_end(args);
}
