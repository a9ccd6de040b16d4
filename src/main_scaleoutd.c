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
#include "catalog/catalog.h"
#include "exec/control.h"
#include "exec/master/control_server.h"
#include "exec/master/master.h"
#include "exec/program.h"

#define LEAVING_MS 6000
#define SECONDS_MAX (7 * 86400) /* also the longest lease that a worker takes */
#define LOG_MAX (16 * 1024 * 1024) /* a longer log is put aside at the start */

struct settings {
	char *catalog, *log;
	bool foreground, fast, help, version;
	int ping_s, watchdog_s, lease_s, margin_s, grace_s; /* 0 = the master's default */
};

struct program {
	uv_loop_t loop;
	uv_signal_t term, interrupt;
	struct master *master;
	struct control_server *control;
	int status;
};

static void usage(FILE *out)
{
	fputs("usage: scaleoutd [--catalog PATH] [--foreground] [--log FILE] [--fast] [--lease SECONDS] ...\n"
	      "       scaleoutd --version | --help\n"
	      "\n"
	      "The Scale Out master of one catalog: gives executions to workers over SSH and\n"
	      "collects what they report. Ends on SIGTERM; executions run on.\n"
	      "\n"
	      "  --catalog PATH  the catalog (default $SCALEOUT_CATALOG, else the user's own)\n"
	      "  --foreground    stay in the terminal and log to it\n"
	      "  --log FILE      log to FILE (default PATH.log beside the catalog)\n"
	      "  --fast          workers do not wait for their disks: a power cut on a worker may cost\n"
	      "                  the results of the last seconds\n"
	      "\n"
	      "Times, in whole seconds:\n"
	      "  --ping N        how often a worker is asked whether it is there (default 5)\n"
	      "  --watchdog N    silence after which a connection is dropped and made anew (20)\n"
	      "  --lease N       how long a try that may be repeated runs on without the master (600)\n"
	      "  --margin N      waited on top of the lease before such a try counts as lost (30)\n"
	      "  --grace N       between asking a stopped package to end and killing it (10)\n",
	    out);
}

static bool read_seconds(const char *text, int *ret)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text == '\0' || *end || value < 1 || value > SECONDS_MAX)
		return false;
	*ret = (int)value;
	return true;
}

