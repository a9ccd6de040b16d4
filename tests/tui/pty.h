/* SPDX-License-Identifier: MIT */
/* A program in a pseudo-terminal with a terminal emulator behind it: keys in, screen and byte counts out. */
#ifndef SO_TESTS_PTY_H
#define SO_TESTS_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

struct pty;

/* Start argv (argv[0] a path) in a terminal of this size, TERM as given, locale C.UTF-8, TZ UTC. NULL on failure. */
struct pty *pty_start(char *const argv[], const char *term, int width, int height);
/* Ends the program (TERM, then KILL) if it still runs. */
void pty_free(struct pty *pty);
pid_t pty_pid(const struct pty *pty);

void pty_send(struct pty *pty, const char *keys);
void pty_resize(struct pty *pty, int width, int height);
/* Read until the text is on the screen (or, when gone, no longer is). False after the deadline or the program's end. */
bool pty_wait(struct pty *pty, const char *text, bool gone, int timeout_ms);
/*
 * Read until nothing has come for quiet_ms. Returns the bytes that came;
 * *ret_last_us (may be NULL) is the time from the call to the last byte.
 */
size_t pty_settle(struct pty *pty, int quiet_ms, long *ret_last_us);
/* Until nothing has come for quiet_ms and the program sleeps, too: a busy machine makes it slow, not silent. Bytes that came. */
size_t pty_rest(struct pty *pty, int quiet_ms);
/* The screen as lines without trailing blanks. */
void pty_screen(const struct pty *pty, struct buf *ret);
/* Everything the program has written so far. */
const struct buf *pty_output(const struct pty *pty);
/* Wait for the program's end; its exit status, or -1. */
int pty_join(struct pty *pty, int timeout_ms);

#endif
