/* SPDX-License-Identifier: MIT */
/*
 * What the catalog registers against contract.tsv, a table written from the
 * specification: nothing is missing, different or extra without the table
 * saying so.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "catalog/registry.h"
#include "tests/catalog/client_fixture.h"

enum { F_KIND, F_NAME, F_STATE = 2, F_POSITION = 2, F_ITEM, F_TYPE, F_DEFAULT, F_DIRECTION, F_ALIASES, FIELDS };
struct row {
	const char *field[FIELDS]; /* "" when absent */
	int line;
};
static VEC(struct row) table;
static struct buf table_text;
static struct buf differences;

static void read_line(char *text, int line)
{
	struct row row = { .line = line };

	for (size_t i = 0; i < FIELDS; i++) {
		size_t len = strcspn(text, "\t");

		row.field[i] = text;
		text += len;
		if (*text)
			*text++ = '\0';
	}
	ck_assert_msg(!*text, "contract.tsv:%d has too many fields", line);
	vec_push(&table, row);
}

static void setup(void)
{
	char *path = test_source_path("tests/catalog/contract.tsv");
	struct err err;
	int line = 0;

	fixture_ok(file_read(path, 1 << 20, &table_text, &err), &err);
	for (char *at = table_text.data, *next; *at; at = next) {
		next = at + strcspn(at, "\n");
		if (*next)
			*next++ = '\0';
		line++;
		if (*at && *at != '#')
			read_line(at, line);
	}
	free(path);
}

static void teardown(void)
{
	vec_release(&table);
	buf_release(&table_text);
	buf_release(&differences);
}

