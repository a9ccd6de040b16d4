/* SPDX-License-Identifier: MIT */
/*
 * Values given as sql_variant (spec/catalog.md §3.13, §8.3): every type of
 * SQL against every type of parameters and variables, through each procedure
 * that takes one; what is read back, its base type, and what is refused.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/catalog/client_fixture.h"

static struct catalog *c;
static struct tsql_client *client;
static char *path;
static int64_t execution;

static void setup(void)
{
	struct buf archive = BUF_INIT;
	struct err err = { 0 };
	int64_t operation;

	c = fixture_catalog(&path);
	client = t_connect(path, NULL);
	t_run(client, "EXEC SSISDB.catalog.create_folder N'f'; EXEC SSISDB.catalog.create_environment 'f', 'e'");
	t_project("p", 3, &archive);
	fixture_ok(t_deploy(client, "f", "p", archive.data, archive.len, &operation, &err), &err);
	buf_release(&archive);
	execution = t_int(client, "DECLARE @id bigint; EXEC SSISDB.catalog.create_execution 'f', 'p', 'typed.dtsx',"
				  " @execution_id=@id OUT; SELECT @id");
}

static void teardown(void)
{
	tsql_client_close(client);
	catalog_close(c);
	free(path);
}

/* One value of every type that a sql_variant can hold. */
static const struct {
	const char *type, *value;
} givens[] = {
	{ "bit", "1" },
	{ "tinyint", "100" },
	{ "smallint", "100" },
	{ "int", "100" },
	{ "bigint", "100" },
	{ "decimal(7,3)", "1.125" },
	{ "money", "1.125" },
	{ "smallmoney", "1.125" },
	{ "real", "1.125" },
	{ "float", "1.125" },
	{ "char(6)", "'text'" },
	{ "varchar(6)", "'text'" },
	{ "nchar(6)", "N'text'" },
	{ "nvarchar(6)", "N'text'" },
	{ "binary(1)", "0x64" },
	{ "varbinary(5)", "0x64" },
	{ "date", "'2024-02-29'" },
	{ "time(7)", "'12:30:15'" },
	{ "datetime2(3)", "'2024-02-29 12:30:15.123'" },
	{ "datetime", "'2024-02-29 12:30:15'" },
	{ "smalldatetime", "'2024-02-29 12:30'" },
	{ "datetimeoffset(7)", "'2024-02-29 12:30:15 +02:00'" },
	{ "uniqueidentifier", "'6F9619FF-8B86-D011-B42D-00C04FC964FF'" },
};

/*
 * takes: a letter for every given value, in their order. d the documented table
 * has it, o it is ours (doc/extensions.md), - it is refused with 27147. kept is the type that the value
 * has when it is read ("" that of the value; * the text's own), and what SQL_VARIANT_PROPERTY then tells.
 */
static const struct {
	const char *type, *takes, *kept, *base;
	int precision, scale, length;
	bool variable; /* environment variables may have the type */
} types[] = {
	/*            btsibdmsrfcvnnbvdtdds du */
	{ "Boolean", "dooo-------------------", "bit", "bit", 1, 0, 1, true },
	{ "Byte", "-o------------dd-------", "tinyint", "tinyint", 3, 0, 1, true },
	{ "DateTime", "----------------o-dddd-", "datetime2(7)", "datetime2", 0, 0, 8, true },
	{ "Decimal", "-oooodoooo-------------", NULL, "decimal", 0, 0, 0, true },
	{ "Double", "-----doodd-------------", "float", "float", 53, 0, 8, true },
	{ "Int16", "-od--------------------", "smallint", "smallint", 5, 0, 2, true },
	{ "Int32", "-ood-------------------", "int", "int", 10, 0, 4, true },
	{ "Int64", "-oood------------------", "bigint", "bigint", 19, 0, 8, true },
	{ "SByte", "-oo--------------------", "smallint", "smallint", 5, 0, 2, false },
	{ "Single", "-----doodd-------------", "real", "real", 24, 0, 4, true },
	{ "String", "----------ddod--------o", "nvarchar(4000)", "nvarchar", 0, 0, 8000, true },
	{ "UInt16", "-ooo-------------------", "int", "int", 10, 0, 4, true },
	{ "UInt32", "-oodo------------------", "bigint", "bigint", 19, 0, 8, true },
	{ "UInt64", "-ooodo-----------------", "decimal(20,0)", "decimal", 20, 0, 13, true },
};

