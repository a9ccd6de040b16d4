/* SPDX-License-Identifier: MIT */
/*
 * Validating packages: spec/catalog.md §1.7. A validation is an execution that
 * only loads and validates (taskspec.validate_only): it goes through the same
 * queue, always to the built-in local worker, and the end of its try sets the
 * package's validation_status (queue_run.c).
 */
#include <string.h>

#include "base/mem.h"
#include "catalog/binding.h"
#include "catalog/operation.h"
#include "catalog/proc.h"
#include "catalog/registry.h"

enum { Q_PACKAGE, Q_VALIDATION, Q_EXECUTION, Q_MISSING, Q_USES_VARIABLES, Q_REFERENCES, Q_COUNT };
static const char *const sql[] = {
	[Q_PACKAGE] = "SELECT package_id, name FROM package WHERE project_id = ?1 AND name = ?2",
	[Q_VALIDATION] = "INSERT INTO validation (validation_id, environment_scope, validate_type,"
			 " project_lsn, use32bitruntime, reference_id) VALUES (?1, ?2, 'F', ?3, ?4, ?5)",
	[Q_EXECUTION] = "INSERT INTO execution (execution_id, project_lsn, project_hash, reference_id,"
			" executed_as_name, scale_out, queued) VALUES (?1, ?2,"
			" (SELECT hash FROM project_version WHERE version_lsn = ?2), ?3, ?4, 0, 1)",
	[Q_MISSING] = "SELECT name FROM execution_value WHERE execution_id = ?1 AND required = 1"
		      " AND value_set = 0 ORDER BY execution_parameter_id LIMIT 1",
	[Q_USES_VARIABLES] = "SELECT 1 FROM parameter WHERE project_id = ?1 AND value_set = 1"
			     " AND value_type = 'R' AND (object_type = 20 OR object_name = ?2) LIMIT 1",
	[Q_REFERENCES] = "SELECT reference_id FROM environment_reference WHERE project_id = ?1"
			 " AND reference_id > ?2 ORDER BY reference_id LIMIT 1",
};
static const struct stmt_set set = STMT_SET(STMT_VALIDATIONS, sql);

enum { V_FOLDER, V_PROJECT, V_PACKAGE, V_ID, V_32BIT, V_SCOPE, V_REFERENCE };
static const struct tsql_proc_param validate_package_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_name", NULL, T_SYSNAME, 0, NULL },
	{ "@package_name", NULL, T_NVARCHAR(260), 0, NULL },
	{ "@validation_id", NULL, T_BIGINT, TSQL_PARAM_OUT | TSQL_PARAM_OPTIONAL, NULL },
	{ "@use32bitruntime", NULL, T_BIT, TSQL_PARAM_OPTIONAL, "0" },
	{ "@environment_scope", NULL, T_CHAR1, TSQL_PARAM_OPTIONAL, "D" },
	{ "@reference_id", NULL, T_BIGINT, TSQL_PARAM_OPTIONAL, NULL },
};

/* What is validated. */
struct subject {
	struct found project;
	int64_t package_id;
	char package[NAME_BYTES];
	char scope;
	struct environment_ref env;
};

static int find_package(struct tsql_call *call, struct subject *v)
{
	struct catalog *c = call_session(call)->catalog;
	const char *name = arg_text(call, V_PACKAGE);
	sqlite3_stmt *q = store_query(c, &set, Q_PACKAGE, BINDS(b_int(v->project.id), b_text(name)));
	struct err err;
	int r = store_step(c, q, &err);

	if (r <= 0)
		return r < 0 ? proc_fail(call, &err) : raise_error(call, 27146, name);
	v->package_id = sqlite3_column_int64(q, 0);
	snprintf(v->package, sizeof(v->package), "%s", col_text(q, 1));
	store_reset(q);
	return 0;
}

static int accept(void *ctx, const struct bound *bound)
{
	(void)ctx, (void)bound;
	return 0;
}

