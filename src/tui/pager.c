/* SPDX-License-Identifier: MIT */
/* The window model of keyset paging; see pager.h. */
#include "tui/pager.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void pager_init(struct pager *pager, void (*free_row)(void *data))
{
	*pager = (struct pager){ .free_row = free_row, .cursor.page = 20, .jump = PAGER_FIRST };
}

static void free_rows(struct pager *pager, struct pager_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		pager->free_row(rows[i].data);
}

void pager_release(struct pager *pager)
{
	free_rows(pager, pager->rows, pager->len);
	free(pager->rows);
	pager->rows = NULL;
	pager->len = pager->cap = 0;
}

void pager_reset(struct pager *pager)
{
	pager->jump = PAGER_FIRST;
	pager->keep = false;
	pager->loaded = false;
}

void pager_refresh(struct pager *pager)
{
	struct pager_row *current = pager_current(pager);

	pager->jump = PAGER_FIRST;
	pager->keep = current != NULL;
	if (!current)
		return;
	pager->keep_id = current->id;
	if (!pager->at_first || pager->cursor.top > 0) {
		pager->jump = PAGER_FROM;
		pager->jump_id = pager->rows[pager->cursor.top].id;
	}
}

size_t pager_batch(const struct pager *pager)
{
	return pager->cursor.page * 2 + 1;
}

enum pager_fetch pager_want(const struct pager *pager, int64_t *ret_id)
{
	size_t margin = pager->cursor.page;

	*ret_id = pager->jump_id;
	if (pager->jump != PAGER_NOTHING)
		return pager->jump;
	if (pager->len == 0)
		return PAGER_NOTHING;
	if (!pager->at_last && pager->cursor.top + pager->cursor.page + margin > pager->len) {
		*ret_id = pager->rows[pager->len - 1].id;
		return PAGER_AFTER;
	}
	if (!pager->at_first && pager->cursor.top < margin) {
		*ret_id = pager->rows[0].id;
		return PAGER_BEFORE;
	}
	return PAGER_NOTHING;
}

static void reserve(struct pager *pager, size_t extra)
{
	if (pager->len + extra > pager->cap) {
		pager->cap = (pager->len + extra) * 2;
		pager->rows = xreallocarray(pager->rows, pager->cap, sizeof(*pager->rows));
	}
}

static void insert_at(struct pager *pager, size_t at, const struct pager_row *rows, size_t count)
{
	if (count == 0)
		return;
	reserve(pager, count);
	memmove(pager->rows + at + count, pager->rows + at, (pager->len - at) * sizeof(*rows));
	memcpy(pager->rows + at, rows, count * sizeof(*rows));
	pager->len += count;
	if (at == 0 && pager->len > count) {
		pager->cursor.pos += count;
		pager->cursor.top += count;
	}
}

static void drop(struct pager *pager, size_t from, size_t count)
{
	free_rows(pager, pager->rows + from, count);
	memmove(pager->rows + from, pager->rows + from + count,
	    (pager->len - from - count) * sizeof(*pager->rows));
	pager->len -= count;
}

/* Keep the window small; the far end goes first. */
static void trim(struct pager *pager)
{
	size_t most = pager->cursor.page * PAGER_PAGES;
	size_t extra = pager->len > most ? pager->len - most : 0;
	size_t below = pager->len - pager->cursor.top;

	if (extra == 0)
		return;
	if (below > pager->cursor.top) {
		drop(pager, pager->len - extra, extra);
		pager->at_last = false;
		return;
	}
	drop(pager, 0, extra);
	pager->cursor.top -= extra;
	pager->cursor.pos -= extra;
	pager->at_first = false;
}

static size_t find(const struct pager *pager, int64_t id)
{
	size_t i = 0;

	while (i < pager->len && pager->rows[i].id != id)
		i++;
	return i;
}

/* The whole window anew; after a refresh the row that was current stays so. */
static void replace_all(struct pager *pager, enum pager_fetch want, struct pager_row *rows, size_t count,
    bool complete)
{
	size_t pos;

	free_rows(pager, pager->rows, pager->len);
	pager->len = 0;
	insert_at(pager, 0, rows, count);
	pager->at_first = want == PAGER_FIRST || (want == PAGER_LAST && complete);
	pager->at_last = want == PAGER_LAST || complete;
	pager->jump = PAGER_NOTHING;
	pos = want == PAGER_LAST && count ? count - 1 : 0;
	pager->cursor.pos = pager->cursor.top = pos;
	if (pager->keep && find(pager, pager->keep_id) < pager->len)
		pager->cursor.pos = find(pager, pager->keep_id);
	pager->keep = false;
	cursor_clamp(&pager->cursor, pager->len);
}

void pager_take(struct pager *pager, enum pager_fetch want, int64_t id, struct pager_row *rows,
    size_t count, bool complete)
{
	pager->loaded = true;
	if (want == PAGER_FIRST || want == PAGER_LAST || want == PAGER_FROM) {
		if (pager->jump == want && (want != PAGER_FROM || pager->jump_id == id))
			replace_all(pager, want, rows, count, complete);
		else
			free_rows(pager, rows, count);
		return;
	}
	if (want == PAGER_AFTER && pager->len && pager->rows[pager->len - 1].id == id) {
		insert_at(pager, pager->len, rows, count);
		pager->at_last = complete;
	} else if (want == PAGER_BEFORE && pager->len && pager->rows[0].id == id) {
		insert_at(pager, 0, rows, count);
		pager->at_first = complete;
	} else {
		free_rows(pager, rows, count);
		return;
	}
	trim(pager);
	cursor_clamp(&pager->cursor, pager->len);
}

size_t pager_prepend(struct pager *pager, struct pager_row *rows, size_t count)
{
	bool was_top = pager->cursor.top == 0;

	if (!pager->at_first || pager->jump != PAGER_NOTHING) {
		free_rows(pager, rows, count);
		return 0;
	}
	insert_at(pager, 0, rows, count);
	/* At the very top the list grows under the reader's eyes; further down it stands still. */
	if (was_top)
		pager->cursor.top = 0;
	trim(pager);
	cursor_clamp(&pager->cursor, pager->len);
	return count;
}

bool pager_replace(struct pager *pager, int64_t id, void *data)
{
	size_t i = find(pager, id);

	if (i == pager->len) {
		pager->free_row(data);
		return false;
	}
	pager->free_row(pager->rows[i].data);
	pager->rows[i].data = data;
	return true;
}

bool pager_command(struct pager *pager, enum command command)
{
	if (command == CMD_HOME && !pager->at_first) {
		pager->jump = PAGER_FIRST;
		pager->keep = false;
		return true;
	}
	if (command == CMD_END && !pager->at_last) {
		pager->jump = PAGER_LAST;
		pager->keep = false;
		return true;
	}
	return cursor_command(&pager->cursor, command, pager->len);
}

void pager_jump(struct pager *pager, int64_t id)
{
	size_t i = find(pager, id);

	if (i < pager->len) {
		cursor_move_to(&pager->cursor, i, pager->len);
		return;
	}
	pager->jump = PAGER_FROM;
	pager->jump_id = id;
	pager->keep = false;
}

struct pager_row *pager_current(const struct pager *pager)
{
	return pager->cursor.pos < pager->len ? &pager->rows[pager->cursor.pos] : NULL;
}

void pager_set_page(struct pager *pager, size_t page)
{
	pager->cursor.page = page ? page : 1;
	cursor_clamp(&pager->cursor, pager->len);
}
