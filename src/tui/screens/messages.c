/* SPDX-License-Identifier: MIT */
/*
 * All Messages of an operation: keyset-paged in the order they were written,
 * with the whole text of the current one below, a filter on type and text, and
 * keys from error to error.
 *
 * Pages come from operation_messages, which has every message, also those of
 * the master ("worker unreachable since"). What only event_messages knows
 * (source, path) is read for the rows of the page by their ids and added; one
 * query with a join of both views would read all messages of the catalog. A
 * filter on such a column pages event_messages itself.
 */
#include "tui/screens/screens.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/app.h"
#include "tui/paging.h"
#include "tui/text.h"

#define LIVE_MS 1500
#define DETAIL_ROWS 7 /* with its frame line */

#define EVENT_COLUMNS \
	"event_message_id, message_time, message_type, message_source_type, message, package_name, " \
	"event_name, message_source_name, subcomponent_name, execution_path, message_code"

#define OPERATION_COLUMNS \
	"operation_message_id AS event_message_id, message_time, message_type, message_source_type, message"

static const struct filter_field event_fields[] = {
	{ "text", FILTER_TEXT, "message", true, NULL },
	{ "type", FILTER_CODE, "message_type", false, &code_message_type },
	{ "id", FILTER_NUMBER, "event_message_id", false, NULL },
	{ "source", FILTER_TEXT, "message_source_name", false, NULL },
	{ "package", FILTER_TEXT, "package_name", false, NULL },
	{ "event", FILTER_TEXT, "event_name", false, NULL },
	{ "component", FILTER_TEXT, "subcomponent_name", false, NULL },
	{ "path", FILTER_TEXT, "execution_path", false, NULL },
};
static const struct filter_field operation_fields[] = {
	{ "text", FILTER_TEXT, "message", true, NULL },
	{ "type", FILTER_CODE, "message_type", false, &code_message_type },
	{ "id", FILTER_NUMBER, "operation_message_id", false, NULL },
};

/* The two views that pages come from. */
static const struct page_source event_view = { .columns = EVENT_COLUMNS,
	.from = " FROM [SSISDB].[catalog].[event_messages] WHERE operation_id = @operation",
	.key = "event_message_id", .fields = event_fields, .field_count = ARRAY_LEN(event_fields) };
static const struct page_source operation_view = { .columns = OPERATION_COLUMNS,
	.from = " FROM [SSISDB].[catalog].[operation_messages] WHERE operation_id = @operation",
	.key = "operation_message_id", .fields = operation_fields, .field_count = ARRAY_LEN(operation_fields) };

enum column { COL_TIME, COL_TYPE, COL_SOURCE, COL_MESSAGE, COL_COUNT };

static const struct grid_column columns[] = {
	[COL_TIME] = { "Time", 12, 8, 1, false, true },
	[COL_TYPE] = { "Type", 16, 13, 1, false, true },
	[COL_SOURCE] = { "Source", 24, 14, 2, false, false },
	[COL_MESSAGE] = { "Message", 400, 20, 1, false, false },
};
_Static_assert(ARRAY_LEN(columns) == COL_COUNT, "every column has a row");

struct message {
	int64_t id, time, type, source_type, code;
	char *line;   /* clean, one line */
	char *text;   /* as it came */
	char *package, *event, *source, *component, *path;
};

struct messages {
	struct screen screen;
	int64_t operation;
	struct paging list;
	struct job_slot details, error, status;
	int64_t op_status; /* of the operation; 0 = not read yet */
	bool hide_detail, follow, final, forward;
	int64_t live_due;
};

static struct messages *self_of(struct screen *screen)
{
	return (struct messages *)screen;
}

static void free_message(void *data)
{
	struct message *m = data;

	free(m->line);
	free(m->text);
	free(m->package);
	free(m->event);
	free(m->source);
	free(m->component);
	free(m->path);
	free(m);
}

static struct pager_row decode(struct screen *screen, const struct tsql_rowset *rows, size_t row)
{
	const struct tsql_value *text = tsql_rowset_get(rows, row, "message");
	struct message *m = xcalloc(1, sizeof(*m));
	struct buf raw = BUF_INIT;

	(void)screen;
	if (text && !text->null)
		tsql_value_format(text, &raw);
	m->id = cell_int(rows, row, "event_message_id", 0);
	m->time = cell_int(rows, row, "message_time", 0);
	m->type = cell_int(rows, row, "message_type", -1);
	m->source_type = cell_int(rows, row, "message_source_type", 0);
	m->code = cell_int(rows, row, "message_code", 0);
	m->line = cell_text(rows, row, "message");
	m->text = buf_detach(&raw);
	m->package = cell_text(rows, row, "package_name");
	m->event = cell_text(rows, row, "event_name");
	m->source = cell_text(rows, row, "message_source_name");
	if (!*m->source) {
		free(m->source);
		m->source = xstrdup(code_find(&code_message_source, m->source_type)->word);
	}
	m->component = cell_text(rows, row, "subcomponent_name");
	m->path = cell_text(rows, row, "execution_path");
	return (struct pager_row){ m->id, m };
}

