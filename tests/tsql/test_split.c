/* SPDX-License-Identifier: MIT */
/* Splitting a script at GO. */
#include <string.h>

#include "tests/harness.h"
#include "tsql/split.h"

/* Batches as "text*count|", with their text trimmed of line ends. */
static void expect(const char *script, const char *expected)
{
	struct tsql_batches batches;
	char got[512] = "";
	size_t at = 0;

	tsql_split_batches(script, strlen(script), &batches);
	for (size_t i = 0; i < batches.len; i++) {
		size_t len = batches.items[i].len;
		while (len && batches.items[i].text[len - 1] == '\n')
			len--;
		at += (size_t)snprintf(got + at, sizeof(got) - at, "%.*s*%d%s|", (int)len, batches.items[i].text,
		    batches.items[i].count, batches.items[i].terminated ? "" : "?");
	}
	tsql_batches_release(&batches);
	ck_assert_str_eq(got, expected);
}

START_TEST(go_ends_a_batch_in_any_case_and_with_a_count)
{
	expect("a\nGO\nb\n go 3 \nc", "a*1|b*3|c*1?|");
	expect("a\r\nGo\r\n", "a\r*1|");
	expect("GO\nGO\n", "");
	expect("a\nGO -- done\nb\nGO 2--x\n", "a*1|b*2|");
}
END_TEST

START_TEST(go_inside_text_is_text)
{
	expect("'x\nGO\n'\nGO", "'x\nGO\n'*1|");
	expect("/* a /* b */\nGO\n*/ c\nGO", "/* a /* b */\nGO\n*/ c*1|");
	expect("[a\nGO\n]\nGO", "[a\nGO\n]*1|");
	expect("-- it's\nGO\nb", "-- it's*1|b*1?|");
	expect("'it''s'\nGO", "'it''s'*1|");
}
END_TEST

START_TEST(words_that_begin_with_go_are_text)
{
	expect("GOTO x\nGOAL\nGO x\n", "GOTO x\nGOAL\nGO x*1?|");
}
END_TEST

static Suite *split_suite(void)
{
	Suite *s = suite_create("split");
	TCase *t = tcase_create("split");

	tcase_add_test(t, go_ends_a_batch_in_any_case_and_with_a_count);
	tcase_add_test(t, go_inside_text_is_text);
	tcase_add_test(t, words_that_begin_with_go_are_text);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(split_suite)
