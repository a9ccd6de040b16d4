/* SPDX-License-Identifier: MIT */
/*
 * Changing what the Properties screen shows. Each change is one call of the
 * catalog's contract, asked for by name, and undone by another where what was
 * there before is known (a sensitive value never is).
 */
#include <stdlib.h>
#include <string.h>

#include "tui/form.h"
#include "tui/screens/properties.h"

#define EXEC(proc) "EXEC [SSISDB].[catalog].[" proc "] "

static struct properties *self_of(struct screen *screen)
{
	return (struct properties *)screen;
}

static bool current(const struct properties *p, struct property_row *ret)
{
	return p->cursor.pos < p->shown.len && properties_row(p, p->shown.items[p->cursor.pos], ret);
}

/* What Enter does on the row. */
static enum detail_edit edit_of(const struct property_row *row)
{
	const struct catalog_property *property;

	if (row->heading)
		return EDIT_NOTHING;
	if (!row->line || !row->line->type || !(*row->line->key || row->line->number))
		return EDIT_NOTHING;
	property = catalog_property_find(row->line->key);
	if (row->line->type->edit == EDIT_CATALOG_PROPERTY && (!property || (!property->choices && !property->high)))
		return EDIT_NOTHING;
	return row->line->type->edit;
}

bool property_can_edit(const struct properties *p)
{
	struct property_row row;

	return current(p, &row) && edit_of(&row) != EDIT_NOTHING && edit_of(&row) != EDIT_REFERENCE &&
	    !(edit_of(&row) == EDIT_VERSION && row.line->flags & DETAIL_CURRENT);
}

bool property_can_add(const struct properties *p)
{
	return p->kind == NODE_PROJECT || p->kind == NODE_ENVIRONMENT;
}

bool property_can_remove(const struct properties *p)
{
	struct property_row row;

	return current(p, &row) && (edit_of(&row) == EDIT_REFERENCE || edit_of(&row) == EDIT_VARIABLE ||
		(edit_of(&row) == EDIT_PARAMETER && row.line->flags & DETAIL_SET));
}

void property_edits_release(struct properties *p)
{
	detail_line_release(&p->editing);
	free(p->variable.name);
	free(p->variable.type);
}

/* Lines are read anew behind our back, so what is being edited is a copy. */
static void keep_editing(struct properties *p, const struct property_row *row)
{
	static const struct detail_line none = { .key = (char *)"", .raw = (char *)"", .extra = (char *)"",
		.container = (char *)"" };
	const struct detail_line *from = row->line ? row->line : &none;

	detail_line_release(&p->editing);
	p->editing = (struct detail_line){ .type = from->type, .label = xstrdup(row->label), .value = xstrdup(row->value),
		.key = xstrdup(from->key), .raw = xstrdup(from->raw), .extra = xstrdup(from->extra),
		.container = xstrdup(from->container), .number = from->number, .flags = from->flags };
}

/* A typed value as a parameter of its SSIS type; false after saying why not. */
static bool add_typed(struct properties *p, struct job_params *params, const char *name, const char *label,
    const char *type, const char *text)
{
	struct form_value value = { .name = (char *)label, .data_type = (char *)type };
	struct err err;

	if (form_value_edit(&value, text, &err) < 0) {
		app_alert_err(p->screen.app, label, &err);
		return false;
	}
	job_params_add(params, name, tsql_value_copy(&value.value));
	tsql_value_release(&value.value);
	return true;
}

static void add_place(const struct properties *p, struct job_params *params)
{
	job_params_text(params, "@folder", p->folder);
	job_params_text(params, "@project", p->project);
	job_params_text(params, "@name", p->name);
}

/* Run with its undo, which gets the same place. Texts are freed here. */
static void run(struct properties *p, struct action *action, char *question, char *done, char *undo)
{
	action->question = question;
	action->done = done;
	action->undo = action->undo_batch ? undo : NULL;
	action_run(p->screen.app, action);
	free(question);
	free(done);
	free(undo);
}

/* --- catalog properties --- */

#define CONFIGURE EXEC("configure_catalog") "@property_name=@name, @property_value=@value"

static void configure(struct properties *p, const char *value, const char *shown)
{
	struct action action = { .title = "Catalog Properties", .button = "Change", .batch = CONFIGURE,
		.undo_batch = CONFIGURE };

	job_params_text(&action.params, "@name", p->editing.key);
	job_params_text(&action.params, "@value", value);
	job_params_text(&action.undo_params, "@name", p->editing.key);
	job_params_text(&action.undo_params, "@value", p->editing.raw);
	run(p, &action, xasprintf("Change %s of SSISDB from %s to %s?", p->editing.label, p->editing.value, shown),
	    xasprintf("%s is now %s", p->editing.label, shown),
	    xasprintf("%s back to %s", p->editing.label, p->editing.value));
}

