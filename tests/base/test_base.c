/* SPDX-License-Identifier: MIT */
/* The base room: strings with ceilings, errors cut at characters, calendar, GUIDs, files. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/heap.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "tests/harness.h"

START_TEST(a_buffer_refuses_an_append_past_its_limit_whole)
{
	struct buf b = BUF_INIT;

	buf_set_limit(&b, 5);
	buf_adds(&b, "abc");
	buf_adds(&b, "def");
	ck_assert_str_eq(b.data, "abc");
	ck_assert(b.overflow);
	buf_release(&b);
}
END_TEST

START_TEST(a_buffer_formats_and_consumes)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%d-%s", 42, "x");
	buf_consume(&b, 2);
	ck_assert_str_eq(b.data, "-x");
	buf_release(&b);
	ck_assert_str_eq(b.data, "");
}
END_TEST

/* Whatever room there is: formatted in place, after growing, or refused whole. */
START_TEST(a_buffer_formats_into_any_room)
{
	char want[80];

	for (size_t before = 0; before < 40; before++) {
		struct buf b = BUF_INIT, limited = BUF_INIT;
		snprintf(want, sizeof(want), "%.*s%s-%d", (int)before, "................................................", "abcdefgh", 42);
		buf_set_limit(&limited, before + 10);
		for (size_t i = 0; i < before; i++) {
			buf_addc(&b, '.');
			buf_addc(&limited, '.');
		}
		buf_addf(&b, "%s-%d", "abcdefgh", 42);
		ck_assert_str_eq(b.data, want);
		buf_addf(&limited, "%s-%d", "abcdefgh", 42);
		ck_assert(limited.overflow);
		ck_assert_uint_eq(limited.len, before);
		ck_assert_uint_eq(strlen(limited.data), before);
		buf_addf(&b, "%s", "");
		ck_assert_uint_eq(b.len, strlen(want));
		buf_release(&b);
		buf_release(&limited);
	}
}
END_TEST

START_TEST(a_buffer_writes_numbers)
{
	static const int64_t numbers[] = { 0, 7, -7, 10, INT64_MAX, INT64_MIN };
	char want[32];

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		struct buf b = BUF_INIT;
		buf_addi(&b, numbers[i]);
		snprintf(want, sizeof(want), "%lld", (long long)numbers[i]);
		ck_assert_str_eq(b.data, want);
		buf_release(&b);
	}
}
END_TEST

START_TEST(a_file_is_read_up_to_its_end_or_the_limit)
{
	struct buf b = BUF_INIT;
	struct err err;
	char *dir = test_tmpdir(), *path = path_join(dir, "file"), text[10000];
	int ends[2];

	memset(text, 'x', sizeof(text));
	ck_assert_int_eq(file_write_atomic(path, text, sizeof(text), 0600, false, &err), 0);
	ck_assert_int_eq(file_read(path, sizeof(text), &b, &err), 0);
	ck_assert_uint_eq(b.len, sizeof(text));
	ck_assert_uint_eq(strlen(b.data), sizeof(text));
	/* Behind what is there. */
	ck_assert_int_eq(file_read(path, sizeof(text), &b, &err), 0);
	ck_assert_uint_eq(b.len, 2 * sizeof(text));
	buf_release(&b);
	ck_assert_int_eq(file_read(path, sizeof(text) - 1, &b, &err), -ERR_LIMIT);
	buf_release(&b);
	/* What does not know its size. */
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(fd_write_full(ends[1], text, sizeof(text)), 0);
	close(ends[1]);
	ck_assert_int_eq(fd_read_all(ends[0], sizeof(text), &b), 0);
	ck_assert_uint_eq(b.len, sizeof(text));
	close(ends[0]);
	buf_release(&b);
	free(path);
	free(dir);
}
END_TEST

START_TEST(a_long_error_is_cut_between_characters)
{
	struct err err;
	char text[600];

	memset(text, 'a', sizeof(text));
	memcpy(text + 510, "\xC3\xA9", 2);
	text[599] = '\0';
	ck_assert_int_eq(err_set(&err, ERR_INVALID, "%s", text), -ERR_INVALID);
	ck_assert_uint_eq(strlen(err.primary), 510);
}
END_TEST

