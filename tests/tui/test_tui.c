/* SPDX-License-Identifier: MIT */
/* What the console is made of, without a terminal: text, editing, keys, paging, tree, filter, Execute form. */
#include <curses.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "tests/harness.h"
#include "tui/app.h"
#include "tui/codes.h"
#include "tui/edit.h"
#include "tui/filter.h"
#include "tui/form.h"
#include "tui/keymap.h"
#include "tui/pager.h"
#include "tui/screens/screens.h"
#include "tui/text.h"
#include "tui/tree.h"

/* --- text --- */

static void assert_clean(const char *raw, size_t len, const char *expected)
{
	struct buf clean = BUF_INIT;

	text_clean(raw, len, &clean);
	ck_assert_str_eq(clean.data, expected);
	buf_release(&clean);
}

START_TEST(controls_and_escapes_become_visible)
{
	assert_clean("a\x1B[31mb", 7, "a^[[31mb");
	assert_clean("a\x00z", 3, "a^@z");
	assert_clean("\x7F\xC2\x9B", 3, "^?<9B>");
	assert_clean("one\r\ntwo\tthree", 14, "one two three");
}
END_TEST

START_TEST(bidirectional_and_zero_width_characters_are_dropped)
{
	assert_clean("a\xE2\x80\xAE" "b\xE2\x80\x8B" "c\xEF\xBB\xBF", 12, "abc");
}
END_TEST

START_TEST(malformed_utf8_becomes_the_replacement_character)
{
	assert_clean("a\xFF\xC3", 3, "a\xEF\xBF\xBD\xEF\xBF\xBD");
}
END_TEST

START_TEST(wide_and_combining_characters_have_their_widths)
{
	ck_assert_int_eq(text_width("abc"), 3);
	ck_assert_int_eq(text_width("\xE6\x95\xB0\xE5\xAD\x97"), 4);
	ck_assert_int_eq(text_width("e\xCC\x81x"), 2);
	ck_assert_int_eq(text_char_width(0x1F600), 2);
	ck_assert_int_eq(text_char_width(0x202E), -1);
}
END_TEST

static void assert_cut(const char *clean, int width, const char *expected, int cells)
{
	struct buf cut = BUF_INIT;

	ck_assert_int_eq(text_cut(clean, width, false, &cut), cells);
	ck_assert_str_eq(cut.data, expected);
	buf_release(&cut);
}

START_TEST(a_cut_never_splits_a_wide_character_or_loses_a_mark)
{
	assert_cut("abcdef", 6, "abcdef", 6);
	assert_cut("abcdef", 4, "abc\xE2\x80\xA6", 4);
	assert_cut("\xE6\x95\xB0\xE5\xAD\x97\xE5\xAD\x97", 4, "\xE6\x95\xB0\xE2\x80\xA6", 3);
	assert_cut("e\xCC\x81", 1, "e\xCC\x81", 1);
	assert_cut("abc", 0, "", 0);
}
END_TEST

static void collect(void *ctx, const char *clean)
{
	buf_addf(ctx, "%s|", clean);
}

START_TEST(wrapping_breaks_at_blanks_and_keeps_line_ends)
{
	struct buf lines = BUF_INIT;

	text_wrap("one two three\r\n\nfour", 20, 8, collect, &lines);
	ck_assert_str_eq(lines.data, "one two|three||four|");
	buf_clear(&lines);
	text_wrap("abcdefghij", 10, 4, collect, &lines);
	ck_assert_str_eq(lines.data, "abcd|efgh|ij|");
	buf_release(&lines);
}
END_TEST

START_TEST(ascii_text_has_the_same_width)
{
	struct buf ascii = BUF_INIT;

	text_to_ascii("\xE2\x9C\x93 caf\xC3\xA9 \xE6\x95\xB0", &ascii);
	ck_assert_str_eq(ascii.data, "+ caf? ??");
	buf_release(&ascii);
}
END_TEST

/* --- editing --- */

