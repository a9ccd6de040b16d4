/* SPDX-License-Identifier: MIT */
/* What is wrong with a batch can be told before it runs, as far as the tables of its queries are known. Inside the room only. */
#ifndef SO_TSQL_CHECK_H
#define SO_TSQL_CHECK_H

#include "tsql/exec.h"

/*
 * Translate the queries of exec's batch that read registered views only. The first error that is the query's own is exec->err,
 * with its line; a missing object (208) waits until its statement runs, and so does everything about temporary tables.
 * Behind a USE nothing is looked at.
 */
int check_batch(struct exec *exec);
/* Errors of a query that does not fit the tables: they end the text that they stand in, and its own TRY does not catch them. */
bool check_is_compile_error(const struct err *err);

#endif
