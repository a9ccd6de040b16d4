/* SPDX-License-Identifier: MIT */
/* Reading the SSH wire's numbers and strings (RFC 4251 §5), bounded. */
#ifndef SO_EXEC_SSH_WIRE_H
#define SO_EXEC_SSH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ssh_wire {
	const unsigned char *at;
	size_t left;
};

static inline bool ssh_wire_number(struct ssh_wire *wire, uint32_t *ret)
{
	if (wire->left < 4)
		return false;
	*ret = (uint32_t)wire->at[0] << 24 | (uint32_t)wire->at[1] << 16 | (uint32_t)wire->at[2] << 8 | wire->at[3];
	wire->at += 4;
	wire->left -= 4;
	return true;
}

/* A string: its bytes are borrowed. */
static inline bool ssh_wire_string(struct ssh_wire *wire, const unsigned char **ret, size_t *ret_len)
{
	uint32_t len;

	if (!ssh_wire_number(wire, &len) || len > wire->left)
		return false;
	*ret = wire->at;
	*ret_len = len;
	wire->at += len;
	wire->left -= len;
	return true;
}

static inline bool ssh_wire_skip(struct ssh_wire *wire, size_t len)
{
	if (len > wire->left)
		return false;
	wire->at += len;
	wire->left -= len;
	return true;
}

#endif
