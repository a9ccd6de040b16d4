/* SPDX-License-Identifier: MIT */
/* Catalog properties and customized logging levels: spec/catalog.md §1.9 and §5. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/operation.h"
#include "catalog/proc.h"
#include "catalog/registry.h"

enum { Q_ACTIVE, Q_LEVEL_FIND, Q_LEVEL_ADD, Q_LEVEL_RENAME, Q_LEVEL_DELETE, Q_LEVEL_DESCRIBE,
	Q_LEVEL_PROFILE, Q_LEVEL_EVENTS, Q_COUNT };
static const char *const sql[] = {
	[Q_ACTIVE] = "SELECT 1 FROM operation WHERE status IN (2, 5, 8) AND operation_type >= 200"
		     " AND operation_type <= 301 LIMIT 1",
	[Q_LEVEL_FIND] = "SELECT level_id FROM logging_level WHERE name = ?1",
	[Q_LEVEL_ADD] = "INSERT INTO logging_level (name, description, profile_value, events_value,"
			" created_by_sid, created_by_name, created_time)"
			" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[Q_LEVEL_RENAME] = "UPDATE logging_level SET name = ?2 WHERE level_id = ?1",
	[Q_LEVEL_DELETE] = "DELETE FROM logging_level WHERE level_id = ?1",
	[Q_LEVEL_DESCRIBE] = "UPDATE logging_level SET description = ?2 WHERE level_id = ?1",
	[Q_LEVEL_PROFILE] = "UPDATE logging_level SET profile_value = ?2 WHERE level_id = ?1",
	[Q_LEVEL_EVENTS] = "UPDATE logging_level SET events_value = ?2 WHERE level_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_ADMIN, sql);

/* --- configure_catalog --- */

/* Each check raises nothing; it says whether the text is a value, and may rewrite it into ret (32 bytes). */
static bool number_between(const char *text, long long low, long long high, char *ret)
{
	char *end;
	long long value = strtoll(text, &end, 10);

	snprintf(ret, 32, "%lld", value);
	return *text && !*end && value >= low && value <= high;
}

static bool is_mode(const char *text, char *ret)
{
	return number_between(text, 0, 1, ret);
}

static bool is_count(const char *text, char *ret)
{
	return number_between(text, 1, INT32_MAX, ret);
}

static bool is_window(const char *text, char *ret)
{
	return number_between(text, -1, INT32_MAX, ret) && strcmp(ret, "0") != 0;
}

static bool is_level(const char *text, char *ret)
{
	return number_between(text, 0, 4, ret) || (number_between(text, 100, 100, ret));
}

static bool is_key_level(const char *text, char *ret)
{
	return number_between(text, 1, 2, ret);
}

static bool is_flag(const char *text, char *ret)
{
	bool yes = strcasecmp(text, "TRUE") == 0 || strcmp(text, "1") == 0;

	snprintf(ret, 32, "%s", yes ? "TRUE" : "FALSE");
	return yes || strcasecmp(text, "FALSE") == 0 || strcmp(text, "0") == 0;
}

static bool is_algorithm(const char *text, char *ret)
{
	snprintf(ret, 32, "AES_256");
	return strcasecmp(text, "AES_256") == 0;
}

static bool is_any(const char *text, char *ret)
{
	(void)text;
	ret[0] = '\0';
	return true;
}

static const struct {
	const char *name;
	bool (*check)(const char *text, char *ret); /* NULL = cannot be set */
} properties[] = {
	{ "DEFAULT_EXECUTION_MODE", is_mode },
	{ "ENCRYPTION_ALGORITHM", is_algorithm },
	{ "IS_SCALEOUT_ENABLED", is_flag },
	{ "MAX_PROJECT_VERSIONS", is_count },
	{ "OPERATION_CLEANUP_ENABLED", is_flag },
	{ "RETENTION_WINDOW", is_window },
	{ "SCHEMA_BUILD", NULL },
	{ "SCHEMA_VERSION", NULL },
	{ "SERVER_CUSTOMIZED_LOGGING_LEVEL", is_any },
	{ "SERVER_LOGGING_LEVEL", is_level },
	{ "SERVER_OPERATION_ENCRYPTION_LEVEL", is_key_level },
	{ "VALIDATION_TIMEOUT", is_count },
	{ "VERSION_CLEANUP_ENABLED", is_flag },
};

