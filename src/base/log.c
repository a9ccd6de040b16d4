/* SPDX-License-Identifier: MIT */
/* The log is process-wide state by nature; it is the one mutable global of this room. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"

static struct {
	int fd;
	enum log_level level;
	const char *program;
} log_state = { 2, LOG_LEVEL_INFO, "scaleout" };

static const char *const level_names[] = { "error", "warning", "info", "debug" };
_Static_assert(sizeof(level_names) / sizeof(level_names[0]) == LOG_LEVEL_COUNT, "one name per level");

void log_open(int fd, enum log_level level, const char *program)
{
	log_state.fd = fd;
	log_state.level = level;
	log_state.program = program;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	char text[4096], stamp[32], line[8192];
	va_list args;
	size_t at = 0;

	if (level > log_state.level)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	clock_format_utc(clock_wall(), stamp, sizeof(stamp));
	int n = snprintf(line, sizeof(line), "%s %s[%d] %s: ", stamp, log_state.program, (int)getpid(),
	    level_names[level]);
	at = n > 0 ? (size_t)n : 0;
	for (const char *s = text; *s && at + 5 < sizeof(line); s++) {
		unsigned char c = (unsigned char)*s;
		if (c >= 0x20 && c != 0x7F)
			line[at++] = (char)c;
		else
			at += (size_t)snprintf(line + at, 5, "\\x%02x", c);
	}
	line[at++] = '\n';
	fd_write_full(log_state.fd, line, at);
}
