/* SPDX-License-Identifier: MIT */
/*
 * Left out on purpose: everything with SHA-1 or MD5, CBC, 3DES, RC4, groups of
 * 1,024 bits; and, because libssh2 before 1.11.1 knows no strict key exchange
 * (Terrapin, CVE-2023-48795), chacha20-poly1305 and the -etm MACs.
 */
#include "exec/ssh_methods.h"

#include <libssh2.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "exec/ssh_wire.h"

#define CIPHERS "aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr"
#define MACS "hmac-sha2-256,hmac-sha2-512"
#define KEXINIT 20
#define COOKIE 16

const struct ssh_method ssh_methods[] = {
	{ LIBSSH2_METHOD_KEX, "key exchange",
	    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
	    "ecdh-sha2-nistp521,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,"
	    "diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha256" },
	{ LIBSSH2_METHOD_CRYPT_CS, "cipher", CIPHERS },
	{ LIBSSH2_METHOD_CRYPT_SC, "cipher", CIPHERS },
	{ LIBSSH2_METHOD_MAC_CS, "MAC", MACS },
	{ LIBSSH2_METHOD_MAC_SC, "MAC", MACS },
	{ 0, NULL, NULL },
};

/* Whether a list of names with commas has this one. */
static bool list_has(const char *list, size_t len, const char *name, size_t name_len)
{
	for (size_t at = 0; at < len;) {
		const char *comma = memchr(list + at, ',', len - at);
		size_t n = comma ? (size_t)(comma - list) - at : len - at;
		if (n == name_len && memcmp(list + at, name, n) == 0)
			return true;
		at += n + 1;
	}
	return false;
}

static bool lists_meet(const char *ours, const unsigned char *theirs, size_t len)
{
	for (const char *at = ours; *at;) {
		size_t n = strcspn(at, ",");
		if (list_has((const char *)theirs, len, at, n))
			return true;
		at += n + (at[n] == ',');
	}
	return false;
}

/* Go to the lists of the KEXINIT packet that follows the banner lines. */
static bool find_lists(const char *bytes, size_t len, struct ssh_wire *ret)
{
	const char *end = bytes + len, *line = bytes;
	uint32_t size;

	/* A server may send other lines before its banner (RFC 4253 §4.2). */
	while (line < end && strncmp(line, "SSH-", end - line < 4 ? (size_t)(end - line) : 4) != 0) {
		line = memchr(line, '\n', (size_t)(end - line));
		if (!line++)
			return false;
	}
	line = memchr(line, '\n', (size_t)(end - line));
	if (!line++)
		return false;
	*ret = (struct ssh_wire){ (const unsigned char *)line, (size_t)(end - line) };
	return ssh_wire_number(ret, &size) && ret->left > 2 + COOKIE && ret->at[1] == KEXINIT &&
	    ssh_wire_skip(ret, 2 + COOKIE);
}

static void say_missing(struct buf *out, const char *what, const unsigned char *theirs, size_t len, const char *ours)
{
	if (lists_meet(ours, theirs, len) || strstr(out->data, what))
		return;
	buf_addf(out, "%s%s: the machine offers %.*s; accepted are %s", out->len ? "; " : "", what,
	    (int)(len < 300 ? len : 300), (const char *)theirs, ours);
}

char *ssh_methods_missing(const void *bytes, size_t len, const char *host_keys)
{
	/* In the order of the packet. */
	const struct ssh_method host_key = { LIBSSH2_METHOD_HOSTKEY, "host key", host_keys };
	const struct ssh_method *order[] = { &ssh_methods[0], &host_key, &ssh_methods[1], &ssh_methods[2],
		&ssh_methods[3], &ssh_methods[4] };
	struct buf out = BUF_INIT;
	struct ssh_wire wire;
	const unsigned char *theirs;
	size_t theirs_len;

	if (!find_lists(bytes, len, &wire))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(order) && ssh_wire_string(&wire, &theirs, &theirs_len); i++)
		say_missing(&out, order[i]->what, theirs, theirs_len, order[i]->names);
	return out.len ? buf_detach(&out) : NULL;
}
