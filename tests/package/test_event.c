/* SPDX-License-Identifier: MIT */
/* Event records and task specifications survive the trip through JSON; levels keep what they should. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "package/event.h"
#include "package/taskspec.h"
#include "tests/harness.h"

START_TEST(a_message_comes_back_as_it_was_sent)
{
	struct event in = { .seq = 7,
		.kind = EVENT_KIND_MESSAGE,
		.time = INT64_C(639000000000000000),
		.type = EVENT_ERROR,
		.source_type = EVENT_SOURCE_TASK,
		.message = "Load:Error: \"x\"\r\n\ttab \\ \xC3\xA9 \xF0\x9F\x98\x80 \x01",
		.package_name = "Load.dtsx",
		.event_name = "OnError",
		.source_name = "Load",
		.source_id = "{0}",
		.package_path = "\\Package\\Load",
		.execution_path = "\\Load\\Load",
		.thread_id = 4242,
		.code = (int32_t)0xC0029151 };
	struct event out;
	struct buf line = BUF_INIT;

	event_encode(&in, &line);
	ck_assert_int_eq(line.data[line.len - 1], '\n');
	ck_assert_ptr_eq(memchr(line.data, '\n', line.len), line.data + line.len - 1);
	ck_assert_int_eq(event_decode(line.data, line.len, &out, NULL), 0);
	ck_assert_int_eq(out.seq, 7);
	ck_assert_int_eq(out.time, in.time);
	ck_assert_int_eq(out.code, in.code);
	ck_assert_int_eq(out.thread_id, 4242);
	ck_assert_str_eq(out.message, in.message);
	ck_assert_str_eq(out.execution_path, in.execution_path);
	ck_assert_ptr_null(out.subcomponent_name);
	event_release(&out);
	buf_release(&line);
}
END_TEST

START_TEST(every_kind_keeps_its_own_members)
{
	for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
		struct event out, in = { .seq = 1,
			.kind = (enum event_kind)kind,
			.package_name = "p",
			.source_name = "s",
			.source_id = "i",
			.property_name = "n",
			.property_value = "v",
			.executable_path = "x",
			.phase = "ph",
			.path_id = "pi",
			.start_time = 1,
			.rows_sent = 5,
			.value = 6,
			.result = 3 };
		struct buf line = BUF_INIT;
		event_encode(&in, &line);
		ck_assert_int_eq(event_decode(line.data, line.len, &out, NULL), 0);
		ck_assert_int_eq(out.kind, kind);
		ck_assert_int_eq(out.phase != NULL, kind == EVENT_KIND_PHASE);
		ck_assert_int_eq(out.path_id != NULL, kind == EVENT_KIND_DATA);
		ck_assert_int_eq(out.executable_path != NULL, kind == EVENT_KIND_STATISTICS);
		ck_assert_int_eq(out.property_name != NULL, kind == EVENT_KIND_CONTEXT || kind == EVENT_KIND_COUNTER);
		ck_assert_int_eq(out.rows_sent, kind == EVENT_KIND_DATA ? 5 : 0);
		ck_assert_int_eq(out.value, kind == EVENT_KIND_COUNTER ? 6 : 0);
		ck_assert_int_eq(out.result, kind == EVENT_KIND_STATISTICS ? 3 : 0);
		event_release(&out);
		buf_release(&line);
	}
}
END_TEST

START_TEST(a_long_text_is_cut_at_a_character_to_fit_the_line)
{
	size_t len = 3 * EVENT_LINE_MAX;
	char *text = xmalloc(len + 1);
	struct buf line = BUF_INIT;
	struct event out;

	for (size_t i = 0; i < len; i++)
		text[i] = "\xE2\x82\xAC"[i % 3];
	text[len] = '\0';
	struct event in = { .seq = 1, .kind = EVENT_KIND_MESSAGE, .message = text, .source_name = "after" };
	event_encode(&in, &line);
	ck_assert_uint_le(line.len, EVENT_LINE_MAX);
	ck_assert_uint_gt(line.len, EVENT_LINE_MAX / 4);
	ck_assert_int_eq(event_decode(line.data, line.len, &out, NULL), 0);
	ck_assert_str_eq(out.message + strlen(out.message) - 3, "\xE2\x80\xA6");
	ck_assert_str_eq(out.source_name, "after");
	event_release(&out);
	buf_release(&line);
	free(text);
}
END_TEST

START_TEST(malformed_utf8_is_replaced)
{
	struct event out, in = { .seq = 1, .kind = EVENT_KIND_MESSAGE, .message = "a\xFF\xC3" };
	struct buf line = BUF_INIT;

	event_encode(&in, &line);
	ck_assert_int_eq(event_decode(line.data, line.len, &out, NULL), 0);
	ck_assert_str_eq(out.message, "a\xEF\xBF\xBD\xEF\xBF\xBD");
	event_release(&out);
	buf_release(&line);
}
END_TEST

START_TEST(foreign_records_are_refused)
{
	static const char *const bad[] = { "", "{}", "[1]", "{\"s\":1}", "{\"s\":0,\"k\":\"m\"}",
		"{\"s\":1,\"k\":\"z\"}", "{\"s\":1,\"k\":\"mm\"}", "{\"s\":1,\"k\":\"m\",\"m\":3}",
		"{\"s\":1,\"k\":\"m\",\"c\":4294967296}", "{\"s\":1,\"k\":\"m\"", "{\"s\":1,\"k\":\"m\"}x" };
	struct event out;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		err_clear(&err);
		ck_assert_msg(event_decode(bad[i], strlen(bad[i]), &out, &err) < 0, "%s", bad[i]);
		ck_assert_int_ne(err.primary[0], 0);
	}
	ck_assert_int_eq(event_decode("{\"s\":1,\"k\":\"m\",\"new\":[1]}", 25, &out, NULL), 0);
	event_release(&out);
}
END_TEST

/* Plain lines are read without jansson: both ways must give the same. */
START_TEST(a_line_is_read_the_same_in_the_quick_and_the_slow_way)
{
	static const char *const members[] = { "\"m\":\"a \\\"b\\\" \\\\ \\n\\t\\/ \xC3\xA4\"", "\"m\":\"\"",
		"\"m\":\"1\",\"m\":\"2\"", "\"t\":-5 , \"th\" : 123456789012345678", "\"pn\":\"p\",\"t\":7,\"en\":\"e\"",
		"\"xp\":\"not of this kind\",\"c\":-2147483648" };

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		struct event quick, slow;
		char *line = xasprintf("{\"s\":9,\"k\":\"m\",%s}\n", members[i]);
		char *same = xasprintf("{\"s\":9,\"k\":\"m\",%s,\"new\":null}\n", members[i]);
		ck_assert_int_eq(event_decode(line, strlen(line), &quick, NULL), 0);
		ck_assert_int_eq(event_decode(same, strlen(same), &slow, NULL), 0);
		ck_assert_msg(quick.line && !slow.line, "%s", line);
		ck_assert_int_eq(quick.seq, 9);
		ck_assert_pstr_eq(quick.message, slow.message);
		ck_assert_pstr_eq(quick.package_name, slow.package_name);
		ck_assert_pstr_eq(quick.event_name, slow.event_name);
		ck_assert_ptr_null(quick.executable_path);
		ck_assert_int_eq(quick.time, slow.time);
		ck_assert_int_eq(quick.thread_id, slow.thread_id);
		ck_assert_int_eq(quick.code, slow.code);
		event_release(&quick);
		event_release(&slow);
		free(line);
		free(same);
	}
}
END_TEST