START_TEST(editing_works_on_characters_with_their_marks)
{
	struct edit e;

	edit_init(&e, "ae\xCC\x81");
	edit_backspace(&e);
	ck_assert_str_eq(e.text.data, "a");
	ck_assert(edit_insert(&e, 0x6570));
	edit_move(&e, EDIT_LEFT);
	ck_assert(edit_insert(&e, 'b'));
	ck_assert_str_eq(e.text.data, "ab\xE6\x95\xB0");
	edit_delete(&e);
	ck_assert_str_eq(e.text.data, "ab");
	edit_release(&e);
}
END_TEST

START_TEST(words_and_ends_can_be_deleted)
{
	struct edit e;

	edit_init(&e, "one two three");
	edit_delete_word(&e);
	ck_assert_str_eq(e.text.data, "one two ");
	edit_move(&e, EDIT_HOME);
	edit_move(&e, EDIT_WORD_RIGHT);
	edit_delete_to_end(&e);
	ck_assert_str_eq(e.text.data, "one ");
	edit_delete_to_start(&e);
	ck_assert_str_eq(e.text.data, "");
	edit_release(&e);
}
END_TEST

START_TEST(a_control_character_cannot_be_typed)
{
	struct edit e;

	edit_init(&e, "");
	ck_assert(!edit_insert(&e, 0x1B));
	ck_assert(!edit_insert(&e, 0x202E));
	ck_assert_str_eq(e.text.data, "");
	edit_release(&e);
}
END_TEST

START_TEST(a_long_line_scrolls_with_its_cursor_and_a_secret_shows_stars)
{
	struct edit e;
	struct buf shown = BUF_INIT;

	edit_init(&e, "0123456789");
	ck_assert_int_eq(edit_view(&e, 5, &shown), 4);
	ck_assert_str_eq(shown.data, "6789");
	buf_clear(&shown);
	e.hidden = true;
	ck_assert_int_eq(edit_view(&e, 20, &shown), 10);
	ck_assert_str_eq(shown.data, "**********");
	buf_release(&shown);
	edit_release(&e);
}
END_TEST

/* --- keys --- */

static bool contexts_meet(const struct key_binding *a, const struct key_binding *b)
{
	return a->context == b->context ||
	    (a->context != CTX_OVERLAY && b->context != CTX_OVERLAY &&
		(a->context == CTX_GLOBAL || b->context == CTX_GLOBAL || a->context == CTX_LIST ||
		    b->context == CTX_LIST));
}

START_TEST(no_key_means_two_things_on_one_screen)
{
	for (size_t i = 0; i < key_binding_count; i++) {
		for (size_t j = i + 1; j < key_binding_count; j++) {
			const struct key_binding *a = &key_bindings[i], *b = &key_bindings[j];

			for (int k = 0; contexts_meet(a, b) && k < KEYS_MAX && a->keys[k]; k++) {
				for (int l = 0; l < KEYS_MAX && b->keys[l]; l++)
					ck_assert_msg(a->keys[k] != b->keys[l], "%s and %s share key %d", a->name, b->name,
					    a->keys[k]);
			}
		}
	}
}
END_TEST

static const struct screen_ops *const all_screens[] = { &tree_screen_ops, &executions_ops, &overview_ops,
	&messages_ops, &operations_ops, &workers_ops, &queue_ops, &properties_ops, &execute_ops, &text_screen_ops, &overlay_ops };

static bool is_handled(const struct key_binding *binding)
{
	struct cursor cursor = { .page = 1 };

	if (binding->context == CTX_LIST)
		return cursor_command(&cursor, binding->command, 10);
	for (size_t i = 0; i < ARRAY_LEN(all_screens); i++) {
		for (size_t h = 0; h < all_screens[i]->handler_count; h++) {
			if (all_screens[i]->context == binding->context &&
			    all_screens[i]->handlers[h].command == binding->command)
				return true;
		}
	}
	return app_handles_globally(binding->command);
}

