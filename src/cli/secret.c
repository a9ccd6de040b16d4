/* SPDX-License-Identifier: MIT */
/* One line from a descriptor, without stdio, whose buffers nobody would wipe. */
#include "cli/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
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
