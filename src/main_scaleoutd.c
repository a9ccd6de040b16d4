/* SPDX-License-Identifier: MIT */
/*
 * scaleoutd: the Scale Out master of one catalog. Takes the catalog's lock,
 * leaves the terminal, wires the master, its control socket and its signals,
 * and ends on SIGTERM while executions run on.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/service.h"
#include "catalog/catalog.h"
#include "exec/control.h"
#include "exec/master/control_server.h"
#include "exec/master/log_fields.h"
#include "exec/master/master.h"
#include "exec/master/metrics.h"
#include "exec/program.h"
#include "exec/settings.h"

#define LEAVING_MS 6000

struct arguments {
	char *catalog, *config;
	bool foreground, help, version;
	char *lock_fd; /* descriptor of the catalog's lock, from who started us, or NULL */
	struct settings settings;
};

struct program {
	uv_loop_t loop;
	uv_signal_t term, interrupt, hangup;
	uv_timer_t watchdog;
	struct arguments *arguments;
	struct master *master;
	struct control_server *control;
	struct metrics_server *metrics;
	int lock; /* of the catalog */
	int status;
};

static void usage(FILE *out)
{
	fputs("usage: scaleoutd [--catalog PATH] [--config FILE] [--foreground] [--set NAME=VALUE]... [--log FILE] ...\n"
	      "       scaleoutd --version | --help\n"
	      "\n"
	      "The Scale Out master of one catalog: gives executions to workers over SSH and\n"
	      "collects what they report. Ends on SIGTERM, reads its settings again on SIGHUP;\n"
	      "executions run on.\n"
	      "\n"
	      "  --catalog PATH    the catalog (default $SCALEOUT_CATALOG, else the user's own)\n"
	      "  --config FILE     its settings (default $SCALEOUT_CONF, ~/.config/scaleout/scaleout.conf,\n"
	      "                    /etc/scaleout/scaleout.conf); see scaleout.conf(5)\n"
	      "  --foreground      stay in the terminal and log to it (under systemd: to the journal)\n"
	      "  --set NAME=VALUE  a setting of scaleout.conf(5), stronger than the file\n"
	      "\n"
	      "Short for --set of the same name:\n"
	      "  --log FILE      log to FILE (default PATH.log beside the catalog)\n"
	      "  --fast          workers do not wait for their disks: a power cut on a worker may cost\n"
	      "                  the results of the last seconds\n"
	      "  --ping N        how often a worker is asked whether it is there, in seconds (default 5)\n"
	      "  --watchdog N    silence after which a connection is dropped and made anew (20)\n"
	      "  --lease N       how long a try that may be repeated runs on without the master (600)\n"
	      "  --margin N      waited on top of the lease before such a try counts as lost (30)\n"
	      "  --grace N       between asking a stopped package to end and killing it (10)\n"
	      "  --metrics WHERE port of the loopback address or path of a socket where Prometheus reads\n",
	    out);
}

/* NAME=VALUE, or a name and its value. */
static int set_option(struct settings *s, const char *name, const char *value, struct err *err)
{
	const char *equals = value ? NULL : strchr(name, '=');

	if (!value && !equals)
		return err_set(err, ERR_USAGE, "--set takes NAME=VALUE, not '%s'", name);
	char *key = value ? xstrdup(name) : xstrndup(name, (size_t)(equals - name));
	int r = settings_set(s, key, value ? value : equals + 1, SETTING_OPTION, err);
	free(key);
	return r;
}

static int usage_error(const struct err *err)
{
	fprintf(stderr, "scaleoutd: %s\n", err->primary);
	if (*err->hint)
		fprintf(stderr, "hint: %s\n", err->hint);
	return 2;
}

