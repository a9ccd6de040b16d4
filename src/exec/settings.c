/* SPDX-License-Identifier: MIT */
/* The table of settings, and reading and writing files of them. Strict: what is not understood is an error. */
#include "exec/settings.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/mem.h"

#define FILE_MAX_BYTES ((size_t)256 * 1024)
#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define AT(member) offsetof(struct settings, member)

const struct setting setting_table[] = {
	{ "poll", SETTING_TIME, AT(poll_ms), 1, MINUTE, "30ms", true, "",
	    "How often the catalog is looked at for new work. A nudge over the socket comes at once; this is for"
	    " programs that write the catalog without it. A look costs a few microseconds." },
	{ "ping", SETTING_TIME, AT(ping_ms), 100, HOUR, "5s", true, "TaskHeartbeatInterval (10 s)",
	    "How often a worker is asked whether it is there and how busy it is. Half of the product's: the load"
	    " decides who gets work." },
	{ "watchdog", SETTING_TIME, AT(watchdog_ms), 500, HOUR, "20s", true, "",
	    "Silence after which a connection is dropped and made anew: four pings, so that one lost packet"
	    " or a short pause costs nothing." },
	{ "lease", SETTING_TIME, AT(lease_ms), SECOND, 7 * DAY, "10m", true, "HeartbeatErrorTollerance (10 min)",
	    "How long a try that may be repeated runs on without the master. As the product: a restart of the"
	    " master or of the network ends nothing." },
	{ "margin", SETTING_TIME, AT(margin_ms), SECOND, DAY, "30s", true, "",
	    "Waited on top of the lease before such a try counts as lost: more than a task's end takes." },
	{ "grace", SETTING_TIME, AT(grace_ms), 0, HOUR, "10s", true, "",
	    "Between asking a stopped package to end and killing it; as service managers do." },
	{ "heartbeat", SETTING_TIME, AT(heartbeat_ms), SECOND, HOUR, "30s", true, "MasterHeartbeatIntervalInMs (30 s)",
	    "How often the master writes LAST_ONLINE_TIME into master_properties. As the product." },
	{ "worker_heartbeat", SETTING_TIME, AT(worker_heartbeat_ms), SECOND, HOUR, "1m", true,
	    "AgentHeartbeatInterval (1 min)",
	    "How often LastOnlineTime and the load of a worker are written into the catalog. As the product." },
	{ "maintenance", SETTING_TIME, AT(maintenance_ms), SECOND, 7 * DAY, "10m", true,
	    "CleanupCompletedJobsIntervalInMs (12 h)",
	    "Between two rounds of the clean-up of old operations and versions. Small batches all day instead of"
	    " a long one at night." },
	{ "patience", SETTING_TIME, AT(patience_ms), SECOND, DAY, "1m", true, "",
	    "What could run but was passed over for so long gets one of four starts, whatever its priority: long"
	    " enough that priorities mean something, short enough that nobody asks why." },
	{ "max_cpu_percent", SETTING_NUMBER, AT(max_cpu_percent), 1, 100, "100", true, "TaskRequestMaxCPU (70)",
	    "A worker whose processors are busier gets nothing new. 100 = never mind: slots are the limit that"
	    " people set, and a gate that is on unasked looks like a queue that hangs." },
	{ "min_memory_mb", SETTING_NUMBER, AT(min_memory_mb), 0, 1 << 30, "100", true, "TaskRequestMinMemory (100 MB)",
	    "A worker with less memory available gets nothing new. As the product; 0 = never mind." },
	{ "local_slots", SETTING_NUMBER, AT(local_slots), 1, 1000, "10", true, "MaxTaskCount (10)",
	    "Executions at once outside Scale Out, on the master's own machine. As the product's worker; the slots"
	    " of a worker are its property (scaleout worker add --slots)." },
	{ "fast", SETTING_SWITCH, AT(fast), 0, 0, "no", false, "",
	    "Workers do not wait for their disks. A power cut there may cost the results of the last seconds,"
	    " so it is off." },
	{ "log", SETTING_TEXT, AT(log), 0, 0, "", false, "",
	    "File of the master's log. Empty: the journal under systemd, else PATH.log beside the catalog." },
	{ "log_max_mb", SETTING_NUMBER, AT(log_max_mb), 1, 1 << 20, "16", false, "TaskLogSegment (off)",
	    "A log file that has grown so large is put aside: months of a quiet master." },
	{ "log_keep", SETTING_NUMBER, AT(log_keep), 1, 1000, "4", false, "",
	    "So many logs that were put aside are kept (FILE.1 the youngest): enough for one bad night." },
	{ "metrics", SETTING_TEXT, AT(metrics), 0, 0, "", false, "",
	    "Where Prometheus reads: a port of the loopback address (9469 or 127.0.0.1:9469), or the path of a Unix"
	    " socket. Empty: nowhere, since every open port wants a reason." },
	{ 0 },
};

/* --- values --- */

