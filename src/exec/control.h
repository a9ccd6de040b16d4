/* SPDX-License-Identifier: MIT */
/*
 * Talking to the running master of a catalog over its Unix socket, PATH.sock
 * (0600): one request line, one answer line. path is the catalog's.
 */
#ifndef SO_EXEC_CONTROL_H
#define SO_EXEC_CONTROL_H

#include <stdbool.h>

#include "base/err.h"

/* A connection for nudges, kept from one to the next. One thread at a time. */
struct exec_nudger {
	int fd; /* -1 = none */
};
#define EXEC_NUDGER_INIT { -1 }

/* Tell the master to look at the queue now. Never waits. False when none listens (one that starts looks by itself). */
bool exec_master_nudge(struct exec_nudger *nudger, const char *path);

/*
 * Did the master die with a nudge that it had not read? Said once; then another
 * has to be started (exec_master_ensure). Never waits.
 */
bool exec_nudger_lost(struct exec_nudger *nudger);

/*
 * No nudges any more. Waits until the master has read them or has died, five seconds at
 * most. True when it died and had not, as exec_nudger_lost.
 */
bool exec_nudger_close(struct exec_nudger *nudger);

/* One line of JSON about the running master; caller frees. ERR_NOT_FOUND when none answers. */
int exec_master_status(const char *path, char **ret_json, struct err *err);

/* Does a master listen? Never waits; one that belongs to another account or is busy counts. */
bool exec_master_listens(const char *path);

/*
 * Ask the master to end and wait until it has (executions run on); one that
 * is just being started, or is leaving already, is waited for. *ret_pid gets
 * the process that was ended, 0 when none ran.
 */
int exec_master_stop(const char *path, int wait_ms, int *ret_pid, struct err *err);

/*
 * See that a master answers, starting program (NULL = scaleoutd beside our own
 * binary, else in the libexec folder, else on PATH) as a daemon when none
 * does. When that gives up, its reason and remedy at once; ERR_TIMEOUT, with the
 * end of its log, when it does not answer in time.
 */
int exec_master_ensure(const char *path, const char *program, int wait_ms, struct err *err);

#endif
