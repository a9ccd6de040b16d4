/* SPDX-License-Identifier: MIT */
/* Views of the catalog's settings, permissions and workers: spec/catalog.md §2.1, §2.24-2.28. */
#include "base/mem.h"
#include "catalog/registry.h"
#include "catalog/session.h"

static const struct tsql_view_column catalog_properties[] = {
	{ "property_name", T_NVARCHAR(256), "name", NULL },
	{ "property_value", T_NVARCHAR(256), "value in text form", NULL },
};

static const struct tsql_view_column master_properties[] = {
	{ "property_name", T_NVARCHAR(256), "name", NULL },
	{ "property_value", T_TEXT, "value in text form", NULL },
};

static const struct tsql_view_column customized_logging_levels[] = {
	{ "level_id", T_BIGINT, "key", NULL },
	{ "name", T_SYSNAME, "unique", NULL },
	{ "description", T_NVARCHAR(1024), "free text", NULL },
	{ "profile_value", T_BIGINT, "mask of statistics: 1 execution, 2 volume, 4 performance", NULL },
	{ "events_value", T_BIGINT, "mask of events", NULL },
	{ "created_by_sid", T_SID, "who made it", NULL },
	{ "created_by_name", T_SYSNAME, "who made it", NULL },
	{ "created_time", T_TIME, "when", NULL },
};

static const struct tsql_view_column worker_agents[] = {
	{ "WorkerAgentId", T_GUID, "key", NULL },
	{ "IsEnabled", T_BIT, "gets work", NULL },
	{ "DisplayName", T_NVARCHAR(256), "name", NULL },
	{ "Description", T_NVARCHAR(256), "free text", NULL },
	{ "MachineName", T_NVARCHAR(256), "host name, from the worker", NULL },
	{ "Tags", T_TEXT, "free text", NULL },
	{ "UserAccount", T_NVARCHAR(256), "account under which packages run", NULL },
	{ "LastOnlineTime", T_TIME, "last heartbeat", NULL },
};

static const struct tsql_view_column explicit_object_permissions[] = {
	{ "object_type", T_SMALLINT, "1 folder, 2 project, 3 environment, 4 operation", NULL },
	{ "object_id", T_BIGINT, "key of the object", NULL },
	{ "principal_id", T_INT, "user or role", NULL },
	{ "permission_type", T_SMALLINT, "1-4, 100-104", NULL },
	{ "is_deny", T_BIT, "1 denies", NULL },
	{ "grantor_id", T_INT, "who gave it", NULL },
};

static const struct tsql_view_column effective_object_permissions[] = {
	{ "object_type", T_SMALLINT, "1 folder, 2 project, 3 environment, 4 operation", NULL },
	{ "object_id", T_BIGINT, "key of the object", NULL },
	{ "permission_type", T_SMALLINT, "1-4, 100-104", NULL },
};

/* An entry for the caller on the object, or on its folder for what lies in it. */
#define ENTRY(type, key, folder, deny) \
	"EXISTS (SELECT 1 FROM permission e WHERE e.is_deny = " deny " AND e.principal_id IN " SQL_MINE \
	" AND ((e.object_type = " type " AND e.object_id = " key " AND e.permission_type = p.column1)" \
	" OR (e.object_type = 1 AND e.object_id = " folder \
	" AND e.permission_type = 100 + p.column1)))"
#define EFFECTIVE(type, table, key, folder, permissions) \
	"SELECT " type ", t." key ", p.column1 FROM " table " t, (VALUES " permissions ") p WHERE so_admin()" \
	" OR (" ENTRY(type, "t." key, folder, "0") " AND NOT " ENTRY(type, "t." key, folder, "1") ")"

static const struct tsql_view views[] = {
	VIEW("catalog_properties", catalog_properties,
	    "SELECT name, value FROM property WHERE so_admin()"),
	VIEW("master_properties", master_properties, "SELECT name, value FROM master_property"),
	VIEW("customized_logging_levels", customized_logging_levels,
	    "SELECT level_id, name, description, profile_value, events_value, created_by_sid,"
	    " created_by_name, created_time FROM logging_level"),
	VIEW("worker_agents", worker_agents,
	    "SELECT worker_id, enabled, name, description, machine_name, tags, user_account,"
	    " last_online_time FROM worker WHERE so_executor()"),
	VIEW("explicit_object_permissions", explicit_object_permissions,
	    "SELECT object_type, object_id, principal_id, permission_type, is_deny, grantor_id"
	    " FROM permission WHERE so_admin() OR principal_id IN " SQL_MINE),
	VIEW("effective_object_permissions", effective_object_permissions,
	    EFFECTIVE("1", "folder", "folder_id", "NULL",
		"(1), (2), (4), (100), (101), (102), (103), (104)")
	    " UNION ALL " EFFECTIVE("2", "project", "project_id", "t.folder_id", "(1), (2), (3), (4)")
	    " UNION ALL " EFFECTIVE("3", "environment", "environment_id", "t.folder_id",
		"(1), (2), (4)")
	    " UNION ALL " EFFECTIVE("4", "operation", "operation_id", "NULL", "(1), (2), (4)")
	    " UNION ALL SELECT 4, t.operation_id, p.column1 FROM operation t, (VALUES (1), (2), (4)) p"
	    " WHERE NOT so_admin() AND t.caller_name = so_login()"
	    " AND NOT " ENTRY("4", "t.operation_id", "NULL", "0")
	    " AND NOT " ENTRY("4", "t.operation_id", "NULL", "1")),
};

const struct view_family views_admin = { views, ARRAY_LEN(views) };