/* Returns 0, or 2 after telling what is wrong. */
static int read_arguments(int argc, char **argv, struct arguments *a)
{
	struct {
		const char *name;
		bool *flag;
		char **value;
	} options[] = { { "--catalog", NULL, &a->catalog }, { "--config", NULL, &a->config },
		{ "--foreground", &a->foreground, NULL }, { "--help", &a->help, NULL },
		{ "--version", &a->version, NULL }, { "--set", NULL, NULL }, { "--log", NULL, NULL },
		{ "--lock-fd", NULL, &a->lock_fd },
		 { "--ping", NULL, NULL }, { "--watchdog", NULL, NULL }, { "--lease", NULL, NULL },
		{ "--margin", NULL, NULL }, { "--grace", NULL, NULL }, { "--metrics", NULL, NULL } };
	struct err err = { 0 };

	for (int i = 1; i < argc; i++) {
		size_t o = 0;
		if (strcmp(argv[i], "--fast") == 0) {
			settings_set(&a->settings, "fast", "yes", SETTING_OPTION, NULL);
			continue;
		}
		while (o < ARRAY_LEN(options) && strcmp(options[o].name, argv[i]) != 0)
			o++;
		if (o == ARRAY_LEN(options) || (!options[o].flag && i + 1 == argc)) {
			fprintf(stderr, "scaleoutd: unknown or incomplete option %s\n", argv[i]);
			usage(stderr);
			return 2;
		}
		if (options[o].flag) {
			*options[o].flag = true;
		} else if (options[o].value) {
			free(*options[o].value);
			*options[o].value = xstrdup(argv[++i]);
		} else {
			bool any = strcmp(options[o].name, "--set") == 0;
			const char *name = any ? argv[i + 1] : options[o].name + 2, *value = any ? NULL : argv[i + 1];
			i++;
			if (set_option(&a->settings, name, value, &err) < 0)
				return usage_error(&err);
		}
	}
	return 0;
}

/* What the command line left open: environment, then the file. */
static int complete_settings(const struct arguments *a, struct settings *s, struct err *err)
{
	bool named;
	char *path = settings_path(a->config, &named);
	int r = settings_environment(s, err);

	if (r == 0)
		r = settings_file(s, path, named, err);
	free(path);
	return r;
}

/* Lock it; a master that is just leaving (it answers no more) is waited for. */
static bool lock_or_wait(int fd, const char *path)
{
	struct timespec pause = { .tv_nsec = 20000000 };
	char *status = NULL;

	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += 20) {
		if (waited > LEAVING_MS || exec_master_status(path, &status, NULL) == 0) {
			free(status);
			return false;
		}
		nanosleep(&pause, NULL);
	}
	return true;
}

