/* SPDX-License-Identifier: MIT */
/*
 * Projects: spec/catalog.md §1.2. Deploying and restoring are operations: the
 * record is committed first, the archive is read without holding any lock,
 * and either everything or only the record's failure and messages is written.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "catalog/deploy.h"
#include "catalog/deploy_operation.h"
#include "catalog/operation.h"
#include "catalog/proc.h"
#include "catalog/registry.h"
#include "package/event.h"
#include "package/unlock.h"

enum { Q_VERSION, Q_DELETE, Q_PERMISSIONS, Q_MOVE, Q_COUNT };
static const char *const sql[] = {
	[Q_VERSION] = "SELECT 1 FROM project_version WHERE version_lsn = ?1 AND project_id = ?2",
	[Q_DELETE] = "DELETE FROM project WHERE project_id = ?1",
	[Q_PERMISSIONS] = "DELETE FROM permission WHERE object_type = 2 AND object_id = ?1",
	[Q_MOVE] = "UPDATE project SET folder_id = ?2 WHERE project_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_PROJECTS, sql);

/* --- deploy_project --- */

enum { DEPLOY_FOLDER, DEPLOY_PROJECT, DEPLOY_STREAM, DEPLOY_OPERATION, DEPLOY_PASSWORD };
static const struct tsql_proc_param deploy_project_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_stream", "@projectstream", T_BYTES, 0, NULL },
	{ "@operation_id", NULL, T_BIGINT, TSQL_PARAM_OUT | TSQL_PARAM_OPTIONAL, NULL },
};

/* [scaleout].[deploy_project]: the same with the password that protects the file. */
static const struct tsql_proc_param deploy_protected_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_stream", "@projectstream", T_BYTES, 0, NULL },
	{ "@operation_id", NULL, T_BIGINT, TSQL_PARAM_OUT | TSQL_PARAM_OPTIONAL, NULL },
	{ "@password", NULL, T_TEXT, TSQL_PARAM_OPTIONAL, NULL },
};

/*
 * Where the project goes and whether the caller may put it there. project->id
 * is 0 for a new one. Only who may create projects in the folder learns that a
 * hidden one has the name.
 */
static int find_target(struct tsql_call *call, const char *folder, const char *name,
    struct found *in, struct found *project)
{
	struct session *s = call_session(call);
	struct err err;
	bool there;
	int r = find_folder(call, folder, in);

	*project = (struct found){ 0 };
	if (r == 0)
		return raise_error(call, 27104, folder);
	if (r == 1)
		r = find_project(call, in->id, name, project);
	if (r < 0)
		return r;
	there = r == 1;
	if (there && (r = session_may(s, SEC_PROJECT, project->id, PERM_MODIFY, &err)) != 0)
		return r < 0 ? proc_fail(call, &err) : 0;
	r = session_may(s, SEC_FOLDER, in->id, PERM_CREATE_OBJECTS, &err);
	if (r == 1)
		return there ? raise_error(call, 27181, name) : 0;
	if (r == 0)
		r = session_may(s, SEC_FOLDER, in->id, PERM_READ, &err);
	if (r < 0)
		return proc_fail(call, &err);
	return r == 1 ? raise_error(call, 27206, name, in->name) : raise_error(call, 27104, folder);
}

static int read_archive(const void *data, size_t len, const char *name, const char *password,
    struct project **ret, struct err *err)
{
	int r = project_read(data, len, password, ret, err);

	if (r == 0 && utf8_casecmp((*ret)->name, name) != 0) {
		r = err_set(err, ERR_INVALID,
		    "the project in the file is named \"%s\", not \"%s\"", (*ret)->name, name);
		project_free(*ret);
		*ret = NULL;
	}
	return r;
}

/* Warnings about secrets that nothing can take, beside those of reading. */
static void add_warnings(struct project *project, struct project_unlocked *unlocked)
{
	project->warnings = xreallocarray(project->warnings,
	    project->warning_count + unlocked->warning_count + 1, sizeof(*project->warnings));
	for (size_t i = 0; i < unlocked->warning_count; i++)
		project->warnings[project->warning_count++] = xstrdup(unlocked->warnings[i]);
}

/* With a password: what is stored, and goes to workers, is the file without its secrets. */
static int unlock(const struct tsql_value *stream, const char *password, struct project *project,
    struct project_unlocked *ret, struct err *err)
{
	int r = project_unlock(stream->s.data, stream->s.len, password, ret, err);

