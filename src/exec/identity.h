/* SPDX-License-Identifier: MIT */
/*
 * A private key file: what it is, without opening its secret part; and a
 * signature with it, where it is the usual kind (ed25519 in OpenSSH's format,
 * not encrypted). libssh2 does the others, but it offers each file to every
 * decoder of libcrypto first, which costs more than the rest of a login.
 */
#ifndef SO_EXEC_IDENTITY_H
#define SO_EXEC_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct identity {
	char type[32];    /* "ssh-ed25519" ...; "" when the file does not tell */
	bool encrypted;
	char *public_key; /* base64 of the public half, or NULL */
	unsigned char *blob; /* the public half, where identity_sign() can do it; else NULL */
	size_t blob_len;
};

/*
 * Read what an identity file says of itself (beside it FILE.pub, where the
 * file itself does not tell). ERR_DENIED when it cannot be read or others may
 * read it, ERR_UNSUPPORTED for a type we do not log in with (RSA, DSA,
 * security keys). Release in every case.
 */
int identity_read(const char *path, struct identity *ret, struct err *err);
void identity_release(struct identity *identity);

/* Try a passphrase on an encrypted file, without a connection (transport_ssh_key.c). ERR_DENIED: it does not open it. */
int identity_unlock(const char *path, const char *passphrase, struct err *err);
/* Whether the ssh-agent of $SSH_AUTH_SOCK holds this key; one that does not answer within 3 seconds does not. */
bool identity_in_agent(const char *path);

#define IDENTITY_SIGNATURE 64
/*
 * Sign with the file of an identity that has a blob (RFC 8709 §6: the bare
 * signature). The secret is in memory for this call only. ERR_DENIED or
 * ERR_CORRUPT when the file has become another one.
 */
int identity_sign(const char *path, const struct identity *identity, const unsigned char *data, size_t len,
    unsigned char ret[IDENTITY_SIGNATURE], struct err *err);

#endif
