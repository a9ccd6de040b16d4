/* SPDX-License-Identifier: MIT */
/*
 * The short live lists: Scale Out workers, the queue, Active Operations. Each
 * reads a whole rowset every few seconds and keeps the current row by its key;
 * a struct list_type says everything in which they differ.
 */
#ifndef SO_TUI_LIST_SCREEN_H
#define SO_TUI_LIST_SCREEN_H

#include "tui/app.h"
#include "tui/grid.h"

#define LIST_CELLS_MAX 12

/* A row as it is shown; owns its texts. */
struct list_item {
	char *key;      /* identity */
	char *name;     /* for questions and toasts */
	int64_t number; /* id of an execution or operation; of a worker: how many tasks it has */
	unsigned flags; /* of the type's own */
	char *cells[LIST_CELLS_MAX];
	enum role roles[LIST_CELLS_MAX];
	char *note;     /* line below the list for the current row */
};

struct list_type {
	enum key_context context;
	const char *title, *sql, *empty;
	const struct grid_column *columns;
	size_t column_count;
	void (*decode)(const struct tsql_rowset *rows, size_t row, bool ascii, struct list_item *ret);
};

struct list_screen {
	struct screen screen;
	const struct list_type *type;
	struct job_slot read;
	VEC(struct list_item) items;
	struct cursor cursor;
	struct grid grid;
	char *filter;
	VEC(size_t) shown; /* items that match the filter */
	int64_t live_due;
	bool loaded;
};

struct screen *list_new(struct app *app, const struct screen_ops *ops, const struct list_type *type);
/* The row under the cursor or NULL. */
const struct list_item *list_current(const struct list_screen *s);

/* For decode: text is moved in. */
void list_set_cell(struct list_item *item, size_t column, enum role role, char *text);
/* Month to second, or "never"; caller frees. */
char *list_when(int64_t ticks);

/* The slots of screen_ops that all lists share. */
void list_free_screen(struct screen *screen);
void list_title(const struct screen *screen, struct buf *ret);
void list_draw(struct screen *screen, const struct view *view);
bool list_move(struct screen *screen, enum command command);
int64_t list_tick(struct screen *screen, int64_t now_ms);
void list_refresh(struct screen *screen);
const char *list_filter(const struct screen *screen);
void list_set_filter(struct screen *screen, const char *text);
void list_click(struct screen *screen, int y, int x, bool twice);

#define LIST_OPS \
	.list = true, .free = list_free_screen, .title = list_title, .draw = list_draw, .move = list_move, \
	.tick = list_tick, .refresh = list_refresh, .filter = list_filter, .set_filter = list_set_filter, \
	.click = list_click

#endif
