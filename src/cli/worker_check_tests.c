/* SPDX-License-Identifier: MIT */
/* The rows of "worker check": each function looks at what was found out and says cause and remedy. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "cli/worker_check.h"

#define SPOOL_FREE_KB (100 * 1024)
#define CLOCK_SECONDS 5
#define CLOCK_FAILED_SECONDS 300

static enum check_result say(struct check_said *ret, enum check_result result, const char *text, const char *remedy)
{
	snprintf(ret->text, sizeof(ret->text), "%s", text);
	snprintf(ret->remedy, sizeof(ret->remedy), "%s", remedy);
	return result;
}

/* What other programs said may have several lines; a result is one. */
static void one_line(char *text)
{
	size_t len = strlen(text);

	while (len && text[len - 1] == '\n')
		text[--len] = '\0';
	for (char *at = text; *at; at++)
		if (*at == '\n')
			*at = ' ';
}

static enum check_result say_err(struct check_said *ret, const struct err *err, const char *remedy)
{
	snprintf(ret->text, sizeof(ret->text), "%s%s%.200s", err->primary, err->detail[0] ? ": " : "", err->detail);
	snprintf(ret->remedy, sizeof(ret->remedy), "%s", *remedy ? remedy : err->hint);
	one_line(ret->text);
	return CHECK_FAILED;
}

