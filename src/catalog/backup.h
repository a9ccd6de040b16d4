/* SPDX-License-Identifier: MIT */
/*
 * One file that holds a consistent copy of a catalog and its key, the key
 * wrapped by a passphrase (doc/backup.md). Whoever may read the key file may
 * make one.
 */
#ifndef SO_CATALOG_BACKUP_H
#define SO_CATALOG_BACKUP_H

#include <stdbool.h>

#include "base/err.h"

/* Copy the catalog at path into a new file (0600), while others use it. ERR_EXISTS when file is there. */
int catalog_backup(const char *path, const char *file, const char *passphrase, struct err *err);

/*
 * Make catalog and key at path from a backup. When one of them is there:
 * ERR_EXISTS, or with force it is replaced and kept (replace.h). ERR_DENIED for another passphrase,
 * ERR_CORRUPT when the file is not as it was written. Nothing is left behind on
 * failure.
 */
int catalog_restore(const char *file, const char *path, const char *passphrase, bool force,
    struct err *err);

#endif
