/* SPDX-License-Identifier: MIT */
/* FROM: registered views, table functions, CTEs, derived tables and joins. */
#include "tsql/select_impl.h"
#include "tsql/table.h"

static const char *keep(struct translator *t, const char *text)
{
	return arena_strndup(&t->arena, text, strlen(text));
}

struct instance *tr_new_instance(struct translator *t, struct scope *s, const char *alias)
{
	struct instance *i = arena_alloc(&t->arena, sizeof(*i));

	i->alias = alias;
	i->number = ++t->next_number;
	vec_push(&t->instances, i);
	vec_push(&s->sources, i);
	return i;
}

static void add_view_columns(struct instance *i, const struct tsql_view *v)
{
	i->view = v;
	for (size_t c = 0; c < v->column_count; c++) {
		struct offered o = { .name = v->columns[c].name, .sql_name = v->columns[c].name,
			.decl = decl_complete(v->columns[c].decl, false) };
		if (v->columns[c].alias_of) {
			o.sql_name = v->columns[c].alias_of;
			o.hidden = true;
		}
		vec_push(&i->columns, o);
	}
}

static void view_sql_name(const struct tsql_view *v, struct buf *out)
{
	struct buf name = BUF_INIT;

	buf_addf(&name, "%s.%s.%s", v->database ? v->database : "", v->schema, v->name);
	store_quote_name(name.data, out);
	buf_release(&name);
}

static void view_column_list(const struct tsql_view *v, struct buf *out)
{
	bool first = true;

	buf_addc(out, '(');
	for (size_t c = 0; c < v->column_count; c++) {
		if (v->columns[c].alias_of)
			continue;
		if (!first)
			buf_adds(out, ", ");
		store_quote_name(v->columns[c].name, out);
		first = false;
	}
	buf_addc(out, ')');
}

void tr_begin_with(struct translator *t)
{
	buf_adds(&t->with, t->with.len ? ", " : "WITH ");
}

static void need_view(struct translator *t, const struct tsql_view *v)
{
	for (size_t i = 0; i < t->views.len; i++)
		if (t->views.items[i] == v)
			return;
	vec_push(&t->views, v);
	tr_begin_with(t);
	view_sql_name(v, &t->with);
	view_column_list(v, &t->with);
	t->plan->has_narrow = t->plan->has_narrow || v->narrow_sql;
	buf_addf(&t->with, " AS NOT MATERIALIZED (%s)", v->narrow_sql && t->plan->narrow ? v->narrow_sql : v->sql);
}

/* A view's text with ?1, ?2 ... replaced by what its arguments were bound as. */
void tr_substitute(const char *sql, char *const *texts, size_t count, struct buf *out)
{
	char quoted = '\0';

	for (; *sql; sql++) {
		if (quoted) {
			quoted = *sql == quoted ? '\0' : quoted;
		} else if (*sql == '\'' || *sql == '"') {
			quoted = *sql;
		} else if (*sql == '?' && sql[1] >= '1' && sql[1] <= '9') {
			char *end;
			unsigned long n = strtoul(sql + 1, &end, 10);
			if (n <= count) {
				buf_addf(out, "(%s)", texts[n - 1]);
				sql = end - 1;
				continue;
			}
		}
		buf_addc(out, *sql);
	}
}

static int tr_function_source(struct translator *t, struct scope *s, const struct source *from,
    const struct tsql_view *v, struct buf *out)
{
	char *texts[16] = { NULL };
	struct buf name = BUF_INIT;
	struct instance *i;
	struct scope none = { 0 };
	int r = 0;

	if (!v->params || from->args.count != v->param_count || v->param_count > ARRAY_LEN(texts))
		return tr_at_line(t, from->line, sql_error(t->err, from->args.count > v->param_count ? 8144 : 313,
		    from->args.count > v->param_count ? "Procedure or function %s has too many arguments specified." :
		    "An insufficient number of arguments were supplied for the procedure or function %s.", v->name));
	/* What depends on a row is an argument of the APPLY around it by now, so no column is left in the text. */
	for (size_t a = 0; r == 0 && a < from->args.count; a++) {
		struct tsql_decl decl = decl_complete(v->params[a], false);
		struct buf text = BUF_INIT;
		r = tr_value_as(t, &none, from->args.items[a], &decl, &text);
		texts[a] = buf_detach(&text);
	}
	if (r < 0)
		goto out;
	/* Its own WITH term, because the arguments differ from use to use. */
	i = tr_new_instance(t, s, from->alias ? from->alias : from->name.object);
	add_view_columns(i, v);
	buf_addf(&name, "f%d", i->number);
	tr_begin_with(t);
	buf_add(&t->with, name.data, name.len);
	view_column_list(v, &t->with);
	buf_adds(&t->with, " AS NOT MATERIALIZED (");
	tr_substitute(v->sql, texts, v->param_count, &t->with);
	buf_addc(&t->with, ')');
	buf_addf(out, "%s AS s%d", name.data, i->number);
out:
	for (size_t a = 0; a < from->args.count && a < ARRAY_LEN(texts); a++)
		free(texts[a]);
	buf_release(&name);
	return r;
}

