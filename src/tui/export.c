/* SPDX-License-Identifier: MIT */
/* A list to a file; see export.h. */
#include "tui/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "tui/paging.h"

#define PAGE 2000

/* Whether a file is written now is told by file: before that only its name is asked for. */
static void end(struct app_export *x)
{
	if (x->file) {
		fclose(x->file);
		unlink(x->part);
	}
	free(x->path);
	free(x->part);
	*x = (struct app_export){ .slot = x->slot };
}

void export_cancel(struct app *app, const struct paging *paging)
{
	struct app_export *x = &app->export;

	if (paging && x->paging != paging)
		return;
	jobs_cancel(app->jobs, &x->slot);
	end(x);
}

static void fail(struct app *app, const char *what)
{
	struct err err;

	err_set_errno(&err, errno, "%s %s", what, app->export.path);
	end(&app->export);
	app_alert_err(app, "Export", &err);
}

/* --- formats --- */

static void csv_text(const char *text, FILE *file)
{
	bool quote = strpbrk(text, ",\"\r\n") || *text == ' ';

	if (!quote) {
		fputs(text, file);
		return;
	}
	fputc('"', file);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', file);
		fputc(*text, file);
	}
	fputc('"', file);
}

static void json_text(const char *text, FILE *file)
{
	fputc('"', file);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(file, "\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			fprintf(file, "\\u%04x", (unsigned)*text);
		else
			fputc(*text, file);
	}
	fputc('"', file);
}

static bool is_number(const char *text)
{
	return *text >= '1' && *text <= '9' ? strspn(text, "0123456789.") == strlen(text) : text[0] == '0' && (!text[1] ||
		text[1] == '.');
}

static bool is_wanted(const struct paging *paging, size_t column)
{
	return !(paging->grid.hidden >> column & 1);
}

static void write_head(const struct app_export *x)
{
	const struct grid *grid = &x->paging->grid;
	bool first = true;

	if (x->json) {
		fputs("[", x->file);
		return;
	}
	for (size_t i = 0; i < grid->count; i++) {
		if (!is_wanted(x->paging, i))
			continue;
		if (!first)
			fputc(',', x->file);
		first = false;
		csv_text(grid->columns[i].title, x->file);
	}
	fputs("\r\n", x->file);
}

static void write_row(struct app_export *x, const void *row)
{
	const struct paging *paging = x->paging;
	grid_cell_fn *cell = paging->ops->export_cell ? paging->ops->export_cell : paging->ops->cell;
	struct buf text = BUF_INIT;
	bool first = true;

	if (x->json)
		fputs(x->rows ? ",\n{" : "\n{", x->file);
	for (size_t i = 0; i < paging->grid.count; i++) {
		enum role role = ROLE_NORMAL;

		if (!is_wanted(paging, i))
			continue;
		buf_clear(&text);
		cell(row, i, true, &text, &role);
		if (!first)
			fputc(',', x->file);
		first = false;
		if (x->json) {
			json_text(paging->grid.columns[i].title, x->file);
			fputc(':', x->file);
			if (paging->grid.columns[i].right && is_number(text.data))
				fputs(text.data, x->file);
			else
				json_text(text.data, x->file);
		} else {
			csv_text(text.data, x->file);
		}
	}
	fputs(x->json ? "}" : "\r\n", x->file);
	x->rows++;
	buf_release(&text);
}

/* --- reading --- */

static void read_page(struct app *app); /* it and arrived call each other */

static void finish(struct app *app)
{
	struct app_export *x = &app->export;
	FILE *file = x->file;
	bool bad;

	if (x->json)
		fputs("\n]\n", file);
	bad = ferror(file) != 0;
	x->file = NULL;
	bad = fclose(file) != 0 || bad;
	if (bad || rename(x->part, x->path) != 0) {
		unlink(x->part);
		fail(app, "cannot write");
		return;
	}
	app_toast(app, "%zu rows written to %s", x->rows, x->path);
	end(x);
}

static void arrived(void *ctx, const struct job_result *result)
{
	struct app *app = ctx;
	struct app_export *x = &app->export;
	const struct paging_ops *ops = x->paging->ops;
	size_t count = result->rows.row_count;

	if (result->r < 0) {
		end(x);
		app_alert_err(app, "Export", &result->err);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct pager_row row = ops->decode(x->paging->screen, &result->rows, i);

		write_row(x, row.data);
		x->last_id = row.id;
		if (x->paging->order && x->paging->order->column)
			x->last_place = ops->order_value(row.data, x->paging->order);
		ops->free_row(row.data);
	}
	if (count < PAGE || ferror(x->file)) {
		finish(app);
		return;
	}
	app_toast(app, "%zu rows written so far (leaving the list stops it)", x->rows);
	read_page(app);
}

static void read_page(struct app *app)
{
	struct app_export *x = &app->export;
	struct buf batch = BUF_INIT, condition = BUF_INIT, order = BUF_INIT;
	struct job_params params = { 0 };

	job_params_bigint(&params, "@rows", PAGE);
	job_params_bigint(&params, "@key", x->last_id);
	job_params_add(&params, "@place", tsql_datetimeoffset(x->last_place));
	paging_place(x->paging, x->source, x->rows ? PAGER_AFTER : PAGER_FIRST, &condition, &order);
	if (paging_begin(x->paging, x->source, x->source->columns, condition.data, &batch, &params)) {
		buf_add(&batch, order.data, order.len);
		jobs_submit(app->jobs, JOB_SCAN, &x->slot, batch.data, &params, PAGE, arrived, app);
	} else {
		end(x);
	}
	job_params_release(&params);
	buf_release(&batch);
	buf_release(&condition);
	buf_release(&order);
}

static void named(struct screen *screen, const char *text)
{
	struct app *app = screen->app;
	struct app_export *x = &app->export;
	size_t len = text ? strlen(text) : 0;
	char *question;
	bool yes;
	int fd;

	if (!x->paging)
		return;
	question = xasprintf("%s exists. Replace it?", len ? text : "");
	yes = len && (!file_exists(text) || dlg_confirm(&app->dialogs, "Export", question, "Replace"));
	free(question);
	app->dirty = true;
	if (!yes) {
		end(x);
		return;
	}
	x->path = xstrdup(text);
	x->part = xasprintf("%s.%ld.part", text, (long)getpid());
	x->json = len > 5 && strcasecmp(text + len - 5, ".json") == 0;
	fd = open(x->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	x->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!x->file) {
		fail(app, "cannot make");
		return;
	}
	write_head(x);
	read_page(app);
}

void export_begin(struct paging *paging, const struct page_source *source)
{
	struct app *app = paging->screen->app;
	struct app_export *x = &app->export;

	if (x->file) {
		app_toast(app, "still writing %s", x->path);
		return;
	}
	x->paging = paging;
	x->source = source;
	app_ask(app, paging->screen, "Export to file (.csv or .json): ", "", false, named);
}
