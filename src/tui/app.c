/* SPDX-License-Identifier: MIT */
/*
 * The event loop and what holds the screens together. Each turn: deliver
 * results, let screens do what is due, draw one frame if anything changed,
 * wait for a key, a result or the next deadline, then take every key that is
 * there before drawing again.
 */
#include "tui/app.h"

#define NCURSES_NOMACROS /* "move" and "refresh" are names of ours */
#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tui/frame.h"
#include "tui/input.h"
#include "tui/script.h"
#include "tui/text.h"

#define TOAST_MS 6000
#define DEBOUNCE_MS 120
#define DOUBLE_CLICK_MS 400
#define WHEEL_ROWS 3
#define HELD_LOOK_MS 100 /* whether keys are still to wait for a dialog */

/* --- screens --- */

/* Forget the line that is being typed. */
static void input_drop(struct app *app)
{
	struct app_input *input = &app->input;

	input->active = false;
	input->due_ms = 0;
	edit_release(&input->edit);
	free(input->label);
	input->label = NULL;
	app->dirty = true;
}

struct screen *app_top(const struct app *app)
{
	return app->stack.len ? app->stack.items[app->stack.len - 1] : NULL;
}

struct screen *app_subject(const struct app *app)
{
	size_t i = app->stack.len;

	while (i > 0 && app->stack.items[i - 1]->ops->overlay)
		i--;
	return i > 0 ? app->stack.items[i - 1] : NULL;
}

void app_push(struct app *app, struct screen *screen)
{
	screen->app = app;
	vec_push(&app->stack, screen);
	app->dirty = true;
}

void app_close(struct app *app)
{
	struct screen *screen = app_top(app);

	if (!screen)
		return;
	app->stack.len--;
	if (app->input.active && app->input.owner == screen)
		input_drop(app);
	screen->ops->free(screen);
	app->dirty = true;
	if (app->stack.len == 0)
		app->quit = true;
}

bool app_return_to(struct app *app, enum key_context context)
{
	size_t i = app->stack.len;

	while (i > 0 && app->stack.items[i - 1]->ops->context != context)
		i--;
	if (i == 0)
		return false;
	while (app->stack.len > i)
		app_close(app);
	return true;
}

/* --- messages --- */

static void set_toast(struct app *app, const char *text, bool bad)
{
	struct buf clean = BUF_INIT;

	text_clean(text, strlen(text), &clean);
	free(app->toast);
	app->toast = buf_detach(&clean);
	app->toast_bad = bad;
	app->toast_of_key = false;
	app->toast_until = clock_mono_ms() + TOAST_MS;
	app->dirty = true;
}

void app_toast(struct app *app, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list args;

	va_start(args, fmt);
	buf_vaddf(&text, fmt, args);
	va_end(args);
	set_toast(app, text.data, false);
	buf_release(&text);
}

void app_toast_key(struct app *app, const char *label, const char *why)
{
	app_toast(app, "%s: %s", label, why);
	app->toast_of_key = true;
}

static void end_toast(struct app *app)
{
	free(app->toast);
	app->toast = NULL;
	app->dirty = true;
}

void app_err_format(const struct err *err, bool whole, struct buf *ret)
{
	if (err->code == ERR_SQL && err->sql_number)
		buf_addf(ret, "Msg %d: ", err->sql_number);
	buf_adds(ret, err->primary);
	if (whole && err->detail[0])
		buf_addf(ret, "\n%s", err->detail);
	if (whole && err->hint[0])
		buf_addf(ret, "\n\n%s", err->hint);
}

void app_toast_err(struct app *app, const struct err *err)
{
	struct buf text = BUF_INIT;

	app_err_format(err, false, &text);
	set_toast(app, text.data, true);
	buf_release(&text);
}

void app_alert_err(struct app *app, const char *title, const struct err *err)
{
	struct buf text = BUF_INIT;

	app_err_format(err, true, &text);
	dlg_alert(&app->dialogs, title, text.data);
	buf_release(&text);
	app->dirty = true;
}

void app_remember(struct app *app, const char *name, const char *value)
{
	struct err err;

	if (state_set(&app->state, name, value, &err) < 0)
		app_toast_err(app, &err);
}

/* --- the input line --- */

/* False while another line is being typed. */
static bool input_begin(struct app *app, struct screen *owner, const char *label, const char *initial,
    bool live)
{
	struct app_input *input = &app->input;

	if (input->active)
		return false;
	edit_init(&input->edit, initial);
	input->active = true;
	input->live = live;
	input->label = xstrdup(label);
	input->owner = owner;
	input->done = NULL;
	input->due_ms = 0;
	app->dirty = true;
	return true;
}

void app_ask(struct app *app, struct screen *owner, const char *label, const char *initial, bool hidden,
    void (*done)(struct screen *owner, const char *text))
{
	if (!input_begin(app, owner, label, initial, false))
		return;
	app->input.edit.hidden = hidden;
	app->input.done = done;
}