/* The lock that who started us took and handed over (exec/control.c); -1 when there is none, or it is another file's. */
static int lock_given(const char *text, const char *name)
{
	struct stat given, wanted;
	int fd = text ? (int)strtol(text, NULL, 10) : -1;

	if (fd <= STDERR_FILENO || fstat(fd, &given) < 0 || stat(name, &wanted) < 0 || given.st_dev != wanted.st_dev ||
	    given.st_ino != wanted.st_ino || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return -1;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

/* One master per catalog: the lock is held for life. The file is empty until we are ready, then it has our process id. */
static int take_lock(const struct arguments *a, int *ret_fd, struct err *err)
{
	char *name = xasprintf("%s.lock", a->catalog);
	char text[32] = "";
	int r = 0;
	int fd = lock_given(a->lock_fd, name);
	bool given = fd >= 0;

	if (!given)
		fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		r = err_set_errno(err, errno, "cannot open %s", name);
	} else if (!given && !lock_or_wait(fd, a->catalog)) {
		if (read(fd, text, sizeof(text) - 1) < 0)
			text[0] = '\0';
		text[strcspn(text, "\n")] = '\0';
		r = err_set(err, ERR_BUSY, "a master runs for this catalog already (process %s)", *text ? text : "just started");
		close(fd);
	} else {
		r = ftruncate(fd, 0) < 0 ? err_set_errno(err, errno, "cannot write %s", name) : 0;
		*ret_fd = fd;
	}
	free(name);
	return r;
}

/* Leave the terminal. The starting process waits for a byte that says that all is well; returns its descriptor. */
static int leave_terminal(void)
{
	int ready[2];
	char byte;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = fork();
	if (pid < 0)
		return -1;
	if (pid > 0) {
		close(ready[1]);
		_exit(read(ready[0], &byte, 1) == 1 ? 0 : 1);
	}
	close(ready[0]);
	setsid();
	if (chdir("/") < 0)
		return -1;
	return ready[1];
}

/* Standard streams of a daemon: nothing to read, nobody to tell. Standard error becomes the log's. */
static void redirect(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	close(null);
}

/* Where the log goes: the file that was named; in the foreground the journal or the terminal; else beside the catalog. */
static int open_log(const struct arguments *a, struct err *err)
{
	const struct settings *s = &a->settings;

	log_catalog_always(a->catalog);
	if (!*s->log && a->foreground) {
		if (!log_stderr_is_journal() || log_open_journal(getenv("SCALEOUT_JOURNAL"), LOG_LEVEL_INFO, "scaleoutd", NULL) < 0)
			log_open(STDERR_FILENO, LOG_LEVEL_INFO, "scaleoutd");
		return 0;
	}
	char *path = *s->log ? path_absolute(s->log) : xasprintf("%s.log", a->catalog);
	int r = log_open_file(path, (size_t)s->log_max_mb * 1024 * 1024, s->log_keep, LOG_LEVEL_INFO, "scaleoutd", err);
	free(path);
	return r;
}

static void on_ended(void *ctx, const struct err *err)
{
	struct program *program = ctx;

	if (err) {
		log_error("the master ends: %s", err->primary);
		program->status = 1;
	}
	uv_stop(&program->loop);
}

static void on_signal(uv_signal_t *handle, int signal_number)
{
	struct program *program = handle->data;

	log_info("signal %d: the master ends, executions run on", signal_number);
	service_notify("STOPPING=1");
	master_stop(program->master);
}

static struct master_options options_of(const struct settings *s)
{
	return (struct master_options){ .fast = s->fast, .poll_ms = s->poll_ms, .ping_ms = s->ping_ms,
		.watchdog_ms = s->watchdog_ms, .lease_ms = s->lease_ms, .margin_ms = s->margin_ms,
		.grace_ms = s->grace_ms ? s->grace_ms : 1, .upkeep_ms = s->maintenance_ms,
		.heartbeat_ms = s->heartbeat_ms, .worker_heartbeat_ms = s->worker_heartbeat_ms,
		.local_slots = s->local_slots, .patience_ms = s->patience_ms, .max_cpu_percent = s->max_cpu_percent,
		.min_memory_mb = s->min_memory_mb ? s->min_memory_mb : -1 };
}

/* What differs: taken over where that can be, else named. Strong values (options) stay as they are. */
static void take_settings(struct settings *now, struct settings *fresh)
{
	for (const struct setting *row = setting_table; row->name; row++) {
		struct buf before = BUF_INIT, after = BUF_INIT;
		size_t number = (size_t)(row - setting_table);
		settings_format(now, row, &before);
		settings_format(fresh, row, &after);
		if (strcmp(before.data, after.data) != 0 && row->reload) {
			log_setting(LOG_LEVEL_INFO, row->name, "%s is now %s (was %s)", row->name, after.data, before.data);
			settings_set(now, row->name, after.data, SETTING_OPTION, NULL);
		} else if (strcmp(before.data, after.data) != 0) {
			log_setting(LOG_LEVEL_WARNING, row->name, "%s = %s needs a restart of the master; it stays %s", row->name, after.data, before.data);
		}
		now->sources[number] = fresh->sources[number];
		now->lines[number] = fresh->lines[number];
		buf_release(&before);
		buf_release(&after);
	}
}

/* The command line counts again as it did at the start. */
static void keep_options(const struct settings *from, struct settings *to)
{
	for (const struct setting *row = setting_table; row->name; row++) {
		struct buf value = BUF_INIT;
		if (from->sources[row - setting_table] == SETTING_OPTION) {
			settings_format(from, row, &value);
			settings_set(to, row->name, value.data, SETTING_OPTION, NULL);
		}
		buf_release(&value);
	}
}

static void on_hangup(uv_signal_t *handle, int signal_number)
{
	struct program *program = handle->data;
	struct settings *now = &program->arguments->settings, fresh;
	struct err err = { 0 };

	(void)signal_number;
	service_notify_reloading();
	settings_init(&fresh);
	keep_options(now, &fresh);
	if (complete_settings(program->arguments, &fresh, &err) < 0) {
		log_error("the settings stay as they are: %s (%s)", err.primary, err.hint);
	} else {
		take_settings(now, &fresh);
		struct master_options options = options_of(now);
		master_reconfigure(program->master, &options);
		log_info("the settings were read again");
	}
	settings_release(&fresh);
	service_notify("READY=1");
}

static void on_watchdog(uv_timer_t *timer)
{
	(void)timer;
	service_notify("WATCHDOG=1");
}

static void catch_signal(struct program *program, uv_signal_t *handle, uv_signal_cb run, int number)
{
	uv_signal_init(&program->loop, handle);
	handle->data = program;
	uv_signal_start(handle, run, number);
}

static void say_ready(struct program *program, int ready_fd)
{
	int64_t watchdog = service_watchdog_ms();
	char text[32];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	fd_write_full(program->lock, text, (size_t)n);
	log_info("the master of %s is ready", program->arguments->catalog);
	service_notify("READY=1");
	uv_timer_init(&program->loop, &program->watchdog);
	if (watchdog > 1)
		uv_timer_start(&program->watchdog, on_watchdog, 0, (uint64_t)watchdog / 2);
	if (ready_fd >= 0) {
		fd_write_full(ready_fd, "r", 1);
		close(ready_fd);
	}
}

/* Run until told to end. ready_fd is closed after a byte when the master answers. */
static int serve(struct arguments *arguments, struct catalog *catalog, int lock, int ready_fd, struct err *err)
{
	struct program program = { .arguments = arguments, .lock = lock };
	const struct settings *settings = &arguments->settings;
	char *worker = program_find("scaleout-worker");
	struct master_options options = options_of(settings);

	options.loop = &program.loop;
	options.catalog = catalog;
	options.path = arguments->catalog;
	options.catalog_id = *catalog_id(catalog);
	options.worker_program = worker ? worker : "scaleout-worker";
	options.ended = on_ended;
	options.ctx = &program;
	uv_loop_init(&program.loop);
	int r = master_new(&options, &program.master, err);
	if (r == 0)
		r = control_server_new(&program.loop, arguments->catalog, program.master, &program.control, err);
	if (r == 0 && *settings->metrics)
		r = metrics_server_new(&program.loop, settings->metrics, program.master, &program.metrics, err);
	if (r == 0) {
		catch_signal(&program, &program.term, on_signal, SIGTERM);
		catch_signal(&program, &program.interrupt, on_signal, SIGINT);
		catch_signal(&program, &program.hangup, on_hangup, SIGHUP);
		say_ready(&program, ready_fd);
		uv_run(&program.loop, UV_RUN_DEFAULT);
		uv_close((uv_handle_t *)&program.term, NULL);
		uv_close((uv_handle_t *)&program.interrupt, NULL);
		uv_close((uv_handle_t *)&program.hangup, NULL);
		uv_close((uv_handle_t *)&program.watchdog, NULL);
	}
	metrics_server_free(program.metrics);
	control_server_free(program.control);
	master_free(program.master);
	uv_run(&program.loop, UV_RUN_NOWAIT);
	uv_loop_close(&program.loop);
	free(worker);
	return r < 0 ? r : program.status;
}

static int run(struct arguments *arguments, struct err *err)
{
	struct catalog *catalog = NULL;
	int lock = -1, ready = -1;

	/* What the user did wrong is told before we leave the terminal. */
	int r = complete_settings(arguments, &arguments->settings, err);
	if (r == 0)
		r = catalog_open(arguments->catalog, &catalog, err);
	catalog_close(catalog);
	catalog = NULL;
	if (r == 0 && !arguments->foreground)
		ready = leave_terminal();
	if (r == 0)
		r = take_lock(arguments, &lock, err);
	if (r == 0)
		r = catalog_open(arguments->catalog, &catalog, err);
	if (r == 0)
		r = open_log(arguments, err);
	if (r == 0 && !arguments->foreground)
		redirect();
	if (r == 0)
		r = serve(arguments, catalog, lock, ready, err);
	catalog_close(catalog);
	if (lock >= 0)
		close(lock);
	return r;
}

int main(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	struct err err = { 0 };

	settings_init(&arguments.settings);
	int r = read_arguments(argc, argv, &arguments);
	if (r == 0 && arguments.help) {
		usage(stdout);
	} else if (r == 0 && arguments.version) {
		printf("scaleoutd %s\n", SO_VERSION);
	} else if (r == 0) {
		char *path = arguments.catalog ? path_absolute(arguments.catalog) : catalog_default_path();
		free(arguments.catalog);
		arguments.catalog = path;
		signal(SIGPIPE, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		r = run(&arguments, &err);
		if (r < 0)
			fprintf(stderr, "scaleoutd: %s%s%s\n%s%s%s", err.primary, *err.detail ? ": " : "", err.detail,
			    *err.hint ? "hint: " : "", err.hint, *err.hint ? "\n" : "");
	}
	settings_release(&arguments.settings);
	free(arguments.catalog);
	free(arguments.config);
	free(arguments.lock_fd);
	return r < 0 ? 1 : r;
}
