/* SPDX-License-Identifier: MIT */
/* Giving a value to something typed: a parameter, a variable, an execution's value. Errors are raised. */
#ifndef SO_CATALOG_TYPED_H
#define SO_CATALOG_TYPED_H

#include "catalog/proc.h"

/* What is to get a value. */
struct typed {
	int64_t id; /* row */
	char name[NAME_BYTES], data_type[64];
	bool sensitive;
};

/* Read one from columns id, name, data_type, sensitive of the current row, and give the statement back. */
void typed_read(sqlite3_stmt *q, struct typed *ret);
/* Convert a given value (27147 wrong type, 27210 does not fit); ret is a new value. */
int typed_convert(struct tsql_call *call, const struct typed *target, const struct tsql_value *given,
    struct tsql_value *ret);
/* Run a statement with ?1 the row, ?2 the plain and ?3 the sealed value. place is freed. */
int typed_write(struct tsql_call *call, const struct typed *target, const struct stmt_set *set,
    size_t index, char *place, const struct tsql_value *value);

#endif
