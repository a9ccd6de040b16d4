/* SPDX-License-Identifier: MIT */
/*
 * Keyset paging of a view for a screen: what the pager wants becomes a query,
 * its rows come back into the pager, and the list is drawn. The screens differ
 * in the view, in how a row is decoded, and in what they do when rows arrive.
 */
#ifndef SO_TUI_PAGING_H
#define SO_TUI_PAGING_H

#include "tui/app.h"
#include "tui/filter.h"
#include "tui/grid.h"
#include "tui/pager.h"

/* A view to page through, in the order of its key. */
struct page_source {
	const char *columns; /* what is selected */
	const char *from;    /* " FROM ... WHERE condition" */
	const char *key;     /* the column of the ids */
	bool descending;     /* newest first */
	const struct filter_field *fields;
	size_t field_count;
};

/* Another order than the key's; only of a column that has an index and is seldom the same in two rows. */
struct page_order {
	const char *name;   /* "start", as it is remembered */
	const char *title;  /* "Start Time, latest first" */
	const char *column; /* rows that have nothing in it are left out; NULL = the key */
	bool rising;
};

struct paging;
struct paging_ops {
	struct pager_row (*decode)(struct screen *screen, const struct tsql_rowset *rows, size_t row);
	void (*free_row)(void *data);
	void (*add_params)(struct screen *screen, struct job_params *params); /* of source.from; may be NULL */
	/* A page has arrived: rows low to high in list order (0 rows: both 0). May be NULL. */
	void (*arrived)(struct screen *screen, enum pager_fetch want, int64_t first, int64_t last);
	bool (*marked)(const struct screen *screen, int64_t id); /* may be NULL */
	grid_cell_fn *cell;
	grid_cell_fn *export_cell; /* for files; NULL = as shown */
	int64_t (*order_value)(const void *row, const struct page_order *order); /* ticks; NULL = no other orders */
	const char *empty; /* what an empty list says */
};

struct paging {
	struct screen *screen;
	const struct paging_ops *ops;
	struct pager pager;
	struct grid grid;
	char *filter;
	const struct page_order *order; /* NULL = the key, as the source says */
	struct job_slot slot;
	enum pager_fetch fetching;
	int64_t fetching_id;
	size_t fetching_rows;
};

void paging_init(struct paging *paging, struct screen *screen, const struct paging_ops *ops,
    const struct grid_column *columns, size_t column_count, const char *filter);
void paging_release(struct paging *paging);

/* Ask for what is missing around the cursor, if anything is. */
void paging_fetch(struct paging *paging, const struct page_source *source);
/* Another order: read from its beginning. */
void paging_set_order(struct paging *paging, const struct page_order *order);
/* False when the filter is the one in force already. */
bool paging_set_filter(struct paging *paging, const char *text);
/*
 * Begin a query of the source with its parameters: "SELECT TOP (@rows) columns
 * FROM ... WHERE ... AND filter". False (with a toast) when the filter is wrong.
 */
bool paging_begin(struct paging *paging, const struct page_source *source, const char *columns,
    const char *condition, struct buf *batch, struct job_params *params);
/*
 * The condition and the order of a page: " AND ..." appended to ret_condition,
 * " ORDER BY ..." to ret_order. The place is @key and, with an order, @place.
 */
void paging_place(const struct paging *paging, const struct page_source *source, enum pager_fetch want,
    struct buf *ret_condition, struct buf *ret_order);
/* Decode rows into a list that the caller frees (the rows go to the pager). */
struct pager_row *paging_decode(struct paging *paging, const struct tsql_rowset *rows, bool reversed);

/* Column heads in the first line of the view, rows below. */
void paging_draw(struct paging *paging, const struct view *view);
/* Data of the current row or NULL. */
void *paging_current(const struct paging *paging);
/* A click in a view drawn by paging_draw; false when it hit no row. */
bool paging_click(struct paging *paging, int y);

#endif
