/* SPDX-License-Identifier: MIT */
/*
 * Logging in. With an identity file only that key is asked of ssh-agent: a
 * server that sees many strangers' keys closes the door. libssh2 talks to the
 * agent synchronously; that is a local socket and one question per login.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "exec/transport_ssh_private.h"

#define AGENT_KEYS_MAX 4 /* tries per login; sshd allows 6 */
#define PUBLIC_KEY_MAX 16384

/* With an identity file, only that key is asked of the agent: strangers' keys would use up the server's patience. */
static void read_public_key(struct ssh *ssh)
{
	struct buf text = BUF_INIT;
	char *path = xasprintf("%s.pub", ssh->identity);

	if (file_read(path, PUBLIC_KEY_MAX, &text, NULL) == 0) {
		const char *key = strchr(text.data, ' ');
		if (key)
			ssh->agent_only = xstrndup(key + 1, strcspn(key + 1, " \n"));
	}
	free(path);
	buf_release(&text);
}

static bool agent_begin(struct ssh *ssh)
{
	const char *socket_path = getenv("SSH_AUTH_SOCK");

	if (!socket_path || !*socket_path)
		return false;
	if (*ssh->identity)
		read_public_key(ssh);
	if (*ssh->identity && !ssh->agent_only)
		return false;
	ssh->agent = libssh2_agent_init(ssh->session);
	return ssh->agent && libssh2_agent_connect(ssh->agent) == 0 && libssh2_agent_list_identities(ssh->agent) == 0;
}

static bool agent_key_wanted(const struct ssh *ssh)
{
	if (!ssh->agent_only)
		return true;
	char *line = hostkey_line(ssh->agent_key->blob, ssh->agent_key->blob_len);
	const char *key = line ? strchr(line, ' ') : NULL;
	bool wanted = key && strcmp(key + 1, ssh->agent_only) == 0;
	free(line);
	return wanted;
}

enum step ssh_step_agent(struct ssh *ssh)
{
	if (!ssh->agent_key) {
		if (!ssh->agent && !agent_begin(ssh)) {
			ssh->state = STATE_IDENTITY;
			return NEXT;
		}
		if (libssh2_agent_get_identity(ssh->agent, &ssh->agent_key, NULL) != 0) {
			ssh->state = STATE_IDENTITY;
			return NEXT;
		}
	}
	while (ssh->agent_tried < AGENT_KEYS_MAX) {
		if (agent_key_wanted(ssh)) {
			int r = libssh2_agent_userauth(ssh->agent, ssh->user, ssh->agent_key);
			if (r == LIBSSH2_ERROR_EAGAIN)
				return WAIT;
			if (r == 0) {
				ssh->state = STATE_OPEN;
				return NEXT;
			}
			ssh->agent_tried++;
		}
		if (libssh2_agent_get_identity(ssh->agent, &ssh->agent_key, ssh->agent_key) != 0)
			break;
	}
	ssh->state = STATE_IDENTITY;
	return NEXT;
}

/* What is wrong with the identity file, if anything: says so in words the user can act on. */
static bool identity_usable(struct ssh *ssh)
{
	struct buf text = BUF_INIT;
	struct err why = { 0 };
	struct stat st;
	bool usable = false;

	if (stat(ssh->identity, &st) < 0 || file_read(ssh->identity, 65536, &text, &why) < 0) {
		err_set(&ssh->err, ERR_DENIED, "cannot read the identity file %s", ssh->identity);
		err_detail(&ssh->err, "%s", why.code ? why.primary : strerror(errno));
	} else if (st.st_mode & 077) {
		err_set(&ssh->err, ERR_DENIED, "others may read the identity file %s", ssh->identity);
		err_hint(&ssh->err, "chmod 600 %s", ssh->identity);
	} else if (strstr(text.data, "ENCRYPTED") ||
	    (strstr(text.data, "OPENSSH PRIVATE KEY") && !strstr(text.data, "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"))) {
		/* The base64 above is "openssh-key-v1", NUL and the cipher name "none". */
		err_set(&ssh->err, ERR_DENIED, "the identity file %s is encrypted", ssh->identity);
		err_hint(&ssh->err, "load it into ssh-agent (ssh-add %s) before the master starts", ssh->identity);
	} else {
		usable = true;
	}
	buf_wipe(&text);
	return usable;
}

/* libssh2 says "unverified" for a refused signature and for a connection that broke while it waited for the answer. */
static bool connection_broken(const struct ssh *ssh)
{
	char byte;
	ssize_t n = recv(ssh->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN);
}

enum step ssh_step_identity(struct ssh *ssh)
{
	if (!*ssh->identity) {
		ssh_fail(ssh, ERR_DENIED, ssh->agent_tried ? "no key of ssh-agent is accepted" :
							 "no key to log in with");
		err_hint(&ssh->err, "give the worker an identity file, or load a key into ssh-agent; "
				    "then put its public half into ~%s/.ssh/authorized_keys there", ssh->user);
		return FAIL;
	}
	if (!identity_usable(ssh))
		return FAIL;
	int r = libssh2_userauth_publickey_fromfile_ex(ssh->session, ssh->user, (unsigned)strlen(ssh->user), NULL,
	    ssh->identity, NULL);
	if (r == LIBSSH2_ERROR_EAGAIN)
		return WAIT;
	if (r == 0) {
		ssh->state = STATE_OPEN;
		return NEXT;
	}
	if (r == LIBSSH2_ERROR_FILE) {
		ssh_fail(ssh, ERR_DENIED, "the identity file cannot be used");
		err_hint(&ssh->err, "%s must be an ed25519 or ECDSA private key", ssh->identity);
	} else if (r != LIBSSH2_ERROR_AUTHENTICATION_FAILED &&
	    (r != LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED || connection_broken(ssh))) {
		ssh_fail(ssh, ERR_NETWORK, "the connection was lost while logging in");
	} else {
		ssh_fail(ssh, ERR_DENIED, "the key is not accepted");
		err_hint(&ssh->err, "put %s.pub into ~%s/.ssh/authorized_keys on that machine", ssh->identity, ssh->user);
	}
	return FAIL;
}
