/* SPDX-License-Identifier: MIT */
/*
 * Deployment. Packages and parameters that stay keep their rows (and so their
 * ids and server values); new ones are added, vanished ones deleted. The
 * archive has been read and judged before any of this begins.
 */
#include "catalog/deploy.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "catalog/cell.h"
#include "catalog/content.h"
#include "catalog/datatype.h"
#include "catalog/events.h"
#include "catalog/operation.h"
#include "catalog/places.h"
#include "catalog/secrets.h"
#include "package/event.h"
#include "package/unlock.h"

enum {
	Q_PROJECT_ADD,
	Q_PROJECT_SET,
	Q_VERSION_ADD,
	Q_VERSION_CURRENT,
	Q_VERSION_RESTORED,
	Q_PACKAGES,
	Q_PACKAGE_DELETE,
	Q_PACKAGE_PUT,
	Q_PARAMETERS,
	Q_PARAMETER_DELETE,
	Q_PARAMETER_FIND,
	Q_PARAMETER_ADD,
	Q_PARAMETER_SET,
	Q_PARAMETER_RESET,
	Q_PARAMETER_DESIGN,
	Q_PERMIT,
	Q_SECRET_ADD,
	Q_SECRETS,
	Q_EXTENDED,
	Q_COUNT
};
static const char *const sql[] = {
	[Q_PROJECT_ADD] = "INSERT INTO project (folder_id, name, version_lsn, last_deployed_time,"
			  " created_time) VALUES (?1, ?2, 0, ?3, ?3)",
	[Q_PROJECT_SET] = "UPDATE project SET description = ?2, format_version = ?3,"
			  " deployed_by_sid = ?4, deployed_by_name = ?5, last_deployed_time = ?6,"
			  " validation_status = 'N', last_validation_time = NULL WHERE project_id = ?1",
	[Q_VERSION_ADD] = "INSERT INTO project_version (project_id, project_name, description, hash,"
			  " created_by, created_time) VALUES (?1,"
			  " (SELECT name FROM project WHERE project_id = ?1), ?2, ?3, ?4, ?5)",
	[Q_VERSION_CURRENT] = "UPDATE project SET version_lsn = ?2 WHERE project_id = ?1",
	[Q_VERSION_RESTORED] = "UPDATE project_version SET restored_by = ?2, last_restored_time = ?3"
			       " WHERE version_lsn = ?1",
	[Q_PACKAGES] = "SELECT package_id, name FROM package WHERE project_id = ?1",
	[Q_PACKAGE_DELETE] = "DELETE FROM package WHERE package_id = ?1",
	[Q_PACKAGE_PUT] = "INSERT INTO package (project_id, name, package_guid, description,"
			  " format_version, version_major, version_minor, version_build,"
			  " version_comments, version_guid, entry_point) VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
			  " ?7, ?8, ?9, ?10, ?11) ON CONFLICT (project_id, name) DO UPDATE SET"
			  " name = ?2, package_guid = ?3, description = ?4, format_version = ?5,"
			  " version_major = ?6, version_minor = ?7, version_build = ?8,"
			  " version_comments = ?9, version_guid = ?10, entry_point = ?11,"
			  " validation_status = 'N', last_validation_time = NULL",
	[Q_PARAMETERS] = "SELECT parameter_id, object_type, object_name, name FROM parameter"
			 " WHERE project_id = ?1",
	[Q_PARAMETER_DELETE] = "DELETE FROM parameter WHERE parameter_id = ?1",
	[Q_PARAMETER_FIND] = "SELECT parameter_id, data_type, sensitive FROM parameter"
			     " WHERE project_id = ?1 AND object_type = ?2 AND object_name = ?3"
			     " AND name = ?4",
	[Q_PARAMETER_ADD] = "INSERT INTO parameter (project_id, object_type, object_name, name,"
			    " data_type, required, sensitive) VALUES (?1, ?2, ?3, ?4, '', 0, 0)",
	[Q_PARAMETER_SET] = "UPDATE parameter SET name = ?2, data_type = ?3, required = ?4,"
			    " sensitive = ?5, description = ?6 WHERE parameter_id = ?1",
	[Q_PARAMETER_RESET] = "UPDATE parameter SET default_value = NULL, default_sealed = NULL,"
			      " value_type = 'V', value_set = 0, referenced_variable = NULL"
			      " WHERE parameter_id = ?1",
	[Q_PARAMETER_DESIGN] = "UPDATE parameter SET design_value = ?2, design_sealed = ?3"
			       " WHERE parameter_id = ?1",
	[Q_EXTENDED] = "INSERT INTO extended_info (operation_id, object_name, object_type, status, start_time, end_time)"
		       " SELECT o.operation_id, k.name, 30, 7, o.start_time, ?3 FROM operation o, package k"
		       " WHERE o.operation_id = ?1 AND k.project_id = ?2 ORDER BY k.package_id",
	[Q_PERMIT] = "INSERT OR REPLACE INTO permission VALUES (2, ?1, ?2, ?3, 0, ?2)",
	[Q_SECRET_ADD] = "INSERT INTO version_secret VALUES (?1, ?2, ?3, ?4)",
	[Q_SECRETS] = "SELECT package, name, sealed FROM version_secret WHERE version_lsn = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_DEPLOY, sql);

/* --- packages --- */

static const struct project_package *package_by_name(const struct project *p, const char *name)
{
	for (size_t i = 0; i < p->package_count; i++)
		if (utf8_casecmp(p->packages[i].name, name) == 0)
			return &p->packages[i];
	return NULL;
}

static int delete_ids(struct catalog *c, size_t index, const int64_t *ids, size_t count,
    struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++)
		r = store_run(c, &set, index, BINDS(b_int(ids[i])), err);
	return r;
}

