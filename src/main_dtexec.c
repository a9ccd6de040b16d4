/* SPDX-License-Identifier: MIT */
/*
 * scaleout-dtexec: runs one package. With dtexec's options it prints what
 * happens; with --task it runs a worker's task (runtime/task_mode.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "package/dtsx.h"
#include "package/project.h"
#include "runtime/dtexec.h"
#include "runtime/run.h"
#include "runtime/task_mode.h"

#define PROJECT_MAX ((size_t)256 * 1024 * 1024)

static volatile int stop;

/* ---- dtexec's mode ---- */

struct console {
	const struct dtexec_options *options;
};

/* What an event is called in the report, and the letter that asks for it. */
static const struct {
	int type;
	unsigned report;
	const char *title;
} report_rows[] = {
	{ EVENT_ERROR, REPORT_ERRORS, "Error" },
	{ EVENT_WARNING, REPORT_WARNINGS, "Warning" },
	{ EVENT_INFORMATION, REPORT_INFORMATION, "Info" },
	{ EVENT_PROGRESS, REPORT_PROGRESS, "Progress" },
	{ EVENT_CUSTOM, REPORT_CUSTOM, "Custom" },
};

static bool listed(const struct dtexec_names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (!utf8_casecmp(names->items[i], name))
			return true;
	}
	return false;
}

/* The text behind "name:" and the word for the type. */
static const char *description_of(const struct event *event)
{
	static const char *const words[] = { "Error: ", "Warning: ", "Information: " };
	size_t len = event->source_name ? strlen(event->source_name) : 0;
	const char *text = event->message;

	if (!strncmp(text, event->source_name ? event->source_name : "", len) && text[len] == ':')
		text += len + 1;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!strncmp(text, words[i], strlen(words[i])))
			return text + strlen(words[i]);
	}
	return text;
}

static void print_report(const struct dtexec_options *o, const struct event *event)
{
	const char *title = NULL;
	char time[32];

	for (size_t i = 0; i < ARRAY_LEN(report_rows); i++) {
		if (report_rows[i].type == event->type && (o->report & (report_rows[i].report | REPORT_VERBOSE)))
			title = report_rows[i].title;
	}
	if (!title && (o->report & REPORT_VERBOSE))
		title = event->event_name;
	if (!title || listed(&o->report_exceptions, event->event_name))
		return;
	clock_format_local(event->time, time, sizeof(time));
	printf("%s: %s\n", title, time);
	if (event->code)
		printf("   Code: 0x%08X\n", (unsigned)event->code);
	printf("   Source: %s\n   Description: %s\nEnd %s\n", event->source_name ? event->source_name : "",
	    description_of(event), title);
}

static bool shows(const char *letters, char letter)
{
	return !letters || strchr(letters, letter) || strchr(letters, letter | 32);
}

static void print_log(const struct dtexec_options *o, const struct event *event)
{
	const char *letters = o->console_display;
	char time[32];

	if (!o->console_log || listed(&o->console_exclude, event->event_name) ||
	    (o->console_include.count && !listed(&o->console_include, event->event_name)))
		return;
	clock_format_local(event->time, time, sizeof(time));
	puts("Log:");
	if (shows(letters, 'N'))
		printf("     Name: %s\n", event->event_name);
	if (shows(letters, 'S'))
		printf("     Source Name: %s\n", event->source_name ? event->source_name : "");
	if (shows(letters, 'G'))
		printf("     Source GUID: %s\n", event->source_id ? event->source_id : "");
	if (shows(letters, 'M'))
		printf("     Message: %s\n", event->message);
	if (shows(letters, 'T'))
		printf("     Start Time: %s\n     End Time: %s\n", time, time);
	puts("End Log");
}

static void on_event(void *ctx, const struct event *event)
{
	const struct console *console = ctx;

	print_report(console->options, event);
	print_log(console->options, event);
}

static void print_line(void *ctx, const char *what)
{
	(void)ctx;
	printf("%s\n", what);
}

static void print_time(const char *word)
{
	char time[32];

	clock_format_local(clock_wall(), time, sizeof(time));
	printf("%s: %s\n", word, time);
}

