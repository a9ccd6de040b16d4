/* SPDX-License-Identifier: MIT */
/* Looking functions up, and the aggregates, which SQLite computes. */
#include "tsql/function.h"

#include <string.h>

#include "base/utf8.h"

const struct function functions_aggregate[] = {
	{ "COUNT", 1, 1, FUNCTION_AGGREGATE, { .type = TSQL_INT }, NULL, NULL, AGGREGATE_COUNT, NULL },
	{ "COUNT_BIG", 1, 1, FUNCTION_AGGREGATE, { .type = TSQL_BIGINT }, NULL, NULL, AGGREGATE_COUNT, NULL },
	{ "SUM", 1, 1, FUNCTION_AGGREGATE, { .type = TSQL_INT }, NULL, NULL, AGGREGATE_SUM, NULL },
	{ "AVG", 1, 1, FUNCTION_AGGREGATE, { .type = TSQL_INT }, NULL, NULL, AGGREGATE_AVG, NULL },
	{ "MIN", 1, 1, FUNCTION_AGGREGATE, { .type = TSQL_INT }, NULL, NULL, AGGREGATE_MIN, NULL },
	{ "MAX", 1, 1, FUNCTION_AGGREGATE, { .type = TSQL_INT }, NULL, NULL, AGGREGATE_MAX, NULL },
	{ "GROUPING", 1, 1, FUNCTION_AGGREGATE, { .type = TSQL_TINYINT }, NULL, NULL, AGGREGATE_GROUPING, NULL },
	{ "GROUPING_ID", 1, 31, FUNCTION_AGGREGATE, { .type = TSQL_INT }, NULL, NULL, AGGREGATE_GROUPING, NULL },
	{ "STDEV", 1, 1, FUNCTION_AGGREGATE, { .type = TSQL_FLOAT }, NULL, NULL, AGGREGATE_SPREAD, NULL },
	{ "STDEVP", 1, 1, FUNCTION_AGGREGATE, { .type = TSQL_FLOAT }, NULL, NULL, AGGREGATE_SPREAD, NULL },
	{ "VAR", 1, 1, FUNCTION_AGGREGATE, { .type = TSQL_FLOAT }, NULL, NULL, AGGREGATE_SPREAD, NULL },
	{ "VARP", 1, 1, FUNCTION_AGGREGATE, { .type = TSQL_FLOAT }, NULL, NULL, AGGREGATE_SPREAD, NULL },
	{ "STRING_AGG", 2, 2, FUNCTION_AGGREGATE, { .type = TSQL_NVARCHAR, .length = TSQL_MAX }, NULL, NULL, AGGREGATE_STRING, NULL },
	{ "ROW_NUMBER", 0, 0, FUNCTION_AGGREGATE, { .type = TSQL_BIGINT }, NULL, NULL, AGGREGATE_WINDOW, NULL },
	{ "RANK", 0, 0, FUNCTION_AGGREGATE, { .type = TSQL_BIGINT }, NULL, NULL, AGGREGATE_WINDOW, NULL },
	{ "DENSE_RANK", 0, 0, FUNCTION_AGGREGATE, { .type = TSQL_BIGINT }, NULL, NULL, AGGREGATE_WINDOW, NULL },
	{ "NTILE", 1, 1, FUNCTION_AGGREGATE, { .type = TSQL_BIGINT }, NULL, NULL, AGGREGATE_WINDOW, NULL },
	{ "PERCENT_RANK", 0, 0, FUNCTION_AGGREGATE, { .type = TSQL_FLOAT }, NULL, NULL, AGGREGATE_WINDOW, NULL },
	{ "CUME_DIST", 0, 0, FUNCTION_AGGREGATE, { .type = TSQL_FLOAT }, NULL, NULL, AGGREGATE_WINDOW, NULL },
	{ "LAG", 1, 3, FUNCTION_AGGREGATE, { .type = TSQL_UNKNOWN }, NULL, NULL, AGGREGATE_WINDOW, NULL },
	{ "LEAD", 1, 3, FUNCTION_AGGREGATE, { .type = TSQL_UNKNOWN }, NULL, NULL, AGGREGATE_WINDOW, NULL },
	{ "FIRST_VALUE", 1, 1, FUNCTION_AGGREGATE, { .type = TSQL_UNKNOWN }, NULL, NULL, AGGREGATE_WINDOW, NULL },
	{ "LAST_VALUE", 1, 1, FUNCTION_AGGREGATE, { .type = TSQL_UNKNOWN }, NULL, NULL, AGGREGATE_WINDOW, NULL },
	{ .name = NULL },
};

const struct function *function_find(const char *name, size_t len)
{
	const struct function *const tables[] = { functions_text, functions_text_make, functions_date, functions_date_make, functions_format, functions_hash, functions_parse, functions_more, functions_math, functions_system, functions_json,
		functions_aggregate };

	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (const struct function *f = tables[t]; f->name; f++)
			if (utf8_ncasecmp(f->name, strlen(f->name), name, len) == 0)
				return f;
	return NULL;
}
