/* SPDX-License-Identifier: MIT */
/* Scale Out Workers: every machine, whether it gets work, what it has to do and what ails it. */
#include "tui/screens/list_screen.h"

#include <stdlib.h>
#include <string.h>

#include "tui/screens/screens.h"
#include "tui/screens/worker_actions.h"

enum { WORKER_IS_ENABLED = 1 }; /* flag of a row */

enum { W_NAME, W_STATE, W_TASKS, W_ACCOUNT, W_ERROR, W_SEEN, W_MACHINE, W_LOAD, W_TAGS, W_VERSION, W_SYSTEM, W_COUNT };

static const struct grid_column worker_columns[] = {
	[W_NAME] = { "Worker", 24, 12, 1, false, true },
	[W_STATE] = { "State", 18, 18, 1, false, true },
	[W_TASKS] = { "Slots", 7, 7, 1, true, false },
	[W_ACCOUNT] = { "Runs Under", 16, 10, 1, false, false },
	[W_ERROR] = { "Last Error", 60, 10, 3, false, false },
	[W_SEEN] = { "Last Online", 14, 14, 2, false, false },
	[W_MACHINE] = { "Machine", 20, 10, 4, false, false },
	[W_LOAD] = { "CPU", 4, 4, 5, true, false },
	[W_TAGS] = { "Tags", 20, 8, 6, false, false },
	[W_VERSION] = { "Version", 10, 7, 7, false, false },
	[W_SYSTEM] = { "System", 24, 10, 8, false, false },
};
_Static_assert(ARRAY_LEN(worker_columns) == W_COUNT && W_COUNT <= LIST_CELLS_MAX, "every column has a row");

/* Whether it gets work and whether it is there are two things; both are said in words. Busy: it is there, but beyond a limit. */
static char *worker_state(const struct tsql_rowset *rows, size_t row, bool ascii, enum role *ret_role)
{
	bool enabled = cell_int(rows, row, "IsEnabled", 0) != 0;
	bool online = cell_int(rows, row, "IsOnline", 0) != 0;
	const char *glyph = online ? ascii ? "+" : "\xE2\x9C\x93" : ascii ? "!" : "\xE2\x9C\x97";
	const char *work = enabled ? "Enabled" : "Disabled";
	char *state = cell_text(rows, row, "State");

	if (strcmp(state, "draining") == 0)
		work = "Draining";
	free(state);
	if (cell_int(rows, row, "IsBlocked", 0)) {
		*ret_role = ROLE_BAD;
		return xasprintf("%s Blocked", ascii ? "!" : "\xE2\x9C\x97");
	}
	bool busy = !cell_is_null(rows, row, "HeldBackBy");

	*ret_role = !enabled ? ROLE_DIM : busy ? ROLE_BUSY : online ? ROLE_GOOD : ROLE_BAD;
	return xasprintf("%s %s %s", glyph, work, busy ? "Busy" : online ? "Online" : "Offline");
}

static char *worker_load(const struct tsql_rowset *rows, size_t row)
{
	return cell_is_null(rows, row, "CpuPercent")
		? xstrdup("") : xasprintf("%lld%%", (long long)cell_int(rows, row, "CpuPercent", 0));
}

