/* SPDX-License-Identifier: MIT */
/* One package run from its options to its exit code (spec/package.md §2.14). */
#include "runtime/run.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/utf8.h"
#include "runtime/engine.h"

void run_write_executables(const struct package *package)
{
	struct run *run = package->run;
	const struct dtsx_executable *e = NULL;

	if (run->level == EVENT_LEVEL_NONE || (run->level == EVENT_LEVEL_CUSTOM && !(run->profile_mask & 1)))
		return;
	while ((e = dtsx_walk(package->dtsx, e))) {
		char *path = xasprintf("\\%s", e->ref_id);
		struct event event = {
			.kind = EVENT_KIND_EXECUTABLE,
			.time = run->start_ticks,
			.package_name = package->name,
			.source_name = e->name,
			.source_id = e->id,
			.package_path = path,
		};
		event_log_add(&run->log, &event);
		free(path);
	}
}

static void report_missing(void *ctx, const char *what)
{
	struct unit *unit = ctx;

	unit->run->missing = true;
	unit_error(unit, DTS_INVALID_TASK_MONIKER, "%s", what);
}

/* What is not available below unit, where the validation does not look: delayed parts and handlers. */
static void check_hidden(struct unit *unit, bool hidden)
{
	if (hidden)
		needs_of_executable(unit->def, report_missing, unit);
	for (size_t i = 0; i < unit->child_count; i++) {
		struct unit *child = unit->children[i];
		if (!child->disabled)
			check_hidden(child, hidden || child->delay_validation);
	}
	for (size_t i = 0; i < unit->def->handler_count && !unit->disable_event_handlers; i++) {
		const struct dtsx_executable *def = unit->def->handlers[i];
		if (def->disabled)
			continue;
		struct unit *handler = unit_new(unit->package, def, unit);
		check_hidden(handler, true);
		unit_free(handler);
	}
}

/* Things that are worth a word before the work begins. */
static void say_warnings(struct run *run)
{
	struct unit *root = run->main.root;

	if (run->main.dtsx->format_version < 6) {
		unit_information(root, DTS_I_PACKAGE_MIGRATED,
		    "The package has format version %d and is read as version 8.", run->main.dtsx->format_version);
	}
	for (size_t i = 0; i < run->main.dtsx->warning_count; i++)
		unit_warning(root, DTS_W_GENERIC, "%s", run->main.dtsx->warnings[i]);
	if (!run->options->project_dir && run->main.dtsx->enable_config && run->main.dtsx->configuration_count)
		unit_warning(root, DTS_W_CONFIG_LOAD_FAILED, "Package configurations are not read.");
}

static bool same_guid(const char *a, const char *b)
{
	struct uuid x, y;

	return uuid_parse(a, strlen(a), &x) && uuid_parse(b, strlen(b), &y) && !memcmp(&x, &y, sizeof(x));
}

static int check_required(struct run *run)
{
	int r = 0;

	for (size_t i = 0; i < run->main.param_count; i++) {
		const struct var *param = &run->main.params[i];
		if (!param->required || !param->value.null)
			continue;
		unit_error(run->main.root, DTS_INVALID_VARIABLE_VALUE, "The required parameter \"%s::%s\" has no value.",
		    param->space, param->name);
		r = -1;
	}
	return r;
}

/* /VerifyPackageID, /VerifyVersionID, /VerifyBuild */
static int check_identity(struct run *run)
{
	const struct run_options *o = run->options;
	const struct dtsx *d = run->main.dtsx;
	const int version[] = { d->version_major, d->version_minor, d->version_build };
	bool fits = true;

	if (o->verify_package_id && !same_guid(o->verify_package_id, d->package->id))
		fits = false;
	if (o->verify_version_guid && !same_guid(o->verify_version_guid, d->version_guid))
		fits = false;
	for (size_t i = 0; o->verify_version && i < ARRAY_LEN(version); i++) {
		if (o->verify_version[i] >= 0 && o->verify_version[i] != version[i])
			fits = false;
	}
	if (fits)
		return 0;
	unit_error(run->main.root, DTS_GENERIC_ERROR,
	    "The package is not the one that was asked for: it has id %s, version %d.%d.%d, version id %s.",
	    d->package->id, version[0], version[1], version[2], d->version_guid);
	return -1;
}

