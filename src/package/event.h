/* SPDX-License-Identifier: MIT */
/*
 * What a running package reports: the records of a task's event log.
 *
 * The runtime appends records, the worker agent carries their bytes without
 * looking inside, the catalog turns them into the rows of event_messages,
 * executables, executable_statistics and so on (spec/package.md §6,
 * spec/catalog.md §2.14-2.22).
 *
 * Form: one JSON object per line, UTF-8, ended by LF, at most
 * EVENT_LINE_MAX bytes. "s" is the sequence number: 1 for the first record of
 * a try, rising by 1 without gaps. Members that are absent are NULL.
 */
#ifndef SO_PACKAGE_EVENT_H
#define SO_PACKAGE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define EVENT_LINE_MAX ((size_t)1024 * 1024)

/* spec/catalog.md §3.4: message_type. */
enum event_type {
	EVENT_UNKNOWN = -1,
	EVENT_PRE_VALIDATE = 10,
	EVENT_POST_VALIDATE = 20,
	EVENT_PRE_EXECUTE = 30,
	EVENT_POST_EXECUTE = 40,
	EVENT_STATUS_CHANGED = 50,
	EVENT_PROGRESS = 60,
	EVENT_INFORMATION = 70,
	EVENT_VARIABLE_CHANGED = 80,
	EVENT_DIAGNOSTIC = 90,
	EVENT_QUERY_CANCEL = 100,
	EVENT_WARNING = 110,
	EVENT_ERROR = 120,
	EVENT_TASK_FAILED = 130,
	EVENT_DIAGNOSTIC_EX = 140,
	EVENT_CUSTOM = 200,
	EVENT_NON_DIAGNOSTIC = 400
};

/* One row per message type: number, kind words, event name, bit of a customized level's mask (-1 none). */
struct event_type_info {
	int type;
	const char *kind;       /* "error" */
	const char *event_name; /* "OnError" */
	int mask_bit;
};
/* Row of a type, or of the unknown type. Never NULL. */
const struct event_type_info *event_type_info(int type);
/* By event name (exact), or NULL. */
const struct event_type_info *event_type_by_name(const char *event_name);
/* All rows, for tables and tests. */
const struct event_type_info *event_types(size_t *ret_count);

/* spec/catalog.md §3.5: message_source_type. */
enum event_source {
	EVENT_SOURCE_API = 10,
	EVENT_SOURCE_PROCESS = 20,
	EVENT_SOURCE_PACKAGE = 30,
	EVENT_SOURCE_TASK = 40,
	EVENT_SOURCE_CONTAINER = 50,
	EVENT_SOURCE_DATA_FLOW = 60
};

/* spec/catalog.md §3.7: logging levels, and whether a message of that type is kept at that level (100 uses mask). */
enum event_level {
	EVENT_LEVEL_NONE = 0,
	EVENT_LEVEL_BASIC = 1,
	EVENT_LEVEL_PERFORMANCE = 2,
	EVENT_LEVEL_VERBOSE = 3,
	EVENT_LEVEL_LINEAGE = 4,
	EVENT_LEVEL_CUSTOM = 100
};
bool event_level_keeps(int level, int64_t custom_mask, int type);

enum event_kind {
	EVENT_KIND_MESSAGE,    /* "m": a row of event_messages */
	EVENT_KIND_CONTEXT,    /* "c": a row of event_message_context of the message before it */
	EVENT_KIND_EXECUTABLE, /* "x": a row of executables */
	EVENT_KIND_STATISTICS, /* "t": a row of executable_statistics */
	EVENT_KIND_PHASE,      /* "p": a row of execution_component_phases */
	EVENT_KIND_DATA,       /* "d": a row of execution_data_statistics */
	EVENT_KIND_COUNTER,    /* "n": a row of dm_execution_performance_counters */
	EVENT_KIND_DUMP,       /* "w": a dump that was asked for is written */
	EVENT_KIND_COUNT
};

/*
 * One record. Strings are borrowed when encoding, owned by the event when
 * decoding (event_release). Which members a kind uses is said behind them.
 */
struct event {
	int64_t seq;
	enum event_kind kind;
	int64_t time;                  /* m d x w: ticks */
	int type;                      /* m: enum event_type */
	int source_type;               /* m */
	const char *message;           /* m; w: why it has no core file, or NULL */
	const char *package_name;      /* m x t p d: "Package.dtsx" */
	const char *event_name;        /* m */
	const char *source_name;       /* m; c: context_source_name; x: executable_name; p d: task_name */
	const char *source_id;         /* m c: {GUID}; x: executable_guid */
	const char *subcomponent_name; /* m p */
	const char *package_path;      /* m c x */
	const char *execution_path;    /* m t p d */
	int64_t thread_id;             /* m */
	int32_t code;                  /* m: message_code */
	int depth;                     /* c: context_depth */
	int context_type;              /* c: spec/catalog.md §3.6 */
	const char *property_name;     /* c; n: name of the counter */
	const char *property_value;    /* c: text; t: execution value as "type:text" (tsql variant form) or NULL */
	const char *executable_path;   /* t: package_path of the "x" record, with package_name the key */
	int64_t start_time, end_time;  /* t p */
	int64_t duration_ms;           /* t */
	int result;                    /* t: spec/catalog.md §3.8 */
	const char *phase;             /* p */
	const char *path_id;           /* d: dataflow_path_id_string */
	const char *path_name;         /* d */
	const char *source_component;  /* d */
	const char *dest_component;    /* d */
	int64_t rows_sent;             /* d */
	int64_t value;                 /* n */
	void *storage;                 /* decoded strings live here */
	char *line;                    /* or here */
};

/* Append one line (with LF) to out. Text longer than fits in EVENT_LINE_MAX is cut at a character and marked with "…". */
void event_encode(const struct event *event, struct buf *out);
/* Decode one line (LF optional). Unknown members are ignored, unknown kinds refused. Release with event_release. */
int event_decode(const char *line, size_t len, struct event *ret, struct err *err);
void event_release(struct event *event);

#endif
