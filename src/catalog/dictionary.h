/* SPDX-License-Identifier: MIT */
/* What the registry holds, as rows for sys.objects, sys.columns and sys.parameters. */
#ifndef SO_CATALOG_DICTIONARY_H
#define SO_CATALOG_DICTIONARY_H

struct sqlite3;

/* Register so_dictionary(kind): a JSON array of arrays. Returns 0 or -1. */
int dictionary_register(struct sqlite3 *db);

#endif
