/* SPDX-License-Identifier: MIT */
/*
 * Dumps on errors (DUMP_ON_ERROR, DUMP_ON_EVENT, /Dump): a text with the state
 * of the package (.tmp, as the product calls it), and a core of a forked copy
 * (.mdmp) where this account and the kernel's core_pattern allow one. Secrets
 * are masked in the text and overwritten in the copy before it ends. Once per run.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "runtime/core_file.h"
#include "runtime/engine.h"

static const char *const state_names[] = { "idle", "running", "done" };
static const char *const result_names[] = { "success", "failure", "completion", "cancelled" };

/* Whether "0xC020801C;0x..." lists the code. */
static bool code_listed(const char *codes, int32_t code)
{
	char *end;

	while (codes && *codes) {
		codes += strspn(codes, "; \t");
		unsigned long long n = strtoull(codes, &end, 0);
		if (end != codes && (uint32_t)n == (uint32_t)code && n)
			return true;
		codes += strcspn(codes, ";");
	}
	return false;
}

static bool is_wanted(const struct run *run, int type, int32_t code)
{
	const struct taskspec *spec = run->options->spec;

	if (!spec || !run->options->dump_dir || run->dumped)
		return false;
	return (spec->dump_on_error && type == EVENT_ERROR) ||
	    (spec->dump_on_event && code_listed(spec->dump_event_codes, code));
}

/* ---- the text ---- */

static void put_value(struct buf *out, const struct value *value)
{
	struct buf text = BUF_INIT;

	if (value->null)
		buf_adds(out, "NULL");
	value_text(value, &text);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		if (c < 32)
			buf_addf(out, "\\x%02X", c);
		else
			buf_addc(out, (char)c);
	}
	buf_release(&text);
}

static void put_unit(struct buf *out, const struct unit *unit)
{
	struct buf path = BUF_INIT;

	unit_execution_path(unit, &path);
	buf_addf(out, "%s  type %s  state %s  result %s  errors %d", path.data, unit->def->creation_name,
	    state_names[unit->state], result_names[unit->result], unit->error_count);
	if (unit->disabled)
		buf_adds(out, "  disabled");
	buf_addc(out, '\n');
	for (size_t i = 0; i < unit->var_count; i++) {
		const struct var *var = &unit->vars[i];
		buf_addf(out, "    variable %s::%s %s = ", var->space, var->name, value_type_name(var->type.dt));
		if (var->in_dump)
			put_value(out, &var->value);
		else
			buf_adds(out, "(not included)");
		buf_addc(out, '\n');
	}
	for (size_t i = 0; i < unit->child_count; i++)
		put_unit(out, unit->children[i]);
	buf_release(&path);
}

static void put_params(struct buf *out, const struct run *run)
{
	for (size_t i = 0; i < run->main.param_count; i++) {
		const struct var *param = &run->main.params[i];
		buf_addf(out, "%s::%s %s = ", param->space, param->name, value_type_name(param->type.dt));
		if (param->sensitive)
			buf_adds(out, "********");
		else
			put_value(out, &param->value);
		buf_addc(out, '\n');
	}
}

static void put_connections(struct buf *out, const struct run *run)
{
	for (size_t i = 0; i < run->main.connection_count; i++) {
		const struct connection *c = &run->main.connections[i];
		buf_addf(out, "%s  type %s  id %s\n    ", c->def->name, c->def->creation_name, c->def->id);
		connection_mask(c->connection_string, out);
		buf_addc(out, '\n');
	}
}

