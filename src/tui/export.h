/* SPDX-License-Identifier: MIT */
/*
 * Writing a whole list to a file: every row that the filter lets through, in
 * the order of the screen, a page at a time, however long it is. The name's
 * ending says what is written (.json, else CSV). The file appears when it is
 * complete; one that is there is replaced only after asking.
 */
#ifndef SO_TUI_EXPORT_H
#define SO_TUI_EXPORT_H

#include <stdio.h>

#include "tui/jobs.h"

struct app;
struct page_source;
struct paging;

/* The export that runs; in struct app. */
struct app_export {
	struct job_slot slot;
	struct paging *paging; /* NULL = none runs */
	const struct page_source *source;
	char *path, *part;     /* the file, and its name while it is written */
	FILE *file;
	bool json;
	size_t rows;           /* written */
	int64_t last_id, last_place;
};

/* Ask for the file's name, then write. */
void export_begin(struct paging *paging, const struct page_source *source);
/* Stop an export of this list (NULL = any) and leave no file behind. */
void export_cancel(struct app *app, const struct paging *paging);

#endif