static const struct tsql_proc_param configure_params[] = {
	{ "@property_name", NULL, T_NVARCHAR(255), 0, NULL },
	{ "@property_value", NULL, T_NVARCHAR(255), 0, NULL },
};

/* Level 100 needs a named level, and a named level must exist. */
static int check_levels(struct tsql_call *call, const char *name, const char *value)
{
	struct catalog *c = call_session(call)->catalog;
	char *level;
	int64_t id;
	bool named;
	int r;

	if (strcmp(name, "SERVER_CUSTOMIZED_LOGGING_LEVEL") == 0) {
		r = proc_int(call, &set, Q_LEVEL_FIND, BINDS(b_text(value)), &id);
		return r == 0 ? raise_error(call, 27237, value) : r < 0 ? r : 0;
	}
	if (strcmp(name, "SERVER_LOGGING_LEVEL") != 0 || strcmp(value, "100") != 0)
		return 0;
	level = property_get(c, "SERVER_CUSTOMIZED_LOGGING_LEVEL");
	named = level && *level;
	free(level);
	return named ? 0 : raise_error(call, 27241, NULL);
}

static int write_property(struct tsql_call *call, const char *name, const char *value)
{
	struct session *s = call_session(call);
	struct operation op = { .type = OPERATION_CONFIGURE, .status = STATUS_SUCCEEDED };
	struct err err;
	int64_t id;
	int r = operation_add(s, &op, &id, &err);

	if (r == 0)
		r = property_set(s->catalog, name, value, &err);
	return r < 0 ? proc_fail(call, &err) : 0;
}

static int configure(struct tsql_call *call)
{
	const char *name = arg_text(call, 0), *value = arg_text(call, 1);
	char canonical[32];
	size_t i = 0;
	int64_t one;
	int r = need_admin(call, 27219, "configure_catalog");

	if (r == 0)
		r = proc_check_args(call);
	if (r < 0)
		return r;
	while (i < ARRAY_LEN(properties) && strcasecmp(properties[i].name, name) != 0)
		i++;
	if (i == ARRAY_LEN(properties))
		return raise_error(call, 27156, name);
	if (!properties[i].check || !properties[i].check(value, canonical))
		return raise_error(call, 27163, properties[i].name, value);
	if (canonical[0])
		value = canonical;
	r = check_levels(call, properties[i].name, value);
	if (r == 0)
		r = proc_int(call, &set, Q_ACTIVE, NO_BINDS, &one);
	if (r == 1)
		return raise_error(call, 27139, NULL);
	return r < 0 ? r : write_property(call, properties[i].name, value);
}

/* The documented return codes are 0 and 1. */
static int configure_catalog(struct tsql_call *call)
{
	int r = configure(call);

	if (r < 0)
		tsql_set_return(call, 1);
	return r;
}

/* --- customized logging levels --- */

static const struct tsql_proc_param create_level_params[] = {
	{ "@level_name", NULL, T_SYSNAME, TSQL_PARAM_OPTIONAL, NULL },
	{ "@level_description", NULL, T_TEXT, TSQL_PARAM_OPTIONAL, NULL },
	{ "@profile_value", NULL, T_BIGINT, 0, NULL },
	{ "@events_value", NULL, T_BIGINT, 0, NULL },
	{ "@level_id", NULL, T_BIGINT, TSQL_PARAM_OUT | TSQL_PARAM_OPTIONAL, NULL },
};

static int check_mask(struct tsql_call *call, size_t index)
{
	return arg_int(call, index) < 0
	    ? raise_error(call, 27240, tsql_call_proc(call)->params[index].name)
	    : 0;
}

static int create_level(struct tsql_call *call)
{
	struct session *s = call_session(call);
	const char *name = arg_text(call, 0);
	struct buf sid = BUF_INIT;
	int64_t id;
	int r = need_admin(call, 27232, NULL);

	if (r == 0)
		r = name_check(call, NAME_LEVEL, name);
	if (r == 0)
		r = proc_check_args(call);
	if (r == 0)
		r = check_mask(call, 2);
	if (r == 0)
		r = check_mask(call, 3);
	if (r == 0)
		r = proc_int(call, &set, Q_LEVEL_FIND, BINDS(b_text(name)), &id);
	if (r == 1)
		return raise_error(call, 27235, name);
	if (r < 0)
		return r;
	session_sid(s, &sid);
	r = proc_run(call, &set, Q_LEVEL_ADD,
	    BINDS(b_text(name), b_text(arg_text(call, 1)), b_int(arg_int(call, 2)),
		b_int(arg_int(call, 3)), b_buf(&sid), b_text(s->login), b_int(clock_wall())));
	buf_release(&sid);
	if (r == 0)
		tsql_set_out(call, 4, tsql_bigint(store_last_id(s->catalog)));
	return r;
}

