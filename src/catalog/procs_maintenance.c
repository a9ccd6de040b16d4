/* SPDX-License-Identifier: MIT */
/*
 * Maintenance procedures: spec/catalog.md §1.9 and §9. Every value is sealed
 * on its own under one key, so there are no keys per execution to clean up;
 * what survives a restart is settled between the master and the workers, so
 * startup has only the operations of vanished processes to mark.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "catalog/events.h"
#include "catalog/maintenance.h"
#include "catalog/operation.h"
#include "catalog/proc.h"
#include "catalog/registry.h"
#include "catalog/schema.h"
#include "package/event.h"

#define BATCH 500

enum { Q_ACTIVE, Q_MASTER_SET, Q_COUNT };
static const char *const sql[] = {
	[Q_ACTIVE] = "SELECT 1 FROM operation WHERE status IN (2, 5, 8) AND operation_type >= 200"
		     " AND operation_type <= 301 LIMIT 1",
	[Q_MASTER_SET] = "INSERT INTO master_property VALUES (?1, ?2)"
			 " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
};
static const struct stmt_set set = STMT_SET(STMT_MAINTENANCE_PROCS, sql);

/* Administrators, and no active operations. A failure's return code is 1. */
static int may_clean(struct tsql_call *call)
{
	int64_t one;
	int r = need_admin(call, 27219, tsql_call_proc(call)->name);

	if (r == 0)
		r = proc_check_args(call);
	if (r == 0)
		r = proc_int(call, &set, Q_ACTIVE, NO_BINDS, &one);
	if (r == 1)
		r = raise_error(call, 27139, NULL);
	if (r < 0)
		tsql_set_return(call, 1);
	return r;
}

static int cleanup_server_log(struct tsql_call *call)
{
	struct catalog *c = call_session(call)->catalog;
	bool more = true;
	struct err err;
	int r = may_clean(call);

	while (r == 0 && more) {
		r = maintenance_operations(c, clock_wall(), BATCH, &more, &err);
		if (r < 0)
			return proc_fail(call, &err);
		if (more && tsql_call_cancelled(call))
			return -ERR_CANCELLED;
	}
	return r;
}

/* A step of the product's maintenance job: what the master does by itself, at once. */
static int run_maintenance(struct tsql_call *call, enum maintenance_kind kind)
{
	struct maintenance_round round = { .requested = true };
	struct session *s = call_session(call);
	bool more = true;
	struct err err;
	int r = need_admin(call, 27219, tsql_call_proc(call)->name);

	if (r == 0)
		r = proc_check_args(call);
	if (r == 0 && !maintenance_enabled(s->catalog, kind)) {
		tsql_call_info(call, 0, "Nothing is removed: the catalog property %s is FALSE.", maintenance_switch(kind));
		return 0;
	}
	while (r == 0 && more) {
		if (maintenance_batch(s, kind, &round, BATCH, &more, &err) < 0)
			return proc_fail(call, &err);
		if (more && tsql_call_cancelled(call))
			return maintenance_abandon(s, kind, &round, &err) < 0 ? proc_fail(call, &err) : -ERR_CANCELLED;
	}
	return r;
}

static int cleanup_server_retention_window(struct tsql_call *call)
{
	return run_maintenance(call, MAINTENANCE_OPERATIONS);
}

static int cleanup_server_project_version(struct tsql_call *call)
{
	return run_maintenance(call, MAINTENANCE_VERSIONS);
}

static const struct tsql_proc_param cleanup_keys_params[] = {
	{ "@cleanup_flag", NULL, T_INT, 0, NULL },
	{ "@delete_batch_size", NULL, T_INT, TSQL_PARAM_OPTIONAL, "1000" },
};

static int cleanup_server_execution_keys(struct tsql_call *call)
{
	int64_t flag = arg_int(call, 0);
	int r = may_clean(call);

	if (r == 0 && flag != 1 && flag != 2) {
		tsql_set_return(call, 1);
		return raise_error(call, 27101, "@cleanup_flag", id_text(flag).text);
	}
	return r;
}

