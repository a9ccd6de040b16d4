/* SPDX-License-Identifier: MIT */
/* One row of All Executions: read from a rowset, shown in the cells of a grid, written to a file. UI thread. */
#ifndef SO_TUI_EXECUTION_ROWS_H
#define SO_TUI_EXECUTION_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "tui/grid.h"
#include "tui/jobs.h"
#include "tui/pager.h"
#include "tui/theme.h"

/* What execution_decode reads, of the view catalog.executions. */
#define EXECUTION_COLUMNS \
	"execution_id, status, folder_name, project_name, package_name, created_time, start_time, " \
	"end_time, environment_name, caller_name, machine_name, executed_count"
#define EXECUTION_FROM " FROM [SSISDB].[catalog].[executions] WHERE 1 = 1"
/* In the columns of a row. */
#define EXECUTION_COUNTS \
	"SELECT NULL AS execution_id, status, NULL AS folder_name, NULL AS project_name, NULL AS package_name, " \
	"NULL AS created_time, NULL AS start_time, NULL AS end_time, NULL AS environment_name, " \
	"NULL AS caller_name, NULL AS machine_name, executions AS executed_count " \
	"FROM [SSISDB].[scaleout].[execution_counts]"

enum execution_column {
	COL_ID,
	COL_STATUS,
	COL_FOLDER,
	COL_PROJECT,
	COL_PACKAGE,
	COL_START,
	COL_END,
	COL_DURATION,
	COL_MACHINE,
	COL_TRIES,
	COL_CALLER,
	COL_ENVIRONMENT,
	COL_COUNT
};

extern const struct grid_column execution_columns[COL_COUNT];

struct execution {
	const int64_t *now; /* of its screen: until when it is shown as running */
	int64_t id, status, created, started, ended, tries;
	char *folder, *project, *package, *environment, *caller, *machine;
};

/* A row of EXECUTION_COLUMNS; now is borrowed. The row's data goes with execution_free. */
struct pager_row execution_decode(const struct tsql_rowset *rows, size_t row, const int64_t *now);
void execution_free(void *execution);
/* A cell as the screen shows it, and its role. */
void execution_cell(const void *execution, size_t column, bool ascii, struct buf *ret, enum role *role);
/* The same for files: whole times, words without marks. */
void execution_export_cell(const void *execution, size_t column, bool ascii, struct buf *ret, enum role *role);

#endif
