/* SPDX-License-Identifier: MIT */
/* Values: decimal arithmetic, dates, conversions with their error numbers, text forms, SQLite storage. */
#include <sqlite3.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tests/harness.h"
#include "tsql/datetime.h"
#include "tsql/decimal.h"
#include "tsql/sqlite_ext.h"
#include "tsql/types.h"

static const struct tsql_decl decl_int = { .type = TSQL_INT };
static const struct tsql_decl decl_bigint = { .type = TSQL_BIGINT };
static const struct tsql_decl decl_bit = { .type = TSQL_BIT };
static const struct tsql_decl decl_dto = { .type = TSQL_DATETIMEOFFSET };
static const struct tsql_decl decl_datetime = { .type = TSQL_DATETIME };
static const struct tsql_decl decl_uuid = { .type = TSQL_UNIQUEIDENTIFIER };
static const struct tsql_decl decl_float = { .type = TSQL_FLOAT };

/* Convert text and compare the printed result, or the error number when expected begins with '!'. */
static void check_cast(const char *text, struct tsql_decl decl, const char *expected)
{
	struct tsql_value from = tsql_varchar(text), to = tsql_null(TSQL_UNKNOWN);
	struct buf shown = BUF_INIT;
	struct err err;
	int r = tsql_value_cast(&from, &decl, -1, &to, &err);

	if (r < 0)
		buf_addf(&shown, "!%d", err.sql_number);
	else
		tsql_value_format(&to, &shown);
	ck_assert_msg(strcmp(shown.data, expected) == 0, "'%s' as %s: expected %s, got %s", text,
	    tsql_type_name(decl.type), expected, shown.data);
	buf_release(&shown);
	tsql_value_release(&from);
	tsql_value_release(&to);
}

static struct tsql_decl dec(int precision, int scale)
{
	return (struct tsql_decl){ .type = TSQL_DECIMAL, .precision = precision, .scale = scale };
}

static void check_op(enum decimal_op op, const char *a, const char *b, const char *expected)
{
	struct decimal x, y, z;
	char text[DECIMAL_TEXT_MAX] = "overflow";

	ck_assert(decimal_parse(a, strlen(a), &x) && decimal_parse(b, strlen(b), &y));
	if (decimal_op(op, &x, &y, &z))
		decimal_format(&z, text);
	ck_assert_msg(strcmp(text, expected) == 0, "%s op%d %s: expected %s, got %s", a, (int)op, b, expected, text);
}

START_TEST(decimals_follow_the_precision_rules)
{
	check_op(DECIMAL_ADD, "1.5", "2.25", "3.75");
	check_op(DECIMAL_SUB, "1", "2.25", "-1.25");
	check_op(DECIMAL_MUL, "1.5", "-1.5", "-2.25");
	check_op(DECIMAL_DIV, "1.0", "3", "0.333333");
	check_op(DECIMAL_DIV, "2.0", "3", "0.666666");
	check_op(DECIMAL_MOD, "7.5", "2", "1.5");
	check_op(DECIMAL_MOD, "-7.5", "2", "-1.5");
	check_op(DECIMAL_ADD, "99999999999999999999999999999999999999", "1", "overflow");
	check_op(DECIMAL_MUL, "12345678901234567890", "10000000000", "123456789012345678900000000000");
}
END_TEST

START_TEST(text_becomes_numbers_or_the_servers_errors)
{
	check_cast(" 42 ", decl_int, "42");
	check_cast("", decl_int, "0");
	check_cast("12.5", decl_int, "!245");
	check_cast("99999999999", decl_int, "!248");
	check_cast("abc", decl_bigint, "!8114");
	check_cast("-9223372036854775808", decl_bigint, "-9223372036854775808");
	check_cast("9223372036854775808", decl_bigint, "!8115");
	check_cast("True", decl_bit, "1");
	check_cast("FALSE", decl_bit, "0");
	check_cast("7", decl_bit, "1");
	check_cast("maybe", decl_bit, "!245");
	check_cast("1.005", dec(5, 2), "1.01");
	check_cast("-1.005", dec(5, 2), "-1.01");
	check_cast("12345.6", dec(5, 2), "!8115");
	check_cast("x", dec(5, 2), "!8114");
	check_cast("1e3", decl_float, "1000");
	check_cast("0.1", decl_float, "0.1");
}
END_TEST

