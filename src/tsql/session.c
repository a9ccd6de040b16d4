/* SPDX-License-Identifier: MIT */
/*
 * Sessions: the local client. Two small caches in most-recently-used order make
 * repeated batches cheap: parsed batches by text and parameters, prepared
 * statements by SQL text.
 */
#include "tsql/session.h"

#include <sqlite3.h>
#include <string.h>

#include "base/utf8.h"
#include "tsql/cursor.h"
#include "tsql/exec.h"
#include "tsql/parser.h"
#include "tsql/plan.h"
#include "tsql/sqlerr.h"
#include "tsql/sqlite_ext.h"
#include "tsql/table.h"

/* Steps of SQLite's machine between two looks at the flag: some milliseconds. */
#define PROGRESS_STEPS 100000

struct cached_statement {
	struct cached_statement *next;
	uint64_t hash;
	char *sql;
	struct sqlite3_stmt *stmt;
	bool in_use;
};

struct cached_batch {
	struct cached_batch *next;
	uint64_t hash;
	char *key; /* parameters' declarations and text */
	size_t key_len;
	struct batch *batch;
	bool in_use;
};

/* Eight bytes at a time: the text of a query is hashed whenever it runs. */
static uint64_t hash_text(const char *text, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ len, word;

	for (; len >= sizeof(word); text += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	for (; len > 0; text++, len--)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return h;
}

/* --- prepared statements --- */

static void drop_oldest_statement(struct tsql_session *s)
{
	struct cached_statement **link = &s->statements, **last = NULL, *c;

	for (; *link; link = &(*link)->next)
		if (!(*link)->in_use)
			last = link;
	if (!last)
		return;
	c = *last;
	*last = c->next;
	sqlite3_finalize(c->stmt);
	free(c->sql);
	free(c);
	s->statement_count--;
}

int session_prepare(struct tsql_session *s, const char *sql, struct sqlite3_stmt **ret, struct err *err)
{
	uint64_t hash = hash_text(sql, strlen(sql));
	struct cached_statement *c;
	sqlite3_stmt *stmt = NULL;

	for (struct cached_statement **link = &s->statements; *link; link = &(*link)->next) {
		c = *link;
		if (c->hash != hash || c->in_use || strcmp(c->sql, sql) != 0)
			continue;
		*link = c->next;
		c->next = s->statements;
		s->statements = c;
		c->in_use = true;
		*ret = c->stmt;
		return 0;
	}
	int code = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
	if (code != SQLITE_OK)
		return plan_sqlite_error(s, code, err);
	if (s->statement_count >= SESSION_STATEMENTS)
		drop_oldest_statement(s);
	c = xcalloc(1, sizeof(*c));
	c->hash = hash;
	c->sql = xstrdup(sql);
	c->stmt = stmt;
	c->in_use = true;
	c->next = s->statements;
	s->statements = c;
	s->statement_count++;
	*ret = stmt;
	return 0;
}

void session_done(struct tsql_session *s, struct sqlite3_stmt *stmt)
{
	for (struct cached_statement *c = s->statements; c; c = c->next) {
		if (c->stmt != stmt)
			continue;
		sqlite3_reset(stmt);
		sqlite3_clear_bindings(stmt);
		c->in_use = false;
		return;
	}
}

/* --- parsed batches --- */

static void batch_key(const char *text, size_t len, const struct tsql_param *params, size_t count, struct buf *key)
{
	for (size_t i = 0; i < count; i++) {
		buf_addf(key, "%s ", params[i].name);
		tsql_decl_format(&params[i].decl, key);
		buf_addc(key, ',');
	}
	buf_addc(key, '\0');
	buf_add(key, text, len);
}

/* Free a batch that nobody runs, or leave that to the cursors that hold it. */
static void release_batch(struct batch *batch)
{
	if (batch->holds > 0)
		batch->orphan = true;
	else
		batch_free(batch);
}

void session_batch_hold(struct batch *batch)
{
	batch->holds++;
}

void session_batch_unhold(struct batch *batch)
{
	if (--batch->holds == 0 && batch->orphan)
		batch_free(batch);
}

static void drop_oldest_batch(struct tsql_session *s)
{
	struct cached_batch **link = &s->batches, **last = NULL, *c;

	for (; *link; link = &(*link)->next)
		if (!(*link)->in_use)
			last = link;
	if (!last)
		return;
	c = *last;
	*last = c->next;
	release_batch(c->batch);
	free(c->key);
	free(c);
	s->batch_count--;
}

static struct batch *find_batch(struct tsql_session *s, uint64_t hash, const struct buf *key)
{
	for (struct cached_batch **link = &s->batches; *link; link = &(*link)->next) {
		struct cached_batch *c = *link;
		if (c->hash != hash || c->in_use || c->key_len != key->len || memcmp(c->key, key->data, key->len) != 0)
			continue;
		*link = c->next;
		c->next = s->batches;
		s->batches = c;
		c->in_use = true;
		return c->batch;
	}
	return NULL;
}

int session_batch(struct tsql_session *s, const char *text, const struct tsql_param *params, size_t param_count,
    struct batch **ret, struct err *err)
{
	size_t len = strlen(text);
	struct buf key = BUF_INIT;
	struct cached_batch *c;
	struct batch *batch;
	uint64_t hash;
	int r;

	if (len > SESSION_BATCH_TEXT_MAX)
		return parser_run(text, len, params, param_count, s->catalog->functions, ret, err);
	batch_key(text, len, params, param_count, &key);
	hash = hash_text(key.data, key.len);
	*ret = find_batch(s, hash, &key);
	if (*ret) {
		buf_release(&key);
		return 0;
	}
	r = parser_run(text, len, params, param_count, s->catalog->functions, &batch, err);
	if (r < 0) {
		buf_release(&key);
		return r;
	}
	if (s->batch_count >= SESSION_BATCHES)
		drop_oldest_batch(s);
	c = xcalloc(1, sizeof(*c));
	c->hash = hash;
	c->key_len = key.len;
	c->key = buf_detach(&key);
	c->batch = batch;
	c->in_use = true;
	c->next = s->batches;
	s->batches = c;
	s->batch_count++;
	*ret = batch;
	return 0;
}

void session_batch_done(struct tsql_session *s, struct batch *batch)
{
	for (struct cached_batch *c = s->batches; c; c = c->next) {
		if (c->batch == batch) {
			c->in_use = false;
			return;
		}
	}
	release_batch(batch);
}

/* --- running --- */

static int set_params(struct exec *e, const struct tsql_param *params, size_t count, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = exec_assign(e, i, &params[i].value, err);
	return r;
}

static void get_params(struct exec *e, struct tsql_param *params, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!params[i].out)
			continue;
		tsql_value_release(&params[i].value);
		params[i].value = tsql_value_copy(&e->variables[i]);
	}
}

