/* SPDX-License-Identifier: MIT */
/*
 * Processes that a task left behind: found by the cookie SCALEOUT_KEY in their
 * environment or because they are our own children, and killed through a
 * pidfd, so that a reused process id is never hit.
 */
#ifndef SO_EXEC_WORKER_STRAGGLER_H
#define SO_EXEC_WORKER_STRAGGLER_H

/* The environment variable that marks every process of a task; its value is "SPOOL-ID/KEY". */
#define STRAGGLER_COOKIE "SCALEOUT_KEY"

/*
 * Send a signal to every process of this account (never to ourselves) that
 * carries the cookie, or (with_children) whose parent we are. Returns how many
 * were found.
 */
int straggler_signal(const char *cookie, int with_children, int signal_number);

#endif
