/* SPDX-License-Identifier: MIT */
/*
 * What a login may do. One rule for all objects: a grant to the user, to
 * public or to a role that the user is in, on the object or (for what lies in
 * a folder) on its folder; unless the same is denied to one of them. The
 * caller of an operation has its permissions without rows for them: a million
 * executions would make millions.
 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "catalog/fingerprint.h"
#include "catalog/session.h"

enum { Q_LOGIN, Q_USER, Q_MEMBER, Q_MAY_FOLDER, Q_MAY_PROJECT, Q_MAY_ENVIRONMENT, Q_MAY_OPERATION, Q_COUNT };

/* ?1 id, ?2 permission; own entries on the object, or of 100 + permission on its folder. */
#define ENTRY(type, folder, deny) \
	"EXISTS (SELECT 1 FROM permission p WHERE p.is_deny = " deny " AND p.principal_id IN " SQL_MINE \
	" AND ((p.object_type = " type " AND p.object_id = ?1 AND p.permission_type = ?2)" \
	" OR (p.object_type = 1 AND p.object_id = " folder " AND p.permission_type = 100 + ?2)))"
#define MAY(type, folder) "SELECT " ENTRY(type, folder, "0") " AND NOT " ENTRY(type, folder, "1")

static const char *const sql[] = {
	[Q_LOGIN] = "SELECT is_sysadmin, sid FROM login WHERE name = ?1",
	[Q_USER] = "SELECT principal_id FROM principal WHERE login_name = ?1",
	[Q_MEMBER] = "WITH RECURSIVE mine(id) AS (SELECT ?1 UNION SELECT m.role_id FROM role_member m"
		     " JOIN mine ON m.member_id = mine.id) SELECT 1 FROM mine WHERE id = ?2",
	[Q_MAY_FOLDER] = MAY("1", "NULL"),
	[Q_MAY_PROJECT] = MAY("2", "(SELECT folder_id FROM project WHERE project_id = ?1)"),
	[Q_MAY_ENVIRONMENT] = MAY("3", "(SELECT folder_id FROM environment WHERE environment_id = ?1)"),
	[Q_MAY_OPERATION] = "SELECT (EXISTS (SELECT 1 FROM operation WHERE operation_id = ?1"
			    " AND caller_name = so_login() AND ?2 IN (1, 2, 4)) OR " ENTRY("4", "NULL", "0")
			    ") AND NOT " ENTRY("4", "NULL", "1"),
};
static const struct stmt_set set = STMT_SET(STMT_RIGHTS, sql);

struct session *call_session(struct tsql_call *call)
{
	return tsql_call_app(call);
}

bool session_is_owner(struct session *s)
{
	return utf8_casecmp(s->login, s->owner) == 0 || strcmp(s->login, "root") == 0;
}

bool session_is_sysadmin(struct session *s)
{
	int64_t flag = 0;
	struct err err;

	if (session_is_owner(s))
		return true;
	return store_int(s->catalog, &set, Q_LOGIN, BINDS(b_text(s->login)), &flag, &err) == 1 && flag;
}

int64_t session_user(struct session *s)
{
	int64_t id = -1;
	struct err err;

	if (session_is_sysadmin(s))
		return PRINCIPAL_DBO;
	store_int(s->catalog, &set, Q_USER, BINDS(b_text(s->login)), &id, &err);
	return id;
}

bool session_is_member(struct session *s, int64_t role_id)
{
	int64_t one;
	struct err err;

	if (role_id == PRINCIPAL_PUBLIC)
		return true;
	return store_int(s->catalog, &set, Q_MEMBER, BINDS(b_int(session_user(s)), b_int(role_id)),
		   &one, &err) == 1;
}

bool session_is_admin(struct session *s)
{
	return session_is_sysadmin(s) || session_is_member(s, PRINCIPAL_ADMIN) ||
	    session_is_member(s, PRINCIPAL_OWNER);
}

int session_may(struct session *s, enum securable type, int64_t id, enum permission permission,
    struct err *err)
{
	static const size_t by_type[] = {
		[SEC_FOLDER] = Q_MAY_FOLDER,
		[SEC_PROJECT] = Q_MAY_PROJECT,
		[SEC_ENVIRONMENT] = Q_MAY_ENVIRONMENT,
		[SEC_OPERATION] = Q_MAY_OPERATION,
	};
	int64_t may = 0;
	int r;

