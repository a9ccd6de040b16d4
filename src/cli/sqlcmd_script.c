/* SPDX-License-Identifier: MIT */
/* Gathering lines, running batches, and what an error does to the exit status. */
#include "cli/sqlcmd_script.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

void sqlcmd_script_init(struct sqlcmd_script *s, const struct sqlcmd_host *host, struct sqlcmd_vars *vars)
{
	*s = (struct sqlcmd_script){ .host = host, .vars = vars, .terminator = "GO",
		.clock_us = clock_mono_us, .batch = BUF_INIT, .last = BUF_INIT };
	buf_set_limit(&s->batch, SQLCMD_SCRIPT_MAX);
}

void sqlcmd_script_release(struct sqlcmd_script *s)
{
	buf_wipe(&s->batch);
	buf_wipe(&s->last);
}

void sqlcmd_script_reset(struct sqlcmd_script *s)
{
	buf_release(&s->batch);
	buf_set_limit(&s->batch, SQLCMD_SCRIPT_MAX);
	s->batch.overflow = false;
	s->scan = (struct tsql_scan){ 0 };
}

int sqlcmd_script_batch_line(const struct sqlcmd_script *s)
{
	int line = 1;

	for (const char *c = s->batch.data; (c = strchr(c, '\n')) != NULL; c++)
		line++;
	return line;
}

static void fail(struct sqlcmd_script *s)
{
	if (s->stop_on_error) {
		s->status = s->status ? s->status : 1;
		s->done = true;
	}
}

void sqlcmd_script_complain(struct sqlcmd_script *s, const struct err *err)
{
	char *text = xasprintf("Sqlcmd: Error: %s\n%s%s%s%s%s", err->primary, err->detail[0] ? "  " : "", err->detail,
	    err->detail[0] ? "\n" : "", err->hint, err->hint[0] ? "\n" : "");

	s->host->print(s->host->ctx, SQLCMD_STREAM_ERRORS, text);
	free(text);
	fail(s);
}

/* Replace the references of text. False after a message when that is an error. */
static bool expand(struct sqlcmd_script *s, const char *text, size_t len, bool sql, struct buf *ret)
{
	struct buf missing = BUF_INIT;
	struct err err;
	int line = 0;
	bool good = true;

	buf_set_limit(ret, SQLCMD_SCRIPT_MAX);
	if (s->keep_references) {
		buf_add(ret, text, len);
	} else if (sqlcmd_vars_expand(s->vars, text, len, sql, ret, &missing, &line) < 0) {
		err_set(&err, ERR_INVALID, "Syntax error at line %d near '$('.", line);
		sqlcmd_script_complain(s, &err);
		good = false;
	} else if (missing.len) {
		/* As sqlcmd: the text runs as it is written, unless errors end the script. */
		s->host->print(s->host->ctx, SQLCMD_STREAM_ERRORS, missing.data);
		good = sql && !s->stop_on_error;
		fail(s);
	}
	if (good && ret->overflow) {
		err_set(&err, ERR_LIMIT, "The batch is larger than %zu bytes.", SQLCMD_SCRIPT_MAX);
		sqlcmd_script_complain(s, &err);
		good = false;
	}
	buf_release(&missing);
	return good;
}

bool sqlcmd_script_expand(struct sqlcmd_script *s, const char *text, struct buf *ret)
{
	return expand(s, text, strlen(text), false, ret);
}

/* What a batch's errors mean for the status and for going on. */
static void judge(struct sqlcmd_script *s, int r, const struct sqlcmd_result *result, const struct err *err)
{
	int least = s->severity_level > 0 ? s->severity_level : 11;

	if (result->exit_asked) {
		s->status = result->exit_number;
		s->done = true;
	} else if (r == -ERR_CANCELLED) {
		if (!s->interactive) {
			s->status = 1;
			s->done = true;
		}
	} else if (result->worst_severity >= least) {
		if (s->severity_level > 0)
			s->status = result->worst_severity;
		fail(s);
	} else if (r < 0 && r != -ERR_SQL) {
		sqlcmd_script_complain(s, err);
	}
}

