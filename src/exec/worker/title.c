/* SPDX-License-Identifier: MIT */
/* Overwrites the strings at the top of the stack, which is where the kernel looks for them. */
#include "exec/worker/title.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "exec/worker/straggler.h"

static struct {
	char *text;
	size_t size;
} arguments, cookie_value;

void title_find(int argc, char **argv)
{
	arguments.text = argv[0];
	arguments.size = (size_t)(argv[argc - 1] - argv[0]) + strlen(argv[argc - 1]);
	cookie_value.text = getenv(STRAGGLER_COOKIE);
	cookie_value.size = cookie_value.text ? strlen(cookie_value.text) : 0;
}

/* As much as there is room for; the rest becomes NUL, which ends the string. */
static size_t put(char *to, size_t room, const char *text)
{
	size_t len = strlen(text);

	if (len > room)
		len = room;
	memcpy(to, text, len);
	return len;
}

void title_set(const char *name, char *const *argv, const char *cookie)
{
	size_t at = 0;

	prctl(PR_SET_NAME, name);
	if (arguments.size) {
		memset(arguments.text, '\0', arguments.size);
		for (; *argv && at < arguments.size; argv++)
			at += put(arguments.text + at, arguments.size - at, *argv) + 1;
	}
	if (strlen(cookie) <= cookie_value.size) {
		memset(cookie_value.text, '\0', cookie_value.size);
		put(cookie_value.text, cookie_value.size, cookie);
	}
}
