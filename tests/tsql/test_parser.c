/* SPDX-License-Identifier: MIT */
/* Lexer and parser alone: keywords, literals, and errors with their line and column. */
#include <string.h>

#include "base/mem.h"
#include "tests/harness.h"
#include "tsql/lexer.h"
#include "tsql/parser.h"

static int parse(const char *text, struct err *err)
{
	struct batch *batch = NULL;
	int r = parser_run(text, strlen(text), NULL, 0, NULL, &batch, err);

	if (r == 0)
		batch_free(batch);
	return r;
}

static void accepts(const char *text)
{
	struct err err;

	ck_assert_msg(parse(text, &err) == 0, "%s\n%s (%s)", text, err.primary, err.detail);
}

static void refuses(const char *text, int number, const char *place, const char *message)
{
	struct err err = { 0 };

	ck_assert_msg(parse(text, &err) < 0, "accepted: %s", text);
	ck_assert_msg(err.sql_number == number, "%s\nexpected %d, got %d: %s", text, number, err.sql_number, err.primary);
	if (place)
		ck_assert_msg(strcmp(err.detail, place) == 0, "%s\nexpected %s, got %s", text, place, err.detail);
	if (message)
		ck_assert_msg(strstr(err.primary, message) != NULL, "%s\nexpected '%s' in: %s", text, message, err.primary);
}

START_TEST(every_keyword_is_found_by_the_search)
{
#define WORD(word) #word,
	static const char *const words[] = { TSQL_KEYWORDS(WORD, WORD) };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct token_list tokens = { 0 };
		ck_assert_int_eq(lexer_run(words[i], strlen(words[i]), &tokens, NULL), 0);
		ck_assert_msg(tokens.items[0].keyword == (enum keyword)(i + 1), "%s is out of order in the table", words[i]);
		token_list_release(&tokens);
	}
}
END_TEST

START_TEST(comments_nest_and_strings_hide_them)
{
	accepts("SELECT 1 /* a /* nested */ comment */ -- end\n, '/* not one'");
	refuses("SELECT 1 /* open", 113, NULL, NULL);
	refuses("SELECT 'open", 105, NULL, "open");
}
END_TEST

START_TEST(errors_say_line_and_column)
{
	refuses("SELECT 1\n  FROM", 102, "line 2, column 3", "FROM");
	refuses("SELECT (1", 102, "line 1, column 9", "'1'");
	refuses("DECLARE @x int\nSET @x = @y", 137, "line 2, column 10", "@y");
	refuses("DECLARE @x int, @X int", 134, "line 1, column 17", "@x");
	refuses("IF 1 SELECT 1", 4145, NULL, NULL);
	refuses("SELECT nosuch(1)", 195, "line 1, column 8", "nosuch");
	refuses("SELECT LEN(1, 2)", 174, NULL, "LEN");
	refuses("DECLARE @x nosuchtype", 2715, NULL, "nosuchtype");
	refuses("BREAK", 135, NULL, NULL);
	refuses("EXEC p @a = 1, 2", 119, NULL, NULL);
	refuses("EXEC p 1 + 2", 102, "line 1, column 10", "'+'");
	refuses("BEGIN SELECT 1", 102, NULL, NULL);
}
END_TEST

START_TEST(what_is_not_offered_is_named_with_its_place)
{
	refuses("SELECT 1\nGRANT x", 40517, "line 2, column 1", "GRANT");
	refuses("SELECT * FROM a CROSS APPLY (b JOIN c ON 1 = 1)", 40517, "line 1, column 29", "APPLY of a join");
	refuses("SELECT 1 FROM t FOR XML AUTO", 40517, NULL, "FOR XML AUTO");
	refuses("DECLARE c CURSOR SCROLL_LOCKS FOR SELECT 1", 40517, "line 1, column 18", "SCROLL_LOCKS");
	refuses("DECLARE c CURSOR FOR SELECT 1 FOR UPDATE", 40517, "line 1, column 31", "FOR UPDATE");
	refuses("DECLARE @c CURSOR SELECT @c", 40517, "line 1, column 26", "a cursor variable as a value");
	refuses("DELETE FROM #t WHERE CURRENT OF c", 40517, NULL, "WHERE CURRENT OF");
}
END_TEST

START_TEST(names_take_brackets_quotes_and_parts)
{
	accepts("SELECT [a]]b] FROM [SSISDB]..[folders] \"alias\"");
	accepts("EXEC [SSISDB].[catalog].[create_folder] N'x'");
	refuses("SELECT * FROM a.b.c.d.e", 117, NULL, NULL);
}
END_TEST

START_TEST(nesting_is_bounded)
{
	struct buf text = BUF_INIT;
	struct err err;

	buf_adds(&text, "SELECT ");
	for (int i = 0; i < 100000; i++)
		buf_addc(&text, '(');
	ck_assert_int_lt(parse(text.data, &err), 0);
	ck_assert_int_eq(err.sql_number, 191);
	buf_clear(&text);
	buf_adds(&text, "SELECT 1");
	for (int i = 0; i < 100000; i++)
		buf_adds(&text, "+1");
	ck_assert_int_lt(parse(text.data, &err), 0);
	ck_assert_int_eq(err.sql_number, 191);
	buf_clear(&text);
	for (int i = 0; i < 100000; i++)
		buf_adds(&text, "IF 1=1 ");
	ck_assert_int_lt(parse(text.data, &err), 0);
	buf_release(&text);
}
END_TEST

START_TEST(batch_parameters_are_its_first_variables)
{
	struct tsql_param p = { .name = "@p", .decl = { .type = TSQL_INT } };
	struct batch *batch;

	ck_assert_int_eq(parser_run("SELECT @P", 9, &p, 1, NULL, &batch, NULL), 0);
	ck_assert_uint_eq(batch->variable_count, 1);
	batch_free(batch);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("tsql_parser");
	TCase *t = tcase_create("parser");

	tcase_add_test(t, every_keyword_is_found_by_the_search);
	tcase_add_test(t, comments_nest_and_strings_hide_them);
	tcase_add_test(t, errors_say_line_and_column);
	tcase_add_test(t, what_is_not_offered_is_named_with_its_place);
	tcase_add_test(t, names_take_brackets_quotes_and_parts);
	tcase_add_test(t, nesting_is_bounded);
	tcase_add_test(t, batch_parameters_are_its_first_variables);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(suite)