START_TEST(every_key_does_something)
{
	for (size_t i = 0; i < key_binding_count; i++) {
		ck_assert_msg(is_handled(&key_bindings[i]), "%s has no handler", key_bindings[i].name);
		ck_assert_msg(key_bindings[i].keys[0] != 0, "%s has no key", key_bindings[i].name);
	}
}
END_TEST

START_TEST(every_handler_has_a_key)
{
	for (size_t i = 0; i < ARRAY_LEN(all_screens); i++) {
		for (size_t h = 0; h < all_screens[i]->handler_count; h++) {
			enum command command = all_screens[i]->handlers[h].command;
			const struct key_binding *binding =
			    key_of_command(all_screens[i]->context, false, command);

			ck_assert_msg(binding && binding->context == all_screens[i]->context,
			    "command %d of %s cannot be reached", (int)command,
			    key_context_name(all_screens[i]->context));
		}
	}
}
END_TEST

START_TEST(command_names_are_unique)
{
	for (size_t i = 0; i < key_binding_count; i++) {
		for (size_t j = i + 1; j < key_binding_count; j++)
			ck_assert_str_ne(key_bindings[i].name, key_bindings[j].name);
	}
}
END_TEST

START_TEST(key_names_go_there_and_back)
{
	for (size_t i = 0; i < key_binding_count; i++) {
		for (int k = 0; k < KEYS_MAX && key_bindings[i].keys[k]; k++) {
			struct buf name = BUF_INIT;

			key_format(key_bindings[i].keys[k], &name);
			if (key_bindings[i].keys[k] != K_FN(KEY_F(22)))
				ck_assert_int_eq(key_parse(name.data), key_bindings[i].keys[k]);
			buf_release(&name);
		}
	}
	ck_assert_int_eq(key_parse("NoSuchKey"), K_NONE);
}
END_TEST

/* --- paging --- */

static void free_nothing(void *data)
{
	(void)data;
}

/* A list of ids from high to low, as All Executions has it. */
static void answer(struct pager *pager, int64_t count)
{
	int64_t id;
	enum pager_fetch want;

	while ((want = pager_want(pager, &id)) != PAGER_NOTHING) {
		size_t batch = pager_batch(pager), got = 0;
		struct pager_row *rows = xcalloc(batch + 1, sizeof(*rows));
		int64_t from = want == PAGER_FIRST ? count : want == PAGER_AFTER ? id - 1 : id;

		if (want == PAGER_LAST || want == PAGER_BEFORE) {
			int64_t low = want == PAGER_LAST ? 1 : id + 1;

			for (int64_t i = low + (int64_t)batch - 1; i >= low; i--) {
				if (i <= count)
					rows[got++].id = i;
			}
		} else {
			for (int64_t i = from; i >= 1 && got < batch; i--)
				rows[got++].id = i;
		}
		pager_take(pager, want, id, rows, got, got < batch);
		free(rows);
	}
}

static void assert_contiguous(const struct pager *pager)
{
	for (size_t i = 1; i < pager->len; i++)
		ck_assert_int_eq(pager->rows[i].id, pager->rows[i - 1].id - 1);
}

START_TEST(paging_walks_a_long_list_and_keeps_a_small_window)
{
	struct pager pager;

	pager_init(&pager, free_nothing);
	pager_set_page(&pager, 10);
	answer(&pager, 1000);
	for (int i = 0; i < 60; i++) {
		pager_command(&pager, CMD_PAGE_DOWN);
		answer(&pager, 1000);
		assert_contiguous(&pager);
		ck_assert_uint_le(pager.len, 10 * PAGER_PAGES);
	}
	ck_assert_int_eq(pager_current(&pager)->id, 400);
	for (int i = 0; i < 60; i++) {
		pager_command(&pager, CMD_PAGE_UP);
		answer(&pager, 1000);
		assert_contiguous(&pager);
	}
	ck_assert_int_eq(pager_current(&pager)->id, 1000);
	pager_release(&pager);
}
END_TEST

