/* SPDX-License-Identifier: MIT */
/* Putting single packages into a project's file: those of the same name are replaced, the others added as entry points. */
#ifndef SO_PACKAGE_PUT_PACKAGES_H
#define SO_PACKAGE_PUT_PACKAGES_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct package_file {
	char *name; /* "Load.dtsx" */
	void *data; /* the .dtsx */
	size_t len;
};

/*
 * The project's .ispac with these packages. What the manifest says of them is
 * made from the packages themselves. Values that they hold encrypted are left
 * out, with a line each in warnings (LF between); one that is encrypted as a
 * whole is ERR_DENIED, a name that no package may have ERR_INVALID. Only on
 * success anything is appended to ret and warnings.
 */
int project_put_packages(const void *data, size_t len, const struct package_file *files, size_t count, struct buf *ret,
    struct buf *warnings, struct err *err);

#endif
