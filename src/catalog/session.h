/* SPDX-License-Identifier: MIT */
/*
 * Who is asking: the context of a T-SQL session on the catalog, and what that
 * login may do (spec/catalog.md §6).
 *
 * Membership is read from the tables whenever it matters, so a change made
 * by somebody else counts from the next statement on.
 */
#ifndef SO_CATALOG_SESSION_H
#define SO_CATALOG_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "catalog/store.h"
#include "tsql/server.h"

enum securable { SEC_FOLDER = 1, SEC_PROJECT = 2, SEC_ENVIRONMENT = 3, SEC_OPERATION = 4 };

enum permission {
	PERM_READ = 1,
	PERM_MODIFY = 2,
	PERM_EXECUTE = 3,
	PERM_MANAGE = 4,
	PERM_CREATE_OBJECTS = 100,
	PERM_READ_OBJECTS = 101,
	PERM_MODIFY_OBJECTS = 102,
	PERM_EXECUTE_OBJECTS = 103,
	PERM_MANAGE_OBJECT_PERMISSIONS = 104
};

/* Principals that every catalog has. */
enum { PRINCIPAL_PUBLIC = 0, PRINCIPAL_DBO = 1, PRINCIPAL_ADMIN = 5, PRINCIPAL_LOGREADER = 6,
	PRINCIPAL_EXECUTOR = 7, PRINCIPAL_WORKER = 8, PRINCIPAL_OWNER = 9 };

/* What visibility.c keeps between two changes of the database. */
struct visibility {
	char *login; /* whose facts these are; NULL = none kept */
	unsigned version;
	int64_t changes;
	bool all;           /* reads every operation */
	bool explicit_rows; /* has permissions or denials on single operations */
};

struct session {
	struct catalog *catalog;
	char *login;       /* whose rights count now */
	char *original;    /* the login that connected; differs after EXECUTE AS */
	char *account;     /* of this process */
	VEC(char *) callers; /* who each EXECUTE AS in force was said by; REVERT goes back to the last */
	char *owner;       /* login of the file's owner, who is sysadmin */
	struct catalog_hooks hooks;
	bool work_pending; /* tell the master after the next commit */
	bool work_told;    /* it was told of some */
	struct visibility visibility;
};

/* The session of a procedure call. */
struct session *call_session(struct tsql_call *call);

/* A batch of this session is about to wait. */
void session_pausing(struct session *s);

/* The login of whoever runs this process; caller frees. */
char *session_process_login(void);

/* --- rights --- */

/* root, or the owner of the file: sysadmin without any row saying so. */
bool session_is_owner(struct session *s);
bool session_is_sysadmin(struct session *s);
/* sysadmin, or member of ssis_admin or db_owner. */
bool session_is_admin(struct session *s);
/* Member of a role, directly or through other roles. Everyone is in public; a sysadmin is dbo, whose roles count. */
bool session_is_member(struct session *s, int64_t role_id);
/* Principal id of the current login: dbo for a sysadmin, -1 without a user. */
int64_t session_user(struct session *s);
/* 1 = may, 0 = may not, negative = failed. Administrators may everything; a denial wins over grants. */
int session_may(struct session *s, enum securable type, int64_t id, enum permission permission,
    struct err *err);
/* Security identifier of the current login, as views show it. */
void session_sid(struct session *s, struct buf *ret);

/* Administrators and log readers see all operations. */
bool session_sees_all(struct session *s);
/* The plain user: the operations it called itself and no others. */
bool session_sees_own_only(struct session *s);
bool session_sees_operation(struct session *s, int64_t id);
void session_visibility_forget(struct session *s);

/* Register so_admin() and the other functions that views call. */
int session_register(struct session *s, struct err *err);

/*
 * SQL fragments for row visibility. SQL_MAY_... are sub-selects of keys;
 * SQL_SEE_... are conditions. so_admin() is constant during a statement, so
 * for administrators the rest is never evaluated and indexes keep working.
 */
#define SQL_MINE \
	"(WITH RECURSIVE mine(id) AS (SELECT so_user() UNION SELECT 0 UNION" \
	" SELECT m.role_id FROM role_member m JOIN mine ON m.member_id = mine.id)" \
	" SELECT id FROM mine)"
#define SQL_HAS(type, permission, deny) \
	"SELECT object_id FROM permission WHERE object_type = " type \
	" AND permission_type = " permission " AND is_deny = " deny " AND principal_id IN " SQL_MINE
#define SQL_MAY_FOLDER(permission) \
	"(" SQL_HAS("1", permission, "0") " EXCEPT " SQL_HAS("1", permission, "1") ")"
/* permission is one digit: the folder's permission for its children is 10 and that digit. */
#define SQL_MAY_CHILD(type, table, key, permission) \
	"(" SQL_HAS(type, permission, "0") " UNION SELECT " key " FROM " table " WHERE folder_id IN (" \
	SQL_HAS("1", "10" permission, "0") ") EXCEPT " SQL_HAS(type, permission, "1") \
	" EXCEPT SELECT " key " FROM " table " WHERE folder_id IN (" \
	SQL_HAS("1", "10" permission, "1") "))"
#define SQL_SEE_FOLDER(column) "(so_admin() OR " column " IN " SQL_MAY_FOLDER("1") ")"
#define SQL_SEE_PROJECT(column) \
	"(so_admin() OR " column " IN " SQL_MAY_CHILD("2", "project", "project_id", "1") ")"
#define SQL_SEE_PROJECT_LOG(column) \
	"(so_logreader() OR " column " IN " SQL_MAY_CHILD("2", "project", "project_id", "1") ")"
#define SQL_SEE_ENVIRONMENT(column) \
	"(so_admin() OR " column " IN " SQL_MAY_CHILD("3", "environment", "environment_id", "1") ")"
/* Of a row of operation: everyone is a function that says who sees all. so_logreader() is true for administrators too. */
#define SQL_SEE_OPERATION(alias) SQL_SEE_OPERATION_OR(alias, "so_logreader()")
#define SQL_SEE_OPERATION_OR(alias, everyone) \
	"(" everyone " OR ((" alias ".caller_name = so_login() OR " alias ".operation_id IN (" \
	SQL_HAS("4", "1", "0") ")) AND " alias ".operation_id NOT IN (" SQL_HAS("4", "1", "1") ")))"
/* Keys of the operations that a caller without ssis_logreader sees. */
#define SQL_OWN_OPERATIONS \
	"(SELECT operation_id FROM operation WHERE caller_name = so_login() UNION " \
	SQL_HAS("4", "1", "0") " EXCEPT " SQL_HAS("4", "1", "1") ")"
/*
 * Of a column that holds an operation's id. With "operation_id = @id" in the
 * query SQLite puts the value here and asks once instead of for every row.
 */
#define SQL_SEE_OPERATION_ID(column) "(so_logreader() OR so_sees_operation(" column "))"
/* A text of source that is '' when there is none. nullif() would copy every text once more. */
#define SQL_TEXT(column) "CASE WHEN " column " <> '' THEN " column " END"
/* Of a row of operation, for a session of which session_sees_own_only() is true: keeps its indexes in use. */
#define SQL_OWN_OPERATION(alias) "(" alias ".caller_name = so_login())"

#endif
