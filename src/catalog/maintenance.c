/* SPDX-License-Identifier: MIT */
/*
 * Clean-up in batches, children before parents. The batch's keys are collected
 * in a temporary table first, so every delete is a plain index lookup.
 */
#include "catalog/maintenance.h"

#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/content.h"
#include "catalog/operation.h"

#define BATCH 200

enum { Q_CREATE, Q_CLEAR, Q_COLLECT, Q_HOW_MANY, Q_DELETE_FIRST };
#define OLD "(SELECT id FROM temp.old_operation)"
static const char *const sql[] = {
	[Q_CREATE] = "CREATE TEMP TABLE IF NOT EXISTS old_operation (id INTEGER PRIMARY KEY)",
	[Q_CLEAR] = "DELETE FROM temp.old_operation",
	[Q_COLLECT] = "INSERT INTO temp.old_operation SELECT operation_id FROM operation"
		      " WHERE created_time < ?1 AND status NOT IN (2, 5, 8)"
		      " AND NOT EXISTS (SELECT 1 FROM execution_try t"
		      "  WHERE t.execution_id = operation_id AND t.end_time IS NULL)"
		      " ORDER BY created_time LIMIT ?2",
	[Q_HOW_MANY] = "SELECT count(*) FROM temp.old_operation",
	[Q_DELETE_FIRST] = "DELETE FROM message_context WHERE message_id IN (SELECT message_id FROM message"
			   " WHERE operation_id IN " OLD ")",
	"DELETE FROM message WHERE operation_id IN " OLD,
	"DELETE FROM executable_statistics WHERE execution_id IN " OLD,
	"DELETE FROM component_phase WHERE execution_id IN " OLD,
	"DELETE FROM data_statistics WHERE execution_id IN " OLD,
	"DELETE FROM executable WHERE execution_id IN " OLD,
	"DELETE FROM extended_info WHERE operation_id IN " OLD,
	"DELETE FROM execution_value WHERE execution_id IN " OLD,
	"DELETE FROM property_override WHERE execution_id IN " OLD,
	"DELETE FROM data_tap WHERE execution_id IN " OLD,
	"DELETE FROM execution_worker WHERE execution_id IN " OLD,
	"DELETE FROM execution_try WHERE execution_id IN " OLD,
	"DELETE FROM validation WHERE validation_id IN " OLD,
	"DELETE FROM execution WHERE execution_id IN " OLD,
	"DELETE FROM permission WHERE object_type = 4 AND object_id IN " OLD,
	"DELETE FROM operation WHERE operation_id IN " OLD,
};
static const struct stmt_set set = STMT_SET(STMT_MAINTENANCE, sql);

enum { V_SURPLUS, V_ORPHANS, V_COUNT };
static const char *const version_sql[] = {
	[V_SURPLUS] = "DELETE FROM project_version WHERE version_lsn IN (SELECT v.version_lsn FROM (SELECT"
		      " version_lsn, project_id, row_number() OVER (PARTITION BY project_id"
		      " ORDER BY version_lsn DESC) AS place FROM project_version) v"
		      " JOIN project p ON p.project_id = v.project_id"
		      " WHERE v.place > ?1 AND v.version_lsn <> p.version_lsn)"
		      " AND version_lsn NOT IN (SELECT e.project_lsn FROM execution e JOIN operation o"
		      " ON o.operation_id = e.execution_id WHERE o.status IN (1, 2, 5, 8))",
	[V_ORPHANS] = "DELETE FROM project_version WHERE project_id NOT IN (SELECT project_id FROM project)"
		      " AND version_lsn NOT IN (SELECT e.project_lsn FROM execution e JOIN operation o"
		      " ON o.operation_id = e.execution_id WHERE o.status IN (1, 2, 5, 8))",
};
static const struct stmt_set version_set = STMT_SET(STMT_VERSIONS, version_sql);

static int delete_batch(struct catalog *c, int64_t created_before, int max, bool *ret_more,
    struct err *err)
{
	int64_t count = 0;
	int r = store_run(c, &set, Q_CLEAR, NO_BINDS, err);

	if (r == 0)
		r = store_run(c, &set, Q_COLLECT, BINDS(b_int(created_before), b_int(max)), err);
	if (r == 0)
		r = store_int(c, &set, Q_HOW_MANY, NO_BINDS, &count, err);
	for (size_t i = Q_DELETE_FIRST; i < set.count && r >= 0 && count > 0; i++)
		r = store_run(c, &set, i, NO_BINDS, err);
	*ret_more = count == max;
	return r < 0 ? r : 0;
}

int maintenance_operations(struct catalog *c, int64_t created_before, int max, bool *ret_more,
    struct err *err)
{
	struct store_tx tx;
	int r = store_run(c, &set, Q_CREATE, NO_BINDS, err);

	*ret_more = false;
	if (r == 0)
		r = store_begin(c, &tx, err);
	if (r < 0)
		return r;
	r = delete_batch(c, created_before, max, ret_more, err);
	return store_end(c, &tx, r, err);
}

int maintenance_versions(struct catalog *c, int keep, struct err *err)
{
	struct store_tx tx;
	int r = store_begin(c, &tx, err);

	if (r == 0)
		r = store_run(c, &version_set, V_SURPLUS, BINDS(b_int(keep)), err);
	if (r == 0)
		r = store_run(c, &version_set, V_ORPHANS, NO_BINDS, err);
	if (r == 0)
		r = content_prune(c, err);
	return store_end(c, &tx, r, err);
}

static bool switched_on(struct catalog *c, const char *name)
{
	char *text = property_get(c, name);
	bool on = text && strcasecmp(text, "TRUE") == 0;

	free(text);
	return on;
}

int maintenance_run(struct catalog *c, bool *ret_more, struct err *err)
{
	int64_t days = property_int(c, "RETENTION_WINDOW", 365);
	int64_t keep = property_int(c, "MAX_PROJECT_VERSIONS", 10);
	int r = 0;

	*ret_more = false;
	if (switched_on(c, "OPERATION_CLEANUP_ENABLED") && days > 0)
		r = maintenance_operations(c, clock_wall() - days * TICKS_PER_DAY, BATCH, ret_more, err);
	if (r == 0 && !*ret_more && switched_on(c, "VERSION_CLEANUP_ENABLED") && keep > 0)
		r = maintenance_versions(c, (int)keep, err);
	return r;
}
