/* SPDX-License-Identifier: MIT */
/*
 * The Scale Out master: one loop and one thread over one catalog
 * (doc/protocol.md §5, catalog/queue.h).
 */
#ifndef SO_EXEC_MASTER_MASTER_H
#define SO_EXEC_MASTER_MASTER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/buf.h"
#include "base/err.h"
#include "catalog/queue.h"

struct master_options {
	uv_loop_t *loop;
	struct catalog *catalog;    /* borrowed; of this thread only */
	const char *path;           /* of the catalog: dumps go to PATH.dumps */
	struct uuid catalog_id;
	const char *worker_program; /* scaleout-worker of the built-in worker */
	const char *runtime;        /* program for agents we start ourselves, or NULL = the one built into them */
	bool fast;                  /* workers need not fsync (a power cut may cost results) */
	/* Times in milliseconds; 0 = the default. */
	int poll_ms;     /* 30: how often the catalog is looked at */
	int ping_ms;     /* 5000 */
	int watchdog_ms; /* 20000: silence after which a connection is dropped */
	int lease_ms;    /* 600000: as the product's worker */
	int margin_ms;   /* 30000: added to the lease before a try counts as lost */
	int grace_ms;    /* 10000: between TERM and KILL */
	int upkeep_ms;   /* 600000: between two rounds of the maintenance job */
	int heartbeat_ms;        /* 30000: how often the catalog is told that the master is there */
	int worker_heartbeat_ms; /* 60000: and how its workers are */
	int local_slots;         /* of the built-in worker; 0 = what the catalog says */
	/* What the scheduler goes by (scheduler.h). */
	int patience_ms;     /* 60000: a lane that got nothing for so long has its turn */
	int max_cpu_percent; /* 100 (never mind): a worker busier than this gets nothing */
	int min_memory_mb;   /* 100: one with less memory available gets nothing; -1 = never mind */
	/* The master can go on no longer (another has taken over, or master_stop is done). */
	void (*ended)(void *ctx, const struct err *err);
	void *ctx;
};

struct master;

/* Take mastership and begin to work. Free after the loop has ended. */
int master_new(const struct master_options *options, struct master **ret, struct err *err);
void master_free(struct master *master);
/* Look at the queue now. */
void master_nudge(struct master *master);
/* Let go of everything; executions run on. ended is called when it is done. */
void master_stop(struct master *master);
/* Take other times, slots and rules of the same kind as at the start; all but loop, catalog and names. */
void master_reconfigure(struct master *master, const struct master_options *options);
/* One line of JSON; caller frees. */
char *master_status(struct master *master);
/* Everything for Prometheus, in its text format. */
void master_metrics(struct master *master, struct buf *ret);

#endif