	if (r == 0) {
		project_give_secrets(project, ret->secrets, ret->secret_count);
		add_warnings(project, ret);
	}
	return r;
}

static int deploy_project(struct tsql_call *call)
{
	struct session *s = call_session(call);
	const char *password = tsql_call_proc(call)->param_count > DEPLOY_PASSWORD
	    ? arg_text(call, DEPLOY_PASSWORD)
	    : NULL;
	struct project_unlocked unlocked = { .file = BUF_INIT };
	const struct tsql_value *stream = tsql_arg(call, DEPLOY_STREAM);
	const char *name = arg_text(call, DEPLOY_PROJECT);
	struct deployment d = { 0 };
	struct project *project = NULL;
	struct found in, existing;
	struct err err = { 0 };
	int r = proc_check_args(call);

	if (r == 0)
		r = name_check(call, NAME_PROJECT, name);
	if (r == 0)
		r = find_target(call, arg_text(call, DEPLOY_FOLDER), name, &in, &existing);
	if (r == 0)
		r = deploy_begin(call, OPERATION_DEPLOY, &existing, name, &d.operation_id);
	if (r < 0)
		return r;
	tsql_set_out(call, DEPLOY_OPERATION, tsql_bigint(d.operation_id));
	r = read_archive(stream->s.data, stream->s.len, name, password, &project, &err);
	if (r == 0 && password)
		r = unlock(stream, password, project, &unlocked, &err);
	if (r == 0) {
		d.project = project;
		d.unlocked = password != NULL;
		d.data = password ? unlocked.file.data : stream->s.data;
		d.len = password ? unlocked.file.len : stream->s.len;
		d.folder_id = in.id;
		d.project_id = existing.id;
		d.name = existing.id ? existing.name : name;
		r = deploy_write(s, &d, &err);
	}
	project_free(project);
	project_unlocked_release(&unlocked);
	if (r == 0)
		return 0;
	deploy_failed(s, d.operation_id, &err);
	return raise_error(call, 27203, name, id_text(d.operation_id).text, err.primary);
}

/* --- get_project --- */

static const struct tsql_proc_param project_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_name", NULL, T_SYSNAME, 0, NULL },
};

static int send_stream(struct tsql_call *call, const char *name, int64_t version_lsn)
{
	static const struct tsql_column column = { "project_stream", T_BYTES };
	struct buf bytes = BUF_INIT;
	struct tsql_value value;
	struct err err;
	int r = deploy_read_version(call_session(call), version_lsn, &bytes, &err);

	if (r < 0) {
		buf_release(&bytes);
		return raise_error(call, 27170, name, err.primary);
	}
	value = tsql_varbinary(bytes.data, bytes.len);
	buf_release(&bytes);
	r = tsql_call_columns(call, &column, 1);
	if (r == 0)
		r = tsql_call_row(call, &value, 1);
	tsql_value_release(&value);
	return r;
}

static int get_project(struct tsql_call *call)
{
	struct found project;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_project(call, arg_text(call, 0), arg_text(call, 1), NEED_READ, 0, &project);
	return r < 0 ? r : send_stream(call, project.name, project.version_lsn);
}

/* --- delete_project, move_project --- */

static int delete_project(struct tsql_call *call)
{
	struct found project;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_project(call, arg_text(call, 0), arg_text(call, 1), NEED_READ | NEED_MODIFY, 0,
		    &project);
	if (r == 0)
		r = proc_run(call, &set, Q_PERMISSIONS, BINDS(b_int(project.id)));
	return r < 0 ? r : proc_run(call, &set, Q_DELETE, BINDS(b_int(project.id)));
}

static const struct tsql_proc_param move_project_params[] = {
	{ "@source_folder", NULL, T_SYSNAME, 0, NULL },
	{ "@project_name", NULL, T_SYSNAME, 0, NULL },
	{ "@destination_folder", NULL, T_SYSNAME, 0, NULL },
};

/* CREATE_OBJECTS is enough; without it a folder that cannot be read is as missing. */
static int need_destination(struct tsql_call *call, const char *name, struct found *ret)
{
	struct session *s = call_session(call);
	struct err err;
	int r = find_folder(call, name, ret);

	if (r <= 0)
		return r < 0 ? r : raise_error(call, 27115, name);
	r = session_may(s, SEC_FOLDER, ret->id, PERM_CREATE_OBJECTS, &err);
	if (r == 1)
		return 0;
	if (r == 0)
		r = session_may(s, SEC_FOLDER, ret->id, PERM_READ, &err);
	if (r < 0)
		return proc_fail(call, &err);
	return r == 1 ? raise_error(call, 27223, ret->name) : raise_error(call, 27115, name);
}

