/* SPDX-License-Identifier: MIT */
/* The base tables of SSISDB and how an older file becomes a newer one. */
#ifndef SO_CATALOG_SCHEMA_H
#define SO_CATALOG_SCHEMA_H

#include "base/err.h"

struct sqlite3;

/* "SOCT": marks our files (PRAGMA application_id). */
#define SCHEMA_APPLICATION_ID 0x534F4354

/* The user_version this program writes. */
int schema_version(void);

/*
 * Bring an open file to schema_version(), each migration in its own
 * transaction. A file of version 0 must be empty. Refuses newer versions
 * (ERR_UNSUPPORTED naming both) and files that are not ours (ERR_INVALID).
 */
int schema_migrate(struct sqlite3 *db, struct err *err);

#endif
