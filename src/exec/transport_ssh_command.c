/* SPDX-License-Identifier: MIT */
/* What the login shell over there is given: words without any meaning to a shell, so that no quoting is needed. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "exec/transport_ssh_private.h"
#include "exec/worker/title.h"

/* Characters that mean nothing to any shell. */
static bool plain_path(const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+-@,:";
	const char *rest = strncmp(path, "~/", 2) == 0 ? path + 2 : path;

	return *rest && *rest != '-' && strspn(rest, plain) == strlen(rest);
}

static void add_options(struct buf *out, const struct transport_target *target)
{
	if (target->spool && *target->spool)
		buf_addf(out, " --spool %s", target->spool);
	if (target->allow_root)
		buf_adds(out, " --allow-root");
	if (target->cgroup)
		buf_adds(out, " --cgroup");
	if (target->memory_max_mb > 0)
		buf_addf(out, " --memory-max %d", target->memory_max_mb);
	if (target->cpu_max_percent > 0)
		buf_addf(out, " --cpu-max %d", target->cpu_max_percent);
}

char *ssh_command_make(const struct transport_target *target)
{
	const char *program = target->program ? target->program : "";
	struct buf words = BUF_INIT;
	char room[TITLE_ROOM + 1];

	if (target->purpose == TRANSPORT_COMMAND)
		return xstrdup(target->command);
	if (target->purpose == TRANSPORT_FORWARD || target->purpose == TRANSPORT_KEY)
		return xstrdup("");
	if ((*program && !plain_path(program)) ||
	    (target->spool && *target->spool && !plain_path(target->spool)))
		return NULL;
	buf_adds(&words, target->purpose == TRANSPORT_CHECK ? "check --json" : "serve");
	add_options(&words, target);
	if (target->purpose != TRANSPORT_CHECK)
		buf_addf(&words, " %s %s", TITLE_ROOM_OPTION, title_padding(room));
	char *command = *program ?
	    xasprintf("exec %s %s", program, words.data) :
	    xasprintf("exec /bin/sh -c 'PATH=\"$PATH:/usr/local/bin:/opt/scaleout/bin:$HOME/.local/bin\"; "
		      "export PATH; exec scaleout-worker %s'", words.data);
	buf_release(&words);
	return command;
}
