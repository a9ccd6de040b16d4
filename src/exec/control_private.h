/* SPDX-License-Identifier: MIT */
/* The control socket's address, for both of its ends. */
#ifndef SO_EXEC_CONTROL_PRIVATE_H
#define SO_EXEC_CONTROL_PRIVATE_H

#include <sys/socket.h>
#include <sys/un.h>

#include "base/err.h"

#define CONTROL_LINE_MAX 256 /* of a request */

/*
 * Address of PATH.sock. A path too long for a socket address is reached
 * through a descriptor of its folder, which *ret_folder keeps open until the
 * address was used (-1: none needed).
 */
int control_address(const char *path, struct sockaddr_un *ret, int *ret_folder, struct err *err);

#endif
