/* SPDX-License-Identifier: MIT */
/* What the master says about itself: the status of the control socket (JSON), and metrics for Prometheus. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "exec/master/master_private.h"

static const char *const state_names[LINK_STATE_COUNT] = { "offline", "connecting", "connecting", "connecting",
	"online", "blocked" };

void count_minute(struct master *master, int64_t now_ms)
{
	int64_t second = (now_ms - master->started_ms) / 1000, behind = second - master->second;

	for (int64_t i = behind < 61 ? behind : 61; i > 0; i--) {
		size_t place = (size_t)((second - i + 1) % 61);
		master->seconds[place].started = master->count_started;
		master->seconds[place].ended = master->count_ended;
	}
	if (behind > 0)
		master->second = second;
}

/* The counts as they were a minute ago. */
static size_t minute_ago(const struct master *master)
{
	return (size_t)((master->second + 1) % 61);
}

/* --- status --- */

static json_t *link_status(const struct link *link)
{
	return json_pack("{s:s, s:s, s:b, s:i, s:i, s:i, s:i, s:I, s:s}", "name", link->worker.name, "state",
	    state_names[link->state], "enabled", (link->worker.flags & QUEUE_WORKER_ENABLED) != 0, "slots",
	    link->worker.slots, "running", (int)link->flights.len, "orphans", link->orphans, "cpu_percent",
	    link->cpu_percent, "memory_free_kb", (json_int_t)link->memory_free_kb, "error",
	    link->state == LINK_UP ? "" : link->err.primary);
}

/* What is wrong with the catalog, with the remedy; "" when nothing is. */
static json_t *trouble(const struct master *master)
{
	const struct err *err = &master->trouble;

	if (!master->resting)
		return json_string("");
	return json_sprintf("%s%s%s%s%s", err->primary, *err->detail ? ": " : "", err->detail, *err->hint ? "; " : "",
	    err->hint);
}

char *master_status(struct master *master)
{
	json_t *workers = json_array();
	int running = 0, online = 0, slots = 0, orphans = 0, total = 0;
	const char *catalog = master->resting ? "fails" : "works";
	size_t ago = minute_ago(master);

	for (size_t i = 0; i < master->links.len; i++) {
		const struct link *link = master->links.items[i];
		running += (int)link->flights.len;
		if (link->local)
			continue;
		total++;
		online += link->state == LINK_UP;
		slots += link->state == LINK_UP ? link->worker.slots : 0;
		orphans += link->orphans;
		json_array_append_new(workers, link_status(link));
	}
	json_t *status = json_pack("{s:s, s:i, s:s, s:s, s:I, s:I, s:i, s:i, s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:b, s:s, s:o, s:o}",
	    "version", SO_VERSION, "pid", (int)getpid(), "host", master->host, "catalog", master->options.path, "epoch",
	    (json_int_t)master->epoch, "uptime_s", (json_int_t)((clock_mono_ms() - master->started_ms) / 1000),
	    "running", running, "workers", total, "workers_online", online, "slots_online", slots, "orphans", orphans,
	    "started", (json_int_t)master->count_started, "ended", (json_int_t)master->count_ended, "started_last_minute",
	    (json_int_t)(master->count_started - master->seconds[ago].started), "ended_last_minute",
	    (json_int_t)(master->count_ended - master->seconds[ago].ended), "paused", master->paused, "catalog_state",
	    catalog, "catalog_error", trouble(master), "worker_list", workers);
	/* The gates: a worker busier than that, or with less free memory, gets no new work. */
	json_object_set_new(status, "max_cpu_percent", json_integer(master->options.max_cpu_percent));
	json_object_set_new(status, "min_memory_mb",
	    json_integer(master->options.min_memory_mb < 0 ? 0 : master->options.min_memory_mb));
	char *text = json_dumps(status, JSON_COMPACT);
	json_decref(status);
	return text;
}

/* --- metrics --- */

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void single(struct buf *out, const char *name, const char *type, const char *help, int64_t value)
{
	head(out, name, type, help);
	buf_addf(out, "%s %" PRId64 "\n", name, value);
}

static void add_label(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			buf_adds(out, "\\n");
		else if (*text == '\\' || *text == '"')
			buf_addf(out, "\\%c", *text);
		else
			buf_addc(out, *text);
	}
}

static int64_t worker_up(const struct link *link)
{
	return link->state == LINK_UP;
}

