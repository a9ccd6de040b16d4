/* SPDX-License-Identifier: MIT */
/* Parameters of projects and packages, and the environments a project refers to, on the Properties screen. */
#include <stdlib.h>
#include <string.h>

#include "tui/screens/property_edits.h"

/* --- parameters --- */

#define SET_PARAMETER \
	EXEC("set_object_parameter_value") "@object_type=@type, @folder_name=@folder, @project_name=@project, " \
	"@parameter_name=@parameter, @parameter_value=@value, @object_name=@container, @value_type=@how"
#define CLEAR_PARAMETER \
	EXEC("clear_object_parameter_value") "@folder_name=@folder, @project_name=@project, @object_type=@type, " \
	"@object_name=@container, @parameter_name=@parameter"

static void add_parameter_params(const struct properties *p, struct job_params *params, const char *how)
{
	property_add_place(p, params);
	job_params_add(params, "@type", tsql_smallint((int16_t)p->editing.number));
	job_params_text(params, "@parameter", p->editing.key);
	job_params_text(params, "@container", p->editing.container);
	if (how)
		job_params_text(params, "@how", how);
}

/* Back to the variable, the value or the package's own that it had; none for a secret. */
static void add_parameter_undo(struct properties *p, struct action *action)
{
	unsigned flags = p->editing.flags;

	if (flags & DETAIL_VARIABLE) {
		add_parameter_params(p, &action->undo_params, "R");
		job_params_text(&action->undo_params, "@value", p->editing.raw);
		action->undo_batch = SET_PARAMETER;
	} else if (!(flags & DETAIL_SET)) {
		add_parameter_params(p, &action->undo_params, NULL);
		action->undo_batch = CLEAR_PARAMETER;
	} else if (!(flags & DETAIL_SENSITIVE)) {
		add_parameter_params(p, &action->undo_params, "V");
		if (property_add_typed(p, &action->undo_params, "@value", p->editing.key, p->editing.extra, p->editing.raw))
			action->undo_batch = SET_PARAMETER;
	}
}

static void change_parameter(struct properties *p, struct action *action, const char *question)
{
	action->title = "Set Parameter Value";
	add_parameter_undo(p, action);
	property_run(p, action, question ? xstrdup(question) : NULL, xasprintf("parameter %s of %s is changed", p->editing.key,
		p->editing.container),
	    xasprintf("parameter %s of %s back to %s", p->editing.key, p->editing.container,
		*p->editing.value ? p->editing.value : "(empty)"));
}

static void parameter_typed(struct screen *screen, const char *text)
{
	struct properties *p = properties_of(screen);
	struct action action = { .batch = SET_PARAMETER };

	if (!text)
		return;
	add_parameter_params(p, &action.params, "V");
	if (property_add_typed(p, &action.params, "@value", p->editing.key, p->editing.extra, text))
		change_parameter(p, &action, NULL);
	job_params_release(&action.params);
}

void property_clear_parameter(struct properties *p, bool ask)
{
	struct action action = { .batch = CLEAR_PARAMETER, .button = "Use default" };
	char *question = ask ? xasprintf("Give parameter %s of %s the value of the package back?", p->editing.key,
	    p->editing.container) : NULL;

	add_parameter_params(p, &action.params, NULL);
	change_parameter(p, &action, question);
	free(question);
}

/* Variables of the environments that the project refers to, of its type. */
static void variables_read(void *ctx, const struct job_result *result)
{
	struct properties *p = ctx;
	struct app *app = p->screen.app;
	struct action action = { .batch = SET_PARAMETER };
	VEC(const char *) names = { 0 };
	int chosen;

	if (result->r < 0)
		app_toast_err(app, &result->err);
	for (size_t i = 0; i < result->rows.row_count; i++) {
		char *name = cell_text(&result->rows, i, "name");

		vec_push(&names, name);
	}
	if (names.len == 0 && result->r == 0)
		dlg_alert(&app->dialogs, "Set Parameter Value", "No environment that this project refers to has a variable of "
			"this type.\nAdd a reference first (Ins in the section References).");
	chosen = names.len ? dlg_pick(&app->dialogs, "Environment variable", names.items, names.len, 0) : -1;
	app->dirty = true;
	if (chosen >= 0) {
		add_parameter_params(p, &action.params, "R");
		job_params_text(&action.params, "@value", names.items[chosen]);
		change_parameter(p, &action, NULL);
	}
	for (size_t i = 0; i < names.len; i++)
		free((char *)names.items[i]);
	vec_release(&names);
}

static void pick_variable(struct properties *p)
{
	static const char batch[] =
	    "SELECT DISTINCT v.name FROM [SSISDB].[catalog].[environment_references] r "
	    "JOIN [SSISDB].[catalog].[projects] p ON p.project_id = r.project_id "
	    "JOIN [SSISDB].[catalog].[folders] own ON own.folder_id = p.folder_id "
	    "JOIN [SSISDB].[catalog].[folders] f ON f.name = ISNULL(r.environment_folder_name, own.name) "
	    "JOIN [SSISDB].[catalog].[environments] e ON e.folder_id = f.folder_id AND e.name = r.environment_name "
	    "JOIN [SSISDB].[catalog].[environment_variables] v ON v.environment_id = e.environment_id "
	    "WHERE own.name = @folder AND p.name = @project AND v.type = @type ORDER BY v.name";
	struct job_params params = { 0 };

	property_add_place(p, &params);
	job_params_text(&params, "@type", p->editing.extra);
	jobs_submit(p->screen.app->jobs, JOB_AWAITED, &p->lists, batch, &params, 1000, variables_read, p);
}

