/* SPDX-License-Identifier: MIT */
/* Records of operations and catalog properties, for the procedures that make and read them. */
#ifndef SO_CATALOG_OPERATION_H
#define SO_CATALOG_OPERATION_H

#include "catalog/session.h"

/* spec/catalog.md §3.1 and §3.2. */
enum operation_type {
	OPERATION_INIT = 1,
	OPERATION_CLEANUP = 2,
	OPERATION_VERSIONS = 3,
	OPERATION_DEPLOY = 101,
	OPERATION_RESTORE = 106,
	OPERATION_EXECUTE = 200,
	OPERATION_STOP = 202,
	OPERATION_VALIDATE_PROJECT = 300,
	OPERATION_VALIDATE_PACKAGE = 301,
	OPERATION_CONFIGURE = 1000
};
enum operation_status {
	STATUS_CREATED = 1,
	STATUS_RUNNING = 2,
	STATUS_CANCELED = 3,
	STATUS_FAILED = 4,
	STATUS_PENDING = 5,
	STATUS_UNEXPECTED = 6,
	STATUS_SUCCEEDED = 7,
	STATUS_STOPPING = 8,
	STATUS_COMPLETED = 9
};
bool operation_is_final(int status);

enum object_type {
	OBJECT_FOLDER = 10,
	OBJECT_PROJECT = 20,
	OBJECT_PACKAGE = 30,
	OBJECT_ENVIRONMENT = 40,
	OBJECT_EXECUTION = 50,
	PARAMETER_SYSTEM = 50 /* as the type of a parameter */
};

struct operation {
	enum operation_type type;
	int object_type; /* 0 = NULL */
	int64_t object_id;
	const char *object_name; /* may be NULL */
	enum operation_status status;
	const char *folder, *project, *package; /* executions and validations */
};
/* Insert; created now by the session's login. Running and final ones have start_time, final ones end_time too. */
int operation_add(struct session *s, const struct operation *op, int64_t *ret_id, struct err *err);
/* Set a final status and end_time; object_id 0 leaves the object as it is. */
int operation_finish(struct session *s, int64_t id, enum operation_status status, int64_t object_id,
    struct err *err);

/* Value of a catalog property, NULL when it has none; caller frees. */
char *property_get(struct catalog *c, const char *name);
int64_t property_int(struct catalog *c, const char *name, int64_t otherwise);
int property_set(struct catalog *c, const char *name, const char *value, struct err *err);

#endif
