/* SPDX-License-Identifier: MIT */
/*
 * The catalog's numbers in words (spec/catalog.md §3) with the glyph and role
 * they are shown with. A state is always glyph and word; colour only repeats it.
 */
#ifndef SO_TUI_CODES_H
#define SO_TUI_CODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "tui/theme.h"

struct code {
	int value;
	const char *word;
	const char *glyph; /* "" = none */
	const char *ascii;
	enum role role;
};

enum status {
	STATUS_CREATED = 1,
	STATUS_RUNNING = 2,
	STATUS_CANCELED = 3,
	STATUS_FAILED = 4,
	STATUS_PENDING = 5,
	STATUS_UNEXPECTED = 6,
	STATUS_SUCCEEDED = 7,
	STATUS_STOPPING = 8,
	STATUS_COMPLETED = 9
};

enum message_type { MESSAGE_WARNING = 110, MESSAGE_ERROR = 120, MESSAGE_TASK_FAILED = 130 };

struct code_table {
	const struct code *items;
	size_t len;
};
extern const struct code_table code_status;          /* operations and executions */
extern const struct code_table code_result;          /* executable_statistics.execution_result */
extern const struct code_table code_message_type;
extern const struct code_table code_message_source;
extern const struct code_table code_operation_type;
extern const struct code_table code_logging_level;
extern const struct code_table code_object_type;     /* parameters: project, package, system */

/* The row for a value; for an unknown one a row that says "?" (its value field is the value asked for only when known). */
const struct code *code_find(const struct code_table *table, int64_t value);
/* The row whose word starts with text, without case; NULL when none or several do. */
const struct code *code_by_word(const struct code_table *table, const char *text);
/* "glyph word" */
void code_format(const struct code *code, bool ascii, struct buf *ret);

/* True for a status that will not change any more. */
bool status_is_final(int64_t status);

/* "16ms", "3.2s", "1m 03s", "2h 05m", "3d 04h" from ticks of 100 ns; negative counts as 0. */
void duration_format(int64_t ticks, struct buf *ret);

#endif
