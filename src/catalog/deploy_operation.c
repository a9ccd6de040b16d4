/* SPDX-License-Identifier: MIT */
/*
 * A deployment as an operation: its record is committed first, so that a
 * failure leaves the record, its messages and nothing else.
 */
#include "catalog/deploy_operation.h"

#include <stdlib.h>

#include "base/mem.h"
#include "catalog/content.h"
#include "catalog/events.h"
#include "package/event.h"

enum { Q_HASH, Q_CURRENT, Q_COUNT };
static const char *const sql[] = {
	[Q_HASH] = "SELECT hash FROM project_version WHERE version_lsn = ?1",
	[Q_CURRENT] = "SELECT version_lsn FROM project WHERE project_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_DEPLOY_OPERATION, sql);

/* What was read outside the transaction must still be what the deployment goes upon. */
static int check_base(struct catalog *c, const struct deployment *d, struct err *err)
{
	int64_t current = 0;
	int r = store_int(c, &set, Q_CURRENT, BINDS(b_int(d->project_id)), &current, err);

	if (r < 0)
		return r;
	return r == 1 && current == d->based_on
	    ? 0
	    : err_set(err, ERR_BUSY, "the project was deployed by somebody else meanwhile; try again");
}

int deploy_write(struct session *s, const struct deployment *d, struct err *err)
{
	int64_t project_id = 0, version;
	struct store_tx tx;
	int r = store_begin(s->catalog, &tx, err);

	if (r == 0 && d->based_on)
		r = check_base(s->catalog, d, err);
	if (r == 0)
		r = deploy_apply(s, d, &project_id, &version, err);
	if (r == 0)
		r = operation_finish(s, d->operation_id, STATUS_SUCCEEDED, project_id, err);
	return store_end(s->catalog, &tx, r, err);
}

void deploy_failed(struct session *s, int64_t operation_id, const struct err *why)
{
	struct err err;
	struct store_tx tx;
	int r = store_begin(s->catalog, &tx, &err);

	if (r == 0)
		r = events_message(s->catalog, operation_id, EVENT_ERROR, EVENT_SOURCE_API, why->primary,
		    &err);
	if (r == 0 && why->detail[0])
		r = events_message(s->catalog, operation_id, EVENT_INFORMATION, EVENT_SOURCE_API,
		    why->detail, &err);
	if (r == 0)
		r = operation_finish(s, operation_id, STATUS_FAILED, 0, &err);
	store_end(s->catalog, &tx, r, &err);
}

int deploy_begin(struct tsql_call *call, enum operation_type type,
    const struct found *project, const char *name, int64_t *ret_id)
{
	struct session *s = call_session(call);
	struct operation op = { .type = type, .object_type = OBJECT_PROJECT,
		.object_id = project->id, .object_name = name, .status = STATUS_RUNNING };
	struct store_tx tx;
	struct err err;
	int r = store_begin(s->catalog, &tx, &err);

	if (r == 0)
		r = operation_add(s, &op, ret_id, &err);
	r = store_end(s->catalog, &tx, r, &err);
	return r < 0 ? proc_fail(call, &err) : 0;
}

int deploy_read_version(struct session *s, int64_t version_lsn, struct buf *ret, struct err *err)
{
	char *hash = NULL;
	int r = store_text(s->catalog, &set, Q_HASH, BINDS(b_int(version_lsn)), &hash, err);

	if (r == 0)
		r = err_set(err, ERR_NOT_FOUND, "there is no version %lld", (long long)version_lsn);
	if (r == 1)
		r = content_get(s->catalog, hash, ret, err);
	free(hash);
	return r;
}
