/* SPDX-License-Identifier: MIT */
/* What is wrong with a batch can be told before it runs, as far as the tables of its queries are known. Inside the room only. */
#ifndef SO_TSQL_CHECK_H
#define SO_TSQL_CHECK_H

#include "tsql/exec.h"

struct check_errors {
	VEC(struct err);
};

/*
 * Translate the queries of exec's batch that read registered views only. Returns negative with all errors that are the queries' own,
 * each with its line, in the order of the statements; a missing object (208) waits until its statement runs, and so does everything
 * about temporary tables. Behind a USE nothing is looked at. The caller releases ret.
 */
int check_batch(struct exec *exec, struct check_errors *ret);
/* Errors of a query that does not fit the tables: they end the text that they stand in, and its own TRY does not catch them. */
bool check_is_compile_error(const struct err *err);

#endif
