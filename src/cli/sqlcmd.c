/* SPDX-License-Identifier: MIT */
/*
 * The sink that prints. Widths follow the declared types, not the data, as
 * sqlcmd does: rows are printed as they come and nothing is kept.
 */
#include "cli/sqlcmd.h"

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
	size_t *widths;
	size_t count;
	int64_t rows;
	bool any_output; /* a blank line goes between results */
};

/* Display width of a type; the odd ones (datetime2 38, datetimeoffset 45) are sqlcmd's. */
static size_t type_width(const struct tsql_decl *decl, const struct sqlcmd_format *format)
{
	size_t max = format->variable_width > 0 ? (size_t)format->variable_width : 256;

	switch (decl->type) {
	case TSQL_BIT:
		return 3;
	case TSQL_TINYINT:
		return 3;
	case TSQL_SMALLINT:
		return 6;
	case TSQL_INT:
		return 11;
	case TSQL_BIGINT:
		return 20;
	case TSQL_DECIMAL:
		return (size_t)(decl->precision ? decl->precision : 18) + 2;
	case TSQL_MONEY:
		return 21;
	case TSQL_SMALLMONEY:
		return 12;
	case TSQL_REAL:
		return 14;
	case TSQL_FLOAT:
		return 24;
	case TSQL_DATE:
		return 16;
	case TSQL_TIME:
		return 22;
	case TSQL_SMALLDATETIME:
		return 19;
	case TSQL_DATETIME:
		return 23;
	case TSQL_DATETIME2:
		return 38;
	case TSQL_DATETIMEOFFSET:
		return 45;
	case TSQL_UNIQUEIDENTIFIER:
		return 36;
	case TSQL_UNKNOWN:
		return 11;
	case TSQL_BINARY:
	case TSQL_VARBINARY:
		if (decl->length > 0 && (size_t)decl->length * 2 + 2 < max)
			return (size_t)decl->length * 2 + 2;
		return max;
	default:
		if (decl->length > 0 && (size_t)decl->length < max)
			return (size_t)decl->length;
		return max;
	}
}

static bool right_aligned(enum tsql_type type)
{
	return (tsql_type_is_integer(type) || type == TSQL_DECIMAL || type == TSQL_MONEY ||
	    type == TSQL_SMALLMONEY || type == TSQL_REAL || type == TSQL_FLOAT);
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

/* Print one line of cells, breaking between columns at the screen's width. */
static void print_line(struct printer *p, char **cells, bool header)
{
	FILE *out = p->format->out;
	size_t at = 0, separator = utf8_count(p->format->separator, strlen(p->format->separator));

	for (size_t i = 0; i < p->count; i++) {
		size_t shown = utf8_count(cells[i], strlen(cells[i]));
		size_t width = p->format->trim || shown > p->widths[i] ? shown : p->widths[i];
		size_t screen = p->format->screen_width > 0 ? (size_t)p->format->screen_width : 0;
		if (i) {
			fputs(p->format->separator, out);
			at += separator;
			if (screen && !p->format->trim && at + width > screen) {
				fputc('\n', out);
				at = 0;
			}
		}
		if (!header && right_aligned(p->columns[i].decl.type))
			fprintf(out, "%*s", (int)(width - shown), "");
		fputs(cells[i], out);
		if (header || !right_aligned(p->columns[i].decl.type))
			fprintf(out, "%*s", (int)(width - shown), "");
		at += width;
	}
	fputc('\n', out);
}

static void print_header(struct printer *p)
{
	char **cells = xcalloc(p->count, sizeof(*cells));

	for (size_t i = 0; i < p->count; i++)
		cells[i] = xstrdup(p->columns[i].name);
	print_line(p, cells, true);
	for (size_t i = 0; i < p->count; i++) {
		size_t width = p->format->trim ? utf8_count(cells[i], strlen(cells[i])) : p->widths[i];
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
		size_t name = utf8_count(columns[i].name, strlen(columns[i].name));
		p->widths[i] = type_width(&columns[i].decl, p->format);
		if (name > p->widths[i])
			p->widths[i] = name;
	}
	if (!p->format->json && p->format->header_every >= 0)
		print_header(p);
	p->any_output = true;
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

/* Line ends and tabs are printed as they are, as sqlcmd does; other control characters could drive the terminal. */
static void flatten(char *text)
{
	for (; *text; text++) {
		if (((unsigned char)*text < 0x20 && !strchr("\r\n\t", *text)) || *text == 0x7F)
			*text = ' ';
	}
}

static int on_row(void *ctx, const struct tsql_value *values, size_t count)
{
	struct printer *p = ctx;

	if (p->format->json) {
		print_json_row(p, values);
		p->rows++;
		return ferror(p->format->out);
	}
	if (p->format->header_every > 0 && p->rows && p->rows % p->format->header_every == 0)
		print_header(p);
	char **cells = xcalloc(count, sizeof(*cells));
	for (size_t i = 0; i < count; i++) {
		struct buf text = BUF_INIT;
		tsql_value_format(&values[i], &text);
		size_t limit = p->widths[i];
		if (!p->format->trim && p->format->variable_width != 0 && !right_aligned(p->columns[i].decl.type) &&
		    utf8_count(text.data, text.len) > limit) {
			size_t used, at = 0;
			for (size_t n = 0; n < limit; n++, at += used)
				utf8_decode(text.data + at, text.len - at, &used);
			buf_truncate(&text, at);
		}
		cells[i] = buf_detach(&text);
		flatten(cells[i]);
	}
	print_line(p, cells, false);
	for (size_t i = 0; i < count; i++)
		free(cells[i]);
	free(cells);
	p->rows++;
	return ferror(p->format->out);
}

static int on_done(void *ctx, int64_t rows)
{
	struct printer *p = ctx;

	if (rows >= 0 && !p->format->json)
		fprintf(p->format->out, "\n(%lld rows affected)\n", (long long)rows);
	return 0;
}

static int on_message(void *ctx, const struct tsql_message *m)
{
	struct printer *p = ctx;
	FILE *out = p->format->json ? stderr : p->format->out;

	if (m->severity > p->result->worst_severity) {
		p->result->worst_severity = m->severity;
		p->result->last_number = m->number;
	}
	if (m->severity > 10) {
		if (m->severity < p->format->lowest_severity)
			return 0;
		fprintf(out, "Msg %d, Level %d, State %d, Server %s, ", m->number, m->severity, m->state,
		    p->format->server);
		if (m->procedure)
			fprintf(out, "Procedure %s, ", m->procedure);
		fprintf(out, "Line %d\n", m->line);
	}
	cli_print_text(out, m->text, strlen(m->text));
	fputc('\n', out);
	return 0;
}

int sqlcmd_run(struct tsql_client *client, const char *batch, const struct sqlcmd_format *format,
    struct sqlcmd_result *ret_result, struct err *err)
{
	struct printer p = { .format = format, .result = ret_result };
	struct tsql_sink sink = { .ctx = &p, .columns = on_columns, .row = on_row, .done = on_done,
		.message = on_message };

	*ret_result = (struct sqlcmd_result){ 0 };
	int r = tsql_client_run(client, batch, NULL, 0, &sink, err);
	if (r < 0 && !ret_result->worst_severity) {
		/* It could not run at all, so no message came. */
		ret_result->worst_severity = 16;
		cli_fail(err);
	}
	fflush(format->out);
	release_columns(&p);
	return r;
}
