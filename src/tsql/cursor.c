/* SPDX-License-Identifier: MIT */
/*
 * Cursors: see cursor.h. The query is part of the batch that declared it and
 * uses that batch's variables as they were then, so a cursor holds the batch
 * and a copy of the values; it may be opened from a later batch.
 */
#include "tsql/cursor.h"

#include <string.h>

#include "base/utf8.h"
#include "tsql/plan.h"
#include "tsql/rows.h"
#include "tsql/sqlerr.h"

struct cursor {
	int refs;
	struct batch *batch;
	struct tsql_value *variables; /* of the batch, at the declaration */
	struct query *query;
	bool scroll, open;
	struct rows rows;
	struct tsql_column *columns; /* names owned; while open */
	int64_t at;                  /* 1 = the first row; 0 = before it */
};

/* --- life --- */

static void cursor_close(struct cursor *c)
{
	for (size_t i = 0; c->columns && i < c->rows.width; i++)
		free((char *)c->columns[i].name);
	free(c->columns);
	c->columns = NULL;
	tsql_rows_release(&c->rows);
	c->open = false;
	c->at = 0;
}

static void cursor_unref(struct cursor *c)
{
	if (--c->refs > 0)
		return;
	cursor_close(c);
	exec_free_variables(c->batch, c->variables);
	session_batch_unhold(c->batch);
	free(c);
}

static struct cursor *cursor_new(struct exec *e, const struct stmt *s)
{
	struct cursor *c = xcalloc(1, sizeof(*c));

	c->batch = e->batch;
	session_batch_hold(c->batch);
	c->variables = xcalloc(c->batch->variable_count + 1, sizeof(*c->variables));
	for (size_t i = 0; i < c->batch->variable_count; i++)
		c->variables[i] = tsql_value_copy(&e->variables[i]);
	c->query = s->cursor.query;
	c->scroll = s->cursor.scroll;
	return c;
}

static void drop_ref(struct tsql_session *session, size_t index)
{
	struct cursor_ref ref = session->cursors.items[index];

	session->cursors.items[index] = session->cursors.items[--session->cursors.len];
	cursor_unref(ref.cursor);
	free(ref.name);
}

void cursor_end_frame(struct tsql_session *session, int frame)
{
	for (size_t i = session->cursors.len; i > 0; i--)
		if (session->cursors.items[i - 1].frame == frame)
			drop_ref(session, i - 1);
}

void cursor_free_all(struct tsql_session *session)
{
	while (session->cursors.len)
		drop_ref(session, session->cursors.len - 1);
	vec_release(&session->cursors);
}

/* --- finding --- */

static struct cursor_ref *find_in(struct tsql_session *session, const char *name, int frame)
{
	for (size_t i = 0; i < session->cursors.len; i++) {
		struct cursor_ref *ref = &session->cursors.items[i];
		if (ref->frame == frame && utf8_casecmp(ref->name, name) == 0)
			return ref;
	}
	return NULL;
}

/* The batch's own cursor goes before the session's. */
static struct cursor_ref *find_ref(struct exec *e, const char *name, bool global)
{
	struct cursor_ref *ref = global ? NULL : find_in(e->session, name, e->frame);

	return ref || name[0] == '@' ? ref : find_in(e->session, name, 0);
}

static int need_ref(struct exec *e, const char *name, bool global, struct cursor_ref **ret)
{
	*ret = find_ref(e, name, global);
	if (*ret)
		return 0;
	if (name[0] == '@')
		return sql_error(e->err, 16950, "The variable '%s' does not currently have a cursor allocated to it.", name);
	return sql_error(e->err, 16916, "A cursor with the name '%s' does not exist.", name);
}

int cursor_status(struct exec *e, const char *kind, const char *name)
{
	bool variable = utf8_casecmp(kind, "variable") == 0;
	const struct cursor_ref *ref = NULL;

	if (variable || utf8_casecmp(kind, "local") == 0)
		ref = find_in(e->session, name, e->frame);
	else if (utf8_casecmp(kind, "global") == 0)
		ref = find_in(e->session, name, 0);
	if (!ref)
		return variable && name[0] == '@' ? -2 : -3;
	if (!ref->cursor->open)
		return -1;
	return ref->cursor->rows.count > 0;
}

/* --- statements --- */

static void add_ref(struct exec *e, const char *name, int frame, struct cursor *c)
{
	struct cursor_ref ref = { .name = xstrdup(name), .frame = frame, .cursor = c };

	c->refs++;
	vec_push(&e->session->cursors, ref);
}

/* Make a name or variable mean this cursor. */
static void set_ref(struct exec *e, const char *name, struct cursor *c)
{
	struct cursor_ref *ref = find_ref(e, name, false);

	c->refs++; /* before the old one goes: SET @c = @c */
	if (ref) {
		struct cursor *old = ref->cursor;
		ref->cursor = c;
		cursor_unref(old);
	} else {
		add_ref(e, name, e->frame, c);
		c->refs--;
	}
}

static int declare(struct exec *e, const struct stmt *s)
{
	int frame = s->cursor.local ? e->frame : 0;
	struct select_plan *plan;
	int r;

	if (s->cursor.name[0] != '@' && find_in(e->session, s->cursor.name, frame))
		return sql_error(e->err, 16915, "A cursor with the name '%s' already exists.", s->cursor.name);
	r = plan_get(e, s->cursor.query, &plan, e->err); /* unknown objects and columns are this statement's error */
	if (r < 0)
		return r;
	if (s->cursor.name[0] == '@')
		set_ref(e, s->cursor.name, cursor_new(e, s));
	else
		add_ref(e, s->cursor.name, frame, cursor_new(e, s));
	return 0;
}

