/* SPDX-License-Identifier: MIT */
/* The expression language by tables: literals, operators, result types, NULLs, casts, functions, errors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "runtime/expr_node.h"
#include "tests/harness.h"

/* text of the expression; "TYPE value" with value NULL for NULL, or "!C00470xx" for an error. */
struct row {
	const char *text, *expected;
};

/* Variables that the tables use. */
static const struct {
	const char *space, *name, *type_name, *value;
} variables[] = {
	{ "User", "s", "String", "Hello" },
	{ "User", "empty", "String", "" },
	{ "User", "i", "Int32", "7" },
	{ "User", "l", "Int64", "5000000000" },
	{ "User", "b", "Boolean", "True" },
	{ "User", "d", "DateTime", "2020-02-29 13:45:10" },
	{ "User", "dec", "Decimal", "12.50" },
	{ "User", "r", "Double", "0.1" },
	{ "User", "by", "Byte", "200" },
	{ "User", "o", "Object", NULL },
	{ "System", "StartTime", "DateTime", "2024-01-01" },
	{ "$Project", "p", "String", "proj" },
	{ "My Space", "With Blank", "Int16", "3" },
};

static int find(const char *space, const char *name, struct value *ret, struct fault *fault)
{
	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
		if ((!*space || !strcmp(space, variables[i].space)) && !strcmp(name, variables[i].name))
			return value_from_type_name(variables[i].type_name, variables[i].value, ret, fault);
	}
	return fault_set(fault, EXPR_VARIABLE_NOT_FOUND, "no variable %s", name);
}

static int read_variable(void *ctx, const char *space, const char *name, struct value *ret,
    struct fault *fault)
{
	(void)ctx;
	return find(space, name, ret, fault);
}

static int type_of(void *ctx, const char *space, const char *name, struct value_type *ret,
    struct fault *fault)
{
	struct value v;

	(void)ctx;
	if (find(space, name, &v, fault))
		return -1;
	*ret = v.type;
	value_release(&v);
	return 0;
}

static char written[200];

static int write_variable(void *ctx, const char *space, const char *name, const struct value *value,
    struct fault *fault)
{
	struct buf text = BUF_INIT;

	(void)ctx, (void)fault;
	value_text(value, &text);
	snprintf(written, sizeof(written), "%s|%s|%s", space, name, text.data);
	buf_release(&text);
	return 0;
}

static const struct expr_scope scope = { .type_of = type_of, .read = read_variable };

/* "TYPE value" of an expression, or "!CODE". */
static void describe(const char *text, struct buf *out)
{
	struct fault fault = { 0 };
	struct value v;

	if (expr_run(text, &scope, &v, &fault)) {
		buf_addf(out, "!%08X", (unsigned)fault.code);
		ck_assert_msg(*fault.text, "%s: no text with the error", text);
		return;
	}
	buf_addf(out, "%s ", dt_info(v.type.dt)->name + 3);
	if (v.null)
		buf_adds(out, "NULL");
	else
		value_text(&v, out);
	value_release(&v);
}

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf got = BUF_INIT;
		describe(rows[i].text, &got);
		ck_assert_msg(!strcmp(got.data, rows[i].expected), "%s\n  expected: %s\n  got:      %s",
		    rows[i].text, rows[i].expected, got.data);
		buf_release(&got);
	}
}

