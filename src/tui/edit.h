/* SPDX-License-Identifier: MIT */
/* The UTF-8 line editor: text, a cursor between characters, history-free. No curses. */
#ifndef SO_TUI_EDIT_H
#define SO_TUI_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define EDIT_MAX 4000 /* bytes: what an nvarchar parameter takes */

struct edit {
	struct buf text;
	size_t cursor; /* byte offset, at a character that is not a combining mark */
	bool hidden;   /* a secret: drawn as stars, wiped on release */
};

enum edit_move {
	EDIT_LEFT,
	EDIT_RIGHT,
	EDIT_WORD_LEFT,
	EDIT_WORD_RIGHT,
	EDIT_HOME,
	EDIT_END,
	EDIT_MOVE_COUNT
};

void edit_init(struct edit *e, const char *text);
void edit_release(struct edit *e);
/* Replace the text; the cursor goes to its end. */
void edit_set(struct edit *e, const char *text);
void edit_move(struct edit *e, enum edit_move move);
/* Insert one character; false for what is not printable or when the text is full. */
bool edit_insert(struct edit *e, uint32_t code);
/* Remove the character (with its marks) before or at the cursor, the word before, or all before. */
void edit_backspace(struct edit *e);
void edit_delete(struct edit *e);
void edit_delete_word(struct edit *e);
void edit_delete_to_start(struct edit *e);
void edit_delete_to_end(struct edit *e);
/*
 * What to draw in width cells: clean text (stars when hidden) scrolled so that
 * the cursor shows. Returns the cursor's cell, 0 to width-1.
 */
int edit_view(const struct edit *e, int width, struct buf *ret);

#endif
