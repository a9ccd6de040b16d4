/* SPDX-License-Identifier: MIT */
/*
 * Overview of an execution: what it is, its first error, its tries, the state
 * of each task, and the parameter values it used. Each query fills a section; the sections
 * become one list of lines, and a task's line leads to its messages.
 */
#include "tui/screens/screens.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/app.h"
#include "tui/screens/queue_actions.h"
#include "tui/text.h"

#define LIVE_MS 1500
#define ROWS_MAX 2000
#define AHEAD_MAX 1000 /* more before it are not counted */
#define ERROR_WIDTH 76 /* fits the narrowest usual screen; wider ones need no longer lines */

enum section { SECTION_INFO, SECTION_WAITING, SECTION_ERRORS, SECTION_TRIES, SECTION_TASKS, SECTION_PARAMETERS, SECTION_COUNT };

struct line {
	char *text;   /* clean */
	enum role role;
	char *source; /* a task's name, for its messages; or NULL */
};
struct lines {
	VEC(struct line) v;
};

struct overview {
	struct screen screen;
	int64_t id;
	struct job_slot slots[SECTION_COUNT];
	struct lines sections[SECTION_COUNT];
	struct cursor cursor;
	int64_t status, live_due;
	bool known;
	char *package;
};

static struct overview *self_of(struct screen *screen)
{
	return (struct overview *)screen;
}

static void clear_lines(struct lines *lines)
{
	for (size_t i = 0; i < lines->v.len; i++) {
		free(lines->v.items[i].text);
		free(lines->v.items[i].source);
	}
	lines->v.len = 0;
}

static void add_line(struct lines *lines, enum role role, const char *text, const char *source)
{
	struct line line = { xstrdup(text), role, xstrdup_or_null(source) };

	vec_push(&lines->v, line);
}

/* --- text pieces --- */

/* Text cut or padded to width cells. */
static void column(struct buf *ret, const char *text, int width)
{
	int cells = text_cut(text, width, false, ret);

	while (cells++ < width + 1)
		buf_addc(ret, ' ');
}

static void format_ticks(int64_t ticks, struct buf *ret)
{
	char text[24];

	if (ticks == 0) {
		buf_addc(ret, '-');
		return;
	}
	clock_format_local(ticks, text, sizeof(text));
	buf_adds(ret, text);
}

static void two_columns(struct lines *lines, const char *label1, const char *value1, const char *label2,
    const char *value2, enum role role)
{
	struct buf text = BUF_INIT;

	column(&text, *value1 ? label1 : "", 13);
	column(&text, value1, 26);
	column(&text, *value2 ? label2 : "", 12);
	buf_adds(&text, value2);
	add_line(lines, role, text.data, NULL);
	buf_release(&text);
}

/* --- sections --- */

static void take_info(struct overview *s, const struct tsql_rowset *rows)
{
	struct lines *lines = &s->sections[SECTION_INFO];
	static const struct {
		const char *label1, *column1, *label2, *column2;
	} pairs[] = {
		{ "Folder", "folder_name", "Project", "project_name" },
		{ "Package", "package_name", "Environment", "environment_name" },
		{ "Caller", "caller_name", "Machine", "machine_name" },
		{ "Tries", "executed_count", "Process", "process_id" },
		{ "Stopped by", "stopped_by_name", "Executed as", "executed_as_name" },
	};
	struct buf status = BUF_INIT, duration = BUF_INIT, start = BUF_INIT, end = BUF_INIT;
	const struct code *code;
	char *id;

	clear_lines(lines);
	if (rows->row_count == 0) {
		add_line(lines, ROLE_WARNING, "This execution does not exist, or you may not see it.", NULL);
		return;
	}
	s->known = true;
	s->status = cell_int(rows, 0, "status", 0);
	free(s->package);
	s->package = cell_text(rows, 0, "package_name");
	code = code_find(&code_status, s->status);
	code_format(code, s->screen.app->theme.ascii, &status);
	int64_t started = cell_int(rows, 0, "start_time", 0), ended = cell_int(rows, 0, "end_time", 0);
	if (started)
		duration_format((ended ? ended : clock_wall()) - started, &duration);
	format_ticks(started, &start);
	format_ticks(ended, &end);
	id = xasprintf("%lld", (long long)s->id);
	two_columns(lines, "Operation ID", id, "Status", status.data, code->role);
	two_columns(lines, "Start Time", start.data, "Duration", duration.data, ROLE_NORMAL);
	buf_clear(&start);
	format_ticks(cell_int(rows, 0, "created_time", 0), &start);
	two_columns(lines, "Created", start.data, "End Time", end.data, ROLE_NORMAL);
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		char *value1 = cell_text(rows, 0, pairs[i].column1);
		char *value2 = cell_text(rows, 0, pairs[i].column2);

		if (*value1 || *value2)
			two_columns(lines, pairs[i].label1, value1, pairs[i].label2, value2, ROLE_NORMAL);
		free(value1);
		free(value2);
	}
	free(id);
	buf_release(&status);
	buf_release(&duration);
	buf_release(&start);
	buf_release(&end);
}

