/* SPDX-License-Identifier: MIT */
/* Catalogs for tests through T-SQL: run batches, read values, deploy projects made in memory. */
#ifndef SO_TESTS_CATALOG_CLIENT_FIXTURE_H
#define SO_TESTS_CATALOG_CLIENT_FIXTURE_H

#include "tests/catalog/fixture.h"
#include "tsql/client.h"

/* Connect as a login (NULL = our own account). Close with tsql_client_close. */
struct tsql_client *t_connect(const char *path, const char *login);

/* Run a batch that must succeed; printf style. */
void t_run(struct tsql_client *client, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Run a batch that must fail, with this number. */
void t_fails(struct tsql_client *client, int number, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* First cell of the first rowset: as a number, or as text ("NULL" for NULL; caller frees). Fails the case without a row. */
int64_t t_int(struct tsql_client *client, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *t_text(struct tsql_client *client, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The cell must read like that. */
void t_is(struct tsql_client *client, const char *expected, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Rows of the first rowset. */
size_t t_rows(struct tsql_client *client, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Run deploy_project with these bytes; returns what the client returned, err and the operation's id set. */
int t_deploy(struct tsql_client *client, const char *folder, const char *project, const void *data,
    size_t len, int64_t *ret_operation, struct err *err);

/*
 * Append an .ispac named name: package1.dtsx, package2.dtsx and child.dtsx (no
 * entry point). version 1: project parameters Greeting (String "Hello"),
 * Count (Int32 7), Secret (String, sensitive, no value); package1 has Who
 * (String "world"), package2 has Needed (Int32, required). version 2: Greeting
 * only, with another value, and Count as a String; package2 is gone. version 3: as 2, and typed.dtsx with a
 * parameter named after every type.
 */
void t_project(const char *name, int version, struct buf *out);
/* Make folder1 and deploy project1 version 1 into it. */
void t_deploy_project1(struct tsql_client *client);

#endif
