/* SPDX-License-Identifier: MIT */
/*
 * The short live lists: Scale Out workers and Active Operations. Both read a
 * whole rowset every few seconds and keep the current row by its key; a row of
 * list_types says everything in which they differ.
 */
#include "tui/screens/screens.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/app.h"
#include "tui/grid.h"
#include "tui/text.h"

#define LIVE_MS 2000
#define ROWS_MAX 5000
#define CELLS_MAX 10

/* A row as it is shown. */
struct item {
	char *key;      /* identity */
	char *name;     /* for questions and toasts */
	int64_t number; /* operation id, or 1 = the worker is enabled */
	char *cells[CELLS_MAX];
	enum role roles[CELLS_MAX];
	char *note;     /* line below the list for the current row */
};

struct list_type {
	enum key_context context;
	const char *title, *sql, *empty;
	const struct grid_column *columns;
	size_t column_count;
	void (*decode)(const struct tsql_rowset *rows, size_t row, bool ascii, struct item *ret);
};

struct list_screen {
	struct screen screen;
	const struct list_type *type;
	struct job_slot read, act;
	VEC(struct item) items;
	struct cursor cursor;
	struct grid grid;
	char *filter;
	VEC(size_t) shown; /* items that match the filter */
	int64_t live_due;
	bool loaded;
	char *done_text; /* toast when the action succeeds */
};

static struct list_screen *self_of(struct screen *screen)
{
	return (struct list_screen *)screen;
}

static void set_cell(struct item *item, size_t column, enum role role, char *text)
{
	item->cells[column] = text;
	item->roles[column] = role;
}

static char *format_number(const struct tsql_rowset *rows, size_t row, const char *column)
{
	return xasprintf("%lld", (long long)cell_int(rows, row, column, 0));
}

static char *format_when(int64_t ticks)
{
	char text[24];

	if (ticks == 0)
		return xstrdup("never");
	clock_format_local(ticks, text, sizeof(text));
	return xstrdup(text + 5);
}

/* --- workers --- */

enum { W_NAME, W_STATE, W_MACHINE, W_ACCOUNT, W_TASKS, W_SEEN, W_TAGS, W_VERSION, W_SYSTEM, W_COUNT };

static const struct grid_column worker_columns[] = {
	[W_NAME] = { "Worker", 24, 12, 1, false, true },
	[W_STATE] = { "State", 18, 18, 1, false, true },
	[W_MACHINE] = { "Machine", 20, 10, 3, false, false },
	[W_ACCOUNT] = { "Runs Under", 16, 10, 1, false, false },
	[W_TASKS] = { "Tasks", 7, 7, 1, true, false },
	[W_SEEN] = { "Last Online", 14, 14, 2, false, false },
	[W_TAGS] = { "Tags", 20, 8, 4, false, false },
	[W_VERSION] = { "Version", 10, 7, 5, false, false },
	[W_SYSTEM] = { "System", 24, 10, 6, false, false },
};
_Static_assert(ARRAY_LEN(worker_columns) == W_COUNT && W_COUNT <= CELLS_MAX, "every column has a row");

/* Enabled and online are two things; both are said in words. */
static char *worker_state(const struct tsql_rowset *rows, size_t row, bool ascii, enum role *ret_role)
{
	bool enabled = cell_int(rows, row, "IsEnabled", 0) != 0;
	bool online = cell_int(rows, row, "IsOnline", 0) != 0;
	const char *glyph = online ? ascii ? "+" : "\xE2\x9C\x93" : ascii ? "!" : "\xE2\x9C\x97";

	if (cell_int(rows, row, "IsBlocked", 0)) {
		*ret_role = ROLE_BAD;
		return xasprintf("%s Blocked", ascii ? "!" : "\xE2\x9C\x97");
	}
	*ret_role = !enabled ? ROLE_DIM : online ? ROLE_GOOD : ROLE_BAD;
	return xasprintf("%s %s %s", glyph, enabled ? "Enabled" : "Disabled", online ? "Online" : "Offline");
}

