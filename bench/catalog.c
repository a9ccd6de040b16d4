/* SPDX-License-Identifier: MIT */
/*
 * What the catalog costs: starting executions and reading views against
 * hand-written SQLite on the same schema with the same settings, deploying a
 * large project, and pages of a catalog with a million executions.
 *
 *   catalog [--full] [--dir DIR] [--samples DIR] [--batches N] [--executions N]
 *           [--large FILE] [start] [deploy] [messages] [read]
 *
 * Without a name all run. --full reads from 1,000,000 executions and
 * 10,000,000 messages (some 3 GB in DIR); the default is a tenth. --large
 * keeps that catalog and uses it again.
 */
#include "bench/catalog.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "catalog/catalog.h"
#include "tsql/sqlite_ext.h"

void bench_figure(const char *name, double value, const char *unit)
{
	printf("figure %s %.6g %s\n", name, value, unit);
	fflush(stdout);
}

void bench_ratio(const char *name, double value)
{
	printf("ratio %s %.3f\n", name, value);
	fflush(stdout);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double bench_quantile(double *values, size_t count, double share)
{
	qsort(values, count, sizeof(*values), by_value);
	return values[(size_t)(share * (double)(count - 1) + 0.5)];
}

void bench_die(const char *fmt, ...)
{
	va_list args;

	fputs("catalog: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

char *bench_catalog(const struct bench *bench, const char *name)
{
	char *path = path_join(bench->dir, name);
	struct err err;

	if (catalog_create(path, &err) < 0)
		bench_die("%s", err.primary);
	return path;
}

void bench_catalog_remove(char *path)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", ".key" };

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		char *file = xasprintf("%s%s", path, suffixes[i]);

		unlink(file);
		free(file);
	}
	free(path);
}

struct tsql_client *bench_connect(const char *path, const char *login)
{
	struct tsql_client *client = NULL;
	struct err err;

	if (catalog_connect(path, login, NULL, &client, &err) < 0)
		bench_die("%s", err.primary);
	return client;
}

void bench_run(struct tsql_client *client, const char *batch)
{
	struct err err;

	if (tsql_client_run(client, batch, NULL, 0, NULL, &err) < 0)
		bench_die("%s: %s", batch, err.primary);
}

sqlite3_stmt *bench_prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
		bench_die("%s: %s", sql, sqlite3_errmsg(db));
	return stmt;
}

void bench_exec(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		bench_die("%s: %s", sql, sqlite3_errmsg(db));
}

/* What the triggers of the schema call. */
static void now_ticks(sqlite3_context *ctx, int count, sqlite3_value **args)
{
	(void)count, (void)args;
	sqlite3_result_int64(ctx, clock_wall());
}

sqlite3 *bench_sqlite(const char *path)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
	    tsql_register_sqlite(db) < 0 ||
	    sqlite3_create_function(db, "now_ticks", 0, SQLITE_UTF8, NULL, now_ticks, NULL, NULL) != SQLITE_OK)
		bench_die("%s: %s", path, sqlite3_errmsg(db));
	bench_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
		       "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32000;"
		       "PRAGMA journal_size_limit = 67108864;");
	return db;
}

/* --- command line --- */

static const struct {
	const char *name;
	void (*run)(const struct bench *bench);
} parts[] = {
	{ "start", bench_start },
	{ "deploy", bench_deploy },
	{ "messages", bench_messages },
	{ "read", bench_read },
};

static void run_parts(const struct bench *bench, char **names)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		bool chosen = !names[0];

		for (char **name = names; *name; name++)
			chosen = chosen || strcmp(*name, parts[i].name) == 0;
		if (chosen)
			parts[i].run(bench);
	}
}

static bool option(struct bench *bench, const char *name, const char *value)
{
	const struct {
		const char *name;
		int64_t *number;
		const char **text;
	} options[] = {
		{ "--dir", NULL, &bench->dir },
		{ "--samples", NULL, &bench->samples },
		{ "--large", NULL, &bench->large },
		{ "--batches", &bench->batches, NULL },
		{ "--packages", &bench->packages, NULL },
		{ "--executions", &bench->executions, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (strcmp(name, options[i].name) != 0)
			continue;
		if (options[i].text)
			*options[i].text = value;
		else
			*options[i].number = strtoll(value, NULL, 10);
		return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct bench bench = { .samples = SO_SAMPLES, .executions = 100000, .batches = 2000, .packages = 200 };
	char folder[] = "/var/tmp/scaleout-bench.XXXXXX";
	char **arg = argv + 1;

	while (*arg && strncmp(*arg, "--", 2) == 0) {
		if (strcmp(*arg, "--full") == 0) {
			bench.executions = 1000000;
			arg++;
		} else if (arg + 1 < argv + argc && option(&bench, arg[0], arg[1])) {
			arg += 2;
		} else {
			fputs("usage: catalog [--full] [--dir DIR] [--samples DIR] [--batches N] [--packages N]"
			      " [--executions N] [--large FILE] [start] [deploy] [messages] [read]\n", stderr);
			return 2;
		}
	}
	bool temporary = !bench.dir;
	if (temporary)
		bench.dir = mkdtemp(folder);
	if (!bench.dir)
		bench_die("no folder for the catalogs");
	run_parts(&bench, arg);
	if (temporary)
		dir_remove(folder, NULL);
	return 0;
}
