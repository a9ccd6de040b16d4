/* SPDX-License-Identifier: MIT */
/* scaleout-worker: wires the agent to stdin and stdout, and says what this machine has. */
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "exec/program.h"
#include "exec/worker/agent.h"
#include "exec/worker/cgroup.h"
#include "exec/worker/check.h"
#include "exec/worker/fork_server.h"
#include "exec/worker/title.h"
#include "package/project.h"
#include "runtime/task_mode.h"

#define NUMBER_MAX (1 << 26)

struct settings {
	const char *command;
	char *spool, *runtime;
	bool allow_root, json;
	struct cgroup cgroup;
};

static void usage(FILE *out)
{
	fputs("usage: scaleout-worker serve [--spool DIR] [--runtime PROGRAM] [--allow-root]\n"
	      "                       [--cgroup] [--memory-max MIB] [--cpu-max PERCENT]\n"
	      "       scaleout-worker check [--json] [the options of serve]\n"
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
	      "  --allow-root      serve although the account is root: packages then run as root\n"
	      "  --cgroup          put each task into a control group of its own, where that can be\n"
	      "  --memory-max MIB  memory of a task's control group\n"
	      "  --cpu-max PERCENT CPU of a task's control group, in percent of one CPU\n"
	      "  --json            check: one JSON object instead of lines\n",
	    out);
}

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static long long number_in(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

static void print_check(const json_t *found)
{
	const json_t *spool = json_object_get(found, "spool"), *runtime = json_object_get(found, "runtime"),
		     *cgroup = json_object_get(found, "cgroup");

	printf("machine  %s\nsystem   %s\naccount  %s (privileges: %s)\ncpus     %lld\nmemory   %lld MiB, %lld MiB free\n",
	    text_in(found, "machine"), text_in(found, "os"), text_in(found, "user"), text_in(found, "privileges"),
	    number_in(found, "cpus"), number_in(found, "memory_kb") / 1024, number_in(found, "memory_free_kb") / 1024);
	if (json_is_true(json_object_get(spool, "ok")))
		printf("spool    %s, %lld MiB free\n", text_in(spool, "path"), number_in(spool, "free_kb") / 1024);
	else
		printf("spool    %s\n", text_in(spool, "error"));
	if (json_is_true(json_object_get(runtime, "ok")))
		printf("runtime  %s, the self-test took %lld ms\n", text_in(runtime, "path"), number_in(runtime, "ms"));
	else
		printf("runtime  %s\n", text_in(runtime, "error"));
	printf("cgroup   %s%s\nodbc     %zu drivers\n", text_in(cgroup, "how"), text_in(cgroup, "why"),
	    json_array_size(json_object_get(found, "odbc")));
	if (*text_in(found, "dump_hindrance"))
		printf("dumps    without a core: %s\n", text_in(found, "dump_hindrance"));
}

static int check(struct settings *settings)
{
	char *runtime = settings->runtime ? xstrdup(settings->runtime) : program_find("scaleout-dtexec");
	struct check_options options = { .spool = settings->spool, .runtime = runtime,
		.built_in = !settings->runtime, .version = SO_VERSION,
		.cgroup = &settings->cgroup, .allow_root = settings->allow_root };
	bool good = false;

	cgroup_probe(&settings->cgroup, NULL);
	json_t *found = check_machine(&options, &good);
	if (settings->json) {
		json_dumpf(found, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		print_check(found);
	}
	json_decref(found);
	free(runtime);
	return good ? 0 : 1;
}

static int serve(struct settings *settings, const struct fork_server *server)
{
	struct agent_options options = { .in_fd = STDIN_FILENO, .out_fd = STDOUT_FILENO,
		.spool = settings->spool, .runtime = settings->runtime, .version = SO_VERSION,
		.unpack = ispac_unpack, .server = *server, .cgroup = &settings->cgroup };
	struct err err = { 0 };

	if (geteuid() == 0 && !settings->allow_root) {
		fputs("scaleout-worker: refused to serve as root\n"
		      "hint: use an account without privileges; where packages must run as root, "
		      "set AllowRoot of the worker (scaleout worker add --allow-root)\n", stderr);
		return 1;
	}
	if (settings->cgroup.wanted)
		cgroup_probe(&settings->cgroup, NULL);
	if (agent_serve(&options, &err) < 0 && err.code != ERR_CANCELLED) {
		fprintf(stderr, "scaleout-worker: %s\n", err.primary);
		return 1;
	}
	return 0;
}

static bool read_number(const char *text, int *ret)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (!*text || *end || value < 1 || value > NUMBER_MAX)
		return false;
	*ret = (int)value;
	return true;
}

/* Take one option; returns how many arguments it used, 0 when it is not one. */
static int take_option(struct settings *settings, int argc, char **argv)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = { { "--allow-root", &settings->allow_root }, { "--json", &settings->json },
		{ "--cgroup", &settings->cgroup.wanted } };
	const struct {
		const char *name;
		int *number;
	} numbers[] = { { "--memory-max", &settings->cgroup.memory_max_mb },
		{ "--cpu-max", &settings->cgroup.cpu_max_percent } };

	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		if (strcmp(argv[0], flags[i].name) == 0) {
			*flags[i].flag = true;
			return 1;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(numbers) && argc > 1; i++) {
		if (strcmp(argv[0], numbers[i].name) == 0)
			return read_number(argv[1], numbers[i].number) ? 2 : 0;
	}
	if (argc > 1 && strcmp(argv[0], TITLE_ROOM_OPTION) == 0)
		return 2; /* fork_server_early has used it */
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
	struct fork_server server = FORK_SERVER_INIT;
	int r = 2;

	if (strcmp(settings.command, FORK_SERVER_COMMAND) == 0)
		return fork_server_main(argc, argv, task_mode);
	if (strcmp(settings.command, "serve") == 0)
		fork_server_early(&server, argc, argv, task_mode);
	for (int at = 2, n; at < argc; at += n) {
		n = take_option(&settings, argc - at, argv + at);
		if (n == 0) {
			fprintf(stderr, "scaleout-worker: unknown or incomplete option %s\n", argv[at]);
			usage(stderr);
			return 2;
		}
	}
	if (strcmp(settings.command, "serve") == 0) {
		r = serve(&settings, &server);
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
