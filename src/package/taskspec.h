/* SPDX-License-Identifier: MIT */
/*
 * What the runtime needs to know to run one try of one execution: made by the
 * catalog (catalog/queue.h), carried by master and worker as an opaque JSON
 * object, read by scaleout-dtexec from an inherited descriptor, never from
 * disk or argv, because values may be secret.
 */
#ifndef SO_PACKAGE_TASKSPEC_H
#define SO_PACKAGE_TASKSPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* A value for a parameter or connection-manager property ("CM.name.property"). */
struct taskspec_value {
	int object_type; /* 20 project, 30 package */
	char *package;   /* whose it is when that is not the package that is started (a child's secret), else NULL */
	char *name;
	char *data_type; /* SSIS name: "String", "Int32" (spec/catalog.md §3.13) */
	char *value;     /* invariant text; NULL = NULL */
	bool sensitive;
	bool value_set; /* a server, environment or execution value, not the design default */
};

struct taskspec_override {
	char *path;  /* \Package\Task.Properties[Name] */
	char *value;
	bool sensitive;
};

struct taskspec {
	int64_t execution_id;
	int attempt;               /* 1 for the first try */
	char *folder_name, *project_name;
	char *package_name;        /* NULL with validate_only: every package of the project */
	char *project_hash;        /* lower-case hex SHA-256 of the .ispac bytes; names the worker's cache entry */
	char *caller_name;
	char *server_name;         /* master's host */
	int logging_level;         /* enum event_level */
	int64_t custom_events, custom_profile; /* masks when the level is 100 */
	bool dump_on_error, dump_on_event;
	char *dump_event_codes;    /* "0xC020801C;..." or NULL */
	bool validate_only;        /* operation 300/301: load and validate, do not run */
	struct taskspec_value *values;
	size_t value_count;
	struct taskspec_override *overrides;
	size_t override_count;
};

void taskspec_encode(const struct taskspec *spec, struct buf *out);
int taskspec_decode(const char *text, size_t len, struct taskspec *ret, struct err *err);
/* Free members; secret values are wiped first. */
void taskspec_release(struct taskspec *spec);

#endif
