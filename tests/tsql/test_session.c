/* SPDX-License-Identifier: MIT */
/* The language end to end, through the client interface, against the fake catalog. */
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

#include "base/mem.h"
#include "tests/harness.h"
#include "tests/tsql/fake.h"

static struct tsql_client *client;

static void setup(void)
{
	client = fake_open();
}

static void teardown(void)
{
	tsql_client_close(client);
}

static void check(const char *batch, const char *expected)
{
	struct buf out = BUF_INIT;

	fake_run(client, batch, &out);
	ck_assert_msg(strcmp(out.data, expected) == 0, "batch:\n%s\nexpected:\n%s\ngot:\n%s", batch, expected, out.data);
	buf_release(&out);
}

/* One value of one expression. */
static void check_value(const char *expression, const char *expected)
{
	struct buf batch = BUF_INIT, want = BUF_INIT;

	buf_addf(&batch, "SELECT %s", expression);
	buf_addf(&want, "\n%s\n(1 rows)\n", expected);
	check(batch.data, want.data);
	buf_release(&batch);
	buf_release(&want);
}

START_TEST(the_documented_example_runs_twice)
{
	static const char batch[] =
	    "Declare @execution_id bigint\n"
	    "EXEC [SSISDB].[catalog].[create_execution] @package_name=N'package1.dtsx', @execution_id=@execution_id OUTPUT, @folder_name=N'folder1', @project_name=N'project1', @use32bitruntime=False, @reference_id=Null, @useanyworker=False, @runinscaleout=True\n"
	    "Select @execution_id\n"
	    "DECLARE @var0 smallint = 1\n"
	    "EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=50, @parameter_name=N'LOGGING_LEVEL', @parameter_value=@var0\n"
	    "EXEC [SSISDB].[catalog].[add_execution_worker] @execution_id,  @workeragent_id=N'64c020e2-f819-4c2d-a22f-efb31a91e70a'\n"
	    "EXEC [SSISDB].[catalog].[start_execution] @execution_id,  @retry_count=0\n";

	check(batch, "\n4\n(1 rows)\n");
	check(batch, "\n5\n(1 rows)\n");
	check("SELECT execution_id, package_name, status, worker_agent_id FROM catalog.executions WHERE execution_id > 3 ORDER BY 1",
	    "execution_id|package_name|status|worker_agent_id\n"
	    "4|package1.dtsx|5|64C020E2-F819-4C2D-A22F-EFB31A91E70A\n"
	    "5|package1.dtsx|5|64C020E2-F819-4C2D-A22F-EFB31A91E70A\n(2 rows)\n");
}
END_TEST

START_TEST(arithmetic_follows_the_types)
{
	check_value("7 / 2", "3");
	check_value("7 / 2.0", "3.500000");
	check_value("10.0 / 3", "3.333333");
	check_value("10.0 / CAST(3 AS int)", "3.333333333333");
	check_value("7 % 3", "1");
	check_value("1 + '2'", "3");
	check_value("'1' + '2'", "12");
	check_value("1.10 + 2", "3.10");
	check_value("1e0 / 4", "0.25");
	check_value("-7 / 2", "-3");
	check_value("2 & 3 | 4", "6");
	check_value("N'a' + 'b'", "ab");
	check_value("NULL + 1", "NULL");
	check_value("CAST(1 AS money) / 3", "0.3333");
	check("SELECT 1/0\nSELECT 2", "Msg 8134, Level 16, State 1, Line 1: Divide by zero error encountered.\n\n2\n(1 rows)\n");
	check("SELECT 2147483647 + 1",
	    "Msg 8115, Level 16, State 2, Line 1: Arithmetic overflow error converting expression to data type int.\n");
}
END_TEST