START_TEST(both_ends_are_one_key_away)
{
	struct pager pager;

	pager_init(&pager, free_nothing);
	pager_set_page(&pager, 10);
	answer(&pager, 100000);
	pager_command(&pager, CMD_END);
	answer(&pager, 100000);
	ck_assert_int_eq(pager_current(&pager)->id, 1);
	ck_assert(pager.at_last);
	pager_command(&pager, CMD_HOME);
	answer(&pager, 100000);
	ck_assert_int_eq(pager_current(&pager)->id, 100000);
	pager_release(&pager);
}
END_TEST

START_TEST(new_rows_above_do_not_move_the_current_one)
{
	struct pager pager;
	struct pager_row rows[2] = { { .id = 102 }, { .id = 101 } };

	pager_init(&pager, free_nothing);
	pager_set_page(&pager, 10);
	answer(&pager, 100);
	pager_command(&pager, CMD_DOWN);
	ck_assert_int_eq(pager_current(&pager)->id, 99);
	ck_assert_uint_eq(pager_prepend(&pager, rows, 2), 2);
	ck_assert_int_eq(pager_current(&pager)->id, 99);
	assert_contiguous(&pager);
	pager_release(&pager);
}
END_TEST

START_TEST(a_refresh_keeps_the_current_row_and_a_jump_finds_one)
{
	struct pager pager;

	pager_init(&pager, free_nothing);
	pager_set_page(&pager, 10);
	answer(&pager, 1000);
	pager_jump(&pager, 500);
	answer(&pager, 1000);
	ck_assert_int_eq(pager_current(&pager)->id, 500);
	pager_command(&pager, CMD_DOWN);
	pager_refresh(&pager);
	answer(&pager, 1000);
	ck_assert_int_eq(pager_current(&pager)->id, 499);
	pager_release(&pager);
}
END_TEST

START_TEST(an_answer_to_an_older_question_is_dropped)
{
	struct pager pager;
	struct pager_row rows[1] = { { .id = 5 } };

	pager_init(&pager, free_nothing);
	pager_set_page(&pager, 10);
	answer(&pager, 100);
	size_t len = pager.len;
	pager_take(&pager, PAGER_AFTER, 777, rows, 1, true);
	pager_take(&pager, PAGER_LAST, 0, rows, 1, true);
	ck_assert_uint_eq(pager.len, len);
	pager_release(&pager);
}
END_TEST

/* --- tree --- */

START_TEST(nodes_keep_their_expansion_when_children_are_read_again)
{
	struct tree tree;
	struct node *parent, *again[2];

	tree_init(&tree);
	parent = node_new(NODE_SSISDB, 0, "", "SSISDB", false);
	node_add(tree.root, parent);
	parent->expanded = true;
	again[0] = node_new(NODE_FOLDER, 1, "", "one", false);
	again[1] = node_new(NODE_FOLDER, 2, "", "two", false);
	node_replace_children(parent, again, 2);
	parent->children.items[1]->expanded = true;
	struct node *kept = parent->children.items[1];
	again[0] = node_new(NODE_FOLDER, 2, "", "two renamed", false);
	again[1] = node_new(NODE_FOLDER, 3, "", "three", false);
	node_replace_children(parent, again, 2);
	tree_update(&tree);
	ck_assert_uint_eq(tree.visible.len, 3);
	ck_assert_ptr_eq(parent->children.items[0], kept);
	ck_assert(kept->expanded);
	ck_assert_str_eq(kept->name, "two renamed");
	tree_release(&tree);
}
END_TEST

START_TEST(a_tree_filter_shows_matches_with_their_ancestors)
{
	struct tree tree;
	struct node *a, *b;

	tree_init(&tree);
	a = node_new(NODE_FOLDER, 1, "", "alpha", false);
	b = node_new(NODE_FOLDER, 2, "", "beta", false);
	node_add(tree.root, a);
	node_add(tree.root, b);
	node_add(a, node_new(NODE_PROJECT, 3, "", "Needle", true));
	tree_set_filter(&tree, "needle");
	ck_assert_uint_eq(tree.visible.len, 2);
	ck_assert_ptr_eq(tree.visible.items[0], a);
	tree_set_filter(&tree, "");
	ck_assert_uint_eq(tree.visible.len, 2);
	ck_assert_ptr_eq(tree.visible.items[1], b);
	tree_release(&tree);
}
END_TEST