static void add_error_line(void *ctx, const char *clean)
{
	add_line(ctx, ROLE_BAD, clean, NULL);
}

/* The first error in full: what people come here for. */
static void take_errors(struct overview *s, const struct tsql_rowset *rows)
{
	struct lines *lines = &s->sections[SECTION_ERRORS];
	const struct tsql_value *message;
	struct buf text = BUF_INIT;
	int64_t count;
	char *source;

	clear_lines(lines);
	if (rows->row_count == 0)
		return;
	source = cell_text(rows, 0, "message_source_name");
	count = cell_int(rows, 0, "errors", 1);
	message = tsql_rowset_get(rows, 0, "message");
	if (message && !message->null)
		tsql_value_format(message, &text);
	text_wrap(text.data, text.len, ERROR_WIDTH, add_error_line, lines);
	buf_clear(&text);
	if (count > 1)
		buf_addf(&text, "(first of %lld errors, in %s; press e for all)", (long long)count, source);
	else
		buf_addf(&text, "(in %s; press e for the messages around it)", source);
	add_line(lines, ROLE_DIM, text.data, NULL);
	free(source);
	buf_release(&text);
}

/* Where it stands in the queue, what it asks for, and what could take it. */
static void take_waiting(struct overview *s, const struct tsql_rowset *rows)
{
	struct lines *lines = &s->sections[SECTION_WAITING];
	struct buf text = BUF_INIT, when = BUF_INIT;
	char *waits, *tags, *folder;
	int64_t ahead, value;

	clear_lines(lines);
	if (rows->row_count == 0)
		return;
	waits = cell_text(rows, 0, "waits_for");
	tags = cell_text(rows, 0, "tags");
	folder = cell_text(rows, 0, "folder_name");
	buf_addf(&text, "Waits for    %s", waits);
	add_line(lines, ROLE_WARNING, text.data, NULL);
	buf_clear(&text);
	ahead = cell_int(rows, 0, "ahead", 0);
	buf_addf(&text, "Priority     %lld; %lld%s before it by priority and age; folder %s runs %lld now",
	    (long long)cell_int(rows, 0, "priority", 0), (long long)(ahead > AHEAD_MAX ? AHEAD_MAX : ahead),
	    ahead > AHEAD_MAX ? " or more" : "", folder, (long long)cell_int(rows, 0, "folder_running", 0));
	add_line(lines, ROLE_NORMAL, text.data, NULL);
	buf_clear(&text);
	format_ticks(cell_int(rows, 0, "queued_time", 0), &when);
	buf_addf(&text, "Queued       %s", when.data);
	if ((value = cell_int(rows, 0, "not_before", 0))) {
		buf_clear(&when);
		format_ticks(value, &when);
		buf_addf(&text, "; not before %s", when.data);
	}
	add_line(lines, ROLE_NORMAL, text.data, NULL);
	buf_clear(&text);
	if (*tags)
		buf_addf(&text, "tags %s  ", tags);
	if ((value = cell_int(rows, 0, "time_limit_s", 0)))
		buf_addf(&text, "time limit %lld s  ", (long long)value);
	if ((value = cell_int(rows, 0, "retry_delay_s", 0)))
		buf_addf(&text, "retry delay %lld s", (long long)value);
	if (text.len) {
		char *asks = xasprintf("Asks for     %s", text.data);

		add_line(lines, ROLE_NORMAL, asks, NULL);
		free(asks);
	}
	buf_clear(&text);
	if (!cell_is_null(rows, 0, "workers")) {
		buf_addf(&text, "Workers      %lld ready, %lld draining or disabled, %lld offline; %lld of %lld "
				"slots taken",
		    (long long)cell_int(rows, 0, "ready", 0), (long long)cell_int(rows, 0, "disabled", 0),
		    (long long)cell_int(rows, 0, "offline", 0), (long long)cell_int(rows, 0, "taken", 0),
		    (long long)cell_int(rows, 0, "slots", 0));
		add_line(lines, ROLE_NORMAL, text.data, NULL);
	}
	add_line(lines, ROLE_DIM, "(i changes priority, limits and tags; 4 shows the workers, 5 the queue)", NULL);
	free(waits);
	free(tags);
	free(folder);
	buf_release(&text);
	buf_release(&when);
}

