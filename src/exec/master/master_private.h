/* SPDX-License-Identifier: MIT */
/*
 * What the master's files share: master.c (turns), dispatch.c (from the queue
 * to workers), link.c (one worker's connection), flight.c and
 * flight_talk.c (one try under way), project.c (sending projects),
 * dump.c (fetching dumps).
 *
 * The rule of a turn. Whatever arrives is written into one catalog
 * transaction (master_writing opens it) and every frame to send is gathered in
 * link->out. At the end of the turn the transaction is committed, and only
 * then the frames go out: commit before act, acknowledge after commit, one
 * fsync for everything. If the catalog fails, frames and memory are dropped
 * and every link starts over from what the catalog says.
 */
#ifndef SO_EXEC_MASTER_PRIVATE_H
#define SO_EXEC_MASTER_PRIVATE_H

#include <jansson.h>

#include "base/buf.h"
#include "base/mem.h"
#include "catalog/maintenance.h"
#include "exec/master/log_fields.h"
#include "exec/master/master.h"
#include "exec/master/scheduler.h"
#include "exec/protocol.h"
#include "exec/transport.h"

struct project_bytes;

enum link_state {
	LINK_RESTING,    /* not connected; again at retry_ms */
	LINK_CONNECTING,
	LINK_GREETING,   /* HELLO sent */
	LINK_LISTING,    /* HELLO answered; TASKS is coming, or the catalog rests and what it said is asked for again */
	LINK_UP,
	LINK_BLOCKED,    /* the host key changed */
	LINK_STATE_COUNT
};

/* dtexec's code for a package that could not be loaded: a try that ends before it started has it, too. */
#define EXIT_NOT_LOADED 5

enum flight_state {
	FLIGHT_WAITING, /* START was not sent: no connection, or the project is under way */
	FLIGHT_SENT,    /* START may have arrived */
	FLIGHT_STARTED,
	FLIGHT_FETCHING, /* ended; its dumps are fetched before that is committed */
	FLIGHT_STRANDED  /* its spool was lost: it may run until its lease is over */
};

/* One open try. */
struct flight {
	int64_t execution_id;
	int attempt;
	char key[TASK_KEY_SIZE];
	enum flight_state state;
	bool stopping, cancel_sent;
	bool retries_left; /* a lease applies */
	bool spool_lost;   /* it was given to a spool that the worker no longer has */
	bool noted;        /* the report says that the worker is out of reach */
	int64_t folder_id; /* whose share of the slots it takes */
	int time_limit_s;  /* 0 = none */
	int unreadable;    /* how often its events did not follow each other */
	int64_t committed_seq;
	char project[65];  /* what it waits for, or "" */
	json_t *result;    /* FETCHING: the RESULT frame's header */
	size_t dump_index; /* FETCHING: which dump, and how much of it is here */
	int64_t dump_offset;
	int dump_fd;
	bool dump_asked;   /* DUMP was sent over this connection */
	int dump_stored;   /* how many are here */
	char *dump_trouble; /* why the first one that was lost could not be kept, or NULL */
	bool dump_fetching; /* of a running package: result holds the list of its dumps */
};

/* A key that a worker holds and LIST told. */
struct listed {
	char key[TASK_KEY_SIZE];
	enum task_state state;
};

struct link {
	struct master *master;
	struct queue_worker worker; /* own copy of the row */
	bool local;                 /* the built-in worker */
	bool gone;                  /* its row was removed; ends when no try is open */
	enum link_state state;
	struct transport *transport;
	struct frame_reader in;
	struct buf out; /* frames of this turn */
	bool will_send; /* it is in master->sending */
	VEC(struct flight *) flights;
	VEC(struct listed) listed;  /* while LISTING */
	VEC(char *) projects;       /* hashes the worker holds */
	char *putting;              /* hash being sent, or NULL */
	struct project_bytes *bytes;
	size_t put_offset;
	int64_t session;
	int cpu_percent;            /* of its processors together, as it said last; -1 = unknown */
	int64_t memory_free_kb;     /* the same */
	int64_t stamp;              /* latest reading of the worker's clock */
	int64_t stamp_ms;           /* when it came; leases count from here */
	int64_t heard_ms, pinged_ms;
	int64_t down_ms, down_wall; /* since when it is out of reach */
	int64_t retry_ms;           /* RESTING: when to connect again */
	int64_t rest_until_ms;      /* no new work until then: it refused some */
	int refusals;               /* since something started there */
	int64_t seen_ms;            /* when the catalog was told about it last, how much ran then, */
	int seen_running;
	bool seen_held_back;        /* and whether its load kept work from it */
	int failures;
	int orphans;
	int64_t spool_lost_ms;      /* when it was seen that its spool is another one, 0 = not by this master */
	char machine[256];
	struct err err; /* why it is not up */
};

