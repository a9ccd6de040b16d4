/* SPDX-License-Identifier: MIT */
/* Granting, denying and revoking permissions on objects: spec/catalog.md §1.8. The return codes are documented; errors are raised as well. */
#include "base/mem.h"
#include "catalog/operation.h"
#include "catalog/proc.h"
#include "catalog/registry.h"

enum { Q_FOLDER, Q_PROJECT, Q_ENVIRONMENT, Q_OPERATION, Q_PRINCIPAL, Q_FIND, Q_PUT, Q_REMOVE, Q_COUNT };
static const char *const sql[] = {
	[Q_FOLDER] = "SELECT 1 FROM folder WHERE folder_id = ?1",
	[Q_PROJECT] = "SELECT 1 FROM project WHERE project_id = ?1",
	[Q_ENVIRONMENT] = "SELECT 1 FROM environment WHERE environment_id = ?1",
	[Q_OPERATION] = "SELECT 1 FROM operation WHERE operation_id = ?1",
	[Q_PRINCIPAL] = "SELECT 1 FROM principal WHERE principal_id = ?1",
	[Q_FIND] = "SELECT is_deny FROM permission WHERE object_type = ?1 AND object_id = ?2"
		   " AND principal_id = ?3 AND permission_type = ?4",
	[Q_PUT] = "INSERT INTO permission VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
		  " ON CONFLICT (object_type, object_id, principal_id, permission_type)"
		  " DO UPDATE SET is_deny = ?5, grantor_id = ?6",
	[Q_REMOVE] = "DELETE FROM permission WHERE object_type = ?1 AND object_id = ?2"
		     " AND principal_id = ?3 AND (?4 IS NULL OR permission_type = ?4)",
};
static const struct stmt_set set = STMT_SET(STMT_PERMISSIONS, sql);

enum { RC_OBJECT_TYPE = 1, RC_OBJECT, RC_PRINCIPAL, RC_PERMISSION, RC_OTHER };

static const struct tsql_proc_param grant_params[] = {
	{ "@object_type", NULL, T_SMALLINT, 0, NULL },
	{ "@object_id", NULL, T_BIGINT, 0, NULL },
	{ "@principal_id", NULL, T_INT, 0, NULL },
	{ "@permission_type", NULL, T_SMALLINT, 0, NULL },
};
static const struct tsql_proc_param deny_params[] = {
	{ "@object_type", NULL, T_SMALLINT, 0, NULL },
	{ "@object_id", NULL, T_BIGINT, 0, NULL },
	{ "@principal_id", NULL, T_INT, 0, NULL },
	{ "@permission_type", NULL, T_SMALLINT, TSQL_PARAM_OPTIONAL, NULL },
};

/* Which permissions a type of object has; 0 ends a list. */
static const int applicable[][9] = {
	[SEC_FOLDER] = { 1, 2, 4, 100, 101, 102, 103, 104, 0 },
	[SEC_PROJECT] = { 1, 2, 3, 4, 0 },
	[SEC_ENVIRONMENT] = { 1, 2, 4, 0 },
	[SEC_OPERATION] = { 1, 2, 4, 0 },
};
static const struct {
	const char *words;
	size_t find;
} types[] = {
	[SEC_FOLDER] = { "folder", Q_FOLDER },
	[SEC_PROJECT] = { "project", Q_PROJECT },
	[SEC_ENVIRONMENT] = { "environment", Q_ENVIRONMENT },
	[SEC_OPERATION] = { "operation", Q_OPERATION },
};

static int fail_rc(struct tsql_call *call, int rc, int r)
{
	tsql_set_return(call, rc);
	return r;
}

