/* SPDX-License-Identifier: MIT */
/*
 * What ps and /proc/PID show of a process that was forked and did not exec:
 * its name, its arguments, and the cookie in its environment. The room for
 * them is reserved when the fork server is started.
 */
#ifndef SO_EXEC_WORKER_TITLE_H
#define SO_EXEC_WORKER_TITLE_H

#define TITLE_PADDING 1024 /* bytes of padding after the last argument */
#define TITLE_COOKIE 255   /* bytes of padding in the cookie's variable */

/* Find the reserved room; early in main(), once. Without any, title_set changes the name only. */
void title_find(int argc, char **argv);
/* Show this process as name with these arguments (cut to the room there is) and this cookie. */
void title_set(const char *name, char *const *argv, const char *cookie);

#endif
