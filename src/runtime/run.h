/* SPDX-License-Identifier: MIT */
/*
 * Running one package: what scaleout-dtexec's main calls. The room has no
 * global state; one struct run is one package run with everything it needs.
 */
#ifndef SO_RUNTIME_RUN_H
#define SO_RUNTIME_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "package/event.h"
#include "package/taskspec.h"

/*
 * dtexec's exit codes (spec/agent.md §1.2). RUN_COMPLETION is ours: a package
 * whose result is "completion" (ForceExecutionResult) has no code of dtexec's;
 * only --task gives it, dtexec itself then exits with 0.
 */
enum run_exit {
	RUN_SUCCESS = 0,
	RUN_FAILURE = 1,
	RUN_CANCELLED = 3,
	RUN_NOT_FOUND = 4,
	RUN_NOT_LOADED = 5,
	RUN_BAD_COMMAND = 6,
	RUN_COMPLETION = 100,
	RUN_DROPPED = 128 /* added under --task: the last records did not fit into the event log, and nothing in it says so */
};

/* Receives every event before level filtering; seq is 0. Return value is ignored. */
struct run_observer {
	void (*event)(void *ctx, const struct event *event);
	void *ctx;
};

struct run_options {
	const char *package_path; /* a .dtsx file, or NULL with project_dir */
	const char *project_dir;  /* folder of an unpacked .ispac, or NULL */
	const char *package_name; /* inside project_dir */
	const struct taskspec *spec; /* values, overrides, level; may be NULL */
	const char *password;     /* for protected packages, or NULL */
	bool validate_only;
	bool whole_project;       /* one of all packages being validated: required parameters are the catalog's business, and a last message tells the result */
	bool warn_as_error;
	const char *verify_package_id, *verify_version_guid; /* refuse others; NULL = any */
	const int *verify_version; /* major, minor, build; -1 = any; NULL = any */
	int max_concurrent;       /* 0 = the package's own */
	int event_fd;             /* the task's event log, or -1 */
	struct clock_steady clock; /* for the records; all 0 = the machine's */
	int64_t *event_seq;       /* number of the last record in it, carried from run to run; NULL = it is empty */
	const char *dump_dir;     /* where dumps go, or NULL */
	volatile int *dump;       /* becomes non-zero when a dump is wanted (SIGUSR1); set to 0 when it is written; may be NULL */
	const volatile int *cancel; /* becomes non-zero when the run shall stop (set by a signal handler) */
	const struct run_observer *observer; /* may be NULL */
};

/* Load, validate and (unless validate_only) run. err is filled when the package could not be loaded. */
enum run_exit run_package(const struct run_options *options, struct err *err);

/*
 * Validate every package in project_dir, one after the other in the order of
 * their names: RUN_SUCCESS when all pass. package_name is not used.
 */
enum run_exit run_validate_project(const struct run_options *options, struct err *err);

/*
 * Call back with a line for everything the package needs that is not available
 * here (task types, components, connection types, expressions that cannot be
 * parsed). Nothing is run. Returns how many, or a negative error code.
 */
int run_needs(const struct run_options *options, void (*line)(void *ctx, const char *what), void *ctx,
    struct err *err);

#endif