void app_type_filter(struct app *app, struct screen *screen)
{
	input_begin(app, screen, "Filter: ", screen->ops->filter(screen), true);
}

static void input_end(struct app *app, bool accepted)
{
	struct app_input *input = &app->input;
	struct screen *owner = input->owner;
	char *text = xstrndup(input->edit.text.data, input->edit.text.len);

	input_drop(app);
	if (!input->live)
		input->done(owner, accepted ? text : NULL);
	else
		owner->ops->set_filter(owner, accepted ? text : "");
	mem_wipe(text, strlen(text));
	free(text);
}

static void input_key(struct app *app, int key)
{
	struct app_input *input = &app->input;

	app->dirty = true;
	if (key == '\r' || key == 27) {
		input_end(app, key == '\r');
		return;
	}
	if (input_edit_key(&input->edit, key) && input->live)
		input->due_ms = clock_mono_ms() + DEBOUNCE_MS;
}

/* Pass a live change on once typing has paused. Returns the deadline. */
static int64_t input_tick(struct app *app, int64_t now)
{
	struct app_input *input = &app->input;

	if (!input->active || input->due_ms == 0)
		return 0;
	if (now < input->due_ms)
		return input->due_ms;
	input->due_ms = 0;
	input->owner->ops->set_filter(input->owner, input->edit.text.data);
	app->dirty = true;
	return 0;
}

/* --- keys and clicks --- */

static void click_key_line(struct app *app, int x)
{
	for (size_t i = 0; i < app->key_places.len; i++) {
		const struct app_key_place *place = &app->key_places.items[i];

		if (x >= place->x && x < place->x + place->width) {
			app_command(app, place->command);
			return;
		}
	}
}

static void click(struct app *app)
{
	struct screen *top = app_top(app);
	int64_t now = clock_mono_ms();
	MEVENT event;
	bool twice;

	if (getmouse(&event) != OK || app->input.active || !top)
		return;
	app->dirty = true;
	if (event.bstate & (BUTTON4_PRESSED | BUTTON5_PRESSED)) {
		for (int i = 0; i < WHEEL_ROWS; i++)
			app_command(app, event.bstate & BUTTON4_PRESSED ? CMD_UP : CMD_DOWN);
		return;
	}
	twice = event.y == app->click_y && now - app->click_ms < DOUBLE_CLICK_MS;
	app->click_y = event.y;
	app->click_ms = twice ? 0 : now;
	if (event.y == LINES - 1)
		click_key_line(app, event.x);
	else if (top->ops->click && event.y >= FRAME_TOP && event.y < LINES - FRAME_BOTTOM)
		top->ops->click(top, event.y - FRAME_TOP, event.x, twice);
}

static void handle_key(struct app *app, int key)
{
	struct screen *top = app_top(app);
	const struct key_binding *binding;

	if (key == K_RESIZE) {
		app->clear = app->dirty = true;
		return;
	}
	if (key == K_PASTE || key == K_PASTE_END) {
		app->pasting = key == K_PASTE;
		return;
	}
	if (app->toast && app->toast_of_key)
		end_toast(app);
	if (key == K_MOUSE) {
		click(app);
		return;
	}
	if (app->input.active) {
		/* A pasted line end must not accept the line. */
		if (!app->pasting || (key != '\r' && key != '\n'))
			input_key(app, key);
		return;
	}
	if (app->pasting || !top)
		return;
	if (top->ops->key && top->ops->key(top, key)) {
		app->dirty = true;
		return;
	}
	binding = key_lookup(top->ops->context, top->ops->list, key);
	if (binding)
		app_command(app, binding->command);
}

/* --- waiting --- */

static int64_t tick(struct app *app, int64_t now)
{
	int64_t next = input_tick(app, now);

	if (app->toast && now >= app->toast_until) {
		end_toast(app);
	} else if (app->toast && (!next || app->toast_until < next)) {
		next = app->toast_until;
	}
	int64_t look = health_tick(app, now);
	if (look && (!next || look < next))
		next = look;
	for (size_t i = 0; i < app->stack.len; i++) {
		struct screen *screen = app->stack.items[i];
		int64_t due = screen->ops->tick ? screen->ops->tick(screen, now) : 0;

		if (due && (!next || due < next))
			next = due;
	}
	return next;
}

static void drain_wake(struct app *app)
{
	char bytes[64];
	ssize_t got;

	while ((got = read(app->wake[0], bytes, sizeof(bytes))) > 0) {
		/* 'q' is a signal that asks us to leave. */
		if (memchr(bytes, 'q', (size_t)got))
			app->quit = true;
	}
}

static bool script_idle(void *ctx)
{
	struct app *app = ctx;

	return jobs_idle(app->jobs) && !app->dirty && app->input.due_ms == 0;
}

static void script_display(void *ctx, struct buf *ret)
{
	app_display(ctx, ret);
}

