/* SPDX-License-Identifier: MIT */
/*
 * Scale Out administration: spec/catalog.md §1.10, and the procedures of our
 * schema [scaleout] that register machines (doc/extensions.md), which the
 * product does with certificates and an installer on each machine.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/fingerprint.h"
#include "catalog/operation.h"
#include "catalog/proc.h"
#include "catalog/registry.h"

#define SLOTS_MAX 1000
#define MEMORY_MAX_MB (64 * 1024 * 1024) /* 64 TiB */
#define CPU_MAX_PERCENT 409600           /* 4,096 CPUs */

enum {
	Q_EXISTS,
	Q_NAME_TAKEN,
	Q_ENABLE,
	Q_DISPLAY_NAME,
	Q_DESCRIPTION,
	Q_TAGS,
	Q_HOST,
	Q_PORT,
	Q_USER,
	Q_IDENTITY,
	Q_HOST_KEYS,
	Q_PROGRAM,
	Q_SPOOL,
	Q_SLOTS,
	Q_JUMP_HOSTS,
	Q_ALLOW_ROOT,
	Q_CGROUP,
	Q_MEMORY_MAX,
	Q_CPU_MAX,
	Q_ADD,
	Q_ADD_SETTING,
	Q_BUSY,
	Q_REMOVE,
	Q_COUNT
};
static const char *const sql[] = {
	[Q_EXISTS] = "SELECT enabled FROM worker WHERE worker_id = ?1",
	[Q_NAME_TAKEN] = "SELECT 1 FROM worker WHERE name = ?1 AND worker_id IS NOT ?2",
	[Q_ENABLE] = "UPDATE worker SET enabled = ?2 WHERE worker_id = ?1",
	[Q_DISPLAY_NAME] = "UPDATE worker SET name = ?2 WHERE worker_id = ?1",
	[Q_DESCRIPTION] = "UPDATE worker SET description = ?2 WHERE worker_id = ?1",
	[Q_TAGS] = "UPDATE worker SET tags = ?2 WHERE worker_id = ?1",
	[Q_HOST] = "UPDATE worker SET host = ?2 WHERE worker_id = ?1",
	[Q_PORT] = "UPDATE worker SET port = ?2 WHERE worker_id = ?1",
	[Q_USER] = "UPDATE worker SET user_name = ?2 WHERE worker_id = ?1",
	[Q_IDENTITY] = "UPDATE worker SET identity = ?2 WHERE worker_id = ?1",
	[Q_HOST_KEYS] = "UPDATE worker SET host_keys = ?2, blocked = 0, block_reason = ''"
			" WHERE worker_id = ?1",
	[Q_PROGRAM] = "UPDATE worker SET program = ?2 WHERE worker_id = ?1",
	[Q_SPOOL] = "UPDATE worker SET spool = ?2 WHERE worker_id = ?1",
	[Q_SLOTS] = "UPDATE worker SET slots = ?2 WHERE worker_id = ?1",
	[Q_JUMP_HOSTS] = "UPDATE worker_setting SET jump_hosts = ?2 WHERE worker_id = ?1",
	[Q_ALLOW_ROOT] = "UPDATE worker_setting SET allow_root = ?2 WHERE worker_id = ?1",
	[Q_CGROUP] = "UPDATE worker_setting SET cgroup = ?2 WHERE worker_id = ?1",
	[Q_MEMORY_MAX] = "UPDATE worker_setting SET memory_max_mb = ?2 WHERE worker_id = ?1",
	[Q_CPU_MAX] = "UPDATE worker_setting SET cpu_max = ?2 WHERE worker_id = ?1",
	[Q_ADD_SETTING] = "INSERT INTO worker_setting (worker_id, jump_hosts, allow_root, cgroup, memory_max_mb,"
			  " cpu_max) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[Q_ADD] = "INSERT INTO worker (worker_id, name, description, host, port, user_name, identity,"
		  " host_keys, program, spool, slots, created_time)"
		  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
	[Q_BUSY] = "SELECT 1 FROM execution_try WHERE worker_id = ?1 AND end_time IS NULL LIMIT 1",
	[Q_REMOVE] = "DELETE FROM worker WHERE worker_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_SCALEOUT, sql);

/* The worker of the first argument. */
static int need_worker(struct tsql_call *call, const struct uuid **ret_id)
{
	const char *proc = tsql_call_proc(call)->name;
	char text[UUID_TEXT_LEN + 1];
	int64_t enabled;
	int r = need_admin(call, 27219, proc);

	if (r == 0)
		r = proc_check_args(call);
	if (r < 0)
		return r;
	*ret_id = &tsql_arg(call, 0)->uuid;
	r = proc_int(call, &set, Q_EXISTS, BINDS(b_uuid(*ret_id)), &enabled);
	if (r != 0)
		return r < 0 ? r : 0;
	uuid_format(*ret_id, true, text);
	return raise_error(call, 27243, text);
}

/* --- enable and disable --- */

static const struct tsql_proc_param worker_params[] = {
	{ "@WorkerAgentId", NULL, T_GUID, 0, NULL },
};

static int set_enabled(struct tsql_call *call, bool enabled)
{
	const struct uuid *id;
	int r = need_worker(call, &id);

	if (r == 0)
		r = proc_run(call, &set, Q_ENABLE, BINDS(b_uuid(id), b_int(enabled)));
	if (r == 0)
		call_session(call)->work_pending = true;
	return r;
}

static int enable_worker_agent(struct tsql_call *call)
{
	return set_enabled(call, true);
}

static int disable_worker_agent(struct tsql_call *call)
{
	return set_enabled(call, false);
}

/* --- properties --- */

static int check_number(struct tsql_call *call, const char *name, const char *value, int64_t low,
    int64_t high, int64_t *ret)
{
	char *end;
	long long number = strtoll(value, &end, 10);

	if (!*value || *end || number < low || number > high)
		return raise_error(call, 27101, name, value);
	*ret = number;
	return 0;
}

/* A word for SSH: no blanks, no control characters, not an option. */
static int check_word(struct tsql_call *call, const char *name, const char *value, bool may_be_empty)
{
	bool bad = value[0] == '-' || (!*value && !may_be_empty);

	for (const unsigned char *p = (const unsigned char *)value; *p && !bad; p++)
		bad = *p <= ' ' || *p == 127;
	return bad ? raise_error(call, 27101, name, value) : 0;
}

static int check_path(struct tsql_call *call, const char *name, const char *value)
{
	bool bad = value[0] && value[0] != '/' && value[0] != '~';

	for (const unsigned char *p = (const unsigned char *)value; *p && !bad; p++)
		bad = *p < ' ' || *p == 127;
	return bad ? raise_error(call, 27101, name, value) : 0;
}

static int check_keys(struct tsql_call *call, const char *name, const char *value, struct buf *ret)
{
	struct err err;

	return host_keys_parse(value, ret, &err) < 0 ? raise_error(call, 27101, name, err.primary) : 0;
}

/* One hop a line: "[user@]host:port type base64[ identity]". */
static int check_jumps(struct tsql_call *call, const char *name, const char *value)
{
	int r = 0;

	for (const char *line = value, *next; *line && r == 0; line = next) {
		size_t len = strcspn(line, "\n"), word = strcspn(line, " \n");
		next = line + len + (line[len] == '\n');
		char *place = xstrndup(line, word), *rest = xstrndup(line + word, len - word);
		/* The third blank begins the identity file. */
		char *blank = *rest ? strchr(rest + 1, ' ') : NULL;
		char *identity = blank ? strchr(blank + 1, ' ') : NULL;
		struct buf keys = BUF_INIT;
		if (identity)
			*identity++ = '\0';
		r = check_word(call, name, place, false);
		if (r == 0 && (!strchr(place, ':') || !blank))
			r = raise_error(call, 27101, name, place);
		if (r == 0)
			r = check_keys(call, name, rest + 1, &keys);
		if (r == 0 && identity)
			r = check_path(call, name, identity);
		buf_release(&keys);
		free(place);
		free(rest);
	}
	return r;
}

static int check_display_name(struct tsql_call *call, const char *name, const char *value,
    const struct uuid *id)
{
	int64_t one;
	int r;

	if (!*value)
		return raise_error(call, 27102, name);
	if (value[0] == '(')
		return raise_error(call, 27101, name, value);
	r = proc_int(call, &set, Q_NAME_TAKEN, BINDS(b_text(value), b_uuid(id)), &one);
	return r == 1 ? raise_error(call, 27107, value) : r;
}

enum kind { KIND_TEXT, KIND_NAME, KIND_HOST, KIND_USER, KIND_PATH, KIND_NUMBER, KIND_KEYS, KIND_JUMPS };
struct property {
	const char *name;
	enum kind kind;
	size_t statement;
	int64_t low, high; /* of a number */
};
static const struct property documented[] = {
	{ "DisplayName", KIND_NAME, Q_DISPLAY_NAME, 0, 0 },
	{ "Description", KIND_TEXT, Q_DESCRIPTION, 0, 0 },
	{ "Tags", KIND_TEXT, Q_TAGS, 0, 0 },
};
static const struct property ours[] = {
	{ "Host", KIND_HOST, Q_HOST, 0, 0 },
	{ "Port", KIND_NUMBER, Q_PORT, 1, 65535 },
	{ "UserName", KIND_USER, Q_USER, 0, 0 },
	{ "IdentityFile", KIND_PATH, Q_IDENTITY, 0, 0 },
	{ "HostKeys", KIND_KEYS, Q_HOST_KEYS, 0, 0 },
	{ "ProgramPath", KIND_PATH, Q_PROGRAM, 0, 0 },
	{ "SpoolPath", KIND_PATH, Q_SPOOL, 0, 0 },
	{ "Slots", KIND_NUMBER, Q_SLOTS, 1, SLOTS_MAX },
	{ "JumpHosts", KIND_JUMPS, Q_JUMP_HOSTS, 0, 0 },
	{ "AllowRoot", KIND_NUMBER, Q_ALLOW_ROOT, 0, 1 },
	{ "UseCgroup", KIND_NUMBER, Q_CGROUP, 0, 1 },
	{ "MemoryMaxMb", KIND_NUMBER, Q_MEMORY_MAX, 0, MEMORY_MAX_MB },
	{ "CpuMaxPercent", KIND_NUMBER, Q_CPU_MAX, 0, CPU_MAX_PERCENT },
};

static int write_property(struct tsql_call *call, const struct uuid *id, const struct property *p,
    const char *value)
{
	struct buf keys = BUF_INIT;
	struct bind bind = b_text(value);
	int64_t number = 0;
	int r = 0;

	switch (p->kind) {
	case KIND_TEXT:
		break;
	case KIND_NAME:
		r = check_display_name(call, p->name, value, id);
		break;
	case KIND_HOST:
	case KIND_USER:
		r = check_word(call, p->name, value, p->kind == KIND_USER);
		break;
	case KIND_PATH:
		r = check_path(call, p->name, value);
		break;
	case KIND_NUMBER:
		r = check_number(call, p->name, value, p->low, p->high, &number);
		bind = b_int(number);
		break;
	case KIND_JUMPS:
		r = check_jumps(call, p->name, value);
		break;
	case KIND_KEYS:
		r = check_keys(call, p->name, value, &keys);
		bind = b_text(keys.data);
		break;
	}
	if (r == 0)
		r = proc_run(call, &set, p->statement, BINDS(b_uuid(id), bind));
	if (r == 0)
		call_session(call)->work_pending = true;
	buf_release(&keys);
	return r;
}

static const struct property *find_property(const struct property *table, size_t count,
    const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

static const struct tsql_proc_param set_property_params[] = {
	{ "@WorkerAgentId", NULL, T_GUID, 0, NULL },
	{ "@PropertyName", NULL, T_NVARCHAR(256), 0, NULL },
	{ "@PropertyValue", NULL, T_TEXT, 0, NULL },
};

static int set_worker_agent_property(struct tsql_call *call)
{
	const struct property *p;
	const struct uuid *id;
	int r = need_worker(call, &id);

	if (r < 0)
		return r;
	p = find_property(documented, ARRAY_LEN(documented), arg_text(call, 1));
	return p ? write_property(call, id, p, arg_text(call, 2))
		 : raise_error(call, 27101, "@PropertyName", arg_text(call, 1));
}

static const struct tsql_proc_param set_worker_params[] = {
	{ "@WorkerAgentId", NULL, T_GUID, 0, NULL },
	{ "@property_name", NULL, T_NVARCHAR(256), 0, NULL },
	{ "@property_value", NULL, T_TEXT, 0, NULL },
};

static int set_worker(struct tsql_call *call)
{
	const struct property *p;
	const struct uuid *id;
	int r = need_worker(call, &id);

	if (r < 0)
		return r;
	p = find_property(ours, ARRAY_LEN(ours), arg_text(call, 1));
	if (!p)
		p = find_property(documented, ARRAY_LEN(documented), arg_text(call, 1));
	return p ? write_property(call, id, p, arg_text(call, 2))
		 : raise_error(call, 27101, "@property_name", arg_text(call, 1));
}

/* --- registering --- */

enum { ADD_NAME, ADD_HOST, ADD_PORT, ADD_USER, ADD_IDENTITY, ADD_KEYS, ADD_PROGRAM, ADD_SPOOL, ADD_SLOTS,
	ADD_DESCRIPTION, ADD_ID, ADD_JUMPS, ADD_ROOT, ADD_CGROUP, ADD_MEMORY, ADD_CPU };
static const struct tsql_proc_param add_worker_params[] = {
	{ "@name", NULL, T_NVARCHAR(256), 0, NULL },
	{ "@host", NULL, T_NVARCHAR(256), 0, NULL },
	{ "@port", NULL, T_INT, TSQL_PARAM_OPTIONAL, "22" },
	{ "@user", NULL, T_NVARCHAR(256), TSQL_PARAM_OPTIONAL, "" },
	{ "@identity_file", NULL, T_NVARCHAR(4000), TSQL_PARAM_OPTIONAL, "" },
	{ "@host_keys", NULL, T_TEXT, TSQL_PARAM_OPTIONAL, "" },
	{ "@program", NULL, T_NVARCHAR(4000), TSQL_PARAM_OPTIONAL, "" },
	{ "@spool", NULL, T_NVARCHAR(4000), TSQL_PARAM_OPTIONAL, "" },
	{ "@slots", NULL, T_INT, TSQL_PARAM_OPTIONAL, "10" },
	{ "@description", NULL, T_NVARCHAR(256), TSQL_PARAM_OPTIONAL, "" },
	{ "@worker_agent_id", NULL, T_GUID, TSQL_PARAM_OUT | TSQL_PARAM_OPTIONAL, NULL },
	{ "@jump_hosts", NULL, T_TEXT, TSQL_PARAM_OPTIONAL, "" },
	{ "@allow_root", NULL, T_BIT, TSQL_PARAM_OPTIONAL, "0" },
	{ "@use_cgroup", NULL, T_BIT, TSQL_PARAM_OPTIONAL, "0" },
	{ "@memory_max_mb", NULL, T_INT, TSQL_PARAM_OPTIONAL, "0" },
	{ "@cpu_max_percent", NULL, T_INT, TSQL_PARAM_OPTIONAL, "0" },
};

static const char *text_or_empty(struct tsql_call *call, size_t index)
{
	const char *text = arg_text(call, index);

	return text ? text : "";
}

static int check_new_worker(struct tsql_call *call, struct buf *keys)
{
	static const struct {
		size_t index;
		int64_t low, high;
	} numbers[] = { { ADD_PORT, 1, 65535 }, { ADD_SLOTS, 1, SLOTS_MAX }, { ADD_MEMORY, 0, MEMORY_MAX_MB },
		{ ADD_CPU, 0, CPU_MAX_PERCENT } };
	static const size_t paths[] = { ADD_IDENTITY, ADD_PROGRAM, ADD_SPOOL };
	int64_t number;
	int r = check_display_name(call, "@name", arg_text(call, ADD_NAME), NULL);

	if (r == 0)
		r = check_word(call, "@host", arg_text(call, ADD_HOST), false);
	if (r == 0)
		r = check_word(call, "@user", text_or_empty(call, ADD_USER), true);
	for (size_t i = 0; i < ARRAY_LEN(numbers) && r == 0; i++)
		r = check_number(call, add_worker_params[numbers[i].index].name,
		    id_text(arg_int(call, numbers[i].index)).text, numbers[i].low, numbers[i].high, &number);
	for (size_t i = 0; i < ARRAY_LEN(paths) && r == 0; i++)
		r = check_path(call, add_worker_params[paths[i]].name, text_or_empty(call, paths[i]));
	if (r == 0)
		r = check_jumps(call, "@jump_hosts", text_or_empty(call, ADD_JUMPS));
	return r < 0 ? r : check_keys(call, "@host_keys", text_or_empty(call, ADD_KEYS), keys);
}

static int add_worker(struct tsql_call *call)
{
	struct buf keys = BUF_INIT;
	struct uuid id;
	int r = need_admin(call, 27219, "add_worker");

	if (r == 0)
		r = proc_check_args(call);
	if (r == 0)
		r = check_new_worker(call, &keys);
	if (r == 0) {
		uuid_new(&id);
		r = proc_run(call, &set, Q_ADD,
		    BINDS(b_uuid(&id), b_text(arg_text(call, ADD_NAME)),
			b_text(text_or_empty(call, ADD_DESCRIPTION)), b_text(arg_text(call, ADD_HOST)),
			b_int(arg_int(call, ADD_PORT)), b_text(text_or_empty(call, ADD_USER)),
			b_text(text_or_empty(call, ADD_IDENTITY)), b_text(keys.data),
			b_text(text_or_empty(call, ADD_PROGRAM)), b_text(text_or_empty(call, ADD_SPOOL)),
			b_int(arg_int(call, ADD_SLOTS)), b_int(clock_wall())));
	}
	if (r == 0)
		r = proc_run(call, &set, Q_ADD_SETTING,
		    BINDS(b_uuid(&id), b_text(text_or_empty(call, ADD_JUMPS)), b_int(arg_int(call, ADD_ROOT)),
			b_int(arg_int(call, ADD_CGROUP)), b_int(arg_int(call, ADD_MEMORY)),
			b_int(arg_int(call, ADD_CPU))));
	if (r == 0) {
		tsql_set_out(call, ADD_ID, tsql_uuid(&id));
		call_session(call)->work_pending = true;
	}
	buf_release(&keys);
	return r;
}

static int remove_worker(struct tsql_call *call)
{
	const struct uuid *id;
	int64_t one;
	int r = need_worker(call, &id);

	if (r == 0)
		r = proc_int(call, &set, Q_BUSY, BINDS(b_uuid(id)), &one);
	if (r == 1)
		return tsql_call_error(call, 50000, 1,
		    "The worker has executions that have not ended. Disable it, wait for them or stop"
		    " them, then remove it.");
	if (r == 0)
		r = proc_run(call, &set, Q_REMOVE, BINDS(b_uuid(id)));
	if (r == 0)
		call_session(call)->work_pending = true;
	return r;
}

/* --- enable_scaleout --- */

static int enable_scaleout(struct tsql_call *call)
{
	struct session *s = call_session(call);
	struct err err;

	if (!session_is_sysadmin(s))
		return raise_error(call, 27260, NULL);
	return property_set(s->catalog, "IS_SCALEOUT_ENABLED", "True", &err) < 0 ? proc_fail(call, &err)
										 : 0;
}

static const struct tsql_proc procs[] = {
	PROC("enable_worker_agent", worker_params, enable_worker_agent),
	PROC("disable_worker_agent", worker_params, disable_worker_agent),
	PROC("set_worker_agent_property", set_property_params, set_worker_agent_property),
	{ .database = "SSISDB", .schema = "catalog", .name = "enable_scaleout", .run = enable_scaleout },
	PROC_IN("scaleout", "add_worker", add_worker_params, add_worker),
	PROC_IN("scaleout", "remove_worker", worker_params, remove_worker),
	PROC_IN("scaleout", "set_worker", set_worker_params, set_worker),
};
const struct proc_family procs_scaleout = { procs, ARRAY_LEN(procs) };
