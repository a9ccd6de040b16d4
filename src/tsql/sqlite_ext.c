/* SPDX-License-Identifier: MIT */
/* Collations and functions that translated statements need on a SQLite connection. */
#include "tsql/sqlite_ext.h"

#include <sqlite3.h>
#include <stddef.h>

#include "base/err.h"
#include "base/utf8.h"
#include "tsql/decimal.h"

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

int tsql_register_sqlite(struct sqlite3 *db)
{
	if (sqlite3_create_collation_v2(db, "TSQL", SQLITE_UTF8, NULL, compare_names, NULL) != SQLITE_OK ||
	    sqlite3_create_collation_v2(db, "TSQL_DECIMAL", SQLITE_UTF8, NULL, compare_decimals, NULL) != SQLITE_OK)
		return -ERR_INTERNAL;
	return 0;
}