static void put_dump(struct buf *out, const struct run *run, const struct unit *source, int type,
    int32_t code, const char *text)
{
	const struct taskspec *spec = run->options->spec;
	char time[32];
	struct buf path = BUF_INIT;

	clock_format_utc(clock_wall(), time, sizeof(time));
	unit_execution_path(source, &path);
	buf_addf(out, "scaleout-dtexec %s dump\nTime: %s\nProcess: %d\n", SO_VERSION, time, (int)getpid());
	buf_addf(out, "Package: %s  version %d.%d.%d  id %s\n", run->main.name, run->main.dtsx->version_major,
	    run->main.dtsx->version_minor, run->main.dtsx->version_build, run->main.dtsx->package->id);
	buf_addf(out, "Execution: %lld  try %d  instance %s\n", (long long)spec->execution_id, spec->attempt,
	    run->execution_guid);
	buf_addf(out, "Event: %s  code 0x%08X\nSource: %s\nMessage: %s\n", event_type_info(type)->event_name,
	    (unsigned)code, path.data, text);
	buf_adds(out, "\n[Executables]\n");
	put_unit(out, run->main.root);
	buf_adds(out, "\n[Parameters]\n");
	put_params(out, run);
	buf_adds(out, "\n[Connection managers]\n");
	put_connections(out, run);
	buf_release(&path);
}

/* ---- the core ---- */

static void forget_text(char *text)
{
	if (text)
		mem_wipe(text, strlen(text));
}

static void forget_package(struct package *package)
{
	for (size_t i = 0; i < package->overrides.len; i++) {
		if (package->overrides.items[i].sensitive)
			forget_text(package->overrides.items[i].value);
	}
	for (size_t i = 0; i < package->param_count; i++) {
		struct value *v = &package->params[i].value;
		if (package->params[i].sensitive && !v->null && dt_family(v->type.dt) == FAMILY_STRING)
			mem_wipe(v->s.data, v->s.len);
	}
	for (size_t i = 0; i < package->connection_count; i++) {
		struct connection *c = &package->connections[i];
		forget_text(c->connection_string);
		for (size_t j = 0; j < c->property_count; j++)
			forget_text(c->properties[j].value);
	}
}

/* In the copy: nothing secret may reach the disk. */
static void forget_secrets(struct run *run)
{
	const struct taskspec *spec = run->options->spec;

	for (size_t i = 0; i < spec->value_count; i++) {
		if (spec->values[i].sensitive)
			forget_text(spec->values[i].value);
	}
	for (size_t i = 0; i < spec->override_count; i++) {
		if (spec->overrides[i].sensitive)
			forget_text(spec->overrides[i].value);
	}
	forget_package(&run->main);
	for (size_t i = 0; i < run->children.len; i++)
		forget_package(run->children.items[i]);
	forget_text((char *)(uintptr_t)run->options->password);
}

#define STACK_WIPED ((size_t)512 * 1024)

/* What earlier calls left below on the stack, and in the vector registers, which a core holds too. */
__attribute__((noinline)) static void wipe_leftovers(void)
{
	char zeros[STACK_WIPED];

	mem_wipe(zeros, sizeof(zeros));
	for (size_t i = 0; i < 8; i++)
		memmove(zeros + i, zeros + STACK_WIPED / 2, STACK_WIPED / 4);
	mem_wipe(zeros, 64);
}

/* The copy: ends with a core in the dump folder. */
static void die_with_core(struct run *run)
{
	struct rlimit limit;
	sigset_t none;

	forget_secrets(run);
	wipe_leftovers();
	if (chdir(run->options->dump_dir) || getrlimit(RLIMIT_CORE, &limit))
		_exit(1);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_CORE, &limit);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	umask(077);
	signal(SIGABRT, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	raise(SIGABRT);
	_exit(1);
}

/* Why no core can be had here, or NULL. */
static const char *core_obstacle(void)
{
	struct buf pattern = BUF_INIT;
	struct rlimit limit;
	const char *why = NULL;

	if (file_read("/proc/sys/kernel/core_pattern", 4096, &pattern, NULL))
		why = "the kernel's core_pattern cannot be read";
	else if (pattern.data[0] == '|' || strchr(pattern.data, '/'))
		why = "the kernel's core_pattern sends cores elsewhere";
	else if (strncmp(pattern.data, "core", 4))
		why = "the kernel's core_pattern does not begin with \"core\"";
	else if (getrlimit(RLIMIT_CORE, &limit) || limit.rlim_max == 0)
		why = "this account may not write core files (ulimit -Hc)";
	buf_release(&pattern);
	return why;
}

