/* SPDX-License-Identifier: MIT */
/*
 * Execute in Scale Out, and Execute: which packages, with which values, on
 * which machines. OK runs the batches that Script shows, one package after the
 * other; what fails is shown with its number and stays ticked.
 */
#include "tui/screens/execute.h"

#include <stdlib.h>
#include <string.h>

#include "tui/screens/screens.h"

struct form_package *execute_current(const struct execute *e)
{
	return e->packages.pos < e->shown.len ? &e->form.packages.items[e->shown.items[e->packages.pos]] : NULL;
}

size_t execute_tab_values(const struct execute *e, enum execute_tab tab, size_t *ret_indexes, size_t max)
{
	const struct form_package *package = execute_current(e);
	size_t count = 0;

	for (size_t i = 0; package && tab != TAB_ADVANCED && i < package->values.len && count < max; i++) {
		if (package->values.items[i].is_connection == (tab == TAB_CONNECTIONS))
			ret_indexes[count++] = i;
	}
	return count;
}

size_t execute_options(const struct execute *e)
{
	return e->form.scale_out ? OPTION_COUNT : OPTION_RETRY;
}

size_t execute_detail_rows(const struct execute *e)
{
	const struct form_package *package = execute_current(e);
	size_t *indexes, count;

	/* The last row adds an override. */
	if (e->tab == TAB_ADVANCED)
		return execute_options(e) + (package ? package->overrides.len : 0) + 1;
	indexes = xcalloc(EXECUTE_VALUES_MAX, sizeof(*indexes));
	count = execute_tab_values(e, e->tab, indexes, EXECUTE_VALUES_MAX);
	free(indexes);
	return count;
}

/* --- OK --- */

static void run_next(struct execute *e); /* it and ran call each other */

/* Is there a machine that could take the work at once? */
static bool worker_ready(const struct form *form)
{
	for (size_t i = 0; i < form->workers.len; i++) {
		const struct form_worker *worker = &form->workers.items[i];

		if (worker->enabled && worker->online && (form->any_worker || worker->checked))
			return true;
	}
	return false;
}

static void finish(struct execute *e)
{
	static const char *const after[] = { "All Executions", "Close" };
	struct app *app = e->screen.app;
	struct buf text = BUF_INIT;
	int chosen;

	e->running = false;
	for (size_t i = 0; i < e->started.len; i++)
		buf_addf(&text, "%s%lld", i ? ", " : e->started.len == 1 ? "Execution " : "Executions ",
		    (long long)e->started.items[i]);
	if (e->started.len)
		buf_adds(&text, " started.\n");
	if (e->started.len && e->form.scale_out && !worker_ready(&e->form))
		buf_adds(&text, "No machine that may run it is enabled and online now, so it waits.\n");
	if (e->failures.len) {
		buf_addf(&text, "%sNot started:\n%s", e->started.len ? "\n" : "", e->failures.data);
		dlg_alert(&app->dialogs, "Execute", text.data);
		app->dirty = true;
	} else {
		chosen = dlg_ask(&app->dialogs, "Execute", text.data, after, 2, 0);
		/* Something may have been opened on top meanwhile. */
		app_return_to(app, CTX_EXECUTE);
		app_close(app);
		if (chosen == 0)
			app_push(app, executions_new(app, NULL));
	}
	buf_release(&text);
}

static void ran(void *ctx, const struct job_result *result)
{
	struct execute *e = ctx;
	struct form_package *package = &e->form.packages.items[e->next];
	const struct tsql_rowset *rows = &result->rows;

	if (result->r < 0) {
		buf_addf(&e->failures, "%s: ", package->package);
		app_err_format(&result->err, true, &e->failures);
		buf_addc(&e->failures, '\n');
	} else {
		if (rows->row_count > 0 && rows->column_count > 0 && !rows->cells[0].null)
			vec_push(&e->started, rows->cells[0].i);
		package->checked = false;
	}
	e->next++;
	run_next(e);
}

static void run_next(struct execute *e)
{
	struct job_params params = { 0 };
	struct buf batch = BUF_INIT;

	while (e->next < e->form.packages.len && !e->form.packages.items[e->next].checked)
		e->next++;
	if (e->next == e->form.packages.len) {
		finish(e);
		return;
	}
	form_batch(&e->form, &e->form.packages.items[e->next], &batch, &params);
	jobs_submit(e->screen.app->jobs, JOB_FRONT, &e->run, batch.data, &params, 1, ran, e);
	buf_wipe(&batch);
	e->screen.app->dirty = true;
}

static void ok(struct screen *screen)
{
	struct execute *e = execute_of(screen);
	struct err err;

	if (e->running)
		return;
	if (form_check(&e->form, &err) < 0) {
		app_alert_err(screen->app, "Execute", &err);
		return;
	}
	e->running = true;
	e->next = 0;
	e->started.len = 0;
	buf_clear(&e->failures);
	run_next(e);
}