static void property_typed(struct screen *screen, const char *text)
{
	if (text && *text)
		configure(self_of(screen), text, text);
}

static void edit_catalog_property(struct properties *p)
{
	const struct catalog_property *property = catalog_property_find(p->editing.key);
	const char *words[8] = { 0 };
	size_t now = 0;
	int chosen;

	if (!property->choices) {
		char *label = xasprintf("%s (%lld or more): ", property->label, (long long)property->low);

		app_ask(p->screen.app, &p->screen, label, p->editing.raw, false, property_typed);
		free(label);
		return;
	}
	for (size_t i = 0; i < property->choice_count; i++) {
		words[i] = property->choices[i].word;
		if (strcmp(property->choices[i].value, p->editing.raw) == 0)
			now = i;
	}
	chosen = dlg_pick(&p->screen.app->dialogs, property->label, words, property->choice_count, now);
	if (chosen >= 0 && (size_t)chosen != now)
		configure(p, property->choices[chosen].value, words[chosen]);
}

/* --- descriptions --- */

static void description_typed(struct screen *screen, const char *text)
{
	static const char folder[] = EXEC("set_folder_description") "@folder_name=@folder, @folder_description=@value";
	static const char environment[] = EXEC("set_environment_property") "@folder_name=@folder, @environment_name=@name, "
		"@property_name=N'Description', @property_value=@value";
	struct properties *p = self_of(screen);
	struct action action = { .title = "Description", .batch = p->kind == NODE_FOLDER ? folder : environment };

	if (!text)
		return;
	action.undo_batch = action.batch;
	add_place(p, &action.params);
	job_params_text(&action.params, "@value", text);
	add_place(p, &action.undo_params);
	job_params_text(&action.undo_params, "@value", p->editing.raw);
	run(p, &action, NULL, xasprintf("the description of %s is changed", p->label),
	    xasprintf("the description of %s as it was", p->label));
}

/* --- environment variables --- */

#define SET_VARIABLE \
	EXEC("set_environment_variable_value") "@folder_name=@folder, @environment_name=@name, @variable_name=@variable, " \
	"@value=@value"
#define CREATE_VARIABLE \
	EXEC("create_environment_variable") "@folder_name=@folder, @environment_name=@name, @variable_name=@variable, " \
	"@data_type=@type, @sensitive=@secret, @value=@value, @description=N''"
#define DELETE_VARIABLE \
	EXEC("delete_environment_variable") "@folder_name=@folder, @environment_name=@name, @variable_name=@variable"

static void add_variable_params(const struct properties *p, struct job_params *params, const char *name)
{
	add_place(p, params);
	job_params_text(params, "@variable", name);
}

/* What the variable being edited holds now; false (nothing to undo with) for a sensitive one. */
static bool add_old_value(struct properties *p, struct job_params *params)
{
	return !(p->editing.flags & DETAIL_SENSITIVE) &&
	    add_typed(p, params, "@value", p->editing.label, p->editing.extra, p->editing.raw);
}

static void variable_typed(struct screen *screen, const char *text)
{
	struct properties *p = self_of(screen);
	struct action action = { .title = "Variable", .batch = SET_VARIABLE };

	if (!text)
		return;
	add_variable_params(p, &action.params, p->editing.key);
	if (!add_typed(p, &action.params, "@value", p->editing.label, p->editing.extra, text)) {
		job_params_release(&action.params);
		return;
	}
	add_variable_params(p, &action.undo_params, p->editing.key);
	if (add_old_value(p, &action.undo_params))
		action.undo_batch = SET_VARIABLE;
	run(p, &action, NULL, xasprintf("variable %s of %s is changed", p->editing.key, p->label),
	    xasprintf("variable %s of %s back to %s", p->editing.key, p->label, *p->editing.raw ? p->editing.raw : "(empty)"));
}

static void new_value_typed(struct screen *screen, const char *text)
{
	struct properties *p = self_of(screen);
	struct action action = { .title = "Create Variable", .batch = CREATE_VARIABLE, .undo_batch = DELETE_VARIABLE };

	if (!text)
		return;
	add_variable_params(p, &action.params, p->variable.name);
	job_params_text(&action.params, "@type", p->variable.type);
	job_params_add(&action.params, "@secret", tsql_bit(p->variable.sensitive));
	if (!add_typed(p, &action.params, "@value", p->variable.name, p->variable.type, text)) {
		job_params_release(&action.params);
		return;
	}
	add_variable_params(p, &action.undo_params, p->variable.name);
	run(p, &action, NULL, xasprintf("variable %s is in %s", p->variable.name, p->label),
	    xasprintf("variable %s out of %s again", p->variable.name, p->label));
}