/* -p: what the runs of a batch took. Less than a millisecond counts as one. */
static void print_statistics(struct sqlcmd_script *s, int times, int64_t us)
{
	int64_t total = us < 1000 ? 1 : (us + 500) / 1000;
	double average = (double)total / times, rate = times * 1000.0 / (double)total;
	const char *packet = sqlcmd_vars_get(s->vars, "SQLCMDPACKETSIZE");
	char *text;

	if (s->statistics == SQLCMD_STATISTICS_COLONS)
		text = xasprintf("\n%s:%d:%lld:%.2f:%.2f\n", packet, times, (long long)total, average, rate);
	else
		text = xasprintf("\nNetwork packet size (bytes): %s\n%d xact[s]:\n"
				 "Clock Time (ms.): total %9lld  avg %8.2f (%.2f xacts per sec.)\n",
		    packet, times, (long long)total, average, rate);
	s->host->print(s->host->ctx, SQLCMD_STREAM_TRACE, text);
	free(text);
}

static bool is_empty(const char *text)
{
	return !text[strspn(text, " \t\r\n\f")];
}

void sqlcmd_script_run(struct sqlcmd_script *s, int times, struct sqlcmd_result *ret_result)
{
	struct buf text = BUF_INIT;
	struct err err;

	*ret_result = (struct sqlcmd_result){ 0 };
	if (s->echo && s->batch.len)
		s->host->print(s->host->ctx, SQLCMD_STREAM_OUT, s->batch.data);
	if (s->batch.overflow) {
		err_set(&err, ERR_LIMIT, "The batch is larger than %zu bytes.", SQLCMD_SCRIPT_MAX);
		sqlcmd_script_complain(s, &err);
	} else if (is_empty(s->batch.data)) {
		/* Nothing to run is no error. */
	} else if (expand(s, s->batch.data, s->batch.len, true, &text)) {
		int64_t begin = s->clock_us();
		int done = 0;
		if (is_empty(text.data)) /* variables without a value were all of it */
			times = 0;
		while (done < times && !s->done) {
			err_clear(&err);
			int r = s->host->run(s->host->ctx, text.data, ret_result, &err);
			judge(s, r, ret_result, &err);
			done++;
			if (r == -ERR_CANCELLED)
				break;
		}
		if (s->statistics && done)
			print_statistics(s, done, s->clock_us() - begin);
		buf_clear(&s->last);
		buf_add(&s->last, s->batch.data, s->batch.len);
	} else if (s->batch.len) {
		ret_result->worst_severity = 11; /* for EXIT: an error came first */
	}
	buf_wipe(&text);
	sqlcmd_script_reset(s);
}

bool sqlcmd_script_line(struct sqlcmd_script *s, const char *line, size_t len)
{
	if (s->done)
		return false;
	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	s->line++;
	if (tsql_scan_is_clear(&s->scan) && sqlcmd_command(s, line, len))
		return !s->done;
	buf_add(&s->batch, line, len);
	buf_addc(&s->batch, '\n');
	tsql_scan_line(&s->scan, line, len);
	return !s->done;
}

bool sqlcmd_script_text(struct sqlcmd_script *s, const char *text, size_t len)
{
	for (size_t at = 0; at < len && !s->done;) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t line = end ? (size_t)(end - (text + at)) : len - at;
		sqlcmd_script_line(s, text + at, line);
		at += line + 1;
	}
	return !s->done;
}

int sqlcmd_script_file(struct sqlcmd_script *s, const char *path, struct err *err)
{
	struct buf text = BUF_INIT;
	int r;

	if (s->depth >= SQLCMD_DEPTH_MAX)
		return err_set(err, ERR_LIMIT, "'%s': files read one another more than %d deep.", path, SQLCMD_DEPTH_MAX);
	r = s->host->read(s->host->ctx, path, &text, err);
	if (r == 0) {
		s->depth++;
		sqlcmd_script_text(s, text.data, text.len);
		s->depth--;
	}
	buf_wipe(&text);
	return r;
}

bool sqlcmd_script_end(struct sqlcmd_script *s)
{
	struct sqlcmd_result result;

	if (!s->done)
		sqlcmd_script_run(s, 1, &result);
	return !s->done;
}