static void script(struct screen *screen)
{
	struct execute *e = execute_of(screen);
	struct buf text = BUF_INIT;

	if (form_checked(&e->form) == 0) {
		app_toast(screen->app, "no package is ticked, so there is nothing to script");
		return;
	}
	form_script(&e->form, &text);
	app_push(screen->app, text_screen_new(screen->app, "Script", text.data));
	buf_release(&text);
}

static bool may_close(struct screen *screen)
{
	struct execute *e = execute_of(screen);

	if (e->running) {
		app_toast(screen->app, "executions are being started");
		return false;
	}
	screen->app->dirty = true;
	return !e->changed ||
	    dlg_confirm(&screen->app->dialogs, "Execute", "Leave the dialog? What was set in it is lost.", "Leave");
}

static void toggle_machine(struct execute *e)
{
	struct form_worker *worker;

	e->changed = true;
	if (e->machines.pos == 0) {
		e->form.any_worker = !e->form.any_worker;
		return;
	}
	worker = &e->form.workers.items[e->machines.pos - 1];
	if (!worker->enabled && !worker->checked) {
		app_toast(e->screen.app, "%s is disabled: enable it on the screen Workers first", worker->name);
		return;
	}
	worker->checked = !worker->checked;
	/* Ticking a machine means that not any will do. */
	if (worker->checked)
		e->form.any_worker = false;
}

static void toggle(struct screen *screen)
{
	struct execute *e = execute_of(screen);
	struct form_package *package = execute_current(e);
	size_t index;

	if (e->focus == FOCUS_BUTTONS || e->focus == FOCUS_PAGES) {
		app_command(screen->app, CMD_OPEN);
	} else if (e->page == PAGE_MACHINES) {
		toggle_machine(e);
	} else if (e->focus == FOCUS_LIST && package) {
		package->checked = !package->checked;
		e->changed = true;
		cursor_command(&e->packages, CMD_DOWN, e->shown.len);
	} else if (e->focus == FOCUS_DETAILS && e->tab == TAB_ADVANCED) {
		if (execute_option_is_yes_no(e))
			execute_edit_option(e);
	} else if (e->focus == FOCUS_DETAILS) {
		index = execute_value_under_cursor(e);
		if (index != EXECUTE_NO_VALUE && strcmp(package->values.items[index].data_type, "Boolean") == 0)
			execute_flip_value(e);
	}
}

static void press(struct execute *e)
{
	switch (e->button) {
	case BUTTON_SCRIPT:
		script(&e->screen);
		break;
	case BUTTON_OK:
		app_command(e->screen.app, CMD_OK);
		break;
	case BUTTON_CANCEL:
	case BUTTON_COUNT:
		app_command(e->screen.app, CMD_BACK);
		break;
	}
}

static void open_field(struct screen *screen)
{
	struct execute *e = execute_of(screen);

	switch (e->focus) {
	case FOCUS_PAGES:
		e->focus = FOCUS_LIST;
		break;
	case FOCUS_LIST:
		if (e->page == PAGE_MACHINES)
			toggle_machine(e);
		else
			e->focus = FOCUS_DETAILS;
		break;
	case FOCUS_DETAILS:
		if (e->tab == TAB_ADVANCED)
			execute_edit_option(e);
		else
			execute_edit_value(e);
		break;
	case FOCUS_BUTTONS:
	case FOCUS_COUNT:
		press(e);
		break;
	}
}

static void check_all(struct execute *e, bool checked)
{
	if (e->page == PAGE_MACHINES) {
		for (size_t i = 0; i < e->form.workers.len; i++)
			e->form.workers.items[i].checked = checked && e->form.workers.items[i].enabled;
		if (checked)
			e->form.any_worker = false;
	} else {
		for (size_t i = 0; i < e->shown.len; i++)
			e->form.packages.items[e->shown.items[i]].checked = checked;
	}
	e->changed = true;
}

static void all(struct screen *screen)
{
	check_all(execute_of(screen), true);
}

static void none(struct screen *screen)
{
	check_all(execute_of(screen), false);
}

/* --- focus and pages --- */

static void focus_by(struct execute *e, int by)
{
	do
		e->focus = (enum execute_focus)(((int)e->focus + by + FOCUS_COUNT) % FOCUS_COUNT);
	while (e->focus == FOCUS_DETAILS && e->page == PAGE_MACHINES);
}

static void next_field(struct screen *screen)
{
	focus_by(execute_of(screen), 1);
}

static void previous_field(struct screen *screen)
{
	focus_by(execute_of(screen), -1);
}