/* --- filter --- */

static const struct filter_field fields[] = {
	{ "id", FILTER_NUMBER, "execution_id", true, NULL },
	{ "status", FILTER_CODE, "status", false, &code_status },
	{ "package", FILTER_NAME, "package_name", true, NULL },
	{ "machine", FILTER_TEXT, "machine_name", false, NULL },
};

static void assert_filter(const char *text, const char *expected, size_t params)
{
	struct buf where = BUF_INIT, guard = BUF_INIT;
	struct job_params list = { 0 };

	ck_assert_int_eq(filter_compile(fields, ARRAY_LEN(fields), text, &where, &guard, &list, NULL), 0);
	ck_assert_str_eq(where.data, expected);
	ck_assert_uint_eq(list.len, params);
	buf_release(&where);
	buf_release(&guard);
	job_params_release(&list);
}

START_TEST(filter_terms_become_conditions_with_parameters)
{
	assert_filter("", "", 0);
	assert_filter("status:failed,succ", " AND (status IN (4, 7))", 0);
	assert_filter("id:>12", " AND (execution_id > @f0)", 1);
	assert_filter("!package:\"a b\"", " AND NOT (CHARINDEX(@f0, package_name) > 0)", 1);
	assert_filter("42", " AND ((execution_id = @f0 OR CHARINDEX(@f1, package_name) > 0))", 2);
	assert_filter("log", " AND ((CHARINDEX(@f0, package_name) > 0))", 1);
	assert_filter("package:", "", 0);
}
END_TEST

static void assert_guard(const char *text, const char *expected)
{
	struct buf where = BUF_INIT, guard = BUF_INIT;
	struct job_params list = { 0 };

	ck_assert_int_eq(filter_compile(fields, ARRAY_LEN(fields), text, &where, &guard, &list, NULL), 0);
	ck_assert_str_eq(guard.data, expected);
	buf_release(&where);
	buf_release(&guard);
	job_params_release(&list);
}

/* Of the terms here only "package:x" and "log" can be refuted by the names alone. */
START_TEST(a_filter_is_guarded_by_the_names_it_needs)
{
	assert_guard("status:failed id:>12 machine:x !package:x 42", "");
	assert_guard("status:failed package:x", " AND EXISTS (SELECT 1 FROM [SSISDB].[scaleout].[execution_names] WHERE "
						"(column_name = N'package_name' AND CHARINDEX(@f0, name) > 0))");
	assert_guard("log", " AND EXISTS (SELECT 1 FROM [SSISDB].[scaleout].[execution_names] WHERE "
			    "(column_name = N'package_name' AND CHARINDEX(@f0, name) > 0))");
}
END_TEST

START_TEST(filter_text_never_becomes_sql)
{
	assert_filter("package:x';DROP", " AND (CHARINDEX(@f0, package_name) > 0)", 1);
}
END_TEST

START_TEST(a_wrong_filter_is_named)
{
	struct buf where = BUF_INIT, guard = BUF_INIT;
	struct job_params list = { 0 };
	struct err err;

	ck_assert_int_lt(filter_compile(fields, ARRAY_LEN(fields), "status:nope", &where, &guard, &list, &err), 0);
	ck_assert_str_eq(err.primary, "status: no such word \"nope\"");
	ck_assert_int_lt(filter_compile(fields, ARRAY_LEN(fields), "id:x", &where, &guard, &list, &err), 0);
	buf_release(&where);
	job_params_release(&list);
}
END_TEST

/* --- codes --- */

static void assert_duration(int64_t ticks, const char *expected)
{
	struct buf text = BUF_INIT;

	duration_format(ticks, &text);
	ck_assert_str_eq(text.data, expected);
	buf_release(&text);
}

