/* SPDX-License-Identifier: MIT */
/* Each part of the answer is one function; the self-test runs a real package with the real runtime. */
#include "exec/worker/check.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "exec/protocol.h"
#include "exec/worker/facts.h"
#include "exec/worker/runner.h"

#define SELF_TEST_MS 20000
#define NFS_MAGIC 0x6969
#define CIFS_MAGIC 0xFF534D42
#define SMB2_MAGIC 0xFE534D42
#define INI_MAX 65536

/* Runs a process, so that parsing, the loop and starting children are all tried. */
static const char self_test[] =
    "<?xml version=\"1.0\"?>\n"
    "<DTS:Executable xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:refId=\"Package\"\n"
    "  DTS:CreationName=\"Microsoft.Package\" DTS:DTSID=\"{5E1F7E57-0000-4000-8000-000000000001}\"\n"
    "  DTS:ExecutableType=\"Microsoft.Package\" DTS:ObjectName=\"SelfTest\" DTS:LocaleID=\"1033\"\n"
    "  DTS:VersionGUID=\"{5E1F7E57-0000-4000-8000-000000000002}\">\n"
    "  <DTS:Property DTS:Name=\"PackageFormatVersion\">8</DTS:Property>\n"
    "  <DTS:Variables />\n"
    "  <DTS:Executables>\n"
    "    <DTS:Executable DTS:refId=\"Package\\True\" DTS:CreationName=\"Microsoft.ExecuteProcess\"\n"
    "      DTS:DTSID=\"{5E1F7E57-0000-4000-8000-000000000003}\" DTS:ExecutableType=\"Microsoft.ExecuteProcess\"\n"
    "      DTS:LocaleID=\"-1\" DTS:ObjectName=\"True\">\n"
    "      <DTS:Variables />\n"
    "      <DTS:ObjectData><ExecuteProcessData Executable=\"/bin/true\" /></DTS:ObjectData>\n"
    "    </DTS:Executable>\n"
    "  </DTS:Executables>\n"
    "</DTS:Executable>\n";

static void add_error(json_t *object, const struct err *err)
{
	char *text = err->detail[0] ? xasprintf("%s: %s", err->primary, err->detail) : xstrdup(err->primary);

	json_object_set_new(object, "ok", json_false());
	json_object_set_new(object, "error", json_string(text));
	free(text);
}

/* --- the spool --- */

static bool on_network(const char *path)
{
	struct statfs fs;
	unsigned type = statfs(path, &fs) == 0 ? (unsigned)fs.f_type : 0;

	return type == NFS_MAGIC || type == CIFS_MAGIC || type == SMB2_MAGIC;
}

static json_t *check_spool(const char *path)
{
	json_t *object = json_pack("{s:s, s:b}", "path", path, "ok", 1);
	char *file = path_join(path, ".check");
	struct statvfs fs;
	struct err err;

	if (dir_make(path, 0700, &err) < 0 || file_write_atomic(file, "x", 1, 0600, true, &err) < 0)
		add_error(object, &err);
	else if (statvfs(path, &fs) == 0)
		json_object_set_new(object, "free_kb", json_integer((json_int_t)(fs.f_bavail * fs.f_frsize / 1024)));
	unlink(file);
	json_object_set_new(object, "network", json_boolean(on_network(path)));
	free(file);
	return object;
}

/* --- the runtime --- */

static int run_self_test(const char *runtime, const char *folder, struct runner_result *result, struct err *err)
{
	char *package = path_join(folder, "SelfTest.dtsx");
	char *argv[] = { (char *)runtime, (char *)"/F", package, NULL };
	int r = file_write_atomic(package, self_test, sizeof(self_test) - 1, 0600, false, err);

	if (r == 0)
		r = runner_run(argv, folder, SELF_TEST_MS, result, err);
	if (r == 0 && result->status != 0) {
		r = err_set(err, ERR_IO, "the self-test package ended with status %d", result->status);
		err_detail(err, "%s", result->output);
	}
	free(package);
	return r;
}

/* Where the runtime is built into the agent, the program beside it has the same code; without it there is nothing to try. */
static json_t *check_runtime(const char *runtime, bool built_in, const char *spool)
{
	json_t *object = json_pack("{s:s?, s:b}", "path", runtime, "ok", 1);
	char *folder = xasprintf("%s/.check.%d", spool, (int)getpid());
	struct runner_result result = { 0 };
	struct err err = { 0 };

	if (!runtime && built_in)
		json_object_set_new(object, "path", json_string("built in"));
	else if (!runtime)
		err_set(&err, ERR_NOT_FOUND, "scaleout-dtexec is not beside scaleout-worker nor on the PATH");
	else if (dir_make(folder, 0700, &err) == 0)
		run_self_test(runtime, folder, &result, &err);
	if (err.code)
		add_error(object, &err);
	else if (runtime)
		json_object_set_new(object, "ms", json_integer(result.took_ms));
	dir_remove(folder, NULL);
	free(folder);
	return object;
}

/* --- ODBC --- */