static enum check_result skip(struct check_said *ret)
{
	return say(ret, CHECK_SKIPPED, "not reached", "");
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

static bool true_in(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

/* --- here --- */

static enum check_result catalog_ready(const struct check_facts *f, struct check_said *ret)
{
	if (!f->scale_out || strcasecmp(f->scale_out, "True") != 0)
		return say(ret, CHECK_FAILED, "Scale Out is off in this catalog",
		    "turn it on: scaleout sql -Q \"EXEC SSISDB.catalog.enable_scaleout\"");
	return say(ret, CHECK_OK, f->cli->catalog_path, "");
}

static enum check_result master_runs(const struct check_facts *f, struct check_said *ret)
{
	if (!f->master)
		return say(ret, CHECK_FAILED, "no master runs for this catalog",
		    "start it: scaleout master start, or systemctl start scaleoutd");
	snprintf(ret->text, sizeof(ret->text), "process %lld", number_in(f->master, "pid"));
	return CHECK_OK;
}

static enum check_result messages_kept(const struct check_facts *f, struct check_said *ret)
{
	static const char *const levels[] = { "None", "Basic", "Performance", "Verbose", "Runtime lineage" };
	int level = f->logging && f->logging[0] >= '0' && f->logging[0] <= '4' ? f->logging[0] - '0' : 1;

	snprintf(ret->text, sizeof(ret->text), "default logging level %s", levels[level]);
	if (level == 0)
		return say(ret, CHECK_WARNING, "the default logging level is None: executions leave no messages",
		    "EXEC SSISDB.catalog.configure_catalog SERVER_LOGGING_LEVEL, 1; for more in one execution, "
		    "scaleout run --logging-level Verbose");
	return CHECK_OK;
}

static enum check_result identity_usable(const struct check_facts *f, struct check_said *ret)
{
	const struct cli_machine *m = &f->reach->machine;

	if (!*m->identity)
		return say(ret, CHECK_OK, "keys of ssh-agent", "");
	if (f->identity.code)
		return say_err(ret, &f->identity, "");
	if (f->encrypted) {
		snprintf(ret->text, sizeof(ret->text), "%.300s is encrypted", m->identity);
		snprintf(ret->remedy, sizeof(ret->remedy),
		    "the master uses it only from ssh-agent: ssh-add %.300s before the master starts", m->identity);
		return CHECK_WARNING;
	}
	return say(ret, CHECK_OK, m->identity, "");
}

/* --- the way --- */

static enum check_result name_resolves(const struct check_facts *f, struct check_said *ret)
{
	if (f->key_err.code && f->key_stage == CLI_STAGE_RESOLVE)
		return say_err(ret, &f->key_err,
		    *f->reach->machine.jump_hosts ?
			f->key_err.hint :
			"correct the name (scaleout.set_worker, property Host), or DNS or /etc/hosts here");
	return say(ret, CHECK_OK, f->reach->machine.host, "");
}

static enum check_result port_answers(const struct check_facts *f, struct check_said *ret)
{
	if (f->key_err.code && f->key_stage < CLI_STAGE_CONNECT)
		return skip(ret);
	if (f->key_err.code && f->key_stage == CLI_STAGE_CONNECT)
		return say_err(ret, &f->key_err,
		    "is sshd running there, on that port (property Port), and does a firewall let us through?");
	snprintf(ret->text, sizeof(ret->text), "%d", f->reach->machine.port);
	return CHECK_OK;
}

static enum check_result speaks_ssh(const struct check_facts *f, struct check_said *ret)
{
	if (f->key_err.code && f->key_stage < CLI_STAGE_HANDSHAKE)
		return skip(ret);
	if (f->key_err.code)
		return say_err(ret, &f->key_err,
		    *f->key_err.hint ? f->key_err.hint : "is it sshd that answers on that port (property Port)?");
	return say(ret, CHECK_OK, "good algorithms are agreed on", "");
}

static enum check_result key_equal(const struct check_facts *f, struct check_said *ret)
{
	if (!f->key)
		return skip(ret);
	if (strstr(f->reach->machine.host_keys, f->key))
		return say(ret, CHECK_OK, f->fingerprint, "");
	snprintf(ret->text, sizeof(ret->text), "the machine shows another key than the accepted one: %s", f->fingerprint);
	snprintf(ret->remedy, sizeof(ret->remedy),
	    "somebody may be in between; if the machine was set up anew: scaleout worker trust %s --fingerprint %s",
	    f->reach->name, f->fingerprint);
	return CHECK_FAILED;
}

static enum check_result key_accepted(const struct check_facts *f, struct check_said *ret)
{
	if (!f->key || (!f->survey && f->survey_stage < CLI_STAGE_LOGIN))
		return skip(ret);
	if (!f->survey && f->survey_stage == CLI_STAGE_LOGIN)
		return say_err(ret, &f->survey_err, "");
	return say(ret, CHECK_OK, *f->reach->machine.user ? f->reach->machine.user : "own account", "");
}

/* --- the account there --- */

static enum check_result shell_works(const struct check_facts *f, struct check_said *ret)
{
	if (!f->survey && f->survey_stage < CLI_STAGE_PROGRAM)
		return skip(ret);
	if (!f->survey)
		return say_err(ret, &f->survey_err,
		    "the login shell must run commands: see ForceCommand in sshd_config and command= in authorized_keys");
	return say(ret, CHECK_OK, "/bin/sh runs commands", "");
}

static enum check_result shell_quiet(const struct check_facts *f, struct check_said *ret)
{
	if (!f->survey)
		return skip(ret);
	if (!*text_in(f->survey, "noise"))
		return say(ret, CHECK_OK, "nothing is printed at login", "");
	snprintf(ret->text, sizeof(ret->text), "the login shell prints \"%.60s\"", text_in(f->survey, "noise"));
	ret->text[strcspn(ret->text, "\n")] = '\0';
	snprintf(ret->remedy, sizeof(ret->remedy),
	    "print only in interactive shells: put  case $- in *i*) ;; *) return;; esac  at the top of ~/.bashrc there");
	return CHECK_FAILED;
}

static enum check_result home_runs(const struct check_facts *f, struct check_said *ret)
{
	const char *program = f->reach->machine.program;

	if (!f->survey)
		return skip(ret);
	if (true_in(f->survey, "unwritable"))
		return say(ret, strncmp(program, "~/", 2) == 0 || !*f->reach->machine.spool ? CHECK_FAILED : CHECK_WARNING,
		    "the account cannot write to its home folder",
		    "give it one, or install the worker's package and set SpoolPath to a folder of the account");
	if (!true_in(f->survey, "noexec"))
		return say(ret, CHECK_OK, text_in(f->survey, "home"), "");
	return say(ret, strncmp(program, "~/", 2) == 0 ? CHECK_FAILED : CHECK_WARNING,
	    "nothing may be run from the home folder (mounted noexec)",
	    "install the worker's package (then it is in /usr/bin) and set ProgramPath to it");
}

/* --- the worker program --- */

static enum check_result agent_there(const struct check_facts *f, struct check_said *ret)
{
	if (!f->survey)
		return skip(ret);
	if (!f->checked)
		return say_err(ret, &f->checked_err, "install it: scaleout worker upgrade NAME");
	if (strcmp(text_in(f->checked, "version"), SO_VERSION) != 0) {
		snprintf(ret->text, sizeof(ret->text), "version %s, here %s", text_in(f->checked, "version"), SO_VERSION);
		snprintf(ret->remedy, sizeof(ret->remedy), "scaleout worker upgrade %s", f->reach->name);
		return CHECK_WARNING;
	}
	return say(ret, CHECK_OK, text_in(f->checked, "version"), "");
}

static enum check_result protocol_equal(const struct check_facts *f, struct check_said *ret)
{
	if (!f->survey)
		return skip(ret);
	if (!f->hello)
		return say_err(ret, &f->hello_err, "");
	snprintf(ret->text, sizeof(ret->text), "version %lld", number_in(f->hello, "v"));
	return CHECK_OK;
}

static enum check_result root_allowed(const struct check_facts *f, struct check_said *ret)
{
	if (!f->checked)
		return skip(ret);
	if (true_in(f->checked, "refuses_root"))
		return say(ret, CHECK_FAILED, "the account is root, and the worker may not serve as root",
		    "use an account without privileges, or set the worker's property AllowRoot to 1");
	if (strcmp(text_in(f->checked, "privileges"), "none") != 0) {
		snprintf(ret->text, sizeof(ret->text), "%s, with the privileges of %s: packages have them too",
		    text_in(f->checked, "user"), text_in(f->checked, "privileges"));
		snprintf(ret->remedy, sizeof(ret->remedy), "use an account without privileges");
		return CHECK_WARNING;
	}
	return say(ret, CHECK_OK, text_in(f->checked, "user"), "");
}

static enum check_result spool_writable(const struct check_facts *f, struct check_said *ret)
{
	const json_t *spool = json_object_get(f->checked, "spool");

	if (!f->checked)
		return skip(ret);
	if (!true_in(spool, "ok"))
		return say(ret, CHECK_FAILED, text_in(spool, "error"),
		    "let the account write there, or set another folder (property SpoolPath)");
	if (true_in(spool, "network"))
		return say(ret, CHECK_FAILED, "the spool folder is on a network file system, whose locks cannot be relied on",
		    "set a folder on a disk of the machine (property SpoolPath)");
	return say(ret, CHECK_OK, text_in(spool, "path"), "");
}

static enum check_result spool_room(const struct check_facts *f, struct check_said *ret)
{
	long long kb = number_in(json_object_get(f->checked, "spool"), "free_kb");

	if (!f->checked || !true_in(json_object_get(f->checked, "spool"), "ok"))
		return skip(ret);
	snprintf(ret->text, sizeof(ret->text), "%lld MiB free", kb / 1024);
	if (kb >= SPOOL_FREE_KB)
		return CHECK_OK;
	snprintf(ret->remedy, sizeof(ret->remedy), "make room there: tasks are refused on a full disk, "
						   "and their messages wait on it until the master has them");
	return CHECK_FAILED;
}

/* How far the clock there is from ours: what its answer cannot be off by is taken away. */
static enum check_result clock_near(const struct check_facts *f, struct check_said *ret)
{
	long long there = number_in(f->checked, "time");

	if (!f->checked || !there)
		return skip(ret);
	long long off = there > f->checked_to ? there - f->checked_to :
	    there < f->checked_from	      ? there - f->checked_from :
						0;
	long long seconds = off / TICKS_PER_SECOND, size = seconds < 0 ? -seconds : seconds;
	snprintf(ret->text, sizeof(ret->text), "%lld s %s", size, seconds < 0 ? "behind" : seconds ? "ahead" : "off");
	if (size <= CLOCK_SECONDS)
		return CHECK_OK;
	snprintf(ret->remedy, sizeof(ret->remedy), "let chrony or systemd-timesyncd set the clock there: leases do not "
						   "need it, but start and end times come from it");
	return size > CLOCK_FAILED_SECONDS ? CHECK_FAILED : CHECK_WARNING;
}

static enum check_result boot_known(const struct check_facts *f, struct check_said *ret)
{
	if (!f->checked)
		return skip(ret);
	if (!*text_in(f->checked, "boot"))
		return say(ret, CHECK_FAILED, "/proc/sys/kernel/random/boot_id cannot be read",
		    "mount /proc there: without it a restart of the machine is not told from a lost task");
	return say(ret, CHECK_OK, text_in(f->checked, "boot"), "");
}

static enum check_result self_test(const struct check_facts *f, struct check_said *ret)
{
	const json_t *runtime = json_object_get(f->checked, "runtime");

	if (!f->checked)
		return skip(ret);
	if (!true_in(runtime, "ok"))
		return say(ret, CHECK_FAILED, text_in(runtime, "error"),
		    "scaleout-dtexec must lie beside scaleout-worker and its libraries be installed: scaleout worker upgrade NAME");
	if (!json_object_get(runtime, "ms"))
		return say(ret, CHECK_WARNING, "not tried: scaleout-dtexec is not beside scaleout-worker",
		    "packages run without it; scaleout worker upgrade NAME copies both");
	snprintf(ret->text, sizeof(ret->text), "a package ran in %lld ms", number_in(runtime, "ms"));
	return CHECK_OK;
}

static enum check_result odbc_drivers(const struct check_facts *f, struct check_said *ret)
{
	const json_t *drivers = json_object_get(f->checked, "odbc");
	size_t used = 0;

	if (!f->checked)
		return skip(ret);
	if (!json_array_size(drivers))
		return say(ret, CHECK_WARNING, "no ODBC driver is registered",
		    "packages that talk to databases need one, for instance odbc-postgresql or tdsodbc; see odbcinst -q -d");
	for (size_t i = 0; i < json_array_size(drivers) && used + 100 < sizeof(ret->text); i++)
		used += (size_t)snprintf(ret->text + used, sizeof(ret->text) - used, "%s%.80s", i ? ", " : "",
		    json_string_value(json_array_get(drivers, i)));
	return CHECK_OK;
}

static enum check_result sessions_survive(const struct check_facts *f, struct check_said *ret)
{
	if (!f->checked)
		return skip(ret);
	if (true_in(f->checked, "kills_at_logout") && !true_in(f->checked, "linger")) {
		snprintf(ret->text, sizeof(ret->text), "the machine kills a user's processes at logout (KillUserProcesses=yes)");
		snprintf(ret->remedy, sizeof(ret->remedy), "loginctl enable-linger %s", text_in(f->checked, "user"));
		return CHECK_FAILED;
	}
	return say(ret, CHECK_OK, "processes outlive a session", "");
}

static enum check_result group_made(const struct check_facts *f, struct check_said *ret)
{
	const json_t *cgroup = json_object_get(f->checked, "cgroup");

	if (!f->checked)
		return skip(ret);
	if (*text_in(cgroup, "how"))
		return say(ret, CHECK_OK, text_in(cgroup, "how"), "");
	if (!true_in(cgroup, "wanted"))
		return say(ret, CHECK_OK, "not wanted (UseCgroup is 0)", "");
	snprintf(ret->remedy, sizeof(ret->remedy), "loginctl enable-linger %s and pam_systemd for sshd, or Delegate=yes; "
						   "until then tasks run without limits", text_in(f->checked, "user"));
	snprintf(ret->text, sizeof(ret->text), "%s", text_in(cgroup, "why"));
	return CHECK_FAILED;
}

static enum check_result dumps_whole(const struct check_facts *f, struct check_said *ret)
{
	if (!f->checked)
		return skip(ret);
	if (!*text_in(f->checked, "dump_hindrance"))
		return say(ret, CHECK_OK, "with a core of the process", "");
	snprintf(ret->remedy, sizeof(ret->remedy), "dumps hold the package's state as text all the same; for a core change "
						   "what is named");
	snprintf(ret->text, sizeof(ret->text), "without a core: %s", text_in(f->checked, "dump_hindrance"));
	return CHECK_WARNING;
}

/* --- the registration --- */

static enum check_result not_blocked(const struct check_facts *f, struct check_said *ret)
{
	char *reason = cli_cell(f->row, 0, "BlockReason");
	bool blocked = cli_cell_int(f->row, 0, "IsBlocked", 0);

	snprintf(ret->text, sizeof(ret->text), "%s", blocked ? reason : "no");
	snprintf(ret->remedy, sizeof(ret->remedy), "%s%s", blocked ? "scaleout worker trust " : "", blocked ? f->reach->name : "");
	free(reason);
	return blocked ? CHECK_FAILED : CHECK_OK;
}

static enum check_result takes_work(const struct check_facts *f, struct check_said *ret)
{
	if (cli_cell_int(f->row, 0, "IsEnabled", 0))
		return say(ret, CHECK_OK, "enabled", "");
	snprintf(ret->text, sizeof(ret->text), "it is disabled: executions that only it may run do not start");
	snprintf(ret->remedy, sizeof(ret->remedy), "scaleout worker enable %s", f->reach->name);
	return CHECK_WARNING;
}

static enum check_result is_online(const struct check_facts *f, struct check_said *ret)
{
	char *error = cli_cell(f->row, 0, "LastError"), *last = cli_cell(f->row, 0, "LastOnline");
	enum check_result result = CHECK_OK;

	if (cli_cell_int(f->row, 0, "IsOnline", 0)) {
		say(ret, CHECK_OK, "the master is connected to it", "");
	} else if (!f->master) {
		result = skip(ret);
	} else {
		snprintf(ret->text, sizeof(ret->text), "the master is not connected%s%s%s%s", *last ? ", last time " : "", last,
		    *error ? ": " : "", error);
		snprintf(ret->remedy, sizeof(ret->remedy),
		    "what the tests above name; when they all pass, see the master's log (%.300s.log)", f->cli->catalog_path);
		result = CHECK_FAILED;
	}
	free(error);
	free(last);
	return result;
}

const struct check_test worker_checks[] = {
	{ "Scale Out is on", "master cannot reach SSISDB; master_properties empty", catalog_ready },
	{ "a master runs", "master cannot reach SSISDB; master_properties empty", master_runs },
	{ "messages are kept", "success but no messages; messages too thin", messages_kept },
	{ "the identity is usable", "secure channel not established; cannot open certificate store", identity_usable },
	{ "the name resolves", "no endpoint listening", name_resolves },
	{ "the port answers", "no endpoint listening", port_answers },
	{ "it speaks SSH", "HTTP request error", speaks_ssh },
	{ "the host key is the accepted one", "trust relationship not established", key_equal },
	{ "our key is accepted", "HTTP 403 forbidden", key_accepted },
	{ "commands are run", "worker cannot connect", shell_works },
	{ "the login shell is quiet", "worker cannot connect", shell_quiet },
	{ "the home folder is usable", "worker cannot connect", home_runs },
	{ "the worker program is there", "worker cannot connect", agent_there },
	{ "the account may serve", "", root_allowed },
	{ "the protocol is ours", "service up but offline", protocol_equal },
	{ "the spool is writable", "success but no messages", spool_writable },
	{ "the spool has room", "success but no messages", spool_room },
	{ "the clock is right", "", clock_near },
	{ "the boot id is known", "", boot_known },
	{ "the runtime works", "execution does not start", self_test },
	{ "ODBC drivers", "", odbc_drivers },
	{ "processes outlive a session", "", sessions_survive },
	{ "control groups", "", group_made },
	{ "dumps", "", dumps_whole },
	{ "it is not blocked", "trust relationship not established", not_blocked },
	{ "it takes work", "execution does not start", takes_work },
	{ "it is online", "worker not listed or offline", is_online },
	{ NULL, NULL, NULL },
};
