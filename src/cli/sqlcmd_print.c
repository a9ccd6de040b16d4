/* SPDX-License-Identifier: MIT */
/*
 * The sink that prints. Widths follow the declared types, not the data, as
 * sqlcmd does: rows are printed as they come and nothing is kept.
 */
#include "cli/sqlcmd_print.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "cli/args.h"

struct printer {
	const struct sqlcmd_format *format;
	struct sqlcmd_result *result;
	struct tsql_column *columns;
	size_t *widths; /* columns of the screen; 0 = as wide as the value */
	size_t count;
	int64_t rows;
	bool open_rowset; /* rows were printed and no count after them: a blank line goes before the next */
};

/*
 * Width on the screen and side of alignment per type; 0 = by length. They are
 * what sqlcmd shows over the ODBC driver, the odd ones (date 16, datetime2 38,
 * datetimeoffset 45) too.
 */
static const struct shape {
	short width;
	bool right;
} shapes[] = {
	[TSQL_UNKNOWN] = { 11, true },
	[TSQL_BIT] = { 3, true },
	[TSQL_TINYINT] = { 3, true },
	[TSQL_SMALLINT] = { 6, true },
	[TSQL_INT] = { 11, true },
	[TSQL_BIGINT] = { 20, true },
	[TSQL_DECIMAL] = { 20, true },
	[TSQL_MONEY] = { 21, true },
	[TSQL_SMALLMONEY] = { 12, true },
	[TSQL_REAL] = { 14, true },
	[TSQL_FLOAT] = { 24, true },
	[TSQL_DATE] = { 16, true },
	[TSQL_TIME] = { 22, true },
	[TSQL_SMALLDATETIME] = { 19, true },
	[TSQL_DATETIME] = { 23, true },
	[TSQL_DATETIME2] = { 38, true },
	[TSQL_DATETIMEOFFSET] = { 45, true },
	[TSQL_UNIQUEIDENTIFIER] = { 36, false },
	[TSQL_VARIANT] = { 8000, false },
	[TSQL_TABLE] = { 0, false },
};
_Static_assert(ARRAY_LEN(shapes) == TSQL_TYPE_COUNT, "every type has a shape");

static bool is_large(const struct tsql_decl *decl)
{
	return decl->length == TSQL_MAX || decl->type == TSQL_TEXT || decl->type == TSQL_NTEXT ||
	    decl->type == TSQL_IMAGE || decl->type == TSQL_XML;
}

/* Most characters of a value that are shown; 0 = all of them. */
static size_t value_limit(const struct tsql_decl *decl, const struct sqlcmd_format *format)
{
	if (is_large(decl))
		return (size_t)format->variable_width;
	return shapes[decl->type].width == 0 || decl->type == TSQL_VARIANT ? (size_t)format->fixed_width : 0;
}

static size_t type_width(const struct tsql_decl *decl, const struct sqlcmd_format *format)
{
	size_t width = (size_t)shapes[decl->type].width, limit = value_limit(decl, format);

	if (is_large(decl))
		return limit;
	if (decl->type == TSQL_DECIMAL && decl->precision)
		width = (size_t)decl->precision + 2;
	else if (decl->type == TSQL_BINARY || decl->type == TSQL_VARBINARY)
		width = (size_t)decl->length * 2 + 2;
	else if (!width)
		width = decl->length > 0 ? (size_t)decl->length : 1;
	return limit && limit < width ? limit : width;
}

static bool right_aligned(const struct printer *p, size_t column)
{
	return shapes[p->columns[column].decl.type].right;
}

static void release_columns(struct printer *p)
{
	for (size_t i = 0; i < p->count; i++)
		free((char *)p->columns[i].name);
	free(p->columns);
	free(p->widths);
	p->columns = NULL;
	p->widths = NULL;
	p->count = 0;
}

static size_t characters(const char *text)
{
	return utf8_count(text, strlen(text));
}

/* Print one line of cells, breaking between columns at the screen's width. */
static void print_line(struct printer *p, char **cells, bool header)
{
	const struct sqlcmd_format *f = p->format;
	size_t at = 0, separator = characters(f->separator);
	size_t screen = f->trim || f->screen_width <= 0 ? 0 : (size_t)f->screen_width;

	for (size_t i = 0; i < p->count; i++) {
		size_t shown = characters(cells[i]);
		size_t width = f->trim || shown > p->widths[i] ? shown : p->widths[i];
		bool right = !header && right_aligned(p, i);
		if (i) {
			fputs(f->separator, f->out);
			at += separator;
			if (screen && at + width > screen) {
				fputc('\n', f->out);
				at = 0;
			}
		}
		fprintf(f->out, "%*s%s%*s", right ? (int)(width - shown) : 0, "", cells[i],
		    right ? 0 : (int)(width - shown), "");
		at += width;
	}
	fputc('\n', f->out);
}