static void page_by(struct execute *e, int by)
{
	int pages = e->form.scale_out ? PAGE_COUNT : 1;

	if (e->focus == FOCUS_DETAILS) {
		e->tab = (enum execute_tab)(((int)e->tab + by + TAB_COUNT) % TAB_COUNT);
		e->details.pos = e->details.top = 0;
		return;
	}
	e->page = (enum execute_page)(((int)e->page + by + pages) % pages);
}

static void next_tab(struct screen *screen)
{
	page_by(execute_of(screen), 1);
}

static void previous_tab(struct screen *screen)
{
	page_by(execute_of(screen), -1);
}

static void sideways(struct execute *e, int by)
{
	if (e->focus == FOCUS_BUTTONS)
		e->button = (enum execute_button)(((int)e->button + by + BUTTON_COUNT) % BUTTON_COUNT);
	else if (e->focus == FOCUS_DETAILS)
		page_by(e, by);
	else
		focus_by(e, by);
}

static void left(struct screen *screen)
{
	sideways(execute_of(screen), -1);
}

static void right(struct screen *screen)
{
	sideways(execute_of(screen), 1);
}

static bool move(struct screen *screen, enum command command)
{
	struct execute *e = execute_of(screen);
	size_t before = e->packages.pos;

	switch (e->focus) {
	case FOCUS_PAGES:
		if (command != CMD_UP && command != CMD_DOWN)
			return false;
		page_by(e, command == CMD_UP ? -1 : 1);
		return true;
	case FOCUS_LIST:
		if (e->page == PAGE_MACHINES)
			return cursor_command(&e->machines, command, e->form.workers.len + 1);
		if (!cursor_command(&e->packages, command, e->shown.len))
			return false;
		if (e->packages.pos != before)
			e->details.pos = e->details.top = 0;
		return true;
	case FOCUS_DETAILS:
		return cursor_command(&e->details, command, execute_detail_rows(e));
	case FOCUS_BUTTONS:
	case FOCUS_COUNT:
		break;
	}
	return false;
}

static const char *filter(const struct screen *screen)
{
	return ((const struct execute *)screen)->filter;
}

static void set_filter(struct screen *screen, const char *text)
{
	struct execute *e = execute_of(screen);

	free(e->filter);
	e->filter = xstrdup(text);
	execute_show_matching(e);
}

static void title(const struct screen *screen, struct buf *ret)
{
	buf_adds(ret, ((const struct execute *)screen)->form.scale_out ? "Execute in Scale Out" : "Execute Package");
}

static void free_screen(struct screen *screen)
{
	struct execute *e = execute_of(screen);
	struct job_slot *slots[] = { &e->read_packages, &e->read_workers, &e->read_values, &e->read_references,
		&e->run };

	for (size_t i = 0; i < ARRAY_LEN(slots); i++)
		jobs_cancel(screen->app->jobs, slots[i]);
	form_release(&e->form);
	vec_release(&e->shown);
	vec_release(&e->started);
	buf_release(&e->failures);
	free(e->folder);
	free(e->project);
	free(e->package);
	free(e->filter);
	free(e->path);
	free(e);
}

static const struct screen_handler handlers[] = {
	{ CMD_NEXT_FIELD, next_field },
	{ CMD_PREVIOUS_FIELD, previous_field },
	{ CMD_TOGGLE, toggle },
	{ CMD_OPEN, open_field },
	{ CMD_LEFT, left },
	{ CMD_RIGHT, right },
	{ CMD_NEXT_TAB, next_tab },
	{ CMD_PREVIOUS_TAB, previous_tab },
	{ CMD_CHECK_ALL, all },
	{ CMD_CHECK_NONE, none },
	{ CMD_RESET, execute_reset_value },
	{ CMD_SCRIPT, script },
	{ CMD_OK, ok },
};

const struct screen_ops execute_ops = {
	.context = CTX_EXECUTE,
	.list = true,
	.free = free_screen,
	.title = title,
	.draw = execute_draw,
	.handlers = handlers,
	.handler_count = ARRAY_LEN(handlers),
	.move = move,
	.tick = execute_tick,
	.filter = filter,
	.set_filter = set_filter,
	.may_close = may_close,
};

struct screen *execute_new(struct app *app, const struct execute_scope *scope)
{
	struct execute *e = xcalloc(1, sizeof(*e));

	e->screen = (struct screen){ &execute_ops, app };
	form_init(&e->form, scope->scale_out);
	e->folder = xstrdup_or_null(scope->folder);
	e->project = xstrdup_or_null(scope->project);
	e->package = xstrdup_or_null(scope->package);
	e->filter = xstrdup("");
	e->focus = FOCUS_LIST;
	e->button = BUTTON_OK;
	e->packages.page = e->machines.page = e->details.page = 1;
	buf_init(&e->failures);
	execute_read(e);
	return &e->screen;
}
