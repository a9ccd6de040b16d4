/* SPDX-License-Identifier: MIT */
/*
 * Reading keys. They come from a one-cell pad, because reading from a window
 * refreshes it. The pad and the paste keys are curses state and so, like all
 * of curses, exist once per process.
 */
#include "tui/input.h"

#include <curses.h>
#include <stdio.h>
#include <wchar.h>

#include "tui/keymap.h"

#define CODE_PASTE (KEY_MAX + 1)
#define CODE_PASTE_END (KEY_MAX + 2)

static WINDOW *key_pad;

void input_mouse(bool on)
{
	mousemask(on ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
	mouseinterval(0);
}

void input_init(bool mouse)
{
	key_pad = newpad(1, 1);
	keypad(key_pad, TRUE);
	nodelay(key_pad, TRUE);
	define_key("\033[200~", CODE_PASTE);
	define_key("\033[201~", CODE_PASTE_END);
	input_mouse(mouse);
}

void input_release(void)
{
	if (key_pad)
		delwin(key_pad);
	key_pad = NULL;
}

void input_paste_mode(bool on)
{
	fputs(on ? "\033[?2004h" : "\033[?2004l", stdout);
	fflush(stdout);
}

static int decode_function(wint_t code)
{
	switch (code) {
	case KEY_RESIZE:
		return K_RESIZE;
	case KEY_MOUSE:
		return K_MOUSE;
	case CODE_PASTE:
		return K_PASTE;
	case CODE_PASTE_END:
		return K_PASTE_END;
	case KEY_ENTER:
		return '\r';
	default:
		return K_FN((int)code);
	}
}

int input_read_key(void)
{
	wint_t code, digit;
	int kind = wget_wch(key_pad, &code);

	if (kind == ERR)
		return K_NONE;
	if (kind == KEY_CODE_YES)
		return decode_function(code);
	if (code == '\n')
		return '\r';
	if (code == 0x7F || code == '\b')
		return K_FN(KEY_BACKSPACE);
	/* Esc and a digit in one go is the function key of that number (Alt-1 too). */
	if (code == 27 && wget_wch(key_pad, &digit) == OK) {
		if (digit >= '0' && digit <= '9')
			return K_FN(KEY_F(digit == '0' ? 10 : (int)(digit - '0')));
		unget_wch((wchar_t)digit);
	}
	return (int)code;
}

bool input_edit_key(struct edit *edit, int key)
{
	size_t before = edit->text.len;

	switch (key) {
	case K_FN(KEY_LEFT):
	case 'b' & 0x1F:
		edit_move(edit, EDIT_LEFT);
		return false;
	case K_FN(KEY_RIGHT):
	case 'f' & 0x1F:
		edit_move(edit, EDIT_RIGHT);
		return false;
	case K_FN(KEY_HOME):
	case 'a' & 0x1F:
		edit_move(edit, EDIT_HOME);
		return false;
	case K_FN(KEY_END):
	case 'e' & 0x1F:
		edit_move(edit, EDIT_END);
		return false;
	case K_FN(KEY_SLEFT):
		edit_move(edit, EDIT_WORD_LEFT);
		return false;
	case K_FN(KEY_SRIGHT):
		edit_move(edit, EDIT_WORD_RIGHT);
		return false;
	case K_FN(KEY_BACKSPACE):
		edit_backspace(edit);
		break;
	case K_FN(KEY_DC):
	case 'd' & 0x1F:
		edit_delete(edit);
		break;
	case 'w' & 0x1F:
		edit_delete_word(edit);
		break;
	case 'u' & 0x1F:
		edit_delete_to_start(edit);
		break;
	case 'k' & 0x1F:
		edit_delete_to_end(edit);
		break;
	default:
		return key > 0 && key < 0x110000 && edit_insert(edit, (uint32_t)key);
	}
	return edit->text.len != before;
}