static void print_header(struct printer *p)
{
	char **cells = xcalloc(p->count, sizeof(*cells));

	for (size_t i = 0; i < p->count; i++)
		cells[i] = xstrdup(p->columns[i].name);
	print_line(p, cells, true);
	for (size_t i = 0; i < p->count; i++) {
		size_t name = characters(cells[i]);
		size_t width = !p->format->trim ? p->widths[i] : name ? name : 1;
		free(cells[i]);
		cells[i] = xmalloc(width + 1);
		memset(cells[i], '-', width);
		cells[i][width] = '\0';
	}
	print_line(p, cells, true);
	for (size_t i = 0; i < p->count; i++)
		free(cells[i]);
	free(cells);
}

static bool has_headers(const struct sqlcmd_format *format)
{
	return !format->json && format->header_every >= 0 && format->variable_width != 0;
}

static int on_columns(void *ctx, const struct tsql_column *columns, size_t count)
{
	struct printer *p = ctx;

	release_columns(p);
	p->columns = xcalloc(count, sizeof(*p->columns));
	p->widths = xcalloc(count, sizeof(*p->widths));
	p->count = count;
	p->rows = 0;
	for (size_t i = 0; i < count; i++) {
		p->columns[i] = (struct tsql_column){ .name = xstrdup(columns[i].name), .decl = columns[i].decl };
		size_t name = characters(columns[i].name);
		size_t width = type_width(&columns[i].decl, p->format);
		p->widths[i] = name > width ? name : width;
		if (p->format->variable_width == 0)
			p->widths[i] = 0;
	}
	if (p->open_rowset && !p->format->json)
		fputc('\n', p->format->out);
	if (has_headers(p->format))
		print_header(p);
	p->open_rowset = true;
	return 0;
}

static void print_json_row(struct printer *p, const struct tsql_value *values)
{
	struct tsql_rowset one = { p->columns, p->count, (struct tsql_value *)values, 1 };
	char *array = cli_rows_json(&one);
	json_t *json = json_loads(array, 0, NULL);
	char *line = json_dumps(json_array_get(json, 0), JSON_COMPACT);

	fprintf(p->format->out, "%s\n", line ? line : "{}");
	free(line);
	json_decref(json);
	free(array);
}

static bool is_control(uint32_t code)
{
	return code < 0x20 || code == 0x7F || (code >= 0x80 && code < 0xA0);
}

/* -k, and on a terminal whatever could drive it: line ends and tabs stay then, as sqlcmd leaves them. */
static void clean_controls(const struct sqlcmd_format *f, struct buf *text)
{
	struct buf clean = BUF_INIT;
	bool blank = false; /* the last one was a control character */
	size_t used;

	if (f->controls == SQLCMD_CONTROLS_KEEP && !f->terminal)
		return;
	for (size_t at = 0; at < text->len; at += used) {
		uint32_t code = utf8_decode(text->data + at, text->len - at, &used);
		bool line_end = code == '\n' || code == '\t' ||
		    (code == '\r' && at + 1 < text->len && text->data[at + 1] == '\n');
		bool control = is_control(code) && (f->controls != SQLCMD_CONTROLS_KEEP || !line_end);
		if (!control)
			buf_add(&clean, text->data + at, used);
		else if (!blank || f->controls != SQLCMD_CONTROLS_SQUEEZE)
			buf_addc(&clean, ' ');
		blank = control;
	}
	buf_clear(text);
	buf_add(text, clean.data, clean.len);
	buf_release(&clean);
}

static void cut(struct buf *text, size_t limit)
{
	size_t at = 0, used;

	for (size_t n = 0; n < limit && at < text->len; n++, at += used)
		utf8_decode(text->data + at, text->len - at, &used);
	buf_truncate(text, at);
}

/* The driver gives decimals and money below 1 without a zero before the point: .50, -.50. */
static void drop_zero(struct buf *text)
{
	size_t sign = text->len && text->data[0] == '-';

	if (text->len > sign + 1 && text->data[sign] == '0' && text->data[sign + 1] == '.') {
		buf_consume(text, sign + 1);
		if (sign) {
			char *rest = buf_detach(text);
			buf_addf(text, "-%s", rest);
			free(rest);
		}
	}
}

