/* SPDX-License-Identifier: MIT */
/*
 * The tests of "worker check". One row, one function; the conversations that
 * they judge are held once, before.
 */
#ifndef SO_CLI_WORKER_CHECK_H
#define SO_CLI_WORKER_CHECK_H

#include <jansson.h>

#include "cli/worker.h"

enum check_result { CHECK_OK, CHECK_WARNING, CHECK_FAILED, CHECK_SKIPPED, CHECK_RESULT_COUNT };

/* What was found out; members are NULL where it did not get so far. */
struct check_facts {
	struct cli *cli;
	struct tsql_client *client;
	const struct tsql_rowset *row;
	const struct reach *reach;
	bool encrypted;                /* the identity is, and no passphrase is known */
	struct err identity;           /* why the identity file cannot be used */
	char *key, *fingerprint;       /* shown now */
	enum cli_stage key_stage;
	struct err key_err;
	json_t *survey;
	enum cli_stage survey_stage;
	struct err survey_err;
	json_t *checked;               /* by scaleout-worker check */
	struct err checked_err;
	int64_t checked_from, checked_to; /* our clock (ticks) around it */
	json_t *hello;
	struct err hello_err;
	json_t *master;                /* its status */
	char *scale_out, *logging;     /* catalog properties */
};

/* What a test says: one line about what it saw, and on a failure what to do. */
struct check_said {
	char text[800], remedy[600];
};

struct check_test {
	const char *name;   /* what is true when it passes */
	const char *covers; /* row of the product's troubleshooting list (spec/catalog.md §7.9), "" = ours */
	enum check_result (*run)(const struct check_facts *facts, struct check_said *ret);
};
/* In the order of the way to the machine. Ended by a NULL name. */
extern const struct check_test worker_checks[];

#endif