static void decode_worker(const struct tsql_rowset *rows, size_t row, bool ascii, struct list_item *ret)
{
	enum role role = ROLE_NORMAL;
	char *state = worker_state(rows, row, ascii, &role);
	char *blocked = cell_text(rows, row, "BlockReason"), *error = cell_text(rows, row, "LastError");
	char *host = cell_text(rows, row, "Host"), *about = cell_text(rows, row, "Description");
	char *held = cell_text(rows, row, "HeldBackBy");

	ret->key = cell_text(rows, row, "WorkerAgentId");
	ret->name = cell_text(rows, row, "DisplayName");
	ret->number = cell_int(rows, row, "Running", 0);
	ret->flags = cell_int(rows, row, "IsEnabled", 0) ? WORKER_IS_ENABLED : 0;
	list_set_cell(ret, W_NAME, ROLE_NORMAL, xstrdup(ret->name));
	list_set_cell(ret, W_STATE, role, state);
	list_set_cell(ret, W_MACHINE, ROLE_NORMAL, cell_text(rows, row, "MachineName"));
	list_set_cell(ret, W_ACCOUNT, ROLE_NORMAL, cell_text(rows, row, "UserAccount"));
	list_set_cell(ret, W_TASKS, ROLE_NORMAL,
	    xasprintf("%lld/%lld", (long long)cell_int(rows, row, "Running", 0),
		(long long)cell_int(rows, row, "Slots", 0)));
	list_set_cell(ret, W_ERROR, ROLE_BAD, xstrdup(*blocked ? blocked : error));
	list_set_cell(ret, W_LOAD, *held ? ROLE_BUSY : ROLE_NORMAL, worker_load(rows, row));
	list_set_cell(ret, W_SEEN, ROLE_NORMAL, list_when(cell_int(rows, row, "LastOnlineTime", 0)));
	list_set_cell(ret, W_TAGS, ROLE_NORMAL, cell_text(rows, row, "Tags"));
	list_set_cell(ret, W_VERSION, ROLE_NORMAL, cell_text(rows, row, "Version"));
	list_set_cell(ret, W_SYSTEM, ROLE_NORMAL, cell_text(rows, row, "OperatingSystem"));
	if (*blocked || *error)
		ret->note = xstrdup(*blocked ? blocked : error);
	else if (*held)
		ret->note = xasprintf("gets no new work: %lld%% of its CPU are busy, %lld MB of memory are free (%s in scaleout.conf)",
		    (long long)cell_int(rows, row, "CpuPercent", 0), (long long)cell_int(rows, row, "MemoryFreeKb", 0) / 1024,
		    strcmp(held, "CPU") == 0 ? "max_cpu_percent" : "min_memory_mb");
	else
		ret->note = xasprintf("%s %s:%lld  %s", ret->key, host, (long long)cell_int(rows, row, "Port", 22),
		    about);
	free(blocked);
	free(error);
	free(host);
	free(about);
	free(held);
}

static const struct list_type workers_type = {
	.context = CTX_WORKERS,
	.title = "Scale Out Workers",
	.sql = "SELECT WorkerAgentId, DisplayName, Description, Tags, Host, Port, Slots, IsEnabled, IsOnline, "
	       "IsBlocked, BlockReason, MachineName, UserAccount, Version, OperatingSystem, Running, "
	       "LastOnlineTime, LastError, State, CpuPercent, MemoryFreeKb, HeldBackBy FROM [SSISDB].[scaleout].[workers] ORDER BY DisplayName",
	.empty = "no workers yet; add one with: scaleout worker add NAME --host HOST",
	.columns = worker_columns,
	.column_count = ARRAY_LEN(worker_columns),
	.decode = decode_worker,
};

static bool worker_of(const struct screen *screen, struct worker_ref *ret)
{
	const struct list_item *item = list_current((const struct list_screen *)screen);

	if (item)
		*ret = (struct worker_ref){ .id = item->key, .name = item->name, .running = item->number,
			.enabled = item->flags & WORKER_IS_ENABLED };
	return item != NULL;
}

static void enable(struct screen *screen)
{
	struct worker_ref worker;

	if (worker_of(screen, &worker))
		worker_enable(screen->app, &worker);
}

static void disable(struct screen *screen)
{
	struct worker_ref worker;

	if (worker_of(screen, &worker))
		worker_disable(screen->app, &worker);
}

static void drain(struct screen *screen)
{
	struct worker_ref worker;

	if (worker_of(screen, &worker))
		worker_drain(screen->app, &worker);
}

static bool worker_enabled(const struct screen *screen, enum command command)
{
	struct worker_ref worker = { 0 };
	bool any = worker_of(screen, &worker);

	if (command == CMD_ENABLE)
		return any && !worker.enabled;
	if (command == CMD_DISABLE || command == CMD_DRAIN)
		return any && worker.enabled;
	return true;
}

static const struct screen_handler worker_handlers[] = {
	{ CMD_ENABLE, enable },
	{ CMD_DISABLE, disable },
	{ CMD_DRAIN, drain },
};

const struct screen_ops workers_ops = {
	.context = CTX_WORKERS,
	LIST_OPS,
	.handlers = worker_handlers,
	.handler_count = ARRAY_LEN(worker_handlers),
	.enabled = worker_enabled,
};

struct screen *workers_new(struct app *app)
{
	return list_new(app, &workers_ops, &workers_type);
}
