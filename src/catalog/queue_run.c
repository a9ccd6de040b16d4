/* SPDX-License-Identifier: MIT */
/*
 * What happens to a try after it was assigned: started, its events, its end.
 * Everything may be said again after a broken link, so every function looks
 * first whether it was said before.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "catalog/events.h"
#include "catalog/operation.h"
#include "catalog/queue_impl.h"
#include "package/event.h"

#define RETRY_DELAY_MS 250
#define RETRY_DELAY_MAX_MS 60000

enum {
	Q_TRY,
	Q_TRY_STARTED,
	Q_EXECUTION_STARTED,
	Q_OPERATION_STARTED,
	Q_TRY_SEQ,
	Q_TRY_ENDED,
	Q_TRY_DELETE,
	Q_STATE,
	Q_REQUEUE,
	Q_COUNT_RUN,
	Q_STATUS,
	Q_FINISH,
	Q_VALIDATED,
	Q_PROJECT_VALIDATED,
	Q_PACKAGES_VALIDATED,
	Q_REFERENCE_VALIDATED,
	Q_EXTENDED,
	Q_EXTENDED_MESSAGES,
	Q_DUMP,
	Q_EXECUTION_DUMP,
	Q_FORGET_COUNTERS,
	Q_FORGET_DUMP,
	Q_COUNT
};
static const char *const sql[] = {
	[Q_TRY] = "SELECT start_time, end_time, committed_seq, last_message_id, worker_name,"
		  " assigned_time FROM execution_try WHERE execution_id = ?1 AND attempt = ?2",
	[Q_TRY_STARTED] = "UPDATE execution_try SET start_time = ?3, process_id = ?4, machine_name = ?5"
			  " WHERE execution_id = ?1 AND attempt = ?2",
	[Q_EXECUTION_STARTED] = "UPDATE execution SET executed_count = executed_count + 1,"
				" cpu_count = ?2, total_physical_memory_kb = ?3,"
				" available_physical_memory_kb = ?4, total_page_file_kb = ?5,"
				" available_page_file_kb = ?6 WHERE execution_id = ?1",
	[Q_OPERATION_STARTED] = "UPDATE operation SET status = CASE status WHEN 5 THEN 2 ELSE status END,"
				" start_time = coalesce(start_time, ?2), process_id = ?3,"
				" machine_name = ?4 WHERE operation_id = ?1",
	[Q_TRY_SEQ] = "UPDATE execution_try SET committed_seq = ?3, last_message_id = ?4"
		      " WHERE execution_id = ?1 AND attempt = ?2",
	[Q_TRY_ENDED] = "UPDATE execution_try SET end_time = ?3, outcome = ?4, exit_code = ?5,"
			" reason = ?6, start_time = coalesce(start_time, assigned_time)"
			" WHERE execution_id = ?1 AND attempt = ?2",
	[Q_TRY_DELETE] = "DELETE FROM execution_try WHERE execution_id = ?1 AND attempt = ?2",
	[Q_STATE] = "SELECT o.status, e.retry_count, o.operation_type FROM operation o"
		    " JOIN execution e ON e.execution_id = o.operation_id WHERE o.operation_id = ?1",
	/* ?4: whether the delay that was asked for applies; a try that did not even start is no failure. */
	[Q_REQUEUE] = "UPDATE execution SET queued = 1, next_attempt = ?2, not_before = ?3 +"
		      " CASE ?4 WHEN 0 THEN 0 ELSE coalesce((SELECT r.retry_delay_s * 10000000"
		      " FROM execution_request r WHERE r.execution_id = ?1), 0) END WHERE execution_id = ?1",
	[Q_COUNT_RUN] = "UPDATE execution SET executed_count = executed_count + 1"
			" WHERE execution_id = ?1",
	[Q_STATUS] = "UPDATE operation SET status = ?2 WHERE operation_id = ?1",
	[Q_FINISH] = "UPDATE operation SET status = ?2, end_time = ?3,"
		     " start_time = coalesce(start_time, ?4) WHERE operation_id = ?1",
	[Q_VALIDATED] = "UPDATE package SET validation_status = CASE ?2 WHEN 7 THEN 'S' ELSE 'F' END,"
			" last_validation_time = ?3 WHERE package_id = (SELECT object_id"
			" FROM operation WHERE operation_id = ?1)",
	[Q_PROJECT_VALIDATED] = "UPDATE project SET validation_status = CASE ?2 WHEN 7 THEN 'S' ELSE 'F' END,"
				" last_validation_time = ?3 WHERE project_id = (SELECT object_id"
				" FROM operation WHERE operation_id = ?1)",
	/* A package has passed when the runtime has said no error of it. */
	[Q_PACKAGES_VALIDATED] = "UPDATE package SET validation_status = CASE WHEN name IN (SELECT s.package_name"
				 " FROM message m JOIN source s ON s.source_id = m.source_id"
				 " WHERE m.operation_id = ?1 AND m.message_type = 120) THEN 'F' ELSE 'S' END,"
				 " last_validation_time = ?3 WHERE project_id = (SELECT object_id"
				 " FROM operation WHERE operation_id = ?1)",
	[Q_REFERENCE_VALIDATED] = "UPDATE environment_reference SET validation_status = CASE ?2 WHEN 7 THEN 'S'"
				  " ELSE 'F' END, last_validation_time = ?3 WHERE reference_id ="
				  " (SELECT reference_id FROM validation WHERE validation_id = ?1)",
	[Q_EXTENDED] = "INSERT INTO extended_info (operation_id, object_name, object_type, reference_id, status,"
		       " start_time, end_time) SELECT o.operation_id, k.name, 30, v.reference_id,"
		       " CASE k.validation_status WHEN 'S' THEN 7 ELSE 4 END, o.start_time, o.end_time"
		       " FROM operation o JOIN validation v ON v.validation_id = o.operation_id"
		       " JOIN package k ON CASE o.operation_type WHEN 300 THEN k.project_id ELSE k.package_id END"
		       " = o.object_id WHERE o.operation_id = ?1",
	[Q_EXTENDED_MESSAGES] = "UPDATE message SET extended_info_id = (SELECT x.info_id FROM source s"
				" JOIN extended_info x ON x.object_name = s.package_name AND x.operation_id = ?1"
				" WHERE s.source_id = message.source_id) WHERE operation_id = ?1",
	[Q_DUMP] = "UPDATE execution_try SET dump_path = ?3 WHERE execution_id = ?1 AND attempt = ?2",
	[Q_FORGET_COUNTERS] = "DELETE FROM performance_counter WHERE execution_id = ?1",
	[Q_FORGET_DUMP] = "DELETE FROM dump_request WHERE execution_id = ?1 AND state < 2",
	[Q_EXECUTION_DUMP] = "UPDATE execution SET dump_id = new_guid() WHERE execution_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_QUEUE_RUN, sql);

