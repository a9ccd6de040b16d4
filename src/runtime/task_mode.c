/* SPDX-License-Identifier: MIT */
/*
 * A worker's task: reads the specification without leaving copies of its
 * secrets behind, and runs the package with events going to the log.
 */
#include "runtime/task_mode.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "runtime/run.h"

#define SPEC_FD 3
#define EVENT_FD 4
#define SPEC_MAX ((size_t)256 * 1024 * 1024)

static volatile int stop;
static volatile int *stop_flag;
static volatile int dump;

static void on_stop(int signal_number)
{
	(void)signal_number;
	*stop_flag = 1;
}

static void on_dump(int signal_number)
{
	(void)signal_number;
	dump = 1;
}

void stop_on_signals(volatile int *flag)
{
	struct sigaction action = { .sa_handler = on_stop };

	stop_flag = flag;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int read_spec(struct taskspec *ret, struct err *err)
{
	struct buf text = BUF_INIT;
	int r = fd_read_all(SPEC_FD, SPEC_MAX, &text);

	if (r < 0 && errno == EFBIG)
		r = err_set(err, ERR_LIMIT, "the task specification is too large");
	else if (r < 0)
		r = err_set(err, ERR_IO, "the task specification cannot be read from descriptor %d", SPEC_FD);
	else
		r = taskspec_decode(text.data, text.len, ret, err);
	close(SPEC_FD);
	buf_wipe(&text);
	return r;
}

/* The decoder's copies of secrets must not stay in freed memory. */
static void wiping_free(void *memory)
{
	if (memory)
		mem_wipe(memory, malloc_usable_size(memory));
	free(memory);
}

/* "TICKS@MICROSECONDS": the wall clock at a monotonic time. */
static bool parse_clock(const char *text, struct clock_steady *ret)
{
	char *at, *end;

	ret->ticks = strtoll(text, &at, 10);
	if (*at != '@')
		return false;
	ret->at_us = strtoll(at + 1, &end, 10);
	return ret->ticks > 0 && end > at + 1 && !*end;
}

int task_mode(int argc, char **argv)
{
	struct run_options options = { .event_fd = EVENT_FD, .cancel = &stop, .dump = &dump };
	struct sigaction action = { .sa_handler = on_dump };
	struct taskspec spec = { 0 };
	struct err err;
	enum run_exit code;

	log_open(2, LOG_LEVEL_WARNING, "scaleout-dtexec");
	stop_on_signals(&stop);
	sigaction(SIGUSR1, &action, NULL);
	for (int i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "--project-dir") && i + 1 < argc)
			options.project_dir = argv[++i];
		else if (!strcmp(argv[i], "--dump-dir") && i + 1 < argc)
			options.dump_dir = argv[++i];
		else if (!strcmp(argv[i], "--clock") && i + 1 < argc && parse_clock(argv[i + 1], &options.clock))
			i++;
		else {
			log_error("--task: unknown argument \"%s\"", argv[i]);
			return RUN_BAD_COMMAND;
		}
	}
	if (!options.project_dir) {
		log_error("--task needs --project-dir");
		return RUN_BAD_COMMAND;
	}
	fcntl(EVENT_FD, F_SETFD, FD_CLOEXEC);
	json_set_alloc_funcs(malloc, wiping_free);
	if (read_spec(&spec, &err)) {
		log_error("%s", err.primary);
		return RUN_BAD_COMMAND;
	}
	options.spec = &spec;
	options.package_name = spec.package_name;
	options.validate_only = spec.validate_only;
	code = spec.package_name ? run_package(&options, &err) : run_validate_project(&options, &err);
	if (err.code)
		log_error("%s%s%s", err.primary, *err.detail ? ": " : "", err.detail);
	taskspec_release(&spec);
	return (int)code;
}