static int drop_packages(struct catalog *c, int64_t project_id, const struct project *p,
    struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_PACKAGES, BINDS(b_int(project_id)));
	VEC(int64_t) gone = { 0 };
	int r;

	while ((r = store_step(c, q, err)) == 1)
		if (!package_by_name(p, col_text(q, 1)))
			vec_push(&gone, sqlite3_column_int64(q, 0));
	if (r == 0)
		r = delete_ids(c, Q_PACKAGE_DELETE, gone.items, gone.len, err);
	vec_release(&gone);
	return r;
}

static int put_package(struct catalog *c, int64_t project_id, const struct project_package *p,
    struct err *err)
{
	return store_run(c, &set, Q_PACKAGE_PUT,
	    BINDS(b_int(project_id), b_text(p->name), b_uuid(&p->id), b_text(p->description),
		b_int(p->format_version), b_int(p->version_major), b_int(p->version_minor),
		b_int(p->version_build), b_text(p->version_comments), b_uuid(&p->version_guid),
		b_int(p->entry_point)),
	    err);
}

/* --- parameters --- */

static bool has_param(const struct project_param *params, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (utf8_casecmp(params[i].name, name) == 0)
			return true;
	return false;
}

static bool still_there(const struct project *p, int object_type, const char *object,
    const char *name)
{
	const struct project_package *package;

	if (object_type == OBJECT_PROJECT)
		return has_param(p->params, p->param_count, name);
	package = package_by_name(p, object);
	return package && has_param(package->params, package->param_count, name);
}

static int drop_parameters(struct catalog *c, int64_t project_id, const struct project *p,
    struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_PARAMETERS, BINDS(b_int(project_id)));
	VEC(int64_t) gone = { 0 };
	int r;

	while ((r = store_step(c, q, err)) == 1)
		if (!still_there(p, sqlite3_column_int(q, 1), col_text(q, 2), col_text(q, 3)))
			vec_push(&gone, sqlite3_column_int64(q, 0));
	if (r == 0)
		r = delete_ids(c, Q_PARAMETER_DELETE, gone.items, gone.len, err);
	vec_release(&gone);
	return r;
}

/* The row of a parameter, made when it is new. *ret_changed: it has another type than before. */
static int parameter_row(struct catalog *c, int64_t project_id, int object_type, const char *object,
    const struct project_param *p, int64_t *ret_id, bool *ret_changed, struct err *err)
{
	const struct bind *key =
	    BINDS(b_int(project_id), b_int(object_type), b_text(object), b_text(p->name));
	sqlite3_stmt *q = store_query(c, &set, Q_PARAMETER_FIND, key);
	int r = store_step(c, q, err);

	*ret_changed = false;
	if (r == 1) {
		*ret_id = sqlite3_column_int64(q, 0);
		*ret_changed = utf8_casecmp(col_text(q, 1), p->data_type) != 0 ||
		    (sqlite3_column_int(q, 2) != 0) != p->sensitive;
		store_reset(q);
		return 0;
	}
	if (r == 0)
		r = store_run(c, &set, Q_PARAMETER_ADD, key, err);
	*ret_id = store_last_id(c);
	return r;
}

