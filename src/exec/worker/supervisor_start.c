/* SPDX-License-Identifier: MIT */
/*
 * How the processes of a task come to be: a forked process is made a supervisor, and a supervisor
 * starts the runtime in a session of its own: a fork of this program, another program, or that by way
 * of systemd-run. Whichever, it gets five descriptors, an environment made from scratch and nothing else.
 */
#include "exec/worker/supervisor_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/account.h"
#include "base/mem.h"
#include "base/file.h"
#include "exec/program.h"
#include "exec/worker/straggler.h"
#include "exec/worker/title.h"

#define FIRST_FREE_FD 10 /* descriptors below are set up for the runtime */

/* Signals that a supervisor is deaf to; a package is not. */
static const int deaf_to[] = { SIGPIPE, SIGHUP, SIGINT };

int supervisor_prepare(void)
{
	sigset_t set;

	setsid();
	umask(077);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	for (size_t i = 0; i < ARRAY_LEN(deaf_to); i++)
		signal(deaf_to[i], SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1); /* a child has it blocked from its first moment on */
	sigprocmask(SIG_SETMASK, &set, NULL);
	sigdelset(&set, SIGUSR1);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Nothing of the supervisor's own environment reaches the task: only what is listed here. */
static char **make_environment(const struct supervisor *s)
{
	static const char *const kept[] = { "LANG", "LC_ALL", "TZ", "XDG_RUNTIME_DIR" };
	VEC(char *) env = { 0 };
	const struct account *account = account_self();
	const char *path = getenv("PATH");

	vec_push(&env, xasprintf("PATH=%s", path ? path : "/usr/local/bin:/usr/bin:/bin"));
	vec_push(&env, xasprintf("HOME=%s", account->home));
	vec_push(&env, xasprintf("USER=%s", account->name));
	vec_push(&env, xasprintf("LOGNAME=%s", account->name));
	vec_push(&env, xasprintf(STRAGGLER_COOKIE "=%s", s->cookie));
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		const char *value = getenv(kept[i]);
		if (value)
			vec_push(&env, xasprintf("%s=%s", kept[i], value));
	}
	if (!getenv("LANG"))
		vec_push(&env, xstrdup("LANG=C.UTF-8"));
	vec_push(&env, NULL);
	return env.items;
}

static void strings_free(char **strings)
{
	for (size_t i = 0; strings[i]; i++)
		free(strings[i]);
	free(strings);
}