static int check_object(struct tsql_call *call, int64_t type, int64_t id)
{
	struct id_text text = id_text(id);
	int64_t one;
	struct err err;
	int r;

	if (type < SEC_FOLDER || type > SEC_OPERATION)
		return fail_rc(call, RC_OBJECT_TYPE,
		    raise_error(call, 27101, "@object_type", id_text(type).text));
	r = proc_int(call, &set, types[type].find, BINDS(b_int(id)), &one);
	if (r == 1) { /* hidden is as missing */
		r = session_may(call_session(call), (enum securable)type, id, PERM_READ, &err);
		if (r == 0)
			r = session_may(call_session(call), (enum securable)type, id, PERM_MANAGE, &err);
		if (r < 0)
			return proc_fail(call, &err);
	}
	if (r == 0)
		return fail_rc(call, RC_OBJECT, raise_error(call, 27197, types[type].words, text.text));
	if (r == 1)
		r = need_permission(call, (enum securable)type, id, PERM_MANAGE, 27192, text.text);
	return r < 0 ? fail_rc(call, RC_OTHER, r) : 0;
}

static int check_permission(struct tsql_call *call, int64_t type, int64_t permission)
{
	for (const int *p = applicable[type]; *p; p++)
		if (*p == permission)
			return 0;
	return fail_rc(call, RC_PERMISSION,
	    raise_error(call, 27191, id_text(permission).text, types[type].words));
}

static int check_principal(struct tsql_call *call, int64_t principal)
{
	int64_t one;
	int r = proc_int(call, &set, Q_PRINCIPAL, BINDS(b_int(principal)), &one);

	if (r == 0)
		return fail_rc(call, RC_PRINCIPAL,
		    raise_error(call, 27197, "principal", id_text(principal).text));
	return r < 0 ? r : 0;
}

static int check_all(struct tsql_call *call)
{
	int64_t type = arg_int(call, 0);
	int r = proc_check_args(call);

	if (r < 0)
		return fail_rc(call, RC_OTHER, r);
	r = check_object(call, type, arg_int(call, 1));
	if (r == 0)
		r = check_principal(call, arg_int(call, 2));
	if (r == 0 && !arg_null(call, 3))
		r = check_permission(call, type, arg_int(call, 3));
	return r;
}

static int put(struct tsql_call *call, int64_t permission, bool deny)
{
	int64_t grantor = session_user(call_session(call));

	return proc_run(call, &set, Q_PUT,
	    BINDS(b_int(arg_int(call, 0)), b_int(arg_int(call, 1)), b_int(arg_int(call, 2)),
		b_int(permission), b_int(deny), b_int(grantor)));
}

static int grant_permission(struct tsql_call *call)
{
	int64_t denied = 1;
	int r = check_all(call);

	if (r == 0)
		r = proc_int(call, &set, Q_FIND,
		    BINDS(b_int(arg_int(call, 0)), b_int(arg_int(call, 1)), b_int(arg_int(call, 2)),
			b_int(arg_int(call, 3))),
		    &denied);
	if (r == 1 && !denied)
		raise_error(call, 27161, NULL);
	return r < 0 ? r : put(call, arg_int(call, 3), false);
}

static int deny_permission(struct tsql_call *call)
{
	int r = check_all(call);

	if (r < 0 || !arg_null(call, 3))
		return r < 0 ? r : put(call, arg_int(call, 3), true);
	for (const int *p = applicable[arg_int(call, 0)]; *p && r == 0; p++)
		r = put(call, *p, true);
	return r;
}

static int revoke_permission(struct tsql_call *call)
{
	int r = check_all(call);

	return r < 0 ? r
		     : proc_run(call, &set, Q_REMOVE,
			   BINDS(b_int(arg_int(call, 0)), b_int(arg_int(call, 1)),
			       b_int(arg_int(call, 2)),
			       arg_null(call, 3) ? b_null() : b_int(arg_int(call, 3))));
}

static const struct tsql_proc procs[] = {
	PROC("grant_permission", grant_params, grant_permission),
	PROC("deny_permission", deny_params, deny_permission),
	PROC("revoke_permission", deny_params, revoke_permission),
};
const struct proc_family procs_permissions = { procs, ARRAY_LEN(procs) };