static int validate(struct run *run)
{
	struct unit *root = run->main.root;
	int r = package_apply_spec(&run->main);

	/* Overrides change what units are made of: make them again. */
	if (run->main.overrides.len) {
		int errors = root->error_count;
		unit_free(root);
		run->main.root = root = unit_new(&run->main, run->main.dtsx->package, NULL);
		root->error_count = errors;
	}
	say_warnings(run);
	if ((!run->options->whole_project && check_required(run)) || check_identity(run))
		r = -1;
	if (unit_evaluate_expressions(root) || unit_validate(root))
		r = -1;
	check_hidden(root, false);
	if (run->options->warn_as_error && run->warnings)
		r = -1;
	return r || run->missing ? -1 : 0;
}

static enum run_exit exit_of(enum unit_result result)
{
	switch (result) {
	case UNIT_SUCCESS:
		return RUN_SUCCESS;
	case UNIT_COMPLETION:
		return RUN_COMPLETION;
	case UNIT_CANCELLED:
		return RUN_CANCELLED;
	default:
		return RUN_FAILURE;
	}
}

/* The catalog reads a package's result from the type of this message (catalog/queue_run.c). */
static void say_result(struct run *run, bool passed)
{
	if (passed)
		unit_information(run->main.root, DTS_I_GENERIC, "The package has passed validation.");
	else
		unit_error(run->main.root, DTS_GENERIC_ERROR, "The package has failed validation.");
}

static enum run_exit execute(struct run *run)
{
	run_write_executables(&run->main);
	bool failed = validate(run);
	if (run->options->whole_project)
		say_result(run, !failed);
	if (failed)
		return RUN_FAILURE;
	if (run->options->validate_only)
		return RUN_SUCCESS;
	if (loop_cancelled(run))
		return RUN_CANCELLED;
	unit_start(run->main.root);
	loop_until(run, run->main.root);
	return exit_of(run->main.root->result);
}

static void prepare(struct run *run, const struct run_options *options)
{
	const struct taskspec *spec = options->spec;
	struct uuid id;

	run->options = options;
	run->level = spec ? spec->logging_level : EVENT_LEVEL_BASIC;
	run->event_mask = spec ? spec->custom_events : 0;
	run->profile_mask = spec ? spec->custom_profile : 0;
	run->clock = options->clock.ticks ? options->clock : clock_steady_from(0);
	run->start_ticks = clock_steady_now(&run->clock);
	uuid_new(&id);
	run->execution_guid[0] = '{';
	uuid_format(&id, true, run->execution_guid + 1);
	run->execution_guid[UUID_TEXT_LEN + 1] = '}';
	event_log_init(&run->log, options->event_fd);
	if (options->event_seq)
		run->log.seq = *options->event_seq;
}

static int slots_of(const struct run *run)
{
	int wanted = run->options->max_concurrent ? run->options->max_concurrent : run->main.dtsx->max_concurrent;

	if (wanted > 0)
		return wanted;
	/* Not sysconf, which reads /sys each time: this runs once per execution. */
	cpu_set_t cpus;
	int n = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus) : (int)sysconf(_SC_NPROCESSORS_ONLN);
	return n + 2;
}

static void release(struct run *run)
{
	unit_free(run->main.root);
	package_release(&run->main);
	vec_release(&run->children);
	if (run->options->event_seq)
		*run->options->event_seq = run->log.seq;
	event_log_release(&run->log);
}

static int load(struct run *run, struct err *err)
{
	const struct run_options *o = run->options;

	run->main.run = run;
	return package_load(&run->main, o->project_dir, o->project_dir ? o->package_name : o->package_path, err);
}