/* Scope A: every reference must resolve, with all the variables that the package uses. */
static int check_all_references(struct tsql_call *call, struct subject *v)
{
	struct environment_ref env = { 0 };
	int64_t id = 0;
	int r;

	while ((r = proc_int(call, &set, Q_REFERENCES, BINDS(b_int(v->project.id), b_int(id)), &id)) == 1) {
		r = binding_reference(call, &v->project, id, &env);
		if (r == 0)
			r = binding_each(call, &v->project, v->package, &env, accept, NULL);
		if (r < 0)
			return r;
	}
	v->env = env;
	return r;
}

static int choose_environment(struct tsql_call *call, struct subject *v)
{
	const char *scope = arg_text(call, V_SCOPE);
	int64_t one;
	int r;

	v->scope = scope ? scope[0] & ~0x20 : 'D'; /* upper case */
	if (v->scope == 'S' && arg_null(call, V_REFERENCE))
		return raise_error(call, 27100, "@reference_id");
	if (v->scope == 'S')
		return binding_reference(call, &v->project, arg_int(call, V_REFERENCE), &v->env);
	if (v->scope != 'A' && v->scope != 'D')
		return raise_error(call, 27101, "@environment_scope", scope);
	r = v->scope == 'A' ? check_all_references(call, v) : 0;
	if (r < 0 || v->env.environment_id)
		return r;
	r = proc_int(call, &set, Q_USES_VARIABLES, BINDS(b_int(v->project.id), b_text(v->package)), &one);
	return r == 1 ? raise_error(call, 27202, v->project.name) : r;
}

static int add_validation(struct tsql_call *call, const struct subject *v, int64_t *ret_id)
{
	struct session *s = call_session(call);
	struct operation op = { .type = OPERATION_VALIDATE_PACKAGE,
		.object_type = OBJECT_PACKAGE,
		.object_id = v->package_id,
		.object_name = v->package,
		.status = STATUS_PENDING,
		.folder = arg_text(call, V_FOLDER),
		.project = v->project.name,
		.package = v->package };
	const char scope[2] = { v->scope, '\0' };
	struct err err;
	int r = operation_add(s, &op, ret_id, &err);

	if (r < 0)
		return proc_fail(call, &err);
	r = proc_run(call, &set, Q_VALIDATION,
	    BINDS(b_int(*ret_id), b_text(scope), b_int(v->project.version_lsn),
		b_int(arg_int(call, V_32BIT)), b_id(v->env.reference_id)));
	if (r == 0)
		r = proc_run(call, &set, Q_EXECUTION,
		    BINDS(b_int(*ret_id), b_int(v->project.version_lsn), b_id(v->env.reference_id),
			b_text(s->login)));
	return r;
}

static int check_required(struct tsql_call *call, int64_t id)
{
	char missing[NAME_BYTES] = "";
	struct catalog *c = call_session(call)->catalog;
	sqlite3_stmt *q = store_query(c, &set, Q_MISSING, BINDS(b_int(id)));
	struct err err;
	int r = store_step(c, q, &err);

	if (r <= 0)
		return r < 0 ? proc_fail(call, &err) : 0;
	snprintf(missing, sizeof(missing), "%s", col_text(q, 0));
	store_reset(q);
	return raise_error(call, 27201, missing);
}

static int validate_package(struct tsql_call *call)
{
	struct subject v = { 0 };
	int64_t id = 0;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_project(call, arg_text(call, V_FOLDER), arg_text(call, V_PROJECT), NEED_READ, 0,
		    &v.project);
	if (r == 0)
		r = find_package(call, &v);
	if (r == 0)
		r = choose_environment(call, &v);
	if (r == 0)
		r = add_validation(call, &v, &id);
	if (r == 0)
		r = binding_store(call, id, &v.project, v.package, &v.env);
	if (r == 0)
		r = check_required(call, id);
	if (r < 0)
		return r;
	tsql_set_out(call, V_ID, tsql_bigint(id));
	call_session(call)->work_pending = true;
	return 0;
}

static const struct tsql_proc procs[] = {
	PROC("validate_package", validate_package_params, validate_package),
};
const struct proc_family procs_validation = { procs, ARRAY_LEN(procs) };
