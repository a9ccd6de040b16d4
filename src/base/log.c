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
	struct log_field always; /* of the journal */
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

static void escape(const char *text, struct buf *out)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p >= 0x20 && *p != 0x7F)
			buf_addc(out, (char)*p);
		else
			buf_addf(out, "\\x%02x", *p);
	}
}

/* SCALEOUT_EXECUTION_ID=7; what a value may not have in it is escaped. */
static void add_journal_field(struct buf *entry, const struct log_field *field)
{
	buf_adds(entry, "SCALEOUT_");
	for (const char *p = field->name; *p; p++)
		buf_addc(entry, (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p));
	buf_addc(entry, '=');
	if (field->text)
		escape(field->text, entry);
	else
		buf_addf(entry, "%lld", (long long)field->number);
	buf_addc(entry, '\n');
}

static void write_journal(enum log_level level, const char *text, const struct log_field *fields)
{
	struct buf entry = BUF_INIT;

	buf_addf(&entry, "MESSAGE=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=%s\n", text, priorities[level], log_state.program);
	for (; fields && fields->name; fields++)
		add_journal_field(&entry, fields);
	if (log_state.always.name)
		add_journal_field(&entry, &log_state.always);
	/* A journal that is being restarted takes it from standard error, where the service manager reads on. */
	if (send(log_state.fd, entry.data, entry.len, MSG_NOSIGNAL) < 0)
		dprintf(STDERR_FILENO, "%s\n", text);
	buf_release(&entry);
}

/* --- entries --- */

/* " [execution_id=7 worker=w1]": none where there are none. */
static void add_fields(struct buf *line, const struct log_field *fields)
{
	for (const struct log_field *f = fields; f && f->name; f++) {
		struct buf value = BUF_INIT;
		if (f->text)
			escape(f->text, &value);
		else
			buf_addf(&value, "%lld", (long long)f->number);
		bool quoted = !value.len || strpbrk(value.data, " \"[]=");
		buf_addf(line, "%s%s=%s", f == fields ? " [" : " ", f->name, quoted ? "\"" : "");
		for (const char *p = value.data; *p; p++) {
			if (*p == '"' || (quoted && *p == '\\'))
				buf_addc(line, '\\');
			buf_addc(line, *p);
		}
		buf_adds(line, quoted ? "\"" : "");
		buf_release(&value);
	}
	if (fields && fields->name)
		buf_addc(line, ']');
}

void log_fields_v(enum log_level level, const struct log_field *fields, const char *fmt, va_list args)
{
	struct buf text = BUF_INIT, line = BUF_INIT;
	char raw[4096], stamp[32];

	if (level > log_state.level)
		return;
	vsnprintf(raw, sizeof(raw), fmt, args);
	escape(raw, &text);
	if (log_state.journal) {
		write_journal(level, text.data, fields);
	} else {
		clock_format_utc(clock_wall(), stamp, sizeof(stamp));
		buf_addf(&line, "%s %s[%d] %s: %s", stamp, log_state.program, (int)getpid(), level_names[level],
		    text.data);
		add_fields(&line, fields);
		buf_addc(&line, '\n');
		fd_write_full(log_state.fd, line.data, line.len);
		log_state.size += line.len;
		if (log_state.path && log_state.size > log_state.max_bytes)
			rotate();
	}
	buf_release(&text);
	buf_release(&line);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_fields_v(level, NULL, fmt, args);
	va_end(args);
}

void log_fields(enum log_level level, const struct log_field *fields, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_fields_v(level, fields, fmt, args);
	va_end(args);
}

void log_journal_always(const char *name, const char *text)
{
	log_state.always = (struct log_field){ .name = name, .text = text };
}