static struct message *current(const struct messages *s)
{
	return paging_current(&s->list);
}

/* --- reading --- */

/* The view for the filter in force. */
static const struct page_source *view_of(const struct messages *s)
{
	for (size_t i = operation_view.field_count; i < event_view.field_count; i++) {
		char *name = xasprintf("%s:", event_fields[i].name);
		bool named = text_contains(s->list.filter, name);

		free(name);
		if (named)
			return &event_view;
	}
	return &operation_view;
}

static void details_loaded(void *ctx, const struct job_result *result)
{
	struct messages *s = ctx;

	for (size_t i = 0; result->r == 0 && i < result->rows.row_count; i++) {
		struct pager_row row = decode(&s->screen, &result->rows, i);

		pager_replace(&s->list.pager, row.id, row.data);
	}
}

/* What only event_messages knows about the rows between two ids. */
static void read_details(struct messages *s, int64_t low, int64_t high)
{
	struct job_params params = { 0 };

	job_params_bigint(&params, "@operation", s->operation);
	job_params_bigint(&params, "@low", low);
	job_params_bigint(&params, "@high", high);
	jobs_submit(s->screen.app->jobs, JOB_FRONT, &s->details,
	    "SELECT " EVENT_COLUMNS " FROM [SSISDB].[catalog].[event_messages] "
	    "WHERE operation_id = @operation AND event_message_id >= @low AND event_message_id <= @high",
	    &params, 10000, details_loaded, s);
}

static void page_arrived(struct screen *screen, enum pager_fetch want, int64_t first, int64_t last)
{
	struct messages *s = self_of(screen);
	const struct pager *pager = &s->list.pager;

	(void)want;
	if (first && view_of(s) == &operation_view) {
		/* A details query that is replaced had rows that are wanted too: ask for all of them. */
		bool all = job_slot_busy(&s->details) && pager->len;

		read_details(s, all ? pager->rows[0].id : first, all ? pager->rows[pager->len - 1].id : last);
	}
	if (s->follow && pager->at_last)
		pager_command(&s->list.pager, CMD_END);
}

static void add_params(struct screen *screen, struct job_params *params)
{
	job_params_bigint(params, "@operation", self_of(screen)->operation);
}

static void error_found(void *ctx, const struct job_result *result)
{
	struct messages *s = ctx;

	if (result->r < 0)
		app_toast_err(s->screen.app, &result->err);
	else if (result->rows.row_count == 0)
		app_toast(s->screen.app, s->forward ? "no error message after this one"
						     : "no error message before this one");
	else
		pager_jump(&s->list.pager, cell_int(&result->rows, 0, "event_message_id", 0));
}

/* Look for the next error from an id on, in either direction, within the filter. */
static void find_error(struct messages *s, int64_t from, bool forward)
{
	const struct page_source *view = view_of(s);
	struct buf batch = BUF_INIT;
	struct job_params params = { 0 };
	char *column = xasprintf("%s AS event_message_id", view->key);
	char *condition = xasprintf(" AND message_type = %d AND %s %c @key", MESSAGE_ERROR, view->key,
	    forward ? '>' : '<');

	job_params_bigint(&params, "@rows", 1);
	job_params_bigint(&params, "@key", from);
	if (paging_begin(&s->list, view, column, condition, &batch, &params)) {
		buf_addf(&batch, " ORDER BY %s %s", view->key, forward ? "ASC" : "DESC");
		s->forward = forward;
		jobs_submit(s->screen.app->jobs, JOB_AWAITED, &s->error, batch.data, &params, 1, error_found, s);
	}
	free(column);
	free(condition);
	job_params_release(&params);
	buf_release(&batch);
}

static void status_loaded(void *ctx, const struct job_result *result)
{
	struct messages *s = ctx;

	if (result->r == 0 && result->rows.row_count == 1)
		s->op_status = cell_int(&result->rows, 0, "status", 0);
	s->final = status_is_final(s->op_status);
}

