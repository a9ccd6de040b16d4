/* SPDX-License-Identifier: MIT */
/*
 * Editing one line. CDK's entry field works on bytes and so cannot be used
 * for UTF-8; this one never leaves the cursor inside a character or between a
 * character and its marks.
 */
#include "tui/edit.h"

#include <string.h>

#include "base/utf8.h"
#include "tui/text.h"

void edit_init(struct edit *e, const char *text)
{
	*e = (struct edit){ .text = BUF_INIT };
	edit_set(e, text ? text : "");
}

void edit_release(struct edit *e)
{
	buf_wipe(&e->text);
	e->cursor = 0;
}

void edit_set(struct edit *e, const char *text)
{
	buf_clear(&e->text);
	buf_adds(&e->text, text);
	e->cursor = e->text.len;
}

static int width_at(const struct edit *e, size_t at, size_t *ret_used)
{
	return text_char_width(utf8_decode(e->text.data + at, e->text.len - at, ret_used));
}

static size_t next(const struct edit *e, size_t at)
{
	size_t used;

	if (at >= e->text.len)
		return e->text.len;
	width_at(e, at, &used);
	at += used;
	while (at < e->text.len && width_at(e, at, &used) == 0)
		at += used;
	return at;
}

static size_t previous(const struct edit *e, size_t at)
{
	size_t found = 0;

	for (size_t i = 0; i < at; i = next(e, i))
		found = i;
	return found;
}

static bool blank_at(const struct edit *e, size_t at)
{
	return at < e->text.len && e->text.data[at] == ' ';
}

static size_t word_left(const struct edit *e)
{
	size_t at = e->cursor;

	while (at > 0 && blank_at(e, previous(e, at)))
		at = previous(e, at);
	while (at > 0 && !blank_at(e, previous(e, at)))
		at = previous(e, at);
	return at;
}

static size_t word_right(const struct edit *e)
{
	size_t at = e->cursor;

	while (at < e->text.len && !blank_at(e, at))
		at = next(e, at);
	while (blank_at(e, at))
		at = next(e, at);
	return at;
}

void edit_move(struct edit *e, enum edit_move move)
{
	switch (move) {
	case EDIT_LEFT:
		e->cursor = previous(e, e->cursor);
		break;
	case EDIT_RIGHT:
		e->cursor = next(e, e->cursor);
		break;
	case EDIT_WORD_LEFT:
		e->cursor = word_left(e);
		break;
	case EDIT_WORD_RIGHT:
		e->cursor = word_right(e);
		break;
	case EDIT_HOME:
		e->cursor = 0;
		break;
	case EDIT_END:
	case EDIT_MOVE_COUNT:
		e->cursor = e->text.len;
		break;
	}
}

bool edit_insert(struct edit *e, uint32_t code)
{
	char bytes[4];
	size_t len = utf8_put(code, bytes);
	size_t tail = e->text.len - e->cursor;

	if (text_char_width(code) < 0 || e->text.len + len > EDIT_MAX)
		return false;
	buf_add(&e->text, bytes, len);
	memmove(e->text.data + e->cursor + len, e->text.data + e->cursor, tail);
	memcpy(e->text.data + e->cursor, bytes, len);
	e->cursor += len;
	return true;
}

/* Remove [from, to) and leave the cursor at from. */
static void cut(struct edit *e, size_t from, size_t to)
{
	memmove(e->text.data + from, e->text.data + to, e->text.len - to);
	buf_truncate(&e->text, e->text.len - (to - from));
	e->cursor = from;
}

void edit_backspace(struct edit *e)
{
	if (e->cursor > 0)
		cut(e, previous(e, e->cursor), e->cursor);
}

void edit_delete(struct edit *e)
{
	if (e->cursor < e->text.len)
		cut(e, e->cursor, next(e, e->cursor));
}

void edit_delete_word(struct edit *e)
{
	if (e->cursor > 0)
		cut(e, word_left(e), e->cursor);
}

void edit_delete_to_start(struct edit *e)
{
	if (e->cursor > 0)
		cut(e, 0, e->cursor);
}

void edit_delete_to_end(struct edit *e)
{
	if (e->cursor < e->text.len)
		cut(e, e->cursor, e->text.len);
}

/* The text as shown from byte 0 up to byte end: stars for a secret. */
static void shown(const struct edit *e, size_t end, struct buf *ret)
{
	if (!e->hidden) {
		text_clean(e->text.data, end, ret);
		return;
	}
	for (size_t at = 0; at < end; at = next(e, at))
		buf_addc(ret, '*');
}

int edit_view(const struct edit *e, int width, struct buf *ret)
{
	struct buf before = BUF_INIT, all = BUF_INIT;
	int cursor, cells;
	size_t start = 0;

	shown(e, e->cursor, &before);
	shown(e, e->text.len, &all);
	cursor = text_width(before.data);
	if (width > 0 && cursor > width - 1) {
		int skipped;

		/* One cell more may go when a wide character sits on the edge. */
		start = text_prefix(before.data, cursor - (width - 1), &skipped);
		if (skipped < cursor - (width - 1))
			start = text_prefix(before.data, cursor - (width - 1) + 1, &skipped);
		cursor -= skipped;
	}
	buf_add(ret, all.data + start, text_prefix(all.data + start, width, &cells));
	buf_wipe(&before);
	buf_wipe(&all);
	return cursor < 0 ? 0 : cursor;
}