struct master {
	struct master_options options;
	int64_t epoch, session;
	VEC(struct link *) links;
	VEC(struct link *) sending; /* those with something to send: a turn costs nothing for the others */
	struct scheduler *scheduler;
	VEC(struct project_bytes *) projects; /* being sent to some worker */
	uv_timer_t poll, tick, upkeep;
	struct maintenance maintenance;
	int upkeep_batch; /* operations that the next batch of maintenance may delete */
	uv_prepare_t prepare;
	uv_check_t check;
	bool writing;    /* a transaction is open, since: */
	int64_t turn_began_us;
	bool look, left; /* the queue is to be looked at; something pending found no place */
	bool paused;     /* somebody has paused the queue */
	bool workers_changed;
	bool reload;     /* the catalog failed: take the open tries from it again */
	bool stopping, ended;
	int64_t started_ms, workers_ms, beat_ms;
	bool resting;      /* the catalog failed; nothing is done until it takes a write again */
	int64_t probe_ms;  /* while it rests: when it is tried again */
	struct err trouble; /* and what is wrong */
	int64_t rested_ms; /* when the links at rest were looked at last */
	int64_t late_ms; /* when validations that take too long were looked for last */
	int64_t not_before; /* ticks: earliest of the executions that wait for a time, 0 = none */
	int catalog_failures;
	int64_t count_started, count_ended, count_retried, count_lost, count_catalog_failures, count_overdue;
	struct {
		int64_t started, ended;
	} seconds[61];     /* the counts at the beginning of each of the last seconds, a ring */
	int64_t second;    /* which one is now, since the start */
	char host[256];
};


/* --- master.c --- */
/* Open the turn's transaction if it is not; false when the catalog fails (which resets everything). */
bool master_writing(struct master *master);
/* A write failed in a way that is not about one try: drop the turn. Returns false for the caller's convenience. */
bool master_catalog_failed(struct master *master, const struct err *err);
bool master_resting(const struct master *master);

/* --- dispatch.c --- */
void dispatch_init(struct master *master);
/* The options have changed. */
void dispatch_rules(struct master *master);
struct scheduler_rules dispatch_rules_of(const struct master_options *options);
/* Give what waits to workers with free slots. */
void dispatch(struct master *master);

/* --- link.c --- */
struct link *link_new(struct master *master, const struct queue_worker *worker, bool local);
void link_free(struct link *link);
/* Take a changed row. */
void link_update(struct link *link, const struct queue_worker *worker);
/* Work that is due by time: connect, ping, watchdog, notes, leases. */
void link_tick(struct link *link, int64_t now_ms);
/* Connected, with nothing to do and nothing that the catalog does not know: its tick may be late. */
bool link_at_rest(const struct link *link);
/* The catalog takes writes again: what was connected only so that leases live on begins anew. */
void links_release(struct master *master);
/* Send what the turn has gathered. */
void links_flush(struct master *master);
/* The link has something for the end of the turn. */
void link_will_send(struct link *link);
/* Drop the connection and begin anew later; the reason is shown. */
void link_reset(struct link *link, const struct err *why);
/* The connection ended or cannot be made: reset it, and tell the catalog; ERR_TRUST blocks the worker. */
void link_lost(struct link *link, const struct err *why);
/* Forget the flights and take the open tries from the catalog. */
bool link_load_flights(struct link *link);
/* Queue a frame; takes the head. */
void link_send(struct link *link, json_t *head, const void *blob, size_t len);
/* A lease that the worker heard of last at contact_ms (monotonic) has ended for sure. */
bool link_lease_over(const struct link *link, int64_t contact_ms);
void link_send_key(struct link *link, enum message type, const char *key);
bool link_ready(const struct link *link, int64_t now_ms);
bool link_worker_seen(struct link *link);
/* How busy the worker is, for the catalog. */
void link_add_load(const struct link *link, struct queue_worker_state *state);

