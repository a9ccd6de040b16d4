/* SPDX-License-Identifier: MIT */
/*
 * Stands in for the runtime in the tests of the exec room, as a program and (as
 * task_mode) inside fake_worker: reads its specification from descriptor 3 and does the steps it lists:
 *   {"steps": ["effect FILE WORD", "events 3", "wait FILE", "exit 0"]}
 * Events go to descriptor 4 as lines of package/event.h. SIGTERM ends it with
 * code 3, as the real one.
 */
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/task_mode.h"

static int event_seq;
static const char *dump_dir;
extern char **environ;

static void on_term(int signal_number)
{
	(void)signal_number;
	_exit(3);
}

static void append(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(99);
	close(fd);
}

/* One line, one write: "KEY WORD". */
static void do_effect(char *argument)
{
	char text[256], *word = strrchr(argument, ' ');
	const char *key = getenv("SCALEOUT_KEY");

	*word++ = '\0';
	snprintf(text, sizeof(text), "%s %s\n", key && strchr(key, '/') ? strchr(key, '/') + 1 : "none", word);
	append(argument, text);
}

static void do_events(char *argument)
{
	for (long i = strtol(argument, NULL, 10); i > 0; i--) {
		char line[160];
		int n = snprintf(line, sizeof(line), "{\"s\":%d,\"k\":\"m\",\"tm\":1,\"ty\":70,\"m\":\"event %d\"}\n",
		    event_seq + 1, event_seq + 1);
		if (write(4, line, (size_t)n) != n)
			_exit(98);
		event_seq++;
	}
}

static void do_wait(char *argument)
{
	while (access(argument, F_OK) < 0)
		usleep(2000);
}

static void do_ignore_term(char *argument)
{
	(void)argument;
	signal(SIGTERM, SIG_IGN);
}

/* A daemon that left the session and ignores TERM; its process id goes to a file. */
static void do_daemon(char *argument)
{
	if (fork() == 0) {
		setsid();
		if (fork() == 0) {
			char text[32], name[4096];
			signal(SIGTERM, SIG_IGN);
			snprintf(text, sizeof(text), "%d", (int)getpid());
			snprintf(name, sizeof(name), "%s.new", argument);
			append(name, text);
			rename(name, argument);
			for (;;)
				pause();
		}
		_exit(0);
	}
	do_wait(argument);
}

static void do_environ(char *argument)
{
	for (char **at = environ; *at; at++) {
		append(argument, *at);
		append(argument, "\n");
	}
}

/* "FILE": where we run and what descriptors are open. */
static void do_surroundings(char *argument)
{
	char text[4096];

	append(argument, getcwd(text, sizeof(text)));
	for (int fd = 0; fd < 64; fd++) {
		if (fcntl(fd, F_GETFD) >= 0) {
			snprintf(text, sizeof(text), " %d", fd);
			append(argument, text);
		}
	}
	snprintf(text, sizeof(text), " leader=%d\n", getsid(0) == getpid());
	append(argument, text);
}

static void do_dump(char *argument)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", dump_dir, argument) < 0)
		_exit(97);
	append(path, "state of the package\n");
	free(path);
}

static void do_say(char *argument)
{
	fprintf(stderr, "%s\n", argument);
}

static void do_exit(char *argument)
{
	/* No exit handlers: in a forked process a leak checker among them looks at the parent's memory, too. */
	fflush(NULL);
	_exit((int)strtol(argument, NULL, 10));
}

static void do_raise(char *argument)
{
	raise((int)strtol(argument, NULL, 10));
}

static const struct {
	const char *name;
	void (*run)(char *argument);
} steps[] = {
	{ "effect", do_effect },
	{ "events", do_events },
	{ "wait", do_wait },
	{ "ignore_term", do_ignore_term },
	{ "daemon", do_daemon },
	{ "environ", do_environ },
	{ "surroundings", do_surroundings },
	{ "dump", do_dump },
	{ "say", do_say },
	{ "exit", do_exit },
	{ "raise", do_raise },
};

static void run_step(const char *text)
{
	char *copy = strdup(text);
	char *argument = strchr(copy, ' ');

	if (argument)
		*argument++ = '\0';
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strcmp(steps[i].name, copy) == 0) {
			steps[i].run(argument);
			free(copy);
			return;
		}
	}
	fprintf(stderr, "unknown step %s\n", copy);
	exit(96);
}

int task_mode(int argc, char **argv)
{
	json_t *step;
	size_t i;

	signal(SIGTERM, on_term);
	if (argc < 6 || strcmp(argv[1], "--task") != 0)
		return 95;
	dump_dir = argv[5];
	json_t *spec = json_loadfd(3, 0, NULL);
	json_array_foreach(json_object_get(spec, "steps"), i, step)
		run_step(json_string_value(step));
	json_decref(spec);
	return 0;
}
