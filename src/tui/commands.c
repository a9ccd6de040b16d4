/* SPDX-License-Identifier: MIT */
/* The commands that work on every screen, and how a command finds who runs it. */
#define NCURSES_NOMACROS /* "refresh" is a name of ours */
#include <curses.h>
#include <signal.h>

#include "tui/app.h"
#include "tui/input.h"
#include "tui/screens/screens.h"

static void run_help(struct app *app)
{
	app_push(app, help_new(app));
}

static void run_palette(struct app *app)
{
	app_push(app, palette_new(app));
}

static void run_back(struct app *app)
{
	struct screen *top = app_top(app);

	if (!top || (top->ops->may_close && !top->ops->may_close(top)))
		return;
	if (app->stack.len == 1 && top->ops->filter && *top->ops->filter(top)) {
		top->ops->set_filter(top, "");
		return;
	}
	app_close(app);
}

static void run_quit(struct app *app)
{
	while (app->stack.len > 0) {
		struct screen *top = app_top(app);

		if (top->ops->may_close && !top->ops->may_close(top))
			return;
		app_close(app);
	}
}

static void run_refresh(struct app *app)
{
	struct screen *subject = app_subject(app);

	if (subject && subject->ops->refresh)
		subject->ops->refresh(subject);
	app->dirty = true;
}

static void run_repaint(struct app *app)
{
	app->clear = app->dirty = true;
}

static void run_suspend(struct app *app)
{
	if (app->headless)
		return;
	input_paste_mode(false);
	endwin();
	raise(SIGSTOP);
	input_paste_mode(true);
	run_repaint(app);
}

static void run_filter(struct app *app)
{
	struct screen *top = app_top(app);

	if (top->ops->set_filter)
		app_type_filter(app, top);
}

static void run_cancel(struct app *app)
{
	if (jobs_idle(app->jobs)) {
		app_toast(app, "nothing to cancel; F10 leaves");
		return;
	}
	jobs_interrupt(app->jobs);
	app_toast(app, "cancelling; F5 reads again");
}

static void run_mouse(struct app *app)
{
	app->mouse = !app->mouse;
	if (!app->headless)
		input_mouse(app->mouse);
	app_toast(app, app->mouse ? "mouse on; hold Shift to select text"
				  : "mouse off: the terminal selects text with it");
}

static void go(struct app *app, enum key_context context, struct screen *(*make)(struct app *app))
{
	if (app_return_to(app, context))
		return;
	app_return_to(app, CTX_TREE);
	app_push(app, make(app));
}

static struct screen *make_executions(struct app *app)
{
	return executions_new(app, NULL);
}

static void run_go_tree(struct app *app)
{
	go(app, CTX_TREE, tree_screen_new);
}

static void run_go_executions(struct app *app)
{
	go(app, CTX_EXECUTIONS, make_executions);
}

static void run_go_operations(struct app *app)
{
	go(app, CTX_OPERATIONS, operations_new);
}

static void run_go_workers(struct app *app)
{
	go(app, CTX_WORKERS, workers_new);
}

static void run_go_queue(struct app *app)
{
	go(app, CTX_QUEUE, queue_new);
}

static void run_master_start(struct app *app)
{
	const struct console_master *master = &app->options.master;
	struct err err;

	if (!master->start || (app->health.known && app->health.master_runs && app->health.master_seen))
		app_toast(app, master->start ? "a master runs already" : "start it with: scaleout master start");
	else if (master->start(master->ctx, &err) < 0)
		app_alert_err(app, "Start Master", &err);
	else
		app_toast(app, "the master is being started");
	health_refresh(app);
}

static const struct {
	enum command command;
	void (*run)(struct app *app);
} global_handlers[] = {
	{ CMD_HELP, run_help },
	{ CMD_PALETTE, run_palette },
	{ CMD_MENU_BAR, menu_bar_run },
	{ CMD_BACK, run_back },
	{ CMD_QUIT, run_quit },
	{ CMD_REFRESH, run_refresh },
	{ CMD_REPAINT, run_repaint },
	{ CMD_SUSPEND, run_suspend },
	{ CMD_FILTER, run_filter },
	{ CMD_CANCEL, run_cancel },
	{ CMD_MOUSE, run_mouse },
	{ CMD_GO_TREE, run_go_tree },
	{ CMD_GO_EXECUTIONS, run_go_executions },
	{ CMD_GO_OPERATIONS, run_go_operations },
	{ CMD_GO_WORKERS, run_go_workers },
	{ CMD_GO_QUEUE, run_go_queue },
	{ CMD_QUEUE_SWITCH, queue_switch },
	{ CMD_MASTER_START, run_master_start },
	{ CMD_UNDO, action_undo },
};

bool app_handles_globally(enum command command)
{
	for (size_t i = 0; i < ARRAY_LEN(global_handlers); i++) {
		if (global_handlers[i].command == command)
			return true;
	}
	return false;
}

bool app_enabled(const struct app *app, const struct key_binding *binding)
{
	struct screen *subject = app_subject(app);

	if (app->options.read_only && binding->flags & KEY_CHANGES)
		return false;
	if (!subject)
		return false;
	if (binding->command == CMD_FILTER)
		return subject->ops->set_filter != NULL;
	if (binding->command == CMD_UNDO)
		return app->action.undo != NULL;
	if (binding->command == CMD_REFRESH)
		return subject->ops->refresh != NULL;
	if (binding->context == CTX_GLOBAL || binding->context == CTX_LIST || binding->context == CTX_OVERLAY)
		return true;
	return !subject->ops->enabled || subject->ops->enabled(subject, binding->command);
}

void app_command(struct app *app, enum command command)
{
	struct screen *top = app_top(app);
	const struct key_binding *binding;

	app->dirty = true;
	if (!top)
		return;
	binding = key_of_command(top->ops->context, top->ops->list, command);
	if (binding && !app_enabled(app, binding)) {
		app_toast_key(app, binding->label, binding->flags & KEY_CHANGES && app->options.read_only
			? "not in read-only mode" : "not possible here");
		return;
	}
	for (size_t i = 0; i < top->ops->handler_count; i++) {
		if (top->ops->handlers[i].command == command) {
			top->ops->handlers[i].run(top);
			return;
		}
	}
	if (top->ops->list && top->ops->move && top->ops->move(top, command))
		return;
	for (size_t i = 0; i < ARRAY_LEN(global_handlers); i++) {
		if (global_handlers[i].command == command) {
			global_handlers[i].run(app);
			return;
		}
	}
}
