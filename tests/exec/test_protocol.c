/* SPDX-License-Identifier: MIT */
/* Frames: what is written can be read back in any slices, and nothing foreign gets through. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "exec/protocol.h"
#include "tests/harness.h"

static void put_frame(struct buf *out, const char *header, const char *blob, size_t blob_len)
{
	size_t total = strlen(header) + (blob ? 1 + blob_len : 0);
	unsigned char length[4] = { (unsigned char)(total >> 24), (unsigned char)(total >> 16),
		(unsigned char)(total >> 8), (unsigned char)total };

	buf_add(out, length, sizeof(length));
	buf_adds(out, header);
	if (blob) {
		buf_addc(out, '\0');
		buf_add(out, blob, blob_len);
	}
}

/* Feed one hand-made frame and return what the reader says. */
static int read_one(const char *header, struct frame *ret)
{
	struct frame_reader reader = FRAME_READER_INIT;
	struct buf out = BUF_INIT;
	struct err err = { 0 };

	put_frame(&out, header, NULL, 0);
	frame_reader_feed(&reader, out.data, out.len);
	int r = frame_reader_next(&reader, ret, &err);
	frame_reader_release(&reader);
	buf_release(&out);
	return r;
}

START_TEST(frames_survive_any_slicing)
{
	struct buf out = BUF_INIT;

	for (int i = 0; i < 3; i++) {
		json_t *head = frame_head(MESSAGE_EVENTS);
		json_object_set_new(head, "from", json_integer(i));
		ck_assert_int_eq(frame_write(&out, head, "a\0b", 3, NULL), 0);
	}
	for (size_t slice = 1; slice <= out.len; slice++) {
		struct frame_reader reader = FRAME_READER_INIT;
		struct frame frame;
		int seen = 0;
		for (size_t at = 0; at < out.len; at += slice) {
			frame_reader_feed(&reader, out.data + at, at + slice > out.len ? out.len - at : slice);
			while (frame_reader_next(&reader, &frame, NULL) == 1) {
				ck_assert_int_eq(frame.type, MESSAGE_EVENTS);
				ck_assert_int_eq(frame_int(&frame, "from", -1), seen++);
				ck_assert_uint_eq(frame.blob_len, 3);
				ck_assert_mem_eq(frame.blob, "a\0b", 3);
				frame_release(&frame);
			}
		}
		ck_assert_int_eq(seen, 3);
		frame_reader_release(&reader);
	}
	buf_release(&out);
}
END_TEST

START_TEST(a_frame_without_blob_and_one_with_an_empty_blob_both_read)
{
	struct frame_reader reader = FRAME_READER_INIT;
	struct buf out = BUF_INIT;
	struct frame frame;

	frame_write(&out, frame_head(MESSAGE_PING), NULL, 0, NULL);
	frame_write(&out, frame_head(MESSAGE_FILE), "", 0, NULL);
	frame_reader_feed(&reader, out.data, out.len);
	ck_assert_int_eq(frame_reader_next(&reader, &frame, NULL), 1);
	ck_assert_int_eq(frame.type, MESSAGE_PING);
	frame_release(&frame);
	ck_assert_int_eq(frame_reader_next(&reader, &frame, NULL), 1);
	ck_assert_int_eq(frame.type, MESSAGE_FILE);
	ck_assert_uint_eq(frame.blob_len, 0);
	frame_release(&frame);
	frame_reader_release(&reader);
	buf_release(&out);
}
END_TEST

START_TEST(a_length_outside_the_limits_ends_the_conversation_at_once)
{
	static const char *const bad[] = { "\x00\x00\x00\x00", "\x00\x00\x00\x01", "\x00\x40\x00\x01",
		"\xff\xff\xff\xff", "Welcome to Debian" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct frame_reader reader = FRAME_READER_INIT;
		struct frame frame;
		struct err err = { 0 };
		frame_reader_feed(&reader, bad[i], 4);
		ck_assert_int_eq(frame_reader_next(&reader, &frame, &err), -ERR_INVALID);
		frame_reader_release(&reader);
	}
}
END_TEST

START_TEST(headers_that_are_not_objects_with_a_name_are_refused)
{
	static const char *const bad[] = { "[]", "{}", "{\"t\":1}", "{\"t\":\"ping\"", "nonsense",
		"{\"t\":\"ping\",\"t\":\"ping\"}", "{\"t\":\"\xff\"}" };
	struct frame frame;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(read_one(bad[i], &frame) < 0, "accepted: %s", bad[i]);
}
END_TEST

