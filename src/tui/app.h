/* SPDX-License-Identifier: MIT */
/*
 * The console's frame: the stack of screens, the input line, the status line,
 * and the event loop. One thread owns everything here; queries run elsewhere
 * (jobs.h) and their results arrive between two frames.
 */
#ifndef SO_TUI_APP_H
#define SO_TUI_APP_H

#include "tui/action.h"
#include "tui/codes.h"
#include "tui/console.h"
#include "tui/cursor.h"
#include "tui/edit.h"
#include "tui/export.h"
#include "tui/health.h"
#include "tui/jobs.h"
#include "tui/keymap.h"
#include "tui/screens/queue_actions.h"
#include "tui/screens/validate.h"
#include "tui/state.h"
#include "tui/ui_cdk.h"
#include "tui/view.h"

struct app;
struct script;

struct screen;
struct screen_handler {
	enum command command;
	void (*run)(struct screen *screen);
};

/* One screen: its file ends in one of these. Slots may be NULL unless marked. */
struct screen_ops {
	enum key_context context;
	bool list;    /* the movement keys act (move is set) */
	bool overlay; /* the screen below stays visible around it */
	void (*free)(struct screen *screen);                            /* required */
	void (*title)(const struct screen *screen, struct buf *ret);    /* required: one word of the path */
	void (*draw)(struct screen *screen, const struct view *view);   /* required */
	const struct screen_handler *handlers; /* commands of its context */
	size_t handler_count;
	bool (*move)(struct screen *screen, enum command command);
	bool (*enabled)(const struct screen *screen, enum command command); /* NULL: all */
	bool (*key)(struct screen *screen, int key); /* sees every key first; true = taken */
	/* Called every turn; does what is due and returns the next moment it wants to be called, 0 = none. */
	int64_t (*tick)(struct screen *screen, int64_t now_ms);
	void (*refresh)(struct screen *screen);
	const char *(*filter)(const struct screen *screen); /* the filter in force */
	void (*set_filter)(struct screen *screen, const char *text);
	bool (*may_close)(struct screen *screen); /* false keeps it open (it has asked) */
	void (*click)(struct screen *screen, int y, int x, bool twice); /* relative to its view */
};

struct screen {
	const struct screen_ops *ops;
	struct app *app;
};

/* The line that is being typed on the status line. */
struct app_input {
	bool active;
	bool live;    /* changes are passed on while typing */
	struct edit edit;
	char *label;
	struct screen *owner;
	void (*done)(struct screen *owner, const char *text); /* NULL text = cancelled */
	int64_t due_ms; /* when the last change is passed on; 0 = it was */
};

/* Operations that are being stopped, one after the other (screens/stop.c). */
struct app_stop {
	VEC(int64_t) ids;
	size_t next, failed;
	struct job_slot slot;
	struct err err; /* of the first that failed */
};

/* Where the key line shows which command, for the mouse. */
struct app_key_place {
	int x, width;
	enum command command;
};

struct app {
	struct console_options options;
	struct theme theme;
	struct jobs *jobs;
	struct script *script;
	int wake[2];
	bool headless;
	bool quit, dirty, clear;
	bool pasting;
	int pushed_key; /* K_NONE = none */
	struct err failure; /* why the loop ended, if it did not end by itself */
	VEC(struct screen *) stack;
	struct app_input input;
	char *toast;
	bool toast_bad;
	bool toast_of_key; /* it is about the last key: gone with the next */
	int64_t toast_until;
	struct app_stop stop;
	struct app_action action;
	struct app_wish wish;
	struct app_validate validate;
	struct health health;
	struct state state;
	struct app_export export;
	VEC(struct app_key_place) key_places;
	bool mouse;
	int64_t click_ms; /* of the last click, to know a double one */
	int click_y;
	struct view_cursor cursor;
	struct dlg_host dialogs;
};

/* Set up after curses is up; connector and script as in options. */
int app_init(struct app *app, const struct console_options *options, bool headless, struct err *err);
void app_release(struct app *app);
/* Run until the last screen is closed. */
int app_run(struct app *app, struct err *err);

/* Screens: push takes ownership. Closing frees the top screen. */
void app_push(struct app *app, struct screen *screen);
void app_close(struct app *app);
/* Close everything above the first screen of that context; true when there is one. */
bool app_return_to(struct app *app, enum key_context context);
struct screen *app_top(const struct app *app);

/* One line on the status line for some seconds. */
void app_toast(struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What there is to say about a key that does nothing here. */
void app_toast_key(struct app *app, const char *label, const char *why);
/* A failed query: toast with number and text. */
void app_toast_err(struct app *app, const struct err *err);
/* A failed action: a dialog with number, text, detail and hint. */
void app_alert_err(struct app *app, const char *title, const struct err *err);
/* "Msg 27103: text" and so on, as both of these say it. */
void app_err_format(const struct err *err, bool whole, struct buf *ret);

/* Type a line on the status line. done gets the text, or NULL after Esc. */
void app_ask(struct app *app, struct screen *owner, const char *label, const char *initial, bool hidden,
    void (*done)(struct screen *owner, const char *text));

/* Type the filter of a screen that has one; it is applied while it is typed. */
void app_type_filter(struct app *app, struct screen *screen);

/* Keep it for the next run; says why where it cannot be written. */
void app_remember(struct app *app, const char *name, const char *value);

/* Run a command as its key would. */
void app_command(struct app *app, enum command command);
/* Is it one of the commands that work on every screen? */
bool app_handles_globally(enum command command);
/* May the command run now on the top screen? */
bool app_enabled(const struct app *app, const struct key_binding *binding);
/* The top screen below overlays. */
struct screen *app_subject(const struct app *app);

/* Draw now (before something that takes long, or below a dialog). */
void app_frame(struct app *app);
/* The screen as text, one line per row, without trailing blanks. */
void app_display(struct app *app, struct buf *ret);
/* Copy text to the terminal's clipboard (OSC 52). */
void app_copy(struct app *app, const char *text);

#endif