static void take_tries(struct overview *s, const struct tsql_rowset *rows)
{
	struct lines *lines = &s->sections[SECTION_TRIES];

	clear_lines(lines);
	for (size_t i = 0; i < rows->row_count; i++) {
		struct buf text = BUF_INIT, start = BUF_INIT, duration = BUF_INIT;
		char *worker = cell_text(rows, i, "worker_name"), *state = cell_text(rows, i, "state");
		char *outcome = cell_text(rows, i, "outcome"), *reason = cell_text(rows, i, "reason");
		int64_t started = cell_int(rows, i, "start_time", 0), ended = cell_int(rows, i, "end_time", 0);

		format_ticks(started, &start);
		if (started)
			duration_format((ended ? ended : clock_wall()) - started, &duration);
		buf_addf(&text, "%3lld  ", (long long)cell_int(rows, i, "attempt", 0));
		column(&text, worker, 16);
		column(&text, *outcome ? outcome : state, 12);
		column(&text, start.data, 19);
		column(&text, duration.data, 8);
		if (!cell_is_null(rows, i, "exit_code"))
			buf_addf(&text, "exit %lld  ", (long long)cell_int(rows, i, "exit_code", 0));
		buf_adds(&text, reason);
		if (lines->v.len == 0)
			add_line(lines, ROLE_HEADER, "Try  Worker           Outcome      Start               Duration",
			    NULL);
		add_line(lines, ROLE_NORMAL, text.data, NULL);
		free(worker);
		free(state);
		free(outcome);
		free(reason);
		buf_release(&text);
		buf_release(&start);
		buf_release(&duration);
	}
}

static void take_tasks(struct overview *s, const struct tsql_rowset *rows)
{
	struct lines *lines = &s->sections[SECTION_TASKS];

	clear_lines(lines);
	add_line(lines, ROLE_HEADER, "Result       Duration  Task Name                 Execution Path", NULL);
	for (size_t i = 0; i < rows->row_count; i++) {
		struct buf text = BUF_INIT, piece = BUF_INIT;
		const struct code *code = code_find(&code_result, cell_int(rows, i, "execution_result", -1));
		char *name = cell_text(rows, i, "executable_name"), *path = cell_text(rows, i, "execution_path");

		code_format(code, s->screen.app->theme.ascii, &piece);
		column(&text, piece.data, 12);
		buf_clear(&piece);
		duration_format(cell_int(rows, i, "execution_duration", 0) * TICKS_PER_MS, &piece);
		column(&text, piece.data, 9);
		column(&text, name, 25);
		buf_adds(&text, path);
		add_line(lines, code->role, text.data, name);
		free(name);
		free(path);
		buf_release(&text);
		buf_release(&piece);
	}
	if (rows->row_count == 0)
		add_line(lines, ROLE_DIM, "(none recorded)", NULL);
}

