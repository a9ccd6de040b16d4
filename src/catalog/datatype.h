/* SPDX-License-Identifier: MIT */
/* The SSIS data types of parameters and variables, and how they meet SQL values (spec/catalog.md §3.13, §8.3). */
#ifndef SO_CATALOG_DATATYPE_H
#define SO_CATALOG_DATATYPE_H

#include <stdbool.h>

#include "tsql/value.h"

struct datatype {
	const char *name;      /* "Int32" */
	struct tsql_decl decl; /* how its values are kept */
	bool variable;         /* environment variables may have it */
};

/* By name without case; NULL when unknown. */
const struct datatype *datatype_find(const char *name);
/* The same, but an unknown type is taken as String. Never NULL. */
const struct datatype *datatype_of(const char *name);

/* Whether a value's base type suits (NULL suits every type). */
bool datatype_accepts(const struct datatype *type, const struct tsql_value *value);
/*
 * Convert an accepted value to how the type keeps it (decl; a Decimal keeps its scale, a text of more than 4,000
 * characters is nvarchar(max)); ret is a new value. Fails when the runtime's type cannot hold it.
 */
int datatype_convert(const struct datatype *type, const struct tsql_value *value,
    struct tsql_value *ret, struct err *err);
/* A design value: invariant text of the project file. NULL text gives a NULL value. */
int datatype_from_text(const struct datatype *type, const char *text, struct tsql_value *ret,
    struct err *err);
/* Append the invariant text that the runtime reads. The value is not NULL. */
void datatype_to_text(const struct tsql_value *value, struct buf *ret);

#endif
