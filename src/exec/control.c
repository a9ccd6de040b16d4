/* SPDX-License-Identifier: MIT */
/* The client's end of the control socket, and starting a master when none answers. */
#include "exec/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "exec/control_private.h"
#include "exec/program.h"

#define ANSWER_MAX ((size_t)4 * 1024 * 1024)
#define ANSWER_WAIT_MS 5000
#define LOG_TAIL 600
#define SAID_MAX 2000

int control_address(const char *path, struct sockaddr_un *ret, int *ret_folder, struct err *err)
{
	int r = 0;
	char *full = xasprintf("%s.sock", path);
	char *folder = path_dirname(full);
	char *short_form = NULL;

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*ret_folder = -1;
	if (strlen(full) >= sizeof(ret->sun_path)) {
		*ret_folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (*ret_folder < 0) {
			r = err_set_errno(err, errno, "cannot open %s", folder);
			goto out;
		}
		short_form = xasprintf("/proc/self/fd/%d/%s", *ret_folder, path_basename(full));
	}
	const char *use = short_form ? short_form : full;
	if (strlen(use) >= sizeof(ret->sun_path)) {
		r = err_set(err, ERR_LIMIT, "the name of the catalog %s is too long for its control socket", path);
		close(*ret_folder);
		*ret_folder = -1;
	} else {
		memcpy(ret->sun_path, use, strlen(use) + 1);
	}
out:
	free(short_form);
	free(folder);
	free(full);
	return r;
}

/* A connected socket, or negative: ERR_NOT_FOUND when no master listens. */
static int control_connect(const char *path, int *ret_fd, struct err *err)
{
	struct sockaddr_un address;
	int folder;

	int r = control_address(path, &address, &folder, err);
	if (r < 0)
		return r;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int code = errno;
		if (fd >= 0)
			close(fd);
		if (code == EACCES || code == EPERM)
			r = err_set(err, ERR_DENIED, "the master of this catalog belongs to another account");
		else if (code == EAGAIN)
			r = err_set(err, ERR_BUSY, "the master of this catalog is busy");
		else
			r = err_set(err, ERR_NOT_FOUND, "no master runs for this catalog");
	} else {
		*ret_fd = fd;
	}
	if (folder >= 0)
		close(folder);
	return r;
}

static void pause_ms(int ms)
{
	struct timespec pause = { .tv_nsec = ms * 1000000L };

	nanosleep(&pause, NULL);
}

/* Send a request and read the answer's line. */
static int control_ask(const char *path, const char *request, int wait_ms, struct buf *ret, struct err *err)
{
	int64_t deadline = clock_mono_ms() + wait_ms;
	int fd = -1;

	/* Its backlog may be full for a moment, as when a script has started a thousand executions. */
	int r = control_connect(path, &fd, err);
	while (r == -ERR_BUSY && clock_mono_ms() < deadline) {
		pause_ms(5);
		r = control_connect(path, &fd, err);
	}
	if (r < 0)
		return r;
	ssize_t sent = send(fd, request, strlen(request), MSG_NOSIGNAL);
	buf_set_limit(ret, ANSWER_MAX);
	while (sent >= 0 && !memchr(ret->data, '\n', ret->len) && !ret->overflow) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - clock_mono_ms();
		char data[4096];
		if (left <= 0 || poll(&wait, 1, (int)left) <= 0) {
			r = err_set(err, ERR_TIMEOUT, "the master does not answer");
			break;
		}
		ssize_t n = read(fd, data, sizeof(data));
		if (n <= 0)
			break;
		buf_add(ret, data, (size_t)n);
	}
	if (r == 0 && ret->len == 0)
		r = err_set(err, ERR_NOT_FOUND, "the master went away");
	close(fd);
	return r;
}

static void drop_nudger(struct exec_nudger *nudger)
{
	close(nudger->fd);
	nudger->fd = -1;
}

/* Over the connection there is; false when it cannot be used (any more). */
static bool nudge(struct exec_nudger *nudger)
{
	static const char line[] = "nudge\n";
	ssize_t want = sizeof(line) - 1;

	if (nudger->fd < 0)
		return false;
	ssize_t n = send(nudger->fd, line, (size_t)want, MSG_NOSIGNAL | MSG_DONTWAIT);
	/* A master that has not read the nudges before this one is going to look anyway. */
	if (n == want || (n < 0 && errno == EAGAIN))
		return true;
	drop_nudger(nudger);
	return false;
}

bool exec_master_nudge(struct exec_nudger *nudger, const char *path)
{
	int r;

	if (nudge(nudger))
		return true;
	r = control_connect(path, &nudger->fd, NULL);
	if (r == 0)
		nudge(nudger);
	return r != -ERR_NOT_FOUND;
}

/* A socket whose other end went with something unread in it says so: that is a reset, not an end. */
bool exec_nudger_lost(struct exec_nudger *nudger)
{
	char byte;

	if (nudger->fd < 0)
		return false;
	ssize_t n = recv(nudger->fd, &byte, 1, MSG_DONTWAIT);
	bool lost = n < 0 && errno == ECONNRESET;
	if (n == 0 || lost)
		drop_nudger(nudger);
	return lost;
}

