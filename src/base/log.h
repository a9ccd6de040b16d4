/* SPDX-License-Identifier: MIT */
/*
 * The programs' own log (not the executions'). Library rooms never log: only
 * main_*.c and the daemons' own loops call this. One line per entry; control
 * characters are escaped, so foreign text cannot forge lines.
 */
#ifndef SO_BASE_LOG_H
#define SO_BASE_LOG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL_COUNT };

/* Send entries to this descriptor (default 2), from this level up. program names the writer; borrowed. */
void log_open(int fd, enum log_level level, const char *program);
/*
 * Send them to a file instead, and standard error with them. A file that has
 * grown past max_bytes becomes PATH.1, PATH.1 becomes PATH.2, at most keep.
 */
int log_open_file(const char *path, size_t max_bytes, int keep, enum log_level level, const char *program,
    struct err *err);
/*
 * Send them to the journal, with fields: PRIORITY, SYSLOG_IDENTIFIER and what
 * log_fields and log_journal_always add. socket NULL = the system's. ERR_NOT_FOUND when there is none.
 */
int log_open_journal(const char *socket, enum log_level level, const char *program, struct err *err);
/* Whether the service manager has connected our standard error with the journal ($JOURNAL_STREAM). */
int log_stderr_is_journal(void);

void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * What an entry is about: SCALEOUT_NAME=value in the journal, name=value
 * behind the text elsewhere (in quotes where the value has blanks).
 */
struct log_field {
	const char *name; /* in small letters; NULL ends an array */
	const char *text; /* NULL = number counts */
	int64_t number;
};
/* As log_line, with fields. */
void log_fields(enum log_level level, const struct log_field *fields, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void log_fields_v(enum log_level level, const struct log_field *fields, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));
/* A field for every entry of the journal, which many programs share. Both are borrowed. */
void log_journal_always(const char *name, const char *text);

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