START_TEST(conditions_are_three_valued)
{
	check_value("CASE WHEN NULL = NULL THEN 1 WHEN NOT (NULL = 1) THEN 2 ELSE 3 END", "3");
	check_value("CASE WHEN 1 NOT IN (2, NULL) THEN 1 ELSE 0 END", "0");
	check_value("CASE WHEN 'ABC' LIKE 'a[a-c]%' THEN 1 ELSE 0 END", "1");
	check_value("CASE WHEN '50%' LIKE '50!%' ESCAPE '!' THEN 1 ELSE 0 END", "1");
	check_value("CASE WHEN 'a ' = 'A' THEN 1 ELSE 0 END", "1");
	check_value("IIF(5 BETWEEN 1 AND 5, 'in', 'out')", "in");
	check_value("COALESCE(NULL, NULL, 3)", "3");
	check_value("ISNULL(NULL, 'x')", "x");
	check_value("NULLIF(1, 1)", "NULL");
	check_value("CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END", "b");
}
END_TEST

START_TEST(functions_answer_as_documented)
{
	check_value("LEN('abc  ')", "3");
	check_value("SUBSTRING('hello', 2, 3)", "ell");
	check_value("SUBSTRING('hello', 0, 3)", "he");
	check_value("LEFT('hello', 2) + RIGHT('hello', 2)", "helo");
	check_value("REPLACE('aXbx', 'x', '-')", "a-b-");
	check_value("CHARINDEX('L', 'hello', 4)", "4");
	check_value("UPPER('abc') + LOWER('DEF')", "ABCdef");
	check_value("'[' + TRIM('  a ') + ']'", "[a]");
	check_value("CONCAT('a', NULL, 1)", "a1");
	check_value("STR(3.14159, 6, 2)", "  3.14");
	check_value("STUFF('abcdef', 2, 3, 'X')", "aXef");
	check_value("REPLICATE('ab', 3)", "ababab");
	check_value("DATEADD(month, 1, '2024-01-31')", "2024-02-29 00:00:00.000");
	check_value("DATEDIFF(day, '2024-01-31', '2024-03-01')", "30");
	check_value("DATEPART(year, '2026-11-22')", "2026");
	check_value("DATENAME(weekday, '2026-11-22')", "Sunday");
	check_value("ROUND(123.456, 1)", "123.500");
	check_value("CEILING(1.2)", "2");
	check_value("FLOOR(-1.2)", "-2");
	check_value("POWER(2, 10)", "1024");
	check_value("ABS(-5)", "5");
	check_value("CONVERT(varchar(10), CAST('2026-11-22' AS date), 103)", "22/11/2026");
	check_value("TRY_CAST('x' AS int)", "NULL");
	check_value("DB_NAME()", "SSISDB");
	check_value("SUSER_SNAME()", "tester");
	check_value("IS_MEMBER('ssis_admin')", "1");
	check_value("CAST('2026-11-22 10:00' AS datetime) + 1", "2026-11-23 10:00:00.000");
}
END_TEST

START_TEST(flow_control_runs)
{
	check("DECLARE @i int = 0\nWHILE @i < 5\nBEGIN\n SET @i += 1\n IF @i = 2 CONTINUE\n IF @i = 4 BREAK\n PRINT @i\nEND\nPRINT 'done'",
	    "1\n3\ndone\n");
	check("IF EXISTS (SELECT * FROM catalog.folders WHERE name = 'FOLDER1') PRINT 'yes' ELSE PRINT 'no'", "yes\n");
	check("PRINT 1 RETURN PRINT 2", "1\n");
	check("USE master; SELECT DB_NAME()", "Changed database context to 'master'.\n\nmaster\n(1 rows)\n");
	check("USE nosuch", "Msg 911, Level 16, State 1, Line 1: Database 'nosuch' does not exist. Make sure that the name is entered correctly.\n");
}
END_TEST

