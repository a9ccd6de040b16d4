/* SPDX-License-Identifier: MIT */
/*
 * Cleaning, measuring and cutting text. The C library's wcwidth is not asked:
 * it follows the locale, and a column that is measured in one place and
 * printed in another must not differ.
 */
#include "tui/text.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tui/width_table.h"

static bool in_table(const struct width_range *table, size_t count, uint32_t code)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (code > table[mid].last)
			low = mid + 1;
		else if (code < table[mid].first)
			high = mid;
		else
			return true;
	}
	return false;
}

int text_char_width(uint32_t code)
{
	if (code < 0x20 || (code >= 0x7F && code < 0xA0))
		return -1;
	if (code < 0x300)
		return code == 0xAD ? -1 : 1;
	if (in_table(width_hidden, ARRAY_LEN(width_hidden), code))
		return -1;
	if (in_table(width_zero, ARRAY_LEN(width_zero), code))
		return 0;
	return in_table(width_wide, ARRAY_LEN(width_wide), code) ? 2 : 1;
}

static void clean_control(uint32_t code, struct buf *ret)
{
	if (code == '\t' || code == '\n' || code == '\r')
		buf_addc(ret, ' ');
	else if (code < 0x20)
		buf_addf(ret, "^%c", (char)(code + '@'));
	else if (code == 0x7F)
		buf_adds(ret, "^?");
	else if (code < 0xA0)
		buf_addf(ret, "<%02X>", (unsigned)code);
}

void text_clean(const char *text, size_t len, struct buf *ret)
{
	size_t used;
	char bytes[4];

	for (size_t at = 0; at < len; at += used) {
		uint32_t code = utf8_decode(text + at, len - at, &used);

		if (code == '\r' && at + 1 < len && text[at + 1] == '\n')
			continue;
		if (text_char_width(code) < 0)
			clean_control(code, ret);
		else
			buf_add(ret, bytes, utf8_put(code, bytes));
	}
}

int text_width(const char *clean)
{
	int cells = 0;

	text_prefix(clean, INT32_MAX, &cells);
	return cells;
}

size_t text_prefix(const char *clean, int width, int *ret_cells)
{
	size_t len = strlen(clean), at = 0, used;
	int cells = 0;

	while (at < len) {
		int w = text_char_width(utf8_decode(clean + at, len - at, &used));

		if (w < 0)
			w = 0;
		if (cells + w > width)
			break;
		cells += w;
		at += used;
	}
	*ret_cells = cells;
	return at;
}

int text_cut(const char *clean, int width, bool ascii, struct buf *ret)
{
	int cells;
	size_t fits;

	if (width <= 0)
		return 0;
	fits = text_prefix(clean, width, &cells);
	if (!clean[fits]) {
		buf_add(ret, clean, fits);
		return cells;
	}
	fits = text_prefix(clean, width - 1, &cells);
	buf_add(ret, clean, fits);
	buf_adds(ret, ascii ? "~" : "\xE2\x80\xA6");
	return cells + 1;
}

/* Look-alikes of the characters that our own screens use. */
static const struct {
	uint32_t code;
	char ascii;
} lookalikes[] = {
	{ 0xA0, ' ' },	 { 0xB7, '.' },	  { 0x2013, '-' }, { 0x2014, '-' }, { 0x2018, '\'' },
	{ 0x2019, '\'' }, { 0x201C, '"' }, { 0x201D, '"' }, { 0x2026, '~' }, { 0x2022, '*' },
	{ 0x25B8, '>' }, { 0x25BE, 'v' }, { 0x25B6, '>' }, { 0x2713, '+' }, { 0x2717, '!' },
	{ 0x25A0, 'x' }, { 0x25D0, '~' }, { 0xBB, '^' },   { 0x2191, '^' }, { 0x2193, 'v' },
	{ 0x203A, '>' },
};

void text_to_ascii(const char *clean, struct buf *ret)
{
	size_t len = strlen(clean), used;

	for (size_t at = 0; at < len; at += used) {
		uint32_t code = utf8_decode(clean + at, len - at, &used);
		int width = text_char_width(code);
		char c = code < 0x80 ? (char)code : '?';

		for (size_t i = 0; code >= 0x80 && i < ARRAY_LEN(lookalikes); i++) {
			if (lookalikes[i].code == code)
				c = lookalikes[i].ascii;
		}
		for (int i = 0; i < width; i++)
			buf_addc(ret, c);
	}
}

/* One logical line (already clean) in pieces of at most width cells. */
static void wrap_line(const char *clean, int width, void (*line)(void *, const char *), void *ctx)
{
	struct buf piece = BUF_INIT;

	do {
		int cells;
		size_t fits = text_prefix(clean, width, &cells);
		size_t end = fits;

		if (clean[fits]) {
			while (end > 0 && clean[end] != ' ')
				end--;
			if (end == 0)
				end = fits;
		}
		buf_clear(&piece);
		buf_add(&piece, clean, end);
		line(ctx, piece.data);
		clean += end;
		if (*clean == ' ')
			clean++;
	} while (*clean);
	buf_release(&piece);
}

void text_wrap(const char *text, size_t len, int width, void (*line)(void *ctx, const char *clean),
    void *ctx)
{
	struct buf clean = BUF_INIT;
	size_t at = 0;

	if (width < 4)
		width = 4;
	while (at <= len) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t stop = end ? (size_t)(end - text) : len;
		size_t take = stop - at;

		if (take > 0 && text[stop - 1] == '\r')
			take--;
		if (!end && take == 0 && at > 0)
			break;
		buf_clear(&clean);
		text_clean(text + at, take, &clean);
		wrap_line(clean.data, width, line, ctx);
		at = stop + 1;
	}
	buf_release(&clean);
}

bool text_contains(const char *clean, const char *needle)
{
	size_t len = strlen(clean), need = strlen(needle);

	for (size_t at = 0; at + need <= len; at++) {
		if (utf8_ncasecmp(clean + at, need, needle, need) == 0)
			return true;
	}
	return false;
}
