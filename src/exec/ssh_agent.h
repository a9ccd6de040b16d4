/* SPDX-License-Identifier: MIT */
/*
 * A client of ssh-agent that never waits: libssh2's own talks to the agent
 * synchronously and without a deadline, so an agent that hangs (or asks its
 * user) would hold up every other worker of the loop.
 */
#ifndef SO_EXEC_SSH_AGENT_H
#define SO_EXEC_SSH_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct ssh_agent;

/* Connect to the agent's socket and ask for its keys. changed is called on the loop whenever it is no longer busy. */
struct ssh_agent *ssh_agent_open(uv_loop_t *loop, const char *path, void (*changed)(void *ctx), void *ctx);
/* changed is not called any more; the memory goes when the loop has turned. NULL is a no-op. */
void ssh_agent_close(struct ssh_agent *agent);

/* A question is under way. */
bool ssh_agent_busy(const struct ssh_agent *agent);
/* It cannot be reached, or gave no proper answer. */
bool ssh_agent_failed(const struct ssh_agent *agent);
/* Blob of a key, or NULL past the last one. Borrowed. */
const unsigned char *ssh_agent_key(const struct ssh_agent *agent, size_t index, size_t *ret_len);

/* Ask to sign. When no longer busy, ssh_agent_signature has it, or it was refused. */
void ssh_agent_sign(struct ssh_agent *agent, size_t key, const void *data, size_t len);
/* The signature's blob without its type, NULL when refused. Borrowed until the next question. */
const unsigned char *ssh_agent_signature(const struct ssh_agent *agent, size_t *ret_len);

#endif
