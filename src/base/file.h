/* SPDX-License-Identifier: MIT */
/*
 * Files, folders and paths, with whole reads and writes, EINTR handled, and
 * close-on-exec everywhere. Errors name the path.
 */
#ifndef SO_BASE_FILE_H
#define SO_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Read or write all of len bytes. read returns the bytes read (short only at end of file) or -1 with errno; write 0 or -1. */
ssize_t fd_read_full(int fd, void *data, size_t len);
int fd_write_full(int fd, const void *data, size_t len);
int fd_set_nonblock(int fd, bool on);
/*
 * Append what there is up to the end. 0, or -1 with errno: EFBIG for more than max bytes. Where the file
 * knows its size no copy of what was read is left in freed memory (by a ret that is empty before).
 */
int fd_read_all(int fd, size_t max, struct buf *ret);

/* Append a whole file to ret; refuses more than max bytes (ERR_LIMIT). */
int file_read(const char *path, size_t max, struct buf *ret, struct err *err);
/*
 * Replace a file in one step: temporary name beside it, write, fsync when
 * sync, rename, fsync of the folder when sync. Readers see the old or the new.
 */
int file_write_atomic(const char *path, const void *data, size_t len, mode_t mode, bool sync,
    struct err *err);
bool file_exists(const char *path);

/* mkdir -p; folders that are made get this mode. */
int dir_make(const char *path, mode_t mode, struct err *err);
/* Delete a tree without following symlinks; a missing path is success. */
int dir_remove(const char *path, struct err *err);
/* fsync a folder, so that a rename in it survives a power cut. */
int dir_sync(const char *path);

/* "a/b", one slash between; caller frees. */
char *path_join(const char *folder, const char *name);
/* Folder part ("." when none) and last part; caller frees the first, the second points into path. */
char *path_dirname(const char *path);
const char *path_basename(const char *path);
/* Absolute form without resolving links; caller frees. */
char *path_absolute(const char *path);

/*
 * XDG base folders for scaleout: $XDG_..._HOME/scaleout, or the standard
 * default under the home of the user (HOME, else the passwd entry). Callers
 * free. Nothing is created.
 */
char *path_data_home(void);   /* ~/.local/share/scaleout */
char *path_state_home(void);  /* ~/.local/state/scaleout */
char *path_config_home(void); /* ~/.config/scaleout */
/* $XDG_RUNTIME_DIR/scaleout, else path_state_home()/run. */
char *path_runtime_dir(void);

#endif