static int64_t tick(struct screen *screen, int64_t now)
{
	struct messages *s = self_of(screen);
	struct job_params params = { 0 };

	if (app_subject(screen->app) != screen)
		return 0;
	paging_fetch(&s->list, view_of(s));
	if (s->final || screen->app->options.slow)
		return 0;
	if (now >= s->live_due) {
		/* The end of the list may have moved. */
		if (s->live_due && s->list.pager.at_last && s->list.pager.loaded) {
			if (s->list.pager.len)
				s->list.pager.at_last = false;
			else
				pager_reset(&s->list.pager);
			paging_fetch(&s->list, view_of(s));
		}
		job_params_bigint(&params, "@operation", s->operation);
		jobs_submit(screen->app->jobs, JOB_BACK, &s->status,
		    "SELECT status FROM [SSISDB].[catalog].[operations] WHERE operation_id = @operation", &params,
		    1, status_loaded, s);
		s->live_due = now + LIVE_MS;
	}
	return s->live_due;
}

/* --- drawing --- */

static void cell(const void *row, size_t column, bool ascii, struct buf *ret, enum role *role)
{
	const struct message *m = row;
	const struct code *type;
	char text[24];

	switch ((enum column)column) {
	case COL_TIME:
		clock_format_local(m->time, text, sizeof(text));
		buf_adds(ret, text + 11);
		buf_addf(ret, ".%03d", (int)(m->time % TICKS_PER_SECOND / TICKS_PER_MS));
		break;
	case COL_TYPE:
		type = code_find(&code_message_type, m->type);
		code_format(type, ascii, ret);
		*role = type->role;
		break;
	case COL_SOURCE:
		buf_adds(ret, m->source);
		break;
	case COL_MESSAGE:
		buf_adds(ret, m->line);
		break;
	case COL_COUNT:
		break;
	}
}

struct detail_pen {
	const struct view *view;
	int y;
};

static void put_detail_line(void *ctx, const char *clean)
{
	struct detail_pen *pen = ctx;

	view_text(pen->view, pen->y++, 0, pen->view->w, ROLE_NORMAL, clean);
}

static void draw_detail(const struct message *m, const struct view *view)
{
	struct view text = view_part(view, 1, 1, view->h - 1, view->w - 2);
	struct detail_pen pen = { &text, 0 };
	struct buf head = BUF_INIT;

	view_hline(view, 0, 0, view->w);
	buf_addf(&head, " %s", m->event);
	if (*m->package)
		buf_addf(&head, "  %s", m->package);
	if (*m->component)
		buf_addf(&head, "  %s", m->component);
	if (*m->path)
		buf_addf(&head, "  %s", m->path);
	if (m->code)
		buf_addf(&head, "  0x%08X", (unsigned)m->code);
	buf_addc(&head, ' ');
	view_text(view, 0, 2, text_width(head.data) < view->w - 4 ? text_width(head.data) : view->w - 4,
	    ROLE_NORMAL, head.data);
	text_wrap(m->text, strlen(m->text), text.w, put_detail_line, &pen);
	if (pen.y > text.h)
		view_right(&text, text.h - 1, text.w - 14, 14, ROLE_DIM, " Enter: whole");
	buf_release(&head);
}

static void draw(struct screen *screen, const struct view *view)
{
	struct messages *s = self_of(screen);
	const struct message *m = current(s);
	int detail = s->hide_detail || !m ? 0 : DETAIL_ROWS;
	struct view list = view_part(view, 0, 0, view->h - detail, view->w);

	paging_draw(&s->list, &list);
	if (detail) {
		struct view pane = view_part(view, view->h - detail, 0, detail, view->w);

		draw_detail(m, &pane);
	}
}

/* --- commands --- */

static void open_text(struct screen *screen)
{
	const struct message *m = current(self_of(screen));
	struct buf text = BUF_INIT;
	char time[24];

	if (!m)
		return;
	clock_format_local(m->time, time, sizeof(time));
	buf_addf(&text, "Message  %lld\nTime     %s\nType     %s\nSource   %s (%s)\n", (long long)m->id, time,
	    code_find(&code_message_type, m->type)->word, m->source,
	    code_find(&code_message_source, m->source_type)->word);
	if (*m->package)
		buf_addf(&text, "Package  %s\n", m->package);
	if (*m->component)
		buf_addf(&text, "Component %s\n", m->component);
	if (*m->path)
		buf_addf(&text, "Path     %s\n", m->path);
	if (m->code)
		buf_addf(&text, "Code     0x%08X\n", (unsigned)m->code);
	buf_addf(&text, "\n%s\n", m->text);
	app_push(screen->app, text_screen_new(screen->app, "Message", text.data));
	buf_release(&text);
}

static void next_error(struct screen *screen)
{
	struct messages *s = self_of(screen);
	const struct message *m = current(s);

	find_error(s, m ? m->id : 0, true);
}

static void previous_error(struct screen *screen)
{
	struct messages *s = self_of(screen);
	const struct message *m = current(s);

	find_error(s, m ? m->id : INT64_MAX, false);
}

