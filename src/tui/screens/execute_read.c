/* SPDX-License-Identifier: MIT */
/* The Execute dialog's queries: packages, machines, and the values of a package at its first visit. */
#include "tui/screens/execute.h"

#include <stdlib.h>
#include <string.h>

#include "tui/text.h"

#define PACKAGES_MAX 20000
#define WORKERS_MAX 5000

void execute_show_matching(struct execute *e)
{
	e->shown.len = 0;
	for (size_t i = 0; i < e->form.packages.len; i++) {
		const struct form_package *p = &e->form.packages.items[i];

		if (text_contains(p->package, e->filter) || text_contains(p->project, e->filter) ||
		    text_contains(p->folder, e->filter))
			vec_push(&e->shown, i);
	}
	cursor_clamp(&e->packages, e->shown.len);
	e->details.pos = e->details.top = 0;
	e->screen.app->dirty = true;
}

static void packages_loaded(void *ctx, const struct job_result *result)
{
	struct execute *e = ctx;

	e->loaded = true;
	if (result->r < 0) {
		e->err = result->err;
		return;
	}
	for (size_t i = 0; i < result->rows.row_count; i++) {
		char *folder = cell_raw(&result->rows, i, "folder_name");
		char *project = cell_raw(&result->rows, i, "project_name");
		char *package = cell_raw(&result->rows, i, "package_name");
		struct form_package *added = form_add_package(&e->form,
		    cell_int(&result->rows, i, "project_id", 0), folder, project, package);

		added->logging_level = (int)cell_int(&result->rows, i, "logging_level", 1);
		/* A package ticks itself, a project its packages; on the whole catalog nothing is ticked. */
		added->checked = e->package ? strcmp(e->package, package) == 0 : e->project != NULL;
		free(folder);
		free(project);
		free(package);
	}
	execute_show_matching(e);
	for (size_t i = 0; e->package && i < e->shown.len; i++) {
		if (e->form.packages.items[e->shown.items[i]].checked)
			cursor_move_to(&e->packages, i, e->shown.len);
	}
}

static void read_packages(struct execute *e)
{
	struct buf batch = BUF_INIT;
	struct job_params params = { 0 };

	buf_adds(&batch, "SELECT f.name AS folder_name, p.name AS project_name, p.project_id, "
			 "k.name AS package_name FROM [SSISDB].[catalog].[packages] k "
			 "JOIN [SSISDB].[catalog].[projects] p ON p.project_id = k.project_id "
			 "JOIN [SSISDB].[catalog].[folders] f ON f.folder_id = p.folder_id "
			 "WHERE k.entry_point = 1");
	if (e->folder) {
		buf_adds(&batch, " AND f.name = @folder");
		job_params_text(&params, "@folder", e->folder);
	}
	if (e->project) {
		buf_adds(&batch, " AND p.name = @project");
		job_params_text(&params, "@project", e->project);
	}
	if (e->package && !e->form.scale_out) {
		buf_adds(&batch, " AND k.name = @package");
		job_params_text(&params, "@package", e->package);
	}
	buf_adds(&batch, " ORDER BY f.name, p.name, k.name");
	jobs_submit(e->screen.app->jobs, JOB_AWAITED, &e->read_packages, batch.data, &params, PACKAGES_MAX,
	    packages_loaded, e);
	buf_release(&batch);
}

static char *worker_state(const struct tsql_rowset *rows, size_t row, bool enabled, bool online)
{
	struct buf text = BUF_INIT;

	if (cell_int(rows, row, "IsBlocked", 0))
		buf_adds(&text, "Blocked");
	else
		buf_addf(&text, "%s%s", enabled ? "" : "Disabled ", online ? "Online" : "Offline");
	if (enabled && online)
		buf_addf(&text, " %lld/%lld", (long long)cell_int(rows, row, "Running", 0),
		    (long long)cell_int(rows, row, "Slots", 0));
	return buf_detach(&text);
}

static void workers_loaded(void *ctx, const struct job_result *result)
{
	struct execute *e = ctx;

	e->workers_loaded = true;
	if (result->r < 0) {
		app_toast_err(e->screen.app, &result->err);
		return;
	}
	for (size_t i = 0; i < result->rows.row_count; i++) {
		struct form_worker worker = {
			.id = cell_text(&result->rows, i, "WorkerAgentId"),
			.name = cell_text(&result->rows, i, "DisplayName"),
			.machine = cell_text(&result->rows, i, "MachineName"),
			.account = cell_text(&result->rows, i, "UserAccount"),
			.enabled = cell_int(&result->rows, i, "IsEnabled", 0) != 0,
			.online = cell_int(&result->rows, i, "IsOnline", 0) != 0,
		};

		if (!*worker.machine) {
			free(worker.machine);
			worker.machine = cell_text(&result->rows, i, "Host");
		}
		worker.state = worker_state(&result->rows, i, worker.enabled, worker.online);
		vec_push(&e->form.workers, worker);
	}
}

