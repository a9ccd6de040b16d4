/* SPDX-License-Identifier: MIT */
/* The screens: each file of this folder gives one or two constructors. The caller pushes the result (app_push). */
#ifndef SO_TUI_SCREENS_H
#define SO_TUI_SCREENS_H

#include <stdbool.h>
#include <stdint.h>

struct app;
struct screen;

/* Object Explorer. */
struct screen *tree_screen_new(struct app *app);
/* All Executions with a filter to begin with (NULL = none). */
struct screen *executions_new(struct app *app, const char *filter);
/* Overview of one execution. */
struct screen *overview_new(struct app *app, int64_t execution_id);
/* Messages of one operation; at its first error when at_error; filter NULL = none. */
struct screen *messages_new(struct app *app, int64_t operation_id, bool at_error, const char *filter);
struct screen *operations_new(struct app *app);
struct screen *workers_new(struct app *app);
struct screen *queue_new(struct app *app);
struct node;
/* Properties of a node, which is copied. */
struct screen *properties_new(struct app *app, struct node *node);

/* What an Execute dialog was opened on; NULL names = everything below. */
struct execute_scope {
	bool scale_out; /* Execute in Scale Out, else Execute (one package, on the server) */
	const char *folder, *project, *package;
};
struct screen *execute_new(struct app *app, const struct execute_scope *scope);

/* Text to read, search, copy and save. raw is copied. */
struct screen *text_screen_new(struct app *app, const char *title, const char *raw);

struct screen *help_new(struct app *app);
struct screen *palette_new(struct app *app);
/* F9, modal. */
void menu_bar_run(struct app *app);
/* Context menu of the commands of the top screen that work now; modal, then runs the chosen one. */
void actions_run(struct app *app, const char *title, const int *commands, int count);

/* Ask, then stop executions or other operations; texts say what. Shared by the reports. */
void stop_operations(struct screen *screen, const int64_t *ids, int count, const char *what);

/* Every kind of screen, for the test of the key table. */
struct screen_ops;
extern const struct screen_ops tree_screen_ops, executions_ops, overview_ops, messages_ops, operations_ops,
    workers_ops, queue_ops, properties_ops, execute_ops, text_screen_ops, overlay_ops;

#endif
