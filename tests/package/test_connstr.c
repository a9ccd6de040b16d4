/* SPDX-License-Identifier: MIT */
/* Connection strings: quotes, synonyms, and what must survive an edit. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "package/connstr.h"
#include "tests/harness.h"

static void expect_get(const char *string, const char *keyword, const char *expected)
{
	char *value = connstr_get(string, keyword);

	if (expected) {
		ck_assert_ptr_nonnull(value);
		ck_assert_str_eq(value, expected);
	} else {
		ck_assert_ptr_null(value);
	}
	free(value);
}

static void expect_set(const char *string, const char *keyword, const char *value, const char *expected)
{
	char *result = connstr_set(string, keyword, value);

	ck_assert_str_eq(result, expected);
	free(result);
}

START_TEST(a_keyword_is_found_without_regard_to_case_and_quotes)
{
	expect_get("Data Source=.;Initial Catalog = DW ;", "data source", ".");
	expect_get("Data Source=.;Initial Catalog = DW ;", "INITIAL CATALOG", "DW");
	expect_get("a=\"x;\"\"y\";b='it''s';c={a;b};d=", "a", "x;\"y");
	expect_get("a=\"x;\"\"y\";b='it''s';c={a;b};d=", "b", "it's");
	expect_get("a=\"x;\"\"y\";b='it''s';c={a;b};d=", "c", "{a;b}");
	expect_get("a=\"x;\"\"y\";b='it''s';c={a;b};d=", "d", "");
	expect_get("a=1;A=2", "a", "2");
	expect_get("a=1", "b", NULL);
	expect_get("", "a", NULL);
	expect_get("a=\"never closed;b=1", "b", NULL);
	expect_get("Extended Properties=\"EXCEL 8.0;HDR=NO\";x=y", "HDR", NULL);
	expect_get("a=b=c", "a", "b=c");
}
END_TEST

START_TEST(setting_keeps_everything_else_as_written)
{
	expect_set("Data Source=.;Foo Bar='x''y';", "Data Source", "host", "Data Source=host;Foo Bar='x''y';");
	expect_set("a=1;b=2", "c", "3", "a=1;b=2;c=3;");
	expect_set("a=1;b=2;A=3", "a", "9", "a=9;b=2;");
	expect_set("a=1;b=2;", "a", NULL, "b=2;");
	expect_set("", "Password", "p;\"q'", "Password=\"p;\"\"q'\";");
	expect_set("x=1", "Driver", "{SQL Server}", "x=1;Driver={SQL Server};");
	expect_set("junk;a=1", "a", "2", "junk;a=2;");
	expect_set("x=\"never;closed", "Password", "a;\"b", "x='\"never;closed';Password='a;\"b';");
}
END_TEST

START_TEST(what_is_set_reads_back)
{
	static const char *const values[] = { "", "a", " a ", "a;b", "\"", "'", "\"'", "a\"\"b", "{x}", "{x", "=", "a=b",
		"'a'", ";;;" };

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		char *string = connstr_set("first=1;last=2", "k", values[i]);
		expect_get(string, "k", values[i]);
		expect_get(string, "last", "2");
		free(string);
	}
}
END_TEST

START_TEST(properties_edit_the_keyword_the_string_uses)
{
	static const struct {
		const char *type, *string, *property, *value, *expected;
	} cases[] = {
		{ "OLEDB", "Data Source=.;Provider=X;", "ServerName", "h", "Data Source=h;Provider=X;" },
		{ "ADO.NET:System.Data.SqlClient.SqlConnection, System.Data", "Server=.;Database=d;", "InitialCatalog",
		    "e", "Server=.;Database=e;" },
		{ "ODBC", "Dsn=N;", "UserName", "u", "Dsn=N;uid=u;" },
		{ "ODBC", "Dsn=N;pwd=a;", "Password", "b", "Dsn=N;pwd=b;" },
		{ "EXCEL", "Provider=J;Data Source=a.xls;", "ExcelFilePath", "b.xls", "Provider=J;Data Source=b.xls;" },
		{ "SMTP", "SmtpServer=a;EnableSsl=False;", "EnableSsl", "True", "SmtpServer=a;EnableSsl=True;" },
		{ "OLEDB", "Data Source=.;Password=s;", "ConnectionString", "Data Source=h;", "Data Source=h;Password=s;" },
		{ "OLEDB", "Data Source=.;Password=s;", "ConnectionString", "Data Source=h;PWD=t;", "Data Source=h;PWD=t;" },
		{ "FLATFILE", "/a", "ConnectionString", "/b;c", "/b;c" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *result = connstr_set_property(cases[i].type, cases[i].string, cases[i].property, cases[i].value);
		ck_assert_str_eq(result, cases[i].expected);
		free(result);
	}
	ck_assert(!connstr_has_property("FLATFILE", "ServerName"));
	ck_assert(!connstr_has_property("OLEDB", "RetainSameConnection"));
	ck_assert(connstr_has_property("SMTP", "SmtpServer"));
	ck_assert(!connstr_has_property("OLEDB", "SmtpServer"));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("connstr");
	TCase *tc = tcase_create("connstr");

	tcase_add_test(tc, a_keyword_is_found_without_regard_to_case_and_quotes);
	tcase_add_test(tc, setting_keeps_everything_else_as_written);
	tcase_add_test(tc, what_is_set_reads_back);
	tcase_add_test(tc, properties_edit_the_keyword_the_string_uses);
	suite_add_tcase(s, tc);
	return s;
}

TEST_MAIN(suite)