static int64_t worker_enabled(const struct link *link)
{
	return (link->worker.flags & QUEUE_WORKER_ENABLED) != 0;
}

static int64_t worker_blocked(const struct link *link)
{
	return link->state == LINK_BLOCKED;
}

static int64_t worker_slots(const struct link *link)
{
	return link->worker.slots;
}

static int64_t worker_running(const struct link *link)
{
	return (int64_t)link->flights.len;
}

static int64_t worker_orphans(const struct link *link)
{
	return link->orphans;
}

static int64_t worker_cpu(const struct link *link)
{
	return link->state == LINK_UP ? link->cpu_percent : -1;
}

static int64_t worker_memory(const struct link *link)
{
	return link->state == LINK_UP && link->memory_free_kb >= 0 ? link->memory_free_kb * 1024 : -1;
}

/* Of each worker; a value below 0 is not known and left out. */
static const struct {
	const char *name, *help;
	int64_t (*value)(const struct link *link);
} per_worker[] = {
	{ "scaleout_worker_up", "Whether the master is connected to the worker.", worker_up },
	{ "scaleout_worker_enabled", "Whether the worker may get new work.", worker_enabled },
	{ "scaleout_worker_blocked", "Whether the worker's host key changed.", worker_blocked },
	{ "scaleout_worker_slots", "Executions that the worker takes at once.", worker_slots },
	{ "scaleout_worker_running", "Executions that are on the worker.", worker_running },
	{ "scaleout_worker_orphans", "Tasks on the worker that are not in the catalog.", worker_orphans },
	{ "scaleout_worker_cpu_percent", "How busy its processors are, as it said last.", worker_cpu },
	{ "scaleout_worker_memory_free_bytes", "Memory available there, as it said last.", worker_memory },
};

static void add_workers(const struct master *master, struct buf *out)
{
	for (size_t m = 0; m < ARRAY_LEN(per_worker); m++) {
		head(out, per_worker[m].name, "gauge", per_worker[m].help);
		for (size_t i = 0; i < master->links.len; i++) {
			const struct link *link = master->links.items[i];
			int64_t value = per_worker[m].value(link);
			if (value < 0)
				continue;
			buf_addf(out, "%s{worker=\"", per_worker[m].name);
			add_label(out, link->worker.name);
			buf_addf(out, "\"} %" PRId64 "\n", value);
		}
	}
}

static void add_executions(struct master *master, struct buf *out)
{
	static const char *const names[10] = { NULL, "created", "running", "canceled", "failed", "pending",
		"ended_unexpectedly", "succeeded", "stopping", "completed" };
	int64_t counts[10];

	if (master->resting || queue_counts(master->options.catalog, counts, NULL) < 0)
		return;
	head(out, "scaleout_executions", "gauge", "Executions in the catalog by status.");
	for (size_t i = 1; i < ARRAY_LEN(names); i++)
		buf_addf(out, "scaleout_executions{status=\"%s\"} %" PRId64 "\n", names[i], counts[i]);
}

void master_metrics(struct master *master, struct buf *out)
{
	head(out, "scaleout_build_info", "gauge", "The version of the master; always 1.");
	buf_adds(out, "scaleout_build_info{version=\"");
	add_label(out, SO_VERSION);
	buf_adds(out, "\"} 1\n");
	single(out, "scaleout_uptime_seconds", "gauge", "How long this master has run.",
	    (clock_mono_ms() - master->started_ms) / 1000);
	single(out, "scaleout_epoch", "gauge", "How many masters this catalog has had.", master->epoch);
	single(out, "scaleout_queue_paused", "gauge", "Whether somebody has paused the queue.", master->paused);
	single(out, "scaleout_catalog_failing", "gauge", "Whether the master waits for the catalog to take writes.",
	    master->resting);
	add_executions(master, out);
	single(out, "scaleout_starts_total", "counter", "Tries sent to workers by this master.", master->count_started);
	single(out, "scaleout_ends_total", "counter", "Tries that ended, for this master.", master->count_ended);
	single(out, "scaleout_retries_total", "counter", "Tries that another one follows.", master->count_retried);
	single(out, "scaleout_lost_total", "counter", "Tries that ended without a result.", master->count_lost);
	single(out, "scaleout_overdue_turns_total", "counter", "Starts out of turn of what had waited too long.",
	    master->count_overdue);
	single(out, "scaleout_catalog_failures_total", "counter", "Turns that the catalog did not take.",
	    master->count_catalog_failures);
	add_workers(master, out);
}
