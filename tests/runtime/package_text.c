/* SPDX-License-Identifier: MIT */
/* Runs a package from a text in a folder of its own, and keeps what the observer and the event log got. */
#include "tests/runtime/package_text.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "tests/harness.h"

struct collector {
	struct played *played;
	const char *cancel_at;
};

static volatile int stop;

static void on_term(int signal_number)
{
	(void)signal_number;
	stop = 1;
}

static void collect(void *ctx, const struct event *event)
{
	struct collector *c = ctx;
	char *line = xasprintf("%s %s", event->event_name, event->source_name ? event->source_name : "");

	buf_addf(&c->played->events, "%s\n", line);
	buf_addf(&c->played->texts, "%s\n", event->message);
	if (c->cancel_at && !strcmp(line, c->cancel_at))
		kill(getpid(), SIGTERM);
	free(line);
}

void play(const char *inside, const struct play *how, struct played *ret)
{
	static const struct play plain;
	struct collector collector = { ret, NULL };
	struct run_observer observer = { collect, &collector };
	struct buf text = BUF_INIT;
	char *dir = test_tmpdir(), *log = path_join(dir, "events"), *file;

	*ret = (struct played){ 0 };
	buf_init(&ret->events);
	buf_init(&ret->texts);
	buf_init(&ret->log);
	how = how ? how : &plain;
	collector.cancel_at = how->cancel_at;
	file = path_join(how->project_dir ? how->project_dir : dir, "p.dtsx");
	buf_addf(&text,
	    "<DTS:Executable xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:refId=\"Package\" "
	    "DTS:CreationName=\"Microsoft.Package\" DTS:DTSID=\"{ID-P}\" DTS:ExecutableType=\"Microsoft.Package\" "
	    "DTS:ObjectName=\"P\" %s><DTS:Property DTS:Name=\"PackageFormatVersion\">8</DTS:Property>"
	    "%s</DTS:Executable>",
	    how->package_attributes ? how->package_attributes : "", inside);
	ck_assert_int_eq(file_write_atomic(file, text.data, text.len, 0600, false, NULL), 0);
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct run_options options = { .spec = how->spec, .max_concurrent = how->max_concurrent,
		.validate_only = how->validate_only, .event_fd = fd, .dump_dir = dir, .cancel = &stop,
		.observer = &observer };
	if (how->project_dir) {
		options.project_dir = how->project_dir;
		options.package_name = "p.dtsx";
	} else {
		options.package_path = file;
	}
	stop = 0;
	signal(SIGTERM, on_term);
	signal(SIGPIPE, SIG_IGN);
	ret->code = run_package(&options, &ret->err);
	close(fd);
	file_read(log, 64 << 20, &ret->log, NULL);
	buf_release(&text);
	free(file);
	free(log);
	free(dir);
}

void played_release(struct played *played)
{
	buf_release(&played->events);
	buf_release(&played->texts);
	buf_release(&played->log);
}

char *played_names(const struct played *played, const char *event_name)
{
	struct buf names = BUF_INIT;
	size_t len = strlen(event_name);

	for (const char *line = played->events.data; *line;) {
		size_t n = strcspn(line, "\n");
		if (!strncmp(line, event_name, len) && line[len] == ' ')
			buf_addf(&names, "%s%.*s", names.len ? " " : "", (int)(n - len - 1), line + len + 1);
		line += n + (line[n] == '\n');
	}
	return buf_detach(&names);
}

bool played_says(const struct played *played, const char *text)
{
	return strstr(played->texts.data, text) != NULL;
}
