/* SPDX-License-Identifier: MIT */
/* scaleout-worker: wires the agent to stdin and stdout, and says what this machine has. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "exec/worker/agent.h"
#include "exec/worker/facts.h"
#include "exec/worker/fork_server.h"
#include "package/project.h"
#include "runtime/task_mode.h"

struct settings {
	const char *command;
	char *spool, *runtime;
	bool allow_root;
};

static void usage(FILE *out)
{
	fputs("usage: scaleout-worker serve [--spool DIR] [--runtime PROGRAM] [--allow-root]\n"
	      "       scaleout-worker check\n"
	      "       scaleout-worker --version | --help\n"
	      "\n"
	      "The worker side of scaleout. The master starts \"serve\" over SSH; it speaks the worker\n"
	      "protocol on standard input and output, and keeps running packages alive when the\n"
	      "connection is lost.\n"
	      "\n"
	      "  serve             speak with a master until standard input ends\n"
	      "  check             say what this machine has, and what is missing\n"
	      "  --spool DIR       keep tasks under DIR (default $XDG_STATE_HOME/scaleout)\n"
	      "  --runtime PROGRAM run packages with another scaleout-dtexec than the one built in\n"
	      "  --allow-root      serve although the account is root: packages then run as root\n",
	    out);
}

static int check(const struct settings *settings)
{
	struct facts facts;
	char *state = path_state_home();

	facts_read(&facts);
	printf("machine  %s\nsystem   %s\naccount  %s\ncpus     %d\nmemory   %lld MiB, %lld MiB free\n",
	    facts.machine, facts.os, facts.user, facts.cpus, (long long)facts.memory_kb / 1024,
	    (long long)facts.memory_free_kb / 1024);
	printf("spool    %s\nruntime  %s\n", settings->spool ? settings->spool : state,
	    settings->runtime ? settings->runtime : "scaleout-dtexec " SO_VERSION ", built in");
	free(state);
	return settings->runtime && access(settings->runtime, X_OK) < 0;
}

static int serve(const struct settings *settings)
{
	struct agent_options options = { .in_fd = STDIN_FILENO, .out_fd = STDOUT_FILENO,
		.spool = settings->spool, .runtime = settings->runtime, .version = SO_VERSION,
		.unpack = ispac_unpack };
	struct err err = { 0 };

	if (geteuid() == 0 && !settings->allow_root) {
		fputs("scaleout-worker: refused to serve as root\n"
		      "hint: use an account without privileges; where packages must run as root, "
		      "register the worker with user root\n", stderr);
		return 1;
	}
	if (agent_serve(&options, &err) < 0 && err.code != ERR_CANCELLED) {
		fprintf(stderr, "scaleout-worker: %s\n", err.primary);
		return 1;
	}
	return 0;
}

/* Take one option; returns how many arguments it used, 0 when it is not one. */
static int take_option(struct settings *settings, int argc, char **argv)
{
	if (strcmp(argv[0], "--allow-root") == 0) {
		settings->allow_root = true;
		return 1;
	}
	char **value = strcmp(argv[0], "--spool") == 0 ? &settings->spool :
	    strcmp(argv[0], "--runtime") == 0	       ? &settings->runtime :
							 NULL;
	if (!value || argc < 2)
		return 0;
	free(*value);
	*value = xstrdup(argv[1]);
	return 2;
}

int main(int argc, char **argv)
{
	struct settings settings = { .command = argc > 1 ? argv[1] : "" };
	int r = 2;

	if (strcmp(settings.command, FORK_SERVER_COMMAND) == 0)
		return fork_server_main(argc, argv, task_mode);
	for (int at = 2, n; at < argc; at += n) {
		n = take_option(&settings, argc - at, argv + at);
		if (n == 0) {
			fprintf(stderr, "scaleout-worker: unknown or incomplete option %s\n", argv[at]);
			usage(stderr);
			return 2;
		}
	}
	if (strcmp(settings.command, "serve") == 0) {
		r = serve(&settings);
	} else if (strcmp(settings.command, "check") == 0) {
		r = check(&settings);
	} else if (strcmp(settings.command, "--version") == 0) {
		printf("scaleout-worker %s\n", SO_VERSION);
		r = 0;
	} else if (strcmp(settings.command, "--help") == 0) {
		usage(stdout);
		r = 0;
	} else {
		usage(stderr);
	}
	free(settings.spool);
	free(settings.runtime);
	return r;
}