START_TEST(literals_have_the_types_of_the_product)
{
	static const struct row rows[] = {
		{ "1", "I4 1" },
		{ "2147483647", "I4 2147483647" },
		{ "2147483648", "!C004707C" },
		{ "2147483648L", "I8 2147483648" },
		{ "9223372036854775808L", "!C004707C" },
		{ "4294967295u", "UI4 4294967295" },
		{ "4294967296U", "!C004707C" },
		{ "18446744073709551615UL", "UI8 18446744073709551615" },
		{ "18446744073709551615lu", "UI8 18446744073709551615" },
		{ "18446744073709551616UL", "!C004707C" },
		{ "99999999999999999999999999999999999999999999", "!C004707C" },
		{ "0xFF", "I4 255" },
		{ "0xFFu", "UI4 255" },
		{ "0x1FFFFFFFF", "I8 8589934591" },
		{ "0x", "!C0047096" },
		{ "1.50", "NUMERIC 1.50" },
		{ "0.05", "NUMERIC 0.05" },
		{ "1e3", "R8 1000" },
		{ "1.5E-3", "R8 0.0015" },
		{ "1.5f", "R4 1.5" },
		{ "2F", "R4 2" },
		{ "1.5L", "R8 1.5" },
		{ "1e999", "!C004707C" },
		{ "\"BI\"", "WSTR BI" },
		{ "\"\"", "WSTR " },
		{ "\"a\\\"b\\\\c\\td\\x0041\"", "WSTR a\"b\\c\tdA" },
		{ "\"\\xD83D\\xDE00\"", "WSTR \xF0\x9F\x98\x80" },
		{ "\"\\q\"", "!C00470B8" },
		{ "\"\\x12\"", "!C00470B7" },
		{ "\"\\x0000\"", "!C00470B7" },
		{ "\"raw\nbreak\"", "WSTR raw\nbreak" },
		{ "\"open", "!C00470A7" },
		{ "'a'", "!C00470D6" },
		{ "TRUE", "BOOL True" },
		{ "false", "BOOL False" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}
END_TEST

START_TEST(declared_sizes_follow_the_operands)
{
	static const struct row rows[] = {
		{ "\"BI\"", "DT_WSTR,2" },
		{ "\"\"", "DT_WSTR,0" },
		{ "(DT_STR,50,1252)@s + \" days\"", "DT_WSTR,55" },
		{ "LEFT(@s, 3)", "DT_WSTR,3" },
		{ "SUBSTRING(\"abcdef\", 2, 4)", "DT_WSTR,4" },
		{ "UPPER(\"abc\")", "DT_WSTR,3" },
		{ "REPLICATE(\"ab\", 3)", "DT_WSTR,6" },
		{ "TRUE ? \"a\" : \"bcd\"", "DT_WSTR,3" },
		{ "1.50", "DT_NUMERIC,3,2" },
		{ "0.05", "DT_NUMERIC,2,2" },
		{ "(DT_CY)1 * 2", "DT_NUMERIC,30,4" },
		{ "(DT_NUMERIC,18,0)1 * 2", "DT_NUMERIC,29,0" },
		{ "(DT_NUMERIC,10,2)1 + (DT_NUMERIC,8,4)1", "DT_NUMERIC,13,4" },
		{ "(DT_NUMERIC,10,2)1 / (DT_NUMERIC,8,4)1", "DT_NUMERIC,23,11" },
		{ "(DT_NUMERIC,38,10)1 * (DT_NUMERIC,38,10)1", "DT_NUMERIC,38,6" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct expr *expr = NULL;
		struct fault fault;
		struct value_type type;
		struct buf got = BUF_INIT;
		ck_assert_msg(!expr_parse(rows[i].text, strlen(rows[i].text), &expr, &fault), "%s: %s",
		    rows[i].text, fault.text);
		ck_assert_msg(!expr_check(expr, &scope, &type, &fault), "%s: %s", rows[i].text, fault.text);
		value_type_format(&type, &got);
		ck_assert_msg(!strcmp(got.data, rows[i].expected), "%s\n  expected: %s\n  got:      %s",
		    rows[i].text, rows[i].expected, got.data);
		buf_release(&got);
		expr_free(expr);
	}
}
END_TEST

START_TEST(precedence_and_grouping_are_right)
{
	static const struct row rows[] = {
		{ "1 + 2 * 3", "I4 7" },
		{ "(1 + 2) * 3", "I4 9" },
		{ "10 - 2 - 3", "I4 5" },
		{ "100 / 10 / 2", "I4 5" },
		{ "-2 - -3", "I4 1" },
		{ "2 - -2", "I4 4" },
		{ "1 + 1 == 2", "BOOL True" },
		{ "1 < 2 == TRUE", "BOOL True" },
		{ "1 | 2 ^ 3 & 4", "I4 3" },
		{ "TRUE || FALSE && FALSE", "BOOL True" },
		{ "!TRUE || TRUE", "BOOL True" },
		{ "!(1 == 1)", "BOOL False" },
		{ "FALSE ? 1 : TRUE ? 2 : 3", "I4 2" },
		{ "TRUE ? FALSE ? 1 : 2 : 3", "I4 2" },
		{ "(DT_WSTR,5)1 + \"x\"", "WSTR 1x" },
		{ "(DT_WSTR,5)(1 + 2) + \"x\"", "WSTR 3x" },
		{ "-(DT_I4)\"5\"", "I4 -5" },
		{ "~0", "I4 -1" },
		{ "~~5", "I4 5" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}
END_TEST

START_TEST(arithmetic_types_and_limits)
{
	static const struct row rows[] = {
		{ "(DT_I2)1 + (DT_I2)1", "I4 2" },
		{ "(DT_UI1)200 + (DT_UI1)100", "I4 300" },
		{ "1 + 1L", "I8 2" },
		{ "1U + 1U", "UI4 2" },
		{ "1U + 1", "I8 2" },
		{ "1UL + 1UL", "UI8 2" },
		{ "1UL + 1", "!C0047082" },
		{ "(DT_UI2)3 * 2", "I4 6" },
		{ "1.5f + 1.5f", "R4 3" },
		{ "1.5f + 1", "R8 2.5" },
		{ "1e0 + 1", "R8 2" },
		{ "1.5 + 1", "NUMERIC 2.5" },
		{ "1.25 * 4.0", "NUMERIC 5.000" },
		{ "1.0 / 3", "NUMERIC 0.333333333333" },
		{ "(DT_CY)5 - (DT_CY)2", "CY 3.0000" },
		{ "(DT_DECIMAL,2)1.25 + (DT_DECIMAL,2)1", "NUMERIC 2.25" },
		{ "7 / 2", "I4 3" },
		{ "-7 / 2", "I4 -3" },
		{ "-7 % 3", "I4 -1" },
		{ "7 % 2.0", "!C0047081" },
		{ "1 / 0", "!C004707B" },
		{ "1 % 0", "!C004707B" },
		{ "1.0 / 0.0", "!C004707B" },
		{ "1e0 / 0e0", "!C004707B" },
		{ "2147483647 + 1", "!C004707E" },
		{ "0U - 1U", "!C004707E" },
		{ "9223372036854775807L * 2", "!C004707E" },
		{ "1e308 * 10", "!C004707E" },
		{ "99999999999999999999999999999999999999.0", "!C004707C" },
		{ "(DT_NUMERIC,38,0)\"99999999999999999999999999999999999999\" + 1", "!C004707E" },
		{ "-TRUE", "!C0047086" },
		{ "-1U", "!C0047086" },
		{ "!1", "!C0047086" },
		{ "~1.5", "!C0047086" },
		{ "-(DT_I4)\"-2147483648\"", "!C00470E5" },
		{ "1 + \"a\"", "!C0047080" },
		{ "\"a\" - \"b\"", "!C0047081" },
		{ "TRUE + TRUE", "!C0047081" },
		{ "GETDATE() - 1", "!C0047080" },
		{ "5 & 3", "I4 1" },
		{ "5 | 3", "I4 7" },
		{ "5 ^ 3", "I4 6" },
		{ "5 & 1.0", "!C0047081" },
		{ "0xF0L & -16", "I8 240" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}
END_TEST

START_TEST(comparisons_follow_the_rules)
{
	static const struct row rows[] = {
		{ "\"a\" == \"A\"", "BOOL False" },
		{ "\"a\" != \"a \"", "BOOL True" },
		{ "\"a\" < \"b\"", "BOOL True" },
		{ "\"a\" < \"\"", "BOOL False" },
		{ "1 == 1.0", "BOOL True" },
		{ "0.1 == 0.10", "BOOL True" },
		{ "1e0 >= 1", "BOOL True" },
		{ "1U < -1", "BOOL False" },
		{ "TRUE == FALSE", "BOOL False" },
		{ "TRUE < FALSE", "!C0047081" },
		{ "1 == TRUE", "!C0047080" },
		{ "\"1\" == 1", "!C0047080" },
		{ "(DT_DBTIMESTAMP)\"2020-01-01\" < (DT_DATE)\"2020-01-02\"", "BOOL True" },
		{ "(DT_DBTIMESTAMPOFFSET,0)\"2020-01-01 12:00:00 +02:00\" == (DT_DBTIMESTAMP)\"2020-01-01 10:00:00\"",
		    "BOOL True" },
		{ "(DT_DBTIME)\"10:00:00\" == (DT_DBTIME2,3)\"10:00:00.000\"", "BOOL True" },
		{ "(DT_DBTIME)\"10:00:00\" == (DT_DBDATE)\"2020-01-01\"", "!C0047080" },
		{ "(DT_GUID)\"{64c020e2-f819-4c2d-a22f-efb31a91e70a}\" == (DT_GUID)\"{64C020E2-F819-4C2D-A22F-EFB31A91E70A}\"",
		    "BOOL True" },
		{ "(DT_BYTES,2)\"0AFF\" == (DT_BYTES,2)\"0aff\"", "BOOL True" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}
END_TEST

START_TEST(null_spreads_as_documented)
{
	static const struct row rows[] = {
		{ "NULL(DT_I4) + 1", "I4 NULL" },
		{ "NULL(DT_WSTR,5) + \"a\"", "WSTR NULL" },
		{ "NULL(DT_I4) == 1", "BOOL NULL" },
		{ "!NULL(DT_BOOL)", "BOOL NULL" },
		{ "-NULL(DT_I4)", "I4 NULL" },
		{ "(DT_I4)NULL(DT_WSTR,3)", "I4 NULL" },
		{ "NULL(DT_BOOL) && FALSE", "BOOL False" },
		{ "FALSE && NULL(DT_BOOL)", "BOOL False" },
		{ "NULL(DT_BOOL) && TRUE", "BOOL NULL" },
		{ "TRUE && NULL(DT_BOOL)", "BOOL NULL" },
		{ "NULL(DT_BOOL) || TRUE", "BOOL True" },
		{ "NULL(DT_BOOL) || FALSE", "BOOL NULL" },
		{ "FALSE || NULL(DT_BOOL)", "BOOL NULL" },
		{ "NULL(DT_BOOL) ? 1 : 2", "I4 NULL" },
		{ "TRUE ? NULL(DT_I4) : 2", "I4 NULL" },
		{ "UPPER(NULL(DT_WSTR,5))", "WSTR NULL" },
		{ "ISNULL(NULL(DT_I4))", "BOOL True" },
		{ "ISNULL(1)", "BOOL False" },
		{ "REPLACENULL(NULL(DT_I4), 5)", "I4 5" },
		{ "REPLACENULL(NULL(DT_WSTR,2), \"longer\")", "WSTR longer" },
		{ "REPLACENULL(4, 5)", "I4 4" },
		{ "REPLACENULL(NULL(DT_I4), \"5\")", "!C0047089" },
		{ "TOKENCOUNT(NULL(DT_WSTR,5), \",\")", "I4 0" },
		{ "NULL(DT_NUMERIC, 10, 2)", "NUMERIC NULL" },
		{ "NULL(DT_STR, 10)", "!C0047096" },
		{ "NULL()", "!C0047096" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}
END_TEST

START_TEST(only_the_chosen_branch_is_computed_but_both_are_checked)
{
	static const struct row rows[] = {
		{ "TRUE ? 1 : 1 / 0", "I4 1" },
		{ "TRUE || 1 / 0 == 1", "BOOL True" },
		{ "FALSE && 1 / 0 == 1", "BOOL False" },
		{ "TRUE ? 1 : \"a\"", "!C004709F" },
		{ "1 ? 1 : 2", "!C004709E" },
		{ "TRUE ? 1 : 2L", "I8 1" },
		{ "TRUE ? 1 : 2.5", "NUMERIC 1.0" },
		{ "TRUE ? \"abc\" : \"d\"", "WSTR abc" },
		{ "TRUE ? (DT_DBDATE)\"2020-01-01\" : (DT_DBTIMESTAMP)\"2020-01-01\"",
		    "DBTIMESTAMP 2020-01-01 00:00:00" },
		{ "FALSE || 1", "!C0047081" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}
END_TEST

START_TEST(casts_between_numbers)
{
	static const struct row rows[] = {
		{ "(DT_I4)2.5", "I4 3" },
		{ "(DT_I4)-2.5", "I4 -3" },
		{ "(DT_I4)2.4", "I4 2" },
		{ "(DT_I4)2.5e0", "I4 3" },
		{ "(DT_UI1)256", "!C00470C0" },
		{ "(DT_UI1)255", "UI1 255" },
		{ "(DT_UI1)-1", "!C00470C0" },
		{ "(DT_I1)-128", "I1 -128" },
		{ "(DT_I2)40000", "!C00470C0" },
		{ "(DT_UI2)65535", "UI2 65535" },
		{ "(DT_UI4)4294967295L", "UI4 4294967295" },
		{ "(DT_I8)1e18", "I8 1000000000000000000" },
		{ "(DT_I8)1e19", "!C00470C0" },
		{ "(DT_UI8)1e19", "UI8 10000000000000000000" },
		{ "(DT_R4)0.1", "R4 0.1" },
		{ "(DT_R8)0.1", "R8 0.1" },
		{ "(DT_R4)1e300", "!C00470C0" },
		{ "(DT_CY)1.23456", "CY 1.2346" },
		{ "(DT_DECIMAL,2)1.005", "DECIMAL 1.01" },
		{ "(DT_NUMERIC,5,2)123.456", "NUMERIC 123.46" },
		{ "(DT_NUMERIC,5,2)1234.5", "!C00470C0" },
		{ "(DT_NUMERIC,39,2)1", "!C00470AB" },
		{ "(DT_NUMERIC,5,6)1", "!C00470AC" },
		{ "(DT_DECIMAL,29)1", "!C00470AC" },
		{ "(DT_NUMERIC,6,3)1.0005e0", "NUMERIC 1.001" },
		{ "(DT_I4)TRUE", "I4 -1" },
		{ "(DT_R8)FALSE", "R8 0" },
		{ "(DT_BOOL)2", "BOOL True" },
		{ "(DT_BOOL)0.0", "BOOL False" },
		{ "(DT_I4)(DT_DATE)\"1900-01-01\"", "I4 2" },
		{ "(DT_R8)(DT_DATE)\"1900-01-01 12:00:00\"", "R8 2.5" },
		{ "(DT_DATE)2.5e0", "DATE 1/1/1900 12:00:00 PM" },
		{ "(DT_I4)GETDATE()", "!C0047095" },
		{ "(DT_GUID)5", "!C0047095" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}
END_TEST

START_TEST(casts_between_numbers_and_texts)
{
	static const struct row rows[] = {
		{ "(DT_WSTR,10)12", "WSTR 12" },
		{ "(DT_WSTR,1)12", "!C00470C2" },
		{ "(DT_STR,4,1252)1.50", "STR 1.50" },
		{ "(DT_WSTR,30)0.1e0", "WSTR 0.1" },
		{ "(DT_WSTR,30)1e20", "WSTR 1E+20" },
		{ "(DT_WSTR,30)(1e0/3)", "WSTR 0.3333333333333333" },
		{ "(DT_WSTR,5)TRUE", "WSTR True" },
		{ "(DT_WSTR,5)FALSE", "WSTR False" },
		{ "(DT_I4)\" 12 \"", "I4 12" },
		{ "(DT_I4)\"12x\"", "!C00470C2" },
		{ "(DT_I4)\"\"", "!C00470C2" },
		{ "(DT_I4)\"1e2\"", "I4 100" },
		{ "(DT_I4)\"0x10\"", "!C00470C2" },
		{ "(DT_R8)\"nan\"", "!C00470C2" },
		{ "(DT_R8)\"-1.5e2\"", "R8 -150" },
		{ "(DT_NUMERIC,10,3)\"1.5\"", "NUMERIC 1.500" },
		{ "(DT_I8)\"9223372036854775807\"", "I8 9223372036854775807" },
		{ "(DT_I8)\"9223372036854775808\"", "!C00470C0" },
		{ "(DT_BOOL)\"tRuE\"", "BOOL True" },
		{ "(DT_BOOL)\"0\"", "BOOL False" },
		{ "(DT_BOOL)\"yes\"", "!C00470C2" },
		{ "(DT_WSTR,3)\"abcdef\"", "WSTR abc" },
		{ "(DT_WSTR,0)\"a\"", "!C00470F1" },
		{ "(DT_WSTR)\"a\"", "!C0047096" },
		{ "(DT_WSTR,@i)\"a\"", "!C0047093" },
		{ "(DT_STR,3,1252)\"gr\xC3\xBC\xC3\x9F" "e\"", "STR gr\xC3\xBC" },
		{ "(DT_STR,3,65001)\"gr\xC3\xBC\"", "STR gr" },
		{ "(DT_STR,3,0)\"a\"", "!C00470AA" },
		{ "(DT_WSTR,3)\"ab\xF0\x9F\x98\x80\"", "WSTR ab" },
		{ "(DT_GUID)\"{64c020e2-f819-4c2d-a22f-efb31a91e70a}\"",
		    "GUID {64C020E2-F819-4C2D-A22F-EFB31A91E70A}" },
		{ "(DT_GUID)\"nope\"", "!C00470C2" },
		{ "(DT_WSTR,38)(DT_GUID)\"{64c020e2-f819-4c2d-a22f-efb31a91e70a}\"",
		    "WSTR {64C020E2-F819-4C2D-A22F-EFB31A91E70A}" },
		{ "(DT_BYTES,4)\"0x0102\"", "BYTES 0102" },
		{ "(DT_BYTES,1)\"0102\"", "BYTES 01" },
		{ "(DT_BYTES,4)\"012\"", "!C00470C2" },
		{ "(DT_WSTR,4)(DT_BYTES,2)\"0aff\"", "WSTR 0AFF" },
		{ "(DT_NTEXT)\"abc\"", "NTEXT abc" },
		{ "(DT_TEXT,1252)\"abc\"", "TEXT abc" },
		{ "(DT_WSTR,2)(DT_NTEXT)\"abc\"", "WSTR ab" },
		{ "(DT_NTEXT)\"abc\" + \"d\"", "NTEXT abcd" },
		{ "(DT_NTEXT)\"abc\" + (DT_NTEXT)\"d\"", "!C0047081" },
		{ "(DT_IMAGE)(DT_BYTES,2)\"0102\"", "IMAGE 0102" },
		{ "(DT_BYTES,1)\"01\" + (DT_BYTES,1)\"02\"", "BYTES 0102" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}
END_TEST

START_TEST(casts_of_dates)
{
	static const struct row rows[] = {
		{ "(DT_DBDATE)\"2020-02-29\"", "DBDATE 2020-02-29" },
		{ "(DT_DBDATE)\"2019-02-29\"", "!C00470C2" },
		{ "(DT_DBDATE)\"2/29/2020\"", "DBDATE 2020-02-29" },
		{ "(DT_DBDATE)\"2020-02-29 10:11:12\"", "DBDATE 2020-02-29" },
		{ "(DT_DBTIME)\"10:11:12.9\"", "DBTIME 10:11:12" },
		{ "(DT_DBTIME2,2)\"10:11:12.987\"", "DBTIME2 10:11:12.98" },
		{ "(DT_DBTIMESTAMP)\"2020-01-02 03:04:05.6789\"", "DBTIMESTAMP 2020-01-02 03:04:05.678000000" },
		{ "(DT_DBTIMESTAMP)\"2020-01-02T03:04:05Z\"", "DBTIMESTAMP 2020-01-02 03:04:05" },
		{ "(DT_DBTIMESTAMP2,7)\"2020-01-02 03:04:05.1234567\"", "DBTIMESTAMP2 2020-01-02 03:04:05.1234567" },
		{ "(DT_DBTIMESTAMP2,0)\"2020-01-02 03:04:05.9\"", "DBTIMESTAMP2 2020-01-02 03:04:05" },
		{ "(DT_DBTIMESTAMPOFFSET,0)\"2020-01-02 03:04:05 +05:30\"",
		    "DBTIMESTAMPOFFSET 2020-01-02 03:04:05 +05:30" },
		{ "(DT_DBTIMESTAMP)(DT_DBTIMESTAMPOFFSET,0)\"2020-01-02 03:04:05 +05:30\"",
		    "DBTIMESTAMP 2020-01-01 21:34:05" },
		{ "(DT_FILETIME)\"2020-01-02 03:04:05:678\"", "FILETIME 2020-01-02 03:04:05:678" },
		{ "(DT_DATE)\"2020-01-02\"", "DATE 1/2/2020" },
		{ "(DT_DATE)\"1/2/2020 1:02:03 PM\"", "DATE 1/2/2020 1:02:03 PM" },
		{ "(DT_DATE)\"12/31/2019 12:00:01 AM\"", "DATE 12/31/2019 12:00:01 AM" },
		{ "(DT_DATE)\"1/2/2020 13:02:03 PM\"", "!C00470C2" },
		{ "(DT_DBTIMESTAMP)(DT_DBDATE)\"2020-01-02\"", "DBTIMESTAMP 2020-01-02 00:00:00" },
		{ "(DT_DBDATE)(DT_DBTIME)\"10:00:00\" == (DT_DBDATE)GETDATE()", "BOOL True" },
		{ "(DT_DBTIME)(DT_DBDATE)\"2020-01-02\"", "!C0047095" },
		{ "(DT_WSTR,10)(DT_DBTIMESTAMP)\"2020-01-02 03:04:05\"", "WSTR 2020-01-02" },
		{ "(DT_WSTR,10)(DT_DBDATE)\"2020-01-02\"", "WSTR 2020-01-02" },
		{ "LEN((DT_WSTR,40)(DT_DBTIMESTAMP)\"2020-01-02 03:04:05.1\")", "I4 29" },
		{ "(DT_DBDATE)\"rubbish\"", "!C00470C2" },
		{ "(DT_DBDATE)\"\"", "!C00470C2" },
		{ "(DT_DBTIMESTAMP2,8)\"2020-01-01\"", "!C00470AC" },
		{ "(DT_DBTIMESTAMP)1", "!C0047095" },
		{ "(DT_DATE)TRUE", "!C0047095" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}
END_TEST

START_TEST(number_functions)
{
	static const struct row rows[] = {
		{ "ABS(-5)", "I4 5" },
		{ "ABS(-5.5)", "NUMERIC 5.5" },
		{ "ABS(-1e0)", "R8 1" },
		{ "ABS((DT_I4)\"-2147483648\")", "!C004707F" },
		{ "ABS(\"a\")", "!C0047089" },
		{ "CEILING(1.2)", "NUMERIC 2.0" },
		{ "CEILING(-1.2)", "NUMERIC -1.0" },
		{ "FLOOR(1.8)", "NUMERIC 1.0" },
		{ "FLOOR(-1.2e0)", "R8 -2" },
		{ "FLOOR(5)", "I4 5" },
		{ "ROUND(2.555, 2)", "NUMERIC 2.560" },
		{ "ROUND(-2.5, 0)", "NUMERIC -3.0" },
		{ "ROUND(2.5e0, 0)", "R8 3" },
		{ "ROUND(2.5, -1)", "!C004708B" },
		{ "SIGN(-3)", "I4 -1" },
		{ "SIGN(0.0)", "I4 0" },
		{ "SIGN(2e0)", "I4 1" },
		{ "EXP(0)", "R8 1" },
		{ "EXP(1000)", "!C004707F" },
		{ "LN(1)", "R8 0" },
		{ "LN(0)", "R8 NULL" },
		{ "LOG(1000)", "R8 3" },
		{ "LOG(-1)", "R8 NULL" },
		{ "SQRT(9)", "R8 3" },
		{ "SQRT(-9)", "!C00470DF" },
		{ "SQUARE(3)", "R8 9" },
		{ "POWER(2, 10)", "R8 1024" },
		{ "POWER(0, -1)", "!C00470E2" },
		{ "HEX(255)", "WSTR FF" },
		{ "HEX(-1)", "WSTR FFFFFFFF" },
		{ "HEX((DT_I8)-1)", "WSTR FFFFFFFFFFFFFFFF" },
		{ "HEX((DT_I1)-1)", "WSTR FF" },
		{ "HEX(1.5)", "!C0047089" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}
END_TEST

START_TEST(text_functions)
{
	static const struct row rows[] = {
		{ "CODEPOINT(\"A\")", "UI2 65" },
		{ "CODEPOINT(\"\")", "UI2 NULL" },
		{ "CODEPOINT(\"\xF0\x9F\x98\x80\")", "UI2 55357" },
		{ "FINDSTRING(\"New York, NY, NY\", \"NY\", 1)", "I4 11" },
		{ "FINDSTRING(\"New York, NY, NY\", \"NY\", 2)", "I4 15" },
		{ "FINDSTRING(\"abc\", \"B\", 1)", "I4 0" },
		{ "FINDSTRING(\"abc\", \"b\", 0)", "!C00470EE" },
		{ "FINDSTRING(\"\xC3\xBC\x62\", \"b\", 1)", "I4 2" },
		{ "LEFT(\"Mountain\", 5)", "WSTR Mount" },
		{ "LEFT(\"a\", 5)", "WSTR a" },
		{ "LEFT(\"a\", -1)", "!C004708B" },
		{ "RIGHT(\"Mountain\", 3)", "WSTR ain" },
		{ "RIGHT(\"a\", 0)", "WSTR " },
		{ "RIGHT(\"a\", -1)", "!C00470E7" },
		{ "LEN(\"abc  \")", "I4 5" },
		{ "LEN(\"\xF0\x9F\x98\x80\")", "I4 2" },
		{ "LEN((DT_NTEXT)\"\xC3\xBC\")", "I4 2" },
		{ "LEN(5)", "!C0047089" },
		{ "LOWER(\"ABC \xC3\x9C\")", "WSTR abc \xC3\xBC" },
		{ "UPPER(\"abc \xC3\xBC\")", "WSTR ABC \xC3\x9C" },
		{ "REVERSE(\"ab\xC3\xBC\")", "WSTR \xC3\xBC" "ba" },
		{ "LTRIM(\"  a \")", "WSTR a " },
		{ "RTRIM(\"  a \")", "WSTR   a" },
		{ "TRIM(\" \ta \")", "WSTR \ta" },
		{ "REPLACE(\"a-b-c\", \"-\", \"+\")", "WSTR a+b+c" },
		{ "REPLACE(\"abc\", \"\", \"+\")", "!C004708B" },
		{ "REPLACE(\"abc\", \"B\", \"x\")", "WSTR abc" },
		{ "REPLICATE(\"ab\", 3)", "WSTR ababab" },
		{ "REPLICATE(\"ab\", 0)", "WSTR " },
		{ "REPLICATE(\"ab\", -1)", "!C00470E8" },
		{ "REPLICATE(\"ab\", 2000000000)", "!C004707F" },
		{ "SUBSTRING(\"elephant\", 1, 3)", "WSTR ele" },
		{ "SUBSTRING(\"elephant\", 7, 30)", "WSTR nt" },
		{ "SUBSTRING(\"elephant\", 20, 3)", "WSTR " },
		{ "SUBSTRING(\"elephant\", 0, 3)", "!C004708C" },
		{ "SUBSTRING(\"elephant\", 1, -3)", "!C004708B" },
		{ "TOKEN(\"a little white dog\", \" \", 4)", "WSTR dog" },
		{ "TOKEN(\"  a;b\", \" ;\", 2)", "WSTR b" },
		{ "TOKEN(\"a b\", \" \", 3)", "WSTR NULL" },
		{ "TOKEN(\"a b\", \" \", 0)", "!C00470EE" },
		{ "TOKENCOUNT(\"a little white dog\", \" \")", "I4 4" },
		{ "TOKENCOUNT(\"abc\", \"|\")", "I4 1" },
		{ "TOKENCOUNT(\"\", \"|\")", "I4 0" },
		{ "upper(\"a\") + [LOWER](\"B\")", "WSTR Ab" },
		{ "(DT_STR,5,1252)\"abc\" + \"d\"", "WSTR abcd" },
		{ "UPPER(1)", "!C0047089" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}
END_TEST

START_TEST(date_functions)
{
	static const struct row rows[] = {
		{ "DATEADD(\"Month\", 1, (DT_DBTIMESTAMP)\"2020-01-31\")", "DBTIMESTAMP 2020-02-29 00:00:00" },
		{ "DATEADD(\"yy\", -1, (DT_DBDATE)\"2020-02-29\")", "DBTIMESTAMP 2019-02-28 00:00:00" },
		{ "DATEADD(\"QQ\", 1, (DT_DBDATE)\"2020-12-01\")", "DBTIMESTAMP 2021-03-01 00:00:00" },
		{ "DATEADD(\"d\", -1, (DT_DBDATE)\"2020-01-01\")", "DBTIMESTAMP 2019-12-31 00:00:00" },
		{ "DATEADD(\"wk\", 1, (DT_DBDATE)\"2020-01-01\")", "DBTIMESTAMP 2020-01-08 00:00:00" },
		{ "DATEADD(\"hh\", 25, (DT_DBDATE)\"2020-01-01\")", "DBTIMESTAMP 2020-01-02 01:00:00" },
		{ "DATEADD(\"n\", 1, (DT_DBDATE)\"2020-01-01\")", "DBTIMESTAMP 2020-01-01 00:01:00" },
		{ "DATEADD(\"ss\", 1, (DT_DBDATE)\"2020-01-01\")", "DBTIMESTAMP 2020-01-01 00:00:01" },
		{ "DATEADD(\"ms\", 5, (DT_DBDATE)\"2020-01-01\")", "DBTIMESTAMP 2020-01-01 00:00:00.005000000" },
		{ "DATEADD(\"yyyy\", 9000, (DT_DBDATE)\"2020-01-01\")", "!C004707F" },
		{ "DATEADD(\"yyyy\", 9223372036854775807L, (DT_DBDATE)\"2020-01-01\")", "!C004707F" },
		{ "DATEADD(\"d\", 1, \"2020-01-01\")", "!C0047089" },
		{ "DATEADD(\"nope\", 1, GETDATE())", "!C004708F" },
		{ "DATEADD(@s, 1, GETDATE())", "!C00470F0" },
		{ "DATEDIFF(\"dd\", (DT_DBTIMESTAMP)\"2020-01-01 23:59:00\", (DT_DBTIMESTAMP)\"2020-01-02 00:01:00\")",
		    "I4 1" },
		{ "DATEDIFF(\"hh\", (DT_DBTIMESTAMP)\"2020-01-01 23:59:00\", (DT_DBTIMESTAMP)\"2020-01-02 00:01:00\")",
		    "I4 1" },
		{ "DATEDIFF(\"yy\", (DT_DBDATE)\"2019-12-31\", (DT_DBDATE)\"2020-01-01\")", "I4 1" },
		{ "DATEDIFF(\"mm\", (DT_DBDATE)\"2020-03-01\", (DT_DBDATE)\"2020-01-31\")", "I4 -2" },
		{ "DATEDIFF(\"q\", (DT_DBDATE)\"2020-03-31\", (DT_DBDATE)\"2020-04-01\")", "I4 1" },
		{ "DATEDIFF(\"ww\", (DT_DBDATE)\"2020-01-04\", (DT_DBDATE)\"2020-01-05\")", "I4 1" },
		{ "DATEDIFF(\"mi\", (DT_DBDATE)\"2020-01-01\", (DT_DBDATE)\"2020-01-02\")", "I4 1440" },
		{ "DATEDIFF(\"ms\", (DT_DBDATE)\"2000-01-01\", (DT_DBDATE)\"2020-01-02\")", "!C004707F" },
		{ "DATEPART(\"weekday\", (DT_DBDATE)\"2020-01-05\")", "I4 1" },
		{ "DATEPART(\"dw\", (DT_DBDATE)\"2020-01-04\")", "I4 7" },
		{ "DATEPART(\"week\", (DT_DBDATE)\"2020-01-04\")", "I4 1" },
		{ "DATEPART(\"week\", (DT_DBDATE)\"2020-01-05\")", "I4 2" },
		{ "DATEPART(\"week\", (DT_DBDATE)\"2020-12-31\")", "I4 53" },
		{ "DATEPART(\"y\", (DT_DBDATE)\"2020-12-31\")", "I4 366" },
		{ "DATEPART(\"quarter\", (DT_DBDATE)\"2020-12-31\")", "I4 4" },
		{ "DATEPART(\"hour\", @d)", "I4 13" },
		{ "DATEPART(\"minute\", @d)", "I4 45" },
		{ "DATEPART(\"second\", @d)", "I4 10" },
		{ "DATEPART(\"millisecond\", (DT_DBTIMESTAMP)\"2020-01-01 00:00:00.123\")", "I4 123" },
		{ "DAY(@d)", "I4 29" },
		{ "MONTH(@d)", "I4 2" },
		{ "YEAR(@d)", "I4 2020" },
		{ "YEAR(\"2020\")", "!C0047089" },
		{ "YEAR(GETDATE()) >= 2024 && YEAR(GETUTCDATE()) >= 2024", "BOOL True" },
		{ "LEN((DT_WSTR,40)GETDATE()) <= 29", "BOOL True" },
		{ "GETDATE(1)", "!C00470FB" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}
END_TEST

START_TEST(variables_bring_their_types)
{
	static const struct row rows[] = {
		{ "@s", "WSTR Hello" },
		{ "@[User::s] + \"!\"", "WSTR Hello!" },
		{ "@[s]", "WSTR Hello" },
		{ "@[My Space::With Blank] + 1", "I4 4" },
		{ "@[$Project::p]", "WSTR proj" },
		{ "@[System::StartTime]", "DATE 1/1/2024" },
		{ "@l + 1", "I8 5000000001" },
		{ "@b ? 1 : 2", "I4 1" },
		{ "@dec * 2", "NUMERIC 25.00" },
		{ "@r", "R8 0.1" },
		{ "@by", "UI1 200" },
		{ "@S", "!C00470A6" },
		{ "@nope", "!C00470A6" },
		{ "@[User::nope]", "!C00470A6" },
		{ "@o", "!C00470D0" },
		{ "@empty == \"\"", "BOOL True" },
		{ "@", "!C0047096" },
		{ "@[User::s", "!C0047096" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}
END_TEST

START_TEST(what_is_no_expression_is_refused)
{
	static const struct row rows[] = {
		{ "", "!C004709A" },
		{ "  \n ", "!C004709A" },
		{ "1 +", "!C00470A7" },
		{ "(1", "!C00470A7" },
		{ "1)", "!C0047096" },
		{ "1 2", "!C0047096" },
		{ "1 = 1", "!C00470D7" },
		{ "\"a\" = \"b\"", "!C00470D7" },
		{ "NOPE(1)", "!C004708A" },
		{ "LEN()", "!C00470FB" },
		{ "LEN(\"a\", 2)", "!C00470FB" },
		{ "LEN(\"a\",)", "!C0047096" },
		{ "Column1", "!C00470A4" },
		{ "[Some Column] + 1", "!C00470A4" },
		{ "[Source].[Column]", "!C00470A4" },
		{ "Source.Column", "!C00470A4" },
		{ "#12", "!C00470A4" },
		{ "#{Package\\DF\\Src.Outputs[O].Columns[c]}", "!C00470A4" },
		{ "$", "!C0047096" },
		{ "(DT_NOPE)1", "!C0047096" },
		{ "@x = 1 = 2", "!C00470D7" },
		{ "TRUE ? 1", "!C00470A7" },
		{ "TRUE ? 1 : ", "!C00470A7" },
		{ "@i = 1", "!C00470D7" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}
END_TEST

START_TEST(both_assignment_forms_write_the_variable)
{
	static const char *const texts[] = { "@[User::x] = 1 + 2", "@[User::x] := 1 + 2",
		" @[User::x]=1+2" };
	struct expr_scope writable = scope;
	struct fault fault;
	struct value v;

	writable.write = write_variable;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		written[0] = '\0';
		ck_assert_msg(!expr_run(texts[i], &writable, &v, &fault), "%s: %s", texts[i], fault.text);
		ck_assert_str_eq(written, "User|x|3");
		ck_assert_int_eq(v.i, 3);
	}
	written[0] = '\0';
	ck_assert_int_eq(expr_run("1 == 1", &writable, &v, &fault), 0);
	ck_assert_str_eq(written, "");
}
END_TEST

START_TEST(nesting_and_length_have_limits)
{
	struct buf text = BUF_INIT;
	struct fault fault;
	struct value v;

	for (int i = 0; i < 100000; i++)
		buf_addc(&text, '(');
	ck_assert_int_ne(expr_run(text.data, &scope, &v, &fault), 0);
	ck_assert_int_eq(fault.code, EXPR_PARSE);
	buf_clear(&text);
	for (int i = 0; i < 100000; i++)
		buf_adds(&text, "1+");
	buf_addc(&text, '1');
	ck_assert_int_ne(expr_run(text.data, &scope, &v, &fault), 0);
	ck_assert_int_eq(fault.code, EXPR_PARSE);
	buf_clear(&text);
	for (int i = 0; i < 100000; i++)
		buf_adds(&text, "TRUE ? 1 : ");
	ck_assert_int_ne(expr_run(text.data, &scope, &v, &fault), 0);
	buf_clear(&text);
	for (int i = 0; i < 1500; i++)
		buf_adds(&text, "1+");
	buf_addc(&text, '1');
	ck_assert_int_eq(expr_run(text.data, &scope, &v, &fault), 0);
	ck_assert_int_eq(v.i, 1501);
	buf_release(&text);
}
END_TEST

START_TEST(every_function_is_found_by_its_name_in_any_case)
{
	static const struct expr_function_list *const lists[] = { &expr_number_functions,
		&expr_text_functions, &expr_date_functions };
	size_t total = 0;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		for (size_t j = 0; j < lists[i]->count; j++, total++) {
			const struct expr_function *f = &lists[i]->rows[j];
			ck_assert_ptr_eq(expr_function_find(f->name, strlen(f->name)), f);
		}
	}
	ck_assert_uint_eq(total, 38);
	ck_assert_ptr_nonnull(expr_function_find("replaceNull", 11));
	ck_assert_ptr_null(expr_function_find("REPLACENUL", 10));
}
END_TEST

START_TEST(package_values_are_read_by_their_codes)
{
	static const struct {
		int vt;
		const char *text, *expected;
	} rows[] = {
		{ 8, "x", "WSTR x" }, { 11, "-1", "BOOL True" }, { 11, "0", "BOOL False" }, { 3, "42", "I4 42" },
		{ 7, "5/6/2015 12:00:00 AM", "DATE 5/6/2015" }, { 14, "1.250", "DECIMAL 1.250" },
		{ 20, "-5", "I8 -5" }, { 5, "1.5", "R8 1.5" }, { 13, "ignored", "OBJECT NULL" },
		{ 18, "65", "UI2 65" }, { 3, "x", "!C00470C2" }, { 99, "x", "!C001000C" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf got = BUF_INIT;
		struct fault fault;
		struct value v;
		if (value_from_variant(rows[i].vt, rows[i].text, &v, &fault)) {
			buf_addf(&got, "!%08X", (unsigned)fault.code);
		} else {
			buf_addf(&got, "%s ", dt_info(v.type.dt)->name + 3);
			if (v.null)
				buf_adds(&got, "NULL");
			value_text(&v, &got);
			value_release(&v);
		}
		ck_assert_str_eq(got.data, rows[i].expected);
		buf_release(&got);
	}
}
END_TEST

static Suite *expr_suite(void)
{
	Suite *s = suite_create("expr");
	TCase *t = tcase_create("expr");

	tcase_add_test(t, literals_have_the_types_of_the_product);
	tcase_add_test(t, declared_sizes_follow_the_operands);
	tcase_add_test(t, precedence_and_grouping_are_right);
	tcase_add_test(t, arithmetic_types_and_limits);
	tcase_add_test(t, comparisons_follow_the_rules);
	tcase_add_test(t, null_spreads_as_documented);
	tcase_add_test(t, only_the_chosen_branch_is_computed_but_both_are_checked);
	tcase_add_test(t, casts_between_numbers);
	tcase_add_test(t, casts_between_numbers_and_texts);
	tcase_add_test(t, casts_of_dates);
	tcase_add_test(t, number_functions);
	tcase_add_test(t, text_functions);
	tcase_add_test(t, date_functions);
	tcase_add_test(t, variables_bring_their_types);
	tcase_add_test(t, what_is_no_expression_is_refused);
	tcase_add_test(t, both_assignment_forms_write_the_variable);
	tcase_add_test(t, nesting_and_length_have_limits);
	tcase_add_test(t, every_function_is_found_by_its_name_in_any_case);
	tcase_add_test(t, package_values_are_read_by_their_codes);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(expr_suite)