static struct form_value decode_value(const struct tsql_rowset *rows, size_t row)
{
	struct form_value value = { .object_type = (int)cell_int(rows, row, "object_type", 30),
		.name = cell_raw(rows, row, "parameter_name"), .data_type = cell_text(rows, row, "data_type"),
		.description = cell_text(rows, row, "description"),
		.required = cell_int(rows, row, "required", 0) != 0,
		.sensitive = cell_int(rows, row, "sensitive", 0) != 0 };
	char *type = cell_text(rows, row, "value_type");
	bool set = cell_int(rows, row, "value_set", 0) != 0;
	bool server = !cell_is_null(rows, row, "default_value");

	value.is_connection = strncmp(value.name, "CM.", 3) == 0;
	if (*type == 'R') {
		char *variable = cell_text(rows, row, "referenced_variable_name");

		value.standard = xasprintf("variable %s", variable);
		value.has_standard = value.bound = true;
		free(variable);
	} else {
		value.standard = cell_text(rows, row, server ? "default_value" : "design_default_value");
		value.has_standard = set || server || !value.required;
	}
	free(type);
	return value;
}

static struct form_package *being_read(struct execute *e)
{
	return e->reading < e->form.packages.len ? &e->form.packages.items[e->reading] : NULL;
}

static void values_loaded(void *ctx, const struct job_result *result)
{
	struct execute *e = ctx;
	struct form_package *package = being_read(e);

	package->loaded = true;
	if (result->r < 0) {
		app_toast_err(e->screen.app, &result->err);
		return;
	}
	for (size_t i = 0; i < result->rows.row_count; i++) {
		struct form_value value = decode_value(&result->rows, i);

		vec_push(&package->values, value);
	}
}

static void references_loaded(void *ctx, const struct job_result *result)
{
	struct execute *e = ctx;
	struct form_package *package = being_read(e);

	for (size_t i = 0; result->r == 0 && i < result->rows.row_count; i++) {
		char *folder = cell_text(&result->rows, i, "environment_folder_name");
		char *name = cell_text(&result->rows, i, "environment_name");
		struct form_reference reference = { cell_int(&result->rows, i, "reference_id", 0),
			xasprintf("%s\\%s", *folder ? folder : ".", name) };

		vec_push(&package->references, reference);
		free(folder);
		free(name);
	}
}

/* Values of the current package, at its first visit. */
int64_t execute_tick(struct screen *screen, int64_t now)
{
	struct execute *e = (struct execute *)screen;
	struct form_package *package = execute_current(e);
	struct job_params values = { 0 }, references = { 0 };

	(void)now;
	if (!package || package->loaded || job_slot_busy(&e->read_values) || job_slot_busy(&e->read_references))
		return 0;
	e->reading = e->shown.items[e->packages.pos];
	job_params_bigint(&references, "@project", package->project_id);
	job_params_bigint(&values, "@project", package->project_id);
	job_params_text(&values, "@package", package->package);
	jobs_submit(screen->app->jobs, JOB_FRONT, &e->read_references,
	    "SELECT reference_id, environment_folder_name, environment_name "
	    "FROM [SSISDB].[catalog].[environment_references] WHERE project_id = @project "
	    "ORDER BY environment_folder_name, environment_name",
	    &references, EXECUTE_VALUES_MAX, references_loaded, e);
	jobs_submit(screen->app->jobs, JOB_FRONT, &e->read_values,
	    "SELECT object_type, parameter_name, data_type, required, sensitive, description, "
	    "design_default_value, default_value, value_type, value_set, referenced_variable_name "
	    "FROM [SSISDB].[catalog].[object_parameters] WHERE project_id = @project "
	    "AND (object_type = 20 OR object_name = @package) ORDER BY object_type DESC, parameter_name",
	    &values, EXECUTE_VALUES_MAX, values_loaded, e);
	return 0;
}

void execute_read(struct execute *e)
{
	read_packages(e);
	if (!e->form.scale_out)
		return;
	jobs_submit(e->screen.app->jobs, JOB_AWAITED, &e->read_workers,
	    "SELECT WorkerAgentId, DisplayName, MachineName, Host, UserAccount, IsEnabled, IsOnline, "
	    "IsBlocked, Running, Slots FROM [SSISDB].[scaleout].[workers] ORDER BY DisplayName",
	    NULL, WORKERS_MAX, workers_loaded, e);
}
