/* SPDX-License-Identifier: MIT */
/* The parts of bench/catalog, and what they share: connections, figures, plain SQLite beside the catalog. */
#ifndef SO_BENCH_CATALOG_H
#define SO_BENCH_CATALOG_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "tsql/client.h"

/* What the command line chose. */
struct bench {
	const char *dir;     /* new catalogs are made here */
	const char *samples; /* folder of the sample projects */
	int64_t executions;  /* of the large catalog; ten messages each */
	int64_t batches;     /* of create, set, set, start */
	int64_t packages;    /* of the large project */
	const char *large;   /* keep the large catalog here, NULL = make and remove it */
};

/* --- lines of output --- */

void bench_figure(const char *name, double value, const char *unit);
void bench_ratio(const char *name, double value);
/* The value at a share of the sorted values (sorts them). */
double bench_quantile(double *values, size_t count, double share);

/* --- connections; every failure ends the program with its text --- */

/* A new catalog in bench->dir; caller frees the path. */
char *bench_catalog(const struct bench *bench, const char *name);
void bench_catalog_remove(char *path);
struct tsql_client *bench_connect(const char *path, const char *login);
void bench_run(struct tsql_client *client, const char *batch);
/* A connection with the settings of the catalog's own (src/catalog/store.c). */
sqlite3 *bench_sqlite(const char *path);
sqlite3_stmt *bench_prepare(sqlite3 *db, const char *sql);
void bench_exec(sqlite3 *db, const char *sql);
_Noreturn void bench_die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* --- the measurements --- */

void bench_start(const struct bench *bench);
void bench_deploy(const struct bench *bench);
/* Storing messages of executions. */
void bench_messages(const struct bench *bench);
/* Views against direct queries, and pages of the large catalog. */
void bench_read(const struct bench *bench);
/* Every page of tests/catalog/pages.h as a login (NULL = an administrator), called who in the figures. */
void bench_pages(const struct bench *bench, const char *path, const char *login, const char *who);

/* --- queries of the large catalog --- */

/* What a query gave. */
struct bench_cells {
	int64_t rows, bytes;
};

/* Run a query with @key once and read all its cells; milliseconds. */
double bench_query(struct tsql_client *client, const char *batch, int64_t key, struct bench_cells *ret);
/* The i-th of count ids that are spread over all executions. */
int64_t bench_spread(const struct bench *bench, size_t i, size_t count);
/* The execution with very many messages. */
#define BENCH_BIG(bench) ((bench)->executions - 30)

#endif