static void choose_types(struct screen *screen)
{
	static const struct {
		const char *label, *filter;
	} choices[] = {
		{ "All messages", "" },
		{ "Errors", "type:Error,TaskFailed" },
		{ "Errors and warnings", "type:Error,TaskFailed,Warning" },
		{ "Warnings", "type:Warning" },
		{ "Information", "type:Information" },
		{ "Progress", "type:Progress" },
		{ "Validation", "type:Pre-validate,Post-validate" },
		{ "Start and end of tasks", "type:Pre-execute,Post-execute" },
		{ "Diagnostic", "type:Diagnostic,DiagnosticEx" },
	};
	const char *labels[ARRAY_LEN(choices)];
	int chosen;

	for (size_t i = 0; i < ARRAY_LEN(choices); i++)
		labels[i] = choices[i].label;
	chosen = dlg_pick(&screen->app->dialogs, "Show", labels, ARRAY_LEN(labels), 0);
	if (chosen >= 0)
		screen->ops->set_filter(screen, choices[chosen].filter);
}

static void toggle_detail(struct screen *screen)
{
	struct messages *s = self_of(screen);

	s->hide_detail = !s->hide_detail;
}

static void follow(struct screen *screen)
{
	struct messages *s = self_of(screen);

	s->follow = !s->follow;
	app_toast(screen->app, s->follow ? "following the newest message" : "not following");
	if (s->follow)
		pager_command(&s->list.pager, CMD_END);
}

static void open_overview(struct screen *screen)
{
	struct messages *s = self_of(screen);

	if (!app_return_to(screen->app, CTX_OVERVIEW))
		app_push(screen->app, overview_new(screen->app, s->operation));
}

static void copy(struct screen *screen)
{
	const struct message *m = current(self_of(screen));

	if (m)
		app_copy(screen->app, m->text);
}

static bool enabled(const struct screen *screen, enum command command)
{
	const struct messages *s = (const struct messages *)screen;

	return (command != CMD_OPEN && command != CMD_COPY) || current(s) != NULL;
}

static bool move(struct screen *screen, enum command command)
{
	struct messages *s = self_of(screen);
	bool moved = pager_command(&s->list.pager, command);

	if (moved && command != CMD_END)
		s->follow = false;
	return moved;
}

static void refresh(struct screen *screen)
{
	pager_refresh(&self_of(screen)->list.pager);
}

static const char *filter(const struct screen *screen)
{
	return ((const struct messages *)screen)->list.filter;
}

static void set_filter(struct screen *screen, const char *text)
{
	paging_set_filter(&self_of(screen)->list, text);
}

static void click(struct screen *screen, int y, int x, bool twice)
{
	(void)x;
	if (paging_click(&self_of(screen)->list, y) && twice)
		open_text(screen);
}

static void title(const struct screen *screen, struct buf *ret)
{
	const struct messages *s = (const struct messages *)screen;

	buf_addf(ret, "Messages of %lld", (long long)s->operation);
	if (s->op_status)
		buf_addf(ret, ": %s", code_find(&code_status, s->op_status)->word);
}

static void free_screen(struct screen *screen)
{
	struct messages *s = self_of(screen);

	jobs_cancel(screen->app->jobs, &s->details);
	jobs_cancel(screen->app->jobs, &s->error);
	jobs_cancel(screen->app->jobs, &s->status);
	paging_release(&s->list);
	free(s);
}

static const struct paging_ops paging_ops = { .decode = decode, .free_row = free_message,
	.add_params = add_params, .arrived = page_arrived, .cell = cell, .empty = "no messages" };

static void export(struct screen *screen)
{
	struct messages *s = self_of(screen);

	export_begin(&s->list, view_of(s));
}

static const struct screen_handler handlers[] = {
	{ CMD_EXPORT, export },
	{ CMD_OPEN, open_text },
	{ CMD_NEXT_ERROR, next_error },
	{ CMD_PREVIOUS_ERROR, previous_error },
	{ CMD_TYPE_FILTER, choose_types },
	{ CMD_WRAP, toggle_detail },
	{ CMD_FOLLOW, follow },
	{ CMD_OVERVIEW, open_overview },
	{ CMD_COPY, copy },
};

const struct screen_ops messages_ops = {
	.context = CTX_MESSAGES,
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
	.filter = filter,
	.set_filter = set_filter,
	.click = click,
};

struct screen *messages_new(struct app *app, int64_t operation_id, bool at_error,
    const char *initial_filter)
{
	struct messages *s = xcalloc(1, sizeof(*s));

	s->screen = (struct screen){ &messages_ops, app };
	s->operation = operation_id;
	paging_init(&s->list, &s->screen, &paging_ops, columns, ARRAY_LEN(columns), initial_filter);
	if (at_error)
		find_error(s, 0, true);
	return &s->screen;
}