static int move_project(struct tsql_call *call)
{
	const char *target = arg_text(call, 2);
	struct found project, folder, other;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_project(call, arg_text(call, 0), arg_text(call, 1), NEED_READ | NEED_MODIFY, 0,
		    &project);
	if (r == 0)
		r = need_destination(call, target, &folder);
	if (r == 0)
		r = find_project(call, folder.id, project.name, &other);
	if (r == 1 && other.id != project.id)
		return raise_error(call, 27181, project.name);
	return r < 0 ? r
		     : proc_run(call, &set, Q_MOVE, BINDS(b_int(project.id), b_int(folder.id)));
}

/* --- restore_project --- */

static const struct tsql_proc_param restore_project_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_name", NULL, T_SYSNAME, 0, NULL },
	{ "@object_version_lsn", NULL, T_BIGINT, 0, NULL },
};

static int write_restored(struct session *s, const struct deployment *d, int64_t version_lsn,
    struct err *err)
{
	struct store_tx tx;
	int r = store_begin(s->catalog, &tx, err);

	if (r == 0)
		r = deploy_restore(s, d, version_lsn, err);
	if (r == 0)
		r = operation_finish(s, d->operation_id, STATUS_SUCCEEDED, 0, err);
	return store_end(s->catalog, &tx, r, err);
}

static int restore_version(struct tsql_call *call, const struct found *project, int64_t version_lsn)
{
	struct session *s = call_session(call);
	struct deployment d = { .project_id = project->id, .name = project->name, .reset = true };
	struct id_text version = id_text(version_lsn);
	struct project *content = NULL;
	struct buf bytes = BUF_INIT;
	struct err err = { 0 };
	int r = deploy_begin(call, OPERATION_RESTORE, project, project->name, &d.operation_id);

	if (r < 0)
		return r;
	raise_error(call, 27151, project->name, version.text);
	r = deploy_read_version(s, version_lsn, &bytes, &err);
	if (r == 0)
		r = project_read(bytes.data, bytes.len, NULL, &content, &err);
	if (r == 0)
		r = deploy_secrets(s->catalog, version_lsn, content, NULL, NULL, &err);
	d.project = content;
	if (r == 0)
		r = write_restored(s, &d, version_lsn, &err);
	project_free(content);
	buf_release(&bytes);
	if (r < 0) {
		deploy_failed(s, d.operation_id, &err);
		return raise_error(call, 27203, project->name, id_text(d.operation_id).text,
		    err.primary);
	}
	raise_error(call, 27152, project->name, version.text);
	return send_stream(call, project->name, version_lsn);
}

static int restore_project(struct tsql_call *call)
{
	int64_t version_lsn = arg_int(call, 2), one;
	struct id_text version = id_text(version_lsn);
	struct found project;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_project(call, arg_text(call, 0), arg_text(call, 1), NEED_READ | NEED_MODIFY, 0,
		    &project);
	if (r < 0)
		return r;
	if (project.version_lsn == version_lsn)
		return raise_error(call, 27155, project.name, version.text);
	r = proc_int(call, &set, Q_VERSION, BINDS(b_int(version_lsn), b_int(project.id)), &one);
	if (r == 0)
		return raise_error(call, 27179, version.text, project.name);
	return r < 0 ? r : restore_version(call, &project, version_lsn);
}

#define OPERATION(name_, params_, run_) \
	{ .database = "SSISDB", .schema = "catalog", .name = (name_), .params = (params_), \
		.param_count = ARRAY_LEN(params_), .run = (run_), .no_transaction = true }
static const struct tsql_proc procs[] = {
	OPERATION("deploy_project", deploy_project_params, deploy_project),
	{ .database = "SSISDB", .schema = "scaleout", .name = "deploy_project",
		.params = deploy_protected_params, .param_count = ARRAY_LEN(deploy_protected_params),
		.run = deploy_project, .no_transaction = true },
	OPERATION("get_project", project_params, get_project),
	PROC("delete_project", project_params, delete_project),
	PROC("move_project", move_project_params, move_project),
	OPERATION("restore_project", restore_project_params, restore_project),
};
const struct proc_family procs_projects = { procs, ARRAY_LEN(procs) };