static void variable_named(struct screen *screen, const char *text)
{
	static const char *const types[] = { "String", "Int32", "Boolean", "DateTime", "Decimal", "Double", "Int64", "Int16",
		"Byte", "SByte", "Single", "UInt32", "UInt64" };
	static const char *const hidden[] = { "No", "Yes" };
	struct properties *p = self_of(screen);
	int type, sensitive;
	char *label;

	if (!text || !*text)
		return;
	type = dlg_pick(&screen->app->dialogs, "Type", types, ARRAY_LEN(types), 0);
	sensitive = type < 0 ? -1 : dlg_ask(&screen->app->dialogs, "Create Variable",
	    "Sensitive? Its value is then encrypted and never shown.", hidden, 2, 0);
	screen->app->dirty = true;
	if (sensitive < 0)
		return;
	free(p->variable.name);
	free(p->variable.type);
	p->variable.name = xstrdup(text);
	p->variable.type = xstrdup(types[type]);
	p->variable.sensitive = sensitive == 1;
	label = xasprintf("Value of %s (%s): ", text, types[type]);
	app_ask(screen->app, screen, label, "", p->variable.sensitive, new_value_typed);
	free(label);
}

static void remove_variable(struct properties *p)
{
	bool sensitive = p->editing.flags & DETAIL_SENSITIVE;
	struct action action = { .title = "Delete Variable", .button = "Delete", .batch = DELETE_VARIABLE };

	add_variable_params(p, &action.params, p->editing.key);
	add_variable_params(p, &action.undo_params, p->editing.key);
	job_params_text(&action.undo_params, "@type", p->editing.extra);
	job_params_add(&action.undo_params, "@secret", tsql_bit(false));
	if (add_old_value(p, &action.undo_params))
		action.undo_batch = CREATE_VARIABLE;
	run(p, &action, xasprintf("Delete variable %s of environment %s?%s", p->editing.key, p->label,
		sensitive ? "\nIt is sensitive: its value cannot be brought back." : ""),
	    xasprintf("variable %s is deleted", p->editing.key),
	    xasprintf("variable %s back with its value (without its description)", p->editing.key));
}

/* --- parameters --- */

#define SET_PARAMETER \
	EXEC("set_object_parameter_value") "@object_type=@type, @folder_name=@folder, @project_name=@project, " \
	"@parameter_name=@parameter, @parameter_value=@value, @object_name=@container, @value_type=@how"
#define CLEAR_PARAMETER \
	EXEC("clear_object_parameter_value") "@folder_name=@folder, @project_name=@project, @object_type=@type, " \
	"@object_name=@container, @parameter_name=@parameter"

static void add_parameter_params(const struct properties *p, struct job_params *params, const char *how)
{
	add_place(p, params);
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
		if (add_typed(p, &action->undo_params, "@value", p->editing.key, p->editing.extra, p->editing.raw))
			action->undo_batch = SET_PARAMETER;
	}
}

static void change_parameter(struct properties *p, struct action *action, const char *question)
{
	action->title = "Set Parameter Value";
	add_parameter_undo(p, action);
	run(p, action, question ? xstrdup(question) : NULL, xasprintf("parameter %s of %s is changed", p->editing.key,
		p->editing.container),
	    xasprintf("parameter %s of %s back to %s", p->editing.key, p->editing.container,
		*p->editing.value ? p->editing.value : "(empty)"));
}

static void parameter_typed(struct screen *screen, const char *text)
{
	struct properties *p = self_of(screen);
	struct action action = { .batch = SET_PARAMETER };

	if (!text)
		return;
	add_parameter_params(p, &action.params, "V");
	if (add_typed(p, &action.params, "@value", p->editing.key, p->editing.extra, text))
		change_parameter(p, &action, NULL);
	job_params_release(&action.params);
}

static void clear_parameter(struct properties *p, bool ask)
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

	add_place(p, &params);
	job_params_text(&params, "@type", p->editing.extra);
	jobs_submit(p->screen.app->jobs, JOB_FRONT, &p->lists, batch, &params, 1000, variables_read, p);
}

