/* SPDX-License-Identifier: MIT */
/*
 * The stream is one of fopencookie's: text is gathered until it has more lines
 * than the screen, then the pager is started and gets everything from then on.
 * It is started without a shell: $PAGER is cut at blanks.
 */
#include "cli/sql_pager.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/sql_spawn.h"

/* Most that is held back; a row may be wider than any screen. */
#define HELD_MAX ((size_t)4 * 1024 * 1024)

struct sql_pager {
	FILE *terminal, *stream;
	char *command;
	struct buf held;
	size_t lines;   /* in held */
	pid_t pid;      /* 0 = not started */
	int fd;         /* to the pager */
	bool left;      /* the user has gone */
	bool useless;   /* it could not be started: print plainly */
	struct sigaction pipe_action; /* as it was before the pager */
};

static void get_screen(int fd, size_t *ret_lines, size_t *ret_columns)
{
	struct winsize size;
	bool known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 1 && size.ws_col > 0;

	*ret_lines = known ? (size_t)size.ws_row - 1 : 23;
	*ret_columns = known ? size.ws_col : 80;
}

static bool start(struct sql_pager *p)
{
	int ends[2];
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	setenv("LESS", "FRSX", 0);
	fflush(p->terminal);
	p->pid = sql_spawn(p->command, NULL, ends[0]);
	close(ends[0]);
	if (p->pid <= 0) {
		close(ends[1]);
		p->pid = 0;
		return false;
	}
	p->fd = ends[1];
	sigaction(SIGPIPE, &ignore, &p->pipe_action);
	return true;
}

static void to_terminal(struct sql_pager *p)
{
	fwrite(p->held.data, 1, p->held.len, p->terminal);
	fflush(p->terminal);
	buf_clear(&p->held);
	p->lines = 0;
}

static bool to_pager(struct sql_pager *p, const char *data, size_t len)
{
	if (!p->left && fd_write_full(p->fd, data, len) < 0)
		p->left = true;
	return !p->left;
}

static ssize_t on_write(void *cookie, const char *data, size_t len)
{
	struct sql_pager *p = cookie;
	size_t lines, columns, line = 0;

	if (p->pid)
		return to_pager(p, data, len) ? (ssize_t)len : 0;
	buf_add(&p->held, data, len);
	get_screen(fileno(p->terminal), &lines, &columns);
	for (size_t i = 0; i < len; i++) {
		line = data[i] == '\n' ? 0 : line + 1;
		p->lines += data[i] == '\n' || line % columns == 0;
	}
	if (p->useless) {
		to_terminal(p);
	} else if (p->lines > lines || p->held.len > HELD_MAX) {
		p->useless = !start(p);
		if (p->useless)
			to_terminal(p);
		else
			to_pager(p, p->held.data, p->held.len);
		buf_clear(&p->held);
	}
	return p->left ? 0 : (ssize_t)len;
}

struct sql_pager *sql_pager_new(FILE *terminal, const char *command)
{
	struct sql_pager *p = xcalloc(1, sizeof(*p));
	const char *wanted = command ? command : getenv("PAGER");

	p->terminal = terminal;
	p->command = xstrdup(wanted && *wanted ? wanted : "less");
	buf_init(&p->held);
	p->stream = fopencookie(p, "w", (cookie_io_functions_t){ .write = on_write });
	if (p->stream)
		setvbuf(p->stream, NULL, _IOLBF, 0);
	return p;
}

void sql_pager_free(struct sql_pager *p)
{
	if (!p)
		return;
	sql_pager_finish(p);
	if (p->stream)
		fclose(p->stream);
	buf_release(&p->held);
	free(p->command);
	free(p);
}

FILE *sql_pager_stream(struct sql_pager *p)
{
	return p->stream ? p->stream : p->terminal;
}

void sql_pager_settle(struct sql_pager *p)
{
	if (p->stream)
		fflush(p->stream);
	if (!p->pid)
		to_terminal(p);
}

bool sql_pager_finish(struct sql_pager *p)
{
	bool left = p->left;

	sql_pager_settle(p);
	if (p->pid) {
		close(p->fd);
		sql_spawn_wait(p->pid);
		sigaction(SIGPIPE, &p->pipe_action, NULL);
		left = p->left;
		p->pid = 0;
		p->left = false;
	}
	if (p->stream)
		clearerr(p->stream);
	p->lines = 0;
	return left;
}
