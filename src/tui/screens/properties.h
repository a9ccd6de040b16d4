/* SPDX-License-Identifier: MIT */
/*
 * What the files of the Properties screen share: properties.c (the list), property_edits.c (what
 * Enter, Ins and Del do on a line).
 */
#ifndef SO_TUI_PROPERTIES_H
#define SO_TUI_PROPERTIES_H

#include "tui/app.h"
#include "tui/details.h"

struct properties {
	struct screen screen;
	enum node_kind kind;
	int64_t id;
	char *label;           /* of the node, clean */
	char *folder, *project, *name; /* as the catalog has them; "" = not below one */
	VEC(struct node_property) general; /* of the tree's row; the first section */
	struct details details;
	struct cursor cursor;
	char *filter;
	VEC(size_t) shown;     /* rows that match the filter */
	struct job_slot lists; /* environments, variables to choose from */
	/* What is being edited: texts of the line when it began. */
	struct detail_line editing;
	struct {
		char *name, *type;
		bool sensitive;
	} variable; /* that is being added */
};

/* A row of the screen: a line of the details, or one of the general properties. */
struct property_row {
	bool heading;
	const char *label, *value;
	const struct detail_line *line; /* NULL = general */
};
bool properties_row(const struct properties *p, size_t index, struct property_row *ret);

/* On the row under the cursor; adding is of the whole node (a variable, a reference). */
void property_edit(struct properties *p);
void property_add(struct properties *p);
void property_remove(struct properties *p);
/* Can they do something there? */
bool property_can_edit(const struct properties *p);
bool property_can_add(const struct properties *p);
bool property_can_remove(const struct properties *p);
void property_edits_release(struct properties *p);

#endif
