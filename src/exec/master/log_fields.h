/* SPDX-License-Identifier: MIT */
/*
 * What the master's log entries are about, as fields beside their text: one
 * table of names (scaleoutd(8) lists them), and one function per kind of
 * subject. In the journal a field is SCALEOUT_NAME=value, elsewhere name=value.
 */
#ifndef SO_EXEC_MASTER_LOG_FIELDS_H
#define SO_EXEC_MASTER_LOG_FIELDS_H

#include "base/log.h"

struct link;

enum field { FIELD_CATALOG, FIELD_WORKER, FIELD_WORKER_ID, FIELD_EXECUTION_ID, FIELD_TRY, FIELD_PROJECT, FIELD_ERROR,
	FIELD_SETTING, FIELD_COUNT };

struct field_name {
	const char *name, *meaning;
};
extern const struct field_name field_names[FIELD_COUNT];

/* About a worker; error: what kind of error it was, ERR_NONE = none. */
void log_worker(enum log_level level, const struct link *link, enum err_code error, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* About a try (its key is "EXECUTION-TRY") on a worker. */
void log_try(enum log_level level, const struct link *link, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* About a project (its hash) on a worker. */
void log_project(enum log_level level, const struct link *link, const char *hash, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* About the catalog. */
void log_catalog(enum log_level level, enum err_code error, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* About a setting of scaleout.conf. */
void log_setting(enum log_level level, const char *setting, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* In the journal every entry says which catalog it is about: it has the entries of all masters. path is borrowed. */
void log_catalog_always(const char *path);

#endif
