/* SPDX-License-Identifier: MIT */
/*
 * The filter language of every list: words separated by blanks, all of which
 * must hold. "word" looks into the main columns, "name:text" into one column,
 * "!..." means not, "quoted words" keep their blanks. Values always become
 * parameters; only the column texts of the table below reach the T-SQL.
 */
#ifndef SO_TUI_FILTER_H
#define SO_TUI_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "tui/codes.h"
#include "tui/jobs.h"

enum filter_kind {
	FILTER_TEXT,   /* contains, without case */
	FILTER_NAME,   /* the same, in a column of which [scaleout].[execution_names] has the different values */
	FILTER_NUMBER, /* equal; also >N and <N */
	FILTER_CODE    /* words of a code table, several with commas */
};

struct filter_field {
	const char *name;     /* "status" */
	enum filter_kind kind;
	const char *column;   /* T-SQL expression */
	bool bare;            /* a word without a name looks here (numbers: when it is one) */
	const struct code_table *codes;
};

/*
 * Append " AND ..." for every term, and its parameters (@f0, @f1 ...).
 * ERR_INVALID names the bad term. guard gets a condition without which no row
 * can match, " AND ..." too: cheap to ask before a search of all rows. May stay empty.
 */
int filter_compile(const struct filter_field *fields, size_t count, const char *text, struct buf *where,
    struct buf *guard, struct job_params *params, struct err *err);

#endif
