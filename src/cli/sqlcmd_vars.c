/* SPDX-License-Identifier: MIT */
/* Scripting variables and their substitution. */
#include "cli/sqlcmd_vars.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tsql/split.h"

struct variable {
	char *name, *value;
};

struct sqlcmd_vars {
	VEC(struct variable) items; /* in the order first set */
	bool use_environment;
};

/* The settings sqlcmd keeps as variables. A number has a range, the rest is text. */
static const struct setting {
	const char *name, *initial;
	int min, max; /* both 0: text */
	bool read_only;
} settings[] = {
	{ "SQLCMDCOLSEP", " ", 0, 0, false },
	{ "SQLCMDCOLWIDTH", "80", 0, 65535, false },
	{ "SQLCMDDBNAME", "", 0, 0, true },
	{ "SQLCMDEDITOR", "", 0, 0, false },
	{ "SQLCMDERRORLEVEL", "0", -1, 25, false },
	{ "SQLCMDHEADERS", "0", -1, INT_MAX, false },
	{ "SQLCMDINI", "", 0, 0, true },
	{ "SQLCMDLOGINTIMEOUT", "8", 0, 65534, false },
	{ "SQLCMDMAXFIXEDTYPEWIDTH", "0", 0, 8000, false },
	{ "SQLCMDMAXVARTYPEWIDTH", "256", 0, 8000, false },
	{ "SQLCMDPACKETSIZE", "4096", 0, 0, true },
	{ "SQLCMDSERVER", "", 0, 0, true },
	{ "SQLCMDSTATTIMEOUT", "0", 0, 65534, false },
	{ "SQLCMDUSER", "", 0, 0, true },
	{ "SQLCMDWORKSTATION", "", 0, 0, true },
};

static const struct setting *find_setting(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		if (!utf8_casecmp(settings[i].name, name))
			return &settings[i];
	}
	return NULL;
}

static struct variable *find(const struct sqlcmd_vars *vars, const char *name)
{
	for (size_t i = 0; i < vars->items.len; i++) {
		if (!utf8_casecmp(vars->items.items[i].name, name))
			return &vars->items.items[i];
	}
	return NULL;
}

void sqlcmd_vars_force(struct sqlcmd_vars *vars, const char *name, const char *value)
{
	struct variable *variable = find(vars, name);

	if (variable) {
		char *copy = xstrdup(value);
		free(variable->value);
		variable->value = copy;
	} else {
		struct variable added = { xstrdup(name), xstrdup(value) };
		vec_push(&vars->items, added);
	}
}

static bool in_range(const struct setting *setting, const char *value)
{
	char *end;

	if (!setting->min && !setting->max)
		return true;
	long number = strtol(value, &end, 10);
	bool narrow = !strcmp(setting->name, "SQLCMDCOLWIDTH") && number > 0 && number < 9;
	return *value && !*end && number >= setting->min && number <= setting->max && !narrow;
}

struct sqlcmd_vars *sqlcmd_vars_new(bool use_environment)
{
	struct sqlcmd_vars *vars = xcalloc(1, sizeof(*vars));
	char host[256] = "";

	vars->use_environment = use_environment;
	gethostname(host, sizeof(host) - 1);
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const char *value = use_environment ? getenv(settings[i].name) : NULL;
		sqlcmd_vars_force(vars, settings[i].name,
		    value && in_range(&settings[i], value) ? value : settings[i].initial);
	}
	sqlcmd_vars_force(vars, "SQLCMDWORKSTATION", host);
	return vars;
}

void sqlcmd_vars_free(struct sqlcmd_vars *vars)
{
	if (!vars)
		return;
	for (size_t i = 0; i < vars->items.len; i++) {
		free(vars->items.items[i].name);
		free(vars->items.items[i].value);
	}
	vec_release(&vars->items);
	free(vars);
}

