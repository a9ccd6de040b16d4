/* SPDX-License-Identifier: MIT */
/* Validate; see validate.h. */
#include "tui/screens/validate.h"

#include <stdlib.h>

#include "tui/app.h"
#include "tui/screens/screens.h"
#include "tui/tree.h"

static void forget(struct app_validate *v)
{
	free(v->folder);
	free(v->project);
	free(v->package);
	v->folder = v->project = v->package = NULL;
}

void validate_release(struct app *app)
{
	jobs_cancel(app->jobs, &app->validate.slot);
	forget(&app->validate);
}

/* Its messages come live, and the title of that screen has the result. */
static void started(struct app *app, const struct job_result *result)
{
	int64_t id = result->rows.row_count ? cell_int(&result->rows, 0, "id", 0) : 0;
	char *text = xasprintf("validation %lld started", (long long)id);

	action_say(app, text);
	free(text);
	if (id)
		app_push(app, messages_new(app, id, false, NULL));
}

static void start(struct app *app, const char *scope, int64_t reference_id)
{
	static const char project[] = "DECLARE @id bigint\n"
		"EXEC [SSISDB].[catalog].[validate_project] @folder_name=@folder, @project_name=@project, "
		"@validate_type=N'F', @validation_id=@id OUTPUT, @use32bitruntime=False, @environment_scope=@scope, "
		"@reference_id=@reference\nSELECT @id AS id";
	static const char package[] = "DECLARE @id bigint\n"
		"EXEC [SSISDB].[catalog].[validate_package] @folder_name=@folder, @project_name=@project, "
		"@package_name=@package, @validation_id=@id OUTPUT, @use32bitruntime=False, @environment_scope=@scope, "
		"@reference_id=@reference\nSELECT @id AS id";
	const struct app_validate *v = &app->validate;
	struct action action = { .title = "Validate", .batch = v->package ? package : project, .done = "", .took = started };

	job_params_text(&action.params, "@folder", v->folder);
	job_params_text(&action.params, "@project", v->project);
	if (v->package)
		job_params_text(&action.params, "@package", v->package);
	job_params_text(&action.params, "@scope", scope);
	if (reference_id)
		job_params_bigint(&action.params, "@reference", reference_id);
	else
		job_params_add(&action.params, "@reference", tsql_null(TSQL_BIGINT));
	action_run(app, &action);
}

/* The choice of the environment is the question whether to validate. */
static void references_read(void *ctx, const struct job_result *result)
{
	struct app *app = ctx;
	size_t count = result->rows.row_count;
	char **labels = xcalloc(count + 2, sizeof(*labels));
	char *title;
	int chosen;

	if (result->r < 0)
		app_toast_err(app, &result->err);
	labels[0] = xstrdup("without an environment");
	for (size_t i = 0; i < count; i++) {
		char *label = cell_text(&result->rows, i, "label");

		labels[i + 1] = xasprintf("with %s", label);
		free(label);
	}
	labels[count + 1] = xstrdup("with each of its references");
	title = xasprintf("Validate %s", app->validate.package ? app->validate.package : app->validate.project);
	chosen = dlg_pick(&app->dialogs, title, (const char *const *)labels, count ? count + 2 : 1, 0);
	app->dirty = true;
	if (chosen == 0)
		start(app, "D", 0);
	else if (chosen > 0 && (size_t)chosen <= count)
		start(app, "S", cell_int(&result->rows, (size_t)chosen - 1, "reference_id", 0));
	else if (chosen > 0)
		start(app, "A", 0);
	for (size_t i = 0; i < count + 2; i++)
		free(labels[i]);
	free(labels);
	free(title);
}

void validate_begin(struct app *app, struct node *node)
{
	struct node *folder = node_up(node, NODE_FOLDER), *project = node_up(node, NODE_PROJECT);
	struct app_validate *v = &app->validate;
	struct job_params params = { 0 };

	if (!folder || !project)
		return;
	jobs_cancel(app->jobs, &v->slot);
	forget(v);
	v->folder = xstrdup(folder->name);
	v->project = xstrdup(project->name);
	v->package = node->kind == NODE_PACKAGE ? xstrdup(node->name) : NULL;
	job_params_bigint(&params, "@project", project->id);
	jobs_submit(app->jobs, JOB_AWAITED, &v->slot,
	    "SELECT reference_id, ISNULL(environment_folder_name, N'.') + N'\\' + environment_name AS label "
	    "FROM [SSISDB].[catalog].[environment_references] WHERE project_id = @project "
	    "ORDER BY environment_folder_name, environment_name",
	    &params, 1000, references_read, app);
}
