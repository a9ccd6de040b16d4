/* SPDX-License-Identifier: MIT */
/* Scripted keys: one line at a time, waiting for the screen instead of sleeping. */
#include "tui/script.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "tui/keymap.h"

#define WAIT_MS 10000

struct script {
	char *path;
	char *text;
	char *at;          /* start of the rest of the current line, or of the next line */
	char *typing;      /* rest of a :type text, or NULL */
	int line;          /* 1-based number of the current line */
	int64_t wait_until; /* deadline of the directive that waits; 0 = none does */
};

int script_load(const char *path, struct script **ret, struct err *err)
{
	struct buf text = BUF_INIT;
	int r = file_read(path, 1 << 20, &text, err);

	if (r < 0) {
		buf_release(&text);
		return r;
	}
	*ret = xcalloc(1, sizeof(**ret));
	(*ret)->path = xstrdup(path);
	(*ret)->text = (*ret)->at = buf_detach(&text);
	(*ret)->line = 1;
	return 0;
}

void script_free(struct script *script)
{
	if (!script)
		return;
	free(script->path);
	free(script->text);
	free(script);
}

static size_t line_length(const struct script *script)
{
	return strcspn(script->at, "\n");
}

static void next_line(struct script *script)
{
	script->at += line_length(script);
	if (*script->at == '\n')
		script->at++;
	script->line++;
	script->wait_until = 0;
}

static enum script_step fail(struct script *script, const struct script_view *view, const char *what,
    struct err *err)
{
	struct buf shown = BUF_INIT;

	view->display(view->ctx, &shown);
	err_set(err, ERR_TIMEOUT, "%s:%d: %s", script->path, script->line, what);
	err_detail(err, "the screen was:\n%s", shown.data);
	buf_release(&shown);
	return SCRIPT_FAILED;
}

typedef enum script_step directive_fn(struct script *script, const char *argument,
    const struct script_view *view, struct script_result *ret, struct err *err);

static enum script_step wait_for(struct script *script, bool reached, const struct script_view *view,
    const char *what, struct err *err)
{
	int64_t now = clock_mono_ms();

	if (reached) {
		next_line(script);
		return SCRIPT_WAIT;
	}
	if (script->wait_until == 0)
		script->wait_until = now + WAIT_MS;
	return now > script->wait_until ? fail(script, view, what, err) : SCRIPT_WAIT;
}

static bool on_screen(const struct script_view *view, const char *text)
{
	struct buf shown = BUF_INIT;
	bool found;

	view->display(view->ctx, &shown);
	found = strstr(shown.data, text) != NULL;
	buf_release(&shown);
	return found;
}

static enum script_step run_wait(struct script *script, const char *argument,
    const struct script_view *view, struct script_result *ret, struct err *err)
{
	char *what = xasprintf("\"%s\" never appeared", argument);
	enum script_step step = wait_for(script, on_screen(view, argument), view, what, err);

	(void)ret;
	free(what);
	return step;
}

static enum script_step run_gone(struct script *script, const char *argument,
    const struct script_view *view, struct script_result *ret, struct err *err)
{
	char *what = xasprintf("\"%s\" never went away", argument);
	enum script_step step = wait_for(script, !on_screen(view, argument), view, what, err);

	(void)ret;
	free(what);
	return step;
}

static enum script_step run_idle(struct script *script, const char *argument,
    const struct script_view *view, struct script_result *ret, struct err *err)
{
	(void)argument;
	(void)ret;
	return wait_for(script, view->idle(view->ctx), view, "the queries never ended", err);
}

static enum script_step run_type(struct script *script, const char *argument,
    const struct script_view *view, struct script_result *ret, struct err *err)
{
	size_t used;

	(void)view;
	(void)err;
	if (!script->typing)
		script->typing = script->at + (argument - script->at);
	(void)argument;
	if (script->typing >= script->at + line_length(script)) {
		script->typing = NULL;
		next_line(script);
		return SCRIPT_WAIT;
	}
	ret->key = (int)utf8_decode(script->typing, strlen(script->typing), &used);
	script->typing += used;
	return SCRIPT_KEY;
}

static enum script_step run_save(struct script *script, const char *argument,
    const struct script_view *view, struct script_result *ret, struct err *err)
{
	struct buf shown = BUF_INIT;
	int r;

	(void)ret;
	view->display(view->ctx, &shown);
	r = file_write_atomic(argument, shown.data, shown.len, 0644, false, err);
	buf_release(&shown);
	next_line(script);
	return r < 0 ? SCRIPT_FAILED : SCRIPT_WAIT;
}

static enum script_step run_resize(struct script *script, const char *argument,
    const struct script_view *view, struct script_result *ret, struct err *err)
{
	char *end;

	ret->width = (int)strtol(argument, &end, 10);
	ret->height = *end == 'x' ? (int)strtol(end + 1, NULL, 10) : 0;
	if (ret->width < 1 || ret->height < 1 || ret->width > 1000 || ret->height > 1000)
		return fail(script, view, "a size is WIDTHxHEIGHT", err);
	next_line(script);
	return SCRIPT_RESIZE;
}

static enum script_step run_quit(struct script *script, const char *argument,
    const struct script_view *view, struct script_result *ret, struct err *err)
{
	(void)script;
	(void)argument;
	(void)view;
	(void)ret;
	(void)err;
	return SCRIPT_END;
}

static const struct {
	const char *name;
	directive_fn *run;
} directives[] = {
	{ "wait", run_wait },	{ "gone", run_gone },	      { "idle", run_idle },
	{ "type", run_type },	{ "save-display", run_save }, { "resize", run_resize },
	{ "quit", run_quit },
};

static enum script_step run_directive(struct script *script, const struct script_view *view,
    struct script_result *ret, struct err *err)
{
	char *line = xstrndup(script->at, line_length(script));
	size_t name = strcspn(line + 1, " ");
	/* The argument is handed over in place, so that :type can keep its place in it. */
	char *argument = line + 1 + name + strspn(line + 1 + name, " ");
	enum script_step step = SCRIPT_FAILED;
	bool known = false;

	for (size_t i = 0; i < ARRAY_LEN(directives) && !known; i++) {
		if (strlen(directives[i].name) == name && strncmp(directives[i].name, line + 1, name) == 0) {
			known = true;
			step = directives[i].run(script,
			    directives[i].run == run_type ? script->at + (argument - line) : argument, view,
			    ret, err);
		}
	}
	if (!known)
		step = fail(script, view, "no such directive", err);
	free(line);
	return step;
}

enum script_step script_next(struct script *script, const struct script_view *view,
    struct script_result *ret, struct err *err)
{
	for (;;) {
		size_t len;
		char *name;

		script->at += strspn(script->at, " \t");
		if (!*script->at)
			return SCRIPT_END;
		if (*script->at == '\n' || *script->at == '#') {
			next_line(script);
			continue;
		}
		if (*script->at == ':' && script->at[1] != ' ' && script->at[1] != '\n' && script->at[1])
			return run_directive(script, view, ret, err);
		len = strcspn(script->at, " \t\n");
		name = xstrndup(script->at, len);
		ret->key = key_parse(name);
		free(name);
		if (ret->key == K_NONE)
			return fail(script, view, "no such key", err);
		script->at += len;
		return SCRIPT_KEY;
	}
}
