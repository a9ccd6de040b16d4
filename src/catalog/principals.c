/* SPDX-License-Identifier: MIT */
/*
 * Logins, users and roles: CREATE and DROP LOGIN | USER | ROLE, ALTER ROLE,
 * sp_addrolemember and its kin, EXECUTE AS, and the functions that tell a
 * script who it is. Logins are accounts of the operating system.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "catalog/proc.h"
#include "catalog/registry.h"

/* EXECUTE AS may be said this often without REVERT. */
#define IMPERSONATION_MAX 32

enum {
	Q_LOGIN_ADD,
	Q_LOGIN_FIND,
	Q_LOGIN_DROP,
	Q_LOGIN_SYSADMIN,
	Q_ADD,
	Q_FIND,
	Q_USER_OF_LOGIN,
	Q_DROP,
	Q_GRANTED,
	Q_FORGET,
	Q_MEMBER_ADD,
	Q_MEMBER_DROP,
	Q_WITHIN,
	Q_NAME,
	Q_COUNT
};
static const char *const sql[] = {
	[Q_LOGIN_ADD] = "INSERT INTO login (name, sid, created_time) VALUES (?1, ?2, ?3)",
	[Q_LOGIN_FIND] = "SELECT login_id FROM login WHERE name = ?1",
	[Q_LOGIN_DROP] = "DELETE FROM login WHERE name = ?1",
	[Q_LOGIN_SYSADMIN] = "UPDATE login SET is_sysadmin = ?2 WHERE name = ?1",
	[Q_ADD] = "INSERT INTO principal (name, kind, login_name, created_time) VALUES (?1, ?2, ?3, ?4)",
	[Q_FIND] = "SELECT principal_id, kind, is_fixed FROM principal WHERE name = ?1",
	[Q_USER_OF_LOGIN] = "SELECT 1 FROM principal WHERE login_name = ?1",
	[Q_DROP] = "DELETE FROM principal WHERE principal_id = ?1",
	[Q_GRANTED] = "SELECT 1 FROM permission WHERE grantor_id = ?1 AND principal_id <> ?1 LIMIT 1",
	[Q_FORGET] = "DELETE FROM permission WHERE principal_id = ?1",
	[Q_MEMBER_ADD] = "INSERT OR IGNORE INTO role_member VALUES (?1, ?2)",
	[Q_MEMBER_DROP] = "DELETE FROM role_member WHERE role_id = ?1 AND member_id = ?2",
	[Q_WITHIN] = ("WITH RECURSIVE up(id) AS (SELECT ?1 UNION SELECT m.role_id FROM role_member m"
		     " JOIN up ON m.member_id = up.id) SELECT 1 FROM up WHERE id = ?2"),
	[Q_NAME] = "SELECT name FROM principal WHERE principal_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_PRINCIPALS, sql);

/* A T-SQL error with its documented number. */
static int refuse(struct err *err, int number, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static int refuse(struct err *err, int number, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	err_set(err, ERR_SQL, "%s", text);
	if (err) {
		err->sql_number = number;
		err->sql_severity = 16;
		err->sql_state = 1;
	}
	return -ERR_SQL;
}

static int run(struct session *s, size_t index, const struct bind *binds, struct err *err)
{
	return store_run(s->catalog, &set, index, binds, err);
}

struct principal {
	int64_t id;
	char kind;
	bool is_fixed;
};

/* 1 = found, 0 = not. */
static int find(struct session *s, const char *name, struct principal *ret, struct err *err)
{
	sqlite3_stmt *q = store_query(s->catalog, &set, Q_FIND, BINDS(b_text(name)));
	int r = store_step(s->catalog, q, err);

	if (r != 1)
		return r;
	*ret = (struct principal){ sqlite3_column_int64(q, 0), *col_text(q, 1),
		sqlite3_column_int(q, 2) != 0 };
	store_reset(q);
	return 1;
}

static int need(struct session *s, const char *name, char kind, struct principal *ret,
    struct err *err)
{
	int r = find(s, name, ret, err);

	if (r == 0 || (r == 1 && kind && ret->kind != kind))
		return refuse(err, 15151,
		    "Cannot find the principal '%s', because it does not exist or you do not have"
		    " permission.", name);
	return r < 0 ? r : 0;
}

/* --- statements --- */

static bool account_exists(const char *name)
{
	struct passwd entry, *found = NULL;
	char room[4096];

	return getpwnam_r(name, &entry, room, sizeof(room), &found) == 0 && found;
}

static int create_login(struct session *s, const char *name, const char *argument, struct err *err)
{
	struct session other = { .catalog = s->catalog, .login = (char *)(uintptr_t)name };
	struct buf sid = BUF_INIT;
	int64_t id;
	int r = store_int(s->catalog, &set, Q_LOGIN_FIND, BINDS(b_text(name)), &id, err);

	(void)argument;
	if (r == 1)
		return refuse(err, 15025, "The server principal '%s' already exists.", name);
	if (r < 0)
		return r;
	if (!account_exists(name))
		return refuse(err, 15401,
		    "'%s' is not an account of the operating system, so it cannot be a login.", name);
	session_sid(&other, &sid);
	r = run(s, Q_LOGIN_ADD, BINDS(b_text(name), b_buf(&sid), b_int(clock_wall())), err);
	buf_release(&sid);
	return r;
}

static int drop_login(struct session *s, const char *name, const char *argument, struct err *err)
{
	int64_t id;
	int r = store_int(s->catalog, &set, Q_LOGIN_FIND, BINDS(b_text(name)), &id, err);

	(void)argument;
	if (r == 0)
		return refuse(err, 15151,
		    "Cannot drop the login '%s', because it does not exist or you do not have"
		    " permission.", name);
	return r < 0 ? r : run(s, Q_LOGIN_DROP, BINDS(b_text(name)), err);
}

static int add(struct session *s, const char *name, const char *kind, const char *login,
    struct err *err)
{
	struct principal other;
	int r = find(s, name, &other, err);

	if (r == 1)
		return refuse(err, 15023, "User, group, or role '%s' already exists.", name);
	return r < 0 ? r
		     : run(s, Q_ADD,
			   BINDS(b_text(name), b_text(kind), b_text(login), b_int(clock_wall())), err);
}

/* CREATE USER x FOR LOGIN y; without the clause the login has the user's name. */
static int create_user(struct session *s, const char *name, const char *argument, struct err *err)
{
	const char *login = argument && *argument ? argument : name;
	int64_t id;
	int r = store_int(s->catalog, &set, Q_LOGIN_FIND, BINDS(b_text(login)), &id, err);

	if (r == 0)
		return refuse(err, 15007, "'%s' is not a valid login or you do not have permission.", login);
	if (r == 1)
		r = store_int(s->catalog, &set, Q_USER_OF_LOGIN, BINDS(b_text(login)), &id, err);
	if (r == 1)
		return refuse(err, 15063, "The login '%s' already has an account under a different user"
					  " name.", login);
	return r < 0 ? r : add(s, name, "U", login, err);
}

static int create_role(struct session *s, const char *name, const char *argument, struct err *err)
{
	(void)argument;
	return add(s, name, "R", NULL, err);
}

static int drop_principal(struct session *s, const char *name, char kind, struct err *err)
{
	struct principal p;
	int64_t one;
	int r = need(s, name, kind, &p, err);

	if (r < 0)
		return r;
	if (p.is_fixed)
		return refuse(err, 15150, "Cannot drop the principal '%s'.", name);
	r = store_int(s->catalog, &set, Q_GRANTED, BINDS(b_int(p.id)), &one, err);
	if (r == 1)
		return refuse(err, 27226, "The principal '%s' has granted or denied permissions and cannot"
					  " be dropped.", name);
	if (r == 0)
		r = run(s, Q_FORGET, BINDS(b_int(p.id)), err);
	return r < 0 ? r : run(s, Q_DROP, BINDS(b_int(p.id)), err);
}

static int drop_user(struct session *s, const char *name, const char *argument, struct err *err)
{
	(void)argument;
	return drop_principal(s, name, 'U', err);
}

static int drop_role(struct session *s, const char *name, const char *argument, struct err *err)
{
	(void)argument;
	return drop_principal(s, name, 'R', err);
}

static int add_member(struct session *s, const char *role_name, const char *member_name,
    struct err *err)
{
	struct principal role, member;
	int64_t one;
	int r = need(s, role_name, 'R', &role, err);

	if (r == 0)
		r = need(s, member_name, 0, &member, err);
	if (r < 0)
		return r;
	if (role.id == PRINCIPAL_PUBLIC)
		return refuse(err, 15081, "Membership of the public role cannot be changed.");
	r = store_int(s->catalog, &set, Q_WITHIN, BINDS(b_int(role.id), b_int(member.id)), &one, err);
	if (r == 1)
		return refuse(err, 15413, "Cannot make a role a member of itself: '%s', '%s'.", role_name,
		    member_name);
	return r < 0 ? r : run(s, Q_MEMBER_ADD, BINDS(b_int(role.id), b_int(member.id)), err);
}

static int drop_member(struct session *s, const char *role_name, const char *member_name,
    struct err *err)
{
	struct principal role, member;
	int r = need(s, role_name, 'R', &role, err);

	if (r == 0)
		r = need(s, member_name, 0, &member, err);
	return r < 0 ? r : run(s, Q_MEMBER_DROP, BINDS(b_int(role.id), b_int(member.id)), err);
}

static int set_sysadmin(struct session *s, const char *role, const char *login, bool on,
    struct err *err)
{
	int r;

	if (strcasecmp(role, "sysadmin") != 0)
		return refuse(err, 15151, "Cannot alter the server role '%s', because it does not exist or"
					  " you do not have permission.", role);
	r = run(s, Q_LOGIN_SYSADMIN, BINDS(b_text(login), b_int(on)), err);
	if (r == 0 && store_changes(s->catalog) == 0)
		return refuse(err, 15007, "'%s' is not a valid login or you do not have permission.", login);
	return r;
}

static int add_sysadmin(struct session *s, const char *role, const char *login, struct err *err)
{
	return set_sysadmin(s, role, login, true, err);
}

static int drop_sysadmin(struct session *s, const char *role, const char *login, struct err *err)
{
	return set_sysadmin(s, role, login, false, err);
}

static int execute_as(struct session *s, const char *name, const char *argument, struct err *err)
{
	int64_t id;
	int r = store_int(s->catalog, &set, Q_LOGIN_FIND, BINDS(b_text(name)), &id, err);

	(void)argument;
	if (r == 0)
		return refuse(err, 15517, "Cannot execute as the principal '%s', because it does not exist"
					  " or cannot be impersonated.", name);
	if (r < 0)
		return r;
	if (s->callers.len == IMPERSONATION_MAX)
		return refuse(err, 217, "EXECUTE AS '%s' is nested too deeply.", name);
	vec_push(&s->callers, s->login);
	s->login = xstrdup(name);
	return 0;
}

static int revert(struct session *s, const char *name, const char *argument, struct err *err)
{
	(void)name, (void)argument, (void)err;
	if (s->callers.len == 0)
		return 0;
	free(s->login);
	s->login = s->callers.items[--s->callers.len];
	return 0;
}

static const struct {
	const char *verb, *kind;
	int (*run)(struct session *s, const char *name, const char *argument, struct err *err);
	bool anyone; /* needs no right */
} statements[] = {
	{ "CREATE", "LOGIN", create_login, false },
	{ "DROP", "LOGIN", drop_login, false },
	{ "CREATE", "USER", create_user, false },
	{ "DROP", "USER", drop_user, false },
	{ "CREATE", "ROLE", create_role, false },
	{ "DROP", "ROLE", drop_role, false },
	{ "ALTER ADD MEMBER", "ROLE", add_member, false },
	{ "ALTER DROP MEMBER", "ROLE", drop_member, false },
	{ "ALTER ADD MEMBER", "SERVER ROLE", add_sysadmin, false },
	{ "ALTER DROP MEMBER", "SERVER ROLE", drop_sysadmin, false },
	{ "EXECUTE AS", "LOGIN", execute_as, false },
	{ "EXECUTE AS", "USER", execute_as, false },
	{ "REVERT", NULL, revert, true },
};

int principals_statement(struct tsql_session *session, const char *verb, const char *kind,
    const char *name, const char *argument, struct err *err)
{
	struct session *s = tsql_session_app(session);
	struct store_tx tx;
	size_t i = 0;
	int r;

	while (i < ARRAY_LEN(statements) &&
	    (strcmp(statements[i].verb, verb) != 0 ||
		(statements[i].kind && (!kind || strcmp(statements[i].kind, kind) != 0))))
		i++;
	if (i == ARRAY_LEN(statements))
		return err_set(err, ERR_UNSUPPORTED, "%s %s is not supported", verb, kind ? kind : "");
	if (!statements[i].anyone && !session_is_sysadmin(s))
		return refuse(err, 15247, "User does not have permission to perform this action.");
	r = store_begin(s->catalog, &tx, err);
	if (r == 0)
		r = statements[i].run(s, name, argument, err);
	return store_end(s->catalog, &tx, r, err);
}

/* --- procedures of the same meaning --- */

static const struct tsql_proc_param role_member_params[] = {
	{ "@rolename", NULL, T_SYSNAME, 0, NULL },
	{ "@membername", NULL, T_SYSNAME, 0, NULL },
};
static const struct tsql_proc_param server_role_params[] = {
	{ "@loginame", NULL, T_SYSNAME, 0, NULL },
	{ "@rolename", NULL, T_SYSNAME, 0, NULL },
};

static int member_proc(struct tsql_call *call, size_t role_arg, size_t member_arg,
    int (*change)(struct session *, const char *, const char *, struct err *))
{
	struct session *s = call_session(call);
	struct err err;
	int r = proc_check_args(call);

	if (r < 0)
		return r;
	if (!session_is_sysadmin(s))
		return tsql_call_error(call, 15247, 1,
		    "User does not have permission to perform this action.");
	r = change(s, arg_text(call, role_arg), arg_text(call, member_arg), &err);
	return r < 0 ? proc_fail(call, &err) : 0;
}

static int sp_addrolemember(struct tsql_call *call)
{
	return member_proc(call, 0, 1, add_member);
}

static int sp_droprolemember(struct tsql_call *call)
{
	return member_proc(call, 0, 1, drop_member);
}

static int sp_addsrvrolemember(struct tsql_call *call)
{
	return member_proc(call, 1, 0, add_sysadmin);
}

static int sp_dropsrvrolemember(struct tsql_call *call)
{
	return member_proc(call, 1, 0, drop_sysadmin);
}

#define SP(name_, params_) \
	{ .database = NULL, .schema = "sys", .name = #name_, .params = (params_), \
		.param_count = ARRAY_LEN(params_), .run = (name_) }
static const struct tsql_proc procs[] = {
	SP(sp_addrolemember, role_member_params),
	SP(sp_droprolemember, role_member_params),
	SP(sp_addsrvrolemember, server_role_params),
	SP(sp_dropsrvrolemember, server_role_params),
};
const struct proc_family procs_principals = { procs, ARRAY_LEN(procs) };

/* --- functions --- */

static const char *text_of(const struct tsql_value *value)
{
	return value->null || !tsql_type_is_text(value->type) ? NULL : value->s.data;
}

/* NULL when there is no such role, as documented. */
static int fn_is_member(struct tsql_session *session, const struct tsql_value *args, size_t count,
    struct tsql_value *ret, struct err *err)
{
	struct session *s = tsql_session_app(session);
	const char *name = text_of(&args[0]);
	struct principal role;
	int r = name ? find(s, name, &role, err) : 0;

	(void)count;
	if (r < 0)
		return r;
	if (r == 0 || role.kind != 'R')
		*ret = tsql_null(TSQL_INT);
	else
		*ret = tsql_int(session_is_member(s, role.id) ||
		    (role.id == PRINCIPAL_OWNER && session_is_sysadmin(s)));
	return 0;
}

static int fn_is_srvrolemember(struct tsql_session *session, const struct tsql_value *args,
    size_t count, struct tsql_value *ret, struct err *err)
{
	struct session *s = tsql_session_app(session);
	struct session other = *s;
	const char *name = text_of(&args[0]);

	(void)err;
	if (count > 1 && text_of(&args[1]))
		other.login = args[1].s.data;
	if (!name || (strcasecmp(name, "sysadmin") != 0 && strcasecmp(name, "public") != 0))
		*ret = tsql_null(TSQL_INT);
	else
		*ret = tsql_int(strcasecmp(name, "public") == 0 || session_is_sysadmin(&other));
	return 0;
}

static int fn_login(struct tsql_session *session, const struct tsql_value *args, size_t count,
    struct tsql_value *ret, struct err *err)
{
	struct session *s = tsql_session_app(session);

	(void)args, (void)count, (void)err;
	*ret = tsql_nvarchar(s->login);
	return 0;
}

static int fn_original_login(struct tsql_session *session, const struct tsql_value *args,
    size_t count, struct tsql_value *ret, struct err *err)
{
	struct session *s = tsql_session_app(session);

	(void)args, (void)count, (void)err;
	*ret = tsql_nvarchar(s->original);
	return 0;
}

/* USER_NAME([id]): a caller without a user is guest. */
static int fn_user_name(struct tsql_session *session, const struct tsql_value *args, size_t count,
    struct tsql_value *ret, struct err *err)
{
	struct session *s = tsql_session_app(session);
	int64_t id = session_user(s);
	char *name = NULL;
	int r;

	if (count > 0 && !args[0].null && tsql_type_is_integer(args[0].type))
		id = args[0].i;
	else if (id < 0) {
		*ret = tsql_nvarchar("guest");
		return 0;
	}
	r = store_text(s->catalog, &set, Q_NAME, BINDS(b_int(id)), &name, err);
	*ret = r == 1 ? tsql_nvarchar(name) : tsql_null(TSQL_NVARCHAR);
	free(name);
	return r < 0 ? r : 0;
}

static int fn_principal_id(struct tsql_session *session, const struct tsql_value *args, size_t count,
    struct tsql_value *ret, struct err *err)
{
	struct session *s = tsql_session_app(session);
	const char *name = count > 0 ? text_of(&args[0]) : NULL;
	struct principal p = { .id = session_user(s) };
	int r = count == 0 ? p.id >= 0 : name ? find(s, name, &p, err) : 0;

	if (r < 0)
		return r;
	*ret = r ? tsql_int((int32_t)p.id) : tsql_null(TSQL_INT);
	return 0;
}

static const struct tsql_function functions[] = {
	{ "IS_MEMBER", 1, 1, T_INT, fn_is_member },
	{ "IS_ROLEMEMBER", 1, 1, T_INT, fn_is_member },
	{ "IS_SRVROLEMEMBER", 1, 2, T_INT, fn_is_srvrolemember },
	{ "SUSER_SNAME", 0, 0, T_SYSNAME, fn_login },
	{ "SUSER_NAME", 0, 0, T_SYSNAME, fn_login },
	{ "SYSTEM_USER", 0, 0, T_SYSNAME, fn_login },
	{ "ORIGINAL_LOGIN", 0, 0, T_SYSNAME, fn_original_login },
	{ "USER_NAME", 0, 1, T_SYSNAME, fn_user_name },
	{ "CURRENT_USER", 0, 0, T_SYSNAME, fn_user_name },
	{ "DATABASE_PRINCIPAL_ID", 0, 1, T_INT, fn_principal_id },
};
const struct function_family functions_principals = { functions, ARRAY_LEN(functions) };
