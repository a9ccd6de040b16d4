/* SPDX-License-Identifier: MIT */
/* The aggregates that SQLite does not have, also with OVER: tsql_sum and tsql_avg of exact decimals, tsql_var and its relatives. Inside the room only. */
#ifndef SO_TSQL_AGGREGATE_H
#define SO_TSQL_AGGREGATE_H

struct sqlite3;

/* Register them on a connection. Returns a SQLite code. */
int aggregate_register(struct sqlite3 *db);

#endif