START_TEST(text_becomes_dates)
{
	check_cast("2026-11-22", decl_datetime, "2026-11-22 00:00:00.000");
	check_cast("20261122 13:14", decl_datetime, "2026-11-22 13:14:00.000");
	check_cast("11/22/2026 1:14 PM", decl_datetime, "2026-11-22 13:14:00.000");
	check_cast("Nov 22 2026 12:39AM", decl_datetime, "2026-11-22 00:39:00.000");
	check_cast("2026-11-22T01:02:03.126", decl_datetime, "2026-11-22 01:02:03.127");
	check_cast("2026-02-29", decl_datetime, "!241");
	check_cast("0001-01-01", decl_datetime, "!242");
	check_cast("2026-11-22 01:02:03.1234567 +02:30", decl_dto, "2026-11-22 01:02:03.1234567 +02:30");
	check_cast("2026-11-22T01:02:03Z", decl_dto, "2026-11-22 01:02:03.0000000 +00:00");
	check_cast("soon", decl_dto, "!241");
	check_cast("", decl_datetime, "1900-01-01 00:00:00.000");
}
END_TEST

START_TEST(guids_are_read_and_refused)
{
	check_cast("64c020e2-f819-4c2d-a22f-efb31a91e70a", decl_uuid, "64C020E2-F819-4C2D-A22F-EFB31A91E70A");
	check_cast("64c020e2", decl_uuid, "!8169");
}
END_TEST

static void check_number_error(struct tsql_value v, struct tsql_decl decl, int number)
{
	struct tsql_value to;
	struct err err;

	ck_assert_int_lt(tsql_value_convert(&v, &decl, &to, &err), 0);
	ck_assert_msg(err.sql_number == number, "expected %d, got %d: %s", number, err.sql_number, err.primary);
	tsql_value_release(&v);
}

START_TEST(overflow_and_wrong_types_have_their_numbers)
{
	struct tsql_decl tiny = { .type = TSQL_TINYINT }, date = { .type = TSQL_DATE };
	struct tsql_decl bin = { .type = TSQL_VARBINARY, .length = 10 };

	check_number_error(tsql_int(300), tiny, 220);
	check_number_error(tsql_bigint(INT64_C(3000000000)), decl_int, 8115);
	check_number_error(tsql_int(1), date, 206);
	check_number_error(tsql_nvarchar("x"), bin, 257);
}
END_TEST

START_TEST(long_text_is_cut_and_fixed_text_padded)
{
	check_cast("abcdef", (struct tsql_decl){ .type = TSQL_VARCHAR, .length = 3 }, "abc");
	check_cast("ab", (struct tsql_decl){ .type = TSQL_CHAR, .length = 4 }, "ab  ");
	check_cast("\xF0\x9F\x98\x80x", (struct tsql_decl){ .type = TSQL_NVARCHAR, .length = 2 }, "\xF0\x9F\x98\x80");
}
END_TEST

START_TEST(values_print_as_literals_that_make_them_again)
{
	struct tsql_value values[] = { tsql_nvarchar("it's"), tsql_smallint(3), tsql_int(-1), tsql_varbinary("\0\xFF", 2) };
	const char *expected[] = { "N'it''s'", "CAST(3 AS smallint)", "-1", "0x00FF" };

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct buf b = BUF_INIT;
		tsql_value_literal(&values[i], &b);
		ck_assert_str_eq(b.data, expected[i]);
		buf_release(&b);
		tsql_value_release(&values[i]);
	}
}
END_TEST