static void take_parameters(struct overview *s, const struct tsql_rowset *rows)
{
	struct lines *lines = &s->sections[SECTION_PARAMETERS];

	clear_lines(lines);
	add_line(lines, ROLE_HEADER, "Scope    Name                      Type      Value", NULL);
	for (size_t i = 0; i < rows->row_count; i++) {
		struct buf text = BUF_INIT;
		char *name = cell_text(rows, i, "parameter_name");
		char *type = cell_text(rows, i, "parameter_data_type");
		char *value = cell_text(rows, i, "parameter_value");
		bool set = cell_int(rows, i, "runtime_override", 0) != 0;

		column(&text, code_find(&code_object_type, cell_int(rows, i, "object_type", 0))->word, 8);
		column(&text, name, 25);
		column(&text, type, 9);
		buf_adds(&text, cell_int(rows, i, "sensitive", 0) ? "(sensitive)" : value);
		if (set)
			buf_adds(&text, "  (set for this run)");
		add_line(lines, ROLE_NORMAL, text.data, NULL);
		free(name);
		free(type);
		free(value);
		buf_release(&text);
	}
	if (rows->row_count == 0)
		add_line(lines, ROLE_DIM, "(none)", NULL);
}

static const struct {
	const char *title;
	const char *sql;
	void (*take)(struct overview *s, const struct tsql_rowset *rows);
} section_types[SECTION_COUNT] = {
	[SECTION_INFO] = { "Execution Information",
	    "SELECT status, created_time, start_time, end_time, folder_name, project_name, package_name, "
	    "environment_name, caller_name, machine_name, process_id, executed_count, stopped_by_name, "
	    "executed_as_name FROM [SSISDB].[catalog].[executions] WHERE execution_id = @id",
	    take_info },
	[SECTION_WAITING] = { "Waiting",
	    "SELECT q.waits_for, q.priority, q.tags, q.time_limit_s, q.retry_delay_s, q.queued_time, q.not_before, "
	    "q.folder_name, (SELECT COUNT(*) FROM (SELECT TOP (1001) a.execution_id FROM [SSISDB].[scaleout].[queue] a "
	    "WHERE a.priority > q.priority OR (a.priority = q.priority AND a.execution_id < @id)) b) AS ahead, "
	    "(SELECT COUNT(*) FROM [SSISDB].[catalog].[executions] r WHERE r.status = 2 AND r.folder_name = q.folder_name) "
	    "AS folder_running, w.workers, w.ready, w.disabled, w.offline, w.taken, w.slots "
	    "FROM [SSISDB].[scaleout].[queue] q CROSS JOIN (SELECT COUNT(*) AS workers, "
	    "SUM(CASE WHEN IsEnabled = 1 AND IsOnline = 1 THEN 1 ELSE 0 END) AS ready, "
	    "SUM(CASE WHEN IsEnabled = 0 THEN 1 ELSE 0 END) AS disabled, "
	    "SUM(CASE WHEN IsEnabled = 1 AND IsOnline = 0 THEN 1 ELSE 0 END) AS offline, "
	    "SUM(CASE WHEN IsEnabled = 1 AND IsOnline = 1 THEN Running ELSE 0 END) AS taken, "
	    "SUM(CASE WHEN IsEnabled = 1 AND IsOnline = 1 THEN Slots ELSE 0 END) AS slots "
	    "FROM [SSISDB].[scaleout].[workers]) w WHERE q.execution_id = @id",
	    take_waiting },
	[SECTION_ERRORS] = { "Error",
	    "SELECT errors, message_source_name, message FROM [SSISDB].[scaleout].[execution_errors] "
	    "WHERE execution_id = @id",
	    take_errors },
	[SECTION_TRIES] = { "Tries",
	    "SELECT attempt, worker_name, state, start_time, end_time, outcome, exit_code, reason "
	    "FROM [SSISDB].[scaleout].[execution_tries] WHERE execution_id = @id ORDER BY attempt",
	    take_tries },
	[SECTION_TASKS] = { "Execution Overview",
	    "SELECT s.execution_result, s.execution_duration, e.executable_name, s.execution_path "
	    "FROM [SSISDB].[catalog].[executable_statistics] s "
	    "JOIN [SSISDB].[catalog].[executables] e ON e.executable_id = s.executable_id "
	    "WHERE s.execution_id = @id ORDER BY s.statistics_id",
	    take_tasks },
	[SECTION_PARAMETERS] = { "Parameters Used",
	    "SELECT object_type, parameter_name, parameter_data_type, parameter_value, sensitive, "
	    "runtime_override FROM [SSISDB].[catalog].[execution_parameter_values] "
	    "WHERE execution_id = @id ORDER BY object_type DESC, parameter_name",
	    take_parameters },
};