void property_edit_parameter(struct properties *p)
{
	static const char *const ways[] = { "Edit value", "Use default value from package", "Use environment variable" };
	struct app *app = p->screen.app;
	bool secret = p->editing.flags & DETAIL_SENSITIVE;
	int chosen = dlg_pick(&app->dialogs, p->editing.key, ways, ARRAY_LEN(ways),
	    p->editing.flags & DETAIL_VARIABLE ? 2 : 0);
	char *label;

	app->dirty = true;
	if (chosen == 1)
		property_clear_parameter(p, false);
	if (chosen == 2)
		pick_variable(p);
	if (chosen != 0)
		return;
	label = xasprintf("%s (%s): ", p->editing.key, p->editing.extra);
	app_ask(app, &p->screen, label, secret || p->editing.flags & DETAIL_VARIABLE ? "" : p->editing.raw, secret,
	    parameter_typed);
	free(label);
}

/* --- references --- */

#define ADD_REFERENCE \
	"DECLARE @id bigint\n" EXEC("create_environment_reference") "@folder_name=@folder, @project_name=@project, " \
	"@environment_name=@environment, @reference_location=@where, @environment_folder_name=@environment_folder, " \
	"@reference_id=@id OUTPUT"

static void add_reference_params(const struct properties *p, struct job_params *params, const char *folder,
    const char *name)
{
	property_add_place(p, params);
	job_params_text(params, "@environment", name);
	job_params_text(params, "@where", *folder ? "A" : "R");
	if (*folder)
		job_params_text(params, "@environment_folder", folder);
	else
		job_params_add(params, "@environment_folder", tsql_null(TSQL_NVARCHAR));
}

static void add_reference(struct properties *p, const char *folder, const char *name)
{
	struct action action = { .title = "Add Reference", .batch = ADD_REFERENCE };

	add_reference_params(p, &action.params, folder, name);
	property_run(p, &action, NULL, xasprintf("%s refers to %s\\%s", p->label, *folder ? folder : ".", name), NULL);
}

void property_remove_reference(struct properties *p)
{
	struct action action = { .title = "Remove Reference", .button = "Remove",
		.batch = EXEC("delete_environment_reference") "@reference_id=@id", .undo_batch = ADD_REFERENCE };

	job_params_bigint(&action.params, "@id", p->editing.number);
	add_reference_params(p, &action.undo_params, p->editing.extra, p->editing.key);
	property_run(p, &action, xasprintf("Remove the reference of project %s to environment %s\\%s?", p->label, p->editing.value,
		p->editing.label),
	    xasprintf("the reference to %s is removed", p->editing.label),
	    xasprintf("refer to %s\\%s again", p->editing.value, p->editing.label));
}

/* Those of its own folder may be referred to by both ways; relative ones come first. */
static void environments_read(void *ctx, const struct job_result *result)
{
	struct properties *p = ctx;
	struct app *app = p->screen.app;
	VEC(const char *) labels = { 0 };
	int chosen = -1;

	if (result->r < 0)
		app_toast_err(app, &result->err);
	for (size_t i = 0; i < result->rows.row_count; i++) {
		char *label = cell_text(&result->rows, i, "label");

		vec_push(&labels, label);
	}
	if (labels.len)
		chosen = dlg_pick(&app->dialogs, "Browse Environments", labels.items, labels.len, 0);
	else if (result->r == 0)
		dlg_alert(&app->dialogs, "Add Reference", "There is no environment yet: create one on a node Environments.");
	app->dirty = true;
	if (chosen >= 0) {
		char *folder = cell_text(&result->rows, (size_t)chosen, "folder_name");
		char *name = cell_text(&result->rows, (size_t)chosen, "environment_name");

		add_reference(p, folder, name);
		free(folder);
		free(name);
	}
	for (size_t i = 0; i < labels.len; i++)
		free((char *)labels.items[i]);
	vec_release(&labels);
}

void property_browse_environments(struct properties *p)
{
	static const char batch[] =
	    "SELECT N'.\\' + e.name AS label, NULL AS folder_name, e.name AS environment_name "
	    "FROM [SSISDB].[catalog].[environments] e JOIN [SSISDB].[catalog].[folders] f ON f.folder_id = e.folder_id "
	    "WHERE f.name = @folder UNION ALL "
	    "SELECT f.name + N'\\' + e.name, f.name, e.name "
	    "FROM [SSISDB].[catalog].[environments] e JOIN [SSISDB].[catalog].[folders] f ON f.folder_id = e.folder_id "
	    "ORDER BY 2, 3";
	struct job_params params = { 0 };

	property_add_place(p, &params);
	jobs_submit(p->screen.app->jobs, JOB_AWAITED, &p->lists, batch, &params, 1000, environments_read, p);
}