START_TEST(views_are_queried)
{
	check("SELECT TOP (1) name, created_time FROM catalog.folders WHERE created_time > '2024-12-01' ORDER BY folder_id",
	    "name|created_time\nfolder two|2024-12-29 00:00:00.0000000 +00:00\n(1 rows)\n");
	check("SELECT id FROM [SSISDB].[catalog].[folders] f WHERE f.Name = N'folder1 '", "id\n1\n(1 rows)\n");
	check("SELECT f.name, COUNT(e.execution_id) AS n FROM catalog.folders AS f LEFT JOIN catalog.executions e ON e.folder_name = f.name GROUP BY f.name ORDER BY n DESC, f.name",
	    "name|n\nFolder1|2\nfolder two|1\nEmpty|0\n(3 rows)\n");
	check("SELECT status, COUNT(*) c FROM catalog.executions GROUP BY status HAVING COUNT(*) > 1", "status|c\n7|2\n(1 rows)\n");
	check("SELECT execution_id + 1, UPPER(package_name) FROM catalog.executions WHERE use32bitruntime = 'True'",
	    "|\n3|PACKAGE2.DTSX\n(1 rows)\n");
	check("SELECT DISTINCT package_name FROM catalog.executions WHERE execution_id <> 2", "package_name\npackage1.dtsx\n(1 rows)\n");
	check("SELECT name FROM catalog.folders WHERE cost > 9 ORDER BY cost", "name\nFolder1\n(1 rows)\n");
	check("SELECT name FROM catalog.folders WHERE cost IS NOT NULL ORDER BY cost", "name\nfolder two\nFolder1\n(2 rows)\n");
	check("SELECT SUM(cost), AVG(cost), MIN(cost), MAX(name) FROM catalog.folders",
	    "|||\n12.75|6.375000|2.25|Folder1\n(1 rows)\n");
	check("SELECT execution_id FROM catalog.executions ORDER BY execution_id OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY",
	    "execution_id\n2\n(1 rows)\n");
	check("SELECT x.n FROM (SELECT folder_name AS n FROM catalog.executions UNION SELECT name FROM catalog.folders) x ORDER BY x.n",
	    "n\nEmpty\nfolder two\nFolder1\n(3 rows)\n");
	check("WITH c AS (SELECT status s FROM catalog.executions) SELECT s FROM c WHERE s < 5", "s\n4\n(1 rows)\n");
	check("SELECT note FROM catalog.executions ORDER BY execution_id", "note\n42\nabc\nNULL\n(3 rows)\n");
	check("SELECT execution_id FROM catalog.executions WHERE note = 42", "execution_id\n1\n(1 rows)\n");
	check("SELECT * FROM [catalog].[dm_execution_performance_counters](2)", "execution_id|counter_name\n2|Rows read\n(1 rows)\n");
	check("SELECT execution_id FROM catalog.executions WHERE worker_agent_id = '64c020e2-f819-4c2d-a22f-efb31a91e70a'", "execution_id\n2\n(1 rows)\n");
	check("SELECT name, (SELECT COUNT(*) FROM catalog.executions e WHERE e.folder_name = f.name) FROM catalog.folders f WHERE folder_id IN (SELECT folder_id FROM catalog.folders WHERE cost > 5)",
	    "name|\nFolder1|2\n(1 rows)\n");
	check("DECLARE @n nvarchar(50), @s int; SELECT @n = package_name, @s = status FROM catalog.executions WHERE execution_id = 2; PRINT @n + CAST(@s AS varchar)",
	    "Package2.dtsx4\n");
	check("SELECT CASE status WHEN 7 THEN 'ok' ELSE 'bad' END AS r, DATEPART(year, start_time) y FROM catalog.executions WITH (NOLOCK) ORDER BY execution_id",
	    "r|y\nok|2020\nbad|2020\nok|2024\n(3 rows)\n");
	check("SELECT (SELECT e.package_name FROM catalog.executions e WHERE e.execution_id = f.folder_id AND f.cost IS NOT NULL) p FROM catalog.folders f ORDER BY f.folder_id",
	    "p\npackage1.dtsx\nPackage2.dtsx\nNULL\n(3 rows)\n");
	check("SELECT YEAR(start_time) y, COUNT(*) * 10 n FROM catalog.executions GROUP BY YEAR(start_time) ORDER BY YEAR(start_time) DESC", "y|n\n2024|10\n2020|20\n(2 rows)\n");
	check("SELECT COUNT(*) FROM catalog.folders WHERE name LIKE 'f%'", "\n2\n(1 rows)\n");
}
END_TEST

