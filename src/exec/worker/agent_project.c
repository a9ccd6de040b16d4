/* SPDX-License-Identifier: MIT */
/*
 * The project cache: an archive arrives in chunks, its hash is verified, it is
 * unpacked into a temporary folder and renamed (agent_unpack.c). A folder under its hash is
 * therefore whole and genuine, and never changes. The least recently used
 * ones go when there are many.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/uuid.h"
#include "exec/worker/agent_private.h"

#define ARCHIVE_MAX ((int64_t)256 * 1024 * 1024) /* package/project.h */
#define PROJECTS_MAX 64

bool agent_project_held(const struct agent *agent, const char *hash)
{
	struct stat st;

	if (fstatat(agent->spool.projects, hash, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return false;
	/* Its time tells the clean-up when it was used last. */
	if (time(NULL) - st.st_mtime > 60)
		utimensat(agent->spool.projects, hash, NULL, AT_SYMLINK_NOFOLLOW);
	return true;
}

char *agent_project_path(const struct agent *agent, const char *hash)
{
	return xasprintf("%s/projects/%s", agent->spool.path, hash);
}

DIR *agent_projects_open(const struct agent *agent)
{
	int fd = openat(agent->spool.projects, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

json_t *agent_project_list(const struct agent *agent)
{
	json_t *list = json_array();
	DIR *dir = agent_projects_open(agent);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (project_hash_valid(entry->d_name))
			json_array_append_new(list, json_string(entry->d_name));
	}
	if (dir)
		closedir(dir);
	return list;
}

static bool in_use(const struct agent *agent, const char *hash)
{
	for (size_t i = 0; i < agent->tasks.len; i++) {
		char *job = task_file_read(agent->tasks.items[i]->dir, "job", 4096);
		bool found = job && strstr(job, hash);
		free(job);
		if (found)
			return true;
	}
	return false;
}

/* Remove the project that was not used for the longest time, when there are too many. */
static void make_room(struct agent *agent)
{
	char oldest[65] = "";
	time_t oldest_time = 0;
	int count = 0;
	struct dirent *entry;
	struct stat st;
	DIR *dir = agent_projects_open(agent);

	while (dir && (entry = readdir(dir))) {
		if (!project_hash_valid(entry->d_name) ||
		    fstatat(agent->spool.projects, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		count++;
		if ((!*oldest || st.st_mtime < oldest_time) && !in_use(agent, entry->d_name)) {
			memcpy(oldest, entry->d_name, sizeof(oldest));
			oldest_time = st.st_mtime;
		}
	}
	if (dir)
		closedir(dir);
	if (count >= PROJECTS_MAX && *oldest && renameat(agent->spool.projects, oldest, agent->spool.trash, oldest) == 0)
		agent->trash = true;
}

static void incoming_close(struct agent *agent)
{
	if (agent->incoming_fd >= 0)
		close(agent->incoming_fd);
	agent->incoming_fd = -1;
	free(agent->incoming);
	agent->incoming = NULL;
}

/* A file without a name takes the archive: nothing to clean up, whatever happens. */
static int incoming_open(struct agent *agent, const char *hash, struct err *err)
{
	char name[48];
	uint64_t nonce;

	incoming_close(agent);
	random_bytes(&nonce, sizeof(nonce));
	snprintf(name, sizeof(name), ".in.%016" PRIx64, nonce);
	agent->incoming_fd = openat(agent->spool.projects, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (agent->incoming_fd < 0)
		return err_set_errno(err, errno, "cannot store a project in %s", agent->spool.path);
	unlinkat(agent->spool.projects, name, 0);
	agent->incoming = xstrdup(hash);
	return 0;
}

static int put_chunk(struct agent *agent, const struct frame *frame, const char *hash, bool *ret_done,
    struct err *err)
{
	int64_t offset = frame_int(frame, "offset", -1), total = frame_int(frame, "total", -1);
	int64_t end = offset + (int64_t)frame->blob_len;

	if (total < 0 || total > ARCHIVE_MAX || offset < 0 || offset > total || end > total)
		return err_set(err, ERR_INVALID, "a project chunk is out of range");
	if (offset == 0) {
		int r = incoming_open(agent, hash, err);
		if (r < 0)
			return r;
	}
	if (!agent->incoming || strcmp(agent->incoming, hash) != 0)
		return err_set(err, ERR_INVALID, "a project chunk came without its beginning");
	if (frame->blob_len && pwrite(agent->incoming_fd, frame->blob, frame->blob_len, offset) !=
		(ssize_t)frame->blob_len)
		return err_set_errno(err, errno, "cannot store a project in %s", agent->spool.path);
	*ret_done = end == total;
	if (end < total)
		return 0;
	make_room(agent);
	return agent_unpack_begin(agent, hash, agent->incoming_fd, (size_t)total, err);
}

void agent_on_put(struct agent *agent, const struct frame *frame)
{
	const char *hash = frame_text(frame, "project", "");
	struct err err = { 0 };
	bool done = false;
	int r;

	if (!project_hash_valid(hash))
		r = err_set(&err, ERR_INVALID, "a project chunk has no hash");
	else
		r = put_chunk(agent, frame, hash, &done, &err);
	if (r < 0)
		agent_send_refused(agent, "project", hash, &err);
	if (r < 0 || done)
		incoming_close(agent);
}