static const char *result_name(enum run_exit code)
{
	switch (code) {
	case RUN_SUCCESS:
		return "SUCCESS";
	case RUN_COMPLETION:
		return "COMPLETION";
	case RUN_CANCELLED:
		return "CANCEL";
	default:
		return "FAILURE";
	}
}

static enum run_exit run_with_console(const struct dtexec_options *o, struct run_options *options)
{
	struct console console = { o };
	struct run_observer observer = { on_event, &console };
	int64_t start_ms = clock_mono_ms();
	struct err err = { 0 };
	enum run_exit code;

	if (o->validate) {
		int missing = run_needs(options, print_line, NULL, &err);
		if (missing > 0)
			return RUN_FAILURE;
	}
	options->observer = &observer;
	options->validate_only = o->validate;
	printf("scaleout-dtexec %s\n", SO_VERSION);
	print_time("Started");
	code = run_package(options, &err);
	if (code == RUN_NOT_FOUND || code == RUN_NOT_LOADED)
		fprintf(stderr, "scaleout-dtexec: %s%s%s\n", err.primary, *err.detail ? ": " : "", err.detail);
	else
		printf("The package %s returned %s.\n", o->validate ? "validation" : "execution",
		    result_name(code));
	print_time("Finished");
	printf("Elapsed: %.3f seconds\n", (double)(clock_mono_ms() - start_ms) / 1000);
	return code == RUN_COMPLETION ? RUN_SUCCESS : code;
}

/* Unpack the project to a private folder, run, remove the folder. */
static enum run_exit run_project(const struct dtexec_options *o, struct run_options *options)
{
	const char *tmp = getenv("TMPDIR");
	char *folder = xasprintf("%s/scaleout-dtexec.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	struct buf bytes = BUF_INIT;
	struct err err = { 0 };
	enum run_exit code = file_exists(o->project) ? RUN_NOT_LOADED : RUN_NOT_FOUND;

	if (file_read(o->project, PROJECT_MAX, &bytes, &err))
		goto fail;
	if (!mkdtemp(folder)) {
		err_set(&err, ERR_IO, "no private folder \"%s\"", folder);
		goto fail;
	}
	if (ispac_unpack(bytes.data, bytes.len, folder, &err)) {
		dir_remove(folder, NULL);
		goto fail;
	}
	buf_release(&bytes);
	options->project_dir = folder;
	options->package_name = o->package;
	code = run_with_console(o, options);
	dir_remove(folder, NULL);
	free(folder);
	return code;
fail:
	fprintf(stderr, "scaleout-dtexec: %s%s%s\n", err.primary, *err.detail ? ": " : "", err.detail);
	buf_release(&bytes);
	free(folder);
	return code;
}

static int run_dtexec(int argc, char **argv)
{
	struct dtexec_options o;
	struct err err;
	int code;

	setvbuf(stdout, NULL, _IOLBF, 0); /* what tasks print themselves comes in between */
	if (dtexec_parse(argc, argv, &o, &err)) {
		fprintf(stderr, "scaleout-dtexec: %s\n", err.primary);
		if (*err.hint)
			fprintf(stderr, "%s\n", err.hint);
		code = RUN_BAD_COMMAND;
	} else if (o.help) {
		dtexec_help(stdout, o.help_option);
		code = RUN_SUCCESS;
	} else {
		struct run_options options = { .password = o.password, .warn_as_error = o.warn_as_error,
			.max_concurrent = o.max_concurrent, .event_fd = -1, .dump_dir = ".", .cancel = &stop,
			.spec = &o.spec, .package_path = o.file, .verify_version = o.verify_version,
			.verify_package_id = o.verify_package_id, .verify_version_guid = o.verify_version_id };
		code = (int)(o.project ? run_project(&o, &options) : run_with_console(&o, &options));
	}
	dtexec_release(&o);
	return code;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--task"))
		return task_mode(argc, argv);
	log_open(2, LOG_LEVEL_WARNING, "scaleout-dtexec");
	stop_on_signals(&stop);
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		puts("scaleout-dtexec " SO_VERSION);
		return RUN_SUCCESS;
	}
	if (argc < 2 || !strcmp(argv[1], "--help")) {
		dtexec_help(stdout, NULL);
		return argc < 2 ? RUN_BAD_COMMAND : RUN_SUCCESS;
	}
	return run_dtexec(argc, argv);
}