static int run_parsed(struct tsql_session *s, struct batch *batch, struct tsql_param *params, size_t count,
    const struct tsql_sink *sink, struct err *err)
{
	struct exec e = { .session = s, .batch = batch, .sink = sink };
	int r;

	e.frame = ++s->frames;
	e.variables = exec_new_variables(batch);
	r = set_params(&e, params, count, err);
	if (r == 0)
		r = exec_batch(&e, err);
	r = exec_end(&e, r, err);
	get_params(&e, params, count);
	table_end_frame(&e, e.frame);
	cursor_end_frame(s, e.frame);
	exec_free_variables(batch, e.variables);
	return r;
}

/* A batch that does not parse: one message, nothing has run. */
static void report_parse_error(struct tsql_session *s, const struct tsql_sink *sink, const struct err *err)
{
	struct exec e = { .session = s, .sink = sink };

	exec_message(&e, err, err->sql_line, NULL);
}

static int session_run(struct tsql_client *client, const char *text, struct tsql_param *params, size_t param_count,
    const struct tsql_sink *sink, struct err *err)
{
	struct tsql_session *s = (struct tsql_session *)client;
	struct batch *batch;
	struct err scratch;
	int r;

	if (!err)
		err = &scratch;
	err_clear(err);
	r = session_batch(s, text, params, param_count, &batch, err);
	if (r < 0) {
		report_parse_error(s, sink, err);
	} else {
		r = run_parsed(s, batch, params, param_count, sink, err);
		session_batch_done(s, batch);
	}
	atomic_store(&s->cancel, false);
	return r;
}