START_TEST(levels_keep_what_the_documentation_says)
{
	ck_assert(!event_level_keeps(EVENT_LEVEL_NONE, -1, EVENT_ERROR));
	ck_assert(event_level_keeps(EVENT_LEVEL_BASIC, 0, EVENT_PROGRESS));
	ck_assert(!event_level_keeps(EVENT_LEVEL_BASIC, 0, EVENT_CUSTOM));
	ck_assert(!event_level_keeps(EVENT_LEVEL_BASIC, 0, EVENT_DIAGNOSTIC));
	ck_assert(event_level_keeps(EVENT_LEVEL_PERFORMANCE, 0, EVENT_WARNING));
	ck_assert(!event_level_keeps(EVENT_LEVEL_PERFORMANCE, 0, EVENT_INFORMATION));
	ck_assert(event_level_keeps(EVENT_LEVEL_VERBOSE, 0, EVENT_DIAGNOSTIC));
	ck_assert(event_level_keeps(EVENT_LEVEL_CUSTOM, 1 << 8, EVENT_ERROR));
	ck_assert(event_level_keeps(EVENT_LEVEL_CUSTOM, INT64_C(1) << 40, EVENT_ERROR));
	ck_assert(!event_level_keeps(EVENT_LEVEL_CUSTOM, 1 << 8, EVENT_WARNING));
	ck_assert(!event_level_keeps(EVENT_LEVEL_CUSTOM, -1, EVENT_UNKNOWN));
}
END_TEST

