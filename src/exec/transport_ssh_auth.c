/* SPDX-License-Identifier: MIT */
/*
 * Logging in. With an identity file only that key is asked of ssh-agent: a
 * server that sees many strangers' keys closes the door. The agent is asked
 * without waiting (ssh_agent.h): while it signs, the socket is not polled.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "exec/identity.h"
#include "exec/transport_ssh_private.h"

#define AGENT_KEYS_MAX 4 /* tries per login; sshd allows 6 */

static void on_agent(void *ctx)
{
	ssh_step(ctx);
}

static enum step to_identity(struct ssh *ssh)
{
	ssh->state = STATE_IDENTITY;
	return NEXT;
}

/* Begin to talk to the agent; false when there is none, or it cannot hold what is wanted. */
static bool agent_begin(struct ssh *ssh)
{
	const char *path = getenv("SSH_AUTH_SOCK");
	struct identity identity;

	if (!path || !*path)
		return false;
	if (*ssh->identity) {
		/* An unreadable file is told by the next state; its public half alone may be enough here. */
		identity_read(ssh->identity, &identity, NULL);
		ssh->agent_only = xstrdup_or_null(identity.public_key);
		identity_release(&identity);
		if (!ssh->agent_only)
			return false;
	}
	ssh->agent = ssh_agent_open(ssh->loop, path, on_agent, ssh);
	return true;
}

static bool agent_key_wanted(const struct ssh *ssh, const unsigned char *blob, size_t len)
{
	char *line = hostkey_line(blob, len);
	char *key = line ? strchr(line, ' ') : NULL;
	bool wanted = false;

	if (key) {
		*key++ = '\0';
		wanted = hostkey_type_good(line) && (!ssh->agent_only || strcmp(key, ssh->agent_only) == 0);
	}
	free(line);
	return wanted;
}

/* libssh2 asks for a signature, again and again until it is there. */
static int sign(LIBSSH2_SESSION *session, unsigned char **ret, size_t *ret_len, const unsigned char *data,
    size_t len, void **abstract)
{
	struct ssh *ssh = *abstract;

	(void)session;
	if (!ssh->agent_signing) {
		ssh->agent_signing = true;
		ssh_agent_sign(ssh->agent, ssh->agent_key, data, len);
	}
	if (ssh_agent_busy(ssh->agent))
		return LIBSSH2_ERROR_EAGAIN;
	ssh->agent_signing = false;
	const unsigned char *signature = ssh_agent_signature(ssh->agent, ret_len);
	if (!signature)
		return -1;
	*ret = xmemdup(signature, *ret_len); /* freed by libssh2, whose allocator is libc's */
	return 0;
}

static enum step try_agent_key(struct ssh *ssh, const unsigned char *blob, size_t len)
{
	void *self = ssh;
	int r = libssh2_userauth_publickey(ssh->session, ssh->user, blob, len, sign, &self);

	if (r == LIBSSH2_ERROR_EAGAIN)
		return ssh_agent_busy(ssh->agent) ? PAUSE : WAIT;
	if (r == 0) {
		ssh->state = STATE_OPEN;
		return NEXT;
	}
	ssh->agent_tried++;
	return FAIL; /* of this key */
}

enum step ssh_step_agent(struct ssh *ssh)
{
	const unsigned char *blob;
	size_t len;

	if (!ssh->agent && !agent_begin(ssh))
		return to_identity(ssh);
	if (ssh_agent_busy(ssh->agent) && !ssh->agent_signing)
		return PAUSE;
	for (; ssh->agent_tried < AGENT_KEYS_MAX && (blob = ssh_agent_key(ssh->agent, ssh->agent_key, &len));
	     ssh->agent_key++) {
		if (!agent_key_wanted(ssh, blob, len))
			continue;
		enum step step = try_agent_key(ssh, blob, len);
		if (step != FAIL)
			return step;
	}
	return to_identity(ssh);
}

