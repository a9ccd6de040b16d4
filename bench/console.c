/* SPDX-License-Identifier: MIT */
/*
 * The console on a large catalog, measured from outside: a pseudo-terminal of
 * 80x24, bytes and time per key, memory (spec/tui.md §3.3 has the targets).
 *
 * usage: bench/console [--rows N] [--catalog PATH] [--live SECONDS]
 * The catalog is made with N executions (1,000,000) and 20,000 messages; with
 * --catalog it is kept at PATH, or used again when it is there. --live only moves
 * about in All Executions for so long or until TERM, with live updates on (bench/scale).
 */
#include <pwd.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "catalog/catalog.h"
#include "tests/tui/pty.h"
#include "tui/console.h"

#define QUIET_MS 60
#define START_MS 60000

/* --- the console itself, in the child --- */

static int connect_catalog(void *ctx, struct tsql_client **ret, struct err *err)
{
	return catalog_connect(ctx, NULL, NULL, ret, err);
}

static int run_child(char *path)
{
	struct console_options options = { .color = -1, .open = "executions",
		.connector = { connect_catalog, path, "bench", "bench" } };
	struct err err;

	if (console_run(&options, &err) == 0)
		return 0;
	fprintf(stderr, "%s\n", err.primary);
	return 1;
}

/* --- the catalog --- */

static const char *const fill[] = {
	"PRAGMA foreign_keys = OFF",
	"PRAGMA synchronous = OFF",
	"BEGIN",
	/* Mostly successes, some failures, a few stopped; the newest twenty run. */
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
	" INSERT INTO operation (operation_id, operation_type, created_time, object_type, object_id, status,"
	"  start_time, end_time, caller_name, server_name, machine_name, folder_name, project_name, package_name)"
	" SELECT i, 200, ?2 + i * 30000000, 20, i % 40,"
	"  CASE WHEN i > ?1 - 20 THEN 2 WHEN i % 17 = 3 THEN 4 WHEN i % 230 = 5 THEN 3 ELSE 7 END,"
	"  ?2 + i * 30000000 + 10000000, CASE WHEN i > ?1 - 20 THEN NULL ELSE ?2 + i * 30000000 + 10000000 *"
	"  (2 + i % 300) END, 'operator' || (i % 5), 'master', 'worker' || (i % 8), 'Folder' || (i % 4),"
	"  'Project' || (i % 40), 'Package' || (i % 400) || '.dtsx' FROM n",
	"INSERT INTO execution (execution_id, project_lsn, project_hash, scale_out, executed_count)"
	" SELECT operation_id, 1, '', 1, 1 FROM operation WHERE operation_id <= ?1 AND ?2",
	"INSERT INTO source (source_id, package_path, name, event_name, package_name, guid, subcomponent_name)"
	" SELECT 1, '\\Package\\Task', 'Task', 'OnInformation', 'Package1.dtsx', '', '' WHERE ?1 AND ?2",
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
	" INSERT INTO message (operation_id, attempt, message_time, message_type, source_type, message, source_id)"
	" SELECT ?1 - 30, 1, ?2 + i * 10000, CASE WHEN i % 1000 = 0 THEN 120 ELSE 70 END, 40,"
	"  'Message number ' || i || ' of this execution', 1 FROM n",
	"INSERT OR IGNORE INTO operation_event SELECT m.operation_id, s.event_id, m.message_id FROM message m"
	" CROSS JOIN source s ON s.source_id = m.source_id WHERE ?1 AND ?2 ORDER BY m.message_id",
	"COMMIT",
	"PRAGMA wal_checkpoint(TRUNCATE)",
};

static int fill_catalog(const char *path, int64_t rows, struct err *err)
{
	struct catalog *catalog = NULL;
	int r = catalog_create(path, err);

	if (r == 0)
		r = catalog_open(path, &catalog, err);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(fill); i++) {
		sqlite3 *db = catalog_db(catalog);
		sqlite3_stmt *stmt = NULL;

		if (sqlite3_prepare_v2(db, fill[i], -1, &stmt, NULL) == SQLITE_OK) {
			if (sqlite3_bind_parameter_count(stmt) > 0) {
				sqlite3_bind_int64(stmt, 1, rows);
				sqlite3_bind_int64(stmt, 2, clock_wall() - rows * 30000000);
			}
			while (sqlite3_step(stmt) == SQLITE_ROW)
				continue;
		}
		if (sqlite3_finalize(stmt) != SQLITE_OK)
			r = err_set(err, ERR_INTERNAL, "statement %zu: %s", i, sqlite3_errmsg(db));
	}
	catalog_close(catalog);
	return r;
}

/* --- measuring --- */

