/* SPDX-License-Identifier: MIT */
/* What a Foreach Loop walks over: rows of values, made before the first turn. */
#ifndef SO_RUNTIME_ENUMERATE_H
#define SO_RUNTIME_ENUMERATE_H

#include "base/mem.h"
#include "runtime/engine.h"

struct row {
	struct value *values;
	size_t count;
};

struct rows {
	VEC(struct row) list;
};

/* Fill rows for the loop's enumerator. Its property expressions are evaluated in the loop's scope. */
int enumerate(struct unit *loop, struct rows *ret, struct fault *fault);
void rows_release(struct rows *rows);
/* Windows wildcards, without regard to case; "*.*" fits every name. */
bool wildcard_fits(const char *pattern, const char *name);

#endif