START_TEST(durations_are_short)
{
	assert_duration(32000000, "3.2s");
	assert_duration(63 * INT64_C(10000000), "1m 03s");
	assert_duration(7500 * INT64_C(10000000), "2h 05m");
	assert_duration((3 * INT64_C(86400) + 4 * 3600) * INT64_C(10000000), "3d 04h");
	assert_duration(160000, "16ms");
	assert_duration(-5, "0ms");
}
END_TEST

START_TEST(every_status_has_a_word_and_a_glyph_of_its_own_kind)
{
	for (int status = 1; status <= 9; status++) {
		const struct code *code = code_find(&code_status, status);

		ck_assert_int_eq(code->value, status);
		ck_assert_str_ne(code->glyph, "");
		ck_assert_uint_eq(strlen(code->ascii), 1);
	}
}
END_TEST

/* --- the Execute form --- */

static struct form_value make_value(int object_type, const char *name, const char *type, bool sensitive)
{
	return (struct form_value){ .object_type = object_type, .name = xstrdup(name), .data_type = xstrdup(type),
		.standard = xstrdup(""), .description = xstrdup(""), .sensitive = sensitive, .has_standard = true };
}

static void add_worker(struct form *form, const char *id, bool checked)
{
	struct form_worker worker = { .id = xstrdup(id), .name = xstrdup("w"), .machine = xstrdup("m"),
		.account = xstrdup("a"), .state = xstrdup("s"), .enabled = true, .online = true, .checked = checked };

	vec_push(&form->workers, worker);
}

/* Compare with a file of tests/tui/golden. */
static void assert_golden(const char *name, const char *text)
{
	char *relative = xasprintf("tests/tui/golden/%s", name);
	char *path = test_source_path(relative);
	struct buf expected = BUF_INIT;

	ck_assert_int_eq(file_read(path, 1 << 20, &expected, NULL), 0);
	ck_assert_str_eq(text, expected.data);
	buf_release(&expected);
	free(path);
	free(relative);
}

START_TEST(the_script_of_two_packages_is_the_documented_example)
{
	struct form form;
	struct buf script = BUF_INIT;

	form_init(&form, true);
	form_add_package(&form, 1, "folder1", "project1", "package1.dtsx")->checked = true;
	form_add_package(&form, 1, "folder1", "project1", "other.dtsx");
	form_add_package(&form, 1, "folder1", "project1", "package2.dtsx")->checked = true;
	form.any_worker = false;
	add_worker(&form, "64c020e2-f819-4c2d-a22f-efb31a91e70a", true);
	add_worker(&form, "00000000-0000-0000-0000-000000000001", false);
	form_script(&form, &script);
	assert_golden("two-packages.sql", script.data);
	buf_release(&script);
	form_release(&form);
}
END_TEST

START_TEST(the_script_sets_values_with_their_own_types_and_hides_secrets)
{
	struct form form;
	struct buf script = BUF_INIT;
	struct job_params params = { 0 };
	struct form_package *package;

	form_init(&form, true);
	package = form_add_package(&form, 1, "it's", "p", "p.dtsx");
	package->checked = package->dump_on_error = package->use_32_bit = true;
	package->retry_count = 3;
	package->reference_id = 7;
	package->logging_level = 3;
	vec_push(&package->values, make_value(30, "Days", "Int32", false));
	vec_push(&package->values, make_value(30, "Text", "String", false));
	vec_push(&package->values, make_value(20, "CM.db.Password", "String", true));
	vec_push(&package->values, make_value(30, "Flag", "Boolean", false));
	vec_push(&package->values, make_value(30, "Untouched", "Int32", false));
	ck_assert_int_eq(form_value_edit(&package->values.items[0], "45", NULL), 0);
	ck_assert_int_eq(form_value_edit(&package->values.items[1], "it's", NULL), 0);
	ck_assert_int_eq(form_value_edit(&package->values.items[2], "hunter2", NULL), 0);
	ck_assert_int_eq(form_value_edit(&package->values.items[3], "True", NULL), 0);
	form_batch(&form, package, &script, &params);
	assert_golden("values.sql", script.data);
	ck_assert_ptr_null(strstr(script.data, "hunter2"));
	ck_assert_uint_eq(params.len, 1);
	ck_assert_str_eq(params.items[0].value.s.data, "hunter2");
	job_params_release(&params);
	buf_release(&script);
	form_release(&form);
}
END_TEST

