/* SPDX-License-Identifier: MIT */
/*
 * Completion. Names of objects and parameters come from the sys views once;
 * columns from an empty SELECT of the view when they are asked for.
 */
#include "cli/sql_complete.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "tsql/value.h"

/* Most names that are kept; more would not help at a prompt. */
#define NAMES_MAX 10000

struct object {
	char *schema, *name;
};

struct sql_complete {
	struct tsql_client *client;
	VEC(struct object) objects;
	struct sql_matches parameters; /* of procedures, with the @ */
};

/* What people type; the grammar itself is the server's. */
static const char *const keywords[] = {
	"ALTER", "AND", "AS", "ASC", "BEGIN", "BETWEEN", "BREAK", "BY", "CASE", "CAST", "CATCH", "COMMIT",
	"CONTINUE", "CONVERT", "CREATE", "CROSS", "DECLARE", "DELETE", "DESC", "DISTINCT", "DROP", "ELSE",
	"END", "EXEC", "EXECUTE", "EXISTS", "FROM", "GROUP", "HAVING", "IF", "IN", "INNER", "INSERT", "INTO",
	"IS", "JOIN", "LEFT", "LIKE", "LOGIN", "NOCOUNT", "NOT", "NULL", "ON", "OR", "ORDER", "OUTER",
	"OUTPUT", "PRINT", "RAISERROR", "RETURN", "REVERT", "RIGHT", "ROLE", "ROLLBACK", "SELECT", "SET",
	"TABLE", "THEN", "THROW", "TOP", "TRAN", "TRANSACTION", "TRUNCATE", "TRY", "UNION", "UPDATE", "USE",
	"USER", "VALUES", "VIEW", "WAITFOR", "WHEN", "WHERE", "WHILE", "WITH", "bigint", "bit",
	"datetimeoffset", "decimal", "float", "int", "nvarchar", "sql_variant", "sysname", "uniqueidentifier",
	"varbinary", "varchar",
};

static void load_objects(struct sql_complete *c)
{
	struct tsql_rowset rows;

	if (tsql_client_query(c->client,
	        "SELECT s.name AS schema_name, o.name FROM sys.objects AS o JOIN sys.schemas AS s ON"
	        " s.schema_id = o.schema_id", NULL, 0, NAMES_MAX, &rows, NULL) < 0)
		return;
	for (size_t i = 0; i < rows.row_count; i++) {
		const struct tsql_value *schema = tsql_rowset_get(&rows, i, "schema_name");
		const struct tsql_value *name = tsql_rowset_get(&rows, i, "name");
		if (schema && name && !schema->null && !name->null)
			vec_push(&c->objects, ((struct object){ xstrdup(schema->s.data), xstrdup(name->s.data) }));
	}
	tsql_rowset_release(&rows);
}

static void load_parameters(struct sql_complete *c)
{
	struct tsql_rowset rows;

	if (tsql_client_query(c->client, "SELECT DISTINCT name FROM sys.parameters", NULL, 0, NAMES_MAX, &rows, NULL) < 0)
		return;
	for (size_t i = 0; i < rows.row_count; i++) {
		if (!rows.cells[i].null)
			vec_push(&c->parameters, xstrdup(rows.cells[i].s.data));
	}
	tsql_rowset_release(&rows);
}

struct sql_complete *sql_complete_new(struct tsql_client *client)
{
	struct sql_complete *c = xcalloc(1, sizeof(*c));

	c->client = client;
	if (client) {
		load_objects(c);
		load_parameters(c);
	}
	return c;
}

void sql_complete_free(struct sql_complete *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->objects.len; i++) {
		free(c->objects.items[i].schema);
		free(c->objects.items[i].name);
	}
	vec_release(&c->objects);
	sql_matches_release(&c->parameters);
	free(c);
}

static bool has_prefix(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strlen(text) >= len && !utf8_ncasecmp(text, len, prefix, len);
}

static void add_keywords(const char *word, struct sql_matches *ret)
{
	bool lower = islower((unsigned char)word[0]);

	for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
		if (!has_prefix(keywords[i], word))
			continue;
		char *match = xstrdup(keywords[i]);
		for (char *ch = match; lower && *ch; ch++)
			*ch = (char)tolower((unsigned char)*ch);
		vec_push(ret, match);
	}
}