/* Returns 0, or 2 after telling what is wrong. */
static int read_settings(int argc, char **argv, struct settings *s)
{
	struct {
		const char *name;
		bool *flag;
		char **value;
		int *seconds;
	} options[] = { { "--catalog", NULL, &s->catalog, NULL }, { "--log", NULL, &s->log, NULL },
		{ "--foreground", &s->foreground, NULL, NULL }, { "--fast", &s->fast, NULL, NULL },
		{ "--help", &s->help, NULL, NULL }, { "--version", &s->version, NULL, NULL },
		{ "--ping", NULL, NULL, &s->ping_s }, { "--watchdog", NULL, NULL, &s->watchdog_s },
		{ "--lease", NULL, NULL, &s->lease_s }, { "--margin", NULL, NULL, &s->margin_s },
		{ "--grace", NULL, NULL, &s->grace_s } };

	for (int i = 1; i < argc; i++) {
		size_t o = 0;
		while (o < ARRAY_LEN(options) && strcmp(options[o].name, argv[i]) != 0)
			o++;
		if (o == ARRAY_LEN(options) || (!options[o].flag && i + 1 == argc)) {
			fprintf(stderr, "scaleoutd: unknown or incomplete option %s\n", argv[i]);
			usage(stderr);
			return 2;
		}
		if (options[o].flag) {
			*options[o].flag = true;
		} else if (options[o].seconds) {
			if (!read_seconds(argv[++i], options[o].seconds)) {
				fprintf(stderr, "scaleoutd: %s takes a number of seconds from 1 to %d\n",
				    options[o].name, SECONDS_MAX);
				return 2;
			}
		} else {
			free(*options[o].value);
			*options[o].value = xstrdup(argv[++i]);
		}
	}
	return 0;
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

/* One master per catalog: the lock is held for life. */
static int take_lock(const char *path, int *ret_fd, struct err *err)
{
	char *name = xasprintf("%s.lock", path);
	char text[32] = "";
	int r = 0;
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		r = err_set_errno(err, errno, "cannot open %s", name);
	} else if (!lock_or_wait(fd, path)) {
		if (read(fd, text, sizeof(text) - 1) < 0)
			text[0] = '\0';
		text[strcspn(text, "\n")] = '\0';
		r = err_set(err, ERR_BUSY, "a master runs for this catalog already (process %s)", text);
		close(fd);
	} else {
		int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
		if (ftruncate(fd, 0) == 0)
			fd_write_full(fd, text, (size_t)n);
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

static int open_log(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && st.st_size > LOG_MAX) {
		char *old = xasprintf("%s.1", path);
		rename(path, old);
		free(old);
	}
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* Standard streams of a daemon: nothing to read, everything said goes to the log. */
static void redirect(int log)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	close(null);
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
	master_stop(program->master);
}

/* Run until told to end. ready_fd is closed after a byte when the master answers. */
static int serve(const struct settings *settings, struct catalog *catalog, int ready_fd, struct err *err)
{
	struct program program = { .status = 0 };
	char *worker = program_find("scaleout-worker");
	struct master_options options = { .loop = &program.loop, .catalog = catalog,
		.path = settings->catalog, .catalog_id = *catalog_id(catalog), .fast = settings->fast,
		.ping_ms = settings->ping_s * 1000, .watchdog_ms = settings->watchdog_s * 1000,
		.lease_ms = settings->lease_s * 1000, .margin_ms = settings->margin_s * 1000,
		.grace_ms = settings->grace_s * 1000,
		.worker_program = worker ? worker : "scaleout-worker", .ended = on_ended, .ctx = &program };

	uv_loop_init(&program.loop);
	int r = master_new(&options, &program.master, err);
	if (r == 0)
		r = control_server_new(&program.loop, settings->catalog, program.master, &program.control, err);
	if (r == 0) {
		uv_signal_init(&program.loop, &program.term);
		uv_signal_init(&program.loop, &program.interrupt);
		program.term.data = program.interrupt.data = &program;
		uv_signal_start(&program.term, on_signal, SIGTERM);
		uv_signal_start(&program.interrupt, on_signal, SIGINT);
		log_info("the master of %s is ready", settings->catalog);
		if (ready_fd >= 0) {
			fd_write_full(ready_fd, "r", 1);
			close(ready_fd);
		}
		uv_run(&program.loop, UV_RUN_DEFAULT);
		uv_close((uv_handle_t *)&program.term, NULL);
		uv_close((uv_handle_t *)&program.interrupt, NULL);
	}
	control_server_free(program.control);
	master_free(program.master);
	uv_run(&program.loop, UV_RUN_NOWAIT);
	uv_loop_close(&program.loop);
	free(worker);
	return r < 0 ? r : program.status;
}

static int run(struct settings *settings, struct err *err)
{
	struct catalog *catalog = NULL;
	int lock = -1, ready = -1;
	char *log_path = settings->log ? path_absolute(settings->log) : xasprintf("%s.log", settings->catalog);

	/* What the user did wrong is told before we leave the terminal. */
	int r = catalog_open(settings->catalog, &catalog, err);
	catalog_close(catalog);
	catalog = NULL;
	int log = r < 0 || settings->foreground ? STDERR_FILENO : open_log(log_path);
	if (log < 0)
		r = err_set_errno(err, errno, "cannot open the log %s", log_path);
	if (r == 0 && !settings->foreground)
		ready = leave_terminal();
	if (r == 0)
		r = take_lock(settings->catalog, &lock, err);
	if (r == 0)
		r = catalog_open(settings->catalog, &catalog, err);
	if (r == 0 && !settings->foreground)
		redirect(log);
	if (r == 0) {
		log_open(STDERR_FILENO, LOG_LEVEL_INFO, "scaleoutd");
		r = serve(settings, catalog, ready, err);
	}
	catalog_close(catalog);
	if (lock >= 0)
		close(lock);
	free(log_path);
	return r;
}

int main(int argc, char **argv)
{
	struct settings settings = { 0 };
	struct err err = { 0 };
	int r = read_settings(argc, argv, &settings);

	if (r == 0 && settings.help) {
		usage(stdout);
	} else if (r == 0 && settings.version) {
		printf("scaleoutd %s\n", SO_VERSION);
	} else if (r == 0) {
		char *path = settings.catalog ? path_absolute(settings.catalog) : catalog_default_path();
		free(settings.catalog);
		settings.catalog = path;
		signal(SIGPIPE, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		r = run(&settings, &err);
		if (r < 0)
			fprintf(stderr, "scaleoutd: %s\n%s%s%s", err.primary, *err.hint ? "hint: " : "", err.hint,
			    *err.hint ? "\n" : "");
	}
	free(settings.catalog);
	free(settings.log);
	return r < 0 ? 1 : r;
}