/* A design value that its own type refuses is kept as text, with a warning. */
static int design_value(struct session *s, const struct deployment *d, const char *object,
    const struct project_param *p, struct tsql_value *ret, struct err *err)
{
	struct err why;
	char *text;
	int r;

	if (datatype_from_text(datatype_of(p->data_type), p->value, ret, &why) == 0)
		return 0;
	text = xasprintf("The design value of the parameter \"%s\" of \"%s\" is not a valid %s: %s",
	    p->name, object, p->data_type, why.primary);
	r = events_message(s->catalog, d->operation_id, EVENT_WARNING, EVENT_SOURCE_API, text, err);
	free(text);
	*ret = p->sensitive ? tsql_null(TSQL_NVARCHAR) : tsql_nvarchar(p->value);
	return r;
}

static int store_design(struct session *s, const struct deployment *d, const char *object,
    const struct project_param *p, int64_t id, struct err *err)
{
	struct tsql_value value;
	struct cell cell = { 0 };
	char *place;
	int r = design_value(s, d, object, p, &value, err);

	if (r < 0)
		return r;
	place = place_design(id);
	r = cell_make(s->catalog, place, &value, p->sensitive, &cell, err);
	if (r == 0)
		r = store_run(s->catalog, &set, Q_PARAMETER_DESIGN,
		    BINDS(b_int(id), cell_plain(&cell), cell_sealed(&cell)), err);
	cell_release(&cell);
	tsql_value_release(&value);
	free(place);
	return r;
}

static int put_parameter(struct session *s, const struct deployment *d, int64_t project_id,
    int object_type, const char *object, const struct project_param *p, struct err *err)
{
	struct catalog *c = s->catalog;
	bool changed;
	int64_t id;
	int r = parameter_row(c, project_id, object_type, object, p, &id, &changed, err);

	if (r == 0)
		r = store_run(c, &set, Q_PARAMETER_SET,
		    BINDS(b_int(id), b_text(p->name), b_text(p->data_type), b_int(p->required),
			b_int(p->sensitive), b_text(p->description)),
		    err);
	if (r == 0 && (changed || d->reset))
		r = store_run(c, &set, Q_PARAMETER_RESET, BINDS(b_int(id)), err);
	return r < 0 ? r : store_design(s, d, object, p, id, err);
}

static int put_parameters(struct session *s, const struct deployment *d, int64_t project_id,
    const char *name, struct err *err)
{
	const struct project *p = d->project;
	int r = 0;

	for (size_t i = 0; i < p->param_count && r == 0; i++)
		r = put_parameter(s, d, project_id, OBJECT_PROJECT, name, &p->params[i], err);
	for (size_t k = 0; k < p->package_count && r == 0; k++)
		for (size_t i = 0; i < p->packages[k].param_count && r == 0; i++)
			r = put_parameter(s, d, project_id, OBJECT_PACKAGE, p->packages[k].name,
			    &p->packages[k].params[i], err);
	return r;
}

/* --- secrets beside the file --- */

static int keep_secrets(struct catalog *c, int64_t version_lsn, const char *package,
    const struct project_param *params, size_t count, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		struct buf sealed = BUF_INIT;
		char *place = place_version_secret(version_lsn, package, params[i].name);

		if (params[i].sensitive && params[i].value) {
			r = secrets_seal(c, place, params[i].value, strlen(params[i].value), &sealed, err);
			if (r == 0)
				r = store_run(c, &set, Q_SECRET_ADD,
				    BINDS(b_int(version_lsn), b_text(package), b_text(params[i].name),
					b_buf(&sealed)),
				    err);
		}
		buf_release(&sealed);
		free(place);
	}
	return r;
}

static int keep_all_secrets(struct catalog *c, int64_t version_lsn, const struct project *p,
    struct err *err)
{
	int r = keep_secrets(c, version_lsn, "", p->params, p->param_count, err);

	for (size_t k = 0; k < p->package_count && r == 0; k++)
		r = keep_secrets(c, version_lsn, p->packages[k].name, p->packages[k].params,
		    p->packages[k].param_count, err);
	return r;
}

int deploy_secrets(struct catalog *c, int64_t version_lsn, struct project *project,
    bool (*skip)(void *ctx, const char *package), void *ctx, struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_SECRETS, BINDS(b_int(version_lsn)));
	int r;

	while ((r = store_step(c, q, err)) == 1) {
		char *package = col_dup(q, 0), *name = col_dup(q, 1);
		char *place = place_version_secret(version_lsn, package, name);
		struct buf value = BUF_INIT;

		r = secrets_open(c, place, sqlite3_column_blob(q, 2),
		    (size_t)sqlite3_column_bytes(q, 2), &value, err);
		if (r == 0 && !(skip && *package && skip(ctx, package))) {
			struct project_secret secret = { *package ? package : NULL, name, value.data };

			project_give_secrets(project, &secret, 1);
		}
		buf_wipe(&value);
		free(place);
		free(package);
		free(name);
		if (r < 0) {
			store_reset(q);
			break;
		}
	}
	return r;
}