START_TEST(a_variant_keeps_its_base_type_in_storage)
{
	struct tsql_value cases[] = { tsql_int(42), tsql_nvarchar("a:b"), tsql_varbinary("\x01\x02", 2),
		tsql_datetimeoffset(clock_wall()), tsql_float(0.1), tsql_bit(true) };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf text = BUF_INIT, again = BUF_INIT;
		struct tsql_value back;
		struct err err;
		tsql_variant_encode(&cases[i], &text);
		ck_assert_msg(tsql_variant_decode(text.data, text.len, &back, &err) == 0, "%s", text.data);
		ck_assert_int_eq(back.type, cases[i].type);
		tsql_variant_encode(&back, &again);
		ck_assert_str_eq(text.data, again.data);
		buf_release(&text);
		buf_release(&again);
		tsql_value_release(&back);
		tsql_value_release(&cases[i]);
	}
}
END_TEST

START_TEST(a_damaged_variant_is_refused)
{
	const char *bad[] = { "", "int", "int:x", "nosuch:1", "decimal(99,2):1", "datetime2(9):2026-01-01" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct tsql_value v;
		ck_assert_int_lt(tsql_variant_decode(bad[i], strlen(bad[i]), &v, NULL), 0);
	}
}
END_TEST

START_TEST(comparison_ignores_case_and_blanks_at_the_end)
{
	struct tsql_value a = tsql_nvarchar("Abc "), b = tsql_varchar("aBC"), n = tsql_int(5), t = tsql_varchar("05");
	int r = 9;

	ck_assert_int_eq(tsql_value_compare(&a, &b, &r, NULL), 0);
	ck_assert_int_eq(r, 0);
	ck_assert_int_eq(tsql_value_compare(&n, &t, &r, NULL), 0);
	ck_assert_int_eq(r, 0);
	tsql_value_release(&a);
	tsql_value_release(&b);
	tsql_value_release(&t);
}
END_TEST

START_TEST(the_collation_finds_names_through_an_index)
{
	sqlite3 *db;
	sqlite3_stmt *stmt;

	ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	ck_assert_int_eq(tsql_register_sqlite(db), 0);
	ck_assert_int_eq(sqlite3_exec(db, "create table t(name text collate tsql unique);"
	    "insert into t values('Folder1')", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, "select 1 from t where name = 'FOLDER1  '", -1, &stmt, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}
END_TEST

START_TEST(dates_add_and_differ_by_calendar)
{
	struct datetime_parts p;
	int64_t t, u, n;

	ck_assert(datetime_parse("2024-01-31", 10, &p));
	t = datetime_ticks(&p);
	u = t;
	ck_assert(datetime_add(DATETIME_MONTH, 1, &u));
	ck_assert(datetime_diff(DATETIME_DAY, t, u, &n));
	ck_assert_int_eq(n, 29);
	ck_assert(datetime_diff(DATETIME_MONTH, t, u, &n));
	ck_assert_int_eq(n, 1);
	ck_assert(!datetime_add(DATETIME_YEAR, 9000, &u));
	ck_assert_int_eq(datetime_part_get(DATETIME_WEEKDAY, t), 4); /* a Wednesday */
	ck_assert_int_eq(datetime_part_get(DATETIME_ISO_WEEK, t), 5);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("tsql_value");
	TCase *t = tcase_create("value");

	tcase_add_test(t, decimals_follow_the_precision_rules);
	tcase_add_test(t, text_becomes_numbers_or_the_servers_errors);
	tcase_add_test(t, text_becomes_dates);
	tcase_add_test(t, guids_are_read_and_refused);
	tcase_add_test(t, overflow_and_wrong_types_have_their_numbers);
	tcase_add_test(t, long_text_is_cut_and_fixed_text_padded);
	tcase_add_test(t, values_print_as_literals_that_make_them_again);
	tcase_add_test(t, a_variant_keeps_its_base_type_in_storage);
	tcase_add_test(t, a_damaged_variant_is_refused);
	tcase_add_test(t, comparison_ignores_case_and_blanks_at_the_end);
	tcase_add_test(t, the_collation_finds_names_through_an_index);
	tcase_add_test(t, dates_add_and_differ_by_calendar);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(suite)