/* --- tries --- */

struct try_row {
	int64_t start_time, end_time, committed_seq, last_message_id, assigned_time;
	char *worker_name;
};

static void try_release(struct try_row *t)
{
	free(t->worker_name);
}

/* 1 = found (release it), 0 = there is no such try. */
static int find_try(struct catalog *c, int64_t execution_id, int attempt, struct try_row *ret,
    struct err *err)
{
	sqlite3_stmt *q =
	    store_query(c, &set, Q_TRY, BINDS(b_int(execution_id), b_int(attempt)));
	int r = store_step(c, q, err);

	if (r != 1)
		return r;
	*ret = (struct try_row){ .start_time = sqlite3_column_int64(q, 0),
		.end_time = sqlite3_column_int64(q, 1),
		.committed_seq = sqlite3_column_int64(q, 2),
		.last_message_id = sqlite3_column_int64(q, 3),
		.assigned_time = sqlite3_column_int64(q, 5),
		.worker_name = col_dup(q, 4) };
	store_reset(q);
	return 1;
}

static int no_such_try(int64_t execution_id, int attempt, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "execution %lld has no try %d", (long long)execution_id,
	    attempt);
}

static int need_try(struct catalog *c, int64_t execution_id, int attempt, struct try_row *ret,
    struct err *err)
{
	int r = find_try(c, execution_id, attempt, ret, err);

	return r == 0 ? no_such_try(execution_id, attempt, err) : r;
}

static int mark_started(struct catalog *c, int64_t execution_id, int attempt,
    const struct queue_started *s, struct err *err)
{
	int r = store_run(c, &set, Q_TRY_STARTED,
	    BINDS(b_int(execution_id), b_int(attempt), b_int(s->time), b_int(s->process_id),
		b_text(s->machine_name)),
	    err);

	if (r == 0)
		r = store_run(c, &set, Q_EXECUTION_STARTED,
		    BINDS(b_int(execution_id), b_int(s->cpu_count), b_int(s->memory_total_kb),
			b_int(s->memory_free_kb), b_int(s->swap_total_kb), b_int(s->swap_free_kb)),
		    err);
	if (r == 0)
		r = store_run(c, &set, Q_OPERATION_STARTED,
		    BINDS(b_int(execution_id), b_int(s->time), b_int(s->process_id),
			b_text(s->machine_name)),
		    err);
	return r;
}