/* Open one of the runtime's descriptors, out of the way of 0-4. */
static int open_high(int task, const char *name, int flags)
{
	int fd = openat(task, name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	int high = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
	close(fd);
	return high;
}

/* What the runtime gets: its descriptors 1 to 4 (0 is /dev/null), its folder, its arguments. */
struct runtime_start {
	int out, spec, events;
	char *work, *program; /* program: NULL = built in */
	char **argv;
	char **environment;
};

static void runtime_start_release(struct runtime_start *start)
{
	int fds[] = { start->out, start->spec, start->events };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	free(start->work);
	free(start->program);
	strings_free(start->argv);
	strings_free(start->environment);
}

/* Choose the task's control group; where it cannot be made the task runs without one. */
static void choose_group(struct supervisor *s)
{
	const struct cgroup *cgroup = s->job->cgroup;

	if (!cgroup || !cgroup->wanted)
		return;
	s->how = cgroup->how;
	snprintf(s->group, sizeof(s->group), "scaleout-%.8s-%s", s->spool->id, s->job->key);
	if (s->how == CGROUP_DIRECT && cgroup_enter(cgroup, s->group) != 0)
		s->how = CGROUP_NONE;
}

/* The program to run and its arguments; a scope is made by systemd-run, which then becomes the runtime. */
static void choose_program(struct supervisor *s, struct runtime_start *start, const char *dump)
{
	char *runtime = s->job->runtime ? xstrdup(s->job->runtime) :
	    s->how == CGROUP_SCOPE	 ? program_find("scaleout-dtexec") :
					   NULL;
	char clock[64];
	VEC(char *) argv = { 0 };

	if (s->how == CGROUP_SCOPE && !runtime)
		s->how = CGROUP_NONE;
	char **before = s->how == CGROUP_SCOPE ? cgroup_scope_argv(s->job->cgroup, s->group) : NULL;
	for (char **word = before; before && *word; word++)
		vec_push(&argv, *word);
	free(before);
	snprintf(clock, sizeof(clock), "%" PRId64 "@%" PRId64, s->job->clock.ticks, s->job->clock.at_us);
	const char *const words[] = { s->how == CGROUP_SCOPE ? runtime : "scaleout-dtexec", "--task", "--project-dir",
		s->job->project_dir, "--dump-dir", dump, "--clock", clock };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		vec_push(&argv, xstrdup(words[i]));
	vec_push(&argv, NULL);
	start->argv = argv.items;
	start->program = runtime;
	if (s->how == CGROUP_SCOPE) {
		start->program = xstrdup(s->job->cgroup->systemd_run);
		free(runtime);
	}
}

/* Run a program in a session of its own; returns 0 or an errno. */
static int start_program(struct supervisor *s, const struct runtime_start *start)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, start->out, 1);
	posix_spawn_file_actions_adddup2(&actions, start->out, 2);
	posix_spawn_file_actions_adddup2(&actions, start->spec, 3);
	posix_spawn_file_actions_adddup2(&actions, start->events, 4);
	posix_spawn_file_actions_addclosefrom_np(&actions, 5);
	posix_spawn_file_actions_addchdir_np(&actions, start->work);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes,
	    POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	sigemptyset(&none);
	sigaddset(&none, SIGUSR1); /* asks for a dump: the runtime lets it in when it is ready */
	sigfillset(&all);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	int code = posix_spawn(&s->pid, start->program, &actions, &attributes, start->argv, start->environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return code;
}

/* Be the runtime, without a program of its own. */
static _Noreturn void be_runtime(const struct supervisor *s, const struct runtime_start *start)
{
	int argc = 0;
	sigset_t none;

	setsid();
	for (size_t i = 0; i < ARRAY_LEN(deaf_to); i++)
		signal(deaf_to[i], SIG_DFL);
	sigemptyset(&none);
	sigaddset(&none, SIGUSR1); /* as in start_program */
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(start->out, 1) < 0 || dup2(start->out, 2) < 0 || dup2(start->spec, 3) < 0 ||
	    dup2(start->events, 4) < 0 || close_range(5, ~0u, 0) < 0 || chdir(start->work) < 0)
		_exit(127);
	while (start->argv[argc])
		argc++;
	title_set(start->argv[0], start->argv, s->cookie);
	environ = start->environment;
	int code = s->job->run_task(argc, (char **)start->argv);
	fflush(NULL);
	_exit(code);
}

static int start_builtin(struct supervisor *s, const struct runtime_start *start)
{
	s->pid = fork();
	if (s->pid == 0)
		be_runtime(s, start);
	return s->pid < 0 ? errno : 0;
}

int supervisor_start_runtime(struct supervisor *s)
{
	char *task_path = xasprintf("%s/tasks/%s", s->spool->path, s->job->key);
	char *dump = path_join(task_path, "dump");
	struct runtime_start start = {
		.out = open_high(s->task, "out", O_WRONLY | O_CREAT | O_APPEND),
		.events = open_high(s->task, "events", O_WRONLY | O_APPEND),
		.spec = fcntl(s->spec, F_DUPFD_CLOEXEC, FIRST_FREE_FD),
		.work = path_join(task_path, "work"),
		.environment = make_environment(s) };
	int code = start.out < 0 || start.events < 0 || start.spec < 0 ? errno : 0;

	choose_group(s);
	choose_program(s, &start, dump);
	if (code == 0)
		code = start.program ? start_program(s, &start) : start_builtin(s, &start);
	if (s->how == CGROUP_DIRECT)
		cgroup_leave(s->job->cgroup);
	runtime_start_release(&start);
	close(s->spec);
	s->spec = -1;
	free(task_path);
	free(dump);
	return code;
}
