/* SPDX-License-Identifier: MIT */
/*
 * Changing what the Properties screen shows. Each change is one call of the
 * catalog's contract, asked for by name, and undone by another where what was
 * there before is known (a sensitive value never is). Parameters and
 * references of projects: property_parameters.c.
 */
#include <stdlib.h>
#include <string.h>

#include "tui/screens/property_edits.h"

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

bool property_add_typed(struct properties *p, struct job_params *params, const char *name, const char *label,
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

void property_add_place(const struct properties *p, struct job_params *params)
{
	job_params_text(params, "@folder", p->folder);
	job_params_text(params, "@project", p->project);
	job_params_text(params, "@name", p->name);
}

void property_run(struct properties *p, struct action *action, char *question, char *done, char *undo)
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
	property_run(p, &action, xasprintf("Change %s of SSISDB from %s to %s?", p->editing.label, p->editing.value, shown),
	    xasprintf("%s is now %s", p->editing.label, shown),
	    xasprintf("%s back to %s", p->editing.label, p->editing.value));
}

static void property_typed(struct screen *screen, const char *text)
{
	if (text && *text)
		configure(properties_of(screen), text, text);
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
	struct properties *p = properties_of(screen);
	struct action action = { .title = "Description", .batch = p->kind == NODE_FOLDER ? folder : environment };

	if (!text)
		return;
	action.undo_batch = action.batch;
	property_add_place(p, &action.params);
	job_params_text(&action.params, "@value", text);
	property_add_place(p, &action.undo_params);
	job_params_text(&action.undo_params, "@value", p->editing.raw);
	property_run(p, &action, NULL, xasprintf("the description of %s is changed", p->label),
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
	property_add_place(p, params);
	job_params_text(params, "@variable", name);
}

/* What the variable being edited holds now; false (nothing to undo with) for a sensitive one. */
static bool add_old_value(struct properties *p, struct job_params *params)
{
	return !(p->editing.flags & DETAIL_SENSITIVE) &&
	    property_add_typed(p, params, "@value", p->editing.label, p->editing.extra, p->editing.raw);
}

static void variable_typed(struct screen *screen, const char *text)
{
	struct properties *p = properties_of(screen);
	struct action action = { .title = "Variable", .batch = SET_VARIABLE };

	if (!text)
		return;
	add_variable_params(p, &action.params, p->editing.key);
	if (!property_add_typed(p, &action.params, "@value", p->editing.label, p->editing.extra, text)) {
		job_params_release(&action.params);
		return;
	}
	add_variable_params(p, &action.undo_params, p->editing.key);
	if (add_old_value(p, &action.undo_params))
		action.undo_batch = SET_VARIABLE;
	property_run(p, &action, NULL, xasprintf("variable %s of %s is changed", p->editing.key, p->label),
	    xasprintf("variable %s of %s back to %s", p->editing.key, p->label, *p->editing.raw ? p->editing.raw : "(empty)"));
}

static void new_value_typed(struct screen *screen, const char *text)
{
	struct properties *p = properties_of(screen);
	struct action action = { .title = "Create Variable", .batch = CREATE_VARIABLE, .undo_batch = DELETE_VARIABLE };

	if (!text)
		return;
	add_variable_params(p, &action.params, p->variable.name);
	job_params_text(&action.params, "@type", p->variable.type);
	job_params_add(&action.params, "@secret", tsql_bit(p->variable.sensitive));
	if (!property_add_typed(p, &action.params, "@value", p->variable.name, p->variable.type, text)) {
		job_params_release(&action.params);
		return;
	}
	add_variable_params(p, &action.undo_params, p->variable.name);
	property_run(p, &action, NULL, xasprintf("variable %s is in %s", p->variable.name, p->label),
	    xasprintf("variable %s out of %s again", p->variable.name, p->label));
}

static void variable_named(struct screen *screen, const char *text)
{
	static const char *const types[] = { "String", "Int32", "Boolean", "DateTime", "Decimal", "Double", "Int64", "Int16",
		"Byte", "SByte", "Single", "UInt32", "UInt64" };
	static const char *const hidden[] = { "No", "Yes" };
	struct properties *p = properties_of(screen);
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
	property_run(p, &action, xasprintf("Delete variable %s of environment %s?%s", p->editing.key, p->label,
		sensitive ? "\nIt is sensitive: its value cannot be brought back." : ""),
	    xasprintf("variable %s is deleted", p->editing.key),
	    xasprintf("variable %s back with its value (without its description)", p->editing.key));
}

/* --- versions --- */

static void restore_version(struct properties *p)
{
	static const char batch[] = EXEC("restore_project") "@folder_name=@folder, @project_name=@project, "
		"@object_version_lsn=@version";
	struct action action = { .title = "Restore Version", .button = "Restore", .batch = batch, .undo_batch = batch };
	long long now = strtoll(p->editing.raw, NULL, 10);

	property_add_place(p, &action.params);
	job_params_bigint(&action.params, "@version", p->editing.number);
	property_add_place(p, &action.undo_params);
	job_params_bigint(&action.undo_params, "@version", now);
	property_run(p, &action, xasprintf("Restore project %s to version %lld, of %s?\nVersion %lld is the current one now.", p->label,
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
		property_edit_parameter(p);
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
		property_browse_environments(p);
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
		property_remove_reference(p);
	else if (edit_of(&row) == EDIT_VARIABLE)
		remove_variable(p);
	else
		property_clear_parameter(p, true);
}