static void figure(const char *name, double value, const char *unit)
{
	printf("figure %s %.6g %s\n", name, value, unit);
	fflush(stdout);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double quantile(double *values, size_t count, double q)
{
	qsort(values, count, sizeof(*values), by_value);
	return values[(size_t)(q * (double)(count - 1) + 0.5)];
}

/* Send each key, one after the other, count times around; print bytes and times. */
static void measure(struct pty *pty, const char *name, const char *const *keys, size_t key_count, size_t count)
{
	double *bytes = xcalloc(count, sizeof(*bytes)), *times = xcalloc(count, sizeof(*times));
	char *label;

	for (size_t i = 0; i < count; i++) {
		long last;

		pty_send(pty, keys[i % key_count]);
		bytes[i] = (double)pty_settle(pty, QUIET_MS, &last);
		times[i] = (double)last / 1000;
	}
	label = xasprintf("console_%s_bytes_max", name);
	figure(label, quantile(bytes, count, 1), "bytes");
	free(label);
	label = xasprintf("console_%s_bytes_p50", name);
	figure(label, quantile(bytes, count, 0.5), "bytes");
	free(label);
	label = xasprintf("console_%s_p50", name);
	figure(label, quantile(times, count, 0.5), "ms");
	free(label);
	label = xasprintf("console_%s_p99", name);
	figure(label, quantile(times, count, 0.99), "ms");
	free(label);
	free(bytes);
	free(times);
}

#define MEASURE(pty, name, count, ...) \
	measure(pty, name, (const char *const[]){ __VA_ARGS__ }, \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *), count)

static double resident_mb(pid_t pid)
{
	char path[64];
	struct buf text = BUF_INIT;
	const char *at;
	double mb = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (file_read(path, 1 << 16, &text, NULL) >= 0 && (at = strstr(text.data, "VmRSS:")))
		mb = strtod(at + 6, NULL) / 1024;
	buf_release(&text);
	return mb;
}

static struct pty *start(const char *self, const char *path, const char *wait)
{
	char *const argv[] = { (char *)self, (char *)"--child", (char *)path, NULL };
	struct pty *pty = pty_start(argv, "xterm-256color", 80, 24);

	if (!pty || !pty_wait(pty, wait, false, START_MS)) {
		pty_free(pty);
		return NULL;
	}
	return pty;
}

static int measure_start(const char *self, const char *path)
{
	double paint[20], rows[20];

	for (size_t i = 0; i < ARRAY_LEN(paint); i++) {
		int64_t began = clock_mono_us();
		struct pty *pty = start(self, path, "All Executions");

		if (!pty)
			return -1;
		paint[i] = (double)(clock_mono_us() - began) / 1000;
		pty_wait(pty, "Running", false, START_MS);
		pty_wait(pty, "Package", false, START_MS);
		rows[i] = (double)(clock_mono_us() - began) / 1000;
		if (i == 0) {
			pty_settle(pty, 300, NULL);
			figure("console_start_bytes", (double)pty_output(pty)->len, "bytes");
		}
		pty_free(pty);
	}
	figure("console_start_paint_p50", quantile(paint, ARRAY_LEN(paint), 0.5), "ms");
	figure("console_start_paint_p99", quantile(paint, ARRAY_LEN(paint), 0.99), "ms");
	figure("console_start_rows_p50", quantile(rows, ARRAY_LEN(rows), 0.5), "ms");
	return 0;
}

static void measure_filter(struct pty *pty, const char *name, const char *text, const char *expect)
{
	int64_t began;
	char *label = xasprintf("console_filter_%s", name);

	pty_send(pty, "/\025");
	pty_settle(pty, QUIET_MS, NULL);
	began = clock_mono_us();
	pty_send(pty, text);
	pty_send(pty, "\r");
	if (pty_wait(pty, expect, false, START_MS))
		figure(label, (double)(clock_mono_us() - began) / 1000, "ms");
	free(label);
}

static double bytes_in(struct pty *pty, int ms)
{
	int64_t end = clock_mono_ms() + ms;
	size_t bytes = 0;

	while (clock_mono_ms() < end)
		bytes += pty_settle(pty, 20, NULL);
	return (double)bytes;
}

