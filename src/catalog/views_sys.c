/* SPDX-License-Identifier: MIT */
/* The sys views that scripts about rights read: users, roles and logins. */
#include "base/mem.h"
#include "catalog/registry.h"
#include "catalog/session.h"

static const struct tsql_view_column database_principals[] = {
	{ "name", T_SYSNAME, "user or role", NULL },
	{ "principal_id", T_INT, "key", NULL },
	{ "type", T_CHAR1, "U user, R role", NULL },
	{ "type_desc", T_NVARCHAR(60), "type in words", NULL },
	{ "default_schema_name", T_SYSNAME, "of a user", NULL },
	{ "create_date", T_TIME, "when it was made", NULL },
	{ "sid", T_SID, "of the user's login", NULL },
	{ "is_fixed_role", T_BIT, "came with the catalog", NULL },
};

static const struct tsql_view_column database_role_members[] = {
	{ "role_principal_id", T_INT, "role", NULL },
	{ "member_principal_id", T_INT, "user or role in it", NULL },
};

static const struct tsql_view_column server_principals[] = {
	{ "name", T_SYSNAME, "login", NULL },
	{ "principal_id", T_INT, "key", NULL },
	{ "sid", T_SID, "security identifier", NULL },
	{ "type", T_CHAR1, "U: an account of the operating system", NULL },
	{ "type_desc", T_NVARCHAR(60), "type in words", NULL },
	{ "is_disabled", T_BIT, "never", NULL },
	{ "create_date", T_TIME, "when it was added", NULL },
};

static const struct tsql_view views[] = {
	VIEW_IN("sys", "database_principals", database_principals,
	    "SELECT p.name, p.principal_id, CASE p.kind WHEN 'U' THEN 'U' ELSE 'R' END,"
	    " CASE p.kind WHEN 'U' THEN 'WINDOWS_USER' ELSE 'DATABASE_ROLE' END,"
	    " CASE p.kind WHEN 'U' THEN 'dbo' END, p.created_time, l.sid,"
	    " p.kind = 'R' AND p.is_fixed FROM principal p LEFT JOIN login l ON l.name = p.login_name"),
	VIEW_IN("sys", "database_role_members", database_role_members,
	    "SELECT role_id, member_id FROM role_member"),
	VIEW_IN("sys", "server_principals", server_principals,
	    "SELECT name, login_id, sid, 'U', 'WINDOWS_LOGIN', 0, created_time FROM login"
	    " WHERE so_admin() OR name = so_login()"),
};

const struct view_family views_sys = { views, ARRAY_LEN(views) };