START_TEST(errors_carry_number_and_line)
{
	check("SELECT 1\nSELECT * FROM catalog.nosuch\nSELECT 2",
	    "\n1\n(1 rows)\nMsg 208, Level 16, State 1, Line 2: Invalid object name 'catalog.nosuch'.\n");
	check("SELECT nosuch FROM catalog.folders", "Msg 207, Level 16, State 1, Line 1: Invalid column name 'nosuch'.\n");
	check("PRINT @x", "Msg 137, Level 15, State 1, Line 1: Must declare the scalar variable \"@x\".\n");
	check("SELECT 1\nSELEC 2", "Msg 102, Level 15, State 1, Line 2: Incorrect syntax near '2'.\n");
	check("EXEC catalog.nosuch", "Msg 2812, Level 16, State 62, Line 1: Could not find stored procedure 'catalog.nosuch'.\n");
	check("EXEC catalog.start_execution", "Msg 201, Level 16, State 4, Procedure start_execution, Line 1: Procedure or function 'start_execution' expects parameter '@execution_id', which was not supplied.\n");
	check("EXEC catalog.start_execution 1, 2, 3", "Msg 8144, Level 16, State 2, Procedure start_execution, Line 1: Procedure or function start_execution has too many arguments specified.\n");
	check("EXEC catalog.start_execution @id = 1", "Msg 8145, Level 16, State 1, Procedure start_execution, Line 1: @id is not a parameter for procedure start_execution.\n");
	check("EXEC catalog.start_execution 'abc'", "Msg 8114, Level 16, State 5, Procedure start_execution, Line 1: Error converting data type varchar to bigint.\n");
	check("SELECT CAST('abc' AS int)\nSELECT 2", "Msg 245, Level 16, State 1, Line 1: Conversion failed when converting the varchar value 'abc' to data type int.\n");
	check("SELECT name, COUNT(*) FROM catalog.folders",
	    "Msg 8120, Level 16, State 1, Line 1: Column 'folders.name' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.\n");
	check("SELECT (SELECT folder_id FROM catalog.folders)",
	    "Msg 512, Level 16, State 1, Line 1: Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.\n");
	check("DBCC x", "Msg 40517, Level 15, State 1, Line 1: Keyword or statement option 'DBCC' is not supported here (line 1, column 1).\n");
}
END_TEST

START_TEST(exec_binds_arguments_in_every_form)
{
	check("DECLARE @id bigint\nEXEC catalog.create_execution 'folder1', 'p', 'x.dtsx', NULL, 0, @id OUT\nPRINT @id", "4\n");
	check("DECLARE @v int = 21, @rc int\nEXEC @rc = catalog.double_it @v OUTPUT\nPRINT @v PRINT @rc", "42\n0\n");
	check("DECLARE @v int = 21\nEXEC catalog.double_it @v\nPRINT @v", "21\n");
	check("DECLARE @rc int\nEXEC @rc = sp_list\nSELECT @rc", "n\n1\n2\n(2 rows)\n\n3\n(1 rows)\n");
	check("EXEC catalog.set_execution_parameter_value 1, 30, @param=N'A', @parameter_value=1.5", "");
	check("EXEC catalog.double_it 5 OUTPUT", "Msg 179, Level 15, State 1, Line 1: Cannot use the OUTPUT option when passing a constant to a stored procedure.\n");
	check("DECLARE @x int EXEC catalog.start_execution @execution_id=@x OUTPUT", "Msg 8162, Level 16, State 2, Procedure start_execution, Line 1: The formal parameter \"@execution_id\" was not declared as an OUTPUT parameter, but the actual parameter passed in requested output.\n");
}
END_TEST

START_TEST(a_failed_procedure_leaves_nothing_behind)
{
	check("EXEC catalog.half_done\nSELECT COUNT(*) FROM catalog.folders",
	    "Msg 15477, Level 10, State 1, Procedure half_done, Line 1: Caution: about to fail.\n"
	    "Msg 27112, Level 16, State 3, Procedure half_done, Line 1: Unable to update the row in the table, 'folder'.\n\n3\n(1 rows)\n");
	ck_assert_int_ne(sqlite3_get_autocommit(fake_db(client)), 0);
}
END_TEST