/* The ways to write an object's name; caller frees each. */
static size_t spellings(const struct object *o, char *ret[4])
{
	ret[0] = xasprintf("%s.%s", o->schema, o->name);
	ret[1] = xasprintf("[%s].[%s]", o->schema, o->name);
	ret[2] = xasprintf("SSISDB.%s.%s", o->schema, o->name);
	ret[3] = xasprintf("[SSISDB].[%s].[%s]", o->schema, o->name);
	return 4;
}

static void add_objects(const struct sql_complete *c, const char *word, struct sql_matches *ret)
{
	char *names[4];

	for (size_t i = 0; i < c->objects.len; i++) {
		size_t count = spellings(&c->objects.items[i], names);
		for (size_t n = 0; n < count; n++) {
			if (has_prefix(names[n], word))
				vec_push(ret, names[n]);
			else
				free(names[n]);
		}
	}
}

/* Columns come of running "SELECT TOP (0) *": only the sink's first call is of interest. */
struct columns {
	const char *view, *prefix;
	struct sql_matches *matches;
};

static int on_columns(void *ctx, const struct tsql_column *columns, size_t count)
{
	struct columns *want = ctx;

	for (size_t i = 0; i < count; i++) {
		if (has_prefix(columns[i].name, want->prefix))
			vec_push(want->matches, xasprintf("%s.%s", want->view, columns[i].name));
	}
	return 0;
}

/* The object that text names in one of its spellings or by its own name alone, or NULL. */
static const struct object *find_object(const struct sql_complete *c, const char *text)
{
	const struct object *found = NULL;
	char *names[4];

	for (size_t i = 0; i < c->objects.len && !found; i++) {
		const struct object *o = &c->objects.items[i];
		size_t count = spellings(o, names);
		bool same = !utf8_casecmp(o->name, text);
		for (size_t n = 0; n < count; n++) {
			same = same || !utf8_casecmp(names[n], text);
			free(names[n]);
		}
		if (same)
			found = o;
	}
	return found;
}

static void add_columns(struct sql_complete *c, const char *word, struct sql_matches *ret)
{
	const char *dot = strrchr(word, '.');
	char *view = dot ? xstrndup(word, (size_t)(dot - word)) : NULL;
	const struct object *object = view ? find_object(c, view) : NULL;

	if (object) {
		struct columns want = { view, dot + 1, ret };
		struct tsql_sink sink = { .ctx = &want, .columns = on_columns };
		struct buf sql = BUF_INIT;
		buf_adds(&sql, "SELECT TOP (0) * FROM ");
		tsql_quote_name(object->schema, &sql);
		buf_addc(&sql, '.');
		tsql_quote_name(object->name, &sql);
		tsql_client_run(c->client, sql.data, NULL, 0, &sink, NULL);
		buf_release(&sql);
	}
	free(view);
}

static void add_parameters(const struct sql_complete *c, const char *word, struct sql_matches *ret)
{
	for (size_t i = 0; i < c->parameters.len; i++) {
		if (has_prefix(c->parameters.items[i], word))
			vec_push(ret, xstrdup(c->parameters.items[i]));
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_matches(struct sql_matches *m)
{
	size_t kept = 0;

	if (m->len)
		qsort(m->items, m->len, sizeof(*m->items), by_name);
	for (size_t i = 0; i < m->len; i++) {
		if (kept && !strcmp(m->items[kept - 1], m->items[i]))
			free(m->items[i]);
		else
			m->items[kept++] = m->items[i];
	}
	m->len = kept;
}

void sql_complete_word(struct sql_complete *c, const char *word, struct sql_matches *ret)
{
	*ret = (struct sql_matches){ 0 };
	if (!*word)
		return;
	add_keywords(word, ret);
	add_objects(c, word, ret);
	add_columns(c, word, ret);
	add_parameters(c, word, ret);
	sort_matches(ret);
}

void sql_matches_release(struct sql_matches *m)
{
	for (size_t i = 0; i < m->len; i++)
		free(m->items[i]);
	vec_release(m);
}

size_t sql_matches_common(const struct sql_matches *m)
{
	size_t common = m->len ? strlen(m->items[0]) : 0;

	for (size_t i = 1; i < m->len; i++) {
		size_t same = 0;
		while (same < common && m->items[i][same] &&
		    tolower((unsigned char)m->items[i][same]) == tolower((unsigned char)m->items[0][same]))
			same++;
		common = same;
	}
	return common;
}

size_t sql_complete_begin(const char *line, size_t len)
{
	while (len && !strchr(" \t()=,;+-*/<>'\"", line[len - 1]))
		len--;
	return len;
}