static void *field(const struct settings *s, const struct setting *row)
{
	return (char *)s + row->offset;
}

static const struct {
	const char *name;
	int64_t ms;
} units[] = { { "ms", 1 }, { "s", SECOND }, { "m", MINUTE }, { "h", HOUR }, { "d", DAY }, { "", SECOND } };

static bool read_number(const struct setting *row, const char *text, int *ret)
{
	char *end;
	long long number = strtoll(text, &end, 10);
	int64_t scale = 0;

	if (end == text || number < 0 || number > INT32_MAX || text[0] == '+' || text[0] == '-')
		return false;
	if (row->kind == SETTING_NUMBER)
		scale = !*end;
	for (size_t i = 0; row->kind == SETTING_TIME && i < ARRAY_LEN(units); i++) {
		if (strcmp(end, units[i].name) == 0)
			scale = units[i].ms;
	}
	if (!scale || number * scale < row->low || number * scale > row->high)
		return false;
	*ret = (int)(number * scale);
	return true;
}

static bool read_switch(const char *text, bool *ret)
{
	static const char *const words[] = { "no", "yes", "off", "on", "false", "true", "0", "1" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*ret = i % 2;
			return true;
		}
	}
	return false;
}

static void format_time(int ms, struct buf *ret)
{
	size_t i = 4;

	while (i > 0 && (ms == 0 || ms % units[i].ms))
		i--;
	buf_addf(ret, "%lld%s", (long long)(ms / units[i].ms), ms ? units[i].name : "");
}

void settings_format(const struct settings *s, const struct setting *row, struct buf *ret)
{
	const void *at = field(s, row);

	if (row->kind == SETTING_TIME)
		format_time(*(const int *)at, ret);
	else if (row->kind == SETTING_NUMBER)
		buf_addf(ret, "%d", *(const int *)at);
	else if (row->kind == SETTING_SWITCH)
		buf_adds(ret, *(const bool *)at ? "yes" : "no");
	else
		buf_adds(ret, *(char *const *)at);
}

static int wrong_value(const struct setting *row, const char *value, struct err *err)
{
	struct buf low = BUF_INIT, high = BUF_INIT;

	err_set(err, ERR_INVALID, "%s: '%s' is not a value for it", row->name, value);
	if (row->kind == SETTING_TIME) {
		format_time(row->low, &low);
		format_time(row->high, &high);
		err_hint(err, "a time from %s to %s, as in 500ms, 30s, 10m, 2h", low.data, high.data);
	} else if (row->kind == SETTING_NUMBER) {
		err_hint(err, "a whole number from %d to %d", row->low, row->high);
	} else {
		err_hint(err, "yes or no");
	}
	buf_release(&low);
	buf_release(&high);
	return -ERR_INVALID;
}

static int write_value(struct settings *s, const struct setting *row, const char *value, struct err *err)
{
	void *at = field(s, row);

	if (row->kind == SETTING_TEXT) {
		free(*(char **)at);
		*(char **)at = xstrdup(value);
		return 0;
	}
	bool ok = row->kind == SETTING_SWITCH ? read_switch(value, at) : read_number(row, value, at);
	return ok ? 0 : wrong_value(row, value, err);
}

/* --- names --- */

/* Letters to change, add or drop between two short names. */
static size_t distance(const char *a, const char *b)
{
	size_t row[64], len = strlen(b);

	if (len + 1 > ARRAY_LEN(row))
		return len;
	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t corner = row[0];
		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			size_t best = corner + (a[i - 1] != b[j - 1]);
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			corner = row[j];
			row[j] = best;
		}
	}
	return row[len];
}

static const struct setting *find_row(const char *name)
{
	for (const struct setting *row = setting_table; row->name; row++) {
		if (strcmp(row->name, name) == 0)
			return row;
	}
	return NULL;
}

static int unknown_name(const char *name, struct err *err)
{
	const struct setting *nearest = setting_table;

	for (const struct setting *row = setting_table; row->name; row++) {
		if (distance(name, row->name) < distance(name, nearest->name))
			nearest = row;
	}
	err_set(err, ERR_NOT_FOUND, "there is no setting '%.60s'", name);
	err_hint(err, "did you mean %s?", nearest->name);
	return -ERR_NOT_FOUND;
}

int settings_set(struct settings *s, const char *name, const char *value, enum setting_source source, struct err *err)
{
	const struct setting *row = find_row(name);

	if (!row)
		return unknown_name(name, err);
	size_t number = (size_t)(row - setting_table);
	if (s->sources[number] > source) {
		/* Not used, but it must be right all the same. */
		struct settings scratch;
		settings_init(&scratch);
		int r = write_value(&scratch, row, value, err);
		settings_release(&scratch);
		return r;
	}
	int r = write_value(s, row, value, err);
	if (r == 0)
		s->sources[number] = source;
	return r;
}

/* --- a file --- */

