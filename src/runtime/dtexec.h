/* SPDX-License-Identifier: MIT */
/*
 * dtexec's command line (spec/agent.md §1): what scaleout-dtexec was asked
 * for. One row per option in a table, from which parsing and help are made.
 */
#ifndef SO_RUNTIME_DTEXEC_H
#define SO_RUNTIME_DTEXEC_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "package/taskspec.h"

enum dtexec_report {
	REPORT_ERRORS = 1,
	REPORT_WARNINGS = 2,
	REPORT_INFORMATION = 4,
	REPORT_CUSTOM = 8,
	REPORT_DATA_FLOW = 16,
	REPORT_PROGRESS = 32,
	REPORT_VERBOSE = 64
};

struct dtexec_names {
	char **items;
	size_t count;
};

struct dtexec_options {
	char *file, *project, *package; /* /File or /Project with /Package; NULL when absent */
	const char *source;             /* the source option that was met, for messages */
	char *password;
	bool help;
	char *help_option;
	bool validate, warn_as_error;
	int max_concurrent; /* 0 = the package's own */
	unsigned report;    /* enum dtexec_report */
	struct dtexec_names report_exceptions;
	bool console_log;
	char *console_display; /* letters of /ConsoleLog; NULL = all */
	struct dtexec_names console_include, console_exclude;
	int verify_version[3]; /* major, minor, build; -1 = not asked */
	char *verify_package_id, *verify_version_id;
	struct taskspec spec; /* parameters, overrides, dumps */
};

/* Parse argv[1..]. On failure err says which option is wrong (exit code 6). Release always. */
int dtexec_parse(int argc, char **argv, struct dtexec_options *ret, struct err *err);
void dtexec_release(struct dtexec_options *options);
/* All options, or the one that begins like name. */
void dtexec_help(FILE *out, const char *name);

#endif