static struct known_cte *find_cte(struct translator *t, const struct ast_name *name)
{
	if (name->schema || name->database)
		return NULL;
	for (size_t i = t->ctes.len; i > 0; i--)
		if (utf8_casecmp(t->ctes.items[i - 1]->name, name->object) == 0)
			return t->ctes.items[i - 1];
	return NULL;
}

static int tr_table_source(struct translator *t, struct scope *s, const struct source *from, const struct table *table,
    struct buf *out)
{
	struct instance *i = tr_new_instance(t, s, from->alias ? from->alias : from->name.object);
	struct offered rowid = { .name = "$rowid", .sql_name = "rowid", .decl = { .type = TSQL_BIGINT }, .hidden = true };

	t->plan->uses_tables = true;
	for (size_t c = 0; c < table->column_count; c++) {
		/* the registry may change while the plan is made; the names may not */
		struct offered o = { .name = keep(t, table->columns[c].name), .decl = table->columns[c].decl };
		o.sql_name = o.name;
		vec_push(&i->columns, o);
	}
	vec_push(&i->columns, rowid);
	buf_addf(out, "%s AS s%d", table->sql_name, i->number);
	return 0;
}

static int tr_named_source(struct translator *t, struct scope *s, const struct source *from, struct buf *out)
{
	struct known_cte *cte = find_cte(t, &from->name);
	const struct tsql_view *v;
	struct instance *i;

	if (cte && from->kind == SOURCE_NAME) {
		i = tr_new_instance(t, s, from->alias ? from->alias : cte->name);
		for (size_t c = 0; c < cte->columns.len; c++)
			vec_push(&i->columns, cte->columns.items[c]);
		i->recursive = cte->recursing;
		cte->uses += cte->recursing;
		buf_addf(out, "%s AS s%d", cte->sql_name, i->number);
		return 0;
	}
	if (from->kind == SOURCE_VARIABLE || (from->kind == SOURCE_NAME && from->name.object[0] == '#')) {
		const struct table *table = table_find(t->exec, from->name.object);
		if (table)
			return tr_table_source(t, s, from, table, out);
	}
	v = exec_find_view(t->exec, &from->name);
	if (!v || (from->kind == SOURCE_NAME && v->params))
		return tr_at_line(t, from->line, exec_not_found(&from->name, t->err));
	if (from->kind == SOURCE_FUNCTION)
		return tr_function_source(t, s, from, v, out);
	need_view(t, v);
	i = tr_new_instance(t, s, from->alias ? from->alias : from->name.object);
	i->schema = from->alias ? NULL : v->schema;
	add_view_columns(i, v);
	view_sql_name(v, out);
	buf_addf(out, " AS s%d", i->number);
	return 0;
}

int tr_offer_result(struct translator *t, const struct result *columns, const char **names, size_t name_count,
    const char *what, struct instance *i)
{
	if (names && name_count != columns->columns.len)
		return sql_error(t->err, name_count < columns->columns.len ? 8158 : 8159,
		    name_count < columns->columns.len ? "'%s' has more columns than were specified in the column list." :
		    "'%s' has fewer columns than were specified in the column list.", what);
	for (size_t c = 0; c < columns->columns.len; c++) {
		const char *name = names ? names[c] : columns->columns.items[c].name;
		struct offered o = { .name = name, .decl = columns->columns.items[c].decl };
		char sql_name[32];
		if (!name || !name[0])
			return sql_error(t->err, 8155, "No column name was specified for column %zu of '%s'.", c + 1, what);
		snprintf(sql_name, sizeof(sql_name), "c%zu", c + 1);
		o.sql_name = keep(t, sql_name);
		vec_push(&i->columns, o);
	}
	return 0;
}

static int tr_derived_source(struct translator *t, struct scope *s, const struct source *from, struct buf *out)
{
	struct result columns = { 0 };
	struct instance *i;
	int r;

	buf_addc(out, '(');
	/* A derived table sees the outer query, but not its neighbours in FROM. */
	r = tr_query(t, s->outer, from->query, NULL, true, out, &columns);
	if (r == 0) {
		i = tr_new_instance(t, s, from->alias);
		buf_addf(out, ") AS s%d", i->number);
		r = tr_at_line(t, from->line, tr_offer_result(t, &columns, from->columns, from->column_count, from->alias, i));
	}
	vec_release(&columns.columns);
	return r;
}