static void edit_parameter(struct properties *p)
{
	static const char *const ways[] = { "Edit value", "Use default value from package", "Use environment variable" };
	struct app *app = p->screen.app;
	bool secret = p->editing.flags & DETAIL_SENSITIVE;
	int chosen = dlg_pick(&app->dialogs, p->editing.key, ways, ARRAY_LEN(ways),
	    p->editing.flags & DETAIL_VARIABLE ? 2 : 0);
	char *label;

	app->dirty = true;
	if (chosen == 1)
		clear_parameter(p, false);
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
	add_place(p, params);
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
	run(p, &action, NULL, xasprintf("%s refers to %s\\%s", p->label, *folder ? folder : ".", name), NULL);
}

static void remove_reference(struct properties *p)
{
	struct action action = { .title = "Remove Reference", .button = "Remove",
		.batch = EXEC("delete_environment_reference") "@reference_id=@id", .undo_batch = ADD_REFERENCE };

	job_params_bigint(&action.params, "@id", p->editing.number);
	add_reference_params(p, &action.undo_params, p->editing.extra, p->editing.key);
	run(p, &action, xasprintf("Remove the reference of project %s to environment %s\\%s?", p->label, p->editing.value,
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

static void browse_environments(struct properties *p)
{
	static const char batch[] =
	    "SELECT N'.\\' + e.name AS label, NULL AS folder_name, e.name AS environment_name "
	    "FROM [SSISDB].[catalog].[environments] e JOIN [SSISDB].[catalog].[folders] f ON f.folder_id = e.folder_id "
	    "WHERE f.name = @folder UNION ALL "
	    "SELECT f.name + N'\\' + e.name, f.name, e.name "
	    "FROM [SSISDB].[catalog].[environments] e JOIN [SSISDB].[catalog].[folders] f ON f.folder_id = e.folder_id "
	    "ORDER BY 2, 3";
	struct job_params params = { 0 };

	add_place(p, &params);
	jobs_submit(p->screen.app->jobs, JOB_FRONT, &p->lists, batch, &params, 1000, environments_read, p);
}

/* --- versions --- */

static void restore_version(struct properties *p)
{
	static const char batch[] = EXEC("restore_project") "@folder_name=@folder, @project_name=@project, "
		"@object_version_lsn=@version";
	struct action action = { .title = "Restore Version", .button = "Restore", .batch = batch, .undo_batch = batch };
	long long now = strtoll(p->editing.raw, NULL, 10);

	add_place(p, &action.params);
	job_params_bigint(&action.params, "@version", p->editing.number);
	add_place(p, &action.undo_params);
	job_params_bigint(&action.undo_params, "@version", now);
	run(p, &action, xasprintf("Restore project %s to version %lld, of %s?\nVersion %lld is the current one now.", p->label,
		(long long)p->editing.number, p->editing.value, now),
	    xasprintf("project %s is at version %lld", p->label, (long long)p->editing.number),
	    xasprintf("project %s back to version %lld", p->label, now));
}

/* --- commands --- */

static void ask_text(struct properties *p, const char *label, void (*done)(struct screen *, const char *))
{
	bool secret = p->editing.flags & DETAIL_SENSITIVE;

	app_ask(p->screen.app, &p->screen, label, secret ? "" : p->editing.raw, secret, done);
}

void property_edit(struct properties *p)
{
	struct property_row row;
	char *label;

	if (!current(p, &row))
		return;
	keep_editing(p, &row);
	switch (edit_of(&row)) {
	case EDIT_CATALOG_PROPERTY:
		edit_catalog_property(p);
		break;
	case EDIT_DESCRIPTION:
		label = xasprintf("Description of %s: ", p->label);
		ask_text(p, label, description_typed);
		free(label);
		break;
	case EDIT_VARIABLE:
		label = xasprintf("%s (%s): ", p->editing.key, p->editing.extra);
		ask_text(p, label, variable_typed);
		free(label);
		break;
	case EDIT_PARAMETER:
		edit_parameter(p);
		break;
	case EDIT_VERSION:
		restore_version(p);
		break;
	case EDIT_REFERENCE:
	case EDIT_NOTHING:
		break;
	}
	p->screen.app->dirty = true;
}

void property_add(struct properties *p)
{
	if (p->kind == NODE_PROJECT)
		browse_environments(p);
	else
		app_ask(p->screen.app, &p->screen, "Name of the new variable: ", "", false, variable_named);
}

void property_remove(struct properties *p)
{
	struct property_row row;

	if (!current(p, &row))
		return;
	keep_editing(p, &row);
	if (edit_of(&row) == EDIT_REFERENCE)
		remove_reference(p);
	else if (edit_of(&row) == EDIT_VARIABLE)
		remove_variable(p);
	else
		clear_parameter(p, true);
}
