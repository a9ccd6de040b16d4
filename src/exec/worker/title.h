/* SPDX-License-Identifier: MIT */
/*
 * What ps and /proc/PID show of a process that was forked and did not exec:
 * its name, its arguments, and the cookie in its environment. The room for
 * the arguments is an argument of padding that whoever started the program
 * gave it; the cookie takes the place of the environment's strings.
 */
#ifndef SO_EXEC_WORKER_TITLE_H
#define SO_EXEC_WORKER_TITLE_H

#include <stdbool.h>
#include <string.h>

/* "--room PADDING", the last two arguments of scaleout-worker serve and fork-server: as many characters. */
#define TITLE_ROOM_OPTION "--room"
#define TITLE_ROOM 512
/* A word of padding that means nothing to any shell; returns room. */
static inline char *title_padding(char room[TITLE_ROOM + 1])
{
	memset(room, '_', TITLE_ROOM);
	room[TITLE_ROOM] = '\0';
	return room;
}

/* Longest "SCALEOUT_KEY=SPOOL-ID/KEY", with its NUL. */
#define TITLE_COOKIE 128

/*
 * Find the room, early in main(), once, in a program with one thread: the
 * environment moves to the heap. Returns whether it takes a cookie.
 */
bool title_find(int argc, char **argv);
/* Show this process as name with these arguments (cut to the room there is) and this cookie (NULL: none). */
void title_set(const char *name, char *const *argv, const char *cookie);

#endif
