/* SPDX-License-Identifier: MIT */
/*
 * Text for the screen: one sanitizer for everything that comes from the
 * catalog, and our own idea of widths. After text_clean a string holds valid
 * UTF-8 without control, bidirectional or invisible characters, so printing it
 * can neither move the cursor nor reorder the line.
 */
#ifndef SO_TUI_TEXT_H
#define SO_TUI_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Cells of one character: 0 for a combining mark, 1 or 2; -1 for what must not be printed. */
int text_char_width(uint32_t code);

/*
 * Append a clean one-line form: line ends and tabs become one blank, other
 * controls ^X or <XX>, malformed bytes U+FFFD, bidirectional and zero-width
 * characters nothing.
 */
void text_clean(const char *text, size_t len, struct buf *ret);
/* Cells that clean text takes. */
int text_width(const char *clean);

/*
 * Append at most width cells of clean text. Longer text ends in an ellipsis
 * ("~" when ascii). Never splits a character from its marks; the cells used
 * are returned, at most width.
 */
int text_cut(const char *clean, int width, bool ascii, struct buf *ret);
/* Bytes of the longest prefix of clean text that fits in width cells; sets its cells. */
size_t text_prefix(const char *clean, int width, int *ret_cells);
/* Append clean text with every non-ASCII character replaced by a look-alike or "?". */
void text_to_ascii(const char *clean, struct buf *ret);

/*
 * Break raw text (with line ends) into clean lines of at most width cells,
 * preferably at blanks, and call line for each. width < 4 counts as 4.
 */
void text_wrap(const char *text, size_t len, int width, void (*line)(void *ctx, const char *clean),
    void *ctx);

/* True when clean contains needle without regard to case; an empty needle matches. */
bool text_contains(const char *clean, const char *needle);

#endif
