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
#include "tui/screens/overview.h"
#include "tui/screens/queue_actions.h"
#include "tui/text.h"

#define LIVE_MS 1500
#define ROWS_MAX 2000

/* --- reading --- */

static void loaded(struct overview *s, enum section section, const struct job_result *result)
{
	if (result->r == 0) {
		overview_sections[section].take(s, &result->rows);
		return;
	}
	lines_clear(&s->sections[section]);
	struct buf text = BUF_INIT, clean = BUF_INIT;
	app_err_format(&result->err, false, &text);
	text_clean(text.data, text.len, &clean);
	lines_add(&s->sections[section], ROLE_BAD, clean.data, NULL);
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
		jobs_submit(s->screen.app->jobs, JOB_FRONT, &s->slots[i], overview_sections[i].sql, &params,
		    ROWS_MAX, done[i], s);
	}
}

static int64_t tick(struct screen *screen, int64_t now)
{
	struct overview *s = overview_of(screen);

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
			*ret_title = overview_sections[i].title;
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
	struct overview *s = overview_of(screen);
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
	app_push(screen->app, messages_new(screen->app, overview_of(screen)->id, false, NULL));
}

static void open_error(struct screen *screen)
{
	app_push(screen->app, messages_new(screen->app, overview_of(screen)->id, true, NULL));
}

static void open_line(struct screen *screen)
{
	struct overview *s = overview_of(screen);
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
	struct overview *s = overview_of(screen);
	char *what = xasprintf("execution %lld (%s)", (long long)s->id, s->package);

	stop_operations(screen, &s->id, 1, what);
	free(what);
	s->live_due = 0;
}

static void priority(struct screen *screen)
{
	struct overview *s = overview_of(screen);
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
	struct overview *s = overview_of(screen);

	return cursor_command(&s->cursor, command, count_rows(s));
}

static void refresh(struct screen *screen)
{
	read_all(overview_of(screen));
}

static void title(const struct screen *screen, struct buf *ret)
{
	buf_addf(ret, "Overview of %lld", (long long)((const struct overview *)screen)->id);
}

static void free_screen(struct screen *screen)
{
	struct overview *s = overview_of(screen);

	for (int i = 0; i < SECTION_COUNT; i++) {
		jobs_cancel(screen->app->jobs, &s->slots[i]);
		lines_clear(&s->sections[i]);
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