START_TEST(a_prefix_keeps_the_code_and_the_text)
{
	struct err err;

	err_set(&err, ERR_NOT_FOUND, "no such folder");
	ck_assert_int_eq(err_prefix(&err, "deploy %s", "a.ispac"), -ERR_NOT_FOUND);
	ck_assert_str_eq(err.primary, "deploy a.ispac: no such folder");
}
END_TEST

START_TEST(the_calendar_goes_there_and_back)
{
	int y, m, d;

	ck_assert_int_eq(clock_days_from_civil(1, 1, 1), 0);
	ck_assert_int_eq(clock_days_from_civil(1970, 1, 1) * TICKS_PER_DAY, TICKS_UNIX_EPOCH);
	for (int64_t day = 0; day < 3652059; day += 97) {
		clock_civil_from_days(day, &y, &m, &d);
		ck_assert_int_eq(clock_days_from_civil(y, m, d), day);
	}
}
END_TEST

START_TEST(utc_text_has_seven_digits)
{
	char text[32];

	clock_format_utc(TICKS_UNIX_EPOCH + 1234567, text, sizeof(text));
	ck_assert_str_eq(text, "1970-01-01T00:00:00.1234567Z");
}
END_TEST

START_TEST(a_guid_survives_text_in_both_cases_and_braces)
{
	struct uuid id, back;
	char text[UUID_TEXT_LEN + 1];

	uuid_new(&id);
	uuid_format(&id, true, text);
	ck_assert(uuid_parse(text, strlen(text), &back));
	ck_assert_mem_eq(&id, &back, sizeof(id));
	ck_assert(uuid_parse("{64c020e2-f819-4c2d-a22f-efb31a91e70a}", 38, &back));
	ck_assert(!uuid_parse("64c020e2-f819-4c2d-a22f-efb31a91e70", 35, &back));
	ck_assert(!uuid_parse("64c020e2+f819-4c2d-a22f-efb31a91e70a", 36, &back));
}
END_TEST

START_TEST(malformed_utf8_is_found)
{
	ck_assert(utf8_valid("gr\xC3\xBC\xC3\x9F", 6));
	ck_assert(utf8_valid("\xEF\xBF\xBD", 3));
	ck_assert(!utf8_valid("\xC0\x80", 2));
	ck_assert(!utf8_valid("\xED\xA0\x80", 3));
	ck_assert(!utf8_valid("\xF0\x9F\x98", 3));
}
END_TEST

START_TEST(names_compare_without_case)
{
	ck_assert_int_eq(utf8_casecmp("Folder1", "FOLDER1"), 0);
	ck_assert_int_eq(utf8_casecmp("GR\xC3\x9C\xC3\x9F", "gr\xC3\xBC\xC3\x9F"), 0);
	ck_assert_int_lt(utf8_casecmp("a", "B"), 0);
	ck_assert_int_lt(utf8_casecmp("a", "ab"), 0);
}
END_TEST

START_TEST(hex_digits_are_read_in_both_cases_and_nothing_else)
{
	const char *digits = "0123456789abcdefABCDEF";

	for (int c = -1; c < 256; c++) {
		const char *at = c > 0 ? strchr(digits, c) : NULL;
		int place = at ? (int)(at - digits) : -1;
		ck_assert_int_eq(hex_digit(c), place > 15 ? place - 6 : place);
	}
}
END_TEST

START_TEST(utf16_lengths_count_pairs)
{
	const char *text = "a\xF0\x9F\x98\x80z";

	ck_assert_uint_eq(utf8_utf16_len(text, strlen(text)), 4);
	ck_assert_uint_eq(utf8_prefix_utf16(text, strlen(text), 2), 1);
	ck_assert_uint_eq(utf8_prefix_utf16(text, strlen(text), 3), 5);
}
END_TEST

