/* SPDX-License-Identifier: MIT */
/* Keys from the terminal: decoding to keymap.h keys, and what they do in a line editor. */
#ifndef SO_TUI_INPUT_H
#define SO_TUI_INPUT_H

#include <stdbool.h>

#include "tui/edit.h"

/* Prepare curses for reading (after initscr); mouse false leaves it to the terminal. */
void input_init(bool mouse);
/* Take the mouse from the terminal (which selects text with it), or leave it. */
void input_mouse(bool on);
void input_release(void);
/* Bracketed paste on or off. */
void input_paste_mode(bool on);
/* The next key without waiting; K_NONE when there is none. */
int input_read_key(void);
/* Apply a key to a line; true when the text changed. */
bool input_edit_key(struct edit *edit, int key);

#endif
