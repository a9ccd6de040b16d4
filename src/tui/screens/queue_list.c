/* SPDX-License-Identifier: MIT */
/* The queue: what waits for a worker, in the order it is looked at, and for what. */
#include "tui/screens/list_screen.h"

#include <stdlib.h>

#include "tui/screens/queue_actions.h"
#include "tui/screens/screens.h"

enum { Q_ID, Q_PRIORITY, Q_FOLDER, Q_PROJECT, Q_PACKAGE, Q_WAITS, Q_SINCE, Q_TRY, Q_TAGS, Q_CALLER, Q_COUNT };

static const struct grid_column queue_columns[] = {
	[Q_ID] = { "ID", 8, 8, 1, true, true },
	[Q_PRIORITY] = { "Prio", 4, 4, 1, true, true },
	[Q_FOLDER] = { "Folder Name", 20, 11, 3, false, false },
	[Q_PROJECT] = { "Project Name", 24, 12, 4, false, false },
	[Q_PACKAGE] = { "Package Name", 30, 18, 1, false, false },
	[Q_WAITS] = { "Waits For", 46, 24, 1, false, false },
	[Q_SINCE] = { "Since", 14, 14, 2, false, false },
	[Q_TRY] = { "Try", 3, 3, 5, true, false },
	[Q_TAGS] = { "Tags", 20, 8, 6, false, false },
	[Q_CALLER] = { "Caller", 16, 8, 7, false, false },
};
_Static_assert(ARRAY_LEN(queue_columns) == Q_COUNT && Q_COUNT <= LIST_CELLS_MAX, "every column has a row");

static char *number(const struct tsql_rowset *rows, size_t row, const char *column)
{
	return xasprintf("%lld", (long long)cell_int(rows, row, column, 0));
}

/* The whole reason and the limits, for which the columns have no room. */
static char *note(const struct tsql_rowset *rows, size_t row)
{
	char *waits = cell_text(rows, row, "waits_for"), *tags = cell_text(rows, row, "tags");
	int64_t limit = cell_int(rows, row, "time_limit_s", 0), delay = cell_int(rows, row, "retry_delay_s", 0);
	struct buf text = BUF_INIT;

	buf_addf(&text, "waits for: %s", waits);
	if (*tags)
		buf_addf(&text, "; tags %s", tags);
	if (limit)
		buf_addf(&text, "; time limit %lld s", (long long)limit);
	if (delay)
		buf_addf(&text, "; retry delay %lld s", (long long)delay);
	free(waits);
	free(tags);
	return buf_detach(&text);
}

static void decode_waiting(const struct tsql_rowset *rows, size_t row, bool ascii, struct list_item *ret)
{
	char *package = cell_text(rows, row, "package_name");

	(void)ascii;
	ret->number = cell_int(rows, row, "execution_id", 0);
	ret->key = number(rows, row, "execution_id");
	ret->name = xasprintf("execution %s (%s)", ret->key, package);
	list_set_cell(ret, Q_ID, ROLE_NORMAL, xstrdup(ret->key));
	list_set_cell(ret, Q_PRIORITY, ROLE_NORMAL, number(rows, row, "priority"));
	list_set_cell(ret, Q_FOLDER, ROLE_NORMAL, cell_text(rows, row, "folder_name"));
	list_set_cell(ret, Q_PROJECT, ROLE_NORMAL, cell_text(rows, row, "project_name"));
	list_set_cell(ret, Q_PACKAGE, ROLE_NORMAL, package);
	list_set_cell(ret, Q_WAITS, ROLE_NORMAL, cell_text(rows, row, "waits_for"));
	list_set_cell(ret, Q_SINCE, ROLE_NORMAL, list_when(cell_int(rows, row, "queued_time", 0)));
	list_set_cell(ret, Q_TRY, ROLE_NORMAL, number(rows, row, "attempt"));
	list_set_cell(ret, Q_TAGS, ROLE_NORMAL, cell_text(rows, row, "tags"));
	list_set_cell(ret, Q_CALLER, ROLE_NORMAL, cell_text(rows, row, "caller_name"));
	ret->note = note(rows, row);
}

/* The order of the product's queue but for the folders' shares, which depend on what runs. */
static const struct list_type queue_type = {
	.context = CTX_QUEUE,
	.title = "Queue",
	.sql = "SELECT TOP (1000) execution_id, attempt, priority, folder_name, project_name, package_name, caller_name, "
	       "tags, time_limit_s, retry_delay_s, queued_time, waits_for FROM [SSISDB].[scaleout].[queue] "
	       "ORDER BY priority DESC, execution_id",
	.empty = "nothing waits",
	.columns = queue_columns,
	.column_count = ARRAY_LEN(queue_columns),
	.decode = decode_waiting,
};

static void open_overview(struct screen *screen)
{
	app_push(screen->app, overview_new(screen->app, list_current((struct list_screen *)screen)->number));
}

static void stop(struct screen *screen)
{
	const struct list_item *item = list_current((struct list_screen *)screen);

	stop_operations(screen, &item->number, 1, item->name);
}

static void priority(struct screen *screen)
{
	const struct list_item *item = list_current((struct list_screen *)screen);

	wish_begin(screen, &item->number, 1, item->name);
}

static bool queue_enabled(const struct screen *screen, enum command command)
{
	(void)command;
	return list_current((const struct list_screen *)screen) != NULL;
}

static const struct screen_handler queue_handlers[] = {
	{ CMD_OPEN, open_overview },
	{ CMD_STOP, stop },
	{ CMD_PRIORITY, priority },
};

const struct screen_ops queue_ops = {
	.context = CTX_QUEUE,
	LIST_OPS,
	.handlers = queue_handlers,
	.handler_count = ARRAY_LEN(queue_handlers),
	.enabled = queue_enabled,
};

struct screen *queue_new(struct app *app)
{
	return list_new(app, &queue_ops, &queue_type);
}