static void decode_worker(const struct tsql_rowset *rows, size_t row, bool ascii, struct item *ret)
{
	enum role role = ROLE_NORMAL;
	char *state = worker_state(rows, row, ascii, &role);
	char *blocked = cell_text(rows, row, "BlockReason"), *error = cell_text(rows, row, "LastError");
	char *host = cell_text(rows, row, "Host"), *about = cell_text(rows, row, "Description");

	ret->key = cell_text(rows, row, "WorkerAgentId");
	ret->name = cell_text(rows, row, "DisplayName");
	ret->number = cell_int(rows, row, "IsEnabled", 0);
	set_cell(ret, W_NAME, ROLE_NORMAL, xstrdup(ret->name));
	set_cell(ret, W_STATE, role, state);
	set_cell(ret, W_MACHINE, ROLE_NORMAL, cell_text(rows, row, "MachineName"));
	set_cell(ret, W_ACCOUNT, ROLE_NORMAL, cell_text(rows, row, "UserAccount"));
	set_cell(ret, W_TASKS, ROLE_NORMAL,
	    xasprintf("%lld/%lld", (long long)cell_int(rows, row, "Running", 0),
		(long long)cell_int(rows, row, "Slots", 0)));
	set_cell(ret, W_SEEN, ROLE_NORMAL, format_when(cell_int(rows, row, "LastOnlineTime", 0)));
	set_cell(ret, W_TAGS, ROLE_NORMAL, cell_text(rows, row, "Tags"));
	set_cell(ret, W_VERSION, ROLE_NORMAL, cell_text(rows, row, "Version"));
	set_cell(ret, W_SYSTEM, ROLE_NORMAL, cell_text(rows, row, "OperatingSystem"));
	if (*blocked || *error)
		ret->note = xstrdup(*blocked ? blocked : error);
	else
		ret->note = xasprintf("%s %s:%lld  %s", ret->key, host, (long long)cell_int(rows, row, "Port", 22),
		    about);
	free(blocked);
	free(error);
	free(host);
	free(about);
}

static const struct list_type workers_type = {
	.context = CTX_WORKERS,
	.title = "Scale Out Workers",
	.sql = "SELECT WorkerAgentId, DisplayName, Description, Tags, Host, Port, Slots, IsEnabled, IsOnline, "
	       "IsBlocked, BlockReason, MachineName, UserAccount, Version, OperatingSystem, Running, "
	       "LastOnlineTime, LastError FROM [SSISDB].[scaleout].[workers] ORDER BY DisplayName",
	.empty = "no workers yet; add one with: scaleout worker add NAME --host HOST",
	.columns = worker_columns,
	.column_count = ARRAY_LEN(worker_columns),
	.decode = decode_worker,
};

/* --- operations --- */

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

