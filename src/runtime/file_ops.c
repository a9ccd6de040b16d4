/* SPDX-License-Identifier: MIT */
/* Copying, moving and deleting for the File System task. A copy that fails leaves nothing half-written behind. */
#include "runtime/file_ops.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

#define CHUNK ((size_t)4 * 1024 * 1024)
#define FOLDER_DEPTH 200

static int fail_errno(const char *what, const char *path, struct fault *fault)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return fault_set(fault, DTS_FS_NOT_FOUND, "The file or folder \"%s\" does not exist.", path);
	return fault_set(fault, DTS_ERROR_WITH_MESSAGE, "Cannot %s \"%s\": %s.", what, path, strerror(errno));
}

static int fail_exists(const char *path, struct fault *fault)
{
	return fault_set(fault, DTS_ERROR_WITH_MESSAGE, "The file \"%s\" already exists.", path);
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Where a file goes: into a folder under its own name, or there. Caller frees. */
static char *target_of(const char *from, const char *to)
{
	size_t len = strlen(to);

	if (is_folder(to) || (len && to[len - 1] == '/'))
		return path_join(to, path_basename(from));
	return xstrdup(to);
}

static bool same_file(const struct stat *a, const char *path)
{
	struct stat b;

	return !stat(path, &b) && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

static int copy_bytes(const struct file_ops *ops, int in, int out, const char *to, struct fault *fault)
{
	char *chunk = NULL;
	ssize_t n;
	int r = 0;

	while ((n = copy_file_range(in, NULL, out, NULL, CHUNK, 0)) > 0) {
		if (ops->keep_going && !ops->keep_going(ops->ctx))
			return fault_set(fault, 0, "Copying was cancelled.");
	}
	if (n == 0 && lseek(in, 0, SEEK_CUR) > 0)
		return 0;
	/* Another file system, or one without that call (it may also say 0 at once, as in /proc). */
	chunk = xmalloc(CHUNK);
	while (!r && (n = fd_read_full(in, chunk, CHUNK)) > 0) {
		if (fd_write_full(out, chunk, (size_t)n))
			r = fail_errno("write", to, fault);
		else if (ops->keep_going && !ops->keep_going(ops->ctx))
			r = fault_set(fault, 0, "Copying was cancelled.");
	}
	if (n < 0)
		r = fail_errno("read for", to, fault);
	free(chunk);
	return r;
}

/* One regular file; to is the full name. */
static int copy_file(const struct file_ops *ops, const char *from, const char *to, struct fault *fault)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, r = -1;
	struct stat st;

	if (in < 0 || fstat(in, &st))
		return fail_errno("open", from, fault);
	if (S_ISDIR(st.st_mode)) {
		fault_set(fault, DTS_FS_PATH_NOT_VALID, "\"%s\" is a folder, not a file.", from);
		goto out;
	}
	if (same_file(&st, to)) {
		fault_set(fault, DTS_FS_PATH_NOT_VALID, "\"%s\" cannot be copied to itself.", from);
		goto out;
	}
	out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC | (ops->overwrite ? O_TRUNC : O_EXCL),
	    st.st_mode & 0777);
	if (out < 0) {
		if (errno == EEXIST)
			fail_exists(to, fault);
		else
			fail_errno("write", to, fault);
		goto out;
	}
	r = copy_bytes(ops, in, out, to, fault);
	if (!r) {
		struct timespec times[2] = { st.st_atim, st.st_mtim };
		futimens(out, times);
	}
	if (close(out) && !r)
		r = fail_errno("write", to, fault);
	if (r)
		unlink(to);
out:
	close(in);
	return r;
}

int file_ops_copy(const struct file_ops *ops, const char *from, const char *to, struct fault *fault)
{
	char *target = target_of(from, to);
	int r = copy_file(ops, from, target, fault);

	free(target);
	return r;
}

