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

/* Rows of the large tables that one batch deletes, for each operation it may take. */
#define ROWS_EACH 25

enum { Q_CREATE, Q_CREATE_MESSAGES, Q_CLEAR, Q_COLLECT, Q_HOW_MANY, Q_CLEAR_MESSAGES, Q_COLLECT_MESSAGES,
	Q_CONTEXTS, Q_LARGE_FIRST, Q_LARGE_LAST = Q_LARGE_FIRST + 3, Q_DELETE_FIRST };
#define OLD "(SELECT id FROM temp.old_operation)"
#define OLD_MESSAGE "(SELECT id FROM temp.old_message)"
/* As many rows of a large table as ?1 says. */
#define LARGE(table, column) \
	"DELETE FROM " table " WHERE rowid IN (SELECT rowid FROM " table " WHERE " column " IN " OLD " LIMIT ?1)"
static const char *const sql[] = {
	[Q_CREATE] = "CREATE TEMP TABLE IF NOT EXISTS old_operation (id INTEGER PRIMARY KEY)",
	[Q_CREATE_MESSAGES] = "CREATE TEMP TABLE IF NOT EXISTS old_message (id INTEGER PRIMARY KEY)",
	[Q_CLEAR] = "DELETE FROM temp.old_operation",
	[Q_COLLECT] = "INSERT INTO temp.old_operation SELECT operation_id FROM operation"
		      " WHERE created_time < ?1 AND status NOT IN (2, 5, 8)"
		      " AND NOT EXISTS (SELECT 1 FROM execution_try t"
		      "  WHERE t.execution_id = operation_id AND t.end_time IS NULL)"
		      " ORDER BY created_time LIMIT ?2",
	[Q_HOW_MANY] = "SELECT count(*) FROM temp.old_operation",
	[Q_CLEAR_MESSAGES] = "DELETE FROM temp.old_message",
	[Q_COLLECT_MESSAGES] = "INSERT INTO temp.old_message SELECT message_id FROM message"
			       " WHERE operation_id IN " OLD " LIMIT ?1",
	[Q_CONTEXTS] = "DELETE FROM message_context WHERE message_id IN " OLD_MESSAGE,
	[Q_LARGE_FIRST] = "DELETE FROM message WHERE message_id IN " OLD_MESSAGE,
	LARGE("executable_statistics", "execution_id"),
	LARGE("component_phase", "execution_id"),
	[Q_LARGE_LAST] = LARGE("data_statistics", "execution_id"),
	[Q_DELETE_FIRST] =
	"DELETE FROM executable WHERE execution_id IN " OLD,
	"DELETE FROM extended_info WHERE operation_id IN " OLD,
	"DELETE FROM execution_value WHERE execution_id IN " OLD,
	"DELETE FROM property_override WHERE execution_id IN " OLD,
	"DELETE FROM data_tap WHERE execution_id IN " OLD,
	"DELETE FROM execution_worker WHERE execution_id IN " OLD,
	"DELETE FROM execution_try WHERE execution_id IN " OLD,
	"DELETE FROM validation_value WHERE validation_id IN " OLD,
	"DELETE FROM performance_counter WHERE execution_id IN " OLD,
	"DELETE FROM dump_request WHERE execution_id IN " OLD,
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

/* Rows of the large tables, at most limit of each. *ret_left: there may be more. */
static int delete_large(struct catalog *c, int64_t limit, bool *ret_left, struct err *err)
{
	int r = store_run(c, &set, Q_CLEAR_MESSAGES, NO_BINDS, err);

	if (r == 0)
		r = store_run(c, &set, Q_COLLECT_MESSAGES, BINDS(b_int(limit)), err);
	if (r == 0)
		r = store_run(c, &set, Q_CONTEXTS, NO_BINDS, err);
	for (size_t i = Q_LARGE_FIRST; i <= Q_LARGE_LAST && r == 0; i++) {
		r = store_run(c, &set, i, i == Q_LARGE_FIRST ? NO_BINDS : BINDS(b_int(limit)), err);
		*ret_left |= store_changes(c) >= limit;
	}
	return r;
}

static int delete_batch(struct catalog *c, int64_t created_before, int max, bool *ret_more,
    struct err *err)
{
	int64_t count = 0;
	bool left = false;
	int r = store_run(c, &set, Q_CLEAR, NO_BINDS, err);

	if (r == 0)
		r = store_run(c, &set, Q_COLLECT, BINDS(b_int(created_before), b_int(max)), err);
	if (r == 0)
		r = store_int(c, &set, Q_HOW_MANY, NO_BINDS, &count, err);
	if (r >= 0 && count > 0)
		r = delete_large(c, (int64_t)max * ROWS_EACH, &left, err);
	for (size_t i = Q_DELETE_FIRST; i < set.count && r >= 0 && count > 0 && !left; i++)
		r = store_run(c, &set, i, NO_BINDS, err);
	*ret_more = left || count == max;
	return r < 0 ? r : 0;
}

int maintenance_operations(struct catalog *c, int64_t created_before, int max, bool *ret_more,
    struct err *err)
{
	struct store_tx tx;
	int r = store_run(c, &set, Q_CREATE, NO_BINDS, err);

	*ret_more = false;
	if (r == 0)
		r = store_run(c, &set, Q_CREATE_MESSAGES, NO_BINDS, err);
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

int maintenance_run(struct catalog *c, int max, bool *ret_more, struct err *err)
{
	int64_t days = property_int(c, "RETENTION_WINDOW", 365);
	int64_t keep = property_int(c, "MAX_PROJECT_VERSIONS", 10);
	int r = 0;

	*ret_more = false;
	if (switched_on(c, "OPERATION_CLEANUP_ENABLED") && days > 0)
		r = maintenance_operations(c, clock_wall() - days * TICKS_PER_DAY, max, ret_more, err);
	if (r == 0 && !*ret_more && switched_on(c, "VERSION_CLEANUP_ENABLED") && keep > 0)
		r = maintenance_versions(c, (int)keep, err);
	return r;
}