/* libssh2 says "unverified" for a refused signature and for a connection that broke while it waited for the answer. */
static bool connection_broken(const struct ssh *ssh)
{
	char byte;
	ssize_t n = recv(ssh->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN);
}

static enum step no_key(struct ssh *ssh)
{
	const char *what = ssh->agent && ssh_agent_failed(ssh->agent) ? "no key to log in with, and ssh-agent does not answer" :
	    ssh->agent_tried ? "no key of ssh-agent is accepted" :
	    ssh->agent	     ? "ssh-agent holds no usable key (ed25519 or ECDSA)" :
			       "no key to log in with";

	ssh_fail(ssh, ERR_DENIED, what);
	err_hint(&ssh->err, "give the worker an identity file, or load a key into ssh-agent; "
			    "then put its public half into ~%s/.ssh/authorized_keys there", ssh->user);
	return FAIL;
}

/* The file itself: readable, private, of a type we use, and not encrypted without its passphrase. */
static bool identity_usable(struct ssh *ssh)
{
	if (ssh->key_read)
		return true;
	ssh->key_read = identity_read(ssh->identity, &ssh->key, &ssh->err) == 0;
	if (ssh->key_read && ssh->key.encrypted && !ssh->passphrase) {
		err_set(&ssh->err, ERR_DENIED, "the identity file %s is encrypted", ssh->identity);
		err_hint(&ssh->err, "load it into ssh-agent (ssh-add %s) before the master starts", ssh->identity);
		return false;
	}
	return ssh->key_read;
}

/* libssh2 asks for a signature by the identity file. */
static int sign_by_file(LIBSSH2_SESSION *session, unsigned char **ret, size_t *ret_len, const unsigned char *data,
    size_t len, void **abstract)
{
	struct ssh *ssh = *abstract;
	unsigned char signature[IDENTITY_SIGNATURE];

	(void)session;
	ssh->key_failed = identity_sign(ssh->identity, &ssh->key, data, len, signature, &ssh->err) < 0;
	if (ssh->key_failed)
		return -1;
	*ret = xmemdup(signature, sizeof(signature)); /* freed by libssh2, whose allocator is libc's */
	*ret_len = sizeof(signature);
	return 0;
}

static int log_in_by_file(struct ssh *ssh)
{
	void *self = ssh;

	if (ssh->key.blob)
		return libssh2_userauth_publickey(ssh->session, ssh->user, ssh->key.blob, ssh->key.blob_len, sign_by_file, &self);
	return libssh2_userauth_publickey_fromfile_ex(ssh->session, ssh->user, (unsigned)strlen(ssh->user), NULL,
	    ssh->identity, ssh->passphrase);
}

static enum step file_unusable(struct ssh *ssh)
{
	ssh_fail(ssh, ERR_DENIED, ssh->passphrase ? "the passphrase of the identity file is not right" :
						     "the identity file cannot be used");
	err_hint(&ssh->err, "%s must be an ed25519 or ECDSA private key", ssh->identity);
	return FAIL;
}

enum step ssh_step_identity(struct ssh *ssh)
{
	if (!*ssh->identity)
		return no_key(ssh);
	if (!identity_usable(ssh))
		return FAIL;
	int r = log_in_by_file(ssh);
	if (r == LIBSSH2_ERROR_EAGAIN)
		return WAIT;
	if (r == 0) {
		ssh->state = STATE_OPEN;
		return NEXT;
	}
	if (ssh->key_failed)
		return FAIL;
	if (r == LIBSSH2_ERROR_FILE)
		return file_unusable(ssh);
	if (r != LIBSSH2_ERROR_AUTHENTICATION_FAILED &&
	    (r != LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED || connection_broken(ssh)))
		return ssh_fail(ssh, ERR_NETWORK, "the connection was lost while logging in");
	ssh_fail(ssh, ERR_DENIED, "the key is not accepted");
	err_hint(&ssh->err, "put %s.pub into ~%s/.ssh/authorized_keys on that machine", ssh->identity, ssh->user);
	return FAIL;
}
