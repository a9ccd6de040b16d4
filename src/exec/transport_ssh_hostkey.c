/* SPDX-License-Identifier: MIT */
/*
 * Agreeing on keys, and the host key: compared before anything that
 * identifies us is sent, and only good algorithms are spoken.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "exec/ssh_methods.h"
#include "exec/transport_ssh_private.h"

#define GREETING_MAX ((size_t)8192)

/* libssh2's reading, with a copy of the first bytes for an explanation when the keys cannot be agreed on. */
static LIBSSH2_RECV_FUNC(receive)
{
	struct ssh *ssh = *abstract;
	ssize_t n = recv(socket, buffer, length, flags);

	if (n < 0)
		return errno == ENOENT || errno == EWOULDBLOCK ? -EAGAIN : -errno;
	if (ssh->state == STATE_HANDSHAKE && ssh->greeting.len < GREETING_MAX)
		buf_add(&ssh->greeting, buffer, (size_t)n);
	return n;
}

/*
 * Prefer these names. Only those that the library has are handed to it: libssh2
 * 1.10 takes others out of the list by a copy between overlapping bytes.
 */
static bool prefer(struct ssh *ssh, int method, const char *names)
{
	const char **supported = NULL;
	int count = libssh2_session_supported_algs(ssh->session, method, &supported);
	struct buf list = BUF_INIT;

	for (const char *at = names; *at;) {
		size_t len = strcspn(at, ",");
		for (int i = 0; i < count; i++)
			if (strlen(supported[i]) == len && strncmp(supported[i], at, len) == 0)
				buf_addf(&list, "%s%s", list.len ? "," : "", supported[i]);
		at += len + (at[len] == ',');
	}
	bool good = list.len && libssh2_session_method_pref(ssh->session, method, list.data) == 0;
	if (supported)
		libssh2_free(ssh->session, supported);
	buf_release(&list);
	return good;
}

enum step ssh_session_begin(struct ssh *ssh)
{
	ssh->session = libssh2_session_init_ex(NULL, NULL, NULL, ssh);
	if (!ssh->session)
		return ssh_fail(ssh, ERR_INTERNAL, "no SSH session");
	libssh2_session_set_blocking(ssh->session, 0);
#if LIBSSH2_VERSION_NUM >= 0x010b01
	libssh2_session_callback_set2(ssh->session, LIBSSH2_CALLBACK_RECV, (libssh2_cb_generic *)receive);
#else
	libssh2_session_callback_set(ssh->session, LIBSSH2_CALLBACK_RECV, (void *)receive);
#endif
	ssh->methods = hostkey_methods(ssh->host_keys);
	if (!ssh->methods) {
		ssh_fail(ssh, ERR_TRUST, "none of the accepted host keys is of a usable type");
		err_hint(&ssh->err, "RSA host keys are not used; accept the ed25519 key with \"scaleout worker trust\"");
		return FAIL;
	}
	bool good = prefer(ssh, LIBSSH2_METHOD_HOSTKEY, ssh->methods);
	for (const struct ssh_method *m = ssh_methods; m->names; m++)
		good = good && prefer(ssh, m->number, m->names);
	if (!good)
		return ssh_fail(ssh, ERR_UNSUPPORTED, "the SSH library has none of the accepted algorithms");
	ssh->state = STATE_HANDSHAKE;
	return NEXT;
}

static enum step handshake_failed(struct ssh *ssh)
{
	char *missing = ssh_methods_missing(ssh->greeting.data, ssh->greeting.len, ssh->methods);

	if (!missing)
		return ssh_fail(ssh, ERR_NETWORK, "no SSH server answers properly");
	if (strncmp(missing, "host key", 8) == 0 && *ssh->host_keys) {
		ssh_fail(ssh, ERR_NETWORK, "the machine has no host key of the accepted type");
		err_hint(&ssh->err, "if the machine was set up anew, accept its new key with \"scaleout worker trust\"");
	} else {
		ssh_fail(ssh, ERR_NETWORK, "the machine offers only weak or unknown algorithms");
		err_hint(&ssh->err, "update its sshd, or allow better ones in its sshd_config");
	}
	err_detail(&ssh->err, "%s", missing);
	free(missing);
	return FAIL;
}

enum step ssh_step_handshake(struct ssh *ssh)
{
	int r = libssh2_session_handshake(ssh->session, ssh->fd);

	if (r == LIBSSH2_ERROR_EAGAIN)
		return WAIT;
	if (r != 0)
		return handshake_failed(ssh);
	ssh->state = STATE_HOSTKEY;
	buf_release(&ssh->greeting);
	return NEXT;
}

static enum step key_changed(struct ssh *ssh)
{
	char *accepted = hostkey_fingerprints(ssh->host_keys);

	err_set(&ssh->err, ERR_TRUST, "%s: the host key is not the accepted one", ssh->place);
	err_detail(&ssh->err, "the machine shows %s; accepted: %s", ssh->fingerprint, accepted);
	err_hint(&ssh->err, "somebody may be in between; if the machine was set up anew, accept its new key "
			    "with \"scaleout worker trust NAME --fingerprint %s\"", ssh->fingerprint);
	free(accepted);
	return FAIL;
}

enum step ssh_step_hostkey(struct ssh *ssh)
{
	size_t len = 0;
	int type = 0;
	const char *blob = libssh2_session_hostkey(ssh->session, &len, &type);

	if (!blob)
		return ssh_fail(ssh, ERR_TRUST, "the machine shows no host key");
	hostkey_fingerprint(blob, len, ssh->fingerprint);
	ssh->seen_key = hostkey_line(blob, len);
	if (ssh->purpose == TRANSPORT_KEY)
		return FAIL;
	if (!hostkey_accepted(ssh->host_keys, blob, len))
		return key_changed(ssh);
	ssh->state = STATE_AGENT;
	return NEXT;
}