START_TEST(event_types_are_found_by_number_and_name)
{
	size_t count;
	const struct event_type_info *rows = event_types(&count);

	for (size_t i = 0; i < count; i++) {
		ck_assert_ptr_eq(event_type_info(rows[i].type), &rows[i]);
		if (rows[i].event_name[0])
			ck_assert_ptr_eq(event_type_by_name(rows[i].event_name), &rows[i]);
	}
	ck_assert_int_eq(event_type_info(12345)->type, EVENT_UNKNOWN);
	ck_assert_ptr_null(event_type_by_name("onerror"));
}
END_TEST

START_TEST(a_task_specification_comes_back_as_it_was)
{
	struct taskspec_value values[] = {
		{ 20, NULL, (char[]){ "P" }, (char[]){ "String" }, (char[]){ "a\"b" }, true, true },
		{ 30, (char[]){ "child.dtsx" }, (char[]){ "CM.a.b.Password" }, (char[]){ "String" }, NULL, false, false },
	};
	struct taskspec_override overrides[] = { { (char[]){ "\\Package.Properties[X]" }, (char[]){ "1" }, true } };
	struct taskspec out, in = { .execution_id = INT64_C(1) << 60,
		.attempt = 2,
		.folder_name = (char[]){ "f" },
		.package_name = (char[]){ "p.dtsx" },
		.logging_level = 3,
		.custom_events = -1,
		.validate_only = true,
		.values = values,
		.value_count = 2,
		.overrides = overrides,
		.override_count = 1 };
	struct buf text = BUF_INIT;

	taskspec_encode(&in, &text);
	ck_assert_int_eq(taskspec_decode(text.data, text.len, &out, NULL), 0);
	ck_assert_int_eq(out.execution_id, in.execution_id);
	ck_assert_int_eq(out.custom_events, -1);
	ck_assert(out.validate_only && !out.dump_on_error);
	ck_assert_ptr_null(out.project_name);
	ck_assert_uint_eq(out.value_count, 2);
	ck_assert_str_eq(out.values[0].value, "a\"b");
	ck_assert(out.values[0].sensitive && out.values[0].value_set);
	ck_assert_ptr_null(out.values[0].package);
	ck_assert_str_eq(out.values[1].package, "child.dtsx");
	ck_assert_ptr_null(out.values[1].value);
	ck_assert_uint_eq(out.override_count, 1);
	ck_assert_str_eq(out.overrides[0].path, overrides[0].path);
	taskspec_release(&out);
	buf_release(&text);
}
END_TEST

START_TEST(half_a_task_specification_is_refused)
{
	static const char *const bad[] = { "{}", "{\"v\":1}", "{\"v\":2,\"package\":\"p\"}",
		"{\"v\":1,\"package\":\"p\",\"values\":{}}", "{\"v\":1,\"package\":\"p\",\"values\":[{}]}",
		"{\"v\":1,\"package\":\"p\",\"values\":[3]}",
		"{\"v\":1,\"package\":\"p\",\"values\":[{\"name\":\"a\",\"data_type\":1}]}",
		"{\"v\":1,\"package\":\"p\",\"overrides\":[{\"value\":\"a\"}]}" };
	struct taskspec out;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		ck_assert_msg(taskspec_decode(bad[i], strlen(bad[i]), &out, &err) < 0, "%s", bad[i]);
		ck_assert_int_ne(err.primary[0], 0);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("event");
	TCase *tc = tcase_create("event");

	tcase_add_test(tc, a_message_comes_back_as_it_was_sent);
	tcase_add_test(tc, every_kind_keeps_its_own_members);
	tcase_add_test(tc, a_long_text_is_cut_at_a_character_to_fit_the_line);
	tcase_add_test(tc, malformed_utf8_is_replaced);
	tcase_add_test(tc, foreign_records_are_refused);
	tcase_add_test(tc, a_line_is_read_the_same_in_the_quick_and_the_slow_way);
	tcase_add_test(tc, levels_keep_what_the_documentation_says);
	tcase_add_test(tc, event_types_are_found_by_number_and_name);
	tcase_add_test(tc, a_task_specification_comes_back_as_it_was);
	tcase_add_test(tc, half_a_task_specification_is_refused);
	suite_add_tcase(s, tc);
	return s;
}

TEST_MAIN(suite)
