/* SPDX-License-Identifier: MIT */
/*
 * CDK writes text byte by byte with narrow characters, which garbles UTF-8
 * under ncursesw. The link replaces its four text writers by these
 * (ld --wrap): they put the bytes together again and write wide characters.
 * CDK still counts bytes, so its centring is a little off; its boxes stay whole.
 */
#include <cdk/cdk.h>
#include <wchar.h>

#include "base/utf8.h"

void __wrap_writeChtype(WINDOW *window, int xpos, int ypos, chtype *string, int align, int start,
    int end);
void __wrap_writeChtypeAttrib(WINDOW *window, int xpos, int ypos, chtype *string, chtype attr,
    int align, int start, int end);
void __wrap_writeChar(WINDOW *window, int xpos, int ypos, char *string, int align, int start,
    int end);
void __wrap_writeCharAttrib(WINDOW *window, int xpos, int ypos, char *string, chtype attr, int align,
    int start, int end);

/* Where the next character goes. */
struct pen {
	WINDOW *window;
	int x, y;
	bool vertical;
};

static void pen_advance(struct pen *pen, int cells)
{
	if (pen->vertical)
		pen->y++;
	else
		pen->x += cells;
}

static void put_wide(struct pen *pen, uint32_t code, chtype attr)
{
	wchar_t text[2] = { (wchar_t)code, 0 };
	int cells = wcwidth(text[0]);
	cchar_t cell;

	if (cells == 0) {
		/* A combining mark joins the character before. */
		if (!pen->vertical && pen->x > 0) {
			setcchar(&cell, text, 0, 0, NULL);
			mvwadd_wch(pen->window, pen->y, pen->x, &cell);
		}
		return;
	}
	if (cells < 0) {
		text[0] = L'?';
		cells = 1;
	}
	if (!pen->vertical && pen->x + cells > getmaxx(pen->window))
		return;
	setcchar(&cell, text, attr & A_ATTRIBUTES & ~A_COLOR, (short)PAIR_NUMBER((int)attr), NULL);
	mvwadd_wch(pen->window, pen->y, pen->x, &cell);
	pen_advance(pen, cells);
}

/* Bytes of one character starting at string[i], up to end; sets how many. */
static uint32_t gather(const chtype *string, int i, int end, int *ret_used)
{
	char bytes[4];
	size_t len = 0, used;
	uint32_t code;

	while (len < sizeof(bytes) && i + (int)len < end) {
		bytes[len] = (char)(string[i + (int)len] & 0xFF);
		len++;
	}
	code = utf8_decode(bytes, len, &used);
	*ret_used = (int)used;
	return code;
}

static void write_cells(struct pen *pen, const chtype *string, int end, chtype attr)
{
	for (int i = 0; i < end;) {
		int used = 1;

		if (string[i] & A_ALTCHARSET || (string[i] & A_CHARTEXT) < 0x80) {
			mvwaddch(pen->window, pen->y, pen->x, string[i] | attr);
			pen_advance(pen, 1);
		} else {
			uint32_t code = gather(string, i, end, &used);

			put_wide(pen, code, (string[i] & A_ATTRIBUTES) | attr);
		}
		i += used;
	}
}

void __wrap_writeChtypeAttrib(WINDOW *window, int xpos, int ypos, chtype *string, chtype attr,
    int align, int start, int end)
{
	struct pen pen = { window, xpos, ypos, align == VERTICAL };
	int room = pen.vertical ? getmaxy(window) - ypos : getmaxx(window) - xpos;
	int length = 0;

	/* A row or column holds at most room characters of up to four bytes. */
	while (start + length < end && string[start + length] && length < room * 4)
		length++;
	write_cells(&pen, string + start, length, attr);
}

void __wrap_writeChtype(WINDOW *window, int xpos, int ypos, chtype *string, int align, int start,
    int end)
{
	__wrap_writeChtypeAttrib(window, xpos, ypos, string, 0, align, start, end);
}

void __wrap_writeCharAttrib(WINDOW *window, int xpos, int ypos, char *string, chtype attr, int align,
    int start, int end)
{
	chtype cells[512];
	int length = 0;

	while (start + length < end && length < (int)(sizeof(cells) / sizeof(cells[0])) - 1 &&
	    string[start + length]) {
		cells[length] = (unsigned char)string[start + length];
		length++;
	}
	cells[length] = 0;
	__wrap_writeChtypeAttrib(window, xpos, ypos, cells, attr, align, 0, length);
}

void __wrap_writeChar(WINDOW *window, int xpos, int ypos, char *string, int align, int start,
    int end)
{
	__wrap_writeCharAttrib(window, xpos, ypos, string, 0, align, start, end);
}
