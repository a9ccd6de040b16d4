/* SPDX-License-Identifier: MIT */
/* forkpty and libvterm; see pty.h. */
#include "tests/tui/pty.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vterm.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

struct pty {
	int fd, width, height;
	pid_t pid;
	bool ended;
	VTerm *vterm;
	VTermScreen *screen;
	struct buf output;
};

static void run_child(char *const argv[], const char *term)
{
	setenv("TERM", term, 1);
	setenv("LC_ALL", getenv("SO_TEST_LOCALE") ? getenv("SO_TEST_LOCALE") : "C.UTF-8", 1);
	setenv("TZ", "UTC", 1);
	unsetenv("NO_COLOR");
	unsetenv("TMUX");
	unsetenv("ESCDELAY");
	execv(argv[0], argv);
	_exit(127);
}

struct pty *pty_start(char *const argv[], const char *term, int width, int height)
{
	struct winsize size = { .ws_row = (unsigned short)height, .ws_col = (unsigned short)width };
	struct pty *pty = xcalloc(1, sizeof(*pty));

	buf_init(&pty->output);
	pty->width = width;
	pty->height = height;
	pty->pid = forkpty(&pty->fd, NULL, NULL, &size);
	if (pty->pid == 0)
		run_child(argv, term);
	if (pty->pid < 0) {
		free(pty);
		return NULL;
	}
	fd_set_nonblock(pty->fd, true);
	pty->vterm = vterm_new(height, width);
	vterm_set_utf8(pty->vterm, 1);
	pty->screen = vterm_obtain_screen(pty->vterm);
	vterm_screen_enable_altscreen(pty->screen, 1);
	vterm_screen_reset(pty->screen, 1);
	return pty;
}

pid_t pty_pid(const struct pty *pty)
{
	return pty->pid;
}

const struct buf *pty_output(const struct pty *pty)
{
	return &pty->output;
}

void pty_send(struct pty *pty, const char *keys)
{
	fd_write_full(pty->fd, keys, strlen(keys));
}

void pty_resize(struct pty *pty, int width, int height)
{
	struct winsize size = { .ws_row = (unsigned short)height, .ws_col = (unsigned short)width };

	/* Nothing drawn for the old size may be on its way: libvterm dies of a wide character at the edge of a screen that became narrower. */
	pty_rest(pty, 20);
	pty->width = width;
	pty->height = height;
	vterm_set_size(pty->vterm, height, width);
	ioctl(pty->fd, TIOCSWINSZ, &size);
}

/* Take what is there, waiting at most timeout_ms for the first byte. Bytes taken. */
static size_t take(struct pty *pty, int timeout_ms)
{
	struct pollfd fd = { .fd = pty->fd, .events = POLLIN };
	char bytes[4096];
	size_t total = 0;
	ssize_t got;

	if (pty->ended || poll(&fd, 1, timeout_ms) <= 0)
		return 0;
	while ((got = read(pty->fd, bytes, sizeof(bytes))) > 0) {
		buf_add(&pty->output, bytes, (size_t)got);
		vterm_input_write(pty->vterm, bytes, (size_t)got);
		total += (size_t)got;
	}
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		pty->ended = true;
	return total;
}

void pty_screen(const struct pty *pty, struct buf *ret)
{
	for (int y = 0; y < pty->height; y++) {
		size_t end = ret->len;

		for (int x = 0; x < pty->width;) {
			VTermScreenCell cell;
			char bytes[4];

			vterm_screen_get_cell(pty->screen, (VTermPos){ .row = y, .col = x }, &cell);
			for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
				buf_add(ret, bytes, utf8_put(cell.chars[i], bytes));
			if (cell.chars[0] && cell.chars[0] != ' ')
				end = ret->len;
			else if (!cell.chars[0])
				buf_addc(ret, ' ');
			x += cell.width > 0 ? cell.width : 1;
		}
		buf_truncate(ret, end);
		buf_addc(ret, '\n');
	}
}

bool pty_wait(struct pty *pty, const char *text, bool gone, int timeout_ms)
{
	int64_t deadline = clock_mono_ms() + timeout_ms;

	for (;;) {
		struct buf screen = BUF_INIT;
		bool found;

		pty_screen(pty, &screen);
		found = strstr(screen.data, text) != NULL;
		buf_release(&screen);
		if (found != gone)
			return true;
		if (pty->ended || clock_mono_ms() > deadline)
			return false;
		take(pty, 20);
	}
}

size_t pty_settle(struct pty *pty, int quiet_ms, long *ret_last_us)
{
	int64_t start = clock_mono_us(), last = start;
	size_t total = 0, got;

	while ((got = take(pty, quiet_ms)) > 0) {
		total += got;
		last = clock_mono_us();
	}
	if (ret_last_us)
		*ret_last_us = (long)(last - start);
	return total;
}

/* Whether every thread of the program sleeps. */
static bool at_rest(const struct pty *pty)
{
	char *path = xasprintf("/proc/%d/task", (int)pty->pid);
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool rest = true;

	while (rest && dir && (entry = readdir(dir))) {
		char *stat = xasprintf("%s/%s/stat", path, entry->d_name);
		struct buf text = BUF_INIT;

		/* "PID (NAME) STATE ...": a thread that has gone in the meantime has no state. */
		if (entry->d_name[0] != '.' && file_read(stat, 4096, &text, NULL) == 0) {
			const char *end = strrchr(text.data, ')');
			rest = !end || end[2] == 'S' || end[2] == 'Z' || end[2] == 'X';
		}
		buf_release(&text);
		free(stat);
	}
	if (dir)
		closedir(dir);
	free(path);
	return rest;
}

size_t pty_rest(struct pty *pty, int quiet_ms)
{
	size_t total = 0, got;

	while ((got = take(pty, quiet_ms)) > 0 || (!pty->ended && !at_rest(pty)))
		total += got;
	return total;
}

int pty_join(struct pty *pty, int timeout_ms)
{
	int64_t deadline = clock_mono_ms() + timeout_ms;
	int status;

	while (pty->pid > 0 && clock_mono_ms() < deadline) {
		take(pty, 5);
		if (waitpid(pty->pid, &status, WNOHANG) == pty->pid) {
			take(pty, 0);
			pty->pid = 0;
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		}
		if (pty->ended)
			poll(NULL, 0, 2);
	}
	return -1;
}

void pty_free(struct pty *pty)
{
	if (!pty)
		return;
	if (pty->pid > 0) {
		kill(pty->pid, SIGTERM);
		if (pty_join(pty, 3000) < 0 && pty->pid > 0) {
			kill(pty->pid, SIGKILL);
			waitpid(pty->pid, NULL, 0);
		}
	}
	close(pty->fd);
	vterm_free(pty->vterm);
	buf_release(&pty->output);
	free(pty);
}