/* One value as it is printed; caller frees. */
static char *cell_text(const struct printer *p, size_t column, const struct tsql_value *value)
{
	const struct sqlcmd_format *f = p->format;
	struct buf text = BUF_INIT;
	size_t limit = value_limit(&p->columns[column].decl, f);

	tsql_value_format(value, &text);
	if (!value->null && (value->type == TSQL_DECIMAL || value->type == TSQL_MONEY ||
	        value->type == TSQL_SMALLMONEY))
		drop_zero(&text);
	clean_controls(f, &text);
	if (limit)
		cut(&text, limit);
	while (f->trim && text.len && text.data[text.len - 1] == ' ')
		buf_truncate(&text, text.len - 1);
	return buf_detach(&text);
}

static void note_cell(struct sqlcmd_result *result, const struct tsql_value *value)
{
	struct tsql_decl as_int = { .type = TSQL_INT };
	struct tsql_value number;

	result->cell = SQLCMD_CELL_OTHER;
	if (value->null || tsql_value_convert(value, &as_int, &number, NULL) < 0)
		return;
	result->cell = SQLCMD_CELL_NUMBER;
	result->cell_value = (int)number.i;
	tsql_value_release(&number);
}

static int on_row(void *ctx, const struct tsql_value *values, size_t count)
{
	struct printer *p = ctx;
	int every = p->format->header_every;

	if (count)
		note_cell(p->result, &values[0]);
	if (p->format->json) {
		print_json_row(p, values);
		p->rows++;
		return ferror(p->format->out);
	}
	if (every > 0 && p->rows && p->rows % every == 0 && has_headers(p->format)) {
		fputc('\n', p->format->out);
		print_header(p);
	}
	char **cells = xcalloc(count, sizeof(*cells));
	for (size_t i = 0; i < count; i++)
		cells[i] = cell_text(p, i, &values[i]);
	print_line(p, cells, false);
	for (size_t i = 0; i < count; i++)
		free(cells[i]);
	free(cells);
	p->rows++;
	return ferror(p->format->out);
}

static void settle(const struct printer *p)
{
	if (p->format->settled)
		p->format->settled(p->format->ctx);
}

static int on_done(void *ctx, int64_t rows)
{
	struct printer *p = ctx;

	if (rows >= 0) {
		if (!p->format->json)
			fprintf(p->format->out, "\n(%lld rows affected)\n", (long long)rows);
		p->open_rowset = false;
	}
	settle(p);
	return 0;
}

/* PRINT (number 0) is output of the program and always shown; the rest by -m. */
static bool is_shown(const struct tsql_message *m, const struct sqlcmd_format *f)
{
	return (m->number == 0 && m->severity <= 10) || m->severity >= f->lowest_severity;
}

static int on_message(void *ctx, const struct tsql_message *m)
{
	struct printer *p = ctx;
	const struct sqlcmd_format *f = p->format;
	bool is_error = m->severity > 10;
	FILE *out = f->json ? stderr : is_error || f->all_to_errors ? f->errors : f->out;

	if (m->severity > p->result->worst_severity)
		p->result->worst_severity = m->severity;
	if (m->state == 127 && m->number && !p->result->exit_asked) {
		p->result->exit_asked = true;
		p->result->exit_number = m->number;
	}
	if (!is_shown(m, f))
		return 0;
	if (out != f->out)
		fflush(f->out);
	if (is_error || (f->lowest_severity < 0 && m->number)) {
		fprintf(out, "Msg %d, Level %d, State %d, Server %s, ", m->number, m->severity, m->state, f->server);
		if (m->procedure)
			fprintf(out, "Procedure %s, ", m->procedure);
		fprintf(out, "Line %d\n", m->line);
	}
	cli_print_text(out, m->text, strlen(m->text));
	fputc('\n', out);
	if (out != f->out)
		fflush(out);
	settle(p);
	return 0;
}

int sqlcmd_print_run(struct tsql_client *client, const char *batch, const struct sqlcmd_format *format,
    struct sqlcmd_result *ret_result, struct err *err)
{
	struct printer p = { .format = format, .result = ret_result };
	struct tsql_sink sink = { .ctx = &p, .columns = on_columns, .row = on_row, .done = on_done,
		.message = on_message };

	*ret_result = (struct sqlcmd_result){ 0 };
	int r = tsql_client_run(client, batch, NULL, 0, &sink, err);
	fflush(format->out);
	release_columns(&p);
	return r;
}
