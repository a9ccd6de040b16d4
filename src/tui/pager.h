/* SPDX-License-Identifier: MIT */
/*
 * A window of rows on a list that may have millions: keyset paging.
 *
 * Rows have a unique id and come from the catalog in the list's order, never
 * by number. The pager holds a few pages around the cursor, says what should
 * be read next, and takes the rows when they arrive. The current row is kept
 * by id, so rows that arrive above it do not move it. No curses, no SQL.
 */
#ifndef SO_TUI_PAGER_H
#define SO_TUI_PAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/cursor.h"

struct pager_row {
	int64_t id;
	void *data; /* owned by the pager, freed with free_row */
};

enum pager_fetch {
	PAGER_NOTHING,
	PAGER_FIRST,  /* the first rows of the list */
	PAGER_LAST,   /* the last rows, in list order */
	PAGER_BEFORE, /* the rows just before id, in list order */
	PAGER_AFTER,  /* the rows just after id */
	PAGER_FROM    /* id itself and the rows after it (a jump) */
};

struct pager {
	struct pager_row *rows;
	size_t len, cap;
	struct cursor cursor;
	bool at_first, at_last; /* the window touches that end of the list */
	enum pager_fetch jump;  /* FIRST, LAST or FROM is wanted before anything else */
	int64_t jump_id;
	int64_t keep_id;        /* after a refresh: the row that stays current, if it still exists */
	bool keep;
	bool loaded;            /* something has arrived since the last reset */
	void (*free_row)(void *data);
};

#define PAGER_PAGES 6 /* pages kept; three are enough, six fetch less often */

void pager_init(struct pager *pager, void (*free_row)(void *data));
void pager_release(struct pager *pager);
/* Start again at the first row (another filter). Rows stay visible until the new ones come. */
void pager_reset(struct pager *pager);
/* Read the rows shown anew; the current row stays current. */
void pager_refresh(struct pager *pager);

/* What to read next, and around which id. */
enum pager_fetch pager_want(const struct pager *pager, int64_t *ret_id);
/* How many rows to ask for. */
size_t pager_batch(const struct pager *pager);
/*
 * Take rows (moved in) that were read for want/id; fewer than asked means that
 * end of the list. Rows that no longer join the window are freed.
 */
void pager_take(struct pager *pager, enum pager_fetch want, int64_t id, struct pager_row *rows,
    size_t count, bool complete);
/* Put rows before the first one when the window is at the first row (live lists). Returns how many were new. */
size_t pager_prepend(struct pager *pager, struct pager_row *rows, size_t count);
/* Replace the data of a row that is in the window; false (data freed) when it is not. */
bool pager_replace(struct pager *pager, int64_t id, void *data);

bool pager_command(struct pager *pager, enum command command);
/* Make the row with this id current, reading it when it is not there. */
void pager_jump(struct pager *pager, int64_t id);
/* The current row or NULL. */
struct pager_row *pager_current(const struct pager *pager);
void pager_set_page(struct pager *pager, size_t page);

#endif