START_TEST(property_overrides_are_set_before_the_start_and_hide_secrets)
{
	struct form form;
	struct buf script = BUF_INIT;
	struct job_params params = { 0 };
	struct form_package *package;
	const char *set, *start;

	form_init(&form, false);
	package = form_add_package(&form, 1, "f", "p", "p.dtsx");
	form_override_set(package, "\\Package.Properties[A]", "it's", false);
	form_override_set(package, "\\Package.Properties[B]", "old", true);
	form_override_set(package, "\\Package.Properties[B]", "hunter2", true);
	form_override_set(package, "\\Package.Properties[C]", "gone", false);
	form_override_remove(package, 2);
	ck_assert_uint_eq(package->overrides.len, 2);
	form_batch(&form, package, &script, &params);
	set = strstr(script.data, "@property_path=N'\\Package.Properties[A]', @property_value=N'it''s', @sensitive=False");
	start = strstr(script.data, "[start_execution]");
	ck_assert_ptr_nonnull(set);
	ck_assert(start > set);
	ck_assert_ptr_nonnull(strstr(script.data, "@property_value=@secret0, @sensitive=True"));
	ck_assert_ptr_null(strstr(script.data, "hunter2"));
	ck_assert_uint_eq(params.len, 1);
	ck_assert_str_eq(params.items[0].value.s.data, "hunter2");
	job_params_release(&params);
	buf_release(&script);
	form_release(&form);
}
END_TEST

START_TEST(a_bound_parameter_needs_an_environment_or_a_value)
{
	struct form form;
	struct form_package *package;
	struct err err;

	form_init(&form, false);
	package = form_add_package(&form, 1, "f", "p", "p.dtsx");
	package->checked = true;
	vec_push(&package->values, make_value(30, "Days", "Int32", false));
	package->values.items[0].bound = true;
	ck_assert_int_lt(form_check(&form, &err), 0);
	ck_assert_str_eq(err.primary, "p.dtsx: parameter Days is bound to an environment variable");
	package->reference_id = 7;
	ck_assert_int_eq(form_check(&form, &err), 0);
	package->reference_id = 0;
	ck_assert_int_eq(form_value_edit(&package->values.items[0], "3", NULL), 0);
	ck_assert_int_eq(form_check(&form, &err), 0);
	form_release(&form);
}
END_TEST

START_TEST(the_script_of_a_server_run_names_no_machines)
{
	struct form form;
	struct buf script = BUF_INIT;

	form_init(&form, false);
	form_add_package(&form, 1, "f", "p", "p.dtsx")->checked = true;
	form_script(&form, &script);
	assert_golden("server.sql", script.data);
	buf_release(&script);
	form_release(&form);
}
END_TEST

START_TEST(ok_needs_a_package_a_machine_and_the_required_values)
{
	struct form form;
	struct err err;
	struct form_package *package;

	form_init(&form, true);
	package = form_add_package(&form, 1, "f", "p", "p.dtsx");
	ck_assert_int_lt(form_check(&form, &err), 0);
	ck_assert_str_eq(err.primary, "no package is ticked");
	package->checked = true;
	ck_assert_int_eq(form_check(&form, &err), 0);
	form.any_worker = false;
	ck_assert_int_lt(form_check(&form, &err), 0);
	ck_assert_str_eq(err.primary, "no machine is ticked");
	add_worker(&form, "00000000-0000-0000-0000-000000000001", true);
	ck_assert_int_eq(form_check(&form, &err), 0);
	vec_push(&package->values, make_value(30, "Needed", "Int32", false));
	package->values.items[0].required = true;
	package->values.items[0].has_standard = false;
	ck_assert_int_lt(form_check(&form, &err), 0);
	ck_assert_str_eq(err.primary, "p.dtsx: parameter Needed needs a value");
	ck_assert_int_eq(form_value_edit(&package->values.items[0], "1", NULL), 0);
	ck_assert_int_eq(form_check(&form, &err), 0);
	form_release(&form);
}
END_TEST