static void session_cancel(struct tsql_client *client)
{
	struct tsql_session *s = (struct tsql_session *)client;

	atomic_store(&s->cancel, true);
	sqlite3_interrupt(s->db);
}

static void session_rearm(struct tsql_client *client)
{
	atomic_store(&((struct tsql_session *)client)->cancel, false);
}

/* sqlite3_interrupt does nothing in the instant before a statement begins, so a long one looks again. */
static int on_progress(void *ctx)
{
	struct tsql_session *s = ctx;

	return atomic_load(&s->cancel);
}

static void session_close(struct tsql_client *client)
{
	struct tsql_session *s = (struct tsql_session *)client;
	void (*close_app)(void *) = s->close_app;
	void *app = s->app;

	cursor_free_all(s);
	while (s->batches) {
		struct cached_batch *next = s->batches->next;
		batch_free(s->batches->batch);
		free(s->batches->key);
		free(s->batches);
		s->batches = next;
	}
	while (s->statements) {
		struct cached_statement *next = s->statements->next;
		sqlite3_finalize(s->statements->stmt);
		free(s->statements->sql);
		free(s->statements);
		s->statements = next;
	}
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	table_free_all(s);
	vec_release(&s->databases);
	free(s->tran_name);
	free(s->login);
	free(s);
	if (close_app)
		close_app(app);
}

static const struct tsql_client_ops session_ops = { session_run, session_cancel, session_rearm, session_close };

/* --- opening --- */

const char *session_find_database(struct tsql_session *s, const char *name)
{
	for (size_t i = 0; i < s->databases.len; i++)
		if (utf8_casecmp(s->databases.items[i], name) == 0)
			return s->databases.items[i];
	return NULL;
}

static void add_database(struct tsql_session *s, const char *name)
{
	if (name && !session_find_database(s, name))
		vec_push(&s->databases, name);
}

int tsql_session_open(struct sqlite3 *db, const struct tsql_catalog *catalog, const char *database, const char *login,
    void *app, void (*close_app)(void *app), struct tsql_client **ret, struct err *err)
{
	struct tsql_session *s = xcalloc(1, sizeof(*s));

	s->client.ops = &session_ops;
	s->fetch_status = -1;
	s->db = db;
	s->catalog = catalog;
	s->login = xstrdup(login);
	s->app = app;
	s->close_app = close_app;
	add_database(s, "master");
	for (size_t i = 0; catalog->procs && catalog->procs[i]; i++)
		add_database(s, catalog->procs[i]->database);
	for (size_t i = 0; catalog->views && catalog->views[i]; i++)
		add_database(s, catalog->views[i]->database);
	s->database = session_find_database(s, database ? database : "master");
	if (!s->database) {
		err_set(err, ERR_NOT_FOUND, "there is no database named %s", database);
	} else if (tsql_register_sqlite(db) < 0) {
		err_set(err, ERR_INTERNAL, "cannot register the T-SQL functions: %s", sqlite3_errmsg(db));
	} else {
		sqlite3_progress_handler(db, PROGRESS_STEPS, on_progress, s);
		*ret = &s->client;
		return 0;
	}
	vec_release(&s->databases);
	free(s->login);
	free(s);
	return err ? -(int)err->code : -ERR_NOT_FOUND;
}

void *tsql_session_app(struct tsql_session *session)
{
	return session->app;
}

struct sqlite3 *tsql_session_db(struct tsql_session *session)
{
	return session->db;
}
