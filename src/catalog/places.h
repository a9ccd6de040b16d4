/* SPDX-License-Identifier: MIT */
/* Names of rows for sealed values (secrets.h): one function per table. Callers free. rekey.c has them once more, in SQL. */
#ifndef SO_CATALOG_PLACES_H
#define SO_CATALOG_PLACES_H

#include <stdint.h>

#include "base/mem.h"

static inline char *place_execution_value(int64_t execution_id, int object_type, const char *name)
{
	return xasprintf("execution_value:%lld:%d:%s", (long long)execution_id, object_type, name);
}
static inline char *place_override(int64_t property_id)
{
	return xasprintf("property_override:%lld", (long long)property_id);
}
static inline char *place_design(int64_t parameter_id)
{
	return xasprintf("parameter.design:%lld", (long long)parameter_id);
}
static inline char *place_default(int64_t parameter_id)
{
	return xasprintf("parameter.default:%lld", (long long)parameter_id);
}
static inline char *place_variable(int64_t variable_id)
{
	return xasprintf("environment_variable:%lld", (long long)variable_id);
}

static inline char *place_version_secret(int64_t version_lsn, const char *package, const char *name)
{
	return xasprintf("version_secret:%lld:%s:%s", (long long)version_lsn, package, name);
}

static inline char *place_validation_value(int64_t validation_id, const char *package, const char *name)
{
	return xasprintf("validation_value:%lld:%s:%s", (long long)validation_id, package, name);
}

#endif