/* rename, and copy plus delete where that crosses file systems. */
static int move_file(const struct file_ops *ops, const char *from, const char *to, struct fault *fault)
{
	struct stat st;

	if (lstat(from, &st))
		return fail_errno("move", from, fault);
	if (S_ISDIR(st.st_mode))
		return fault_set(fault, DTS_FS_PATH_NOT_VALID, "\"%s\" is a folder, not a file.", from);
	if (!ops->overwrite && renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (!ops->overwrite && (errno == EEXIST || file_exists(to)))
		return fail_exists(to, fault);
	if (rename(from, to) == 0)
		return 0;
	if (errno != EXDEV)
		return fail_errno("move", from, fault);
	if (copy_file(ops, from, to, fault))
		return -1;
	return unlink(from) ? fail_errno("delete", from, fault) : 0;
}

int file_ops_move(const struct file_ops *ops, const char *from, const char *to, struct fault *fault)
{
	char *target = target_of(from, to);
	int r = move_file(ops, from, target, fault);

	free(target);
	return r;
}

int file_ops_rename(const struct file_ops *ops, const char *from, const char *to, struct fault *fault)
{
	return move_file(ops, from, to, fault);
}

int file_ops_delete(const char *path, struct fault *fault)
{
	if (strpbrk(path_basename(path), "*?"))
		return fault_set(fault, DTS_FS_PATH_NOT_VALID, "\"%s\" is not valid: wildcards are not allowed.",
		    path);
	if (is_folder(path))
		return fault_set(fault, DTS_FS_PATH_NOT_VALID, "\"%s\" is a folder, not a file.", path);
	return unlink(path) ? fail_errno("delete", path, fault) : 0;
}

int file_ops_make_folder(const struct file_ops *ops, const char *path, struct fault *fault)
{
	struct err err;

	if (is_folder(path)) {
		if (ops->overwrite)
			return 0;
		return fault_set(fault, DTS_FS_DIRECTORY_EXISTS, "The folder \"%s\" already exists.", path);
	}
	if (dir_make(path, 0777, &err))
		return fault_set(fault, DTS_ERROR_WITH_MESSAGE, "%s%s%s.", err.primary, *err.detail ? ": " : "",
		    err.detail);
	return 0;
}

static int copy_tree(const struct file_ops *ops, const char *from, const char *to, int depth,
    struct fault *fault);

/* A symbolic link stays one. */
static int copy_link(const struct file_ops *ops, const char *from, const char *to, struct fault *fault)
{
	char target[4096];
	ssize_t n = readlink(from, target, sizeof(target) - 1);

	if (n < 0)
		return fail_errno("read", from, fault);
	target[n] = '\0';
	if (ops->overwrite)
		unlink(to);
	if (symlink(target, to))
		return errno == EEXIST ? fail_exists(to, fault) : fail_errno("write", to, fault);
	return 0;
}

static int copy_entry(const struct file_ops *ops, const char *from, const char *to, int depth,
    struct fault *fault)
{
	struct stat st;

	if (lstat(from, &st))
		return fail_errno("read", from, fault);
	if (S_ISLNK(st.st_mode))
		return copy_link(ops, from, to, fault);
	if (S_ISDIR(st.st_mode))
		return copy_tree(ops, from, to, depth + 1, fault);
	return copy_file(ops, from, to, fault);
}

static int copy_tree(const struct file_ops *ops, const char *from, const char *to, int depth,
    struct fault *fault)
{
	struct file_ops make = { .overwrite = true };
	const struct dirent *entry;
	DIR *dir;
	int r = 0;

	if (depth > FOLDER_DEPTH)
		return fault_set(fault, DTS_ERROR_WITH_MESSAGE, "\"%s\" is nested deeper than %d folders.", from,
		    FOLDER_DEPTH);
	dir = opendir(from);
	if (!dir)
		return fail_errno("read", from, fault);
	r = file_ops_make_folder(&make, to, fault);
	while (!r && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		char *source = path_join(from, entry->d_name), *target = path_join(to, entry->d_name);
		r = copy_entry(ops, source, target, depth, fault);
		free(source);
		free(target);
	}
	closedir(dir);
	return r;
}

/* A folder cannot go into itself. */
static bool lies_inside(const char *folder, const char *path)
{
	char *a = realpath(folder, NULL), *parent = path_dirname(path), *b = realpath(parent, NULL);
	size_t len = a ? strlen(a) : 0;
	bool inside = a && b && !strncmp(a, b, len) && (b[len] == '/' || !b[len]);

	free(a);
	free(b);
	free(parent);
	return inside;
}

static int check_folder(const char *from, const char *to, struct fault *fault)
{
	if (!is_folder(from)) {
		errno = ENOENT;
		return fail_errno("read", from, fault);
	}
	if (lies_inside(from, to))
		return fault_set(fault, DTS_FS_PATH_NOT_VALID, "\"%s\" lies inside \"%s\".", to, from);
	return 0;
}

int file_ops_copy_folder(const struct file_ops *ops, const char *from, const char *to, struct fault *fault)
{
	return check_folder(from, to, fault) ? -1 : copy_tree(ops, from, to, 0, fault);
}

int file_ops_move_folder(const struct file_ops *ops, const char *from, const char *to, struct fault *fault)
{
	char *target;
	int r;

	if (check_folder(from, to, fault))
		return -1;
	target = target_of(from, to);
	if (is_folder(target)) {
		r = fault_set(fault, DTS_FS_DIRECTORY_EXISTS, "The folder \"%s\" already exists.", target);
	} else if (rename(from, target) == 0) {
		r = 0;
	} else if (errno != EXDEV) {
		r = fail_errno("move", from, fault);
	} else {
		r = copy_tree(ops, from, target, 0, fault);
		if (!r)
			r = file_ops_delete_folder(from, false, fault);
	}
	free(target);
	return r;
}

static int remove_tree(const char *path, struct fault *fault)
{
	struct err err;

	if (dir_remove(path, &err))
		return fault_set(fault, DTS_ERROR_WITH_MESSAGE, "%s%s%s.", err.primary, *err.detail ? ": " : "",
		    err.detail);
	return 0;
}

int file_ops_delete_folder(const char *path, bool only_content, struct fault *fault)
{
	const struct dirent *entry;
	DIR *dir = opendir(path);
	int r = 0;

	if (!dir)
		return fail_errno("read", path, fault);
	while (only_content && !r && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		char *inside = path_join(path, entry->d_name);
		r = remove_tree(inside, fault);
		free(inside);
	}
	closedir(dir);
	return only_content ? r : remove_tree(path, fault);
}

int file_ops_set_attributes(const char *path, const char *attributes, bool *ret_ignored,
    struct fault *fault)
{
	struct stat st;
	bool read_only = false, ignored = false;
	mode_t mode;

	if (stat(path, &st))
		return fail_errno("change", path, fault);
	for (const char *at = attributes; *at;) {
		size_t len = strcspn(at, ", |");
		if (!utf8_ncasecmp(at, len, "ReadOnly", 8))
			read_only = true;
		else if (len && utf8_ncasecmp(at, len, "Normal", 6))
			ignored = true;
		at += len;
		at += strspn(at, ", |");
	}
	mode = read_only ? st.st_mode & ~(mode_t)0222 : st.st_mode | 0200;
	*ret_ignored = ignored;
	return chmod(path, mode & 07777) ? fail_errno("change", path, fault) : 0;
}