START_TEST(a_file_is_replaced_whole_and_limits_hold)
{
	char *dir = test_tmpdir();
	char *path = path_join(dir, "x");
	struct buf b = BUF_INIT;
	struct err err;
	struct stat st;

	ck_assert_int_eq(file_write_atomic(path, "one", 3, 0600, true, &err), 0);
	ck_assert_int_eq(file_write_atomic(path, "three", 5, 0600, false, &err), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(file_read(path, 4, &b, &err), -ERR_LIMIT);
	buf_clear(&b);
	ck_assert_int_eq(file_read(path, 5, &b, &err), 0);
	ck_assert_str_eq(b.data, "three");
	buf_release(&b);
	free(path);
	free(dir);
}
END_TEST

START_TEST(removing_a_tree_does_not_follow_links)
{
	char *dir = test_tmpdir();
	char *deep = path_join(dir, "a/b/c");
	char *outside = path_join(dir, "keep");
	char *link = path_join(dir, "a/b/link");
	char *top = path_join(dir, "a");
	struct err err;

	ck_assert_int_eq(dir_make(deep, 0700, &err), 0);
	ck_assert_int_eq(dir_make(outside, 0700, &err), 0);
	ck_assert_int_eq(symlink(outside, link), 0);
	ck_assert_int_eq(dir_remove(top, &err), 0);
	ck_assert(!file_exists(top));
	ck_assert(file_exists(outside));
	ck_assert_int_eq(dir_remove(top, &err), 0);
	free(top);
	free(link);
	free(outside);
	free(deep);
	free(dir);
}
END_TEST

struct weight {
	struct heap_node node;
	int value;
};

static bool lighter(const struct heap_node *a, const struct heap_node *b)
{
	return heap_const_entry(a, struct weight, node)->value < heap_const_entry(b, struct weight, node)->value;
}

START_TEST(a_heap_gives_members_in_order_and_lets_any_of_them_go_or_move)
{
	struct weight w[100] = { 0 };
	struct heap heap = { .before = lighter };
	int last = -1, count = 0;

	for (int i = 0; i < 100; i++) {
		w[i].value = i * 37 % 100;
		heap_put(&heap, &w[i].node);
	}
	for (int i = 0; i < 100; i += 10)
		heap_drop(&heap, &w[i].node);
	heap_drop(&heap, &w[0].node);
	w[1].value = 1000;
	heap_put(&heap, &w[1].node);
	for (struct heap_node *top; (top = heap_top(&heap)); count++) {
		int value = heap_entry(top, struct weight, node)->value;
		ck_assert_int_gt(value, last);
		last = value;
		heap_drop(&heap, top);
		ck_assert_uint_eq(top->place, 0);
	}
	ck_assert_int_eq(count, 90);
	ck_assert_int_eq(last, 1000);
	heap_release(&heap);
}
END_TEST

static Suite *base_suite(void)
{
	Suite *s = suite_create("base");
	TCase *t = tcase_create("base");

	tcase_add_test(t, a_buffer_refuses_an_append_past_its_limit_whole);
	tcase_add_test(t, a_buffer_formats_and_consumes);
	tcase_add_test(t, a_buffer_formats_into_any_room);
	tcase_add_test(t, a_buffer_writes_numbers);
	tcase_add_test(t, a_file_is_read_up_to_its_end_or_the_limit);
	tcase_add_test(t, a_long_error_is_cut_between_characters);
	tcase_add_test(t, a_prefix_keeps_the_code_and_the_text);
	tcase_add_test(t, the_calendar_goes_there_and_back);
	tcase_add_test(t, utc_text_has_seven_digits);
	tcase_add_test(t, a_guid_survives_text_in_both_cases_and_braces);
	tcase_add_test(t, malformed_utf8_is_found);
	tcase_add_test(t, names_compare_without_case);
	tcase_add_test(t, hex_digits_are_read_in_both_cases_and_nothing_else);
	tcase_add_test(t, utf16_lengths_count_pairs);
	tcase_add_test(t, a_file_is_replaced_whole_and_limits_hold);
	tcase_add_test(t, removing_a_tree_does_not_follow_links);
	tcase_add_test(t, a_heap_gives_members_in_order_and_lets_any_of_them_go_or_move);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(base_suite)