/* The master hangs up when it has read up to our end. */
bool exec_nudger_close(struct exec_nudger *nudger)
{
	struct pollfd end = { .fd = nudger->fd, .events = POLLIN };

	if (nudger->fd < 0)
		return false;
	shutdown(nudger->fd, SHUT_WR);
	poll(&end, 1, ANSWER_WAIT_MS);
	bool lost = exec_nudger_lost(nudger);
	if (nudger->fd >= 0)
		drop_nudger(nudger);
	return lost;
}

int exec_master_status(const char *path, char **ret_json, struct err *err)
{
	struct buf answer = BUF_INIT;

	int r = control_ask(path, "status\n", ANSWER_WAIT_MS, &answer, err);
	if (r == 0) {
		while (answer.len && answer.data[answer.len - 1] == '\n')
			buf_truncate(&answer, answer.len - 1);
		*ret_json = buf_detach(&answer);
	}
	buf_release(&answer);
	return r;
}

/* Whether somebody listens, without waiting, for callers in a hurry: every start of an execution asks. */
static int master_listens(const char *path, struct err *err)
{
	int fd = -1;
	int r = control_connect(path, &fd, err);

	if (r == 0)
		close(fd);
	return r == -ERR_BUSY ? 0 : r;
}

/*
 * Who holds the lock of the catalog: a master from before it is ready until
 * its very end, and who starts one hands it over. Returns false when nobody
 * does; *ret_pid gets the holder's process, 0 until it is ready.
 */
static bool lock_held(const char *path, int *ret_pid)
{
	char *name = xasprintf("%s.lock", path), text[32] = "";
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0;

	if (held)
		*ret_pid = read(fd, text, sizeof(text) - 1) > 0 ? (int)strtol(text, NULL, 10) : 0;
	if (fd >= 0)
		close(fd);
	free(name);
	return held;
}

/* The lock for a master to be started, so that from now on everybody sees one coming; -1 when somebody has it. */
static int take_lock_for_daemon(const char *path)
{
	char *name = xasprintf("%s.lock", path);
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0 && (flock(fd, LOCK_EX | LOCK_NB) < 0 || ftruncate(fd, 0) < 0)) {
		close(fd);
		fd = -1;
	}
	free(name);
	return fd;
}

int exec_master_stop(const char *path, int wait_ms, int *ret_pid, struct err *err)
{
	int64_t deadline = clock_mono_ms() + wait_ms;
	int pid = 0, told = 0, r;

	*ret_pid = 0;
	for (;;) {
		struct buf answer = BUF_INIT;
		bool held = lock_held(path, &pid);
		/* The one that was told has gone, or nobody was there: another that came since is not ours to end. */
		if (told ? !held || pid != told : !held && master_listens(path, NULL) == -ERR_NOT_FOUND) {
			*ret_pid = told;
			return 0;
		}
		r = told ? 0 : control_ask(path, "stop\n", ANSWER_WAIT_MS, &answer, err);
		/* It says who it is: it may have gone before we look at the lock, and another have come. */
		if (r == 0 && !told)
			told = (int)strtol(answer.data, NULL, 10);
		buf_release(&answer);
		/* It does not listen yet, or no more; or it is busy. */
		if (r < 0 && r != -ERR_NOT_FOUND && r != -ERR_BUSY && r != -ERR_TIMEOUT)
			return r;
		if (clock_mono_ms() >= deadline)
			break;
		pause_ms(5);
	}
	r = told ? err_set(err, ERR_TIMEOUT, "the master (process %d) was told to end, but has not within %d ms", pid, wait_ms) :
		   err_set(err, ERR_TIMEOUT, "the master (process %d) does not answer within %d ms", pid, wait_ms);
	err_hint(err, "look at its log, %s.log; to end it all the same: kill %d (executions on workers run on)", path, pid);
	return r;
}

/*
 * Start the daemon as nobody's child of ours: no zombie is left to a caller
 * that runs on. What it says until it is ready goes to say (-1: to nobody).
 * It gets the catalog's lock from us, where nobody has it; else it waits for
 * one that is leaving.
 */
static int start_daemon(const char *path, const char *program, int say, struct err *err)
{
	char *full = path_absolute(path);
	char *argv[] = { (char *)program, (char *)"--catalog", full, NULL, NULL, NULL };
	int status = 0, lock = take_lock_for_daemon(path);

	if (lock >= 0) {
		argv[3] = (char *)"--lock-fd";
		argv[4] = (char *)"3";
	}
	pid_t pid = fork();

	if (pid == 0) {
		posix_spawn_file_actions_t actions;
		pid_t daemon;
		setsid();
		posix_spawn_file_actions_init(&actions);
		for (int i = 0; i < 3; i++)
			posix_spawn_file_actions_addopen(&actions, i, "/dev/null", O_RDWR, 0);
		if (say >= 0)
			posix_spawn_file_actions_adddup2(&actions, say, 2);
		if (lock >= 0)
			posix_spawn_file_actions_adddup2(&actions, lock, 3);
		posix_spawn_file_actions_addclosefrom_np(&actions, lock >= 0 ? 4 : 3);
		_exit(posix_spawn(&daemon, program, &actions, NULL, argv, environ) == 0 ? 0 : 1);
	}
	if (lock >= 0)
		close(lock);
	free(full);
	if (pid < 0)
		return err_set_errno(err, errno, "cannot start %s", program);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(err, ERR_IO, "cannot start %s", program);
	return 0;
}

