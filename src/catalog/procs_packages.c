/* SPDX-License-Identifier: MIT */
/*
 * deploy_packages: spec/catalog.md §1.2. Packages go into the current version's
 * file, which is then deployed as a new version: the project keeps its other
 * packages, their values and the secrets that were taken out of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "catalog/deploy_operation.h"
#include "catalog/registry.h"
#include "package/put_packages.h"

enum { P_FOLDER, P_PROJECT, P_PACKAGES, P_OPERATION };
static const struct tsql_proc_param deploy_packages_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@project_name", NULL, T_SYSNAME, 0, NULL },
	{ "@packages_table", NULL, { .type = TSQL_UNKNOWN }, TSQL_PARAM_TABLE, NULL },
	{ "@operation_id", NULL, T_BIGINT, TSQL_PARAM_OUT | TSQL_PARAM_OPTIONAL, NULL },
};

static const struct tsql_view_column package_columns[] = {
	{ "name", T_NVARCHAR(260), "name.dtsx", NULL },
	{ "package_data", T_BYTES, "bytes of the package file", NULL },
};
const struct tsql_table_type package_table_type = { "SSISDB", "catalog", "Package_Table_Type", package_columns,
	ARRAY_LEN(package_columns) };

/* The project, for who may change it or make objects in its folder. */
static int find_target(struct tsql_call *call, struct found *in, struct found *project)
{
	const char *folder = arg_text(call, P_FOLDER), *name = arg_text(call, P_PROJECT);
	struct session *s = call_session(call);
	struct err err;
	int found = find_folder(call, folder, in), r;

	if (found == 0)
		return raise_error(call, 27104, folder);
	if (found == 1)
		found = find_project(call, in->id, name, project);
	if (found < 0)
		return found;
	r = session_may(s, SEC_FOLDER, in->id, PERM_CREATE_OBJECTS, &err);
	if (r == 0 && found)
		r = session_may(s, SEC_PROJECT, project->id, PERM_MODIFY, &err);
	if (r == 1)
		return found ? 0 : raise_error(call, 27109, name);
	if (r == 0 && found && (r = session_may(s, SEC_PROJECT, project->id, PERM_READ, &err)) == 1)
		return raise_error_list(call, 27206, (const char *const[]){ project->name, in->name, NULL });
	if (r == 0)
		r = session_may(s, SEC_FOLDER, in->id, PERM_READ, &err);
	if (r < 0)
		return proc_fail(call, &err);
	return r ? raise_error(call, 27109, name) : raise_error(call, 27104, folder);
}

/* --- the rows of the table --- */

struct packages {
	struct tsql_call *call;
	VEC(struct package_file) files;
};

static int on_row(void *ctx, const struct tsql_value *values, size_t count)
{
	struct packages *p = ctx;

	for (size_t i = 0; i < count; i++)
		if (values[i].null)
			return raise_error(p->call, 27100, package_columns[i].name);
	struct package_file file = { xstrndup(values[0].s.data, values[0].s.len),
		xmemdup(values[1].s.data ? values[1].s.data : "", values[1].s.len), values[1].s.len };
	vec_push(&p->files, file);
	return 0;
}

static int read_packages(struct tsql_call *call, struct packages *p)
{
	int r;

	p->call = call;
	r = tsql_arg_rows(call, P_PACKAGES, on_row, p);
	return r == 0 && p->files.len == 0 ? raise_error(call, 27102, "@packages_table") : r;
}

static void packages_release(struct packages *p)
{
	for (size_t i = 0; i < p->files.len; i++) {
		free(p->files.items[i].name);
		free(p->files.items[i].data);
	}
	vec_release(&p->files);
}

/* --- the new version --- */

static bool is_given(void *ctx, const char *package)
{
	const struct packages *p = ctx;

	for (size_t i = 0; i < p->files.len; i++)
		if (utf8_casecmp(p->files.items[i].name, package) == 0)
			return true;
	return false;
}

/* Say what was left out, beside what reading the project says. */
static void add_warnings(struct project *project, const struct buf *lines)
{
	for (const char *at = lines->data; *at;) {
		size_t len = strcspn(at, "\n");

		project->warnings = xreallocarray(project->warnings, project->warning_count + 1, sizeof(*project->warnings));
		project->warnings[project->warning_count++] = xstrndup(at, len);
		at += len + (at[len] == '\n');
	}
}

static int deploy(struct session *s, struct deployment *d, struct packages *p, struct err *err)
{
	struct buf base = BUF_INIT, file = BUF_INIT, warnings = BUF_INIT;
	struct project *project = NULL;
	int r = deploy_read_version(s, d->based_on, &base, err);

	if (r == 0)
		r = project_put_packages(base.data, base.len, p->files.items, p->files.len, &file, &warnings, err);
	buf_release(&base);
	if (r == 0)
		r = project_read(file.data, file.len, NULL, &project, err);
	if (r == 0)
		r = deploy_secrets(s->catalog, d->based_on, project, is_given, p, err);
	if (r == 0) {
		add_warnings(project, &warnings);
		d->project = project;
		d->data = file.data;
		d->len = file.len;
		d->unlocked = true;
		r = deploy_write(s, d, err);
	}
	project_free(project);
	buf_release(&warnings);
	buf_release(&file);
	return r;
}

static int deploy_packages(struct tsql_call *call)
{
	struct session *s = call_session(call);
	struct packages packages = { 0 };
	struct deployment d = { 0 };
	struct found in, project;
	struct err err = { 0 };
	int r = arg_null(call, P_FOLDER) ? raise_error(call, 27100, "@folder_name")
	    : arg_null(call, P_PROJECT)  ? raise_error(call, 27100, "@project_name")
					 : find_target(call, &in, &project);

	if (r == 0)
		r = read_packages(call, &packages);
	if (r == 0)
		r = deploy_begin(call, OPERATION_DEPLOY, &project, project.name, &d.operation_id);
	if (r == 0) {
		tsql_set_out(call, P_OPERATION, tsql_bigint(d.operation_id));
		d.folder_id = in.id;
		d.project_id = project.id;
		d.based_on = project.version_lsn;
		d.name = project.name;
		r = deploy(s, &d, &packages, &err);
		if (r < 0) {
			deploy_failed(s, d.operation_id, &err);
			r = raise_error(call, 27231, project.name, id_text(d.operation_id).text, err.primary);
		}
	}
	packages_release(&packages);
	return r;
}

static const struct tsql_proc procs[] = {
	{ .database = "SSISDB", .schema = "catalog", .name = "deploy_packages", .params = deploy_packages_params,
	    .param_count = ARRAY_LEN(deploy_packages_params), .run = deploy_packages, .table_type = &package_table_type,
	    .no_transaction = true },
};
const struct proc_family procs_packages = { procs, ARRAY_LEN(procs) };