START_TEST(batch_parameters_go_in_and_come_out)
{
	struct tsql_param p[2] = { { "@a", { .type = TSQL_INT }, tsql_int(5), false }, { "@b", { .type = TSQL_NVARCHAR, .length = 20 }, tsql_null(TSQL_NVARCHAR), true } };
	struct tsql_rowset rows;
	struct err err;

	ck_assert_int_eq(tsql_client_query(client, "SET @b = CONCAT('x', @a); SELECT @a AS a, @b AS b", p, 2, 10, &rows, &err), 0);
	ck_assert_str_eq(tsql_rowset_get(&rows, 0, "B")->s.data, "x5");
	ck_assert_str_eq(p[1].value.s.data, "x5");
	tsql_rowset_release(&rows);
	tsql_value_release(&p[1].value);
	ck_assert_int_eq(tsql_client_query(client, "SELECT execution_id FROM catalog.executions", NULL, 0, 2, &rows, &err), -ERR_LIMIT);
}
END_TEST

START_TEST(principal_statements_are_handed_over)
{
	sqlite3_stmt *stmt;
	static const char *const expected[] = { "CREATE|LOGIN|bob|", "CREATE|USER|bob|bob", "ALTER ADD MEMBER|ROLE|ssis_admin|bob", "EXECUTE AS|USER|bob|", "REVERT|||", "DROP|USER|bob|" };

	check("CREATE LOGIN [bob] FROM WINDOWS\nCREATE USER bob FOR LOGIN bob\nALTER ROLE ssis_admin ADD MEMBER bob\nEXECUTE AS USER = 'bob'\nREVERT\nDROP USER bob", "");
	sqlite3_prepare_v2(fake_db(client), "SELECT line FROM principal ORDER BY rowid", -1, &stmt, NULL);
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
		ck_assert_str_eq((const char *)sqlite3_column_text(stmt, 0), expected[i]);
	}
	sqlite3_finalize(stmt);
}
END_TEST

START_TEST(errors_are_caught_and_thrown_again)
{
	check("BEGIN TRY\n SELECT 1/0\n PRINT 'not here'\nEND TRY\nBEGIN CATCH\n PRINT ERROR_MESSAGE()\n PRINT ERROR_NUMBER()\n PRINT ERROR_LINE()\nEND CATCH\nPRINT ISNULL(ERROR_MESSAGE(), 'none')",
	    "Divide by zero error encountered.\n8134\n2\nnone\n");
	check("BEGIN TRY EXEC catalog.half_done END TRY BEGIN CATCH PRINT ERROR_PROCEDURE(); THROW; END CATCH PRINT 'not here'",
	    "Msg 15477, Level 10, State 1, Procedure half_done, Line 1: Caution: about to fail.\n"
	    "half_done\nMsg 27112, Level 16, State 3, Procedure half_done, Line 1: Unable to update the row in the table, 'folder'.\n");
	check("THROW 50001, 'mine', 7\nPRINT 'not here'", "Msg 50001, Level 16, State 7, Line 1: mine\n");
	check("RAISERROR('%s has %d of %5.2s|%-4d|%x', 16, 2, N'x', 42, 'abc', 7, 255)\nPRINT @@ERROR",
	    "Msg 50000, Level 16, State 2, Line 1: x has 42 of    ab|7   |ff\n50000\n");
	check("RAISERROR('just so', 10, 1) PRINT 'after'", "Msg 50000, Level 10, State 1, Line 1: just so\nafter\n");
	check("BEGIN TRY BEGIN TRY SELECT CAST('x' AS int) END TRY BEGIN CATCH SELECT 1/0 END CATCH END TRY BEGIN CATCH PRINT ERROR_NUMBER() END CATCH", "8134\n");
	check("THROW", "Msg 10704, Level 15, State 1, Line 1: To rethrow an error, a THROW statement must be used inside a CATCH block. Insert the THROW statement inside a CATCH block, or add error parameters to the THROW statement.\n");
}
END_TEST

