/* SPDX-License-Identifier: MIT */
/* Arguments, names and objects of procedures: the one place that decides between "missing" and "not allowed". */
#include "catalog/proc.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "catalog/operation.h"

enum { Q_FOLDER, Q_PROJECT, Q_ENVIRONMENT, Q_OPERATION, Q_COUNT };
static const char *const sql[] = {
	[Q_FOLDER] = "SELECT folder_id, folder_id, 0, 0, 0, name FROM folder WHERE name = ?1",
	[Q_PROJECT] = "SELECT project_id, folder_id, version_lsn, 0, 0, name FROM project"
		      " WHERE folder_id = ?1 AND name = ?2",
	[Q_ENVIRONMENT] = "SELECT environment_id, folder_id, 0, 0, 0, name FROM environment"
			  " WHERE folder_id = ?1 AND name = ?2",
	[Q_OPERATION] = "SELECT operation_id, 0, 0, operation_type, status, object_name FROM operation"
			" WHERE operation_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_LOOKUP, sql);

/* --- arguments --- */

bool arg_null(struct tsql_call *call, size_t index)
{
	return tsql_arg(call, index)->null;
}

const char *arg_text(struct tsql_call *call, size_t index)
{
	const struct tsql_value *value = tsql_arg(call, index);

	return value->null ? NULL : value->s.data;
}

int64_t arg_int(struct tsql_call *call, size_t index)
{
	const struct tsql_value *value = tsql_arg(call, index);

	return value->null ? 0 : value->i;
}

int proc_check_args(struct tsql_call *call)
{
	const struct tsql_proc *proc = tsql_call_proc(call);

	for (size_t i = 0; i < proc->param_count; i++)
		if (!(proc->params[i].flags & (TSQL_PARAM_OUT | TSQL_PARAM_OPTIONAL)) &&
		    arg_null(call, i))
			return raise_error(call, 27100, proc->params[i].name);
	return 0;
}

int proc_fail(struct tsql_call *call, const struct err *err)
{
	return tsql_call_fail(call, err);
}

/* --- names --- */

static const struct {
	int bad, empty;
	bool identifier; /* also the rule of parameters: a letter or _, then letters, digits, _ */
} kinds[] = {
	[NAME_FOLDER] = { 27199, 27189, false },
	[NAME_PROJECT] = { 27145, 27145, false },
	[NAME_ENVIRONMENT] = { 27142, 27142, false },
	[NAME_VARIABLE] = { 27180, 27180, true },
	[NAME_LEVEL] = { 27234, 27233, false },
};
_Static_assert(ARRAY_LEN(kinds) == NAME_KIND_COUNT, "one row per kind");

static bool plain_name(const char *name)
{
	size_t len = strlen(name);

	if (name[0] == ' ' || name[len - 1] == ' ' || name[0] == '@')
		return false;
	for (const unsigned char *p = (const unsigned char *)name; *p; p++)
		if (*p < 32 || *p == '"' || *p == '<' || *p == '>' || *p == '|')
			return false;
	return utf8_utf16_len(name, len) <= 128;
}

static bool is_word(uint32_t code, bool first)
{
	return code == '_' || (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
	    code >= 0xAA || (!first && code >= '0' && code <= '9');
}

static bool identifier_name(const char *name)
{
	size_t len = strlen(name), used;

	for (size_t i = 0; i < len; i += used)
		if (!is_word(utf8_decode(name + i, len - i, &used), i == 0))
			return false;
	return true;
}

int name_check(struct tsql_call *call, enum name_kind kind, const char *name)
{
	if (!name || !*name)
		return raise_error(call, kinds[kind].empty, "");
	if (!plain_name(name) || (kinds[kind].identifier && !identifier_name(name)))
		return raise_error(call, kinds[kind].bad, name);
	return 0;
}

/* --- objects --- */

static int find(struct tsql_call *call, size_t index, const struct bind *binds, struct found *ret)
{
	struct catalog *c = call_session(call)->catalog;
	sqlite3_stmt *q = store_query(c, &set, index, binds);
	struct err err;
	int r = store_step(c, q, &err);

	if (r < 0)
		return proc_fail(call, &err);
	if (r == 0)
		return 0;
	ret->id = sqlite3_column_int64(q, 0);
	ret->folder_id = sqlite3_column_int64(q, 1);
	ret->version_lsn = sqlite3_column_int64(q, 2);
	ret->type = sqlite3_column_int(q, 3);
	ret->status = sqlite3_column_int(q, 4);
	snprintf(ret->name, sizeof(ret->name), "%s", col_null(q, 5) ? "" : col_text(q, 5));
	store_reset(q);
	return 1;
}

int find_folder(struct tsql_call *call, const char *folder, struct found *ret)
{
	return find(call, Q_FOLDER, BINDS(b_text(folder)), ret);
}

int find_project(struct tsql_call *call, int64_t folder_id, const char *project, struct found *ret)
{
	return find(call, Q_PROJECT, BINDS(b_int(folder_id), b_text(project)), ret);
}

int find_environment(struct tsql_call *call, int64_t folder_id, const char *environment,
    struct found *ret)
{
	return find(call, Q_ENVIRONMENT, BINDS(b_int(folder_id), b_text(environment)), ret);
}

static int may(struct tsql_call *call, enum securable type, int64_t id, enum permission permission)
{
	struct err err;
	int r = session_may(call_session(call), type, id, permission, &err);

	return r < 0 ? proc_fail(call, &err) : r;
}

/* 1 = all of them, 0 = not all, negative = raised. */
static int may_all(struct tsql_call *call, enum securable type, int64_t id, unsigned needs)
{
	int r = 1;

	for (int permission = PERM_READ; permission <= PERM_MANAGE && r == 1; permission++)
		if (needs & NEED(permission))
			r = may(call, type, id, (enum permission)permission);
	return r;
}

int need_permission(struct tsql_call *call, enum securable type, int64_t id,
    enum permission permission, int denied, const char *insert)
{
	int r = may(call, type, id, permission);

	return r == 0 ? raise_error(call, denied, insert) : r < 0 ? r : 0;
}

int need_folder(struct tsql_call *call, const char *folder, unsigned needs, int denied,
    struct found *ret)
{
	int r = find_folder(call, folder, ret);

	if (r == 1)
		r = may(call, SEC_FOLDER, ret->id, PERM_READ);
	if (r == 0)
		return raise_error(call, 27104, folder);
	if (r == 1)
		r = may_all(call, SEC_FOLDER, ret->id, needs);
	return r == 0 ? raise_error(call, denied ? denied : 27104, ret->name) : r < 0 ? r : 0;
}

/* After the object was looked for in its folder: missing, hidden, or not allowed. */
static int judge(struct tsql_call *call, int r, enum securable type, const struct found *in,
    const struct found *object, const char *folder, const char *name, unsigned needs, int missing,
    int denied)
{
	int seen = 0;

	if (r == 1) {
		r = may_all(call, type, object->id, needs);
		if (r != 0)
			return r < 0 ? r : 0;
		seen = may(call, type, object->id, PERM_READ);
	}
	if (seen == 1)
		return raise_error(call, denied ? denied : missing, object->name);
	r = seen < 0 ? seen : may(call, SEC_FOLDER, in->id, PERM_READ);
	if (r < 0)
		return r;
	return r ? raise_error(call, missing, name) : raise_error(call, 27104, folder);
}

int need_project(struct tsql_call *call, const char *folder, const char *project, unsigned needs,
    int denied, struct found *ret)
{
	struct found in;
	int r = find_folder(call, folder, &in);

	if (r == 0)
		return raise_error(call, 27104, folder);
	if (r == 1)
		r = find_project(call, in.id, project, ret);
	return r < 0 ? r
		     : judge(call, r, SEC_PROJECT, &in, ret, folder, project, needs, 27109, denied);
}

int need_environment(struct tsql_call *call, const char *folder, const char *environment,
    unsigned needs, struct found *ret)
{
	struct found in;
	int r = find_folder(call, folder, &in);

	if (r == 0)
		return raise_error(call, 27104, folder);
	if (r == 1)
		r = find_environment(call, in.id, environment, ret);
	return r < 0 ? r
		     : judge(call, r, SEC_ENVIRONMENT, &in, ret, folder, environment, needs, 27182, 0);
}

int need_operation(struct tsql_call *call, int64_t id, unsigned needs, int number,
    struct found *ret)
{
	int r = find(call, Q_OPERATION, BINDS(b_int(id)), ret);

	if (r == 1)
		r = may_all(call, SEC_OPERATION, id, needs);
	return r == 0 ? raise_error(call, number, id_text(id).text) : r < 0 ? r : 0;
}

int need_execution(struct tsql_call *call, int64_t id, unsigned needs, struct found *ret)
{
	int r = need_operation(call, id, needs, 27103, ret);

	if (r == 0 && ret->type != OPERATION_EXECUTE)
		return raise_error(call, 27103, id_text(id).text);
	return r;
}

int need_open_execution(struct tsql_call *call, int number, struct found *ret)
{
	int r = need_execution(call, arg_int(call, 0), NEED_READ | NEED_MODIFY, ret);

	if (r == 0 && ret->status != STATUS_CREATED)
		return raise_error(call, number == 27121 && operation_is_final(ret->status) ? 27175 : number,
		    id_text(ret->id).text);
	return r;
}

int need_admin(struct tsql_call *call, int number, const char *insert)
{
	return session_is_admin(call_session(call)) ? 0 : raise_error(call, number, insert);
}

/* --- statements --- */

int proc_run(struct tsql_call *call, const struct stmt_set *stmts, size_t index,
    const struct bind *binds)
{
	struct err err;
	int r = store_run(call_session(call)->catalog, stmts, index, binds, &err);

	return r < 0 ? proc_fail(call, &err) : r;
}

int proc_int(struct tsql_call *call, const struct stmt_set *stmts, size_t index,
    const struct bind *binds, int64_t *ret)
{
	struct err err;
	int r = store_int(call_session(call)->catalog, stmts, index, binds, ret, &err);

	return r < 0 ? proc_fail(call, &err) : r;
}