START_TEST(a_value_of_the_wrong_type_is_refused_and_changes_nothing)
{
	struct form_value value = make_value(30, "Days", "Int32", false);
	struct err err;

	ck_assert_int_lt(form_value_edit(&value, "many", &err), 0);
	ck_assert(!value.edited);
	ck_assert_ptr_nonnull(strstr(err.primary, "Days"));
	form_value_release(&value);
}
END_TEST

static Suite *tui_suite(void)
{
	Suite *s = suite_create("tui");
	TCase *text = tcase_create("text"), *keys = tcase_create("keys"), *models = tcase_create("models");
	TCase *form = tcase_create("form");

	tcase_add_test(text, controls_and_escapes_become_visible);
	tcase_add_test(text, bidirectional_and_zero_width_characters_are_dropped);
	tcase_add_test(text, malformed_utf8_becomes_the_replacement_character);
	tcase_add_test(text, wide_and_combining_characters_have_their_widths);
	tcase_add_test(text, a_cut_never_splits_a_wide_character_or_loses_a_mark);
	tcase_add_test(text, wrapping_breaks_at_blanks_and_keeps_line_ends);
	tcase_add_test(text, ascii_text_has_the_same_width);
	tcase_add_test(text, editing_works_on_characters_with_their_marks);
	tcase_add_test(text, words_and_ends_can_be_deleted);
	tcase_add_test(text, a_control_character_cannot_be_typed);
	tcase_add_test(text, a_long_line_scrolls_with_its_cursor_and_a_secret_shows_stars);
	tcase_add_test(keys, no_key_means_two_things_on_one_screen);
	tcase_add_test(keys, every_key_does_something);
	tcase_add_test(keys, every_handler_has_a_key);
	tcase_add_test(keys, command_names_are_unique);
	tcase_add_test(keys, key_names_go_there_and_back);
	tcase_add_test(models, paging_walks_a_long_list_and_keeps_a_small_window);
	tcase_add_test(models, both_ends_are_one_key_away);
	tcase_add_test(models, new_rows_above_do_not_move_the_current_one);
	tcase_add_test(models, a_refresh_keeps_the_current_row_and_a_jump_finds_one);
	tcase_add_test(models, an_answer_to_an_older_question_is_dropped);
	tcase_add_test(models, nodes_keep_their_expansion_when_children_are_read_again);
	tcase_add_test(models, a_tree_filter_shows_matches_with_their_ancestors);
	tcase_add_test(models, filter_terms_become_conditions_with_parameters);
	tcase_add_test(models, a_filter_is_guarded_by_the_names_it_needs);
	tcase_add_test(models, filter_text_never_becomes_sql);
	tcase_add_test(models, a_wrong_filter_is_named);
	tcase_add_test(models, durations_are_short);
	tcase_add_test(models, every_status_has_a_word_and_a_glyph_of_its_own_kind);
	tcase_add_test(form, the_script_of_two_packages_is_the_documented_example);
	tcase_add_test(form, the_script_sets_values_with_their_own_types_and_hides_secrets);
	tcase_add_test(form, property_overrides_are_set_before_the_start_and_hide_secrets);
	tcase_add_test(form, a_bound_parameter_needs_an_environment_or_a_value);
	tcase_add_test(form, the_script_of_a_server_run_names_no_machines);
	tcase_add_test(form, ok_needs_a_package_a_machine_and_the_required_values);
	tcase_add_test(form, a_value_of_the_wrong_type_is_refused_and_changes_nothing);
	suite_add_tcase(s, text);
	suite_add_tcase(s, keys);
	suite_add_tcase(s, models);
	suite_add_tcase(s, form);
	return s;
}

TEST_MAIN(tui_suite)