static int run(const char *self, const char *path)
{
	struct pty *pty;
	double before;

	if (measure_start(self, path) < 0 || !(pty = start(self, path, "Succeeded ")))
		return -1;
	pty_settle(pty, 500, NULL);
	/* Live updates change running durations; they are paused for the byte counts of keys. */
	figure("console_live_20_running_bytes", bytes_in(pty, 5000) / 5, "bytes/s");
	pty_send(pty, "p");
	pty_settle(pty, QUIET_MS * 3, NULL);
	figure("console_idle_bytes", (double)pty_settle(pty, 3000, NULL), "bytes");
	before = resident_mb(pty_pid(pty));
	figure("console_rss", before, "MB");
	MEASURE(pty, "down", 15, "j");
	MEASURE(pty, "move", 200, "k", "j");
	MEASURE(pty, "page", 200, "\033[6~");
	MEASURE(pty, "scroll", 100, "j");
	MEASURE(pty, "ends", 60, "G", "g");
	MEASURE(pty, "repaint", 10, "\f");
	MEASURE(pty, "overview", 30, "\r", "q");
	measure_filter(pty, "id", "id:12345", "Filter: id:12345");
	measure_filter(pty, "status", "status:failed", "Failed");
	measure_filter(pty, "text", "package:Package399", "Package399");
	measure_filter(pty, "nothing", "package:nosuchpackage", "nothing matches");
	pty_send(pty, "/\025\r");
	pty_settle(pty, 500, NULL);
	for (int i = 0; i < 5000; i++) {
		pty_send(pty, i % 2 ? "\033[5~" : "\033[6~\033[6~");
		pty_settle(pty, 1, NULL);
	}
	pty_settle(pty, 200, NULL);
	figure("console_rss_growth", resident_mb(pty_pid(pty)) - before, "MB");
	pty_free(pty);
	return 0;
}

/* Milliseconds from a key to the end of the first burst of output: a live update that comes later is not its answer. */
static double answer_ms(struct pty *pty, const char *key)
{
	int64_t began = clock_mono_us();
	long burst = 0;

	pty_send(pty, key);
	while (clock_mono_us() - began < 1000000) {
		int64_t waited = clock_mono_us() - began;
		if (pty_settle(pty, 1, &burst) > 0)
			return (double)(waited + burst) / 1000;
	}
	return 1000;
}

#define LIVE_MAX 10000

static volatile sig_atomic_t enough;

static void on_term(int signal)
{
	(void)signal;
	enough = 1;
}

static int run_live(const char *self, const char *path, int seconds)
{
	static const struct {
		const char *name, *there, *back;
	} moves[] = { { "move", "j", "k" }, { "page", "\033[6~", "\033[5~" }, { "ends", "G", "g" } };
	double *times[ARRAY_LEN(moves)];
	size_t count = 0;
	int64_t end = clock_mono_ms() + (int64_t)seconds * 1000;
	struct pty *pty = start(self, path, "Running");

	if (!pty)
		return -1;
	signal(SIGTERM, on_term);
	pty_settle(pty, QUIET_MS, NULL);
	for (size_t i = 0; i < ARRAY_LEN(moves); i++)
		times[i] = xcalloc(LIVE_MAX, sizeof(double));
	for (; !enough && clock_mono_ms() < end && count + 1 < LIVE_MAX; count += 2) {
		for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
			times[i][count] = answer_ms(pty, moves[i].there);
			pty_settle(pty, 10, NULL);
			times[i][count + 1] = answer_ms(pty, moves[i].back);
			pty_settle(pty, 10, NULL);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
		char *p50 = xasprintf("console_live_%s_p50", moves[i].name), *p99 = xasprintf("console_live_%s_p99", moves[i].name);

		figure(p50, quantile(times[i], count, 0.5), "ms");
		figure(p99, quantile(times[i], count, 0.99), "ms");
		free(p50);
		free(p99);
		free(times[i]);
	}
	figure("console_live_keys", (double)(count * ARRAY_LEN(moves)), "keys");
	figure("console_live_rss", resident_mb(pty_pid(pty)), "MB");
	pty_free(pty);
	return 0;
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/scaleout-bench.XXXXXX";
	char *path = NULL, *self = path_absolute("/proc/self/exe");
	int64_t rows = 1000000, began = clock_mono_us();
	int live = 0;
	struct err err = { 0 };
	int r = 0;

	if (argc == 3 && strcmp(argv[1], "--child") == 0)
		return run_child(argv[2]);
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--rows") == 0)
			rows = strtoll(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--catalog") == 0)
			path = xstrdup(argv[i + 1]);
		else if (strcmp(argv[i], "--live") == 0)
			live = (int)strtol(argv[i + 1], NULL, 10);
	}
	bool temporary = path == NULL;
	if (temporary && mkdtemp(folder))
		path = path_join(folder, "SSISDB.db");
	if (!file_exists(path)) {
		r = fill_catalog(path, rows, &err);
		figure("console_fill", (double)(clock_mono_us() - began) / 1e6, "s");
	}
	if (r == 0)
		r = live ? run_live(self, path, live) : run(self, path);
	if (r < 0)
		fprintf(stderr, "bench/console: %s\n", err.primary[0] ? err.primary : "the console did not come up");
	if (temporary)
		dir_remove(folder, NULL);
	free(path);
	free(self);
	return r < 0;
}