int queue_started(struct catalog *c, int64_t execution_id, int attempt,
    const struct queue_started *started, struct err *err)
{
	struct try_row t = { 0 };
	struct store_tx tx;
	int r = queue_begin_fenced(c, &tx, err);

	if (r == 0)
		r = need_try(c, execution_id, attempt, &t, err);
	if (r == 1)
		r = t.start_time || t.end_time
		    ? 0
		    : mark_started(c, execution_id, attempt, started, err);
	try_release(&t);
	return store_end(c, &tx, r, err);
}

/* --- events --- */

/* A line that cannot be read must not hold up the rest for ever: its place is taken by a warning. */
static int store_unreadable(struct catalog *c, int64_t execution_id, int attempt, int64_t seq,
    const char *why, struct err *err)
{
	char *text = xasprintf("Event record %lld of try %d could not be read: %s", (long long)seq,
	    attempt, why);
	int r = events_note(c, execution_id, attempt, EVENT_WARNING, text, err);

	free(text);
	return r;
}

static int store_line(struct catalog *c, int64_t execution_id, int attempt, int64_t seq,
    const char *line, size_t len, int64_t *last_message_id, struct err *err)
{
	struct event event = { 0 };
	struct err why;
	int r = event_decode(line, len, &event, &why);

	if (r < 0)
		return store_unreadable(c, execution_id, attempt, seq, why.primary, err);
	if (event.seq != seq)
		r = err_set(err, ERR_INVALID, "event %lld stands where %lld should be",
		    (long long)event.seq, (long long)seq);
	else if (event.kind == EVENT_KIND_CONTEXT && *last_message_id == 0)
		r = store_unreadable(c, execution_id, attempt, seq, "context without a message", err);
	else
		r = events_store(c, execution_id, attempt, &event, last_message_id, err);
	event_release(&event);
	return r;
}

static int store_lines(struct catalog *c, int64_t execution_id, int attempt, struct try_row *t,
    int64_t seq, const char *lines, size_t len, struct err *err)
{
	int r = 0;

	for (const char *end = lines + len; lines < end && r == 0; seq++) {
		const char *lf = memchr(lines, '\n', (size_t)(end - lines));

		if (!lf)
			return err_set(err, ERR_INVALID, "event %lld is not a whole line",
			    (long long)seq);
		if (seq > t->committed_seq) {
			r = store_line(c, execution_id, attempt, seq, lines, (size_t)(lf + 1 - lines),
			    &t->last_message_id, err);
			t->committed_seq = seq;
		}
		lines = lf + 1;
	}
	return r;
}

int queue_events(struct catalog *c, int64_t execution_id, int attempt, int64_t from_seq,
    const char *lines, size_t len, int64_t *ret_committed_seq, struct err *err)
{
	struct try_row t = { 0 };
	struct store_tx tx;
	int64_t before = 0;
	int r = queue_begin_fenced(c, &tx, err);

	if (r == 0)
		r = need_try(c, execution_id, attempt, &t, err);
	if (r == 1) {
		before = t.committed_seq;
		r = from_seq < 1 || from_seq > before + 1
		    ? err_set(err, ERR_INVALID, "events from %lld, but %lld is the next",
			  (long long)from_seq, (long long)before + 1)
		    : store_lines(c, execution_id, attempt, &t, from_seq, lines, len, err);
	}
	if (r == 0 && t.committed_seq > before)
		r = store_run(c, &set, Q_TRY_SEQ,
		    BINDS(b_int(execution_id), b_int(attempt), b_int(t.committed_seq),
			b_id(t.last_message_id)),
		    err);
	try_release(&t);
	r = store_end(c, &tx, r, err);
	if (r == 0)
		*ret_committed_seq = t.committed_seq;
	return r;
}

int queue_committed_seq(struct catalog *c, int64_t execution_id, int attempt, int64_t *ret_seq,
    struct err *err)
{
	struct try_row t = { 0 };
	int r = need_try(c, execution_id, attempt, &t, err);

	try_release(&t);
	if (r < 0)
		return r;
	*ret_seq = t.committed_seq;
	return 0;
}

int queue_note(struct catalog *c, int64_t execution_id, int message_type, const char *text,
    struct err *err)
{
	struct store_tx tx;
	int r = queue_begin_fenced(c, &tx, err);

	if (r == 0)
		r = events_note(c, execution_id, 0, message_type, text, err);
	return store_end(c, &tx, r, err);
}

/* --- ending --- */

