/* SPDX-License-Identifier: MIT */
/*
 * Where Prometheus reads the master's metrics: HTTP on a port of the loopback
 * address or on a Unix socket. It only reads, answers a few clients at once,
 * gives each a few seconds, and makes the text at most once a second, so no
 * client can hold the master up.
 */
#ifndef SO_EXEC_MASTER_METRICS_H
#define SO_EXEC_MASTER_METRICS_H

#include <uv.h>

#include "base/err.h"

struct master;
struct metrics_server;

/*
 * Listen at "PORT", "127.0.0.1:PORT", "[::1]:PORT", or "/PATH" (0600; a socket
 * that is there is replaced). Another address is ERR_INVALID: metrics name
 * workers, and there is no password.
 */
int metrics_server_new(uv_loop_t *loop, const char *address, struct master *master, struct metrics_server **ret,
    struct err *err);
/* NULL is a no-op. The loop must run once more. */
void metrics_server_free(struct metrics_server *server);

#endif
