/* SPDX-License-Identifier: MIT */
/*
 * What the files of the Execute dialog share: execute.c (what it does), execute_read.c (its
 * queries), execute_edit.c (its fields), execute_draw.c (how it looks).
 */
#ifndef SO_TUI_EXECUTE_H
#define SO_TUI_EXECUTE_H

#include "tui/app.h"
#include "tui/form.h"

enum execute_page { PAGE_PACKAGES, PAGE_MACHINES, PAGE_COUNT };
enum execute_focus { FOCUS_PAGES, FOCUS_LIST, FOCUS_DETAILS, FOCUS_BUTTONS, FOCUS_COUNT };
enum execute_tab { TAB_PARAMETERS, TAB_CONNECTIONS, TAB_ADVANCED, TAB_COUNT };
enum execute_button { BUTTON_SCRIPT, BUTTON_OK, BUTTON_CANCEL, BUTTON_COUNT };
enum execute_option {
	OPTION_ENVIRONMENT,
	OPTION_LOGGING,
	OPTION_DUMP,
	OPTION_32_BIT,
	OPTION_RETRY, /* Scale Out only, and so the last */
	OPTION_COUNT
};

struct execute {
	struct screen screen;
	struct form form;
	char *folder, *project, *package; /* the scope; NULL = all */
	char *filter;
	VEC(size_t) shown; /* packages that match the filter */
	enum execute_page page;
	enum execute_focus focus;
	enum execute_tab tab;
	enum execute_button button;
	struct cursor packages, machines, details; /* machines: row 0 is "any computer" */
	struct job_slot read_packages, read_workers, read_values, read_references, run;
	size_t reading;  /* package whose values are being read */
	bool loaded, workers_loaded, running, changed;
	size_t next;     /* package that runs next */
	size_t editing;  /* value that is being typed */
	char *path;      /* of the override that is being added */
	bool path_sensitive;
	VEC(int64_t) started; /* execution ids */
	struct buf failures;  /* text of what failed */
	struct err err;       /* why the packages could not be read */
};

static inline struct execute *execute_of(struct screen *screen)
{
	return (struct execute *)screen;
}

/* The package under the cursor, or NULL. */
struct form_package *execute_current(const struct execute *e);
/* Indexes of the current package's values that the tab shows; returns how many. */
size_t execute_tab_values(const struct execute *e, enum execute_tab tab, size_t *ret_indexes, size_t max);
/* Rows of the tab Advanced before the property overrides. */
size_t execute_options(const struct execute *e);
/* Rows of the details pane. */
size_t execute_detail_rows(const struct execute *e);
enum { EXECUTE_VALUES_MAX = 2000 };

/* Index of the value under the cursor among the package's, or EXECUTE_NO_VALUE. */
size_t execute_value_under_cursor(const struct execute *e);
#define EXECUTE_NO_VALUE SIZE_MAX
/* Ask for the value under the cursor; turn over one that is true or false. */
void execute_edit_value(struct execute *e);
void execute_flip_value(struct execute *e);
/* The row of the tab Advanced under the cursor: ask or turn over; whether it can only be turned over. */
void execute_edit_option(struct execute *e);
bool execute_option_is_yes_no(const struct execute *e);
/* The value under the cursor as it was designed; an override goes. */
void execute_reset_value(struct screen *screen);

/* Start reading packages and machines. */
void execute_read(struct execute *e);
/* Read the values of the current package when they are not known yet (screen_ops.tick). */
int64_t execute_tick(struct screen *screen, int64_t now);
/* Apply the filter to the packages. */
void execute_show_matching(struct execute *e);

void execute_draw(struct screen *screen, const struct view *view);

#endif
