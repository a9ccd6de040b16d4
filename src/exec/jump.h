/* SPDX-License-Identifier: MIT */
/* Jump hosts as the catalog keeps them: one line a hop, "[user@]host:port type base64[ identity file]". */
#ifndef SO_EXEC_JUMP_H
#define SO_EXEC_JUMP_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct jump_hop {
	char *user;     /* "" = own name */
	char *host;
	int port;
	char *host_key; /* "type base64" */
	char *identity; /* "" = the worker's */
};

/* Split off the last hop of the lines: *ret_before gets the lines before it (caller frees). False when there is none or it is not well-formed. */
bool jump_hop_last(const char *lines, struct jump_hop *ret, char **ret_before);
void jump_hop_release(struct jump_hop *hop);

/*
 * "[user@]host[:port]", an IPv6 address in brackets or bare, into its parts
 * (user "" and port 0 when absent; caller frees user and host). Also takes
 * ssh://. ERR_INVALID on anything else.
 */
int place_parse(const char *text, char **ret_user, char **ret_host, int *ret_port, struct err *err);
/* "host:port", with brackets around an IPv6 address; caller frees. */
char *place_format(const char *host, int port);

#endif