/* How an outcome ends the execution when no try follows, and what we say about it. */
static const struct {
	int status;
	bool retried;
	const char *words; /* NULL = nothing to say */
} outcomes[] = {
	[QUEUE_SUCCEEDED] = { STATUS_SUCCEEDED, false, NULL },
	[QUEUE_COMPLETED] = { STATUS_COMPLETED, false, NULL },
	[QUEUE_FAILED] = { STATUS_FAILED, true, "failed" },
	[QUEUE_STOPPED] = { STATUS_CANCELED, false, NULL },
	[QUEUE_LOST] = { STATUS_UNEXPECTED, true, "ended unexpectedly" },
	[QUEUE_NOT_STARTED] = { STATUS_CANCELED, false, NULL },
};

/* Full jitter, so that many executions that failed together do not come back together. */
static int64_t retry_delay_ticks(int attempt)
{
	int64_t top = RETRY_DELAY_MAX_MS;
	uint32_t random;

	if (attempt < 8)
		top = (int64_t)RETRY_DELAY_MS << attempt;
	random_bytes(&random, sizeof(random));
	return (random % (top + 1)) * TICKS_PER_MS;
}

struct ending {
	int64_t execution_id;
	int operation_type;
	int attempt;
	enum queue_outcome outcome;
	int exit_code;
	int64_t end_time;
	const char *reason;
};

static int say_ending(struct catalog *c, const struct ending *e, const struct try_row *t, bool again,
    struct err *err)
{
	struct buf text = BUF_INIT;
	int r;

	if (!outcomes[e->outcome].words)
		return 0;
	if (!again && e->outcome == QUEUE_FAILED && !(e->reason && *e->reason))
		return 0; /* the package's own messages say it */
	buf_addf(&text, "Try %d on worker %s %s", e->attempt, t->worker_name,
	    outcomes[e->outcome].words);
	if (e->outcome == QUEUE_FAILED)
		buf_addf(&text, " (exit code %d)", e->exit_code);
	if (e->reason && *e->reason)
		buf_addf(&text, ": %s", e->reason);
	if (again)
		buf_addf(&text, "; try %d follows", e->attempt + 1);
	r = events_note(c, e->execution_id, e->attempt, again ? EVENT_WARNING : EVENT_ERROR, text.data,
	    err);
	buf_release(&text);
	return r;
}

/* What a validation found out goes to the rows of what it looked at. */
static int mark_validated(struct catalog *c, const struct ending *e, int status, struct err *err)
{
	static const size_t package[] = { Q_VALIDATED, Q_REFERENCE_VALIDATED, Q_EXTENDED, Q_EXTENDED_MESSAGES };
	static const size_t project[] = { Q_PROJECT_VALIDATED, Q_PACKAGES_VALIDATED, Q_REFERENCE_VALIDATED, Q_EXTENDED,
		Q_EXTENDED_MESSAGES };
	const struct bind *binds = BINDS(b_int(e->execution_id), b_int(status), b_int(e->end_time));
	bool whole = e->operation_type == OPERATION_VALIDATE_PROJECT;
	int r = 0;

	if (status != STATUS_SUCCEEDED && status != STATUS_FAILED)
		return 0;
	if (!whole && e->operation_type != OPERATION_VALIDATE_PACKAGE)
		return 0;
	for (size_t i = 0; i < (whole ? ARRAY_LEN(project) : ARRAY_LEN(package)) && r == 0; i++)
		r = store_run(c, &set, whole ? project[i] : package[i], binds, err);
	return r;
}

static int finish(struct catalog *c, const struct ending *e, int status, int64_t start_time,
    struct err *err)
{
	int r = store_run(c, &set, Q_FINISH,
	    BINDS(b_int(e->execution_id), b_int(status), b_int(e->end_time), b_id(start_time)), err);

	return r < 0 ? r : mark_validated(c, e, status, err);
}

static int end_not_started(struct catalog *c, const struct ending *e, const struct try_row *t,
    int64_t status, struct err *err)
{
	int r;

	if (t->start_time)
		return err_set(err, ERR_INVALID, "try %d of execution %lld has started", e->attempt,
		    (long long)e->execution_id);
	r = store_run(c, &set, Q_TRY_DELETE, BINDS(b_int(e->execution_id), b_int(e->attempt)), err);
	if (r < 0)
		return r;
	if (status == STATUS_STOPPING)
		return finish(c, e, STATUS_CANCELED, 0, err);
	return store_run(c, &set, Q_REQUEUE,
	    BINDS(b_int(e->execution_id), b_int(e->attempt), b_int(0), b_int(0)), err);
}