START_TEST(transactions_nest_by_counting_and_roll_back_whole)
{
	check("BEGIN TRAN\nDECLARE @id bigint\nEXEC catalog.create_execution 'folder1', 'p', 'x', @execution_id = @id OUTPUT\nBEGIN TRAN PRINT @@TRANCOUNT COMMIT\nPRINT @@TRANCOUNT ROLLBACK PRINT @@TRANCOUNT SELECT COUNT(*) FROM catalog.executions",
	    "2\n1\n0\n\n3\n(1 rows)\n");
	check("BEGIN TRAN SAVE TRAN a EXEC catalog.create_execution 'folder1', 'p', 'x' ROLLBACK TRAN a COMMIT SELECT COUNT(*) FROM catalog.executions",
	    "\n3\n(1 rows)\n");
	check("COMMIT", "Msg 3902, Level 16, State 1, Line 1: The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.\n");
	check("BEGIN TRAN EXEC catalog.half_done PRINT @@TRANCOUNT COMMIT SELECT COUNT(*) FROM catalog.folders",
	    "Msg 15477, Level 10, State 1, Procedure half_done, Line 1: Caution: about to fail.\n"
	    "Msg 27112, Level 16, State 3, Procedure half_done, Line 1: Unable to update the row in the table, 'folder'.\n1\n\n3\n(1 rows)\n");
	check("BEGIN TRAN SELECT CAST('x' AS int)", "Msg 245, Level 16, State 1, Line 1: Conversion failed when converting the varchar value 'x' to data type int.\n");
	ck_assert_int_ne(sqlite3_get_autocommit(fake_db(client)), 0);
}
END_TEST

START_TEST(text_runs_as_a_batch_of_its_own)
{
	check("DECLARE @t nvarchar(10) = N'folders'; EXEC ('SELECT COUNT(*) AS n FROM catalog.' + @t)", "n\n3\n(1 rows)\n");
	check("DECLARE @n int; EXEC sp_executesql N'SELECT @c = COUNT(*) FROM catalog.folders WHERE folder_id > @id', N'@c int OUTPUT, @id bigint', @c = @n OUTPUT, @id = 1; PRINT @n", "2\n");
	check("EXEC ('PRINT @x') PRINT 'after'", "Msg 137, Level 15, State 1, Line 1: Must declare the scalar variable \"@x\".\nafter\n");
	check("EXEC ('RETURN; PRINT 1') PRINT 2", "2\n");
	check("WAITFOR DELAY '00:00:00.010' PRINT 'woke'", "woke\n");
}
END_TEST

