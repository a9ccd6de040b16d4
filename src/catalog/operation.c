/* SPDX-License-Identifier: MIT */
/* Rows of operation and property: inserted and read here for all procedures. */
#include "catalog/operation.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum { Q_ADD, Q_FINISH, Q_PROPERTY, Q_PROPERTY_SET, Q_COUNT };
static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO operation (operation_type, created_time, object_type, object_id,"
		  " object_name, status, start_time, end_time, caller_sid, caller_name, process_id,"
		  " server_name, machine_name, folder_name, project_name, package_name,"
		  " executed_as_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
		  " CASE ?1 WHEN 200 THEN ?10 END)",
	[Q_FINISH] = "UPDATE operation SET status = ?2, end_time = ?3,"
		     " object_id = coalesce(?4, object_id) WHERE operation_id = ?1",
	[Q_PROPERTY] = "SELECT value FROM property WHERE name = ?1",
	[Q_PROPERTY_SET] = "INSERT INTO property VALUES (?1, ?2)"
			   " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
};
static const struct stmt_set set = STMT_SET(STMT_OPERATIONS, sql);

bool operation_is_final(int status)
{
	return status == STATUS_CANCELED || status == STATUS_FAILED || status == STATUS_UNEXPECTED ||
	    status == STATUS_SUCCEEDED || status == STATUS_COMPLETED;
}

int operation_add(struct session *s, const struct operation *op, int64_t *ret_id, struct err *err)
{
	bool final = operation_is_final((int)op->status);
	bool here = final || op->status == STATUS_RUNNING; /* done by this process */
	int64_t now = clock_wall();
	struct buf sid = BUF_INIT;
	char host[256] = "";
	int r;

	gethostname(host, sizeof(host) - 1);
	session_sid(s, &sid);
	r = store_run(s->catalog, &set, Q_ADD,
	    BINDS(b_int(op->type), b_int(now), b_id(op->object_type), b_id(op->object_id),
		b_text(op->object_name), b_int(op->status), here ? b_int(now) : b_null(),
		final ? b_int(now) : b_null(), b_buf(&sid), b_text(s->login),
		here ? b_int(getpid()) : b_null(), b_text(host), here ? b_text(host) : b_null(),
		b_text(op->folder), b_text(op->project), b_text(op->package)),
	    err);
	buf_release(&sid);
	if (r == 0)
		*ret_id = store_last_id(s->catalog);
	return r;
}

int operation_finish(struct session *s, int64_t id, enum operation_status status, int64_t object_id,
    struct err *err)
{
	return store_run(s->catalog, &set, Q_FINISH,
	    BINDS(b_int(id), b_int(status), b_int(clock_wall()), b_id(object_id)), err);
}

char *property_get(struct catalog *c, const char *name)
{
	char *value = NULL;
	struct err err;

	store_text(c, &set, Q_PROPERTY, BINDS(b_text(name)), &value, &err);
	return value;
}

int64_t property_int(struct catalog *c, const char *name, int64_t otherwise)
{
	char *text = property_get(c, name);
	int64_t value = otherwise;
	char *end;

	if (text && *text) {
		long long number = strtoll(text, &end, 10);

		if (!*end)
			value = number;
	}
	free(text);
	return value;
}

int property_set(struct catalog *c, const char *name, const char *value, struct err *err)
{
	return store_run(c, &set, Q_PROPERTY_SET, BINDS(b_text(name), b_text(value)), err);
}