START_TEST(deep_nesting_is_refused_before_the_parser_sees_it)
{
	struct buf header = BUF_INIT;
	struct frame frame;

	buf_adds(&header, "{\"t\":\"ping\",\"x\":");
	for (int i = 0; i < 100000; i++)
		buf_addc(&header, '[');
	ck_assert_int_eq(read_one(header.data, &frame), -ERR_LIMIT);
	buf_release(&header);
}
END_TEST

START_TEST(brackets_inside_text_do_not_count_as_nesting)
{
	struct frame frame;

	ck_assert_int_eq(read_one("{\"t\":\"ping\",\"x\":\"[[[[[[[[[[[[[[[[[[[[[[\\\"{{{{\"}", &frame), 1);
	frame_release(&frame);
}
END_TEST

START_TEST(an_unknown_message_is_read_as_unknown)
{
	struct frame frame;

	ck_assert_int_eq(read_one("{\"t\":\"dance\"}", &frame), 1);
	ck_assert_int_eq(frame.type, MESSAGE_UNKNOWN);
	frame_release(&frame);
}
END_TEST

START_TEST(members_of_another_type_count_as_absent)
{
	struct frame frame;

	ck_assert_int_eq(read_one("{\"t\":\"ping\",\"a\":\"1\",\"b\":1.5,\"c\":[],\"key\":\"1-0\"}", &frame), 1);
	ck_assert_int_eq(frame_int(&frame, "a", -7), -7);
	ck_assert_int_eq(frame_int(&frame, "b", -7), -7);
	ck_assert_ptr_null(frame_text(&frame, "c", NULL));
	ck_assert(frame_bool(&frame, "a", true));
	ck_assert_ptr_null(frame_key(&frame));
	frame_release(&frame);
}
END_TEST

START_TEST(a_frame_longer_than_the_limit_is_not_written)
{
	struct buf out = BUF_INIT;
	char *blob = xcalloc(1, FRAME_MAX);

	ck_assert_int_eq(frame_write(&out, frame_head(MESSAGE_FILE), blob, FRAME_MAX, NULL), -ERR_LIMIT);
	ck_assert_uint_eq(out.len, 0);
	free(blob);
}
END_TEST

START_TEST(task_keys_are_read_strictly)
{
	static const char *const bad[] = { "", "1", "1-", "-1", "0-1", "01-1", "1-0", "1-01", "1-1 ", " 1-1",
		"1-1-1", "9223372036854775808-1", "1-1000000", "../1-1", "1-1/.." };
	int64_t id;
	int attempt;
	char key[TASK_KEY_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!task_key_parse(bad[i], NULL, NULL), "accepted: %s", bad[i]);
	ck_assert(task_key_parse("9223372036854775807-999999", &id, &attempt));
	ck_assert_int_eq(id, INT64_MAX);
	ck_assert_int_eq(attempt, 999999);
	task_key_format(INT64_MAX, 999999, key);
	ck_assert_str_eq(key, "9223372036854775807-999999");
}
END_TEST

START_TEST(project_hashes_are_sixty_four_lower_case_digits)
{
	const char *good = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

	ck_assert(project_hash_valid(good));
	ck_assert(!project_hash_valid(good + 1));
	ck_assert(!project_hash_valid("../3456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"));
	ck_assert(!project_hash_valid("0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"));
	ck_assert(!project_hash_valid(NULL));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("exec_protocol");
	TCase *tcase = tcase_create("frames");

	tcase_add_test(tcase, frames_survive_any_slicing);
	tcase_add_test(tcase, a_frame_without_blob_and_one_with_an_empty_blob_both_read);
	tcase_add_test(tcase, a_length_outside_the_limits_ends_the_conversation_at_once);
	tcase_add_test(tcase, headers_that_are_not_objects_with_a_name_are_refused);
	tcase_add_test(tcase, deep_nesting_is_refused_before_the_parser_sees_it);
	tcase_add_test(tcase, brackets_inside_text_do_not_count_as_nesting);
	tcase_add_test(tcase, an_unknown_message_is_read_as_unknown);
	tcase_add_test(tcase, members_of_another_type_count_as_absent);
	tcase_add_test(tcase, a_frame_longer_than_the_limit_is_not_written);
	tcase_add_test(tcase, task_keys_are_read_strictly);
	tcase_add_test(tcase, project_hashes_are_sixty_four_lower_case_digits);
	suite_add_tcase(suite, tcase);
	return suite;
}

TEST_MAIN(make_suite)