START_TEST(temporary_tables_hold_rows)
{
	check("CREATE TABLE #t (id int IDENTITY(10,5) PRIMARY KEY, name nvarchar(10) NOT NULL, at datetime DEFAULT '2026-01-02', n decimal(9,2))\n"
	      "INSERT INTO #t (name, n) VALUES (N'one', 1), (N'two', 2.345)\n"
	      "SELECT * FROM #t WHERE name = 'ONE '",
	    "(2 rows)\nid|name|at|n\n10|one|2026-01-02 00:00:00.000|1.00\n(1 rows)\n");
	check("UPDATE #t SET n += 1, name = UPPER(name) WHERE id > 10; SELECT id, name, n FROM #t ORDER BY n DESC; PRINT @@IDENTITY",
	    "(1 rows)\nid|name|n\n15|TWO|3.35\n10|one|1.00\n(2 rows)\n15\n");
	check("INSERT #t (name) VALUES (NULL)", "Msg 515, Level 16, State 2, Line 1: Cannot insert the value NULL into column 'name', table '#t'; column does not allow nulls. INSERT fails.\n");
	check("INSERT #t (name) VALUES ('12345678901')", "Msg 2628, Level 16, State 1, Line 1: String or binary data would be truncated in table '#t', column 'name'.\n");
	check("INSERT #t VALUES ('x')", "Msg 213, Level 16, State 1, Line 1: Column name or number of supplied values does not match table definition.\n");
	check("DELETE t FROM #t t JOIN catalog.folders f ON f.folder_id = t.n; SELECT COUNT(*) FROM #t", "(1 rows)\n\n1\n(1 rows)\n");
	check("IF OBJECT_ID('tempdb..#t') IS NOT NULL DROP TABLE #t; SELECT * FROM #t", "Msg 208, Level 16, State 1, Line 1: Invalid object name '#t'.\n");
	check("SELECT folder_id, name AS folder INTO #f FROM catalog.folders WHERE folder_id < 3; SELECT f.folder, COUNT(*) n FROM #f f JOIN catalog.executions e ON e.folder_name = f.folder GROUP BY f.folder ORDER BY 1",
	    "(2 rows)\nfolder|n\nfolder two|1\nFolder1|2\n(2 rows)\n");
	check("CREATE TABLE #f (a int)", "Msg 2714, Level 16, State 6, Line 1: There is already an object named '#f' in the database.\n");
	check("CREATE TABLE #u (a nvarchar(5) UNIQUE); INSERT #u VALUES ('a'); INSERT #u VALUES ('b'), ('A '); SELECT a FROM #u",
	    "(1 rows)\nMsg 2627, Level 14, State 1, Line 1: Violation of PRIMARY KEY or UNIQUE constraint. Cannot insert duplicate key in object '#u'.\na\na\n(1 rows)\n");
	check("DELETE FROM catalog.folders", "Msg 229, Level 14, State 5, Line 1: The DELETE permission was denied on the object 'folders', database 'SSISDB', schema 'catalog'.\n");
	check("CREATE TABLE #l (n int); INSERT #l EXEC sp_list; SELECT SUM(n) FROM #l; TRUNCATE TABLE #l; SELECT COUNT(*) FROM #l", "(2 rows)\n\n3\n(1 rows)\n\n0\n(1 rows)\n");
	check("BEGIN TRAN CREATE TABLE #r (a int) INSERT #r VALUES (1) ROLLBACK SELECT OBJECT_ID('tempdb..#r')", "(1 rows)\n\nNULL\n(1 rows)\n");
}
END_TEST

START_TEST(window_functions_number_and_add_up)
{
	check("SELECT execution_id, ROW_NUMBER() OVER (PARTITION BY folder_name ORDER BY execution_id DESC) AS n, COUNT(*) OVER (PARTITION BY package_name) AS c,\n"
	      " LAG(status, 1, 0) OVER (ORDER BY execution_id) AS before, SUM(status) OVER (ORDER BY execution_id ROWS UNBOUNDED PRECEDING) AS total\n"
	      "FROM catalog.executions ORDER BY execution_id",
	    "execution_id|n|c|before|total\n1|2|2|0|7\n2|1|1|7|11\n3|1|2|4|18\n(3 rows)\n");
	check("SELECT name FROM (SELECT name, RANK() OVER (ORDER BY cost DESC) + 0 r FROM catalog.folders) x WHERE r = 1", "name\nFolder1\n(1 rows)\n");
	check("SELECT 1 FROM catalog.folders WHERE ROW_NUMBER() OVER (ORDER BY name) = 1",
	    "Msg 4108, Level 15, State 1, Line 1: Windowed functions can only appear in the SELECT or ORDER BY clauses.\n");
	check("SELECT ROW_NUMBER()", "Msg 10753, Level 15, State 1, Line 1: The function 'ROW_NUMBER' must have an OVER clause.\n");
	check("SELECT 1 + COUNT(*)", "\n2\n(1 rows)\n");
}
END_TEST