const char *sqlcmd_vars_get(const struct sqlcmd_vars *vars, const char *name)
{
	const struct variable *variable = find(vars, name);
	size_t len = strlen(name);

	if (variable)
		return variable->value;
	for (char **entry = vars->use_environment ? environ : NULL; entry && *entry; entry++) {
		size_t own = strcspn(*entry, "=");
		if ((*entry)[own] && !utf8_ncasecmp(*entry, own, name, len))
			return *entry + own + 1;
	}
	return NULL;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool is_name(const char *name)
{
	if (!*name || (*name >= '0' && *name <= '9') || *name == '-')
		return false;
	while (is_name_char(*name))
		name++;
	return !*name;
}

static void drop(struct sqlcmd_vars *vars, struct variable *variable)
{
	size_t at = (size_t)(variable - vars->items.items);

	free(variable->name);
	free(variable->value);
	memmove(variable, variable + 1, (vars->items.len - at - 1) * sizeof(*variable));
	vars->items.len--;
}

int sqlcmd_vars_set(struct sqlcmd_vars *vars, const char *name, const char *value, struct err *err)
{
	const struct setting *setting = find_setting(name);
	struct variable *variable = find(vars, name);

	if (!is_name(name))
		return err_set(err, ERR_INVALID, "Invalid variable identifier '%s'.", name);
	if (setting && setting->read_only)
		return err_set(err, ERR_DENIED, "The scripting variable: '%s' is read-only.", name);
	if (!value && setting)
		value = setting->initial;
	if (!value && !variable)
		return err_set(err, ERR_NOT_FOUND, "'%s' scripting variable not defined.", name);
	if (!value) {
		drop(vars, variable);
		return 0;
	}
	if (setting && !in_range(setting, value))
		return err_set(err, ERR_INVALID, "The scripting variable: '%s' has invalid value: '%s'.", name, value);
	sqlcmd_vars_force(vars, name, value);
	return 0;
}

void sqlcmd_vars_list(const struct sqlcmd_vars *vars, struct buf *ret)
{
	for (size_t i = 0; i < vars->items.len; i++)
		buf_addf(ret, "%s = \"%s\"\n", vars->items.items[i].name, vars->items.items[i].value);
}

int sqlcmd_vars_int(const struct sqlcmd_vars *vars, const char *name)
{
	const char *value = sqlcmd_vars_get(vars, name);

	return value ? (int)strtol(value, NULL, 10) : 0;
}

void sqlcmd_vars_apply(const struct sqlcmd_vars *vars, struct sqlcmd_format *format)
{
	format->separator = sqlcmd_vars_get(vars, "SQLCMDCOLSEP");
	format->header_every = sqlcmd_vars_int(vars, "SQLCMDHEADERS");
	format->screen_width = sqlcmd_vars_int(vars, "SQLCMDCOLWIDTH");
	format->variable_width = sqlcmd_vars_int(vars, "SQLCMDMAXVARTYPEWIDTH");
	format->fixed_width = sqlcmd_vars_int(vars, "SQLCMDMAXFIXEDTYPEWIDTH");
	format->lowest_severity = sqlcmd_vars_int(vars, "SQLCMDERRORLEVEL");
}

/* Length of the reference at text ("$(NAME)"), or 0 when it is malformed. */
static size_t reference_len(const char *text, size_t len)
{
	size_t i = 2;

	while (i < len && is_name_char(text[i]))
		i++;
	return i > 2 && i < len && text[i] == ')' ? i + 1 : 0;
}

static void expand_one(const struct sqlcmd_vars *vars, const char *text, size_t len, struct buf *ret,
    struct buf *missing)
{
	char *name = xstrndup(text + 2, len - 3);
	const char *value = sqlcmd_vars_get(vars, name);

	if (value) {
		buf_adds(ret, value);
	} else {
		buf_add(ret, text, len);
		buf_addf(missing, "'%s' scripting variable not defined.\n", name);
	}
	free(name);
}

int sqlcmd_vars_expand(const struct sqlcmd_vars *vars, const char *text, size_t len, bool sql,
    struct buf *ret, struct buf *missing, int *ret_line)
{
	struct tsql_scan scan = { 0 };
	int line = 1;

	for (size_t at = 0; at < len;) {
		bool comment = scan.comment || scan.line_comment;
		if (!comment && text[at] == '$' && at + 1 < len && text[at + 1] == '(') {
			size_t used = reference_len(text + at, len - at);
			if (!used) {
				*ret_line = line;
				return -ERR_INVALID;
			}
			expand_one(vars, text + at, used, ret, missing);
			at += used;
			continue;
		}
		size_t step = sql ? tsql_scan_step(&scan, text, len, at) : 1;
		line += text[at] == '\n';
		buf_add(ret, text + at, step);
		at += step;
	}
	return 0;
}
