/* SPDX-License-Identifier: MIT */
/* What the kinds of changes on the Properties screen share (property_edits.c), and those of projects (property_parameters.c). */
#ifndef SO_TUI_PROPERTY_EDITS_H
#define SO_TUI_PROPERTY_EDITS_H

#include "tui/form.h"
#include "tui/screens/properties.h"

#define EXEC(proc) "EXEC [SSISDB].[catalog].[" proc "] "

static inline struct properties *properties_of(struct screen *screen)
{
	return (struct properties *)screen;
}

/* A typed value as a parameter of its SSIS type; false after saying why not. */
bool property_add_typed(struct properties *p, struct job_params *params, const char *name, const char *label,
    const char *type, const char *text);
/* @folder, @project and @name of what the screen shows. */
void property_add_place(const struct properties *p, struct job_params *params);
/* Run with its undo, which gets the same place. Texts are freed here. */
void property_run(struct properties *p, struct action *action, char *question, char *done, char *undo);

/* Ask for the value of the parameter that is being edited, or whose variable it takes. */
void property_edit_parameter(struct properties *p);
/* Back to the value in the package. */
void property_clear_parameter(struct properties *p, bool ask);
/* Choose an environment that the project shall refer to. */
void property_browse_environments(struct properties *p);
void property_remove_reference(struct properties *p);

#endif
