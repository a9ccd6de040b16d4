/* SPDX-License-Identifier: MIT */
/*
 * Starting and leaving curses. A script without a terminal gets a screen that
 * goes nowhere (80x24 on /dev/null) and works all the same.
 */
#include "tui/console.h"

#include <curses.h>
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui/app.h"
#include "tui/input.h"
#include "tui/screens/screens.h"

/* Where the signal handler writes; a handler can be given no context. */
static volatile sig_atomic_t signal_fd = -1;

static void on_signal(int number)
{
	int saved = errno;

	(void)number;
	if (signal_fd >= 0 && write(signal_fd, "q", 1) < 0) {
		/* The pipe is full, so the loop is awake. */
	}
	errno = saved;
}

struct terminal {
	SCREEN *screen;
	FILE *in, *out; /* of a headless screen */
	bool headless;
	struct sigaction term, hup;
};

static int start_screen(struct terminal *terminal, struct err *err)
{
	const char *name = getenv("TERM");
	FILE *in = stdin, *out = stdout;

	if (terminal->headless) {
		terminal->in = in = fopen("/dev/null", "re");
		terminal->out = out = fopen("/dev/null", "we");
		name = "xterm-256color";
		if (!in || !out)
			return err_set_errno(err, errno, "cannot open /dev/null");
	} else if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(err, ERR_UNSUPPORTED, "the console needs a terminal");
		err_hint(err, "without one use the sub-commands: scaleout --help");
		return -ERR_UNSUPPORTED;
	}
	if (!name || !*name || strcmp(name, "dumb") == 0 ||
	    !(terminal->screen = newterm(name, out, in))) {
		err_set(err, ERR_UNSUPPORTED, "the terminal type \"%s\" cannot show the console", name ? name : "");
		err_hint(err, "set TERM, or use the sub-commands: scaleout --help");
		return -ERR_UNSUPPORTED;
	}
	set_term(terminal->screen);
	return 0;
}

static int start(struct terminal *terminal, const struct console_options *options, struct err *err)
{
	int r;

	setlocale(LC_CTYPE, "");
	/* Box characters as themselves: fewer bytes, and right on every UTF-8 terminal. */
	setenv("NCURSES_NO_UTF8_ACS", "1", 0);
	terminal->headless = options->script && !isatty(STDOUT_FILENO);
	r = start_screen(terminal, err);
	if (r < 0)
		return r;
	if (!getenv("ESCDELAY"))
		set_escdelay(25);
	raw();
	noecho();
	nonl();
	curs_set(1);
	input_init(!options->no_mouse && !terminal->headless);
	if (terminal->headless)
		resizeterm(24, 80);
	else
		input_paste_mode(true);
	return 0;
}

static void stop(struct terminal *terminal)
{
	if (terminal->screen) {
		if (!terminal->headless)
			input_paste_mode(false);
		input_release();
		endwin();
		delscreen(terminal->screen);
	}
	if (terminal->in)
		fclose(terminal->in);
	if (terminal->out)
		fclose(terminal->out);
}

static void watch_signals(struct terminal *terminal, int fd)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	signal_fd = fd;
	sigaction(SIGTERM, &action, &terminal->term);
	sigaction(SIGHUP, &action, &terminal->hup);
}

static void unwatch_signals(const struct terminal *terminal)
{
	sigaction(SIGTERM, &terminal->term, NULL);
	sigaction(SIGHUP, &terminal->hup, NULL);
	signal_fd = -1;
}

int console_run(const struct console_options *options, struct err *err)
{
	struct terminal terminal = { 0 };
	struct app app;
	int r = start(&terminal, options, err);

	if (r < 0)
		goto out;
	r = app_init(&app, options, terminal.headless, err);
	if (r == 0) {
		watch_signals(&terminal, app.wake[1]);
		app_push(&app, tree_screen_new(&app));
		if (options->open && strcmp(options->open, "executions") == 0)
			app_push(&app, executions_new(&app, NULL));
		r = app_run(&app, err);
		unwatch_signals(&terminal);
		app_release(&app);
	}
out:
	stop(&terminal);
	return r;
}