START_TEST(table_variables_live_for_one_batch)
{
	static const char batch[] = "DECLARE @t TABLE (id bigint, name sysname)\nINSERT INTO @t SELECT folder_id, name FROM catalog.folders\n"
				    "UPDATE @t SET name = name + '!' WHERE id = 1\nDELETE @t WHERE id = 2\nSELECT * FROM @t x ORDER BY x.id";

	check(batch, "(3 rows)\n(1 rows)\n(1 rows)\nid|name\n1|Folder1!\n3|Empty\n(2 rows)\n");
	check(batch, "(3 rows)\n(1 rows)\n(1 rows)\nid|name\n1|Folder1!\n3|Empty\n(2 rows)\n");
	check("SELECT * FROM @t", "Msg 1087, Level 15, State 1, Line 1: Must declare the table variable \"@t\".\n");
	check("DECLARE @t TABLE (a int) DECLARE @i int = 0 WHILE @i < 3 BEGIN SET @i += 1 INSERT @t VALUES (@i * @i) END SELECT MAX(a), @@ROWCOUNT FROM @t",
	    "(1 rows)\n(1 rows)\n(1 rows)\n|\n9|1\n(1 rows)\n");
}
END_TEST

static void *cancel_soon(void *arg)
{
	for (int i = 0; i < 1000; i++) {
		struct timespec t = { 0, 2000000 };
		nanosleep(&t, NULL);
		tsql_client_cancel(arg);
	}
	return NULL;
}

START_TEST(a_running_batch_can_be_cancelled_from_another_thread)
{
	pthread_t thread;
	struct err err;

	ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, client), 0);
	ck_assert_int_eq(tsql_client_run(client, "WHILE 1 = 1 PRINT 'x'", NULL, 0, NULL, &err), -ERR_CANCELLED);
	pthread_join(thread, NULL);
}
END_TEST

START_TEST(a_cancel_in_the_instant_before_a_batch_is_kept)
{
	struct err err;

	tsql_client_cancel(client);
	ck_assert_int_eq(tsql_client_run(client, "PRINT 'x'", NULL, 0, NULL, &err), -ERR_CANCELLED);
	ck_assert_int_eq(tsql_client_run(client, "PRINT 'x'", NULL, 0, NULL, &err), 0);
	tsql_client_cancel(client);
	tsql_client_rearm(client);
	ck_assert_int_eq(tsql_client_run(client, "PRINT 'x'", NULL, 0, NULL, &err), 0);
}
END_TEST

START_TEST(a_long_statement_can_be_cancelled)
{
	pthread_t thread;
	struct err err;

	ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, client), 0);
	ck_assert_int_eq(tsql_client_run(client,
	    "DECLARE @t TABLE (a int) INSERT @t VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10) "
	    "SELECT COUNT(*) FROM @t a CROSS JOIN @t b CROSS JOIN @t c CROSS JOIN @t d CROSS JOIN @t e CROSS JOIN @t f "
	    "CROSS JOIN @t g CROSS JOIN @t h CROSS JOIN @t i CROSS JOIN @t j CROSS JOIN @t k", NULL, 0, NULL, &err),
	    -ERR_CANCELLED);
	pthread_join(thread, NULL);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("tsql_session");
	TCase *t = tcase_create("session");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, the_documented_example_runs_twice);
	tcase_add_test(t, arithmetic_follows_the_types);
	tcase_add_test(t, conditions_are_three_valued);
	tcase_add_test(t, functions_answer_as_documented);
	tcase_add_test(t, flow_control_runs);
	tcase_add_test(t, views_are_queried);
	tcase_add_test(t, errors_carry_number_and_line);
	tcase_add_test(t, exec_binds_arguments_in_every_form);
	tcase_add_test(t, a_failed_procedure_leaves_nothing_behind);
	tcase_add_test(t, batch_parameters_go_in_and_come_out);
	tcase_add_test(t, principal_statements_are_handed_over);
	tcase_add_test(t, errors_are_caught_and_thrown_again);
	tcase_add_test(t, transactions_nest_by_counting_and_roll_back_whole);
	tcase_add_test(t, text_runs_as_a_batch_of_its_own);
	tcase_add_test(t, temporary_tables_hold_rows);
	tcase_add_test(t, window_functions_number_and_add_up);
	tcase_add_test(t, table_variables_live_for_one_batch);
	tcase_add_test(t, a_running_batch_can_be_cancelled_from_another_thread);
	tcase_add_test(t, a_cancel_in_the_instant_before_a_batch_is_kept);
	tcase_add_test(t, a_long_statement_can_be_cancelled);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(suite)
