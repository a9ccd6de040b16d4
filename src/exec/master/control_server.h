/* SPDX-License-Identifier: MIT */
/* The master's end of the control socket: "nudge", "ping", "status", "stop", one line each. */
#ifndef SO_EXEC_MASTER_CONTROL_SERVER_H
#define SO_EXEC_MASTER_CONTROL_SERVER_H

#include <uv.h>

#include "exec/master/master.h"

struct control_server;

/* Listen on PATH.sock (0600). The caller holds the catalog's lock, so an old socket may be replaced. */
int control_server_new(uv_loop_t *loop, const char *path, struct master *master,
    struct control_server **ret, struct err *err);
/* Stop listening and remove the socket; the memory goes with the loop's next turn. NULL is allowed. */
void control_server_free(struct control_server *server);

#endif