static void decode_operation(const struct tsql_rowset *rows, size_t row, bool ascii, struct item *ret)
{
	const struct code *status = code_find(&code_status, cell_int(rows, row, "status", 0));
	const struct code *type = code_find(&code_operation_type, cell_int(rows, row, "operation_type", 0));
	struct buf text = BUF_INIT;

	code_format(status, ascii, &text);
	ret->number = cell_int(rows, row, "operation_id", 0);
	ret->key = format_number(rows, row, "operation_id");
	ret->name = xasprintf("operation %s (%s)", ret->key, type->word);
	set_cell(ret, O_ID, ROLE_NORMAL, xstrdup(ret->key));
	set_cell(ret, O_TYPE, ROLE_NORMAL, xstrdup(type->word));
	set_cell(ret, O_STATUS, status->role, buf_detach(&text));
	set_cell(ret, O_OBJECT, ROLE_NORMAL, cell_text(rows, row, "object_name"));
	set_cell(ret, O_START, ROLE_NORMAL, format_when(cell_int(rows, row, "start_time", 0)));
	set_cell(ret, O_CALLER, ROLE_NORMAL, cell_text(rows, row, "caller_name"));
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

/* --- both --- */

static void clear_items(struct list_screen *s)
{
	for (size_t i = 0; i < s->items.len; i++) {
		struct item *item = &s->items.items[i];

		free(item->key);
		free(item->name);
		free(item->note);
		for (size_t c = 0; c < CELLS_MAX; c++)
			free(item->cells[c]);
	}
	s->items.len = 0;
}

static const struct item *current(const struct list_screen *s)
{
	return s->cursor.pos < s->shown.len ? &s->items.items[s->shown.items[s->cursor.pos]] : NULL;
}

static bool matches(const struct list_screen *s, const struct item *item)
{
	for (size_t c = 0; c < s->type->column_count; c++) {
		if (text_contains(item->cells[c], s->filter))
			return true;
	}
	return false;
}

/* Recompute what is shown; the row with this key stays current. */
static void update(struct list_screen *s, const char *key)
{
	s->shown.len = 0;
	for (size_t i = 0; i < s->items.len; i++) {
		if (!matches(s, &s->items.items[i]))
			continue;
		if (key && strcmp(s->items.items[i].key, key) == 0)
			s->cursor.pos = s->shown.len;
		vec_push(&s->shown, i);
	}
	cursor_clamp(&s->cursor, s->shown.len);
	s->screen.app->dirty = true;
}

static void loaded(void *ctx, const struct job_result *result)
{
	struct list_screen *s = ctx;
	char *key;

	s->loaded = true;
	if (result->r < 0) {
		app_toast_err(s->screen.app, &result->err);
		return;
	}
	key = current(s) ? xstrdup(current(s)->key) : NULL;
	clear_items(s);
	for (size_t i = 0; i < result->rows.row_count; i++) {
		struct item item = { 0 };

		s->type->decode(&result->rows, i, s->screen.app->theme.ascii, &item);
		vec_push(&s->items, item);
	}
	update(s, key);
	free(key);
}

static void refresh(struct screen *screen)
{
	struct list_screen *s = self_of(screen);

	jobs_submit(screen->app->jobs, JOB_FRONT, &s->read, s->type->sql, NULL, ROWS_MAX, loaded, s);
}

static int64_t tick(struct screen *screen, int64_t now)
{
	struct list_screen *s = self_of(screen);

	if (app_subject(screen->app) != screen || (s->loaded && screen->app->options.slow))
		return 0;
	if (now >= s->live_due) {
		if (!job_slot_busy(&s->read))
			refresh(screen);
		s->live_due = now + LIVE_MS;
	}
	return s->live_due;
}

static void cell(const void *row, size_t column, bool ascii, struct buf *ret, enum role *role)
{
	const struct item *item = row;

	(void)ascii;
	buf_adds(ret, item->cells[column]);
	if (item->roles[column] != ROLE_NORMAL)
		*role = item->roles[column];
}

static void draw(struct screen *screen, const struct view *view)
{
	struct list_screen *s = self_of(screen);
	struct view list = view_part(view, 1, 0, view->h - 2, view->w);

	grid_layout(&s->grid, view->w);
	grid_draw_header(&s->grid, view, 0);
	s->cursor.page = (size_t)list.h;
	cursor_clamp(&s->cursor, s->shown.len);
	for (int y = 0; y < list.h && s->cursor.top + (size_t)y < s->shown.len; y++) {
		size_t row = s->cursor.top + (size_t)y;
		struct grid_row_look look = { .focused = true, .current = row == s->cursor.pos };

		grid_draw_row(&s->grid, &list, y, look, &s->items.items[s->shown.items[row]], cell);
	}
	if (s->shown.len == 0)
		view_text(&list, 0, 2, list.w - 2, ROLE_DIM,
		    !s->loaded ? "reading..." : *s->filter ? "nothing matches the filter" : s->type->empty);
	else
		view_text(view, view->h - 1, 2, view->w - 2, ROLE_DIM, current(s)->note);
}

static bool move(struct screen *screen, enum command command)
{
	struct list_screen *s = self_of(screen);

	return cursor_command(&s->cursor, command, s->shown.len);
}

static const char *filter(const struct screen *screen)
{
	return ((const struct list_screen *)screen)->filter;
}

static void set_filter(struct screen *screen, const char *text)
{
	struct list_screen *s = self_of(screen);
	char *key = current(s) ? xstrdup(current(s)->key) : NULL;

	free(s->filter);
	s->filter = xstrdup(text);
	update(s, key);
	free(key);
}

static void click(struct screen *screen, int y, int x, bool twice)
{
	struct list_screen *s = self_of(screen);

	(void)x;
	(void)twice;
	if (y >= 1)
		cursor_move_to(&s->cursor, s->cursor.top + (size_t)y - 1, s->shown.len);
}

static void title(const struct screen *screen, struct buf *ret)
{
	buf_adds(ret, ((const struct list_screen *)screen)->type->title);
}

static void free_screen(struct screen *screen)
{
	struct list_screen *s = self_of(screen);

	jobs_cancel(screen->app->jobs, &s->read);
	jobs_cancel(screen->app->jobs, &s->act);
	clear_items(s);
	vec_release(&s->items);
	vec_release(&s->shown);
	free(s->filter);
	free(s->done_text);
	free(s);
}

static struct screen *list_new(struct app *app, const struct screen_ops *ops, const struct list_type *type)
{
	struct list_screen *s = xcalloc(1, sizeof(*s));

	s->screen = (struct screen){ ops, app };
	s->type = type;
	s->grid = (struct grid){ .columns = type->columns, .count = type->column_count };
	s->filter = xstrdup("");
	s->cursor.page = 1;
	return &s->screen;
}

/* --- what can be done with workers --- */

static void acted(void *ctx, const struct job_result *result)
{
	struct list_screen *s = ctx;

	if (result->r < 0)
		app_alert_err(s->screen.app, "Worker", &result->err);
	else
		app_toast(s->screen.app, "%s", s->done_text);
	refresh(&s->screen);
}

static void act(struct list_screen *s, const char *batch, const char *done)
{
	struct job_params params = { 0 };
	struct uuid id;

	if (!uuid_parse(current(s)->key, strlen(current(s)->key), &id))
		return;
	free(s->done_text);
	s->done_text = xasprintf("%s %s", current(s)->name, done);
	job_params_add(&params, "@id", tsql_uuid(&id));
	jobs_submit(s->screen.app->jobs, JOB_FRONT, &s->act, batch, &params, 1, acted, s);
}

static void enable(struct screen *screen)
{
	act(self_of(screen), "EXEC [SSISDB].[catalog].[enable_worker_agent] @WorkerAgentId=@id", "is enabled");
}

static void disable(struct screen *screen)
{
	struct list_screen *s = self_of(screen);
	char *question = xasprintf("Disable worker %s?\nIt gets no new executions until it is enabled again.",
	    current(s)->name);
	bool yes = dlg_confirm(&screen->app->dialogs, "Disable Worker", question, "Disable");

	free(question);
	screen->app->dirty = true;
	if (yes)
		act(s, "EXEC [SSISDB].[catalog].[disable_worker_agent] @WorkerAgentId=@id", "is disabled");
}

static bool worker_enabled(const struct screen *screen, enum command command)
{
	const struct item *item = current((const struct list_screen *)screen);

	if (command == CMD_ENABLE)
		return item && !item->number;
	if (command == CMD_DISABLE)
		return item && item->number;
	return true;
}

static const struct screen_handler worker_handlers[] = {
	{ CMD_ENABLE, enable },
	{ CMD_DISABLE, disable },
};

const struct screen_ops workers_ops = {
	.context = CTX_WORKERS,
	.list = true,
	.free = free_screen,
	.title = title,
	.draw = draw,
	.handlers = worker_handlers,
	.handler_count = ARRAY_LEN(worker_handlers),
	.move = move,
	.enabled = worker_enabled,
	.tick = tick,
	.refresh = refresh,
	.filter = filter,
	.set_filter = set_filter,
	.click = click,
};

struct screen *workers_new(struct app *app)
{
	return list_new(app, &workers_ops, &workers_type);
}

/* --- and with operations --- */

static void open_overview(struct screen *screen)
{
	const struct item *item = current(self_of(screen));

	app_push(screen->app, overview_new(screen->app, item->number));
}

static void stop(struct screen *screen)
{
	const struct item *item = current(self_of(screen));

	stop_operations(screen, &item->number, 1, item->name);
}

static bool operation_enabled(const struct screen *screen, enum command command)
{
	(void)command;
	return current((const struct list_screen *)screen) != NULL;
}

static const struct screen_handler operation_handlers[] = {
	{ CMD_OPEN, open_overview },
	{ CMD_STOP, stop },
};

const struct screen_ops operations_ops = {
	.context = CTX_OPERATIONS,
	.list = true,
	.free = free_screen,
	.title = title,
	.draw = draw,
	.handlers = operation_handlers,
	.handler_count = ARRAY_LEN(operation_handlers),
	.move = move,
	.enabled = operation_enabled,
	.tick = tick,
	.refresh = refresh,
	.filter = filter,
	.set_filter = set_filter,
	.click = click,
};

struct screen *operations_new(struct app *app)
{
	return list_new(app, &operations_ops, &operations_type);
}