static char *trim(char *text)
{
	char *end = text + strlen(text);

	text += strspn(text, " \t");
	while (end > text && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return text;
}

static int take_line(struct settings *s, char *line, int number, bool *seen, struct err *err)
{
	char *text = trim(line), *equals = strchr(text, '=');

	if (!*text || *text == '#')
		return 0;
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if ((*p < ' ' && *p != '\t') || *p == 127)
			return err_set(err, ERR_INVALID, "a control character");
	}
	if (!equals)
		return err_set(err, ERR_INVALID, "'%.60s' is not name = value", text);
	*equals = '\0';
	const char *name = trim(text), *value = trim(equals + 1);
	const struct setting *row = find_row(name);
	if (row && seen[row - setting_table])
		return err_set(err, ERR_INVALID, "%s is there twice", name);
	int r = settings_set(s, name, value, SETTING_FILE, err);
	if (r == 0) {
		seen[row - setting_table] = true;
		s->lines[row - setting_table] = number;
	}
	return r;
}

int settings_text(struct settings *s, const char *name, const char *text, size_t len, struct err *err)
{
	bool seen[SETTING_COUNT_MAX] = { false };
	int r = memchr(text, '\0', len) ? err_set(err, ERR_INVALID, "%s: is not a text file", name) : 0;
	char *copy = xstrndup(text, len), *line = copy;

	for (int number = 1; r == 0 && line; number++) {
		char *next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		r = take_line(s, line, number, seen, err);
		if (r < 0)
			err_prefix(err, "%s line %d", name, number);
		line = next;
	}
	free(copy);
	return r;
}

int settings_file(struct settings *s, const char *path, bool must_exist, struct err *err)
{
	struct buf text = BUF_INIT;
	int r = 0;

	if (must_exist || file_exists(path))
		r = file_read(path, FILE_MAX_BYTES, &text, err);
	if (r == 0)
		r = settings_text(s, path, text.data, text.len, err);
	buf_release(&text);
	return r;
}

static void environment_name(const struct setting *row, char *name, size_t size)
{
	size_t len = (size_t)snprintf(name, size, "SCALEOUT_%s", row->name);

	for (size_t i = 0; i < len && i < size; i++)
		name[i] = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 32) : name[i];
}

int settings_environment(struct settings *s, struct err *err)
{
	char name[64];
	int r = 0;

	for (const struct setting *row = setting_table; r == 0 && row->name; row++) {
		environment_name(row, name, sizeof(name));
		const char *value = getenv(name);
		if (!value)
			continue;
		r = settings_set(s, row->name, value, SETTING_ENVIRONMENT, err);
		if (r < 0)
			err_prefix(err, "the environment variable %s", name);
	}
	return r;
}

char *settings_path(const char *given, bool *ret_named)
{
	const char *named = given ? given : getenv("SCALEOUT_CONF");

	*ret_named = named != NULL;
	if (named)
		return xstrdup(named);
	char *home = path_config_home(), *own = path_join(home, "scaleout.conf");
	free(home);
	if (file_exists(own))
		return own;
	free(own);
	return xstrdup("/etc/scaleout/scaleout.conf");
}

/* --- life and print --- */

void settings_init(struct settings *s)
{
	_Static_assert(ARRAY_LEN(setting_table) <= SETTING_COUNT_MAX, "raise SETTING_COUNT_MAX");
	*s = (struct settings){ 0 };
	for (const struct setting *row = setting_table; row->name; row++)
		write_value(s, row, row->standard, NULL);
}

void settings_release(struct settings *s)
{
	for (const struct setting *row = setting_table; row->name; row++) {
		if (row->kind == SETTING_TEXT)
			free(*(char **)field(s, row));
	}
	*s = (struct settings){ 0 };
}

/* A paragraph as comment lines of at most 100 characters. */
static void add_comment(const char *text, struct buf *ret)
{
	while (*text) {
		size_t len = strlen(text), cut = len;
		if (len > 98) {
			for (cut = 98; cut > 0 && text[cut] != ' ';)
				cut--;
		}
		buf_addf(ret, "# %.*s\n", (int)cut, text);
		text += cut;
		text += strspn(text, " ");
	}
}

void settings_print(const struct settings *s, struct buf *ret)
{
	static const char *const from[] = { "default", "this file", "environment", "command line" };

	for (const struct setting *row = setting_table; row->name; row++) {
		size_t number = (size_t)(row - setting_table);
		add_comment(row->reason, ret);
		if (*row->product)
			buf_addf(ret, "# The product's %s.\n", row->product);
		buf_addf(ret, "# Default: %s. Now from: %s", *row->standard ? row->standard : "empty",
		    from[s->sources[number]]);
		if (s->sources[number] == SETTING_FILE)
			buf_addf(ret, ", line %d", s->lines[number]);
		buf_addf(ret, ". A change needs %s.\n", row->reload ? "SIGHUP" : "a restart of the master");
		buf_addf(ret, "%s = ", row->name);
		settings_format(s, row, ret);
		buf_adds(ret, "\n\n");
	}
}