/* --- link_talk.c --- */
/* It may connect now: rested, wanted, and not too many log in to that machine already. */
bool link_connect_due(const struct link *link, int64_t now_ms);
void link_connect(struct link *link);

/* --- flight.c --- */
/* The caller has counted it to its folder's share (scheduler.h); flight_free takes it off again. */
struct flight *flight_new(struct link *link, int64_t execution_id, int attempt, int64_t folder_id);
struct flight *flight_find(const struct link *link, const char *key);
void flight_free(struct link *link, struct flight *flight);
/* Send START, or see to the project first. */
bool flight_start(struct link *link, struct flight *flight);
/* A stop is wanted. */
bool flight_cancel(struct link *link, struct flight *flight);
/* A message of the master's own in the execution's report; frees text. False when the catalog failed. */
bool flight_note(struct link *link, const struct flight *flight, int type, char *text);
/* End the try in the catalog and forget it. False when the catalog failed. */
bool flight_end(struct link *link, struct flight *flight, enum queue_outcome outcome, int exit_code,
    int64_t time, const char *reason);
/* A try whose spool was lost: ended once it cannot run any more. */
bool flight_stranded(struct link *link, struct flight *flight);
/* After LIST: make the worker and the catalog agree. */
bool flights_reconcile(struct link *link);
/* A key that no open try has: its try has ended already (then it is to be forgotten), or it is an orphan. */
bool flight_stranger(struct link *link, const struct listed *listed);
/*
 * A queue function failed. About this try only (its execution was cleaned up
 * meanwhile): forget it, and ask the worker to end it. Else the catalog failed, and everything is reset: false.
 */
bool flight_queue_failed(struct link *link, struct flight *flight, const struct err *err);
/* Ask for the events from one on, and the result. */
void flight_tail(struct link *link, const char *key, int64_t from);

/* --- flight_talk.c --- */
/* Frames about tries; false when the catalog failed (everything is reset, the link's transport with it). */
bool flight_on_started(struct link *link, const struct frame *frame);
bool flight_on_events(struct link *link, const struct frame *frame);
bool flight_on_result(struct link *link, const struct frame *frame);
bool flight_on_refused(struct link *link, const struct frame *frame);
bool flight_on_need(struct link *link, const struct frame *frame);
bool flight_on_have(struct link *link, const struct frame *frame);
/* The end of a try whose RESULT is all here. */
bool flight_finish(struct link *link, struct flight *flight);

/* --- project.c --- */
bool project_held(const struct link *link, const char *hash);
void project_mark(struct link *link, const char *hash, bool held);
/* Begin to send the next project that a flight waits for, if none is under way. */
bool project_begin(struct link *link);
/* Send further chunks as the transport takes them. */
void project_pump(struct link *link);
/* Stop sending; forget what the worker holds when the connection has gone. */
void project_end(struct link *link);

/* --- report.c --- */
/* Remember the counts of each second. */
void count_minute(struct master *master, int64_t now_ms);

/* --- upkeep.c --- */
/* Its time may be another now. */
void upkeep_again(struct master *master);
/* Begin the maintenance job; its timer is the master's to close. */
void upkeep_start(struct master *master);

/* --- dump.c --- */
/* Begin to fetch the dumps a result lists; false when there is none to fetch. */
bool dump_begin(struct link *link, struct flight *flight);
/* The warning about what could not be stored, if there is one. False when the catalog failed. */
bool dump_tell(struct link *link, struct flight *flight);
bool dump_on_file(struct link *link, const struct frame *frame);
/* Dumps of running packages: what is wanted now, and the worker's list of files. */
bool dumps_look(struct master *master);
bool dump_on_list(struct link *link, const struct frame *frame);

#endif
