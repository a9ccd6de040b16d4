/* SPDX-License-Identifier: MIT */
/* The scalar functions and aggregates of the language, as tables. */
#ifndef SO_TSQL_FUNCTION_H
#define SO_TSQL_FUNCTION_H

#include "tsql/ast.h"
#include "tsql/server.h"

struct eval;

/* JSON_MODIFY whose new value comes from JSON_QUERY and the like. No name that a script can write. */
#define FUNCTION_JSON_MODIFY_RAW "JSON_MODIFY (raw)"

/* The same for x AT TIME ZONE y. */
#define FUNCTION_AT_TIME_ZONE "AT TIME ZONE"

/* The same for PARSE and TRY_PARSE. */
#define FUNCTION_PARSE "PARSE (text)"

/* The same for xml.value('.', type). */
#define FUNCTION_XML_TEXT "xml.value"

enum function_flags {
	FUNCTION_DATEPART = 1,  /* the first argument is a bare word: day, month */
	FUNCTION_GLOBAL = 2,    /* @@NAME, or a name without parentheses */
	FUNCTION_AGGREGATE = 4, /* COUNT, SUM ... */
	FUNCTION_STATEFUL = 8,  /* differs from row to row: NEWID */
	FUNCTION_STRICT = 16,   /* any NULL argument gives NULL; run is not called */
	FUNCTION_TYPED = 32,    /* run's result is converted to the type of the first argument */
};

/* GROUPING: which expressions of GROUP BY are not in the row's set. WINDOW: only with OVER (ROW_NUMBER). SPREAD: standard deviation and variance. */
enum aggregate { AGGREGATE_NONE, AGGREGATE_COUNT, AGGREGATE_SUM, AGGREGATE_AVG, AGGREGATE_MIN, AGGREGATE_MAX, AGGREGATE_SPREAD, AGGREGATE_STRING, AGGREGATE_GROUPING, AGGREGATE_WINDOW };

struct function {
	const char *name;
	size_t min_args, max_args;
	unsigned flags;
	struct tsql_decl result; /* TSQL_UNKNOWN: type decides */
	/* The type of the result from the arguments' types; used when result is TSQL_UNKNOWN. */
	struct tsql_decl (*type)(const struct tsql_decl *args, size_t count);
	int (*run)(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret);
	enum aggregate aggregate;
	const struct tsql_function *external; /* from the registry: called instead of run */
};

/* Built-in function by name, case-blind; NULL when there is none. */
const struct function *function_find(const char *name, size_t len);

extern const struct function functions_text[], functions_text_make[], functions_date[], functions_date_make[], functions_format[], functions_hash[], functions_json[], functions_parse[], functions_more[], functions_math[], functions_system[],
    functions_aggregate[]; /* each ends with a row without name */

#endif
