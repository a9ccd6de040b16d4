/* SPDX-License-Identifier: MIT */
/* References from projects to environments: spec/catalog.md §1.4. */
#include <string.h>

#include "base/mem.h"
#include "catalog/proc.h"
#include "catalog/registry.h"

enum { Q_ADD, Q_EXISTS, Q_FIND, Q_DELETE, Q_SET, Q_COUNT };
static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO environment_reference (project_id, reference_type,"
		  " environment_folder_name, environment_name) VALUES (?1, ?2, ?3, ?4)",
	[Q_EXISTS] = "SELECT 1 FROM environment_reference WHERE project_id = ?1 AND reference_type = ?2"
		     " AND environment_folder_name IS ?3 AND environment_name = ?4",
	[Q_FIND] = "SELECT r.project_id, r.environment_name, f.name FROM environment_reference r"
		   " JOIN project p USING (project_id) JOIN folder f USING (folder_id)"
		   " WHERE r.reference_id = ?1",
	[Q_DELETE] = "DELETE FROM environment_reference WHERE reference_id = ?1",
	[Q_SET] = "UPDATE environment_reference SET reference_type = ?2, environment_folder_name = ?3"
		  " WHERE reference_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_REFERENCES, sql);

/* R or A, upper case; A needs a folder. Sets the folder to store (NULL for R). */
static int check_location(struct tsql_call *call, size_t type_arg, size_t folder_arg,
    char ret_type[2], const char **ret_folder)
{
	const char *type = arg_text(call, type_arg);
	const char *param = tsql_call_proc(call)->params[type_arg].name;
	char c = type[0] == 'r' ? 'R' : type[0] == 'a' ? 'A' : type[0];

	if ((c != 'R' && c != 'A') || type[1])
		return raise_error(call, 27101, param, type);
	ret_type[0] = c;
	ret_type[1] = '\0';
	*ret_folder = c == 'A' ? arg_text(call, folder_arg) : NULL;
	if (c == 'A' && (!*ret_folder || !**ret_folder))
		return raise_error(call, 27100, "@environment_folder_name");
	return 0;
}

/* READ on the environment where it exists; references are by name, so it need not. */
static int may_use_environment(struct tsql_call *call, const char *folder, const char *name)
{
	struct found in, env;
	int r = find_folder(call, folder, &in);

	if (r == 1)
		r = find_environment(call, in.id, name, &env);
	if (r == 1)
		return need_permission(call, SEC_ENVIRONMENT, env.id, PERM_READ, 27182, name);
	if (r == 0 && !session_is_admin(call_session(call)))
		return raise_error(call, 27182, name);
	return r;
}

static const struct tsql_proc_param create_reference_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_name", NULL, T_SYSNAME, 0, NULL },
	{ "@environment_name", NULL, T_SYSNAME, 0, NULL },
	{ "@reference_location", "@reference_type", T_CHAR1, 0, NULL },
	{ "@environment_folder_name", NULL, T_SYSNAME, TSQL_PARAM_OPTIONAL, NULL },
	{ "@reference_id", NULL, T_BIGINT, TSQL_PARAM_OUT | TSQL_PARAM_OPTIONAL, NULL },
};

static int create_environment_reference(struct tsql_call *call)
{
	const char *name = arg_text(call, 2), *folder = NULL;
	struct found project;
	char type[2];
	int64_t one;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_project(call, arg_text(call, 0), arg_text(call, 1), NEED_READ | NEED_MODIFY, 0,
		    &project);
	if (r == 0)
		r = check_location(call, 3, 4, type, &folder);
	if (r == 0)
		r = name_check(call, NAME_ENVIRONMENT, name);
	if (r == 0)
		r = may_use_environment(call, folder ? folder : arg_text(call, 0), name);
	if (r == 0)
		r = proc_int(call, &set, Q_EXISTS,
		    BINDS(b_int(project.id), b_text(type), b_text(folder), b_text(name)), &one);
	if (r == 1)
		return raise_error(call, 27204, project.name, name);
	if (r == 0)
		r = proc_run(call, &set, Q_ADD,
		    BINDS(b_int(project.id), b_text(type), b_text(folder), b_text(name)));
	if (r == 0)
		tsql_set_out(call, 5, tsql_bigint(store_last_id(call_session(call)->catalog)));
	return r;
}

struct reference {
	int64_t id, project_id;
	char environment[NAME_BYTES], folder[NAME_BYTES];
};

/* 27114 also when the project may not be changed. */
static int need_reference(struct tsql_call *call, struct reference *ret)
{
	struct session *s = call_session(call);
	sqlite3_stmt *q;
	struct err err;
	int r = proc_check_args(call);

	if (r < 0)
		return r;
	ret->id = arg_int(call, 0);
	q = store_query(s->catalog, &set, Q_FIND, BINDS(b_int(ret->id)));
	r = store_step(s->catalog, q, &err);
	if (r == 1) {
		ret->project_id = sqlite3_column_int64(q, 0);
		snprintf(ret->environment, sizeof(ret->environment), "%s", col_text(q, 1));
		snprintf(ret->folder, sizeof(ret->folder), "%s", col_text(q, 2));
		store_reset(q);
		r = session_may(s, SEC_PROJECT, ret->project_id, PERM_MODIFY, &err);
	}
	if (r < 0)
		return proc_fail(call, &err);
	return r == 0 ? raise_error(call, 27114, id_text(ret->id).text) : 0;
}

static const struct tsql_proc_param delete_reference_params[] = {
	{ "@reference_id", NULL, T_BIGINT, 0, NULL },
};

static int delete_environment_reference(struct tsql_call *call)
{
	struct reference ref;
	int r = need_reference(call, &ref);

	return r < 0 ? r : proc_run(call, &set, Q_DELETE, BINDS(b_int(ref.id)));
}

static const struct tsql_proc_param set_reference_type_params[] = {
	{ "@reference_id", NULL, T_BIGINT, 0, NULL },
	{ "@reference_type", "@reference_location", T_CHAR1, 0, NULL },
	{ "@environment_folder_name", NULL, T_SYSNAME, TSQL_PARAM_OPTIONAL, NULL },
};

static int set_environment_reference_type(struct tsql_call *call)
{
	const char *folder = NULL;
	struct reference ref;
	char type[2];
	int r = need_reference(call, &ref);

	if (r == 0)
		r = need_permission(call, SEC_PROJECT, ref.project_id, PERM_READ, 27114,
		    id_text(ref.id).text);
	if (r == 0)
		r = check_location(call, 1, 2, type, &folder);
	if (r == 0)
		r = may_use_environment(call, folder ? folder : ref.folder, ref.environment);
	return r < 0 ? r
		     : proc_run(call, &set, Q_SET, BINDS(b_int(ref.id), b_text(type), b_text(folder)));
}

static const struct tsql_proc procs[] = {
	PROC("create_environment_reference", create_reference_params, create_environment_reference),
	PROC("delete_environment_reference", delete_reference_params, delete_environment_reference),
	PROC("set_environment_reference_type", set_reference_type_params,
	    set_environment_reference_type),
	PROC("set_environment_reference_location", set_reference_type_params,
	    set_environment_reference_type),
};
const struct proc_family procs_references = { procs, ARRAY_LEN(procs) };
