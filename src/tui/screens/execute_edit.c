/* SPDX-License-Identifier: MIT */
/* The fields of the Execute dialog's details: values of parameters, options of a run, property overrides. */
#include "tui/screens/execute.h"

#include <stdlib.h>
#include <string.h>

#define RETRY_MAX 1000

size_t execute_value_under_cursor(const struct execute *e)
{
	size_t *indexes = xcalloc(EXECUTE_VALUES_MAX, sizeof(*indexes));
	size_t count = execute_tab_values(e, e->tab, indexes, EXECUTE_VALUES_MAX);
	size_t found = e->details.pos < count ? indexes[e->details.pos] : EXECUTE_NO_VALUE;

	free(indexes);
	return found;
}

static void value_typed(struct screen *screen, const char *text)
{
	struct execute *e = execute_of(screen);
	struct form_package *package = execute_current(e);
	struct err err;

	if (!text || !package || e->editing >= package->values.len)
		return;
	if (form_value_edit(&package->values.items[e->editing], text, &err) < 0)
		app_alert_err(screen->app, "Parameter", &err);
	e->changed = true;
}

void execute_edit_value(struct execute *e)
{
	size_t index = execute_value_under_cursor(e);
	struct form_value *value;
	struct buf initial = BUF_INIT;
	char *label;

	if (index == EXECUTE_NO_VALUE)
		return;
	value = &execute_current(e)->values.items[index];
	e->editing = index;
	label = xasprintf("%s (%s): ", value->name, value->data_type);
	form_value_text(value, &initial);
	app_ask(e->screen.app, &e->screen, label, initial.data, value->sensitive, value_typed);
	buf_release(&initial);
	free(label);
}

void execute_flip_value(struct execute *e)
{
	size_t index = execute_value_under_cursor(e);
	struct form_value *value;
	struct buf text = BUF_INIT;

	if (index == EXECUTE_NO_VALUE)
		return;
	value = &execute_current(e)->values.items[index];
	form_value_text(value, &text);
	form_value_edit(value, text.len && (text.data[0] == 'T' || text.data[0] == 't' || text.data[0] == '1')
		? "False" : "True", NULL);
	e->changed = true;
	buf_release(&text);
}

static void pick_environment(struct execute *e, struct form_package *package)
{
	const char **labels = xcalloc(package->references.len + 1, sizeof(*labels));
	size_t current = 0;
	int chosen;

	labels[0] = "(none)";
	for (size_t i = 0; i < package->references.len; i++) {
		labels[i + 1] = package->references.items[i].label;
		if (package->references.items[i].id == package->reference_id)
			current = i + 1;
	}
	chosen = dlg_pick(&e->screen.app->dialogs, "Environment", labels, package->references.len + 1, current);
	if (chosen >= 0)
		package->reference_id = chosen == 0 ? 0 : package->references.items[chosen - 1].id;
	free(labels);
}

static void pick_logging(struct execute *e, struct form_package *package)
{
	const char *labels[16] = { 0 };
	size_t current = 0;
	int chosen;

	for (size_t i = 0; i < code_logging_level.len; i++) {
		labels[i] = code_logging_level.items[i].word;
		if (code_logging_level.items[i].value == package->logging_level)
			current = i;
	}
	chosen = dlg_pick(&e->screen.app->dialogs, "Logging level", labels, code_logging_level.len, current);
	if (chosen >= 0)
		package->logging_level = code_logging_level.items[chosen].value;
}

/* --- property overrides --- */

static void override_value_typed(struct screen *screen, const char *text)
{
	struct execute *e = execute_of(screen);
	struct form_package *package = execute_current(e);

	if (!text || !package)
		return;
	form_override_set(package, e->path, text, e->path_sensitive);
	e->changed = true;
}

static void ask_override_value(struct execute *e, const char *path, const char *value)
{
	char *label = xasprintf("Value of %s: ", path), *copy = xstrdup(path);

	free(e->path);
	e->path = copy;
	app_ask(e->screen.app, &e->screen, label, value, e->path_sensitive, override_value_typed);
	free(label);
}

static void override_path_typed(struct screen *screen, const char *text)
{
	static const char *const answers[] = { "No", "Yes" };
	struct execute *e = execute_of(screen);
	int chosen;

	if (!text || !*text)
		return;
	chosen = dlg_ask(&screen->app->dialogs, "Property override",
	    "Sensitive? Its value is then encrypted and never shown.", answers, 2, 0);
	screen->app->dirty = true;
	if (chosen < 0)
		return;
	e->path_sensitive = chosen == 1;
	ask_override_value(e, text, "");
}

/* The override under the cursor, or NULL on the row that adds one. */
static struct form_override *override_under_cursor(const struct execute *e, size_t *ret_index)
{
	struct form_package *package = execute_current(e);
	size_t index = e->details.pos - execute_options(e);

	if (!package || e->details.pos < execute_options(e) || index >= package->overrides.len)
		return NULL;
	*ret_index = index;
	return &package->overrides.items[index];
}

static void edit_override(struct execute *e)
{
	size_t index;
	const struct form_override *override = override_under_cursor(e, &index);

	if (!override) {
		app_ask(e->screen.app, &e->screen, "Property path, as \\Package.Properties[Name]: ", "\\Package", false,
		    override_path_typed);
		return;
	}
	e->path_sensitive = override->sensitive;
	ask_override_value(e, override->path, override->sensitive ? "" : override->value);
}

void execute_edit_option(struct execute *e)
{
	struct form_package *package = execute_current(e);

	if (!package)
		return;
	if (e->details.pos >= execute_options(e)) {
		edit_override(e);
		return;
	}
	switch ((enum execute_option)e->details.pos) {
	case OPTION_ENVIRONMENT:
		pick_environment(e, package);
		break;
	case OPTION_LOGGING:
		pick_logging(e, package);
		break;
	case OPTION_DUMP:
		package->dump_on_error = !package->dump_on_error;
		break;
	case OPTION_32_BIT:
		package->use_32_bit = !package->use_32_bit;
		break;
	case OPTION_RETRY:
		dlg_number(&e->screen.app->dialogs, "Retry count", "Times to retry after a failure: ", 0,
		    RETRY_MAX, &package->retry_count);
		break;
	case OPTION_COUNT:
		break;
	}
	e->changed = true;
}

bool execute_option_is_yes_no(const struct execute *e)
{
	return e->details.pos == OPTION_DUMP || e->details.pos == OPTION_32_BIT;
}

void execute_reset_value(struct screen *screen)
{
	struct execute *e = execute_of(screen);
	size_t index = e->focus == FOCUS_DETAILS ? execute_value_under_cursor(e) : EXECUTE_NO_VALUE, override;

	if (e->focus == FOCUS_DETAILS && e->tab == TAB_ADVANCED && override_under_cursor(e, &override))
		form_override_remove(execute_current(e), override);
	if (index != EXECUTE_NO_VALUE)
		form_value_reset(&execute_current(e)->values.items[index]);
}