/* --- the whole --- */

/* What the operation did, for its record: a message, and a row for each package. */
static int tell(struct catalog *c, const struct deployment *d, int64_t project_id, struct err *err)
{
	size_t count = d->project->package_count;
	char *text = xasprintf("The project \"%s\" with %zu package%s was %s.", d->name, count, count == 1 ? "" : "s",
	    d->reset ? "restored" : "deployed");
	int r = events_message(c, d->operation_id, EVENT_INFORMATION, EVENT_SOURCE_API, text, err);

	free(text);
	return r < 0
	    ? r
	    : store_run(c, &set, Q_EXTENDED,
		  BINDS(b_int(d->operation_id), b_int(project_id), b_int(clock_wall())), err);
}

static int put_contents(struct session *s, const struct deployment *d, int64_t project_id,
    struct err *err)
{
	struct catalog *c = s->catalog;
	struct buf sid = BUF_INIT;
	int r;

	session_sid(s, &sid);
	r = store_run(c, &set, Q_PROJECT_SET,
	    BINDS(b_int(project_id), b_text(d->project->description),
		b_int(d->project->format_version), b_buf(&sid), b_text(s->login),
		b_int(clock_wall())),
	    err);
	buf_release(&sid);
	if (r == 0)
		r = drop_packages(c, project_id, d->project, err);
	for (size_t i = 0; i < d->project->package_count && r == 0; i++)
		r = put_package(c, project_id, &d->project->packages[i], err);
	if (r == 0)
		r = drop_parameters(c, project_id, d->project, err);
	if (r == 0)
		r = put_parameters(s, d, project_id, d->name, err);
	for (size_t i = 0; i < d->project->warning_count && r == 0; i++)
		r = events_message(c, d->operation_id, EVENT_WARNING, EVENT_SOURCE_API,
		    d->project->warnings[i], err);
	return r < 0 ? r : tell(c, d, project_id, err);
}

/* Who deploys a new project may do everything with it. */
static int permit_deployer(struct session *s, int64_t project_id, struct err *err)
{
	int64_t user = session_user(s);
	int r = 0;

	if (user <= PRINCIPAL_DBO)
		return 0;
	for (int permission = PERM_READ; permission <= PERM_MANAGE && r == 0; permission++)
		r = store_run(s->catalog, &set, Q_PERMIT,
		    BINDS(b_int(project_id), b_int(user), b_int(permission)), err);
	return r;
}

static int add_project(struct session *s, const struct deployment *d, int64_t *ret_id,
    struct err *err)
{
	int r = store_run(s->catalog, &set, Q_PROJECT_ADD,
	    BINDS(b_int(d->folder_id), b_text(d->name), b_int(clock_wall())), err);

	if (r < 0)
		return r;
	*ret_id = store_last_id(s->catalog);
	return permit_deployer(s, *ret_id, err);
}

int deploy_apply(struct session *s, const struct deployment *d, int64_t *ret_project_id,
    int64_t *ret_version_lsn, struct err *err)
{
	struct catalog *c = s->catalog;
	int64_t project_id = d->project_id, version = 0;
	char hash[65];
	int r = content_put(c, d->data, d->len, hash, err);

	if (r == 0 && project_id == 0)
		r = add_project(s, d, &project_id, err);
	if (r == 0)
		r = store_run(c, &set, Q_VERSION_ADD,
		    BINDS(b_int(project_id), b_text(d->project->description), b_text(hash),
			b_text(s->login), b_int(clock_wall())),
		    err);
	if (r == 0) {
		version = store_last_id(c);
		r = store_run(c, &set, Q_VERSION_CURRENT, BINDS(b_int(project_id), b_int(version)),
		    err);
	}
	if (r == 0 && d->unlocked)
		r = keep_all_secrets(c, version, d->project, err);
	if (r == 0)
		r = put_contents(s, d, project_id, err);
	if (r == 0) {
		*ret_project_id = project_id;
		*ret_version_lsn = version;
	}
	return r;
}

int deploy_restore(struct session *s, const struct deployment *d, int64_t version_lsn,
    struct err *err)
{
	struct catalog *c = s->catalog;
	int r = store_run(c, &set, Q_VERSION_RESTORED,
	    BINDS(b_int(version_lsn), b_text(s->login), b_int(clock_wall())), err);

	if (r == 0)
		r = store_run(c, &set, Q_VERSION_CURRENT,
		    BINDS(b_int(d->project_id), b_int(version_lsn)), err);
	return r < 0 ? r : put_contents(s, d, d->project_id, err);
}
