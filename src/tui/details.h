/* SPDX-License-Identifier: MIT */
/*
 * What there is to know about a node of the tree beyond its row: sections of
 * labels and values, each read by one query when the node is looked at. The
 * properties pane shows them, the Properties screen lets them be changed.
 */
#ifndef SO_TUI_DETAILS_H
#define SO_TUI_DETAILS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "tui/jobs.h"
#include "tui/theme.h"
#include "tui/tree.h"

struct app;
struct detail_type;

/* What Enter does on a line. */
enum detail_edit {
	EDIT_NOTHING,
	EDIT_CATALOG_PROPERTY,
	EDIT_DESCRIPTION,
	EDIT_VARIABLE,
	EDIT_PARAMETER,
	EDIT_REFERENCE,
	EDIT_VERSION
};

struct detail_line {
	const struct detail_type *type; /* NULL = from the tree's row */
	bool heading;                   /* label only */
	char *label, *value;            /* clean */
	/* As the catalog has them, never NULL: name, value, data type or folder, package or project of a parameter. */
	char *key, *raw, *extra, *container;
	int64_t number;                 /* id or version */
	unsigned flags;
};
enum { DETAIL_SENSITIVE = 1, DETAIL_CURRENT = 2, DETAIL_REQUIRED = 4, DETAIL_VARIABLE = 8, DETAIL_SET = 16 };

struct detail_type {
	enum node_kind kind;
	const char *heading;
	/* Columns label and value; key, raw, extra, container, number, flags where there are any. one_row: each column is a line. Gets @id. */
	const char *sql;
	bool one_row;
	enum detail_edit edit;
	const char *none; /* said when there are no rows; NULL = the section is left out */
	void (*dress)(struct detail_line *line); /* catalog's words to people's; may be NULL */
};

struct details {
	struct app *app;
	struct job_slot slot;
	enum node_kind kind;
	int64_t id;
	size_t next;   /* row of the table that is read now */
	bool begun, loaded;
	VEC(struct detail_line) lines;
	VEC(struct detail_line) fresh; /* while they are read anew */
	struct err err; /* why reading ended; code ERR_NONE = it did not */
};

/* Read all sections of a node; what is there stays until the new ones have come. */
void details_begin(struct details *details, struct app *app, enum node_kind kind, int64_t id);
void details_release(struct details *details);
/* Free what a line holds, and make it empty. */
void detail_line_release(struct detail_line *line);
/* Forget the lines (another node). */
void details_clear(struct details *details);
/* Does a node of this kind have any? */
bool details_exist(enum node_kind kind);

/* --- catalog properties (spec/console.md §3.6) --- */

struct catalog_choice {
	const char *value, *word;
};
struct catalog_property {
	const char *name, *label;
	const struct catalog_choice *choices; /* NULL = a number, or read only */
	size_t choice_count;
	int64_t low, high; /* of a number; both 0 = read only */
};
/* NULL for an unknown one. */
const struct catalog_property *catalog_property_find(const char *name);

#endif