/* What a core's name has behind "core": nothing, or a point and what core_pattern says. Packages' own dumps end otherwise. */
static bool core_name(const char *rest)
{
	size_t len = strlen(rest);

	return (*rest == '\0' || *rest == '.' || *rest == '-') &&
	    !(len > 4 && strcmp(rest + len - 4, ".tmp") == 0) && !(len > 5 && strcmp(rest + len - 5, ".mdmp") == 0);
}

/*
 * Take the core that the copy left, whatever core_pattern puts behind "core"
 * (only our copies write into that folder); keep = false deletes what was
 * written of it. False when there is none.
 */
static bool take_core(const struct run *run, const char *to, bool keep)
{
	DIR *dir = opendir(run->options->dump_dir);
	const struct dirent *entry;
	bool taken = false;

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "core", 4) != 0 || !core_name(entry->d_name + 4))
			continue;
		if (!keep || taken)
			unlinkat(dirfd(dir), entry->d_name, 0);
		else
			taken = renameat(dirfd(dir), entry->d_name, AT_FDCWD, to) == 0;
	}
	if (dir)
		closedir(dir);
	return taken;
}

static const char *write_core(struct run *run, const char *path)
{
	const char *why = core_obstacle();
	int status = 0;
	pid_t pid;

	if (why)
		return why;
	event_log_flush(&run->log);
	pid = fork();
	if (pid == 0)
		die_with_core(run);
	if (pid < 0)
		return "no copy of the process could be made";
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!WIFSIGNALED(status) || !WCOREDUMP(status)) {
		take_core(run, path, false);
		return "the kernel wrote none";
	}
	if (!take_core(run, path, true))
		return "the core is not where it should be";
	if (core_file_complete(path))
		return NULL;
	unlink(path);
	return "it was cut off (the disk is full, or ulimit -c)";
}

/* Both files of a dump. Returns why there is no core file, or NULL. */
static const char *write_dump(struct run *run, struct unit *source, int type, int32_t code, const char *text)
{
	const struct taskspec *spec = run->options->spec;
	struct buf dump = BUF_INIT;
	struct err err;
	char again[16] = "";

	if (run->dump_count)
		snprintf(again, sizeof(again), "-%d", run->dump_count);
	char *base = xasprintf("%s/%s-%lld-%d-%d%s", run->options->dump_dir, run->main.name,
	    (long long)spec->execution_id, spec->attempt, (int)getpid(), again);
	char *path = xasprintf("%s.tmp", base);
	put_dump(&dump, run, source, type, code, text);
	if (file_write_atomic(path, dump.data, dump.len, 0600, false, &err))
		unit_warning(source, DTS_W_GENERIC, "No dump could be written: %s", err.primary);
	free(path);
	path = xasprintf("%s.mdmp", base);
	const char *why = write_core(run, path);
	free(path);
	free(base);
	buf_release(&dump);
	return why;
}

void dump_consider(struct run *run, struct unit *source, int type, int32_t code, const char *text)
{
	const char *why;

	if (!is_wanted(run, type, code))
		return;
	run->dumped = true;
	why = write_dump(run, source, type, code, text);
	if (why)
		unit_warning(source, DTS_W_GENERIC, "The dump has no core file: %s.", why);
}

void dump_on_request(struct run *run)
{
	struct event event = { .kind = EVENT_KIND_DUMP };

	if (!run->options->dump || !*run->options->dump || !run->options->dump_dir || !run->options->spec ||
	    !run->main.root)
		return;
	*run->options->dump = 0;
	run->dump_count++;
	event.message = write_dump(run, run->main.root, EVENT_INFORMATION, 0, "The dump was asked for.");
	event.time = clock_steady_now(&run->clock);
	event_log_add(&run->log, &event);
	event_log_flush(&run->log);
}