/* The last lines of the master's log as detail. */
static void add_log_tail(const char *path, struct err *err)
{
	char text[LOG_TAIL + 1] = "";
	char *name = xasprintf("%s.log", path);
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);

	if (fd >= 0) {
		ssize_t n = pread(fd, text, LOG_TAIL, size > LOG_TAIL ? size - LOG_TAIL : 0);
		text[n > 0 ? n : 0] = '\0';
		close(fd);
	}
	if (*text)
		err_detail(err, "end of %s:\n%s", name, text);
	free(name);
}

/* 0 when a master answers. A connection alone proves nothing: a master that is being killed still takes some. */
static int master_answers(const char *path, struct err *err)
{
	struct buf answer = BUF_INIT;
	int r = control_ask(path, "ping\n", ANSWER_WAIT_MS, &answer, err);

	buf_release(&answer);
	/* One that is too busy to answer is there all the same. */
	return r == -ERR_BUSY || r == -ERR_TIMEOUT ? 0 : r;
}

bool exec_master_listens(const char *path)
{
	return master_listens(path, NULL) != -ERR_NOT_FOUND;
}

/*
 * Read what a daemon says until it is ready or has given up: then nobody holds
 * the other end any more (a ready one's standard error is its log).
 */
static void listen_to_daemon(int fd, int64_t deadline, struct buf *said)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char data[512];
	int64_t left;

	while (said->len < SAID_MAX && (left = deadline - clock_mono_ms()) > 0 && poll(&wait, 1, (int)left) > 0) {
		ssize_t n = read(fd, data, sizeof(data));
		if (n <= 0)
			return;
		buf_add(said, data, (size_t)n);
	}
}

/* Its lines "scaleoutd: CAUSE" and "hint: REMEDY" as ours. */
static int daemon_failed(const char *said, struct err *err)
{
	static const char name[] = "scaleoutd: ", hint[] = "\nhint: ";
	const char *cause = strncmp(said, name, strlen(name)) == 0 ? said + strlen(name) : said;
	const char *remedy = strstr(cause, hint);

	int r = err_set(err, ERR_IO, "the master cannot start: %.*s", (int)strcspn(cause, "\n"), cause);
	if (remedy)
		err_hint(err, "%.*s", (int)strcspn(remedy + strlen(hint), "\n"), remedy + strlen(hint));
	return r;
}

/* Start one and wait until a master answers; one that gives up has said why. */
static int start_and_wait(const char *path, const char *program, int wait_ms, struct err *err)
{
	int64_t deadline = clock_mono_ms() + wait_ms;
	struct buf said = BUF_INIT;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set_errno(err, errno, "cannot make a pipe");
	int r = start_daemon(path, program, ends[1], err);
	close(ends[1]);
	if (r == 0)
		listen_to_daemon(ends[0], deadline, &said);
	close(ends[0]);
	while (r == 0 && master_answers(path, NULL) != 0) {
		if (said.len) {
			r = daemon_failed(said.data, err);
		} else if (clock_mono_ms() >= deadline) {
			r = err_set(err, ERR_TIMEOUT, "the master does not answer after %d ms", wait_ms);
			add_log_tail(path, err);
		} else {
			pause_ms(5);
		}
	}
	buf_release(&said);
	return r;
}

/* One was started by somebody else, and is not ready yet. */
static bool master_coming(const char *path)
{
	int pid = 0;

	return lock_held(path, &pid) && pid == 0;
}

/* Wait for one that is coming; where there is none, or it gave up, start our own. */
static int wait_or_start(const char *path, const char *program, int wait_ms, struct err *err)
{
	int64_t deadline = clock_mono_ms() + wait_ms;
	int64_t left;

	while (master_coming(path) && (left = deadline - clock_mono_ms()) > 0)
		pause_ms(5);
	if (master_answers(path, NULL) == 0)
		return 0;
	left = deadline - clock_mono_ms();
	return start_and_wait(path, program, left > 0 ? (int)left : 1, err);
}

int exec_master_ensure(const char *path, const char *program, int wait_ms, struct err *err)
{
	char *found = NULL;

	int r = wait_ms > 0 ? master_answers(path, err) : master_listens(path, err);
	if (r != -ERR_NOT_FOUND)
		return r;
	if (!program)
		program = found = program_find("scaleoutd");
	if (!program) {
		err_set(err, ERR_NOT_FOUND, "the master program scaleoutd was not found");
		err_hint(err, "it belongs beside scaleout");
		return -ERR_NOT_FOUND;
	}
	r = wait_ms > 0 ? wait_or_start(path, program, wait_ms, err) :
	    master_coming(path) ? 0 :
				  start_daemon(path, program, -1, err);
	free(found);
	if (r == 0)
		err_clear(err);
	return r;
}