/* The sections of an odbcinst.ini but [ODBC], which holds settings. */
static void add_drivers(json_t *array, const char *path)
{
	struct buf text = BUF_INIT;

	if (file_read(path, INI_MAX, &text, NULL) == 0) {
		for (const char *line = text.data; line; line = strchr(line, '\n')) {
			line += *line == '\n';
			size_t len = *line == '[' ? strcspn(line + 1, "]\n") : 0;
			if (len && line[1 + len] == ']' && !(len == 4 && strncasecmp(line + 1, "ODBC", 4) == 0))
				json_array_append_new(array, json_stringn(line + 1, len));
		}
	}
	buf_release(&text);
}

static json_t *check_odbc(void)
{
	const char *folder = getenv("ODBCSYSINI"), *home = getenv("HOME");
	char *system_ini = path_join(folder ? folder : "/etc", "odbcinst.ini");
	char *own_ini = home ? path_join(home, ".odbcinst.ini") : NULL;
	json_t *array = json_array();

	add_drivers(array, system_ini);
	if (own_ini)
		add_drivers(array, own_ini);
	free(own_ini);
	free(system_ini);
	return array;
}

/* --- the account --- */

static bool in_groups(const gid_t *groups, int count, gid_t group)
{
	for (int i = 0; i < count; i++) {
		if (groups[i] == group)
			return true;
	}
	return false;
}

static const char *privileges(void)
{
	static const char *const strong[] = { "sudo", "wheel", "docker", "adm" };
	gid_t groups[256];
	int count = getgroups(ARRAY_LEN(groups), groups);

	if (geteuid() == 0)
		return "root";
	/* These groups are the machine's own: the name service is not asked (base/account.h). */
	FILE *file = fopen("/etc/group", "re");
	const struct group *entry;
	const char *found = "none";
	while (file && (entry = fgetgrent(file))) {
		for (size_t k = 0; k < ARRAY_LEN(strong); k++)
			if (strcmp(entry->gr_name, strong[k]) == 0 && in_groups(groups, count, entry->gr_gid))
				found = strong[k];
	}
	if (file)
		fclose(file);
	return found;
}

/* Why a core of a running package cannot be written; "" when it can. */
static const char *dump_hindrance(void)
{
	struct rlimit limit;
	struct buf pattern = BUF_INIT;
	const char *why = "";

	if (getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0)
		why = "the hard limit of core files is 0 (ulimit -Hc, /etc/security/limits.conf)";
	else if (prctl(PR_GET_DUMPABLE) != 1)
		why = "the program is not dumpable (setuid or file capabilities)";
	else if (file_read("/proc/sys/kernel/core_pattern", 4096, &pattern, NULL) == 0 && pattern.data[0] == '|')
		why = "the kernel gives cores to a program (kernel.core_pattern begins with |)";
	else if (pattern.data[0] == '/')
		why = "the kernel writes cores elsewhere (kernel.core_pattern is absolute)";
	buf_release(&pattern);
	return why;
}

static void add_sessions(json_t *object, const char *user)
{
	struct buf text = BUF_INIT;
	char *linger = xasprintf("/var/lib/systemd/linger/%s", user);
	bool systemd = file_exists("/run/systemd/system");
	bool kills = file_read("/etc/systemd/logind.conf", INI_MAX, &text, NULL) == 0 &&
	    strstr(text.data, "\nKillUserProcesses=yes");

	json_object_set_new(object, "systemd", json_boolean(systemd));
	json_object_set_new(object, "linger", json_boolean(file_exists(linger)));
	json_object_set_new(object, "kills_at_logout", json_boolean(systemd && kills));
	free(linger);
	buf_release(&text);
}

static void add_account(json_t *object, const struct facts *facts, bool allow_root)
{
	const char *hindrance = dump_hindrance();

	json_object_set_new(object, "user", json_string(facts->user));
	json_object_set_new(object, "uid", json_integer(geteuid()));
	json_object_set_new(object, "privileges", json_string(privileges()));
	json_object_set_new(object, "refuses_root", json_boolean(geteuid() == 0 && !allow_root));
	json_object_set_new(object, "dump_hindrance", json_string(hindrance));
	add_sessions(object, facts->user);
}

json_t *check_machine(const struct check_options *options, bool *ret_good)
{
	char *standard = path_state_home();
	const char *spool = options->spool ? options->spool : standard;
	struct facts facts;
	json_t *object = json_object();

	facts_read(&facts);
	json_object_set_new(object, "v", json_integer(PROTOCOL_VERSION));
	json_object_set_new(object, "version", json_string(options->version));
	json_object_set_new(object, "os", json_string(facts.os));
	json_object_set_new(object, "boot", json_string(facts.boot));
	json_object_set_new(object, "time", json_integer(clock_wall()));
	facts_add(&facts, object);
	add_account(object, &facts, options->allow_root);
	json_object_set_new(object, "spool", check_spool(spool));
	json_object_set_new(object, "runtime", check_runtime(options->runtime, options->built_in, spool));
	json_object_set_new(object, "odbc", check_odbc());
	json_object_set_new(object, "cgroup", json_pack("{s:b, s:s, s:s}", "wanted", options->cgroup->wanted, "how",
	    cgroup_how_name(options->cgroup->how), "why", options->cgroup->why));
	*ret_good = json_is_true(json_object_get(json_object_get(object, "spool"), "ok")) &&
	    json_is_true(json_object_get(json_object_get(object, "runtime"), "ok"));
	free(standard);
	return object;
}