/* What each procedure is called with, and where the value is found again. */
static const struct {
	const char *call, *rest; /* the name of the type between them */
	const char *column, *from;
	bool variable;
} ways[] = {
	{ "EXEC SSISDB.catalog.create_environment_variable 'f', 'e', 'made', '", "', 0, @v, N''",
	    "value", "environment_variables WHERE name = 'made' --", true },
	{ "EXEC SSISDB.catalog.set_environment_variable_value 'f', 'e', '", "', @v",
	    "value", "environment_variables WHERE name = ", true },
	{ "EXEC SSISDB.catalog.set_object_parameter_value 30, 'f', 'p', '", "', @v, 'typed.dtsx'",
	    "default_value", "object_parameters WHERE parameter_name = ", false },
	{ "EXEC SSISDB.catalog.set_execution_parameter_value @id, 30, '", "', @v",
	    "parameter_value", "execution_parameter_values WHERE object_type = 30 AND parameter_name = ", false },
};

static char *give(size_t way, size_t type, const char *given_type, const char *value)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "DECLARE @id bigint = %lld; DECLARE @v sql_variant = CAST(%s AS %s); ", (long long)execution, value,
	    given_type);
	buf_addf(&text, "%s%s%s", ways[way].call, types[type].type, ways[way].rest);
	return buf_detach(&text);
}

/* All that can be read of the stored value, in one text. */
static char *read_back(size_t way, size_t type)
{
	const char *col = ways[way].column;

	return t_text(client, "SELECT CONCAT(CAST(SQL_VARIANT_PROPERTY(%s, 'BaseType') AS varchar(30)), ' ',"
			      " CAST(SQL_VARIANT_PROPERTY(%s, 'Precision') AS int), ' ',"
			      " CAST(SQL_VARIANT_PROPERTY(%s, 'Scale') AS int), ' ',"
			      " CAST(SQL_VARIANT_PROPERTY(%s, 'MaxLength') AS int), ': ', CAST(%s AS nvarchar(100)))"
			      " FROM SSISDB.catalog.%s'%s'", col, col, col, col, col, ways[way].from, types[type].type);
}

/* A Decimal's own type: that of the value as an exact number. */
static const char *decimal_kept(const char *given_type)
{
	if (strncmp(given_type, "decimal", 7) == 0)
		return "decimal(7,3) 7 3 5";
	if (strstr(given_type, "money"))
		return "decimal(19,4) 19 4 9";
	if (strstr(given_type, "int"))
		return "decimal(19,0) 19 0 9";
	return "decimal(38,10) 38 10 17";
}

static char *expected(size_t type, size_t given)
{
	const char *decimal = types[type].kept ? NULL : decimal_kept(givens[given].type);
	char kept[32];

	snprintf(kept, sizeof(kept), "%.*s", decimal ? (int)strcspn(decimal, " ") : 31, decimal ? decimal : types[type].kept);
	if (strcmp(types[type].type, "Byte") == 0)
		return xstrdup("tinyint 3 0 1: 100");
	if (decimal)
		return t_text(client, "SELECT CONCAT('decimal%s: ', CAST(CAST(CAST(%s AS %s) AS %s) AS nvarchar(100)))",
		    decimal + strcspn(decimal, " "), givens[given].value, givens[given].type, kept);
	return t_text(client, "SELECT CONCAT('%s %d %d %d: ', CAST(CAST(CAST(%s AS %s) AS %s) AS nvarchar(100)))",
	    types[type].base, types[type].precision, types[type].scale, types[type].length, givens[given].value,
	    givens[given].type, kept);
}

static void check_one(size_t way, size_t type, size_t given)
{
	char *call = give(way, type, givens[given].type, givens[given].value), *want, *is;

	if (strncmp(ways[way].call, "EXEC SSISDB.catalog.create", 26) == 0)
		t_run(client, "IF EXISTS (SELECT 1 FROM SSISDB.catalog.environment_variables WHERE name = 'made')"
			      " EXEC SSISDB.catalog.delete_environment_variable 'f', 'e', 'made'");
	if (types[type].takes[given] == '-') {
		t_fails(client, 27147, "%s", call);
		free(call);
		return;
	}
	t_run(client, "%s", call);
	want = expected(type, given);
	is = read_back(way, type);
	ck_assert_msg(strcmp(is, want) == 0, "%s\n-> '%s' instead of '%s'", call, is, want);
	free(call);
	free(want);
	free(is);
}

START_TEST(a_value_suits_a_type_or_is_refused_and_reads_back_with_its_base_type)
{
	size_t type = (size_t)_i;

	ck_assert_uint_eq(strlen(types[type].takes), ARRAY_LEN(givens));
	if (types[type].variable)
		t_run(client, "EXEC SSISDB.catalog.create_environment_variable 'f', 'e', '%s', '%s', 0, NULL, N''",
		    types[type].type, types[type].type);
	for (size_t way = 0; way < ARRAY_LEN(ways); way++)
		for (size_t given = 0; given < ARRAY_LEN(givens); given++)
			if (!ways[way].variable || types[type].variable)
				check_one(way, type, given);
}
END_TEST

