/* SPDX-License-Identifier: MIT */
/*
 * What T-SQL adds to a SQLite connection. The room that opens connections
 * calls tsql_register_sqlite once on each, before it prepares any statement.
 */
#ifndef SO_TSQL_SQLITE_EXT_H
#define SO_TSQL_SQLITE_EXT_H

struct sqlite3;

/*
 * Collation "TSQL": text without regard to case (utf8_casecmp), blanks at the
 * end do not count. Declare name columns COLLATE TSQL, so that T-SQL
 * comparisons use their indexes. Collation "TSQL_DECIMAL" orders decimal digits by
 * value. Also registers the functions that translated SELECTs call (their
 * names begin with tsql_). Returns 0 or -ERR_INTERNAL.
 */
int tsql_register_sqlite(struct sqlite3 *db);

#endif