static int my_level(struct tsql_call *call, int denied, int64_t *ret_id)
{
	int r = need_admin(call, denied, NULL);

	if (r == 0)
		r = proc_check_args(call);
	if (r == 0)
		r = proc_int(call, &set, Q_LEVEL_FIND, BINDS(b_text(arg_text(call, 0))), ret_id);
	else
		return r;
	return r == 0 ? raise_error(call, 27237, arg_text(call, 0)) : r < 0 ? r : 0;
}

static const struct tsql_proc_param rename_level_params[] = {
	{ "@old_name", NULL, T_SYSNAME, 0, NULL },
	{ "@new_name", NULL, T_SYSNAME, 0, NULL },
};

static int rename_level(struct tsql_call *call)
{
	const char *name = arg_text(call, 1);
	int64_t id, other = 0;
	int r = my_level(call, 27238, &id);

	if (r == 0)
		r = name_check(call, NAME_LEVEL, name);
	if (r == 0)
		r = proc_int(call, &set, Q_LEVEL_FIND, BINDS(b_text(name)), &other);
	if (r == 1 && other != id)
		return raise_error(call, 27235, name);
	return r < 0 ? r : proc_run(call, &set, Q_LEVEL_RENAME, BINDS(b_int(id), b_text(name)));
}

static const struct tsql_proc_param level_params[] = {
	{ "@level_name", NULL, T_SYSNAME, 0, NULL },
};

static int delete_level(struct tsql_call *call)
{
	int64_t id;
	int r = my_level(call, 27236, &id);

	return r < 0 ? r : proc_run(call, &set, Q_LEVEL_DELETE, BINDS(b_int(id)));
}

static const struct tsql_proc_param level_description_params[] = {
	{ "@level_name", NULL, T_SYSNAME, 0, NULL },
	{ "@level_description", NULL, T_NVARCHAR(1024), TSQL_PARAM_OPTIONAL, NULL },
};

static int set_level_description(struct tsql_call *call)
{
	int64_t id;
	int r = my_level(call, 27239, &id);

	return r < 0
	    ? r
	    : proc_run(call, &set, Q_LEVEL_DESCRIBE, BINDS(b_int(id), b_text(arg_text(call, 1))));
}

static const struct tsql_proc_param level_value_params[] = {
	{ "@level_name", NULL, T_SYSNAME, 0, NULL },
	{ "@property_name", NULL, T_SYSNAME, 0, NULL },
	{ "@property_value", NULL, T_BIGINT, 0, NULL },
};

static int set_level_value(struct tsql_call *call)
{
	const char *name = arg_text(call, 1);
	size_t statement;
	int64_t id;
	int r = my_level(call, 27239, &id);

	if (r < 0)
		return r;
	if (strcasecmp(name, "PROFILE") == 0)
		statement = Q_LEVEL_PROFILE;
	else if (strcasecmp(name, "EVENTS") == 0)
		statement = Q_LEVEL_EVENTS;
	else
		return raise_error(call, 27101, "@property_name", name);
	r = check_mask(call, 2);
	return r < 0 ? r : proc_run(call, &set, statement, BINDS(b_int(id), b_int(arg_int(call, 2))));
}

static const struct tsql_proc procs[] = {
	PROC("configure_catalog", configure_params, configure_catalog),
	PROC("create_customized_logging_level", create_level_params, create_level),
	PROC("rename_customized_logging_level", rename_level_params, rename_level),
	PROC("delete_customized_logging_level", level_params, delete_level),
	PROC("set_customized_logging_level_description", level_description_params,
	    set_level_description),
	PROC("set_customized_logging_level_value", level_value_params, set_level_value),
};
const struct proc_family procs_admin = { procs, ARRAY_LEN(procs) };