/* At the ends of the types, and beyond them; shown NULL: refused with 27210. */
static const struct {
	const char *type, *given, *value, *shown;
} limits[] = {
	{ "Boolean", "int", "0", "0" },
	{ "Byte", "varbinary(5)", "0x0102", NULL },
	{ "Byte", "varbinary(5)", "0x", NULL },
	{ "Byte", "binary(1)", "0xFF", "255" },
	{ "Decimal", "decimal(38,10)", "1.5", "1.5000000000" },
	{ "Decimal", "decimal(29,0)", "79228162514264337593543950335", "79228162514264337593543950335" },
	{ "Decimal", "decimal(29,0)", "79228162514264337593543950336", NULL },
	{ "Decimal", "decimal(29,0)", "-79228162514264337593543950336", NULL },
	{ "Decimal", "decimal(38,28)", "0.0000000000000000000000000001", "0.0000000000000000000000000001" },
	{ "Decimal", "decimal(38,29)", "0.00000000000000000000000000001", NULL },
	{ "Decimal", "decimal(5,2)", "0", "0.00" },
	{ "Decimal", "bigint", "-9223372036854775808", "-9223372036854775808" },
	{ "Double", "decimal(3,2)", "-0.25", "-0.25" },
	{ "Int16", "smallint", "-32768", "-32768" },
	{ "Int32", "int", "-2147483648", "-2147483648" },
	{ "Int64", "bigint", "9223372036854775807", "9223372036854775807" },
	{ "SByte", "smallint", "-128", "-128" },
	{ "SByte", "smallint", "-129", NULL },
	{ "SByte", "smallint", "128", NULL },
	{ "Single", "float", "1e300", NULL },
	{ "UInt16", "int", "65535", "65535" },
	{ "UInt16", "int", "65536", NULL },
	{ "UInt16", "int", "-1", NULL },
	{ "UInt32", "bigint", "4294967295", "4294967295" },
	{ "UInt32", "bigint", "4294967296", NULL },
	{ "UInt32", "int", "-1", NULL },
	{ "UInt64", "bigint", "-1", NULL },
	{ "UInt64", "decimal(20,0)", "18446744073709551615", "18446744073709551615" },
	{ "UInt64", "decimal(20,0)", "18446744073709551616", NULL },
	{ "String", "nvarchar(9)", "N''", "" },
	{ "String", "nvarchar(9)", "N' x '", " x " },
	{ "String", "nvarchar(9)", "N'Grüße 漢字'", "Grüße 漢字" },
	{ "DateTime", "datetime2(7)", "'9999-12-31 23:59:59.9999999'", "9999-12-31 23:59:59.9999999" },
	{ "DateTime", "datetimeoffset(7)", "'2024-02-29 12:30:15 +02:00'", "2024-02-29 12:30:15.0000000" },
	{ "DateTime", "datetime", "'2024-02-29 12:30:15.120'", "2024-02-29 12:30:15.1200000" },
};

static void check_limit(size_t i, size_t way)
{
	size_t type = 0;
	char *call;

	while (strcmp(types[type].type, limits[i].type) != 0)
		type++;
	call = give(way, type, limits[i].given, limits[i].value);
	if (limits[i].shown) {
		t_run(client, "%s", call);
		t_is(client, limits[i].shown, "SELECT %s FROM SSISDB.catalog.%s'%s'", ways[way].column, ways[way].from,
		    types[type].type);
	} else {
		t_fails(client, 27210, "%s", call);
	}
	free(call);
}

START_TEST(a_value_fits_its_type_or_is_refused_and_nothing_is_cut)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		for (size_t way = 2; way < ARRAY_LEN(ways); way++)
			check_limit(i, way);
}
END_TEST

START_TEST(no_value_is_no_type)
{
	for (size_t type = 0; type < ARRAY_LEN(types); type++)
		for (size_t way = 2; way < ARRAY_LEN(ways); way++) {
			char *call = give(way, type, "int", "NULL");

			t_fails(client, 27100, "%s", call);
			free(call);
		}
}
END_TEST

