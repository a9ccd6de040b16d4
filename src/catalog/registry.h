/* SPDX-License-Identifier: MIT */
/* The tables of everything that this room adds to T-SQL: one list per family, gathered in registry.c. */
#ifndef SO_CATALOG_REGISTRY_H
#define SO_CATALOG_REGISTRY_H

#include "tsql/server.h"

/* All of it, for tsql_session_open. */
const struct tsql_catalog *catalog_registry(void);

/* A family: rows of one file. */
struct proc_family {
	const struct tsql_proc *procs;
	size_t count;
};
struct view_family {
	const struct tsql_view *views;
	size_t count;
};
struct function_family {
	const struct tsql_function *functions;
	size_t count;
};

extern const struct proc_family procs_folders, procs_projects, procs_environments, procs_references,
    procs_parameters, procs_executions, procs_start, procs_validation, procs_permissions, procs_admin,
    procs_scaleout, procs_principals, procs_packages, procs_dump, procs_taps, procs_maintenance, procs_queue;
extern const struct view_family views_admin, views_objects, views_operations, views_statistics,
    views_scaleout, views_sys, views_dictionary;
extern const struct function_family functions_principals;
extern const struct tsql_table_type package_table_type; /* procs_packages.c */

/* CREATE USER and the like (principals.c). */
int principals_statement(struct tsql_session *session, const char *verb, const char *kind,
    const char *name, const char *argument, struct err *err);

/* OPENROWSET(BULK): files of this machine are read for a sysadmin only (session.c). */
int session_read_file(struct tsql_session *session, const char *path, size_t max, struct buf *ret, struct err *err);

/* --- short forms for the tables of columns and parameters --- */

#define T_BIGINT { .type = TSQL_BIGINT }
#define T_INT { .type = TSQL_INT }
#define T_SMALLINT { .type = TSQL_SMALLINT }
#define T_BIT { .type = TSQL_BIT }
#define T_NVARCHAR(n) { .type = TSQL_NVARCHAR, .length = (n) }
#define T_TEXT { .type = TSQL_NVARCHAR, .length = TSQL_MAX }
#define T_SYSNAME T_NVARCHAR(128)
#define T_CHAR1 { .type = TSQL_CHAR, .length = 1 }
#define T_TIME { .type = TSQL_DATETIMEOFFSET, .scale = 7 }
#define T_SID { .type = TSQL_VARBINARY, .length = 85 }
#define T_BYTES { .type = TSQL_VARBINARY, .length = TSQL_MAX }
#define T_GUID { .type = TSQL_UNIQUEIDENTIFIER }
#define T_VARIANT { .type = TSQL_VARIANT }

#define VIEW_IN(schema_, name_, columns_, sql_) \
	{ .database = "SSISDB", .schema = (schema_), .name = (name_), .columns = (columns_), \
		.column_count = ARRAY_LEN(columns_), .sql = (sql_) }
#define VIEW(name, columns, sql) VIEW_IN("catalog", name, columns, sql)

/*
 * A view of operations: other SQL for those who see only their own. select_(caller) ends with WHERE or AND; their caller_name is
 * a constant, so that nothing is read when another one is asked for.
 */
#define VIEW_OF_OPERATIONS(name_, columns_, select_) \
	{ .database = "SSISDB", .schema = "catalog", .name = (name_), .columns = (columns_), \
		.column_count = ARRAY_LEN(columns_), .sql = select_("o.caller_name") SQL_SEE_OPERATION("o"), \
		.narrow_sql = select_("so_login()") SQL_OWN_OPERATION("o"), .merges = "status" }
#define VIEW_OF_MESSAGES(name_, columns_, bounds_, sql_) \
	{ .database = "SSISDB", .schema = "catalog", .name = (name_), .columns = (columns_), \
		.column_count = ARRAY_LEN(columns_), .sql = (sql_), .merges = "message_type", .bounds = (bounds_) }

#define PROC_IN(schema_, name_, params_, run_) \
	{ .database = "SSISDB", .schema = (schema_), .name = (name_), .params = (params_), \
		.param_count = ARRAY_LEN(params_), .run = (run_) }
#define PROC(name, params, run) PROC_IN("catalog", name, params, run)

#endif
