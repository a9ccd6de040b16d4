/* SPDX-License-Identifier: MIT */
/* The sections of an execution's overview: a query each, and how its rows become lines. */
#include "tui/screens/overview.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/text.h"

#define AHEAD_MAX 1000 /* more before it are not counted */
#define ERROR_WIDTH 76 /* fits the narrowest usual screen; wider ones need no longer lines */

void lines_clear(struct lines *lines)
{
	for (size_t i = 0; i < lines->v.len; i++) {
		free(lines->v.items[i].text);
		free(lines->v.items[i].source);
	}
	lines->v.len = 0;
}

void lines_add(struct lines *lines, enum role role, const char *text, const char *source)
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
	lines_add(lines, role, text.data, NULL);
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

	lines_clear(lines);
	if (rows->row_count == 0) {
		lines_add(lines, ROLE_WARNING, "This execution does not exist, or you may not see it.", NULL);
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
	lines_add(ctx, ROLE_BAD, clean, NULL);
}

/* The first error in full: what people come here for. */
static void take_errors(struct overview *s, const struct tsql_rowset *rows)
{
	struct lines *lines = &s->sections[SECTION_ERRORS];
	const struct tsql_value *message;
	struct buf text = BUF_INIT;
	int64_t count;
	char *source;

	lines_clear(lines);
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
	lines_add(lines, ROLE_DIM, text.data, NULL);
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

	lines_clear(lines);
	if (rows->row_count == 0)
		return;
	waits = cell_text(rows, 0, "waits_for");
	tags = cell_text(rows, 0, "tags");
	folder = cell_text(rows, 0, "folder_name");
	buf_addf(&text, "Waits for    %s", waits);
	lines_add(lines, ROLE_WARNING, text.data, NULL);
	buf_clear(&text);
	ahead = cell_int(rows, 0, "ahead", 0);
	buf_addf(&text, "Priority     %lld; %lld%s before it by priority and age; folder %s runs %lld now",
	    (long long)cell_int(rows, 0, "priority", 0), (long long)(ahead > AHEAD_MAX ? AHEAD_MAX : ahead),
	    ahead > AHEAD_MAX ? " or more" : "", folder, (long long)cell_int(rows, 0, "folder_running", 0));
	lines_add(lines, ROLE_NORMAL, text.data, NULL);
	buf_clear(&text);
	format_ticks(cell_int(rows, 0, "queued_time", 0), &when);
	buf_addf(&text, "Queued       %s", when.data);
	if ((value = cell_int(rows, 0, "not_before", 0))) {
		buf_clear(&when);
		format_ticks(value, &when);
		buf_addf(&text, "; not before %s", when.data);
	}
	lines_add(lines, ROLE_NORMAL, text.data, NULL);
	buf_clear(&text);
	if (*tags)
		buf_addf(&text, "tags %s  ", tags);
	if ((value = cell_int(rows, 0, "time_limit_s", 0)))
		buf_addf(&text, "time limit %lld s  ", (long long)value);
	if ((value = cell_int(rows, 0, "retry_delay_s", 0)))
		buf_addf(&text, "retry delay %lld s", (long long)value);
	if (text.len) {
		char *asks = xasprintf("Asks for     %s", text.data);

		lines_add(lines, ROLE_NORMAL, asks, NULL);
		free(asks);
	}
	buf_clear(&text);
	if (!cell_is_null(rows, 0, "workers")) {
		buf_addf(&text, "Workers      %lld ready, %lld busy, %lld disabled, %lld offline; "
				"%lld of %lld slots taken",
		    (long long)cell_int(rows, 0, "ready", 0), (long long)cell_int(rows, 0, "busy", 0), (long long)cell_int(rows, 0, "disabled", 0),
		    (long long)cell_int(rows, 0, "offline", 0), (long long)cell_int(rows, 0, "taken", 0),
		    (long long)cell_int(rows, 0, "slots", 0));
		lines_add(lines, ROLE_NORMAL, text.data, NULL);
	}
	lines_add(lines, ROLE_DIM, "(i changes priority, limits and tags; 4 shows the workers, 5 the queue)", NULL);
	free(waits);
	free(tags);
	free(folder);
	buf_release(&text);
	buf_release(&when);
}

static void take_tries(struct overview *s, const struct tsql_rowset *rows)
{
	struct lines *lines = &s->sections[SECTION_TRIES];

	lines_clear(lines);
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
			lines_add(lines, ROLE_HEADER, "Try  Worker           Outcome      Start               Duration",
			    NULL);
		lines_add(lines, ROLE_NORMAL, text.data, NULL);
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

	lines_clear(lines);
	lines_add(lines, ROLE_HEADER, "Result       Duration  Task Name                 Execution Path", NULL);
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
		lines_add(lines, code->role, text.data, name);
		free(name);
		free(path);
		buf_release(&text);
		buf_release(&piece);
	}
	if (rows->row_count == 0)
		lines_add(lines, ROLE_DIM, "(none recorded)", NULL);
}

static void take_parameters(struct overview *s, const struct tsql_rowset *rows)
{
	struct lines *lines = &s->sections[SECTION_PARAMETERS];

	lines_clear(lines);
	lines_add(lines, ROLE_HEADER, "Scope    Name                      Type      Value", NULL);
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
		lines_add(lines, ROLE_NORMAL, text.data, NULL);
		free(name);
		free(type);
		free(value);
		buf_release(&text);
	}
	if (rows->row_count == 0)
		lines_add(lines, ROLE_DIM, "(none)", NULL);
}

const struct overview_section overview_sections[SECTION_COUNT] = {
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
	    "AS folder_running, w.workers, w.ready, w.busy, w.disabled, w.offline, w.taken, w.slots "
	    "FROM [SSISDB].[scaleout].[queue] q CROSS JOIN (SELECT COUNT(*) AS workers, "
	    "SUM(CASE WHEN IsEnabled = 1 AND IsOnline = 1 AND HeldBackBy IS NULL THEN 1 ELSE 0 END) AS ready, "
	    "SUM(CASE WHEN IsEnabled = 1 AND HeldBackBy IS NOT NULL THEN 1 ELSE 0 END) AS busy, "
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
