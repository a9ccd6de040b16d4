/* SPDX-License-Identifier: MIT */
/* Overwrites the strings at the top of the stack, which is where the kernel looks for them. */
#include "exec/worker/title.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "exec/worker/straggler.h"

static struct room {
	char *text;
	size_t size; /* without the NUL of the last string */
} arguments, variables;

/* The strings that lie one behind the other from the first on. */
static struct room strings_in_a_row(char **strings)
{
	struct room room = { strings[0], 0 };

	for (size_t i = 0; strings[i]; i++) {
		if (i && strings[i] != room.text + room.size + 1)
			break;
		room.size = (size_t)(strings[i] - room.text) + strlen(strings[i]);
	}
	return room;
}

bool title_find(int argc, char **argv)
{
	VEC(char *) moved = { 0 };

	if (argc > 0)
		arguments = strings_in_a_row(argv);
	if (environ && environ[0])
		variables = strings_in_a_row(environ);
	for (char **at = environ; at && *at; at++)
		vec_push(&moved, xstrdup(*at));
	vec_push(&moved, NULL);
	environ = moved.items;
	if (argc > 2 && strcmp(argv[argc - 2], TITLE_ROOM_OPTION) == 0)
		memset(argv[argc - 1], '\0', strlen(argv[argc - 1]));
	return variables.size >= TITLE_COOKIE;
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
	if (cookie && sizeof(STRAGGLER_COOKIE) + strlen(cookie) <= variables.size) {
		memset(variables.text, '\0', variables.size);
		at = put(variables.text, variables.size, STRAGGLER_COOKIE "=");
		put(variables.text + at, variables.size - at, cookie);
	}
}