START_TEST(a_text_longer_than_a_variant_of_the_product_is_kept_whole)
{
	t_run(client, "DECLARE @t nvarchar(max) = REPLICATE(CAST(N'ä' AS nvarchar(max)), 4001);"
		      "EXEC SSISDB.catalog.set_object_parameter_value 30, 'f', 'p', 'String', @t, 'typed.dtsx'");
	t_is(client, "4001 -1", "SELECT CONCAT(LEN(CAST(default_value AS nvarchar(max))), ' ',"
				" CAST(SQL_VARIANT_PROPERTY(default_value, 'MaxLength') AS int))"
				" FROM SSISDB.catalog.object_parameters WHERE parameter_name = 'String'");
}
END_TEST

/* The value of an override is a text (nvarchar(max)), and a sql_variant does not become one by itself. */
START_TEST(an_override_takes_what_becomes_a_text_by_itself)
{
	static const char *const shown[] = { "1", "100", "100", "100", "100", "1.125", "1.13", "1.13", "1.125", "1.125", "text  ",
		"text", "text  ", "text", NULL, NULL, "2024-02-29", "12:30:15.0000000", "2024-02-29 12:30:15.123",
		"Feb 29 2024 12:30PM", "Feb 29 2024 12:30PM", "2024-02-29 12:30:15.0000000 +02:00",
		"6F9619FF-8B86-D011-B42D-00C04FC964FF" };

	for (size_t i = 0; i < ARRAY_LEN(givens); i++) {
		t_fails(client, 257, "DECLARE @v sql_variant = CAST(%s AS %s);"
				     "EXEC SSISDB.catalog.set_execution_property_override_value %lld, N'\\Package.Properties[A]', @v, 0",
		    givens[i].value, givens[i].type, (long long)execution);
		if (!shown[i])
			continue;
		t_run(client, "DECLARE @v %s = %s;"
			      "EXEC SSISDB.catalog.set_execution_property_override_value %lld, N'\\Package.Properties[A]', @v, 0",
		    givens[i].type, givens[i].value, (long long)execution);
		t_is(client, shown[i], "SELECT property_value FROM SSISDB.catalog.execution_property_override_values");
	}
}
END_TEST

static const struct {
	const char *name, *value, *shown;
	int number;
} system_values[] = {
	{ "LOGGING_LEVEL", "CAST(3 AS smallint)", "3", 0 },
	{ "LOGGING_LEVEL", "CAST(3 AS tinyint)", "3", 0 },
	{ "LOGGING_LEVEL", "2", "2", 0 },
	{ "LOGGING_LEVEL", "CAST(2 AS bigint)", NULL, 27147 },
	{ "LOGGING_LEVEL", "'2'", NULL, 27147 },
	{ "LOGGING_LEVEL", "5", NULL, 27217 },
	{ "DUMP_ON_ERROR", "CAST(1 AS bit)", "1", 0 },
	{ "DUMP_ON_EVENT", "1", "1", 0 },
	{ "SYNCHRONIZED", "1", "1", 0 },
	{ "SYNCHRONIZED", "'true'", NULL, 27147 },
	{ "DUMP_EVENT_CODE", "'0xC020801C;0xC0202009'", "0xC020801C;0xC0202009", 0 },
	{ "CALLER_INFO", "N'me'", "me", 0 },
	{ "CALLER_INFO", "1", NULL, 27147 },
};

START_TEST(parameters_of_the_system_have_types_too)
{
	for (size_t i = 0; i < ARRAY_LEN(system_values); i++) {
		struct buf call = BUF_INIT;

		buf_addf(&call, "DECLARE @v sql_variant = %s; EXEC SSISDB.catalog.set_execution_parameter_value %lld, 50, '%s', @v",
		    system_values[i].value, (long long)execution, system_values[i].name);
		if (system_values[i].shown) {
			t_run(client, "%s", call.data);
			t_is(client, system_values[i].shown, "SELECT parameter_value FROM SSISDB.catalog.execution_parameter_values"
							     " WHERE parameter_name = '%s'", system_values[i].name);
		} else {
			t_fails(client, system_values[i].number, "%s", call.data);
		}
		buf_release(&call);
	}
}
END_TEST

static Suite *variant_suite(void)
{
	Suite *s = suite_create("catalog variant");
	TCase *t = tcase_create("variant");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_value_suits_a_type_or_is_refused_and_reads_back_with_its_base_type, 0, ARRAY_LEN(types));
	tcase_add_test(t, a_value_fits_its_type_or_is_refused_and_nothing_is_cut);
	tcase_add_test(t, no_value_is_no_type);
	tcase_add_test(t, a_text_longer_than_a_variant_of_the_product_is_kept_whole);
	tcase_add_test(t, an_override_takes_what_becomes_a_text_by_itself);
	tcase_add_test(t, parameters_of_the_system_have_types_too);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(variant_suite)
