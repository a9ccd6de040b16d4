/* SPDX-License-Identifier: MIT */
/* One line from a descriptor, without stdio, whose buffers nobody would wipe. */
#include "cli/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"

#define SECRET_MAX 4096

int cli_read_secret(const struct cli_args *args, const char *option, struct buf *ret)
{
	const char *path = cli_opt(args, option);
	char text[SECRET_MAX + 1];
	struct err err;
	int status = CLI_OK;
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : fd_read_full(fd, text, sizeof(text));

	if (len < 0) {
		err_set_errno(&err, errno, "%s", path);
		status = cli_fail(&err);
		goto out;
	}
	size_t line = 0;
	while (line < (size_t)len && text[line] != '\n' && text[line] != '\0')
		line++;
	if (line > 0 && text[line - 1] == '\r')
		line--;
	if (line == 0)
		status = cli_usage(args, "--%s: the first line is empty", option);
	else if (line >= SECRET_MAX)
		status = cli_usage(args, "--%s: the first line is longer than %d bytes", option, SECRET_MAX - 1);
	else
		buf_add(ret, text, line);
out:
	mem_wipe(text, sizeof(text));
	if (fd > STDIN_FILENO)
		close(fd);
	return status;
}

/* --- from the terminal --- */

/* Wait for a line or one of the signals; false for a signal, which stays pending. */
static bool wait_for_line(int tty, const sigset_t *set)
{
	int signals = signalfd(-1, set, SFD_CLOEXEC);
	struct pollfd fds[] = { { .fd = tty, .events = POLLIN }, { .fd = signals, .events = POLLIN } };
	int ready;

	while ((ready = poll(fds, ARRAY_LEN(fds), -1)) < 0 && errno == EINTR)
		;
	if (signals >= 0)
		close(signals);
	return ready > 0 && fds[1].revents == 0;
}

/* With echo off and the signals held back: those that came are delivered when the terminal is as it was. */
static ssize_t read_unseen(int tty, const char *prompt, const struct termios *before, char *text, size_t size)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	struct termios quiet = *before;
	sigset_t set, old;
	ssize_t n = -1;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		sigaddset(&set, numbers[i]);
	sigprocmask(SIG_BLOCK, &set, &old);
	quiet.c_lflag &= (tcflag_t)~ECHO;
	tcsetattr(tty, TCSAFLUSH, &quiet);
	dprintf(tty, "%s", prompt);
	if (wait_for_line(tty, &set))
		n = read(tty, text, size);
	tcsetattr(tty, TCSAFLUSH, before);
	dprintf(tty, "\n");
	sigprocmask(SIG_SETMASK, &old, NULL);
	return n;
}

bool cli_ask_secret(const char *prompt, struct buf *ret)
{
	struct termios before;
	char text[SECRET_MAX];
	ssize_t n = -1;
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (tty >= 0 && tcgetattr(tty, &before) == 0)
		n = read_unseen(tty, prompt, &before, text, sizeof(text));
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	if (n > 0)
		buf_add(ret, text, (size_t)n);
	mem_wipe(text, sizeof(text));
	if (tty >= 0)
		close(tty);
	return n > 0;
}
