/* SPDX-License-Identifier: MIT */
/* A SQLite file system over the real one that fails on demand. One per process. */
#ifndef SO_TESTS_CATALOG_FAULT_VFS_H
#define SO_TESTS_CATALOG_FAULT_VFS_H

#include <stdbool.h>

/* Make it the default for connections opened from now on; nothing fails yet. */
void fault_vfs_install(void);

/* Fail the n-th write, sync or truncation from now on (1 = the next) with this SQLite code; after it everything when lasting. */
void fault_vfs_fail(int nth, int code, bool lasting);
/* Call back whenever the log is about to be synced; its sync fails when that returns false. NULL = no more. */
void fault_vfs_watch_log(bool (*about_to_sync)(void *ctx), void *ctx);
/* Files are opened read-only, as on a medium that is. */
void fault_vfs_read_only(bool on);
/* Nothing fails any more. Returns whether something had. */
bool fault_vfs_heal(void);

#endif
