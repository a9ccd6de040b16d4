/* SPDX-License-Identifier: MIT */
/*
 * What can be known of an identity before a machine is spoken to: whether a
 * passphrase opens it, and whether ssh-agent holds it. Only the SSH library
 * reads all formats of private keys, and only on its way to a server: so it
 * is given a session whose every packet fails, and how it fails tells.
 */
#include <errno.h>
#include <libssh2.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/mem.h"
#include "exec/hostkey.h"
#include "exec/identity.h"
#include "exec/ssh_agent.h"

#define AGENT_MS 3000

/* --- does a passphrase open it --- */

static LIBSSH2_SEND_FUNC(send_nothing)
{
	(void)socket, (void)buffer, (void)length, (void)flags, (void)abstract;
	return -EPIPE;
}

int identity_unlock(const char *path, const char *passphrase, struct err *err)
{
	int r = err_set(err, ERR_INTERNAL, "no SSH session can be made");
	LIBSSH2_SESSION *session = libssh2_session_init();

	if (!session)
		return r;
	LIBSSH2_SEND_FUNC((*nowhere)) = send_nothing;
	void *callback;
	memcpy(&callback, &nowhere, sizeof(callback)); /* ISO C knows no cast between the two */
	libssh2_session_callback_set(session, LIBSSH2_CALLBACK_SEND, callback);
	r = libssh2_userauth_publickey_fromfile_ex(session, "nobody", 6, NULL, path, passphrase);
	libssh2_session_free(session);
	/* It opened the key when it came as far as wanting to send. */
	if (r == LIBSSH2_ERROR_SOCKET_SEND) {
		err_clear(err);
		return 0;
	}
	return err_set(err, ERR_DENIED, "the passphrase does not open the identity file %s", path);
}

/* --- does ssh-agent hold it --- */

struct question {
	uv_timer_t timer;
	bool over;
};

static void on_changed(void *ctx)
{
	struct question *question = ctx;

	question->over = true;
}

static void on_late(uv_timer_t *timer)
{
	on_changed(timer->data);
}

static bool agent_has(const struct ssh_agent *agent, const char *public_key)
{
	const unsigned char *blob;
	bool found = false;
	size_t len;

	for (size_t i = 0; !found && (blob = ssh_agent_key(agent, i, &len)); i++) {
		char *line = hostkey_line(blob, len), *key = line ? strchr(line, ' ') : NULL;
		found = key && strcmp(key + 1, public_key) == 0;
		free(line);
	}
	return found;
}

bool identity_in_agent(const char *path)
{
	const char *socket_path = getenv("SSH_AUTH_SOCK");
	struct question question = { .over = false };
	struct identity identity;
	bool found = false;
	uv_loop_t loop;

	identity_read(path, &identity, NULL);
	if (identity.public_key && socket_path && *socket_path) {
		uv_loop_init(&loop);
		uv_timer_init(&loop, &question.timer);
		question.timer.data = &question;
		uv_timer_start(&question.timer, on_late, AGENT_MS, 0);
		struct ssh_agent *agent = ssh_agent_open(&loop, socket_path, on_changed, &question);
		while (!question.over)
			uv_run(&loop, UV_RUN_ONCE);
		found = agent_has(agent, identity.public_key);
		ssh_agent_close(agent);
		uv_close((uv_handle_t *)&question.timer, NULL);
		uv_run(&loop, UV_RUN_DEFAULT);
		uv_loop_close(&loop);
	}
	identity_release(&identity);
	return found;
}