static void differ(const struct row *row, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void differ(const struct row *row, const char *fmt, ...)
{
	va_list args;

	if (row)
		buf_addf(&differences, "contract.tsv:%d: %s %s: ", row->line, row->field[F_KIND],
		    row->field[F_NAME]);
	va_start(args, fmt);
	buf_vaddf(&differences, fmt, args);
	va_end(args);
	buf_addc(&differences, '\n');
}

static void no_differences(void)
{
	ck_assert_msg(differences.len == 0, "the catalog is not what the contract says:\n%s", differences.data);
}

static bool is(const struct row *row, const char *kind)
{
	return strcmp(row->field[F_KIND], kind) == 0;
}

static const struct row *find_row(const char *kind, const char *name)
{
	for (size_t i = 0; i < table.len; i++)
		if (is(&table.items[i], kind) && strcmp(table.items[i].field[F_NAME], name) == 0)
			return &table.items[i];
	return NULL;
}

/* Row of parameter or column number position (1, 2, ...), or NULL. */
static const struct row *find_item(const char *kind, const char *name, size_t position)
{
	for (size_t i = 0; i < table.len; i++)
		if (is(&table.items[i], kind) && strcmp(table.items[i].field[F_NAME], name) == 0 &&
		    strtoul(table.items[i].field[F_POSITION], NULL, 10) == position)
			return &table.items[i];
	return NULL;
}

static bool in_catalog(const char *database, const char *schema)
{
	return database && strcmp(database, "SSISDB") == 0 && strcmp(schema, "catalog") == 0;
}

static const struct tsql_proc *find_proc(const char *name)
{
	for (const struct tsql_proc *const *p = catalog_registry()->procs; *p; p++)
		if (in_catalog((*p)->database, (*p)->schema) && strcmp((*p)->name, name) == 0)
			return *p;
	return NULL;
}

static const struct tsql_view *find_view(const char *name)
{
	for (const struct tsql_view *const *v = catalog_registry()->views; *v; v++)
		if (in_catalog((*v)->database, (*v)->schema) && strcmp((*v)->name, name) == 0)
			return *v;
	return NULL;
}

static void check_type(const struct row *row, const struct tsql_decl *decl)
{
	const char *expected = row->field[F_TYPE], *open = strstr(expected, "(?)");
	struct buf text = BUF_INIT;

	tsql_decl_format(decl, &text);
	if (open ? strncmp(text.data, expected, (size_t)(open - expected) + 1) != 0 : strcmp(text.data, expected) != 0)
		differ(row, "%s is %s, not %s", row->field[F_ITEM], text.data, expected);
	buf_release(&text);
}

static const char *shown_default(const struct tsql_proc_param *p, bool lenient, struct buf *room)
{
	if (!(p->flags & TSQL_PARAM_OPTIONAL))
		return "required";
	if (lenient)
		return "lenient";
	if (!p->default_value)
		return "NULL";
	buf_clear(room);
	buf_addf(room, "=%s", p->default_value);
	return room->data;
}

static void check_parameter(const struct row *row, const struct tsql_proc_param *p)
{
	bool lenient = strcmp(row->field[F_DEFAULT], "lenient") == 0;
	struct buf room = BUF_INIT;
	const char *text = shown_default(p, lenient, &room);

	if (strcmp(row->field[F_ITEM], p->name) != 0)
		differ(row, "parameter %s is called %s", row->field[F_ITEM], p->name);
	if (!(p->flags & TSQL_PARAM_TABLE))
		check_type(row, &p->decl);
	else if (strcmp(row->field[F_TYPE], "table") != 0)
		differ(row, "%s is a table", p->name);
	if (strcmp(text, row->field[F_DEFAULT]) != 0)
		differ(row, "%s is %s, not %s", p->name, text, row->field[F_DEFAULT]);
	text = p->flags & TSQL_PARAM_OUT ? "out" : "in";
	if (strcmp(text, row->field[F_DIRECTION]) != 0)
		differ(row, "%s is an %s parameter", p->name, text);
	if (strcmp(p->aliases ? p->aliases : "", row->field[F_ALIASES]) != 0)
		differ(row, "%s has the other names '%s'", p->name, p->aliases ? p->aliases : "");
	buf_release(&room);
}

static void check_parameters(const struct row *row, const struct tsql_proc *proc, const char *as)
{
	const struct row *item;

	for (size_t i = 0; i < proc->param_count; i++) {
		item = find_item("parameter", as, i + 1);
		if (item)
			check_parameter(item, &proc->params[i]);
		else
			differ(row, "has an extra parameter %s", proc->params[i].name);
	}
	for (size_t i = proc->param_count; (item = find_item("parameter", as, i + 1)); i++)
		differ(item, "has no parameter %s", item->field[F_ITEM]);
}

/* Whether a thing is there as its row says: compare it further. */
static bool expected_present(const struct row *row, bool there)
{
	bool missing = strcmp(row->field[F_STATE], "missing") == 0;

	if (!missing && strcmp(row->field[F_STATE], "present") != 0)
		differ(row, "is neither present nor missing");
	if (there && missing)
		differ(row, "is marked missing, but it is there: mark it present");
	if (!there && !missing)
		differ(row, "is missing");
	return there;
}

START_TEST(procedures_have_the_documented_parameters)
{
	for (size_t i = 0; i < table.len; i++) {
		const struct row *row = &table.items[i];
		const struct tsql_proc *proc;

		if (is(row, "procedure")) {
			proc = find_proc(row->field[F_NAME]);
			if (expected_present(row, proc != NULL))
				check_parameters(row, proc, row->field[F_NAME]);
		} else if (is(row, "alias")) {
			proc = find_proc(row->field[F_NAME]);
			if (proc)
				check_parameters(row, proc, row->field[F_STATE]);
			else
				differ(row, "is missing");
		}
	}
	no_differences();
}
END_TEST

static void check_columns(const struct row *row, const struct tsql_view *view)
{
	const char *name = row->field[F_NAME];
	const struct row *item;
	size_t position = 0;

	for (size_t i = 0; i < view->column_count; i++) {
		const struct tsql_view_column *c = &view->columns[i];

		if (c->alias_of)
			continue;
		item = find_item("column", name, ++position);
		if (!item) {
			differ(row, "has an extra column %s", c->name);
			continue;
		}
		if (strcmp(item->field[F_ITEM], c->name) != 0)
			differ(item, "column %zu is %s, not %s", position, c->name, item->field[F_ITEM]);
		else
			check_type(item, &c->decl);
	}
	while ((item = find_item("column", name, ++position)))
		differ(item, "has no column %s", item->field[F_ITEM]);
}

/* Second names of columns: field 5 of the column's row. */
static void check_column_aliases(const struct row *row, const struct tsql_view *view)
{
	for (size_t i = 0; i < view->column_count; i++) {
		const struct tsql_view_column *c = &view->columns[i];
		bool listed = false;

		for (size_t k = 0; c->alias_of && k < table.len; k++)
			listed = listed || (is(&table.items[k], "column") &&
			    strcmp(table.items[k].field[F_NAME], view->name) == 0 &&
			    strcmp(table.items[k].field[F_ITEM], c->alias_of) == 0 &&
			    strcmp(table.items[k].field[F_DEFAULT], c->name) == 0);
		if (c->alias_of && !listed)
			differ(row, "has an extra name %s for %s", c->name, c->alias_of);
	}
}

START_TEST(views_have_the_documented_columns_in_order)
{
	for (size_t i = 0; i < table.len; i++) {
		const struct row *row = &table.items[i];
		const struct tsql_view *view;

		if (!is(row, "view") && !is(row, "function"))
			continue;
		view = find_view(row->field[F_NAME]);
		if (!expected_present(row, view != NULL))
			continue;
		check_columns(row, view);
		check_column_aliases(row, view);
		if (is(row, "function") != (view->params != NULL))
			differ(row, "is not a %s", row->field[F_KIND]);
		for (size_t k = 0; k < view->param_count; k++)
			if (!find_item("argument", view->name, k + 1))
				differ(row, "has an extra argument %zu", k + 1);
	}
	no_differences();
}
END_TEST

START_TEST(nothing_is_registered_that_the_table_does_not_list)
{
	for (const struct tsql_proc *const *p = catalog_registry()->procs; *p; p++)
		if (in_catalog((*p)->database, (*p)->schema) && !find_row("procedure", (*p)->name) &&
		    !find_row("alias", (*p)->name))
			differ(NULL, "the procedure %s is in no row", (*p)->name);
	for (const struct tsql_view *const *v = catalog_registry()->views; *v; v++)
		if (in_catalog((*v)->database, (*v)->schema) && !find_row("view", (*v)->name) &&
		    !find_row("function", (*v)->name))
			differ(NULL, "the view %s is in no row", (*v)->name);
	no_differences();
}
END_TEST

static size_t count_rows(const char *kind)
{
	size_t count = 0;

	for (size_t i = 0; i < table.len; i++)
		count += is(&table.items[i], kind);
	return count;
}

START_TEST(the_table_is_complete)
{
	/* 56 documented with a page, and enable_scaleout; 27 views, and customized_logging_levels. */
	ck_assert_uint_eq(count_rows("procedure"), 57);
	ck_assert_uint_eq(count_rows("view"), 28);
	ck_assert_uint_eq(count_rows("function"), 1);
}
END_TEST

/* What a client sees is what is registered: SELECT * gives the columns of the table in order. */
static void check_selected(struct tsql_client *client, const struct row *row)
{
	const char *argument = is(row, "function") ? "(NULL)" : "";
	char *batch = xasprintf("SELECT * FROM [SSISDB].[catalog].[%s]%s", row->field[F_NAME], argument);
	struct tsql_rowset rows = { 0 };
	struct err err = { 0 };

	fixture_ok(tsql_client_query(client, batch, NULL, 0, 1000, &rows, &err), &err);
	for (size_t i = 0; i < rows.column_count; i++) {
		const struct row *item = find_item("column", row->field[F_NAME], i + 1);

		if (!item || strcmp(item->field[F_ITEM], rows.columns[i].name) != 0)
			differ(row, "SELECT * gives %s as column %zu", rows.columns[i].name, i + 1);
		else
			check_type(item, &rows.columns[i].decl);
	}
	if (find_item("column", row->field[F_NAME], rows.column_count + 1))
		differ(row, "SELECT * gives only %zu columns", rows.column_count);
	tsql_rowset_release(&rows);
	free(batch);
}

START_TEST(every_view_can_be_selected)
{
	char *path;
	struct catalog *c = fixture_catalog(&path);
	struct tsql_client *client = t_connect(path, NULL);

	t_deploy_project1(client);
	for (size_t i = 0; i < table.len; i++)
		if ((is(&table.items[i], "view") || is(&table.items[i], "function")) &&
		    strcmp(table.items[i].field[F_STATE], "present") == 0)
			check_selected(client, &table.items[i]);
	t_is(client, "1", "SELECT count(*) FROM SSISDB.catalog.folders WHERE id = folder_id");
	no_differences();
	tsql_client_close(client);
	catalog_close(c);
	free(path);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("catalog_contract");
	TCase *tc = tcase_create("contract");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, procedures_have_the_documented_parameters);
	tcase_add_test(tc, views_have_the_documented_columns_in_order);
	tcase_add_test(tc, nothing_is_registered_that_the_table_does_not_list);
	tcase_add_test(tc, the_table_is_complete);
	tcase_add_test(tc, every_view_can_be_selected);
	suite_add_tcase(s, tc);
	return s;
}

TEST_MAIN(suite)
