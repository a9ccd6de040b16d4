/* SPDX-License-Identifier: MIT */
/* A fresh catalog per case, and executions put there by hand for tests below T-SQL. */
#ifndef SO_TESTS_CATALOG_FIXTURE_H
#define SO_TESTS_CATALOG_FIXTURE_H

#include "catalog/queue.h"
#include "tests/harness.h"

/* A new catalog in a folder of this case. Close with catalog_close, free path. */
struct catalog *fixture_catalog(char **ret_path);

/* Run SQL or fail the case. */
void fixture_exec(struct catalog *c, const char *sql);
/* First column of the first row as a number; fails the case when there is none. */
int64_t fixture_int(struct catalog *c, const char *sql);
/* The same as text, "" for NULL; caller frees. */
char *fixture_text(struct catalog *c, const char *sql);

/* A pending Scale Out execution of \SSISDB\folder1\project1\package1.dtsx; returns its id. */
int64_t fixture_pending(struct catalog *c, int retry_count);
/* A registered, enabled worker. */
struct uuid fixture_worker(struct catalog *c, const char *name);

/* All that waits, whether its time has come or not, by lanes; and (ret_lane may be NULL) the first lane. */
struct queue_items fixture_queue(struct catalog *c, struct queue_lane *ret_lane);

/* Whether the bytes of a file contain a text; fails the case when it cannot be read. */
bool fixture_file_has(const char *name, const char *needle);

/* Fail with the text of err unless r is 0. */
void fixture_ok(int r, const struct err *err);

#endif
