/* SPDX-License-Identifier: MIT */
/* Each subject fills a small array from the table of names; base/log.h writes it. */
#include "exec/master/log_fields.h"

#include <stdarg.h>

#include "base/mem.h"
#include "exec/master/master_private.h"

const struct field_name field_names[FIELD_COUNT] = {
	[FIELD_CATALOG] = { "catalog", "path of the catalog (in every entry of the journal)" },
	[FIELD_WORKER] = { "worker", "name of the worker" },
	[FIELD_WORKER_ID] = { "worker_id", "its WorkerAgentId" },
	[FIELD_EXECUTION_ID] = { "execution_id", "the execution" },
	[FIELD_TRY] = { "try", "which run of it, from 1 on" },
	[FIELD_PROJECT] = { "project", "SHA-256 of the project's file" },
	[FIELD_ERROR] = { "error", "kind of error: network, not trusted, denied, timed out, ..." },
	[FIELD_SETTING] = { "setting", "name of a setting of scaleout.conf(5)" },
};

#define SUBJECT_MAX (FIELD_COUNT + 1)

/* What an entry is about; the last field is one without a name. */
struct subject {
	struct log_field fields[SUBJECT_MAX];
	size_t count;
	char worker_id[UUID_TEXT_LEN + 1];
};

static void add_text(struct subject *s, enum field field, const char *text)
{
	s->fields[s->count++] = (struct log_field){ .name = field_names[field].name, .text = text };
}

static void add_number(struct subject *s, enum field field, int64_t number)
{
	s->fields[s->count++] = (struct log_field){ .name = field_names[field].name, .number = number };
}

static void add_error(struct subject *s, enum err_code error)
{
	if (error != ERR_NONE)
		add_text(s, FIELD_ERROR, err_code_name(error));
}

/* The built-in worker has no row. */
static void add_worker(struct subject *s, const struct link *link)
{
	add_text(s, FIELD_WORKER, link->worker.name);
	if (link->local)
		return;
	uuid_format(&link->worker.id, true, s->worker_id);
	add_text(s, FIELD_WORKER_ID, s->worker_id);
}

#define LOG_SUBJECT(level, subject, fmt) \
	do { \
		va_list args; \
		va_start(args, fmt); \
		log_fields_v(level, (subject)->fields, fmt, args); \
		va_end(args); \
	} while (0)

void log_worker(enum log_level level, const struct link *link, enum err_code error, const char *fmt, ...)
{
	struct subject s = { .count = 0 };

	add_worker(&s, link);
	add_error(&s, error);
	LOG_SUBJECT(level, &s, fmt);
}

void log_try(enum log_level level, const struct link *link, const char *key, const char *fmt, ...)
{
	struct subject s = { .count = 0 };
	int64_t execution_id;
	int attempt;

	if (key && task_key_parse(key, &execution_id, &attempt)) {
		add_number(&s, FIELD_EXECUTION_ID, execution_id);
		add_number(&s, FIELD_TRY, attempt);
	}
	add_worker(&s, link);
	LOG_SUBJECT(level, &s, fmt);
}

void log_project(enum log_level level, const struct link *link, const char *hash, const char *fmt, ...)
{
	struct subject s = { .count = 0 };

	add_text(&s, FIELD_PROJECT, hash);
	add_worker(&s, link);
	LOG_SUBJECT(level, &s, fmt);
}

void log_catalog(enum log_level level, enum err_code error, const char *fmt, ...)
{
	struct subject s = { .count = 0 };

	add_error(&s, error);
	LOG_SUBJECT(level, &s, fmt);
}

void log_setting(enum log_level level, const char *setting, const char *fmt, ...)
{
	struct subject s = { .count = 0 };

	add_text(&s, FIELD_SETTING, setting);
	LOG_SUBJECT(level, &s, fmt);
}

void log_catalog_always(const char *path)
{
	log_journal_always(field_names[FIELD_CATALOG].name, path);
}
