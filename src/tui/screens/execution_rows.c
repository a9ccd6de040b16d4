/* SPDX-License-Identifier: MIT */
/* The rows of All Executions: from a rowset to the cells of the screen and of files. */
#include "tui/screens/execution_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tui/codes.h"
#include "tui/text.h"

const struct grid_column execution_columns[] = {
	[COL_ID] = { "ID", 8, 8, 1, true, true },
	[COL_STATUS] = { "Status", 12, 12, 1, false, true },
	[COL_FOLDER] = { "Folder Name", 20, 7, 2, false, false },
	[COL_PROJECT] = { "Project Name", 24, 12, 4, false, false },
	[COL_PACKAGE] = { "Package Name", 30, 14, 1, false, false },
	[COL_START] = { "Start Time", 14, 14, 1, false, false },
	[COL_END] = { "End Time", 8, 8, 3, false, false },
	[COL_DURATION] = { "Duration", 8, 8, 1, true, false },
	[COL_MACHINE] = { "Machine", 16, 10, 5, false, false },
	[COL_TRIES] = { "Tries", 5, 5, 6, true, false },
	[COL_CALLER] = { "Caller", 16, 10, 7, false, false },
	[COL_ENVIRONMENT] = { "Environment", 16, 10, 8, false, false },
};
_Static_assert(ARRAY_LEN(execution_columns) == COL_COUNT, "every column has a row");

void execution_free(void *data)
{
	struct execution *e = data;

	free(e->folder);
	free(e->project);
	free(e->package);
	free(e->environment);
	free(e->caller);
	free(e->machine);
	free(e);
}

struct pager_row execution_decode(const struct tsql_rowset *rows, size_t row, const int64_t *now)
{
	struct execution *e = xcalloc(1, sizeof(*e));

	e->now = now;
	e->id = cell_int(rows, row, "execution_id", 0);
	e->status = cell_int(rows, row, "status", 0);
	e->created = cell_int(rows, row, "created_time", 0);
	e->started = cell_int(rows, row, "start_time", 0);
	e->ended = cell_int(rows, row, "end_time", 0);
	e->tries = cell_int(rows, row, "executed_count", 0);
	e->folder = cell_text(rows, row, "folder_name");
	e->project = cell_text(rows, row, "project_name");
	e->package = cell_text(rows, row, "package_name");
	e->environment = cell_text(rows, row, "environment_name");
	e->caller = cell_text(rows, row, "caller_name");
	e->machine = cell_text(rows, row, "machine_name");
	return (struct pager_row){ e->id, e };
}

static void format_time(int64_t ticks, struct buf *ret)
{
	char text[24];

	if (ticks == 0)
		return;
	clock_format_local(ticks, text, sizeof(text));
	buf_adds(ret, text + 5); /* without the year */
}

/* The time of day, after the days since the start when it is another day: "23:59:58", "+1 00:04". */
static void format_end(const struct execution *e, struct buf *ret)
{
	char start[24], end[24];

	if (e->ended == 0)
		return;
	clock_format_local(e->ended, end, sizeof(end));
	clock_format_local(e->started ? e->started : e->ended, start, sizeof(start));
	if (strncmp(start, end, 10) == 0)
		buf_adds(ret, end + 11);
	else
		buf_addf(ret, "+%lld %.5s", (long long)((e->ended - e->started + 24 * 3600 * TICKS_PER_SECOND - 1) /
			(24 * 3600 * TICKS_PER_SECOND)), end + 11);
}

static void format_duration(const struct execution *e, struct buf *ret)
{
	if (e->started == 0)
		return;
	if (e->ended == 0 && status_is_final(e->status))
		return;
	duration_format((e->ended ? e->ended : *e->now) - e->started, ret);
}

void execution_cell(const void *row, size_t column, bool ascii, struct buf *ret, enum role *role)
{
	const struct execution *e = row;
	const struct code *status;

	switch ((enum execution_column)column) {
	case COL_ID:
		buf_addf(ret, "%lld", (long long)e->id);
		break;
	case COL_STATUS:
		status = code_find(&code_status, e->status);
		code_format(status, ascii, ret);
		*role = status->role;
		break;
	case COL_FOLDER:
		buf_adds(ret, e->folder);
		break;
	case COL_PROJECT:
		buf_adds(ret, e->project);
		break;
	case COL_PACKAGE:
		buf_adds(ret, e->package);
		break;
	case COL_START:
		format_time(e->started, ret);
		break;
	case COL_END:
		format_end(e, ret);
		break;
	case COL_DURATION:
		format_duration(e, ret);
		break;
	case COL_MACHINE:
		buf_adds(ret, e->machine);
		break;
	case COL_TRIES:
		buf_addf(ret, "%lld", (long long)e->tries);
		break;
	case COL_CALLER:
		buf_adds(ret, e->caller);
		break;
	case COL_ENVIRONMENT:
		buf_adds(ret, e->environment);
		break;
	case COL_COUNT:
		break;
	}
}

/* For files: whole times, words without marks. */
void execution_export_cell(const void *row, size_t column, bool ascii, struct buf *ret, enum role *role)
{
	const struct execution *e = row;
	int64_t time = column == COL_START ? e->started : e->ended;
	char text[40];

	if (column == COL_STATUS) {
		buf_adds(ret, code_find(&code_status, e->status)->word);
	} else if (column == COL_START || column == COL_END) {
		clock_format_utc(time, text, sizeof(text));
		buf_adds(ret, time ? text : "");
	} else if (column == COL_DURATION) {
		if (e->started && e->ended)
			buf_addf(ret, "%.3f", (double)(e->ended - e->started) / (double)TICKS_PER_SECOND);
	} else {
		execution_cell(row, column, ascii, ret, role);
	}
}