static int end_started(struct catalog *c, const struct ending *e, const struct try_row *t,
    int64_t status, int64_t retry_count, struct err *err)
{
	bool again = outcomes[e->outcome].retried && status != STATUS_STOPPING &&
	    e->attempt <= retry_count;
	int r = store_run(c, &set, Q_TRY_ENDED,
	    BINDS(b_int(e->execution_id), b_int(e->attempt), b_int(e->end_time), b_int(e->outcome),
		b_int(e->exit_code), b_text(e->reason && *e->reason ? e->reason : NULL)),
	    err);

	if (r == 0)
		r = store_run(c, &set, Q_FORGET_COUNTERS, BINDS(b_int(e->execution_id)), err);
	if (r == 0)
		r = store_run(c, &set, Q_FORGET_DUMP, BINDS(b_int(e->execution_id)), err);
	if (r == 0 && !t->start_time)
		r = store_run(c, &set, Q_COUNT_RUN, BINDS(b_int(e->execution_id)), err);
	if (r == 0)
		r = say_ending(c, e, t, again, err);
	if (r < 0)
		return r;
	if (!again)
		return finish(c, e, outcomes[e->outcome].status, t->assigned_time, err);
	r = store_run(c, &set, Q_STATUS, BINDS(b_int(e->execution_id), b_int(STATUS_PENDING)), err);
	if (r == 0)
		r = store_run(c, &set, Q_REQUEUE,
		    BINDS(b_int(e->execution_id), b_int(e->attempt + 1),
			b_int(clock_wall() + retry_delay_ticks(e->attempt)), b_int(1)),
		    err);
	return r;
}

/* 0, or negative. */
static int read_state(struct catalog *c, int64_t execution_id, int64_t *ret_status,
    int64_t *ret_retry_count, int *ret_type, struct err *err)
{
	sqlite3_stmt *q = store_query(c, &set, Q_STATE, BINDS(b_int(execution_id)));
	int r = store_step(c, q, err);

	if (r == 0)
		return err_set(err, ERR_NOT_FOUND, "no execution %lld", (long long)execution_id);
	if (r < 0)
		return r;
	*ret_status = sqlite3_column_int64(q, 0);
	*ret_retry_count = sqlite3_column_int64(q, 1);
	*ret_type = sqlite3_column_int(q, 2);
	store_reset(q);
	return 0;
}

static int end_try(struct catalog *c, struct ending *e, bool *ret_final, struct err *err)
{
	struct try_row t = { 0 };
	int64_t status = 0, retry_count = 0;
	int r = read_state(c, e->execution_id, &status, &retry_count, &e->operation_type, err);
	int found;

	if (r < 0)
		return r;
	found = find_try(c, e->execution_id, e->attempt, &t, err);
	if (found < 0)
		r = found;
	else if (found == 0 && e->outcome != QUEUE_NOT_STARTED)
		r = no_such_try(e->execution_id, e->attempt, err);
	else if (found == 0 || t.end_time)
		r = 0; /* said before */
	else if (e->outcome == QUEUE_NOT_STARTED)
		r = end_not_started(c, e, &t, status, err);
	else
		r = end_started(c, e, &t, status, retry_count, err);
	try_release(&t);
	if (r == 0)
		r = read_state(c, e->execution_id, &status, &retry_count, &e->operation_type, err);
	*ret_final = operation_is_final((int)status);
	return r;
}

int queue_end(struct catalog *c, int64_t execution_id, int attempt, enum queue_outcome outcome,
    int exit_code, int64_t end_time, const char *reason, bool *ret_final, struct err *err)
{
	struct ending e = { .execution_id = execution_id, .attempt = attempt, .outcome = outcome,
		.exit_code = exit_code, .end_time = end_time, .reason = reason };
	bool final = false;
	struct store_tx tx;
	int r = queue_begin_fenced(c, &tx, err);

	if (r == 0)
		r = end_try(c, &e, &final, err);
	r = store_end(c, &tx, r, err);
	if (r == 0)
		*ret_final = final;
	return r;
}

int queue_dump(struct catalog *c, int64_t execution_id, int attempt, const char *path,
    struct err *err)
{
	struct store_tx tx;
	int r = queue_begin_fenced(c, &tx, err);

	if (r == 0)
		r = store_run(c, &set, Q_DUMP,
		    BINDS(b_int(execution_id), b_int(attempt), b_text(path)), err);
	if (r == 0 && store_changes(c) == 0)
		r = no_such_try(execution_id, attempt, err);
	if (r == 0)
		r = store_run(c, &set, Q_EXECUTION_DUMP, BINDS(b_int(execution_id)), err);
	return store_end(c, &tx, r, err);
}