/* --- reading --- */

static void loaded(struct overview *s, enum section section, const struct job_result *result)
{
	if (result->r == 0) {
		section_types[section].take(s, &result->rows);
		return;
	}
	clear_lines(&s->sections[section]);
	struct buf text = BUF_INIT, clean = BUF_INIT;
	app_err_format(&result->err, false, &text);
	text_clean(text.data, text.len, &clean);
	add_line(&s->sections[section], ROLE_BAD, clean.data, NULL);
	buf_release(&text);
	buf_release(&clean);
}

static void info_loaded(void *ctx, const struct job_result *result)
{
	loaded(ctx, SECTION_INFO, result);
}

static void waiting_loaded(void *ctx, const struct job_result *result)
{
	loaded(ctx, SECTION_WAITING, result);
}

static void errors_loaded(void *ctx, const struct job_result *result)
{
	loaded(ctx, SECTION_ERRORS, result);
}

static void tries_loaded(void *ctx, const struct job_result *result)
{
	loaded(ctx, SECTION_TRIES, result);
}

static void tasks_loaded(void *ctx, const struct job_result *result)
{
	loaded(ctx, SECTION_TASKS, result);
}

static void parameters_loaded(void *ctx, const struct job_result *result)
{
	loaded(ctx, SECTION_PARAMETERS, result);
}

static void read_all(struct overview *s)
{
	static job_done_fn *const done[SECTION_COUNT] = { info_loaded, waiting_loaded, errors_loaded, tries_loaded,
		tasks_loaded, parameters_loaded };

	for (int i = 0; i < SECTION_COUNT; i++) {
		struct job_params params = { 0 };

		job_params_bigint(&params, "@id", s->id);
		jobs_submit(s->screen.app->jobs, JOB_FRONT, &s->slots[i], section_types[i].sql, &params,
		    ROWS_MAX, done[i], s);
	}
}

static int64_t tick(struct screen *screen, int64_t now)
{
	struct overview *s = self_of(screen);

	if (app_subject(screen->app) != screen || (s->known && status_is_final(s->status)))
		return 0;
	if (s->live_due && screen->app->options.slow)
		return 0;
	if (now >= s->live_due) {
		if (!job_slot_busy(&s->slots[SECTION_PARAMETERS]))
			read_all(s);
		s->live_due = now + LIVE_MS;
	}
	return s->live_due;
}

/* --- drawing --- */

/* Sections follow each other: a title, the lines, an empty line. Empty sections are left out. */
static bool locate(const struct overview *s, size_t row, const struct line **ret_line,
    const char **ret_title)
{
	*ret_line = NULL;
	*ret_title = NULL;
	for (int i = 0; i < SECTION_COUNT; i++) {
		size_t len = s->sections[i].v.len;

		if (len == 0)
			continue;
		if (row == 0)
			*ret_title = section_types[i].title;
		else if (row <= len)
			*ret_line = &s->sections[i].v.items[row - 1];
		if (row <= len + 1)
			return true;
		row -= len + 2;
	}
	return false;
}

static size_t count_rows(const struct overview *s)
{
	size_t rows = 0;

	for (int i = 0; i < SECTION_COUNT; i++)
		rows += s->sections[i].v.len ? s->sections[i].v.len + 2 : 0;
	return rows ? rows - 1 : 0;
}

