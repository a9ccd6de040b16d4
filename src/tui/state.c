/* SPDX-License-Identifier: MIT */
/* Lines of a small file; see state.h. */
#include "tui/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"

#define FILE_MAX (64 * 1024)

void state_load(struct state *state, const char *path)
{
	struct buf text = BUF_INIT;

	*state = (struct state){ .path = xstrdup_or_null(path) };
	if (path && file_exists(path) && file_read(path, FILE_MAX, &text, NULL) == 0) {
		for (const char *at = text.data; *at;) {
			size_t len = strcspn(at, "\n");

			vec_push(&state->lines, xstrndup(at, len));
			at += len + (at[len] == '\n');
		}
	}
	buf_release(&text);
}

void state_release(struct state *state)
{
	for (size_t i = 0; i < state->lines.len; i++)
		free(state->lines.items[i]);
	vec_release(&state->lines);
	free(state->path);
}

/* Where the value begins in a line of that name, or NULL. */
static const char *value_in(const char *line, const char *name)
{
	size_t len = strlen(name);
	const char *at = line + strspn(line, " \t");

	if (strncmp(at, name, len) != 0)
		return NULL;
	at += len + strspn(at + len, " \t");
	return *at == '=' ? at + 1 + strspn(at + 1, " \t") : NULL;
}

const char *state_get(const struct state *state, const char *name)
{
	for (size_t i = 0; i < state->lines.len; i++) {
		const char *value = value_in(state->lines.items[i], name);

		if (value)
			return value;
	}
	return NULL;
}

static int write_file(const struct state *state, struct err *err)
{
	struct buf text = BUF_INIT;
	char *folder = path_dirname(state->path);
	int r = dir_make(folder, 0700, err);

	for (size_t i = 0; i < state->lines.len; i++)
		buf_addf(&text, "%s\n", state->lines.items[i]);
	if (r == 0)
		r = file_write_atomic(state->path, text.data, text.len, 0600, false, err);
	buf_release(&text);
	free(folder);
	return r;
}

int state_set(struct state *state, const char *name, const char *value, struct err *err)
{
	struct state fresh;
	const char *now;
	char *line;

	if (!state->path || strchr(value, '\n'))
		return 0;
	/* Another console may have written it meanwhile. */
	state_load(&fresh, state->path);
	state_release(state);
	*state = fresh;
	now = state_get(state, name);
	if (now && strcmp(now, value) == 0)
		return 0;
	line = xasprintf("%s = %s", name, value);
	for (size_t i = 0; now && i < state->lines.len; i++) {
		if (!value_in(state->lines.items[i], name))
			continue;
		free(state->lines.items[i]);
		state->lines.items[i] = line;
		now = line = NULL;
	}
	if (line)
		vec_push(&state->lines, line);
	return write_file(state, err);
}