/* OPENROWSET(BULK ...): one row with what the file holds when the query runs. */
static void tr_file_source(struct translator *t, struct scope *s, const struct source *from, struct buf *out)
{
	struct plan_bind bind = { .kind = BIND_FILE, .expr = from->args.items[0],
		.decl = { .type = from->text ? TSQL_VARCHAR : TSQL_VARBINARY, .length = TSQL_MAX } };
	struct offered column = { .name = from->columns ? from->columns[0] : "BulkColumn", .sql_name = "c1", .decl = bind.decl };
	struct instance *i;

	buf_adds(out, "(SELECT ");
	tr_bind(t, bind, out);
	i = tr_new_instance(t, s, from->alias);
	vec_push(&i->columns, column);
	buf_addf(out, " AS c1) AS s%d", i->number);
}

static bool args_vary(const struct source *from)
{
	bool vary = false;

	for (size_t i = 0; i < from->args.count; i++)
		vary = vary || tree_depends_on_row(from->args.items[i]);
	return vary;
}

/* SELECT * FROM function(...), so that a registered function can be the right side of an APPLY. */
static const struct query *query_of(struct translator *t, const struct source *from)
{
	struct query *q = arena_alloc(&t->arena, sizeof(*q));
	struct select *sel = arena_alloc(&t->arena, sizeof(*sel));
	struct source *inner = arena_alloc(&t->arena, sizeof(*inner));

	*inner = *from;
	inner->bound = true;
	q->terms = arena_alloc(&t->arena, sizeof(*q->terms));
	q->terms[0].select = sel;
	q->term_count = 1;
	q->line = sel->line = from->line;
	sel->items = arena_alloc(&t->arena, sizeof(*sel->items));
	sel->items[0].star = true;
	sel->items[0].line = from->line;
	sel->item_count = 1;
	sel->from = inner;
	return q;
}

/* The right side of an APPLY, or a function whose arguments vary; seen is what it sees. */
static int tr_applied(struct translator *t, struct scope *s, struct scope *seen, const struct source *from, struct buf *out)
{
	if (from->function)
		return tr_table_function(t, s, seen, from, out);
	if (from->kind == SOURCE_QUERY)
		return tr_lateral(t, s, seen, from->query, from, out);
	if (from->kind == SOURCE_FUNCTION && args_vary(from))
		return tr_lateral(t, s, seen, query_of(t, from), from, out);
	return tr_source(t, s, from, out);
}

int tr_source(struct translator *t, struct scope *s, const struct source *from, struct buf *out)
{
	static const char *const joins[] = { [JOIN_INNER] = " JOIN ", [JOIN_LEFT] = " LEFT JOIN ",
		[JOIN_RIGHT] = " RIGHT JOIN ", [JOIN_FULL] = " FULL JOIN ", [JOIN_CROSS] = " JOIN ",
		[JOIN_CROSS_APPLY] = " JOIN ", [JOIN_OUTER_APPLY] = " LEFT JOIN " };
	int r;

	if (from->kind == SOURCE_QUERY)
		return tr_derived_source(t, s, from, out);
	if (from->kind == SOURCE_PIVOT) {
		struct source turned;
		r = tr_pivot(t, s, from, &turned);
		return r < 0 ? r : tr_derived_source(t, s, &turned, out);
	}
	if (from->kind == SOURCE_FUNCTION && !from->bound && args_vary(from)) {
		struct scope outer = { .outer = s->outer }; /* not the neighbours in FROM */
		return tr_applied(t, s, &outer, from, out);
	}
	if (from->function)
		return tr_table_function(t, s, s, from, out);
	if (from->kind == SOURCE_FILE)
		return tr_file_source(t, s, from, out), 0;
	if (from->kind != SOURCE_JOIN)
		return tr_named_source(t, s, from, out);
	r = tr_source(t, s, from->left, out);
	if (r < 0)
		return r;
	buf_adds(out, joins[from->join]);
	if (from->right->kind == SOURCE_JOIN)
		buf_addc(out, '(');
	r = join_is_apply(from->join) ? tr_applied(t, s, s, from->right, out) : tr_source(t, s, from->right, out);
	if (from->right->kind == SOURCE_JOIN)
		buf_addc(out, ')');
	if (from->join == JOIN_OUTER_APPLY)
		buf_adds(out, " ON 1");
	if (r == 0 && from->on) {
		buf_adds(out, " ON ");
		r = tr_condition(t, s, from->on, out);
	}
	return r;
}
