/* SPDX-License-Identifier: MIT */
/* A catalog with everything in it, and calls with names in braces that name what is there, or
 * nothing. */
#ifndef SO_TESTS_CATALOG_WORLD_H
#define SO_TESTS_CATALOG_WORLD_H

#include "tests/catalog/client_fixture.h"

/* A login with a user and without rights. An account that every system has; only its name matters.
 * It is in the role crew. */
#define WORLD_USER "daemon"

/*
 * folder1 with project1 (two versions), project2 and env1 with var1, which
 * project1 refers to; folder2 and folder3, empty; the executions {X}, {Y} (with
 * the reference), {S} (Scale Out, listed workers), {R} (pending); the worker
 * {W}, the logging level {L}, the data tap {T}, and a row for every view.
 * admin is a connection of our own; the caller closes both and frees the path.
 */
struct catalog *world_open(char **ret_path, struct tsql_client **ret_admin);

struct world_name {
	const char *word;            /* in braces */
	const char *there, *missing; /* literals: of a thing, of none */
	char kind; /* of the object it belongs to: F, G, P, E, O, or another letter */
};
/* Fails the case when there is no such word. */
const struct world_name *world_name(const char *word, size_t len);

/* The call with words filled in; things of the kinds (letters) in missing are named as nothing is.
 * Caller frees. */
char *world_fill(const char *call, const char *missing);

#endif