static void draw(struct screen *screen, const struct view *view)
{
	struct overview *s = self_of(screen);
	size_t count = count_rows(s);

	s->cursor.page = (size_t)view->h;
	cursor_clamp(&s->cursor, count);
	for (int y = 0; y < view->h; y++) {
		size_t row = s->cursor.top + (size_t)y;
		bool is_current = row == s->cursor.pos;
		enum role bar = is_current && !view->theme->slow ? ROLE_CURRENT : ROLE_NORMAL;
		const struct line *line;
		const char *head;

		if (!locate(s, row, &line, &head))
			break;
		view_text(view, y, 0, 1, bar, is_current ? ">" : " ");
		if (head)
			view_text(view, y, 1, view->w - 1, bar == ROLE_CURRENT ? bar : ROLE_KEY, head);
		else
			view_text(view, y, 1, view->w - 1, bar == ROLE_CURRENT || !line ? bar : line->role,
			    line ? line->text : "");
		if (is_current)
			view_set_cursor(view, y, 0);
	}
	if (count == 0)
		view_text(view, 0, 2, view->w - 2, ROLE_DIM, "reading...");
}

/* --- commands --- */

static void open_messages(struct screen *screen)
{
	app_push(screen->app, messages_new(screen->app, self_of(screen)->id, false, NULL));
}

static void open_error(struct screen *screen)
{
	app_push(screen->app, messages_new(screen->app, self_of(screen)->id, true, NULL));
}

static void open_line(struct screen *screen)
{
	struct overview *s = self_of(screen);
	const struct line *line;
	const char *head;
	char *filter;

	if (!locate(s, s->cursor.pos, &line, &head) || !line || !line->source) {
		open_messages(screen);
		return;
	}
	filter = xasprintf("source:\"%s\"", line->source);
	app_push(screen->app, messages_new(screen->app, s->id, false, filter));
	free(filter);
}

static void stop(struct screen *screen)
{
	struct overview *s = self_of(screen);
	char *what = xasprintf("execution %lld (%s)", (long long)s->id, s->package);

	stop_operations(screen, &s->id, 1, what);
	free(what);
	s->live_due = 0;
}

static void priority(struct screen *screen)
{
	struct overview *s = self_of(screen);
	char *what = xasprintf("execution %lld (%s)", (long long)s->id, s->package);

	wish_begin(screen, &s->id, 1, what);
	free(what);
}

static bool enabled(const struct screen *screen, enum command command)
{
	const struct overview *s = (const struct overview *)screen;

	if (command == CMD_PRIORITY)
		return s->known && s->status == STATUS_PENDING;
	return command != CMD_STOP || (s->known && !status_is_final(s->status) && s->status != STATUS_CREATED);
}

static bool move(struct screen *screen, enum command command)
{
	struct overview *s = self_of(screen);

	return cursor_command(&s->cursor, command, count_rows(s));
}

static void refresh(struct screen *screen)
{
	read_all(self_of(screen));
}

static void title(const struct screen *screen, struct buf *ret)
{
	buf_addf(ret, "Overview of %lld", (long long)((const struct overview *)screen)->id);
}

static void free_screen(struct screen *screen)
{
	struct overview *s = self_of(screen);

	for (int i = 0; i < SECTION_COUNT; i++) {
		jobs_cancel(screen->app->jobs, &s->slots[i]);
		clear_lines(&s->sections[i]);
		vec_release(&s->sections[i].v);
	}
	free(s->package);
	free(s);
}

static const struct screen_handler handlers[] = {
	{ CMD_MESSAGES, open_messages },
	{ CMD_FIRST_ERROR, open_error },
	{ CMD_OPEN, open_line },
	{ CMD_STOP, stop },
	{ CMD_PRIORITY, priority },
};

const struct screen_ops overview_ops = {
	.context = CTX_OVERVIEW,
	.list = true,
	.free = free_screen,
	.title = title,
	.draw = draw,
	.handlers = handlers,
	.handler_count = ARRAY_LEN(handlers),
	.move = move,
	.enabled = enabled,
	.tick = tick,
	.refresh = refresh,
};

struct screen *overview_new(struct app *app, int64_t execution_id)
{
	struct overview *s = xcalloc(1, sizeof(*s));

	s->screen = (struct screen){ &overview_ops, app };
	s->id = execution_id;
	s->package = xstrdup("");
	s->cursor.page = 1;
	return &s->screen;
}
