/* SPDX-License-Identifier: MIT */
/*
 * Value binding (spec/catalog.md §8.2): at creation an execution gets a value
 * for every parameter of the project and of its package. Server value before
 * design value; a server value may name a variable of the one environment that
 * the execution's reference points to.
 */
#ifndef SO_CATALOG_BINDING_H
#define SO_CATALOG_BINDING_H

#include "catalog/proc.h"

/* The environment behind a reference. id 0 = no reference was given. */
struct environment_ref {
	int64_t reference_id;
	int64_t environment_id;
	char type[2];
	char folder[NAME_BYTES]; /* "" for a relative reference */
	char name[NAME_BYTES];
};

/*
 * Resolve a reference of a project: 27208 when it is not the project's, 27182
 * when the environment is gone or hidden. Needs READ on the environment.
 */
int binding_reference(struct tsql_call *call, const struct found *project, int64_t reference_id,
    struct environment_ref *ret);

/*
 * Which parameters: those of the project and of one package (package_name), or
 * of all packages (NULL). Called for each with its bound value; value_set is
 * false for a design value.
 */
struct bound {
	int64_t parameter_id;
	int object_type;
	const char *object_name, *name, *data_type;
	bool required, sensitive, value_set;
	const struct tsql_value *value;
};
int binding_each(struct tsql_call *call, const struct found *project, const char *package_name,
    const struct environment_ref *environment, int (*each)(void *ctx, const struct bound *bound),
    void *ctx);

/* Store the values of a new execution, and the system parameters with their defaults. */
int binding_store(struct tsql_call *call, int64_t execution_id, const struct found *project,
    const char *package_name, const struct environment_ref *environment);
/* The same for the validation of a whole project: the values of packages go where they can stand beside each other. */
int binding_store_project(struct tsql_call *call, int64_t validation_id, const struct found *project,
    const struct environment_ref *environment);

#endif
