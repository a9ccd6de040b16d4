/* SPDX-License-Identifier: MIT */
/* Collations and functions that translated statements need on a SQLite connection. */
#include "tsql/sqlite_ext.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "tsql/aggregate.h"
#include "tsql/decimal.h"
#include "tsql/json.h"
#include "tsql/plan_impl.h"

static size_t without_blanks(const char *text, int len)
{
	while (len > 0 && text[len - 1] == ' ')
		len--;
	return (size_t)len;
}

static int compare_names(void *arg, int a_len, const void *a, int b_len, const void *b)
{
	(void)arg;
	return utf8_ncasecmp(a, without_blanks(a, a_len), b, without_blanks(b, b_len));
}

static int compare_decimals(void *arg, int a_len, const void *a, int b_len, const void *b)
{
	struct decimal x = { 0 }, y = { 0 };

	(void)arg;
	decimal_parse(a, (size_t)a_len, &x);
	decimal_parse(b, (size_t)b_len, &y);
	return decimal_compare(&x, &y);
}

/* tsql_fail(512), tsql_fail(530, limit): how a statement raises an error of its own. */
static void fail_function(struct sqlite3_context *context, int argc, struct sqlite3_value **argv)
{
	char text[64] = "tsql_fail";

	if (argc == 1 && sqlite3_value_int(argv[0]) == 512)
		snprintf(text, sizeof(text), "%s", TSQL_FAIL_512);
	else if (argc == 2 && sqlite3_value_int(argv[0]) == 530)
		snprintf(text, sizeof(text), "%s%d", TSQL_FAIL_530, sqlite3_value_int(argv[1]));
	sqlite3_result_error(context, text, -1);
}

int tsql_register_sqlite(struct sqlite3 *db)
{
	int r = sqlite3_create_collation_v2(db, "TSQL", SQLITE_UTF8, NULL, compare_names, NULL);

	r |= sqlite3_create_collation_v2(db, "TSQL_DECIMAL", SQLITE_UTF8, NULL, compare_decimals, NULL);
	r |= sqlite3_create_function_v2(db, "tsql_eval", -1, SQLITE_UTF8, NULL, plan_eval_function, NULL, NULL, NULL);
	r |= sqlite3_create_function_v2(db, "tsql_fail", -1, SQLITE_UTF8, NULL, fail_function, NULL, NULL, NULL);
	r |= aggregate_register(db);
	r |= json_register(db);
	r |= row_source_register(db);
	r |= string_agg_register(db);
	return r == SQLITE_OK ? 0 : -ERR_INTERNAL;
}
