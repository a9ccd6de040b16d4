/* SPDX-License-Identifier: MIT */
/*
 * The queue in the hands of its users (doc/extensions.md): what one execution
 * asks for, pause and resume, and the drain of a worker before maintenance.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/operation.h"
#include "catalog/proc.h"
#include "catalog/registry.h"

#define PRIORITY_MAX 100
#define SECONDS_MAX (366 * 86400)
#define TAGS_MAX 1000

enum {
	Q_REQUEST,
	Q_PRIORITY,
	Q_TAGS,
	Q_TIME_LIMIT,
	Q_RETRY_DELAY,
	Q_SCALE_OUT,
	Q_PAUSE,
	Q_WORKER,
	Q_DISABLE,
	Q_OPEN_TRIES,
	Q_COUNT
};
static const char *const sql[] = {
	[Q_REQUEST] = "INSERT OR IGNORE INTO execution_request (execution_id) VALUES (?1)",
	[Q_PRIORITY] = "UPDATE execution_request SET priority = ?2 WHERE execution_id = ?1",
	[Q_TAGS] = "UPDATE execution_request SET tags = ?2 WHERE execution_id = ?1",
	[Q_TIME_LIMIT] = "UPDATE execution_request SET time_limit_s = ?2 WHERE execution_id = ?1",
	[Q_RETRY_DELAY] = "UPDATE execution_request SET retry_delay_s = ?2 WHERE execution_id = ?1",
	[Q_SCALE_OUT] = "SELECT scale_out FROM execution WHERE execution_id = ?1",
	[Q_PAUSE] = "UPDATE queue_state SET paused = ?1, reason = ?2, changed_by = ?3, changed_time = ?4",
	[Q_WORKER] = "SELECT 1 FROM worker WHERE worker_id = ?1",
	[Q_DISABLE] = "UPDATE worker SET enabled = 0 WHERE worker_id = ?1",
	[Q_OPEN_TRIES] = "SELECT count(*) FROM execution_try WHERE worker_id = ?1 AND end_time IS NULL",
};
static const struct stmt_set set = STMT_SET(STMT_QUEUE_PROCS, sql);

/* --- what an execution asks for --- */

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Words in lower case, sorted, each once, comma between: the same wish is the same text. */
static int read_tags(struct tsql_call *call, const char *text, struct buf *ret)
{
	static const char between[] = " ,;\t\r\n";
	char *copy = xstrdup(text);
	VEC(char *) words = { 0 };
	int r = strlen(text) > TAGS_MAX ? raise_error(call, 27101, "Tags", text) : 0;

	for (char *p = copy; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	for (char *at = copy + strspn(copy, between); *at && r == 0;) {
		size_t len = strcspn(at, between);
		char *next = at + len + strspn(at + len, between);
		at[len] = '\0';
		vec_push(&words, at);
		at = next;
	}
	if (words.len)
		qsort(words.items, words.len, sizeof(*words.items), compare_words);
	for (size_t i = 0; i < words.len && r == 0; i++) {
		if (i == 0 || strcmp(words.items[i], words.items[i - 1]) != 0)
			buf_addf(ret, "%s%s", ret->len ? "," : "", words.items[i]);
	}
	vec_release(&words);
	free(copy);
	return r;
}

/* Tags are for workers; the built-in one has none. */
static int need_scale_out(struct tsql_call *call, int64_t id)
{
	int64_t scale_out = 0;
	int r = proc_int(call, &set, Q_SCALE_OUT, BINDS(b_int(id)), &scale_out);

	if (r < 0 || scale_out)
		return r < 0 ? r : 0;
	return raise_error(call, 27101, "@property_name", "Tags");
}

struct wish {
	const char *name;
	size_t statement;
	int64_t low, high; /* both 0: words */
};
static const struct wish wishes[] = {
	{ "Priority", Q_PRIORITY, -PRIORITY_MAX, PRIORITY_MAX },
	{ "TimeLimit", Q_TIME_LIMIT, 0, SECONDS_MAX },
	{ "RetryDelay", Q_RETRY_DELAY, 0, SECONDS_MAX },
	{ "Tags", Q_TAGS, 0, 0 },
};

static int write_number(struct tsql_call *call, int64_t id, const struct wish *wish, const char *text)
{
	char *end;
	long long number = strtoll(text, &end, 10);

	if (!*text || *end || number < wish->low || number > wish->high)
		return raise_error(call, 27101, wish->name, text);
	/* To go before everybody else's is not for everybody. */
	if (wish->statement == Q_PRIORITY && number > 0) {
		int r = need_admin(call, 27219, "set_execution");
		if (r < 0)
			return r;
	}
	return proc_run(call, &set, wish->statement, BINDS(b_int(id), b_int(number)));
}

static int write_tags(struct tsql_call *call, int64_t id, const char *text)
{
	struct buf tags = BUF_INIT;
	int r = need_scale_out(call, id);

	if (r == 0)
		r = read_tags(call, text, &tags);
	if (r == 0)
		r = proc_run(call, &set, Q_TAGS, BINDS(b_int(id), b_text(tags.data)));
	buf_release(&tags);
	return r;
}

static const struct tsql_proc_param set_execution_params[] = {
	{ "@execution_id", NULL, T_BIGINT, 0, NULL },
	{ "@property_name", NULL, T_NVARCHAR(256), 0, NULL },
	{ "@property_value", NULL, T_TEXT, 0, NULL },
};

static int set_execution(struct tsql_call *call)
{
	const struct wish *wish = NULL;
	struct found execution;
	int r = proc_check_args(call);

	if (r == 0)
		r = need_execution(call, arg_int(call, 0), NEED_READ | NEED_MODIFY, &execution);
	if (r < 0)
		return r;
	if (execution.status != STATUS_CREATED && execution.status != STATUS_PENDING)
		return raise_error(call, 27121, id_text(execution.id).text);
	for (size_t i = 0; i < ARRAY_LEN(wishes) && !wish; i++) {
		if (strcasecmp(wishes[i].name, arg_text(call, 1)) == 0)
			wish = &wishes[i];
	}
	if (!wish)
		return raise_error(call, 27101, "@property_name", arg_text(call, 1));
	r = proc_run(call, &set, Q_REQUEST, BINDS(b_int(execution.id)));
	if (r == 0)
		r = wish->high ? write_number(call, execution.id, wish, arg_text(call, 2))
			       : write_tags(call, execution.id, arg_text(call, 2));
	if (r == 0 && execution.status == STATUS_PENDING)
		call_session(call)->work_pending = true;
	return r;
}

/* --- pause and resume --- */

static const struct tsql_proc_param pause_params[] = {
	{ "@reason", NULL, T_NVARCHAR(1024), TSQL_PARAM_OPTIONAL, "" },
};

static int set_paused(struct tsql_call *call, bool paused, const char *reason)
{
	struct session *s = call_session(call);
	int r = need_admin(call, 27219, tsql_call_proc(call)->name);

	if (r == 0)
		r = proc_run(call, &set, Q_PAUSE,
		    BINDS(b_int(paused), b_text(reason), b_text(s->login), b_int(clock_wall())));
	if (r == 0)
		s->work_pending = true;
	return r;
}

static int pause_queue(struct tsql_call *call)
{
	const char *reason = arg_text(call, 0);

	return set_paused(call, true, reason ? reason : "");
}

static int resume_queue(struct tsql_call *call)
{
	return set_paused(call, false, "");
}

/* --- drain --- */

static const struct tsql_proc_param drain_params[] = {
	{ "@WorkerAgentId", NULL, T_GUID, 0, NULL },
	{ "@timeout_ms", NULL, T_INT, TSQL_PARAM_OPTIONAL, "-1" },
	{ "@running", NULL, T_INT, TSQL_PARAM_OUT | TSQL_PARAM_OPTIONAL, NULL },
};

/* Wait, outside any transaction, until nothing is left on the worker. */
static int wait_for_nothing(struct tsql_call *call, const struct uuid *id, int64_t timeout_ms, int64_t *ret_left)
{
	int64_t deadline = clock_mono_ms() + timeout_ms;
	int pause_ms = 2;

	for (;;) {
		int r = proc_int(call, &set, Q_OPEN_TRIES, BINDS(b_uuid(id)), ret_left);

		if (r < 0)
			return r;
		if (*ret_left == 0 || (timeout_ms >= 0 && clock_mono_ms() >= deadline))
			return 0;
		if (!tsql_call_pause(call, pause_ms))
			return -ERR_CANCELLED;
		pause_ms = pause_ms < 100 ? pause_ms * 2 : 100;
	}
}

static int drain_worker(struct tsql_call *call)
{
	const struct uuid *id = &tsql_arg(call, 0)->uuid;
	char text[UUID_TEXT_LEN + 1];
	int64_t left = 0;
	int r = need_admin(call, 27219, "drain_worker");

	if (r == 0)
		r = proc_check_args(call);
	if (r == 0)
		r = proc_int(call, &set, Q_WORKER, BINDS(b_uuid(id)), &left);
	if (r == 0) {
		uuid_format(id, true, text);
		return raise_error(call, 27243, text);
	}
	if (r == 1)
		r = proc_run(call, &set, Q_DISABLE, BINDS(b_uuid(id)));
	if (r == 0)
		r = wait_for_nothing(call, id, arg_int(call, 1), &left);
	if (r < 0)
		return r;
	call_session(call)->work_pending = true;
	tsql_set_out(call, 2, tsql_int((int32_t)left));
	tsql_set_return(call, left ? 1 : 0);
	return 0;
}

static const struct tsql_proc procs[] = {
	PROC_IN("scaleout", "set_execution", set_execution_params, set_execution),
	PROC_IN("scaleout", "pause_queue", pause_params, pause_queue),
	{ .database = "SSISDB", .schema = "scaleout", .name = "resume_queue", .run = resume_queue },
	{ .database = "SSISDB", .schema = "scaleout", .name = "drain_worker", .params = drain_params,
	    .param_count = ARRAY_LEN(drain_params), .run = drain_worker, .no_transaction = true },
};
const struct proc_family procs_queue = { procs, ARRAY_LEN(procs) };
