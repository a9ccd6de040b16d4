/* SPDX-License-Identifier: MIT */
/*
 * The programs' own log (not the executions'). Library rooms never log: only
 * main_*.c and the daemons' own loops call this. One line per entry; control
 * characters are escaped, so foreign text cannot forge lines.
 */
#ifndef SO_BASE_LOG_H
#define SO_BASE_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL_COUNT };

/* Send entries to this descriptor (default 2), from this level up. program names the writer; borrowed. */
void log_open(int fd, enum log_level level, const char *program);
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