	if (session_is_admin(s))
		return 1;
	r = store_int(s->catalog, &set, by_type[type], BINDS(b_int(id), b_int(permission)), &may, err);
	return r < 0 ? r : may != 0;
}

/* S-1-22-1-UID, as Samba names Unix accounts, in binary form. */
static void unix_sid(uid_t uid, struct buf *ret)
{
	unsigned char sid[16] = { 1, 2, 0, 0, 0, 0, 0, 22, 1, 0, 0, 0 };

	for (int i = 0; i < 4; i++)
		sid[12 + i] = (unsigned char)(uid >> (8 * i));
	buf_add(ret, sid, sizeof(sid));
}

void session_sid(struct session *s, struct buf *ret)
{
	sqlite3_stmt *q = store_query(s->catalog, &set, Q_LOGIN, BINDS(b_text(s->login)));
	struct passwd entry, *found = NULL;
	char room[4096];

	if (store_step(s->catalog, q, NULL) == 1) {
		buf_add(ret, sqlite3_column_blob(q, 1), (size_t)sqlite3_column_bytes(q, 1));
		store_reset(q);
	} else if (s->account && strcmp(s->login, s->account) == 0) { /* the system's table is not read for each start */
		unix_sid(geteuid(), ret);
	} else if (getpwnam_r(s->login, &entry, room, sizeof(room), &found) == 0 && found) {
		unix_sid(found->pw_uid, ret);
	}
}

/* --- functions of the views --- */

static void fn_admin(sqlite3_context *ctx, int count, sqlite3_value **args)
{
	(void)count, (void)args;
	sqlite3_result_int(ctx, session_is_admin(sqlite3_user_data(ctx)));
}

static void fn_logreader(sqlite3_context *ctx, int count, sqlite3_value **args)
{
	(void)count, (void)args;
	sqlite3_result_int(ctx, session_sees_all(sqlite3_user_data(ctx)));
}

static void fn_sees_operation(sqlite3_context *ctx, int count, sqlite3_value **args)
{
	(void)count;
	sqlite3_result_int(ctx, session_sees_operation(sqlite3_user_data(ctx), sqlite3_value_int64(args[0])));
}

static void fn_executor(sqlite3_context *ctx, int count, sqlite3_value **args)
{
	struct session *s = sqlite3_user_data(ctx);

	(void)count, (void)args;
	sqlite3_result_int(ctx, session_is_admin(s) || session_is_member(s, PRINCIPAL_EXECUTOR));
}

static void fn_user(sqlite3_context *ctx, int count, sqlite3_value **args)
{
	(void)count, (void)args;
	sqlite3_result_int64(ctx, session_user(sqlite3_user_data(ctx)));
}

static void fn_login(sqlite3_context *ctx, int count, sqlite3_value **args)
{
	struct session *s = sqlite3_user_data(ctx);

	(void)count, (void)args;
	sqlite3_result_text(ctx, s->login, -1, SQLITE_TRANSIENT);
}

int session_register(struct session *s, struct err *err)
{
	static const struct {
		const char *name;
		int args;
		void (*run)(sqlite3_context *, int, sqlite3_value **);
	} functions[] = {
		{ "so_admin", 0, fn_admin },
		{ "so_logreader", 0, fn_logreader },
		{ "so_executor", 0, fn_executor },
		{ "so_user", 0, fn_user },
		{ "so_login", 0, fn_login },
		{ "so_sees_operation", 1, fn_sees_operation },
	};

	for (size_t i = 0; i < ARRAY_LEN(functions); i++)
		if (sqlite3_create_function(s->catalog->db, functions[i].name, functions[i].args,
			SQLITE_UTF8 | SQLITE_DETERMINISTIC, s, functions[i].run, NULL, NULL) != SQLITE_OK)
			return store_fail(s->catalog, err);
	return host_keys_register(s->catalog->db) < 0 ? store_fail(s->catalog, err) : 0;
}