static int assign(struct exec *e, const struct stmt *s)
{
	struct cursor_ref *from;
	int r = need_ref(e, s->cursor.from, false, &from);

	if (r == 0)
		set_ref(e, s->cursor.name, from->cursor);
	return r;
}

static int keep_columns(struct exec *e, struct cursor *c)
{
	const struct tsql_column *columns;
	struct select_plan *plan;
	size_t count;
	int r = plan_get(e, c->query, &plan, e->err);

	if (r < 0)
		return r;
	columns = plan_columns(plan, &count);
	c->columns = xcalloc(count + 1, sizeof(*c->columns));
	for (size_t i = 0; i < count; i++) {
		c->columns[i].decl = columns[i].decl;
		c->columns[i].name = xstrdup(columns[i].name);
	}
	return 0;
}

static int open_cursor(struct exec *e, struct cursor *c)
{
	struct batch *batch = e->batch;
	struct tsql_value *variables = e->variables;
	int r;

	if (c->open)
		return sql_error(e->err, 16905, "The cursor is already open.");
	e->batch = c->batch;
	e->variables = c->variables;
	r = tsql_rows_read(e, c->query, &c->rows);
	if (r == 0)
		r = keep_columns(e, c);
	e->batch = batch;
	e->variables = variables;
	if (r < 0) {
		cursor_close(c);
		return r;
	}
	c->open = true;
	e->session->cursor_rows = (int64_t)c->rows.count;
	return 0;
}

static int64_t clamp(int64_t at, int64_t rows)
{
	return at < 0 ? 0 : at > rows ? rows + 1 : at;
}

/* Where a FETCH goes. */
static int64_t position(const struct cursor *c, enum cursor_place place, int64_t n)
{
	int64_t rows = (int64_t)c->rows.count;

	switch (place) {
	case CURSOR_PRIOR:
		return clamp(c->at - 1, rows);
	case CURSOR_FIRST:
		return 1;
	case CURSOR_LAST:
		return rows;
	case CURSOR_ABSOLUTE:
		return clamp(n < 0 ? rows + 1 + n : n, rows);
	case CURSOR_RELATIVE:
		return clamp(c->at + n, rows);
	default:
		return clamp(c->at + 1, rows);
	}
}

static int fetch_into(struct exec *e, const struct stmt *s, const struct tsql_value *row, size_t width)
{
	int r = 0;

	if (s->cursor.slot_count != width)
		return sql_error(e->err, 16924,
		    "Cursorfetch: The number of variables declared in the INTO list must match that of selected columns.");
	for (size_t i = 0; r == 0 && row && i < width; i++)
		r = exec_assign(e, s->cursor.slots[i], &row[i], e->err);
	return r;
}

static int fetch_shown(struct exec *e, const struct cursor *c, const struct tsql_value *row)
{
	int r = exec_columns(e, c->columns, c->rows.width);

	if (r == 0 && row)
		r = exec_row(e, row, c->rows.width);
	return r == 0 ? exec_done(e, row != NULL) : r;
}

static int fetch(struct exec *e, const struct stmt *s, struct cursor *c)
{
	static const char *const names[] = { "next", "prior", "first", "last", "absolute", "relative" };
	const struct tsql_value *row = NULL;
	int n = 0, r = 0;

	_Static_assert(ARRAY_LEN(names) == CURSOR_PLACE_COUNT, "every place has a name");
	e->session->fetch_status = -1;
	if (!c->open)
		return sql_error(e->err, 16917, "Cursor is not open.");
	if (s->cursor.place != CURSOR_NEXT && !c->scroll)
		return sql_error(e->err, 16911, "fetch: The fetch type %s cannot be used with forward only cursors.",
		    names[s->cursor.place]);
	if (s->cursor.offset)
		r = exec_int(e, s->cursor.offset, &n);
	if (r < 0)
		return r;
	c->at = position(c, s->cursor.place, n);
	if (c->at >= 1 && c->at <= (int64_t)c->rows.count)
		row = &c->rows.cells.items[(size_t)(c->at - 1) * c->rows.width];
	r = s->cursor.slot_count ? fetch_into(e, s, row, c->rows.width) : fetch_shown(e, c, row);
	if (r == 0) {
		e->session->fetch_status = row ? 0 : -1;
		e->session->rowcount = row != NULL;
	}
	return r;
}

int exec_cursor(struct exec *e, struct stmt *s)
{
	struct cursor_ref *ref;
	int r;

	if (s->cursor.op == CURSOR_DECLARE)
		return declare(e, s);
	if (s->cursor.op == CURSOR_SET)
		return assign(e, s);
	r = need_ref(e, s->cursor.name, s->cursor.global, &ref);
	if (r < 0) {
		e->session->fetch_status = s->cursor.op == CURSOR_FETCH ? -1 : e->session->fetch_status;
		return r;
	}
	switch (s->cursor.op) {
	case CURSOR_OPEN:
		return open_cursor(e, ref->cursor);
	case CURSOR_FETCH:
		return fetch(e, s, ref->cursor);
	case CURSOR_CLOSE:
		if (!ref->cursor->open)
			return sql_error(e->err, 16917, "Cursor is not open.");
		cursor_close(ref->cursor);
		return 0;
	default:
		drop_ref(e->session, (size_t)(ref - e->session->cursors.items));
		return 0;
	}
}