static const struct tsql_proc_param check_schema_params[] = {
	{ "@use32bitruntime", NULL, T_BIT, TSQL_PARAM_OPTIONAL, "0" },
};

/* A session exists only on a catalog whose schema this program knows. */
static int check_schema_version(struct tsql_call *call)
{
	int r = need_admin(call, 27219, "check_schema_version");

	if (r == 0)
		tsql_call_info(call, 0, "The schema of the catalog (version %d) suits this program.",
		    schema_version());
	return r;
}

/* --- startup --- */

static void tell_orphan(void *ctx, const struct maintenance_orphan *o)
{
	struct id_text id = id_text(o->id), type = id_text(o->type), status = id_text(o->status);

	raise_error(ctx, 27165, id.text, type.text, status.text); /* a warning */
}

/* Operations whose process on this machine is gone: deployments, restorations, clean-up. */
static int startup(struct tsql_call *call)
{
	struct session *s = call_session(call);
	struct operation op = { .type = OPERATION_INIT, .status = STATUS_SUCCEEDED };
	int64_t id;
	struct err err;
	int r = need_admin(call, 27219, "startup");

	if (r < 0)
		return r;
	r = operation_add(s, &op, &id, &err);
	if (r == 0)
		r = maintenance_repair(s, tell_orphan, call, &err);
	return r < 0 ? proc_fail(call, &err) : 0;
}

/* --- what the product's master keeps about itself --- */

static const struct tsql_proc_param update_logdb_params[] = {
	{ "@server_name", NULL, T_TEXT, 0, NULL },
	{ "@connection_string", NULL, T_TEXT, 0, NULL },
};
static const struct tsql_proc_param update_master_params[] = {
	{ "@MasterAddress", NULL, T_TEXT, 0, NULL },
};

static int set_master_property(struct tsql_call *call, const char *name)
{
	int r = need_admin(call, 27219, tsql_call_proc(call)->name);

	if (r == 0)
		r = proc_check_args(call);
	return r < 0 ? r
		     : proc_run(call, &set, Q_MASTER_SET, BINDS(b_text(name), b_text(arg_text(call, 0))));
}

/* The connection string may hold a password and has no use here: it is not kept. */
static int update_logdb_info(struct tsql_call *call)
{
	return set_master_property(call, "CLUSTER_LOGDB_SERVER");
}

static int update_master_address(struct tsql_call *call)
{
	return set_master_property(call, "MASTER_ADDRESS");
}

static const struct tsql_proc procs[] = {
	{ .database = "SSISDB", .schema = "catalog", .name = "cleanup_server_log",
	    .run = cleanup_server_log, .no_transaction = true },
	{ .database = "SSISDB", .schema = "internal", .name = "cleanup_server_log",
	    .run = cleanup_server_log, .no_transaction = true },
	{ .database = "SSISDB", .schema = "internal", .name = "cleanup_server_retention_window",
	    .run = cleanup_server_retention_window, .no_transaction = true },
	{ .database = "SSISDB", .schema = "internal", .name = "cleanup_server_project_version",
	    .run = cleanup_server_project_version, .no_transaction = true },
	PROC("cleanup_server_execution_keys", cleanup_keys_params, cleanup_server_execution_keys),
	PROC_IN("internal", "cleanup_server_execution_keys", cleanup_keys_params,
	    cleanup_server_execution_keys),
	PROC("check_schema_version", check_schema_params, check_schema_version),
	{ .database = "SSISDB", .schema = "catalog", .name = "startup", .run = startup },
	PROC("update_logdb_info", update_logdb_params, update_logdb_info),
	PROC_IN("internal", "update_logdb_info", update_logdb_params, update_logdb_info),
	PROC("update_master_address", update_master_params, update_master_address),
};
const struct proc_family procs_maintenance = { procs, ARRAY_LEN(procs) };
