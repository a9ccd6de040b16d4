/* SPDX-License-Identifier: MIT */
/*
 * Validating packages and projects: spec/catalog.md §1.7. A validation is an
 * execution that only loads and validates (taskspec.validate_only): it goes
 * through the same queue, always to the built-in local worker, and the end of
 * its try sets the validation_status of what it looked at (queue_run.c). A
 * project's has no package name: the runtime takes one package after the other.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "catalog/binding.h"
#include "catalog/operation.h"
#include "catalog/proc.h"
#include "catalog/registry.h"

enum { Q_PACKAGE, Q_VALIDATION, Q_EXECUTION, Q_MISSING, Q_MISSING_PACKAGES, Q_USES_VARIABLES, Q_REFERENCES, Q_COUNT };
static const char *const sql[] = {
	[Q_PACKAGE] = "SELECT package_id, name FROM package WHERE project_id = ?1 AND name = ?2",
	[Q_VALIDATION] = "INSERT INTO validation (validation_id, environment_scope, validate_type,"
			 " project_lsn, use32bitruntime, reference_id) VALUES (?1, ?2, 'F', ?3, ?4, ?5)",
	[Q_EXECUTION] = "INSERT INTO execution (execution_id, project_lsn, project_hash, reference_id,"
			" scale_out, queued) VALUES (?1, ?2,"
			" (SELECT hash FROM project_version WHERE version_lsn = ?2), ?3, 0, 1)",
	[Q_MISSING] = "SELECT name FROM execution_value WHERE execution_id = ?1 AND required = 1"
		      " AND value_set = 0 ORDER BY execution_parameter_id LIMIT 1",
	/* A package that is no entry point gets its values from the package that calls it. */
	[Q_MISSING_PACKAGES] = "SELECT a.name FROM parameter a JOIN package p ON p.project_id = a.project_id"
			       " AND p.name = a.object_name AND p.entry_point = 1 WHERE a.project_id = ?1"
			       " AND a.object_type = 30 AND a.required = 1 AND a.value_set = 0"
			       " ORDER BY a.parameter_id LIMIT 1",
	[Q_USES_VARIABLES] = "SELECT 1 FROM parameter WHERE project_id = ?1 AND value_set = 1"
			     " AND value_type = 'R' AND (object_type = 20 OR ?2 IS NULL OR object_name = ?2)"
			     " LIMIT 1",
	[Q_REFERENCES] = "SELECT reference_id FROM environment_reference WHERE project_id = ?1"
			 " AND reference_id > ?2 ORDER BY reference_id LIMIT 1",
};
static const struct stmt_set set = STMT_SET(STMT_VALIDATIONS, sql);

/* The third is the type of the validation in validate_project. */
enum { V_FOLDER, V_PROJECT, V_PACKAGE, V_TYPE = V_PACKAGE, V_ID, V_32BIT, V_SCOPE, V_REFERENCE };
#define VALIDATE_TAIL \
	{ "@validation_id", NULL, T_BIGINT, TSQL_PARAM_OUT | TSQL_PARAM_OPTIONAL, NULL }, \
	{ "@use32bitruntime", NULL, T_BIT, TSQL_PARAM_OPTIONAL, "0" }, \
	{ "@environment_scope", NULL, T_CHAR1, TSQL_PARAM_OPTIONAL, "D" }, \
	{ "@reference_id", NULL, T_BIGINT, TSQL_PARAM_OPTIONAL, NULL }
static const struct tsql_proc_param validate_project_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_name", NULL, T_SYSNAME, 0, NULL },
	{ "@validate_type", NULL, T_CHAR1, TSQL_PARAM_OPTIONAL, "F" },
	VALIDATE_TAIL,
};
static const struct tsql_proc_param validate_package_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_name", NULL, T_SYSNAME, 0, NULL },
	{ "@package_name", NULL, T_NVARCHAR(260), 0, NULL },
	VALIDATE_TAIL,
};

/* What is validated. */
struct subject {
	struct found project;
	int64_t package_id; /* 0 = the whole project */
	char package_name[NAME_BYTES];
	const char *package; /* that name; NULL = the whole project */
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
	snprintf(v->package_name, sizeof(v->package_name), "%s", col_text(q, 1));
	v->package = v->package_name;
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
	bool whole = !v->package;
	struct operation op = { .type = whole ? OPERATION_VALIDATE_PROJECT : OPERATION_VALIDATE_PACKAGE,
		.object_type = whole ? OBJECT_PROJECT : OBJECT_PACKAGE,
		.object_id = whole ? v->project.id : v->package_id,
		.object_name = whole ? v->project.name : v->package,
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
		    BINDS(b_int(*ret_id), b_int(v->project.version_lsn), b_id(v->env.reference_id)));
	return r;
}

static int check_missing(struct tsql_call *call, size_t query, int64_t id)
{
	char *missing = NULL;
	struct err err;
	int r = store_text(call_session(call)->catalog, &set, query, BINDS(b_int(id)), &missing, &err);

	if (r < 0)
		return proc_fail(call, &err);
	if (r == 1)
		r = raise_error(call, 27201, missing);
	free(missing);
	return r;
}

static int check_required(struct tsql_call *call, const struct subject *v, int64_t id)
{
	int r = check_missing(call, Q_MISSING, id);

	return r == 0 && !v->package ? check_missing(call, Q_MISSING_PACKAGES, v->project.id) : r;
}

/* The rest of both, once it is known what is to be validated. */
static int validate(struct tsql_call *call, struct subject *v)
{
	int64_t id = 0;
	int r = choose_environment(call, v);

	if (r == 0)
		r = add_validation(call, v, &id);
	if (r == 0)
		r = v->package ? binding_store(call, id, &v->project, v->package, &v->env)
			       : binding_store_project(call, id, &v->project, &v->env);
	if (r == 0)
		r = check_required(call, v, id);
	if (r < 0)
		return r;
	tsql_set_out(call, V_ID, tsql_bigint(id));
	call_session(call)->work_pending = true;
	return 0;
}

static int find_project_to_validate(struct tsql_call *call, struct subject *v)
{
	int r = proc_check_args(call);

	return r < 0 ? r
		     : need_project(call, arg_text(call, V_FOLDER), arg_text(call, V_PROJECT), NEED_READ, 0,
			   &v->project);
}

static int validate_package(struct tsql_call *call)
{
	struct subject v = { 0 };
	int r = find_project_to_validate(call, &v);

	if (r == 0)
		r = find_package(call, &v);
	return r < 0 ? r : validate(call, &v);
}

/* Dependency validation (D) is a code of the view that the procedure does not take, here as there. */
static int validate_project(struct tsql_call *call)
{
	const char *type = arg_text(call, V_TYPE);
	struct subject v = { 0 };
	int r = find_project_to_validate(call, &v);

	if (r == 0 && type && (type[0] & ~0x20) != 'F')
		r = raise_error(call, 27101, "@validate_type", type);
	return r < 0 ? r : validate(call, &v);
}

static const struct tsql_proc procs[] = {
	PROC("validate_project", validate_project_params, validate_project),
	PROC("validate_package", validate_package_params, validate_package),
};
const struct proc_family procs_validation = { procs, ARRAY_LEN(procs) };
