/* SPDX-License-Identifier: MIT */
/* Who reads at 2 a.m. has 80 columns: what matters most stands at the left and is never pushed onto the next line. */
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "cli/args.h"

#define GAP 2
#define TEXT_WIDTH 24  /* of a text that stands before others, where there is no room for all */
#define LEAST_WIDTH 10 /* a text that would get less is left out */

size_t cli_terminal_columns(FILE *out)
{
	struct winsize size;

	if (!isatty(fileno(out)))
		return 0;
	return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

void cli_print_colored(FILE *out, enum cli_color color, const char *text)
{
	static const char *const codes[] = { "", "\033[32m", "\033[33m", "\033[1;31m" };
	_Static_assert(ARRAY_LEN(codes) == CLI_COLOR_COUNT, "a code for each colour");
	const char *term = getenv("TERM"), *never = getenv("NO_COLOR");
	bool plain = !isatty(fileno(out)) || (never && *never) || !term || strcmp(term, "dumb") == 0;

	fprintf(out, "%s%s%s", plain ? "" : codes[color], text, plain || !*codes[color] ? "" : "\033[0m");
}

void cli_print_wrapped(const char *text, size_t at, size_t indent)
{
	size_t columns = cli_terminal_columns(stdout), begin = at;

	for (const char *word = text; *word;) {
		size_t len = strcspn(word, " "), width = utf8_count(word, len);
		bool first = at == begin;
		if (columns && !first && at + 1 + width > columns) {
			printf("\n%*s", (int)indent, "");
			at = begin = indent;
			first = true;
		}
		fputs(first ? "" : " ", stdout);
		cli_print_text(stdout, word, len);
		at += width + !first;
		word += len;
		word += *word == ' ';
	}
	putchar('\n');
}

/* One cell: NULL is empty, line breaks and control characters are shown as blanks. */
static char *cell_text(const struct tsql_value *value)
{
	struct buf text = BUF_INIT;

	if (!value->null)
		tsql_value_format(value, &text);
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7F)
			text.data[i] = ' ';
	}
	return buf_detach(&text);
}

/* Bytes of the first count characters. */
static size_t bytes_of(const char *text, size_t count)
{
	size_t at = 0, len = strlen(text), used;

	for (; count && at < len; count--, at += used)
		utf8_decode(text + at, len - at, &used);
	return at;
}

static void print_padded(const char *text, size_t width, bool right, bool last)
{
	size_t shown = utf8_count(text, strlen(text));
	size_t pad = shown < width ? width - shown : 0;

	if (right)
		printf("%*s", (int)pad, "");
	if (shown > width)
		printf("%.*s…", (int)bytes_of(text, width - 1), text);
	else
		fputs(text, stdout);
	if (!right && !last)
		printf("%*s", (int)pad, "");
	if (!last)
		printf("%*s", GAP, "");
}

static bool is_number(const struct tsql_rowset *rows, size_t column)
{
	return tsql_type_is_integer(rows->columns[column].decl.type);
}

static size_t total(const size_t *widths, size_t count)
{
	size_t sum = 0;

	for (size_t c = 0; c < count; c++)
		sum += widths[c] + (c ? GAP : 0);
	return sum;
}

/* Make the widths fit; returns how many columns are shown. */
static size_t fit(const struct tsql_rowset *rows, size_t *widths, size_t columns)
{
	size_t count = rows->column_count, used = 0;

	if (!columns || total(widths, count) <= columns)
		return count;
	for (size_t c = 0; c + 1 < count; c++)
		if (widths[c] > TEXT_WIDTH)
			widths[c] = TEXT_WIDTH;
	for (size_t c = 0; c < count; c++) {
		size_t gap = c ? GAP : 0;
		if (used + gap + widths[c] > columns) {
			size_t room = columns > used + gap ? columns - used - gap : 0;
			if (c > 0 && (is_number(rows, c) || room < LEAST_WIDTH))
				return c;
			widths[c] = room ? room : 1;
			return c + 1;
		}
		used += gap + widths[c];
	}
	return count;
}

static void print_left_out(const struct tsql_rowset *rows, size_t shown)
{
	if (shown == rows->column_count)
		return;
	fputs("(no room for: ", stdout);
	for (size_t c = shown; c < rows->column_count; c++)
		printf("%s%s", rows->columns[c].name, c + 1 < rows->column_count ? ", " : ")\n");
}

void cli_print_table(const struct tsql_rowset *rows, size_t columns)
{
	size_t count = rows->column_count;
	size_t *widths = xcalloc(count + 1, sizeof(*widths));
	char **cells = xcalloc(rows->row_count * count + 1, sizeof(*cells));

	for (size_t c = 0; c < count; c++)
		widths[c] = utf8_count(rows->columns[c].name, strlen(rows->columns[c].name));
	for (size_t i = 0; i < rows->row_count * count; i++) {
		cells[i] = cell_text(&rows->cells[i]);
		size_t width = utf8_count(cells[i], strlen(cells[i]));
		if (width > widths[i % count])
			widths[i % count] = width;
	}
	size_t shown = fit(rows, widths, columns);
	for (size_t c = 0; c < shown; c++)
		print_padded(rows->columns[c].name, widths[c], is_number(rows, c), c + 1 == shown);
	putchar('\n');
	for (size_t i = 0; i < rows->row_count * count; i++) {
		size_t c = i % count;
		if (c < shown)
			print_padded(cells[i], widths[c], is_number(rows, c), c + 1 == shown);
		if (c + 1 == count)
			putchar('\n');
		free(cells[i]);
	}
	print_left_out(rows, shown);
	free(cells);
	free(widths);
}
