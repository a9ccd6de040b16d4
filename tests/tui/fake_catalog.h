/* SPDX-License-Identifier: MIT */
/*
 * A catalog without a catalog: answers the console's queries from made-up
 * data, so that screens can be tested in their own room. It knows the batches
 * by their FROM or EXEC part, fails those it does not know, and keeps the text
 * of everything that changes something.
 */
#ifndef SO_TESTS_FAKE_CATALOG_H
#define SO_TESTS_FAKE_CATALOG_H

#include <pthread.h>
#include <stdint.h>

#include "base/buf.h"
#include "tsql/client.h"

struct fake_catalog {
	int64_t executions; /* ids 1 to this */
	int64_t messages;   /* per execution */
	pthread_mutex_t mutex;
	struct buf actions;  /* batches that change something, in order, each ended by "--\n" */
	bool paused;         /* the queue; pausing and resuming change it */
	char reason[200];
	bool no_master;      /* its last sign of life is old */
	bool refuse;         /* actions fail with 27140 */
	bool late_counts;    /* the first counters of executions come after their first page */
};

void fake_init(struct fake_catalog *fake, int64_t executions);
void fake_release(struct fake_catalog *fake);
/* Connections to it; server "testserver", login "tester". */
struct tsql_connector fake_connector(struct fake_catalog *fake);

#endif
