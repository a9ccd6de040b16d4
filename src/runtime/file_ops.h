/* SPDX-License-Identifier: MIT */
/*
 * What the File System task does to files. Each returns 0, or -1 with one
 * sentence in fault. keep_going is asked between pieces of long work; when it
 * says false the work stops with code 0 in fault.
 */
#ifndef SO_RUNTIME_FILE_OPS_H
#define SO_RUNTIME_FILE_OPS_H

#include <stdbool.h>

#include "runtime/fault.h"

struct file_ops {
	bool overwrite;
	bool (*keep_going)(void *ctx);
	void *ctx;
};

/* to may be a folder: then the file keeps its name in there. */
int file_ops_copy(const struct file_ops *ops, const char *from, const char *to, struct fault *fault);
int file_ops_move(const struct file_ops *ops, const char *from, const char *to, struct fault *fault);
/* to is the full new name. */
int file_ops_rename(const struct file_ops *ops, const char *from, const char *to, struct fault *fault);
int file_ops_delete(const char *path, struct fault *fault);
/* overwrite: a folder that is there is fine. */
int file_ops_make_folder(const struct file_ops *ops, const char *path, struct fault *fault);
/* The content goes into to, which is made when it is not there. */
int file_ops_copy_folder(const struct file_ops *ops, const char *from, const char *to, struct fault *fault);
/* Becomes to; when to is a folder already, it goes into it. */
int file_ops_move_folder(const struct file_ops *ops, const char *from, const char *to, struct fault *fault);
/* With everything in it, or only what is in it; links are not followed. */
int file_ops_delete_folder(const char *path, bool only_content, struct fault *fault);
/* Windows attributes by name, separated by commas; ReadOnly and Normal have a meaning here. Sets *ret_ignored for others. */
int file_ops_set_attributes(const char *path, const char *attributes, bool *ret_ignored,
    struct fault *fault);

#endif
