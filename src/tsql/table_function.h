/* SPDX-License-Identifier: MIT */
/* The table functions of the language: STRING_SPLIT, GENERATE_SERIES, OPENJSON. Inside the room only. */
#ifndef SO_TSQL_TABLE_FUNCTION_H
#define SO_TSQL_TABLE_FUNCTION_H

#include "tsql/ast.h"
#include "tsql/client.h"
#include "tsql/rows.h"

#define TABLE_FUNCTION_ARGS_MAX 3

/* A column of OPENJSON ... WITH (name type 'path' AS JSON). */
struct json_field {
	const char *name, *path; /* path NULL: $.name */
	struct tsql_decl decl;
	bool as_json;
};

/* One call: the arguments in this row, converted to what table_function_arg says. */
struct table_call {
	const struct source *from;
	const struct tsql_decl *types; /* of the arguments as they are written */
	const struct tsql_value *args;
	size_t arg_count;
	struct exec *exec;
	struct err *err;
};

struct table_columns {
	VEC(struct tsql_column) list; /* names borrowed */
};

struct table_function {
	const char *name;
	size_t min_args, max_args;
	/* The columns of a call, from the types of its arguments. */
	void (*columns)(const struct source *from, const struct tsql_decl *types, struct table_columns *ret);
	/* The declaration an argument is converted to. */
	struct tsql_decl (*arg)(size_t index, const struct tsql_decl *types, size_t count);
	int (*run)(const struct table_call *call, struct rows *ret);
	bool fields; /* WITH (...) may follow */
};

/* By name, case-blind; NULL when there is none. */
const struct table_function *table_function_find(const char *name);

extern const struct table_function table_function_openjson;

#endif
