/* SPDX-License-Identifier: MIT */
/* Numbers of the catalog in words: tables, and finding rows in them. */
#include "tui/codes.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

#define TABLE(name, rows) const struct code_table name = { rows, ARRAY_LEN(rows) }

static const struct code statuses[] = {
	{ STATUS_CREATED, "Created", "\xE2\x80\xA6", ".", ROLE_DIM },
	{ STATUS_RUNNING, "Running", "\xE2\x96\xB6", ">", ROLE_BUSY },
	{ STATUS_CANCELED, "Canceled", "\xE2\x96\xA0", "x", ROLE_WARNING },
	{ STATUS_FAILED, "Failed", "\xE2\x9C\x97", "!", ROLE_BAD },
	{ STATUS_PENDING, "Pending", "\xE2\x80\xA6", ".", ROLE_DIM },
	{ STATUS_UNEXPECTED, "Unexpected", "?", "?", ROLE_BAD },
	{ STATUS_SUCCEEDED, "Succeeded", "\xE2\x9C\x93", "+", ROLE_GOOD },
	{ STATUS_STOPPING, "Stopping", "\xE2\x97\x90", "~", ROLE_WARNING },
	{ STATUS_COMPLETED, "Completed", "\xC2\xBB", "^", ROLE_NORMAL },
};
TABLE(code_status, statuses);

static const struct code results[] = {
	{ 0, "Success", "\xE2\x9C\x93", "+", ROLE_GOOD },
	{ 1, "Failure", "\xE2\x9C\x97", "!", ROLE_BAD },
	{ 2, "Completion", "\xC2\xBB", "^", ROLE_NORMAL },
	{ 3, "Canceled", "\xE2\x96\xA0", "x", ROLE_WARNING },
};
TABLE(code_result, results);

static const struct code message_types[] = {
	{ -1, "Unknown", "?", "?", ROLE_NORMAL },
	{ 10, "Pre-validate", "", "", ROLE_DIM },
	{ 20, "Post-validate", "", "", ROLE_DIM },
	{ 30, "Pre-execute", "", "", ROLE_NORMAL },
	{ 40, "Post-execute", "", "", ROLE_NORMAL },
	{ 50, "StatusChange", "", "", ROLE_NORMAL },
	{ 60, "Progress", "", "", ROLE_NORMAL },
	{ 70, "Information", "", "", ROLE_NORMAL },
	{ 80, "VariableChanged", "", "", ROLE_NORMAL },
	{ 90, "Diagnostic", "", "", ROLE_DIM },
	{ 100, "QueryCancel", "\xE2\x96\xA0", "x", ROLE_WARNING },
	{ MESSAGE_WARNING, "Warning", "\xE2\x80\xA2", "*", ROLE_WARNING },
	{ MESSAGE_ERROR, "Error", "\xE2\x9C\x97", "!", ROLE_BAD },
	{ MESSAGE_TASK_FAILED, "TaskFailed", "\xE2\x9C\x97", "!", ROLE_BAD },
	{ 140, "DiagnosticEx", "", "", ROLE_DIM },
	{ 200, "Custom", "", "", ROLE_NORMAL },
	{ 400, "NonDiagnostic", "", "", ROLE_NORMAL },
};
TABLE(code_message_type, message_types);

static const struct code message_sources[] = {
	{ 10, "Catalog", "", "", ROLE_NORMAL },
	{ 20, "Executor", "", "", ROLE_NORMAL },
	{ 30, "Package", "", "", ROLE_NORMAL },
	{ 40, "Task", "", "", ROLE_NORMAL },
	{ 50, "Container", "", "", ROLE_NORMAL },
	{ 60, "Data flow", "", "", ROLE_NORMAL },
};
TABLE(code_message_source, message_sources);

static const struct code operation_types[] = {
	{ 1, "Integration Services initialization", "", "", ROLE_NORMAL },
	{ 2, "Operations cleanup", "", "", ROLE_NORMAL },
	{ 3, "Project versions cleanup", "", "", ROLE_NORMAL },
	{ 101, "Deploy project", "", "", ROLE_NORMAL },
	{ 106, "Restore project", "", "", ROLE_NORMAL },
	{ 200, "Create and start package execution", "", "", ROLE_NORMAL },
	{ 202, "Stop operation", "", "", ROLE_NORMAL },
	{ 300, "Validate project", "", "", ROLE_NORMAL },
	{ 301, "Validate package", "", "", ROLE_NORMAL },
	{ 1000, "Configure catalog", "", "", ROLE_NORMAL },
};
TABLE(code_operation_type, operation_types);

static const struct code logging_levels[] = {
	{ 0, "None", "", "", ROLE_NORMAL },
	{ 1, "Basic", "", "", ROLE_NORMAL },
	{ 2, "Performance", "", "", ROLE_NORMAL },
	{ 3, "Verbose", "", "", ROLE_NORMAL },
	{ 4, "RuntimeLineage", "", "", ROLE_NORMAL },
};
TABLE(code_logging_level, logging_levels);

static const struct code object_types[] = {
	{ 20, "Project", "", "", ROLE_NORMAL },
	{ 30, "Package", "", "", ROLE_NORMAL },
	{ 50, "System", "", "", ROLE_NORMAL },
};
TABLE(code_object_type, object_types);

const struct code *code_find(const struct code_table *table, int64_t value)
{
	static const struct code unknown = { -1, "Unknown", "?", "?", ROLE_NORMAL };

	for (size_t i = 0; i < table->len; i++) {
		if (table->items[i].value == value)
			return &table->items[i];
	}
	return &unknown;
}

const struct code *code_by_word(const struct code_table *table, const char *text)
{
	const struct code *found = NULL;
	size_t len = strlen(text);

	for (size_t i = 0; i < table->len && len > 0; i++) {
		const char *word = table->items[i].word;

		if (strlen(word) < len || utf8_ncasecmp(word, len, text, len) != 0)
			continue;
		if (found)
			return NULL;
		found = &table->items[i];
	}
	return found;
}

void code_format(const struct code *code, bool ascii, struct buf *ret)
{
	const char *glyph = ascii ? code->ascii : code->glyph;

	if (*glyph)
		buf_addf(ret, "%s ", glyph);
	buf_adds(ret, code->word);
}

bool status_is_final(int64_t status)
{
	return status == STATUS_CANCELED || status == STATUS_FAILED || status == STATUS_UNEXPECTED ||
	    status == STATUS_SUCCEEDED || status == STATUS_COMPLETED;
}

void duration_format(int64_t ticks, struct buf *ret)
{
	int64_t ms = ticks < 0 ? 0 : ticks / TICKS_PER_MS, s = ms / 1000;

	if (ms < 1000)
		buf_addf(ret, "%dms", (int)ms);
	else if (s < 60)
		buf_addf(ret, "%d.%ds", (int)s, (int)(ms % 1000 / 100));
	else if (s < 3600)
		buf_addf(ret, "%dm %02ds", (int)(s / 60), (int)(s % 60));
	else if (s < 86400)
		buf_addf(ret, "%dh %02dm", (int)(s / 3600), (int)(s % 3600 / 60));
	else
		buf_addf(ret, "%lldd %02dh", (long long)(s / 86400), (int)(s % 86400 / 3600));
}
