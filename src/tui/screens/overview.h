/* SPDX-License-Identifier: MIT */
/* The overview of an execution, inside: the screen (overview.c) and its sections (overview_sections.c). UI thread. */
#ifndef SO_TUI_OVERVIEW_H
#define SO_TUI_OVERVIEW_H

#include "tui/app.h"

enum section { SECTION_INFO, SECTION_WAITING, SECTION_ERRORS, SECTION_TRIES, SECTION_TASKS, SECTION_PARAMETERS, SECTION_COUNT };

struct line {
	char *text;   /* clean */
	enum role role;
	char *source; /* a task's name, for its messages; or NULL */
};
struct lines {
	VEC(struct line) v;
};

struct overview {
	struct screen screen;
	int64_t id;
	struct job_slot slots[SECTION_COUNT];
	struct lines sections[SECTION_COUNT];
	struct cursor cursor;
	int64_t status, live_due;
	bool known;
	char *package;
};

static inline struct overview *overview_of(struct screen *screen)
{
	return (struct overview *)screen;
}

void lines_clear(struct lines *lines);
/* Texts are copied; source NULL = none. */
void lines_add(struct lines *lines, enum role role, const char *text, const char *source);

/* A section: its title, the query with @id, and what fills its lines from the rows. */
struct overview_section {
	const char *title;
	const char *sql;
	void (*take)(struct overview *s, const struct tsql_rowset *rows);
};
extern const struct overview_section overview_sections[SECTION_COUNT];

#endif
