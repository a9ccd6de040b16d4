/* SPDX-License-Identifier: MIT */
/* Whole-file and folder helpers; the only place that walks a tree to delete it. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/account.h"
#include "base/mem.h"

#define READ_STEP 4096 /* of what does not know its size */

ssize_t fd_read_full(int fd, void *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, (char *)data + done, len - done);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int fd_write_full(int fd, const void *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(fd, (const char *)data + done, len - done);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		done += (size_t)n;
	}
	return 0;
}

int fd_set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;
	return fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

int fd_read_all(int fd, size_t max, struct buf *ret)
{
	size_t total = 0;
	struct stat st;

	/* One byte more, to see the end. */
	if (fstat(fd, &st) == 0 && st.st_size > 0 && (size_t)st.st_size <= max)
		buf_reserve(ret, (size_t)st.st_size + 1);
	for (;;) {
		if (!buf_reserve(ret, ret->cap > ret->len + 1 ? 1 : READ_STEP)) {
			errno = EFBIG;
			return -1;
		}
		ssize_t n = read(fd, ret->data + ret->len, ret->cap - ret->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		ret->len += (size_t)n;
		ret->data[ret->len] = '\0';
		total += (size_t)n;
		if (total > max) {
			errno = EFBIG;
			return -1;
		}
	}
}

int file_read(const char *path, size_t max, struct buf *ret, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		int code = errno;
		err_set_errno(err, code, "cannot open %s", path);
		if (err && code == ENOENT)
			err->code = ERR_NOT_FOUND;
		return code == ENOENT ? -ERR_NOT_FOUND : -ERR_IO;
	}
	int r = fd_read_all(fd, max, ret);
	if (r < 0 && errno == EFBIG)
		r = err_set(err, ERR_LIMIT, "%s is larger than %zu bytes", path, max);
	else if (r < 0)
		r = err_set_errno(err, errno, "cannot read %s", path);
	close(fd);
	return r;
}

int dir_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	int r = fsync(fd);
	close(fd);
	return r;
}

int file_write_atomic(const char *path, const void *data, size_t len, mode_t mode, bool sync,
    struct err *err)
{
	char *folder = path_dirname(path);
	char *temp = xasprintf("%s.XXXXXX", path);
	int r = -ERR_IO;
	int fd = mkostemp(temp, O_CLOEXEC);

	if (fd < 0) {
		r = err_set_errno(err, errno, "cannot create %s", temp);
		goto out;
	}
	if (fchmod(fd, mode) < 0 || fd_write_full(fd, data, len) < 0 || (sync && fsync(fd) < 0)) {
		r = err_set_errno(err, errno, "cannot write %s", path);
		goto out_unlink;
	}
	if (rename(temp, path) < 0) {
		r = err_set_errno(err, errno, "cannot replace %s", path);
		goto out_unlink;
	}
	if (sync && dir_sync(folder) < 0) {
		r = err_set_errno(err, errno, "cannot sync %s", folder);
		goto out;
	}
	r = 0;
	goto out;
out_unlink:
	unlink(temp);
out:
	if (fd >= 0)
		close(fd);
	free(temp);
	free(folder);
	return r;
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

int dir_make(const char *path, mode_t mode, struct err *err)
{
	char *copy = xstrdup(path);
	int r = 0;

	for (char *at = copy + 1; r == 0; at++) {
		if (*at != '/' && *at != '\0')
			continue;
		char saved = *at;
		*at = '\0';
		if (mkdir(copy, mode) < 0 && errno != EEXIST) {
			struct stat st;
			int code = errno;
			if (stat(copy, &st) < 0 || !S_ISDIR(st.st_mode))
				r = err_set_errno(err, code, "cannot create folder %s", copy);
		}
		*at = saved;
		if (!saved)
			break;
	}
	free(copy);
	return r;
}

/* Remove everything inside the folder behind fd; closes fd. */
static int remove_inside(int fd, int depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		close(fd);
		return -1;
	}
	while (r == 0 && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) == 0 || errno == ENOENT)
			continue;
		if (errno != EISDIR && errno != EPERM) {
			r = -1;
			break;
		}
		int sub = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0 || depth > 200) {
			if (sub >= 0)
				close(sub);
			r = -1;
			break;
		}
		r = remove_inside(sub, depth + 1);
		if (r == 0 && unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR) < 0)
			r = -1;
	}
	int code = errno;
	closedir(dir);
	errno = code;
	return r;
}

int dir_remove(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0) {
		if (errno == ENOENT || ((errno == ENOTDIR || errno == ELOOP) && unlink(path) == 0))
			return 0;
		return err_set_errno(err, errno, "cannot remove %s", path);
	}
	if (remove_inside(fd, 0) < 0 || rmdir(path) < 0)
		return err_set_errno(err, errno, "cannot remove %s", path);
	return 0;
}

char *path_join(const char *folder, const char *name)
{
	size_t len = strlen(folder);

	while (len > 1 && folder[len - 1] == '/')
		len--;
	if (len == 1 && folder[0] == '/')
		len = 0;
	return xasprintf("%.*s/%s", (int)len, folder, name);
}

const char *path_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *path_dirname(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	if (slash == path)
		return xstrdup("/");
	return xstrndup(path, (size_t)(slash - path));
}

char *path_absolute(const char *path)
{
	char cwd[PATH_MAX];

	if (path[0] == '/' || !getcwd(cwd, sizeof(cwd)))
		return xstrdup(path);
	return path_join(cwd, path);
}

static char *home_folder(void)
{
	const char *home = getenv("HOME");

	return xstrdup(home && home[0] == '/' ? home : account_self()->home);
}

static char *xdg_folder(const char *variable, const char *fallback)
{
	const char *base = getenv(variable);

	if (base && base[0] == '/')
		return path_join(base, "scaleout");
	char *home = home_folder();
	char *under = path_join(home, fallback);
	char *result = path_join(under, "scaleout");
	free(under);
	free(home);
	return result;
}

char *path_data_home(void)
{
	return xdg_folder("XDG_DATA_HOME", ".local/share");
}

char *path_state_home(void)
{
	return xdg_folder("XDG_STATE_HOME", ".local/state");
}

char *path_config_home(void)
{
	return xdg_folder("XDG_CONFIG_HOME", ".config");
}

char *path_runtime_dir(void)
{
	const char *base = getenv("XDG_RUNTIME_DIR");

	if (base && base[0] == '/')
		return path_join(base, "scaleout");
	char *state = path_state_home();
	char *result = path_join(state, "run");
	free(state);
	return result;
}