/* The next key of the script; K_NONE when it waits. */
static int script_key(struct app *app)
{
	struct script_view view = { .display = script_display, .idle = script_idle, .ctx = app };
	struct script_result result;

	switch (script_next(app->script, &view, &result, &app->failure)) {
	case SCRIPT_KEY:
		return result.key;
	case SCRIPT_RESIZE:
		resizeterm(result.height, result.width);
		return K_RESIZE;
	case SCRIPT_WAIT:
		return K_NONE;
	case SCRIPT_END:
	case SCRIPT_FAILED:
		break;
	}
	app->quit = true;
	return K_NONE;
}

/* The next key that is there; K_NONE while keys wait for what they are meant for. */
static int next_key(struct app *app)
{
	if (jobs_hold_keys(app->jobs))
		return K_NONE;
	return app->script ? script_key(app) : input_read_key();
}

/* Wait for a key until the deadline (0 = for ever) or a result. K_NONE: none came. */
static int wait_key(struct app *app, int64_t deadline)
{
	bool held = jobs_hold_keys(app->jobs);
	struct pollfd fds[2] = { { .fd = app->wake[0], .events = POLLIN },
		{ .fd = app->script || held ? -1 : STDIN_FILENO, .events = POLLIN } };
	int64_t left = deadline ? deadline - clock_mono_ms() : 60000;
	int key = next_key(app);

	if (key != K_NONE || app->quit)
		return key;
	if (held && left > HELD_LOOK_MS)
		left = HELD_LOOK_MS;
	/* A script that waits looks at the screen again soon. */
	if (app->script && left > 2)
		left = 2;
	if (poll(fds, 2, left < 0 ? 0 : (int)(left < 60000 ? left : 60000)) > 0) {
		drain_wake(app);
		if (fds[1].revents & (POLLHUP | POLLERR | POLLNVAL) && !(fds[1].revents & POLLIN))
			app->quit = true;
	}
	return app->script ? K_NONE : next_key(app);
}

/* Keys for dialogs: results wait meanwhile, only the dialog is on. */
static int dialog_key(void *ctx)
{
	struct app *app = ctx;

	/* Whatever the dialog covered is drawn again once it is gone. */
	app->dirty = true;
	while (!app->quit) {
		int key = wait_key(app, clock_mono_ms() + 1000);

		if (key == K_PASTE || key == K_PASTE_END)
			app->pasting = key == K_PASTE;
		else if (key != K_NONE && key != K_MOUSE && !app->pasting)
			return key;
	}
	return K_NONE;
}

static void dialog_repaint(void *ctx)
{
	struct app *app = ctx;

	app->dirty = true;
	app_frame(app);
}

int app_run(struct app *app, struct err *err)
{
	while (!app->quit) {
		int64_t deadline;
		int key;

		if (jobs_deliver(app->jobs) > 0)
			app->dirty = true;
		deadline = tick(app, clock_mono_ms());
		if (app->dirty)
			app_frame(app);
		key = app->quit ? K_NONE : wait_key(app, deadline);
		while (key != K_NONE && !app->quit) {
			handle_key(app, key);
			/* What the key has opened begins to read: the next one may be meant for that. */
			tick(app, clock_mono_ms());
			/* A script sees every frame; a person only the last one. */
			key = app->script ? K_NONE : next_key(app);
		}
	}
	if (app->failure.code == ERR_NONE)
		return 0;
	if (err)
		*err = app->failure;
	return -(int)app->failure.code;
}

int app_init(struct app *app, const struct console_options *options, bool headless, struct err *err)
{
	*app = (struct app){ .options = *options, .headless = headless, .dirty = true, .clear = true };
	app->mouse = !options->no_mouse;
	state_load(&app->state, options->state_path);
	theme_init(&app->theme, options->ascii, options->slow, options->color);
	app->dialogs = (struct dlg_host){ .ctx = app, .read_key = dialog_key, .repaint = dialog_repaint,
		.ascii = app->theme.ascii };
	if (pipe2(app->wake, O_NONBLOCK | O_CLOEXEC) != 0)
		return err_set_errno(err, errno, "cannot make a pipe");
	if (options->script) {
		int r = script_load(options->script, &app->script, err);

		if (r < 0)
			return r;
	}
	app->jobs = jobs_new(&options->connector, app->wake[1]);
	return 0;
}

void app_release(struct app *app)
{
	while (app->stack.len > 0)
		app_close(app);
	vec_release(&app->stack);
	jobs_cancel(app->jobs, &app->stop.slot);
	vec_release(&app->stop.ids);
	action_release(app);
	wish_release(app);
	validate_release(app);
	health_release(app);
	state_release(&app->state);
	vec_release(&app->key_places);
	free(app->toast);
	jobs_free(app->jobs);
	script_free(app->script);
	close(app->wake[0]);
	close(app->wake[1]);
}