/* A package that cannot be loaded has no units to raise events from: one record says why. */
static void log_load_error(struct run *run, const struct err *err)
{
	char *text = xasprintf("%s:Error: %s%s%s", run->main.name ? run->main.name : "", err->primary,
	    *err->detail ? ": " : "", err->detail);
	struct event event = {
		.kind = EVENT_KIND_MESSAGE,
		.time = clock_steady_now(&run->clock),
		.type = EVENT_ERROR,
		.source_type = EVENT_SOURCE_PROCESS,
		.message = text,
		.package_name = run->main.name,
		.event_name = "OnError",
		.source_name = run->main.name,
		.thread_id = getpid(),
		.code = err->code == ERR_NOT_FOUND || err->code == ERR_IO ? DTS_OPEN_PACKAGE_FILE
									  : DTS_LOAD_PACKAGE_XML,
	};

	if (run->options->observer)
		run->options->observer->event(run->options->observer->ctx, &event);
	if (event_level_keeps(run->level, run->event_mask, EVENT_ERROR))
		event_log_add(&run->log, &event);
	free(text);
}

/* Whether the package file is there at all. */
static bool package_exists(const struct run_options *options)
{
	char *path = options->project_dir ? path_join(options->project_dir, options->package_name)
					  : xstrdup(options->package_path);
	bool found = file_exists(path);

	free(path);
	return found;
}

enum run_exit run_package(const struct run_options *options, struct err *err)
{
	struct run run = { 0 };
	struct err local;
	enum run_exit r;

	if (!err)
		err = &local;
	err_clear(err);
	prepare(&run, options);
	if (load(&run, err)) {
		r = package_exists(options) ? RUN_NOT_LOADED : RUN_NOT_FOUND;
		log_load_error(&run, err);
		release(&run);
		return run.log.dropped ? (enum run_exit)(r | RUN_DROPPED) : r;
	}
	run.slots = slots_of(&run);
	loop_init(&run);
	run.main.root = unit_new(&run.main, run.main.dtsx->package, NULL);
	r = execute(&run);
	release(&run);
	loop_release(&run);
	if (!run.log.dropped)
		return r;
	err_set_errno(err, run.log.error, "the last %lld records are not in the event log", (long long)run.log.dropped);
	return (enum run_exit)(r | RUN_DROPPED);
}

/* ---- every package of a project ---- */

static bool is_package(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && !utf8_casecmp(name + len - 5, ".dtsx");
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

enum run_exit run_validate_project(const struct run_options *options, struct err *err)
{
	VEC(char *) names = { 0 };
	DIR *dir = opendir(options->project_dir);
	const struct dirent *entry;
	struct run_options one = *options;
	enum run_exit r = RUN_SUCCESS;
	int64_t seq = 0;

	err_clear(err);
	if (!dir) {
		err_set_errno(err, errno, "the project's folder cannot be read");
		return RUN_NOT_LOADED;
	}
	while ((entry = readdir(dir))) {
		if (is_package(entry->d_name))
			vec_push(&names, xstrdup(entry->d_name));
	}
	closedir(dir);
	if (names.len)
		qsort(names.items, names.len, sizeof(*names.items), compare_names);
	one.validate_only = one.whole_project = true;
	one.event_seq = &seq;
	for (size_t i = 0; i < names.len; i++) {
		struct err why;
		one.package_name = names.items[i];
		if (r != RUN_CANCELLED && run_package(&one, &why) != RUN_SUCCESS)
			r = RUN_FAILURE;
		if (options->cancel && *options->cancel)
			r = RUN_CANCELLED;
		free(names.items[i]);
	}
	vec_release(&names);
	return r;
}

int run_needs(const struct run_options *options, void (*line)(void *ctx, const char *what), void *ctx,
    struct err *err)
{
	struct run run = { .options = options };
	int r;

	event_log_init(&run.log, -1);
	r = load(&run, err);
	if (!r)
		r = needs_of_package(run.main.dtsx, line, ctx);
	for (size_t i = 0; r >= 0 && i < run.main.conmgr_count; i++)
		r += needs_of_connection(run.main.dtsx, &run.main.conmgrs[i]->connection, line, ctx);
	release(&run);
	return r;
}
