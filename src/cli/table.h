/* SPDX-License-Identifier: MIT */
/* Rows as a table for people: as wide as it is for a pipe or a file, within the columns of a terminal. */
#ifndef SO_CLI_TABLE_H
#define SO_CLI_TABLE_H

#include <stdio.h>

#include "tsql/client.h"

/* Columns of the terminal that a stream is, 0 when it is none. */
size_t cli_terminal_columns(FILE *out);

/*
 * Print rows with their headings. columns = 0: all of them in full. Else long
 * texts are cut (ending in "…"), columns at the right that have no room are
 * left out, and a last line names them.
 */
void cli_print_table(const struct tsql_rowset *rows, size_t columns);

/*
 * Print a text to standard output and end the line; at is how many columns
 * the line has already. On a terminal it goes on below indent blanks, broken
 * between words only (so that a command that is copied is whole).
 */
void cli_print_wrapped(const char *text, size_t at, size_t indent);

enum cli_color { CLI_PLAIN, CLI_GOOD, CLI_WARNING, CLI_BAD, CLI_COLOR_COUNT };

/* Print text in a colour where the stream is a terminal that has them and $NO_COLOR is not set; the text says it all without. */
void cli_print_colored(FILE *out, enum cli_color color, const char *text);

#endif
