/* SPDX-License-Identifier: MIT */
/* Active Operations: what the catalog does now. */
#include "tui/screens/list_screen.h"

#include <stdlib.h>

#include "tui/screens/screens.h"

enum { O_ID, O_TYPE, O_STATUS, O_OBJECT, O_START, O_CALLER, O_COUNT };

static const struct grid_column operation_columns[] = {
	[O_ID] = { "ID", 9, 7, 1, true, true },
	[O_TYPE] = { "Type", 36, 34, 1, false, false },
	[O_STATUS] = { "Status", 12, 12, 1, false, false },
	[O_OBJECT] = { "Object Name", 30, 10, 2, false, false },
	[O_START] = { "Start Time", 14, 14, 1, false, false },
	[O_CALLER] = { "Caller", 16, 8, 3, false, false },
};
_Static_assert(ARRAY_LEN(operation_columns) == O_COUNT, "every column has a row");

static void decode_operation(const struct tsql_rowset *rows, size_t row, bool ascii, struct list_item *ret)
{
	const struct code *status = code_find(&code_status, cell_int(rows, row, "status", 0));
	const struct code *type = code_find(&code_operation_type, cell_int(rows, row, "operation_type", 0));
	struct buf text = BUF_INIT;

	code_format(status, ascii, &text);
	ret->number = cell_int(rows, row, "operation_id", 0);
	ret->key = xasprintf("%lld", (long long)ret->number);
	ret->name = xasprintf("operation %s (%s)", ret->key, type->word);
	list_set_cell(ret, O_ID, ROLE_NORMAL, xstrdup(ret->key));
	list_set_cell(ret, O_TYPE, ROLE_NORMAL, xstrdup(type->word));
	list_set_cell(ret, O_STATUS, status->role, buf_detach(&text));
	list_set_cell(ret, O_OBJECT, ROLE_NORMAL, cell_text(rows, row, "object_name"));
	list_set_cell(ret, O_START, ROLE_NORMAL, list_when(cell_int(rows, row, "start_time", 0)));
	list_set_cell(ret, O_CALLER, ROLE_NORMAL, cell_text(rows, row, "caller_name"));
	ret->note = xstrdup("");
}

static const struct list_type operations_type = {
	.context = CTX_OPERATIONS,
	.title = "Active Operations",
	.sql = "SELECT operation_id, operation_type, status, object_name, start_time, caller_name "
	       "FROM [SSISDB].[catalog].[operations] WHERE status IN (2, 5, 8) ORDER BY operation_id DESC",
	.empty = "no operation is active",
	.columns = operation_columns,
	.column_count = ARRAY_LEN(operation_columns),
	.decode = decode_operation,
};

static void open_overview(struct screen *screen)
{
	const struct list_item *item = list_current((struct list_screen *)screen);

	app_push(screen->app, overview_new(screen->app, item->number));
}

static void stop(struct screen *screen)
{
	const struct list_item *item = list_current((struct list_screen *)screen);

	stop_operations(screen, &item->number, 1, item->name);
}

static bool operation_enabled(const struct screen *screen, enum command command)
{
	(void)command;
	return list_current((const struct list_screen *)screen) != NULL;
}

static const struct screen_handler operation_handlers[] = {
	{ CMD_OPEN, open_overview },
	{ CMD_STOP, stop },
};

const struct screen_ops operations_ops = {
	.context = CTX_OPERATIONS,
	LIST_OPS,
	.handlers = operation_handlers,
	.handler_count = ARRAY_LEN(operation_handlers),
	.enabled = operation_enabled,
};

struct screen *operations_new(struct app *app)
{
	return list_new(app, &operations_ops, &operations_type);
}
