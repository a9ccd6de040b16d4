/* SPDX-License-Identifier: MIT */
/*
 * catalog/queue.h in memory, for tests of the master: executions are steps of
 * fake_dtexec. Everything is plain data, so a transaction is a copy and a
 * rollback is real; any call can be made to fail.
 */
#ifndef SO_TESTS_EXEC_FAKE_QUEUE_H
#define SO_TESTS_EXEC_FAKE_QUEUE_H

#include "catalog/queue.h"

#define FAKE_EXECUTIONS 256
#define FAKE_TRIES 8
#define FAKE_WORKERS 4

struct fake_try {
	bool open, started, ended, spool_lost;
	int worker; /* index */
	int64_t epoch, committed_seq;
	enum queue_outcome outcome;
	int exit_code;
	char reason[256];
};

struct fake_execution {
	int64_t id;
	int status, retries, attempt; /* attempt: number of the next or present try */
	bool local, queued;
	int only_worker;              /* index, or -1 = any */
	int last_worker;
	int starts;                   /* queue_started calls that changed something */
	int time_limit_s;
	int notes;
	char last_note[256];
	char dump[256];
	char steps[1024];             /* JSON array */
	struct fake_try tries[FAKE_TRIES + 1];
};

struct fake_state {
	int64_t epoch;
	char spool_ids[FAKE_WORKERS][64];
	int execution_count;
	struct fake_execution executions[FAKE_EXECUTIONS];
};

struct catalog {
	struct fake_state now, before; /* before: as of the transaction's beginning */
	bool in_batch, changed, paused, disk_full;
	int64_t our_epoch;
	int fail_commits;        /* how many commits shall fail */
	int fail_events;         /* how many queue_events calls shall say "no such gap" */
	int commits;
	int old_operations;      /* what maintenance has left to delete */
	int batches;             /* of maintenance */
	int worker_count;
	struct uuid worker_ids[FAKE_WORKERS];
	char spools[FAKE_WORKERS][256];
	char programs[FAKE_WORKERS][256];
	bool disabled[FAKE_WORKERS], online[FAKE_WORKERS];
	int slots;
};

/* A catalog with the local worker and count - 1 others, each with a spool under dir. */
struct catalog *fake_catalog_new(const char *dir, int count);
/* A pending execution; steps is a JSON array of fake_dtexec's steps. Returns it. */
struct fake_execution *fake_execution(struct catalog *catalog, int retries, const char *steps);
void fake_stop(struct catalog *catalog, int64_t id);

#endif
