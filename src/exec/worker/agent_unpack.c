/* SPDX-License-Identifier: MIT */
/*
 * Unpacking a project, in a process of its own: a large one takes seconds, in
 * which the agent answers the master and looks after its tasks. The process
 * verifies the archive, unpacks it into a temporary folder, brings it onto the disk and gives
 * it its name; killed at any moment, it leaves only a folder that nobody uses and that
 * goes to the trash. It ends with its agent.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sha2.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/uuid.h"
#include "exec/worker/agent_private.h"

#define TEMPORARY_END ".tmp"

struct unpacker {
	pid_t pid;
	int said;           /* what it says when it fails: a struct err */
	char *hash;
	char temporary[96]; /* its folder's name in projects/ */
};

static bool hash_matches(const void *data, size_t len, const char *hash)
{
	char text[SHA256_DIGEST_STRING_LENGTH];

	return strcmp(SHA256Data(data, len, text), hash) == 0;
}

static int unpack(const struct agent *agent, int archive, size_t len, const char *hash, const char *temporary,
    struct err *err)
{
	void *data = len ? mmap(NULL, len, PROT_READ, MAP_PRIVATE, archive, 0) : MAP_FAILED;

	if (data == MAP_FAILED)
		return err_set(err, ERR_IO, "cannot read the project that was sent");
	if (!hash_matches(data, len, hash))
		return err_set(err, ERR_INVALID, "the project that was sent is damaged: its hash is another");
	if (mkdir(temporary, 0700) < 0)
		return err_set_errno(err, errno, "cannot make %s", temporary);
	return agent->options->unpack(data, len, temporary, err);
}

/* Once per version: everything is on the disk before the name is. */
static int publish(const char *spool, const char *temporary, const char *folder, struct err *err)
{
	int fd = open(temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd) < 0 || (rename(temporary, folder) < 0 && errno != EEXIST && errno != ENOTEMPTY))
		return err_set_errno(err, errno, "cannot store a project in %s", spool);
	dir_sync(spool);
	return 0;
}

/* Nothing of the agent's stays open: neither its connection nor its fork server's. */
static bool let_go(pid_t agent, int archive, int say)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int high[] = { fcntl(archive, F_DUPFD_CLOEXEC, 64), fcntl(say, F_DUPFD_CLOEXEC, 64) };

	for (int i = 0; i <= STDERR_FILENO; i++) {
		if (null < 0 || dup2(null, i) < 0)
			return false;
	}
	if (high[0] < 0 || high[1] < 0 || dup2(high[0], 3) < 0 || dup2(high[1], 4) < 0 || close_range(5, ~0u, 0) < 0)
		return false;
	prctl(PR_SET_NAME, "scaleout-unpack");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return getppid() == agent;
}

static _Noreturn void unpack_main(const struct agent *agent, const struct unpacker *u, pid_t parent, int archive,
    size_t len, int say)
{
	char *temporary = xasprintf("%s/projects/%s", agent->spool.path, u->temporary);
	char *folder = agent_project_path(agent, u->hash);
	struct err err = { 0 };

	if (!let_go(parent, archive, say))
		_exit(1);
	int r = unpack(agent, 3, len, u->hash, temporary, &err);
	if (r == 0)
		r = publish(agent->spool.path, temporary, folder, &err);
	if (r < 0) {
		/* Room first: the disk may be full. */
		dir_remove(temporary, NULL);
		fd_write_full(4, &err, sizeof(err));
	}
	_exit(r < 0);
}

int agent_unpack_begin(struct agent *agent, const char *hash, int archive, size_t len, struct err *err)
{
	struct unpacker *u = xcalloc(1, sizeof(*u));
	pid_t parent = getpid();
	uint64_t nonce;
	int ends[2];

	random_bytes(&nonce, sizeof(nonce));
	snprintf(u->temporary, sizeof(u->temporary), ".%s.%016" PRIx64 TEMPORARY_END, hash, nonce);
	u->hash = xstrdup(hash);
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		int r = err_set_errno(err, errno, "cannot unpack the project");
		free(u->hash);
		free(u);
		return r;
	}
	u->said = ends[0];
	u->pid = fork();
	if (u->pid == 0)
		unpack_main(agent, u, parent, archive, len, ends[1]);
	int code = errno;
	close(ends[1]);
	if (u->pid > 0) {
		vec_push(&agent->unpackers, u);
		return 0;
	}
	close(u->said);
	free(u->hash);
	free(u);
	return err_set_errno(err, code, "cannot unpack the project");
}

/* Away with it by one rename: a process that should still write into it finds nothing any more. */
static void discard(struct agent *agent, const char *name)
{
	if (renameat(agent->spool.projects, name, agent->spool.trash, name) == 0)
		agent->trash = true;
}

static void tell(struct agent *agent, const struct unpacker *u, int status)
{
	struct err err = { 0 };

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		json_t *head = frame_head(MESSAGE_HAVE);
		json_object_set_new(head, "project", json_string(u->hash));
		agent_send(agent, head, NULL, 0);
		return;
	}
	discard(agent, u->temporary);
	if (read(u->said, &err, sizeof(err)) != (ssize_t)sizeof(err))
		err_set(&err, ERR_IO, "the process that unpacks the project was ended by signal %d",
		    WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	agent_send_refused(agent, "project", u->hash, &err);
}

bool agent_unpack_ended(struct agent *agent, pid_t pid, int status)
{
	for (size_t i = 0; i < agent->unpackers.len; i++) {
		struct unpacker *u = agent->unpackers.items[i];
		if (u->pid != pid)
			continue;
		tell(agent, u, status);
		agent->unpackers.items[i] = agent->unpackers.items[--agent->unpackers.len];
		close(u->said);
		free(u->hash);
		free(u);
		return true;
	}
	return false;
}

void agent_unpack_adopt(struct agent *agent)
{
	DIR *dir = agent_projects_open(agent);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name), end = strlen(TEMPORARY_END);
		if (entry->d_name[0] == '.' && len > end && strcmp(entry->d_name + len - end, TEMPORARY_END) == 0)
			discard(agent, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

void agent_unpack_free(struct agent *agent)
{
	for (size_t i = 0; i < agent->unpackers.len; i++) {
		close(agent->unpackers.items[i]->said);
		free(agent->unpackers.items[i]->hash);
		free(agent->unpackers.items[i]);
	}
	vec_release(&agent->unpackers);
}
